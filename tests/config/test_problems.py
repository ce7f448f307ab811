"""Each way of spoiling the configuration, and the sentence it earns."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.config import check_config, load_config
from triage.config.loading import FILES, OPTIONAL_FILES
from triage.errors import ConfigError

DATA = Path(__file__).parents[2] / "data"
Edit = Callable[[str, str, str], int]
Append = Callable[[str, str], int]


def sentences(folder: Path) -> list[str]:
    return [str(problem) for problem in check_config(folder)]


# ---- one edit, one sentence; LINE stands for the line of the edit ----


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        (
            "offices.toml", 'name = "财务科"', 'nane = "财务科"',
            "offices.toml:LINE: [[office]] has no use for nane. Did you mean name?",
        ),
        (
            "taxonomy.toml", "ours = false", 'ours = "false"',
            'taxonomy.toml:LINE: ours should be true or false, but is "false". Write it like: ours = false',
        ),
        (
            "taxonomy.toml", 'name = "师德师风"', "name = 12",
            "taxonomy.toml:LINE: name should be a text in quotation marks, but is 12. "
            'Write it like: name = "教育收费"',
        ),
        (
            "taxonomy.toml", 'name = "师德师风"', 'name = "  "',
            'taxonomy.toml:LINE: name is empty. Write it like: name = "教育收费"',
        ),
        (
            "taxonomy.toml", 'aliases = ["收费", "乱收费", "违规收费", "退费", "学校收费"]', 'aliases = "收费"',
            'taxonomy.toml:LINE: aliases should be a list of texts, but is "收费". '
            'Write it like: aliases = ["收费", "退费"]',
        ),
        (
            "duty.toml", 'words = ["危房", "消防", "坍塌", "倒塌", "安全隐患"]', 'words = ["危房", ""]',
            'duty.toml:LINE: words should be a list of texts, but holds "". Write it like: words = ["中考", "高考"]',
        ),
        (
            "jurisdictions.toml", 'id = "taihe"', 'id = "tai he"',
            'jurisdictions.toml:LINE: id should be letters, digits, - and _, but is "tai he". '
            'Write it like: id = "taihe"',
        ),
        (
            "jurisdictions.toml", 'id = "bailuzhou_school"', 'id = "county"',
            "jurisdictions.toml:LINE: county is a kind and cannot be an id. Choose another id.",
        ),
        (
            "jurisdictions.toml", 'name = "泰和县"\nkind = "county"', 'kind = "town"\nname = "泰和县"',
            'jurisdictions.toml:LINE: kind should be "county" or "school", but is "town". '
            'Write it like: kind = "county"',
        ),
        (
            "settings.toml", "min_confidence = 0.6", "min_confidence = 60",
            "settings.toml:LINE: min_confidence should lie between 0 and 1, but is 60. "
            "Write it like: min_confidence = 0.6",
        ),
        (
            "settings.toml", "min_margin = 0.15", "min_margin = true",
            "settings.toml:LINE: min_margin should be a number, but is true. Write it like: min_margin = 0.15",
        ),
        (
            "settings.toml", "min_characters = 8 ", "min_characters = 8.5 ",
            "settings.toml:LINE: min_characters should be a whole number, but is 8.5. "
            "Write it like: min_characters = 8",
        ),
        (
            "settings.toml", "min_characters = 8 ", "min_characters = -1 ",
            "settings.toml:LINE: min_characters should not be negative, but is -1. Write it like: min_characters = 8",
        ),
        (
            "settings.toml", "min_known_share = 0.5", "min_konwn_share = 0.5",
            "settings.toml:LINE: [review] has no use for min_konwn_share. Did you mean min_known_share?",
        ),
        (
            "settings.toml", 'city = "吉安市"', 'city = "吉安市"\nzzz = 1',
            "settings.toml:LINE+1: The file has no use for zzz. What can stand here: bureau, city, review, gate.",
        ),
        (
            "jurisdictions.toml", 'aliases = ["敦厚镇"]', 'aliases = ["吉安"]',
            "jurisdictions.toml:LINE: 吉安 means the whole city, not jian_county. Leave it out.",
        ),
        (
            "duty.toml", 'co = ["finance"]', 'co = ["finence"]',
            "duty.toml:LINE: There is no office finence. Did you mean finance?",
        ),
        (
            "duty.toml", 'jurisdictions = ["school"]', 'jurisdictions = ["火星"]',
            "duty.toml:LINE: There is no jurisdiction 火星. "
            "Add it to jurisdictions.toml, or use one that stands there.",
        ),
        (
            "duty.toml", 'lead = "discipline"', 'lead = "disciplin"',
            "duty.toml:LINE: There is no office disciplin. Did you mean discipline?",
        ),
    ],
)  # fmt: skip
def test_one_mistake_earns_one_sentence(folder: Path, edit: Edit, name: str, old: str, new: str, sentence: str) -> None:
    line = edit(name, old, new)
    expected = sentence.replace("LINE+1", str(line + 1)).replace("LINE", str(line))
    assert expected in sentences(folder)
    # A key with a wrong name is missing under its right one too; nothing else follows from one mistake.
    assert len([said for said in sentences(folder) if " has no name." not in said]) == 1


# ---- files ----


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    folder = tmp_path / "none"
    assert sentences(folder) == [f"{folder}: There is no such folder. Name the folder that holds taxonomy.toml."]


def test_a_missing_file_is_named_once_and_nothing_is_blamed_on_the_others(folder: Path) -> None:
    (folder / "offices.toml").unlink()
    assert sentences(folder) == [
        f"offices.toml: There is no such file in {folder}. Copy it from the default configuration."
    ]


def test_a_file_that_cannot_be_read(folder: Path) -> None:
    (folder / "offices.toml").unlink()
    (folder / "offices.toml").mkdir()
    assert sentences(folder) == [
        "offices.toml: The file cannot be read: Is a directory. Look at its permissions.",
    ]


@pytest.mark.parametrize(("encoding", "name"), [("gbk", "GBK"), ("utf-16", "UTF-16")])
def test_a_file_in_another_encoding(folder: Path, encoding: str, name: str) -> None:
    (folder / "settings.toml").write_bytes('\n\nbureau = "教育局"\n'.encode(encoding))
    line = 3 if encoding == "gbk" else 1
    assert sentences(folder) == [
        f"settings.toml:{line}: The file is saved as {name}, not as UTF-8. "
        "Open it in Notepad, choose Save as, and take UTF-8 as the encoding."
    ]


def test_a_file_in_no_encoding(folder: Path) -> None:
    (folder / "settings.toml").write_bytes(b"a = 1\n\xff\xff\xff")
    assert sentences(folder)[0].startswith("settings.toml:2: The file is saved as something else, not as UTF-8.")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            'a = "x"\nb = "y\nc = 1\n',
            "settings.toml:2: This is not valid TOML: Illegal character '\\n'. "
            "Look for a missing quotation mark, comma or bracket on this line or above it.",
        ),
        (
            "a = 1\nb = [\n  1\n\n",
            "settings.toml:3: This is not valid TOML: Unclosed array. "
            "Look for a missing quotation mark, comma or bracket on this line or above it.",
        ),
        (
            "# “说明”\nbureau = “教育局”\n",
            "settings.toml:2: This is not valid TOML: Invalid value. "
            "Replace the full-width “ by the plain one of the keyboard.",
        ),
        (
            'a = 1\nb = ["甲，乙"， "丙"]\n',
            "settings.toml:2: This is not valid TOML: Unclosed array. "
            "Replace the full-width ， by the plain one of the keyboard.",
        ),
    ],
)
def test_broken_toml(folder: Path, text: str, sentence: str) -> None:
    (folder / "settings.toml").write_text(text, encoding="utf-8")
    assert sentences(folder) == [sentence]


def test_lists_nested_beyond_reason_are_refused(folder: Path) -> None:
    (folder / "settings.toml").write_text("a = " + "[" * 100_000, encoding="utf-8")
    assert sentences(folder)[0].startswith("settings.toml:1: This is not valid TOML: ")


# ---- the shape of a file ----


def test_a_missing_key(folder: Path, append: Append) -> None:
    line = append("offices.toml", '[[office]]\nid = "new"\n')
    assert sentences(folder) == [f'offices.toml:{line}: [[office]] has no name. Add it, such as: name = "财务科"']


def test_a_missing_setting(folder: Path, edit: Edit) -> None:
    edit("settings.toml", 'bureau = "吉安市教育局"\n', "")
    assert sentences(folder) == ['settings.toml: The file has no bureau. Add it, such as: bureau = "吉安市教育局"']


def test_a_date_in_quotation_marks_or_with_a_time(folder: Path, append: Append) -> None:
    rule = (
        '[[rule]]\nid = "{0}"\ncategory = "pay"\nlead = "personnel"\nbasis = "b"\nwords = ["{0}"]\nvalid_from = {1}\n'
    )
    line = append("duty.toml", rule.format("甲", '"2026-01-01"') + rule.format("乙", "2026-01-01T00:00:00"))
    advice = "Write it like: valid_from = 2026-09-01"
    assert sentences(folder) == [
        f'duty.toml:{line + 6}: valid_from should be a date without quotation marks, but is "2026-01-01". {advice}',
        f"duty.toml:{line + 13}: valid_from should be a date without quotation marks, "
        f"but is 2026-01-01 00:00:00. {advice}",
    ]


def test_a_list_of_tables_with_a_wrong_name_is_what_is_named_first(folder: Path) -> None:
    text = (folder / "duty.toml").read_text(encoding="utf-8")
    (folder / "duty.toml").write_text(text.replace("[[rule]]", "[[rules]]"), encoding="utf-8")
    line = text[: text.index("\n[[rule]]")].count("\n") + 2
    assert sentences(folder)[0] == f"duty.toml:{line}: The file has no use for rules. Did you mean rule?"


def test_a_table_where_a_list_of_tables_belongs(folder: Path) -> None:
    (folder / "offices.toml").write_text('[office]\nid = "a"\nname = "甲科"\n', encoding="utf-8")
    assert sentences(folder)[0] == "offices.toml:1: office should be a list of tables. Write its header as [[office]]."


def test_a_value_where_the_review_table_belongs(folder: Path) -> None:
    (folder / "settings.toml").write_text('bureau = "乙局"\ncity = "乙市"\nreview = 1\n', encoding="utf-8")
    assert sentences(folder) == ["settings.toml:3: review should be a table. Write its header as [review]."]


def test_a_long_value_is_cut_in_the_sentence(folder: Path, edit: Edit) -> None:
    edit("offices.toml", 'name = "财务科"', f"name = {list(range(100))}")
    assert "but is [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …. Write" in sentences(folder)[0]


# ---- all at once ----


def test_all_problems_are_told_at_once_in_the_order_of_files_and_lines(folder: Path, edit: Edit) -> None:
    edit("settings.toml", "min_margin = 0.15", "min_margin = 2")
    edit("duty.toml", 'lead = "discipline"', 'lead = "nobody"')
    edit("duty.toml", 'lead = "return_desk"', 'lead = "nowhere"')
    (folder / "taxonomy.toml").write_bytes("# 类别".encode("gbk"))
    assert [problem.file for problem in check_config(folder)] == [
        "taxonomy.toml", "duty.toml", "duty.toml", "settings.toml",
    ]  # fmt: skip
    lines = [problem.line for problem in check_config(folder) if problem.file == "duty.toml"]
    assert lines == sorted(lines)


def test_loading_names_the_first_problem_and_counts_the_others(folder: Path, edit: Edit) -> None:
    line = edit("duty.toml", 'lead = "discipline"', 'lead = "disciplin"')
    said = f"duty.toml:{line}: There is no office disciplin. Did you mean discipline?"
    with pytest.raises(ConfigError) as one:
        load_config(folder)
    assert str(one.value) == said
    edit("settings.toml", "min_margin = 0.15", "min_margin = 2")
    with pytest.raises(ConfigError) as two:
        load_config(folder)
    assert str(two.value) == f"{said} There is 1 more problem. Run: triage check"
    edit("settings.toml", "min_confidence = 0.6", "min_confidence = 2")
    with pytest.raises(ConfigError, match=r"There are 2 more problems\. Run: triage check$"):
        load_config(folder)


EXAMPLE_RULE = '[[rule]]\nid = "a"\ncategory = "fees"\nwords = ["预收费"]\nbasis = "某通知"\n'


@settings(deadline=None)
@given(
    st.sampled_from([*FILES, *OPTIONAL_FILES]),
    st.integers(min_value=0),
    st.sampled_from(
        ["1", "-0.5", "nan", '""', '"x"', "[]", '["x"]', "[[1]]", "{ a = 1 }", "true", "2026-01-01", "07:30:00"]
    ),
)
def test_whatever_value_stands_anywhere_the_check_answers_in_sentences(name: str, place: int, value: str) -> None:
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for file in DATA.glob("*.toml"):
            shutil.copy(file, folder / file.name)
        with (folder / "rules.toml").open("a", encoding="utf-8") as stream:
            stream.write(EXAMPLE_RULE)
        lines = (folder / name).read_text(encoding="utf-8").split("\n")
        keys = [row for row, line in enumerate(lines) if re.fullmatch(r"\w+ = .*[^\[]", line)]
        row = keys[place % len(keys)]
        lines[row] = f"{lines[row].split(' = ')[0]} = {value}"
        (folder / name).write_text("\n".join(lines), encoding="utf-8")
        problems = check_config(folder, today=date(2026, 9, 1))
        # What names things of other files is blamed too, when one of these things gets another id.
        assert {problem.file for problem in problems} <= {name, "duty.toml", "rules.toml", "schools.toml"}
        assert all(problem.what.endswith(".") and problem.fix for problem in problems)
        if not problems:
            load_config(folder, today=date(2026, 9, 1))


@given(st.binary(max_size=200))
def test_whatever_bytes_a_file_holds_the_check_answers_in_sentences(raw: bytes) -> None:
    with TemporaryDirectory() as temporary:
        (Path(temporary) / "taxonomy.toml").write_bytes(raw)
        assert check_config(Path(temporary))[0].file == "taxonomy.toml"
