"""What all end-to-end stories share: where our programs are, and peers that end with their test."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

ROOT = Path(__file__).resolve().parents[2]


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.when in ("setup", "call"):
        item.story_failed = getattr(item, "story_failed", False) or report.failed


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    """A test that is marked `alone` is run by a pytest of its own, within a network namespace without a way out."""
    if not item.get_closest_marker("alone") or "ZW_ALONE" in os.environ:
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    start = time.time()
    done = subprocess.run(
        ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, "-m", "pytest", "-q",
         "-rs", "-m", "", f"--rootdir={item.config.rootpath}", item.nodeid],
        cwd=item.config.rootpath, env=os.environ | {"ZW_ALONE": "1"}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False)
    outcome, words = ("passed", None) if done.returncode == 0 else ("failed", done.stdout)
    if skipped := re.search(r"^SKIPPED \[1\] (\S+?):(\d+): (.*)$", done.stdout, re.MULTILINE):
        outcome, words = "skipped", (skipped[1], int(skipped[2]), skipped[3])
    for when in ("setup", "call", "teardown"):
        of_call = when == "call"
        item.ihook.pytest_runtest_logreport(report=pytest.TestReport(
            item.nodeid, item.location, {item.name: 1}, outcome if of_call else "passed", words if of_call else None,
            when, duration=time.time() - start if of_call else 0))
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.fixture(scope="session")
def programs():
    """The folder of our programs: ZW_BIN, or the newest build."""
    if "ZW_BIN" in os.environ:
        return Path(os.environ["ZW_BIN"]).resolve()
    built = [ROOT / "build" / preset / "bin" for preset in ("release", "dev")]
    built = [folder for folder in built if folder.is_dir()]
    if not built:
        pytest.fail("nothing is built; ./dev e2e builds first")
    return max(built, key=lambda folder: folder.stat().st_mtime)


@pytest.fixture
def peers(tmp_path, request):
    """Makes peers that end with the test: `knot = peers(Knot).start(…)`. When the test failed, the ends of their
    logs are printed."""
    made = []

    def make(kind, folder=None, **arguments):
        peer = kind(tmp_path / (folder or f"{kind.name}{len(made)}"), **arguments)
        made.append(peer)
        return peer

    yield make
    for peer in made:
        peer.stop()
        if getattr(request.node, "story_failed", False):
            print(f"---- {peer.name} {peer.address}@{peer.port}\n{peer.log()[-4000:]}")
