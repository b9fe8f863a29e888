"""A zone is taken from each kind of primary, verified, served, and followed within seconds of a NOTIFY."""

import shutil

import dns.flags
import pytest
from localroot_peer import BIND_KEY, KEY_NAME, KEYRING, KNOT_KEY, NSD_KEY, Localroot, send_notify
from peers import Bind, Knot, Nsd, free_port


def bind(peers, zone, ours):
    return peers(Bind).start(
        BIND_KEY + f'server 127.0.0.1 {{ keys {{ "{KEY_NAME}"; }}; }};\n'
        f'zone "." {{ type primary; file "{zone}"; notify explicit; also-notify {{ 127.0.0.1 port {ours} key '
        f'"{KEY_NAME}"; }}; allow-transfer {{ key "{KEY_NAME}"; }}; check-names ignore; }};', options="notify-delay 0;")


def knot(peers, zone, ours):
    return peers(Knot).start(
        KNOT_KEY + f"""
remote:
  - id: ours
    address: 127.0.0.1@{ours}
    key: {KEY_NAME}
acl:
  - id: ours
    key: {KEY_NAME}
    action: transfer
zone:
  - domain: .
    file: "{zone}"
    notify: ours
    acl: ours
    semantic-checks: off
""")


def nsd(peers, zone, ours):
    return peers(Nsd).start(
        NSD_KEY + f"""
zone:
  name: "."
  zonefile: "{zone}"
  provide-xfr: 127.0.0.0/8 {KEY_NAME}
  notify: 127.0.0.1@{ours} {KEY_NAME}
""")


@pytest.mark.parametrize("primary", [bind, knot, nsd])
def test_a_zone_is_taken_with_tsig_and_followed_after_a_notify(primary, peers, programs, maker, tmp_path):
    first = maker.version()
    zone = shutil.copy(first.file, tmp_path / "root.zone")
    port = free_port()
    upstream = primary(peers, zone, port)
    ours = peers(Localroot, programs=programs, port=port).start(".", maker.anchor, [upstream], key=True)
    status = ours.wait_serving(first.serial)
    assert (status["digest"].lower(), status["has_zonemd"], status["method"]) == (first.digest, True, "axfr")
    answer = ours.ask(first.added, "DS", dnssec=True)
    assert answer.flags & dns.flags.AA and len(answer.answer) == 2

    second = maker.version()
    shutil.copy(second.file, zone)
    upstream.reload()
    status = ours.wait_serving(second.serial, timeout=15)
    assert status["digest"].lower() == second.digest and status["published"] == 2
    assert len(ours.ask(second.added, "DS", dnssec=True).answer) == 2
    assert status["next_refresh"] is not None


def test_a_notify_counts_only_from_who_may_send_it(peers, programs, maker, tmp_path):
    first = maker.version()
    zone = shutil.copy(first.file, tmp_path / "root.zone")
    upstream = peers(Nsd).start(NSD_KEY + f'zone:\n  name: "."\n  zonefile: "{zone}"\n'
                                f"  provide-xfr: 127.0.0.0/8 {KEY_NAME}\n")
    ours = peers(Localroot, programs=programs).start(".", maker.anchor, [upstream], key=True)
    ours.wait_serving(first.serial)
    second = maker.version()
    shutil.copy(second.file, zone)
    upstream.reload()
    upstream.wait_serial(".", second.serial)
    assert send_notify(ours, ".").rcode() != 0  # this primary signs what it sends
    assert ours.status()["serial"] == first.serial
    assert send_notify(ours, ".", keyring=KEYRING).rcode() == 0
    ours.wait_serving(second.serial, timeout=10)
