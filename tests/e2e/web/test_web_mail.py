"""Mail is handed to a real mail server, in good and in bad weather."""

import asyncio
import email
import email.policy
import socket
import ssl
import threading
import time
import warnings

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from certificates import Authority

MAIL = {"to": "alice@mail.example", "subject": "Bestätigen Sie Ihre Adresse, bitte: 密码", "body": "Grüße,\n\n.\n..dots\nend\n"}


def line_server(lines, cut_after=None):
    """A server that greets and answers each line with the next of `lines`, and closes in the middle of the message,
    after so many octets of it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listener.accept()
        with connection, listener:
            file = connection.makefile("rwb", buffering=0)
            for line in lines:
                file.write(line.encode() + b"\r\n")
                if line.startswith("354") and cut_after is not None:
                    file.read(cut_after)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset
                    file.close()
                    return
                if not file.readline():
                    return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return listener.getsockname()[1]


def body_of(mail):
    return mail.get_content().replace("\r\n", "\n")


def send(probe, port, **members):
    return probe.ask("mail", **{"host": "127.0.0.1", "port": port, "security": "none", **MAIL, **members})


def test_a_message_arrives_as_it_was_written(probe, mail_server):
    port, room = mail_server()
    outcome = send(probe, port)
    assert (outcome["kind"], outcome["code"]) == ("accepted", 250), outcome
    assert "kept" in outcome["what"]
    sender, recipients, octets, _ = room.taken[0]
    assert sender == "portal@zonewright.example" and recipients == ["alice@mail.example"]
    assert octets.isascii() and max(map(len, octets.split(b"\r\n"))) <= 78
    mail = email.message_from_bytes(octets, policy=email.policy.default)
    assert mail["Subject"] == MAIL["subject"]
    assert mail["From"].addresses[0].display_name == "zonewright Pörtal"
    assert mail["To"] == "alice@mail.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert abs(mail["Date"].datetime.timestamp() - time.time()) < 60
    assert mail["Message-ID"].endswith("@zonewright.example>")
    assert mail.get_content_type() == "text/plain" and body_of(mail) == MAIL["body"]
    assert not mail.defects


@pytest.mark.parametrize("command, reply, kind", [
    ("rcpt", "550 5.1.1 no such mailbox", "refused"),
    ("rcpt", "451 4.7.1 greylisted, come again", "later"),
    ("data", "554 5.7.1 we take no such message", "refused"),
    ("data", "452 4.3.1 no room", "later"),
])
def test_the_server_says_no(probe, mail_server, command, reply, kind):
    port, room = mail_server()
    setattr(room, command, reply)
    outcome = send(probe, port)
    assert (outcome["kind"], outcome["code"]) == (kind, int(reply[:3])), outcome
    assert reply in outcome["what"] and not room.taken


def test_a_reply_of_many_lines_is_told_whole(probe):
    port = line_server(["220 here", "250 good day", "250 sender", "550-no such\r\n550 mailbox", "221 bye"])
    outcome = send(probe, port)
    assert outcome["kind"] == "refused" and "550-no such 550 mailbox" in outcome["what"], outcome


def test_a_server_that_greets_with_no_is_no_fault_of_the_message(probe):
    outcome = send(probe, line_server(["554 no service here"]))
    assert (outcome["kind"], outcome["code"]) == ("later", 554), outcome


def test_a_slow_server_is_given_up_on(probe, mail_server):
    port, room = mail_server()
    room.pause = 3
    begin = time.monotonic()
    outcome = send(probe, port, whole=700)
    assert outcome["kind"] == "later" and time.monotonic() - begin < 2.5, outcome


def test_a_connection_that_is_cut_in_the_middle_of_the_message_is_tried_later(probe):
    port = line_server(["220 here", "250 good day", "250 sender", "250 recipient", "354 go on"], cut_after=2000)
    outcome = send(probe, port, body="a line of the message\n" * 2900)
    assert (outcome["kind"], outcome["code"]) == ("later", 354), outcome


def test_a_large_message_arrives_whole(probe, mail_server):
    port, room = mail_server()
    body = "".join(f".{i} a line of the message\n" for i in range(2000))
    assert send(probe, port, body=body)["kind"] == "accepted"
    mail = email.message_from_bytes(room.taken[0][2], policy=email.policy.default)
    assert body_of(mail) == body


@pytest.fixture
def identity(tmp_path):
    """A certificate for localhost, as (chain for servers, the authority's file)."""
    authority = Authority(tmp_path)
    return authority, authority.certificate("localhost")


def server_context(identity):
    _, certificate = identity
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.file, certificate.key)
    return context


def test_starttls_with_a_password(probe, mail_server, identity):
    seen = []

    def authenticate(server, session, envelope, mechanism, data):
        seen.append((data.login, data.password))
        good = data.password == b"right"
        return AuthResult(success=good, handled=good)

    port, room = mail_server(tls_context=server_context(identity), require_starttls=True, authenticator=authenticate,
                             auth_required=True)
    settings = {"host": "localhost", "security": "starttls", "user": "portal", "authorities": str(identity[0].file)}
    outcome = send(probe, port, password="right", **settings)
    assert outcome["kind"] == "accepted", outcome
    assert seen == [(b"portal", b"right")] and room.taken[0][3].ssl is not None
    outcome = send(probe, port, password="wrong", **settings)
    assert (outcome["kind"], outcome["code"]) == ("later", 535), outcome


def test_a_certificate_that_nobody_vouches_for_gets_no_mail(probe, mail_server, identity):
    port, room = mail_server(tls_context=server_context(identity))
    for security in ("starttls", "offered"):
        outcome = send(probe, port, host="localhost", security=security)
        assert outcome["kind"] == "later" and not room.taken, outcome
    outcome = send(probe, port, host="127.0.0.1", security="starttls", authorities=str(identity[0].file))
    assert outcome["kind"] == "later" and not room.taken, outcome  # good, but for another name


def test_a_server_without_tls_gets_mail_only_where_that_is_allowed(probe, mail_server):
    port, room = mail_server()
    outcome = send(probe, port, security="starttls")
    assert outcome["kind"] == "later" and not room.taken, outcome
    assert send(probe, port, security="offered")["kind"] == "accepted"


def test_tls_from_the_first_octet(probe, mail_server, identity):
    port, room = mail_server(ssl_context=server_context(identity))
    outcome = send(probe, port, host="localhost", security="tls", authorities=str(identity[0].file))
    assert outcome["kind"] == "accepted" and len(room.taken) == 1, outcome
