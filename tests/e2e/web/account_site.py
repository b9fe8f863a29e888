"""A site that has nothing but accounts, with a mail server beside it, and a client without a browser."""

import hashlib
import http.client
import itertools
import re
import sqlite3
import ssl
import subprocess
import time
import urllib.parse
from email import message_from_bytes, policy

from peers import free_port


class AccountSite:
    """`zw_account_site`, and what it mailed."""

    DATABASE = "accounts.db"

    def __init__(self, programs, folder, mail_port, room, waiting=15, bits=8, certificate=None, proxy=None):
        self.programs, self.folder, self.mail_port, self.room = programs, folder, mail_port, room
        self.port, self.waiting, self.bits = free_port(), waiting, bits
        self.certificate, self.proxy = certificate, proxy
        self.origin = f"http{'s' if certificate else ''}://localhost:{self.port}"
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.programs / "zw_account_site", *([f"proxy={self.proxy}"] if self.proxy else []), str(self.folder), str(self.port), str(self.mail_port), str(self.waiting),
             str(self.bits), *map(str, (self.certificate.file, self.certificate.key) if self.certificate else ())], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline(), "the site did not start"

    def stop(self):
        self.process.terminate()
        return self.process.wait(20)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def mails(self, count, timeout=15):
        """That many mails, as (recipient, subject, text); waits for them."""
        end = time.monotonic() + timeout
        while len(self.room.taken) < count:
            assert time.monotonic() < end, f"{len(self.room.taken)} of {count} mails came"
            time.sleep(0.02)
        out = []
        for _, recipients, content, _ in self.room.taken:
            message = message_from_bytes(content, policy=policy.default)
            out.append((recipients[0], message["Subject"], message.get_content()))
        return out

    def change(self, statement, *values):
        """What time, or somebody else, would do to its database."""
        with sqlite3.connect(self.folder / self.DATABASE, timeout=20) as database:
            return database.execute(statement, values).rowcount

    def read(self, statement, *values):
        with sqlite3.connect(self.folder / self.DATABASE, timeout=20) as database:
            return database.execute(statement, values).fetchall()

    def link(self, recipient, nth=1):
        """The path of the link in the nth mail to somebody that has one."""
        end = time.monotonic() + 15
        while True:
            texts = [text for to, _, text in self.mails(0) if to == recipient]
            found = [link for text in texts for link in re.findall(r"https?://localhost:\d+(/link/\w+)", text)]
            if len(found) >= nth:
                return found[nth - 1]
            assert time.monotonic() < end, f"no mail to {recipient}"
            time.sleep(0.02)


class Visitor:
    """A browser without scripts: cookies, forms, and no redirections by itself."""

    def __init__(self, site, address="127.0.0.1"):
        self.site, self.address, self.cookies = site, address, {}

    def request(self, method, path, body=None, headers=()):
        where = {"host": "127.0.0.1", "port": self.site.port, "timeout": 20, "source_address": (self.address, 0)}
        connection = http.client.HTTPSConnection(**where, context=ssl._create_unverified_context()) \
            if self.site.certificate else http.client.HTTPConnection(**where)
        fields = {"Host": f"localhost:{self.site.port}", **dict(headers)}
        if self.cookies:
            fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, body, fields)
        answer = connection.getresponse()
        self.status, self.headers, self.text = answer.status, answer.headers, answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
            if "Max-Age=0" in cookie:
                del self.cookies[name]
        connection.close()
        return self

    def get(self, path):
        return self.request("GET", path)

    def fields(self, action):
        """The hidden fields of the form that goes to `action` on the page that was got last."""
        form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', self.text, re.DOTALL).group(0)
        return {name: value for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)}

    def post(self, action, *, headers=(), **fields):
        body = urllib.parse.urlencode({**self.fields(action), **fields})
        return self.send(action, body, headers)

    def send(self, action, body, headers=()):
        return self.request("POST", action, body, {"Content-Type": "application/x-www-form-urlencoded",
                                                   "Origin": self.site.origin, "Sec-Fetch-Site": "same-origin", **dict(headers)})

    def work_off(self, path="/sign-up"):
        """Gets the form that has a link mailed; gives its ticket, worked off."""
        self.get(path)
        ticket = self.fields(path)["ticket"]
        for number in itertools.count():
            digest = hashlib.sha256(f"{ticket}.{number}".encode()).digest()
            if int.from_bytes(digest[:4], "big") >> (32 - self.site.bits) == 0:
                return f"{ticket}.{number}"

    def ask_link(self, email, path="/sign-up", headers=()):
        """Sends the form that has a link mailed."""
        ticket = self.work_off(path)
        return self.post(path, email=email, ticket=ticket, headers=headers)

    def sign_up(self, email, password="correct horse battery"):
        """All of it; gives the path of the link that was used."""
        self.ask_link(email)
        assert self.status == 200, self.text
        link = self.site.link(email)
        self.get(link).post(link, password=password)
        assert self.status == 303, self.text
        return link

    def sign_in(self, email, password="correct horse battery"):
        return self.get("/sign-in").post("/sign-in", email=email, password=password)
