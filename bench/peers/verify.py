"""Verifies one signed zone with zonewright and with its peers, by turns in one run, and prints medians.

  ./dev bench peers/verify --zone FILE [--at TIME]    a signed zone file; TIME as 20260805000000 for an old one
  ./dev bench peers/verify --size N [--denial nsec3]  a made zone of N delegations, signed on the spot by kzonesign

Peers: kzonecheck (Knot), dnssec-verify (BIND; cannot judge at another time than now), ldns-verify-zone. Wall and
CPU seconds and the most memory are those of the whole program, reading the file included.
"""
import argparse
import pathlib
import sys
import tempfile

from lib import runs, zones

BINARIES = pathlib.Path(__file__).resolve().parents[2] / "build/release/bin"

def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zone", type=pathlib.Path, help="a signed zone file")
    parser.add_argument("--at", help="YYYYMMDDHHMMSS; default: now")
    parser.add_argument("--anchor", type=pathlib.Path, help="trust anchors, for zonewright and ldns-verify-zone")
    parser.add_argument("--size", type=int, default=20000, help="delegations of the made zone")
    parser.add_argument("--plain", type=pathlib.Path, help="an unsigned zone file to be signed, instead of a made one")
    parser.add_argument("--denial", choices=["nsec", "nsec3", "opt-out"], default="nsec")
    parser.add_argument("--algorithm", default="ecdsap256sha256")
    parser.add_argument("--origin", default="nu.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--zonewright", type=pathlib.Path, default=BINARIES / "zonewright")
    return parser.parse_args()


def verifiers(zone, options):
    """Name and command of each; None for one that cannot do this job."""
    ours = [options.zonewright, "zone", "verify", zone]
    knot = ["kzonecheck", "-d", "on", "-o", options.origin, zone]
    bind = ["dnssec-verify", "-q", "-o", options.origin, zone]
    ldns = ["ldns-verify-zone", "-ZZ", "-V", "1", zone]
    if options.at:
        at = options.at
        ours += ["--at", f"{at[:4]}-{at[4:6]}-{at[6:8]}T{at[8:10]}:{at[10:12]}:{at[12:14]}Z"]
        knot += ["-t", at]
        ldns[1:1] = ["-t", at]
        bind = None
    if options.anchor:
        ours += ["--anchor", options.anchor]
        ldns[1:1] = ["-k", options.anchor]
    return {"zonewright": ours, "kzonecheck": knot, "dnssec-verify": bind, "ldns-verify-zone -ZZ": ldns}


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        zone = options.zone or zones.sign(
            pathlib.Path(folder), options.zonewright, size=options.size, origin=options.origin, denial=options.denial,
            algorithm=options.algorithm, plain=options.plain)
        zone = zones.unpacked(zone, pathlib.Path(folder))
        return 0 if runs.compare(verifiers(zone, options), options.rounds, zone) else 1


if __name__ == "__main__":
    sys.exit(main())
