"""The change feed as others read it: files as docs/formats/change-feed.md has them, and those of a running service, by
Python's readers of JSON, XML and HTML."""

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest
from accessibility import faults_of_markup
from account_site import Visitor
from localroot_peer import republish
from peers import Nsd, wait_until
from portal_service import LivePortal

ATOM = "{http://www.w3.org/2005/Atom}"


def version(entry, serial, previous, removed=0, added=0, records="data"):
    return {"op": "version", "zone": "example.", "serial": serial, "previous": previous, "entry": entry,
            "published_at": f"2026-08-01T{entry:02}:00:00Z", "digest_kind": "SHA-384", "digest": "AB" * 48,
            "signatures_only": previous is not None and removed + added == 0, "removed": removed, "added": added,
            "signing_removed": 2, "signing_added": 2, "records": records}


def record(op, owner, rdata, rrtype="TXT"):
    return {"op": op, "owner": owner, "type": rrtype, "class": "IN", "ttl": 300, "rdata": rdata}


HOSTILE = [r'<b>&amp\;\"\\\".example.', r"\000\027\255]]>.example."]
LINES = [
    version(1, 100, None),
    version(2, 101, 100, 1, 2),
    record("remove", "old.example.", "192.0.2.1", "A"),
    record("add", HOSTILE[0], r'"<script>\"&\000"'),
    record("add", HOSTILE[1], r'"]]>\200"'),
    version(3, 102, 101),
]


@pytest.fixture
def feed(tmp_path):
    """A state folder with a feed, and what a kill left of a version at its end."""
    folder = tmp_path / "example.changes"
    folder.mkdir()
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in LINES)
    torn = json.dumps(version(4, 103, 102, 0, 1), separators=(",", ":")) + '\n{"op":"add","ow'
    (folder / f"{1:020}.jsonl").write_text(text + torn)
    return tmp_path


def changes(programs, state, *words):
    done = subprocess.run([programs / "zonewright", "localroot", "changes", "--state", state, *words],
                          capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def test_the_lines_are_json_and_go_on_after_a_serial(programs, feed):
    exit_code, out, _ = changes(programs, feed, "--zone", "example.", "--format", "jsonl")
    assert exit_code == 0
    assert [json.loads(line) for line in out.splitlines()] == LINES
    _, out, _ = changes(programs, feed, "--zone", "example.", "--format", "jsonl", "--since", "101")
    assert [json.loads(line) for line in out.splitlines()] == LINES[5:]
    assert changes(programs, feed, "--zone", "example.", "--format", "jsonl", "--since", "102")[:2] == (0, "")


def test_the_atom_feed_is_xml_that_others_read(programs, feed):
    exit_code, out, _ = changes(programs, feed, "--zone", "example.", "--format", "atom")
    assert exit_code == 0
    root = ElementTree.fromstring(out)
    assert root.tag == ATOM + "feed"
    assert root.findtext(ATOM + "updated") == "2026-08-01T03:00:00Z"
    entries = root.findall(ATOM + "entry")
    assert [entry.findtext(ATOM + "title").split(":")[0] for entry in entries] == [
        "example. 102", "example. 101", "example. 100"]
    assert [entry.findtext(ATOM + "updated") for entry in entries] == [f"2026-08-01T0{n}:00:00Z" for n in (3, 2, 1)]
    assert [len(entry.findall(ATOM + "category")) for entry in entries] == [1, 0, 0]
    content = entries[1].findtext(ATOM + "content")
    assert HOSTILE[0] + r' 300 IN TXT "<script>\"&\000"' in content
    assert HOSTILE[1] + r' 300 IN TXT "]]>\200"' in content
    ids = [element.text for element in root.iter(ATOM + "id")]
    assert len(set(ids)) == 4 and all(text.startswith("urn:uuid:") for text in ids)
    for element in (root, *entries):
        assert all(element.find(ATOM + name) is not None for name in ("id", "title", "updated"))


def test_people_read_it_too_and_are_told_what_is_not_there(programs, feed):
    exit_code, out, _ = changes(programs, feed, "--zone", "example.", "--since", "100")
    assert exit_code == 0
    assert out.splitlines()[0] == "2026-08-01T02:00:00Z example. 101: 1 removed, 2 added since 100"
    assert out.splitlines()[1] == "- old.example. 300 IN A 192.0.2.1"
    assert out.splitlines()[-1].endswith("example. 102: new signatures, no change of data since 101")
    exit_code, _, err = changes(programs, feed, "--zone", "example.", "--since", "99")
    assert exit_code == 1 and "knows no version 99" in err
    assert changes(programs, feed, "--zone", "other.")[0] == 1
    assert changes(programs, feed, "--zone", "a..b")[0] == 2
    assert changes(programs, feed, "--zone", "example.", "--since", "x")[0] == 2


# ---- a running service --------------------------------------------------------------------------------------------------


FEED = "[zone.changes]\nenabled = true\n"


class Publishing:
    """A service with a portal, and the root that it follows."""

    def __init__(self, peers, programs, maker, mail_server, folder):
        self.programs, self.maker = programs, maker
        self.versions = [maker.version()]
        self.zone = shutil.copy(self.versions[0].file, folder / "root.zone")
        self.upstream = peers(Nsd).start(
            f'zone:\n  name: "."\n  zonefile: "{self.zone}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n')
        self.portal = LivePortal(peers, programs, mail_server)
        self.ours = self.portal.ours
        self.portal.start(".", maker.anchor, [self.upstream], more=FEED)
        self.ours.wait_serving(self.versions[0].serial)

    def publish(self, **options):
        self.versions.append(self.maker.version(**options))
        republish(self.versions[-1], self.zone, self.upstream, self.ours)

    def lines(self, query=""):
        visitor = Visitor(self.portal).get("/changes/root.jsonl" + query)
        assert visitor.status == 200, visitor.text
        return [json.loads(line) for line in visitor.text.splitlines()]

    def wait_noted(self):
        """Until the newest version is in the feed, which is then given back: serials with those before."""
        def look():
            try:
                noted = [(line["previous"], line["serial"]) for line in self.lines() if line["op"] == "version"]
            except AssertionError:
                return None  # the pages are there a moment before the zone
            return noted if noted and noted[-1][1] == self.versions[-1].serial else None

        return wait_until(look, 20, "the feed has the newest version")

    def chain(self):
        serials = [version.serial for version in self.versions]
        return list(zip([None, *serials], serials))


@pytest.fixture
def publishing(peers, programs, maker, mail_server, tmp_path):
    return Publishing(peers, programs, maker, mail_server, tmp_path)


def test_three_versions_of_a_service_stand_in_lines_atom_pages_and_what_the_command_says(publishing, programs):
    publishing.publish()
    publishing.publish(adds=False)
    assert publishing.wait_noted() == publishing.chain()
    first, second, third = publishing.versions
    lines = publishing.lines()
    versions = [line for line in lines if line["op"] == "version"]
    assert [line["signatures_only"] for line in versions] == [False, False, True]
    assert [line["digest"].lower() for line in versions] == [version.digest for version in publishing.versions]
    added = {(line["op"], line["owner"], line["type"]) for line in lines if line["op"] != "version"}
    assert added == {("add", second.added, "NS"), ("add", second.added, "DS"), ("add", f"ns.{second.added}", "A")}
    assert publishing.lines(f"?since={first.serial}") == lines[1:]
    assert publishing.lines(f"?since={third.serial}") == []

    visitor = Visitor(publishing.portal).get("/changes/root.jsonl?since=5")
    assert visitor.status == 410 and f"from serial {first.serial} to {third.serial}" in visitor.text
    assert visitor.get("/changes/root.jsonl").headers["Cache-Control"] == "public, max-age=60"
    tag = visitor.headers["ETag"]
    assert visitor.request("GET", "/changes/root.jsonl", headers={"If-None-Match": tag}).status == 304

    atom = publishing.portal.origin + "/changes/root.atom"
    root = ElementTree.fromstring(visitor.get("/changes/root.atom").text)
    assert {link.get("href") for link in root.findall(ATOM + "link") if link.get("rel") == "self"} == {atom}
    assert [entry.findtext(ATOM + "title").split(":")[0] for entry in root.findall(ATOM + "entry")] == [
        f". {version.serial}" for version in reversed(publishing.versions)]

    for path in ("/", "/researchers"):
        visitor.get(path)
        assert visitor.status == 200 and faults_of_markup(visitor.text) == []
        found, = re.findall(r'<link rel="alternate" type="application/atom\+xml" title="[^"]+" href="([^"]+)">', visitor.text)
        assert publishing.portal.origin + found == atom and f'<a href="{found}">' in visitor.text

    state = publishing.ours.folder / "state"
    exit_code, out, _ = changes(programs, state, "--format", "jsonl")
    assert exit_code == 0 and [json.loads(line) for line in out.splitlines()] == lines
    _, out, _ = changes(programs, state, "--since", str(first.serial))
    assert f"+ {second.added} 172800 IN NS ns.{second.added}" in out.splitlines()
    assert 'zonewright_zone_changes_versions_count{zone="."} 3' in publishing.ours.http("/metrics")[1]


def test_a_feed_that_cannot_be_written_stops_no_version_and_a_kill_before_it_was_noted_loses_none(publishing):
    publishing.wait_noted()
    folder = publishing.ours.folder / "state" / "ROOT.changes"
    for path in folder.iterdir():
        path.rename(folder.with_name(path.name))
    folder.rmdir()
    folder.write_text("in its place")  # what the service has open is gone, and it cannot begin another one
    publishing.ours.kill()
    publishing.ours.restart()
    for _ in range(2):
        publishing.publish()
        publishing.ours.wait_log(f"the version is not in the change feed.* serial={publishing.versions[-1].serial} ")
    assert 'zonewright_zone_changes_failures_total{zone="."} 3' in publishing.ours.http("/metrics")[1]
    publishing.ours.kill()
    folder.unlink()
    folder.mkdir()
    for path in folder.parent.glob("0*.jsonl"):
        path.rename(folder / path.name)
    publishing.ours.restart()
    publishing.ours.wait_serving(publishing.versions[-1].serial)
    assert publishing.wait_noted() == publishing.chain()
    publishing.publish()
    assert publishing.wait_noted() == publishing.chain()


def test_a_feed_is_turned_off_and_on_by_a_reload_and_goes_on_through_a_take_over(publishing):
    config = publishing.ours.folder / "localroot.toml"
    text = config.read_text()
    visitor = Visitor(publishing.portal)

    def reload(changed):
        config.write_text(changed)
        publishing.ours.reload()

    publishing.wait_noted()
    reload(text.replace(FEED, ""))
    wait_until(lambda: visitor.get("/changes/root.jsonl").status == 404, 20, "the feed is gone")
    assert "/changes/" not in visitor.get("/").text + visitor.get("/researchers").text
    publishing.publish()
    reload(text)
    wait_until(lambda: visitor.get("/changes/root.jsonl").status == 200, 20, "the feed is there again")
    assert publishing.wait_noted() == publishing.chain()
    reload(text.replace(FEED, FEED + 'age = "30d"\n'))
    publishing.publish()
    assert publishing.wait_noted() == publishing.chain()
    publishing.ours.take_over()

    def has_pages():
        try:
            return visitor.get("/").status == 200
        except OSError:
            return False

    wait_until(has_pages, 40, "the pages are there again")
    publishing.publish()
    assert publishing.wait_noted() == publishing.chain()
