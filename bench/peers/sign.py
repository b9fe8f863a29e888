"""Signs one zone with zonewright and with its peers, text in and text out, by turns in one run, and prints medians.

  ./dev bench peers/sign [--size N] [--denial nsec|nsec3|opt-out]    a made zone of N delegations (default 100,000)
  ./dev bench peers/sign --plain FILE --origin NAME

Peers: kzonesign (Knot, a thread for each core), dnssec-signzone (BIND, one thread, which is its fastest, and without its
own check at the end, and without the digest of the zone that the others make), ldns-signzone. All sign with one KSK and one
ZSK of ECDSAP256SHA256.
The limit beside: what libcrypto needs for so many signatures on all cores (`openssl speed ecdsap256`).
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from lib import runs, zones

BINARIES = pathlib.Path(__file__).resolve().parents[2] / "build/release/bin"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100000, help="delegations of the made zone")
    parser.add_argument("--plain", type=pathlib.Path, help="an unsigned zone file, instead of a made one")
    parser.add_argument("--denial", choices=["nsec", "nsec3", "opt-out"], default="nsec")
    parser.add_argument("--origin", default="nu.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--zonewright", type=pathlib.Path, default=BINARIES / "zonewright")
    return parser.parse_args()


def key_pair(folder, origin):
    """File names of a ZSK and a KSK, without their ends."""
    folder.mkdir()
    return [subprocess.run(["ldns-keygen", *flags, "-a", "ECDSAP256SHA256", origin], cwd=folder, check=True, capture_output=True,
                           text=True).stdout.strip() for flags in ([], ["-k"])]


def signers(plain, folder, options):
    """Name and command of each."""
    zsk, ksk = key_pair(folder / "keys", options.origin)
    is_nsec3, opt_out = options.denial != "nsec", options.denial == "opt-out"
    # BIND wants the keys in the zone.
    with_keys = folder / "with-keys"
    with_keys.write_bytes(plain.read_bytes() + b"".join((folder / "keys" / f"{key}.key").read_bytes() for key in (zsk, ksk)))
    bind = ["dnssec-signzone", "-n", "1", "-P", "-Q", "-R", "-d", folder, "-o", options.origin, "-K", folder / "keys", "-f", folder / "bind",
            *(["-3", "-", "-H", "0"] if is_nsec3 else []), *(["-A"] if opt_out else []), "-k", folder / "keys" / ksk, with_keys,
            folder / "keys" / zsk]
    knot = folder / "knot"
    knot.mkdir()
    shutil.copy(plain, knot / "plain.zone")
    ldns = ["ldns-signzone", "-z", "sha384", *(["-n", "-t", "0"] if is_nsec3 else []), *(["-p"] if opt_out else []), "-f", folder / "ldns", plain,
            folder / "keys" / zsk, folder / "keys" / ksk]
    return {
        "zonewright": [options.zonewright, "zone", "sign", plain, "--keys", folder / "keys", "--denial",
                       options.denial.replace("-", ""), "--zonemd", "sha384", "-o", folder / "ours"],
        "kzonesign": ["kzonesign", "-c", zones.write_knot_config(knot, options.origin, options.denial), "-o", folder,
                      options.origin],
        "dnssec-signzone": bind,
        "ldns-signzone": ldns,
    }


def tell_limit(file):
    """Of the signatures in a signed zone."""
    signatures = sum(line.split(maxsplit=4)[3:4] == ["RRSIG"] for line in open(file))
    speed = subprocess.run(["openssl", "speed", "-seconds", "2", "ecdsap256"], capture_output=True, text=True, check=True).stdout
    rate = float(re.findall(r"[\d.]+", speed.splitlines()[-1])[-2])
    cores = os.cpu_count()
    print(f"{signatures} signatures: libcrypto, {rate:.0f}/s on one core, needs {signatures / rate:.2f} CPU s,"
          f" {signatures / rate / cores:.2f} s on {cores} cores")


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        plain = folder / "plain"
        if options.plain:
            shutil.copy(options.plain, plain)
        else:
            subprocess.run([options.zonewright, "zone", "make", "tld", "--seed", "1", "--size", str(options.size), "--origin",
                            options.origin, "-o", plain], check=True)
        good = runs.compare(signers(plain, folder, options), options.rounds, plain)
        tell_limit(folder / "ours")
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
