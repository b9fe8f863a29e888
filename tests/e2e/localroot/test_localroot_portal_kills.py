"""Power cuts while people use the portal: what was answered is kept, what was not may be or not, and every mail goes out."""

import collections
import http.client
import json
import os
import random
import re
import threading
import time
from email import message_from_bytes, policy

import pytest
from peers import wait_until
from portal_service import LivePortal

GONE = (OSError, http.client.HTTPException)  # what somebody sees of a kill


def names_of(key):
    return [secret["name"] for secret in key["secrets"]]


class Busy(threading.Thread):
    """Somebody who does one thing after another until end(), and has to bear that the service is gone."""

    def __init__(self, portal):
        super().__init__(daemon=True)
        self.portal, self.fault, self.stopping = portal, None, threading.Event()

    def act(self):
        raise NotImplementedError

    def was_cut(self):
        """The service was gone in midst of act()."""

    def run(self):
        while not self.stopping.is_set():
            try:
                self.act()
            except GONE:
                self.was_cut()
                self.stopping.wait(0.02)
            except BaseException as fault:  # noqa: BLE001: told by end()
                self.fault = fault
                return

    def end(self):
        self.stopping.set()
        self.join(60)
        assert not self.is_alive()
        if self.fault:
            raise self.fault


class User(Busy):
    """Changes things without a pause, one after another, and knows what has to be there.

    `there` is what he was told is so. Of the change that was under way at a kill he knows nothing: he looks which of
    the two it is, and holds to that from then on."""

    def __init__(self, portal, number, seed):
        super().__init__(portal)
        self.number, self.chance, self.is_sure, self.pending = number, random.Random(f"{seed} {number}"), True, None
        self.there, self.made, self.counts = {"keys": {}, "servers": {}}, 0, collections.Counter()
        person = portal.person(f"user-{number}@example.net")
        scopes = [("label", "kills"), ("life", "30")] + [("scope", scope) for scope in
                                                         ("keys:read", "keys:secret", "keys:write", "servers:read", "servers:write")]
        person.get("/account/tokens")
        hidden = person.fields("/account/tokens")
        person.send("/account/tokens", "&".join(f"{name}={value}" for name, value in [*hidden.items(), *scopes]))
        self.token = re.search(r">(zwt_\w+)<", person.text).group(1)

    def request(self, method, path, body=None):
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.portal.port, timeout=20)
            try:
                connection.request(method, "/api/v1" + path, json.dumps(body) if body is not None else None,
                                   {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json",
                                    "Host": f"localhost:{self.portal.port}"})
                answer = connection.getresponse()
                text = answer.read()
            finally:
                connection.close()
            if answer.status != 429:
                break
            self.stopping.wait(0.5)
        assert answer.status < 300, (method, path, body, answer.status, text)
        return json.loads(text) if text else None

    def look(self):
        """All that is there, by number."""
        keys = self.request("GET", "/keys?secrets=true")["keys"]  # which have to be unsealed
        out = {"keys": {one["id"]: [one["label"], names_of(one)] for one in keys}, "servers": {}}
        after = 0
        while after is not None:
            page = self.request("GET", f"/servers?after={after}")
            out["servers"] |= {one["id"]: [one["label"], one["addresses"], one["enabled"]] for one in page["servers"]}
            after = page["next"]
        return out

    def next_change(self):
        """A request, and what it makes of a copy of `there` once its answer is known."""
        keys, servers = self.there["keys"], self.there["servers"]
        self.made += 1
        label = f"{self.number}-{self.made}"
        address = f"198.18.{self.number}.{self.made % 250 + 1}"
        what = self.chance.choice(["key", "server", "server", "rename", "enabled", "enabled", "end", "end key"])
        if what == "server" and len(servers) < 20:
            draft = {"label": label, "addresses": [address], "zones": [{"zone": "."}]}
            return "POST", "/servers", draft
        if servers and what in ("rename", "enabled", "end"):
            which = self.chance.choice(list(servers))
            return {"rename": ("PUT", f"/servers/{which}", {"label": label, "addresses": [address], "zones": [{"zone": "."}]}),
                    "enabled": ("PUT", f"/servers/{which}/enabled", {"enabled": not servers[which][2]}),
                    "end": ("DELETE", f"/servers/{which}", None)}[what]
        if keys and (what == "end key" or len(keys) >= 20):
            return "DELETE", f"/keys/{self.chance.choice(list(keys))}", None
        return "POST", "/keys", {"label": label}

    def change(self):
        method, path, body = self.next_change()
        self.pending = method, path, body
        answer = self.request(method, path, body)
        self.pending = None
        self.counts["changes"] += 1
        kind, *rest = path.strip("/").split("/")
        if method == "POST":
            self.there[kind][answer["id"]] = [answer["label"], names_of(answer)] if kind == "keys" else \
                [answer["label"], answer["addresses"], answer["enabled"]]
        elif method == "DELETE":
            del self.there[kind][int(rest[0])]
        elif "enabled" in body:
            self.there[kind][int(rest[0])][2] = body["enabled"]
        else:
            self.there[kind][int(rest[0])][:2] = body["label"], body["addresses"]

    def reconcile(self):
        """After a kill: all is as it was told, but for what was under way."""
        now, before = self.look(), self.there
        method, path, body = self.pending or (None, "/none", None)
        kind, *rest = path.strip("/").split("/")
        if self.pending and now != before:
            self.counts["done but not answered"] += 1
            if method == "POST":
                new = [one for one in now[kind] if one not in before[kind]]
                assert len(new) == 1 and now[kind][new[0]][0] == body["label"], (self.pending, before, now)
                before[kind][new[0]] = now[kind][new[0]]
            elif method == "DELETE":
                del before[kind][int(rest[0])]
            elif "enabled" in body:
                before[kind][int(rest[0])][2] = body["enabled"]
            else:
                before[kind][int(rest[0])][:2] = body["label"], body["addresses"]
        elif self.pending:
            self.counts["neither answered nor done"] += 1
        assert now == before, (self.pending, before, now)
        self.pending = None

    def act(self):
        if not self.is_sure:
            self.reconcile()
            self.is_sure = True
        self.change()

    def was_cut(self):
        self.is_sure = False

    def end(self):
        super().end()
        self.reconcile()


class Visitors(Busy):
    """People who sign up: of each whose form was taken a mail has to come."""

    def __init__(self, portal):
        super().__init__(portal)
        self.asked, self.unknown, self.number = [], [], 0

    def act(self):
        self.number += 1
        self.ask(f"visitor-{self.number}@example.net")

    def ask(self, email):
        visitor = self.portal.visitor()
        ticket = visitor.work_off()  # which may take longer than until the next kill
        self.unknown.append(email)
        while not self.stopping.is_set():
            try:
                visitor.post("/sign-up", email=email, ticket=ticket)
            except ConnectionRefusedError:  # nobody has seen it
                self.stopping.wait(0.02)
                continue
            if visitor.status == 200:
                self.asked.append(self.unknown.pop())
            return


def mails_by_recipient(room):
    """Of each recipient when what came, as its place among all, and its Message-ID."""
    out = collections.defaultdict(list)
    for place, (_, recipients, content, _) in enumerate(list(room.taken)):
        out[recipients[0]].append((place, message_from_bytes(content, policy=policy.default)["Message-ID"]))
    return out


def check_copies(mails, kills):
    """A mail comes again only if we were killed between. `kills`: how many mails had come at each."""
    for sent in mails.values():
        assert len({name for _, name in sent}) == 1, "one was asked for, and two were written"
        for (first, _), (second, _) in zip(sent, sent[1:]):
            assert any(first < kill <= second for kill in kills), "a mail was sent again, and nothing had happened"
    again = [len(sent) - 1 for sent in mails.values() if len(sent) > 1]
    assert len(again) <= len(kills) / 20 + 2, "far too many are sent again"
    return again


def kill_again_and_again(times, seed, portal):
    chance, ours = random.Random(seed), portal.ours
    users, visitors = [User(portal, number, seed) for number in range(3)], Visitors(portal)
    for one in (*users, visitors):
        one.start()
    kills = []
    for _ in range(times):
        time.sleep(chance.uniform(0.05, 1.2))
        ours.kill()
        kills.append(len(portal.room.taken))
        ours.restart()
        if any(one.fault for one in (*users, visitors)):
            break
    for one in (*users, visitors):
        one.end()
    # Who was killed while a mail was on its way has it for five minutes more; so long nobody waits here.
    time.sleep(2)  # for those that are under way now
    portal.change("UPDATE zw_job SET due = 0 WHERE holder IS NOT NULL AND NOT dead")
    wait_until(lambda: set(visitors.asked) <= set(mails_by_recipient(portal.room)), 60, "every mail that was asked for has come")
    mails = mails_by_recipient(portal.room)
    again = check_copies(mails, kills)
    strangers = set(mails) - set(visitors.asked) - set(visitors.unknown) - {f"user-{user.number}@example.net" for user in users}
    assert not strangers, strangers
    counts = sum((user.counts for user in users), collections.Counter())
    print(f"{times} kills, seed {seed}: {dict(counts)}; {len(visitors.asked)} mails asked for, {len(visitors.unknown)} more under way, "
          f"{len(again)} sent again, {sum(again)} times in all")
    assert counts["changes"] > times and len(visitors.asked) > times / 50
    return counts


@pytest.fixture
def portal(peers, programs, maker, upstream, mail_server):
    version = maker.version()
    live = LivePortal(peers, programs, mail_server)
    live.start(".", maker.anchor, [upstream(version)])
    live.ours.wait_serving(version.serial)
    return live


@pytest.mark.quiet
def test_kills_under_use_lose_nothing_that_was_answered(portal):
    kill_again_and_again(12, 20261127, portal)


@pytest.mark.long
def test_a_thousand_kills_under_use_lose_nothing_that_was_answered(portal):
    kill_again_and_again(int(os.environ.get("ZW_KILLS", "1000")), int(os.environ.get("ZW_SEED", "1")), portal)
