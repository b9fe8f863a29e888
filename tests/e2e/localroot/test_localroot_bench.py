"""The load generator against real servers: what it counts, and what it finds when something is wrong."""

import json
import shutil
import subprocess
import threading
import time

import dns.exception
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import dns.tsigkeyring
import pytest
from localroot_peer import BIND_KEY, KEY_NAME, KEY_SECRET, KNOT_KEY, NSD_KEY, Localroot
from peers import Bind, Knot, Nsd, free_port
from scripted_primary import ScriptedPrimary

RANGE = ("--address-range", "127.9.0.0/16")


class Bench:
    """`zonewright localroot bench`; each call gives back its exit status, and its results or what it complained of."""

    def __init__(self, programs, folder):
        self.program, self.key = programs / "zonewright", folder / "secret"
        self.key.write_text(KEY_SECRET + "\n")
        self.signed = ("--key", f"{KEY_NAME}:hmac-sha256:{self.key}")

    def __call__(self, verb, server, *options):
        where = server if isinstance(server, str) else f"{server.address}@{server.port}"
        done = subprocess.run([self.program, "localroot", "bench", verb, where, *map(str, options), "--json", "-"],
                              capture_output=True, text=True, timeout=90, check=False)
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


@pytest.fixture
def bench(programs, tmp_path):
    return Bench(programs, tmp_path)


def nsd(peers, version, _):
    return peers(Nsd, address="127.0.0.2").start(
        NSD_KEY + f'zone:\n  name: "."\n  zonefile: "{version.file}"\n  provide-xfr: 127.0.0.0/8 {KEY_NAME}\n'
        "  provide-xfr: 127.0.0.1 NOKEY\n", server="tcp-count: 60")


def knot(peers, version, _):
    return peers(Knot, address="127.0.0.3").start(
        KNOT_KEY + f'acl:\n  - id: all\n    address: 127.0.0.0/8\n    key: {KEY_NAME}\n    action: transfer\n'
        f'zone:\n  - domain: .\n    file: "{version.file}"\n    acl: all\n')


def bind(peers, version, _):
    return peers(Bind).start(
        BIND_KEY + f'zone "." {{ type primary; file "{version.file}"; allow-transfer {{ key "{KEY_NAME}"; }}; }};',
        options="transfers-out 100; tcp-clients 200;")


def ours(peers, version, maker):
    source = nsd(peers, version, None)
    server = peers(Localroot, programs=maker.programs).start(".", maker.anchor, [source], allow=f'key = "{KEY_NAME}"')
    server.wait_serving(version.serial)
    return server


@pytest.mark.parametrize("server", [nsd, knot, bind, ours])
def test_every_server_is_measured_by_transfers_and_queries(server, peers, maker, bench, programs):
    maker.programs = programs
    version = maker.version()
    target = server(peers, version, maker)
    status, seen = bench("xfr", target, ".", "--total", 40, "--clients", 10, "--check", "digest", *bench.signed, *RANGE)
    assert status == 0 and seen["succeeded"], seen
    assert seen["whole"] == seen["verified_tsig"] == seen["transfer_us"]["count"] == 40, seen
    assert seen["whole_of_version"] == {f"axfr {version.serial}": 40} and seen["versions_proven"] == 1
    assert 0 < seen["transfer_us"]["p50"] <= seen["transfer_us"]["p99"] <= seen["transfer_us"]["max"]

    for transport in ((), ("--tcp",)):
        status, seen = bench("query", target, "--zone", version.file, "--do", "--total", 500, "--in-flight", 20,
                             "--clients", 4, *transport)
        assert status == 0 and seen["answered"] == seen["latency_us"]["count"] == 500, seen
        assert seen["rcodes"]["NXDOMAIN"] == 250 and seen["lost"] == 0, seen  # half are for what does not exist


def test_slow_readers_and_resets_are_counted_apart(peers, maker, bench, programs):
    maker.programs = programs
    version = maker.version()
    target = ours(peers, version, maker)
    status, seen = bench("xfr", target, ".", "--total", 60, "--clients", 30, "--slow", 80, "--slow-percent", 50,
                         "--reset-percent", 30, "--seed", 7, *bench.signed, *RANGE)
    assert status == 0, seen
    assert seen["whole"] + seen["reset"] == 60 and seen["failed"] == seen["unfinished"] == 0, seen
    assert 5 < seen["reset"] < 40 and 10 < seen["slow"] < 50, seen
    # 80 kbit/s are 10 kB/s; what is slow takes as long as that says.
    octets = version.file.stat().st_size / 3
    assert seen["transfer_us"]["max"] > 1e6 * octets / 10_000 / 2, seen


def test_what_is_wrong_is_told_in_words_and_by_the_exit_status(peers, maker, bench, programs, tmp_path):
    maker.programs = programs
    version = maker.version()
    target = ours(peers, version, maker)

    def reasons(seen):
        return {failure["reason"]: failure["count"] for failure in seen["failures"]}

    status, seen = bench("xfr", target, ".", "--total", 5, *RANGE)  # without the key
    assert status == 1 and reasons(seen) == {"refused-by-rcode": 5}, seen
    bench.key.write_text("YW5vdGhlciBzZWNyZXQgb2Ygc29tZSBsZW5ndGg=")
    status, seen = bench("xfr", target, ".", "--total", 5, *bench.signed, *RANGE)
    assert status == 1 and seen["failed"] == 5 and seen["whole"] == 0, seen
    status, seen = bench("xfr", f"127.0.0.1@{free_port()}", ".", "--total", 5)
    assert status == 1 and reasons(seen) == {"unreachable": 5}, seen

    with ScriptedPrimary(version.file, address="127.0.0.4") as primary:
        status, seen = bench("xfr", f"{primary.address}@{primary.port}", ".", "--total", 3, "--check", "records")
        assert status == 0 and seen["whole"] == 3, seen
        primary.mode = "cut"
        status, seen = bench("xfr", f"{primary.address}@{primary.port}", ".", "--total", 3)
        assert status == 1 and seen["whole"] == 0 and reasons(seen) == {"truncated": 3}, seen


@pytest.mark.parametrize("arguments, complaint", [
    (("192.0.2.1", "."), "not on loopback"),
    (("127.0.0.1", ".", "--address-range", "192.0.2.0/24"), "not on loopback"),
    (("127.0.0.1", ".", "--total", "0"), "--seconds"),
    (("127.0.0.1", ".", "--clients", "0"), "--clients"),
    (("127.0.0.1", ".", "--reset-percent", "101"), "--reset-percent"),
    (("127.0.0.1", ".", "--key", "k:hmac-sha256"), "NAME:ALGORITHM:FILE"),
])
def test_wrong_use_is_refused_before_anything_is_sent(arguments, complaint, bench):
    status, what = bench("xfr", *arguments)
    assert status == 2 and complaint in what, what


class Crowd:
    """`bench notify` with sixty targets, of whom six are dead, six refuse and six are slow, or with others."""

    def __init__(self, bench, signed, *options, targets=60, dead=10, refusing=10, slow=10):
        self.port, self.dead_port = free_port(), free_port()
        self.command = [bench.program, "localroot", "bench", "notify", "--targets", str(targets), "--dead-percent",
                        str(dead), "--refusing-percent", str(refusing), "--slow-percent", str(slow), "--slow-ms", "300",
                        "--port", str(self.port),
                        "--dead-port", str(self.dead_port), "--address-range", "127.9.0.0/16", *map(str, options),
                        *map(str, bench.signed if signed else ())]

    def config(self, server):
        return subprocess.run([*self.command, "--print-config", server], capture_output=True, text=True, check=True).stdout

    def __enter__(self):
        self.process = subprocess.Popen([*self.command, "--json", "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True)
        self.said = self.process.stderr.readline()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.communicate()

    def result(self):
        out, _ = self.process.communicate(timeout=60)
        return self.process.returncode, json.loads(out)


def nsd_with_targets(peers, zone, crowd, _):
    return peers(Nsd, address="127.0.0.2").start(
        NSD_KEY + f'zone:\n  name: "."\n  zonefile: "{zone}"\n{crowd.config("nsd")}'), lambda server: server.control("reload")


def knot_with_targets(peers, zone, crowd, _):
    remotes, notify = crowd.config("knot").split("# of the zone:\n")
    return peers(Knot, address="127.0.0.3").start(
        f'{KNOT_KEY}{remotes}zone:\n  - domain: .\n    file: "{zone}"\n    zonefile-sync: -1\n{notify}',
        server="tcp-remote-io-timeout: 300"), \
        lambda server: server.control("zone-reload", ".")


def bind_with_targets(peers, zone, crowd, _):
    return peers(Bind).start(BIND_KEY + f'zone "." {{ type primary; file "{zone}";\n{crowd.config("bind")} }};',
                             options="notify-rate 1000; startup-notify-rate 1000;"), lambda server: server.reload()


def ours_with_targets(peers, zone, crowd, maker):
    port = free_port()
    source = peers(Nsd).start(f'zone:\n  name: "."\n  zonefile: "{zone}"\n  '
                                                   f"provide-xfr: 127.0.0.0/8 NOKEY\n  notify: 127.0.0.1@{port} NOKEY\n")
    server = peers(Localroot, programs=maker.programs, port=port).start(
        ".", maker.anchor, [source], more=crowd.config("zonewright"))
    return server, lambda _: source.reload()


@pytest.mark.parametrize("kind", [nsd_with_targets, knot_with_targets, bind_with_targets, ours_with_targets])
def test_a_crowd_sees_how_each_server_tells_it(kind, peers, maker, bench, programs, tmp_path):
    maker.programs = programs
    first, second = maker.version(), maker.version()
    zone = shutil.copy(first.file, tmp_path / "root.zone")
    with Crowd(bench, True, "--serial", second.serial, "--quiet", "1") as crowd:
        assert "60 targets from 127.9.0.1 on" in crowd.said and "6 of them dead" in crowd.said
        server, publish = kind(peers, zone, crowd, maker)
        server.wait_serial(".", first.serial)
        shutil.copy(second.file, zone)
        publish(server)
        status, seen = crowd.result()
    assert status == 0 and seen["succeeded"] and seen["failures"] == [], seen
    assert (seen["told"], seen["untold"], seen["dead"], seen["refusing"], seen["slow"]) == (54, 0, 6, 6, 6), seen
    assert seen["told_us"]["count"] == 54 and 0 < seen["told_us"]["p50"] <= seen["told_us"]["max"], seen
    assert seen["messages_of_serial"][str(second.serial)] == seen["messages"] and seen["unsigned"] == 0, seen
    assert seen["over_tcp"] == (seen["messages"] if kind is knot_with_targets else 0), seen
    if kind is ours_with_targets:
        # Who refuses has answered, and 300 ms are no loss: nobody who lives is told twice.
        assert seen["repeated"] == 0 and seen["told_dead"] == 6, seen


def test_a_crowd_counts_what_is_no_notify_of_its_zone_and_answers_it(bench):
    def notify(zone=".", keyring=None, opcode=dns.opcode.NOTIFY):
        query = dns.message.make_query(zone, "SOA")
        query.set_opcode(opcode)
        if keyring:
            query.use_tsig(keyring)
        return dns.query.udp(query, "127.9.0.1", port=crowd.port, timeout=5).rcode()

    good, other = (dns.tsigkeyring.from_text({KEY_NAME: secret}) for secret in (KEY_SECRET, "b3RoZXIgc2VjcmV0"))
    with Crowd(bench, True, "--timeout", "2", "--quiet", "1", targets=1, dead=0, refusing=0, slow=0) as crowd:
        assert notify("example.") == dns.rcode.NOTAUTH
        assert notify(opcode=dns.opcode.QUERY) == dns.rcode.NOTIMP
        with pytest.raises(dns.tsig.PeerBadSignature):
            notify(keyring=other)
        assert notify(keyring=good) == dns.rcode.NOERROR
        assert notify() == dns.rcode.NOERROR
        status, seen = crowd.result()
    assert status == 1 and (seen["told"], seen["messages"], seen["unsigned"]) == (1, 2, 1), seen
    assert {f["reason"]: f["count"] for f in seen["failures"]} == {"other-zone": 1, "no-notify": 1, "bad-tsig": 1}, seen


@pytest.mark.parametrize("dead, refusing, slow", [(100, 0, 0), (0, 100, 0), (0, 0, 100), (0, 0, 0)],
                         ids=["dead", "refusing", "slow", "good"])
@pytest.mark.parametrize("send", [dns.query.udp, dns.query.tcp], ids=["udp", "tcp"])
def test_each_of_a_crowd_answers_as_it_is(bench, send, dead, refusing, slow):
    with Crowd(bench, False, "--timeout", str(2 if dead else 30), "--quiet", "0.2", targets=1, dead=dead, refusing=refusing, slow=slow) as crowd:
        query = dns.message.make_query(".", "SOA")
        query.set_opcode(dns.opcode.NOTIFY)
        began = time.monotonic()
        port = crowd.dead_port if dead else crowd.port
        if dead:
            with pytest.raises(dns.exception.Timeout):
                send(query, "127.9.0.1", port=port, timeout=1)
        else:
            rcode = send(query, "127.9.0.1", port=port, timeout=5).rcode()
            assert rcode == (dns.rcode.REFUSED if refusing else dns.rcode.NOERROR)
            late = time.monotonic() - began >= 0.29
            assert late == (slow > 0 and send is dns.query.udp)
        _, seen = crowd.result()
    assert (seen["told"], seen["over_tcp"]) == (0 if dead else 1, 1 if send is dns.query.tcp and not dead else 0), seen
    assert seen["told_dead"] == (1 if dead and send is dns.query.udp else 0), seen


def test_nobody_tells_a_crowd_and_that_is_said(bench):
    with Crowd(bench, False, "--timeout", "0.5") as crowd:
        status, seen = crowd.result()
    assert status == 1 and (seen["told"], seen["untold"], seen["messages"]) == (0, 54, 0), seen


def transfers_across_publications(publications, transfers, peers, maker, bench, tmp_path):
    """While versions are published one after another, clients fetch: none may get a cut or a mixed stream."""
    maker.programs = bench.program.parent
    first = maker.version()
    zone = shutil.copy(first.file, tmp_path / "root.zone")
    port = free_port()
    primary = peers(Nsd).start(
        f'zone:\n  name: "."\n  zonefile: "{zone}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n  notify: 127.0.0.1@{port} NOKEY\n')
    target = peers(Localroot, programs=maker.programs, port=port).start(".", maker.anchor, [primary])
    target.wait_serving(first.serial)
    outcome, rounds, over = [], 0, threading.Event()

    def fetch():
        while not over.is_set():
            # Slow ones take most of a second, which is how often a version comes: many are on their way when it does.
            outcome.append(bench("xfr", target, ".", "--total", 4 * transfers // publications, "--clients", 40, "--check",
                                 "digest", "--slow", 400, "--slow-percent", 40, "--reset-percent", 5, "--seed",
                                 len(outcome) + 1, *RANGE))

    thread = threading.Thread(target=fetch)
    thread.start()
    try:
        while rounds < publications or sum(seen["whole"] for _, seen in outcome) < transfers:
            maker.added = maker.added[-20:]
            version = maker.version()
            shutil.copy(version.file, zone)
            primary.reload()
            target.wait_serving(version.serial, timeout=30)
            rounds += 1
    finally:
        over.set()
        thread.join()
    assert all(status == 0 and seen["failed"] == 0 for status, seen in outcome), [o for o in outcome if o[0] != 0][:3]
    versions = {version for _, seen in outcome for version in seen["whole_of_version"]}
    return sum(seen["whole"] for _, seen in outcome), len(versions), rounds, \
        sum(len(seen["whole_of_version"]) > 1 for _, seen in outcome)


@pytest.mark.quiet
def test_no_transfer_is_cut_or_mixed_across_publications(peers, maker, bench, tmp_path):
    whole, versions, rounds, across = transfers_across_publications(20, 500, peers, maker, bench, tmp_path)
    assert whole >= 500 and rounds >= 20 and versions >= 15 and across > 0, (whole, versions, rounds, across)


@pytest.mark.long
def test_no_transfer_is_cut_or_mixed_across_a_thousand_publications(peers, maker, bench, tmp_path):
    whole, versions, rounds, across = transfers_across_publications(1000, 100_000, peers, maker, bench, tmp_path)
    assert whole >= 100_000 and rounds >= 1000 and versions >= 900, (whole, versions, rounds, across)
    print(f"{whole} whole transfers of {versions} versions across {rounds} publications; cut or mixed: 0")
