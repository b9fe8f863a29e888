"""The peers of the other stories start, answer, stop, and cannot be told to talk to the outside."""

import pytest
from peers import Bind, Knot, Nsd, PdnsRecursor, PeerError, Unbound, check_loopback

ZONE = """$ORIGIN example.
$TTL 300
@ SOA ns host {serial} 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
www A 192.0.2.1
"""


@pytest.mark.parametrize("text", ["primary: 192.0.2.1@53", "addr 2001:db8::1;", "listen: 0.0.0.0@53", "[fe80::1]:53"])
def test_an_address_outside_loopback_is_refused(text):
    with pytest.raises(PeerError):
        check_loopback(text)


def test_addresses_of_loopback_and_what_only_looks_like_one_are_fine():
    check_loopback("127.0.0.9@53 ::1@53 version 1.2.3 at 2026-08-05 00:00:00")


@pytest.mark.parametrize("kind", [Knot, Nsd, Bind])
def test_a_primary_serves_a_file_and_its_next_version(kind, peers, tmp_path):
    zone = tmp_path / "example.zone"
    zone.write_text(ZONE.format(serial=1))
    peer = peers(kind).start(zones={"example.": zone})
    assert [str(rdata) for rdata in peer.ask("www.example.", "A", tcp=True).answer[0]] == ["192.0.2.1"]
    zone.write_text(ZONE.format(serial=2))
    peer.reload()
    peer.wait_serial("example.", 2)
    peer.kill()
    peer.restart().wait_serial("example.", 2)


def test_resolvers_ask_where_they_are_told_to(peers, tmp_path):
    zone = tmp_path / "example.zone"
    zone.write_text(ZONE.format(serial=1))
    knot = peers(Knot).start(zones={"example.": zone})
    unbound = peers(Unbound).start(f"stub-zone:\n  name: example.\n  stub-addr: 127.0.0.1@{knot.port}",
                                   at="2026-08-05 00:00:00")
    recursor = peers(PdnsRecursor).start(f"forward-zones=example=127.0.0.1:{knot.port}")
    for resolver in (unbound, recursor):
        assert str(resolver.ask("www.example.", "A", recurse=True).answer[0][0]) == "192.0.2.1"
