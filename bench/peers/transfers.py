"""Whole zones sent for each CPU second of localroot, Knot and NSD, by turns in one run; prints medians.

  ./dev bench peers/transfers            a made root-like zone
  ./dev bench peers/transfers --tsig     each transfer signed with hmac-sha256
  ./dev bench peers/transfers --tls      over TLS 1.3, of localroot and NSD, a handshake for each; Knot 3.2 has none
  ./dev bench peers/transfers --zone FILE --at 2026-08-05T00:00:00Z --anchor FILE

A client reads and forgets what it gets, one transfer after another, on a core of its own; the server has another.
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
from lib.stories import BINARIES, KEYRING, KNOT_KEY, NSD_KEY, Knot, Localroot, Nsd


def query(options):
    message = dns.message.make_query(".", "AXFR")
    if options.tsig:
        message.use_tsig(KEYRING)
    wire = message.to_wire()
    return struct.pack("!H", len(wire)) + wire


def connect(server, timeout):
    """In TLS if the server has a port for it; who it is does not matter here."""
    if not hasattr(server, "tls_port"):
        return socket.create_connection((server.address, server.port), timeout=timeout)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["dot"])
    return context.wrap_socket(socket.create_connection((server.address, server.tls_port), timeout=timeout))


def transfer(server, asked, octets=None):
    """Octets of one transfer; without `octets` it waits until nothing more comes."""
    with connect(server, 30 if octets else 1) as connection:
        connection.sendall(asked)
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
        if transfer(server, query(options), octets) != octets:
            raise SystemExit(f"{server.name}: a transfer of another size")
        done += 1
    return done / (cpu_seconds(server.process.pid) - before), done / options.seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    zones.add_root_options(parser)
    parser.add_argument("--tsig", action="store_true")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of each run")
    parser.add_argument("--bin", type=pathlib.Path, default=BINARIES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        compare(folder, *zones.root_zone(folder, options), options)


def certificate(folder):
    """ECDSA P-256 for all servers: file and key."""
    file, key = folder / "tls.pem", folder / "tls.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                    key, "-out", file, "-subj", "/CN=bench.test", "-days", "2"], check=True, capture_output=True)
    return file, key


def compare(folder, zone, anchor, options):
    nsd = Nsd(folder / "nsd", address="127.0.0.2")
    knot = Knot(folder / "knot", address="127.0.0.3")
    ours = Localroot(folder / "localroot", programs=options.bin)
    key = "transfer.test." if options.tsig else "NOKEY"
    nsd_tls = ours_top = ours_tls = ""
    if options.tls:
        file, secret = certificate(folder)
        nsd.tls_port, ours.tls_port = nsd.port + 1, ours.port + 1
        nsd_tls = (f'\nip-address: {nsd.address}@{nsd.tls_port}\ntls-port: {nsd.tls_port}\ntls-service-key: "{secret}"\n'
                   f'tls-service-pem: "{file}"')
        ours_top = f'listen-tls = ["{ours.address}@{ours.tls_port}"]'
        ours_tls = f'[tls]\ncertificate = "{file}"\nkey = "{secret}"'
    try:
        nsd.start((NSD_KEY if options.tsig else "") + f'zone:\n  name: "."\n  zonefile: "{zone}"\n'
                  f"  provide-xfr: 127.0.0.0/8 {key}\n  provide-xfr: 127.0.0.1 NOKEY\n", server="tcp-count: 50" + nsd_tls)
        knot.start((KNOT_KEY if options.tsig else "") +
                   f"acl:\n  - id: all\n    address: 127.0.0.0/8\n    action: transfer\n"
                   f'{"    key: transfer.test." if options.tsig else ""}\n'
                   f'zone:\n  - domain: .\n    file: "{zone}"\n    acl: all\n', server="udp-workers: 1")
        knot.zones = ["."]
        knot.wait_ready()
        ours.start(".", anchor, [nsd], at=options.at, key=False, top=ours_top, more=ours_tls,
                   allow='from = "127.0.0.0/8"' + ('\nkey = "transfer.test."' if options.tsig else ""))
        ours.wait_status(lambda status: status["condition"] == "serving", "the zone is served", timeout=60)
        servers = [ours, nsd] if options.tls else [ours, knot, nsd]
        octets = {server.name: transfer(server, query(options)) for server in servers}
        for server in servers:
            pin(server.process.pid, 0)
        medians = runs.by_turns(servers, options.rounds, lambda server: load(server, options, octets[server.name]))
        print(f"{options.rounds} rounds of {options.seconds} s{', signed with hmac-sha256' if options.tsig else ''}"
              f"{', over TLS 1.3' if options.tls else ''}")
        print(f"{'':12}{'per CPU s':>10}{'ratio':>7}{'per s':>8}{'octets':>10}{'MB':>6}")
        for server, (cpu, rate) in medians.items():
            print(f"{server.name:12}{cpu:10.0f}{cpu / medians[ours][0]:7.2f}{rate:8.0f}{octets[server.name]:10d}"
                  f"{memory(server.process.pid):6.0f}")
    finally:
        for server in (ours, knot, nsd):
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
