"""Other people's servers and resolvers take the zone from us, follow it, and answer with it.

Each begins with one version, then our primary gets the next; ours verifies it and tells the subscriber by
NOTIFY, and what only the new version has is asked from the subscriber.
"""

import re
import shutil

import dns.flags
import dns.rcode
import dns.rdatatype
import pytest
from localroot_peer import BIND_KEY, KEY_NAME, KNOT_KEY, NSD_KEY, Localroot
from peers import Bind, Knot, Nsd, PdnsRecursor, Unbound, free_port, wait_until


class Chain:
    """A primary (NSD) and ours, which tells one subscriber at `port`."""

    def __init__(self, peers, programs, maker, folder, key=True):
        self.maker, self.port = maker, free_port()
        self.current = maker.version()
        self.zone = shutil.copy(self.current.file, folder / "root.zone")
        ours = free_port()
        self.primary = peers(Nsd).start(
            NSD_KEY + f'zone:\n  name: "."\n  zonefile: "{self.zone}"\n  provide-xfr: 127.0.0.0/8 {KEY_NAME}\n'
            f"  notify: 127.0.0.1@{ours} {KEY_NAME}\n")
        self.ours = peers(Localroot, programs=programs, port=ours)
        # Without a key for the subscriber, the primary is still asked with one.
        self.ours.configure(".", maker.anchor, [self.primary], subscribers=[f"127.0.0.1@{self.port}"], key=True)
        if not key:
            text = (self.ours.folder / "localroot.toml").read_text()
            head, tail = text.split("[[zone.subscriber]]")
            self.ours.write("localroot.toml", head + "[[zone.subscriber]]" + tail.replace(f'key = "{KEY_NAME}"\n', ""))
        self.ours.launch([programs / "zonewright", "localroot", "serve", "--config",
                          self.ours.folder / "localroot.toml"]).wait_ready()
        self.ours.wait_serving(self.current.serial)

    def publish(self):
        """The next version, until ours serves it."""
        self.current = self.maker.version()
        shutil.copy(self.current.file, self.zone)
        self.primary.reload()
        self.ours.wait_serving(self.current.serial, timeout=15)
        return self.current

    def wait_told(self):
        self.ours.wait_status(lambda zone: zone["subscribers"][0]["told_serial"] == self.current.serial,
                              "the subscriber answers the NOTIFY")


def bind_mirror(peers, chain):
    anchor = re.search(r"DS\s+(\d+) (\d+) (\d+) (\w+)", chain.maker.anchor.read_text()).groups()
    return peers(Bind, port=chain.port).start(
        BIND_KEY + f'zone "." {{ type mirror; primaries {{ 127.0.0.1 port {chain.ours.port} key "{KEY_NAME}"; }}; '
        'allow-query { any; }; };\n'
        f'trust-anchors {{ . static-ds {anchor[0]} {anchor[1]} {anchor[2]} "{anchor[3]}"; }};',
        options="recursion yes; dnssec-validation yes; empty-zones-enable no; allow-query { any; };")


def bind_secondary(peers, chain):
    return peers(Bind, port=chain.port).start(
        BIND_KEY + f'zone "." {{ type secondary; masterfile-format text; file "copy"; '
        f'primaries {{ 127.0.0.1 port {chain.ours.port} key "{KEY_NAME}"; }}; }};')


def knot_secondary(peers, chain):
    return peers(Knot, port=chain.port).start(
        KNOT_KEY + f"""
remote:
  - id: ours
    address: 127.0.0.1@{chain.ours.port}
    key: {KEY_NAME}
acl:
  - id: ours
    key: {KEY_NAME}
    action: notify
zone:
  - domain: .
    master: ours
    acl: ours
    zonemd-verify: on
""")


def nsd_secondary(peers, chain):
    return peers(Nsd, port=chain.port).start(
        NSD_KEY + f"""
zone:
  name: "."
  zonefile: "copy"
  allow-notify: 127.0.0.1 {KEY_NAME}
  request-xfr: AXFR 127.0.0.1@{chain.ours.port} {KEY_NAME}
""")


@pytest.mark.parametrize("subscriber", [bind_mirror, bind_secondary, knot_secondary, nsd_secondary])
def test_a_secondary_with_tsig_follows_and_answers(subscriber, peers, programs, maker, tmp_path):
    chain = Chain(peers, programs, maker, tmp_path)
    peer = subscriber(peers, chain)
    peer.wait_serial(".", chain.current.serial)
    for _ in range(2):
        new = chain.publish()
        peer.wait_serial(".", new.serial, timeout=10)
        chain.wait_told()
        answer = peer.ask(new.added, "DS", dnssec=True)
        types = {rrset.rdtype for rrset in answer.answer}
        assert answer.rcode() == dns.rcode.NOERROR and types == {dns.rdatatype.DS, dns.rdatatype.RRSIG}, answer
    status = chain.ours.wait_status(lambda zone: zone["subscribers"][0]["held_serial"] == chain.current.serial,
                                    "it is known what the subscriber holds")
    told = status["subscribers"][0]
    assert told["lag_seconds"] == 0 and told["fetches"] >= 2 and told["refusals"] == 0, told
    assert status["transfers_out"] >= 3 and status["subscribers_hold"]["current"] == 1
    _, metrics = chain.ours.http("/metrics")
    for name in ("transfer_notify_told", "transfer_notify_answered", "zone_fetched", "zone_publish"):
        seen = int(re.search(rf'zonewright_{name}_seconds_count{{zone="."}} (\d+)', metrics).group(1))
        assert seen >= 2, (name, seen)


def ask_secure(resolver, name, rdtype):
    """The RRset if the resolver gives it and says that it is secure."""
    answer = resolver.ask(name, rdtype, recurse=True, dnssec=True, timeout=5)
    secure = answer.rcode() == dns.rcode.NOERROR and answer.flags & dns.flags.AD
    return answer.answer[0] if secure and answer.answer else None


def test_unbound_takes_it_as_auth_zone_with_zonemd_checked(peers, programs, maker, tmp_path):
    chain = Chain(peers, programs, maker, tmp_path, key=False)
    resolver = peers(Unbound, port=chain.port).start(
        f"""
auth-zone:
  name: "."
  primary: 127.0.0.1@{chain.ours.port}
  allow-notify: 127.0.0.1
  fallback-enabled: no
  for-downstream: no
  for-upstream: yes
  zonemd-check: yes
  zonemd-reject-absence: yes
  zonefile: "copy"
""", server=f'trust-anchor-file: "{maker.anchor}"\nmodule-config: "validator iterator"\ntrust-anchor-signaling: no\n'
        "verbosity: 4")
    wait_until(lambda: ask_secure(resolver, chain.current.added, "DS"), 15, "the resolver answers with the zone")
    for _ in range(2):
        new = chain.publish()
        chain.wait_told()
        resolver.wait_log(rf"serial \D*{new.serial}|updated to serial {new.serial}", timeout=10)
        assert ask_secure(resolver, new.added, "DS")
    assert len(re.findall("ZONEMD verification successful", resolver.log())) >= 3


def test_powerdns_recursor_takes_it_into_its_cache_with_zonemd_and_dnssec(peers, programs, maker, tmp_path):
    chain = Chain(peers, programs, maker, tmp_path, key=False)
    anchor = re.search(r"DS\s+(.*)", maker.anchor.read_text()).group(1)
    resolver = peers(PdnsRecursor, port=chain.port).start(
        "dnssec=validate", lua=f"""
clearTA()
addTA(".", "{anchor}")
zoneToCache(".", "axfr", "127.0.0.1:{chain.ours.port}",
            {{ zonemd = "require", dnssec = "require", refreshPeriod = 3600, retryOnErrorPeriod = 1 }})
""")
    resolver.wait_log("Loaded zone into cache", timeout=15)
    assert ask_secure(resolver, chain.current.added, "DS")
    loads = resolver.log().count("Loaded zone")
    new = chain.publish()
    # It knows no NOTIFY for such zones, and looks once a minute whether there is something to do.
    resolver.control("reload-lua-config")
    wait_until(lambda: resolver.log().count("Loaded zone") > loads, 150, "it fetches the zone again")
    assert wait_until(lambda: ask_secure(resolver, new.added, "DS"), 10, "the new delegation is known")
