"""Downloads of a zone over HTTPS for each CPU second of localroot, in each coding by turns in one run; prints medians.

  ./dev bench peers/downloads            a made root-like zone, a TLS session for each download
  ./dev bench peers/downloads --zone FILE --at 2026-08-05T00:00:00Z --anchor FILE
  ./dev bench peers/downloads --kept     all downloads of a run in one session

A client reads and forgets what it gets, one download after another, on a core of its own; the server has another.
"""
import argparse
import http.client
import pathlib
import ssl
import sys
import tempfile
import time

from lib import runs, zones
from lib.processes import cpu_seconds, memory, pin
from lib.stories import BINARIES, Localroot, Nsd
from transfers_tls import certificate

PATH = "/zones/ROOT.zone"


class Form:
    """What one kind of client asks for."""

    def __init__(self, name, fields, answers=200, empty=False):
        self.name, self.fields, self.answers, self.empty = name, fields, answers, empty

    def get(self, connection):
        connection.request("GET", PATH, headers=self.fields)
        answer = connection.getresponse()
        room, got = bytearray(1 << 18), 0
        while size := answer.readinto(room):
            got += size
        if answer.status != self.answers or (got == 0) != self.empty:
            raise SystemExit(f"{self.name}: status {answer.status}, {got} octets")
        return got, answer.getheader("ETag")


def connect(server):
    """Who the server is does not matter here."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection(server.address, server.https_port, timeout=30, context=context)


def load(server, form, options):
    """Downloads for each CPU second, in a second, and the octets of one."""
    before, done, octets, end = cpu_seconds(server.process.pid), 0, 0, time.monotonic() + options.seconds
    connection = connect(server)
    while time.monotonic() < end:
        octets, _ = form.get(connection)
        done += 1
        if not options.kept:
            connection.close()
    connection.close()
    return done / (cpu_seconds(server.process.pid) - before), done / options.seconds, octets


def measure(folder, zone, anchor, options):
    file, key = certificate(folder)
    nsd = Nsd(folder / "nsd", address="127.0.0.2")
    ours = Localroot(folder / "localroot", programs=options.bin)
    ours.https_port = ours.port + 1
    try:
        nsd.start(f'zone:\n  name: "."\n  zonefile: "{zone}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n')
        ours.start(".", anchor, [nsd], at=options.at, top=f'listen-https = ["{ours.address}@{ours.https_port}"]',
                   more=f'[[zone.download]]\nopen = true\n[tls]\ncertificate = "{file}"\nkey = "{key}"')
        ours.wait_log("ready to download", timeout=60)
        _, tag = Form("tag", {"Accept-Encoding": "identity"}).get(connect(ours))
        pin(ours.process.pid, 0)
        forms = [Form("identity", {"Accept-Encoding": "identity"}), Form("gzip", {"Accept-Encoding": "gzip"}),
                 Form("zstd", {"Accept-Encoding": "zstd"}),
                 Form("known (304)", {"Accept-Encoding": "identity", "If-None-Match": tag}, 304, empty=True)]
        medians = runs.by_turns(forms, options.rounds, lambda form: load(ours, form, options))
        print(f"{options.rounds} rounds of {options.seconds} s, {'one session' if options.kept else 'a session each'}; "
              f"{memory(ours.process.pid):.0f} MB")
        print(f"{'':12}{'per CPU s':>10}{'per s':>8}{'octets':>10}")
        for form, (cpu, rate, octets) in medians.items():
            print(f"{form.name:12}{cpu:10.0f}{rate:8.0f}{octets:10.0f}")
    finally:
        for server in (ours, nsd):
            server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    zones.add_root_options(parser)
    parser.add_argument("--kept", action="store_true", help="one session for all downloads of a run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3, help="of each run")
    parser.add_argument("--bin", type=pathlib.Path, default=BINARIES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        measure(folder, *zones.root_zone(folder, options), options)


if __name__ == "__main__":
    sys.exit(main())
