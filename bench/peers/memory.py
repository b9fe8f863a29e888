"""Memory of localroot, Knot, NSD and BIND with a root zone: loaded, after new versions, after transfers and queries.

  ./dev bench peers/memory                     a made root-like zone
  ./dev bench peers/memory --zone FILE         what is delegated in a signed root zone, as text or .gz, signed anew

Each version is signed with RSA by a key made on the spot. Anonymous memory is what a program takes for itself: heap, stacks,
and what it changes of the libraries that it loads; it stands first. Behind it all that its processes hold (PSS): programs
and libraries too, of which they share the cost with others. Each step goes on from the one before, and ten seconds of quiet
come behind it. Queries come from the one network of loopback.
"""
import argparse
import pathlib
import re
import shutil
import sys
import tempfile
import time

from lib import servers, zones
from lib.processes import memory
from lib.stories import BINARIES, Bind, Knot, Nsd, send_notify
from queries import questions

SIGNED = re.compile(r"\S+\s+\d+\s+IN\s+(RRSIG|NSEC|DNSKEY|ZONEMD)\s")
SERIAL = re.compile(r"(\sSOA\s+\S+\s+\S+\s+\(?\s*)(\d+)")
RELOAD = {Nsd: ["reload"], Knot: ["zone-reload", "."], Bind: ["reload"]}
SETTLE = 10  # seconds


def unsigned(folder, options):
    """The file of what is to be signed of --zone; None if it is to be made."""
    if not options.zone:
        return None
    lines = zones.unpacked(options.zone, folder).read_text().splitlines(keepends=True)
    plain = folder / "unsigned"
    plain.write_text("".join(line for line in lines if not SIGNED.match(line)))
    return plain


class Versions:
    """All alike but for their signatures, the newest at `served`."""

    def __init__(self, folder, options):
        self.folder = folder / "zone"
        self.folder.mkdir()
        self.served = folder / "served.zone"
        self.take(zones.sign(self.folder, options.bin / "zonewright", size=options.size, origin=".", kind="root",
                             algorithm="rsasha256", plain=unsigned(folder, options)))
        self.anchor = zones.anchor_of(self.served, folder / "anchor")

    def take(self, signed):
        shutil.copy(signed, self.served)
        self.serial = int(SERIAL.search(self.served.read_text()).group(2))

    def next(self):
        plain = self.folder / "plain.zone"
        before = self.serial
        plain.write_text(SERIAL.sub(rf"\g<1>{before + 1}", plain.read_text(), count=1))
        self.take(zones.sign_again(self.folder, "."))
        if self.serial <= before:
            sys.exit(f"kzonesign made {self.serial} after {before}")


def publish(versions, all_four):
    """Our primary is NSD."""
    versions.next()
    ours, *peers = all_four
    for peer in peers:
        peer.control(*RELOAD[type(peer)])
        peer.wait_serial(".", versions.serial)
    send_notify(ours, ".")
    ours.wait_serial(".", versions.serial)


def ask(all_four, load, options, *arguments):
    for server in all_four:
        seen, _ = servers.bench(options, load, server, *arguments)
        if not seen["answered" if load == "query" else "succeeded"]:
            sys.exit(f"{server.name}: {seen}")


def measure(folder, workers, options):
    versions = Versions(folder, options)
    asked = folder / "questions"
    asked.write_text(questions(versions.served, ".", 20000))
    with servers.all_serving(folder, versions.served, versions.anchor, options, workers=workers,
                             more='[[zone.allow-notify]]\nfrom = "127.0.0.1"\n') as all_four:
        table = {server: [] for server in all_four}

        def look():
            time.sleep(SETTLE)
            for server, row in table.items():
                row += [memory(server.process.pid, "Pss_Anon"), memory(server.process.pid)]

        look()
        for _ in range(options.versions):
            publish(versions, all_four)
        look()
        ask(all_four, "xfr", options, ".", "--total", options.transfers, "--clients", 8, "--address-range", "127.1.0.0/16")
        look()
        ask(all_four, "query", options, "--queries", asked, "--seconds", 5, "--clients", 8, "--in-flight", 200, "--do")
        look()
    heads = ("loaded", f"{options.versions} versions", f"{options.transfers} AXFR", "queries, 5 s")
    print(f"{workers} worker{'s' if workers > 1 else ''}: MB anonymous, and in all (PSS)")
    print(f"{'':12}" + "".join(f"{head:>16}" for head in heads))
    for server, row in table.items():
        print(f"{server.name:12}" + "".join(f"{anon:10.2f}{whole:6.1f}" for anon, whole in zip(row[::2], row[1::2])), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zone", type=pathlib.Path)
    parser.add_argument("--size", type=int, default=1440, help="delegations of the made one")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--versions", type=int, default=10, help="that are published behind the first one")
    parser.add_argument("--transfers", type=int, default=1000)
    parser.add_argument("--bin", type=pathlib.Path, default=BINARIES)
    options = parser.parse_args()
    for workers in options.workers:
        with tempfile.TemporaryDirectory() as folder:
            measure(pathlib.Path(folder), workers, options)


if __name__ == "__main__":
    sys.exit(main())
