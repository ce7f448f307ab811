"""Real letters, where they lie beside the checkout; none of their text is here."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

import openpyxl
import pytest
from scipy.stats import binomtest

from triage.config import Config, Home, load_config
from triage.evaluation import EvaluationReport
from triage.labels import read_labelled
from triage.pipeline import Pipeline
from triage.schema import LabelledMessage
from triage.scoring import ScoringReport, score_table
from triage.signals import SignalReader
from triage.training import Workshop, open_workshop, prove, train_version
from triage.validation import judge

CHECKOUT = Path(__file__).parents[2]
MAILBOX = Path(os.environ.get("TRIAGE_MAILBOX") or CHECKOUT.parent / "shared" / "mailbox")
INBOX, LABELS = MAILBOX / "inbox.xlsx", MAILBOX / "labels.csv"
ROWS = 300
DAY = date(2026, 10, 1)

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not (INBOX.is_file() and LABELS.is_file()), reason="the mailbox is not here"),
]


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(CHECKOUT / "data")


@pytest.fixture(scope="module")
def workshop(config: Config, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """The default bureau with the starter model as its only version."""
    home = Home(CHECKOUT / "data", tmp_path_factory.mktemp("real") / "models")
    made = open_workshop(home, config.taxonomy)
    train_version(made)
    return made


@pytest.fixture(scope="module")
def pipeline(config: Config, workshop: Workshop) -> Pipeline:
    classifier, info = workshop.registry.load(
        tokenizer_fingerprint=workshop.tokenizer.fingerprint, categories=config.taxonomy.ids
    )
    return Pipeline(config=config, tokenizer=workshop.tokenizer, classifier=classifier, model_version=info.version)


@pytest.fixture(scope="module")
def labelled(workshop: Workshop) -> Sequence[LabelledMessage]:
    """Every label whose letter is in the inbox."""
    found = read_labelled([LABELS], taxonomy=workshop.taxonomy, messages=[INBOX]).messages
    assert len(found) > 500
    return found


@pytest.fixture(scope="module")
def judged(
    workshop: Workshop, pipeline: Pipeline, labelled: Sequence[LabelledMessage], config: Config
) -> EvaluationReport:
    """The figures of the starter model on the labels."""
    names = SignalReader(config.jurisdictions, config.schools)
    return judge(workshop, pipeline.classifier, labelled, names=names)


def test_the_starter_model_alone_is_of_use(judged: EvaluationReport) -> None:
    assert judged.in_scope_accuracy is not None
    found = {
        "accuracy": judged.accuracy.value,
        "in scope": judged.in_scope_accuracy.value,
        "macro-F1": judged.macro_f1.value,
    }
    least = {"accuracy": 0.82, "in scope": 0.75, "macro-F1": 0.70}
    assert {name: value for name, value in found.items() if value < least[name]} == {}


def test_so_is_what_it_tells_beside_the_category(judged: EvaluationReport) -> None:
    assert judged.nature is not None
    assert judged.urgent is not None
    assert judged.names is not None
    found = {
        "nature": judged.nature.macro_f1,
        "urgent": judged.urgent.recall,
        "places": judged.names.place_accuracy,
        "schools": judged.names.schools_overlapping.f1,
    }
    least = {"nature": 0.6, "urgent": 0.35, "places": 0.9, "schools": 0.7}
    assert {name: value for name, value in found.items() if value < least[name]} == {}


@pytest.mark.parametrize("max_error", [0.05, 0.1])
def test_what_half_of_the_labels_prove_holds_on_the_other_half(
    workshop: Workshop, labelled: Sequence[LabelledMessage], max_error: float
) -> None:
    fit = workshop.fit(labelled[::2])
    proof = prove(fit, max_error)
    assert proof is not None
    (tier,) = judge(workshop, fit.classifier, labelled[1::2], proof=proof).tiers
    assert tier.coverage > 0.3
    # No more errors than chance allows where `max_error` of what passes is wrong.
    assert binomtest(tier.errors, tier.automatic, max_error, alternative="greater").pvalue > 0.01


@pytest.fixture(scope="module")
def excerpt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first rows of the inbox, as they are."""
    source = openpyxl.load_workbook(INBOX, read_only=True)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("信件")
    for row in _first_rows(source):
        sheet.append(row)
    path = tmp_path_factory.mktemp("inbox") / "inbox.xlsx"
    book.save(path)
    source.close()
    return path


def _first_rows(source: openpyxl.Workbook) -> Iterator[tuple[object, ...]]:
    return islice(source.worksheets[0].iter_rows(values_only=True), ROWS + 1)


@pytest.fixture(scope="module")
def scored(excerpt: Path, pipeline: Pipeline, config: Config) -> tuple[ScoringReport, list[tuple[object, ...]]]:
    out = excerpt.with_name("out.xlsx")
    report = score_table(excerpt, out, pipeline=pipeline, config=config, on=DAY)
    return report, list(openpyxl.load_workbook(out)["信件"].iter_rows(values_only=True))


def test_no_row_of_the_inbox_is_lost(scored: tuple[ScoringReport, list[tuple[object, ...]]]) -> None:
    report, rows = scored
    assert report.rows_in == report.rows_out + len(report.rejected) == ROWS
    assert len(rows) == 1 + report.rows_out
    assert report.rows_out > 0.95 * ROWS


def test_every_row_of_the_inbox_has_a_category_and_an_office(
    scored: tuple[ScoringReport, list[tuple[object, ...]]], config: Config
) -> None:
    header, *rows = scored[1]
    categories = {category.name for category in config.taxonomy.categories}
    offices = {office.name for office in config.offices}
    assert {row[header.index("类别")] for row in rows} <= categories
    assert {row[header.index("主办")] for row in rows} <= offices
