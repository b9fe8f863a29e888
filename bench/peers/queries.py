"""Queries per second of localroot, Knot, NSD and BIND on one core, by turns in one run; prints medians.

  ./dev bench peers/queries                           a root-like zone with NSEC, and the mix that root servers get
  ./dev bench peers/queries --denial opt-out          a TLD-like zone with NSEC3 and opt-out
  ./dev bench peers/queries --rounds 5 --seconds 10

Each server runs with one worker on one core, `zonewright localroot bench query` on another; all stay on loopback. The
load is often what limits the rate, so the CPU time that the server spent for each query stands beside it: a million
divided by it is what the core could answer.
"""
import argparse
import os
import pathlib
import sys
import tempfile

from lib import runs, servers, zones
from lib.processes import memory
from lib.stories import BINARIES


def load(server, zone, options):
    """Queries per second, CPU microseconds of the server for each, and the percentages of those that were lost, and
    that were answered NOERROR and NXDOMAIN."""
    seen, spent = servers.bench(options, "query", server, "--zone", zone, "--seconds", options.seconds, "--clients", "8",
                                "--in-flight", "200", *([] if options.plain_dns else ["--do"]),
                                *(["--tcp"] if options.tcp else []))
    done = seen["answered"]
    return [seen["answered_per_second"], spent / done * 1e6, 100 * seen["lost"] / seen["sent"],
            *(100 * seen["rcodes"].get(code, 0) / done for code in ("NOERROR", "NXDOMAIN"))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--denial", choices=["nsec", "nsec3", "opt-out"], default="nsec")
    parser.add_argument("--size", type=int, help="delegations; default 1,400 for a root, 450,000 for a TLD")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of each run")
    parser.add_argument("--plain-dns", action="store_true", help="queries without EDNS and DO")
    parser.add_argument("--tcp", action="store_true", help="over TCP, many on one connection")
    parser.add_argument("--bin", type=pathlib.Path, default=BINARIES)
    options = parser.parse_args()
    kind, origin, size = ("root", ".", 1400) if options.denial == "nsec" else ("tld", "nu.", 450000)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "zone").mkdir()
        zone = zones.sign(folder / "zone", options.bin / "zonewright", size=options.size or size, origin=origin,
                          kind=kind, denial=options.denial)
        anchor = zones.anchor_of(zone, folder / "anchor")
        with servers.all_serving(folder, zone, anchor, options, origin=origin) as all_four:
            compare(all_four, zone, options)


def compare(all_four, zone, options):
    medians = runs.by_turns(all_four, options.rounds, lambda server: load(server, zone, options))
    print(f"{zone.stat().st_size / 1e6:.1f} MB, {options.denial}, {options.rounds} rounds of {options.seconds} s, "
          f"load {os.getloadavg()[0]:.1f}")
    print(f"{'':12}{'queries/s':>11}{'ratio':>7}{'CPU us/query':>14}{'ratio':>7}{'lost %':>8}{'NOERROR %':>11}"
          f"{'NXDOMAIN %':>12}{'MB':>7}")
    first = medians[all_four[0]]
    for server, (rate, cpu, lost, good, denied) in medians.items():
        print(f"{server.name:12}{rate:11.0f}{rate / first[0]:7.2f}{cpu:14.2f}{cpu / first[1]:7.2f}{lost:8.3f}"
              f"{good:11.1f}{denied:12.1f}{memory(server.process.pid):7.0f}")


if __name__ == "__main__":
    sys.exit(main())
