"""The examples of our pages do what the pages say."""

import examples
import pytest
import tree

BLOCKS = [(page, line, body) for page in tree.pages() for line, body in examples.blocks(page.read_text())]
PROGRAMS = ["zonewright", "zonewright-localroot"]


@pytest.mark.parametrize("page, line, body", BLOCKS, ids=[f"{tree.name_of(p)}:{n}" for p, n, _ in BLOCKS])
def test_an_example_does_what_the_page_says(page, line, body, tmp_path):
    absent = [name for name in PROGRAMS if name in body.split() and not (examples.BIN / name).exists()]
    if absent:
        pytest.skip(f"{absent[0]} is not built in {examples.BIN}")
    problem = examples.play(body, tmp_path)
    assert problem is None, f"{tree.name_of(page)}:{line}\n{problem}"


@pytest.mark.parametrize("body, good", [
    ("$ echo one; echo two\none\ntwo\n", True),
    ("$ echo one; echo two\none\n", False),
    ("$ echo a 17 b\na ... b\n", True),
    ("$ echo a 17 c\na ... b\n", False),
    ("$ seq 9\n1\n...\n9\n", True),
    ("$ seq 9\n1\n...\n8\n", False),
    ("$ echo one >f\n$ cat f\none\n", True),
    ("$ echo one \\\n> two\none two\n", True),
    ("$ false\n", False),
    ("$ false; echo $?\n1\n", True),
    ("$ true\n", True),
    ("$ echo more\n", False),
])
def test_the_player_tells_right_from_wrong(body, good, tmp_path):
    assert (examples.play(body, tmp_path) is None) == good
