"""Whole zones sent over TLS 1.3 for each CPU second of localroot and NSD, by turns in one run; prints medians.

  ./dev bench peers/transfers_tls        a made root-like zone, a handshake for each transfer
  ./dev bench peers/transfers_tls --zone FILE --at 2026-08-05T00:00:00Z --anchor FILE

A client reads and forgets what it gets, one transfer after another, on a core of its own; the server has another. Knot
3.2 has no zone transfer over TLS. In clear text: peers/transfers.
"""
import argparse
import pathlib
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time

import dns.message
from lib import runs, zones
from lib.processes import cpu_seconds, memory, pin
from lib.stories import BINARIES, Localroot, Nsd

ASKED = dns.message.make_query(".", "AXFR").to_wire()


def connect(server, timeout):
    """Who the server is does not matter here."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["dot"])
    return context.wrap_socket(socket.create_connection((server.address, server.tls_port), timeout=timeout))


def transfer(server, octets=None):
    """Octets of one transfer; without `octets` it waits until nothing more comes."""
    with connect(server, 30 if octets else 1) as connection:
        connection.sendall(struct.pack("!H", len(ASKED)) + ASKED)
        room, got = bytearray(1 << 18), 0
        while octets is None or got < octets:
            try:
                size = connection.recv_into(room)
            except TimeoutError:
                return got
            if size == 0:
                return got
            got += size
        return got


def load(server, options, octets):
    """Transfers for each CPU second, and in a second."""
    before, done, end = cpu_seconds(server.process.pid), 0, time.monotonic() + options.seconds
    while time.monotonic() < end:
        if transfer(server, octets) != octets:
            raise SystemExit(f"{server.name}: a transfer of another size")
        done += 1
    return done / (cpu_seconds(server.process.pid) - before), done / options.seconds


def certificate(folder):
    """ECDSA P-256 for both servers: file and key."""
    file, key = folder / "tls.pem", folder / "tls.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                    key, "-out", file, "-subj", "/CN=bench.test", "-days", "2"], check=True, capture_output=True)
    return file, key


def compare(folder, zone, anchor, options):
    file, key = certificate(folder)
    nsd = Nsd(folder / "nsd", address="127.0.0.2")
    ours = Localroot(folder / "localroot", programs=options.bin)
    nsd.tls_port, ours.tls_port = nsd.port + 1, ours.port + 1
    try:
        nsd.start(f'zone:\n  name: "."\n  zonefile: "{zone}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n',
                  server=f"tcp-count: 50\nip-address: {nsd.address}@{nsd.tls_port}\ntls-port: {nsd.tls_port}\n"
                         f'tls-service-key: "{key}"\ntls-service-pem: "{file}"')
        ours.start(".", anchor, [nsd], at=options.at, top=f'listen-tls = ["{ours.address}@{ours.tls_port}"]',
                   more=f'[tls]\ncertificate = "{file}"\nkey = "{key}"')
        ours.wait_status(lambda status: status["condition"] == "serving", "the zone is served", timeout=60)
        servers = [ours, nsd]
        octets = {server.name: transfer(server) for server in servers}
        for server in servers:
            pin(server.process.pid, 0)
        medians = runs.by_turns(servers, options.rounds, lambda server: load(server, options, octets[server.name]))
        print(f"{options.rounds} rounds of {options.seconds} s, over TLS 1.3")
        print(f"{'':12}{'per CPU s':>10}{'ratio':>7}{'per s':>8}{'octets':>10}{'MB':>6}")
        for server, (cpu, rate) in medians.items():
            print(f"{server.name:12}{cpu:10.0f}{cpu / medians[ours][0]:7.2f}{rate:8.0f}{octets[server.name]:10d}"
                  f"{memory(server.process.pid):6.0f}")
    finally:
        for server in (ours, nsd):
            server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    zones.add_root_options(parser)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of each run")
    parser.add_argument("--bin", type=pathlib.Path, default=BINARIES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        compare(folder, *zones.root_zone(folder, options), options)


if __name__ == "__main__":
    sys.exit(main())
