"""Messages in, the cells of their cases out; a message that cannot be triaged does not stop the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from triage.config import Config
from triage.errors import TriageError
from triage.forms import Form
from triage.pipeline import Pipeline
from triage.schema import Case, Channel, Decision, Message, ReviewReason
from triage.scoring.tally import Tally
from triage.tables import Cell, Look


@dataclass(frozen=True, slots=True)
class Asked:
    """A message, what a person said of it, and whether all that was written could be read."""

    message: Message
    decided: Decision
    is_clear: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """The cells to the right of the original columns, and those on the list of the urgent; none if it is not."""

    cells: tuple[Cell, ...]
    look: Look
    listed: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """An answer for each message, in their order, or the reason why there is none; and their counts."""

    each: tuple[Answer | str, ...]
    tally: Tally


@dataclass(frozen=True, slots=True)
class Settings:
    """What is the same for all messages of a run: the day whose duties count, the channel of those that name none, and
    whether there is an empty column for a person's category."""

    on: date
    channel: Channel | None = None
    asks: bool = True


class Scorer:
    """Answers messages; the answer to one does not depend on the others."""

    def __init__(self, pipeline: Pipeline, config: Config, settings: Settings) -> None:
        self._pipeline = pipeline
        self.settings = settings
        self._form = Form(config, asks=settings.asks)

    def answer(self, asked: Sequence[Asked]) -> Answers:
        """The answers, in the order of the messages.

        A message at which the pipeline fails gets a reason instead, which holds nothing of its text.
        """
        tally = Tally()
        answers: list[Answer | str] = []
        for case in self._cases(asked):
            if isinstance(case, str):
                answers.append(case)
                continue
            try:
                answer = self._written(case)
            except Exception as error:
                answers.append(_reason(error))
                continue
            tally.add(case)
            answers.append(answer)
        return Answers(tuple(answers), tally)

    def _cases(self, asked: Sequence[Asked]) -> list[Case | str]:
        if not asked:
            return []
        try:
            return [*self._triage(asked)]
        except Exception:
            # One of them is to blame: each by itself.
            return [self._case(each) for each in asked]

    def _case(self, asked: Asked) -> Case | str:
        try:
            return self._triage([asked])[0]
        except TriageError:
            raise  # the bureau's files are to blame, not the message
        except Exception as error:
            return _reason(error)

    def _triage(self, asked: Sequence[Asked]) -> list[Case]:
        channel = self.settings.channel
        messages = [_with_channel(each.message, channel) for each in asked]
        cases = self._pipeline.triage(messages, on=self.settings.on, decided=[each.decided for each in asked])
        return [case if each.is_clear else _doubted(case) for each, case in zip(asked, cases, strict=True)]

    def _written(self, case: Case) -> Answer:
        listed = tuple(self._form.urgent_cells(case)) if case.urgent else ()
        return Answer(tuple(self._form.cells(case)), _look(case), listed)


def _reason(error: Exception) -> str:
    """Only the kind of the error, as its words may repeat the message's."""
    return f"这一件处理时出错（{type(error).__name__}）"


def _with_channel(message: Message, channel: Channel | None) -> Message:
    return replace(message, channel=channel) if channel and message.channel is None else message


def _look(case: Case) -> Look:
    """How a row looks: what is urgent, and what the clerk must decide, is seen from afar."""
    if case.urgent:
        return Look.URGENT
    # Where nothing is proven yet, every row would be coloured, and none be seen.
    return Look.DOUBTFUL if set(case.review) - {ReviewReason.UNPROVEN} else Look.PLAIN


def _doubted(case: Case) -> Case:
    """The case with a mark that a person's category could not be read."""
    return replace(case, review=(*case.review, ReviewReason.UNKNOWN_LABEL))
