"""The change feed as others read it: files as docs/formats/change-feed.md has them, JSON and XML by Python's readers."""

import json
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

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
