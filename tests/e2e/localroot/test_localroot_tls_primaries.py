"""Zones from primaries over TLS (RFC 9103): BIND and NSD give them to ours, and who is not who it should be gives none."""

import shutil
import socket
import ssl
import threading

import pytest
from certificates import Authority, self_signed
from localroot_peer import KEY_NAME, NSD_KEY, Localroot
from peers import Bind, Nsd, free_port


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "authority")


@pytest.fixture
def bind(peers, maker, tmp_path):
    """BIND, which gives the zone over TLS with this certificate; its TLS port is `tls_port`. Over UDP and TCP it is asked
    for nothing, as the log shows."""

    def start(certificate, options="", allow="transport tls", protocols="TLSv1.3"):
        version = maker.version()
        zone = shutil.copy(version.file, tmp_path / "root.zone")
        port = free_port()
        server = peers(Bind).start(f"""
tls mine {{ cert-file "{certificate.file}"; key-file "{certificate.key}"; protocols {{ {protocols}; }}; {options} }};
zone "." {{ type primary; file "{zone}"; allow-transfer {allow} {{ any; }}; }};""",
                                   options=f"listen-on port {port} tls mine {{ 127.0.0.1; }};")
        server.tls_port, server.version = port, version
        return server

    return start


def start(ours, maker, port, lines, ready=True):
    """Ours with one primary at the TLS port `port`."""
    path = ours.configure(".", maker.anchor, [f"127.0.0.1@{port}"])
    text = path.read_text()
    head, tail = text.split("[[zone.primary]]\n", 1)
    path.write_text(head + "[[zone.primary]]\n" + lines + "\n" + tail)
    ours.launch([ours.programs / "zonewright", "localroot", "serve", "--config", path])
    return ours.wait_ready() if ready else ours


def test_the_zone_comes_from_bind_over_tls(peers, programs, maker, authority, bind):
    primary = bind(authority.certificate("ns.test"))
    ours = peers(Localroot, programs=programs)
    start(ours, maker, primary.tls_port, f'tls-name = "ns.test"\ntls-ca = "{authority.file}"')
    ours.wait_serving(primary.version.serial)
    assert ours.status()["source"] == f"127.0.0.1@{primary.tls_port}"


def test_a_pin_is_enough_and_a_wrong_one_is_refused(peers, programs, maker, bind, tmp_path):
    certificate = self_signed(tmp_path, "any.test")
    primary = bind(certificate)
    ours = peers(Localroot, programs=programs)
    start(ours, maker, primary.tls_port, f'tls-pin = "{certificate.pin}"')
    ours.wait_serving(primary.version.serial)
    other = peers(Localroot, programs=programs)
    start(other, maker, primary.tls_port, f'tls-pin = "{"A" * 43}="')
    status = other.wait_status(lambda zone: zone["last_refusal"], "the primary is not believed")
    assert "TLS: the certificate of the other side is not believed" in status["last_refusal"]["reason"], status


@pytest.mark.parametrize(("kind", "reason"), [
    ("another name", "the certificate is for other.test, expected ns.test"),
    ("expired", "certificate has expired"),
    ("self-signed", "self-signed certificate"),
    ("another authority", "unable to get local issuer certificate"),
])
def test_a_primary_that_is_not_who_it_should_be_gives_no_zone(peers, programs, maker, authority, bind, tmp_path, kind,
                                                              reason):
    certificate = {"another name": lambda: authority.certificate("other.test"),
                   "expired": lambda: authority.certificate("ns.test", days=-1),
                   "self-signed": lambda: self_signed(tmp_path, "ns.test"),
                   "another authority": lambda: Authority(tmp_path / "stranger").certificate("ns.test")}[kind]()
    primary = bind(certificate)
    ours = peers(Localroot, programs=programs)
    start(ours, maker, primary.tls_port, f'tls-name = "ns.test"\ntls-ca = "{authority.file}"')
    status = ours.wait_status(lambda zone: zone["last_refusal"], "the primary is not believed")
    assert "TLS: " in status["last_refusal"]["reason"] and reason in status["last_refusal"]["reason"], status
    assert status["condition"] == "waiting"
    ours.wait_log(reason)


class OldTls:
    """A server of TLS that shakes hands and says nothing: `version` at most, and without ALPN."""

    def __init__(self, certificate, version=ssl.TLSVersion.TLSv1_3, alpn=()):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.file, certificate.key)
        context.maximum_version = version
        if alpn:
            context.set_alpn_protocols(list(alpn))
        self.plain = socket.create_server(("127.0.0.1", 0))
        self.port = self.plain.getsockname()[1]

        def run():
            while True:
                try:
                    client, _ = self.plain.accept()
                except OSError:
                    return
                with client:
                    client.settimeout(3)
                    try:
                        with context.wrap_socket(client, server_side=True) as session:
                            session.recv(1)
                    except OSError:
                        pass

        threading.Thread(target=run, daemon=True).start()

    def close(self):
        self.plain.shutdown(socket.SHUT_RDWR)
        self.plain.close()


@pytest.mark.parametrize(("options", "reason"), [
    ({"version": ssl.TLSVersion.TLSv1_2}, "does not speak TLS 1.3"),
    ({"alpn": ["http/1.1"]}, 'ALPN "dot"'),
    ({}, 'does not agree on ALPN "dot" (RFC 9103 §7.1)'),
])
def test_old_tls_and_other_protocols_are_refused(peers, programs, maker, authority, options, reason):
    server = OldTls(authority.certificate("ns.test"), **options)
    ours = peers(Localroot, programs=programs)
    start(ours, maker, server.port, f'tls-name = "ns.test"\ntls-ca = "{authority.file}"')
    status = ours.wait_status(lambda zone: zone["last_refusal"], "the primary is not believed")
    assert reason in status["last_refusal"]["reason"], status
    server.close()


def test_a_port_without_tls_is_told_apart(peers, programs, maker, authority):
    version = maker.version()
    primary = peers(Nsd).start(zones={".": version.file})
    ours = peers(Localroot, programs=programs)
    start(ours, maker, primary.port, f'tls-name = "ns.test"\ntls-ca = "{authority.file}"')
    status = ours.wait_status(lambda zone: zone["last_refusal"], "the primary is not believed", timeout=40)
    assert "TLS" in status["last_refusal"]["reason"], status
    assert status["condition"] == "waiting"  # never in clear text


def test_the_zone_comes_from_nsd_over_tls_with_tsig_if_alpn_is_not_required(peers, programs, maker, authority):
    version, certificate, port = maker.version(), authority.certificate("ns.test"), free_port()
    peers(Nsd).start(
        NSD_KEY + f'zone:\n  name: "."\n  zonefile: "{version.file}"\n  provide-xfr: 127.0.0.0/8 {KEY_NAME}\n',
        server=f'ip-address: 127.0.0.1@{port}\ntls-port: {port}\ntls-service-key: "{certificate.key}"\n'
               f'tls-service-pem: "{certificate.file}"')
    ours = peers(Localroot, programs=programs)
    start(ours, maker, port, f'key = "{KEY_NAME}"\ntls-name = "ns.test"\ntls-ca = "{authority.file}"\n'
          "tls-require-alpn = false")
    ours.wait_serving(version.serial)


def test_ours_shows_its_certificate_to_a_primary_of_ours_and_follows_a_chain(peers, programs, maker, authority, bind):
    """BIND, ours with mutual TLS, and ours behind it: the second one gets the zone by its certificate alone."""
    first = bind(authority.certificate("ns.test"))
    middle, last = peers(Localroot, programs=programs), peers(Localroot, programs=programs)
    certificate, reader, port = authority.certificate("middle.test"), authority.certificate("reader.test"), free_port()
    path = middle.configure(".", maker.anchor, [f"127.0.0.1@{first.tls_port}"], allow='tls-client = "reader.test"',
                            top=f'listen-tls = ["127.0.0.1@{port}"]',
                            more=f'[tls]\ncertificate = "{certificate.file}"\nkey = "{certificate.key}"\n'
                                 f'client-ca = "{authority.file}"\n')
    path.write_text(path.read_text().replace(
        "[[zone.primary]]\n", f'[[zone.primary]]\ntls-name = "ns.test"\ntls-ca = "{authority.file}"\n'))
    middle.launch([programs / "zonewright", "localroot", "serve", "--config", path]).wait_ready()
    middle.wait_serving(first.version.serial)
    start(last, maker, port, f'tls-name = "middle.test"\ntls-ca = "{authority.file}"')
    status = last.wait_status(lambda zone: zone["last_refusal"], "without a certificate it gets nothing")
    assert "REFUSED" in status["last_refusal"]["reason"], status
    last.stop()
    start(last, maker, port, f'tls-name = "middle.test"\ntls-ca = "{authority.file}"\n'
          f'tls-certificate = "{reader.file}"\ntls-key = "{reader.key}"')
    last.wait_serving(first.version.serial)
