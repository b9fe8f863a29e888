"""From the last octet of a transferred zone to the first NOTIFY that goes out, by turns in one run; prints medians.

  ./dev bench peers/notify                                      a made root-like zone
  ./dev bench peers/notify --zone FILE --at 2026-08-05T00:00:00Z --anchor FILE

localroot verifies the digest and every signature in that time; Knot, beside it, the digest (zonemd-verify). Each run
starts with an empty state folder.
"""
import argparse
import pathlib
import select
import socket
import struct
import sys
import tempfile
import time

import dns.message
from lib import runs, zones
from lib.stories import BINARIES, Knot, Localroot, ScriptedPrimary


def start_localroot(folder, primary, subscriber, options):
    ours = Localroot(folder, programs=options.bin)
    return ours.start(".", options.anchor, [primary], subscribers=[subscriber], at=options.at, ready=False)


def start_knot(folder, primary, subscriber, _):
    address, port = primary.address, primary.port
    return Knot(folder, address="127.0.0.3").start(f"""
remote:
  - id: primary
    address: {address}@{port}
  - id: subscriber
    address: {subscriber}
zone:
  - domain: .
    master: primary
    notify: subscriber
    zonemd-verify: on
""", ready=False)


class Subscriber:
    """Hears NOTIFY over UDP, and over TCP, which Knot takes."""

    def __init__(self):
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1@{self.tcp.getsockname()[1]}"
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(self.tcp.getsockname())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tcp.close()
        self.udp.close()

    def hear(self, timeout=30):
        """The moment of the first one; None if there is none in time."""
        ready, _, _ = select.select([self.udp, self.tcp], [], [], timeout)
        heard = time.monotonic()
        if self.udp in ready:
            wire, sender = self.udp.recvfrom(65535)
            self.udp.sendto(dns.message.make_response(dns.message.from_wire(wire)).to_wire(), sender)
        elif self.tcp in ready:
            with self.tcp.accept()[0] as client:
                size, = struct.unpack("!H", client.recv(2, socket.MSG_WAITALL))
                answer = dns.message.make_response(
                    dns.message.from_wire(client.recv(size, socket.MSG_WAITALL))).to_wire()
                client.sendall(struct.pack("!H", len(answer)) + answer)
        return heard if ready else None


def once(start, folder, primary, options):
    """Milliseconds from the last octet sent until NOTIFY was here."""
    with Subscriber() as subscriber:
        server = start(folder, primary, subscriber.address, options)
        try:
            heard = subscriber.hear()
            if not heard:
                sys.exit(f"{server.name} sent no NOTIFY; its log ends:\n{server.log()[-2000:]}")
            return 1000 * (heard - primary.sent_at)
        finally:
            server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    zones.add_root_options(parser)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--bin", type=pathlib.Path, default=BINARIES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        zone, options.anchor = zones.root_zone(folder, options)
        with ScriptedPrimary(zone, address="127.0.0.2") as primary:
            medians = runs.by_turns(
                [start_localroot, start_knot], options.rounds,
                lambda start: [once(start, pathlib.Path(tempfile.mkdtemp(dir=folder)), primary, options)])
        print(f"{zone.stat().st_size / 1e6:.1f} MB, {options.rounds} rounds")
        for server, (spent,) in zip(["localroot", "knot"], medians.values()):
            print(f"{server:12}{spent:8.0f} ms")


if __name__ == "__main__":
    sys.exit(main())
