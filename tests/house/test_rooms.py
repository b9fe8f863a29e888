"""Every room introduces itself: a README.md with the headings that apply to it, in one order."""

import re

import pytest
import tree

HEADINGS = ["Name", "Description", "Settings", "Commands", "Files", "Metrics", "Standards", "Examples"]
METRIC = re.compile(r'"(zonewright_[a-z0-9_]+)')
SETTING = re.compile(r'"([a-z][a-z0-9]*(?:[-_.][a-z0-9]+)*)"')  # a word or dotted words alone in quotes


def headings_of(text):
    return re.findall(r"^## (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)


def product_text(room):
    return {path: path.read_text() for path in tree.sources_in(tree.ROOT / room) if not tree.is_test(path)}


def headings_that_apply(files):
    """`files`: name of each product source -> its text."""
    text = "\n".join(files.values())
    stems = {path.stem for path in files}
    needed = {"Name", "Description"}
    if "config" in stems:
        needed.add("Settings")
    if "commands" in stems:
        needed |= {"Commands", "Examples"}
    if METRIC.search(tree.without_comments(text)):
        needed.add("Metrics")
    if re.search(r"\bRFC \d{3,}", text):
        needed.add("Standards")
    return needed


@pytest.mark.parametrize("room", tree.rooms())
def test_a_room_has_a_readme_with_the_headings_that_apply(room):
    page = tree.ROOT / room / "README.md"
    assert page.exists(), f"{room} has code and no README.md"
    text = page.read_text()
    found = headings_of(text)
    assert text.startswith(f"# {room.split('/')[-1]}\n"), f"{room}/README.md: the first line is not the room's name"
    assert not [heading for heading in found if heading not in HEADINGS], f"{room}: headings {found}"
    assert found == sorted(found, key=HEADINGS.index), f"{room}: {found} is not in the order of {HEADINGS}"
    assert not headings_that_apply(product_text(room)) - set(found), f"{room}/README.md lacks a heading"


def test_a_heading_inside_an_example_does_not_count():
    assert headings_of("# x\n## Name\n```\n## Settings\n```\n## Files\n") == ["Name", "Files"]


def test_a_room_with_verbs_and_counters_owes_their_headings(tmp_path):
    files = {tmp_path / "commands.cc": 'count("zonewright_queries_total");', tmp_path / "x.h": "// RFC 1035 §3.1"}
    assert headings_that_apply(files) == {"Name", "Description", "Commands", "Examples", "Metrics", "Standards"}


@pytest.mark.parametrize("room", tree.rooms())
def test_every_metric_is_in_the_readme_of_its_room(room):
    names = {name for path, text in product_text(room).items() for name in METRIC.findall(tree.without_comments(text))}
    readme = tree.ROOT / room / "README.md"
    text = readme.read_text() if readme.exists() else ""
    missing = sorted(name for name in names if name not in text)
    assert not missing, f"{room}/README.md does not tell of {missing}"


def section(page, heading):
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def untold_settings(files, page):
    """Words that the config of a system compares or looks up, and that its page does not tell of.

    Names of settings and the words that are their values look the same there, and an operator needs both.
    """
    config = "\n".join(text for path, text in files.items() if path.stem.startswith("config"))
    words = {word.strip(".-") for word in re.findall(r"[a-z0-9_.-]+", section(page, "Settings"))}
    told = words | {part for word in words for part in word.split(".")}  # [[zone.primary]] tells of both
    return sorted({word for word in SETTING.findall(tree.without_comments(config)) if word not in told})


@pytest.mark.parametrize("room", [room for room in tree.rooms() if room.startswith("systems/")])
def test_every_setting_is_in_the_readme_of_its_system(room):
    readme = tree.ROOT / room / "README.md"
    untold = untold_settings(product_text(room), readme.read_text() if readme.exists() else "")
    assert not untold, f"{room}/README.md, Settings, does not tell of {untold}"


def test_an_untold_setting_is_found(tmp_path):
    files = {tmp_path / "config.cc": '''// "in_a_comment"
        if (key == "listen" || key == "state_folder") return fail("expected a path, got {}", "tcp");''',
             tmp_path / "service.cc": 'auto other = "elsewhere";'}
    page = "# x\n## Settings\n`listen`: where.\n## Files\n`state_folder`\n"
    assert untold_settings(files, page) == ["state_folder", "tcp"]
