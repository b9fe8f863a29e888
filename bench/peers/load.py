"""Reads one zone file with zonewright and with its peers, by turns in one run, and prints medians.

  ./dev bench peers/load [--size N]     a made TLD-like zone of N delegations (default 450,000)
  ./dev bench peers/load --zone FILE --origin NAME

Each program reads the text and builds its structure of the zone. zonewright counts it besides (`zone info`);
kzonecheck, named-checkzone and nsd-checkzone check it besides, which the options hold to the least.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

from lib import runs

BINARIES = pathlib.Path(__file__).resolve().parents[2] / "build/release/bin"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zone", type=pathlib.Path)
    parser.add_argument("--origin", default="nu.")
    parser.add_argument("--size", type=int, default=450000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--zonewright", type=pathlib.Path, default=BINARIES / "zonewright-zone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        zone = options.zone or pathlib.Path(folder) / "zone"
        if not options.zone:
            subprocess.run([options.zonewright, "make", "tld", "--seed", "1", "--size", str(options.size), "--origin",
                            options.origin, "-o", zone], check=True)
        origin = options.origin
        return 0 if runs.compare({
            "zonewright": [options.zonewright, "info", zone],
            "kzonecheck": ["kzonecheck", "-d", "off", "-o", origin, zone],
            "named-checkzone": ["named-checkzone", "-q", "-i", "none", "-m", "ignore", "-n", "ignore", origin, zone],
            "nsd-checkzone": ["nsd-checkzone", origin, zone],
            "ldns-read-zone": ["ldns-read-zone", zone],
        }, options.rounds, zone) else 1


if __name__ == "__main__":
    sys.exit(main())
