"""What the house tests know of the tree: its steps, rooms, sources and pages."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
STEPS = ("core", "ground", "systems", "apps")


def rooms():
    """Every folder of a step that holds code, as `step/room`; the roof is one room."""
    found = [f"{step}/{folder.name}" for step in STEPS[:3] for folder in sorted((ROOT / step).iterdir())
             if folder.is_dir() and sources_in(folder)]
    return found + (["apps"] if sources_in(ROOT / "apps") else [])


def sources_in(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in (".cc", ".h"))


def sources():
    return [path for step in STEPS for path in sources_in(ROOT / step)]


def is_test(path):
    return path.name.endswith("_test.cc") or path.name.startswith(("test_", "testing"))


def room_of(path):
    parts = path.relative_to(ROOT).parts
    return "apps" if parts[0] == "apps" else "/".join(parts[:2])


def name_of(path):
    return str(path.relative_to(ROOT))


def pages():
    """The Markdown that we write: at the root, in docs/ and in the rooms."""
    folders = ("docs", "packaging", "fuzz", "bench", "tests", *STEPS)
    return sorted([*ROOT.glob("*.md"), *(page for folder in folders for page in (ROOT / folder).rglob("*.md"))])


def without_comments(text):
    """C++ without comments; lines stay where they are. Strings are kept."""
    pattern = r'("(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\')|//[^\n]*|/\*.*?\*/'
    return re.sub(pattern, lambda found: found[1] or "\n" * found[0].count("\n"), text, flags=re.DOTALL)


def table_below(page, heading):
    """The rows of the first Markdown table below `## heading`, without back quotes and the head of the table."""
    text = (ROOT / page).read_text()
    section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"{page} has no section '{heading}'"
    lines = re.search(r"(?:^\|.*\n)+", section[1], re.MULTILINE)
    assert lines, f"{page}, '{heading}': no table"
    rows = [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines[0].splitlines()]
    return rows[2:]
