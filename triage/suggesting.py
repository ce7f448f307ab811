"""Which messages to label next: those from which the model would learn most.

While there are few labels, what stands for the whole table teaches most; the letters on which the model doubts are odd
ones then, and a hundred of them teach it less than a hundred drawn at random. Once it knows the common, it learns from
what it doubts (Hacohen et al., "Active learning on a budget: opposite strategies suit high and low budgets", 2022).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from triage.classifier import PetitionClassifier
from triage.config import Taxonomy
from triage.errors import InputError
from triage.forms import persons_column
from triage.labels import text_hash
from triage.schema import NATURE_NAMES, LabelledMessage, Message, RejectedRow
from triage.scoring import accepted_rows, in_batches, refuse_same
from triage.similarity import near_copies
from triage.tables import Cell, OutputColumn, ResultWriter, Role, Table, TotalsTable, open_table
from triage.thresholds import MIN_EXAMPLES
from triage.training import Workshop

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.intp]

LOOKED_AT = 20_000
"""Messages of a table that are compared with each other at most: of more, a sample that their texts decide."""
FEW_LABELS = 200
"""Labels below which it is the typical that teaches, and not the doubtful."""
SPARE = 2
"""Messages chosen at first for each that is wanted, since near-copies fall away."""
LIKELY = 0.1
"""Probability from which on a category is named to the clerk, and counts as one that a message may be of."""
NEAR = 0.3
"""Margin between the two likeliest categories below which they are hard to tell apart."""
FEW_KNOWN = 0.5
"""Share of words that the model knows below which a message is full of new ones."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that may be labelled, with what the model says of it.

    `probabilities` has shape (K,), in the order of the taxonomy; `known_share` is the share of its words that the model
    has met, in [0, 1].
    """

    message: Message
    probabilities: Floats
    known_share: float


@dataclass(frozen=True, slots=True)
class SuggestReport:
    """What was suggested; `rows_in` are the `candidates`, the labelled, the repeated and the rejected rows together."""

    files: tuple[Path, ...]
    rows_in: int
    candidates: int
    labelled: int
    repeated: int
    rejected: tuple[RejectedRow, ...]
    chosen: tuple[Candidate, ...]
    model_version: str


def default_output(path: Path) -> Path:
    """The place of the result where none is named: beside the input, as `NAME.suggested.xlsx`."""
    return path.with_name(f"{path.stem}.suggested.xlsx")


def suggest(
    path: Path,
    out: Path,
    *,
    count: int,
    workshop: Workshop,
    classifier: PetitionClassifier,
    model_version: str,
    labelled: Sequence[LabelledMessage] = (),
    columns: Mapping[Role, str] | None = None,
    sheet: str | None = None,
    force: bool = False,
    opened: Callable[[Table], None] = lambda table: None,
    progress: Callable[[int], None] = lambda rows: None,
) -> SuggestReport:
    """Choose messages of a table to be labelled, and write a sheet that a clerk can fill in.

    What is `labelled` already is left out, and so are near-copies of it. The texts are held in memory.

    Parameters
    ----------
    count : how many messages are wanted, 1 or more; fewer come where there are no more different ones.
    labelled : what people have decided, with the categories of today.

    Raises
    ------
    InputError : the table cannot be read or holds nothing to label, or the result cannot be written.
    """
    table = open_table(path, columns=columns, sheet=sheet)
    opened(table)
    refuse_same(path, out)
    rejected: list[RejectedRow] = []
    known = {text_hash(each.message) for each in labelled}
    met: Counter[str] = Counter()
    candidates: dict[str, Candidate] = {}
    for batch in in_batches(accepted_rows(table, rejected)):
        messages = [row.message for row in batch]
        for message, candidate in zip(messages, _candidates(workshop, classifier, messages), strict=True):
            key = text_hash(message)
            met[key] += 1
            if key not in known and key not in candidates:
                candidates[key] = candidate
        progress(met.total() + len(rejected))
    if not candidates:
        raise InputError(
            f"There is nothing to label: of {met.total() + len(rejected)} rows {met.total()} are labelled already and "
            f"{len(rejected)} rejected.",
            where=str(path),
            fix="Give a table with other messages.",
        )
    own = Counter(each.label.primary for each in labelled)
    counts = [own[category] for category in workshop.taxonomy.ids]
    # In the order of the texts' hashes, so that neither sample nor choice depends on the order of the rows.
    pool = [candidates[key] for key in sorted(candidates)[:LOOKED_AT]]
    rows = classifier.features.transform([workshop.document(each.message) for each in pool])
    places = choose(pool, rows, counts, count, [each.message for each in labelled])
    chosen = tuple(sorted((pool[at] for at in places), key=_margin))
    decided = sum(times for key, times in met.items() if key in known)
    report = SuggestReport(
        files=(),
        rows_in=met.total() + len(rejected),
        candidates=len(candidates),
        labelled=decided,
        repeated=met.total() - decided - len(candidates),
        rejected=tuple(rejected),
        chosen=chosen,
        model_version=model_version,
    )
    return replace(report, files=_write(report, out, workshop.taxonomy, counts, force=force))


def choose(
    candidates: Sequence[Candidate],
    rows: sp.csr_matrix,
    counts: Sequence[int],
    count: int,
    labelled: Sequence[Message] = (),
) -> list[int]:
    """The places of the messages to be labelled, the first that should be first.

    Of near-copies one is chosen, and none where one is labelled already.

    Parameters
    ----------
    rows : the features of the candidates, of shape (N, width).
    counts : how many labels there are of each of the K categories.
    """
    if not candidates:
        return []
    probabilities = np.array([each.probabilities for each in candidates])
    have = np.array(counts, dtype=np.float64)
    wanted = min(SPARE * count, len(candidates))
    ways = _typical if have.sum() < FEW_LABELS else _doubtful
    found = ways(probabilities, _normalised(rows), have, wanted)
    return _different(candidates, found, labelled)[:count]


def _typical(probabilities: Floats, rows: sp.csr_matrix, have: Floats, wanted: int) -> list[int]:
    """Messages of every category that are as different as can be.

    Each category gets its turns by the number of messages that the model takes for it, through the labels that it has
    or was given (the highest averages of D'Hondt): those that lack labels come first. Within a category the most
    typical message goes first, and then always the one that is least like all before it (the greedy k-center of Sener &
    Savarese, "Active learning for convolutional neural networks: a core-set approach", 2018).
    """
    guess = probabilities.argmax(axis=1)
    sizes = np.bincount(guess, minlength=len(have))
    queues = [iter(_spread_out(rows, np.flatnonzero(guess == column), wanted)) for column in range(len(have))]
    taken = np.zeros(len(have))
    found: list[int] = []
    while len(found) < wanted:
        turns = np.where(taken < sizes, sizes / (have + taken + 1), -1.0)
        column = int(turns.argmax())
        found.append(next(queues[column]))
        taken[column] += 1
    return found


def _doubtful(probabilities: Floats, rows: sp.csr_matrix, have: Floats, wanted: int) -> list[int]:
    """Messages on which the model doubts, of categories that lack labels, unlike those before them.

    A message is worth its doubt, one minus the margin between its two likeliest categories (Scheffer et al., "Active
    hidden Markov models for information extraction", 2001), times its need, the mean over its categories of one through
    the labels of each, those chosen so far counted by their probabilities, times how little it is like the most similar
    of those before it.
    """
    ranked = np.sort(probabilities, axis=1)
    doubt = 1 - (ranked[:, -1] - ranked[:, -2])
    labels = have + 1
    likeness = np.zeros(len(doubt))
    free = np.ones(len(doubt), dtype=np.bool_)
    found: list[int] = []
    while len(found) < wanted:
        worth = doubt * (probabilities @ (1 / labels)) * (1 - np.minimum(likeness, 1))
        place = int(np.where(free, worth, -1.0).argmax())
        found.append(place)
        free[place] = False
        labels = labels + probabilities[place]
        likeness = np.maximum(likeness, np.asarray(rows @ rows[place].toarray().ravel()))
    return found


def _spread_out(rows: sp.csr_matrix, members: Indices, wanted: int) -> Iterator[int]:
    """Members of one category: the most typical, then always the one that is least like those before it."""
    own = rows[members]
    likeness = np.full(len(members), -np.inf)
    place = int(np.argmax(own @ np.asarray(own.mean(axis=0)).ravel())) if len(members) else 0
    for _ in range(min(wanted, len(members))):
        yield int(members[place])
        likeness = np.maximum(likeness, np.asarray(own @ own[place].toarray().ravel()))
        likeness[place] = np.inf
        place = int(likeness.argmin())


def _different(candidates: Sequence[Candidate], found: Sequence[int], labelled: Sequence[Message]) -> list[int]:
    """Those of `found` that are near-copies neither of one before them nor of a labelled message."""
    names = near_copies([*(candidates[at].message for at in found), *labelled])
    met = set(names[len(found) :])
    kept = []
    for at, name in zip(found, names[: len(found)], strict=True):
        if name not in met:
            met.add(name)
            kept.append(at)
    return kept


def _normalised(rows: sp.csr_matrix) -> sp.csr_matrix:
    """The rows at length 1, so that products are cosines."""
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return sp.csr_matrix(sp.diags_array(1 / np.where(lengths > 0, lengths, 1.0)) @ rows)


def _margin(candidate: Candidate) -> float:
    """By how much the likeliest category is ahead of the next."""
    ranked = np.sort(candidate.probabilities)
    return float(ranked[-1] - ranked[-2])


def _candidates(workshop: Workshop, classifier: PetitionClassifier, messages: Sequence[Message]) -> list[Candidate]:
    documents = [workshop.document(message) for message in messages]
    columns = [workshop.taxonomy.ids.index(category) for category in classifier.categories]
    probabilities = np.zeros((len(messages), len(workshop.taxonomy.ids)))
    probabilities[:, columns] = classifier.probabilities(documents)
    return [
        Candidate(message, row, classifier.features.known_share(document))
        for message, row, document in zip(messages, probabilities, documents, strict=True)
    ]


def _write(
    report: SuggestReport, out: Path, taxonomy: Taxonomy, counts: Sequence[int], *, force: bool
) -> tuple[Path, ...]:
    columns = (
        OutputColumn("编号", 14),
        OutputColumn("时间", 19),
        OutputColumn("标题", 28),
        OutputColumn("内容", 70, wrap=True),
        OutputColumn("可能的类别", 30, wrap=True),
        OutputColumn("为何选它", 36, wrap=True),
        persons_column(taxonomy),
        OutputColumn("人工次要类别", 16),
        OutputColumn("人工性质", 10, choices=tuple(NATURE_NAMES.values())),
        OutputColumn("人工紧急", 8, choices=("是", "否")),
        OutputColumn("标注人", 10),
    )
    with ResultWriter.open(out, columns=columns, sheet_name="待标注", force=force) as writer:
        for each in report.chosen:
            writer.add([*_cells(each, taxonomy, counts), "", "", "", "", ""])
        return writer.finish([_about(report)], report.rejected)


def _cells(candidate: Candidate, taxonomy: Taxonomy, counts: Sequence[int]) -> list[Cell]:
    message = candidate.message
    likely = [taxonomy.categories[at].name for at in _likely(candidate)]
    received = message.received_at.isoformat(sep=" ") if message.received_at else ""
    return [message.id, received, message.title, message.text, "、".join(likely), reason(candidate, taxonomy, counts)]


def reason(candidate: Candidate, taxonomy: Taxonomy, counts: Sequence[int]) -> str:
    """Why a message was chosen, in words for the clerk."""
    order = _likely(candidate)
    names = [taxonomy.categories[at].name for at in order]
    found = []
    if len(order) > 1 and candidate.probabilities[order[0]] - candidate.probabilities[order[1]] < NEAR:
        found.append(f"「{names[0]}」与「{names[1]}」难分")
    few = MIN_EXAMPLES if any(counts) else 0  # where nothing is labelled yet, it says nothing of a letter
    rare = [(name, counts[at]) for name, at in zip(names, order, strict=True) if counts[at] < few]
    if rare:
        found.append("、".join(f"「{name}」标注还少（{have} 件）" for name, have in rare))
    if candidate.known_share < FEW_KNOWN:
        found.append("生词多")
    return "；".join(found) or "把握不足"


def _likely(candidate: Candidate) -> list[int]:
    """The columns of the categories that it may be of, at least one, the likeliest first."""
    order = np.argsort(-candidate.probabilities, kind="stable")[:_SHOWN]
    return [int(at) for rank, at in enumerate(order) if rank == 0 or candidate.probabilities[at] >= LIKELY]


def _about(report: SuggestReport) -> TotalsTable:
    rows = (
        ("读入行数", report.rows_in),
        ("可选的留言", report.candidates),
        ("已有标注", report.labelled),
        ("内容重复", report.repeated),
        ("未处理行数", len(report.rejected)),
        ("选出", len(report.chosen)),
        ("模型版本", report.model_version),
    )
    return TotalsTable("本次挑选", ("项目", "情况"), rows)
