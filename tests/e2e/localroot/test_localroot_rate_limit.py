"""We are of no use to who wants to flood others: answers over UDP are limited, and what strangers ask for is small."""

import json
import re
import shutil
import socket
import struct
import subprocess
import time

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsigkeyring
import pytest
from localroot_peer import KEY_NAME, KEYRING, Localroot, send_notify
from peers import wait_until

FLOODED, NEIGHBOUR, OTHER = "127.7.1.0/24", "127.7.1.77", "127.7.2.1"  # the second shares the network of the first


@pytest.fixture
def serve(peers, programs, maker, upstream):
    def start(rate, slip, total=0, **options):
        version = maker.version()
        ours = peers(Localroot, programs=programs)
        limits = (f"[rate-limit]\nresponses-per-second = {rate}\ntotal-per-second = {total}\nslip = {slip}\nexempt = []\n")
        ours.start(".", maker.anchor, [upstream(version)], top=limits, **options)
        ours.wait_status(lambda zone: zone["condition"] == "serving", "it serves")
        ours.version = version
        return ours

    return start


def ask_from(server, source, name, rdtype="A", tcp=False, timeout=3, **options):
    send = dns.query.tcp if tcp else dns.query.udp
    return send(dns.message.make_query(name, rdtype, **options), server.address, timeout=timeout, port=server.port,
                source=source)


def answer_of(server, query, source=NEIGHBOUR, tcp=False):
    """The answer and its size in octets."""
    kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as asking:
        asking.settimeout(3)
        asking.bind((source, 0))
        asking.connect((server.address, server.port))
        wire = query.to_wire()
        asking.sendall(struct.pack("!H", len(wire)) + wire if tcp else wire)
        answer = asking.recv(65535)
    answer = answer[2:] if tcp else answer
    return dns.message.from_wire(answer), len(answer)


def limited(server, how):
    return int(float(re.search(rf'^zonewright_dns_answers_limited_total\{{how="{how}"\}} (\S+)$', server.http("/metrics")[1],
                               re.M).group(1)))


class Flood:
    """Queries for names that are not there, from all addresses of a network, as fast as may be."""

    def __init__(self, server, programs, folder, seconds, network=FLOODED):
        names = folder / "names"
        names.write_text("".join(f"nothing{i}. A\n" for i in range(5000)))
        self.begin = time.monotonic()
        self.process = subprocess.Popen(
            [programs / "zonewright", "localroot", "bench", "query", f"{server.address}@{server.port}", "--queries", names,
             "--seconds", str(seconds), "--clients", "64", "--in-flight", "2000", "--timeout", "0.2", "--address-range",
             network, "--json", "-"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def running(self):
        return self.process.poll() is None

    def end(self):
        out, _ = self.process.communicate(timeout=60)
        return json.loads(out), time.monotonic() - self.begin


@pytest.mark.quiet
def test_a_flood_gets_the_rate_and_others_all_their_answers(serve, programs, tmp_path):
    rate = 50
    ours = serve(rate, slip=0)
    learned = ask_from(ours, NEIGHBOUR, "nothing.", options=[dns.edns.GenericOption(10, b"8 octets")])
    cookie = next(option for option in learned.options if option.otype == 10)
    assert len(cookie.to_wire()) == 24
    flood = Flood(ours, programs, tmp_path, seconds=4)
    asked = 0
    while flood.running():
        asked += 1
        assert ask_from(ours, OTHER, f"else{asked}.").rcode() == dns.rcode.NXDOMAIN  # another network
        for _ in range(5):  # 5 times as many as would go through
            assert ask_from(ours, NEIGHBOUR, "nothing.", options=[cookie]).rcode() == dns.rcode.NXDOMAIN
        assert ask_from(ours, NEIGHBOUR, "nothing.", tcp=True).rcode() == dns.rcode.NXDOMAIN
        assert ask_from(ours, NEIGHBOUR, ours.version.added, "DS").rcode() == dns.rcode.NOERROR  # of another kind
        time.sleep(0.1)
    seen, seconds = flood.end()
    assert seen["sent"] > 20 * rate * 5, seen
    assert 1 * rate <= seen["answered"] <= rate * (seconds + 1) + 1, (seen["answered"], seconds)
    assert asked > 5
    dropped = limited(ours, "dropped")
    assert dropped > seen["sent"] * 0.5 and limited(ours, "truncated") == 0
    lines = re.findall(r"limiting the rate of answers.*", ours.log())
    assert lines and 'to=127.7.1.0/24 kind=denial' in lines[0], lines
    assert len(lines) < 20


def test_who_asks_for_each_delegation_in_turn_is_bounded_by_the_total(serve, programs, tmp_path):
    ours = serve(1000, slip=0, total=30)
    answered = 0
    begin = time.monotonic()
    for i in range(400):
        try:
            ask_from(ours, NEIGHBOUR, f"x.{i}.{ours.version.added}" if i % 2 else f"none{i}.", timeout=0.005)
            answered += 1
        except dns.exception.Timeout:
            pass
    assert answered <= 30 * (time.monotonic() - begin + 1) + 1
    assert limited(ours, "dropped") > 0 and "kind=total" in ours.log()


def test_dig_that_is_truncated_comes_over_tcp(serve):
    ours = serve(1, slip=1)

    def dig():
        return subprocess.run(["dig", f"@{ours.address}", "-p", str(ours.port), "-b", NEIGHBOUR, "+nocookie", "+norecurse",
                               ours.version.added, "DS"], capture_output=True, text=True, timeout=20, check=True).stdout

    answers = [dig() for _ in range(4)]
    assert all("status: NOERROR" in answer and "\tDS\t" in answer for answer in answers), answers
    assert any("Truncated, retrying in TCP mode" in answer for answer in answers), answers
    assert limited(ours, "truncated") > 0 and limited(ours, "dropped") == 0


def test_a_slipped_answer_is_no_larger_than_its_question_and_gives_a_cookie(serve):
    ours = serve(1, slip=1)
    query = dns.message.make_query("nothing.", "A", want_dnssec=True)
    sizes = [size for answer, size in (answer_of(ours, query) for _ in range(4)) if answer.flags & dns.flags.TC]
    assert sizes and all(size <= len(query.to_wire()) for size in sizes)
    fresh = dns.message.make_query("nothing.", "A", options=[dns.edns.GenericOption(10, b"8 octets")])
    told = [dns.query.udp(fresh, ours.address, port=ours.port, source=NEIGHBOUR, timeout=3) for _ in range(3)][-1]
    cookie = next(option for option in told.options if option.otype == 10)
    for _ in range(20):
        answer = ask_from(ours, NEIGHBOUR, "nothing.", options=[cookie])
        assert answer.rcode() == dns.rcode.NXDOMAIN and not answer.flags & dns.flags.TC


def test_who_signs_is_not_limited(serve):
    ours = serve(1, slip=0)
    for _ in range(20):
        query = dns.message.make_query("nothing.", "A")
        query.use_tsig(KEYRING)
        answer = dns.query.udp(query, ours.address, port=ours.port, source=NEIGHBOUR, timeout=3)
        assert answer.rcode() == dns.rcode.NXDOMAIN and answer.had_tsig
    query.use_tsig(dns.tsigkeyring.from_text({KEY_NAME: "YW5vdGhlciBzZWNyZXQgb2Ygc29tZSBsZW5ndGg="}))
    wire = query.to_wire()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:  # but who cannot sign is
        asking.bind((NEIGHBOUR, 0))
        asking.connect((ours.address, ours.port))
        for _ in range(5):
            asking.send(wire)
    wait_until(lambda: limited(ours, "dropped") >= 4, 5, "answers to bad signatures are dropped")


def test_a_reload_changes_the_limits(serve, maker, upstream):
    ours = serve(1, slip=1)
    for _ in range(3):
        last = ask_from(ours, NEIGHBOUR, "nothing.")
    assert last.flags & dns.flags.TC
    file = ours.folder / "localroot.toml"
    file.write_text(file.read_text().replace("responses-per-second = 1\n", "responses-per-second = 0\n"))
    ours.reload()
    ours.wait_log("msg=reloaded")
    for _ in range(20):
        assert not ask_from(ours, NEIGHBOUR, "nothing.").flags & dns.flags.TC


def test_a_notify_from_a_stranger_causes_nothing_and_gets_a_small_answer(peers, programs, maker, upstream, tmp_path):
    version = maker.version()
    primary = upstream(version)
    ours = peers(Localroot, programs=programs).start(".", maker.anchor, [primary])
    ours.wait_serving(version.serial)
    newer = maker.version()
    shutil.copy(newer.file, tmp_path / "root.zone")
    primary.reload()
    primary.wait_serial(".", newer.serial)
    notify = dns.message.make_query(".", "SOA")
    notify.set_opcode(dns.opcode.NOTIFY)
    for tcp in (False, True):
        for _ in range(5):
            answer, size = answer_of(ours, notify, "127.66.6.6", tcp)
            assert answer.rcode() == dns.rcode.REFUSED and size <= len(notify.to_wire()) + 11  # OPT
    time.sleep(1)
    assert ours.status()["serial"] == version.serial
    assert ours.serial(".") == version.serial
    assert send_notify(ours, ".").rcode() == dns.rcode.NOERROR  # and one from the primary's address does it
    ours.wait_serving(newer.serial)


def test_what_strangers_ask_for_is_refused_or_answered_small(peers, programs, maker, upstream):
    version = maker.version()
    ours = peers(Localroot, programs=programs).start(".", maker.anchor, [upstream(version)], allow='from = "127.0.0.9"')
    ours.wait_serving(version.serial)
    for tcp in (False, True):
        query = dns.message.make_query(".", "AXFR")
        answer, size = answer_of(ours, query, "127.66.6.6", tcp)
        assert answer.rcode() == dns.rcode.REFUSED and not answer.answer
        assert size <= len(query.to_wire()) + 20, answer
    answer, size = answer_of(ours, dns.message.make_query(".", "ANY", want_dnssec=True, payload=4096))
    assert [rrset.rdtype for rrset in answer.answer] == [dns.rdatatype.NS, dns.rdatatype.RRSIG], answer
    assert size < 700 and not answer.flags & dns.flags.TC
