"""One process takes over from another under load: no query is lost, and no transfer is cut or mixed."""

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time

import dns.edns
import dns.exception
import dns.message
import dns.query
import pytest
from certificates import Authority
from localroot_peer import Localroot, Upgraded, ZoneMaker
from peers import Nsd, free_port, wait_until


def sockets_at(port):
    """The kernel's numbers of what listens there over UDP and TCP."""
    lines = [line.split() for kind in ("udp", "tcp") for line in open(f"/proc/net/{kind}", encoding="ascii")]
    return {words[9] for words in lines if words[1].endswith(f":{port:04X}") and words[2] == "00000000:0000"}


def load(programs, ours, verb, *words):
    return subprocess.Popen([programs / "zonewright", "localroot", "bench", verb, f"{ours.address}@{ours.port}",
                             *map(str, words), "--address-range", "127.9.0.0/16", "--json", "-"],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def result(process):
    out, complaints = process.communicate(timeout=600)
    assert process.returncode == 0, (out, complaints)
    return json.loads(out)


def upgrade_under_load(times, versions, seconds, peers, programs, tmp_path):
    """`times` upgrades, while versions are published, all that is asked is counted, and nothing may be missing. The zone
    is larger than what the kernel holds for a slow reader."""
    maker = ZoneMaker(tmp_path / "large", programs, size=9000)
    waiting = [maker.version() for _ in range(versions)]
    newest = waiting.pop(0)
    zone = shutil.copy(newest.file, tmp_path / "root.zone")
    port = free_port()
    primary = peers(Nsd).start(f'zone:\n  name: "."\n  zonefile: "{zone}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n'
                               f"  notify: 127.0.0.1@{port} NOKEY\n")
    ours = peers(Upgraded, programs=programs, port=port).start(".", maker.anchor, [primary], top='[tcp]\nidle = "2s"\n')
    ours.wait_serving(newest.serial)
    sockets = sockets_at(ours.port)
    assert len(sockets) == 2
    words = (".", "--total", 0, "--seconds", seconds, "--check", "digest", "--clients")
    loads = [load(programs, ours, "query", "--zone", zone, "--seconds", seconds, "--rate", 2000, "--do"),
             load(programs, ours, "xfr", *words, 2, "--rate", 10),
             load(programs, ours, "xfr", *words, 8, "--slow", 12000)]
    end = time.monotonic() + seconds
    for turn in range(times):
        if waiting and turn % (times // versions) == 1:
            newest = waiting.pop(0)
            shutil.copy(newest.file, zone)
            primary.reload()
        ours.take_over()
        left = (end - time.monotonic()) / (times - turn)
        time.sleep(max(0.0, min(left - 1, 1)))
    assert time.monotonic() < end, "the load ended before the upgrades"
    assert sockets_at(ours.port) == sockets  # so what waited in them was not lost with the old process
    asked, fetched, slowly = (result(process) for process in loads)
    ours.wait_serving(newest.serial, timeout=15)
    ours.wait_former()
    return asked, fetched, slowly


def check(asked, fetched, slowly):
    print("\nqueries", json.dumps(asked), "\ntransfers", json.dumps(fetched), "\nslow", json.dumps(slowly))
    assert asked["sent"] == asked["answered"] and asked["lost"] == 0 and set(asked["rcodes"]) == {"NOERROR", "NXDOMAIN"}
    for transfers in (fetched, slowly):
        assert transfers["failed"] == 0 and transfers["whole"] > 0 and not transfers["failures"]
        assert transfers["versions_proven"] == transfers["versions"]


@pytest.mark.quiet
def test_nothing_is_lost_while_processes_take_over_from_one_another(peers, programs, tmp_path):
    check(*upgrade_under_load(8, 3, 30, peers, programs, tmp_path))


@pytest.mark.long
def test_nothing_is_lost_in_a_hundred_upgrades(peers, programs, tmp_path):
    check(*upgrade_under_load(100, 10, 280, peers, programs, tmp_path))


@pytest.fixture
def served(peers, programs, maker, tmp_path):
    """What serves a first version, and `publish()` for the next."""
    version = maker.version()
    zone = shutil.copy(version.file, tmp_path / "root.zone")
    port = free_port()
    primary = peers(Nsd).start(f'zone:\n  name: "."\n  zonefile: "{zone}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n'
                               f"  notify: 127.0.0.1@{port} NOKEY\n")
    ours = peers(Upgraded, programs=programs, port=port)
    ours.start(".", maker.anchor, [primary]).wait_serving(version.serial)

    def publish():
        newer = maker.version()
        shutil.copy(newer.file, zone)
        primary.reload()
        ours.wait_serving(newer.serial, timeout=30)

    ours.publish = publish
    return ours


class Knocker:
    """A process that wants to take over, and is given what it needs for that."""

    def __init__(self, server):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(20)
        self.socket.connect(str(server.folder / "state" / "hand-over"))
        self.said, self.descriptors = [], []
        while not self.said or self.said[-1]["say"] not in ("all", "no"):
            text, descriptors, _, _ = socket.recv_fds(self.socket, 16384, 8)
            self.said.append(json.loads(text))
            self.descriptors += descriptors
        os.pwrite(self.descriptors[0], b"1\n", 0)  # as if it were the owner of the state folder

    def end(self):
        self.socket.close()
        for descriptor in self.descriptors:
            os.close(descriptor)


def test_a_successor_that_ends_before_it_serves_changes_nothing(served):
    for word in (None, b'{"say":"something else"}', b"not even JSON"):
        knocker = Knocker(served)
        assert [said["say"] for said in knocker.said] == ["hello", "sockets", "all"] and len(knocker.descriptors) == 3
        served.wait_status(lambda zone: zone["phase"] == "handing over", "it waits")
        assert served.ask(".", "SOA").answer
        second = subprocess.run([*served.command, "--take-over"], capture_output=True, text=True, timeout=20, check=False)
        assert second.returncode == 3 and "another process is taking over already" in second.stderr, second
        served.reload()
        served.wait_log("no reload now, while another process takes over")
        if word:
            knocker.socket.send(word)
            assert json.loads(knocker.socket.recv(16384))["say"] == "no"
        knocker.end()
        served.wait_status(lambda zone: zone["phase"] != "handing over", "it goes on")
        assert served.pid() == served.process.pid
        served.publish()
    served.take_over()
    served.publish()
    served.wait_former()


def test_who_is_not_there_is_not_taken_over_from_and_who_is_killed_leaves_it_to_the_successor(served, programs):
    served.kill()
    served.command.append("--take-over")
    served._begin().wait_ready()
    served.command.remove("--take-over")
    served.publish()
    served.take_over()
    for process in served.former:
        process.kill()
    served.publish()
    assert served.ask(".", "SOA", tcp=True).answer
    taken = subprocess.run(served.command, capture_output=True, text=True, timeout=20, check=False)
    assert taken.returncode == 3 and f"in use by another process (pid {served.process.pid})" in taken.stderr, taken
    for process in served.former:
        process.wait()
    served.former = []


def test_the_successor_may_listen_elsewhere_with_more_workers_and_clients_keep_their_cookies(served):
    path = served.folder / "localroot.toml"
    second = free_port()
    path.write_text(path.read_text().replace("workers = 1", "workers = 3").replace(
        "listen = [", f'listen = ["127.0.0.1@{second}", '))
    cookie = dns.edns.GenericOption(10, b"01234567")
    query = dns.message.make_query(".", "SOA", use_edns=0, options=[cookie])
    with_server_part = served.exchange(query).options
    served.take_over()
    query = dns.message.make_query(".", "SOA", use_edns=0, options=with_server_part)
    assert served.exchange(query).options == with_server_part
    for port in (second, served.port):
        for tcp in (False, True):
            ask = dns.query.tcp if tcp else dns.query.udp
            assert ask(dns.message.make_query(".", "SOA"), served.address, port=port, timeout=3).answer
    path.write_text(path.read_text().replace("workers = 3", "workers = 1").replace(f'"127.0.0.1@{second}", ', ""))
    served.take_over()
    for _ in range(20):
        assert served.ask(".", "SOA").answer
    with pytest.raises((OSError, dns.exception.DNSException)):
        dns.query.udp(dns.message.make_query(".", "SOA"), served.address, port=second, timeout=0.3)
    served.publish()
    served.wait_former()


def test_a_signal_starts_the_successor_and_the_service_manager_is_told(served, tmp_path):
    served.stop()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "manager"))
        manager.settimeout(20)
        served.environment["NOTIFY_SOCKET"] = str(tmp_path / "manager")
        served._begin().wait_ready()
        assert manager.recv(1000) == b"READY=1"
        first = served.process
        first.send_signal(signal.SIGUSR2)
        told = manager.recv(1000).decode().split("\n")
        assert told == [f"MAINPID={served.pid()}", "READY=1"] and served.pid() != first.pid
        assert first.wait(40) == 0
        served.publish()
        os.kill(served.pid(), signal.SIGTERM)
        assert manager.recv(1000) == b"STOPPING=1"
    served.process = None


def test_tls_sessions_and_connections_that_are_open_are_served_on(peers, programs, maker, tmp_path):
    version = maker.version()
    primary = peers(Nsd).start(f'zone:\n  name: "."\n  zonefile: "{version.file}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n')
    authority, port = Authority(tmp_path / "authority"), free_port()
    certificate = authority.certificate("ns.test")
    ours = peers(Upgraded, programs=programs)
    ours.start(".", maker.anchor, [primary], top=f'listen-tls = ["127.0.0.1@{port}"]\n[tls]\n'
               f'certificate = "{certificate.file}"\nkey = "{certificate.key}"\nrequire-alpn = false\n').wait_serving(version.serial)
    context = ssl.create_default_context(cafile=authority.file)
    query = dns.message.make_query(".", "SOA", use_edns=0, options=[dns.edns.GenericOption(11, b"")])

    def keepalive(answer):
        return [option.data for option in answer.options if option.otype == 11]

    with socket.create_connection((ours.address, ours.port)) as plain, \
            context.wrap_socket(socket.create_connection((ours.address, port)), server_hostname="ns.test") as tls:
        for connection in (plain, tls):
            dns.query.send_tcp(connection, query)
            assert dns.query.receive_tcp(connection)[0].answer
        ours.take_over()
        for connection in (plain, tls):
            dns.query.send_tcp(connection, query)
            answer = dns.query.receive_tcp(connection)[0]
            assert answer.answer and keepalive(answer) == [b"\0\0"], answer  # please leave
        assert dns.query.tls(dns.message.make_query(".", "SOA"), ours.address, port=port, timeout=3, ssl_context=context,
                             server_hostname="ns.test").answer
        assert all(process.poll() is None for process in ours.former)
    ours.wait_former(timeout=10)
