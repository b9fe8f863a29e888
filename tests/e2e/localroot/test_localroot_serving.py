"""What subscribers and clients see of our server: its answers, who may transfer, reload, and the end of a copy."""

import re
import socket
import struct
import threading
import time
from datetime import datetime, timedelta

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.tsig
import dns.tsigkeyring
import dns.xfr
import pytest
from localroot_peer import KEY_NAME, KEYRING, Localroot, ZoneMaker, send_notify
from peers import wait_until


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_a_copy_whose_signatures_end_is_not_served_any_more(peers, programs, maker, upstream):
    version = maker.version(lives=8)
    ours = peers(Localroot, programs=programs).start(".", maker.anchor, [upstream(version)])
    ours.wait_serving(version.serial)
    assert ours.ask(version.added, "DS").rcode() == dns.rcode.NOERROR
    assert ours.http("/healthz")[0] == 200
    status = ours.wait_status(lambda zone: zone["condition"] == "expired", "the copy expires", timeout=15)
    assert "signatures expired" in status["last_refusal"]["reason"], status
    wait_until(lambda: ours.ask(version.added, "DS").rcode() == dns.rcode.SERVFAIL, 1, "the worker has it from there")
    for tcp in (False, True):
        answer = ours.ask(version.added, "DS", tcp=tcp)
        assert answer.rcode() == dns.rcode.SERVFAIL and not answer.flags & dns.flags.AA
    assert ours.http("/healthz")[0] == 503
    with pytest.raises((dns.xfr.TransferError, dns.exception.DNSException)):
        list(dns.query.xfr(ours.address, ".", port=ours.port, timeout=3))

    ours.restart()  # nor does a restart bring it back
    ours.wait_status(lambda zone: zone["last_refusal"], "the copy is refused")
    assert ours.ask(version.added, "DS").rcode() == dns.rcode.SERVFAIL


def test_a_copy_that_no_primary_confirms_ends_with_the_expire_of_its_soa(peers, programs, maker, upstream):
    version = maker.version()
    primary = upstream(version)
    ours = peers(Localroot, programs=programs).start(".", maker.anchor, [primary])
    ends = moment(ours.wait_serving(version.serial)["expires_at"])
    primary.stop()
    ours.stop()
    ours.start(".", maker.anchor, [primary], at=f"{ends - timedelta(seconds=5):%Y-%m-%dT%H:%M:%SZ}")
    ours.wait_serving(version.serial)  # the last seconds
    soa = ours.ask(".", "SOA", options=[dns.edns.GenericOption(dns.edns.OptionType(9), b"")])
    left = [int.from_bytes(option.to_wire(), "big") for option in soa.options if option.otype == 9]
    assert len(left) == 1 and 0 <= left[0] <= 5, left
    ours.wait_status(lambda zone: zone["condition"] == "expired", "the copy expires", timeout=15)
    wait_until(lambda: ours.ask(version.added, "DS").rcode() == dns.rcode.SERVFAIL, 1, "the worker has it from there")
    assert ours.http("/healthz")[0] == 503
    assert "the zone has expired" in ours.log()

    ours.restart()  # it begins anew at that time, 5 s before the end; no restart makes the end come later
    ours.wait_status(lambda zone: zone["condition"] == "expired", "the copy expires again", timeout=15)
    primary.restart()
    send_notify(ours, ".")
    status = ours.wait_serving(version.serial)  # confirmed, and without a new transfer
    assert moment(status["expires_at"]) > ends and "transfer done" not in ours.log().rsplit("expired", 1)[1]


def test_a_reload_loses_no_query_and_changes_who_may_transfer(peers, programs, maker, upstream):
    version = maker.version()
    primary = upstream(version)
    ours = peers(Localroot, programs=programs).start(".", maker.anchor, [primary])
    ours.wait_serving(version.serial)
    stop, asked, lost = threading.Event(), [0], []

    def ask(tcp):
        while not stop.is_set():
            asked[0] += 1
            try:
                answer = ours.ask(version.added, "DS", tcp=tcp, timeout=3)
                if answer.rcode() != dns.rcode.NOERROR or not answer.answer:
                    lost.append(answer.to_text())
            except (dns.exception.DNSException, OSError, EOFError) as error:
                lost.append(f"tcp {tcp}: {error!r}")

    threads = [threading.Thread(target=ask, args=(tcp,)) for tcp in (False, False, True)]
    for thread in threads:
        thread.start()
    for turn in range(6):
        ours.configure(".", maker.anchor, [primary], allow='from = "127.0.0.9"' if turn % 2 else None)
        ours.reload()
        time.sleep(0.4)
    stop.set()
    for thread in threads:
        thread.join()
    assert not lost and asked[0] > 100, (asked, lost[:3])
    assert ours.status()["published"] == 1
    with pytest.raises(dns.xfr.TransferError):  # the last configuration grants it to somebody else
        list(dns.query.xfr(ours.address, ".", port=ours.port, timeout=3))


def test_a_reload_with_another_anchor_judges_the_zone_anew(peers, programs, maker, upstream, tmp_path):
    version = maker.version()
    primary = upstream(version)
    ours = peers(Localroot, programs=programs).start(".", maker.anchor, [primary])
    ours.wait_serving(version.serial)
    stranger = ZoneMaker(tmp_path / "stranger", programs)
    ours.configure(".", stranger.anchor, [primary])
    ours.reload()
    status = ours.wait_status(lambda zone: zone["last_refusal"], "the copy is refused")
    assert "anchor-mismatch" in status["last_refusal"]["reason"] and status["condition"] == "waiting", status
    assert ours.ask(version.added, "DS").rcode() == dns.rcode.SERVFAIL
    ours.configure(".", maker.anchor, [primary])
    ours.reload()
    ours.wait_serving(version.serial)


def transfer(server, **options):
    return list(dns.query.xfr(server.address, ".", port=server.port, timeout=5, relativize=False, **options))


def test_a_transfer_needs_the_key(peers, programs, maker, upstream):
    version = maker.version()
    primary = upstream(version)
    ours = peers(Localroot, programs=programs)
    ours.start(".", maker.anchor, [primary], allow=f'key = "{KEY_NAME}"')
    ours.wait_serving(version.serial)
    with pytest.raises(dns.xfr.TransferError) as refused:
        transfer(ours)
    assert refused.value.rcode == dns.rcode.REFUSED
    wrong = dns.tsigkeyring.from_text({KEY_NAME: "YW5vdGhlciBzZWNyZXQgb2Ygc29tZSBsZW5ndGg="})
    with pytest.raises((dns.tsig.PeerError, dns.tsig.BadSignature, dns.exception.DNSException)):
        transfer(ours, keyring=wrong)
    images = re.search(r'^zonewright_zone_image_bytes\{zone="."\} (\d+)', ours.http("/metrics")[1], re.M)
    assert images and int(images.group(1)) > 1000  # what is sent was rendered once for all
    messages = transfer(ours, keyring=KEYRING)
    records = sum(len(rrset) for message in messages for rrset in message.answer)
    assert records == ours.status()["records"] + 1
    first, last = messages[0].answer[0], messages[-1].answer[-1]
    assert first == last and first[0].serial == version.serial
    assert all(message.had_tsig for message in messages[:1])

    # Who has the version that there is gets the SOA and nothing else, by IXFR over both transports.
    for tcp in (False, True):
        query = dns.message.make_query(".", "IXFR")
        query.authority.append(dns.rrset.from_text(".", 0, "IN", "SOA", f"a. b. {version.serial} 1 1 1 1"))
        query.use_tsig(KEYRING)
        answer = ours.exchange(query, tcp=tcp)
        assert [(rrset.rdtype, rrset[0].serial) for rrset in answer.answer] == [(dns.rdatatype.SOA, version.serial)]


def image_octets(ours):
    return int(re.search(r'^zonewright_zone_image_bytes\{zone="."\} (\d+)', ours.http("/metrics")[1], re.M)[1])


def test_the_ready_answer_is_kept_as_far_as_its_limit_allows(peers, programs, maker, upstream):
    version = maker.version()
    ours = peers(Localroot, programs=programs)
    arguments = (".", maker.anchor, [upstream(version)])
    ours.start(*arguments, limit="0B")
    ours.wait_serving(version.serial)
    assert image_octets(ours) == 0
    rendered = transfer(ours)
    for limit, has_one in (("1MiB", True), ("1KiB", False), ("256MiB", True)):  # a reload, of the same version
        ours.configure(*arguments, limit=limit)
        ours.reload()
        wait_until(lambda: (image_octets(ours) > 1000) == has_one, 10, f"an image at the limit {limit}")
        assert [message.answer for message in transfer(ours)] == [message.answer for message in rendered]


def test_soa_comes_over_both_transports_and_queries_share_a_connection(peers, programs, maker, upstream):
    version = maker.version()
    ours = peers(Localroot, programs=programs).start(".", maker.anchor, [upstream(version)])
    ours.wait_serving(version.serial)
    for tcp in (False, True):
        answer = ours.ask(".", "SOA", tcp=tcp)
        assert answer.flags & dns.flags.AA and answer.answer[0][0].serial == version.serial

    # Three questions at once, the transfer among them; each answer comes, whatever the order.
    queries = [dns.message.make_query(".", "AXFR"), dns.message.make_query(".", "SOA"),
               dns.message.make_query(version.added, "DS", want_dnssec=True)]
    waiting = {query.id for query in queries}
    with socket.create_connection((ours.address, ours.port), timeout=5) as connection:
        connection.sendall(b"".join(struct.pack("!H", len(wire)) + wire for wire in (q.to_wire() for q in queries)))
        serials = 0
        while waiting:
            length, = struct.unpack("!H", connection.recv(2, socket.MSG_WAITALL))
            message = dns.message.from_wire(connection.recv(length, socket.MSG_WAITALL), one_rr_per_rrset=True)
            assert message.rcode() == dns.rcode.NOERROR and message.answer
            if message.id == queries[0].id:
                serials += sum(rrset.rdtype == dns.rdatatype.SOA for rrset in message.answer)
                if serials < 2:
                    continue
            waiting.discard(message.id)
