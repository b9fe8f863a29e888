"""Zones to subscribers over TLS (RFC 9103): kdig, BIND, NSD and Unbound fetch from ours; who may not is told why."""

import re
import shutil
import socket
import ssl
import struct
import subprocess
import threading

import dns.edns
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import pytest
from certificates import Authority
from localroot_peer import Localroot, ZoneMaker, send_notify
from peers import Bind, Nsd, Unbound, free_port, wait_until


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "authority")


class Served:
    """Ours with one version, at a TLS port beside the other one."""

    def __init__(self, peers, programs, maker, authority, folder):
        self.peers, self.maker, self.authority = peers, maker, authority
        self.version = maker.version()
        self.zone = shutil.copy(self.version.file, folder / "root.zone")
        self.upstream = peers(Nsd).start(
            f'zone:\n  name: "."\n  zonefile: "{self.zone}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n')
        self.ours = peers(Localroot, programs=programs)
        self.ours.tls_port = self.port = free_port()
        self.certificate = authority.certificate("ns.test")
        self.config = None

    def publish(self):
        """The next version, until ours serves it."""
        self.version = self.maker.version()
        shutil.copy(self.version.file, self.zone)
        self.upstream.reload()
        notify = send_notify(self.ours, ".")
        assert notify.rcode() == dns.rcode.NOERROR, notify
        self.ours.wait_serving(self.version.serial, timeout=15)
        return self.version

    def write(self, allow='from = "127.0.0.0/8"', tls="", subscribers=()):
        return self.ours.configure(".", self.maker.anchor, [self.upstream], allow=allow, subscribers=subscribers,
                                   top=f'listen-tls = ["127.0.0.1@{self.port}"]',
                                   more=f'[tls]\ncertificate = "{self.certificate.file}"\nkey = "{self.certificate.key}"\n{tls}\n')

    def start(self, **options):
        path = self.write(**options)
        self.ours.launch([self.ours.programs / "zonewright", "localroot", "serve", "--config", path]).wait_ready()
        self.ours.wait_serving(self.version.serial)
        return self

    def kdig(self, *words):
        done = subprocess.run(["kdig", "@127.0.0.1", "-p", str(self.port), "+norec", f"+tls-ca={self.authority.file}",
                               "+tls-hostname=ns.test", *words], capture_output=True, text=True, timeout=30, check=False)
        return done.stdout + done.stderr

    def connect(self, certificate=None, alpn=("dot",), version=ssl.TLSVersion.TLSv1_3, port=None):
        context = ssl.create_default_context(cafile=self.authority.file)
        context.minimum_version = context.maximum_version = version
        if alpn:
            context.set_alpn_protocols(list(alpn))
        if certificate:
            context.load_cert_chain(certificate.file, certificate.key)
        plain = socket.create_connection(("127.0.0.1", port or self.port), timeout=5)
        return context.wrap_socket(plain, server_hostname="ns.test")


@pytest.fixture
def served(peers, programs, maker, authority, tmp_path):
    return Served(peers, programs, maker, authority, tmp_path)


def ask(connection, name, rdtype, **options):
    query = dns.message.make_query(name, rdtype, **options)
    wire = query.to_wire()
    connection.sendall(struct.pack("!H", len(wire)) + wire)
    return hear(connection)


def take(connection, count):
    out = b""
    while len(out) < count:
        piece = connection.recv(count - len(out))
        if not piece:
            raise EOFError
        out += piece
    return out


def hear(connection):
    size, = struct.unpack("!H", take(connection, 2))
    return dns.message.from_wire(take(connection, size), one_rr_per_rrset=True)


def transfer(connection, **options):
    """Messages of an AXFR."""
    first = ask(connection, ".", "AXFR", **options)
    messages = [first]
    soas = sum(rrset.rdtype == dns.rdatatype.SOA for rrset in first.answer)
    while first.rcode() == dns.rcode.NOERROR and soas < 2:
        messages.append(hear(connection))
        soas += sum(rrset.rdtype == dns.rdatatype.SOA for rrset in messages[-1].answer)
    return messages


def records(messages):
    return sum(len(rrset) for message in messages for rrset in message.answer)


def test_kdig_fetches_the_zone_over_tls(served):
    served.start(allow='from = "127.0.0.0/8"\ntls = true')
    answer = served.kdig("+tls", ".", "AXFR")
    assert "Received" in answer and str(served.version.serial) in answer, answer
    assert served.version.added in answer
    assert "SOA" in served.kdig("+tls", "+padding", ".", "SOA")
    metrics = served.ours.http("/metrics")[1]
    for what in ('queries_total{transport="tls"} 2', 'tls_handshakes_total{result="opened"} 2'):
        assert re.search(r"^zonewright_net_" + re.escape(what), metrics, re.M), what
    assert re.search(r"^zonewright_tls_certificate_expires_timestamp_seconds \d", metrics, re.M)


def test_clear_text_is_refused_where_tls_is_asked_for(served):
    served.start(allow='from = "127.0.0.0/8"\ntls = true')
    query = dns.message.make_query(".", "AXFR", use_edns=0)
    answer = served.ours.exchange(query, tcp=True)
    assert answer.rcode() == dns.rcode.REFUSED and not answer.answer
    assert [option.code for option in answer.options if option.otype == dns.edns.OptionType.EDE] == [18]
    served.ours.wait_log("clear text is not allowed, TLS is")
    assert served.ours.ask(".", "SOA").answer  # other questions are answered
    with served.connect() as connection:
        assert records(transfer(connection)) == served.ours.status()["records"] + 1


def test_a_client_certificate_is_needed_where_one_is_asked_for(served, tmp_path):
    served.start(allow='tls-client = "reader.test"', tls=f'client-ca = "{served.authority.file}"')
    with served.connect(served.authority.certificate("Reader.test")) as connection:
        assert records(transfer(connection)) == served.ours.status()["records"] + 1
    with served.connect(served.authority.certificate("other.test")) as connection:
        assert transfer(connection)[0].rcode() == dns.rcode.REFUSED
    served.ours.wait_log("this client certificate is not allowed")
    with served.connect() as connection:
        assert transfer(connection)[0].rcode() == dns.rcode.REFUSED
        assert ask(connection, ".", "SOA").answer
    served.ours.wait_log("a client certificate is needed")
    for bad in (Authority(tmp_path / "stranger").certificate("reader.test"),
                served.authority.certificate("reader.test", days=-1)):
        with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):  # the client's handshake is over before it hears
            with served.connect(bad) as connection:
                transfer(connection)
    served.ours.wait_log("TLS session failed.*unable to get local issuer")
    served.ours.wait_log("TLS session failed.*certificate has expired")


def test_old_tls_and_other_protocols_are_refused_with_a_reason(served):
    served.start()
    with pytest.raises((ssl.SSLError, ConnectionError)):
        served.connect(version=ssl.TLSVersion.TLSv1_2)
    served.ours.wait_log("TLS session failed.*does not speak TLS 1.3")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        served.connect(alpn=["http/1.1"])
    served.ours.wait_log('TLS session failed.*does not offer ALPN ."dot')
    with pytest.raises((ssl.SSLError, ConnectionError)):
        served.connect(alpn=None)
    served.ours.wait_log("TLS session failed.*offers no ALPN")
    query = dns.message.make_query(".", "SOA")
    with pytest.raises((EOFError, ConnectionError)):
        dns.query.tcp(query, "127.0.0.1", port=served.port, timeout=3)
    served.ours.wait_log("TLS session failed.*what came is no TLS")


def test_answers_are_padded_for_who_pads(served):
    served.start()
    padding = dns.edns.GenericOption(dns.edns.OptionType.PADDING, b"\0" * 8)
    with served.connect() as connection:
        for name, rdtype in ((".", "SOA"), (served.version.added, "DS"), ("nothing.", "A")):
            query = dns.message.make_query(name, rdtype, use_edns=0, options=[padding], want_dnssec=True)
            wire = query.to_wire()
            connection.sendall(struct.pack("!H", len(wire)) + wire)
            size, = struct.unpack("!H", take(connection, 2))
            take(connection, size)
            assert size % 468 == 0, (name, size)
        query = dns.message.make_query(".", "AXFR", use_edns=0, options=[padding]).to_wire()
        connection.sendall(struct.pack("!H", len(query)) + query)
        soas, sizes = 0, []
        while soas < 2:
            size, = struct.unpack("!H", take(connection, 2))
            message = dns.message.from_wire(take(connection, size), one_rr_per_rrset=True)
            soas += sum(rrset.rdtype == dns.rdatatype.SOA for rrset in message.answer)
            sizes.append(size)
        assert all(size % 468 == 0 for size in sizes), sizes
        assert not any(o.otype == 12 for o in ask(connection, ".", "SOA", use_edns=0).options)
    query = dns.message.make_query(".", "SOA", use_edns=0, options=[padding])
    assert not any(o.otype == 12 for o in served.ours.exchange(query, tcp=True).options)  # in clear text it hides nothing


def test_a_new_certificate_is_taken_while_a_transfer_runs_and_a_broken_one_is_not(peers, programs, authority, tmp_path):
    # A zone that is larger than what the sockets take in advance.
    served = Served(peers, programs, ZoneMaker(tmp_path / "large", programs, size=6000), authority, tmp_path)
    served.start()
    with served.connect() as running:
        query = dns.message.make_query(".", "AXFR").to_wire()
        running.sendall(struct.pack("!H", len(query)) + query)
        first = hear(running)
        other = Authority(tmp_path / "second")
        renewed = other.certificate("ns.test")
        served.certificate.file.write_text("-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n")
        served.ours.reload()
        served.ours.wait_log("nothing changes.*certificate")
        with served.connect() as connection:
            assert ask(connection, ".", "SOA").answer  # with the old one
        served.certificate.file.write_bytes(renewed.file.read_bytes())
        served.certificate.key.write_bytes(renewed.key.read_bytes())
        served.ours.reload()
        served.ours.wait_log(" reloaded|msg=reloaded")
        before, served.authority = served.authority, other
        with served.connect() as connection:
            assert ask(connection, ".", "SOA").answer
        served.authority = before
        with pytest.raises(ssl.SSLCertVerificationError):
            served.connect()
        assert "zone sent" not in served.ours.log()  # it still runs
        soas = sum(rrset.rdtype == dns.rdatatype.SOA for rrset in first.answer)
        while soas < 2:  # the session that was there before goes on
            soas += sum(rrset.rdtype == dns.rdatatype.SOA for rrset in hear(running).answer)
        assert ask(running, ".", "SOA").answer


def test_a_configuration_that_cannot_be_used_leaves_the_certificate_too(served, tmp_path):
    served.start()
    renewed = Authority(tmp_path / "second").certificate("ns.test")
    served.certificate.file.write_bytes(renewed.file.read_bytes())
    served.certificate.key.write_bytes(renewed.key.read_bytes())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        path = served.ours.folder / "localroot.toml"
        path.write_text(path.read_text().replace("listen = [", f'listen = ["127.0.0.1@{taken.getsockname()[1]}", ', 1))
        served.ours.reload()
        served.ours.wait_log("the new configuration cannot be used")
        with served.connect() as connection:  # which believes the first authority only
            assert ask(connection, ".", "SOA").answer


def test_a_private_key_for_everybody_and_wrong_settings_are_told_with_their_place(served):
    path = served.write()
    served.certificate.key.chmod(0o644)
    check = [served.ours.programs / "zonewright", "localroot", "serve", "--check-config", "--config", path]
    done = subprocess.run(check, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2 and "everybody may read this private key; chmod o= it" in done.stderr
    served.certificate.key.chmod(0o600)
    assert subprocess.run(check, capture_output=True, timeout=20, check=False).returncode == 0
    text = path.read_text()
    for change, complaint in (((f'key = "{served.certificate.key}"', ""), "certificate and key go together"),
                              (('from = "127.0.0.0/8"', 'tls-client = "a.test"'), "tls-client needs client-ca"),
                              ((f"@{served.port}", f"@{served.ours.port}"), "stands in listen too")):
        path.write_text(text.replace(*change))
        done = subprocess.run(check, capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 2 and re.search(r"localroot.toml:\d+:\d+: .*" + complaint, done.stderr), done.stderr


def test_an_idle_session_ends_and_so_does_one_that_never_begins(served):
    served.start()
    text = (served.ours.folder / "localroot.toml").read_text()
    served.ours.write("localroot.toml", text + '[tcp]\nidle = "1s"\n')
    served.ours.reload()
    served.ours.wait_log(" reloaded|msg=reloaded")
    silent = socket.create_connection(("127.0.0.1", served.port), timeout=10)  # never begins the handshake
    with served.connect() as connection:
        assert ask(connection, ".", "SOA").answer
        assert connection.recv(1) == b""  # with close_notify: else this were an error
    assert silent.recv(1) == b""
    silent.close()


def test_bind_follows_over_tls(served):
    port = free_port()
    served.start(allow='tls-client = "reader.test"', tls=f'client-ca = "{served.authority.file}"',
                 subscribers=[f"127.0.0.1@{port}"])
    mine = served.authority.certificate("reader.test")
    bind = served.peers(Bind, port=port).start(f"""
tls ours {{ ca-file "{served.authority.file}"; remote-hostname "ns.test"; cert-file "{mine.file}"; key-file "{mine.key}";
  protocols {{ TLSv1.3; }}; }};
zone "." {{ type secondary; masterfile-format text; file "copy"; primaries {{ 127.0.0.1 port {served.port} tls ours; }};
  allow-notify {{ 127.0.0.1; }}; }};""")
    bind.wait_serial(".", served.version.serial)
    served.ours.wait_log("zone sent")
    version = served.publish()
    bind.wait_serial(".", version.serial, timeout=10)
    assert bind.ask(version.added, "DS").answer


def test_nsd_follows_over_tls(served):
    port = free_port()
    served.start(allow='from = "127.0.0.1"\ntls = true', subscribers=[f"127.0.0.1@{port}"])
    nsd = served.peers(Nsd, port=port).start(f"""
tls-auth:
  name: ours
  auth-domain-name: "ns.test"
zone:
  name: "."
  zonefile: "copy"
  allow-notify: 127.0.0.1 NOKEY
  request-xfr: AXFR 127.0.0.1@{served.port} NOKEY ours
""", server=f'tls-cert-bundle: "{served.authority.file}"')
    nsd.wait_serial(".", served.version.serial)
    version = served.publish()
    nsd.wait_serial(".", version.serial, timeout=10)
    assert nsd.ask(version.added, "DS").answer


def relay_datagrams(at, to):
    """Until the returned socket closes."""
    relay = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    relay.bind(("127.0.0.1", at))

    def run():
        while True:
            try:
                wire, sender = relay.recvfrom(65535)
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as onward:
                    onward.settimeout(2)
                    onward.sendto(wire, ("127.0.0.1", to))
                    relay.sendto(onward.recv(65535), sender)
            except TimeoutError:
                continue
            except OSError:
                return

    threading.Thread(target=run, daemon=True).start()
    return relay


def test_unbound_follows_over_tls_if_alpn_is_not_required(served):
    # Before each transfer it asks for the SOA over UDP: at port 53 of who is at 853, else at the port that it has.
    relay = relay_datagrams(served.port, served.ours.port)
    served.start(allow='from = "127.0.0.1"\ntls = true', tls="require-alpn = false")
    unbound = served.peers(Unbound).start(f"""
auth-zone:
  name: "."
  primary: 127.0.0.1@{served.port}#ns.test
  fallback-enabled: no
  for-downstream: yes
  zonefile: "copy"
""", server=f'tls-cert-bundle: "{served.authority.file}"')
    wait_until(lambda: unbound.ask(served.version.added, "DS").rcode() == dns.rcode.NOERROR, 20, "Unbound has the zone")
    served.ours.wait_log("zone sent")
    relay.close()
