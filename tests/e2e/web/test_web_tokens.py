"""Tokens of programs, from the page on which they are made to the request that they come with."""

import re

import pytest
from account_site import Visitor
from test_web_accounts import pictures


@pytest.fixture
def site(account_site):
    return account_site(waiting=1)


@pytest.fixture
def jane(site):
    visitor = Visitor(site)
    visitor.sign_up("jane@example.net")
    return visitor


def whoami(site, token, **headers):
    return Visitor(site).request("GET", "/whoami", headers={"Authorization": f"Bearer {token}", **headers})


def make(visitor, label="cron", scope="things:read", life="30"):
    visitor.get("/account/tokens").post("/account/tokens", label=label, scope=scope, life=life)
    assert visitor.status == 200, visitor.text
    return re.search(r">(zwt_\w+)<", visitor.text).group(1)


def test_a_token_is_shown_once_and_works_until_it_is_ended(site, jane):
    assert "/account/tokens" in jane.get("/account").text
    assert "None yet" in jane.get("/account/tokens").text
    token = make(jane)
    assert jane.headers["Cache-Control"] == "no-store"
    answer = whoami(site, token)
    assert (answer.status, answer.text) == (200, "jane@example.net things:read")
    jane.get("/account/tokens")
    assert "cron" in jane.text and "from 127.0.0.1" in jane.text and token not in jane.text
    end = re.search(r'action="(/account/tokens/\d+/end)"', jane.text).group(1)
    assert jane.post(end).status == 303
    assert whoami(site, token).status == 401


def test_who_has_found_an_open_browser_makes_no_token(site, jane):
    jane.get("/account/tokens")
    site.change("UPDATE account_session SET confirmed_at = NULL")
    jane.post("/account/tokens", label="mine now", scope="things:read", life="30")
    assert jane.status == 303 and jane.headers["Location"] == "/account/confirm?next=%2Faccount%2Ftokens"
    assert "None yet" in jane.get("/account/tokens").text


def test_a_session_is_no_token_and_a_token_no_session(site, jane):
    token = make(jane)
    assert jane.get("/whoami").status == 401
    stranger = Visitor(site)
    assert stranger.request("GET", "/account/tokens", headers={"Authorization": f"Bearer {token}"}).status == 303


def test_what_is_typed_wrong_stays_in_the_form(site, jane):
    jane.get("/account/tokens").post("/account/tokens", label="<b>my label", life="7")
    assert jane.status == 422 and "tick what it may do" in jane.text
    assert 'value="&lt;b&gt;my label"' in jane.text and '<option value="7" selected>' in jane.text
    jane.post("/account/tokens", label="", scope="things:write", life="7")
    assert jane.status == 422 and re.search(r'value="things:write" checked', jane.text)
    jane.post("/account/tokens", label="x", scope="admin", life="7")
    assert jane.status == 422  # not what a user may do, whatever the form says
    jane.post("/account/tokens", label="x", scope="things:read", life="40000")
    assert jane.status == 422
    assert "All that administrators do" not in jane.text
    jane.get("/account/tokens")
    assert "None yet" in jane.text


def test_forms_of_tokens_want_their_token(site, jane):
    token = make(jane)
    jane.get("/account/tokens")
    end = re.search(r'action="(/account/tokens/\d+/end)"', jane.text).group(1)
    for action, body in (("/account/tokens", "label=x&scope=things:read&life=7"), (end, "")):
        assert jane.send(action, body).status == 403
    assert whoami(site, token).status == 200


def test_nobody_ends_the_token_of_another(site, jane):
    token = make(jane)
    end = re.search(r'action="(/account/tokens/\d+/end)"', jane.get("/account/tokens").text).group(1)
    joe = Visitor(site)
    joe.sign_up("joe@example.net")
    own = make(joe)
    joe.get("/account/tokens")
    own_end = re.search(r'action="(/account/tokens/\d+/end)"', joe.text).group(1)
    assert end != own_end
    assert joe.post(own_end).status == 303 and whoami(site, own).status == 401
    # The form's token is bound to its path: that of another path is refused, and without it there is no way in.
    make(joe)
    joe.get("/account/tokens")
    fields = joe.fields(re.search(r'action="(/account/tokens/\d+/end)"', joe.text).group(1))
    assert joe.send(end, "token=" + fields["token"]).status == 403
    assert whoami(site, token).status == 200


def test_a_new_password_by_mail_ends_tokens_and_says_so(site, jane):
    token = make(jane)
    jane.get("/lost-password")
    jane.post("/lost-password", email="jane@example.net")
    while jane.status == 422:
        jane.post("/lost-password", email="jane@example.net")
    link = site.link("jane@example.net", 2)
    assert "all API tokens of the account end" in jane.get(link).text
    jane.post(link, password="another long password")
    assert jane.status == 303
    assert whoami(site, token).status == 401


def test_the_pages_of_tokens_are_fit_for_people(site, chromium, tmp_path):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    jane = Visitor(site)
    jane.sign_up("jane@example.net")
    chromium.get(site.origin + "/sign-in")
    for name, value in jane.cookies.items():
        chromium.add_cookie({"name": name, "value": value})
    shots = tmp_path / "pictures"
    chromium.get(site.origin + "/account/tokens")
    pictures(chromium, shots, "tokens-none")
    chromium.find_element(By.ID, "label").send_keys("monitoring on ns1")
    chromium.find_element(By.CSS_SELECTOR, "label[for='scope-things:read']").click()
    chromium.find_element(By.CSS_SELECTOR, "main form.fields button").click()
    WebDriverWait(chromium, 20).until(lambda browser: "A new token" in browser.title)
    pictures(chromium, shots, "token")
    token = chromium.find_element(By.CSS_SELECTOR, "main pre").text
    assert whoami(site, token).status == 200
    chromium.find_element(By.LINK_TEXT, "I have it").click()
    WebDriverWait(chromium, 20).until(lambda browser: "Tokens for programs" in browser.title)
    pictures(chromium, shots, "tokens")
