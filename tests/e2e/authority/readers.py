"""dig and kdig as readers of our answers: many questions in one run of the program, and what it printed as records."""

import re
import subprocess
from dataclasses import dataclass, field

import dns.flags
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

SECTIONS = {"ANSWER": "answer", "AUTHORITY": "authority", "ADDITIONAL": "additional"}


@dataclass
class Reading:
    status: str = ""
    flags: frozenset = frozenset()
    records: dict = field(default_factory=lambda: {name: set() for name in SECTIONS.values()})


def record_of(owner, ttl, rdtype, rdata):
    """A record as a tuple that can be compared, whoever read it."""
    return (owner.canonicalize(), ttl, rdtype, rdata.to_digestable())


def records_of(section):
    """The same of a section that dnspython read."""
    return {record_of(rrset.name, rrset.ttl, rrset.rdtype, rdata) for rrset in section for rdata in rrset}


def parse_line(line):
    owner, ttl, rdclass, rdtype, rdata = re.split(r"[ \t]+", line, maxsplit=4)
    rdtype = dns.rdatatype.from_text(rdtype)
    return record_of(dns.name.from_text(owner), int(ttl), rdtype,
                     dns.rdata.from_text(dns.rdataclass.from_text(rdclass), rdtype, rdata))


def parse(output):
    """The readings in what dig or kdig printed, one for each header."""
    readings, section = [], None
    for line in output.splitlines():
        if header := re.search(r"HEADER<<- .*status: (\w+)", line):
            readings.append(Reading(header[1]))
            section = None
        elif flags := re.match(r";; [Ff]lags: ([a-z ]*);", line):
            readings[-1].flags = frozenset(flags[1].split())
        elif title := re.match(r";; (\w+)(?: PSEUDO)?.*SECTION:", line):
            section = SECTIONS.get(title[1])
        elif section and line and not line.startswith(";"):
            readings[-1].records[section].add(parse_line(line))
    return readings


def options_of(question):
    edns = ["+noedns"] if question.edns is None else ["+edns=0", f"+bufsize={question.edns}"]
    return [*edns, f"+{'' if question.dnssec else 'no'}dnssec",
            f"+{'' if question.flags & dns.flags.RD else 'no'}recurse"]


def dig(program, server, questions, folder):
    """All with one transport: that of the first question."""
    batch = folder / "questions"
    batch.write_text("".join(f"-q {question.name} -t TYPE{question.rdtype} {' '.join(options_of(question))}\n"
                             for question in questions))
    return run(program, f"@{server.address}", "-p", server.port, "+nocookie", "+ignore", "+nosplit", "+noidnin",
               "+noidnout", "+time=10", "+tcp" if questions[0].tcp else "+notcp", "-f", batch)


def kdig(program, server, questions, _):
    words = []
    for question in questions:
        words += ["-q", question.name, "-t", f"TYPE{question.rdtype}", *options_of(question)]
    return run(program, f"@{server.address}", "-p", server.port, "+ignore", "+noidn", "+timeout=10",
               "+tcp" if questions[0].tcp else "+notcp", *words)


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{command[0]}: {done.stderr[-2000:]}{done.stdout[-2000:]}"
    return parse(done.stdout)
