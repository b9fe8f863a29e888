"""How answers may differ, and why: each rule is a narrow predicate with the RFC that allows the difference.

Two responses to one question are taken apart into Differences; what no rule explains is a failure.
"""

from dataclasses import dataclass, field

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

ADDRESSES = (dns.rdatatype.A, dns.rdatatype.AAAA)
DENIAL = (dns.rdatatype.NSEC, dns.rdatatype.NSEC3)


@dataclass(frozen=True)
class Record:
    owner: dns.name.Name
    rdtype: int
    covers: int
    ttl: int
    wire: bytes = field(repr=False)  # canonical
    rdata: object = field(compare=False, repr=False)

    def __str__(self):
        return f"{self.owner} {self.ttl} {dns.rdatatype.to_text(self.rdtype)} {self.rdata}"

    @property
    def subject(self):
        """The type, for a signature the type that it covers."""
        return self.covers if self.rdtype == dns.rdatatype.RRSIG else self.rdtype


def records(section):
    return {Record(rrset.name, rrset.rdtype, rrset.covers, rrset.ttl, rdata.to_digestable(), rdata)
            for rrset in section for rdata in rrset}


@dataclass
class Response:
    message: object
    rcode: int = None
    aa: bool = None
    tc: bool = None
    sections: dict = None

    def __post_init__(self):
        if self.sections is None:
            self.rcode = self.message.rcode()
            self.aa = bool(self.message.flags & dns.flags.AA)
            self.tc = bool(self.message.flags & dns.flags.TC)
            self.sections = {name: records(getattr(self.message, name))
                             for name in ("answer", "authority", "additional")}

    @property
    def answer(self):
        return self.sections["answer"]

    @property
    def authority(self):
        return self.sections["authority"]

    @property
    def additional(self):
        return self.sections["additional"]

    def cut(self):
        """The owner of NS records in the authority section of a referral."""
        return next((record.owner for record in self.authority if record.rdtype == dns.rdatatype.NS), None)

    def last_target(self):
        """Where the chain of CNAMEs ends, or None if there is none."""
        aliases = {record.owner: record.rdata.target for record in self.answer
                   if record.rdtype == dns.rdatatype.CNAME}
        name, seen = self.message.question[0].name, set()
        while name in aliases and name not in seen:
            seen.add(name)
            name = aliases[name]
        return name if seen else None

    def optional(self, record):
        """True for additional records that no RFC demands: all but addresses of servers at or below the cut."""
        cut = self.cut()
        servers = {record.rdata.target for record in self.authority if record.rdtype == dns.rdatatype.NS}
        is_glue = record.owner in servers and cut is not None and record.owner.is_subdomain(cut)
        return record.subject in ADDRESSES and not is_glue

    def needed(self):
        return (self.answer | self.authority |
                {record for record in self.additional if not self.optional(record)})


@dataclass
class Case:
    """One question with what came back. `ours`, `theirs`: whole, over TCP where UDP was cut. `*_udp`: as first seen."""

    question: object
    peer: str
    ours: Response
    theirs: Response
    ours_first: Response
    theirs_first: Response
    origins: tuple
    ask_ours: object  # another question to our server

    def zone_of(self, name):
        below = [origin for origin in self.origins if name.is_subdomain(origin)]
        return max(below, key=len, default=None)


@dataclass(frozen=True)
class Difference:
    part: str    # rcode, aa, tc, answer, authority, additional
    side: str    # ours, theirs (only there); "both" for the first three
    record: object = None

    def __str__(self):
        return f"{self.part} {self.side} {self.record or ''}"


def differences(case):
    out = []
    for part in ("rcode", "aa"):
        if getattr(case.ours, part) != getattr(case.theirs, part):
            out.append(Difference(part, "both"))
    if case.ours_first.tc != case.theirs_first.tc:
        out.append(Difference("tc", "both"))
    for part in ("answer", "authority", "additional"):
        ours, theirs = case.ours.sections[part], case.theirs.sections[part]
        out += [Difference(part, "ours", record) for record in ours - theirs]
        out += [Difference(part, "theirs", record) for record in theirs - ours]
    return out


RULES = {}


def rule(reason):
    def keep(predicate):
        RULES[predicate.__name__] = (reason, predicate)
        return predicate
    return keep


def is_any(case):
    return case.question.rdtype in (dns.rdatatype.ANY, dns.rdatatype.RRSIG)


@rule("RFC 8482 §4.1, §4.4: for ANY and RRSIG one RRset is enough; they send all, or another one")
def any_is_minimal(case, difference):
    def owners(response):
        return {record.owner for record in response.answer}

    return is_any(case) and difference.part == "answer" and owners(case.ours) == owners(case.theirs)


@rule("RFC 1034 §4.3.2 step 3a: ANY matches the CNAME that a DNAME makes; they go on with its target")
def any_stops_at_dname(case, difference):
    made_alias = {record.rdtype for record in case.ours.answer} >= {dns.rdatatype.DNAME, dns.rdatatype.CNAME}
    goes_on = difference.part in ("answer", "authority", "additional") and difference.side == "theirs"
    return (case.question.rdtype == dns.rdatatype.ANY and made_alias and not case.ours.authority
            and case.ours.answer <= case.theirs.answer
            and (goes_on or (difference.part == "rcode" and case.ours.rcode == dns.rcode.NOERROR)))


@rule("RFC 1034 §4.3.2 step 3a: a CNAME is followed for each type that its node does not have, those of DNSSEC too; they "
      "say that there is no data")
def alias_for_dnssec_types(case, difference):
    if case.question.rdtype not in DENIAL + (dns.rdatatype.RRSIG,) or case.theirs.answer or case.ours.last_target() is None:
        return False
    expected = (difference.part == "answer" and difference.side == "ours") or difference.part in ("authority",
                                                                                                 "additional")
    return expected and case.ours.rcode == case.theirs.rcode == dns.rcode.NOERROR


@rule("the same, where the alias leads to a name that is not there (RFC 6604 §3)")
def alias_for_dnssec_types_to_nothing(case, difference):
    return (case.question.rdtype in DENIAL + (dns.rdatatype.RRSIG,) and not case.theirs.answer and case.ours.last_target() is not None
            and case.ours.rcode == dns.rcode.NXDOMAIN and difference.part in ("rcode", "answer", "authority"))


@rule("RFC 2181 §5.4.1, RFC 1034 §4.3.2: an alias into another zone ends the answer; they go on in the other zone, which "
      "a resolver asks for by itself")
def alias_leaves_zone(case, difference):
    target, home = case.ours.last_target(), case.zone_of(case.question.name)
    if case.peer not in ("nsd", "bind") or target is None or case.zone_of(target) in (home, None):
        return False
    if difference.part == "rcode":
        return case.ours.rcode == dns.rcode.NOERROR and case.theirs.rcode == dns.rcode.NXDOMAIN
    if difference.record is None or (case.theirs.cut() and case.theirs.cut() == case.ours.cut()):
        return False
    if difference.part == "additional":
        return True
    if difference.side == "ours":  # the referral to a child that the same server has
        return difference.part == "authority" and case.zone_of(difference.record.owner) == case.zone_of(target)
    return case.zone_of(difference.record.owner) != home


@rule("RFC 1034 §3.6.2: rings of aliases are an error to be told; they fail where we show the ring")
def ring_of_aliases(case, difference):
    targets = {record.rdata.target for record in case.ours.answer if record.rdtype == dns.rdatatype.CNAME}
    owners = {record.owner for record in case.ours.answer if record.rdtype == dns.rdatatype.CNAME}
    return (case.peer == "bind" and case.theirs.rcode == dns.rcode.SERVFAIL and difference.part == "rcode"
            and targets and targets <= owners)


def matches(record, name):
    """An NSEC3 record of this name (RFC 5155 §1.3)."""
    if record.rdtype != dns.rdatatype.NSEC3:
        return False
    digest = dns.dnssec.nsec3_hash(name, record.rdata.salt, record.rdata.iterations, record.rdata.algorithm)
    return record.owner.labels[0].upper() == digest.upper().encode()


def signed(response, record):
    return any(other.covers == record.rdtype and other.owner == record.owner for other in response.authority)


def no_data(case):
    return case.ours.rcode == case.theirs.rcode == dns.rcode.NOERROR and not case.ours.answer


def is_denial(difference, side):
    return difference.part == "authority" and difference.side == side and difference.record.subject in DENIAL


@rule("RFC 4035 §3.1.3.4, RFC 4592 §2.2.2: that the wildcard has no data is to be proven also when it is an empty "
      "non-terminal; they leave it out")
def wildcard_without_records(case, difference):
    if not (case.peer in ("knot", "bind") and no_data(case) and is_denial(difference, "ours")
            and case.theirs.authority <= case.ours.authority):
        return False
    return any(record.rdtype == dns.rdatatype.NSEC and record.owner == difference.record.owner
               and b"*" in record.rdata.next.labels[1:] for record in case.ours.authority)


@rule("RFC 4035 §3.1.3.3, RFC 5155 §7.2.5, §7.2.6: a wildcard's answer needs its proof also for a name that begins with an "
      "asterisk; they send none")
def asterisk_below_wildcard(case, difference):
    names = {record.owner for record in case.ours.answer} | {case.question.name}
    return (case.peer == "knot" and any(name.is_wild() for name in names) and is_denial(difference, "ours")
            and case.theirs.authority <= case.ours.authority)


@rule("RFC 4035 §3.1.3.3: a wildcard's answer needs its proof also when it is an NSEC; they send none")
def nsec_from_wildcard(case, difference):
    return (case.peer == "knot" and case.question.rdtype == dns.rdatatype.NSEC and is_denial(difference, "ours")
            and any(record.rdtype == dns.rdatatype.RRSIG and record.rdata.labels < len(record.owner) - 1
                    for record in case.ours.answer))


@rule("RFC 1034 §4.3.2 step 3b, RFC 4035 §3.1.4.1: at a cut only DS is answered, all else referred; they answer NSEC")
def nsec_at_cut(case, difference):
    return (case.peer == "bind" and case.question.rdtype == dns.rdatatype.NSEC
            and case.ours.cut() == case.question.name and not case.ours.answer
            and {record.subject for record in case.theirs.answer} == {dns.rdatatype.NSEC})


@rule("RFC 9460 §4.1: what goes along with SVCB is the server's choice; they send addresses and proofs of the target")
def beside_svcb(case, difference):
    return (case.question.rdtype in (dns.rdatatype.SVCB, dns.rdatatype.HTTPS) and difference.part == "additional"
            and difference.side == "theirs")


@rule("RFC 5155 §7.2.3: for a name that is there, the record that matches it is the whole proof; they send the closest "
      "encloser's too when the name begins with an asterisk")
def more_for_asterisk(case, difference):
    name = case.ours.last_target() or case.question.name
    return (case.peer == "nsd" and name.is_wild() and is_denial(difference, "theirs")
            and case.ours.rcode == dns.rcode.NOERROR and difference.record.subject == dns.rdatatype.NSEC3
            and case.ours.authority <= case.theirs.authority
            and any(signed(case.ours, record) and matches(record, name) for record in case.ours.authority))


@rule("RFC 4035 §3.1.3, RFC 6672 §5.3: what is denied is the last name of the chain; behind a DNAME they send an NSEC that "
      "does not cover it")
def denies_another_name(case, difference):
    target = case.ours.last_target()
    if (case.peer != "nsd" or target is None or difference.part != "authority"
            or difference.record.subject != dns.rdatatype.NSEC
            or not any(record.rdtype == dns.rdatatype.DNAME for record in case.ours.answer)):
        return False

    def deniers(response):
        return {record.owner for record in response.authority if record.rdtype == dns.rdatatype.NSEC
                and record.owner <= target < record.rdata.next}

    if difference.side == "theirs":
        return difference.record.owner not in deniers(case.theirs)
    return deniers(case.ours) and not deniers(case.theirs)


@rule("RFC 5155 §7.2.4: no DS in a span of opt-out is proven with the closest encloser and the span; they leave out the "
      "span for an empty non-terminal")
def span_for_ds(case, difference):
    return (case.peer == "nsd" and case.question.rdtype == dns.rdatatype.DS and no_data(case)
            and is_denial(difference, "ours") and difference.record.subject == dns.rdatatype.NSEC3
            and case.theirs.authority <= case.ours.authority)


@rule("RFC 5155 §7.2.1: each proof that a name is not there begins with a record that matches an ancestor; they send none "
      "below a name that stands in a span of opt-out")
def no_closest_encloser(case, difference):
    if case.peer != "nsd" or difference.part != "authority" or difference.record.subject != dns.rdatatype.NSEC3:
        return False
    return proves_encloser(case.ours, case.question.name) and not proves_encloser(case.theirs, case.question.name)


def proves_encloser(response, name):
    ancestors = [name.split(depth)[1] for depth in range(2, len(name))]
    return any(matches(record, ancestor) for record in response.authority for ancestor in ancestors)


@rule("RFC 9471 §3: addresses of servers at or below the cut are sent or TC is set; they leave them out without TC")
def glue_left_out(case, difference):
    return (difference.part == "additional" and difference.side == "ours" and not case.theirs_first.tc
            and not case.question.tcp and not case.ours.optional(difference.record))


@rule("RFC 1034 §4.3.2 step 6, RFC 9471 §3: addresses that are no glue of the cut are sent as the server likes")
def addresses_are_optional(case, difference):
    side = case.ours if difference.side == "ours" else case.theirs
    return difference.part == "additional" and side.optional(difference.record)


def fits(response, question):
    return len(response.message.to_wire()) <= (512 if question.edns is None else min(max(question.edns, 512), 1232))


@rule("RFC 2181 §9: TC only when something needed is left out; ours has all of it within the client's size")
def ours_fits(case, difference):
    return (difference.part == "tc" and case.theirs_first.tc and fits(case.ours_first, case.question)
            and case.ours.needed() <= case.ours_first.needed())


@rule("RFC 9471 §3, RFC 4035 §3.1: TC when glue of the cut or a proof is left out; they leave it out without TC")
def theirs_is_short(case, difference):
    if difference.part != "tc" or not case.ours_first.tc:
        return False
    whole = case.ours.needed()
    return not whole <= case.theirs_first.needed()


@rule("RFC 4343 §4.1, RFC 1035 §2.3.3: names in data keep their letters, so they compress less against a question in "
      "other letters; in the zone's letters the answer is not cut")
def letters_cost_room(case, difference):
    if difference.part != "tc" or not case.ours_first.tc:
        return False
    name = case.question.name
    return name.to_wire() != name.canonicalize().to_wire() and not case.ask_ours(name.canonicalize()).tc


@rule("RFC 1035 §4.1.4: compression is a choice; we let no name point into the data of a DNAME, which some do, and the made "
      "CNAME then takes more room")
def made_alias_costs_room(case, difference):
    return (difference.part == "tc" and case.ours_first.tc and case.peer == "bind"
            and any(record.rdtype == dns.rdatatype.DNAME for record in case.ours.answer))


def explain(case):
    """The differences that no rule explains, and the names of the rules that were needed."""
    unexplained, used = [], set()
    for difference in differences(case):
        names = [name for name, (_, predicate) in RULES.items() if predicate(case, difference)]
        used.update(names[:1])
        if not names:
            unexplained.append(difference)
    return unexplained, used
