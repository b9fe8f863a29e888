"""The whole way in Debian's browser, without anybody's hand in between: an operator registers, takes what the portal wrote
for a resolver, starts it, and sees on the page that it holds one version and the next."""

import re

import pytest
from peers import Bind, Unbound
from selenium.webdriver.common.by import By
from test_localroot_advice import MIRROR, THEIRS, accepted, has, keeps
from test_localroot_portal import Offering
from tour import Tour, fill, wait_for

pytestmark = pytest.mark.alone

PASSWORD = "correct horse battery"


class Operator:
    """Somebody who has a browser and a mailbox."""

    def __init__(self, chromium, portal, tour):
        self.chromium, self.portal, self.look = chromium, portal, tour.look

    def go(self, path):
        self.chromium.get(self.portal.origin + path)

    def click(self, words):
        before = self.chromium.find_element(By.TAG_NAME, "html")
        self.chromium.find_element(By.XPATH, f"//main//*[self::a or self::button][normalize-space()='{words}']").click()
        wait_for(self.chromium, lambda browser: browser.find_element(By.TAG_NAME, "html") != before)

    def sees(self, *words):
        """Waits until the page that is open says so, by itself."""
        wait_for(self.chromium, lambda browser: all(word in browser.find_element(By.TAG_NAME, "main").text for word in words))

    def sign_up(self, email):
        self.go("/")
        self.look("whole-1-home")
        self.go("/sign-up")
        wait_for(self.chromium, lambda browser: browser.execute_script(
            "return [...document.querySelectorAll('main form input')].some(input => 'worked' in input.dataset)"))
        fill(self.chromium, email=email)
        self.look("whole-2-mail-is-under-way")
        (recipient, _, _), = self.portal.mails(1)
        assert recipient == email
        self.go(self.portal.link(email))
        fill(self.chromium, password=PASSWORD)
        if "sign-in" in self.chromium.current_url:
            fill(self.chromium, email=email, password=PASSWORD)

    def make_key(self):
        self.go("/start")
        self.look("whole-3-start")
        self.click("Make a key")
        fill(self.chromium, label="resolvers in Prague")
        self.look("whole-4-key")

    def add_server(self, address):
        self.go("/start")
        self.click("Add a server")
        key = {"key": self.chromium.find_elements(By.CSS_SELECTOR, "select[name=key] option")[-1].get_attribute("value")}
        fill(self.chromium, label="resolver at home", addresses=address, **key)
        self.sees("waits for a transfer")
        self.look("whole-5-server")
        self.server = re.search(r"/servers/\d+", self.chromium.current_url).group(0)

    def configuration(self, software, secret):
        self.go(f"{self.server}/configuration")
        fill(self.chromium, **{"for": software})
        if secret:
            assert "SECRET" in self.chromium.find_element(By.CSS_SELECTOR, "main section pre").text.upper()
            self.click("Make it with the secret")
        self.look("whole-6-configuration")
        return self.chromium.find_element(By.CSS_SELECTOR, "main section pre").get_attribute("textContent")


def start_bind(offering, text):
    file = offering.folder / "localroot.conf"
    kept = offering.folder / "kept"
    kept.mkdir()
    file.write_text(text.replace("/var/cache/bind", str(kept)))
    accepted("named-checkconf", file)
    return offering.peers(Bind, address=THEIRS, port=53).start(f'include "{file}";\n', options=MIRROR, ready=False)


def start_unbound(offering, text):
    file = offering.folder / "localroot.conf"
    file.write_text(text.replace("/var/lib/unbound", str(offering.folder)))
    unbound = offering.peers(Unbound, address=THEIRS, port=53)
    unbound.start(f'include: "{file}"\n', server="access-control: 198.18.0.0/15 allow\ndo-not-query-localhost: yes\n", ready=False)
    accepted("unbound-checkconf", unbound.folder / "unbound.conf")
    return unbound.wait_ready()


@pytest.mark.parametrize("software, start, judge, key", [("bind-9.18", start_bind, has, True), ("unbound", start_unbound, keeps, False)],
                         ids=["BIND", "Unbound"])
def test_from_sign_up_to_a_resolver_that_holds_the_next_version(peers, programs, maker, mail_server, chromium, tmp_path, software,
                                                                 start, judge, key):
    offering = Offering(peers, programs, maker, mail_server, tmp_path)
    tour = Tour(chromium, tmp_path / "pictures")
    operator = Operator(chromium, offering.portal, tour)
    operator.sign_up("ada@example.net")
    if key:
        operator.make_key()
    operator.add_server(THEIRS)
    text = operator.configuration(software, secret=key)

    operator.go(operator.server)
    resolver = start(offering, text)
    judge(resolver, offering.version)
    operator.sees("active", f"{offering.version.serial}, ", "the newest")  # no reload: the page looks by itself
    operator.look("whole-7-active")
    judge(resolver, offering.publish())
    operator.sees(f"We serve serial {offering.version.serial}.", f"{offering.version.serial}, ", "the newest", "Its answer")
    operator.look("whole-8-next-version")
    operator.go("/start")
    operator.sees("That is all")
    operator.look("whole-9-all-done")
    assert tour.faults == [], "\n".join(tour.faults)
    assert [entry for entry in chromium.get_log("browser") if entry["level"] == "SEVERE"] == []
