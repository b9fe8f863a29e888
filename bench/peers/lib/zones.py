"""Signed zones for the comparisons, made and signed on the spot."""
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
    config = folder / "knot.conf"
    config.write_text(KNOT_CONFIG.format(folder=folder, origin=origin, algorithm=algorithm,
                                         nsec3="off" if denial == "nsec" else "on",
                                         opt_out="on" if denial == "opt-out" else "off"))
    (folder / "signed").mkdir()
    signing = subprocess.run(["kzonesign", "-c", config, "-o", folder / "signed", origin],
                             capture_output=True, text=True)
    if signing.returncode != 0:  # it talks of missing keys even when it goes on to make them
        sys.exit(f"kzonesign: {signing.stderr}")
    return next((folder / "signed").iterdir())


def anchor_of(zone, file):
    """Writes the keys of a signed zone that are made to be anchors to `file`, and gives it back."""
    file.write_text("".join(line + "\n" for line in zone.read_text().splitlines()
                            if re.search(r"\sDNSKEY\s+257\s", line)))
    return file
