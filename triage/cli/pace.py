"""How far a long run is: a bar where there is a screen, a line now and then where there is none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

LINE_EVERY = 60.0
"""Seconds between two lines."""


class Pace:
    """Told of rows done, shows their number, how many a second, and the time left where the total is known."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self.is_seen = not bar.disable
        self._bar = bar
        self._task = task
        self._total: int | None = None
        self._first: int | None = None
        self._began = self._spoke = time.monotonic()

    def expect(self, total: int | None) -> None:
        """So many rows there are; None where nobody knows."""
        self._total = total
        self._bar.update(self._task, total=total)

    def done(self, rows: int) -> None:
        """So many rows are done, those of an earlier run that is gone on with among them."""
        now = time.monotonic()
        if self._first is None:
            self._first, self._began = rows, now
        seconds = now - self._began
        rate = (rows - self._first) / seconds if seconds else 0.0
        self._bar.update(self._task, completed=rows, rate=f"{rate:,.0f} a second" if rate else "")
        if not self.is_seen and now - self._spoke >= LINE_EVERY:
            self._spoke = now
            self._say(rows, rate)

    def _say(self, rows: int, rate: float) -> None:
        from triage.cli.common import say

        left = f", {span((self._total - rows) / rate)} left" if self._total and rate else ""
        of = f" of {self._total:,}" if self._total else ""
        say(f"{rows:,}{of} rows done, {rate:,.0f} a second{left}.")


def span(seconds: float) -> str:
    """A span of time as hours and minutes, at least one."""
    hours, minutes = divmod(max(1, round(seconds / 60)), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


@contextmanager
def scoring_pace() -> Iterator[Pace]:
    """The pace of a run, shown while it lasts."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        yield Pace(bar, bar.add_task("scoring", total=None, rate=""))
