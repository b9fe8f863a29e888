"""NOTIFY to very many secondaries: how fast each is told once, by localroot (signed), NSD and Knot (unsigned).

  ./dev bench peers/notify_fanout                  10,000 targets of each server, then 1,000,000 of our engine alone
  ./dev bench peers/notify_fanout --dead 10        another share of targets that never answer

The targets are those of `zonewright localroot bench notify`, which answers each NOTIFY at once, signed if that was signed, on
a core of its own; the server has another. Time runs, as the crowd sees it, from the first NOTIFY to the first one of the last
target that lives. Each server is measured without and with the dead, who are so many more targets; all have the same living.
Knot tells over TCP. The engine alone is `zw_notify_fan`, without a server around it, of whose targets the dead are a share; its
first version is shown, and the fifth, when the dead are known to be dead.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from lib.processes import cpu_seconds, memory, pin
from lib.stories import BINARIES, KEY_NAME, KEY_SECRET, Knot, Localroot, Nsd, ZoneMaker, free_port, send_notify


class Crowd:
    """`zonewright localroot bench notify`, and the targets that it stands for as configuration of a server."""

    def __init__(self, programs, folder, targets, dead):
        secret = folder / "secret"
        secret.write_text(KEY_SECRET + "\n")
        self.port, self.dead_port = free_port(), free_port()
        self.command = [programs / "zonewright-localroot", "bench", "notify", "--targets", str(targets), "--dead-percent",
                        str(dead), "--port", str(self.port), "--dead-port", str(self.dead_port),
                        "--key", f"{KEY_NAME}:hmac-sha256:{secret}"]

    def config(self, server, signed=False):
        command = self.command if signed else self.command[:-2]
        return subprocess.run([*command, "--print-config", server], capture_output=True, text=True, check=True).stdout

    def start(self, serial=0):
        """Counts who is told of this version."""
        self.process = subprocess.Popen([*self.command, "--serial", str(serial), "--timeout", "600", "--quiet", "1",
                                         "--json", "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.process.stderr.readline()
        pin(self.process.pid, 1)
        return self

    def result(self, wait):
        """When all who live were told, or this time is over."""
        try:
            return json.loads(self.process.communicate(timeout=wait)[0])
        except subprocess.TimeoutExpired:
            self.process.terminate()
            return json.loads(self.process.communicate()[0])

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


class OursAtWork:
    name = "localroot, signed"

    def __init__(self, folder, zone, anchor, programs):
        self.folder, self.anchor, self.programs = folder, anchor, programs
        self.file = shutil.copy(zone.file, folder / "feed.zone")

    def start(self, crowd):
        self.primary = Nsd(self.folder / "feed", address="127.0.0.2").start(
            f'zone:\n  name: "."\n  zonefile: "{self.file}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n')
        ours = Localroot(self.folder / "localroot", programs=self.programs)
        path = ours.configure(".", self.anchor, [self.primary], key=False, allow='from = "127.0.0.0/8"', more=(
            '[[zone.allow-notify]]\nfrom = "127.0.0.1"\n') + crowd.config("zonewright", signed=True))
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

    def start(self, crowd):
        self.server = Nsd(self.folder / "nsd", address="127.0.0.3").start(
            f'zone:\n  name: "."\n  zonefile: "{self.file}"\n{crowd.config("nsd")}')
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

    def start(self, crowd):
        remotes, notify = crowd.config("knot").split("# of the zone:\n")
        self.server = Knot(self.folder / "knot", address="127.0.0.4").start(
            f"{remotes}zone:\n  - domain: .\n    file: {self.file}\n    zonefile-sync: -1\n{notify}", ready=False)
        self.server.zones = ["."]
        self.server.wait_ready()
        return self.server.process.pid

    def publish(self, zone):
        shutil.copy(zone.file, self.file)
        self.server.control("zone-reload", ".")

    def stop(self):
        self.server.stop()


def once(kind, folder, versions, anchor, living, dead, options):
    """What the crowd saw, and the server's CPU seconds and MB."""
    folder.mkdir()
    targets = living + dead
    crowd = Crowd(options.bin, folder, targets, 100 * dead / targets)
    server = kind(folder, versions[0], anchor, options.bin)
    crowd.start(versions[1].serial)
    try:
        pid = server.start(crowd)
        time.sleep(options.settle)
        pin(pid, 0)
        before = cpu_seconds(pid)
        server.publish(versions[1])
        seen = crowd.result(options.wait)
        return seen, cpu_seconds(pid) - before, memory(pid)
    finally:
        crowd.stop()
        server.stop()


def engine_alone(folder, targets, dead_percent, options):
    """What zw_notify_fan says of each of five versions."""
    folder.mkdir()
    crowd = Crowd(options.bin, folder, targets, dead_percent).start()
    try:
        done = subprocess.run(["taskset", "-c", "0", options.bin / "zw_notify_fan", str(targets), str(dead_percent),
                               str(crowd.port), str(crowd.dead_port), "5", "0", f"{KEY_NAME}:{KEY_SECRET}"],
                              capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]
    finally:
        crowd.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", type=int, default=10_000, help="that live, of each server")
    parser.add_argument("--dead", type=int, default=10, help="percent of the targets of the second run")
    parser.add_argument("--alone", type=int, default=1_000_000, help="targets of the engine alone")
    parser.add_argument("--wait", type=int, default=12, help="seconds that a server gets to tell all")
    parser.add_argument("--settle", type=int, default=8, help="seconds after the start")
    parser.add_argument("--bin", type=pathlib.Path, default=BINARIES)
    options = parser.parse_args()
    living = options.targets
    dead = living * options.dead // (100 - options.dead)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        maker = ZoneMaker(folder / "zones", options.bin)
        versions = [maker.version(), maker.version()]
        runs = iter(range(1000))
        print(f"{living} living targets; with the dead, {dead} more")
        print(f"{'':20}{'dead':>7}{'told/s':>10}{'p99 s':>8}{'CPU s':>8}{'MB':>7}{'told':>7}")
        for kind in (OursAtWork, NsdAtWork, KnotAtWork):
            for some in (0, dead):
                seen, cpu, mb = once(kind, folder / str(next(runs)), versions, maker.anchor, living, some, options)
                print(f"{kind.name:20}{some:7d}{seen['told_per_second']:10.0f}{seen['told_us']['p99'] / 1e6:8.2f}{cpu:8.2f}"
                      f"{mb:7.0f}{seen['told'] / living:7.0%}", flush=True)
        print(f"\nthe engine alone{'':4}{'targets':>9}{'version':>9}{'told/s':>10}{'CPU s':>8}{'octets each':>13}")
        for percent in (0, options.dead):
            alone = engine_alone(folder / str(next(runs)), options.alone, percent, options)
            for i, run in enumerate(alone, 1):
                if i in (1, 5):
                    print(f"{'':20}{run['targets']:9d}{i:9d}{run['told'] / run['told_s']:10.0f}"
                          f"{run['told_cpu_s']:8.2f}{run['octets'] / run['targets']:13.0f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
