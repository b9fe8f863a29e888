"""Knot, NSD and BIND serve the same zones as we do, and say the same; dig, kdig and dnspython read the same from our
answers; Unbound validates them."""

import base64
import collections
import dataclasses
import os
import subprocess

import dns.flags
import dns.name
import dns.rcode
import dns.rdatatype
import dns.zone
import pytest
import readers
from answer_queries import questions
from answer_rules import Case, Response, explain
from answer_zones import CHILD, ORIGINS, make_zones
from peers import Bind, Knot, Nsd, Server, Unbound

SEED = int(os.environ.get("ZW_SEED", "20260805"))
COUNT = int(os.environ.get("ZW_QUESTIONS", "3000"))
PEERS = {"knot": (Knot, {}), "nsd": (Nsd, {"server": "minimal-responses: yes"}),
         "bind": (Bind, {"options": "minimal-responses yes; zero-no-soa-ttl no;"})}


class AnswerServer(Server):
    name = "ours"

    def start(self, program, zones):
        self.zones = list(zones)
        return self.launch([program, f"{self.address}@{self.port}", *zones.values()]).wait_ready()


# Together, for what they share costs more than they do.
pytestmark = pytest.mark.xdist_group("answers")


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    return make_zones(tmp_path_factory.mktemp("zones"))


@pytest.fixture(scope="module")
def ours(programs, zones, tmp_path_factory):
    with AnswerServer(tmp_path_factory.mktemp("ours")) as server:
        yield server.start(programs / "zw_answer_server", zones)


@pytest.fixture(scope="module")
def asked():
    return questions(SEED, COUNT)


@pytest.fixture(scope="module", params=PEERS)
def peer(request, zones, tmp_path_factory):
    kind, settings = PEERS[request.param]
    with kind(tmp_path_factory.mktemp("peer")) as server:
        yield server.start(zones=zones, **settings)


def ask(server, question, number, tcp=None):
    return Response(server.exchange(question.message(number), tcp=question.tcp if tcp is None else tcp))


def case_of(ours, peer, question, number, zones):
    first = [ask(server, question, number) for server in (ours, peer)]
    whole = list(first)
    if any(response.tc for response in first):
        whole = [ask(server, question, number, tcp=True) for server in (ours, peer)]

    def ask_ours(name):
        return ask(ours, dataclasses.replace(question, name=name), number)

    origins = tuple(dns.name.from_text(origin) for origin in zones)
    return Case(question, peer.name, *whole, *first, origins, ask_ours)


def test_answers_are_those_of_other_servers(ours, peer, zones, asked):
    failures, used = [], collections.Counter()
    for number, question in enumerate(asked):
        unexplained, rules = explain(case_of(ours, peer, question, number, zones))
        used.update(rules or ["none: the same"])
        failures += [f"{question}: {difference}" for difference in unexplained]
    print(f"seed {SEED}, {len(asked)} questions to {peer.name}, answers that differ by rule: {dict(used)}")
    assert len(asked) >= 2000
    assert not failures, f"{len(failures)} unexplained (seed {SEED}):\n" + "\n".join(failures[:40])


def spoilt(response):
    """The same response with one fault, for each of some kinds."""
    for part in ("answer", "authority"):
        for record in sorted(response.sections[part], key=str)[:1]:
            yield dataclasses.replace(response, sections={**response.sections,
                                                          part: response.sections[part] - {record}})
            longer = dataclasses.replace(record, ttl=record.ttl + 1)
            yield dataclasses.replace(response, sections={**response.sections,
                                                          part: response.sections[part] - {record} | {longer}})
    yield dataclasses.replace(response, aa=not response.aa)
    yield dataclasses.replace(response, rcode=dns.rcode.FORMERR)


def test_a_planted_fault_is_found(ours, asked, zones):
    """The rules are narrow: against an answer that is otherwise the same they explain no fault away."""
    missed, planted = [], 0
    for number, question in list(enumerate(asked))[::10]:
        whole = ask(ours, question, number, tcp=True)
        if question.rdtype in (dns.rdatatype.ANY, dns.rdatatype.RRSIG):
            continue  # where what is answered is the server's choice
        for name in PEERS:
            for faulty in spoilt(whole):
                case = case_of(ours, ours, question, number, zones)
                case.peer, case.ours, case.theirs, case.ours_first, case.theirs_first = name, faulty, whole, faulty, whole
                planted += 1
                if not explain(case)[0]:
                    missed.append(f"{question} ({name})")
    assert planted > 1000
    assert not missed, f"{len(missed)} of {planted} missed: {missed[:20]}"


@pytest.mark.parametrize("reader", [readers.dig, readers.kdig], ids=["dig", "kdig"])
def test_other_readers_read_the_same(ours, reader, asked, tmp_path):
    program = Server.program(reader.__name__)
    differ = []
    for tcp in (False, True):
        some = [question for question in asked if question.tcp == tcp]
        for start in range(0, len(some), 500):
            batch = some[start:start + 500]
            readings = reader(program, ours, batch, tmp_path)
            assert len(readings) == len(batch)
            for number, (question, reading) in enumerate(zip(batch, readings)):
                message = ours.exchange(question.message(number), tcp=tcp)
                flags = frozenset(dns.flags.to_text(message.flags).lower().split())
                records = {name: readers.records_of(getattr(message, name)) for name in reading.records}
                if (dns.rcode.to_text(message.rcode()), flags, records) != (reading.status, reading.flags,
                                                                           reading.records):
                    differ.append(f"{question}: {reading} and {records}")
    assert not differ, f"{len(differ)}: {differ[:5]}"


def anchors(zones):
    for origin, file in zones.items():
        if str(file).endswith(".signed"):
            apex = dns.zone.from_file(str(file), origin=origin, relativize=False).get_rdataset(origin, "DNSKEY")
            yield from (f'trust-anchor: "{origin} DNSKEY {key}"' for key in apex if key.flags & 1)


def wildcard_without_records(answer):
    """Its proof has an NSEC that leads to a name below a wildcard: that is an empty non-terminal."""
    return any(record.rdtype == dns.rdatatype.NSEC and b"*" in record.rdata.next.labels[1:]
               for record in answer.authority)


def unbound_cannot(question, answer):
    """What Unbound 1.17 does not believe from Knot either: CNAME and DNAME asked for below a DNAME, for it takes the
    DNAME that it gets when it looks for DS for a fault; and NSEC proofs of a wildcard that is an empty non-terminal."""
    is_below_dname = any(record.rdtype == dns.rdatatype.DNAME for record in answer.answer)
    asks_for_alias = question.rdtype in (dns.rdatatype.CNAME, dns.rdatatype.DNAME)
    return (asks_for_alias and is_below_dname) or wildcard_without_records(answer)


def test_a_validator_believes_our_answers(ours, asked, zones, peers):
    stubs = "".join(f'stub-zone:\n  name: "{origin}"\n  stub-addr: {ours.address}@{ours.port}\n' for origin in zones)
    settings = ('local-zone: "test." nodefault', "aggressive-nsec: no", "harden-below-nxdomain: no",
                "qname-minimisation: no", "outbound-msg-retry: 1", 'module-config: "validator iterator"', *anchors(zones))
    unbound = peers(Unbound).start(stubs, server="\n".join(settings))
    faults, counts = [], collections.Counter()
    signed = [dns.name.from_text(ORIGINS[kind]) for kind in ORIGINS if kind != "unsigned"]
    surely_secure = tuple(dns.name.from_text(ORIGINS[kind]) for kind in ("nsec", "nsec3"))
    left_out = {dns.rdatatype.from_text(name) for name in ("ANY", "RRSIG", "NSEC", "NSEC3", "DS")}
    for number, question in enumerate(asked):
        home = next((origin for origin in signed if question.name.is_subdomain(origin)), None)
        in_child = question.name.is_subdomain(dns.name.from_text(CHILD))  # which is not what its DS says
        if home is None or in_child or question.rdtype in left_out:
            continue
        answer = ask(ours, dataclasses.replace(question, edns=4096, dnssec=True), number, tcp=True)
        target = answer.last_target() or question.name
        aliases = {record.owner for record in answer.answer if record.rdtype == dns.rdatatype.CNAME}
        if not answer.aa or answer.cut() or target in aliases or not target.is_subdomain(home):
            continue
        if answer.rcode == dns.rcode.YXDOMAIN or unbound_cannot(question, answer):
            continue
        said = unbound.ask(question.name, question.rdtype, dnssec=True, recurse=True, timeout=10)
        counts[dns.rcode.to_text(said.rcode())] += 1
        is_secure = bool(said.flags & dns.flags.AD)
        if said.rcode() != answer.rcode or (home in surely_secure and not is_secure):
            faults.append(f"{question}: {dns.rcode.to_text(said.rcode())}{' secure' if is_secure else ''}, "
                          f"ours {dns.rcode.to_text(answer.rcode)}")
    print(f"validated: {dict(counts)}")
    assert counts["NOERROR"] > 200 and counts["NXDOMAIN"] > 200
    assert not faults, f"{len(faults)}:\n" + "\n".join(faults[:30])


def test_delv_believes_that_a_wildcard_without_records_has_none(ours, zones, tmp_path):
    origin = ORIGINS["nsec"]
    keys = dns.zone.from_file(str(zones[origin]), origin=origin, relativize=False).get_rdataset(origin, "DNSKEY")
    lines = [f'{origin} static-key {key.flags} {key.protocol} {key.algorithm} "{base64.b64encode(key.key).decode()}";'
             for key in keys if key.flags & 1]
    anchor_file = tmp_path / "anchors"
    anchor_file.write_text("trust-anchors { " + " ".join(lines) + " };\n")
    for name in ("q.wtree", "a.b.star", "q.star2", "a.b.wtree"):
        done = subprocess.run([Server.program("delv"), f"@{ours.address}", "-p", str(ours.port), "-a", str(anchor_file),
                               f"+root={origin}", f"{name}.{origin}", "TXT"], capture_output=True, text=True, timeout=30,
                              check=False)
        assert "negative response, fully validated" in done.stdout, f"{name}: {done.stdout}{done.stderr}"
