"""Sources stay small and finished, and name nothing that is only on the writer's machine."""

import re
import shutil
import subprocess

import pytest
import tree

MOST_LINES = 600
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|stubs?(?![- ](?:resolver|zone))(?<!static-stub)|not yet implemented)\b")
PRIVATE_PATH = re.compile(r"(?<![\w.])/(?:work|home/\w+)/|~/")


def unfinished(name, text):
    return [f"{name}:{number}: '{found[0]}'" for number, line in enumerate(text.splitlines(), 1)
            if (found := UNFINISHED.search(line))]


def test_no_file_is_longer_than_fits_in_the_head():
    long = {tree.name_of(path): count for path in tree.sources()
            if (count := len(path.read_text().splitlines())) > MOST_LINES}
    assert not long, f"more than {MOST_LINES} lines: {long}"


def test_product_code_is_finished():
    faults = [fault for path in tree.sources() if not tree.is_test(path)
              for fault in unfinished(tree.name_of(path), path.read_text())]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("line", ["// TODO: later", "return {};  // FIXME", "// a stub", "// XXX"])
def test_a_planted_unfinished_word_is_found(line):
    assert unfinished("sample.cc", line)


@pytest.mark.parametrize("line", ["// a stub resolver asks", "zone type static-stub", "zonewright-XXXXXX"])
def test_words_of_the_dns_are_no_fault(line):
    assert not unfinished("sample.cc", line)


def own_files():
    if shutil.which("git"):
        git = subprocess.run(["git", "ls-files", "-z"], cwd=tree.ROOT, capture_output=True, text=True)
        if git.returncode == 0:
            return [tree.ROOT / name for name in git.stdout.split("\0") if name]
    return tree.sources() + tree.pages()


def test_nothing_names_a_path_of_one_machine():
    faults = []
    for path in own_files():
        if not path.is_file() or path.name == "test_sources.py" or path.stat().st_size > 1_000_000:
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        faults += [f"{tree.name_of(path)}: {found[0]}" for found in PRIVATE_PATH.finditer(text)]
    assert not faults, "\n".join(faults)
