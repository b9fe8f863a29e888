#!/usr/bin/python3
"""Our zone tools beside their peers, in one run: each command in turn, several rounds, medians of wall seconds, CPU
seconds and peak memory, and the ratio to ours.

    side_by_side.py load FILE ORIGIN                 read a zone and build the structure
    side_by_side.py verify FILE ORIGIN [--anchor F] [--at TIME]   verify every signature (and the digest, where a tool can)
    side_by_side.py make FOLDER                      makes tld.zone (450,000 delegations) and tld.signed (P-256, NSEC)

Machines are noisy: run it on a quiet one, quote the medians and the ratios.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("ZW_BIN", ROOT / "build" / "release" / "bin"))


def measure(command):
    """Wall seconds, CPU seconds, peak memory in MiB and exit status of one run."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return (time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode)


def compare(commands, rounds):
    commands = {name: command for name, command in commands.items() if shutil.which(command[0])}
    results = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            results[name].append(measure([str(word) for word in command]))
    ours = None
    print(f"{'tool':18} {'wall s':>9} {'ratio':>7} {'CPU s':>9} {'peak MiB':>9}  exit   (medians of {rounds})")
    for name, runs in results.items():
        wall, cpu, memory = (statistics.median(run[i] for run in runs) for i in range(3))
        ours = ours or wall
        print(f"{name:18} {wall:9.3f} {wall / ours:7.2f} {cpu:9.3f} {memory:9.1f}  {sorted({run[3] for run in runs})}")


def load(arguments):
    origin, file = arguments.origin, arguments.file
    print(f"{file}: {os.path.getsize(file) / 1e6:.1f} MB")
    return {
        "zonewright": [BIN / "zonewright-zone", "info", file],
        "kzonecheck": ["kzonecheck", "-o", origin, file],
        "named-checkzone": ["named-checkzone", "-q", "-i", "none", origin, file],
        "nsd-checkzone": ["nsd-checkzone", origin, file],
        "ldns-read-zone": ["ldns-read-zone", file],
    }


def verify(arguments):
    origin, file, at = arguments.origin, arguments.file, arguments.at
    stamp = "".join(c for c in at or "" if c.isdigit())
    anchor = ["--anchor", arguments.anchor] if arguments.anchor else []
    commands = {"zonewright": [BIN / "zonewright-zone", "verify", file, *anchor, *(["--at", at] if at else [])]}
    commands["ldns-verify-zone"] = ["ldns-verify-zone", *(["-k", arguments.anchor] if arguments.anchor else []),
                                    *(["-t", stamp] if at else []), *(["-ZZ"] if arguments.zonemd else []), file]
    if not at:
        commands["kzonecheck"] = ["kzonecheck", "-d", "on", "-o", origin, file]
        commands["dnssec-verify"] = ["dnssec-verify", "-q", "-o", origin, file]
    return commands


def make(folder, size):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    plain, signed = folder / "tld.zone", folder / "tld.signed"
    subprocess.run([BIN / "zonewright-zone", "make", "tld", "--origin", "nu.", "--size", str(size), "-o", plain], check=True)
    keys = [subprocess.run(["ldns-keygen", "-a", "ECDSAP256SHA256", *flags, "nu."], cwd=folder, check=True,
                           capture_output=True, text=True).stdout.strip() for flags in ([], ["-k"])]
    subprocess.run(["ldns-signzone", "-o", "nu.", "-f", signed, plain, *keys], cwd=folder, check=True)
    print(plain, signed)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name in ("load", "verify"):
        verb = verbs.add_parser(name)
        verb.add_argument("file")
        verb.add_argument("origin")
        verb.add_argument("--rounds", type=int, default=5)
        if name == "verify":
            verb.add_argument("--anchor")
            verb.add_argument("--at")
            verb.add_argument("--zonemd", action="store_true", help="ask ldns for the digest too")
    maker = verbs.add_parser("make")
    maker.add_argument("folder")
    maker.add_argument("--size", type=int, default=450000)
    arguments = parser.parse_args()
    if arguments.verb == "make":
        make(arguments.folder, arguments.size)
    else:
        compare({"load": load, "verify": verify}[arguments.verb](arguments), arguments.rounds)


if __name__ == "__main__":
    sys.exit(main())
