"""Signed zones for the comparisons, given or made and signed on the spot."""
import gzip
import pathlib
import re
import shutil
import subprocess
import sys

KNOT_CONFIG = """
server:
    rundir: "{folder}"
database:
    storage: "{folder}"
policy:
  - id: bench
    algorithm: {algorithm}
    nsec3: {nsec3}
    nsec3-opt-out: {opt_out}
    nsec3-iterations: 0
    nsec3-salt-length: 0
zone:
  - domain: {origin}
    storage: "{folder}"
    file: plain.zone
    dnssec-signing: on
    dnssec-policy: bench
    zonemd-generate: zonemd-sha384
"""


def sign(folder, program, *, size, origin, kind="tld", denial="nsec", algorithm="ecdsap256sha256", plain=None):
    """A made zone of `size` delegations, or the unsigned file `plain`, signed by kzonesign; gives its file."""
    unsigned = folder / "plain.zone"
    if plain:
        shutil.copy(plain, unsigned)
    else:
        subprocess.run([program, "zone", "make", kind, "--seed", "1", "--size", str(size), "-o", unsigned,
                        *(["--origin", origin] if kind == "tld" else [])], check=True)
    write_knot_config(folder, origin, denial, algorithm)
    return sign_again(folder, origin)


def write_knot_config(folder, origin, denial="nsec", algorithm="ecdsap256sha256"):
    """What kzonesign needs to sign plain.zone in this folder, with a digest; gives its file."""
    config = folder / "knot.conf"
    config.write_text(KNOT_CONFIG.format(folder=folder, origin=origin, algorithm=algorithm,
                                         nsec3="off" if denial == "nsec" else "on",
                                         opt_out="on" if denial == "opt-out" else "off"))
    return config


def sign_again(folder, origin):
    """The zone that sign() left there as plain.zone, perhaps changed since, with the same keys; gives its file."""
    (folder / "signed").mkdir(exist_ok=True)
    signing = subprocess.run(["kzonesign", "-c", folder / "knot.conf", "-o", folder / "signed", origin],
                             capture_output=True, text=True)
    if signing.returncode != 0:  # it talks of missing keys even when it goes on to make them
        sys.exit(f"kzonesign: {signing.stderr}")
    return next((folder / "signed").iterdir())


def anchor_of(zone, file):
    """Writes the keys of a signed zone that are made to be anchors to `file`, and gives it back."""
    file.write_text("".join(line + "\n" for line in zone.read_text().splitlines()
                            if re.search(r"\sDNSKEY\s+257\s", line)))
    return file


def unpacked(zone, folder):
    """The file, or what a .gz holds, in the folder."""
    if zone.suffix != ".gz":
        return zone
    plain = folder / zone.stem
    plain.write_bytes(gzip.decompress(zone.read_bytes()))
    return plain


def add_root_options(parser):
    """Options of comparisons with a root zone, which root_zone() takes."""
    parser.add_argument("--zone", type=pathlib.Path, help="a signed root zone, as text or .gz; default: one is made")
    parser.add_argument("--at", help="the time to judge it at, as 2026-08-05T00:00:00Z")
    parser.add_argument("--anchor", type=pathlib.Path, help="default: its own keys")
    parser.add_argument("--size", type=int, default=1400, help="delegations of the made one")


def root_zone(folder, options):
    """Its file and that of its anchor."""
    if options.zone:
        zone = unpacked(options.zone, folder)
    else:
        (folder / "zone").mkdir()
        zone = sign(folder / "zone", options.bin / "zonewright", size=options.size, origin=".", kind="root",
                    algorithm="rsasha256")
    return zone, options.anchor or anchor_of(zone, folder / "anchor")
