"""The main job on loopback: a signed root-like zone goes from a primary through localroot to a validating resolver,
whose operator signed up at the portal, and a change arrives there by NOTIFY. Called by ./run, which has built
everything.

    main_job.py                          a zone and keys made on the spot; NSD, localroot, Unbound
    main_job.py --zone FILE --at TIME    a given zone, with all clocks at the given time
    main_job.py --once                   ends after the last step instead of staying up
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(os.environ.get("ZW_BIN", ROOT / "build" / "release" / "bin"))
sys.path[:0] = [str(ROOT / "tests" / "e2e" / room) for room in ("", "localroot", "web")]

import peers  # noqa: E402
import portal_tour  # noqa: E402

KEY_NAME = "main-job."
KEY_SECRET = "bWFpbiBqb2Igb24gbG9vcGJhY2ssIG5vdCBhIHNlY3JldA=="
UPSTREAM, OURS = "127.0.0.11", "127.0.0.12"
RESOLVER = "127.0.0.1"  # from where Unbound fetches, whatever address it has


class Failed(Exception):
    pass


def say(text=""):
    print(text, flush=True)


def step(number, text):
    say(f"\n\033[1m{number}. {text}\033[0m" if sys.stdout.isatty() else f"\n{number}. {text}")


def run(*command, cwd=None, may_fail=False):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=cwd, timeout=300)
    if done.returncode != 0 and not may_fail:
        raise Failed(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


class SignedZone:
    """A root-like zone that is made and signed here, and its next versions."""

    def __init__(self, folder, delegations):
        self.folder, self.delegations = folder, delegations
        self.keys = [run("ldns-keygen", "-a", "ECDSAP256SHA256", *flags, ".", cwd=folder).strip()
                     for flags in ([], ["-k"])]
        self.anchor = folder / "anchor.key"
        self.anchor.write_text((folder / f"{self.keys[1]}.ds").read_text())
        self.plain = [folder / "plain-1.zone", folder / "plain-2.zone"]
        run(BIN / "zonewright", "zone", "make", "root", "--seed", time.time_ns() % 1000, "--size", delegations,
            "-o", self.plain[0], "--changes", 9, "--to-seed", 2, "--changed-output", self.plain[1])

    def sign(self, version, to):
        """Signs version 0 or 1, with a ZONEMD record, and puts it in place whole."""
        made = self.folder / "signed.zone"
        run("ldns-signzone", "-z", "sha384", "-f", made, self.plain[version], *self.keys, cwd=self.folder)
        made.rename(to)

    def changes(self):
        return run(BIN / "zonewright", "zone", "diff", *self.plain, may_fail=True).splitlines()


class Localroot(peers.Server):
    name = "localroot"

    def start(self, upstream, anchor, portal, at=None):
        self.http = peers.free_port(self.address)
        config = self.write("localroot.toml", f"""
state = "{self.folder}/state"
listen = ["{self.address}@{self.port}"]
source = ["{self.address}"]
http = "{self.address}@{self.http}"

[[key]]
name = "{KEY_NAME}"
secret = "{KEY_SECRET}"

[[zone]]
name = "."
anchor = "{anchor}"

[[zone.primary]]
address = "{upstream.address}@{upstream.port}"
{"" if at else f'key = "{KEY_NAME}"'}

# NSD sends NOTIFY without a key.
[[zone.allow-notify]]
from = "{upstream.address}"
{portal.settings()}""")
        self.config = config
        command = [BIN / "zonewright-localroot", "serve", "--config", config]
        self.launch(command + (["--at", at] if at else []))
        return self

    def status(self):
        with urllib.request.urlopen(f"http://{self.address}:{self.http}/status", timeout=5) as answer:
            return json.load(answer)["zones"][0]

    def wait_for(self, serial):
        def serving():
            self.check_running()
            try:
                zone = self.status()
            except OSError:
                return None
            if zone.get("last_refusal") and zone["condition"] != "serving":
                raise Failed(f"refused: {zone['last_refusal']['reason']}")
            return zone if zone.get("serial") == serial and zone["condition"] == "serving" else None
        return peers.wait_until(serving, 60, f"localroot serves serial {serial}", pause=0.01)


def serial_of(file, at):
    info = json.loads(run(BIN / "zonewright", "zone", "info", file, "--format", "json"))
    if info["origin"] != ".":
        raise Failed(f"{file} holds the zone {info['origin']}; this job is about a root zone")
    return info["serial"]


def start_upstream(folder, zone_file, ours, at):
    upstream = peers.Nsd(folder / "nsd", address=UPSTREAM)
    # With other clocks than this machine's there is no TSIG: signatures of transfers must be of this moment.
    key = "NOKEY" if at else KEY_NAME
    upstream.start(config=f"""
key:
  name: "{KEY_NAME}"
  algorithm: hmac-sha256
  secret: "{KEY_SECRET}"
zone:
  name: "."
  zonefile: "{zone_file}"
  provide-xfr: 127.0.0.0/8 {key}
  outgoing-interface: {UPSTREAM}
  notify: {ours.address}@{ours.port} NOKEY
""")
    return upstream


def start_resolver(resolver, operator, anchor, at):
    """With what the portal wrote, but for the place of the copy: that of the system is for the system's Unbound, which
    also has the anchor of the root already."""
    text = operator.configuration("unbound").replace("/var/lib/unbound", str(resolver.folder))
    file = resolver.write("localroot.conf", text)
    server = 'module-config: "validator iterator"\n'
    if "trust-anchor:" not in text:
        server += f'trust-anchor-file: "{anchor}"\n'
    resolver.start(config=f'include: "{file}"', server=server, at=at, ready=False)
    return text


def wait_copy(resolver, serial):
    """Until the resolver's copy of the root has this serial."""
    def has_it():
        resolver.check_running()
        try:
            zones = resolver.control("list_auth_zones")
        except peers.PeerError:
            return False  # it is starting
        return f"serial {serial}" in zones
    peers.wait_until(has_it, 60, f"the resolver's copy has serial {serial}")


def ask_resolver(resolver, name, rdtype):
    """The answer section as text, which the resolver must have validated."""
    import dns.flags
    answer = resolver.ask(name, rdtype, dnssec=True, recurse=True, timeout=5)
    if not answer.answer or not answer.flags & dns.flags.AD:
        raise Failed(f"the resolver's answer for {name} {rdtype} is not validated:\n{answer}")
    return answer.answer[0].to_text().splitlines()[0]


def tell_proof(zone):
    say(f"   {zone['records']} records, {zone['signatures']} signatures verified in {zone['verify_seconds'] * 1000:.0f} ms;"
        f" {zone['digest_kind']} digest {'matches the ZONEMD record' if zone['has_zonemd'] else 'computed'}:")
    say(f"   {zone['digest']}")
    say(f"   serial {zone['serial']} from {zone['source']} by {zone['method']}; signatures end {zone['signed_until']}")


def tell_page(operator, *terms):
    for term, text in operator.standing():
        if term in terms:
            say(f"   {term}: {text}")


def make_zone(arguments, folder, zone_file):
    """The made zone or nothing, and the trust anchor."""
    if arguments.zone:
        shutil.copy(arguments.zone, zone_file)
        step(1, f"The zone {arguments.zone}, believed by {arguments.anchor}")
        return None, Path(arguments.anchor)
    step(1, f"A root-like zone with {arguments.size} delegations, and keys, made on the spot")
    made = SignedZone(folder, arguments.size)
    made.sign(0, zone_file)
    say(f"   signed by {', '.join(made.keys)} with a ZONEMD record")
    return made, made.anchor


def change_zone(made, zone_file, upstream, ours, resolver, operator):
    changes = made.changes()
    for line in changes[:6]:
        say("   " + line[:110])
    say(f"   … {len(changes)} lines in all")
    made.sign(1, zone_file)
    newer = serial_of(zone_file, None)
    began = time.monotonic()
    upstream.control("reload", ".")
    upstream.control("notify", ".")
    zone = ours.wait_for(newer)
    wait_copy(resolver, newer)
    say(f"   serial {newer} came by NOTIFY, was verified, and was at the resolver"
        f" {time.monotonic() - began:.2f} s after the primary was told to load it")
    tell_proof(zone)
    # Of the few that come, nearly always one is signed.
    new = next((line.split()[1] for line in changes if re.match(r"\+ \S+ \d+ IN DS ", line)), None)
    if new:
        say(f"   The resolver knows what is new, validated (AD):\n   {ask_resolver(resolver, new, 'DS')}")
    operator.wait_words(f"Serial held</dt><dd>{newer},", "Its answer</dt>")
    say("   The portal's page:")
    tell_page(operator, "Serial held", "Last NOTIFY", "Its answer")


def main_job(arguments, folder, running):
    zone_file = folder / "root.zone"
    made, anchor = make_zone(arguments, folder, zone_file)
    serial = serial_of(zone_file, arguments.at)

    ours = Localroot(folder / "localroot", address=OURS)
    resolver = peers.Unbound(folder / "unbound", address=RESOLVER)
    upstream = start_upstream(folder, zone_file, ours, arguments.at)
    running.append(upstream)
    step(2, f"The primary: NSD serves serial {serial} on {upstream.address}@{upstream.port}, transfers" +
         (" without TSIG" if arguments.at else " with TSIG only"))

    portal = portal_tour.Portal(ours)
    running.append(portal)
    running.append(ours)
    ours.start(upstream, anchor, portal, arguments.at)
    zone = ours.wait_for(serial)
    step(3, f"localroot on {ours.address}@{ours.port} took it, verified it whole, and serves it")
    tell_proof(zone)

    step(4, f"The portal at {portal.origin}: an operator signs up, and registers a resolver")
    operator = portal_tour.Operator(portal).register("Unbound of this tour", f"{RESOLVER}@{resolver.port}")
    say(f"   a mail came to {portal_tour.EMAIL}, its link was followed, and a server added at {RESOLVER}@{resolver.port}")
    operator.wait_words(">waits for a transfer<")
    say("   it waits for a transfer: no address is told anything before it has fetched the zone itself")

    running.append(resolver)
    faked = re.sub("[TZ]", " ", arguments.at).strip() if arguments.at else None
    text = start_resolver(resolver, operator, anchor, faked)
    step(5, f"The resolver: Unbound on {resolver.address}@{resolver.port} starts with what the portal wrote for it:")
    for line in text.splitlines():
        if line and not line.lstrip().startswith("#"):
            say("   " + line[:110])
    wait_copy(resolver, serial)
    operator.wait_words(">active<", f"Serial held</dt><dd>{serial},")
    say("   It took its copy, checked the ZONEMD record itself, and answers from the copy, validated (AD):")
    say(f"   {ask_resolver(resolver, '.', 'SOA')}")
    say("   The portal's page: active")
    tell_page(operator, "Serial held", "Last transfer")

    if made:
        step(6, "A change at the primary")
        change_zone(made, zone_file, upstream, ours, resolver, operator)
    else:
        say("\n   There is no key to this zone here, so no change is shown.")

    step(7 if made else 6, "Try it:")
    say(f"   {portal.origin}/sign-in")
    say(f"      as {portal_tour.EMAIL} with the password {portal.password}, or sign up: mails are shown here")
    say(f"   dig @{resolver.address} -p {resolver.port} +dnssec . SOA")
    say(f"   dig @{ours.address} -p {ours.port} +dnssec . AXFR")
    say(f"   {BIN}/zonewright localroot status --config {ours.config}")
    say(f"   curl http://{ours.address}:{ours.http}/metrics")
    if arguments.once:
        return
    say("\nAll stays up until Ctrl-C.")
    while True:
        for server in running:
            server.check_running()
        for recipient, subject, link in portal.new_mails():
            say(f"Mail to {recipient}: {subject}" + (f"\n   {link}" if link else ""))
        time.sleep(1)


def main():
    parser = argparse.ArgumentParser(prog="./run", description="The main job of zonewright on this machine's loopback.")
    parser.add_argument("--zone", help="a signed root zone, instead of one made on the spot")
    parser.add_argument("--at", help="the time that all clocks show, such as 2026-08-05T00:00:00Z")
    parser.add_argument("--anchor", default="/usr/share/dns/root.key", help="trust anchor of --zone (default: %(default)s)")
    parser.add_argument("--size", type=int, default=1440, help="delegations of the zone that is made (default: %(default)s)")
    parser.add_argument("--once", action="store_true", help="end after the last step")
    arguments = parser.parse_args()
    if arguments.at and not arguments.zone:
        parser.error("--at goes with --zone: a zone that is made here is valid now")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    running = []
    with tempfile.TemporaryDirectory(prefix="zonewright-run-") as folder:
        try:
            main_job(arguments, Path(folder), running)
        except KeyboardInterrupt:
            say("\nStopping.")
        except (Failed, peers.PeerError) as error:
            say(f"\nThis did not work: {error}")
            for server in running:
                say(f"---- {server.name}: the end of its log\n{server.log()[-2000:]}")
            return 1
        finally:
            for server in reversed(running):
                server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
