"""Who is told of which version, and how fast."""

import shutil
import socket
import threading
import time

import dns.flags
import dns.message
import dns.opcode
import pytest
from localroot_peer import Localroot
from peers import Nsd, free_port, wait_until


class Sink:
    """A subscriber that answers each NOTIFY and remembers when it was told which serial."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port, self.told = self.socket.getsockname()[1], {}
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                wire, sender = self.socket.recvfrom(4096)
            except OSError:
                return
            query = dns.message.from_wire(wire)
            assert query.opcode() == dns.opcode.NOTIFY
            self.told.setdefault(query.answer[0][0].serial, time.monotonic())
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.AA
            self.socket.sendto(answer.to_wire(), sender)


@pytest.fixture
def sinks():
    made = []

    def make(count):
        made.extend(Sink() for _ in range(count))
        return made[-count:]

    yield make
    for sink in made:
        sink.socket.close()


class Story:
    """Ours with subscribers, of whom each is a sink with a line of configuration."""

    def __init__(self, peers, programs, maker, folder, subscribers, top=""):
        self.maker, first = maker, maker.version()
        self.zone = shutil.copy(first.file, folder / "root.zone")
        port = free_port()
        self.primary = peers(Nsd).start(f'zone:\n  name: "."\n  zonefile: "{self.zone}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n'
                                        f"  notify: 127.0.0.1@{port} NOKEY\n")
        self.ours = peers(Localroot, programs=programs, port=port)
        tables = "".join(f'[[zone.subscriber]]\naddress = "127.0.0.1@{sink.port}"\n{line}\n' for sink, line in subscribers)
        self.ours.start(".", maker.anchor, [self.primary], more=tables, top=top)
        self.ours.wait_serving(first.serial)
        self.first = first.serial

    def publish(self, **options):
        version = self.maker.version(**options)
        shutil.copy(version.file, self.zone)
        self.primary.reload()
        self.ours.wait_serving(version.serial, timeout=15)
        return version.serial


def test_each_subscriber_is_told_by_its_policy(peers, programs, maker, tmp_path, sinks):
    policies = ("always", "change", "deadline", "change-or-deadline", "security")
    told = dict(zip(policies, sinks(len(policies))))
    story = Story(peers, programs, maker, tmp_path, [(sink, f'notify = "{policy}"') for policy, sink in told.items()])

    def wait_told(serial, who):
        wait_until(lambda: all(serial in told[policy].told for policy in who), 10, f"{who} are told {serial}")
        time.sleep(0.3)  # those who are told now would have heard with the others
        assert {policy for policy in policies if serial in told[policy].told} == set(who)

    wait_told(story.first, policies)
    wait_told(story.publish(adds=False), {"always"})  # signed anew, and nothing else
    wait_told(story.publish(), set(policies) - {"deadline"})  # a delegation with DS
    status = story.ours.wait_status(lambda zone: zone["notify"]["answered"] == 5, "all have answered")
    assert status["notify"]["targets"] == 5 and status["notify"]["told"] == 5 and status["notify"]["to_tell"] == 0


def test_the_telling_is_as_fast_as_the_budget(peers, programs, maker, tmp_path, sinks):
    first, second = sinks(2)
    # Some 28,000 octets each: the first one leaves a debt of two seconds.
    story = Story(peers, programs, maker, tmp_path, [(first, ""), (second, "")], top="notify-budget = 100000")

    def apart(serial):
        wait_until(lambda: serial in first.told and serial in second.told, 15, "both are told")
        return abs(first.told[serial] - second.told[serial])

    assert 1 < apart(story.first) < 6
    assert 1 < apart(story.publish()) < 6
