"""Tickets are worked off by our script, in a JavaScript engine and in a browser, or waited for."""

import hashlib
import subprocess
import time

import pytest

# The script believes to be a worker: it is sent a message, and posts one.
WORKER = """
globalThis.self = globalThis;
globalThis.postMessage = solved => console.log(solved);
(0, eval)(require("fs").readFileSync(process.argv[1], "utf8"));
for (let i = 3; i < process.argv.length; i++) onmessage({data: {ticket: process.argv[i], bits: Number(process.argv[2])}});
"""


@pytest.fixture
def solve(probe, tmp_path):
    script = tmp_path / "work.js"
    script.write_text(probe.ask("script")["script"])

    def run(bits, *tickets):
        return subprocess.run(["node", "-e", WORKER, script, str(bits), *tickets], capture_output=True, text=True, check=True,
                              timeout=120).stdout.splitlines()

    return run


def check(probe, ticket):
    return probe.ask("check", ticket=ticket)["verdict"]


def test_the_script_works_tickets_off(probe, solve):
    given = [probe.ask("ticket") for _ in range(5)]
    begin = time.monotonic()
    solved = solve(given[0]["bits"], *[one["ticket"] for one in given])
    print(f"{len(given)} tickets of {given[0]['bits']} bits in {time.monotonic() - begin:.2f} s")
    for text in solved:
        assert int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> (32 - given[0]["bits"]) == 0
        assert check(probe, text) == "good"
        assert check(probe, text) == "used"


def test_the_script_digests_texts_of_all_lengths(solve):
    """Its SHA-256 is that of others, with one block and with two."""
    texts = ["t" * size for size in range(1, 140)]
    solved = solve(8, *texts)
    for text, found in zip(texts, solved, strict=True):
        assert found.startswith(text + ".")
        number = int(found.split(".")[1])
        digests = [hashlib.sha256(f"{text}.{n}".encode()).digest()[0] for n in range(number + 1)]
        assert digests[-1] == 0 and 0 not in digests[:-1]


def test_without_script_a_ticket_is_waited_for(probe):
    ticket = probe.ask("ticket")["ticket"]
    answer = probe.ask("check", ticket=ticket)
    assert answer["verdict"] == "too_early" and 0 < answer["wait"] <= 2
    time.sleep(answer["wait"] + 1)
    assert check(probe, ticket) == "good"
    assert check(probe, ticket) == "used"


@pytest.fixture
def form(probe, pages):
    """A page with a form that carries a ticket, under a strict policy for scripts."""
    ticket = probe.ask("ticket")
    return pages({"/": ("text/html", f'<!doctype html><form><input type="hidden" name="ticket" value="{ticket["ticket"]}" '
                        f'data-work="{ticket["bits"]}"></form><script src="/work.js" defer></script>'),
                  "/work.js": ("text/javascript", probe.ask("script")["script"])},
                 Content_Security_Policy="default-src 'none'; script-src 'self'") + "/"


def test_a_browser_works_the_ticket_of_a_form_off(probe, form, chromium):
    chromium.get(form)
    value = chromium.execute_async_script("""
        const done = arguments[0], input = document.querySelector("input");
        if ("worked" in input.dataset) done(input.value);
        else input.form.addEventListener("worked", () => done(input.value));""")
    assert check(probe, value) == "good"
    assert not [entry for entry in chromium.get_log("browser") if entry["level"] == "SEVERE" and "favicon" not in entry["message"]]
