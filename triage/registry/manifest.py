"""The manifest of a version: what is in its folder, what it learnt from, how good it is. It holds no text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from triage.errors import ModelError
from triage.features import BlockName
from triage.gate import Verdict
from triage.registry.metrics import Metrics
from triage.thresholds import Proof

FORMAT = 3
"""Number of the layout of a version folder; another number is refused."""

ARRAYS, VOCABULARY, LEARNT = "arrays.npz", "vocabulary.json", "learnt.npz"
CONTENT = (ARRAYS, VOCABULARY, LEARNT)
"""The files that the manifest vouches for."""
MANIFEST, SEAL = "manifest.json", "manifest.sha256"
"""The manifest, and the file with its own SHA-256, as `sha256sum` writes it."""

TRAIN_AGAIN = "Train a new one with: triage train"

Count: TypeAlias = Annotated[int, Meta(ge=0)]
Digest: TypeAlias = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
MaybeDigest: TypeAlias = Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")]
Positive: TypeAlias = Annotated[float, Meta(gt=0)]
Identifier: TypeAlias = Annotated[str, Meta(min_length=1)]


@dataclass(frozen=True, slots=True)
class TrainingFacts:
    """What a model learnt from, in counts and hashes; it holds no text.

    `labels_sha256` is over the keys and the labels of the bureau's own messages, `starter_sha256` over the starter
    corpus; empty where it learnt from none.
    """

    bureau_labels: Count
    starter_messages: Count
    unlabelled_messages: Count
    starter_weight: Positive
    labels_sha256: MaybeDigest = ""
    starter_sha256: MaybeDigest = ""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of a version without loading it.

    `created_at` is a moment in ISO 8601 with its offset. `configuration_fingerprint` is a SHA-256 of the configuration
    that it was trained under. `proof` is None where nothing could be proven, `metrics` where nothing could be judged,
    for want of own labels; `verdict` is None where no gate was asked.
    """

    version: str
    created_at: str
    categories: Annotated[tuple[Identifier, ...], Meta(min_length=2)]
    out_of_scope: tuple[Identifier, ...]
    tokenizer_fingerprint: str
    configuration_fingerprint: str
    temperature: Positive
    secondary_threshold: float
    nature_temperature: Positive
    danger_weight: float
    urgent_from: float
    watched_from: float
    proof: Proof | None
    metrics: Metrics | None
    verdict: Verdict | None
    trained_on: TrainingFacts
    libraries: dict[str, str]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The size of a file in bytes, and its SHA-256."""

    size: Count
    sha256: Digest


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes by which the shapes of all arrays are known.

    `features` of each block in the order of the columns, `latent` as the size and the words of the latent space, and
    the number of messages in `learnt`.
    """

    features: dict[BlockName, Annotated[int, Meta(ge=1)]]
    latent: tuple[Annotated[int, Meta(ge=1)], Annotated[int, Meta(ge=1)]] | None
    learnt: Count

    @property
    def width(self) -> int:
        """Columns of a row of features."""
        return sum(self.features.values()) + (self.latent[0] if self.latent else 0)


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that a manifest says."""

    format: int
    files: dict[str, FileFacts]
    sizes: Sizes
    model: ModelInfo


class _Layout(msgspec.Struct):
    """As much of any manifest as says by which program it was written."""

    format: int


def encode_manifest(manifest: Manifest) -> bytes:
    """The manifest as JSON that a person can read too."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def check_layout(content: bytes, version: str, where: Path) -> None:
    """Refuse a manifest of another layout; one that cannot be read at all is left to `decode_manifest`.

    Raises
    ------
    ModelError : it has another format.
    """
    try:
        found = msgspec.json.decode(content, type=_Layout).format
    except (msgspec.MsgspecError, RecursionError):
        return
    if found != FORMAT:
        raise ModelError(
            f"Model version {version} has format {found}; this program reads {FORMAT}.",
            where=str(where),
            fix=TRAIN_AGAIN,
        )


def decode_manifest(content: bytes, version: str, where: Path) -> Manifest:
    """Read a manifest, strictly: every field of its own type and in its range, none missing, none besides.

    Raises
    ------
    ModelError : it is not what it should be, in one sentence with the field.
    """
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
        wrong = next(_contradictions(manifest, version), None)
        if wrong is None and msgspec.json.decode(content) != msgspec.json.decode(msgspec.json.encode(manifest)):
            wrong = "it has fields too many or too few"
    except (msgspec.MsgspecError, RecursionError) as error:
        wrong = str(error).replace("$.", "").replace("`", "'")
    if wrong is not None:
        raise ModelError(
            f"The manifest of model version {version} cannot be used: {wrong}.", where=str(where), fix=TRAIN_AGAIN
        )
    return manifest


def _contradictions(manifest: Manifest, version: str) -> Iterator[str]:
    """What is wrong with a manifest whose fields all have the right types."""
    model = manifest.model
    if set(manifest.files) != set(CONTENT):
        yield f"it names other files than {', '.join(CONTENT)}"
    if "words" not in manifest.sizes.features:
        yield "it has no words"
    if model.version != version:
        yield f"it says that it is version {model.version}"
    if not _is_moment(model.created_at):
        yield f"'{model.created_at}' is no moment"
    for what, ids in (("categories", model.categories), ("out_of_scope", model.out_of_scope)):
        if len(set(ids)) != len(ids):
            yield f"{what} has an id twice"
    if model.watched_from > model.urgent_from:
        yield "watched_from is above urgent_from"
    if model.proof is not None:
        yield from _wrong_in_proof(model.proof, model.categories)
    intervals = model.metrics.intervals if model.metrics is not None else ()
    if not all(0 <= each.low <= each.value <= each.high <= 1 for each in intervals):
        yield "an interval of the metrics does not hold its figure"
    if model.verdict is not None and model.verdict.judged < 0:
        yield "the verdict rests on less than nothing"


def _wrong_in_proof(proof: Proof, categories: tuple[str, ...]) -> Iterator[str]:
    named = [each.category for each in proof.thresholds]
    strange = sorted(set(named) - set(categories))
    if strange:
        yield f"the proof has thresholds for {', '.join(strange)}, which the model does not know"
    if len(set(named)) != len(named):
        yield "the proof has two thresholds for a category"
    shares = [proof.max_error, proof.certainty, proof.error_bound]
    for each in proof.thresholds:
        shares += [each.error_bound, 0.0 if each.confidence is None else each.confidence]
    if not all(0 <= share <= 1 for share in shares):
        yield "the proof has a share outside 0 to 1"
    fits = all(0 <= each.errors <= each.automatic and each.examples >= 0 for each in proof.thresholds)
    if not (fits and 0 <= proof.errors <= proof.automatic <= proof.messages):
        yield "the counts of the proof contradict each other"


def _is_moment(written: str) -> bool:
    try:
        return datetime.fromisoformat(written).tzinfo is not None
    except ValueError:
        return False
