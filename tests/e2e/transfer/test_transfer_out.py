"""Transfers from ours, as other people's clients see them: dig, kdig, drill and dnspython, and a plain socket."""

import base64
import re
import socket
import struct
import subprocess
import time

import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.tsig
import dns.tsigkeyring
import dns.zone
import pytest
from localroot_peer import KEY_NAME, KEY_SECRET, KEYRING
from peers import Server

SECRET = base64.b64encode(b"a secret of transfers, long enough").decode()
ALGORITHMS = ["hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"]
MORE_KEYS = "".join(f'[[key]]\nname = "{algorithm}.key."\nalgorithm = "{algorithm}"\nsecret = "{SECRET}"\n'
                    for algorithm in ALGORITHMS)


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=30, check=False)
    return done.stdout + done.stderr


def records(zone):
    """Each record as text, in canonical form of dnspython."""
    return sorted(f"{name} {rdataset.ttl} {dns.rdatatype.to_text(rdata.rdtype)} {rdata.to_text()}"
                  for name, node in zone.nodes.items() for rdataset in node for rdata in rdataset)


def of_file(version):
    return records(dns.zone.from_file(str(version.file), origin=".", relativize=False))


def of_text(text):
    """Of the output of dig, kdig or drill, where the SOA stands at both ends."""
    lines = [line for line in text.splitlines() if line and not line.startswith(";") and "\tTSIG\t" not in line]
    assert "\tSOA\t" in lines[0] and lines[0].split() == lines[-1].split(), text[-2000:]
    return records(dns.zone.from_text("\n".join(lines[:-1]), origin=".", relativize=False))


def of_messages(messages):
    zone = dns.zone.Zone(".", relativize=False)
    for message in messages:
        for rrset in message.answer:
            for rdata in rrset:
                zone.find_rdataset(rrset.name, rdata.rdtype, rdata.covers(), create=True).add(rdata, rrset.ttl)
    return records(zone)


class Connection:
    """A TCP connection that sends and takes messages as they stand."""

    def __init__(self, server: Server, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(10)
        self.socket.connect((server.address, server.port))

    def send(self, *queries):
        wires = [query.to_wire() for query in queries]
        self.socket.sendall(b"".join(struct.pack("!H", len(wire)) + wire for wire in wires))

    def read(self, octets):
        out = b""
        while len(out) < octets:
            piece = self.socket.recv(octets - len(out))
            assert piece, "the connection ended"
            out += piece
        return out

    def message(self):
        return dns.message.from_wire(self.read(struct.unpack("!H", self.read(2))[0]))

    def zone(self, query):
        """The messages of one transfer."""
        messages, soas = [], 0
        while soas < 2:
            messages.append(self.message())
            assert messages[-1].id == query.id and messages[-1].rcode() == dns.rcode.NOERROR
            soas += sum(len(rrset) for rrset in messages[-1].answer if rrset.rdtype == dns.rdatatype.SOA)
        return messages


def axfr():
    return dns.message.make_query(".", "AXFR", use_edns=False)


def ixfr(serial, **options):
    query = dns.message.make_query(".", "IXFR", **options)
    query.authority.append(dns.rrset.from_text(".", 0, "IN", "SOA", f". . {serial} 0 0 0 0"))
    return query


def test_every_client_sees_the_same_zone(serve):
    served = serve()
    expected, at = of_file(served.version), ["-p", served.ours.port]
    assert of_text(run("dig", "@127.0.0.1", *at, ".", "AXFR")) == expected
    assert of_text(run("kdig", "@127.0.0.1", *at, "+noedns", ".", "AXFR")) == expected
    assert of_text(run("drill", "@127.0.0.1", *at, ".", "AXFR")) == expected
    messages = list(dns.query.xfr("127.0.0.1", ".", port=served.ours.port, relativize=False))
    assert of_messages(messages) == expected


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_of_tsig_is_taken_by_other_clients(algorithm, serve):
    served = serve(top=MORE_KEYS)
    expected, at = of_file(served.version), ["-p", served.ours.port]
    key = f"{algorithm}:{algorithm}.key.:{SECRET}"
    assert of_text(run("dig", "@127.0.0.1", *at, "-y", key, ".", "AXFR")) == expected
    assert of_text(run("kdig", "@127.0.0.1", *at, "-y", key, ".", "AXFR")) == expected
    keyring = dns.tsigkeyring.from_text({f"{algorithm}.key.": SECRET})
    name = dns.tsig.HMAC_MD5 if algorithm == "hmac-md5" else algorithm
    messages = list(dns.query.xfr("127.0.0.1", ".", port=served.ours.port, relativize=False, keyring=keyring,
                                  keyalgorithm=name))
    assert of_messages(messages) == expected


def test_header_and_sections_are_as_the_rfc_says(serve):
    served = serve()
    connection, query = Connection(served.ours), axfr()
    connection.send(query)
    messages = connection.zone(query)
    for i, message in enumerate(messages):
        assert message.flags == dns.flags.QR | dns.flags.AA | dns.flags.RD
        assert len(message.question) == (1 if i == 0 else 0)
        assert message.answer and not message.authority and not message.additional
    assert messages[0].question == query.question


def test_one_connection_takes_several_questions_and_transfers(serve):
    served = serve()
    expected = of_file(served.version)
    connection, first, soa, second = Connection(served.ours), axfr(), dns.message.make_query(".", "SOA"), axfr()
    connection.send(first, soa, second)
    assert of_messages(connection.zone(first)) == expected
    assert connection.message().id == soa.id
    assert of_messages(connection.zone(second)) == expected
    connection.send(soa)
    assert connection.message().answer[0][0].serial == served.version.serial


def test_a_slow_client_gets_one_version_however_often_it_changes_meanwhile(serve, maker):
    maker.plain += "".join(f"text{i}.\t86400\tIN\tTXT\t\"{'x' * 250}\"\n" for i in range(4000))
    served = serve()
    connection, query = Connection(served.ours, receive_buffer=4096), axfr()
    connection.send(query)
    first, expected = connection.message(), of_file(served.version)
    for _ in range(3):
        served.next()
    messages = [first]
    while sum(len(rrset) for message in messages for rrset in message.answer if rrset.rdtype == dns.rdatatype.SOA) < 2:
        messages.append(connection.message())
        time.sleep(0.002)
    assert of_messages(messages) == expected
    assert of_file(served.version) != expected


def test_ixfr_gets_one_soa_if_it_is_current_or_over_udp_and_else_the_whole_zone(serve):
    served = serve()
    serial, expected = served.version.serial, of_file(served.version)
    older = run("dig", "@127.0.0.1", "-p", served.ours.port, ".", f"IXFR={serial - 1}")
    assert of_text(older) == expected
    assert of_text(run("kdig", "@127.0.0.1", "-p", served.ours.port, ".", f"IXFR={serial - 1}")) == expected
    for asked in (serial, serial + 1):
        answer = served.ours.exchange(ixfr(asked), tcp=True)
        assert [(rrset.rdtype, rrset[0].serial) for rrset in answer.answer] == [(dns.rdatatype.SOA, serial)]
    for asked in (serial - 1, serial):
        answer = served.ours.exchange(ixfr(asked))
        assert [(rrset.rdtype, rrset[0].serial) for rrset in answer.answer] == [(dns.rdatatype.SOA, serial)]
        assert answer.flags & dns.flags.AA
    assert served.ours.exchange(ixfr(serial, use_edns=False)).rcode() == dns.rcode.NOERROR
    assert served.ours.ask(".", "IXFR").rcode() == dns.rcode.FORMERR  # without the client's SOA
    assert served.ours.ask(".", "AXFR").rcode() == dns.rcode.NOTIMP  # over UDP


def test_expire_is_told_with_soa_axfr_and_ixfr(serve):
    served = serve()
    at = ["dig", "@127.0.0.1", "-p", served.ours.port, "+expire"]
    for words in (["SOA"], ["AXFR", "+comments"], [f"IXFR={served.version.serial}", "+comments"]):
        text = run(*at, ".", *words)
        expire = re.search(r"EXPIRE: (\d+)", text)
        assert expire and 604_000 < int(expire[1]) <= 604_800, text[:2000]


def test_who_may_not_is_told_why(serve):
    served = serve(allow=f'from = "127.0.0.2"\n[[zone.allow-transfer]]\nkey = "{KEY_NAME}"\n')
    refused = served.ours.exchange(dns.message.make_query(".", "AXFR", use_edns=0), tcp=True)
    assert refused.rcode() == dns.rcode.REFUSED and refused.options[0].otype == 15  # EDE
    assert refused.options[0].code == 18  # Prohibited
    assert re.search(r'msg="transfer not given" zone=\. client=\S+ key=none asked=AXFR rcode=REFUSED reason=',
                     served.ours.log())
    other = served.ours.exchange(dns.message.make_query("nowhere.else.", "AXFR"), tcp=True)
    assert other.rcode() == dns.rcode.NOTAUTH
    signed = list(dns.query.xfr("127.0.0.1", ".", port=served.ours.port, relativize=False, keyring=KEYRING,
                                keyalgorithm="hmac-sha256"))
    assert of_messages(signed) == of_file(served.version)
    from_network = list(dns.query.xfr("127.0.0.1", ".", port=served.ours.port, relativize=False, source="127.0.0.2"))
    assert of_messages(from_network) == of_file(served.version)


def test_a_signature_that_does_not_verify_is_answered_as_the_rfc_says(serve):
    served = serve()
    wrong = f"hmac-sha256:{KEY_NAME}:{base64.b64encode(b'not the secret of this key').decode()}"
    text = run("kdig", "@127.0.0.1", "-p", served.ours.port, "-y", wrong, ".", "AXFR")
    assert "BADSIG" in text or "NOTAUTH" in text, text
    unknown = f"hmac-sha256:unknown.key.:{KEY_SECRET}"
    text = run("kdig", "@127.0.0.1", "-p", served.ours.port, "-y", unknown, ".", "AXFR")
    assert "BADKEY" in text or "NOTAUTH" in text, text


def test_ldns_notify_is_answered(serve):
    served = serve()
    text = run("ldns-notify", "-z", ".", "-p", served.ours.port, "-r", 1, "127.0.0.1")
    assert "rcode" in text.lower() and "NOERROR" in text, text
    assert re.search(r'msg="NOTIFY received" zone=\. primary=127\.0\.0\.1', served.ours.log())
