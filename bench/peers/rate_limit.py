"""What limiting the rate of answers costs: two of our servers, one without limits, the other with limits that are far
away, loaded by turns with the mix that root servers get; prints medians.

  ./dev bench peers/rate_limit
  ./dev bench peers/rate_limit --rounds 15 --seconds 4

All stay on loopback, each server on one core and the load on another.
"""
import argparse
import pathlib
import sys
import tempfile

from lib import runs, servers, zones
from lib.processes import pin
from lib.stories import BINARIES, Localroot, Nsd


def load(server, zone, options):
    """CPU microseconds of the server for each query, queries per second, and how many were lost."""
    seen, spent = servers.bench(options, "query", server, "--zone", zone, "--seconds", options.seconds, "--do",
                                "--address-range", "127.1.0.0/16", "--clients", "64", "--in-flight", "200")
    return [spent / seen["answered"] * 1e6, seen["answered_per_second"], seen["lost"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1400, help="delegations")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=3, help="of each run")
    parser.add_argument("--bin", type=pathlib.Path, default=BINARIES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "zone").mkdir()
        zone = zones.sign(folder / "zone", options.bin / "zonewright", size=options.size, origin=".", kind="root")
        anchor = zones.anchor_of(zone, folder / "anchor")
        limits = {"without": "responses-per-second = 0", "far away": "responses-per-second = 1000000\n"
                  "total-per-second = 1000000\nexempt = []"}
        with Nsd(folder / "nsd").start(f'zone:\n  name: "."\n  zonefile: "{zone}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n') as nsd:
            ours = []
            try:
                for what, limit in limits.items():
                    server = Localroot(folder / what, programs=options.bin, address="127.0.0.5")
                    ours.append(server)
                    server.start(".", anchor, [nsd], top=f"[rate-limit]\n{limit}\n")
                    server.wait_status(lambda status: status["condition"] == "serving", "the zone is served")
                    pin(server.process.pid, 0)
                medians = runs.by_turns(ours, options.rounds, lambda server: load(server, zone, options))
            finally:
                for server in ours:
                    server.stop()
    first = medians[ours[0]][0]
    print(f"{'limits':10}{'CPU us/query':>14}{'ratio':>8}{'queries/s':>11}{'lost':>7}")
    for what, server in zip(limits, ours):
        cpu, rate, lost = medians[server]
        print(f"{what:10}{cpu:14.3f}{cpu / first:8.3f}{rate:11.0f}{lost:7.0f}")


if __name__ == "__main__":
    sys.exit(main())
