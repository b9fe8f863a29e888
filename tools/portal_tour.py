"""The portal of ./run: its mail, and an operator who signs up there as people do, by its forms."""

import re
import secrets
import warnings

from peers import free_port, wait_until
from portal_service import settings_of
from portal_site import Person
from sites import Controller, Mailroom

EMAIL = "demo@example.net"


class Portal:
    """Where it is, what it mailed, and what the settings of localroot say of it."""

    name, certificate, bits = "portal", None, 20

    def __init__(self, server):
        self.server, self.port, self.mail_port = server, free_port(), free_port()
        self.origin = f"http://localhost:{self.port}"
        self.room, self.seen, self.password = Mailroom(), 0, secrets.token_urlsafe(12)
        warnings.simplefilter("ignore")  # aiosmtpd's own, of Python to come
        self.mail = Controller(self.room, hostname="127.0.0.1", port=self.mail_port)
        self.mail.start()

    def settings(self):
        return settings_of(self, self.server, "public-fall-backs = false")

    def stop(self):
        self.mail.stop()

    def check_running(self):
        """It runs within localroot, and mail within this program."""

    def log(self):
        return f"{len(self.room.taken)} mails\n"

    def new_mails(self):
        """Of each that came since the last call: to whom, its subject, and the link in it or nothing."""
        from email import message_from_bytes, policy
        new, self.seen = self.room.taken[self.seen:], len(self.room.taken)
        for _, recipients, content, _ in new:
            message = message_from_bytes(content, policy=policy.default)
            link = re.search(rf"{self.origin}/link/\w+", message.get_content())
            yield recipients[0], message["Subject"], link and link.group(0)

    def link(self, recipient):
        """What Person asks for: the path of the link that was mailed."""
        def came():
            return next((link for to, _, link in self.new_mails() if to == recipient and link), None)
        return wait_until(came, 30, f"a mail to {recipient}").removeprefix(self.origin)


class Operator(Person):
    """Has an account, and a server that he registered."""

    def register(self, label, address):
        self.sign_up(EMAIL, self.site.password)
        self.path = self.add_server(label, addresses=address)
        return self

    def configuration(self, target):
        """The first file that the portal writes for this server."""
        page = f"{self.path}/configuration"
        self.get(f"{page}?for={target}&zone=1")
        self.post(f"{page}/file", **{"for": target, "zone": "1", "file": "0", "secret": "no"})
        if self.status != 200:
            raise RuntimeError(f"the portal wrote no configuration: {self.status}")
        return self.text

    def wait_words(self, *words):
        """Until these words stand on the page of the server."""
        def stand():
            self.get(self.path)
            return all(word in self.text for word in words)
        wait_until(stand, 60, f"the page says {' and '.join(words)}")

    def standing(self):
        """What the page says of its first target, as pairs."""
        return [(re.sub("<[^>]+>", "", term), re.sub("<[^>]+>", "", text).strip())
                for term, text in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", self.text, re.DOTALL)]
