"""Catalog zones (RFC 9432): other servers follow ours, ours follows theirs, and ours one another."""

import json
import re

import dns.exception
import dns.flags
import dns.query
import dns.rcode
import dns.rdatatype
import dns.zone
import pytest
from localroot_peer import BIND_KEY, KEY_NAME, KEY_SECRET, KEYRING, KNOT_KEY, NSD_KEY, Localroot
from peers import Bind, Knot, Nsd, free_port, wait_until
from signed_zones import SignedZones
from test_localroot_hand_over import Upgraded

CATALOG = "catalog.invalid."


@pytest.fixture
def zones(tmp_path):
    made = SignedZones(tmp_path / "signed")
    for name in ("a.test.", "b.test.", "c.test."):
        made.version(name)
    return made


class Node(Localroot):
    """A server of ours, by what stands in its configuration."""

    def write_config(self, text):
        return self.write("localroot.toml", f"""
state = "{self.folder}/state"
listen = ["{self.address}@{self.port}"]
http = "127.0.0.1@{self.http_port}"
workers = 1
[[key]]
name = "{KEY_NAME}"
secret = "{KEY_SECRET}"
{text}""")

    def start_with(self, text):
        path = self.write_config(text)
        self.launch([self.programs / "zonewright", "localroot", "serve", "--config", path])
        wait_until(self.whole_status, 20, "it has a status", pause=0.01)
        return self

    def reload_with(self, text):
        self.write_config(text)
        self.reload()
        return self

    def restart(self):
        self._begin()
        wait_until(self.whole_status, 20, "it has a status", pause=0.01)
        return self

    def whole_status(self):
        answer = self.http("/status")
        return json.loads(answer[1]) if answer and answer[0] == 200 else None

    def catalog(self, name=CATALOG):
        """What its status says of the catalog; nothing, before its configuration is applied."""
        nothing = {"serial": None, "members": 0, "ignored": 0, "fault": "", "notes": []}
        return next((one for one in self.whole_status()["catalogs"] if one["origin"] == name), nothing)

    def served(self):
        """Names of the zones that it serves, without catalogs."""
        status = self.whole_status()
        catalogs = {one["origin"] for one in status["catalogs"]}
        return {zone["origin"] for zone in status["zones"]
                if zone["condition"] == "serving" and zone["origin"] not in catalogs}

    def wait_served(self, *names, timeout=20):
        wait_until(lambda: self.served() == set(names), timeout,
                   f"{names} are served, not {self.served()}; {self.whole_status()['catalogs']}")


def remote(table, port, key=True):
    return f'[[{table}]]\naddress = "127.0.0.1@{port}"\n' + (f'key = "{KEY_NAME}"\n' if key else "")


def access(table):
    return f'[[{table}]]\nfrom = "127.0.0.0/8"\nkey = "{KEY_NAME}"\n'


def zone(name, anchors, primary, subscriber=None, groups=()):
    text = f'[[zone]]\nname = "{name}"\nanchor = "{anchors}"\ncatalog-groups = {json.dumps(list(groups))}\n'
    text += remote("zone.primary", primary.port) + access("zone.allow-transfer")
    return text + (remote("zone.subscriber", subscriber) if subscriber else "")


def made_catalog(subscriber=None, name=CATALOG, more=""):
    text = f'[[catalog]]\nname = "{name}"\n{more}' + access("catalog.allow-transfer")
    return text + (remote("catalog.subscriber", subscriber) if subscriber else "")


def followed_catalog(anchors, primary_port, member_port=None, name=CATALOG, subscriber=None, more="", member=""):
    """`member_port`: of the members' primary, if that is another than the catalog's."""
    text = f'[[catalog]]\nname = "{name}"\n{more}' + remote("catalog.primary", primary_port)
    text += access("catalog.allow-transfer") + (remote("catalog.subscriber", subscriber) if subscriber else "")
    text += f'[[catalog.member]]\nanchor = "{anchors}"\n{member}'
    text += remote("catalog.member.primary", member_port) if member_port else ""
    return text + access("catalog.member.allow-transfer") + (
        remote("catalog.member.subscriber", subscriber) if subscriber else "")


def nsd_primary(peers, zones, *ports):
    """Serves all the zones, and tells whoever is at `ports`."""
    notify = "".join(f"  notify: 127.0.0.1@{port} {KEY_NAME}\n" for port in ports)
    return peers(Nsd).start(NSD_KEY + "".join(
        f'zone:\n  name: "{name}"\n  zonefile: "{zones.file(name)}"\n  provide-xfr: 127.0.0.0/8 {KEY_NAME}\n{notify}'
        for name in zones.keys))


def fetch(server, name, keyring=KEYRING):
    return dns.zone.from_xfr(dns.query.xfr(server.address, name, port=server.port, keyring=keyring, timeout=5, relativize=False,
                                           lifetime=10), relativize=False, check_origin=False)


def members(server, name=CATALOG):
    """Zone -> id, as a transfer has them."""
    return {rdata.target.to_text(): owner.to_text().split(".")[0]
            for owner, _, rdata in fetch(server, name).iterate_rdatas("PTR")}


# ---- others follow ours ----------------------------------------------------------------------------------------


def bind_follower(peers, port, ours):
    return peers(Bind, port=port).start(
        BIND_KEY + f'zone "{CATALOG}" {{ type secondary; file "catalog"; '
        f'primaries {{ 127.0.0.1 port {ours} key "{KEY_NAME}"; }}; allow-notify {{ 127.0.0.1; }}; }};\n',
        options=f'catalog-zones {{ zone "{CATALOG}" default-primaries {{ 127.0.0.1 port {ours} key "{KEY_NAME}"; }} '
        'in-memory yes min-update-interval 1; };\n allow-notify { 127.0.0.1; };')


def knot_follower(peers, port, ours):
    return peers(Knot, port=port).start(
        KNOT_KEY + f"""
remote:
  - id: ours
    address: 127.0.0.1@{ours}
    key: {KEY_NAME}
acl:
  - id: ours
    key: {KEY_NAME}
    action: notify
template:
  - id: member
    master: ours
    acl: ours
    storage: "{peers.folder}"
zone:
  - domain: {CATALOG}
    master: ours
    acl: ours
    catalog-role: interpret
    catalog-template: member
""")


@pytest.mark.parametrize("follower", [bind_follower, knot_follower])
def test_another_server_follows_a_catalog_that_we_make(follower, peers, programs, zones, tmp_path):
    peers.folder = tmp_path / "members"
    peers.folder.mkdir()
    ours, theirs = free_port(), free_port()
    primary = nsd_primary(peers, zones, ours)

    def config(*names):
        return "".join(zone(name, zones.anchors, primary, theirs) for name in names) + made_catalog(theirs)

    node = peers(Node, programs=programs, port=ours).start_with(config("a.test.", "b.test."))
    node.wait_served("a.test.", "b.test.")
    peer = follower(peers, theirs, ours)
    for name in ("a.test.", "b.test."):
        peer.wait_serial(name, 1)
    answer = peer.ask("serial.a.test.", "TXT")
    assert answer.flags & dns.flags.AA and answer.answer, answer

    before = members(node)
    node.reload_with(config("b.test.", "c.test."))
    peer.wait_serial("c.test.", 1)
    wait_until(lambda: peer.serial("a.test.") is None, 20, "the follower has forgotten the zone that is gone")
    assert peer.serial("b.test.") == 1
    after = members(node)
    assert set(after) == {"b.test.", "c.test."} and after["b.test."] == before["b.test."]

    # It still follows what happens in a member.
    zones.version("b.test.")
    primary.reload()
    peer.wait_serial("b.test.", 2)


def test_a_catalog_that_we_make_is_answered_to_those_alone_who_may_fetch_it(peers, programs, zones):
    primary = nsd_primary(peers, zones)
    node = peers(Node, programs=programs).start_with(
        zone("a.test.", zones.anchors, primary, groups=["x", "y"]) + made_catalog())
    node.wait_served("a.test.")
    wait_until(lambda: node.catalog()["members"] == 1, 20, "the catalog has its member")

    query = dns.message.make_query(CATALOG, "SOA")
    for tcp in (False, True):
        refused = node.exchange(query, tcp=tcp)
        assert refused.rcode() == dns.rcode.REFUSED and not refused.answer
    assert node.ask(f"version.{CATALOG}", "TXT").rcode() == dns.rcode.REFUSED
    assert node.ask("serial.a.test.", "TXT").rcode() == dns.rcode.NOERROR
    with pytest.raises(dns.exception.DNSException):
        fetch(node, CATALOG, keyring=None)

    query.use_tsig(KEYRING)
    answer = node.exchange(query)
    assert answer.rcode() == dns.rcode.NOERROR and answer.flags & dns.flags.AA and answer.answer
    (member,) = members(node).values()
    text = fetch(node, CATALOG).to_text()
    assert 'version 0 IN TXT "2"' in text
    assert all(f'group.{member}.zones 0 IN TXT "{group}"' in text for group in "xy")

    took = re.search(rf'zonewright_zone_publish_seconds_sum{{zone="{CATALOG}"}} (\S+)', node.http("/metrics")[1])
    assert float(took.group(1)) < 60  # from when it was made, not from some other time

    # A reload and a restart that change no member change no serial.
    serial = node.catalog()["serial"]
    node.reload()
    node.wait_log("reloaded")
    node.stop()
    node.restart().wait_served("a.test.")
    wait_until(lambda: node.catalog()["serial"], 20, "the catalog is there again")
    assert node.catalog()["serial"] == serial and members(node) == {"a.test.": member}


def test_a_new_member_is_told_when_it_is_served(peers, programs, zones):
    primary = nsd_primary(peers, zones)
    first = zone("a.test.", zones.anchors, primary) + made_catalog()
    node = peers(Node, programs=programs).start_with(first)
    node.wait_served("a.test.")
    wait_until(lambda: node.catalog()["members"] == 1, 20, "the catalog has its member")
    late = peers(Nsd)
    node.reload_with(first + zone("b.test.", zones.anchors, late))
    wait_until(lambda: len(node.whole_status()["zones"]) == 3, 20, "the new configuration is in use")
    assert set(members(node)) == {"a.test."}
    late.start(NSD_KEY + f'zone:\n  name: "b.test."\n  zonefile: "{zones.file("b.test.")}"\n'
               f"  provide-xfr: 127.0.0.0/8 {KEY_NAME}\n")
    node.reload()
    wait_until(lambda: set(members(node)) == {"a.test.", "b.test."}, 60, "the catalog has both")


# ---- ours follows others ---------------------------------------------------------------------------------------


class BindMaker:
    """A catalog written by hand, served by BIND with its members."""

    def __init__(self, peers, zones, subscriber):
        self.file, self.serial = zones.folder / "catalog.zone", 0
        self.write({"u1": "a.test.", "u2": "b.test."})
        told = f'also-notify {{ 127.0.0.1 port {subscriber} key "{KEY_NAME}"; }}; notify explicit;'
        self.peer = peers(Bind).start(
            BIND_KEY + "".join(f'zone "{name}" {{ type primary; file "{file}"; {told} }};\n'
                               for name, file in [(CATALOG, self.file), *((name, zones.file(name)) for name in zones.keys)]),
            options=f'allow-transfer {{ key "{KEY_NAME}"; }}; notify-delay 0;')

    def write(self, ids, version="2", more=""):
        self.serial += 1
        self.file.write_text(
            f"$TTL 0\n{CATALOG} IN SOA invalid. invalid. {self.serial} 3600 1 2147483646 0\n{CATALOG} IN NS invalid.\n"
            f'version.{CATALOG} IN TXT "{version}"\n'
            + "".join(f"{label}.zones.{CATALOG} IN PTR {name}\n" for label, name in ids.items()) + more)

    def publish(self, ids, **options):
        self.write(ids, **options)
        self.peer.control("reload")


class KnotMaker:
    """A catalog that Knot generates."""

    def __init__(self, peers, zones, subscriber):
        self.zones, self.subscriber = zones, subscriber
        self.peer = peers(Knot)
        self.peer.start(self.config("a.test.", "b.test."))

    def config(self, *names):
        return KNOT_KEY + f"""
remote:
  - id: follower
    address: 127.0.0.1@{self.subscriber}
    key: {KEY_NAME}
acl:
  - id: follower
    key: {KEY_NAME}
    action: transfer
zone:
  - domain: {CATALOG}
    catalog-role: generate
    notify: follower
    acl: follower
""" + "".join(f"""
  - domain: {name}
    file: "{self.zones.file(name)}"
    notify: follower
    acl: follower
    catalog-role: member
    catalog-zone: {CATALOG}
""" for name in names)

    def publish(self, ids):
        conf = self.peer.folder / "knot.conf"
        text = conf.read_text()
        conf.write_text(text[:text.index("key:")] + self.config(*ids.values()))
        self.peer.control("reload")


@pytest.mark.parametrize("maker", [BindMaker, KnotMaker])
def test_we_follow_a_catalog_that_another_server_makes(maker, peers, programs, zones):
    port = free_port()
    made = maker(peers, zones, port)
    node = peers(Node, programs=programs, port=port).start_with(followed_catalog(zones.anchors, made.peer.port))
    node.wait_served("a.test.", "b.test.")
    answer = node.ask("serial.a.test.", "TXT")
    assert answer.flags & dns.flags.AA and answer.answer
    assert (node.folder / "state" / "a.test.zone").exists()

    made.publish({"u2": "b.test.", "u3": "c.test."})
    node.wait_served("b.test.", "c.test.")
    assert node.ask("serial.a.test.", "TXT").rcode() == dns.rcode.REFUSED
    wait_until(lambda: not list((node.folder / "state").glob("a.test.*")), 10, "nothing is left of the zone")

    # A kill does not lose them, even when the catalog's primary is gone.
    made.peer.stop()
    node.kill()
    # Nor does one in the midst of a removal leave anything behind.
    state = node.folder / "state"
    (state / "gone.test.log").write_text("")
    kept = json.loads((state / "members").read_text())
    (state / "members").write_text(json.dumps(kept | {"forgotten": ["gone.test."]}))
    node.restart().wait_served("b.test.", "c.test.")
    wait_until(lambda: not (state / "gone.test.log").exists(), 10, "what was being removed is gone")


def test_a_broken_catalog_leaves_all_as_it_is_and_is_told(peers, programs, zones):
    port = free_port()
    made = BindMaker(peers, zones, port)
    node = peers(Node, programs=programs, port=port).start_with(followed_catalog(zones.anchors, made.peer.port))
    node.wait_served("a.test.", "b.test.")
    # BIND refuses some of these as zones or logs them as catalogs; it serves them all.
    made.publish({"u3": "c.test."}, version="1")
    node.wait_log("catalog-version-unknown: version.catalog.invalid. TXT")
    made.publish({"u3": "c.test.", "u4": "c.test."})
    node.wait_log("catalog-member-twice")
    assert node.served() == {"a.test.", "b.test."}
    made.publish({"u1": "a.test."})
    node.wait_served("a.test.")


def test_a_member_with_another_id_begins_anew(peers, programs, zones):
    port = free_port()
    made = BindMaker(peers, zones, port)
    node = peers(Node, programs=programs, port=port).start_with(followed_catalog(zones.anchors, made.peer.port))
    node.wait_served("a.test.", "b.test.")
    # An older version is refused, unless the zone begins anew.
    zones.serials["a.test."] = -1
    zones.version("a.test.")
    made.peer.control("reload")
    made.publish({"u1": "a.test.", "u2": "b.test."})
    made.publish({"u9": "a.test.", "u2": "b.test."})
    node.wait_log("member begins anew")
    node.wait_served("a.test.", "b.test.")
    node.wait_serial("a.test.", 0)
    # Also if that happens while we are away.
    node.kill()
    zones.serials["a.test."] = 2**32 - 3
    zones.version("a.test.")
    made.publish({"u1": "a.test.", "u2": "b.test."})
    node.restart()
    node.wait_serial("a.test.", 2**32 - 2)


def test_a_catalog_that_loses_most_of_its_members_is_held_back(peers, programs, zones):
    for i in range(8):
        zones.version(f"z{i}.test.")
    port = free_port()
    made = BindMaker(peers, zones, port)
    many = {f"z{i}": f"z{i}.test." for i in range(8)}
    made.publish(many)
    config = followed_catalog(zones.anchors, made.peer.port)
    node = peers(Node, programs=programs, port=port).start_with(config)
    node.wait_served(*many.values())
    made.publish({})
    wait_until(lambda: "removes or resets 8 of 8 members" in node.catalog()["fault"], 20, "it is held back")
    assert node.served() == set(many.values())
    # Also after a restart; the operator decides.
    node.kill()
    node.restart().wait_served(*many.values())
    wait_until(lambda: "most-removed is 50 percent" in node.catalog()["fault"], 20, "it is held back still")
    node.reload_with(followed_catalog(zones.anchors, made.peer.port, more="most-removed = 100\n"))
    node.wait_served()
    assert node.catalog()["fault"] == ""


def test_members_that_cannot_be_kept_are_told(peers, programs, zones):
    port = free_port()
    made = BindMaker(peers, zones, port)
    anchors = zones.folder / "some-anchors"
    anchors.write_text("".join(line for line in zones.anchors.read_text().splitlines(True) if not line.startswith("b.test.")))
    static = zone("a.test.", anchors, made.peer)
    node = peers(Node, programs=programs, port=port).start_with(
        static + followed_catalog(anchors, made.peer.port, member='group = "other"\n'))
    wait_until(lambda: node.catalog()["ignored"] == 2, 20, "both members are ignored")
    notes = {note["zone"]: note["what"] for note in node.catalog()["notes"]}
    assert "stands in the configuration" in notes["a.test."] and "no [[catalog.member]]" in notes["b.test."]
    node.reload_with(static + followed_catalog(anchors, made.peer.port))
    wait_until(lambda: any("holds no trust anchor" in note["what"] for note in node.catalog()["notes"]), 20,
               "the anchor is missed")
    assert node.served() == {"a.test."}
    metrics = node.http("/metrics")[1]
    assert f'zonewright_catalog_ignored_members_count{{catalog="{CATALOG}"}} 2' in metrics


def test_groups_say_how_members_are_kept(peers, programs, zones):
    port = free_port()
    made = BindMaker(peers, zones, port)
    made.publish({"u1": "a.test.", "u2": "b.test."}, more=f'group.u1.zones.{CATALOG} IN TXT "open"\n')
    config = followed_catalog(zones.anchors, made.peer.port) + (
        f'[[catalog.member]]\ngroup = "open"\nanchor = "{zones.anchors}"\n'
        '[[catalog.member.allow-transfer]]\nfrom = "127.0.0.0/8"\n')
    node = peers(Node, programs=programs, port=port).start_with(config)
    node.wait_served("a.test.", "b.test.")
    assert fetch(node, "a.test.", keyring=None)
    with pytest.raises(dns.exception.DNSException):
        fetch(node, "b.test.", keyring=None)


def test_a_member_moves_to_another_catalog_only_if_the_first_lets_it(peers, programs, zones):
    port = free_port()
    made = BindMaker(peers, zones, port)
    other = peers(Node, programs=programs).start_with(
        zone("a.test.", zones.anchors, made.peer) + made_catalog(port, name="other.invalid."))
    other.wait_served("a.test.")
    first = followed_catalog(zones.anchors, made.peer.port)
    second = followed_catalog(zones.anchors, other.port, member_port=made.peer.port, name="other.invalid.")
    node = peers(Node, programs=programs, port=port).start_with(first)
    node.wait_served("a.test.", "b.test.")
    node.reload_with(first + second)
    wait_until(lambda: node.catalog("other.invalid.")["ignored"] == 1, 20, "the name clash is told")
    assert node.catalog("other.invalid.")["members"] == 0
    made.publish({"u1": "a.test.", "u2": "b.test."}, more=f"coo.u1.zones.{CATALOG} IN PTR other.invalid.\n")
    node.wait_log("member moved")
    node.wait_served("a.test.", "b.test.")
    made.publish({"u2": "b.test."})
    wait_until(lambda: node.catalog()["serial"] == made.serial, 20, "the catalog has come")
    node.wait_served("a.test.", "b.test.")
    assert node.catalog("other.invalid.")["members"] == 1


class UpgradedNode(Node, Upgraded):
    pass


def test_a_process_that_takes_over_keeps_the_members_and_follows_on(peers, programs, zones):
    port = free_port()
    made = BindMaker(peers, zones, port)
    node = peers(UpgradedNode, programs=programs, port=port).start_with(
        followed_catalog(zones.anchors, made.peer.port) + made_catalog(name="own.invalid."))
    node.wait_served("a.test.", "b.test.")
    wait_until(lambda: node.catalog("own.invalid.")["members"] == 2, 20, "our own catalog has both")
    serial = node.catalog("own.invalid.")["serial"]
    node.take_over()
    node.wait_served("a.test.", "b.test.")
    assert node.catalog("own.invalid.")["serial"] == serial
    made.publish({"u2": "b.test.", "u3": "c.test."})
    node.wait_served("b.test.", "c.test.")
    wait_until(lambda: set(members(node, "own.invalid.")) == {"b.test.", "c.test."}, 20, "our own catalog follows")
    wait_until(lambda: not list((node.folder / "state").glob("a.test.*")), 10, "nothing is left of the zone")
    node.wait_former()


# ---- ours behind ours ------------------------------------------------------------------------------------------


def test_three_of_ours_in_a_row_keep_what_the_first_says(peers, programs, zones):
    ports = [free_port() for _ in range(3)]
    primary = nsd_primary(peers, zones, ports[0])

    def config(*names):
        return "".join(zone(name, zones.anchors, primary, ports[1]) for name in names) + made_catalog(ports[1])

    first = peers(Node, programs=programs, port=ports[0]).start_with(config("a.test."))
    second = peers(Node, programs=programs, port=ports[1]).start_with(
        followed_catalog(zones.anchors, ports[0], subscriber=ports[2]))
    third = peers(Node, programs=programs, port=ports[2]).start_with(followed_catalog(zones.anchors, ports[1]))
    third.wait_served("a.test.", timeout=30)
    first.reload_with(config("a.test.", "b.test.", "c.test."))
    third.wait_served("a.test.", "b.test.", "c.test.", timeout=30)
    zones.version("c.test.")
    primary.reload()
    third.wait_serial("c.test.", 2)
    second.kill()
    second.restart().wait_served("a.test.", "b.test.", "c.test.")
    first.reload_with(config("b.test."))
    third.wait_served("b.test.", timeout=30)
    assert members(first) == members(second) == members(third)


def test_many_members_that_begin_together_are_fetched_a_few_at_a_time(peers, programs, zones):
    names = [f"m{i}.test." for i in range(40)]
    for name in names:
        zones.version(name)
    ports = [free_port() for _ in range(2)]
    primary = nsd_primary(peers, zones, ports[0])
    first = peers(Node, programs=programs, port=ports[0]).start_with(
        "".join(zone(name, zones.anchors, primary) for name in names) + made_catalog()
        + "[tcp]\nof-client = 20\n")
    first.wait_served(*names)
    second = peers(Node, programs=programs, port=ports[1]).start_with(followed_catalog(zones.anchors, ports[0]))
    second.wait_served(*names)
    assert "transfer failed" not in second.log()
