"""IXFR from each kind of primary: only the differences come, and they make the version that the primary has."""

import re
import shutil

import pytest
from localroot_peer import Localroot
from peers import Bind, Knot, Nsd, free_port


def bind(peers, zone, ours):
    return peers(Bind).start(
        f'zone "." {{ type primary; file "{zone}"; notify explicit; also-notify {{ 127.0.0.1 port {ours}; }}; '
        "ixfr-from-differences yes; max-ixfr-ratio unlimited; allow-transfer { any; }; check-names ignore; };",
        options="notify-delay 0;")


def knot(peers, zone, ours):
    return peers(Knot).start(f"""
remote:
  - id: ours
    address: 127.0.0.1@{ours}
acl:
  - id: ours
    address: 127.0.0.1
    action: transfer
zone:
  - domain: .
    file: "{zone}"
    zonefile-load: difference
    zonefile-sync: -1
    journal-content: changes
    notify: ours
    acl: ours
    semantic-checks: off
""")


def nsd(peers, zone, ours):
    return peers(Nsd).start(f"""
zone:
  name: "."
  zonefile: "{zone}"
  provide-xfr: 127.0.0.0/8 NOKEY
  notify: 127.0.0.1@{ours} NOKEY
  store-ixfr: yes
  create-ixfr: yes
""")


@pytest.mark.parametrize("primary", [bind, knot, nsd])
def test_differences_are_taken_verified_and_published(primary, peers, programs, maker, tmp_path):
    first = maker.version()
    zone = shutil.copy(first.file, tmp_path / "root.zone")
    port = free_port()
    upstream = primary(peers, zone, port)
    ours = peers(Localroot, programs=programs, port=port).start(".", maker.anchor, [upstream])
    ours.wait_serving(first.serial)
    for _ in range(3):
        version = maker.version()
        shutil.copy(version.file, zone)
        upstream.reload()
        status = ours.wait_serving(version.serial, timeout=15)
        assert status["digest"].lower() == version.digest
        assert status["method"] == "ixfr", ours.log()[-2000:]
    assert re.search(r'msg="transfer done" zone=\. primary=\S+ serial=\d+ method=ixfr', ours.log())
    assert status["refused"] == 0
