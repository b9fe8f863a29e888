"""The log of publications: what it says, that it survives kills, and that nobody changes it unseen."""

import json
import shutil
import subprocess

from localroot_peer import Localroot
from peers import Nsd, free_port


def verify(programs, *words):
    return subprocess.run([programs / "zonewright", "localroot", "log", "verify", *map(str, words)], capture_output=True,
                          text=True, timeout=20, check=False)


def test_each_publication_is_in_the_log_and_the_past_cannot_be_changed(peers, programs, maker, tmp_path):
    first = maker.version()
    zone = shutil.copy(first.file, tmp_path / "root.zone")
    port = free_port()
    primary = peers(Nsd).start(f'zone:\n  name: "."\n  zonefile: "{zone}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n'
                               f"  notify: 127.0.0.1@{port} NOKEY\n")
    ours = peers(Localroot, programs=programs, port=port).start(".", maker.anchor, [primary])
    ours.wait_serving(first.serial)
    second = maker.version()
    shutil.copy(second.file, zone)
    primary.reload()
    head = ours.wait_serving(second.serial, timeout=15)["log"]["head"]
    ours.kill()
    ours._begin().wait_ready()
    log = ours.wait_serving(second.serial)["log"]
    assert log == {"entries": 2, "head": head, "fault": ""}

    file = ours.folder / "state" / "ROOT.log"
    entries = [json.loads(line.split(" ", 1)[1]) for line in file.read_text().splitlines()]
    assert [(entry["serial"], entry["digest"].lower()) for entry in entries] == \
        [(version.serial, version.digest) for version in (first, second)]
    assert all(entry["source"] == f"127.0.0.1@{primary.port}" and entry["has_zonemd"] for entry in entries)

    good = verify(programs, file, "--head", head)
    assert good.returncode == 0 and f"2 publications of ., from {first.serial} at " in good.stdout, good
    told, = json.loads(verify(programs, file, "--format", "json").stdout)
    assert told["fault"] == "" and told["head"] == head and told["entries"] == 2 and told["last_serial"] == second.serial
    ours.stop()
    file.write_text(file.read_text().replace(f'"serial":{first.serial}', f'"serial":{first.serial - 1}'))
    bad = verify(programs, file)
    told, = json.loads(verify(programs, file, "--format", "json").stdout)
    assert "the link does not fit" in told["fault"] and "head" not in told
    assert bad.returncode == 1 and f"{file}:1: the link does not fit" in bad.stderr, bad

    ours._begin().wait_ready()
    status = ours.wait_serving(second.serial)  # a version that verifies is served all the same
    assert "the link does not fit" in status["log"]["fault"]
    assert 'msg="the publication is not in the log"' in ours.log()
    _, metrics = ours.http("/metrics")
    assert 'zonewright_zone_log_broken_ratio{zone="."} 1' in metrics
    assert verify(programs, tmp_path / "none.log").returncode == 3
