"""Our `localroot serve` as one more peer, and the signed zones that it is fed with.

    maker = ZoneMaker(folder, programs)               # a key made on the spot, and a root-like zone around it
    first, second = maker.version(), maker.version()  # signed, with ZONEMD; the second has the next serial
    ours = peers(Localroot, programs=programs).start(maker.origin, maker.anchor, primaries=[nsd])
    ours.wait_serving(first.serial)
"""

import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsigkeyring
from peers import PeerError, Server, free_port, wait_until

KEY_NAME = "transfer.test."
KEY_SECRET = "c3Rvcmllcy1vZi1sb2NhbHJvb3QtYXJlLXNpZ25lZCE="
KEYRING = dns.tsigkeyring.from_text({KEY_NAME: KEY_SECRET})

# The key, as each program wants to read it.
BIND_KEY = f'key "{KEY_NAME}" {{ algorithm hmac-sha256; secret "{KEY_SECRET}"; }};\n'
KNOT_KEY = f"key:\n  - id: {KEY_NAME}\n    algorithm: hmac-sha256\n    secret: {KEY_SECRET}\n"
NSD_KEY = f'key:\n  name: "{KEY_NAME}"\n  algorithm: hmac-sha256\n  secret: "{KEY_SECRET}"\n'


def run(*command, cwd=None):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60, check=False,
                          cwd=cwd)
    if done.returncode != 0:
        raise PeerError(f"{command[0]} ended with {done.returncode}: {done.stderr or done.stdout}")
    return done.stdout


@dataclass
class Version:
    serial: int
    file: Path
    digest: str  # of the whole zone, as its ZONEMD record has it
    added: str  # a delegation that this version is the first to have

    @property
    def text(self):
        return self.file.read_text()


class ZoneMaker:
    """Successive versions of a root-like zone, signed by one key for now."""

    origin = "."

    def __init__(self, folder, programs, size=40):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        plain = self.folder / "plain.zone"
        run(programs / "zonewright", "zone", "make", "root", "--seed", 1, "--size", size, "-o", plain)
        text = plain.read_text()
        self.serial = int(re.search(r"(\d+)\s*; serial", text).group(1)) - 1
        # Whoever follows a delegation from here stays on loopback.
        text = re.sub(r"\tA\t[\d.]+", "\tA\t127.255.255.254", text)
        text = re.sub(r"\tAAAA\t[\da-fA-F:.]+", "\tAAAA\t::1", text)
        self.plain = re.sub(r"\d+(\s*; serial)", r"@SERIAL@\1", text)
        self.key = run("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", ".", cwd=self.folder).strip()
        self.anchor = self.folder / f"{self.key}.ds"
        self.added = []

    def version(self, serial=None, lives=None, zonemd=True, adds=True):
        """The next version, or the one with this serial. Signatures end after `lives` seconds, if given. Without
        `adds`, only signatures, serial and digest are others."""
        self.serial = serial or self.serial + 1
        name = f"added{self.serial}." if adds else self.added[-1]
        if adds:
            self.added.append(name)
        lines = [f"{name}\t172800\tIN\tNS\tns.{name}\n{name}\t86400\tIN\tDS\t4711 13 2 {int(name[5:-1]):064x}\n"
                 f"ns.{name}\t172800\tIN\tA\t127.255.255.254\n" for name in self.added]
        plain = self.folder / f"{self.serial}.plain"
        plain.write_text(self.plain.replace("@SERIAL@", str(self.serial)) + "".join(lines))
        file = self.folder / f"{self.serial}.zone"
        run("ldns-signzone", *(["-z", "sha384"] if zonemd else []), *(["-e", int(time.time()) + lives] if lives else []),
            "-o", ".", "-f", file, plain, self.key, cwd=self.folder)
        digest = re.search(r"\tZONEMD\t\d+ 1 1 (\w+)", file.read_text())
        return Version(self.serial, file, digest.group(1).lower() if digest else "", name)


class Localroot(Server):
    """Our daemon. Its primaries, subscribers and access are peers or `address@port`; with `key`, all of them use
    TSIG. `http_port` is where its status is."""

    name = "localroot"

    def __init__(self, folder, programs, address="127.0.0.1", port=None):
        super().__init__(folder, address, port)
        self.programs = programs
        self.http_port = free_port()

    def configure(self, origin, anchor, primaries, *, subscribers=(), key=False, allow=None, more="", top="",
                  limit="256MiB"):
        """Writes the configuration. `allow`: lines of allow-transfer instead of everybody on loopback (with the key).
        `limit`: of the image."""
        signed = f'key = "{KEY_NAME}"\n' if key else ""

        def remotes(table, peers):
            return "".join(f'[[zone.{table}]]\naddress = "{_where(peer)}"\n{signed}' for peer in peers)

        return self.write("localroot.toml", f"""
state = "{self.folder}/state"
listen = ["{self.address}@{self.port}"]
http = "127.0.0.1@{self.http_port}"
workers = {self.workers}
{top}
[[key]]
name = "{KEY_NAME}"
secret = "{KEY_SECRET}"

[[zone]]
name = "{origin}"
anchor = "{anchor}"
image-limit = "{limit}"
{remotes("primary", primaries)}
{remotes("subscriber", subscribers)}
[[zone.allow-transfer]]
{allow if allow is not None else 'from = "127.0.0.0/8"' + chr(10) + signed}
{more}
""")

    def start(self, *arguments, at=None, ready=True, **options):
        """`at`: the moment to begin at, as `2026-08-05T00:00:00Z`."""
        path = self.configure(*arguments, **options)
        self.launch([self.programs / "zonewright", "localroot", "serve", "--config", path, *(["--at", at] if at else [])])
        return self.wait_ready() if ready else self

    def wait_ready(self, timeout=20):
        wait_until(lambda: self.status() is not None, timeout, f"{self.name} has a status", pause=0.01)
        return self

    def http(self, path):
        """Status code and body, or None when nobody is there."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            self.check_running()
            return None

    def status(self):
        """The first zone of /status, or None."""
        answer = self.http("/status")
        zones = json.loads(answer[1])["zones"] if answer and answer[0] == 200 else []
        return zones[0] if zones else None

    def wait_status(self, condition, what, timeout=20):
        """Until `condition` holds for the status, which is given back."""
        last = None

        def look():
            nonlocal last
            last = self.status()
            return last if last and condition(last) else None

        try:
            return wait_until(look, timeout, what, pause=0.02)
        except PeerError as error:
            raise PeerError(f"{error}; the status was {last}") from None

    def wait_serving(self, serial, timeout=20):
        """Until it serves this version, over DNS too."""
        status = self.wait_status(lambda zone: zone["condition"] == "serving" and zone["serial"] == serial,
                                  f"{self.name} serves {serial}", timeout)
        self.wait_serial(status["origin"], serial, timeout=5)
        return status


class Upgraded(Localroot):
    """Which is the process that serves now; the others are ending."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.former = []

    def pid(self):
        return int((self.folder / "state" / "lock").read_text())

    def take_over(self):
        """A new process does; comes back when it serves."""
        ready = self.log().count("msg=ready")
        self.former.append(self.process)
        command, self.command = self.command, [*self.command, "--take-over"]
        self._begin()
        self.command = command
        wait_until(lambda: self.log().count("msg=ready") > ready, 30, "the new process serves")
        self.check_running()
        assert self.pid() == self.process.pid

    def wait_former(self, timeout=40):
        for process in self.former:
            assert process.wait(timeout) == 0
        self.former = []

    def stop(self, timeout=10):
        super().stop(timeout)
        for process in self.former:
            process.kill()
            process.wait()


def _where(peer):
    return peer if isinstance(peer, str) else f"{peer.address}@{peer.port}"


def send_notify(server, zone, serial=None, keyring=None):
    """A NOTIFY to `server`, signed with the key if `keyring` is given; gives back the answer."""
    query = dns.message.make_query(zone, "SOA")
    query.set_opcode(dns.opcode.NOTIFY)
    query.flags = (query.flags & ~dns.flags.RD) | dns.flags.AA
    if keyring:
        query.use_tsig(keyring)
    return dns.query.udp(query, server.address, timeout=3, port=server.port)


def republish(version, zone, upstream, ours):
    """Puts `version` to where `upstream` reads `zone`, tells `ours` of it, and waits until that serves it."""
    shutil.copy(version.file, zone)
    upstream.reload()
    # While NSD reloads, its old and its new process answer by turns, and who hears the old serial waits for the refresh.
    for _ in range(10):
        upstream.wait_serial(".", version.serial)
        time.sleep(0.02)
    assert send_notify(ours, ".").rcode() == dns.rcode.NOERROR
    ours.wait_serving(version.serial, timeout=15)
