"""Runs the ```console blocks of our pages.

A block is a story in one empty folder, with the programs on PATH:

    $ command          run by bash; its exit status must be 0 (show another one with `; echo $?`)
    > and its next line
    what it prints     stdout and stderr together; `...` stands for any text, alone on a line for any lines
"""

import dataclasses
import os
import pathlib
import re
import subprocess

import tree

BIN = pathlib.Path(os.environ.get("ZW_BIN", tree.ROOT / "build" / "release" / "bin")).resolve()


@dataclasses.dataclass
class Step:
    command: str
    expected: list


def blocks(text):
    """(line number, body) of every console block."""
    for found in re.finditer(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, found.start()) + 1, found[1]


def steps(body):
    found = []
    for line in body.splitlines():
        if line.startswith("$ "):
            found.append(Step(line[2:], []))
        elif line.startswith("> ") and found and not found[-1].expected:
            found[-1].command += "\n" + line[2:]
        else:
            assert found, f"output before the first command: {line!r}"
            found[-1].expected.append(line)
    return found


def pattern_of(expected):
    lines = [r"(?:.*\n)*?" if line.strip() == "..." else
             ".*?".join(re.escape(part) for part in line.rstrip().split("...")) + r"[ \t]*\n" for line in expected]
    return re.compile("".join(lines))


def matches(expected, output):
    if output and not output.endswith("\n"):
        output += "\n"
    return bool(pattern_of(expected).fullmatch(output))


def play(body, folder):
    """Runs a block in `folder`; a sentence about the first step that goes otherwise, or None."""
    environment = {"PATH": f"{BIN}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8", "TZ": "UTC",
                   "NO_COLOR": "1"}
    for step in steps(body):
        done = subprocess.run(["bash", "-c", step.command], cwd=folder, env=environment, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            return f"$ {step.command}\nexit {done.returncode}:\n{done.stdout}"
        if not matches(step.expected, done.stdout):
            return f"$ {step.command}\nexpected:\n" + "\n".join(step.expected) + f"\ngot:\n{done.stdout}"
    return None
