"""Every page of the portal in Debian's browser: valid, for everybody, on a phone, in the dark, and without scripts."""

import re

import pytest
from accessibility import faults_of_markup
from selenium.webdriver.common.by import By
from tour import Tour, fill, wait_for

PASSWORD = "correct horse battery"


@pytest.fixture
def tour(chromium, tmp_path):
    return Tour(chromium, tmp_path / "pictures")


def sign_in(chromium, site, email):
    chromium.get(site.origin + "/sign-in")
    fill(chromium, email=email, password=PASSWORD)


def test_the_way_of_an_operator_through_all_pages(portal_site, tour, chromium):
    site = portal_site()
    for path, name in (("/", "home"), ("/faq", "faq"), ("/check", "check"), ("/researchers", "researchers"),
                       ("/sign-up", "sign-up"), ("/sign-in", "sign-in"), ("/nowhere", "not-found")):
        chromium.get(site.origin + path)
        tour.look(name)
    chromium.get(site.origin + "/check")
    fill(chromium, text='zone "." { type mirror; primaries { 199.9.14.201; }; };')
    tour.look("check-found")

    site.person("jane@example.net")
    sign_in(chromium, site, "jane@example.net")
    for path, name in (("/", "overview-empty"), ("/start", "start-empty"), ("/keys", "keys-empty"), ("/servers", "servers-empty"),
                       ("/configuration", "configuration-empty"), ("/account", "account"), ("/data", "data"), ("/data/delete", "data-delete")):
        chromium.get(site.origin + path)
        tour.look(name)

    chromium.get(site.origin + "/keys/new")
    tour.look("key-new")
    fill(chromium, label="resolvers in Prague")
    tour.look("key-made")
    wire_name = re.search(r"\w+\.localroot\.", chromium.page_source).group(0)
    chromium.get(site.origin + "/servers/new")
    tour.look("server-new")
    fill(chromium, label="resolver at home", addresses="not an address\n192.0.2.53")
    tour.look("server-new-wrong")
    fill(chromium, label="resolver at home", addresses="192.0.2.53\n2001:db8::53")
    tour.look("server-unproven")
    chromium.get(site.origin + "/start")
    tour.look("start-transfer")
    fill(chromium, form="main li form")
    assert "SECRET" not in chromium.find_element(By.CSS_SELECTOR, "main pre").text
    tour.look("start-secret")

    # The page sees by itself what has come.
    chromium.get(site.origin + "/servers/1")
    site.tell("refused", "2001:db8::53", "-", "a TSIG signature is needed")
    site.tell("fetched", "192.0.2.53", wire_name, site.SERIAL)
    site.tell("told", "192.0.2.53", wire_name, site.SERIAL, "answered")
    wait_for(chromium, lambda browser: "taken after 12 ms" in browser.page_source and "signature is needed" in browser.page_source)
    tour.look("server-half")
    for path, name in (("/", "overview-fault"), ("/start", "start-done"), ("/keys", "keys"), ("/keys/1", "key"),
                       ("/keys/1/delete", "key-delete-used"), ("/servers", "servers"), ("/servers/1/edit", "server-edit"),
                       ("/servers/1/delete", "server-delete"), ("/configuration", "configurations"),
                       ("/servers/1/configuration", "configuration-choose"),
                       ("/servers/1/configuration?for=unbound-nsd", "configuration"),
                       ("/servers/1/configuration?for=knot-resolver-6", "configuration-cannot")):
        chromium.get(site.origin + path)
        tour.look(name)
    chromium.get(site.origin + "/keys/1")
    fill(chromium, form="form[action$=rotate]", overlap="7")
    tour.look("key-rotated")
    chromium.get(site.origin + "/keys/1")
    tour.look("key-rotating")
    chromium.get(site.origin + "/servers/1")
    fill(chromium, form="form[action$='/download']")
    tour.look("download-made")
    url = re.search(r"https://198\.51\.100\.1/zones/\w+/ROOT\.zone", chromium.page_source).group(0)
    site.tell("downloaded", "2001:db8::53", url, site.SERIAL)
    for path, name in (("/servers/1", "server-with-url"), ("/servers", "servers-with-url"),
                       ("/servers/1/configuration?for=knot-resolver-6", "configuration-with-url")):
        chromium.get(site.origin + path)
        tour.look(name)
    assert tour.faults == [], "\n".join(tour.faults)
    assert [entry for entry in chromium.get_log("browser")
            if entry["level"] == "SEVERE" and not re.search("422|404", entry["message"])] == []


def test_the_way_through_passkeys_tokens_and_the_fresh_look(portal_site, tour, chromium):
    site = portal_site()
    site.person("jane@example.net")
    chromium.execute_cdp_cmd("WebAuthn.enable", {})
    chromium.execute_cdp_cmd("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True}})
    sign_in(chromium, site, "jane@example.net")
    chromium.get(site.origin + "/account/passkeys")
    tour.look("passkeys-none")
    site.change("UPDATE account_session SET confirmed_at = NULL")
    chromium.get(site.origin + "/account/passkeys/add")
    wait_for(chromium, lambda browser: "Is it you?" in browser.title)
    tour.look("confirm")
    fill(chromium, secret="wrong password")
    tour.look("confirm-wrong")
    fill(chromium, secret=PASSWORD)
    wait_for(chromium, lambda browser: "A new passkey" in browser.title)
    tour.look("passkey-add")
    button = chromium.find_element(By.CSS_SELECTOR, "[data-passkey-button]")
    wait_for(chromium, lambda _: button.is_displayed() and button.is_enabled())
    fill(chromium, label="telephone")
    wait_for(chromium, lambda browser: "Codes for paper" in browser.title)
    tour.look("passkey-codes")
    for path, name in (("/account/passkeys", "passkeys"), ("/account/passkeys/1/end", "passkey-end"), ("/account", "account-with-passkey"),
                       ("/account/tokens", "tokens-none")):
        chromium.get(site.origin + path)
        tour.look(name)
    chromium.find_element(By.CSS_SELECTOR, "[name=scope]").click()
    fill(chromium, label="cron")
    tour.look("token-made")
    chromium.get(site.origin + "/account/tokens")
    tour.look("tokens")
    assert tour.faults == [], "\n".join(tour.faults)


def test_the_way_of_an_administrator(portal_site, tour, chromium):
    site = portal_site()
    site.person("admin@example.net", admin=True)
    jane = site.person("jane@example.net")
    jane.make_key()
    jane.add_server(label="resolver at home", addresses="192.0.2.53\n2001:db8::53")
    sign_in(chromium, site, "admin@example.net")
    for path, name in (("/admin/users", "admin-users"), ("/admin/users?part=nobody", "admin-users-none"), ("/admin/users/2", "admin-user"),
                       ("/admin/zones", "admin-zones"), ("/admin/zones/1", "admin-zone"), ("/admin/events", "admin-events"),
                       ("/admin/events?actor=nobody", "admin-events-none"), ("/admin/feed", "admin-feed")):
        chromium.get(site.origin + path)
        tour.look(name)
    chromium.get(site.origin + "/admin/users/2")
    fill(chromium, form="form[action$=pause]")
    tour.look("admin-user-paused")
    assert tour.faults == [], "\n".join(tour.faults)


def test_pages_are_valid_html(portal_site):
    site = portal_site()
    visitor = site.person("jane@example.net")
    admin = site.person("admin@example.net", admin=True)
    key, name = visitor.make_key("a <b>&\"' label")
    server = visitor.add_server(label="another <b>&\"' label", key=key.split("/")[-1])
    site.tell("refused", "192.0.2.53", "-", "it is <not> \"signed\" & sealed")
    site.tell("told", "192.0.2.53", name, site.SERIAL, "silence")
    faults = []

    def check(who, path):
        who.get(path)
        assert who.status == 200, path
        faults.extend(f"{path}: {fault}" for fault in faults_of_markup(who.text))

    for path in ("/", "/start", "/keys", "/keys/new", key, f"{key}/delete", "/servers", "/servers/new", server, f"{server}/edit",
                 f"{server}/delete", "/configuration", f"{server}/configuration", f"{server}/configuration?for=bind-9.18",
                 "/check", "/faq", "/researchers", "/data", "/data/delete", "/account", "/account/confirm", "/account/passkeys",
                 "/account/passkeys/add", "/account/tokens"):
        check(visitor, path)
    visitor.get(server).post(f"{server}/download")
    faults.extend(f"the URL that was made: {fault}" for fault in faults_of_markup(visitor.text))
    visitor.get("/account/tokens").post("/account/tokens", label="a <b>&\"' program", scope="keys:read", life="30")
    faults.extend(f"the token that was made: {fault}" for fault in faults_of_markup(visitor.text))
    site.change("INSERT INTO account_passkey (credential, account, label, public_key, sign_count, aaguid, backup_eligible, backed_up, "
                "transports, made_at) VALUES (x'01', 1, 'a <b>&\"'' key', x'02', 0, x'', 0, 1, 'usb', 1)")
    for path in (server, "/account/tokens", "/account/passkeys", "/account/passkeys/1/end"):
        check(visitor, path)
    for path in ("/admin/users", "/admin/users/1", "/admin/zones", "/admin/zones/1", "/admin/events", "/admin/feed"):
        check(admin, path)
    assert faults == [], "\n".join(faults)
