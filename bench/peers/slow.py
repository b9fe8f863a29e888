"""Memory of localroot, Knot, NSD and BIND while a crowd of slow readers fetches a root-like zone from each.

  ./dev bench peers/slow                                       10,000 readers at 64 kbit/s, 75 s for each server
  ./dev bench peers/slow --readers 1000 --kbit 256 --seconds 30

Served are those to whom anything came. Memory is the most of all processes (PSS) in steps of two seconds; what the
kernel queues for sockets is counted apart, for the whole machine and both ends. All servers are told to take that many
connections; the limit of open files has to allow them.
"""
import argparse
import pathlib
import re
import sys
import tempfile

from lib import servers, zones
from lib.processes import memory
from lib.stories import BINARIES


def kernel_memory():
    """Of TCP sockets, MB."""
    pages = re.search(r"TCP:.* mem (\d+)", pathlib.Path("/proc/net/sockstat").read_text()).group(1)
    return int(pages) * 4096 / 1e6


def load(server, options):
    before, most = memory(server.process.pid), [0.0, 0.0]

    def look(one):
        most[0] = max(most[0], memory(one.process.pid))
        most[1] = max(most[1], kernel_memory())

    seen, spent = servers.bench(options, "xfr", server, ".", "--total", options.readers, "--clients", options.readers,
                                "--slow", options.kbit, "--seconds", options.seconds, "--timeout", options.seconds,
                                "--address-range", "127.1.0.0/16", while_running=look)
    wrong = ", ".join(f"{failure['count']} {failure['reason']}" for failure in seen["failures"])
    print(f"{server.name:12}{seen['at_once']:9}{seen['first_message_us']['count']:9}{seen['failed']:8}{before:9.0f}{most[0]:9.0f}"
          f"{(most[0] - before) * 1024 / options.readers:11.1f}{most[1]:11.0f}{spent:9.1f}"
          f"{seen['received_bytes'] / 1e6:9.0f}  {wrong}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    zones.add_root_options(parser)
    parser.add_argument("--readers", type=int, default=10000)
    parser.add_argument("--kbit", type=int, default=64)
    parser.add_argument("--seconds", type=int, default=75)
    parser.add_argument("--only", help="one server")
    parser.add_argument("--bin", type=pathlib.Path, default=BINARIES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        zone, anchor = zones.root_zone(folder, options)
        with servers.all_serving(folder, zone, anchor, options, at=options.at) as all_four:
            print(f"{options.readers} readers at {options.kbit} kbit/s, {options.seconds} s, zone of "
                  f"{zone.stat().st_size / 1e6:.1f} MB as text")
            print(f"{'':12}{'at once':>9}{'served':>9}{'failed':>8}{'MB idle':>9}{'MB most':>9}{'kB/reader':>11}{'MB kernel':>11}"
                  f"{'CPU s':>9}{'MB sent':>9}")
            for server in all_four:
                if options.only in (None, server.name):
                    load(server, options)


if __name__ == "__main__":
    sys.exit(main())
