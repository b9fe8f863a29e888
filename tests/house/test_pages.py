"""The pages at the root agree with the tree and with one another."""

import re
import subprocess

import examples
import pytest
import tree


@pytest.mark.parametrize("page", tree.pages(), ids=tree.name_of)
def test_links_lead_somewhere(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)]
    broken = [target for target in targets
              if target and "://" not in target and not target.startswith("mailto:")
              and not (page.parent / target).exists()]
    assert not broken, f"{tree.name_of(page)}: {broken}"


def test_the_decisions_are_listed_in_the_plan():
    plan = (tree.ROOT / "ARCHITECTURE.md").read_text()
    pages = sorted((tree.ROOT / "docs" / "decisions").glob("*.md"))
    assert pages and not [page.name for page in pages if f"docs/decisions/{page.name}" not in plan]


def test_the_change_log_has_a_place_for_what_comes():
    assert re.search(r"^## \[?Unreleased\]?$", (tree.ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


def commands_of_readme():
    """`zonewright zone check` of every row; a row names one command."""
    return [re.match(r"zonewright(?: [a-z]+)+", row[0])[0] for row in tree.table_below("README.md", "Commands")]


@pytest.mark.parametrize("command", commands_of_readme())
def test_a_command_of_the_readme_exists(command):
    program = examples.BIN / "zonewright"
    if not program.exists():
        pytest.skip(f"zonewright is not built in {examples.BIN}")
    done = subprocess.run([program, *command.split()[1:], "--help"], capture_output=True, text=True, timeout=10)
    assert done.returncode == 0 and done.stdout, done.stderr
