"""What `localroot config` writes is taken by each program, which then follows our service as it stands there.

The story of each is the same: our service has a zone, the command writes the configuration from the service's own,
the program's checker takes it, the program is started with it and nothing of ours is changed in it; it has the zone
and answers from it, and follows to the next version. All of it happens in a network namespace where lo is the only
way: the public sources, which stand in each configuration, cannot be reached, and that costs nothing. In the second
kind of story our service is dead, and one of them is there."""

import json
import re
import shutil
import subprocess
import time

import dns.exception
import dns.flags
import dns.rcode
import pytest
from certificates import Authority
from localroot_peer import Localroot, ZoneMaker, republish, run, send_notify
from peers import Bind, Knot, KnotResolver, Nsd, PdnsRecursor, PeerError, Unbound, wait_until
from signed_zones import SignedZones

pytestmark = pytest.mark.alone

OURS, THEIRS, UPSTREAM = "198.18.0.1", "198.18.0.2", "198.18.0.9"
PUBLIC = "170.247.170.2"  # b.root-servers.net: one of the fall-backs
TOKEN = "dGVzdC1vZi1hZHZpY2UtdG8tcmVzb2x2ZXJz"
URL = f"https://{OURS}/zones/{TOKEN}/ROOT.zone"
MIRROR = "recursion yes; dnssec-validation auto;"


class Offering:
    """Ours, with a zone, and what it says of itself."""

    def __init__(self, peers, programs, maker, folder):
        for address in (OURS, THEIRS, UPSTREAM, PUBLIC):
            run("ip", "address", "add", f"{address}/32", "dev", "lo")
        self.peers, self.programs, self.maker, self.folder = peers, programs, maker, folder
        self.authority = Authority(folder / "authority")
        self.certificate = self.authority.certificate("zones.test", address=OURS)
        self.version = maker.version()
        self.zone = shutil.copy(self.version.file, folder / "root.zone")
        self.upstream = peers(Nsd, folder="upstream", address=UPSTREAM, port=53).start(
            f'zone:\n  name: "."\n  zonefile: "{self.zone}"\n  provide-xfr: 198.18.0.0/15 NOKEY\n')
        self.ours = peers(Localroot, programs=programs, address=OURS, port=53)

    def start(self, key=True, port=53, allow=None):
        """`port`: where they are told of new versions. `allow`: another rule for transfers."""
        self.ours.start(
            ".", self.maker.anchor, [self.upstream], key=False,
            allow=allow or f'from = "198.18.0.0/15"\n{self.key_line(key)}',
            top=f'listen-tls = ["{OURS}"]\nlisten-https = ["{OURS}"]\nsource = ["{OURS}"]\n',
            more=f'[[zone.allow-notify]]\nfrom = "198.18.0.0/15"\n[[zone.subscriber]]\naddress = "{THEIRS}@{port}"\n{self.key_line(key)}'
                 f'[[zone.download]]\nlabel = "theirs"\ntoken = "{TOKEN}"\n'
                 f'[tls]\ncertificate = "{self.certificate.file}"\nkey = "{self.certificate.key}"\nrequire-alpn = false\n')
        self.ours.wait_serving(self.version.serial)
        return self

    @staticmethod
    def key_line(key):
        return 'key = "transfer.test."\n' if key else ""

    def config(self, target, *words):
        """Has the files written; gives back their paths."""
        out, kept = self.folder / f"written-{target}", self.folder / f"kept-{target}"
        kept.mkdir()
        run(self.programs / "zonewright", "localroot", "config", "--for", target, "--config",
            self.ours.folder / "localroot.toml", "--with-secret", "--subscriber", THEIRS,
            "--anchor", self.maker.anchor, "--folder", kept, "--output", out, *words)
        files = sorted(file for file in out.rglob("*") if file.is_file())
        for file in files:
            assert PUBLIC in file.read_text() or "pdns" in target or "resolver" in target or "zone=. " not in file.read_text()
        return files

    def publish(self):
        """The next version, until ours serves it."""
        self.version = self.maker.version()
        republish(self.version, self.zone, self.upstream, self.ours)
        return self.version

    def die(self):
        """Ours is no more, and the fall-back has the next version."""
        self.ours.kill()
        self.version = self.maker.version()
        zone = shutil.copy(self.version.file, self.folder / "public.zone")
        return self.peers(Nsd, folder="public", address=PUBLIC, port=53).start(
            f'zone:\n  name: "."\n  zonefile: "{zone}"\n  provide-xfr: 0.0.0.0/0 NOKEY\n')

    def tls(self):
        return ["--tls-server", OURS, "--tls-name", "zones.test", "--tls-ca", self.authority.file]


@pytest.fixture
def offering(peers, programs, maker, tmp_path):
    return Offering(peers, programs, maker, tmp_path)


def accepted(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def has(peer, version, timeout=20):
    """Until it resolves what this version is the first to have, and vouches for it."""
    def look():
        peer.check_running()
        try:
            answer = peer.ask(version.added, "DS", recurse=True, dnssec=True, timeout=2)
        except (dns.exception.DNSException, OSError):
            return False
        return answer.rcode() == dns.rcode.NOERROR and answer.answer and answer.flags & dns.flags.AD

    wait_until(look, timeout, f"{peer.name} has version {version.serial}")


def keeps(unbound, version, timeout=20):
    """As `has`, but it is not asked too early: that a name does not exist yet would be remembered."""
    wait_until(lambda: f"serial {version.serial}" in unbound.control("list_auth_zones"), timeout,
               f"unbound keeps {version.serial}")
    has(unbound, version)


def serves(peer, version, timeout=20):
    peer.wait_serial(".", version.serial, timeout=timeout)
    assert peer.ask(version.added, "DS").answer


# ---- each of them, started by what is written ----


def start_bind(offering, *words, target="bind-9.18"):
    file, = offering.config(target, *words)
    accepted("named-checkconf", file)
    return offering.peers(Bind, address=THEIRS, port=53).start(f'include "{file}";\n', options=MIRROR, ready=False), has


def start_views(offering):
    file, = offering.config("bind-views")
    run("ip", "address", "add", "127.12.12.12/32", "dev", "lo")
    accepted("named-checkconf", file)
    bind = offering.peers(Bind, address=THEIRS, port=53)
    bind.launch([bind.program("named"), "-g", "-n", "1", "-c", file])

    def judge(bind, version, timeout=20):
        bind.wait_log(f"transferred serial {version.serial}", timeout)  # else that a name is not there is remembered
        has(bind, version)

    return bind, judge


def start_unbound(offering, target="unbound", *words):
    file, *_ = [file for file in offering.config(target, *words) if "unbound.conf.d" in str(file)]
    unbound = offering.peers(Unbound, address=THEIRS, port=53)
    unbound.start(f'include: "{file}"\n', server="access-control: 198.18.0.0/15 allow\ndo-not-query-localhost: yes\n"
                  "interface: 127.0.0.1\nverbosity: 4\n", ready=False)
    accepted("unbound-checkconf", unbound.folder / "unbound.conf")
    unbound.wait_ready()
    return unbound, keeps


def start_unbound_tls(offering):
    return start_unbound(offering, "unbound-tls", *offering.tls())


def start_unbound_https(offering):
    return start_unbound(offering, "unbound-https", "--url", URL, "--tls-ca", offering.authority.file)


def start_unbound_nsd(offering):
    unbound, judge = start_unbound(offering, "unbound-nsd")
    car, = [file for file in (offering.folder / "written-unbound-nsd").rglob("*") if "nsd.conf.d" in str(file) and file.is_file()]
    accepted("nsd-checkconf", car)
    offering.peers(Nsd, folder="car").start(f'include: "{car}"\n', ready=False)  # listens also where it says
    return unbound, judge


def start_unbound_knot(offering):
    unbound, judge = start_unbound(offering, "unbound-knot")
    car, = (offering.folder / "written-unbound-knot").rglob("knot.conf")
    accepted("knotc", "-c", car, "conf-check")
    knot = offering.peers(Knot, folder="car", address="127.0.0.1", port=5301)
    # A user that cannot be changed to in the namespace, and folders of the system.
    text = car.read_text().replace("  user: knot:knot\n", "")
    for folder in ("/run/knot", "/var/lib/knot"):
        assert folder in text
        text = text.replace(f" {folder}\n", f" {knot.folder}\n")
    knot.launch([knot.program("knotd"), "-c", knot.write("knot.conf", text.replace("syslog", "stderr"))])
    return unbound, judge


def start_knot(offering):
    file, = offering.config("knot")
    accepted("knotc", "-c", file, "conf-check")
    return offering.peers(Knot, address=THEIRS, port=53).start(f"include: {file}\n", ready=False), serves


def start_nsd(offering, *words):
    file, = offering.config("nsd", *words)
    accepted("nsd-checkconf", file)
    return offering.peers(Nsd, address=THEIRS, port=53).start(f'include: "{file}"\n', ready=False), serves


def start_nsd_tls(offering):
    return start_nsd(offering, *offering.tls())


def start_bind_tls(offering):
    return start_bind(offering, *offering.tls())


def start_zonewright(offering):
    file, = offering.config("zonewright")
    accepted(offering.programs / "zonewright", "localroot", "serve", "--check-config", "--config", file)
    theirs = offering.peers(Localroot, folder="theirs", programs=offering.programs, address=THEIRS, port=53)
    theirs.launch([offering.programs / "zonewright", "localroot", "serve", "--config", file])
    return theirs, serves


FOLLOWERS = {
    "bind": (start_bind, True), "bind over TLS": (start_bind_tls, True), "bind views": (start_views, True),
    "unbound": (start_unbound, False), "unbound over TLS": (start_unbound_tls, False),
    "unbound by HTTPS": (start_unbound_https, False), "unbound with NSD": (start_unbound_nsd, True),
    "unbound with Knot": (start_unbound_knot, True), "knot": (start_knot, True), "nsd": (start_nsd, True),
    "nsd over TLS": (start_nsd_tls, True), "zonewright": (start_zonewright, True),
}


@pytest.mark.parametrize("start, key", FOLLOWERS.values(), ids=FOLLOWERS)
def test_it_fetches_answers_and_follows_by_notify(offering, request, start, key):
    offering.start(key=key, port=5301 if "with" in request.node.name else 53)
    peer, judge = start(offering)
    judge(peer, offering.version)
    begin = time.monotonic()
    judge(peer, offering.publish(), timeout=15)  # the zone's refresh is half an hour
    print(f"{peer.name} had the next version {time.monotonic() - begin:.2f} s after it was made")


def test_unbound_downloads_where_it_may_not_transfer(offering):
    offering.start(key=False, allow='from = "203.0.113.1"')
    unbound, judge = start_unbound_https(offering)
    judge(unbound, offering.version)
    judge(unbound, offering.publish())
    assert len(re.findall('"?zone downloaded"? .*label=theirs', offering.ours.log())) == 2
    assert "zone sent" not in offering.ours.log()


@pytest.mark.parametrize("name", ["bind", "unbound", "nsd", "zonewright"])
def test_a_zone_that_another_key_has_signed_is_refused(offering, programs, tmp_path, name):
    start, key = FOLLOWERS[name]
    offering.start(key=key)
    offering.maker.anchor = ZoneMaker(tmp_path / "other", programs).anchor
    peer, _ = start(offering)
    offering.ours.wait_log('"?zone sent"?')
    refusal = {"bind": "zone verification failed", "unbound": "ZONEMD verification failed",
               "nsd": r"verifier for zone \. .* exited with [1-9]", "zonewright": "new version refused"}[name]
    peer.wait_log(refusal)
    with pytest.raises(PeerError):
        has(peer, offering.version, timeout=1)


@pytest.mark.parametrize("start, key", FOLLOWERS.values(), ids=FOLLOWERS)
def test_our_death_costs_nothing_where_a_fall_back_serves(offering, request, start, key):
    offering.start(key=key, port=5301 if "with" in request.node.name else 53)
    offering.die()
    peer, judge = start(offering)
    judge(peer, offering.version, timeout=40)


# ---- those that fill a cache ----


class Believing(PdnsRecursor):
    """It has no setting for the authorities of zoneToCache, so it sees another file where those of the system are."""

    authorities = None

    def launch(self, command, at=None):
        script = f'mount --bind "{self.authorities}" /etc/ssl/certs/ca-certificates.crt && exec "$@"'
        return super().launch(["unshare", "-m", "sh", "-c", script, "sh", *command], at)


def start_pdns(offering, *words, hints=None):
    file, = offering.config("pdns-recursor-4.8", *words)
    recursor = offering.peers(Believing, address=THEIRS, port=53)
    recursor.authorities = offering.authority.file
    recursor.start("allow-from=198.18.0.0/15\ndnssec=validate\n", lua=f'clearTA(".")\ndofile("{file}")\n', hints=hints,
                   ready=False)
    accepted("pdns_recursor", f"--config-dir={recursor.folder}", "--config=check")
    return recursor


def start_kresd(offering, **options):
    file, = offering.config("knot-resolver-5", "--url", URL, "--tls-ca", offering.authority.file)
    return offering.peers(KnotResolver, address=THEIRS, port=53).start(
        f'dofile("{file}")\n', anchor=offering.maker.anchor, ready=False, **options)


@pytest.mark.parametrize("key, words", [(False, []), (True, []), (True, ["--url", URL])],
                         ids=["transfer", "transfer with a key", "download"])
def test_pdns_recursor_has_the_zone_in_its_cache(offering, key, words):
    offering.start(key=key)
    recursor = start_pdns(offering, *words)
    recursor.wait_log("Loaded zone into cache")
    if not key or words:
        recursor.wait_log('ZONEMD digest validation.*validationSuccess="1"')
    has(recursor, offering.version)


def test_knot_resolver_has_the_zone_in_its_cache(offering):
    offering.start()
    kresd = start_kresd(offering)
    offering.ours.wait_log('"?zone downloaded"? .*label=theirs')
    kresd.wait_log("import started")
    has(kresd, offering.version)


def test_who_fills_a_cache_resolves_as_before_when_we_are_dead(offering):
    offering.start()
    offering.die()
    recursor = start_pdns(offering, hints=f". 3600000 IN NS public.invalid.\npublic.invalid. 3600000 IN A {PUBLIC}\n")
    has(recursor, offering.version)
    recursor.stop()
    has(start_kresd(offering, hints=f"['public.invalid.'] = '{PUBLIC}'"), offering.version)


# ---- running resolvers, other zones, and the command itself ----


def test_a_resolver_that_runs_goes_on_when_we_die(offering):
    offering.start()
    bind, _ = start_bind(offering)
    unbound = offering.peers(Unbound, folder="beside", address="127.0.0.1", port=53)
    file, = offering.config("unbound")
    # It has no key, and is not let in by ours: the fall-back is all that it has.
    unbound.start(f'include: "{file}"\n', ready=False)
    has(bind, offering.version)
    offering.die()
    keeps(unbound, offering.version, timeout=60)
    bind.control("refresh", ".")
    has(bind, offering.version)


@pytest.mark.parametrize("start", [start_bind, start_unbound, start_zonewright], ids=["bind", "unbound", "zonewright"])
def test_another_zone_is_kept_alike(peers, programs, tmp_path, maker, start):
    offering = Offering(peers, programs, maker, tmp_path)
    zones = SignedZones(tmp_path / "zones")
    zone = zones.version("a.test.")
    upstream = peers(Nsd, folder="a", address=UPSTREAM, port=5300).start(
        f'zone:\n  name: "a.test."\n  zonefile: "{zone}"\n  provide-xfr: 198.18.0.0/15 NOKEY\n')
    key = start is not start_unbound
    offering.ours.start("a.test.", zones.anchors, [upstream], allow=f'from = "198.18.0.0/15"\n{offering.key_line(key)}',
                        top=f'source = ["{OURS}"]\n', more=f'[[zone.allow-notify]]\nfrom = "198.18.0.0/15"\n'
                        f'[[zone.subscriber]]\naddress = "{THEIRS}"\n{offering.key_line(key)}')
    offering.ours.wait_serving(1)
    offering.maker.anchor = zones.anchors
    peer, _ = start(offering)

    def has_serial(serial):
        if peer.name == "unbound":
            return f"serial {serial}" in peer.control("list_auth_zones")
        try:
            answer = peer.ask("serial.a.test.", "TXT", recurse=True, dnssec=True)
        except (dns.exception.DNSException, OSError):
            return False
        return any(f'"{serial}"' in str(rrset[0]) for rrset in answer.answer)

    wait_until(lambda: has_serial(1), 20, f"{peer.name} has the zone")
    zones.version("a.test.")
    upstream.reload()
    upstream.wait_serial("a.test.", 2)
    send_notify(offering.ours, "a.test.")
    wait_until(lambda: has_serial(2), 20, f"{peer.name} follows")


def advise(programs, *words):
    done = subprocess.run([programs / "zonewright", "localroot", "config", *map(str, words)], capture_output=True, text=True,
                          timeout=20, check=False)
    return done.returncode, done.stdout, done.stderr


def test_the_command_tells_by_its_exit_status_how_it_went(programs, tmp_path):
    status, out, _ = advise(programs, "--list")
    assert status == 0 and "bind-9.18" in out and "dnsmasq            cannot" in out
    for word in ("dnsmasq", "systemd-resolved"):
        status, out, err = advise(programs, "--for", word)
        assert (status, out) == (1, "") and "cannot keep a copy" in err
    assert advise(programs, "--for", "bind-4")[0] == 2
    assert advise(programs)[0] == 2
    assert advise(programs, "--for", "knot")[0] == 2  # no server
    status, _, err = advise(programs, "--for", "knot", "--server", "192.0.2.1", "--key", 'a";b')
    assert status == 2 and "expected a name of letters" in err
    assert advise(programs, "--check", tmp_path / "absent")[0] == 3


def test_a_configuration_is_looked_through_and_compared(programs, tmp_path):
    file = tmp_path / "unbound.conf"
    status, text, _ = advise(programs, "--for", "unbound", "--server", "192.0.2.1")
    file.write_text(text)
    assert advise(programs, "--check", file) == (0, "", "")
    assert advise(programs, "--for", "unbound", "--server", "192.0.2.1", "--diff", file) == (0, "", "")
    status, out, _ = advise(programs, "--for", "unbound", "--server", "192.0.2.9", "--diff", file)
    assert status == 1 and "-  primary: 192.0.2.1 " in out and "+  primary: 192.0.2.9 " in out
    file.write_text(text.replace("170.247.170.2", "199.9.14.201").replace("  zonemd-check: yes", "  #"))
    status, out, _ = advise(programs, "--check", file)
    assert status == 1
    lines = out.splitlines()
    assert [line.split(": ")[1] for line in lines] == ["not-verified", "stale-address"]
    number = next(i for i, line in enumerate(file.read_text().splitlines(), 1) if "199.9.14.201" in line)
    assert lines[1].startswith(f"{file}:{number}: stale-address: 199.9.14.201 is no longer b.root-servers.net")
    status, out, _ = advise(programs, "--check", file, "--json")
    assert status == 1 and [finding["rule"] for finding in json.loads(out)] == ["not-verified", "stale-address"]


def test_a_secret_is_written_where_it_is_asked_for_and_for_few_eyes(programs, tmp_path):
    key = tmp_path / "key"
    key.write_text("c3Rvcmllcy1vZi1sb2NhbHJvb3QtYXJlLXNpZ25lZCE=\n")
    words = ["--for", "nsd", "--server", "192.0.2.1", "--key", f"home.:hmac-sha256:{key}"]
    assert key.read_text().strip() not in advise(programs, *words)[1]
    assert advise(programs, *words, "--with-secret", "-o", tmp_path / "out")[0] == 0
    file = tmp_path / "out/etc/nsd/nsd.conf.d/localroot.conf"
    assert key.read_text().strip() in file.read_text() and file.stat().st_mode & 0o007 == 0
    assert advise(programs, *words, "-o", tmp_path / "out")[0] == 0
    refused = subprocess.run(["nsd-checkconf", file], capture_output=True, text=True, timeout=20, check=False)
    assert refused.returncode != 0  # the placeholder is no secret
