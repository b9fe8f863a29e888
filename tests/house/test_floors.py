"""The arrows and doors of ARCHITECTURE.md hold in every #include and in every CMake dependency."""

import re

import floors
import pytest
import tree

ARROWS = floors.arrows()
DOORS = floors.doors()


def faults_in(room, text, is_test=False, name=None):
    return floors.include_faults(room, name or f"{room}/sample.cc", text, is_test, ARROWS, DOORS)


def test_every_include_goes_along_an_arrow_or_through_a_door():
    faults = [fault for path in tree.sources()
              for fault in floors.include_faults(tree.room_of(path), tree.name_of(path), path.read_text(),
                                                 tree.is_test(path), ARROWS, DOORS)]
    assert not faults, "\n".join(faults)


def test_core_reaches_for_no_clock_chance_file_environment_or_thread():
    faults = [fault for path in tree.sources() if tree.room_of(path).startswith("core/") and not tree.is_test(path)
              for fault in floors.purity_faults(tree.room_of(path), tree.name_of(path), path.read_text())]
    assert not faults, "\n".join(faults)


def test_no_two_rooms_share_a_name():
    names = [room.split("/")[-1] for room in tree.rooms()]
    assert len(names) == len(set(names)), names


def test_cmake_links_only_along_the_arrows():
    faults, lines = [], 0
    for step in ("core", "ground"):
        text = (tree.ROOT / step / "CMakeLists.txt").read_text()
        for room, rest in re.findall(r"zw_room\(\s*\w+\s+(\w+)([^)]*)\)", text):
            lines += 1
            allowed = {name.split("/")[1] for name in ARROWS[f"{step}/{room}"]}
            linked = re.findall(r"\bzw_(\w+)", rest.split("TEST_DEPS")[0])
            faults += [f"{step}/{room} links zw_{name}" for name in linked if name not in allowed]
    assert lines > 0 and not faults, "\n".join(faults)


@pytest.mark.parametrize("room, include, expected", [
    ("core/base", '#include "dns/name.h"', "no arrow goes from core/base to core/dns"),
    ("core/dns", '#include "os/files.h"', "no arrow goes from core/dns to ground/os"),
    ("ground/os", '#include "nowhere/name.h"', "is in no room"),
    ("core/dns", '#include "base/no_such_header.h"', "does not exist"),
    ("core/dns", "#include <openssl/evp.h>", "its one door is core/crypto"),
    ("core/dns", "#include <thread>", "core is pure"),
    ("core/dns", "#  include <unistd.h>", "core is pure"),
    ("core/dns", "#include <doctest/doctest.h>", "its one door is tests"),
    ("ground/os", "#include <netdb.h>", "defines macros"),
    ("ground/os", "#include <boost/asio.hpp>", "does not know it"),
    ("ground/nowhere", "", "has no row"),
])
def test_a_planted_include_is_found(room, include, expected):
    found = faults_in(room, f"// first line\n{include}\n")
    assert len(found) == 1 and expected in found[0], found


@pytest.mark.parametrize("room, include", [
    ("core/dns", '#include "base/bytes.h"'),
    ("core/base", "#include <fmt/format.h>"),
    ("core/base", "#include <vector>"),
    ("core/zone", "#include <emmintrin.h>"),
    ("core/crypto", "#include <openssl/evp.h>"),
    ("ground/os", "#include <sys/socket.h>"),
    ("ground/os", '#include "base/bytes.h"'),
    ("ground/net", "#include <netdb.h>"),
])
def test_a_right_include_is_no_fault(room, include):
    assert faults_in(room, include) == []


def test_tests_may_use_the_system():
    assert faults_in("core/zone", "#include <thread>\n#include <doctest/doctest.h>\n", is_test=True) == []


@pytest.mark.parametrize("line", [
    "auto now = std::chrono::steady_clock::now();",
    "std::random_device chance;",
    'auto home = std::getenv("HOME");',
    "thread_local int last;",
])
def test_a_planted_call_is_found(line):
    assert len(floors.purity_faults("core/dns", "sample.cc", f"// steady_clock::now\n{line}\n")) == 1
