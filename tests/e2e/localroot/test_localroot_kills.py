"""Power cuts in midst of refreshing: what is served after a restart is a whole version that was published."""

import json
import os
import random
import shutil
import time

import dns.query
import dns.xfr
import dns.zone
import pytest
from localroot_peer import Localroot, run, send_notify
from peers import Nsd, free_port, wait_until


def zone_of_file(version):
    return dns.zone.from_file(str(version.file), origin=".", relativize=False)


def records_of(zone):
    """Without regard to order and to how they are written."""
    return sorted(f"{name} {rdata.rdtype} {rdata.to_text()}" for name, _, rdata in zone.iterate_rdatas())


def records_of_file(version):
    return records_of(zone_of_file(version))


def records_after_ixfr(server, version):
    """What a secondary with this version has after an IXFR; what is removed must have been there."""
    zone = zone_of_file(version)
    query, _ = dns.xfr.make_query(zone)
    dns.query.inbound_xfr(server.address, zone, query, port=server.port, timeout=10)
    return records_of(zone)


def records_of_transfer(server):
    out = [f"{rrset.name} {rdata.rdtype} {rdata.to_text()}"
           for message in dns.query.xfr(server.address, ".", port=server.port, relativize=False, timeout=10)
           for rrset in message.answer for rdata in rrset]
    return sorted(out[:-1])  # the SOA ends it


def changes_of(server, programs):
    lines = run(programs / "zonewright", "localroot", "changes", "--state", server.folder / "state", "--format", "jsonl")
    return [line for line in map(json.loads, lines.splitlines()) if line["op"] == "version"]


def kill_again_and_again(times, seed, peers, programs, maker, tmp_path):
    """Gives back how long each start took until the zone was served."""
    chance = random.Random(seed)
    published = [maker.version()]
    zone = shutil.copy(published[0].file, tmp_path / "root.zone")
    port = free_port()
    upstream = peers(Nsd).start(
        f'zone:\n  name: "."\n  zonefile: "{zone}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n'
        f"  notify: 127.0.0.1@{port} NOKEY\n")
    ours = peers(Localroot, programs=programs, port=port).start(".", maker.anchor, [upstream],
                                                                more="[zone.changes]\nenabled = true\n")
    ours.wait_serving(published[0].serial)
    least, starts, served = published[0].serial, [], {published[0].serial}
    for turn in range(times):
        maker.added = maker.added[-20:]  # of the same size for a thousand turns
        published.append(maker.version())
        shutil.copy(published[-1].file, zone)
        upstream.reload()
        if turn % 2:  # half of the cuts fall into what the NOTIFY begins, half before or after it
            ours.wait_log(rf"transfer done.* serial={published[-1].serial} |stopping", timeout=10)
            time.sleep(chance.uniform(0, 0.1))
        else:
            time.sleep(chance.uniform(0, 0.6))
        ours.kill()
        begun = time.monotonic()
        ours._begin().wait_ready()
        status = ours.wait_status(lambda zone: zone["condition"] == "serving", "the copy is served", timeout=10)
        starts.append(time.monotonic() - begun)
        whole = {version.serial: version for version in published}
        version = whole[status["serial"]]
        assert status["digest"].lower() == version.digest
        assert status["serial"] >= least, "it went back behind what it served"
        served.add(status["serial"])
        if turn % 5 == 0 and ours.serial(".") is not None:
            sent = records_of_transfer(ours)
            assert any(sent == records_of_file(version) for version in published[-2:]), f"torn at turn {turn}"
            followed = records_after_ixfr(ours, published[-2])
            assert any(followed == records_of_file(version) for version in published[-2:]), f"torn at turn {turn}"
        least = status["serial"]
        assert "copy on disk is of no use" not in ours.log() and "does not verify" not in ours.log()
    send_notify(ours, ".")
    ours.wait_serving(published[-1].serial)
    assert records_after_ixfr(ours, published[-2]) == records_of_file(published[-1])
    assert "given=ixfr" in ours.log() and "the journal is of no use" not in ours.log()
    # Nothing that was served is missing in the change feed.
    wait_until(lambda: changes_of(ours, programs)[-1]["serial"] == published[-1].serial, 20, "the last version is noted")
    noted = changes_of(ours, programs)
    assert [one["previous"] for one in noted] == [None, *(one["serial"] for one in noted[:-1])]
    assert noted[0]["serial"] == published[0].serial and served <= {one["serial"] for one in noted}
    return starts


@pytest.mark.quiet
def test_fifteen_kills_leave_a_whole_published_version_each_time(peers, programs, maker, tmp_path):
    starts = kill_again_and_again(15, 20260801, peers, programs, maker, tmp_path)
    print(f"start until served: median {sorted(starts)[len(starts) // 2]:.3f} s, most {max(starts):.3f} s")


@pytest.mark.long
def test_a_thousand_kills_leave_a_whole_published_version_each_time(peers, programs, maker, tmp_path):
    times, seed = int(os.environ.get("ZW_KILLS", "1000")), int(os.environ.get("ZW_SEED", "1"))
    starts = sorted(kill_again_and_again(times, seed, peers, programs, maker, tmp_path))
    print(f"{times} kills, seed {seed}; start until served: median {starts[times // 2]:.3f} s, most {starts[-1]:.3f} s")
