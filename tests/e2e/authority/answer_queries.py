"""Questions to ask: the same for the same seed."""

import random
from dataclasses import dataclass

import dns.flags
import dns.message
import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.zone
from answer_zones import APEX_DNAME, CHILD, CONTENT, ORIGINS

TYPES = ["A", "AAAA", "NS", "SOA", "MX", "TXT", "CNAME", "DNAME", "DS", "DNSKEY", "NSEC", "NSEC3", "NSEC3PARAM", "RRSIG",
         "ANY", "SRV", "CAA", "PTR", "HTTPS", "CDS", "ZONEMD", "SPF", "TYPE65280", "TYPE1234"]
LIKELY = ["A", "A", "A", "AAAA", "TXT", "TXT", "NS", "DS", "MX", "CNAME"]


@dataclass(frozen=True)
class Question:
    name: dns.name.Name
    rdtype: int
    rdclass: int = dns.rdataclass.IN
    edns: int | None = 1232  # payload, or no EDNS
    dnssec: bool = False
    flags: int = 0
    tcp: bool = False

    def message(self, number):
        query = dns.message.QueryMessage(id=number)
        query.flags = self.flags
        query.question = [dns.rrset.RRset(self.name, self.rdclass, self.rdtype)]
        if self.edns is not None:
            query.use_edns(0, dns.flags.DO if self.dnssec else 0, self.edns)
        return query

    def __str__(self):
        return (f"{self.name} {dns.rdatatype.to_text(self.rdtype)}{' DO' if self.dnssec else ''} "
                f"{'no EDNS' if self.edns is None else self.edns}{' TCP' if self.tcp else ''}")


def owners():
    """All names of the zones' content, relative, with the empty non-terminals."""
    zone = dns.zone.from_text(f"$ORIGIN x.\n{CONTENT}", origin="x.", relativize=True, check_origin=False)
    names = set(zone.nodes)
    for name in list(names):
        while len(name) > 1:
            name = name.parent()
            names.add(name)
    return sorted(names)


class Asker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.owners = owners()

    def name(self):
        """A relative name: one that is there, or near one that is."""
        owner = self.random.choice(self.owners)
        kind = self.random.randrange(10)
        if kind < 5:
            labels = list(owner.labels)
        elif kind < 8:
            labels = [self.label() for _ in range(self.random.choice([1, 1, 1, 2, 3]))] + list(owner.labels)
        elif kind == 8 and len(owner) > 0:
            labels = [self.label()] + list(owner.labels[1:])
        else:
            labels = [self.random.choice(self.owners).labels[:1] or (b"x",)][0] + owner.labels
            labels = list(labels)
        return dns.name.Name([self.letters(label) for label in labels])

    def label(self):
        return self.random.choice([b"a", b"b", b"x", b"q", b"zz", b"*", b"www", b"ns", b"-", b"0", b"l" * 63, b"\x00", b"\xff\xff"])

    def letters(self, label):
        if self.random.randrange(4):
            return label
        return bytes(octet ^ 0x20 if chr(octet).isalpha() and octet < 128 and self.random.randrange(2) else octet
                     for octet in label)

    def question(self, origin):
        for _ in range(100):
            try:
                name = self.name().derelativize(dns.name.from_text(origin))
                break
            except dns.name.NameTooLong:
                continue
        rdtype = dns.rdatatype.from_text(self.random.choice(TYPES if self.random.randrange(3) == 0 else LIKELY))
        edns = self.random.choice([None, 512, 1232, 1232, 1232, 4096])
        flags = self.random.choice([0, dns.flags.RD, dns.flags.RD | dns.flags.CD, dns.flags.AD])
        return Question(name, rdtype, dns.rdataclass.IN, edns, edns is not None and self.random.randrange(3) > 0, flags,
                        self.random.randrange(8) == 0)


def questions(seed, count):
    """`count` random ones over all zones, after each name and kind of name once."""
    asker = Asker(seed)
    out = []
    for origin in ORIGINS.values():
        for owner in asker.owners:
            for rdtype in ("A", "DS"):
                out.append(Question(owner.derelativize(dns.name.from_text(origin)), dns.rdatatype.from_text(rdtype),
                                    dnssec=True))
    weights = {**{origin: 6 for origin in ORIGINS.values()}, CHILD: 1, APEX_DNAME: 1}
    origins = list(weights)
    while len(out) < count:
        out.append(asker.question(asker.random.choices(origins, list(weights.values()))[0]))
    for name in ("outside.invalid.", ".", "test.", "xplain.test.", "version.bind."):
        out.append(Question(dns.name.from_text(name), dns.rdatatype.A))
        out.append(Question(dns.name.from_text(name), dns.rdatatype.TXT, edns=None))
    return out
