"""A version is published only when enough primaries have the same digest: NSD, Knot and BIND, all of them signed."""

import json
import shutil

from localroot_peer import Localroot, run, send_notify
from peers import free_port, wait_until
from test_localroot_upstreams import bind, knot, nsd

KINDS = (nsd, knot, bind)


class Primaries:
    """One of each kind, each with a file of its own."""

    def __init__(self, peers, folder, version):
        self.port = free_port()
        self.files = [shutil.copy(version.file, folder / f"{kind.__name__}.zone") for kind in KINDS]
        self.peers = [kind(peers, file, self.port) for kind, file in zip(KINDS, self.files, strict=True)]

    def give(self, which, version):
        shutil.copy(version.file, self.files[which])
        self.peers[which].reload()
        self.peers[which].wait_serial(".", version.serial)

    def name(self, which):
        return f"127.0.0.1@{self.peers[which].port}"

    def start(self, ours, maker, settings):
        path = ours.configure(".", maker.anchor, self.peers, key=True)
        path.write_text(path.read_text().replace("[[zone]]\n", f"[[zone]]\n{settings}\n", 1))
        ours.launch([ours.programs / "zonewright", "localroot", "serve", "--config", path])
        return ours.wait_ready()


def test_a_version_waits_for_a_second_primary_and_a_contradicted_one_is_never_served(peers, programs, maker, tmp_path):
    first = maker.version()
    primaries = Primaries(peers, tmp_path, first)
    ours = primaries.start(peers(Localroot, programs=programs, port=primaries.port), maker, "agreement = 2")
    agreed = ours.wait_serving(first.serial)["agreed"]
    assert len(agreed) == 2 and agreed[0] == primaries.name(0), agreed
    told = run(programs / "zonewright", "localroot", "status", "--config", ours.folder / "localroot.toml")
    assert f"  agreed        {', '.join(agreed)}\n" in told, told

    # One primary alone has the next version: it is fetched, and waits.
    second = maker.version()
    primaries.give(0, second)
    wait_until(lambda: ours.status()["phase"] == "agreeing", 15, "others are asked")
    assert ours.serial(".") == first.serial
    primaries.give(2, second)
    assert ours.wait_serving(second.serial, timeout=15)["agreed"] == [primaries.name(0), primaries.name(2)]
    log = (ours.folder / "state" / "ROOT.log").read_text().splitlines()
    assert json.loads(log[-1].split(" ", 1)[1])["agreed"] == [primaries.name(0), primaries.name(2)]

    # Two versions with one serial, each signed well: the one that two of three have is published.
    ours.stop()  # so that nobody fetches before all have what they shall have
    lonely = maker.version()
    primaries.give(0, lonely)
    common = maker.version(lonely.serial, adds=False)
    assert lonely.digest != common.digest
    primaries.give(1, common)
    primaries.give(2, common)
    ours._begin().wait_ready()
    status = ours.wait_serving(common.serial, timeout=15)
    assert status["digest"].lower() == common.digest
    assert "no agreement: 1 of the 2 primaries that must agree have this digest" in ours.log()
    assert f"{primaries.name(1)}: it has another digest for the same serial" in ours.log()


def test_without_agreement_the_old_version_stays_and_the_reason_is_told(peers, programs, maker, tmp_path):
    first = maker.version()
    primaries = Primaries(peers, tmp_path, first)
    ours = primaries.start(peers(Localroot, programs=programs, port=primaries.port), maker,
                           'agreement = 3\nagreement-within = "1s"')
    assert len(ours.wait_serving(first.serial)["agreed"]) == 3
    second = maker.version()
    primaries.give(0, second)
    primaries.give(1, second)
    wait_until(lambda: ours.status()["last_refusal"], 20, "the version is refused")
    refusal = ours.status()["last_refusal"]
    assert refusal["serial"] == second.serial and refusal["reason"].startswith("no agreement: 2 of the 3 "), refusal
    assert f"{primaries.name(2)}: it has serial {first.serial}" in refusal["reason"]
    assert ours.serial(".") == first.serial

    # A reload in midst of waiting ends it; the next round begins anew, and comes to its end.
    primaries.give(2, second)
    ours.reload()
    ours.wait_log("reloaded")
    send_notify(ours, ".")
    for which in (0, 1, 2):
        primaries.peers[which].reload()
    assert len(ours.wait_serving(second.serial, timeout=60)["agreed"]) == 3
