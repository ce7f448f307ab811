"""Rules of the bureau: the first that holds decides, and a rule of an unknown category is named with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from triage.config import CategoryRule, check_config, load_config
from triage.rules import ruling

DATA = Path(__file__).parents[1] / "data"
FEES = CategoryRule("prepaid", "fees", ("预收费", "资金监管"), "本局某某通知", ("体育馆",))
ETHICS = CategoryRule("insults", "ethics", ("预收费",), "本局某某通知")
RULE = '\n[[rule]]\nid = "prepaid"\ncategory = "fees"\nwords = ["预收费"]\nbasis = "本局某某通知"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The TOML files of the default bureau."""
    for file in DATA.glob("*.toml"):
        shutil.copy(file, tmp_path / file.name)
    return tmp_path


def add(folder: Path, lines: str) -> int:
    """Adds to rules.toml, and says on which line it begins."""
    text = (folder / "rules.toml").read_text(encoding="utf-8")
    (folder / "rules.toml").write_text(text + lines, encoding="utf-8")
    return text.count("\n") + 1


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("预收费没有资金监管", True),
        ("资金监管\n预收费", True),
        ("预收费太高", False),
        ("资金监管", False),
        ("预 收费没有资金监管", False),
        ("体育馆的预收费没有资金监管", False),
        ("", False),
    ],
)
def test_a_rule_holds_where_all_its_words_stand_and_none_of_the_others(text: str, holds: bool) -> None:
    assert ruling([FEES], text) == (FEES if holds else None)


def test_the_first_that_holds_decides() -> None:
    text = "预收费没有资金监管"
    assert ruling([FEES, ETHICS], text) == FEES
    assert ruling([ETHICS, FEES], text) == ETHICS
    assert ruling([FEES, ETHICS], f"体育馆{text}") == ETHICS


def test_without_rules_nothing_is_ruled() -> None:
    assert ruling([], "预收费") is None
    assert load_config(DATA).rules == ()


# --- rules.toml ---


def test_a_rule_is_read_with_all_that_it_says(folder: Path) -> None:
    add(folder, RULE.replace("basis", 'unless = ["体育馆"]\nbasis'))
    assert load_config(folder).rules == (CategoryRule("prepaid", "fees", ("预收费",), "本局某某通知", ("体育馆",)),)


def test_a_bureau_may_do_without_rules(folder: Path) -> None:
    (folder / "rules.toml").unlink()
    assert check_config(folder) == ()
    assert load_config(folder).rules == ()


def test_the_example_in_the_file_is_a_rule_once_its_marks_are_taken_away(folder: Path) -> None:
    _, _, example = (folder / "rules.toml").read_text(encoding="utf-8").partition("# [[rule]]")
    add(folder, "\n[[rule]]" + example.replace("\n# ", "\n"))
    (rule,) = load_config(folder).rules
    assert rule.words
    assert rule.unless


def test_rules_keep_their_order(folder: Path) -> None:
    add(folder, RULE.replace("prepaid", "zebra") + RULE.replace("prepaid", "ant"))
    assert [rule.id for rule in load_config(folder).rules] == ["zebra", "ant"]


def test_a_rule_changes_the_fingerprint(folder: Path) -> None:
    before = load_config(folder).fingerprint
    add(folder, RULE)
    assert load_config(folder).fingerprint != before


@pytest.mark.parametrize(
    ("lines", "line", "sentence"),
    [
        (RULE.replace('"fees"', '"fee"'), 3, "There is no category fee. Did you mean fees?"),
        (
            RULE.replace('"fees"', '"weather"'),
            3,
            "There is no category weather. Add it to taxonomy.toml, or use one that stands there.",
        ),
        (RULE.replace('["预收费"]', '"预收费"'), 4, 'words should be a list of texts, but is "预收费".'),
        (RULE.replace('["预收费"]', "[]"), 4, "words is empty."),  # it would hold for every message
        (
            RULE.replace('["预收费"]', '["收"]'),
            4,
            'words should hold words of at least two characters, but holds "收".',
        ),
        (RULE.replace("words", "word"), 4, "[[rule]] has no use for word. Did you mean words?"),
        (RULE.replace('basis = "本局某某通知"\n', ""), 1, "[[rule]] has no basis."),
    ],
)
def test_a_mistake_is_named_with_its_line(folder: Path, lines: str, line: int, sentence: str) -> None:
    start = add(folder, lines)
    problems = [str(problem) for problem in check_config(folder)]
    assert any(said.startswith(f"rules.toml:{start + line}: {sentence}") for said in problems), problems
