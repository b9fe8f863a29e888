"""`localroot serve` with its portal, as people and resolvers meet it."""

import time

from localroot_peer import Upgraded
from peers import free_port
from portal_site import Person, PortalSite


def settings_of(site, server, portal="", store=""):
    """What stands in the configuration of who has the pages: `site` knows their ports, `server` is told of in
    configurations. More lines of [portal] and tables behind it may follow."""
    return f"""
[portal]
enabled = true
listen = ["127.0.0.1@{site.port}"]
origin = "{site.origin}"
offer = ["."]
allow-loopback = true
servers = ["{server.address}@{server.port}"]
{portal}
[portal.mail]
sender = "portal@example.net"
port = {site.mail_port}
security = "none"
{store}
"""


class LivePortal(PortalSite):
    """The pages of a running service; persons of portal_site.py visit them."""

    def __init__(self, peers, programs, mail_server, address="127.0.0.1", port=None):
        self.mail_port, self.room = mail_server()
        self.certificate, self.bits, self.port = None, 20, free_port()
        self.origin = f"http://localhost:{self.port}"
        self.ours = peers(Upgraded, programs=programs, address=address, port=port)

    @property
    def folder(self):
        return self.ours.folder / "state"

    def settings(self, portal="", store=""):
        return settings_of(self, self.ours, portal, store)

    def start(self, origin, anchor, primaries, *, top="", portal="", store="", **options):
        self.ours.start(origin, anchor, primaries,
                        top=f'source = ["{self.ours.address}"]\n{top}' + self.settings(portal, store), **options)
        return self

    def stop(self):
        self.ours.stop()

    def visitor(self):
        return Person(self)

    def person(self, email):
        visitor = self.visitor()
        visitor.sign_up(email)
        visitor.email = email
        return visitor


def wait_page(person, path, words, timeout=60):
    """Until these words stand on a page, which is given back as text."""
    end = time.monotonic() + timeout
    while True:
        person.get(path)
        assert person.status == 200, (path, person.status, person.text)
        if words in person.text:
            return person.text
        assert time.monotonic() < end, f"{words} never stood on {path}:\n{person.text}"
        time.sleep(0.1)
