"""The portal of a running service: who registers is let in, told and shown, at once and without a restart.

Each resolver takes its configuration from the portal's pages, as its operator would. All of it happens in a network
namespace where lo is the only way, with addresses and ports as in the world."""

import re
import shutil

import pytest
from certificates import Authority
from localroot_peer import republish, run
from peers import Nsd
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
        # Nobody may fetch, but for who the portal says.
        self.portal.start(".", maker.anchor, [self.upstream], allow='from = "203.0.113.1"',
                          more=f'[[zone.allow-notify]]\nfrom = "198.18.0.0/15"\n')
        self.ours.wait_serving(self.version.serial)

    def register(self, key, address=THEIRS):
        self.person = self.portal.person("ada@example.net")
        self.key = self.person.make_key()[0].rsplit("/", 1)[1] if key else "none"
        self.server = self.person.add_server(addresses=address, key=self.key)
        return self

    def config(self, target, *_):
        """The files of the portal's page, each at the end of its path below a folder of ours."""
        page, out, kept = f"{self.server}/configuration", self.folder / f"written-{target}", self.folder / "kept"
        kept.mkdir()
        secret = "yes" if self.key != "none" else "no"
        self.person.get(f"{page}?for={target}&zone=1")
        assert "<pre" in self.person.text, self.person.text
        if self.key != "none":
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
                          self.person.text)
            file.write_text(text if target == "unbound-knot" else text.replace("/var/lib/knot", str(kept)))
            files.append(file)
        return files

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
    has(recursor, offering.version)
    wait_page(offering.person, offering.server, ">active<")
