"""The portal for programs: every answer is held against the description that the portal gives of itself."""

import functools
import http.client
import json
import re
import urllib.parse

import pytest
from jsonschema import Draft202012Validator, RefResolver
from portal_site import PortalSite

ALL = "keys:read keys:secret keys:write servers:read servers:write account:read account:delete"
SERVER = {"label": "ns1", "addresses": ["192.0.2.53", "2001:db8::53"], "zones": [{"zone": "."}]}
EVIL = "\"><script>alert(1)</script>\u00e9'; DROP TABLE account; --"


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.text = response.status, response.headers, response.read().decode()
        kind = response.headers.get("Content-Type") or ""
        self.json = json.loads(self.text) if "json" in kind else None

    def pointer(self):
        return self.json["errors"][0].get("pointer") or self.json["errors"][0]["parameter"]


class Site(PortalSite):
    """A portal of three people, whose API's answers are checked as they come."""

    def start(self):
        super().start()
        for person in ("jane", "joe", "root"):
            self.tell("person", f"{person}@example.net")
        self.tell("role", "root@example.net", "admin")
        self.tell("zone", "arpa.")
        self.tell("invited-zone", "hidden.example.")
        self.exercised = set()
        self.description = self.request("GET", "/api/v1/openapi.json").json
        self.resolver = RefResolver.from_schema(self.description)
        self.operations = {}
        for path, methods in self.description["paths"].items():
            pattern = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) + "$")
            for method, operation in methods.items():
                if method != "parameters":
                    self.operations[method.upper(), path] = (pattern, operation)

    def token(self, who, scopes=ALL):
        token = self.ask("api-token", who, scopes)
        assert token.startswith("zwt_"), token
        return token

    def request(self, method, path, body=None, token=None, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        fields = dict(headers)
        if body is not None and not isinstance(body, (str, bytes)):
            body, fields = json.dumps(body), {"Content-Type": "application/json", **fields}
        if token:
            fields["Authorization"] = f"Bearer {token}"
        connection.request(method, path, body, fields)
        answer = Answer(connection.getresponse())
        connection.close()
        return answer

    def resolved(self, value):
        return self.resolver.resolve(value["$ref"])[1] if "$ref" in value else value

    def operation(self, method, path):
        fit = [key for key, (pattern, _) in self.operations.items()
               if key[0] == method and pattern.match(path.split("?")[0])]
        return min(fit, key=lambda key: key[1].count("{"), default=None)

    def call(self, method, path, body=None, token=None, **headers):
        """A request below /api/v1 that is described; its answer has to be what the description says."""
        path = "/api/v1" + path
        answer = self.request(method, path, body, token, headers)
        key = self.operation(method, path)
        assert key, f"{method} {path} is not described"
        responses = self.operations[key][1]["responses"]
        response = self.resolved(responses.get(str(answer.status), responses["default"]))
        assert str(answer.status) in responses or answer.status >= 400, f"{key}: {answer.status} {answer.text}"
        assert answer.headers["Cache-Control"] == "no-store" and not answer.headers.get("Set-Cookie")
        if "content" in response:
            (kind, content), = response["content"].items()
            assert answer.headers["Content-Type"] == kind
            Draft202012Validator(content["schema"], resolver=self.resolver).validate(answer.json)
        else:
            assert answer.text == ""
        if answer.status >= 400:
            assert answer.json["status"] == answer.status
        else:
            self.exercised.add(key)
        return answer

    def example(self, key):
        body = self.operations[key][1].get("requestBody")
        return self.resolved(body)["content"]["application/json"]["example"] if body else None


@pytest.fixture
def make_site(portal_site):
    return functools.partial(portal_site, kind=Site)


@pytest.fixture
def site(make_site):
    return make_site()


def test_every_request_is_answered_as_it_is_described(site):
    """One tour through all operations, each with an answer that its schema fits."""
    jane, root = site.token("jane@example.net"), site.token("root@example.net", "admin account:read")

    def own(method, path, body=None, status=200):
        answer = site.call(method, path, body, jane)
        assert answer.status == status, answer.text
        return answer.json

    def admin(method, path, body=None, status=200):
        answer = site.call(method, path, body, root)
        assert answer.status == status, answer.text
        return answer.json

    assert own("GET", "/keys") == {"keys": []}
    made = site.call("POST", "/keys", {"label": "Vienna"}, jane)
    assert made.status == 201 and made.headers["Location"] == f"/api/v1/keys/{made.json['id']}"
    key = made.json["id"]
    assert len(made.json["secrets"][0]["value"]) == 44 and made.json["secrets"][0]["algorithm"] == "hmac-sha256"
    assert "value" not in own("GET", f"/keys/{key}")["secrets"][0]
    assert own("GET", f"/keys/{key}?secrets=true")["secrets"] == made.json["secrets"]
    assert own("PATCH", f"/keys/{key}", {"label": "Gr\u00e4z"})["label"] == "Gr\u00e4z"
    rotated = own("POST", f"/keys/{key}/rotate", {"algorithm": "hmac-sha512", "overlap_seconds": 3600})
    assert [one["algorithm"] for one in rotated["secrets"]] == ["hmac-sha512", "hmac-sha256"]
    assert rotated["secrets"][1]["ends_at"]
    own("POST", f"/keys/{key}/rotate", {}, 409)
    assert len(own("POST", f"/keys/{key}/end-rotation")["secrets"]) == 1
    own("POST", f"/keys/{key}/end-rotation", status=409)

    assert own("GET", "/servers") == {"servers": [], "next": None}
    answer = site.call("POST", "/servers", SERVER, jane)
    assert answer.status == 201 and answer.headers["Location"] == f"/api/v1/servers/{answer.json['id']}"
    server = answer.json["id"]
    assert [target["phase"] for target in answer.json["targets"]] == ["unproven"] * 2
    assert answer.json["targets"][0]["advice"]["is_fault"] and "192.0.2.53" in answer.json["targets"][0]["advice"]["what"]
    zone = {each["name"]: each["id"] for each in admin("GET", "/admin/zones")["zones"]}
    site.tell("fetched", "192.0.2.53", "-", 2026080500)
    target, other = own("GET", f"/servers/{server}")["targets"]
    assert (target["phase"], other["phase"]) == ("active", "unproven")
    assert target["facts"]["serial"] == 2026080500 and target["facts"]["transport"] == "tcp" and target["proven_at"]
    site.tell("told", "192.0.2.53", "-", 2026080501, "silence")
    target = own("GET", f"/servers/{server}")["targets"][0]
    assert target["unanswered"] == 1 and target["facts"]["outcome"]["fault"] == "no answer in time"
    assert target["advice"]["is_fault"] and target["advice"]["mend"]
    assert own("GET", "/servers")["servers"][0]["active"] == 1
    assert own("PUT", f"/servers/{server}/enabled", {"enabled": False})["targets"][0]["phase"] == "disabled"
    assert own("PUT", f"/servers/{server}/enabled", {"enabled": True})["targets"][0]["phase"] == "active"
    replaced = own("PUT", f"/servers/{server}", {**SERVER, "label": "ns2", "key": key, "addresses": ["192.0.2.53@5300"], "zones": [
        {"zone": ".", "policy": "change"}, {"zone": "ARPA", "policy": "security"}]})
    assert replaced["label"] == "ns2" and replaced["key"] == key and replaced["addresses"] == ["192.0.2.53@5300"]
    assert replaced["zones"] == [{"zone": ".", "policy": "change"}, {"zone": "arpa.", "policy": "security"}]
    own("DELETE", f"/keys/{key}", status=409)

    assert [each["name"] for each in own("GET", "/zones")["zones"]] == [".", "arpa."]
    words = [each["word"] for each in own("GET", "/software")["software"]]
    for word in words:
        answer = site.call("GET", f"/servers/{server}/configuration?software={word}&zone=.", None, jane)
        assert answer.status in (200, 422), answer.text
    secret = own("GET", f"/keys/{key}?secrets=true")["secrets"][0]["value"]
    path = f"/servers/{server}/configuration?software=bind-9.18&zone=."
    shut, shown = own("GET", path), own("GET", path + "&secrets=true")
    assert not shut["has_secret"] and secret not in json.dumps(shut)
    assert shown["has_secret"] and secret in shown["files"][0]["text"] and "198.51.100.1" in shown["files"][0]["text"]
    own("GET", f"/servers/{server}/download", status=404)
    own("DELETE", f"/servers/{server}/download", status=404)
    assert own("GET", f"/servers/{server}")["download"] is None
    kresd = f"/servers/{server}/configuration?software=knot-resolver-5&zone=."
    assert "no URL for downloads yet" in own("GET", kresd, status=422)["detail"]
    made = own("POST", f"/servers/{server}/download", status=201)
    url = made["zones"][0]["url"]
    assert [each["zone"] for each in made["zones"]] == [".", "arpa."] and url.startswith("https://198.51.100.1/zones/")
    assert "url" not in own("GET", f"/servers/{server}/download")["zones"][0]
    assert own("GET", f"/servers/{server}/download?secrets=true") == made
    assert own("GET", f"/servers/{server}")["download"] == {"made_at": made["made_at"]}
    assert not own("GET", kresd)["has_secret"] and url not in json.dumps(own("GET", kresd))
    with_url = own("GET", kresd + "&secrets=true")
    assert with_url["has_secret"] and url in with_url["files"][0]["text"]
    site.tell("downloaded", "192.0.2.53", url, 2026080500)
    target = own("GET", f"/servers/{server}")["targets"][0]
    assert target["facts"]["transport"] == "https" and target["facts"]["serial"] == 2026080500 and not target["advice"]["is_fault"]
    assert own("GET", "/servers")["servers"][0]["downloading"] == 1
    assert own("POST", f"/servers/{server}/download", status=201)["zones"][0]["url"] != url
    own("DELETE", f"/servers/{server}/download", status=204)
    found = own("POST", "/configuration/check", {"text": shown["files"][0]["text"]})
    assert found["software"] == "BIND"

    assert own("GET", "/account")["account"]["email"] == "jane@example.net"
    assert [each["is_this"] for each in own("GET", "/account")["tokens"]] == [True]
    copy = own("GET", "/account/export?secrets=true")
    assert copy["registered"]["servers"][0]["label"] == "ns2" and secret in json.dumps(copy)
    assert secret not in json.dumps(own("GET", "/account/export"))

    number = int(site.ask("account", "jane@example.net"))
    assert [each["email"] for each in admin("GET", "/admin/users")["accounts"]] == [
        "jane@example.net", "joe@example.net", "root@example.net"]
    assert len(admin("GET", "/admin/users?part=JO")["accounts"]) == 1
    assert admin("GET", f"/admin/users/{number}")["account"]["email"] == "jane@example.net"
    assert admin("PUT", f"/admin/users/{number}/paused", {"paused": True})["paused_since"]
    assert not own("GET", f"/servers/{server}")["enabled"]
    own("PUT", f"/servers/{server}/enabled", {"enabled": True}, 422)
    assert admin("PUT", f"/admin/users/{number}/paused", {"paused": False})["paused_since"] is None
    joe = int(site.ask("account", "joe@example.net"))
    assert admin("PUT", f"/admin/users/{joe}/role", {"role": "admin"})["account"]["role"] == "admin"
    assert admin("PUT", f"/admin/users/{joe}/role", {"role": "user"})["account"]["role"] == "user"
    admin("PUT", f"/admin/users/{site.ask('account', 'root@example.net')}/role", {"role": "user"}, 409)
    hidden = f"/admin/zones/{zone['hidden.example.']}/invitations"
    admin("PUT", f"{hidden}/{number}", status=204)
    assert admin("GET", hidden) == {"accounts": [number]}
    assert "hidden.example." in [each["name"] for each in own("GET", "/zones")["zones"]]
    admin("DELETE", f"{hidden}/{number}", status=204)
    admin("PUT", f"{hidden}/999999", status=404)
    admin("PUT", f"/admin/zones/999999/invitations/{number}", status=404)
    offered = admin("POST", "/admin/zones", {"name": "arpa", "offered": False, "invited_only": False, "note": "Paused."})
    assert offered["id"] == zone["arpa."] and offered["octets"] == 4711
    assert admin("POST", "/admin/zones", {"name": "com", "offered": True, "invited_only": False}, 422)["errors"][0]["pointer"] == "#/name"
    assert admin("GET", "/admin/service")["last_change"] > 0
    events = admin("GET", f"/admin/events?actor=account/{number}&limit=200")["events"]
    assert {"key.add", "key.rotate", "server.add", "server.edit", "account.make-token"} <= {each["action"] for each in events}
    assert re.fullmatch(r"127\.0\.0\.1 token/\d+", next(each["origin"] for each in events if each["action"] == "key.add"))
    paused, = [each for each in admin("GET", "/admin/events")["events"] if each["action"] == "account.pause"]
    assert paused["actor"] == f"account/{site.ask('account', 'root@example.net')}" and paused["subject"] == f"account/{number}"
    first = admin("GET", "/admin/events?limit=2")
    assert len(first["events"]) == 2 and first["next"]
    assert admin("GET", f"/admin/events?limit=2&before={first['next']}")["events"][0]["number"] < first["next"]

    own("DELETE", f"/servers/{server}", status=204)
    own("GET", f"/servers/{server}", status=404)
    own("DELETE", f"/keys/{key}", status=204)
    ended = site.token("jane@example.net", "keys:read")
    assert site.call("DELETE", "/token", None, ended).status == 204
    assert site.call("GET", "/keys", None, ended).status == 401
    own("POST", "/account/delete", {"email": "joe@example.net"}, 422)
    own("POST", "/account/delete", {"email": "Jane@Example.net"}, 204)
    assert site.call("GET", "/account", None, jane).status == 401
    assert site.ask("account", "jane@example.net") == "none"

    untried = set(site.operations) - site.exercised
    assert not untried, f"described, and not tried here: {untried}"


def test_what_is_another_accounts_is_not_there(site):
    """Every operation on a key or server, by whom it is not, is answered as for one that nobody has."""
    jane, joe = site.token("jane@example.net"), site.token("joe@example.net")
    key = site.call("POST", "/keys", {"label": "Vienna"}, jane).json["id"]
    server = site.call("POST", "/servers", {**SERVER, "key": key}, jane).json["id"]
    before = site.call("GET", "/account/export?secrets=true", None, jane).json["registered"]
    tried = 0
    for (method, path), _ in site.operations.items():
        if "{key}" not in path and "{server}" not in path:
            continue
        tried += 1
        query = "?software=bind-9.18" if path.endswith("/configuration") else ""

        def ask(number):
            place = path.replace("{key}", str(number)).replace("{server}", str(number)).removeprefix("/api/v1")
            answer = site.call(method, place + query, site.example((method, path)), joe)
            return answer.status, re.sub(r"\d+", "N", answer.text)

        number = key if "{key}" in path else server
        theirs, nobodys = ask(number), ask(987654321)
        assert theirs[0] == 404, f"{method} {path}: {theirs}"
        assert theirs == nobodys, f"{method} {path}"
        for strange in ("0", "-1", "1e3", "18446744073709551616", "x", "%2e%2e", "1%00", "01x"):
            answer = site.request(method, path.replace("{key}", strange).replace("{server}", strange) + query,
                                  site.example((method, path)), joe)
            assert answer.status in (400, 404), f"{method} {path} {strange}: {answer.status}"
    assert tried >= 10
    assert site.call("GET", "/keys", None, joe).json == {"keys": []}
    assert site.call("GET", "/servers", None, joe).json["servers"] == []
    # Nor by way of a body.
    for number in (key, 987654321):
        answer = site.call("POST", "/servers", {**SERVER, "key": number}, joe)
        assert (answer.status, answer.pointer(), answer.json["detail"]) == (422, "#/key", f"key {number}: there is none")
    for zone in ("hidden.example.", "nobody.example."):
        answer = site.call("POST", "/servers", {**SERVER, "zones": [{"zone": zone}]}, joe)
        assert (answer.status, answer.pointer(), answer.json["detail"]) == (422, "#/zones/0/zone", f"the zone {zone} is not offered")
    assert site.call("GET", "/account/export?secrets=true", None, jane).json["registered"] == before


def test_nothing_is_done_without_the_scope_that_is_described(site):
    """Each operation by a token that has all scopes but the one it needs, by none, and by things that are no token."""
    admin = "root@example.net"
    every = set(f"{ALL} admin".split())
    for (method, path), (_, operation) in site.operations.items():
        place = re.sub(r"\{\w+\}", "1", path).removeprefix("/api/v1")
        body = site.example((method, path))
        for bad in (None, "zwt_nonsense", "x" * 3000):
            answer = site.call(method, place, body, bad)
            assert answer.status == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer realm="), (method, path)
        scopes = operation.get("security", [{"token": []}])[0]["token"]
        for scope in scopes:
            lacking = site.token(admin, " ".join(sorted(every - {scope})))
            answer = site.call(method, place, body, lacking)
            assert answer.status == 403 and scope in answer.json["detail"], (method, path)
            assert f'scope="{scope}"' in answer.headers["WWW-Authenticate"]
            assert site.call("DELETE", "/token", None, lacking).status == 204  # an account has so many
    reader = site.token("jane@example.net", "keys:read keys:write servers:read account:read")
    made = site.call("POST", "/keys", {"label": "x"}, reader)
    assert made.status == 201 and "value" not in made.text
    assert "value" not in site.call("POST", f"/keys/{made.json['id']}/rotate", {}, reader).text
    for path in ("/keys", f"/keys/{made.json['id']}", "/account/export"):
        assert site.call("GET", path + "?secrets=true", None, reader).status == 403
    assert not site.ask("api-token", "jane@example.net", "admin").startswith("zwt_")


def test_cookies_and_forms_are_nobody(site):
    token = site.token("jane@example.net")
    for headers in ({"Cookie": f"session={token}; __Host-session={token}; device={token}"},
                    {"Authorization": f"Basic {token}"}, {"Authorization": token}):
        assert site.call("GET", "/keys", None, None, **headers).status == 401
    answer = site.request("POST", "/api/v1/keys", "label=x", token, {"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 415 and "application/json" in answer.json["detail"]
    for kind in ("text/plain", "multipart/form-data; boundary=x", ""):
        assert site.request("POST", "/api/v1/keys", '{"label": "x"}', token, {"Content-Type": kind}).status == 415
    answer = site.request("GET", "/api/v1/keys", None, token, {"Origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert site.call("GET", "/keys", None, token).json == {"keys": []}


@pytest.mark.parametrize("body, status, pointer", [
    ("", 400, None), ("{", 400, None), ("[]", 422, "#"), ("null", 422, "#"), ('{"label": "a", "label": "b"}', 400, None),
    ("[" * 5000, 400, None), (b'{"label": "\xff"}', 400, None), ('{"label": "x", "lable": "y"}', 422, "#/lable"),
    ('{"label": 7}', 422, "#/label"), ('{"label": "a\\u0000b"}', 422, "#/label"), ('{"label": "a\\u202eb"}', 422, "#/label"),
    ('{"label": "' + "x" * 65 + '"}', 422, "#/label"), ('{"label": "x", "algorithm": "hmac-md5"}', 422, "#/algorithm"),
    ('{"label": "x", "a/b~c": 1}', 422, "#/a~1b~0c")])
def test_a_bad_body_changes_nothing_and_is_told_where(site, body, status, pointer):
    token = site.token("jane@example.net")
    answer = site.call("POST", "/keys", body, token, **{"Content-Type": "application/json"})
    assert answer.status == status, answer.text
    if pointer:
        assert answer.pointer() == pointer and len(answer.json["detail"]) > 10
    assert site.call("GET", "/keys", None, token).json == {"keys": []}


def test_addresses_keys_and_zones_of_a_server_are_checked_one_by_one(site):
    token = site.token("jane@example.net")
    for change, pointer in (({"addresses": []}, "#/addresses"), ({"addresses": ["192.0.2.1"] * 9}, "#/addresses"),
                            ({"addresses": ["192.0.2.1", "ns1.example"]}, "#/addresses/1"), ({"addresses": ["127.0.0.1"]}, "#/addresses/0"),
                            ({"addresses": ["ff02::1"]}, "#/addresses/0"), ({"addresses": ["192.0.2.1@5300"]}, "#/addresses/0"),
                            ({"addresses": "192.0.2.1"}, "#/addresses"), ({"zones": []}, "#/zones"),
                            ({"zones": [{"zone": "."}, {"zone": "arpa", "policy": "never"}]}, "#/zones/1/policy"),
                            ({"zones": [{"zone": "."}, {"zone": "."}]}, "#/zones/1/zone"), ({"key": "1"}, "#/key"),
                            ({"enabled": True}, "#/enabled")):
        answer = site.call("POST", "/servers", {**SERVER, **change}, token)
        assert (answer.status, answer.pointer()) == (422, pointer), answer.text
    assert site.call("GET", "/servers", None, token).json["servers"] == []
    # What is strange and allowed comes back as it was.
    made = site.call("POST", "/servers", {**SERVER, "label": EVIL}, token)
    assert made.status == 201 and made.json["label"] == EVIL and "<script>" not in made.text
    assert site.call("POST", "/servers", {**SERVER, "label": EVIL}, token).status == 201  # the same once more is another one


def test_a_list_of_servers_is_read_page_by_page(site):
    token = site.token("jane@example.net")
    for i in range(23):
        assert site.call("POST", "/servers", {**SERVER, "label": f"ns{i}"}, token).status == 201
    seen, after = [], 0
    while after is not None:
        page = site.call("GET", f"/servers?limit=5&after={after}", None, token).json
        assert 1 <= len(page["servers"]) <= 5
        seen += [server["label"] for server in page["servers"]]
        after = page["next"]
    assert seen == [f"ns{i}" for i in range(23)]
    for query in ("limit=0", "limit=201", "limit=x", "after=-1", "after=99999999999999999999"):
        answer = site.call("GET", "/servers?" + query, None, token)
        assert (answer.status, answer.pointer()) == (422, query.split("=")[0])
    assert site.call("GET", "/keys?secrets=yes", None, token).status == 422


def test_what_no_route_is_for_is_told_to_programs(site):
    token = site.token("jane@example.net")
    nowhere = site.request("GET", "/api/v1/nowhere", None, token)
    assert nowhere.status == 404 and nowhere.headers["Content-Type"] == "application/problem+json"
    for method, path, allowed in (("DELETE", "/keys", {"GET", "POST"}), ("POST", "/keys/1", {"GET", "PATCH", "DELETE"}),
                                  ("PUT", "/zones", {"GET"}), ("GET", "/token", {"DELETE"})):
        answer = site.request(method, "/api/v1" + path, None, token)
        assert answer.status == 405 and answer.json["status"] == 405
        assert set(answer.headers["Allow"].split(", ")) == allowed
    long = site.request("POST", "/api/v1/keys", '{"label": "' + "x" * 20_000 + '"}', token, {"Content-Type": "application/json"})
    assert long.status == 413 and long.headers["Content-Type"] == "application/problem+json"
    assert site.request("GET", "/nowhere").headers["Content-Type"].startswith("text/html")


def test_a_token_that_asks_too_often_waits_and_others_do_not(make_site):
    site = make_site(budget=(5, 1))
    hasty, calm = site.token("jane@example.net"), site.token("jane@example.net")
    statuses = [site.call("GET", "/zones", None, hasty).status for _ in range(8)]
    assert statuses == [200] * 5 + [429] * 3
    answer = site.call("GET", "/zones", None, hasty)
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert site.call("GET", "/zones", None, calm).status == 200


def test_the_page_for_people_tells_of_every_request(site):
    page = site.request("GET", "/api")
    assert page.status == 200 and page.headers["Content-Type"].startswith("text/html")
    for (method, path), (_, operation) in site.operations.items():
        assert f"<code>{method} {path}</code>" in page.text and operation["summary"].replace("'", "&#39;") in page.text
    assert "<script" not in page.text and "keys:secret" in page.text
    identifiers = re.findall(r'\bid="([^"]+)"', page.text)
    assert len(identifiers) == len(set(identifiers))
