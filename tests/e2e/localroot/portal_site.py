"""A portal without an engine, whom the stories tell what engines would see."""

import re
import subprocess
import threading

from account_site import AccountSite, Visitor
from peers import free_port


class PortalSite(AccountSite):
    """`zw_portal_site`, and what it mailed."""

    DATABASE = "portal.db"
    SERIAL = 2026112700  # that its service has of each zone

    def __init__(self, programs, folder, mail_port, room, budget=()):
        self.programs, self.folder, self.mail_port, self.room = programs, folder, mail_port, room
        self.budget = budget  # of an API token: at once, and in a minute
        self.certificate, self.bits, self.port = None, 8, free_port()
        self.origin = f"http://localhost:{self.port}"
        self.lock = threading.Lock()
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.programs / "zw_portal_site", str(self.folder), str(self.port), str(self.mail_port), *map(str, self.budget)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ok\n", "the site did not start"

    def stop(self):
        self.process.stdin.close()
        return self.process.wait(20)

    def ask(self, *words):
        """What the program answers on its standard input."""
        with self.lock:
            print(*words, file=self.process.stdin, flush=True)
            return self.process.stdout.readline().rstrip("\n")

    def tell(self, *words):
        answer = self.ask(*words)
        assert answer == "ok", answer

    def routes(self):
        return [tuple(route.split()) for route in self.ask("routes").split(";")]

    def person(self, email, admin=False):
        """Somebody with an account, signed in, without a browser."""
        visitor = Person(self)
        visitor.sign_up(email)
        visitor.email = email
        if admin:
            self.tell("role", email, "admin")
        return visitor


class Person(Visitor):
    def fields(self, action):
        form = re.search(rf'<form[^>]*method="post" action="{re.escape(action)}".*?</form>', self.text, re.DOTALL).group(0)
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))

    def follow(self, action, /, **fields):
        """Posts the form on this page that goes to `action`, and goes where it leads."""
        self.post(action, **fields)
        assert self.status == 303, (self.status, self.text)
        where = self.headers["Location"]
        return self.get(where)

    def make_key(self, label="resolvers in Prague", algorithm="hmac-sha256"):
        """Gives its path and its name on the wire."""
        self.get("/keys/new").post("/keys/new", label=label, algorithm=algorithm)
        assert self.status == 200, self.text
        return re.search(r'href="(/keys/\d+)"', self.text).group(1), re.search(r"<code>(\w+\.localroot\.)</code>", self.text).group(1)

    def add_server(self, label="resolver at home", addresses="192.0.2.53", key="none", **zones):
        """Gives its path."""
        self.get("/servers/new").post("/servers/new", label=label, addresses=addresses, key=key, **{**{"zone-1": "0"}, **zones})
        assert self.status == 303, (self.status, self.text)
        return self.headers["Location"].split("?")[0]

    def error_of(self, field):
        """What stands beside a field, which says itself that it is wrong."""
        box = re.search(rf'<(?:input|select|textarea)[^>]*name="{field}"[^>]*>', self.text).group(0)
        assert 'aria-invalid="true"' in box, box
        described = re.search(r'aria-describedby="([^"]*)"', box).group(1).split()
        texts = {name: re.search(rf'id="{name}"[^>]*>(.*?)</p>', self.text).group(1) for name in described}
        return texts[f"{field}-bad"]

    def notice(self):
        found = re.search(r'<div class="note (\w+)" role="(?:status|alert)"[^>]*>(.*?)</div>', self.text)
        return found and found.group(2)
