"""How soon a new version is served by those who follow ours: from the NOTIFY that we get to the answer of each.

  ./dev bench peers/propagation                    100 subscribers of six kinds, five versions

Kinds: BIND as mirror and as secondary, Knot and NSD with TSIG, Unbound as auth-zone, and localroot, which verifies again. All
run at once on this machine, each a program of its own, with a made root-like zone. Each is asked for the SOA every 20 ms until
it serves the new version. The time of one version goes from the NOTIFY of our primary to us; ours is the time at which we
serve it.
"""
import argparse
import itertools
import pathlib
import re
import select
import shutil
import socket
import struct
import sys
import tempfile
import time

import dns.message
from lib.stories import (BIND_KEY, BINARIES, KEY_NAME, KNOT_KEY, NSD_KEY, Bind, Knot, Localroot, Nsd, Unbound,
                         ZoneMaker, free_port, send_notify)


class Maker:
    """Starts a subscriber of each kind at a port."""

    def __init__(self, folder, ours, anchor, programs):
        self.folder, self.ours, self.anchor, self.programs = folder, ours, anchor, programs
        self.where = f"127.0.0.1 port {ours.port}"

    def mirror(self, port):
        tag, algorithm, kind, digest = re.search(r"DS\s+(\d+) (\d+) (\d+) (\w+)", self.anchor.read_text()).groups()
        return Bind(self.folder / f"mirror{port}", port=port).start(
            BIND_KEY + f'zone "." {{ type mirror; primaries {{ {self.where} key "{KEY_NAME}"; }}; allow-query {{ any; }}; }};\n'
            f'trust-anchors {{ . static-ds {tag} {algorithm} {kind} "{digest}"; }};',
            options="recursion yes; dnssec-validation yes; empty-zones-enable no; allow-query { any; };", ready=False)

    def bind(self, port):
        return Bind(self.folder / f"bind{port}", port=port).start(
            BIND_KEY + f'zone "." {{ type secondary; masterfile-format text; file "copy"; '
            f'primaries {{ {self.where} key "{KEY_NAME}"; }}; }};', ready=False)

    def knot(self, port):
        return Knot(self.folder / f"knot{port}", port=port).start(
            KNOT_KEY + f"remote:\n  - id: ours\n    address: 127.0.0.1@{self.ours.port}\n    key: {KEY_NAME}\n"
            f"acl:\n  - id: ours\n    key: {KEY_NAME}\n    action: notify\n"
            "zone:\n  - domain: .\n    master: ours\n    acl: ours\n    zonemd-verify: on\n", ready=False)

    def nsd(self, port):
        return Nsd(self.folder / f"nsd{port}", port=port).start(
            NSD_KEY + f'zone:\n  name: "."\n  zonefile: "copy"\n  allow-notify: 127.0.0.1 {KEY_NAME}\n'
            f"  request-xfr: AXFR 127.0.0.1@{self.ours.port} {KEY_NAME}\n", ready=False)

    def unbound(self, port):
        return Unbound(self.folder / f"unbound{port}", port=port).start(
            f'auth-zone:\n  name: "."\n  primary: 127.0.0.1@{self.ours.port}\n  allow-notify: 127.0.0.1\n'
            "  fallback-enabled: no\n  for-downstream: yes\n  for-upstream: yes\n  zonemd-check: yes\n"
            '  zonemd-reject-absence: yes\n  zonefile: "copy"\n',
            server=f'trust-anchor-file: "{self.anchor}"\nmodule-config: "validator iterator"\ntrust-anchor-signaling: no\n',
            ready=False)

    def localroot(self, port):
        server = Localroot(self.folder / f"localroot{port}", programs=self.programs, port=port)
        server.start(".", self.anchor, [self.ours], key=True, ready=False)
        return server


KINDS = ("mirror", "bind", "knot", "nsd", "unbound", "localroot")


class Watch:
    """Asks all servers for their serial by one socket, and notes when each has the one that is waited for."""

    def __init__(self, servers):
        self.servers = servers
        self.by_place = {(server.address, server.port): server for server in servers}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.query = dns.message.make_query(".", "SOA").to_wire()

    @staticmethod
    def serial(answer):
        """Of the SOA in the answer section; the question is that for the root."""
        if len(answer) < 40 or answer[3] & 15 or struct.unpack("!H", answer[6:8])[0] == 0:
            return None
        return dns.message.from_wire(answer, ignore_trailing=True).answer[0][0].serial

    def until(self, serial, timeout):
        """When each of them served it, by time.monotonic()."""
        seen, end = {}, time.monotonic() + timeout
        while len(seen) < len(self.servers) and time.monotonic() < end:
            for place, server in self.by_place.items():
                if server not in seen:
                    self.socket.sendto(self.query, place)
            pause = time.monotonic() + 0.02
            while (left := pause - time.monotonic()) > 0:
                if not select.select([self.socket], [], [], left)[0]:
                    break
                answer, place = self.socket.recvfrom(4096)
                now, server = time.monotonic(), self.by_place.get(place)
                if server and server not in seen and self.serial(answer) == serial:
                    seen[server] = now
        return seen


def percentile(values, percent):
    values = sorted(values)
    return values[min(len(values) - 1, len(values) * percent // 100)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subscribers", type=int, default=100)
    parser.add_argument("--versions", type=int, default=5)
    parser.add_argument("--size", type=int, default=1440, help="delegations of the zone")
    parser.add_argument("--bin", type=pathlib.Path, default=BINARIES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, servers = pathlib.Path(name), []
        try:
            maker = ZoneMaker(folder / "zones", options.bin, size=options.size)
            version = maker.version()
            file = shutil.copy(version.file, folder / "root.zone")
            primary = Nsd(folder / "primary", address="127.0.0.2").start(
                f'zone:\n  name: "."\n  zonefile: "{file}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n')
            servers.append(primary)
            ports = {free_port() for _ in range(2 * options.subscribers)}
            places = list(zip(itertools.cycle(KINDS), sorted(ports)[:options.subscribers]))
            ours = Localroot(folder / "ours", programs=options.bin)
            path = ours.configure(".", maker.anchor, [primary], allow='from = "127.0.0.0/8"', more=(
                '[[zone.allow-notify]]\nfrom = "127.0.0.1"\n') + "".join(
                f'[[zone.subscriber]]\naddress = "127.0.0.1@{port}"\n' + ("" if kind == "unbound" else f'key = "{KEY_NAME}"\n')
                for kind, port in places))
            servers.append(ours)
            ours.launch([options.bin / "zonewright", "localroot", "serve", "--config", path]).wait_ready()
            ours.wait_serving(version.serial)
            start = Maker(folder, ours, maker.anchor, options.bin)
            kinds = {}
            for kind, port in places:
                server = getattr(start, kind)(port)
                kinds[server] = kind
                servers.append(server)
            watch = Watch([ours, *kinds])
            missing = set(kinds) - set(watch.until(version.serial, 120))
            if missing:
                sys.exit("not ready: " + ", ".join(sorted(f"{kinds[one]} {one.port}: {one.log()[-300:]}" for one in missing)))
            took, own = {kind: [] for kind in KINDS}, []
            for _ in range(options.versions):
                time.sleep(2)
                version = maker.version()
                shutil.copy(version.file, file)
                primary.control("reload")
                primary.wait_serial(".", version.serial)
                begun = time.monotonic()
                assert send_notify(ours, ".").rcode() == 0
                seen = watch.until(version.serial, 60)
                own.append(seen.pop(ours, begun + 60) - begun)
                for server, kind in kinds.items():
                    took[kind].append(seen.get(server, begun + 60) - begun)
            every = [one for times in took.values() for one in times]
            print(f"{len(kinds)} subscribers, {options.versions} versions, {file.stat().st_size / 1e6:.1f} MB as text")
            print(f"{'':14}{'number':>8}{'p50 s':>8}{'p90 s':>8}{'p99 s':>8}{'most s':>8}")
            for kind, times in (("ours", own), *took.items(), ("all", every)):
                if times:
                    print(f"{kind:14}{len(times):8d}{percentile(times, 50):8.3f}{percentile(times, 90):8.3f}"
                          f"{percentile(times, 99):8.3f}{max(times):8.3f}")
        finally:
            for server in reversed(servers):
                server.stop()


if __name__ == "__main__":
    main()
