"""Zones over HTTPS: curl, Unbound and PowerDNS Recursor download what ours serves; who may not hears nothing."""

import gzip
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time

import dns.rcode
import dns.rdatatype
import dns.zone
import pytest
from certificates import Authority
from localroot_peer import Localroot, ZoneMaker, republish
from peers import Nsd, PdnsRecursor, Unbound, free_port, wait_until

TOKEN = "dGVzdC1vZi1kb3dubG9hZHM_-A"
PATH = f"/zones/{TOKEN}/ROOT.zone"


class Offered:
    """Ours with one version, to download with a token and without."""

    def __init__(self, peers, programs, maker, folder):
        self.peers, self.maker, self.folder = peers, maker, folder
        self.authority = Authority(folder / "authority")
        self.version = maker.version()
        self.zone = shutil.copy(self.version.file, folder / "root.zone")
        self.upstream = peers(Nsd).start(
            f'zone:\n  name: "."\n  zonefile: "{self.zone}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n')
        self.ours = peers(Localroot, programs=programs)
        self.port = free_port()
        self.certificate = self.authority.certificate("zones.test")

    def write(self, downloads=None, top="", **options):
        tokens = downloads or f'[[zone.download]]\nlabel = "somebody"\ntoken = "{TOKEN}"\n'
        return self.ours.configure(
            ".", self.maker.anchor, [self.upstream], top=f'listen-https = ["127.0.0.1@{self.port}"]\n{top}',
            more=f'{tokens}[tls]\ncertificate = "{self.certificate.file}"\nkey = "{self.certificate.key}"\n', **options)

    def start(self, **options):
        path = self.write(**options)
        self.ours.launch([self.ours.programs / "zonewright", "localroot", "serve", "--config", path]).wait_ready()
        self.ours.wait_serving(self.version.serial)
        self.wait_ready()
        return self

    def wait_ready(self):
        self.ours.wait_log(f'"?ready to download"? zone=. serial={self.version.serial}')

    def publish(self):
        self.version = self.maker.version()
        republish(self.version, self.zone, self.upstream, self.ours)
        self.wait_ready()
        return self.version

    def curl(self, *words, path=PATH, authority=None):
        """Status, fields (names in lower case) and body."""
        body, head = self.folder / "body", self.folder / "head"
        body.write_bytes(b"")
        done = subprocess.run(
            ["curl", "-s", "-S", "--noproxy", "*", "--cacert", (authority or self.authority).file, "--resolve",
             f"zones.test:{self.port}:127.0.0.1", "-D", head, "-o", body, *words, f"https://zones.test:{self.port}{path}"],
            capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != 0:
            return done.returncode, {}, done.stderr
        lines = head.read_text().strip().splitlines()
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        return int(lines[0].split()[1]), fields, body.read_bytes()

    def connect(self, authority=None, buffer=None, version=None):
        context = ssl.create_default_context(cafile=(authority or self.authority).file)
        if version:
            context.minimum_version = context.maximum_version = version
        plain = socket.socket()
        if buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        plain.settimeout(20)
        plain.connect(("127.0.0.1", self.port))
        return context.wrap_socket(plain, server_hostname="zones.test")

    def ask(self, connection, path=PATH):
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: zones.test\r\nConnection: close\r\n\r\n".encode())

    def metric(self, name):
        found = re.search(r"^" + re.escape(name) + r" (\S+)$", self.ours.http("/metrics")[1], re.M)
        return float(found[1]) if found else None


@pytest.fixture
def offered(peers, programs, maker, tmp_path):
    return Offered(peers, programs, maker, tmp_path)


@pytest.fixture
def large(peers, programs, tmp_path):
    """A zone that is larger than what the sockets take in advance."""
    return Offered(peers, programs, ZoneMaker(tmp_path / "large", programs, size=12000), tmp_path)


def records(text):
    """What the zone holds, whoever has written it."""
    zone = dns.zone.from_text(text, origin=".", relativize=False, check_origin=False)
    return sorted((str(name).lower(), ttl, rdata.to_digestable()) for name, ttl, rdata in zone.iterate_rdatas())


def rest(connection):
    out = b""
    while piece := connection.recv(1 << 16):
        out += piece
    return out


def test_curl_gets_the_zone_as_it_is_and_in_each_coding(offered):
    offered.start()
    status, fields, text = offered.curl()
    assert status == 200 and fields["etag"] == f'"{offered.version.serial}"', fields
    assert fields["content-type"] == "text/dns" and fields["accept-ranges"] == "bytes"
    assert records(text.decode()) == records(offered.version.text)
    status, fields, body = offered.curl("-I")
    assert (status, body, int(fields["content-length"])) == (200, b"", len(text)) or body.startswith(b"HTTP/1.1 200")
    status, fields, packed = offered.curl("-H", "Accept-Encoding: gzip")
    assert fields["content-encoding"] == "gzip" and fields["etag"] == f'"{offered.version.serial}-gzip"'
    assert fields["vary"] == "Accept-Encoding" and len(packed) < len(text)
    assert gzip.decompress(packed) == text
    status, fields, packed = offered.curl("-H", "Accept-Encoding: gzip, zstd")
    assert fields["content-encoding"] == "zstd" and fields["etag"] == f'"{offered.version.serial}-zstd"'
    if "zstd" in subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout:
        assert offered.curl("--compressed")[2] == text
    for coding, size in (("identity", len(text)), ("zstd", len(packed))):
        assert offered.metric(f'zonewright_zone_download_bytes{{coding="{coding}",zone="."}}') == size


def test_a_serial_that_is_known_is_not_sent_again_and_the_next_one_is(offered):
    offered.start()
    _, first, text = offered.curl()
    status, fields, body = offered.curl("-H", f"If-None-Match: {first['etag']}")
    assert (status, body, fields["etag"]) == (304, b"", first["etag"])
    assert offered.curl("-H", f"If-Modified-Since: {first['last-modified']}")[0] == 304
    assert offered.curl("-H", "Accept-Encoding: gzip", "-H", f"If-None-Match: {first['etag']}")[0] == 200
    offered.publish()
    status, fields, body = offered.curl("-H", f"If-None-Match: {first['etag']}")
    assert status == 200 and fields["etag"] == f'"{offered.version.serial}"' and body != text
    assert records(body.decode()) == records(offered.version.text)
    assert offered.curl("-H", f"If-Match: {first['etag']}")[0] == 412


def test_a_download_that_was_cut_is_resumed_and_is_the_same(offered):
    offered.start()
    _, first, text = offered.curl()
    half = len(text) // 2
    status, fields, head = offered.curl("-r", f"0-{half - 1}", "-H", f"If-Range: {first['etag']}")
    assert (status, fields["content-range"]) == (206, f"bytes 0-{half - 1}/{len(text)}")
    status, _, tail = offered.curl("-r", f"{half}-", "-H", f"If-Range: {first['etag']}")
    assert status == 206 and head + tail == text
    part = offered.folder / "part"
    part.write_bytes(text[:half])
    subprocess.run(["curl", "-s", "-C", "-", "--noproxy", "*", "--cacert", offered.authority.file, "--resolve",
                    f"zones.test:{offered.port}:127.0.0.1", "-o", part, f"https://zones.test:{offered.port}{PATH}"],
                   check=True, timeout=60)
    assert part.read_bytes() == text
    status, fields, _ = offered.curl("-r", f"{len(text)}-")
    assert (status, fields["content-range"]) == (416, f"bytes */{len(text)}")
    offered.publish()
    status, fields, body = offered.curl("-r", f"{half}-", "-H", f"If-Range: {first['etag']}")
    assert status == 200 and fields["etag"] != first["etag"]  # never two versions in one file


def test_who_has_no_token_hears_nothing_and_no_log_shows_one(offered):
    offered.start()
    answers = [offered.curl(path=path) for path in
               ("/zones/ROOT.zone", f"/zones/{TOKEN[:-1]}B/ROOT.zone", f"/zones/{TOKEN}", f"/zones/{TOKEN}/com.zone",
                f"/zones/{TOKEN.lower()}/ROOT.zone", "/status", "/metrics", "/healthz", "/")]
    for status, fields, body in answers:
        assert (status, body) == (404, b"not found\n")
        fields.pop("date")
        assert fields == answers[0][1]
    assert offered.ours.http(PATH)[0] == 404  # nor is a zone where the status is
    status, fields, _ = offered.curl("-X", "DELETE")
    assert (status, fields["allow"]) == (405, "GET, HEAD")
    offered.curl()
    offered.ours.wait_log('"?zone downloaded"? .*label=somebody')
    offered.ours.wait_log('"?download refused"? .*status=404')
    assert TOKEN[:8] not in offered.ours.log() and TOKEN.lower()[:8] not in offered.ours.log()
    assert TOKEN not in offered.ours.http("/metrics")[1] and TOKEN not in offered.ours.http("/status")[1]
    assert offered.metric('zonewright_downloads_total{result="not-found"}') == len(answers)
    assert offered.metric('zonewright_downloads_total{result="whole"}') == 1


def test_a_zone_may_be_open_and_a_token_may_stand_in_a_file(offered, tmp_path):
    (tmp_path / "token").write_text(TOKEN + "\n")
    offered.start(downloads=f'[[zone.download]]\nopen = true\n[[zone.download]]\nlabel = "file"\ntoken-file = "{tmp_path}/token"\n')
    assert offered.curl(path="/zones/ROOT.zone")[1]["cache-control"] == "no-cache"
    assert offered.curl()[1]["cache-control"] == "private, no-cache"
    (tmp_path / "token").write_text("x" * 22)
    offered.ours.reload()
    offered.ours.wait_log(" reloaded|msg=reloaded")
    assert offered.curl()[0] == 404
    assert offered.curl(path=f"/zones/{'x' * 22}/ROOT.zone")[0] == 200


def test_a_zone_that_is_not_served_is_asked_for_later(offered):
    offered.version = offered.maker.version(lives=6)
    shutil.copy(offered.version.file, offered.zone)
    offered.upstream.restart()
    offered.start()
    offered.ours.wait_status(lambda zone: zone["condition"] == "expired", "the signatures end", timeout=30)
    status, fields, _ = offered.curl()
    assert status == 503 and int(fields["retry-after"]) > 0
    offered.publish()
    assert offered.curl()[0] == 200


def test_the_certificate_is_checked_and_old_tls_is_refused(offered, tmp_path):
    offered.start()
    assert offered.curl(authority=Authority(tmp_path / "stranger"))[0] == 60  # curl: cannot be authenticated
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with offered.connect(version=version) as connection:
            offered.ask(connection)
            assert rest(connection).startswith(b"HTTP/1.1 200 OK\r\n")
    for wish in ("AES128-SHA256", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA256"):  # no forward secrecy, or no AEAD
        assert offered.curl("--tls-max", "1.2", "--ciphers", wish)[0] == 35, wish
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)), socket.create_connection(("127.0.0.1", offered.port)) as plain:
        old.wrap_socket(plain)


def test_a_slow_download_sees_one_version_and_one_session_to_its_end(large, tmp_path):
    large.start()
    _, _, text = large.curl()
    assert len(text) > 4 << 20
    with large.connect(buffer=8192) as slow:
        large.ask(slow)
        begin = slow.recv(1000)
        first = large.version
        large.publish()
        renewed = Authority(tmp_path / "renewed")
        fresh = renewed.certificate("zones.test")
        large.certificate.file.write_text("-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n")
        large.ours.reload()
        large.ours.wait_log("nothing changes.*certificate")
        assert large.curl()[0] == 200  # with the old one
        large.certificate.file.write_bytes(fresh.file.read_bytes())
        large.certificate.key.write_bytes(fresh.key.read_bytes())
        large.ours.reload()
        large.ours.wait_log(" reloaded|msg=reloaded")
        assert large.curl()[0] == 60
        status, fields, _ = large.curl(authority=renewed)
        assert (status, fields["etag"]) == (200, f'"{large.version.serial}"')
        head, _, body = (begin + rest(slow)).partition(b"\r\n\r\n")
    assert f'ETag: "{first.serial}"'.encode() in head and body == text


def test_one_process_takes_over_from_another_and_no_download_is_cut(large):
    large.start()
    with large.connect(buffer=8192) as slow:
        large.ask(slow)
        begin = slow.recv(1000)
        old = large.ours.process
        large.ours.launch([*large.ours.command, "--take-over"])
        large.ours.wait_log("another process has taken over")
        status, _, text = large.curl()
        assert status == 200
        assert old.poll() is None
        assert (begin + rest(slow)).partition(b"\r\n\r\n")[2] == text
    assert old.wait(40) == 0
    assert large.curl()[2] == text


def test_one_client_has_only_so_many_connections(offered):
    offered.start(top='[https]\nof-client = 2\nidle = "1s"\n')
    with offered.connect() as first, offered.connect() as second:
        with pytest.raises((ssl.SSLError, OSError)):
            offered.connect()
        assert first.recv(1) == b"" and second.recv(1) == b""  # idle for too long
    wait_until(lambda: offered.curl()[0] == 200, 10, "there is room again")


def test_settings_that_do_not_go_together_are_told_with_their_place(offered):
    path = offered.write()
    check = [offered.ours.programs / "zonewright", "localroot", "serve", "--check-config", "--config", path]
    assert subprocess.run(check, capture_output=True, timeout=20, check=False).returncode == 0
    text = path.read_text()
    short = TOKEN[:21]
    for change, complaint in (((f'token = "{TOKEN}"', f'token = "{short}"'), "expected from 22 to 128 letters"),
                              ((f'token = "{TOKEN}"', ""), "give either open = true, or token, or token-file"),
                              (('label = "somebody"', ""), "a token needs a label"),
                              (('label = "somebody"', "open = true"), "give either"),
                              (('listen-https = ["127', 'listen-https = [] #'), "a download needs listen-https"),
                              ((f"certificate = ", "#"), "certificate and key go together|HTTPS needs certificate"),
                              ((f"@{offered.port}", f"@{offered.ours.http_port}"), "stands in http too")):
        assert change[0] in text, change
        path.write_text(text.replace(*change))
        done = subprocess.run(check, capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 2 and re.search(r"localroot.toml:\d+:\d+: .*(" + complaint + ")", done.stderr), done.stderr
        assert short not in done.stderr


def test_unbound_downloads_verifies_and_follows(offered):
    port = free_port()
    offered.start(subscribers=[f"127.0.0.1@{port}"])
    (offered.folder / "test.zone").write_text("@ 60 SOA ns host 1 60 60 60 60\n@ 60 NS ns\nns 60 A 127.0.0.1\nzones 60 A 127.0.0.1\n")
    names = offered.peers(Nsd, folder="names").start(zones={"test.": offered.folder / "test.zone"})
    unbound = offered.peers(Unbound, port=port).start(f"""
stub-zone:
  name: "test."
  stub-addr: 127.0.0.1@{names.port}
auth-zone:
  name: "."
  url: "https://zones.test:{offered.port}{PATH}"
  allow-notify: 127.0.0.1
  fallback-enabled: no
  for-downstream: yes
  for-upstream: no
  zonemd-check: yes
  zonemd-reject-absence: yes
  zonefile: "copy"
""", server=f'tls-cert-bundle: "{offered.authority.file}"\ntrust-anchor-file: "{offered.maker.anchor}"\n'
            'local-zone: "test." nodefault\ndomain-insecure: "test."\nverbosity: 4\n')
    wait_until(lambda: unbound.ask(offered.version.added, "DS").rcode() == dns.rcode.NOERROR, 30, "Unbound has the zone")
    offered.ours.wait_log('"?zone downloaded"? .*label=somebody')
    unbound.wait_log("ZONEMD verification successful")
    version = offered.publish()
    wait_until(lambda: unbound.ask(version.added, "DS").answer, 30, "Unbound has the next version")


class Believing(PdnsRecursor):
    """It has no setting for the authorities of zoneToCache, so it sees another file where those of the system are."""

    authorities = None

    def launch(self, command, at=None):
        script = f'mount --bind "{self.authorities}" /etc/ssl/certs/ca-certificates.crt && exec "$@"'
        return super().launch(["unshare", "-rm", "sh", "-c", script, "sh", *command], at)


def test_pdns_recursor_fills_its_cache(offered):
    offered.certificate = offered.authority.certificate("zones.test", address="127.0.0.1")
    offered.start(downloads="[[zone.download]]\nopen = true\n")
    recursor = offered.peers(Believing)
    recursor.authorities = offered.authority.file
    recursor.start(lua=f"""
zoneToCache(".", "url", "https://127.0.0.1:{offered.port}/zones/ROOT.zone", {{ zonemd="require", dnssec="ignore" }})
""", ready=False)
    recursor.wait_log('zone into cache|[Ll]oaded zone')
    offered.ours.wait_log('"?zone downloaded"? .*label=open')
