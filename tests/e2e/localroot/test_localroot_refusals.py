"""A version that does not verify is refused, each for its own reason, and the last good copy is served on."""

import re
import shutil

import pytest
from localroot_peer import KEY_NAME, KEYRING, NSD_KEY, Localroot, send_notify
from peers import Nsd, free_port
from scripted_primary import ScriptedPrimary

# ---- what is done to a good version ----


def lines_of(version):
    return version.text.splitlines(keepends=True)


def changed(lines, pattern, replacement):
    """The first line that matches gets changed."""
    for i, line in enumerate(lines):
        if re.search(pattern, line):
            lines[i] = re.sub(pattern, replacement, line, count=1)
            assert lines[i] != line
            return lines
    raise AssertionError(f"no line matches {pattern}")


def changed_glue(version):
    return changed(lines_of(version), r"\tA\t127\.255\.255\.254", "\tA\t127.255.255.253")


def changed_digest(version):
    return changed(lines_of(version), r"(\tZONEMD\t\d+ 1 1 )(\w)", lambda m: m[1] + ("0" if m[2] != "0" else "1"))


def dropped(version, rdtypes):
    """Without the records of `rdtypes` of one delegation that has a DS record."""
    lines = lines_of(version)
    owner = next(line.split("\t")[0] for line in lines if "\tDS\t" in line)
    kept = [line for line in lines if not re.search(rf"^{owner}\t\d+\tIN\t({rdtypes})", line)]
    assert len(kept) < len(lines)
    return kept


def dropped_nsec(version):
    return dropped(version, "NSEC\t|RRSIG\tNSEC ")


def dropped_signature(version):
    return dropped(version, "RRSIG\tDS ")


def signed_glue(version):
    lines = lines_of(version)
    owner = next(line.split("\t")[0] for line in lines if re.search(r"^ns\S+\t\d+\tIN\tA\t", line))
    signature = next(line for line in lines if "\tRRSIG\tDS " in line).split("\t")
    count = owner.count(".")
    fields = re.sub(r"^DS (\d+) \d+ \d+", rf"A \1 {count} 172800", signature[4])
    return lines + [f"{owner}\t172800\tIN\tRRSIG\t{fields}"]


def unsigned(version):
    return [line for line in lines_of(version) if not re.search(r"\t(RRSIG|NSEC|DNSKEY|ZONEMD)\t", line)]


@pytest.fixture
def chain(peers, programs, maker, tmp_path):
    """Ours serves a good version of NSD's, which tells of the next ones."""
    first = maker.version()
    zone = shutil.copy(first.file, tmp_path / "root.zone")
    port = free_port()
    upstream = peers(Nsd).start(
        NSD_KEY + f'zone:\n  name: "."\n  zonefile: "{zone}"\n  provide-xfr: 127.0.0.0/8 {KEY_NAME}\n'
        f"  notify: 127.0.0.1@{port} {KEY_NAME}\n")
    ours = peers(Localroot, programs=programs, port=port).start(".", maker.anchor, [upstream], key=True)
    ours.wait_serving(first.serial)
    return first, zone, upstream, ours


@pytest.mark.parametrize("change, reason", [
    (changed_glue, r"^zonemd-mismatch: "),
    (changed_digest, r"signature-bogus: \. ZONEMD"),
    (dropped_nsec, r"nsec-missing: "),
    (dropped_signature, r"signature-missing: \w+\. DS"),
    (signed_glue, r"signature-over-glue: ns\S+ "),
    (unsigned, r"unsigned-zone: "),
])
def test_a_changed_version_is_refused_and_the_last_good_one_served(change, reason, chain, maker):
    first, zone, upstream, ours = chain
    bad = maker.version()
    zone.write_text("".join(change(bad)))
    upstream.reload()
    status = ours.wait_status(lambda zone: zone["last_refusal"], "the version is refused", timeout=15)
    assert re.search(reason, status["last_refusal"]["reason"]), status["last_refusal"]
    assert status["last_refusal"]["serial"] == bad.serial
    assert (status["condition"], status["serial"], status["digest"].lower()) == ("serving", first.serial, first.digest)
    assert ours.serial(".") == first.serial
    assert not ours.ask(bad.added, "DS").answer

    good = maker.version()  # and what is good again is taken
    shutil.copy(good.file, zone)
    upstream.reload()
    ours.wait_serving(good.serial, timeout=15)


def test_an_older_serial_is_not_taken(chain, maker):
    first, zone, upstream, ours = chain
    older = maker.version(serial=first.serial - 1)
    shutil.copy(older.file, zone)
    upstream.restart()
    assert upstream.serial(".") == older.serial
    send_notify(ours, ".", keyring=KEYRING)
    status = ours.wait_status(lambda zone: zone["last_refusal"], "the version is refused", timeout=15)
    assert status["last_refusal"]["reason"].startswith(f"older-serial: {older.serial} is not newer than {first.serial}")
    assert (status["condition"], status["serial"]) == ("serving", first.serial)


@pytest.mark.parametrize("mode, reason", [("cut", "connection ended before"), ("short", "connection ended before"),
                                          ("class", "class CH, expected IN")])
def test_a_transfer_that_breaks_the_protocol_is_refused(mode, reason, peers, programs, maker):
    first, second = maker.version(), maker.version()
    with ScriptedPrimary(first.file) as primary:
        ours = peers(Localroot, programs=programs).start(".", maker.anchor, [primary])
        ours.wait_serving(first.serial)
        primary.mode = mode
        primary.load(second.file)
        assert send_notify(ours, ".").rcode() == 0
        status = ours.wait_status(lambda zone: zone["last_refusal"], "the transfer is refused", timeout=15)
        assert re.search(reason, status["last_refusal"]["reason"]), status["last_refusal"]
        assert (status["condition"], status["serial"]) == ("serving", first.serial)
        assert ours.serial(".") == first.serial
