"""IXFR to each kind of secondary: a signer changes little of a zone, ours keeps each step, and secondaries get the
differences, also after a restart. A zone that is signed anew as a whole goes out whole, and ours says why."""

import re

import dns.query
import dns.rdatatype
import dns.zone
import pytest
from localroot_peer import Localroot
from peers import Bind, Knot, Nsd, free_port, wait_until

SIGNER = """
policy:
  - id: small
    single-type-signing: on
    algorithm: ecdsap256sha256
    nsec3: off
remote:
  - id: ours
    address: 127.0.0.1@{port}
acl:
  - id: ours
    address: 127.0.0.1
    action: transfer
zone:
  - domain: .
    file: "{file}"
    dnssec-signing: on
    dnssec-policy: small
    zonemd-generate: zonemd-sha384
    zonefile-load: difference-no-serial
    zonefile-sync: -1
    journal-content: all
    serial-policy: increment
    notify: ours
    acl: ours
    semantic-checks: off
"""


class Chain:
    """Knot, which signs what changes, and ours, which tells one secondary at `port`."""

    def __init__(self, peers, programs, maker, folder, more=""):
        self.port, ours = free_port(), free_port()
        self.peers, self.programs = peers, programs
        self.file, self.plain, self.added = folder / "plain.zone", maker.plain.replace("@SERIAL@", "1000"), 0
        self.write()
        self.signer = peers(Knot).start(SIGNER.format(file=self.file, port=ours))
        self.signer.wait_serial(".", self.signer.serial("."))
        keys = self.signer.ask(".", "DNSKEY", tcp=True).answer[0]
        anchor = folder / "anchor.key"
        anchor.write_text("".join(f". 3600 IN DNSKEY {key}\n" for key in keys))
        self.ours = peers(Localroot, programs=programs, port=ours)
        self.ours.start(".", anchor, [self.signer], subscribers=[f"127.0.0.1@{self.port}"], more=more)
        self.serial = self.signer.serial(".")
        self.ours.wait_serving(self.serial, timeout=15)

    def write(self):
        names = [f"added{i}." for i in range(self.added)]
        self.file.write_text(self.plain + "".join(f"{name} 172800 IN NS ns.{name}\nns.{name} 172800 IN A 127.255.255.254\n"
                                                  for name in names))

    def change(self):
        """One delegation more, until ours serves the version that has it."""
        before = self.serial
        self.added += 1
        self.write()
        self.signer.control("zone-reload", ".")
        wait_until(lambda: self.signer.serial(".") != before, 10, "the signer has the next version")
        self.serial = self.signer.serial(".")
        self.ours.wait_serving(self.serial, timeout=15)
        return self.serial

    def records(self, server):
        zone = dns.zone.Zone(".", relativize=False)
        dns.query.inbound_xfr(server.address, zone, port=server.port, timeout=10)
        return {(str(name), rdataset.rdtype, str(rdata)) for name, rdataset in zone.iterate_rdatasets()
                for rdata in rdataset}


def bind(chain):
    return chain.peers(Bind, port=chain.port).start(
        f'zone "." {{ type secondary; masterfile-format text; file "copy"; allow-transfer {{ any; }}; '
        f"primaries {{ 127.0.0.1 port {chain.ours.port}; }}; }};")


def knot(chain):
    return chain.peers(Knot, port=chain.port).start(f"""
remote:
  - id: ours
    address: 127.0.0.1@{chain.ours.port}
acl:
  - id: ours
    address: 127.0.0.1
    action: [notify, transfer]
zone:
  - domain: .
    master: ours
    acl: ours
    zonemd-verify: on
""")


def nsd(chain):
    return chain.peers(Nsd, port=chain.port).start(f"""
zone:
  name: "."
  zonefile: "copy"
  allow-notify: 127.0.0.1 NOKEY
  request-xfr: 127.0.0.1@{chain.ours.port} NOKEY
  provide-xfr: 127.0.0.0/8 NOKEY
""")


def given(chain):
    """What ours sent to the secondary, in order."""
    return re.findall(r'msg="zone sent" zone=\. client=\S+ key=none asked=\w+ given=(\w+)', chain.ours.log())


def serials_of(server, first):
    """Of all SOA records in the answer to IXFR."""
    answers = dns.query.xfr(server.address, ".", rdtype="IXFR", serial=first, port=server.port, relativize=False)
    return [rdata.serial for message in answers for rrset in message.answer if rrset.rdtype == dns.rdatatype.SOA
            for rdata in rrset]


@pytest.mark.parametrize("secondary", [bind, knot, nsd])
@pytest.mark.parametrize("condensed", ["false", "true"])
def test_a_secondary_follows_by_differences(secondary, condensed, peers, programs, maker, tmp_path):
    chain = Chain(peers, programs, maker, tmp_path, more="")
    if condensed == "true":
        path = chain.ours.folder / "localroot.toml"
        path.write_text(path.read_text().replace('name = "."\n', 'name = "."\ncondense-differences = true\n', 1))
        chain.ours.reload()
        chain.ours.wait_log("msg=reloaded")
    peer = secondary(chain)
    first = chain.serial
    peer.wait_serial(".", first, timeout=15)
    for _ in range(3):
        peer.wait_serial(".", chain.change(), timeout=10)
    assert given(chain)[-3:] == ["ixfr"] * 3, chain.ours.log()[-3000:]
    assert chain.records(peer) == chain.records(chain.ours)
    # Who comes late gets all three steps, or one that is condensed.
    assert len(serials_of(chain.ours, first)) == (4 if condensed == "true" else 8)
    status, metrics = chain.ours.http("/metrics")
    assert status == 200 and re.search(r'zonewright_transfers_out_total\{given="ixfr"\} [3-9]', metrics), metrics


def test_differences_survive_a_kill(peers, programs, maker, tmp_path):
    chain = Chain(peers, programs, maker, tmp_path)
    first = chain.serial
    for _ in range(2):
        chain.change()
    chain.ours.kill()
    chain.ours.restart()
    chain.ours.wait_serving(chain.serial)
    chain.change()
    steps = list(range(first, chain.serial + 1))
    between = [serial for pair in zip(steps, steps[1:]) for serial in pair]
    assert serials_of(chain.ours, first) == [chain.serial, *between, chain.serial]
    assert given(chain)[-1] == "ixfr"


def test_who_would_get_more_than_the_zone_gets_the_zone_and_ours_says_why(serve):
    served = serve()
    first = served.version.serial
    served.next()
    last = served.next().serial
    # Signed anew as a whole: one step is smaller than the zone, both together are not.
    assert serials_of(served.ours, last - 1) == [last, last - 1, last, last]
    assert serials_of(served.ours, first) == [last] * 2
    assert re.search(r'given=axfr .*why="the differences are larger than the zone"', served.ours.log())
    assert serials_of(served.ours, 7) == [last] * 2
    assert re.search(r'given=axfr .*why="the client\'s version is not in the journal"', served.ours.log())
    _, metrics = served.ours.http("/metrics")
    assert re.search(r'zonewright_transfers_out_total\{given="ixfr"\} 1\n', metrics)
    assert re.search(r'zonewright_transfers_out_total\{given="axfr-for-ixfr"\} 2\n', metrics)
    step, image = (float(re.search(rf'zonewright_zone_{name}_bytes\{{zone="."\}} (\S+)', metrics).group(1))
                   for name in ("step", "image"))
    assert 0 < step < image < 2 * step
