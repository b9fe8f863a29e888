"""How many octets of answer one octet of question gets over UDP, from localroot, Knot, NSD and BIND: the largest ratio of
each kind of question. What a reflector would be worth to who forges addresses.

  ./dev bench peers/amplification                 a root-like zone, signed with RSA as the root is
  ./dev bench peers/amplification --payload 1232

All stay on loopback. Octets are those of DNS messages, without the headers of IP and UDP.
"""
import argparse
import pathlib
import random
import re
import socket
import sys
import tempfile

import dns.flags
import dns.message
import dns.opcode
import dns.rdatatype
import dns.rrset
from lib import servers, zones
from lib.stories import BINARIES

TYPES = ["SOA", "NS", "DNSKEY", "ZONEMD", "NSEC", "RRSIG", "ANY", "AXFR"]


def plain(name, kind, payload, dnssec=True):
    query = dns.message.make_query(name, kind, use_edns=0 if payload else False, want_dnssec=bool(payload) and dnssec,
                                   payload=payload or 512)
    query.flags = 0
    return query.to_wire()


def ixfr(payload):
    query = dns.message.make_query(".", "IXFR", use_edns=0 if payload else False, payload=payload or 512)
    query.flags = 0
    query.authority.append(dns.rrset.from_text(".", 0, "IN", "SOA", ". . 1 2 3 4 5"))
    return query.to_wire()


def notify():
    query = dns.message.make_query(".", "SOA")
    query.set_opcode(dns.opcode.NOTIFY)
    return query.to_wire()


def questions(zone, payload, count):
    """By kind, what is asked."""
    chance = random.Random(1)
    cuts = sorted({line.split()[0] for line in zone.read_text().splitlines() if re.match(r"[^.\s]\S*\s+\d+\s+(IN\s+)?NS\s", line)})
    cuts = chance.sample(cuts, min(count, len(cuts)))
    out = {f". {kind}": [plain(".", kind, payload)] for kind in TYPES}
    out |= {". IXFR": [ixfr(payload)], "NOTIFY": [notify()],
            "version.bind": [dns.message.make_query("version.bind", "TXT", "CH").to_wire()],
            "referral": [plain(cut, "A", payload) for cut in cuts], "DS": [plain(cut, "DS", payload) for cut in cuts],
            "ANY at a cut": [plain(cut, "ANY", payload) for cut in cuts],
            "no such name": [plain(f"{chance.choice('abcdefghijklmnopqrstuvwxyz')}{i}.", "A", payload) for i in range(count)],
            "no such type": [plain(".", "MX", payload)]}
    return out


def largest(server, queries, source):
    """The largest ratio, and the octets of the answer that has it."""
    best = (0.0, 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.bind((source, 0))
        asking.connect((server.address, server.port))
        asking.settimeout(0.5)
        for query in queries:
            asking.send(query)
            try:
                size = len(asking.recv(65535))
            except TimeoutError:
                continue
            best = max(best, (size / len(query), size))
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1400, help="delegations")
    parser.add_argument("--payload", type=int, default=4096, help="that the questions announce; 0: without EDNS")
    parser.add_argument("--count", type=int, default=1000, help="names of each kind")
    parser.add_argument("--bin", type=pathlib.Path, default=BINARIES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "zone").mkdir()
        zone = zones.sign(folder / "zone", options.bin / "zonewright", size=options.size, origin=".", kind="root",
                          algorithm="rsasha256")
        anchor = zones.anchor_of(zone, folder / "anchor")
        asked = questions(zone, options.payload, options.count)
        with servers.all_serving(folder, zone, anchor, options, signed=True) as all_four:
            print(f"{'asked for':16}{'octets':>8}" + "".join(f"{server.name:>18}" for server in all_four))
            for kind, queries in asked.items():
                seen = [largest(server, queries, "127.66.6.6") for server in all_four]
                print(f"{kind:16}{len(queries[0]):8}" + "".join(f"{ratio:10.1f} ({size:5})" for ratio, size in seen))


if __name__ == "__main__":
    sys.exit(main())
