"""What people have decided of one text: which answer holds, and who disagrees; no database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from enum import StrEnum

from triage.schema import Label, Message


class Outcome(StrEnum):
    """What a label did to what the store knew."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class KeptLabel:
    """A label as somebody gave it, in the order of `number`, with where it was read.

    `settles` says that who gave it had seen what others had answered.
    """

    number: int
    message: Message
    label: Label
    added_at: datetime
    source: str = ""
    sheet: str = ""
    row: int = 0
    settles: bool = False

    @property
    def at(self) -> datetime:
        """When it was decided, as far as that is known; of a day alone the time of addition tells more, if it was then.

        What settles a disagreement was decided after all that was known when it was added.
        """
        said = self.label.decided_at
        is_day_of_addition = said is not None and said.time() == time.min and said.date() == self.added_at.date()
        return self.added_at if said is None or is_day_of_addition or self.settles else said


def in_order(kept: Iterable[KeptLabel]) -> list[KeptLabel]:
    """The labels from the oldest decision to the newest."""
    return sorted(kept, key=lambda each: (each.at, each.number))


def holds(history: Sequence[KeptLabel]) -> Label:
    """What holds after all labels of a text, in their order: what nobody has said anew stays."""
    label = history[0].label
    for each in history[1:]:
        label = _merged(label, each.label)
    return label


def voices(history: Sequence[KeptLabel]) -> list[KeptLabel]:
    """What each person says by now of each message with the text, the newest last.

    A person's newer word goes before the older one, unless both came at once. Whoever settles a disagreement speaks for
    all that had answered before.
    """
    said: list[KeptLabel] = []
    for each in history:
        if each.settles:
            said = [*(voice for voice in said if voice.settles and _at_once(voice, each)), each]
            continue
        older = [voice for voice in said if _same_voice(voice, each) and not _at_once(voice, each)]
        label = _merged(older[-1].label, each.label) if older else each.label
        said = [*(voice for voice in said if voice not in older), replace(each, label=label)]
    return said


def disagreeing(history: Sequence[KeptLabel]) -> tuple[KeptLabel, ...]:
    """The voices that disagree with another one, the newest last; none where all is settled."""
    said = voices(history)
    return tuple(voice for voice in said if any(_disputed(voice, other) for other in said))


def judge(history: Sequence[KeptLabel], new: Sequence[KeptLabel]) -> list[tuple[Outcome, bool]]:
    """What labels of one text do to those known of it, and whether each says anything that is not known.

    Both come in their order; `new` are those of one addition. What somebody says again is no news, unless the same
    addition has that person say something else as well: then both are, or the contradiction would not be seen.
    """
    found: list[tuple[Outcome, bool]] = []
    after = list(history)
    for each in new:
        at_once = [other for other in new if _same_voice(other, each) and _at_once(other, each)]
        if all(_says_again(history, other) for other in at_once) or _was_said(after, each):
            found.append((Outcome.SAME, False))
        else:
            found.append((_outcome(after, each), True))
            after = in_order([*after, each])
    return found


def _outcome(history: Sequence[KeptLabel], new: KeptLabel) -> Outcome:
    if not history:
        return Outcome.NEW
    after = in_order([*history, new])
    if not new.settles and any(voice.number == new.number for voice in disagreeing(after)):
        return Outcome.CONFLICT
    if not any(each.message.id == new.message.id for each in history):
        return Outcome.NEW
    return Outcome.SAME if _adds_nothing(holds(after), holds(history)) else Outcome.CHANGED


def _was_said(history: Sequence[KeptLabel], new: KeptLabel) -> bool:
    """Whether the same addition has said so before."""
    return any(
        _same_voice(each, new) and _at_once(each, new) and _adds_nothing(new.label, each.label) for each in history
    )


def _says_again(history: Sequence[KeptLabel], new: KeptLabel) -> bool:
    """Whether the same person has said so already, at that time or, of a label without one, as the last word.

    A table that is added twice changes nothing then, also where another person or a settlement has since said
    otherwise: it must not outdo them by being added again.
    """
    if new.settles and disagreeing(history):
        return False
    own = [replace(each, settles=False) for each in history if _same_voice(each, new)]
    time_said = new.label.decided_at
    known = voices(own) if time_said is None else [each for each in own if each.label.decided_at == time_said]
    return any(_adds_nothing(new.label, each.label) for each in known)


def _merged(older: Label, newer: Label) -> Label:
    """The newer label with what only the older one says; other secondary categories go with their primary."""
    secondary = newer.secondary
    if secondary is None and newer.primary == older.primary:
        secondary = older.secondary
    return replace(
        newer,
        secondary=secondary,
        nature=older.nature if newer.nature is None else newer.nature,
        urgent=older.urgent if newer.urgent is None else newer.urgent,
        place=older.place if newer.place is None else newer.place,
        schools=older.schools if newer.schools is None else newer.schools,
    )


def _adds_nothing(label: Label, known: Label) -> bool:
    """Whether all that a label says is known."""
    said = [
        (label.secondary, known.secondary),
        (label.nature, known.nature),
        (label.urgent, known.urgent),
        (label.place, known.place),
        (label.schools, known.schools),
    ]
    return label.primary == known.primary and all(new is None or new == old for new, old in said)


def _differ(one: Label, other: Label) -> bool:
    """Whether two labels cannot both be right; names of places may be written in many ways, and do not count."""
    if one.primary != other.primary:
        return True
    if one.secondary is not None and other.secondary is not None and set(one.secondary) != set(other.secondary):
        return True
    natures, flags = {one.nature, other.nature} - {None}, {one.urgent, other.urgent} - {None}
    return len(natures) > 1 or len(flags) > 1


def _same_voice(one: KeptLabel, other: KeptLabel) -> bool:
    return one.label.by == other.label.by and one.message.id == other.message.id


def _at_once(one: KeptLabel, other: KeptLabel) -> bool:
    return one.at == other.at and one.added_at == other.added_at


def _disputed(one: KeptLabel, other: KeptLabel) -> bool:
    """Whether two voices contradict each other: two people do, one text under two ids, or one person at once."""
    two_people = one.label.by and other.label.by and one.label.by != other.label.by
    return _differ(one.label, other.label) and bool(
        two_people or one.message.id != other.message.id or (_same_voice(one, other) and _at_once(one, other))
    )
