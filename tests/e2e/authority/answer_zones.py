"""The zones that ours and other servers answer from: one content, signed in each way that denies."""

import subprocess
from pathlib import Path

LABEL = "l" * 60

CONTENT = rf"""
$TTL 3600
@ SOA ns1 host.mail 2026080100 7200 900 604800 600
@ NS ns1
@ NS ns2
@ NS ns.outside.invalid.
@ MX 10 mail
@ TXT "apex" "two strings"
@ CAA 0 issue "ca.invalid"
ns1 A 192.0.2.1
ns1 AAAA 2001:db8::1
ns2 A 192.0.2.2
mail A 192.0.2.3
www 300 A 192.0.2.10
www 300 A 192.0.2.11
www 300 AAAA 2001:db8::10
www 600 TXT "www"
MiXeD A 192.0.2.12
sub.MiXeD TXT "under mixed case"

; aliases: chains, into nothing, out of the zone, in a ring, into each other kind of name
alias CNAME www
alias2 CNAME alias
alias3 CNAME ALIAS2
alias4 CNAME alias3
alias5 CNAME alias4
dangling CNAME nowhere
outward CNAME www.outside.invalid.
self CNAME self
ring1 CNAME ring2
ring2 CNAME ring3
ring3 CNAME ring1
to-wild CNAME q.wild
to-wildcname CNAME q.wcname
to-cut CNAME www.secure
to-plaincut CNAME deep.www.plain
to-ds CNAME secure
to-dname CNAME a.tree
to-ent CNAME ent
to-apex CNAME @

; wildcards
*.wild TXT "wild"
*.wild A 192.0.2.20
exact.wild TXT "exact"
under.below.wild TXT "makes an empty non-terminal"
*.wcname CNAME www
*.wout CNAME www.outside.invalid.
*.wmx MX 5 mail
*.wself CNAME x.wself
x.*.wtree TXT "the wildcard is an empty non-terminal"
a.*.star TXT "a star inside"
*.*.star2 TXT "two stars"
*.ent.went A 192.0.2.21

; empty non-terminals
a.ent TXT "one below"
one.two.three.four A 192.0.2.22
srv.tcp.svc SRV 0 5 5060 www

; DNAME
tree DNAME branch
tree TXT "beside the DNAME"
a.branch A 192.0.2.30
b.c.branch TXT "two labels"
alias.branch CNAME x.tree
x.branch A 192.0.2.31
tree2 DNAME tree
away DNAME outside.invalid.
toolong DNAME {LABEL}.{LABEL}.{LABEL}.invalid.
towild DNAME wild

; delegations
secure NS ns.secure
secure NS ns1
secure DS 12345 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC0001
secure DS 12346 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC0002
ns.secure A 192.0.2.40
ns.secure AAAA 2001:db8::40
plain NS ns.plain
plain NS ns2.plain
ns.plain A 192.0.2.41
ns2.plain A 192.0.2.42
ns2.plain AAAA 2001:db8::42
www.plain TXT "occluded"
deeper.plain NS ns.plain
far NS ns.outside.invalid.
sibling NS ns.plain
sibling NS ns.secure
self-named NS self-named
self-named A 192.0.2.43
cut.in.the.deep NS ns.cut.in.the.deep
ns.cut.in.the.deep A 192.0.2.44
signed.in.the.deep NS ns1
signed.in.the.deep DS 12347 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC0003
lone.entcut NS ns.outside.invalid.
many NS n1.many
many NS n2.many
many NS n3.many
many NS n4.many
many NS n5.many
many NS n6.many
many NS n7.many
many NS n8.many
many NS n9.many
""" + "".join(f"n{i}.many A 192.0.2.{50 + i}\nn{i}.many AAAA 2001:db8::{50 + i}\n" for i in range(1, 10)) + r"""

; types of all kinds
odd TYPE65280 \# 4 0A000001
odd HINFO "cpu" "os"
odd LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
odd SSHFP 1 1 123456789abcdef67890123456789abcdef67890
odd TLSA 3 1 1 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC0004
odd NAPTR 100 10 "S" "SIP+D2U" "" _sip._udp
odd URI 10 1 "https://www.invalid/"
odd SVCB 1 www alpn=h2 port=8443
odd HTTPS 0 www
odd RP host.mail odd
odd AFSDB 1 www
odd OPENPGPKEY AQIDBAUG
odd CDNSKEY 0 3 0 AA==
odd CDS 0 0 0 00
odd EUI48 00-00-5e-00-53-2a
odd SPF "v=spf1 -all"
odd CERT PGP 0 0 AQID

; long answers
big TXT "{a}" "{b}"
big TXT "{c}" "{d}"
big TXT "{e}" "{f}"
huge TXT "{a}" "{b}" "{c}" "{d}"
huge TXT "{b}" "{c}" "{d}" "{e}"
huge TXT "{c}" "{d}" "{e}" "{f}"
huge TXT "{d}" "{e}" "{f}" "{a}"
tobig CNAME big

; names with octets that need care
with\032space TXT "space"
with\.dot TXT "dot"
\000nul TXT "nul"
\255high TXT "high"
under_score.x TXT "underscore"
""".format(**{c: c * 120 for c in "abcdef"})

ORIGINS = {"unsigned": "plain.test.", "nsec": "nsec.test.", "nsec3": "nsec3.test.", "opt-out": "optout.test.",
           "opt-out-ldns": "ldns.test."}
APEX_DNAME = "moved.test."
CHILD = f"secure.{ORIGINS['nsec']}"


def run(*command, folder):
    done = subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True, timeout=120,
                          check=False)
    assert done.returncode == 0, f"{command[0]}: {done.stderr}{done.stdout}"
    return done.stdout


def make_key(folder, origin, *options):
    return run("dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", *options, origin, folder=folder).strip()


def sign_with_bind(folder, origin, file, *options):
    keys = [make_key(folder, origin), make_key(folder, origin, "-f", "KSK")]
    for key in keys:
        with open(file, "a") as out:
            out.write((folder / f"{key}.key").read_text())
    out = folder / (file.name + ".signed")
    # -P: not to be checked; occluded data is there on purpose.
    run("dnssec-signzone", "-P", "-s", "now-3600", "-e", "now+864000", "-o", origin, "-f", out, *options, file, *keys,
        folder=folder)
    return out


def sign_with_ldns(folder, origin, file, *options):
    keys = [run("ldns-keygen", "-a", "ECDSAP256SHA256", *more, origin, folder=folder).strip()
            for more in ([], ["-k"])]
    out = folder / (file.name + ".signed")
    run("ldns-signzone", "-o", origin, "-f", out, *options, file, *keys, folder=folder)
    return out


def make_zones(folder):
    """Writes and signs them; gives origin -> file."""
    folder = Path(folder)
    zones = {}
    for kind, origin in ORIGINS.items():
        file = folder / f"{kind}.zone"
        file.write_text(f"$ORIGIN {origin}\n{CONTENT}")
        if kind == "nsec":
            file = sign_with_bind(folder, origin, file)
        elif kind == "nsec3":
            file = sign_with_bind(folder, origin, file, "-3", "ab01", "-H", "3")
        elif kind == "opt-out":
            file = sign_with_bind(folder, origin, file, "-3", "-", "-H", "0", "-A")
        elif kind == "opt-out-ldns":
            file = sign_with_ldns(folder, origin, file, "-n", "-p", "-s", "cafe", "-t", "2")
        zones[origin] = file
    moved = folder / "moved.zone"
    moved.write_text(f"$ORIGIN {APEX_DNAME}\n$TTL 60\n@ SOA ns.outside.invalid. h 1 2 3 4 5\n@ NS ns.outside.invalid.\n"
                     f"@ DNAME {ORIGINS['nsec']}\n@ TXT \"apex\"\n")
    zones[APEX_DNAME] = sign_with_bind(folder, APEX_DNAME, moved)
    child = folder / "child.zone"
    child.write_text(f"$ORIGIN {CHILD}\n$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.40\nwww A 192.0.2.60\n")
    zones[CHILD] = child
    return zones
