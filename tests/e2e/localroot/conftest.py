import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from localroot_peer import ZoneMaker  # noqa: E402


@pytest.fixture
def maker(tmp_path, programs):
    """A root-like zone with a key of its own; `maker.version()` gives its versions."""
    return ZoneMaker(tmp_path / "zone", programs)
