"""Answer batches in worker processes: each loads the model once, and one that dies is replaced."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from triage.config import Config, Home, load_config
from triage.errors import ConfigError
from triage.pipeline import Pipeline
from triage.registry import Registry
from triage.scoring.answers import Answer, Answers, Asked, Scorer, Settings
from triage.scoring.batches import Batch
from triage.scoring.tally import Tally
from triage.tokens import Tokenizer, read_dictionary

BATCHES_A_WORKER = 3
"""Batches under way for each worker: enough that none waits, few enough that memory stays bounded."""
FATAL = "这一件使处理它的进程意外终止"
"""The reason for a message at which workers die."""

Work = tuple[Batch, list[Asked]]
Done = tuple[Batch, Answers]


@dataclass(frozen=True, slots=True)
class Opening:
    """How a worker opens the pipeline: whose home, which model version, and the fingerprint of the configuration."""

    home: Home
    version: str
    configuration: str

    def __call__(self) -> tuple[Pipeline, Config]:
        """Open it.

        Raises
        ------
        ConfigError : the configuration is no longer the one that the run began with.
        """
        config = load_config(self.home.data)
        if config.fingerprint != self.configuration:
            raise ConfigError(
                "The configuration was changed while the table was being triaged.",
                where=str(self.home.data),
                fix="Run the command again.",
            )
        tokenizer = Tokenizer(read_dictionary(self.home.dictionary))
        classifier, info = Registry(self.home.models).load(
            self.version, tokenizer_fingerprint=tokenizer.fingerprint, categories=config.taxonomy.ids
        )
        pipeline = Pipeline(
            config=config, tokenizer=tokenizer, classifier=classifier, model_version=info.version, proof=info.proof
        )
        return pipeline, config


@dataclass(slots=True)
class _UnderWay:
    batch: Batch
    asked: list[Asked]
    future: Future[Answers] | None = None


class Crew:
    """Worker processes that answer batches; use it in a `with` statement, which ends them.

    Parameters
    ----------
    jobs : how many, 1 or more.
    opening : a function that can be sent to another process, and opens the pipeline there.
    """

    def __init__(self, jobs: int, opening: Callable[[], tuple[Pipeline, Config]], settings: Settings) -> None:
        self._jobs = jobs
        self._opening = opening
        self._settings = settings
        self._pool = self._new_pool()
        self.replaced = 0
        """How often workers had to be replaced."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end_pool()

    def answer(self, work: Iterable[Work]) -> Iterator[Done]:
        """The answers to each batch, in the order of the batches; only so many are read ahead as keep all busy."""
        left = iter(work)
        under_way: deque[_UnderWay] = deque()
        while True:
            while len(under_way) < self._jobs * BATCHES_A_WORKER and (next_one := next(left, None)):
                under_way.append(_UnderWay(*next_one))
                self._submit(under_way[-1])
            if not under_way:
                return
            first = under_way[0]
            answers = self._result(first, under_way)
            under_way.popleft()
            yield first.batch, answers

    def _result(self, first: _UnderWay, under_way: Iterable[_UnderWay]) -> Answers:
        """The answers to the batch that is due; where a worker died over it or another, it is done again."""
        try:
            if first.future is not None:
                return first.future.result()
        except BrokenProcessPool:
            pass
        # All that was under way is lost. The first goes alone now: if a worker dies again, it is to blame.
        self._replace_pool()
        answers = self._alone(first.asked)
        if answers is None:
            answers = self._one_by_one(first.asked)
        for each in under_way:
            if each is not first:
                self._submit(each)
        return answers

    def _one_by_one(self, asked: Sequence[Asked]) -> Answers:
        """The answers to messages one of which workers die at."""
        each: list[Answer | str] = []
        tally = Tally()
        for one in asked:
            answers = self._alone([one]) or self._alone([one])
            if answers is None:
                each.append(FATAL)
                continue
            each += answers.each
            tally.join(answers.tally)
        return Answers(tuple(each), tally)

    def _alone(self, asked: list[Asked]) -> Answers | None:
        """The answers, None where the worker dies."""
        try:
            answers: Answers = self._pool.submit(_answer, self._opening, self._settings, asked).result()
            return answers
        except BrokenProcessPool:
            self._replace_pool()
            return None

    def _submit(self, each: _UnderWay) -> None:
        try:
            each.future = self._pool.submit(_answer, self._opening, self._settings, each.asked)
        except BrokenProcessPool:
            each.future = None  # its turn will come

    def _replace_pool(self) -> None:
        self._end_pool()
        self._pool = self._new_pool()
        self.replaced += 1

    def _new_pool(self) -> Any:
        from joblib.externals.loky import ProcessPoolExecutor

        # One thread a worker: the workers are the cores already.
        single = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
        return ProcessPoolExecutor(self._jobs, env=single, initializer=_end_with, initargs=(os.getpid(),))

    def _end_pool(self) -> None:
        self._pool.shutdown(wait=True, kill_workers=True)


_opened: tuple[object, Scorer] | None = None
"""What this process has opened; a worker serves one run."""


def _answer(opening: Callable[[], tuple[Pipeline, Config]], settings: Settings, asked: list[Asked]) -> Answers:
    global _opened
    if _opened is None or _opened[0] != (opening, settings):
        pipeline, config = opening()
        _opened = (opening, settings), Scorer(pipeline, config, settings)
        gc.freeze()  # the model stays to the end: the garbage collector need not walk over it
    return _opened[1].answer(asked)


def _end_with(parent: int) -> None:
    """Let a worker end when the run is killed, which cannot tell it so."""
    if sys.platform == "win32":
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
