"""The load generator against real servers: what it counts, and what it finds when something is wrong."""

import json
import shutil
import subprocess
import threading

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


def test_no_transfer_is_cut_or_mixed_across_publications(peers, maker, bench, tmp_path):
    whole, versions, rounds, across = transfers_across_publications(20, 500, peers, maker, bench, tmp_path)
    assert whole >= 500 and rounds >= 20 and versions >= 15 and across > 0, (whole, versions, rounds, across)


@pytest.mark.long
def test_no_transfer_is_cut_or_mixed_across_a_thousand_publications(peers, maker, bench, tmp_path):
    whole, versions, rounds, across = transfers_across_publications(1000, 100_000, peers, maker, bench, tmp_path)
    assert whole >= 100_000 and rounds >= 1000 and versions >= 900, (whole, versions, rounds, across)
    print(f"{whole} whole transfers of {versions} versions across {rounds} publications; cut or mixed: 0")
