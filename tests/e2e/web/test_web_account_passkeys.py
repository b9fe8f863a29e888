"""Passkeys of accounts: by Chromium with its virtual authenticator, by an authenticator of other hands than ours, and by
who has copied, kept or bent what they say."""

import html
import json
import re

import pytest
from account_site import Visitor, free_port
from authenticator import PRESENT, VERIFIED, Authenticator
from test_web_accounts import PASSWORD, pictures

STALE, UNKNOWN = "begin again", "not known here"


@pytest.fixture
def site(account_site):
    return account_site(waiting=1)


# ---- without a browser ---------------------------------------------------------------------------------------


class Holder(Visitor):
    """Who has an authenticator, and does by hand what passkey.js does."""

    def options(self, path):
        self.get(path)
        assert self.status == 200, self.text
        return json.loads(self.text)

    def said(self):
        return html.unescape(self.text)

    def add(self, authenticator, label="key ring", origin=None):
        self.get("/account/passkeys/add")
        assert self.status == 200, self.text
        form = self.text
        options = self.options("/account/passkeys/add/options")
        self.text = form
        return self.post("/account/passkeys/add", label=label, challenge=options["challenge"],
                         answer=authenticator.create(options, origin or self.site.origin))

    def ready(self, page="/sign-in", action="/sign-in/passkey"):
        """A form, and options for it."""
        self.get(page)
        form = self.text
        options = self.options(action + "/options")
        self.text = form
        return options

    def show(self, authenticator, page="/sign-in", action="/sign-in/passkey", origin=None, **more):
        options = self.ready(page, action)
        return self.post(action, challenge=options["challenge"],
                         answer=authenticator.get(options, origin or self.site.origin), **more)

    def is_in(self, email="jane@example.net"):
        return self.get("/account").status == 200 and email in self.text


@pytest.fixture
def jane(site):
    """With an account, and a passkey, and codes on paper."""
    jane = Holder(site)
    jane.sign_up("jane@example.net")
    jane.authenticator = Authenticator(-7)
    jane.add(jane.authenticator)
    assert jane.status == 200 and "Codes for paper" in jane.text, jane.text
    jane.codes = re.findall(r"<li>([0-9a-z-]{19})</li>", jane.text)
    assert len(jane.codes) == 10
    return jane


def test_a_passkey_signs_in_alone_and_beside_a_password(site, jane):
    alone = Holder(site)
    assert alone.show(jane.authenticator, next="/account/passkeys").status == 303
    assert alone.headers["Location"] == "/account/passkeys" and alone.is_in()
    half = Holder(site)
    assert half.sign_in("jane@example.net").headers["Location"].startswith("/factor")
    for path in ("/account", "/account/passkeys", "/account/passkeys/add", "/account/confirm", "/account/remove"):
        assert half.get(path).headers["Location"].startswith("/factor"), path
    assert half.show(jane.authenticator, "/factor", "/factor/passkey", next="/account").status == 303
    assert half.is_in()
    by_paper = Holder(site)
    by_paper.sign_in("jane@example.net")
    assert by_paper.get("/factor").post("/factor", code=jane.codes[0]).status == 303 and by_paper.is_in()
    again = Holder(site)
    again.sign_in("jane@example.net")
    assert again.get("/factor").post("/factor", code=jane.codes[0]).status == 422


def test_an_answer_is_good_once_and_for_its_browser_alone(site, jane):
    mallory, victim = Holder(site), Holder(site)
    options = victim.ready()
    answer = jane.authenticator.get(options, site.origin)
    form = victim.text
    # Overheard before it came: Mallory's browser is another one.
    mallory.ready()
    mallory.post("/sign-in/passkey", challenge=options["challenge"], answer=answer)
    assert mallory.status == 422 and STALE in mallory.said()
    # As is his own challenge with her answer.
    own = mallory.ready()
    mallory.post("/sign-in/passkey", challenge=own["challenge"], answer=answer)
    assert mallory.status == 422
    cookies = dict(victim.cookies)
    victim.text = form
    assert victim.post("/sign-in/passkey", challenge=options["challenge"], answer=answer).status == 303
    # Again, in the very same browser.
    victim.text, victim.cookies = form, cookies
    victim.post("/sign-in/passkey", challenge=options["challenge"], answer=answer)
    assert victim.status == 422 and STALE in victim.said()
    # One of the second factor signs nobody in alone.
    half = Holder(site)
    half.sign_in("jane@example.net")
    options = half.ready("/factor", "/factor/passkey")
    half.get("/sign-in")
    half.post("/sign-in/passkey", challenge=options["challenge"], answer=jane.authenticator.get(options, site.origin))
    assert half.status == 422 and STALE in half.said()


def test_a_replay_is_refused_where_there_is_no_counter_either(site):
    jane = Holder(site)
    jane.sign_up("jane@example.net")
    synced = Authenticator(-8, counts=False)
    jane.add(synced)
    visitor = Holder(site)
    options = visitor.ready()
    answer, form, cookies = synced.get(options, site.origin), visitor.text, dict(visitor.cookies)
    for expected in (303, 422, 422):
        visitor.text, visitor.cookies = form, dict(cookies)
        assert visitor.post("/sign-in/passkey", challenge=options["challenge"], answer=answer).status == expected
    site.kill()  # and it stays used
    site.start()
    visitor.text, visitor.cookies = form, dict(cookies)
    assert visitor.post("/sign-in/passkey", challenge=options["challenge"], answer=answer).status == 422
    assert Holder(site).show(synced).status == 303


def test_a_copy_is_refused_and_its_owner_is_told(site, jane):
    copied = jane.authenticator.count
    assert Holder(site).show(jane.authenticator).status == 303
    jane.authenticator.count = copied
    thief = Holder(site)
    assert thief.show(jane.authenticator).status == 422 and "a copy of it" in thief.said()
    assert not thief.is_in()
    assert "perhaps copied" in jane.get("/account/passkeys").text
    assert site.read("SELECT count(*) FROM zw_event WHERE action = 'account.passkey-copied'") == [(1,)]


def test_what_is_of_another_origin_is_refused(site, jane):
    elsewhere = Holder(site)
    for origin in ("https://evil.example", f"http://localhost:{free_port()}", site.origin.replace("http", "https"),
                   site.origin + ".evil.example", "null"):
        assert elsewhere.show(jane.authenticator, origin=origin).status == 422, origin
        assert "none of ours" in elsewhere.said()
    assert jane.add(Authenticator(-8), origin="https://evil.example").status == 422 and "none of ours" in jane.said()


def test_without_a_pin_a_passkey_is_a_second_factor_only(site):
    jane = Holder(site)
    jane.sign_up("jane@example.net")
    touched = Authenticator(-7, flags=PRESENT)
    jane.add(touched)
    alone = Holder(site)
    assert alone.show(touched).status == 422 and "PIN" in alone.said()
    alone.sign_in("jane@example.net")
    assert alone.show(touched, "/factor", "/factor/passkey").status == 303 and alone.is_in()
    touched.flags = PRESENT | VERIFIED
    assert Holder(site).show(touched).status == 303


def test_passkeys_are_out_of_reach_of_others(site, jane):
    number = re.search(r"/account/passkeys/(\d+)/end", jane.get("/account/passkeys").text).group(1)
    mallory = Holder(site)
    mallory.sign_up("mallory@example.net")
    path = f"/account/passkeys/{number}/end"
    assert mallory.get(path).status == 404
    mallory.add(Authenticator(-8))
    own = re.search(r"/account/passkeys/(\d+)/end", mallory.get("/account/passkeys").text).group(1)
    token = mallory.get(f"/account/passkeys/{own}/end").fields(f"/account/passkeys/{own}/end")["token"]
    assert mallory.send(path, f"token={token}").status == 403  # of another form
    for bad in ("0", "-1", "x", "99999999999999999999", "1%00"):
        assert mallory.get(f"/account/passkeys/{bad}/end").status in (400, 404), bad
    # Her passkey is no second factor of his, and his account is not opened by it.
    half = Holder(site)
    half.sign_in("mallory@example.net")
    assert half.show(jane.authenticator, "/factor", "/factor/passkey").status == 422 and UNKNOWN in half.said()
    # Nor does he get his hands on her account by registering what is hers.
    mallory.add(jane.authenticator)
    assert mallory.status == 422 and "known here already" in mallory.said()
    assert Holder(site).show(jane.authenticator).status == 422  # which now says to be of another user
    assert "key ring" in jane.get("/account/passkeys").text


def test_forms_of_passkeys_are_not_forged(site, jane):
    for page, action, status in (("/sign-in", "/sign-in/passkey", 422), ("/account/passkeys/add", "/account/passkeys/add", 403)):
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            visitor = Holder(site)
            visitor.cookies = dict(jane.cookies)
            visitor.get(page)
            assert visitor.post(action, headers=headers, challenge="x", answer="{}").status == status
        assert visitor.send(action, "challenge=x&answer={}").status == status
    # Options are for who has seen a page of ours.
    assert Holder(site).get("/sign-in/passkey/options").status == 403
    assert Holder(site).get("/factor/passkey/options").status == 403
    assert Holder(site).get("/account/passkeys/add/options").status == 303


def test_a_passkey_is_added_and_ended_by_who_has_just_said_who_he_is(site, jane):
    site.change("UPDATE account_session SET confirmed_at = NULL")
    assert jane.get("/account/passkeys").status == 200
    assert jane.get("/account/passkeys/add").headers["Location"].startswith("/account/confirm")
    assert jane.get("/account/passkeys/add/options").status == 403
    jane.get("/account")
    assert jane.post("/account/recovery").headers["Location"] == "/account/confirm?next=%2Faccount"
    jane.get("/account/confirm?next=%2Faccount%2Fpasskeys")
    assert jane.post("/account/confirm", secret=jane.codes[1]).status == 303  # a code on paper does as well
    evil = "<script>alert(1)</script>\"'"
    second = Authenticator(-257)
    assert jane.add(second, evil).status == 303
    assert "<script>alert" not in jane.get("/account/passkeys").text and "&lt;script&gt;" in jane.text
    number = re.findall(r"/account/passkeys/(\d+)/end", jane.text)[1]
    path = f"/account/passkeys/{number}/end"
    assert "<script>alert" not in jane.get(path).text and "&lt;script&gt;" in jane.text
    assert jane.post(path).status == 303
    assert Holder(site).show(second).status == 422
    assert Holder(site).show(jane.authenticator).status == 303


def test_a_new_password_says_that_there_are_passkeys_and_the_account_takes_them_with_it(site, jane):
    owner = Holder(site)
    owner.ask_link("jane@example.net", "/lost-password")
    link = site.link("jane@example.net", 2)
    assert "has a passkey" in owner.get(link).text
    assert owner.post(link, password="another long password").headers["Location"].startswith("/factor")
    assert not jane.is_in() and not owner.is_in()
    assert owner.show(jane.authenticator, "/factor", "/factor/passkey").status == 303 and owner.is_in()
    owner.get("/account/remove").post("/account/remove")
    assert owner.status == 303
    assert site.read("SELECT count(*) FROM account_passkey") == [(0,)]
    gone = Holder(site)
    assert gone.show(jane.authenticator).status == 422 and UNKNOWN in gone.said()


# ---- a browser -----------------------------------------------------------------------------------------------


@pytest.fixture
def wait(chromium):
    from selenium.webdriver.support.ui import WebDriverWait

    return lambda what: WebDriverWait(chromium, 60).until(what)


class Person:
    """At a browser with an authenticator of its own."""

    def __init__(self, chromium, wait, site):
        self.chromium, self.wait, self.site = chromium, wait, site
        chromium.execute_cdp_cmd("WebAuthn.enable", {})
        self.key = self.plug_in()

    def plug_in(self, verified=True):
        return self.chromium.execute_cdp_cmd("WebAuthn.addVirtualAuthenticator", {"options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": verified, "automaticPresenceSimulation": True}})["authenticatorId"]

    def credential(self):
        return self.chromium.execute_cdp_cmd("WebAuthn.getCredentials", {"authenticatorId": self.key})["credentials"][0]

    def put_back(self, credential):
        """As a copy of the authenticator would have it."""
        self.chromium.execute_cdp_cmd("WebAuthn.clearCredentials", {"authenticatorId": self.key})
        self.chromium.execute_cdp_cmd("WebAuthn.addCredential", {"authenticatorId": self.key, "credential": credential})

    def go(self, path):
        self.chromium.get(self.site.origin + path)

    def fill(self, form, **fields):
        place = f'main form[action="{form}"]'
        for name, value in fields.items():
            box = self.find(f'{place} [name="{name}"]')
            box.clear()
            box.send_keys(value)
        button = self.find(f"{place} button")
        self.wait(lambda _: button.is_displayed() and button.is_enabled())
        button.click()

    def find(self, selector):
        return self.chromium.find_element("css selector", selector)

    def reads(self, title):
        self.wait(lambda browser: title in browser.title)

    def out(self):
        self.find("header form button").click()
        self.reads("Sign in")


def test_a_person_uses_passkeys_with_a_browser(site, chromium, wait, tmp_path):
    Visitor(site).sign_up("jane@example.net")
    shots = tmp_path / "pictures"
    jane = Person(chromium, wait, site)
    jane.go("/sign-in")
    jane.fill("/sign-in", email="jane@example.net", password=PASSWORD)
    jane.reads("Your account")
    site.change("UPDATE account_session SET confirmed_at = NULL")
    jane.go("/account/passkeys")
    pictures(chromium, shots, "passkeys-none")
    chromium.find_element("link text", "Add a passkey").click()
    jane.reads("Is it you?")
    jane.fill("/account/confirm", secret="wrong password")
    wait(lambda browser: "neither your password" in browser.page_source)
    pictures(chromium, shots, "confirm")
    jane.fill("/account/confirm", secret=PASSWORD)
    jane.reads("A new passkey")
    pictures(chromium, shots, "passkey-add")
    jane.fill("/account/passkeys/add", label="telephone")
    jane.reads("Codes for paper")
    pictures(chromium, shots, "passkey-codes")
    jane.go("/account/passkeys")
    assert "telephone" in chromium.page_source
    pictures(chromium, shots, "passkeys")
    # The browser itself says that it has one.
    jane.go("/account/passkeys/add")
    jane.fill("/account/passkeys/add", label="once more")
    wait(lambda _: "has a passkey for your account already" in jane.find("[data-passkey-problem]").text)
    pictures(chromium, shots, "passkey-add-problem")
    jane.go("/account")
    pictures(chromium, shots, "account-with-passkey")
    jane.out()

    # Alone.
    pictures(chromium, shots, "sign-in")
    before = jane.credential()
    jane.fill("/sign-in/passkey")
    jane.reads("Your account")
    assert "jane@example.net" in chromium.page_source
    jane.out()
    # Beside the password.
    jane.fill("/sign-in", email="jane@example.net", password=PASSWORD)
    jane.reads("One more step")
    pictures(chromium, shots, "factor-passkey")
    jane.fill("/factor/passkey")
    jane.reads("Your account")
    jane.out()
    # A copy from before.
    after = jane.credential()
    assert after["signCount"] > before["signCount"]
    jane.put_back(before)
    jane.fill("/sign-in/passkey")
    wait(lambda browser: "may be a copy of it" in browser.page_source)
    pictures(chromium, shots, "passkey-copied-problem")
    jane.put_back({**after, "signCount": after["signCount"] + 10})
    jane.go("/sign-in")
    jane.fill("/sign-in/passkey")
    jane.reads("Your account")
    jane.go("/account/passkeys")
    assert "perhaps copied" in chromium.page_source
    pictures(chromium, shots, "passkeys-copied")
    chromium.find_element("css selector", ".lines a.button").click()
    jane.reads("End a passkey")
    pictures(chromium, shots, "passkey-end")
    jane.find("main form button").click()
    jane.reads("Passkeys")
    assert "telephone" not in chromium.page_source
    jane.out()
    jane.fill("/sign-in/passkey")
    wait(lambda browser: UNKNOWN in browser.page_source)


def test_a_browser_takes_no_passkey_to_another_origin(site, account_site, chromium, wait):
    """Another port is the same host to browsers, so they show it; and the site refuses it."""
    Visitor(site).sign_up("jane@example.net")
    jane = Person(chromium, wait, site)
    jane.go("/sign-in")
    jane.fill("/sign-in", email="jane@example.net", password=PASSWORD)
    jane.go("/account/passkeys/add")
    jane.fill("/account/passkeys/add", label="telephone")
    jane.reads("Codes for paper")
    jane.out()
    # A false site has its visitor answer a challenge that the true one gave to it.
    relay = Holder(site)
    options = relay.ready()
    form = relay.text
    false_site = account_site(waiting=1)
    chromium.get(false_site.origin + "/sign-in")
    answer = chromium.execute_async_script("""
      const [options, done] = arguments;
      navigator.credentials.get({publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options)})
        .then(made => done(JSON.stringify(made.toJSON())), error => done("error: " + error));""", options)
    assert not answer.startswith("error"), answer
    relay.text = form
    relay.post("/sign-in/passkey", challenge=options["challenge"], answer=answer)
    assert relay.status == 422 and "none of ours" in relay.said()
    # Of another host it has none at all.
    chromium.get(false_site.origin.replace("localhost", "127.0.0.1") + "/sign-in")
    answer = chromium.execute_async_script("""
      const [options, done] = arguments;
      navigator.credentials.get({publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options)})
        .then(made => done(JSON.stringify(made.toJSON())), error => done("error: " + error));""", options)
    assert answer.startswith("error: SecurityError"), answer


def test_without_scripts_it_is_said_that_passkeys_need_one_and_all_else_works(site, chromium, wait, tmp_path):
    Visitor(site).sign_up("jane@example.net")
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    chromium.get(site.origin + "/sign-in")
    hint = chromium.find_element("css selector", "[data-passkey-absent]")
    assert hint.is_displayed() and "Passkeys need a script" in hint.text
    assert not chromium.find_element("css selector", 'form[action="/sign-in/passkey"] button').is_displayed()
    chromium.save_screenshot(str(tmp_path / "sign-in-without-script.png"))
    for name, value in (("email", "jane@example.net"), ("password", PASSWORD)):
        chromium.find_element("name", name).send_keys(value)
    chromium.find_element("css selector", 'form[action="/sign-in"] button').click()
    wait(lambda browser: "Your account" in browser.title)
    chromium.get(site.origin + "/account/passkeys/add")
    assert chromium.find_element("css selector", "[data-passkey-absent]").is_displayed()
