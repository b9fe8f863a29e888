"""Secret URLs of the portal: software that takes no zone transfer downloads the zone by one, and the page says so.

All of it happens in a network namespace where lo is the only way, as in test_localroot_portal."""

import re
import subprocess
import time

import pytest
from localroot_peer import Localroot
from peers import wait_until
from portal_service import wait_page
from test_localroot_advice import OURS, THEIRS, UPSTREAM, has, start_kresd, start_pdns, start_unbound
from test_localroot_portal import Offering, held

pytestmark = pytest.mark.alone

AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
HTTPS = "fetches over HTTPS"


class Downloading(Offering):
    """The service has an address for downloads, and says so; nobody has a token in its configuration."""

    def start(self):
        self.certificate = self.authority.certificate("zones.test", address=OURS)
        super().start(self.tls(self.certificate), top=f'listen-https = ["{OURS}"]\n', portal=f'downloads = "https://{OURS}"\n')

    @staticmethod
    def tls(certificate):
        return f'[tls]\ncertificate = "{certificate.file}"\nkey = "{certificate.key}"\n'

    def believed(self, text):
        return text.replace(AUTHORITIES, str(self.authority.file))

    def make_url(self):
        """A new one for the server; the page shows it this once."""
        self.person.get(self.server).post(f"{self.server}/download")
        assert self.person.status == 200, self.person.text
        return re.search(rf">(https://{OURS}/zones/\w+/ROOT.zone)<", self.person.text).group(1)

    def curl(self, url, source=THEIRS, *words):
        """The status."""
        done = subprocess.run(["curl", "-s", "-S", "--noproxy", "*", "--interface", source, "--cacert", self.authority.file, "-o",
                               self.folder / "body", "-w", "%{http_code}", *words, url],
                              capture_output=True, text=True, timeout=30, check=True)
        return int(done.stdout)

    def wait_url(self, url, status=200):
        """For how long it was otherwise, in seconds."""
        begun = time.monotonic()
        wait_until(lambda: self.curl(url) == status, 20, f"the URL is answered by {status}")
        return time.monotonic() - begun


@pytest.fixture
def offering(peers, programs, maker, mail_server, tmp_path):
    return Downloading(peers, programs, maker, mail_server, tmp_path)


def test_knot_resolver_registers_and_its_page_says_what_it_holds(offering):
    offering.register(key=False)
    person, server = offering.person, offering.server
    cannot = person.get(f"{server}/configuration?for=knot-resolver-5&zone=1").text
    assert "has no URL for downloads yet" in cannot and "<pre" not in cannot
    url = offering.make_url()
    assert url not in person.get(server).text
    resolver = start_kresd(offering)
    assert url in (offering.folder / "written-knot-resolver-5/etc/knot-resolver/localroot.lua").read_text()
    offering.ours.wait_log('"?zone downloaded"? .*label=server/1 client=' + THEIRS)
    resolver.wait_log("import started")
    has(resolver, offering.version)
    page = wait_page(person, server, held(offering.version))
    assert HTTPS in page and "the newest" in page and "over HTTPS" in page and ">active<" not in page, page
    assert "All is well" in person.get("/").text
    assert url.split("/")[4] not in offering.ours.log()


def test_unbound_downloads_and_the_next_version_is_seen(offering):
    """Its page has the serial of the next version, which nobody tells it of: it asks each few seconds."""
    offering.register(key=False)
    person, server = offering.person, offering.server
    offering.maker.plain, changed = re.subn(r"\b1800(\s*; refresh)", r"2\1", offering.maker.plain)
    assert changed == 1
    offering.publish()
    offering.make_url()
    unbound, keeps = start_unbound(offering, "unbound-https")
    keeps(unbound, offering.version)
    page = wait_page(person, server, held(offering.version))
    assert HTTPS in page and "the newest" in page, page
    keeps(unbound, offering.publish(), timeout=30)
    assert "the newest" in wait_page(person, server, held(offering.version))


def test_pdns_recursor_with_a_key_downloads(offering):
    offering.register(key=True)
    offering.make_url()
    recursor = start_pdns(offering)
    recursor.wait_log("Loaded zone into cache", 60)
    recursor.wait_log('ZONEMD digest validation.*validationSuccess="1"')
    has(recursor, offering.version)
    assert HTTPS in wait_page(offering.person, offering.server, held(offering.version))


def test_a_url_comes_and_goes_without_a_restart(offering):
    offering.register(key=False)
    person, server = offering.person, offering.server
    first = offering.make_url()
    offering.wait_url(first)
    second = offering.make_url()
    assert second != first
    assert offering.wait_url(first, 404) < 5  # within a second, or a few on a machine that is busy
    assert offering.curl(second) == 200
    assert offering.curl(second.replace("ROOT", "com")) == 404
    secret = second.rsplit("/", 2)[1]
    assert offering.curl(second.replace(secret, secret.upper())) == 404
    person.get(server).follow(f"{server}/disable")
    offering.wait_url(second, 404)
    person.get(server).follow(f"{server}/enable")
    offering.wait_url(second)
    person.get(server).follow(f"{server}/download/delete")
    took = offering.wait_url(second, 404)
    print(f"404 after {took:.2f} s")
    assert took < 5
    third = offering.make_url()
    offering.wait_url(third)
    person.get(f"{server}/delete").follow(f"{server}/delete")
    offering.wait_url(third, 404)


def test_only_a_whole_download_from_the_address_of_the_server_counts(offering):
    offering.register(key=False)
    person, server = offering.person, offering.server
    url = offering.make_url()
    offering.wait_url(url, 200)  # from there, but let us begin anew
    wait_page(person, server, HTTPS)
    person.get(f"{server}/edit").follow(f"{server}/edit", label="moved", addresses=UPSTREAM, key="none", **{"zone-1": "0"})
    assert HTTPS not in person.get(server).text
    assert offering.curl(url) == 200  # from anywhere; from where it is not registered, it says nothing
    assert offering.curl(url, UPSTREAM, "-r", "0-99") == 206 and offering.curl(url, UPSTREAM, "-I") == 200
    time.sleep(1.5)  # longer than a report waits
    assert "Last transfer</dt><dd>none yet" in person.get(server).text
    assert offering.curl(url, UPSTREAM) == 200
    assert "the newest" in wait_page(person, server, held(offering.version))
    tag = str(offering.version.serial)
    assert offering.curl(url, UPSTREAM, "-H", f'If-None-Match: "{tag}"') == 304


def test_a_url_is_good_at_each_engine_and_after_a_kill_and_a_take_over(offering, peers, programs):
    offering.register(key=False)
    url = offering.make_url()
    offering.wait_url(url)
    second = peers(Localroot, folder="second", programs=programs, address=UPSTREAM, port=5300)
    second.start(".", offering.maker.anchor, [offering.upstream], allow='from = "203.0.113.1"',
                 more=offering.tls(offering.authority.certificate("zones.test", address=UPSTREAM)), top=f"""
listen-https = ["{UPSTREAM}"]
[portal]
enabled = true
share = "2/2"
downloads = "https://{UPSTREAM}"
[portal.store]
database = "sqlite:{offering.ours.folder}/state/portal.db"
""")
    second.wait_serving(offering.version.serial)
    offering.wait_url(url.replace(OURS, UPSTREAM))
    assert HTTPS in wait_page(offering.person, offering.server, held(offering.version))
    ours = offering.ours
    ours.kill()
    ours.restart()
    ours.wait_serving(offering.version.serial)
    offering.wait_url(url)
    ours.take_over()
    offering.wait_url(url)
