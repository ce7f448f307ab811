"""From the folder of TOML files to a `Config`, or to the list of all that is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from triage.config import checking, keys
from triage.config.changes import build_taxonomy, check_changes
from triage.config.documents import Document, read_document
from triage.config.keys import Entry, Key
from triage.config.model import (
    CategoryRule,
    Config,
    Danger,
    GateSettings,
    Jurisdiction,
    Organ,
    ReturnTemplates,
    ReviewSettings,
    School,
    Taxonomy,
)
from triage.config.problems import Problem
from triage.errors import ConfigError

FILES = ("taxonomy.toml", "offices.toml", "jurisdictions.toml", "duty.toml", "settings.toml")
OPTIONAL_FILES = ("rules.toml", "clocks.toml", "urgency.toml", "organs.toml", "schools.toml")
"""Files that a bureau may leave out; it then has none of what they list."""


def check_config(folder: Path, *, today: date | None = None) -> tuple[Problem, ...]:
    """All that is wrong with the configuration in `folder`, by file and line; empty where nothing is.

    `today` is the day on which every category must find an office, by default the current one.
    """
    return _read(folder, today or date.today()).sorted_problems()


def load_config(folder: Path, *, today: date | None = None) -> Config:
    """The configuration in `folder`; its fingerprint ignores comments and the order of keys.

    Raises `ConfigError` naming the first of the problems that `check_config` finds.
    """
    read = _read(folder, today or date.today())
    _refuse(read.sorted_problems())
    return Config(
        bureau=read.settings["bureau"],
        city=read.settings["city"],
        taxonomy=build_taxonomy(read.entries["taxonomy.toml"], read.changes),
        offices=checking.build_offices(read.entries["offices.toml"]),
        duty=tuple(checking.build_rule(entry) for entry in read.entries["duty.toml"]),
        jurisdictions=tuple(Jurisdiction(**entry.values) for entry in read.entries["jurisdictions.toml"]),
        review=ReviewSettings(**read.review),
        fingerprint=_fingerprint(read.documents),
        rules=tuple(CategoryRule(**entry.values) for entry in read.entries.get("rules.toml", ())),
        clocks=tuple(
            checking.build_clock(entry, roll_over_holidays=read.roll_over_holidays)
            for entry in read.entries.get("clocks.toml", ())
        ),
        dangers=_build_dangers(read),
        organs=tuple(Organ(**entry.values) for entry in read.entries.get("organs.toml", ())),
        return_templates=ReturnTemplates(**read.return_templates),
        schools=tuple(School(**entry.values) for entry in read.entries.get("schools.toml", ())),
    )


def load_taxonomy(folder: Path) -> Taxonomy:
    """The taxonomy in `folder`, which need hold no other file.

    Raises `ConfigError` naming the first problem of taxonomy.toml.
    """
    read = _Reading()
    read.open(folder, "taxonomy.toml")
    _read_taxonomy(read)
    _refuse(read.sorted_problems())
    return build_taxonomy(read.entries["taxonomy.toml"], read.changes)


@dataclass(slots=True)
class _Reading:
    """What has been read so far; a file that could not be read is in none of the tables."""

    documents: dict[str, Document] = field(default_factory=dict)
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    changes: list[Entry] = field(default_factory=list)
    settings: Mapping[str, Any] = field(default_factory=dict)
    review: Mapping[str, Any] = field(default_factory=dict)
    gate: Mapping[str, Any] = field(default_factory=dict)
    roll_over_holidays: bool = False
    return_templates: Mapping[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def open(self, folder: Path, name: str) -> None:
        document = read_document(folder, name)
        if isinstance(document, Problem):
            self.problems.append(document)
        else:
            self.documents[name] = document

    def read_list(self, name: str, table: str, table_keys: tuple[Key, ...], noun: str, *, alone: bool = True) -> None:
        if name in self.documents:
            self.entries[name] = keys.read_list(self.documents[name], table, table_keys, self.problems, alone=alone)
            self.problems.extend(checking.check_ids(self.entries[name], noun))

    def sorted_problems(self) -> tuple[Problem, ...]:
        # What is missing altogether comes last: the cause often stands on a line of the same file.
        return tuple(sorted(self.problems, key=lambda p: (_rank(p.file), p.line == 0, p.line)))


def _rank(file: str) -> int:
    files = (*FILES, *OPTIONAL_FILES)
    return files.index(file) if file in files else -1


def _read(folder: Path, today: date) -> _Reading:
    read = _Reading()
    if not folder.is_dir():
        read.problems.append(
            Problem(str(folder), 0, "There is no such folder.", "Name the folder that holds taxonomy.toml.")
        )
        return read
    for name in FILES:
        read.open(folder, name)
    for name in OPTIONAL_FILES:
        if (folder / name).exists():
            read.open(folder, name)
    _read_taxonomy(read)
    read.read_list("offices.toml", "office", keys.OFFICE, "offices")
    read.read_list("jurisdictions.toml", "jurisdiction", keys.JURISDICTION, "jurisdictions")
    read.read_list("duty.toml", "rule", keys.RULE, "rules")
    _read_settings(read)
    read.read_list("rules.toml", "rule", keys.CATEGORY_RULE, "rules")
    _read_clocks(read)
    _read_dangers(read)
    _read_organs(read)
    read.read_list("schools.toml", "school", keys.SCHOOL, "schools")
    _check_together(read, today)
    return read


def _read_taxonomy(read: _Reading) -> None:
    document = read.documents.get("taxonomy.toml")
    if document is None:
        return
    keys.read_table(document, (), "The file", (), read.problems, also=("category", "change"))
    read.read_list("taxonomy.toml", "category", keys.CATEGORY, "categories", alone=False)
    categories = read.entries["taxonomy.toml"]
    if not categories:
        read.problems.append(Problem("taxonomy.toml", 0, "There are no categories.", "Add a [[category]]."))
    read.problems.extend(checking.check_names(categories, ("id", "name", "aliases"), "categories"))
    # A bureau whose categories are those of its first day has no [[change]].
    read.changes = keys.read_list(document, "change", keys.CHANGE, read.problems, alone=False)
    read.problems.extend(check_changes(read.changes, categories))


def _read_settings(read: _Reading) -> None:
    document = read.documents.get("settings.toml")
    if document is None:
        return
    top = keys.read_table(document, (), "The file", keys.SETTINGS, read.problems, also=("review", "gate"))
    read.settings = top.values
    read.review = _read_section(read, document, "review", keys.REVIEW)
    read.gate = _read_section(read, document, "gate", keys.GATE)


def _read_section(read: _Reading, document: Document, name: str, known: tuple[Key, ...]) -> Mapping[str, Any]:
    """The values of a table of the file that need not be there."""
    section = document.data.get(name, {})
    if not isinstance(section, dict):
        read.problems.append(document.problem((name,), f"{name} should be a table.", f"Write its header as [{name}]."))
        return {}
    return keys.read_table(document, (name,), f"[{name}]", known, read.problems).values if section else {}


def _read_clocks(read: _Reading) -> None:
    document = read.documents.get("clocks.toml")
    if document is None:
        return
    top = keys.read_table(document, (), "The file", keys.CLOCKS, read.problems, also=("clock",))
    read.roll_over_holidays = top.values.get("roll_over_holidays", False)
    read.read_list("clocks.toml", "clock", keys.CLOCK, "clocks", alone=False)
    read.problems.extend(checking.check_periods(read.entries["clocks.toml"]))


def _read_organs(read: _Reading) -> None:
    document = read.documents.get("organs.toml")
    if document is None:
        return
    read.return_templates = keys.read_table(
        document, (), "The file", keys.ORGANS, read.problems, also=("organ",)
    ).values
    read.read_list("organs.toml", "organ", keys.ORGAN, "organs", alone=False)
    for key in ("name", "words"):
        read.problems.extend(checking.check_names(read.entries["organs.toml"], (key,), "organs"))


def _check_together(read: _Reading, today: date) -> None:
    categories, offices, jurisdictions, rules = (read.entries.get(name) for name in FILES[:4])
    read.problems.extend(checking.check_categories(read.entries.get("rules.toml", ()), categories))
    if offices is not None:
        read.problems.extend(checking.check_names(offices, ("name", "aliases"), "offices"))
        read.problems.extend(checking.check_roles(offices))
    if jurisdictions is not None:
        read.problems.extend(checking.check_authorities(jurisdictions))
        read.problems.extend(checking.check_names(jurisdictions, ("name", "aliases"), "jurisdictions"))
        read.problems.extend(checking.check_city(jurisdictions, read.settings.get("city", "")))
        read.problems.extend(checking.check_schools(read.entries.get("schools.toml", ()), jurisdictions))
    if rules is None:
        return
    read.problems.extend(
        checking.check_references(rules, categories=categories, offices=offices, jurisdictions=jurisdictions)
    )
    read.problems.extend(checking.check_periods(rules))
    read.problems.extend(checking.check_sealed(rules))
    read.problems.extend(checking.check_contradictions(rules))
    read.problems.extend(checking.check_defaults(categories or (), rules, today))


def load_dangers(folder: Path) -> tuple[Danger, ...]:
    """The kinds of danger in `folder`, which need hold no other file; none where it has no urgency.toml.

    Raises `ConfigError` naming the first problem of urgency.toml.
    """
    read = _Reading()
    if not (folder / "urgency.toml").exists():
        return ()
    read.open(folder, "urgency.toml")
    _read_dangers(read)
    _refuse(read.sorted_problems())
    return _build_dangers(read)


def load_gate(folder: Path) -> GateSettings:
    """What a new model may lose, by settings.toml in `folder`; the defaults where there is none.

    Raises `ConfigError` naming the first problem of settings.toml.
    """
    read = _Reading()
    if not (folder / "settings.toml").exists():
        return GateSettings()
    read.open(folder, "settings.toml")
    _read_settings(read)
    _refuse(read.sorted_problems())
    return GateSettings(**read.gate)


def _read_dangers(read: _Reading) -> None:
    read.read_list("urgency.toml", "danger", keys.DANGER, "dangers")
    read.problems.extend(checking.check_signs(read.entries.get("urgency.toml", ())))


def _build_dangers(read: _Reading) -> tuple[Danger, ...]:
    return tuple(Danger(**entry.values) for entry in read.entries.get("urgency.toml", ()))


def _fingerprint(documents: dict[str, Document]) -> str:
    said = {name: document.data for name, document in documents.items()}
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def _refuse(problems: Sequence[Problem]) -> None:
    if not problems:
        return
    first, more = problems[0], len(problems) - 1
    count = "1 more problem" if more == 1 else f"{more} more problems"
    rest = f" There {'is' if more == 1 else 'are'} {count}. Run: triage check" if more else ""
    raise ConfigError(first.what, where=first.where, fix=first.fix + rest)
