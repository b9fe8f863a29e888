"""The portal of a running service: who registers is let in, told and shown, at once and without a restart.

Each resolver takes its configuration from the portal's pages, as its operator would. All of it happens in a network
namespace where lo is the only way, with addresses and ports as in the world."""

import re
import shutil
import time

import dns.query
import dns.tsig
import dns.tsigkeyring
import dns.xfr
import dns.zone
import pytest
from certificates import Authority
from localroot_peer import Localroot, republish, run
from peers import Nsd, PeerError, wait_until
from portal_service import LivePortal, wait_page
from test_localroot_advice import (FOLLOWERS, OURS, THEIRS, UPSTREAM, has, start_pdns)

pytestmark = pytest.mark.alone


class Offering:
    """A service with a portal, and somebody who registers a server there; the rest is as in test_localroot_advice."""

    def __init__(self, peers, programs, maker, mail_server, folder):
        for address in (OURS, THEIRS, UPSTREAM):
            run("ip", "address", "add", f"{address}/32", "dev", "lo")
        # Who does not say from where it asks us has the address that is registered.
        run("ip", "route", "replace", "local", OURS, "dev", "lo", "table", "local", "src", THEIRS)
        self.peers, self.programs, self.maker, self.folder = peers, programs, maker, folder
        self.authority = Authority(folder / "authority")
        self.version = maker.version()
        self.zone = shutil.copy(self.version.file, folder / "root.zone")
        self.upstream = peers(Nsd, folder="upstream", address=UPSTREAM, port=53).start(
            f'zone:\n  name: "."\n  zonefile: "{self.zone}"\n  provide-xfr: 198.18.0.0/15 NOKEY\n')
        self.portal = LivePortal(peers, programs, mail_server, address=OURS, port=53)
        self.ours = self.portal.ours
        self.start()
        self.ours.wait_serving(self.version.serial)

    def start(self, more="", **options):
        # Nobody may fetch, but for who the portal says.
        self.portal.start(".", self.maker.anchor, [self.upstream], allow='from = "203.0.113.1"',
                          more=f'[[zone.allow-notify]]\nfrom = "198.18.0.0/15"\n{more}', **options)

    def register(self, key, address=THEIRS):
        self.person = self.portal.person("ada@example.net")
        self.key = self.person.make_key()[0].rsplit("/", 1)[1] if key else "none"
        self.server = self.person.add_server(addresses=address, key=self.key)
        return self

    def config(self, target, *_):
        """The files of the portal's page, each at the end of its path below a folder of ours."""
        page, out, kept = f"{self.server}/configuration", self.folder / f"written-{target}", self.folder / "kept"
        kept.mkdir()
        self.person.get(f"{page}?for={target}&zone=1")
        assert "<pre" in self.person.text, self.person.text
        has_secret = "Make it with the secret" in self.person.text
        secret = "yes" if has_secret else "no"
        if has_secret:
            self.person.post(page, **{"for": target, "zone": "1", "secret": secret})
        assert self.person.status == 200, self.person.text
        shown = self.person.text
        paths, files = re.findall(r'<h2 id="file-\d+"><code>([^<]+)<', shown), []
        for which, path in enumerate(paths):
            self.person.text = shown
            self.person.post(f"{page}/file", **{"for": target, "zone": "1", "file": str(which), "secret": secret})
            assert self.person.status == 200, self.person.text
            file = out / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            # Nothing goes to where the system keeps its copies; who starts the side-car of Knot sees to its database.
            text = re.sub(r"/var/(lib|cache)/(bind|unbound|nsd)\b|/var/lib/zonewright-localroot|/var/lib/knot(?=/)", str(kept),
                          self.believed(self.person.text))
            file.write_text(text if target == "unbound-knot" else text.replace("/var/lib/knot", str(kept)))
            files.append(file)
        return files

    @staticmethod
    def believed(text):
        """With who vouches for us in this test."""
        return text

    def publish(self):
        self.version = self.maker.version()
        republish(self.version, self.zone, self.upstream, self.ours)
        return self.version


@pytest.fixture
def offering(peers, programs, maker, mail_server, tmp_path):
    return Offering(peers, programs, maker, mail_server, tmp_path)


WITHOUT_TLS = {name: how for name, how in FOLLOWERS.items() if "TLS" not in name and "HTTPS" not in name}


def held(version):
    return f"Serial held</dt><dd>{version.serial},"


@pytest.mark.parametrize("name", WITHOUT_TLS)
def test_who_registers_is_active_with_its_first_transfer_and_told_of_the_next_version(offering, name):
    start, key = WITHOUT_TLS[name]
    offering.register(key, f"{THEIRS}@5301" if "with" in name else THEIRS)
    person, server = offering.person, offering.server
    assert ">active<" not in person.get(server).text
    peer, judge = start(offering)
    judge(peer, offering.version)
    assert ">active<" in wait_page(person, server, held(offering.version))
    judge(peer, offering.publish(), timeout=20)  # the zone's refresh is half an hour
    page = wait_page(person, server, held(offering.version))
    assert "the newest" in page, page
    wait_page(person, server, "Its answer</dt><dd>")


@pytest.mark.parametrize("key", [False, True], ids=["without a key", "with a key"])
def test_pdns_recursor_registers_and_has_the_zone(offering, key):
    offering.register(key)
    recursor = start_pdns(offering)
    recursor.wait_log("Loaded zone into cache", 60)  # else that names are not there is remembered
    has(recursor, offering.version)
    wait_page(offering.person, offering.server, ">active<")


def fetch(server, keyring=None, source=THEIRS):
    """The serial of a whole transfer, or None if it was refused."""
    try:
        zone = dns.zone.from_xfr(dns.query.xfr(server.address, ".", port=server.port, keyring=keyring, source=source, lifetime=10,
                                               relativize=False), relativize=False)
    except (dns.xfr.TransferError, dns.tsig.PeerError):
        return None
    return zone.get_soa().serial


def wait_fetch(server, keyring, version):
    """Who registers is let in within a second, and on a busy machine later."""
    wait_until(lambda: fetch(server, keyring) == version.serial, 20, "the key is known")


def keyring_of(offering):
    file, = offering.config("bind-9.18")
    name, secret = re.search(r'key "([^"]+)" \{[^}]*secret "([^"]+)"', file.read_text(), re.DOTALL).groups()
    return dns.tsigkeyring.from_text({name: secret})


def test_only_who_signs_by_a_key_that_is_there_fetches_and_a_deleted_server_no_more(offering):
    offering.register(key=True)
    ours, keyring = offering.ours, keyring_of(offering)
    person, server = offering.person, offering.server
    assert fetch(ours) is None and fetch(ours, source=UPSTREAM) is None
    other = dns.tsigkeyring.from_text({"k1.localroot.": "b3RoZXI="})
    assert fetch(ours, other) is None
    wait_fetch(ours, keyring, offering.version)
    wait_page(person, server, ">active<")
    person.get(f"{server}/delete").follow(f"{server}/delete")
    wait_until(lambda: fetch(ours, keyring) is None, 20, "who is not registered any more is refused")


def test_what_was_proven_is_there_after_a_kill_and_a_take_over(offering):
    offering.register(key=True)
    ours, keyring = offering.ours, keyring_of(offering)
    person, server = offering.person, offering.server
    wait_fetch(ours, keyring, offering.version)
    wait_page(person, server, ">active<")
    ours.kill()
    ours.restart()
    ours.wait_serving(offering.version.serial)
    wait_fetch(ours, keyring, offering.version)
    assert ">active<" in wait_page(person, server, held(offering.version))
    ours.take_over()

    def has_pages():
        try:
            return person.get(server).status == 200
        except OSError:
            return False

    wait_until(has_pages, 40, "the pages are there again")
    assert fetch(ours, keyring) == offering.version.serial


def test_after_a_restart_who_has_not_heard_of_the_version_is_told_of_it_and_nobody_else(offering):
    start, key = WITHOUT_TLS["zonewright"]
    offering.register(key)
    ours, before = offering.ours, offering.version
    offering.person.add_server(label="never here", addresses=UPSTREAM, key=offering.key)  # no transfer, no NOTIFY
    theirs, judge = start(offering)
    judge(theirs, before)
    wait_page(offering.person, offering.server, held(before))

    def told_after_a_restart(done=lambda subscriber: True, pause=0.0):
        """What its only subscriber was told."""
        if ours.process:
            ours.kill()
        ours.restart()
        ours.wait_serving(offering.version.serial)
        ours.wait_status(lambda zone: any(map(done, zone["subscribers"])), "the subscriber is known and told", timeout=30)
        time.sleep(pause)
        subscriber, = ours.status()["subscribers"]
        assert subscriber["address"] == f"{THEIRS}@53"
        return subscriber["sent"]

    assert told_after_a_restart(pause=2) == 0
    theirs.stop()
    offering.publish()
    ours.wait_status(lambda zone: zone["subscribers"][0]["sent"] > 0, "it is told, and not there")
    ours.kill()
    theirs._begin()
    theirs.wait_serial(".", before.serial)
    assert told_after_a_restart(lambda subscriber: subscriber["answered"]) > 0
    judge(theirs, offering.version)
    wait_page(offering.person, offering.server, held(offering.version))
    assert told_after_a_restart(pause=2) == 0


def test_two_engines_share_a_portal_and_each_sees_what_the_other_was_asked(offering, peers, programs):
    offering.register(key=True)
    keyring = keyring_of(offering)
    second = peers(Localroot, folder="second", programs=programs, address=UPSTREAM, port=5300)
    second.start(".", offering.maker.anchor, [offering.upstream], allow='from = "203.0.113.1"', top=f"""
[portal]
enabled = true
share = "2/2"
[portal.store]
database = "sqlite:{offering.ours.folder}/state/portal.db"
""")
    second.wait_serving(offering.version.serial)
    wait_fetch(second, keyring, offering.version)
    assert ">active<" in wait_page(offering.person, offering.server, held(offering.version))


def test_who_is_made_an_administrator_sees_what_others_do_not(offering, programs):
    offering.register(key=False)
    person, config = offering.person, offering.ours.folder / "localroot.toml"
    command = [programs / "zonewright", "localroot", "portal", "admin", "--config", config]
    assert person.get("/admin/users").status == 404
    assert "an administrator" in run(*command, "ada@example.net")
    assert person.get("/admin/users").status == 200 and "ada@example.net" in person.text
    assert person.get("/admin/feed").status == 200
    run(*command, "ada@example.net", "--revoke")
    assert person.get("/admin/users").status == 404
    with pytest.raises(PeerError, match="nobody"):
        run(*command, "bob@example.net")


def test_a_database_that_is_away_keeps_nobody_from_the_zone_and_is_found_when_it_comes(peers, programs, maker, mail_server, tmp_path):
    for address in (OURS, UPSTREAM):
        run("ip", "address", "add", f"{address}/32", "dev", "lo")
    version = maker.version()
    upstream = peers(Nsd, folder="upstream", address=UPSTREAM, port=53).start(
        f'zone:\n  name: "."\n  zonefile: "{version.file}"\n  provide-xfr: 198.18.0.0/15 NOKEY\n')
    portal = LivePortal(peers, programs, mail_server, address=OURS, port=53)
    in_its_place = tmp_path / "portal.db"
    in_its_place.mkdir()
    portal.start(".", maker.anchor, [upstream], allow='from = "198.18.0.0/15"',
                 store=f'[portal.store]\ndatabase = "sqlite:{in_its_place}"\n')
    portal.ours.wait_serving(version.serial)
    assert fetch(portal.ours, source=UPSTREAM) == version.serial
    portal.ours.wait_log("no portal until its database can be reached")
    in_its_place.rmdir()
    portal.ours.wait_log("the portal's database can be reached", 30)
    assert portal.person("ada@example.net").get("/servers").status == 200
