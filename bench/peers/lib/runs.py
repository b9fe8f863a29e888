"""Whole programs timed by turns: what the comparisons with peers share."""
import os
import shutil
import statistics
import subprocess
import tempfile
import time


def measure(command):
    """Exit status, wall seconds, CPU seconds and peak memory in MB of one run."""
    with tempfile.NamedTemporaryFile("r") as report:
        # A child begins with the peak of who forked it, so it is not forked from here, but from a small program.
        words = ["/usr/bin/time", "-q", "-f", "%M", "-o", report.name, *map(str, command)]
        start = time.monotonic()
        child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        return child.returncode, wall, usage.ru_utime + usage.ru_stime, int(report.read()) / 1024


def compare(commands, rounds, file):
    """Runs each command in turn, prints medians and ratios to the first, and says whether all ended with 0."""
    commands = {name: command for name, command in commands.items() if command and shutil.which(command[0])}
    seen = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            seen[name].append(measure(command))
    print(f"{file.stat().st_size / 1e6:.1f} MB, {rounds} rounds, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'':22}{'wall s':>9}{'ratio':>8}{'CPU s':>9}{'ratio':>8}{'MB':>8}  exit")
    first = None
    for name, runs in seen.items():
        codes, *columns = zip(*runs)
        wall, cpu, memory = (statistics.median(column) for column in columns)
        first = first or (wall, cpu)
        print(f"{name:22}{wall:9.3f}{wall / first[0]:8.2f}{cpu:9.3f}{cpu / first[1]:8.2f}{memory:8.0f}  "
              f"{','.join(map(str, sorted(set(codes))))}")
    return all(run[0] == 0 for runs in seen.values() for run in runs)


def by_turns(servers, rounds, measure_one):
    """The medians of what `measure_one(server)` gives, number by number, for each server in turn."""
    seen = {server: [] for server in servers}
    for _ in range(rounds):
        for server in servers:
            seen[server].append(measure_one(server))
    return {server: [statistics.median(column) for column in zip(*runs)] for server, runs in seen.items()}
