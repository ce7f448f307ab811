"""How many messages a second one core answers, against the pipeline that everyone writes and against cutting alone.

All run on the same messages in the same process and take turns, so that they meet the same load. Processor time counts,
of the best round. Both models learn from the starter corpus; they are judged on a fifth of it that is held out, or,
where a folder with `inbox.xlsx` and `labels.csv` is given, on the labelled messages in there.

The usual pipeline is jieba.lcut, TF-IDF of words and pairs of words, a linear support vector machine, and pandas apply.
`classify` gives categories and confidence, nature and urgency; `sentence` also personal data masked, places and
schools, route and due dates; `evidence` also the words that speak for the category.

Run: python benchmarks/pipeline.py [FOLDER]

A table in Markdown goes to stderr, the figures as JSON to stdout.
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import jieba
import numpy as np
import pandas as pd
import rjieba
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from triage.classifier import PetitionClassifier
from triage.config import Config, Home, load_config
from triage.labels import read_labelled
from triage.pipeline import Pipeline
from triage.schema import LabelledMessage, Message
from triage.text import mask
from triage.training import Workshop, open_workshop

ROOT = Path(__file__).parents[1]
DAY = date(2026, 10, 1)
HELD_OUT = 5
"""One message in so many of the corpus is judged, where there are no others."""
BATCH = 256
ROUNDS = 5
SINGLE = 1000
"""Messages asked one by one, for the time that each takes."""
TARGETS = {"classify": 10.0, "sentence": 5.0}
"""How many times as fast as the usual pipeline they have to be."""
FLOOR_TARGET = 0.5
"""The rate of `classify` against that of cutting alone with rjieba."""
LATENCY_TARGETS = {"p50_ms": 1.0, "p99_ms": 3.0}


def main() -> None:
    """Train both, measure all, print the figures."""
    config = load_config(ROOT / "data")
    with tempfile.TemporaryDirectory() as folder:
        workshop = open_workshop(Home(ROOT / "data", Path(folder)), config.taxonomy)
        learnt, judged = split(workshop, config, Path(sys.argv[1]) if len(sys.argv) > 1 else None)
        classifier = workshop.fit([], starter=learnt, jobs=1).classifier
    usual = usual_pipeline(learnt)
    messages = [each.message for each in judged]
    pipeline = Pipeline(config=config, tokenizer=workshop.tokenizer, classifier=classifier, model_version="0001")
    runs = runs_over(messages, usual, pipeline, workshop, classifier)
    gc.collect()
    gc.freeze()  # as `triage score` does: the models stay to the end
    seconds, answers = take_turns(runs)
    result = figures(seconds, answers, judged)
    result["single_message"] = {
        "classify": latency(messages, lambda message: classify(workshop, classifier, [message])),
        "sentence": latency(messages, lambda message: pipeline.triage([message], on=DAY, evidence=False)),
        "evidence": latency(messages, lambda message: pipeline.triage([message], on=DAY)),
    }
    print(markdown(result), file=sys.stderr)
    print(json.dumps(result, indent=2))


def split(
    workshop: Workshop, config: Config, folder: Path | None
) -> tuple[list[LabelledMessage], list[LabelledMessage]]:
    """What is learnt from, and what is judged."""
    starter = workshop.starter()
    if folder is None:
        held_out = starter[::HELD_OUT]
        return [each for at, each in enumerate(starter) if at % HELD_OUT], held_out
    found = read_labelled([folder / "labels.csv"], taxonomy=config.taxonomy, messages=[folder / "inbox.xlsx"])
    return starter, list(found.messages)


def usual_pipeline(learnt: Sequence[LabelledMessage]) -> Any:
    """What everyone writes, fitted."""
    jieba.setLogLevel(60)
    model = make_pipeline(
        TfidfVectorizer(tokenizer=jieba.lcut, token_pattern=None, ngram_range=(1, 2)), LinearSVC(random_state=0)
    )
    letters = table([each.message for each in learnt])
    return model.fit(letters.apply(whole, axis=1), [each.label.primary for each in learnt])


def table(messages: Sequence[Message]) -> pd.DataFrame:
    """The messages as pandas has them."""
    return pd.DataFrame({"title": [each.title for each in messages], "text": [each.text for each in messages]})


def whole(letter: Any) -> str:
    """Title and text of a row."""
    return f"{letter['title']}{letter['text']}"


def runs_over(
    messages: Sequence[Message], usual: Any, pipeline: Pipeline, workshop: Workshop, classifier: PetitionClassifier
) -> dict[str, Callable[[], Any]]:
    """What is measured, by name; a run that tells categories gives them."""
    letters = table(messages)
    texts = [f"{each.title}{each.text}" for each in messages]
    cutter = rjieba.Jieba()

    def sentences(evidence: bool) -> list[str]:
        found: list[str] = []
        for batch in batches(messages):
            cases = pipeline.triage(batch, on=DAY, evidence=evidence)
            found += (case.prediction.primary for case in cases)
            for each in batch:
                mask(each.title), mask(each.text)
        return found

    return {
        "usual": lambda: list(usual.predict(letters.apply(whole, axis=1))),
        "cut_jieba": lambda: [jieba.lcut(text) for text in texts],
        "cut_rjieba": lambda: [cutter.cut(text, hmm=False) for text in texts],
        "classify": lambda: [each for batch in batches(messages) for each in classify(workshop, classifier, batch)],
        "sentence": lambda: sentences(evidence=False),
        "evidence": lambda: sentences(evidence=True),
    }


def batches(messages: Sequence[Message]) -> list[Sequence[Message]]:
    """The messages as `triage score` takes them."""
    return [messages[first : first + BATCH] for first in range(0, len(messages), BATCH)]


def classify(workshop: Workshop, classifier: PetitionClassifier, messages: Sequence[Message]) -> list[str]:
    """The categories of messages, with all that the classifier says of them, without evidence."""
    outcomes = classifier.predict([workshop.document(each) for each in messages], evidence=False)
    return [each.ranked[0].category for each in outcomes]


def take_turns(runs: dict[str, Callable[[], Any]]) -> tuple[dict[str, float], dict[str, Any]]:
    """The least processor seconds of each run over all rounds, and what it answers."""
    seconds: dict[str, float] = {}
    answers: dict[str, Any] = {}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            begin = time.process_time()
            answers[name] = run()
            took = time.process_time() - begin
            seconds[name] = min(took, seconds.get(name, took))
    return seconds, answers


def latency(messages: Sequence[Message], ask: Callable[[Message], Any]) -> dict[str, float]:
    """Wall time of single messages in a warm process, the better of two times, in milliseconds."""
    asked = [messages[at % len(messages)] for at in range(SINGLE)]
    times = np.full(len(asked), np.inf)
    for _ in range(2):
        for at, message in enumerate(asked):
            begin = time.perf_counter()
            ask(message)
            times[at] = min(times[at], time.perf_counter() - begin)
    found = {"p50_ms": float(np.percentile(times, 50)) * 1000, "p99_ms": float(np.percentile(times, 99)) * 1000}
    return {
        **{name: round(value, 3) for name, value in found.items()},
        **{f"{name}_to_limit": round(value / LATENCY_TARGETS[name], 2) for name, value in found.items()},
    }


def figures(seconds: dict[str, float], answers: dict[str, Any], judged: Sequence[LabelledMessage]) -> dict[str, Any]:
    """Rates, accuracy and ratios."""
    truth = [each.label.primary for each in judged]
    runs: dict[str, dict[str, float | None]] = {}
    for name, took in seconds.items():
        accuracy = None
        if not name.startswith("cut_"):
            accuracy = sum(one == other for one, other in zip(answers[name], truth, strict=True)) / len(truth)
        runs[name] = {
            "messages_per_second": round(len(judged) / took),
            "microseconds_each": round(took / len(judged) * 1e6, 1),
            "ratio_to_usual": round(seconds["usual"] / took, 2),
            "share_of_floor": round(seconds["cut_rjieba"] / took, 3),
            "accuracy": None if accuracy is None else round(accuracy, 4),
        }
    return {
        "messages": len(judged),
        "characters_each": round(float(np.mean([len(each.message.title + each.message.text) for each in judged]))),
        "other_load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "runs": runs,
        "ratios_to_target": {
            **{name: round(seconds["usual"] / seconds[name] / target, 2) for name, target in TARGETS.items()},
            "share_of_floor": round(seconds["cut_rjieba"] / seconds["classify"] / FLOOR_TARGET, 2),
        },
    }


def markdown(result: dict[str, Any]) -> str:
    """The figures as tables."""
    lines = [
        "| run | messages/s | µs each | ratio to usual | share of floor | accuracy |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    for name, run in result["runs"].items():
        lines.append(f"| {name} | {' | '.join('' if figure is None else str(figure) for figure in run.values())} |")
    lines += ["", "| single message | p50 ms | p99 ms |", "| --- | --: | --: |"]
    for name, times in result["single_message"].items():
        lines.append(f"| {name} | {times['p50_ms']} | {times['p99_ms']} |")
    return "\n".join([*lines, "", f"{result['messages']} messages of {result['characters_each']} characters"])


if __name__ == "__main__":
    main()
