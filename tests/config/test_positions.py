"""The line on which a table or key of a TOML text stands."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.config.positions import find_lines

TEXT = """\
# [[rule]] in a comment
title = "a # b" # [x]

[[rule]]
id = "one"
words = [
  "lead = 1", # "
  '''
[[rule]]
''',
]
lead = "x"
[[rule]] # second
  id = 'two'
note = \"\"\"
id = "no" \\\"\"\" still"\"\"\"
lead = { a = 1, b = [2] }

[[rule.part]]
size = 1
[[rule.part]]
size = 2
[review]
"min [x]".'y' = 0.5
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("rule", 0), 4),
        (("rule", 0, "id"), 5),
        (("rule", 0, "words"), 6),
        (("rule", 0, "lead"), 12),
        (("rule", 1), 13),
        (("rule", 1, "id"), 14),
        (("rule", 1, "note"), 15),
        (("rule", 1, "lead"), 17),
        (("rule", 1, "part", 0, "size"), 20),
        (("rule", 1, "part", 1), 21),
        (("review",), 23),
        (("review", "min [x]", "y"), 24),
    ],
)
def test_keys_are_found_among_comments_lists_and_long_strings(path: tuple[str | int, ...], line: int) -> None:
    tomllib.loads(TEXT)
    assert find_lines(TEXT)[path] == line


def test_what_has_no_line_of_its_own_gets_that_of_the_table_around_it() -> None:
    lines = find_lines(TEXT)
    assert lines[("rule", 1, "lead", "a")] == 17
    assert lines[("rule", 0, "basis")] == 4
    assert lines[("rule", 0, "words", 1)] == 6
    assert lines[("nothing",)] == 0


def test_a_list_of_tables_written_inline_has_the_line_of_its_key() -> None:
    assert find_lines('\nrule = [\n  { id = "a" },\n]\n')[("rule", 0, "id")] == 2


VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"])).map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.lists(st.text(alphabet='a#[]{}="\\中')).map(lambda texts: json.dumps(texts, indent=1, ensure_ascii=False)),
    st.text(alphabet="a#[]=\n中{").map(lambda text: f"'''{text}'''"),
    st.text(alphabet="a#[]=\n'中{\"").map(lambda text: '"""' + text.replace('"', '\\"') + '"""'),
    st.sampled_from(["1", "true", "2026-09-01", "[ # note ]\n1, # [\n]", "{ a = [1], b = '=' }"]),
)


@given(st.lists(st.lists(VALUES, max_size=4), max_size=4), st.sampled_from(["", "\n", "# [[t]]\n", "  \n\n"]))
def test_every_key_of_any_file_is_found_on_the_line_where_it_begins(tables: list[list[str]], between: str) -> None:
    text = ""
    expected: dict[tuple[str | int, ...], int] = {}
    for row, values in enumerate(tables):
        text += between
        expected[("t", row)] = text.count("\n") + 1
        text += "[[t]]\n"
        for column, value in enumerate(values):
            expected[("t", row, f"k{column}")] = text.count("\n") + 1
            text += f"k{column} = {value}\n"
    tomllib.loads(text)
    lines = find_lines(text)
    assert {path: lines[path] for path in expected} == expected
