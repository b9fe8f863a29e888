"""The pages of the portal without scripts, form by form: what is done, what is refused and how it says so."""

import html
import json
import re
import subprocess
import urllib.parse

import pytest

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
def site(portal_site):
    return portal_site()


@pytest.fixture
def jane(site):
    return site.person("jane@example.net")


def number_in(path):
    return path.rsplit("/", 1)[-1]


def test_a_visitor_sees_what_there_is(site):
    from account_site import Visitor

    visitor = Visitor(site).get("/")
    assert visitor.status == 200 and "the root zone" in visitor.text and "1.3 MB" in visitor.text
    assert "76 versions in 30 days" in visitor.text and f"serial {site.SERIAL}" in visitor.text and "/sign-up" in visitor.text
    assert "127.0.0" not in visitor.text
    for path in ("/start", "/keys", "/servers/new", "/servers/1", "/data", "/configuration", "/admin/users"):
        visitor.get(path)
        assert visitor.status == 303 and visitor.headers["Location"] == "/sign-in?next=" + urllib.parse.quote(path, ""), path
    assert "help@example.net" in visitor.get("/faq").text
    for path in ("/", "/researchers"):
        visitor.get(path)
        assert 'title="Changes of the root zone" href="/changes/root.atom">' in visitor.text.split("</head>")[0]
        assert '<a href="/changes/root.atom">' in visitor.text and "/changes/example" not in visitor.text
    assert f'curl "{site.origin}/changes/root.jsonl?since=SERIAL"' in html.unescape(visitor.text)


# ---- keys ---------------------------------------------------------------------------------------------------------------


def test_a_key_is_made_and_its_secret_shown_once(jane):
    assert "You have no key yet" in jane.get("/keys").text
    jane.get("/keys/new").post("/keys/new", label="", algorithm="hmac-sha256")
    assert jane.status == 422 and "1 to 64 characters" in jane.error_of("label")
    jane.post("/keys/new", label="Prague <1>", algorithm="hmac-md5")
    assert jane.status == 422 and 'value="Prague &lt;1&gt;"' in jane.text and jane.error_of("algorithm") == "Choose one of these."
    jane.post("/keys/new", label="Prague <1>", algorithm="hmac-sha512")
    assert jane.status == 200 and jane.headers["Cache-Control"] == "no-store"
    secret = re.search(r"<dt>Secret</dt><dd><code>([^<]+)</code>", jane.text).group(1)
    assert len(secret) == 88  # 64 octets
    path = re.search(r'href="(/keys/\d+)"', jane.text).group(1)
    for page in ("/keys", path, "/start", "/servers/new"):
        assert secret not in jane.get(page).text, page
    assert "Prague &lt;1&gt;" in jane.get("/keys").text and "hmac-sha512" in jane.text


def test_a_key_is_renamed_rotated_and_deleted(site, jane):
    key, name = jane.make_key()
    server = jane.add_server(key=number_in(key))
    jane.get(key).post(f"{key}/rename", label="x" * 65)
    assert jane.status == 422 and "1 to 64 characters" in jane.error_of("label") and "x" * 65 in jane.text
    jane.follow(f"{key}/rename", label="resolvers in Brno")
    assert "<h1>resolvers in Brno</h1>" in jane.text and jane.notice() == "The key has its new label."

    jane.get(f"{key}/delete")
    assert "cannot be deleted yet" in jane.text and "resolver at home" in jane.text and f'action="{key}/delete"' not in jane.text

    jane.get(key).post(f"{key}/rotate", algorithm="hmac-sha384", overlap="8")
    assert jane.status == 422
    jane.post(f"{key}/rotate", algorithm="hmac-sha384", overlap="7")
    assert jane.status == 200 and "The older secret works until" in jane.text
    assert re.search(r"<dt>Secret</dt><dd><code>[^<]{64}</code>", jane.text) and name not in jane.text
    jane.get(key)
    assert name in jane.text and "Works until" in jane.text and f'action="{key}/rotate"' not in jane.text
    assert "being rotated" in jane.get("/keys").text
    jane.get(key).follow(f"{key}/end-rotation")
    assert jane.notice() == "The older secret is no longer good." and name not in jane.text
    jane.post(f"{key}/rotate", algorithm="hmac-sha256", overlap="0")
    assert jane.status == 200 and "The older secret works no more" in jane.text
    assert "Works until" not in jane.get(key).text

    jane.get(f"{server}/delete").follow(f"{server}/delete")
    jane.get(f"{key}/delete").follow(f"{key}/delete")
    assert jane.notice() == "The key is gone." and "You have no key yet" in jane.text
    assert jane.get(key).status == 404


def test_two_pages_of_one_key_do_not_quarrel(site, jane):
    """What was possible when the page was opened and is no more is said on the page, not as a failure."""
    key, _ = jane.make_key()
    jane.get(key)
    rotate = jane.fields(f"{key}/rotate")
    jane.post(f"{key}/rotate", algorithm="hmac-sha256", overlap="1")
    jane.send(f"{key}/rotate", urllib.parse.urlencode({**rotate, "algorithm": "hmac-sha256", "overlap": "1"}))
    assert jane.status == 422 and "rotation before is not over" in jane.notice()
    delete = jane.get(f"{key}/delete").fields(f"{key}/delete")
    jane.add_server(key=number_in(key))
    jane.send(f"{key}/delete", urllib.parse.urlencode(delete))
    assert jane.status == 422 and "servers use it" in jane.notice()


# ---- servers ------------------------------------------------------------------------------------------------------------


def test_what_is_wrong_with_a_server_is_said_by_line_and_field(jane):
    assert "You have no server here yet" in jane.get("/servers").text
    jane.get("/servers/new")
    assert '<option value="0" selected>of every version</option>' in jane.text
    typed = "192.0.2.53\n\nresolver.example\n224.0.0.1\n192.0.2.0/24"
    jane.post("/servers/new", **{"label": "a\u202eb", "addresses": typed, "key": "none", "zone-1": "no"})
    assert jane.status == 422
    wrong = jane.error_of("addresses")
    assert "Line 3: &quot;resolver.example&quot; is no IP address" in wrong and "Line 4: Address 224.0.0.1" in wrong
    assert "Line 5:" in wrong and "Line 1" not in wrong and "Line 2" not in wrong
    assert "cannot be seen" in jane.error_of("label") and "Choose at least one zone." in jane.text
    assert typed in jane.text.replace("\r\n", "\n")
    for addresses, words in (("", "at least one address"), ("192.0.2.53@5300", "without a key the port has to be 53"),
                             ("0.0.0.0", "nobody can be told there"), ("\n".join(f"192.0.2.{i}" for i in range(9)), "at most 8")):
        jane.post("/servers/new", **{"label": "x", "addresses": addresses, "key": "none", "zone-1": "0"})
        assert jane.status == 422 and words in jane.error_of("addresses"), addresses
    jane.post("/servers/new", **{"label": "x", "addresses": "192.0.2.53", "key": "99", "zone-1": "0"})
    assert jane.status == 422 and jane.error_of("key") == "Choose one of your keys, or none."
    jane.post("/servers/new", **{"label": "x", "addresses": "192.0.2.53", "key": "none", "zone-1": "5"})
    assert jane.status == 422 and "Choose one of what is offered" in jane.text


def test_a_server_is_added_edited_disabled_and_deleted(site, jane):
    key, name = jane.make_key()
    server = jane.add_server(addresses="192.0.2.53\r\n2001:db8::53@5300", key=number_in(key), **{"zone-1": "3"})
    jane.get(server + "?done=server-added")
    assert "is told of new versions as soon as" in jane.notice() and "2001:db8::53@5300" in jane.text
    assert "when data changed, or a third of the life is over" in jane.text and "waits for a transfer" in jane.text
    site.tell("fetched", "192.0.2.53", name, site.SERIAL - 1)
    site.tell("told", "192.0.2.53", name, site.SERIAL, "badkey")
    jane.get(server)
    assert "not answered: TSIG: the key is not known there" in jane.text and "allow NOTIFY by it" in jane.text
    assert "behind for 2 hours" in jane.text and "over TCP; signed by the key" in jane.text

    jane.get(f"{server}/edit")
    assert "192.0.2.53\n2001:db8::53@5300" in jane.text and '<option value="3" selected>' in jane.text
    jane.follow(f"{server}/edit", **{"label": "resolver at work", "addresses": "192.0.2.53", "key": number_in(key), "zone-1": "1"})
    assert "resolver at work" in jane.text and "2001:db8::53" not in jane.text
    assert '<span class="tag good">active</span>' in jane.text  # what stays keeps its proof
    jane.follow(f"{server}/disable")
    assert "disabled" in jane.text and "no, it is told of nothing" in jane.text
    jane.get("/servers").follow(f"{server}/enable")
    assert jane.notice() == "The server is enabled." and '<span class="tag good">active</span>' in jane.text
    jane.get(f"{server}/edit").follow(f"{server}/edit", **{"label": "x", "addresses": "192.0.2.53", "key": "none", "zone-1": "1"})
    assert "waits for a transfer" in jane.text  # another key, or none, begins anew
    jane.get(f"{server}/delete").follow(f"{server}/delete")
    assert jane.notice() == "The server is gone." and jane.get(server).status == 404


def test_long_lists_come_in_pages(site, jane):
    jane.get("/servers/new")
    fields = jane.fields("/servers/new")
    for i in range(53):
        jane.send("/servers/new", urllib.parse.urlencode({**fields, "label": f"server-{i}", "addresses": f"192.0.2.{i + 1}", "key": "none", "zone-1": "0"}))
        assert jane.status == 303
    jane.get("/servers")
    shown = re.findall(r">(server-\d+)</a>", jane.text)
    following = html.unescape(re.search(r'href="(/servers\?after=\d+)"', jane.text).group(1))
    shown += re.findall(r">(server-\d+)</a>", jane.get(following).text)
    assert shown == [f"server-{i}" for i in range(53)] and "First page" in jane.text and "More servers" not in jane.text
    assert "There are no more servers" in jane.get("/servers?after=99999").text
    assert jane.get("/servers?after=-1").status == 200 and "server-0<" in jane.text
    assert "more servers</a>" in jane.get("/").text


# ---- getting started ----------------------------------------------------------------------------------------------------


def test_four_steps_show_how_far_one_has_come(site, jane):
    def done():
        return jane.get("/start").text.count('<li class="done">')

    assert done() == 0 and "four steps" in jane.get("/").text.lower()
    key, name = jane.make_key()
    assert done() == 1 and "You have a key" in jane.get("/").text
    server = jane.add_server(key=number_in(key), addresses="192.0.2.53")
    assert done() == 2
    command = html.unescape(re.search(r"<pre[^>]*>(dig .*?)</pre>", jane.text).group(1))
    assert command == f"dig -b 192.0.2.53 @198.51.100.1 . AXFR +tcp -y hmac-sha256:{name}:SECRET | tail -n 4"
    jane.post("/start")
    shown = html.unescape(re.search(r"<pre[^>]*>(dig .*?)</pre>", jane.text).group(1))
    secret = re.search(rf"{re.escape(name)}:(\S+) ", shown).group(1)
    assert jane.status == 200 and len(secret) == 44
    subprocess.run(["sh", "-n", "-c", shown], check=True)
    site.tell("refused", "192.0.2.53", "-", "a TSIG signature is needed")
    assert "A transfer to 192.0.2.53 was refused: a TSIG signature is needed." in jane.get("/start").text
    site.tell("fetched", "192.0.2.53", name, site.SERIAL)
    assert done() == 4 and "is told of new versions from now on" in jane.text
    assert "All is well" in jane.get("/").text
    site.tell("told", "192.0.2.53", name, site.SERIAL, "silence")
    jane.get("/")
    assert "What to look at" in jane.text and "not answered: no answer in time" in jane.text and f'href="{server}"' in jane.text
    jane.add_server(label="six", addresses="2001:db8::53")
    assert "dig -b 2001:db8::53 @2001:db8:1::1 . AXFR +tcp | tail" in html.unescape(jane.get("/start").text)


# ---- configurations -----------------------------------------------------------------------------------------------------


def test_each_software_has_a_configuration_or_is_told_why_not(site, jane):
    key, name = jane.make_key()
    keyed = jane.add_server(key=number_in(key), addresses="192.0.2.53@5300")
    plain = jane.add_server(label="without", addresses="192.0.2.54")
    software = re.findall(r'<option value="([a-z][a-z0-9.-]+)"', jane.get(f"{plain}/configuration").text)
    assert len(software) >= 16 and "dnsmasq" in jane.text and "forwards and caches" in jane.text
    made, cannot = set(), set()
    for word in software:
        for server in (keyed, plain):
            jane.get(f"{server}/configuration?for={word}&zone=1")
            assert jane.status == 200
            files = re.findall(r'<h2 id="file-\d"><code>(/etc/[^<]+)</code>', jane.text)
            (made if files else cannot).add((word, server))
            if files:
                assert "Then, as root" in jane.text and "198.51.100.1" in jane.text
            else:
                assert re.search(r'<div class="note wait" role="status">[A-Z].*?\.</div>', jane.text), word
    assert {word for word, _ in made} >= {"bind-9.18", "unbound", "knot", "nsd", "pdns-recursor-5", "unbound-nsd", "zonewright"}
    assert ("bind-9.18", keyed) in made and ("knot-resolver-6", plain) in cannot
    assert "NOTIFY is heard on port 53:" in jane.get(f"{keyed}/configuration?for=bind-9.18").text
    assert "hears no NOTIFY" in jane.get(f"{plain}/configuration?for=pdns-recursor-5").text
    assert jane.get(f"{plain}/configuration?for=nothing&zone=7").status == 200 and "Then, as root" not in jane.text


def test_a_secret_is_in_a_configuration_only_if_it_is_asked_for(site, jane):
    key, name = jane.make_key()
    secret = re.search(r"<dt>Secret</dt><dd><code>([^<]+)</code>", jane.text).group(1)
    server = jane.add_server(key=number_in(key))
    where = f"{server}/configuration"
    jane.get(f"{where}?for=bind-9.18&zone=1&secret=yes")
    assert name in jane.text and secret not in html.unescape(jane.text)
    jane.post(f"{where}/file")
    assert jane.status == 200 and secret not in jane.text and name in jane.text
    assert jane.headers["Content-Type"].startswith("text/plain") and re.fullmatch(
        r'attachment; filename="[\w.-]+"', jane.headers["Content-Disposition"])
    jane.get(f"{where}?for=bind-9.18&zone=1").post(where)
    assert jane.status == 200 and secret in html.unescape(jane.text) and "holds a secret" in jane.text
    jane.post(f"{where}/file")
    assert secret in jane.text and jane.headers["Cache-Control"] == "no-store"
    page = jane.get(f"{where}?for=bind-9.18&zone=1")
    page.post(f"{where}/file", file="7")
    assert jane.status == 404


def test_a_url_for_downloads_is_shown_once_made_anew_and_ended(site, jane):
    server = jane.add_server()
    assert "Make a secret URL" in jane.get(server).text and "End the URL" not in jane.text

    def make():
        jane.get(server).post(f"{server}/download")
        assert jane.status == 200 and jane.headers["Cache-Control"] == "no-store"
        return re.search(r"<pre[^>]*>(https://198\.51\.100\.1/zones/[a-z0-9]{32}/ROOT\.zone)</pre>", jane.text).group(1)

    first = make()
    for page in (server, "/servers", "/start", f"{server}/configuration?for=knot-resolver-5&zone=1"):
        assert first not in jane.get(page).text, page
    assert "THE-SECRET-OF-THIS-SERVER" in jane.text and "The secret of the URL is left out." in jane.text
    jane.post(f"{server}/configuration")
    assert first in html.unescape(jane.text) and "holds a secret" in jane.text
    jane.post(f"{server}/configuration/file")
    assert first in jane.text
    site.tell("downloaded", "192.0.2.53", first, site.SERIAL)
    jane.get(server)
    assert "fetches over HTTPS" in jane.text and "over HTTPS; " not in jane.text and "the newest" in jane.text
    assert "fetches over HTTPS" in jane.get("/servers").text and "That is all" in jane.get("/start").text
    assert "All is well" in jane.get("/").text
    site.change("UPDATE portal_fact SET fetched_at = fetched_at - 3 * 86400 * 1000000")
    assert "for more than two days" in jane.get("/").text and "fetches over HTTPS" not in jane.get("/servers").text
    second = make()
    assert site.ask("downloaded", "192.0.2.53", first, site.SERIAL) == "none"
    site.tell("downloaded", "192.0.2.53", second, site.SERIAL)
    jane.get("/data").post("/data/export")
    assert second.split("/")[4] not in jane.text
    jane.get("/data").post("/data/export", secrets="yes")
    assert json.loads(jane.text)["registered"]["servers"][0]["download"]["secret"] == second.split("/")[4]
    jane.get(server).follow(f"{server}/download/delete")
    assert jane.notice() == "The URL for downloads is good no more." and "Make a secret URL" in jane.text
    assert site.ask("downloaded", "192.0.2.53", second, site.SERIAL) == "none"
    assert site.read("SELECT * FROM portal_download") == []


def test_a_configuration_of_another_time_is_found_out(site, jane):
    from account_site import Visitor

    for visitor in (jane, Visitor(site)):
        visitor.get("/check").post("/check", text=" \n")
        assert visitor.status == 422 and "Paste the text" in visitor.text
        stale = 'zone "." {\n type mirror;\n primaries { 199.9.14.201; };\n};\n<b>'
        visitor.post("/check", text=stale)
        assert visitor.status == 200 and "Line 3" in visitor.text and "stale-address" in visitor.text
        assert "&lt;b&gt;" in visitor.text and "<b>" not in visitor.text
        visitor.post("/check", text="#" * 100_000)
        assert visitor.status == 200
        visitor.send("/check", "text=" + "x" * 500_000)
        assert visitor.status == 413


# ---- one's data ---------------------------------------------------------------------------------------------------------


def test_all_that_is_kept_can_be_taken_along(site, jane):
    key, name = jane.make_key("Prague \u2603")
    secret = re.search(r"<dt>Secret</dt><dd><code>([^<]+)</code>", jane.text).group(1)
    jane.add_server(key=number_in(key))
    jane.get("/data").post("/data/export")
    kept = json.loads(jane.text)
    assert jane.headers["Content-Disposition"] == 'attachment; filename="account.json"' and secret not in jane.text
    assert kept["email"] == "jane@example.net" and kept["registered"]["keys"][0]["label"] == "Prague \u2603"
    assert kept["registered"]["servers"][0]["targets"][0]["address"] == "192.0.2.53@53" and kept["sessions"][0]["address"] == "127.0.0.1"
    assert {"key.add", "server.add"} <= {event["action"] for event in kept["events"]}
    assert kept["tokens"] == [] and kept["passkeys"] == []
    token = site.ask("api-token", "jane@example.net", "keys:read", "servers:read")
    site.change("INSERT INTO account_passkey (credential, account, label, public_key, sign_count, aaguid, backup_eligible, backed_up, "
                "transports, made_at) VALUES (x'01', 1, 'key ring', x'5ec2e7', 0, x'', 0, 0, 'usb', 1)")
    jane.get("/data").post("/data/export", secrets="yes")
    kept = json.loads(jane.text)
    assert [(one["label"], one["scopes"]) for one in kept["tokens"]] == [("story", "keys:read servers:read")]
    assert kept["tokens"][0]["made_at"] and kept["tokens"][0]["good_until"] and token not in jane.text
    assert kept["passkeys"][0]["label"] == "key ring" and kept["passkeys"][0]["made_at"]
    assert set(kept["passkeys"][0]) == {"label", "is_synced", "made_at"}
    assert json.loads(jane.text)["registered"]["keys"][0]["secrets"][0]["secret"] == secret


def test_an_account_goes_with_all_that_it_has_and_not_by_chance(site, jane):
    from account_site import Visitor

    key, _ = jane.make_key()
    server = jane.add_server(key=number_in(key))
    elsewhere = Visitor(site).sign_in("jane@example.net")
    assert elsewhere.get("/account").status == 200
    # Whoever finds an open browser is asked who he is.
    token = site.ask("token", jane.cookies["session"], "/data/delete")
    site.change("UPDATE account_session SET confirmed_at = NULL")
    jane.get("/data/delete")
    assert jane.status == 303 and jane.headers["Location"] == "/account/confirm?next=%2Fdata%2Fdelete"
    jane.send("/data/delete", urllib.parse.urlencode({"token": token, "email": "jane@example.net"}))
    assert jane.status == 303 and "/account/confirm" in jane.headers["Location"] and jane.get(server).status == 200
    jane.get("/account/confirm?next=%2Fdata%2Fdelete").post("/account/confirm", secret="wrong password")
    assert jane.status == 422
    jane.follow("/account/confirm", secret="correct horse battery")
    jane.post("/data/delete", email="joan@example.net")
    assert jane.status == 422 and "as it stands above" in jane.error_of("email") and 'value="joan@example.net"' in jane.text
    assert jane.get(server).status == 200
    jane.get("/data/delete").post("/data/delete", email=" Jane@Example.net")
    assert jane.status == 303 and jane.headers["Location"] == "/?done=account-gone" and "session" not in jane.cookies
    assert "Your account is gone" in jane.get("/?done=account-gone").notice()
    assert elsewhere.get("/account").status == 303
    assert Visitor(site).sign_in("jane@example.net").status == 422
    admin = site.person("admin@example.net", admin=True)
    assert "jane@example.net" not in admin.get("/admin/users").text
    admin.get("/admin/events")
    assert "account.delete" in admin.text and "account.remove" in admin.text and "jane@" not in admin.text


# ---- administrators -----------------------------------------------------------------------------------------------------


def test_an_administrator_finds_people_and_pauses_them(site, jane):
    admin = site.person("admin@example.net", admin=True)
    server = jane.add_server()
    admin.get("/admin/users?part=JANE")
    assert "jane@example.net" in admin.text and "admin@example.net" not in admin.text
    assert "Nobody has an address" in admin.get("/admin/users?part=%25").text
    user = re.search(r'href="(/admin/users/\d+)"', admin.get("/admin/users?part=jane").text).group(1)
    admin.get(user).follow(f"{user}/pause")
    assert "paused" in admin.text and "disabled" in admin.text
    jane.get(server)
    assert "disabled" in jane.text
    jane.post(f"{server}/enable")
    assert jane.status == 422 and "paused by the operator" in jane.notice()
    jane.get("/servers/new").post("/servers/new", **{"label": "x", "addresses": "192.0.2.9", "key": "none", "zone-1": "0"})
    assert jane.status == 422 and "paused by the operator" in jane.notice()
    admin.follow(f"{user}/resume")
    jane.get(server).follow(f"{server}/enable")
    assert "waits for a transfer" in jane.text
    admin.get("/admin/events?subject=" + urllib.parse.quote("account/" + number_in(user), ""))
    assert "account.pause" in admin.text and "account.resume" in admin.text and 'actor=account%2F' in admin.text
    admin.get(user).follow(f"{user}/role")
    assert jane.get("/admin/users").status == 200
    own = re.search(r'href="(/admin/users/\d+)">admin@', admin.get("/admin/users").text).group(1)
    assert f'action="{own}/role"' not in admin.get(own).text  # nobody takes it from himself
    jane_of_admin = jane.get(own)
    assert f'action="{own}/role"' in jane_of_admin.text


def test_an_administrator_offers_zones(site, jane):
    admin = site.person("admin@example.net", admin=True)
    admin.get("/admin/zones").post("/admin/zones", name="nowhere.")
    assert admin.status == 422 and "that this service keeps" in admin.error_of("name")
    admin.follow("/admin/zones", name="example.")
    zone = re.search(r'action="(/admin/zones/\d+)"', admin.text).group(1)
    assert ">example<" not in jane.get("/servers/new").text  # by invitation only, to begin with
    admin.post(zone, offered="yes", invited_only="yes", note="x" * 301, versions="many")
    assert admin.status == 422 and "300 characters" in admin.error_of("note") and "a number" in admin.error_of("versions")
    admin.follow(zone, offered="yes", invited_only="yes", note=f"Changes weekly {EVIL}", versions="4")
    admin.post(f"{zone}/invite", email="nobody@example.net")
    assert admin.status == 422 and "Nobody has an account" in admin.error_of("email")
    admin.get(zone).follow(f"{zone}/invite", email="Jane@example.net")
    assert "jane@example.net" in admin.text
    feed, stranger = "/changes/example.jsonl", site.person("bob@example.net")
    assert jane.get(feed).status == 200 and jane.headers["Cache-Control"] == "private, max-age=60"
    assert f'href="{feed}"' in jane.get("/researchers").text
    assert stranger.get(feed).status == 404 and f'href="{feed}"' not in stranger.get("/researchers").text
    jane.get("/servers/new")
    field = f"zone-{number_in(zone)}"
    assert f'name="{field}"' in jane.text and "<script>" not in jane.text
    server = jane.add_server(**{field: "0"})
    assert ">example</h2>" in jane.get(server).text
    admin.get(zone).follow(f"{zone}/uninvite")
    assert ">example</h2>" not in jane.get(server).text
    assert jane.get(feed).status == 404
    admin.get(zone).follow(zone, offered="yes", note="", versions="")
    assert stranger.get(feed).status == 200 and stranger.headers["Cache-Control"] == "public, max-age=60"
    assert f'name="{field}"' in jane.get("/servers/new").text
    assert "No engine runs" in admin.get("/admin/feed").text


# ---- what attackers try -------------------------------------------------------------------------------------------------


def test_mark_up_is_text_wherever_it_is_put(site, jane):
    admin = site.person("admin@example.net", admin=True)
    label = EVIL[:64]
    key, name = jane.make_key(label)
    server = jane.add_server(label=label, key=number_in(key))
    site.tell("refused", "192.0.2.53", name, EVIL)
    pages = ["/", "/start", "/keys", key, f"{key}/delete", "/servers", "/servers/new", server, f"{server}/edit", f"{server}/delete",
             "/configuration", f"{server}/configuration", f"{server}/configuration?for=bind-9.18", f"/servers?done={urllib.parse.quote(EVIL)}"]
    for path in pages:
        jane.get(path)
        assert jane.status == 200 and "<script>alert" not in jane.text and "<img" not in jane.text, path
    for path in ("/admin/users", "/admin/users/1", "/admin/users/2", "/admin/events", f"/admin/users?part={urllib.parse.quote(EVIL)}",
                 f"/admin/events?actor={urllib.parse.quote(EVIL)}&subject={urllib.parse.quote(EVIL)}"):
        admin.get(path)
        assert admin.status == 200 and "<script>alert" not in admin.text and "<img" not in admin.text, path
    jane.get("/servers/new").post("/servers/new", label=EVIL, addresses=EVIL, key=EVIL, **{"zone-1": EVIL})
    assert jane.status == 422 and "<script>alert" not in jane.text and "<img" not in jane.text
    jane.get("/data/delete").post("/data/delete", email=EVIL)
    assert jane.status == 422 and "<script>alert" not in jane.text and "<img" not in jane.text


def concrete(pattern, number):
    return pattern.replace("{}", str(number))


def posts(site):
    return [pattern for method, pattern in site.routes() if method == "POST"]


def test_no_form_is_taken_that_is_not_from_our_pages(site, jane):
    mallory = site.person("mallory@example.net", admin=True)
    site.tell("role", "jane@example.net", "admin")
    key, _ = jane.make_key()
    jane.add_server(key=number_in(key))
    patterns = posts(site)
    assert len(patterns) > 30 and "/keys/{}/rotate" in patterns and "/data/delete" in patterns and "/check" in patterns
    for pattern in patterns:
        path = concrete(pattern, 1)
        good = site.ask("token", jane.cookies["session"], path)
        for what, body, headers in (
                ("none", "a=b", {}), ("another's", f"token={site.ask('token', mallory.cookies['session'], path)}", {}),
                ("of another form", f"token={site.ask('token', jane.cookies['session'], path + '/x')}", {}),
                ("from elsewhere", f"token={good}", {"Origin": "https://evil.example"}),
                ("from a frame elsewhere", f"token={good}", {"Sec-Fetch-Site": "cross-site"})):
            before = dict(jane.cookies)
            jane.send(path, body, headers)
            if pattern.startswith("/api/"):  # takes no cookie at all
                assert jane.status in (401, 413), (pattern, what, jane.status)  # 413: it takes no body either
                continue
            assert jane.status in (403, 422, 404) and (jane.status != 404 or pattern == "/link/{}"), (pattern, what, jane.status)
            assert jane.cookies.get("session") == before["session"], (pattern, what)
    assert jane.get("/keys/1").status == 200 and jane.get("/servers/1").status == 200


def test_what_is_anothers_is_not_found(site, jane):
    """Each route with a number in it, with a token that is good: as if mallory had found out how they are made."""
    admin = site.person("admin@example.net", admin=True)
    mallory = site.person("mallory@example.net")
    mallory.make_key("mallory's")
    mallory.add_server(label="mallory's", addresses="192.0.2.99")
    key, name = jane.make_key()
    server = jane.add_server(key=number_in(key))
    zones = {"label": "taken", "addresses": "192.0.2.66", "key": "none", "zone-1": "0", "algorithm": "hmac-sha256", "overlap": "0",
             "for": "bind-9.18", "zone": "1", "file": "0", "secret": "yes"}
    looked = 0
    for method, pattern in site.routes():
        if "{}" not in pattern or not pattern.startswith(("/keys/", "/servers/", "/admin/")):
            continue
        path = concrete(pattern, number_in(key) if pattern.startswith("/keys/") else number_in(server))
        if method == "GET":
            mallory.get(path)
        else:
            mallory.send(path, urllib.parse.urlencode({"token": site.ask("token", mallory.cookies["session"], path), **zones}))
        assert mallory.status == 404, (method, path, mallory.status)
        assert name not in mallory.text and "resolver at home" not in mallory.text
        looked += 1
    assert looked >= 20
    token = site.ask("token", mallory.cookies["session"], "/start")
    mallory.send("/start", urllib.parse.urlencode({"token": token, "server": number_in(server)}))
    assert mallory.status == 404
    # Another's key for one's own server.
    token = site.ask("token", mallory.cookies["session"], "/servers/new")
    mallory.send("/servers/new", urllib.parse.urlencode({"token": token, **zones, "key": number_in(key)}))
    assert mallory.status == 422 and name not in mallory.text
    jane.get(server)
    assert jane.status == 200 and "resolver at home" in jane.text and "192.0.2.53" in jane.text
    assert admin.get("/admin/users").status == 200


def test_numbers_that_are_none_are_not_found(jane):
    for number in ("0", "-1", "x", "99999999999999999999", "1%00", "1e3", "%E2%98%83", "01x"):
        for path in (f"/keys/{number}", f"/servers/{number}", f"/servers/{number}/configuration"):
            assert jane.get(path).status in (400, 404), path


def test_no_notice_is_written_by_strangers(jane):
    jane.get("/keys?done=You+have+won")
    assert jane.status == 200 and jane.notice() is None and "won" not in jane.text
