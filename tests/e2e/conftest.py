"""What all end-to-end stories share: where our programs are, and peers that end with their test."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

ROOT = Path(__file__).resolve().parents[2]


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.when == "call":
        item.story_failed = report.failed


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
