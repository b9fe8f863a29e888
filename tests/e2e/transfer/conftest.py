import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "localroot"))

from localroot_peer import Localroot, ZoneMaker  # noqa: E402
from peers import Nsd, free_port  # noqa: E402


@pytest.fixture
def maker(tmp_path, programs):
    """A root-like zone with a key of its own; `maker.version()` gives its versions."""
    return ZoneMaker(tmp_path / "zone", programs)


class Served:
    """A version that ours serves; `next()` makes it the next one."""

    def __init__(self, peers, programs, maker, folder, **options):
        self.maker, self.file = maker, folder / "root.zone"
        self.version = maker.version()
        self.file.write_text(self.version.text)
        port = free_port()
        self.primary = peers(Nsd).start(f'zone:\n  name: "."\n  zonefile: "{self.file}"\n'
                                        f"  provide-xfr: 127.0.0.0/8 NOKEY\n  notify: 127.0.0.1@{port} NOKEY\n")
        self.ours = peers(Localroot, programs=programs, port=port)
        self.ours.start(".", maker.anchor, [self.primary], **options)
        self.ours.wait_serving(self.version.serial)

    def next(self):
        self.version = self.maker.version()
        self.file.write_text(self.version.text)
        self.primary.reload()
        self.ours.wait_serving(self.version.serial, timeout=15)
        return self.version


@pytest.fixture
def serve(peers, programs, maker, tmp_path):
    return lambda **options: Served(peers, programs, maker, tmp_path, **options)
