"""Bad input for every listener of a running server: it does not crash, does not grow, and goes on answering.

`./dev storm` runs the long forms: 10 million datagrams, and minutes of the others. With programs that were built with the
address and undefined-behaviour sanitizers (`./dev storm asan`) the same is bounded by time, and memory is not judged.
"""

import json
import os
import re
import shutil
import subprocess

import pytest
from certificates import Authority
from localroot_peer import KEY_NAME, KEY_SECRET, Localroot, send_notify
from peers import Nsd, free_port, wait_until

# What may be held after a storm that was not before: room that connections and the allocator keep for later.
MOST_GROWTH = 1 << 20


def memory(process):
    """Octets of its own that it has in memory, and how many files it has open."""
    status = open(f"/proc/{process.pid}/status").read()
    return int(re.search(r"RssAnon:\s+(\d+) kB", status).group(1)) * 1024, len(os.listdir(f"/proc/{process.pid}/fd"))


class Target:
    """A server with listeners of every kind, which has two versions of its zone."""

    def __init__(self, peers, programs, maker, folder):
        self.programs = programs
        authority = Authority(folder / "ca")
        certificate = authority.certificate("ns.test")
        first, second = maker.version(), maker.version()
        zone = shutil.copy(first.file, folder / "root.zone")
        upstream = peers(Nsd).start(f'zone:\n  name: "."\n  zonefile: "{zone}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n')
        self.ours = peers(Localroot, programs=programs)
        self.tls_port, self.authorities = free_port(), authority.file
        self.sanitized = b"__asan_init" in (programs / "zonewright-localroot").read_bytes()
        self.ours.start(".", maker.anchor, [upstream], top=f'listen-tls = ["127.0.0.1@{self.tls_port}"]\nlog-level = "error"',
                        allow=f'from = "127.0.0.1"\n[[zone.allow-transfer]]\nkey = "{KEY_NAME}"',
                        more=f'[tls]\ncertificate = "{certificate.file}"\nkey = "{certificate.key}"')
        self.ours.wait_serving(first.serial, timeout=60)
        shutil.copy(second.file, zone)
        upstream.reload()
        upstream.wait_serial(".", second.serial)
        send_notify(self.ours, ".")
        self.serial = self.ours.wait_serving(second.serial, timeout=60)["serial"]
        self.process = self.ours.process

    def send(self, kind, count, seconds, seed):
        ours = f"127.0.0.1@{self.ours.port}"
        target = {"udp": ours, "tcp": ours, "tls": f"127.0.0.1@{self.tls_port}", "http": f"127.0.0.1@{self.ours.http_port}"}
        words = [self.programs / "zw_packet_storm", kind, target[kind], count, seconds, seed, ours, ".",
                 f"{KEY_NAME}:{KEY_SECRET}", self.authorities]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=seconds + 60,
                              check=False)
        assert done.returncode == 0, f"{done.stderr}\n{self.ours.log()[-6000:]}"
        return json.loads(done.stdout)

    def counted(self, name):
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.ours.http("/metrics")[1], re.M)
        return int(float(found.group(1)))

    def check(self):
        """It is the same process, says nothing of faults, and does its work."""
        self.ours.check_running()
        assert self.ours.process is self.process
        assert not re.search(r"Sanitizer|runtime error|panic|assert", self.ours.log()), self.ours.log()[-6000:]
        assert self.ours.serial(".") == self.serial
        # Half requests of who has gone may hold all connections over HTTP until they were idle for ten seconds.
        wait_until(lambda: (self.ours.http("/healthz") or [0])[0] == 200, 30, "the status is shown over HTTP")


def storm(target, kind, count, seconds, seed):
    """A part of it first, to have all that is made only once; then the rest, which must leave no more."""
    target.send(kind, max(count // 10, 100), max(seconds // 4, 1), seed)
    target.check()
    octets, files = memory(target.process)
    seen = target.send(kind, count, seconds, seed + 1)
    target.check()
    wait_until(lambda: memory(target.process)[1] <= files, 30, "the files that were open for connections are closed")
    grown = memory(target.process)[0] - octets
    print(f"{kind}: {seen}, {seen['sent'] / seen['seconds']:.0f} a second; own memory {octets / 1e6:.1f} MB, "
          f"grown by {grown / 1e3:.0f} kB")
    assert target.sanitized or grown <= MOST_GROWTH, (octets, grown)
    return seen


@pytest.fixture
def target(peers, programs, maker, tmp_path):
    return Target(peers, programs, maker, tmp_path)


SHORT = {"udp": 100_000, "tcp": 10_000, "tls": 2_000, "http": 1_000}


@pytest.mark.parametrize("kind", SHORT)
def test_a_short_storm_leaves_the_server_as_it_was(target, kind):
    seen = storm(target, kind, SHORT[kind], 60, seed=1)
    assert seen["answers"] > 0 and seen["probes"] > 1


def test_the_datagrams_of_a_storm_reach_the_server(target):
    names = ['zonewright_net_queries_total{transport="udp"}', 'zonewright_net_udp_dropped_total{reason="malformed"}']
    before = sum(map(target.counted, names))
    seen = target.send("udp", 20_000, 60, seed=7)
    came = sum(map(target.counted, names)) - before
    assert came >= 0.95 * seen["sent"], (came, seen)


@pytest.mark.long
@pytest.mark.parametrize("kind", SHORT)
def test_a_long_storm_leaves_the_server_as_it_was(target, kind):
    count = int(os.environ.get("ZW_STORM_DATAGRAMS", "10000000")) if kind == "udp" else 10**9
    seconds = int(os.environ.get(f"ZW_STORM_{kind.upper()}_SECONDS", "3600" if kind == "udp" else "180"))
    seed = int(os.environ.get("ZW_SEED", "1"))
    seen = storm(target, kind, count, seconds, seed)
    assert seen["answers"] > 0
