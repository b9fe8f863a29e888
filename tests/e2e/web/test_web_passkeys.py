"""Passkeys that a second implementation made, and those of a browser, are judged by ours."""

import json
import os

import pytest
from authenticator import ELIGIBLE, PRESENT, Authenticator, base64url

PARTY = {"party": "portal.example", "origin": "https://portal.example"}


class Relying:
    """The service that somebody signs in to."""

    def __init__(self, probe, verification="required", **party):
        self.probe, self.common = probe, {**PARTY, **party, "verification": verification}
        self.user = os.urandom(16)

    def ask(self, verb, challenge, **members):
        return self.probe.ask(verb, challenge=base64url(challenge), **self.common, **members)

    def creation_options(self, challenge):
        return self.ask("creation-options", challenge, user=base64url(self.user))

    def request_options(self, challenge):
        return self.ask("request-options", challenge)

    def register(self, authenticator, **how):
        challenge = os.urandom(32)
        answer = authenticator.create(self.creation_options(challenge), self.common["origin"], **how)
        return self.ask("creation", challenge, answer=answer)

    def sign_in(self, authenticator, passkey):
        challenge = os.urandom(32)
        answer = authenticator.get(self.request_options(challenge), self.common["origin"])
        return self.ask("assertion", challenge, answer=answer, **passkey)


@pytest.mark.parametrize("algorithm", [-7, -8, -257])
@pytest.mark.parametrize("packed", [False, True])
def test_a_passkey_of_a_second_implementation_signs_in(probe, algorithm, packed):
    service, authenticator = Relying(probe), Authenticator(algorithm)
    passkey = service.register(authenticator, packed=packed)
    assert passkey.get("id") == base64url(authenticator.id), passkey
    for count in (2, 3):
        found = service.sign_in(authenticator, passkey)
        assert found == {"count": count, "verified": True, "user": base64url(service.user)}
        passkey["count"] = found["count"]


def test_many_signatures_in_every_length_that_der_gives_them(probe):
    service, authenticator = Relying(probe), Authenticator(-7)
    passkey = service.register(authenticator)
    for _ in range(200):
        found = service.sign_in(authenticator, passkey)
        assert "count" in found, found
        passkey["count"] = found["count"]


def test_a_copy_of_an_authenticator_is_noticed(probe):
    service, authenticator = Relying(probe), Authenticator(-7)
    passkey = service.register(authenticator)
    passkey["count"] = service.sign_in(authenticator, passkey)["count"]
    authenticator.count -= 1
    assert "may be a copy" in service.sign_in(authenticator, passkey)["error"]


def test_another_key_does_not_sign_in(probe):
    service, authenticator, other = Relying(probe), Authenticator(-7), Authenticator(-7)
    passkey = service.register(authenticator)
    other.user, other.id, other.count = authenticator.user, authenticator.id, 10
    assert "not by its key" in service.sign_in(other, passkey)["error"]


def test_without_a_pin_a_passkey_stands_beside_a_password_only(probe):
    authenticator = Authenticator(-8, flags=PRESENT)
    assert "PIN" in Relying(probe).register(authenticator)["error"]
    beside = Relying(probe, verification="preferred")
    passkey = beside.register(authenticator)
    assert beside.sign_in(authenticator, passkey)["verified"] is False


def test_synced_passkeys_without_a_counter_sign_in_again_and_again(probe):
    service, authenticator = Relying(probe), Authenticator(-7, flags=PRESENT | 0x04 | ELIGIBLE, counts=False)
    passkey = service.register(authenticator)
    assert passkey["backup"] == 1
    for _ in range(3):
        assert service.sign_in(authenticator, passkey)["count"] == 0


# ---- a browser -----------------------------------------------------------------------------------------------

@pytest.fixture
def page(pages):
    return pages({"/": ("text/html", '<!doctype html><meta charset="utf-8"><title>passkeys</title>')})


CREATE = """const [options, done] = arguments;
navigator.credentials.create({publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options)})
  .then(made => done(JSON.stringify(made.toJSON())), error => done("error: " + error));"""
GET = """const [options, done] = arguments;
navigator.credentials.get({publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options)})
  .then(made => done(JSON.stringify(made.toJSON())), error => done("error: " + error));"""


class Browser:
    """In the place of an Authenticator."""

    def __init__(self, driver):
        self.driver = driver

    def create(self, options, _):
        answer = self.driver.execute_async_script(CREATE, options)
        assert not answer.startswith("error"), answer
        return answer

    def get(self, options, _):
        answer = self.driver.execute_async_script(GET, options)
        assert not answer.startswith("error"), answer
        return answer


@pytest.mark.parametrize("protocol", ["ctap2", "ctap2_1"])
def test_a_browser_makes_a_passkey_and_signs_in_with_it(probe, page, chromium, protocol):
    chromium.get(page)
    chromium.execute_cdp_cmd("WebAuthn.enable", {})
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
               "isUserVerified": True, "automaticPresenceSimulation": True}
    if protocol == "ctap2_1":
        options["ctap2Version"] = "ctap2_1"
    chromium.execute_cdp_cmd("WebAuthn.addVirtualAuthenticator", {"options": options})
    service = Relying(probe, party="localhost", origin=page)
    browser = Browser(chromium)
    passkey = service.register(browser)
    assert "id" in passkey, passkey
    for _ in range(2):
        found = service.sign_in(browser, passkey)
        assert found.get("verified") is True and found["user"] == base64url(service.user), found
        passkey["count"] = found["count"]
    elsewhere = Relying(probe, party="localhost", origin=page.replace("http", "https"))
    challenge = os.urandom(32)
    answer = browser.get(elsewhere.request_options(challenge), None)
    assert "none of ours" in elsewhere.ask("assertion", challenge, answer=answer, **passkey)["error"]
    assert json.loads(answer)["type"] == "public-key"
