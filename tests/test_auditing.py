"""Labels that are likely to be wrong are found, shown with what speaks against them, and can be corrected."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.auditing import MIN_LETTERS, Audit, Suspect, audit_labels, audit_to_table, default_output, read_audited
from triage.auditing.estimates import estimate
from triage.config import Home, load_taxonomy
from triage.errors import InputError, MissingExtraError
from triage.schema import Label, LabelledMessage, Message, RejectedRow
from triage.tables import open_table
from triage.tokens import Tokenizer
from triage.training import Workshop

DATA = Path(__file__).parents[1] / "data"
TAXONOMY = load_taxonomy(DATA)
EACH, FEW = 40, 4
LARGE = ("fees", "pay", "enrollment")
WRONG = {0: "pay", 7: "enrollment", EACH + 3: "fees", 2 * EACH + 5: "pay"}
"""The labels that are made wrong: where they stand, and what they say."""


@pytest.fixture(scope="module")
def workshop(tokenizer: Tokenizer) -> Workshop:
    """The default bureau, without models."""
    return Workshop(Home(DATA, DATA / "no models"), TAXONOMY, tokenizer)


@pytest.fixture(scope="module")
def right(corpus: Sequence[LabelledMessage]) -> list[LabelledMessage]:
    """Forty letters of three categories and four of a fourth, with the labels that they should have."""
    return [
        each
        for category, count in (*((name, EACH) for name in LARGE), ("ethics", FEW))
        for each in [known for known in corpus if known.label.primary == category][:count]
    ]


@pytest.fixture(scope="module")
def labelled(right: Sequence[LabelledMessage]) -> list[LabelledMessage]:
    """The same with a few wrong labels."""
    return [labelled_as(each, WRONG.get(at, each.label.primary)) for at, each in enumerate(right)]


@pytest.fixture(scope="module")
def audit(workshop: Workshop, labelled: Sequence[LabelledMessage]) -> Audit:
    return audit_labels(workshop, labelled)


def labelled_as(each: LabelledMessage, category: str, *, id: str = "") -> LabelledMessage:
    name = id or each.message.id
    return LabelledMessage(replace(each.message, id=name), replace(each.label, message_id=name, primary=category))


def sheet(path: Path, name: str = "疑似错标") -> list[dict[str, object]]:
    header, *rows = openpyxl.load_workbook(path)[name].iter_rows(values_only=True)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def figures(path: Path) -> dict[str, tuple[object, ...]]:
    """The rows of the sheet 汇总 by their first cell."""
    rows = openpyxl.load_workbook(path)["汇总"].iter_rows(values_only=True)
    return {str(first): tuple(cell for cell in rest if cell is not None) for first, *rest in rows}


# --- What probabilities say of labels ---


def test_a_label_is_trusted_as_far_as_the_model_believes_it() -> None:
    sure, torn = [0.9, 0.1], [0.6, 0.4]
    probabilities = np.array([sure] * 8 + [sure[::-1]] * 8 + [sure, torn])
    labels = np.array([0] * 8 + [1] * 8 + [1, 0])
    found = estimate(probabilities, labels)
    assert found.trust.tolist() == probabilities[np.arange(18), labels].tolist()
    assert np.flatnonzero(found.flagged).tolist() == [16]
    assert found.wrong.tolist() == [0, 1]


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.integers(2, 40))
def test_no_more_labels_are_wrong_than_there_are(seed: int, categories: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.full(categories, 0.5), count)
    labels = np.concatenate([[0, 1], rng.integers(categories, size=count - 2)])
    found = estimate(probabilities, labels)
    counts = np.bincount(labels, minlength=categories)
    assert ((found.wrong >= 0) & (found.wrong <= counts)).all()
    assert (probabilities.argmax(axis=1) != labels)[found.flagged].all()


# --- The ranking ---


def test_wrong_labels_come_first_with_the_category_they_should_have(
    audit: Audit, labelled: Sequence[LabelledMessage], right: Sequence[LabelledMessage]
) -> None:
    wrong = {labelled[at].message.id: right[at].label.primary for at in WRONG}
    top = {each.labelled.message.id: each for each in audit.suspects}
    assert wrong.items() <= {name: each.likely for name, each in top.items()}.items()
    assert all(top[name].confidence < top[name].likely_confidence for name in wrong)
    assert any(top[name].flagged for name in wrong)


def test_every_label_is_ranked_once(audit: Audit, labelled: Sequence[LabelledMessage]) -> None:
    assert [each.rank for each in audit.ranked] == list(range(1, len(labelled) + 1))
    assert sorted(each.labelled.message.id for each in audit.ranked) == sorted(each.message.id for each in labelled)
    assert [each.confidence for each in audit.ranked] == sorted(each.confidence for each in audit.ranked)


def test_at_least_a_tenth_is_to_be_looked_at_again(audit: Audit) -> None:
    ranks = {each.rank for each in audit.suspects}
    flagged = {each.rank for each in audit.ranked if each.flagged}
    assert ranks == flagged | set(range(1, 14))  # of 124


def test_the_words_are_those_of_the_letter_that_speak_for_the_other_category(audit: Audit) -> None:
    for each in audit.ranked:
        whole = f"{each.labelled.message.title}\n{each.labelled.message.text}"
        assert all(word in whole and len(word) > 1 for word in each.words)
        assert each.words == () or each.is_doubted
    assert all(each.words for each in audit.suspects if each.is_doubted)


def test_no_personal_data_is_among_the_words(workshop: Workshop, labelled: Sequence[LabelledMessage]) -> None:
    phone = "13812345678"
    told = [
        replace(each, message=replace(each.message, text=f"{each.message.text}联系人：赵钱孙，电话{phone}"))
        if each.label.primary == "fees"
        else each
        for each in labelled
    ]
    words = {word for each in audit_labels(workshop, told).ranked for word in each.words}
    assert words
    assert not [word for word in words if word in phone or phone in word or word in "赵钱孙"]


def test_the_same_labels_are_ranked_the_same(
    audit: Audit, workshop: Workshop, labelled: Sequence[LabelledMessage]
) -> None:
    assert audit_labels(workshop, labelled) == audit


def test_a_label_may_belong_to_a_category_that_the_starter_corpus_alone_knows(
    workshop: Workshop, corpus: Sequence[LabelledMessage], labelled: Sequence[LabelledMessage]
) -> None:
    own = {each.message.id for each in labelled}
    starter = [each for each in corpus[:400] if each.message.id not in own]
    wrong = labelled[EACH + 3]
    found = audit_labels(workshop, [wrong, *labelled[-FEW:]], starter=starter)
    assert found.starter_messages == len(starter)
    (judged,) = (each for each in found.ranked if each.labelled == wrong)
    assert judged.likely not in {"fees", "ethics"}
    assert judged.words


# --- Near-copies ---


def test_copies_that_are_all_labelled_wrongly_are_no_evidence_for_each_other(
    workshop: Workshop, right: Sequence[LabelledMessage]
) -> None:
    copies = [labelled_as(right[0], "pay", id=f"copy {number}") for number in range(10)]
    found = audit_labels(workshop, [*right[1:], *copies])
    judged = [each for each in found.ranked if each.labelled in copies]
    assert [each.likely for each in judged] == ["fees"] * 10
    assert not any(each.copies for each in judged)


@pytest.fixture(scope="module")
def contradicting(right: Sequence[LabelledMessage]) -> list[LabelledMessage]:
    """Two letters that were sent again with a few words more, the first of them labelled otherwise."""
    again = [
        LabelledMessage(replace(each.message, id=f"again {at}", text=f"{each.message.text}请尽快答复！"), each.label)
        for at, each in enumerate(right[:2])
    ]
    return [*right, replace(again[0], label=replace(again[0].label, primary="ethics")), again[1]]


@pytest.fixture(scope="module")
def clashing(workshop: Workshop, contradicting: Sequence[LabelledMessage]) -> Audit:
    return audit_labels(workshop, contradicting)


def test_near_copies_with_different_labels_are_named_and_looked_at_again(
    clashing: Audit, contradicting: Sequence[LabelledMessage]
) -> None:
    first, again = contradicting[0], contradicting[-2]
    (members,) = clashing.clashes
    assert [each.labelled for each in members] == [again, first]  # the wrong one before the right one
    assert [each.copies for each in members] == [(first,), (again,)]
    assert set(members) <= set(clashing.suspects)


# --- How much can be said ---


def test_of_a_category_with_few_letters_nothing_is_estimated(audit: Audit) -> None:
    found = {each.category: each for each in audit.categories}
    assert tuple(found) == TAXONOMY.ids
    assert {name for name, each in found.items() if each.wrong is not None} == set(LARGE)
    assert (found["ethics"].labels, found["ethics"].letters) == (FEW, FEW)
    assert found["tutoring"].labels == 0
    assert audit.judged == 3 * EACH
    assert audit.wrong == sum(found[name].wrong or 0 for name in LARGE) >= len(WRONG)


def test_copies_of_a_letter_are_one_letter(workshop: Workshop, right: Sequence[LabelledMessage]) -> None:
    copies = [labelled_as(right[0], "tutoring", id=f"copy {number}") for number in range(MIN_LETTERS)]
    found = {each.category: each for each in audit_labels(workshop, [*right[1:], *copies]).categories}
    assert (found["tutoring"].labels, found["tutoring"].letters) == (MIN_LETTERS, 1)
    assert found["tutoring"].wrong is None


def test_a_category_may_have_a_single_label(workshop: Workshop, right: Sequence[LabelledMessage]) -> None:
    found = audit_labels(workshop, [right[0], *right[EACH : EACH + 5]])
    assert len(found.ranked) == 6
    assert (found.judged, found.wrong) == (0, 0)
    assert len(found.too_few) == len(TAXONOMY.ids)


def test_two_letters_are_enough_to_say_that_nothing_can_be_said(
    workshop: Workshop, right: Sequence[LabelledMessage]
) -> None:
    assert len(audit_labels(workshop, [right[0], right[EACH]]).ranked) == 2


def test_labels_of_one_category_leave_nothing_to_compare(workshop: Workshop, right: Sequence[LabelledMessage]) -> None:
    with pytest.raises(InputError, match="All 5 labels are of the category fees, which leaves nothing to compare"):
        audit_labels(workshop, right[:5])
    with pytest.raises(InputError, match="There are no labels"):
        audit_labels(workshop, [])


def test_labels_of_one_text_leave_nothing_to_judge_by(workshop: Workshop) -> None:
    same = [
        LabelledMessage(Message(str(at), "收费", "学校乱收费三百元，没有收据"), Label(str(at), category))
        for at, category in enumerate(["fees", "pay", "fees"])
    ]
    with pytest.raises(InputError, match="The 3 labels are all of one letter or its near-copies"):
        audit_labels(workshop, same)


# --- The sheet ---


@pytest.fixture(scope="module")
def written(
    workshop: Workshop, contradicting: Sequence[LabelledMessage], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    path = tmp_path_factory.mktemp("audit") / "a.xlsx"
    rejected = [RejectedRow("labels.csv", "", 9, "没有类别")]
    report = audit_to_table(workshop, contradicting, path, rejected=rejected)
    assert report.files == (path,)
    assert report.written == report.audit.suspects
    return path


def test_the_sheet_shows_each_suspect_and_what_speaks_against_its_label(written: Path, clashing: Audit) -> None:
    names = {each.id: each.name for each in TAXONOMY.categories}
    rows = sheet(written)
    assert [row["名次"] for row in rows] == [each.rank for each in clashing.suspects]
    assert [row["现标注"] for row in rows] == [names[each.present] for each in clashing.suspects]
    assert [row["更可能是"] for row in rows] == [shown(each, names) for each in clashing.suspects]
    assert [row["依据"] or "" for row in rows] == ["、".join(each.words) for each in clashing.suspects]
    (again,) = (row for row in rows if row["编号"] == "again 0")
    assert again["相近留言"] == f"{clashing.clashes[0][1].labelled.message.id}（教育收费）"
    reasons = str(again["原因"]).split("；")
    assert reasons[0] == "内容相近的留言标注不同，请一并核对"
    assert reasons[-1] == f"「师德师风」只标注过 {FEW + 1} 封不同的信，判断仅供参考"


def shown(suspect: Suspect, names: dict[str, str]) -> str | None:
    return names[suspect.likely] if suspect.is_doubted else None


def test_a_second_sheet_lists_near_copies_that_contradict(written: Path, clashing: Audit) -> None:
    wrong, first = (each.labelled.message.id for each in clashing.clashes[0])
    (row,) = sheet(written, "相近而标注不同")
    assert row["各件的编号和标注"] == f"{wrong}（师德师风）；{first}（教育收费）"
    assert row["件数"] == 2
    place = int(str(row["行"]))
    assert openpyxl.load_workbook(written)["疑似错标"].cell(place, 2).value == wrong


def test_the_totals_say_how_many_are_wrong_and_where_nobody_can_say(written: Path, clashing: Audit) -> None:
    rows = figures(written)
    assert rows["标注件数"] == (3 * EACH + FEW + 2,)
    assert rows["未能使用的行"] == (1,)
    assert rows["其中估计标错"] == (f"{clashing.wrong}（{clashing.wrong / clashing.judged:.1%}）",)
    assert rows["相近而标注不同（组）"] == (1,)
    assert rows["师德师风"] == (FEW + 1, MIN_LETTERS - FEW - 1)  # the last table, of those with too few
    assert sheet(written, "未处理的行")[0]["原因"] == "没有类别"


def test_the_corrected_sheet_is_read_as_labels(written: Path, clashing: Audit, tmp_path: Path) -> None:
    assert [each.name for each in open_table(written).sheets] == ["疑似错标"]
    book = openpyxl.load_workbook(written)
    page = book["疑似错标"]
    header = [cell.value for cell in page[1]]
    place = header.index("人工类别") + 1
    assert [page.cell(row, place).value for row in range(2, page.max_row + 1)] == [None] * (page.max_row - 1)
    (choices,) = page.data_validations.dataValidation
    assert str(choices.sqref).startswith(page.cell(2, place).coordinate)
    page.cell(2, place).value = "教师待遇"
    book.save(tmp_path / "corrected.xlsx")
    read = read_audited([tmp_path / "corrected.xlsx"], taxonomy=TAXONOMY)
    (row,) = read.messages
    top = clashing.ranked[0].labelled.message
    assert (row.message.id, row.label.primary) == (top.id, "pay")
    assert row.message.text == top.text.strip()
    assert (read.unlabelled, read.rejected) == (page.max_row - 2, ())


def test_every_label_can_be_written(
    workshop: Workshop, labelled: Sequence[LabelledMessage], audit: Audit, tmp_path: Path
) -> None:
    path = tmp_path / "all.csv"
    report = audit_to_table(workshop, labelled, path, everything=True)
    assert report.written == report.audit.ranked == audit.ranked
    assert len(path.read_text(encoding="utf-8-sig").splitlines()) > len(labelled)


def test_the_result_stands_beside_the_labels() -> None:
    assert default_output(Path("a") / "labels.csv") == Path("a") / "labels.audit.xlsx"


def test_nothing_is_left_behind_where_labels_cannot_be_judged(
    workshop: Workshop, right: Sequence[LabelledMessage], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="nothing to compare"):
        audit_to_table(workshop, right[:5], tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_the_labels_are_not_written_over(
    workshop: Workshop, labelled: Sequence[LabelledMessage], tmp_path: Path
) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("编号,类别\n", encoding="utf-8")
    with pytest.raises(InputError, match="is one of the tables themselves"):
        audit_to_table(workshop, labelled, path, sources=[path], force=True)
    assert path.read_text(encoding="utf-8") == "编号,类别\n"


def test_without_its_extra_it_says_what_to_install(
    workshop: Workshop, labelled: Sequence[LabelledMessage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cleanlab", None)
    with pytest.raises(MissingExtraError, match=r"needs the package cleanlab.*petition-triage\[audit\]"):
        audit_to_table(workshop, labelled, tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


# --- Reading ---


def test_labels_that_contradict_each_other_are_all_read(tmp_path: Path) -> None:
    labels, texts = tmp_path / "labels.csv", tmp_path / "texts.csv"
    labels.write_text("编号,类别\n1,教育收费\n2,教师待遇\n1,教师待遇\n3,教育收费\n", encoding="utf-8")
    texts.write_text("编号,标题,内容\n1,收费,学校乱收费\n2,收费,学校乱收费\n", encoding="utf-8")
    read = read_audited([labels], taxonomy=TAXONOMY, messages=[texts])
    assert [(row.message.id, row.label.primary) for row in read.messages] == [
        ("1", "fees"),
        ("2", "pay"),
        ("1", "pay"),
    ]
    assert [(row.row, row.reason) for row in read.rejected] == [(5, "没有编号为 3 的留言")]
