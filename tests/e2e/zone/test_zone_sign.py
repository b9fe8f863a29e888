"""`zonewright zone sign`, judged by the verifiers of others: ldns, BIND and Knot."""

import collections
import json
import shutil
import subprocess

import pytest

ALGORITHMS = {"RSASHA256": ("-b", "2048"), "ECDSAP256SHA256": (), "ECDSAP384SHA384": (), "ED25519": (), "ED448": ()}
DENIALS = ("nsec", "nsec3", "optout")


def run(*command, status=0, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=120, check=False, **options)
    assert done.returncode == status, (command, done.stdout + done.stderr)
    return done.stdout + done.stderr


def accepted_by_all(file, digest=False, *flags):
    """Each is given the zone whole, with its keys in it; BIND also checks that nothing is too much."""
    assert "verified and complete" in run("ldns-verify-zone", *(["-ZZ"] if digest else []), file)
    assert "fully signed" in run("dnssec-verify", *flags, "-o", "example.", file)
    run("kzonecheck", "-o", "example.", "-d", "on", file)


@pytest.fixture
def plain(programs, tmp_path):
    file = tmp_path / "plain.zone"
    run(programs / "zonewright", "zone", "make", "tld", "--size", 60, "-o", file)
    return file


@pytest.fixture
def sign(programs, plain, tmp_path):
    def do(folder, *words, file=plain):
        out = tmp_path / "signed.zone"
        report = json.loads(run(programs / "zonewright", "zone", "sign", file, "--keys", folder, "-o", out, "--format", "json", *words))
        return out, report

    return do


def make_keys(folder, algorithm, *flags):
    folder.mkdir(exist_ok=True)
    for each in flags:
        run("ldns-keygen", *each, "-a", algorithm, *ALGORITHMS[algorithm], "example.", cwd=folder)
    return folder


@pytest.mark.parametrize("denial", DENIALS)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_is_signed_is_accepted_by_all(sign, programs, tmp_path, algorithm, denial):
    keys = make_keys(tmp_path / "keys", algorithm, (), ("-k",))
    # ldns 1.8.3 does not come to an end with a digest in some zones with opt-out.
    digest = denial != "optout"
    out, report = sign(keys, "--denial", denial, *(["--zonemd", "sha384"] if digest else []))
    assert report["keys"] == 2 and report["signatures"] > 50
    assert (report["nsec_records"] == 0) == (denial != "nsec") and (report["nsec3_records"] == 0) == (denial == "nsec")
    accepted_by_all(out, digest)
    out, _ = sign(keys, "--denial", denial, "--zonemd", "sha384", "--zonemd", "sha512")
    run(programs / "zonewright", "zone", "verify", out, "--require-zonemd")


def test_one_key_or_keys_of_two_algorithms_do_as_well(sign, tmp_path):
    one = make_keys(tmp_path / "one", "ECDSAP256SHA256", ("-k",))
    accepted_by_all(sign(one)[0], False, "-z")  # whatever the flags of its keys
    two = make_keys(make_keys(tmp_path / "two", "ECDSAP256SHA256", (), ("-k",)), "ED25519", (), ("-k",))
    out, report = sign(two, "--denial", "nsec3", "--iterations", "5", "--salt", "CAFE")
    assert report["keys"] == 4
    accepted_by_all(out)


def test_as_many_signatures_and_records_as_knot_makes(sign, plain, tmp_path):
    keys = make_keys(tmp_path / "keys", "ECDSAP256SHA256", (), ("-k",))
    for denial in DENIALS:
        folder = tmp_path / f"knot-{denial}"
        (folder / "db").mkdir(parents=True)
        shutil.copy(plain, folder / "example.zone")
        config = folder / "knot.conf"
        # ZONEMD and the records for the parent are other programs' choice.
        config.write_text(f"""
database:
  storage: {folder}/db
policy:
  - id: p
    algorithm: ecdsap256sha256
    cds-cdnskey-publish: none
    nsec3: {"off" if denial == "nsec" else "on"}
    nsec3-iterations: 0
    nsec3-salt-length: 0
    nsec3-opt-out: {"on" if denial == "optout" else "off"}
zone:
  - domain: example.
    storage: {folder}
    file: example.zone
    dnssec-signing: on
    dnssec-policy: p
""")
        run("kzonesign", "-c", config, "-o", folder, "example.")
        signed = (folder / "example.zone").read_text()
        types = collections.Counter(line.split()[2] for line in signed.splitlines() if line[:1] not in ("", ";"))  # owner TTL type
        _, report = sign(keys, "--denial", denial)
        assert (report["signatures"], report["nsec_records"], report["nsec3_records"]) == \
            (types["RRSIG"], types["NSEC"], types["NSEC3"])


def test_the_same_zone_keys_and_time_give_the_same_octets(sign, tmp_path):
    keys = make_keys(tmp_path / "keys", "ECDSAP256SHA256", (), ("-k",))
    words = ("--at", "2026-11-27T00:00:00Z", "--serial", "date", "--jitter", "86400", "--zonemd", "sha512")
    first, report = sign(keys, *words)
    text = first.read_bytes()
    assert report["serial"] == 2026112700
    assert sign(keys, *words, "--threads", "1")[0].read_bytes() == text
    again, report = sign(keys, *words, file=first)
    assert report["serial"] == 2026112701 and again.read_bytes() != text


def test_faults_of_keys_are_told_with_their_file(programs, plain, tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir()

    def fault(status=3):
        return run(programs / "zonewright", "zone", "sign", plain, "--keys", folder, status=status)

    assert "there is no key of example." in fault()
    make_keys(folder, "ECDSAP256SHA256", ("-k",))
    key, = folder.glob("*.private")
    key.write_text("Private-key-format: v1.3\nAlgorithm: 13\nPrivateKey: AAAA\n")
    assert f"{key}: " in fault(1)
    key.unlink()
    assert "there is no key of example." in fault()
