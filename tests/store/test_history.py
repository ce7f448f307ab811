"""What holds of several answers about one text, and who disagrees."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.schema import Label, Message, Nature
from triage.store import KeptLabel, Outcome
from triage.store.history import disagreeing, holds, in_order, judge

START = datetime(2026, 9, 1, 9)

Answer = tuple[str, tuple[str, ...] | None, Nature | None, bool | None, str, str]


class History:
    """Answers about one text, added one after another, an hour between them."""

    def __init__(self) -> None:
        self.kept: list[KeptLabel] = []
        self.hours = 0
        self.number = 0

    def add(self, primary: str, secondary: tuple[str, ...] | None = None, **said: Any) -> Outcome:
        """What an answer does."""
        (outcome,) = self.add_all(self.answer(primary, secondary, **said))
        return outcome

    def answer(
        self,
        primary: str,
        secondary: tuple[str, ...] | None = None,
        *,
        by: str = "甲",
        id: str = "1",
        at: datetime | None = None,
        settles: bool = False,
        **said: Any,
    ) -> KeptLabel:
        self.number += 1
        label = Label(id, primary, secondary, by=by, decided_at=at, **said)
        return KeptLabel(self.number, Message(id, "", "信"), label, START, settles=settles)

    def add_all(self, *answers: KeptLabel) -> list[Outcome]:
        """What answers of one addition do."""
        self.hours += 1
        added = [replace(each, added_at=START + timedelta(hours=self.hours)) for each in answers]
        judged = judge(self.kept, added)
        news = [each for each, (_, is_news) in zip(added, judged, strict=True) if is_news]
        self.kept = in_order([*self.kept, *news])
        return [outcome for outcome, _ in judged]

    @property
    def label(self) -> Label:
        return holds(self.kept)

    @property
    def open(self) -> list[str]:
        """The answers that contradict each other."""
        return [f"{each.label.by} {each.label.primary}" for each in disagreeing(self.kept)]


@pytest.fixture
def history() -> History:
    return History()


# --- The four outcomes ---


def test_the_first_answer_is_new_and_its_repetition_is_not_kept(history: History) -> None:
    assert [history.add("fees"), history.add("fees")] == [Outcome.NEW, Outcome.SAME]
    assert len(history.kept) == 1


def test_another_person_who_says_the_same_is_kept_beside_the_first(history: History) -> None:
    assert [history.add("fees"), history.add("fees", by="乙")] == [Outcome.NEW, Outcome.SAME]
    assert [each.label.by for each in history.kept] == ["甲", "乙"]
    assert history.open == []


def test_a_person_may_think_again_and_back(history: History) -> None:
    assert [history.add(each) for each in ("fees", "pay", "fees")] == [Outcome.NEW, Outcome.CHANGED, Outcome.CHANGED]
    assert (history.label.primary, len(history.kept), history.open) == ("fees", 3, [])


@pytest.mark.parametrize("first, second", [("", "甲"), ("甲", ""), ("", "")])
def test_where_nobody_is_named_nobody_disagrees(history: History, first: str, second: str) -> None:
    assert [history.add("fees", by=first), history.add("pay", by=second)] == [Outcome.NEW, Outcome.CHANGED]
    assert (history.label.primary, history.open) == ("pay", [])


def test_two_people_with_two_answers_disagree_and_the_newest_holds(history: History) -> None:
    assert [history.add("fees"), history.add("pay", by="乙")] == [Outcome.NEW, Outcome.CONFLICT]
    assert (history.label.primary, history.open) == ("pay", ["甲 fees", "乙 pay"])


@pytest.mark.parametrize("said", [{"nature": Nature.REPORT}, {"urgent": True}, {"secondary": ("pay",)}], ids=str)
def test_people_may_disagree_on_more_than_the_category(history: History, said: dict[str, Any]) -> None:
    history.add("fees", secondary=(), nature=Nature.INQUIRY, urgent=False)
    assert history.add("fees", by="乙", **said) is Outcome.CONFLICT


def test_the_order_of_secondary_categories_and_the_name_of_a_place_are_nothing_to_disagree_on(history: History) -> None:
    history.add("fees", ("pay", "ethics"), place="吉州区")
    assert history.add("fees", ("ethics", "pay"), by="乙", place="吉州") is Outcome.CHANGED
    assert history.open == []


def test_one_text_under_two_ids_has_one_label(history: History) -> None:
    assert history.add("fees", id="1") is Outcome.NEW
    assert history.add("fees", id="2") is Outcome.NEW
    assert history.add("pay", id="3") is Outcome.CONFLICT
    assert history.label.primary == "pay"
    assert history.add("pay", id="1") is Outcome.CONFLICT  # the second still says otherwise
    assert history.add("pay", id="2") is Outcome.SAME
    assert history.open == []


def test_two_answers_of_one_person_at_once_contradict_each_other(history: History) -> None:
    both = [history.answer("fees"), history.answer("pay"), history.answer("fees")]
    assert history.add_all(*both) == [Outcome.NEW, Outcome.CONFLICT, Outcome.SAME]
    assert history.open == ["甲 fees", "甲 pay"]
    assert history.add_all(*both) == [Outcome.SAME] * 3
    assert history.add("ethics") is Outcome.CHANGED
    assert history.open == []


def test_two_answers_at_once_contradict_each_other_though_one_was_known(history: History) -> None:
    history.add("fees")
    both = [history.answer("fees"), history.answer("pay")]
    assert history.add_all(*both) == [Outcome.SAME, Outcome.CONFLICT]
    assert history.open == ["甲 fees", "甲 pay"]
    assert history.add_all(*both) == [Outcome.SAME] * 2


# --- What was known is not lost ---


def test_an_answer_that_says_less_loses_nothing(history: History) -> None:
    history.add("fees", ("pay",), nature=Nature.REPORT, urgent=True, place="", schools=("一中",))
    assert history.add("fees", by="乙") is Outcome.SAME
    assert history.label == Label("1", "fees", ("pay",), Nature.REPORT, True, "", ("一中",), by="乙")


def test_another_category_takes_the_secondary_ones_with_it_and_leaves_the_rest(history: History) -> None:
    history.add("fees", ("pay",), nature=Nature.REPORT, urgent=True, place="吉州区")
    assert history.add("ethics") is Outcome.CHANGED
    assert history.label == Label("1", "ethics", None, Nature.REPORT, True, "吉州区", by="甲")
    history.add("ethics", ())
    assert history.label.secondary == ()


def test_an_answer_that_only_adds_contradicts_nobody(history: History) -> None:
    history.add("fees")
    assert history.add("fees", by="乙", urgent=False) is Outcome.CHANGED
    assert (history.label.urgent, history.open) == (False, [])


# --- When it was decided ---


def test_an_older_decision_that_is_added_later_is_kept_and_does_not_hold(history: History) -> None:
    history.add("pay", at=datetime(2026, 5, 1))
    assert history.add("fees", at=datetime(2026, 4, 1)) is Outcome.SAME
    assert ([each.label.primary for each in history.kept], history.label.primary) == (["fees", "pay"], "pay")
    assert history.add("fees", at=datetime(2026, 4, 1)) is Outcome.SAME
    assert len(history.kept) == 2


def test_of_a_decision_without_a_time_that_of_its_addition_counts(history: History) -> None:
    history.add("fees")
    history.add("pay", at=datetime(2026, 8, 31, 23))
    assert history.label.primary == "fees"
    history.add("ethics", at=datetime(2026, 9, 2))
    assert history.label.primary == "ethics"


def test_a_decision_of_today_holds_after_what_was_added_this_morning(history: History) -> None:
    history.add("fees", by="乙")
    history.add("pay", at=datetime(2026, 9, 1))
    assert history.label.primary == "pay"


# --- Settling ---


def test_who_has_seen_all_answers_settles_them(history: History) -> None:
    history.add("fees")
    history.add("pay", by="乙", urgent=True)
    assert history.add("pay", by="丙", settles=True) is Outcome.SAME
    assert (history.open, history.label.primary, history.label.urgent) == ([], "pay", True)
    assert history.add("ethics", by="丁") is Outcome.CONFLICT
    assert history.open == ["丙 pay", "丁 ethics"]


@pytest.mark.parametrize("at", [None, datetime(2026, 9, 1), datetime(2026, 1, 1)])
def test_one_of_those_who_disagreed_may_settle_it_whatever_day_is_said(history: History, at: datetime | None) -> None:
    history.add("fees")
    history.add("pay", by="乙")
    assert history.add("fees", settles=True, at=at) is Outcome.CHANGED
    assert (history.open, history.label.primary) == ([], "fees")
    assert history.add("fees", settles=True, at=at) is Outcome.SAME
    assert len(history.kept) == 3


def test_a_table_that_is_added_again_does_not_outdo_the_settlement(history: History) -> None:
    history.add("fees")
    history.add("pay", by="乙")
    history.add("pay", by="丙", settles=True)
    assert [history.add("fees"), history.add("pay", by="乙")] == [Outcome.SAME, Outcome.SAME]
    assert (history.open, history.label.primary) == ([], "pay")


# --- Whatever is said ---

answers = st.tuples(
    st.sampled_from(["fees", "pay", "ethics"]),
    st.sampled_from([None, (), ("staffing",)]),
    st.sampled_from([None, *Nature]),
    st.sampled_from([None, True, False]),
    st.sampled_from(["甲", "乙", ""]),
    st.sampled_from(["1", "2"]),
)


@given(st.lists(answers, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_what_holds_does_not_depend_on_the_order_of_dated_answers(said: list[Answer], random: Random) -> None:
    dated = [(START - timedelta(days=days, hours=2), *answer) for days, answer in enumerate(said, start=1)]
    shuffled = list(dated)
    random.shuffle(shuffled)
    ends = []
    for order in (dated, shuffled):
        history = History()
        for at, primary, secondary, nature, urgent, by, id in order:
            history.add(primary, secondary, nature=nature, urgent=urgent, by=by, id=id, at=at)
        ends.append((history.label, history.open))
    assert ends[0] == ends[1]


@given(st.lists(st.lists(answers, min_size=1, max_size=4), min_size=1, max_size=3))
def test_a_table_that_is_added_twice_changes_nothing(tables: list[list[Answer]]) -> None:
    history = History()
    for said in tables:
        rows = [
            history.answer(primary, secondary, nature=nature, urgent=urgent, by=by, id=id)
            for primary, secondary, nature, urgent, by, id in said
        ]
        history.add_all(*rows)
        before = list(history.kept)
        assert set(history.add_all(*rows)) == {Outcome.SAME}
        assert history.kept == before


@given(st.lists(answers, min_size=1, max_size=8))
def test_the_category_that_holds_is_that_of_the_last_answer_and_nothing_said_is_forgotten(said: list[Answer]) -> None:
    kept = [
        KeptLabel(
            number,
            Message(id, "", "信"),
            Label(id, primary, secondary, nature, urgent, by=by),
            START + timedelta(hours=number),
        )
        for number, (primary, secondary, nature, urgent, by, id) in enumerate(said)
    ]
    label = holds(kept)
    last = kept[-1].label
    assert (label.primary, label.by) == (last.primary, last.by)
    for field in ("nature", "urgent"):
        known = [getattr(each.label, field) for each in kept if getattr(each.label, field) is not None]
        assert getattr(label, field) == (known[-1] if known else None)
    assert replace(label, secondary=last.secondary) == label or last.secondary is None
