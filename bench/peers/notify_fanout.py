"""NOTIFY to very many secondaries: how fast each is told once, by localroot (signed), NSD and Knot (unsigned).

  ./dev bench peers/notify_fanout                  10,000 targets of each server, then 1,000,000 of our engine alone
  ./dev bench peers/notify_fanout --dead 10        another share of targets that never answer

The targets are addresses of 127/8; a crowd of them answers each NOTIFY at once, signed if that was signed, on a core of its
own; the server has another. Time runs, as the crowd sees it, from the first NOTIFY to the first one of the last target that
lives. Each server is measured without and with the dead, who are so many more targets; all have the same living. Knot tells
over TCP. The engine alone is `zw_notify_fan`, without a server around it, with a hundred times as many targets, of which the dead are a
share; its first version is shown, and the fifth, when the dead are known to be dead.
"""
import argparse
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from lib.processes import cpu_seconds, memory, pin
from lib.stories import BINARIES, KEY_NAME, KEY_SECRET, Knot, Localroot, Nsd, ZoneMaker, free_port, send_notify


class Crowd:
    """Secondaries at `port` of all loopback addresses that answer, and at `dead_port` some that do not."""

    def __init__(self, programs):
        self.port, self.dead_port = free_port(), free_port()
        self.process = subprocess.Popen(
            [programs / "zw_notify_sink", str(self.port), str(self.dead_port), f"{KEY_NAME}:{KEY_SECRET}"],
            stdout=subprocess.PIPE, text=True)
        time.sleep(0.3)
        pin(self.process.pid, 1)

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def take(self):
        """What came since the last time."""
        self.process.send_signal(signal.SIGHUP)
        return json.loads(self.process.stdout.readline())

    def targets(self, living, dead):
        """Addresses with ports, the dead between the others."""
        places = living + dead
        dead_places = {i * places // dead for i in range(dead)} if dead else set()
        return [(f"127.{1 + (i >> 16)}.{i >> 8 & 255}.{i & 255}", self.dead_port if i in dead_places else self.port)
                for i in range(places)]


class OursAtWork:
    name = "localroot, signed"

    def __init__(self, folder, zone, anchor, programs):
        self.folder, self.anchor, self.programs = folder, anchor, programs
        self.file = shutil.copy(zone.file, folder / "feed.zone")

    def start(self, targets):
        self.primary = Nsd(self.folder / "feed", address="127.0.0.2").start(
            f'zone:\n  name: "."\n  zonefile: "{self.file}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n')
        ours = Localroot(self.folder / "localroot", programs=self.programs)
        path = ours.configure(".", self.anchor, [self.primary], key=False, allow='from = "127.0.0.0/8"', more=(
            '[[zone.allow-notify]]\nfrom = "127.0.0.1"\n') + "".join(
            f'[[zone.subscriber]]\naddress = "{ip}@{port}"\nkey = "{KEY_NAME}"\n' for ip, port in targets))
        ours.launch([self.programs / "zonewright-localroot", "serve", "--config", path]).wait_ready(60)
        self.server = ours
        return ours.process.pid

    def publish(self, zone):
        shutil.copy(zone.file, self.file)
        self.primary.control("reload")
        self.primary.wait_serial(".", zone.serial)
        assert send_notify(self.server, ".").rcode() == 0

    def stop(self):
        self.server.stop()
        self.primary.stop()


class NsdAtWork:
    name = "nsd"

    def __init__(self, folder, zone, *_):
        self.folder, self.file = folder, shutil.copy(zone.file, folder / "nsd.zone")

    def start(self, targets):
        lines = "".join(f"  notify: {ip}@{port} NOKEY\n" for ip, port in targets)
        self.server = Nsd(self.folder / "nsd", address="127.0.0.3").start(
            f'zone:\n  name: "."\n  zonefile: "{self.file}"\n{lines}')
        return self.server.process.pid

    def publish(self, zone):
        shutil.copy(zone.file, self.file)
        self.server.control("reload")

    def stop(self):
        self.server.stop()


class KnotAtWork:
    name = "knot, over TCP"

    def __init__(self, folder, zone, *_):
        self.folder, self.file = folder, shutil.copy(zone.file, folder / "knot.zone")

    def start(self, targets):
        remotes = "".join(f"  - id: t{i}\n    address: {ip}@{port}\n" for i, (ip, port) in enumerate(targets))
        # A list in its configuration holds some thousands, so they stand in groups.
        cuts = range(0, len(targets), 1000)
        groups = "".join(f"  - id: g{at}\n    remote: [{', '.join(f't{i}' for i in range(at, min(at + 1000, len(targets))))}]\n"
                         for at in cuts)
        names = ", ".join(f"g{at}" for at in cuts)
        self.server = Knot(self.folder / "knot", address="127.0.0.4").start(
            f"remote:\n{remotes}remotes:\n{groups}zone:\n  - domain: .\n    file: {self.file}\n    zonefile-sync: -1\n    notify: [{names}]\n",
            ready=False)
        self.server.zones = ["."]
        self.server.wait_ready()
        return self.server.process.pid

    def publish(self, zone):
        shutil.copy(zone.file, self.file)
        self.server.control("zone-reload", ".")

    def stop(self):
        self.server.stop()


def once(kind, folder, versions, anchor, crowd, living, dead, options):
    """Rate, CPU seconds, MB, and the share of the living that was told."""
    folder.mkdir()
    server = kind(folder, versions[0], anchor, options.bin)
    pid = server.start(crowd.targets(living, dead))
    try:
        time.sleep(options.settle)
        crowd.take()
        pin(pid, 0)
        before = cpu_seconds(pid)
        server.publish(versions[1])
        time.sleep(options.wait)
        seen = crowd.take()
        rate = seen["targets"] / seen["seconds"] if seen["seconds"] else 0
        return rate, cpu_seconds(pid) - before, memory(pid), seen["targets"] / living
    finally:
        server.stop()


def engine_alone(crowd, living, dead, options):
    """What zw_notify_fan says of each of five versions."""
    share = round(100 * dead / (living + dead))
    done = subprocess.run(["taskset", "-c", "0", options.bin / "zw_notify_fan", str(living + dead), str(share),
                           str(crowd.port), str(crowd.dead_port), "5", "0", f"{KEY_NAME}:{KEY_SECRET}"],
                          capture_output=True, text=True, check=True)
    crowd.take()
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", type=int, default=10_000, help="that live, of each server")
    parser.add_argument("--dead", type=int, default=10, help="percent of the targets of the second run")
    parser.add_argument("--wait", type=int, default=20, help="seconds to wait for what a server sends")
    parser.add_argument("--settle", type=int, default=8, help="seconds after the start")
    parser.add_argument("--bin", type=pathlib.Path, default=BINARIES)
    options = parser.parse_args()
    living = options.targets
    dead = living * options.dead // (100 - options.dead)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        maker = ZoneMaker(folder / "zones", options.bin)
        versions = [maker.version(), maker.version()]
        crowd = Crowd(options.bin)
        try:
            print(f"{living} living targets; with the dead, {dead} more")
            print(f"{'':20}{'dead':>7}{'told/s':>10}{'CPU s':>8}{'MB':>7}{'told':>7}")
            for kind in (OursAtWork, NsdAtWork, KnotAtWork):
                for some in (0, dead):
                    run = pathlib.Path(tempfile.mkdtemp(dir=folder)) / "run"
                    rate, cpu, mb, told = once(kind, run, versions, maker.anchor, crowd, living, some, options)
                    print(f"{kind.name:20}{some:7d}{rate:10.0f}{cpu:8.2f}{mb:7.0f}{told:7.0%}", flush=True)
            print(f"\nthe engine alone{'':4}{'targets':>9}{'version':>9}{'told/s':>10}{'CPU s':>8}{'octets each':>13}")
            for some in (0, 100 * dead):
                for i, run in enumerate(engine_alone(crowd, 100 * living - (100 * dead if some else 0), some, options), 1):
                    if i in (1, 5):
                        print(f"{'':20}{run['targets']:9d}{i:9d}{run['told'] / run['told_s']:10.0f}"
                              f"{run['told_cpu_s']:8.2f}{run['octets'] / run['targets']:13.0f}", flush=True)
        finally:
            crowd.stop()


if __name__ == "__main__":
    sys.exit(main())
