"""The servers of the end-to-end stories, for the comparisons."""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
BINARIES = ROOT / "build/release/bin"
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/e2e/localroot")]

from localroot_peer import (BIND_KEY, KEY_NAME, KEY_SECRET, KEYRING, KNOT_KEY, NSD_KEY, Localroot,  # noqa: E402, F401
                            ZoneMaker, send_notify)
from peers import Bind, Knot, Nsd, Unbound, free_port  # noqa: E402, F401
from scripted_primary import ScriptedPrimary  # noqa: E402, F401
