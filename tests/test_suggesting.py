"""The messages to be labelled next: of every kind, different, of rare categories, and none that is labelled already."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.classifier import PetitionClassifier
from triage.config import Home, default_data, load_dangers, load_taxonomy
from triage.errors import InputError
from triage.labels import read_labelled
from triage.schema import LabelledMessage, Message
from triage.suggesting import Candidate, SuggestReport, choose, reason, suggest
from triage.tokens import Tokenizer
from triage.training import Workshop

TAXONOMY = load_taxonomy(default_data())
K = len(TAXONOMY.ids)
WORDS = "学校老师收费补课工资食堂校车编制招生学区划片宿舍操场教材军训社团"


def candidate(at: int, shares: dict[int, float], *, text: str = "", known: float = 1.0) -> Candidate:
    """A message with these probabilities for some categories, and what is left for the last one."""
    probabilities = np.zeros(K)
    for column, share in shares.items():
        probabilities[column] = share
    probabilities[K - 1] += 1 - probabilities.sum()
    words = random.Random(at)
    letters = text or "".join(words.choice(WORDS) for _ in range(60))
    return Candidate(Message(f"m{at}", "", letters), probabilities, known)


def pick(
    pool: Sequence[Candidate], count: int, *, have: dict[int, int] | None = None, labelled: Sequence[Message] = ()
) -> list[int]:
    """Choose by features that count the characters of the texts."""
    rows = sp.csr_matrix(np.array([[each.message.text.count(word) for word in WORDS] for each in pool], dtype=float))
    counts = [(have or {}).get(column, 0) for column in range(K)]
    return choose(pool, rows, counts, count, labelled)


def test_every_category_has_its_turn() -> None:
    pool = [candidate(at, {0: 0.9}) for at in range(60)] + [candidate(60 + at, {3: 0.9}) for at in range(20)]
    chosen = pick(pool, 12)
    assert sum(at >= 60 for at in chosen) == 3


MANY = dict.fromkeys(range(K), 100)


def test_once_there_are_labels_the_more_doubtful_message_goes_first() -> None:
    pool = [candidate(1, {0: 0.95, 1: 0.05}), candidate(2, {0: 0.52, 1: 0.48}), candidate(3, {0: 0.7, 1: 0.3})]
    assert pick(pool, 3, have=MANY) == [1, 2, 0]


def test_of_equally_doubtful_messages_that_of_a_rare_category_goes_first() -> None:
    pool = [candidate(1, {0: 0.5, 1: 0.5}), candidate(2, {0: 0.5, 3: 0.5})]
    assert pick(pool, 1, have=MANY | {3: 4}) == [1]


def test_a_doubtful_message_like_one_before_it_waits() -> None:
    torn = {0: 0.5, 1: 0.5}
    texts = ["学校收费" * 8 + "食堂", "学校收费" * 6 + "教材军训", "操场教材" * 8]
    pool = [candidate(at, torn, text=text) for at, text in enumerate(texts)]
    assert pick(pool, 3, have=MANY) == [0, 2, 1]


def test_a_doubtful_rare_category_is_not_asked_for_without_end() -> None:
    pool = [candidate(at, {0: 0.5, 3: 0.5}) for at in range(60)] + [candidate(99, {1: 0.5, 2: 0.5})]
    assert 60 in pick(pool, 50, have=dict.fromkeys(range(K), 20) | {3: 2})


def test_a_category_that_lacks_labels_goes_first() -> None:
    pool = [candidate(at, {0: 0.9}) for at in range(60)] + [candidate(60 + at, {3: 0.9}) for at in range(20)]
    chosen = pick(pool, 12, have={0: 100, 3: 2})
    assert sum(at >= 60 for at in chosen) == 12


def test_a_rare_category_is_not_asked_for_without_end() -> None:
    pool = [candidate(at, {0: 0.9}) for at in range(60)] + [candidate(60 + at, {3: 0.9}) for at in range(20)]
    chosen = pick(pool, 20, have={0: 10, 3: 1})
    assert 5 < sum(at >= 60 for at in chosen) < 15


def test_the_least_like_those_before_goes_next() -> None:
    texts = ["学校收费" * 8, "学校收费" * 7 + "学收", "食堂校车" * 8, "操场教材" * 8]
    pool = [candidate(at, {0: 0.9}, text=text) for at, text in enumerate(texts)]
    assert set(pick(pool, 3)) in ({0, 2, 3}, {1, 2, 3})


def test_twins_are_not_asked_about_twice() -> None:
    text = "小区配套幼儿园迟迟不移交，孩子没有公办园可读，请教育局督促开发商"
    torn = {0: 0.5, 1: 0.4}
    copies = [candidate(at, torn, text=f"{text}{at}") for at in range(5)]
    other = candidate(9, {0: 0.9, 1: 0.1})
    assert len(pick([*copies, other], 6)) == 2


def test_a_near_copy_of_what_is_labelled_is_left_out() -> None:
    text = "小区配套幼儿园迟迟不移交，孩子没有公办园可读，请教育局督促开发商"
    pool = [candidate(1, {0: 0.5, 1: 0.4}, text=text), candidate(2, {0: 0.9, 1: 0.1})]
    assert pick(pool, 2, labelled=[Message("old", "", f"您好：{text}！")]) == [1]


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(st.integers(0, K - 1), st.integers(0, K - 1), st.floats(0, 1)), min_size=1, max_size=30),
    st.sampled_from([0, 7, 500]),
)
def test_as_many_different_ones_as_are_wanted_whatever_the_model_says(
    found: list[tuple[int, int, float]], labels: int
) -> None:
    pool = [candidate(at, {one: share * 0.5, other: share * 0.5}) for at, (one, other, share) in enumerate(found)]
    have = dict.fromkeys(range(K), labels)
    chosen = pick(pool, 10, have=have)
    assert len(chosen) == len(set(chosen)) == min(10, len(pool))
    assert pick(pool, 5, have=have) == chosen[:5]


def test_nothing_to_choose_from() -> None:
    assert choose([], sp.csr_matrix((0, 3)), [0] * K, 5) == []


def test_the_clerk_is_told_why() -> None:
    counts = [100] * K
    counts[3] = 7
    names = [category.name for category in TAXONOMY.categories]
    assert reason(candidate(1, {0: 0.45, 1: 0.4}), TAXONOMY, counts) == f"「{names[0]}」与「{names[1]}」难分"
    assert reason(candidate(1, {0: 0.6, 3: 0.2}), TAXONOMY, counts) == f"「{names[3]}」标注还少（7 件）"
    assert reason(candidate(1, {0: 0.6, 3: 0.2}), TAXONOMY, [0] * K) == "把握不足"
    assert reason(candidate(1, {0: 0.9}, known=0.3), TAXONOMY, counts) == "生词多"
    assert reason(candidate(1, {0: 0.6, 1: 0.2}), TAXONOMY, counts) == "把握不足"


# --- From the table to the sheet ---


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory, tokenizer: Tokenizer) -> Workshop:
    home = Home(default_data(), tmp_path_factory.mktemp("home") / "models")
    return Workshop(home, TAXONOMY, tokenizer, load_dangers(home.data))


@pytest.fixture
def letters(corpus: Sequence[LabelledMessage]) -> list[LabelledMessage]:
    return list(corpus[400:520])


def table(path: Path, letters: Sequence[LabelledMessage], *more: Sequence[str]) -> Path:
    with path.open("w", encoding="gb18030", newline="", errors="replace") as stream:
        writer = csv.writer(stream)
        writer.writerow(["编号", "标题", "内容", "时间"])
        writer.writerows([[each.message.id, each.message.title, each.message.text, "2026-03-04"] for each in letters])
        writer.writerows(more)
    return path


def ask(path: Path, workshop: Workshop, classifier: PetitionClassifier, **more: Any) -> SuggestReport:
    wanted = {"count": 10, "workshop": workshop, "classifier": classifier, "model_version": "0001"} | more
    return suggest(path, path.with_suffix(".xlsx"), **wanted)


def test_every_row_is_accounted_for(
    tmp_path: Path, workshop: Workshop, small_classifier: PetitionClassifier, letters: list[LabelledMessage]
) -> None:
    twice = letters[5].message
    path = table(tmp_path / "a.csv", letters, ["again", twice.title, twice.text, ""], ["empty", "", "", ""])
    report = ask(path, workshop, small_classifier, labelled=letters[:20])
    assert (report.rows_in, report.candidates, report.labelled, report.repeated) == (122, 100, 21, 0)
    assert len(report.rejected) == 1
    assert len(report.chosen) == 10
    assert not {each.message.id for each in report.chosen} & {each.message.id for each in letters[:20]}


def test_the_choice_does_not_depend_on_the_order_of_the_rows(
    tmp_path: Path, workshop: Workshop, small_classifier: PetitionClassifier, letters: list[LabelledMessage]
) -> None:
    one = ask(table(tmp_path / "a.csv", letters), workshop, small_classifier)
    other = ask(table(tmp_path / "b.csv", letters[::-1]), workshop, small_classifier)
    assert [each.message.id for each in one.chosen] == [each.message.id for each in other.chosen]


def test_the_sheet_fills_in_nothing_and_can_be_learnt_from_once_a_clerk_has(
    tmp_path: Path, workshop: Workshop, small_classifier: PetitionClassifier, letters: list[LabelledMessage]
) -> None:
    report = ask(table(tmp_path / "a.csv", letters), workshop, small_classifier)
    margins = [np.sort(each.probabilities)[-1] - np.sort(each.probabilities)[-2] for each in report.chosen]
    assert margins == sorted(margins), "the most doubtful come first"
    book = openpyxl.load_workbook(report.files[0])
    page = book["待标注"]
    header = [cell.value for cell in page[1]]
    asked = header.index("人工类别") + 1
    assert [page.cell(row, asked).value for row in range(2, 12)] == [None] * 10
    assert len(page.data_validations.dataValidation) == 3
    page.cell(2, asked).value = "教师待遇"
    page.cell(2, header.index("人工紧急") + 1).value = "否"
    page.cell(3, asked).value = "教育收费"
    book.save(tmp_path / "filled.xlsx")
    read = read_labelled([tmp_path / "filled.xlsx"], taxonomy=TAXONOMY)
    assert [each.label.primary for each in read.messages] == ["pay", "fees"]
    assert [each.label.urgent for each in read.messages] == [False, None]
    assert [each.message.text for each in read.messages] == [each.message.text for each in report.chosen[:2]]
    assert read.unlabelled == 8


def test_a_table_in_which_all_is_labelled_is_refused_and_nothing_written(
    tmp_path: Path, workshop: Workshop, small_classifier: PetitionClassifier, letters: list[LabelledMessage]
) -> None:
    path = table(tmp_path / "a.csv", letters[:3])
    with pytest.raises(InputError, match="3 are labelled already"):
        ask(path, workshop, small_classifier, labelled=letters)
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]


def test_what_somebody_has_labelled_under_another_number_is_known_by_its_text(
    tmp_path: Path, workshop: Workshop, small_classifier: PetitionClassifier, letters: list[LabelledMessage]
) -> None:
    renamed = [replace(each, message=replace(each.message, id=f"x{at}")) for at, each in enumerate(letters[:50])]
    report = ask(table(tmp_path / "a.csv", letters), workshop, small_classifier, labelled=renamed)
    assert report.labelled == 50
