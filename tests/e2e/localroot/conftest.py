import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "web"))

from localroot_peer import ZoneMaker  # noqa: E402
from peers import Nsd  # noqa: E402
from portal_site import PortalSite  # noqa: E402
from sites import chromium, mail_server, pages  # noqa: E402, F401


@pytest.fixture
def maker(tmp_path, programs):
    """A root-like zone with a key of its own; `maker.version()` gives its versions."""
    return ZoneMaker(tmp_path / "zone", programs)


@pytest.fixture
def upstream(peers, tmp_path):
    """Starts NSD with a version of the root, for everybody on loopback to fetch."""
    def start(version):
        zone = shutil.copy(version.file, tmp_path / "root.zone")
        return peers(Nsd).start(f'zone:\n  name: "."\n  zonefile: "{zone}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n')

    return start


@pytest.fixture
def portal_site(programs, tmp_path, mail_server):  # noqa: F811
    """Starts portals without an engine; gives the one that it started."""
    running = []

    def start(kind=PortalSite, **options):
        folder = tmp_path / f"portal{len(running)}"
        folder.mkdir()
        running.append(kind(programs, folder, *mail_server(), **options))
        return running[-1]

    yield start
    for site in running:
        if site.process.poll() is None:
            site.stop()
