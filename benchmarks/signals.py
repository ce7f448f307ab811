"""What it costs to read the facts of a message, to route it and to reckon its due dates, against cutting it with jieba.

Prints milliseconds of one core per message for each part and for all, and their ratio to `jieba.lcut` of the same
messages in the same run: parts take turns, so that all meet the same load, and of several rounds the best counts.

Run: python benchmarks/signals.py [messages.xlsx] [--messages 600] [--rounds 5] [--json result.json]

Without a file the starter corpus is read, whose messages are shorter than most letters.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import jieba

from triage.clocks import Dates, due_dates
from triage.config import Config, Home, find_home, load_config
from triage.labels import read_starter
from triage.labels.reading import read_messages
from triage.returns import likely_organs, return_draft
from triage.routing import Router
from triage.rules import ruling
from triage.schema import Message, Nature, Signals
from triage.signals import FactReader, SignalReader, is_accusing, read_dangers
from triage.signals.formalities import missing_formalities, people_count

DAY = date(2026, 10, 1)
CUTTING = "cutting with jieba"
WITHIN = ("names", "dangers", "people", "formalities")
"""Parts of reading the facts, which the total counts once."""
Part = Callable[[Message, Signals], object]


def main() -> None:
    """Print a table, and write the same numbers as JSON where asked to."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--messages", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    home = find_home()
    config = load_config(home.data)
    messages = read(given.file, home, config, given.messages)
    milliseconds = measure(messages, config, given.rounds)
    characters = sum(len(message.title) + len(message.text) for message in messages) / len(messages)
    print(f"{len(messages)} messages of {characters:.0f} characters on average\n")
    print("| part | ms per message | share of cutting |\n|---|---|---|")
    for part, each in milliseconds.items():
        print(f"| {part} | {each:.4f} | {each / milliseconds[CUTTING]:.3f} |")
    if given.json:
        result = {"messages": len(messages), "characters": characters, "milliseconds": milliseconds}
        given.json.write_text(json.dumps(result, ensure_ascii=False, indent=2), encoding="utf-8")


def read(file: Path | None, home: Home, config: Config, count: int) -> list[Message]:
    """At most so many messages, evenly taken from the file, or from the starter corpus where there is none."""
    starter = [] if file else read_starter(home.corpus, config.taxonomy)
    messages = read_messages([file]) if file else [each.message for each in starter]
    return messages[:: max(1, len(messages) // count)][:count]


def parts(config: Config) -> dict[str, Part]:
    """What is measured; each gets a message and its facts."""
    facts, names, router = FactReader(config), SignalReader(config.jurisdictions, config.schools), Router(config)
    category = config.taxonomy.ids[0]

    def route(message: Message, signals: Signals) -> object:
        return router.route(
            category=category,
            secondary=(),
            jurisdictions=signals.jurisdictions,
            text=f"{message.title}\n{message.text}",
            on=DAY,
            accused=signals.accused,
            accusation=True,
        )

    def due(_: Message, __: Signals) -> object:
        return due_dates(
            config.clocks, dates=Dates(DAY), channel=None, nature=Nature.COMPLAINT, urgent=False, returned=False
        )

    def draft(message: Message, _: Signals) -> object:
        organs = likely_organs(config.organs, message)
        return return_draft(config.return_templates, organs=organs, bureau=config.bureau, on=DAY)

    return {
        CUTTING: lambda message, _: (jieba.lcut(message.title), jieba.lcut(message.text)),
        "names": lambda message, _: names.read(message),
        "dangers": lambda message, _: read_dangers(message, config.dangers),
        "people": lambda message, _: people_count(message),
        "formalities": lambda message, _: missing_formalities(message),
        "all facts": lambda message, _: facts.read(message),
        "accused": facts.with_accused,
        "is it accusing": lambda message, _: is_accusing(message.title, message.text),
        "rules": lambda message, _: ruling(config.rules, f"{message.title}\n{message.text}"),
        "route": route,
        "due dates": due,
        "organs and draft": draft,
    }


def measure(messages: Sequence[Message], config: Config, rounds: int) -> dict[str, float]:
    """Milliseconds of CPU per message for each part, and for all that is done with one message."""
    facts = FactReader(config)
    known = [facts.with_accused(message, facts.read(message)) for message in messages]
    measured = parts(config)
    best = dict.fromkeys(measured, float("inf"))
    jieba.initialize()
    for _ in range(rounds):
        for name, part in measured.items():
            begin = time.process_time()
            for message, signals in zip(messages, known, strict=True):
                part(message, signals)
            best[name] = min(best[name], (time.process_time() - begin) / len(messages) * 1000)
    best["total"] = sum(each for name, each in best.items() if name not in (*WITHIN, CUTTING))
    return best


if __name__ == "__main__":
    main()
