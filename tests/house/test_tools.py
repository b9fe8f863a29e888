"""The scripts of daily work do what they say."""

import os
import re
import shutil
import subprocess
import sys
import time

import pytest
import tree

sys.path.insert(0, str(tree.ROOT / "tools"))
import stages  # noqa: E402


def run(*command, cwd=tree.ROOT):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=30)


def copy_of_tools(folder):
    for name in ("tools", "debian"):
        shutil.copytree(tree.ROOT / name, folder / name)
    shutil.copy(tree.ROOT / "dev", folder)


def test_help_lists_every_verb():
    text = (tree.ROOT / "dev").read_text()
    verbs = set(re.findall(r"^    ([a-z0-9-]+)\)", text[text.index("main() {"):], re.MULTILINE)) | {"new-system"}
    listed = set(re.findall(r"^  ([a-z0-9-]+) ", run("./dev", "help").stdout, re.MULTILINE))
    assert listed == verbs - {"fuzz-built"}


def test_a_wrong_verb_is_wrong_use():
    assert run("./dev", "no-such-verb").returncode == 2


def test_the_continuous_integration_runs_the_tests():
    assert "exec ./test" in (tree.ROOT / ".ci" / "run").read_text()
    for script in ("run", "test", "dev", ".ci/run", "tools/setup", "tools/new-system"):
        assert os.access(tree.ROOT / script, os.X_OK), script


def test_the_scripts_are_well_formed():
    for script in ("run", "test", "dev", ".ci/run", "tools/setup", "tools/new-system"):
        assert run("bash", "-n", script).returncode == 0, script


def test_set_up_is_quick_when_nothing_is_missing():
    start = time.monotonic()
    assert run("tools/setup").returncode == 0
    assert time.monotonic() - start < 1  # 0.02 s alone; this only says that nothing is installed or fetched


@pytest.mark.parametrize("entry, missing", [
    ("no-such-package <!nocheck>", ["no-such-package"]),
    ("no-such-package (>= 3) [amd64] | bash", []),
    ("no-such-package | no-such-either", ["no-such-package"]),
    ("bash (>= 99)", ["bash"]),
    ("bash (>= 1)", []),
])
def test_set_up_says_what_is_missing(entry, missing, tmp_path):
    copy_of_tools(tmp_path)
    (tmp_path / "debian" / "control").write_text(f"Source: x\nBuild-Depends: bash,\n# a comment\n {entry}\n\nPackage: x\n")
    done = run("tools/setup", "--check", cwd=tmp_path)
    assert done.returncode == (3 if missing else 0)
    assert done.stderr.split(": ")[-1].split() == missing


def test_a_new_system_is_a_room_like_the_others(tmp_path):
    copy_of_tools(tmp_path)
    (tmp_path / "systems").mkdir()
    (tmp_path / "systems" / "CMakeLists.txt").touch()
    assert run("./dev", "new-system", "orchard", "Grows trees.", cwd=tmp_path).returncode == 0
    room = tmp_path / "systems" / "orchard"
    assert (room / "README.md").read_text().startswith("# orchard\n\n## Name\n`systems/orchard`: Grows trees.\n")
    assert "zw_room(systems orchard" in (tmp_path / "systems" / "CMakeLists.txt").read_text()
    assert run("clang-format-19", "--dry-run", "-Werror", room / "model.h").returncode == 0
    assert run("./dev", "new-system", "orchard", "Again.", cwd=tmp_path).returncode == 1
    assert run("./dev", "new-system", "Not-A-Name", "x", cwd=tmp_path).returncode == 2
    assert run("./dev", "new-system", "lonely", cwd=tmp_path).returncode == 2


# ---- how ./test counts ---------------------------------------------------------------------------------------


def ctest_report(folder, status, text):
    path = folder / "ctest.xml"
    path.write_text(f'<testsuite><testcase name="core/base" status="{status}">'
                    f"<system-out>{text}</system-out></testcase></testsuite>")
    return path


@pytest.mark.parametrize("status, text, expected", [
    ("run", "[doctest] test cases:  8 |  8 passed | 0 failed | 0 skipped", stages.Count(8, 0, 0)),
    ("run", "[doctest] test cases: 10 |  7 passed | 0 failed | 3 skipped", stages.Count(7, 0, 3)),
    ("fail", "[doctest] test cases:  8 |  6 passed | 2 failed | 0 skipped", stages.Count(6, 2, 0)),
    ("fail", "[doctest] test cases:  8 |  8 passed | 0 failed | 0 skipped", stages.Count(8, 1, 0)),
    ("fail", "Segmentation fault", stages.Count(0, 1, 0)),
    ("run", "a program of another kind", stages.Count(1, 0, 0)),
    ("run", "x_test.cc:9: MESSAGE: SKIPPED: no data\n[doctest] test cases: 8 | 8 passed | 0 failed | 0 skipped",
     stages.Count(7, 0, 1)),
])
def test_cases_inside_a_test_program_are_counted(tmp_path, status, text, expected):
    assert stages.count_ctest(ctest_report(tmp_path, status, text)) == expected


def test_pytest_reports_are_counted(tmp_path):
    path = tmp_path / "pytest.xml"
    path.write_text('<testsuites><testsuite tests="9" failures="2" errors="1" skipped="3"/></testsuites>')
    assert stages.count_pytest(path) == stages.Count(3, 3, 3)


@pytest.mark.parametrize("status, count, failed", [
    (0, stages.Count(3, 0, 1), 0),
    (1, stages.Count(3, 2, 0), 2),
    (1, stages.Count(3, 0, 0), 1),
    (0, stages.Count(3, 1, 0), 2),
    (0, stages.Count(0, 0, 4), 1),
    (5, stages.Count(0, 0, 0), 1),
])
def test_a_count_that_disagrees_or_is_empty_is_a_failure(status, count, failed):
    assert stages.checked(status, count).failed == failed


def test_the_last_line_has_one_form():
    assert str(stages.Count(12, 0)) == "12 passed, 0 failed"
    assert str(stages.Count(12, 1, 2)) == "12 passed, 1 failed, 2 skipped"


def test_a_command_that_takes_too_long_is_stopped():
    assert stages.run(["sleep", "20"], minutes=0.002) == (124, "")
