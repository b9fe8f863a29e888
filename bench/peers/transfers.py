"""Whole zones sent for each CPU second of localroot, Knot, NSD and BIND, by turns in one run; prints medians.

  ./dev bench peers/transfers            a made root-like zone
  ./dev bench peers/transfers --tsig     each transfer signed with hmac-sha256
  ./dev bench peers/transfers --zone FILE --at 2026-08-05T00:00:00Z --anchor FILE

`zonewright localroot bench xfr` fetches, eight transfers at a time, on a core of its own; the server has another.
"""
import argparse
import pathlib
import sys
import tempfile

from lib import runs, servers, zones
from lib.processes import memory
from lib.stories import BINARIES


def load(server, options, signing):
    """Transfers for each CPU second, and in a second, and their octets."""
    seen, spent = servers.bench(options, "xfr", server, ".", "--total", "0", "--seconds", options.seconds, "--clients", "8",
                                "--address-range", "127.1.0.0/16", "--verify-tsig", "1", *signing)
    if not seen["succeeded"]:
        sys.exit(f"{server.name}: {seen['failures']}")
    done = seen["received_bytes"] / options.octets  # those that the end of time cut count with what they had
    return done / spent, done / seen["seconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    zones.add_root_options(parser)
    parser.add_argument("--tsig", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of each run")
    parser.add_argument("--bin", type=pathlib.Path, default=BINARIES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        signing = servers.signing(folder) if options.tsig else []
        zone, anchor = zones.root_zone(folder, options)
        with servers.all_serving(folder, zone, anchor, options, signed=options.tsig, at=options.at) as all_four:
            compare(all_four, options, signing)


def compare(all_four, options, signing):
    octets = {}
    for server in all_four:
        seen, _ = servers.bench(options, "xfr", server, ".", "--total", "1", "--check", "digest", *signing)
        octets[server] = seen["received_bytes"]

    def one(server):
        options.octets = octets[server]
        return load(server, options, signing)

    medians = runs.by_turns(all_four, options.rounds, one)
    print(f"{options.rounds} rounds of {options.seconds} s{', signed with hmac-sha256' if options.tsig else ''}")
    print(f"{'':12}{'per CPU s':>10}{'ratio':>7}{'per s':>8}{'octets':>10}{'MB':>6}")
    for server, (cpu, rate) in medians.items():
        print(f"{server.name:12}{cpu:10.0f}{cpu / medians[all_four[0]][0]:7.2f}{rate:8.0f}{octets[server]:10d}"
              f"{memory(server.process.pid):6.0f}")


if __name__ == "__main__":
    sys.exit(main())
