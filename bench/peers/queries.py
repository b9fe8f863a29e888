"""Queries per second of localroot, Knot, NSD and BIND on one core, by turns in one run; prints medians.

  ./dev bench peers/queries                           a root-like zone with NSEC, and the mix that root servers get
  ./dev bench peers/queries --denial opt-out          a TLD-like zone with NSEC3 and opt-out
  ./dev bench peers/queries --dnsperf                 loaded by a tool that is nobody's here
  ./dev bench peers/queries --rounds 5 --seconds 10

Each server runs with one worker on one core, `zonewright localroot bench query` on another; all stay on loopback. The
load is often what limits the rate, so the CPU time that the server spent for each query stands beside it: a million
divided by it is what the core could answer.
"""
import argparse
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

from lib import runs, servers, zones
from lib.processes import cpu_seconds, memory
from lib.stories import BINARIES


def questions(file, origin, count):
    """Of ten: five for names that do not exist, three for what lies below delegations, one DS, one at the apex."""
    chance = random.Random(1)
    cuts = sorted({line.split()[0] for line in file.read_text().splitlines()
                   if re.match(r"\S+\s+\d+\s+(IN\s+)?NS\s", line) and line.split()[0] != origin})
    tail = "" if origin == "." else origin
    out = []
    for i in range(count):
        cut = chance.choice(cuts)
        match i % 10:
            case 0 | 1 | 2 | 3 | 4: out.append(f"x{chance.getrandbits(40):x}.{tail} A")
            case 5 | 6: out.append(f"www.{cut} A")
            case 7: out.append(f"{cut} AAAA")
            case 8: out.append(f"{cut} DS")
            case 9: out.append(f"{origin} {chance.choice(['SOA', 'NS', 'DNSKEY'])}")
    return "\n".join(out) + "\n"


def by_ours(server, queries, options):
    """Queries per second, CPU seconds of the server, how many were answered and lost, and by RCODE."""
    seen, spent = servers.bench(options, "query", server, "--queries", queries, "--seconds", options.seconds, "--clients",
                                "8", "--in-flight", "200", *([] if options.plain_dns else ["--do"]),
                                *(["--tcp"] if options.tcp else []))
    return seen["answered_per_second"], spent, seen["answered"], seen["lost"], seen["rcodes"]


def by_dnsperf(server, queries, options):
    before = cpu_seconds(server.process.pid)
    out = subprocess.run(["taskset", "-c", "1", "dnsperf", "-s", server.address, "-p", str(server.port), "-d", queries, "-l",
                          str(options.seconds), "-c", "8", "-q", "200", "-T", "1", *([] if options.plain_dns else ["-D"]),
                          *(["-m", "tcp"] if options.tcp else [])], capture_output=True, text=True, check=True).stdout
    spent = cpu_seconds(server.process.pid) - before
    done, lost = (int(re.search(rf"Queries {what}:\s+(\d+)", out).group(1)) for what in ("completed", "lost"))
    codes = dict(re.findall(r"(\w+) (\d+) \(", re.search(r"Response codes:\s+(.*)", out).group(1)))
    return done / options.seconds, spent, done, lost, {code: int(count) for code, count in codes.items()}


def load(server, queries, options):
    """Queries per second, CPU microseconds of the server for each, and the percentages of those that were lost, and
    that were answered NOERROR and NXDOMAIN."""
    rate, spent, done, lost, codes = (by_dnsperf if options.dnsperf else by_ours)(server, queries, options)
    return [rate, spent / done * 1e6, 100 * lost / (done + lost),
            *(100 * codes.get(code, 0) / done for code in ("NOERROR", "NXDOMAIN"))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--denial", choices=["nsec", "nsec3", "opt-out"], default="nsec")
    parser.add_argument("--size", type=int, help="delegations; default 1,400 for a root, 450,000 for a TLD")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of each run")
    parser.add_argument("--plain-dns", action="store_true", help="queries without EDNS and DO")
    parser.add_argument("--dnsperf", action="store_true", help="load with dnsperf")
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
        queries = folder / "queries"
        queries.write_text(questions(zone, origin, 20000))
        with servers.all_serving(folder, zone, anchor, options, origin=origin) as all_four:
            compare(all_four, zone, queries, options)


def compare(all_four, zone, queries, options):
    medians = runs.by_turns(all_four, options.rounds, lambda server: load(server, queries, options))
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
