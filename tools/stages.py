"""The stages of ./test: each builds or tests one thing, and counts what passed, failed and was skipped.

A stage that cannot count fails: nothing is left out in silence.
"""

import argparse
import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "build" / "results"
PYTHON = "/usr/bin/python3"


@dataclasses.dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self):
        text = f"{self.passed} passed, {self.failed} failed"
        return text + (f", {self.skipped} skipped" if self.skipped else "")


# ---- running one command -------------------------------------------------------------------------------------


def run(command, minutes, keep_output=False):
    """Runs `command` in the root, with the release programs, and ends its process group after `minutes`.

    Returns its exit status and, with `keep_output`, what it wrote to stdout (which is shown as well).
    """
    print("$", " ".join(map(str, command)), flush=True)
    environment = os.environ | {"ZW_BIN": str(ROOT / "build" / "release" / "bin")}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, text=True, start_new_session=True,
                               stdout=subprocess.PIPE if keep_output else None)
    try:
        output, _ = process.communicate(timeout=minutes * 60)
    except BaseException as problem:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if not isinstance(problem, subprocess.TimeoutExpired):
            raise
        print(f"stopped: longer than {minutes} minutes", flush=True)
        return 124, ""
    if keep_output:
        print(output, end="", flush=True)
    return process.returncode, output or ""


def one(command, minutes):
    """A command that is a test by itself."""
    status, _ = run(command, minutes)
    return Count(passed=1) if status == 0 else Count(failed=1)


def fresh(name):
    """A place for a report, with the one of an earlier run taken away."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / name
    path.unlink(missing_ok=True)
    return path


# ---- counting ------------------------------------------------------------------------------------------------

DOCTEST = re.compile(r"test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed \|\s*(\d+) skipped")


def count_ctest(report):
    """Counts the cases inside each test program; one that died without a count is one failure.

    A case that lacks what it needs says `MESSAGE("SKIPPED: ...")`; it did not pass, and is shown.
    """
    total = Count()
    for program in xml.parse(report).iter("testcase"):
        ran_well = program.get("status") == "run"
        output = program.findtext("system-out") or ""
        said = DOCTEST.search(output)
        cases = Count(*map(int, said.groups())) if said else Count(passed=int(ran_well))
        for reason in re.findall(r"MESSAGE: SKIPPED: .*", output):
            print(f"{program.get('name')}: {reason}", flush=True)
            cases += Count(passed=-1, skipped=1)
        if not ran_well and cases.failed == 0:
            cases.failed = 1
        total += cases
    return total


def count_pytest(report):
    total = Count()
    for suite in xml.parse(report).iter("testsuite"):
        number = {key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")}
        failed = number["failures"] + number["errors"]
        total += Count(max(0, number["tests"] - failed - number["skipped"]), failed, number["skipped"])
    return total


def checked(status, count):
    """A count that agrees with the exit status and is not empty; otherwise one failure more."""
    if (status == 0) == (count.failed == 0) and count.passed + count.failed > 0:
        return count
    print(f"exit status {status} with {count}: counted as a failure", flush=True)
    return count + Count(failed=1)


# ---- the stages ----------------------------------------------------------------------------------------------


def unit(preset):
    if one(["./dev", "build", preset], 30).failed:
        return Count(failed=1)
    report = fresh(f"ctest-{preset}.xml")
    status, _ = run(["ctest", "--preset", preset, "-j", str(os.cpu_count()), "--timeout", "300", "--output-junit",
                     report, "--test-output-size-passed", "1000000", "--test-output-size-failed", "1000000"], 20)
    return checked(status, count_ctest(report) if report.exists() else Count())


def pytest(name, minutes, *options, which="not long"):
    if one(["./dev", "build", "release"], 30).failed:
        return Count(failed=1)
    report = fresh(f"pytest-{name}.xml")
    status, _ = run([PYTHON, "-m", "pytest", "-q", "-rs", "-m", which, f"--junit-xml={report}", *options], minutes)
    return checked(status, count_pytest(report) if report.exists() else Count())


def stories():
    """Most of the time a story waits, so two run at a time; then those that want the machine for themselves."""
    return (pytest("e2e", 30, "-n", "2", "--dist", "loadgroup", "tests/e2e", which="not long and not quiet") +
            pytest("e2e-quiet", 10, "tests/e2e", which="quiet and not long"))


def fuzz():
    targets = {path.name.removesuffix("_fuzz.cc") for path in (ROOT / "fuzz").glob("*_fuzz.cc")}
    seconds = os.environ.get("ZW_FUZZ_SECONDS", "10")  # `./dev fuzz all` is for longer
    if one(["./dev", "build", "fuzz"], 30).failed:
        return Count(failed=len(targets))
    _, output = run(["./dev", "fuzz", "all", seconds], 5 + len(targets) * (int(seconds) + 20) / 60, keep_output=True)
    good = set(re.findall(r"^ok fuzz (\S+):", output, re.MULTILINE))
    return Count(passed=len(targets & good), failed=len(targets - good))


def tidy():
    scope = os.environ.get("ZW_TIDY", "product")
    options = {"product": ["--product"], "all": ["--all"], "changed": []}
    if scope not in options:
        print(f"ZW_TIDY: expected product, all or changed, got '{scope}'")
        return Count(failed=1)
    return one(["./dev", "tidy", *options[scope]], 30)


STAGES = {
    "fmt": ("the formatter has nothing to change", lambda: one(["./dev", "fmt", "--check"], 2)),
    "release": ("release build and its unit tests", lambda: unit("release")),
    "house": ("floors, READMEs, settings, metric names, examples", lambda: pytest("house", 5, "tests/house")),
    "tidy": ("clang-tidy finds nothing", tidy),
    "asan": ("unit tests with assertions, under address and undefined-behaviour sanitizers", lambda: unit("asan")),
    "tsan": ("unit tests under the thread sanitizer", lambda: unit("tsan")),
    "fuzz": ("the whole tree built with clang, and each fuzz target for a while", fuzz),
    "e2e": ("stories with real peers on loopback", stories),
}


def perform(name):
    what, stage = STAGES[name]
    print(f"\n=== {name}: {what}", flush=True)
    start = time.monotonic()
    count = stage()
    seconds = time.monotonic() - start
    print(f"=== {name}: {'FAILED' if count.failed else 'ok'}, {count}, {seconds:.1f} s", flush=True)
    return count, seconds


def main():
    parser = argparse.ArgumentParser(prog="./test", description="Sets up, builds and tests everything.")
    parser.add_argument("--list", action="store_true", help="list the stages")
    parser.add_argument("--only", nargs="+", metavar="STAGE", choices=STAGES, help="only these stages")
    asked = parser.parse_args()
    if asked.list:
        for name, (what, _) in STAGES.items():
            print(f"{name:8} {what}")
        return 0
    names = [name for name in STAGES if not asked.only or name in asked.only]
    outcome = {name: perform(name) for name in names}

    print("\n=== summary")
    for name, (count, seconds) in outcome.items():
        print(f"{name:8} {'FAILED' if count.failed else 'ok':6} {seconds:7.1f} s  {count}")
    if left := [name for name in STAGES if name not in outcome]:
        print("not asked for:", " ".join(left))
    total = sum((count for count, _ in outcome.values()), Count())
    print(total)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
