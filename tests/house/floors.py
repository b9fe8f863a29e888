"""Who may include what. The arrows and the doors are the two tables of ARCHITECTURE.md."""

import re

import tree

NOT_PURE = set("""
    barrier condition_variable coroutine csignal ctime filesystem fstream future iostream latch locale mutex random
    semaphore shared_mutex stop_token syncstream thread
""".split())
NOT_PURE_CALLS = re.compile(
    r"_clock::now\b|\bclock_gettime\b|\bgettimeofday\b|\bstd::time\(|\brandom_device\b|\b(?:std::)?s?rand\(|"
    r"\bgetenv\b|\bfopen\b|\bfread\b|\bthread_local\b")
VECTOR_HEADERS = re.compile(r"^(x86intrin|[a-z]mmintrin|immintrin|arm_neon)\.h$")
SYSTEM_HEADERS = re.compile(
    r"^((sys|netinet|net|linux|arpa)/\w+\.h|(dirent|endian|errno|fcntl|grp|ifaddrs|limits|netdb|poll|pthread|pwd|sched|"
    r"malloc|signal|spawn|stdint|stdio|stdlib|string|syslog|termios|time|unistd)\.h)$")
MACRO_HEADERS = ("arpa/nameser.h", "netdb.h")  # they define NXDOMAIN, REFUSED and others as macros
EVERYWHERE = "everywhere"
TESTS = "tests"


def arrows():
    """`step/room` -> the set of rooms that it may include, itself and what its arrows reach."""
    direct = {}
    for room, below in tree.table_below("ARCHITECTURE.md", "Arrows"):
        direct[room] = [name.strip() for name in below.split(",") if name.strip() not in ("", "nothing")]
    for room, below in direct.items():
        unknown = [name for name in below if name not in direct]
        assert not unknown, f"ARCHITECTURE.md, Arrows: {room} stands on {unknown}, which have no row"

    def reach(room, seen):
        if room not in seen:
            seen.add(room)
            for name in direct[room]:
                reach(name, seen)
        return seen

    return {room: reach(room, set()) for room in direct}


def doors():
    """Prefix of a third-party header -> the one room that may include it (or `everywhere`, or `tests`)."""
    return {header: room for header, _, room in tree.table_below("ARCHITECTURE.md", "Doors")}


def includes(text):
    """(line number, quote or bracket, header) of every #include."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r'\s*#\s*include\s*([<"])([^>"]+)', line):
            yield number, found[1], found[2]


def room_of_header(header, room):
    """Which room a quoted include goes into: a room is one name below core/, ground/ or systems/."""
    first = header.split("/")[0] if "/" in header else None
    for step in ("core", "ground", "systems"):
        if first and (tree.ROOT / step / first).is_dir():
            return f"{step}/{first}"
    return room if room == "apps" and (tree.ROOT / "apps" / header).exists() else None


def fault_of_quoted(room, header, allowed):
    target = room_of_header(header, room)
    if target is None:
        return f'"{header}" is in no room'
    if not (tree.ROOT / target.split("/")[0] / header).exists():
        return f'"{header}" does not exist'
    return None if target in allowed else f'"{header}": no arrow goes from {room} to {target}'


def fault_of_bracketed(room, header, name, is_test, known_doors):
    for prefix, door in known_doors.items():
        if header == prefix or (prefix.endswith("/") and header.startswith(prefix)):
            through = door in (EVERYWHERE, room) or (door == TESTS and is_test)
            return None if through else f"<{header}>: its one door is {door}"
    if header in MACRO_HEADERS and not (room == "ground/net" and name.endswith(".cc")):
        return f"<{header}> defines macros over our names; only a .cc of ground/net may include it"
    in_core = room.startswith("core/")
    if re.fullmatch(r"[a-z_0-9]+", header):
        return f"<{header}>: core is pure" if in_core and not is_test and header in NOT_PURE else None
    if VECTOR_HEADERS.match(header):
        return None
    if SYSTEM_HEADERS.match(header):
        return f"<{header}>: core is pure" if in_core and not is_test else None
    return f"<{header}> is no header of the system, and ARCHITECTURE.md, Doors, does not know it"


def allowed_for(room, all_arrows):
    if room.startswith("systems/"):
        return {name for name in all_arrows if not name.startswith("systems/")} - {"apps"} | {room}
    if room == "apps":
        return {f"{step}/{folder.name}" for step in ("core", "ground", "systems")
                for folder in (tree.ROOT / step).iterdir() if folder.is_dir()} | {"apps"}
    return all_arrows.get(room)


def include_faults(room, name, text, is_test, all_arrows, known_doors):
    allowed = allowed_for(room, all_arrows)
    if allowed is None:
        return [f"{name}: {room} has no row in ARCHITECTURE.md, Arrows"]
    faults = []
    for number, mark, header in includes(text):
        fault = (fault_of_quoted(room, header, allowed) if mark == '"' else
                 fault_of_bracketed(room, header, name, is_test, known_doors))
        if fault:
            faults.append(f"{name}:{number}: {fault}")
    return faults


def purity_faults(room, name, text):
    """Calls in core that reach for the world. libcrypto's contexts are the one thing kept for each thread."""
    faults = []
    for number, line in enumerate(tree.without_comments(text).splitlines(), 1):
        if (found := NOT_PURE_CALLS.search(line)) and not (room == "core/crypto" and found[0] == "thread_local"):
            faults.append(f"{name}:{number}: core is pure: {found[0]}")
    return faults
