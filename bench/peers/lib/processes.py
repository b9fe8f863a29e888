"""What running servers cost: their CPU time and memory, with those of their children."""
import os
import pathlib
import re

TICK = os.sysconf("SC_CLK_TCK")


def pin(pid, cpu):
    for one in processes(pid):
        for thread in os.listdir(f"/proc/{one}/task"):
            os.sched_setaffinity(int(thread), {cpu})


def processes(pid):
    """`pid` and what it started: NSD answers in a child."""
    out = [pid]
    for task in os.listdir(f"/proc/{pid}/task"):
        for child in pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text().split():
            out += processes(int(child))
    return out


def cpu_seconds(pid):
    spent = 0
    for one in processes(pid):
        try:
            fields = pathlib.Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:  # it has just ended
            continue
        spent += int(fields[11]) + int(fields[12])
    return spent / TICK


def memory(pid, what="Pss"):
    """Proportional set size of all, MB. `what`: of the fields of smaps_rollup, such as Pss_Anon."""
    total = 0
    for one in processes(pid):
        text = pathlib.Path(f"/proc/{one}/smaps_rollup").read_text()
        total += int(re.search(rf"^{what}:\s+(\d+)", text, re.M).group(1))
    return total / 1024
