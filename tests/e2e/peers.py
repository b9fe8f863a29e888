"""Other people's name servers and resolvers, started for one test on loopback and ended with it.

Each class knows how its program is started, when it is ready and how it stops; what it shall do comes from the
test as pieces of its own configuration language:

    knot = Knot(tmp_path / "knot").start(zones={"example.": zone_file})
    answer = knot.ask("www.example.", "A", dnssec=True)
    bind = Bind(tmp_path / "bind", address="127.0.0.2").start(config='zone "example" { … };', options="…")
    bind.wait_serial("example.", 2026080100)

No packet leaves the machine: a configuration that names an address outside loopback is not started, and
every program sends from its own loopback address, from which the kernel routes nothing to the outside.
"""

import ipaddress
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"


class PeerError(Exception):
    pass


def _ports():
    """One port after the other, for ever. They lie below those that the kernel gives to whoever asks for any (32768 on),
    so nobody gets one by chance between free_port() and its use. Stories that run beside one another (pytest-xdist)
    each have their own, and another run of the stories most likely begins elsewhere."""
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    own = range(11000, 32768)[number::count]
    place = random.SystemRandom().randrange(len(own))
    while True:
        yield own[place % len(own)]
        place += 1


PORTS = _ports()


def free_port(address="127.0.0.1"):
    """A port that nobody uses on `address`, neither over UDP nor over TCP."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for _ in range(200):
        port = next(PORTS)
        with socket.socket(family, socket.SOCK_DGRAM) as udp, socket.socket(family, socket.SOCK_STREAM) as tcp:
            try:
                udp.bind((address, port))
                tcp.bind((address, port))
            except OSError:
                continue
            return port
    raise PeerError(f"no free port on {address}")


def check_loopback(text):
    """Raises if `text` holds an IP address that is not on loopback (0.0.0.0 and :: neither). Where there is no way
    out (a test that is marked `alone`), any address may stand."""
    if "ZW_ALONE" in os.environ:
        return
    for word in re.findall(r"(?<![\w.:-])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:]*::?[0-9a-fA-F:]+)(?![\w.:-])", text):
        try:
            address = ipaddress.ip_address(word)
        except ValueError:
            continue
        if not address.is_loopback:
            raise PeerError(f"{word} is not on loopback; tests send nothing to the outside")


def wait_until(condition, timeout, what, pause=0.05):
    """Calls `condition` until it gives something true, which is given back. `what` is for the error."""
    end = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise PeerError(f"not within {timeout} s: {what}")
        time.sleep(pause)


class Server:
    """A program that answers DNS on one loopback address and port. Subclasses say how it is started."""

    name = "server"
    workers = 1  # that answer, of those that can have several

    def __init__(self, folder, address="127.0.0.1", port=None):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.address = address
        self.port = port or free_port(address)
        self.log_file = self.folder / f"{self.name}.log"
        self.process = None
        self.zones = []

    # ---- life ----

    def launch(self, command, at=None):
        """Starts `command`. `at`: the time that the program shall believe, as `2026-08-05 00:00:00`."""
        environment = dict(os.environ, TZ="UTC")
        if at:
            if not os.path.exists(FAKETIME):
                raise PeerError("libfaketime is not installed")
            environment.update(LD_PRELOAD=FAKETIME, FAKETIME=f"@{at}", FAKETIME_DONT_FAKE_MONOTONIC="1")
        self.command, self.environment = [str(word) for word in command], environment
        return self._begin()

    def _begin(self):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(self.command, cwd=self.folder, env=self.environment, stdout=log,
                                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        return self

    def wait_ready(self, timeout=20):
        """Until it answers, and for each of its zones with NOERROR."""
        for zone in self.zones or [None]:
            wait_until(lambda: self._is_ready(zone), timeout, f"{self.name} answers for {zone or 'anything'}")
        return self

    def _is_ready(self, zone):
        self.check_running()
        try:
            answer = self.ask(zone or ".", "SOA", timeout=0.5)
        except (dns.exception.DNSException, OSError, EOFError):
            return False
        return zone is None or answer.rcode() == dns.rcode.NOERROR

    def check_running(self):
        if self.process is None or self.process.poll() is not None:
            code = self.process and self.process.returncode
            raise PeerError(f"{self.name} is not running (exit status {code}); its log ends:\n{self.log()[-3000:]}")

    def reload(self):
        """Makes it read its configuration and zone files again."""
        self.check_running()
        self.process.send_signal(signal.SIGHUP)

    def stop(self, timeout=10):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def kill(self):
        """Ends it as a power cut would."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def restart(self):
        """With the configuration that it has."""
        self.stop()
        return self._begin().wait_ready()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # ---- talk ----

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def wait_log(self, pattern, timeout=20):
        """Until a line of the log matches the regular expression; gives back the match."""
        return wait_until(lambda: re.search(pattern, self.log()), timeout, f"{self.name} logs /{pattern}/")

    def ask(self, name, rdtype, *, tcp=False, dnssec=False, recurse=False, timeout=3, rdclass="IN", **options):
        """One question. `options` go to dns.message.make_query (payload=…, use_edns=…)."""
        query = dns.message.make_query(name, rdtype, rdclass, want_dnssec=dnssec, **options)
        if not recurse:
            query.flags &= ~dns.flags.RD
        return self.exchange(query, tcp=tcp, timeout=timeout)

    def exchange(self, query, *, tcp=False, timeout=3):
        send = dns.query.tcp if tcp else dns.query.udp
        return send(query, self.address, timeout=timeout, port=self.port)

    def serial(self, zone):
        """The serial that it serves, or None."""
        try:
            answer = self.ask(zone, "SOA", timeout=1)
        except (dns.exception.DNSException, OSError, EOFError):
            return None
        for rrset in answer.answer:
            if rrset.rdtype == dns.rdatatype.SOA:
                return rrset[0].serial
        return None

    def wait_serial(self, zone, serial, timeout=20):
        wait_until(lambda: self.serial(zone) == serial, timeout, f"{self.name} serves {zone} {serial}")
        return self

    # ---- for subclasses ----

    def write(self, file, text):
        """A file in the folder; the text is checked to name no address outside loopback."""
        check_loopback(text)
        path = self.folder / file
        path.write_text(text)
        return path

    @staticmethod
    def program(name):
        path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin")
        if not path:
            raise PeerError(f"{name} is not installed")
        return path


class Knot(Server):
    """Knot DNS. `config`: whole sections (remote, acl, key, zone, …); `template`: lines of the default
    template; `server`: lines of the server section; `zones`: origin -> file, served as primary."""

    name = "knot"

    def start(self, config="", *, zones=None, template="", server="", at=None, ready=True):
        self.zones = list(zones or [])
        served = "".join(f'  - domain: "{origin}"\n    file: "{file}"\n' for origin, file in (zones or {}).items())
        path = self.write("knot.conf", f"""
server:
  rundir: "{self.folder}"
  listen: {self.address}@{self.port}
  udp-workers: {self.workers}
  tcp-workers: 2
  background-workers: 1
{_indent(server, 2)}
log:
  - target: stderr
    any: info
database:
  storage: "{self.folder}"
template:
  - id: default
    storage: "{self.folder}"
{_indent(template, 4)}
{config}
{"zone:" if served else ""}
{served}""")
        self.launch([self.program("knotd"), "-c", path], at)
        return self.wait_ready() if ready else self

    def control(self, *words):
        """knotc with these words; gives back its output."""
        return _run([self.program("knotc"), "-s", str(self.folder / "knot.sock"), *words])


class Nsd(Server):
    """NSD. `config`: whole clauses (zone, pattern, key); `server`: lines of the server clause; `zones`:
    origin -> file, served as primary."""

    name = "nsd"

    def start(self, config="", *, zones=None, server="", at=None, ready=True):
        self.zones = list(zones or [])
        served = "".join(f'zone:\n  name: "{origin}"\n  zonefile: "{file}"\n' for origin, file in (zones or {}).items())
        path = self.write("nsd.conf", f"""
server:
  ip-address: {self.address}@{self.port}
  username: ""
  chroot: ""
  zonesdir: "{self.folder}"
  zonelistfile: "{self.folder}/zone.list"
  xfrdfile: "{self.folder}/xfrd.state"
  xfrdir: "{self.folder}"
  database: ""
  pidfile: ""
  verbosity: 2
  server-count: {self.workers}
  rrl-ratelimit: 0
{_indent(server, 2)}
remote-control:
  control-enable: yes
  control-interface: "{self.folder}/control"
{config}
{served}""")
        self.launch([self.program("nsd"), "-d", "-c", path], at)
        return self.wait_ready() if ready else self

    def control(self, *words):
        """nsd-control with these words; gives back its output."""
        return _run([self.program("nsd-control"), "-c", str(self.folder / "nsd.conf"), *words])


class Bind(Server):
    """BIND. `config`: whole statements (zone, key, …); `options`: statements inside `options`; `zones`: origin ->
    file, served as primary. Not recursive unless `options` says so. It listens only on addresses that an interface
    has, which of IPv4's loopback is 127.0.0.1 alone; `source` is the address that it sends from."""

    name = "bind"

    def __init__(self, folder, address="127.0.0.1", port=None, source=None):
        super().__init__(folder, address, port)
        if address != "127.0.0.1" and "ZW_ALONE" not in os.environ:
            raise PeerError(f"BIND does not listen on {address}")
        self.source = source or address
        self.control_port = free_port(address)

    def start(self, config="", *, zones=None, options="", at=None, ready=True):
        self.zones = list(zones or [])
        served = "".join(f'zone "{origin}" {{ type primary; file "{file}"; }};\n'
                         for origin, file in (zones or {}).items())
        defaults = "" if re.search(r"(^|;|\s)recursion\s", options) else "recursion no; "
        defaults += "" if "dnssec-validation" in options else "dnssec-validation no;"
        self.write("rndc.conf", f"""
key "rndc" {{ algorithm hmac-sha256; secret "dGVzdCBrZXk="; }};
options {{ default-key "rndc"; default-server {self.address}; default-port {self.control_port}; }};
""")
        path = self.write("named.conf", f"""
key "rndc" {{ algorithm hmac-sha256; secret "dGVzdCBrZXk="; }};
controls {{ inet {self.address} port {self.control_port} allow {{ 127.0.0.0/8; {self.address}; }} keys {{ "rndc"; }}; }};
options {{
  directory "{self.folder}";
  listen-on port {self.port} {{ {self.address}; }};
  listen-on-v6 {{ none; }};
  pid-file none;
  session-keyfile none;
  query-source address {self.source};
  notify-source {self.source};
  transfer-source {self.source};
  {defaults}
  {options}
}};
{config}
{served}""")
        self.launch([self.program("named"), "-g", "-n", str(self.workers), "-c", path], at)
        return self.wait_ready() if ready else self

    def control(self, *words):
        """rndc with these words; gives back its output."""
        return _run([self.program("rndc"), "-c", str(self.folder / "rndc.conf"), *words])


class Unbound(Server):
    """Unbound. `config`: whole clauses (auth-zone, stub-zone, forward-zone, …); `server`: lines of the server
    clause. It validates only if `server` gives a trust anchor. Without an auth-zone or stub for the root it finds
    nothing: its hints lead to an address of loopback where nobody is."""

    name = "unbound"

    def start(self, config="", *, server="", at=None, ready=True):
        hints = self.write("hints", ". 3600000 NS nobody.invalid.\nnobody.invalid. 3600000 A 127.255.255.254\n")
        path = self.write("unbound.conf", f"""
server:
  interface: {self.address}
  port: {self.port}
  do-ip6: no
  username: ""
  chroot: ""
  directory: "{self.folder}"
  pidfile: ""
  use-syslog: no
  log-time-ascii: no
  verbosity: 2
  num-threads: 1
  access-control: 127.0.0.0/8 allow
  outgoing-interface: {self.address}
  do-not-query-localhost: no
  root-hints: "{hints}"
{_indent(server, 2)}
remote-control:
  control-enable: yes
  control-use-cert: no
  control-interface: "{self.folder}/control"
{config}
""")
        self.launch([self.program("unbound"), "-d", "-c", path], at)
        return self.wait_ready() if ready else self

    def control(self, *words):
        """unbound-control with these words; gives back its output."""
        return _run([self.program("unbound-control"), "-c", str(self.folder / "unbound.conf"), *words])


class PdnsRecursor(Server):
    """PowerDNS Recursor. `config`: lines `setting=value`; `lua`: the Lua configuration (zoneToCache, trust
    anchors). Its hints lead to an address of loopback where nobody is, unless `hints` says otherwise."""

    name = "pdns_recursor"

    def start(self, config="", *, lua="", hints=None, at=None, ready=True):
        hint_file = self.write("hints", hints or
                               ". 3600000 IN NS nobody.invalid.\nnobody.invalid. 3600000 IN A 127.255.255.254\n")
        lua_file = self.write("recursor.lua", lua)
        self.write("recursor.conf", f"""
local-address={self.address}
local-port={self.port}
query-local-address={self.address}
allow-from=127.0.0.0/8
dont-query=
hint-file={hint_file}
lua-config-file={lua_file}
security-poll-suffix=
socket-dir={self.folder}
daemon=no
disable-syslog=yes
write-pid=no
threads=1
loglevel=6
{config}
""")
        self.launch([self.program("pdns_recursor"), f"--config-dir={self.folder}"], at)
        return self.wait_ready() if ready else self

    def control(self, *words):
        """rec_control with these words; gives back its output."""
        return _run([self.program("rec_control"), f"--config-dir={self.folder}", f"--socket-dir={self.folder}", *words])


class KnotResolver(Server):
    """Knot Resolver 5. `config`: Lua. It validates only if `anchor` is a file with DS records of the root. Its hints
    lead to an address where nobody is, unless `hints`, a table of Lua, says otherwise."""

    name = "kresd"

    def start(self, config="", *, anchor=None, hints="['nobody.invalid.'] = '198.18.255.254'", at=None, ready=True):
        believed = "".join(f"trust_anchors.add([[{line}]])\n" for line in Path(anchor).read_text().splitlines()
                           if line.strip()) if anchor else ""
        path = self.write("kresd.conf", f"""
trust_anchors.remove('.')
{believed}
net.listen('{self.address}', {self.port})
net.ipv6 = false
cache.size = 20 * MB
for _, name in ipairs({{'priming', 'ta_update', 'ta_signal_query', 'detect_time_skew', 'detect_time_jump'}}) do
  modules.unload(name)
end
modules.load('hints > iterate')
hints.root({{ {hints} }})
log_level('debug')
log_target('stderr')
{config}
""")
        self.launch([self.program("kresd"), "-n", "-c", path, self.folder], at)
        return self.wait_ready() if ready else self


def _indent(text, columns):
    return "\n".join(" " * columns + line.strip("\n") for line in text.strip("\n").splitlines()) if text else ""


def _run(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=30, check=False)
    if done.returncode != 0:
        raise PeerError(f"{command[0]} ended with {done.returncode}: {done.stderr or done.stdout}")
    return done.stdout
