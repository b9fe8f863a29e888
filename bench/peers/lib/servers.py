"""localroot, Knot, NSD and BIND with one zone, for the comparisons; and the load generator aimed at them."""
import contextlib
import json
import subprocess

from lib.processes import cpu_seconds, pin
from lib.stories import BIND_KEY, KEY_NAME, KEY_SECRET, KNOT_KEY, NSD_KEY, Bind, Knot, Localroot, Nsd

MOST = 15000  # connections that each of them is told to take


def _start_nsd(server, zone, origin, key):
    server.start(NSD_KEY + f'zone:\n  name: "{origin}"\n  zonefile: "{zone}"\n  provide-xfr: 127.0.0.0/8 {key}\n'
                 f"  provide-xfr: 127.0.0.1 NOKEY\n", server=f"tcp-count: {MOST}\ntcp-timeout: 600", ready=False)


def _start_knot(server, zone, origin, key):
    signed = "" if key == "NOKEY" else f"    key: {key}\n"
    server.start(KNOT_KEY + f"acl:\n  - id: all\n    address: 127.0.0.0/8\n    action: transfer\n{signed}"
                 f'zone:\n  - domain: "{origin}"\n    file: "{zone}"\n    acl: all\n',
                 server=f"tcp-max-clients: {MOST}\ntcp-io-timeout: 60000", ready=False)


def _start_bind(server, zone, origin, key):
    who = "127.0.0.0/8" if key == "NOKEY" else f'key "{key}"'
    server.start(BIND_KEY + f'zone "{origin}" {{ type primary; file "{zone}"; allow-transfer {{ {who}; }}; }};',
                 options=f"transfers-out {MOST}; tcp-clients {MOST}; minimal-responses yes; notify no;", ready=False)


@contextlib.contextmanager
def all_serving(folder, zone, anchor, options, origin=".", signed=False, at=None, cpu=0, workers=1, more=""):
    """The four of them, each on the same one core, with the zone served; ended behind it. `more`: settings of the zone of
    ours."""
    key = KEY_NAME if signed else "NOKEY"
    started = {Nsd: _start_nsd, Knot: _start_knot, Bind: _start_bind}
    peers = [Nsd(folder / "nsd", address="127.0.0.2"), Knot(folder / "knot", address="127.0.0.3"), Bind(folder / "bind")]
    ours = Localroot(folder / "localroot", programs=options.bin, address="127.0.0.5")
    for server in (ours, *peers):
        server.workers = workers
    try:
        for peer in peers:
            started[type(peer)](peer, zone, origin, key)
            peer.zones = [origin]
        for peer in peers:
            peer.wait_ready(timeout=120)
        allow = 'from = "127.0.0.0/8"' + (f'\nkey = "{key}"' if signed else "")
        ours.start(origin, anchor, [peers[0]], at=at, allow=allow, more=more, top=f"[tcp]\nconnections = {MOST}\n")
        ours.wait_status(lambda status: status["condition"] == "serving", "the zone is served", timeout=120)
        servers = [ours, peers[1], peers[0], peers[2]]
        for server in servers:
            pin(server.process.pid, cpu)
        yield servers
    finally:
        for server in (ours, *peers):
            server.stop()


def bench(options, verb, server, *arguments, cpu=1, while_running=None):
    """The results of one load, and the CPU seconds that it cost the server. `while_running(server)` is called again
    and again."""
    before = cpu_seconds(server.process.pid)
    command = ["taskset", "-c", str(cpu), options.bin / "zonewright", "localroot", "bench", verb,
               f"{server.address}@{server.port}", *arguments, "--json", "-"]
    with subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True) as process:
        while while_running and process.poll() is None:
            while_running(server)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(2)
        seen = json.loads(process.stdout.read())
    return seen, cpu_seconds(server.process.pid) - before


def signing(folder):
    """Options of a load that signs, with a file for the secret."""
    file = folder / "secret"
    file.write_text(KEY_SECRET)
    return ["--key", f"{KEY_NAME}:hmac-sha256:{file}"]
