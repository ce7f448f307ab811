"""A model so small that its folder can be spoilt in every way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from triage.classifier import Example, PetitionClassifier, fit_classifier
from triage.errors import ModelError
from triage.evaluation import Interval
from triage.features import Document
from triage.gate import Check, Verdict
from triage.registry import Learnt, LogEntry, Metrics, ModelInfo, Registry, TrainingFacts
from triage.thresholds import Proof, Threshold

FINGERPRINT = "a fingerprint"
FACTS = TrainingFacts(
    bureau_labels=7,
    starter_messages=300,
    unlabelled_messages=0,
    starter_weight=1.0,
    labels_sha256="a" * 64,
    starter_sha256="b" * 64,
)
TINY = ("fees", "pay", "tutoring")
PROOF = Proof(
    max_error=0.05,
    certainty=0.95,
    messages=700,
    automatic=400,
    errors=11,
    error_bound=0.045,
    thresholds=(Threshold("fees", 0.1 + 0.2, 90, 60, 1, 0.08), Threshold("pay", None, 12, 0, 0, 1.0)),
)
METRICS = Metrics(
    n=700,
    method="训练时轮流留出的本单位标注",
    confidence_level=0.95,
    accuracy=Interval(0.9, 0.88, 0.92),
    in_scope_accuracy=None,
    macro_f1=Interval(0.1 + 0.2, 0.2, 0.4),
    calibration_error=0.03,
    urgent_flagged_recall=Interval(0.5, 0.1, 0.9),
)
VERDICT = Verdict("0001", 700, "2026-01-01", "2026-02-01", (Check("overall", True, cases=700, champion=0.9),))
LEARNT = Learnt(
    keys=(f"{1:064x}", f"{2:064x}"),
    primary=("pay", "fees"),
    probabilities=np.array([[0.1, 0.7, 0.2], [0.25, 0.5, 0.25]]),
    alarms=np.array([0.1 + 0.2, np.nan]),
)


@dataclass(frozen=True)
class Desk:
    """A registry with what it takes to use it as a test does."""

    registry: Registry
    classifier: PetitionClassifier

    facts: ClassVar[TrainingFacts] = FACTS
    categories: ClassVar[tuple[str, ...]] = TINY
    proof: ClassVar[Proof] = PROOF
    metrics: ClassVar[Metrics] = METRICS
    verdict: ClassVar[Verdict] = VERDICT
    learnt: ClassVar[Learnt] = LEARNT

    @property
    def folder(self) -> Path:
        return self.registry.folder

    def save(self, **other: Any) -> ModelInfo:
        wanted = {
            "tokenizer_fingerprint": FINGERPRINT,
            "trained_on": FACTS,
            "proof": PROOF,
            "metrics": METRICS,
            "verdict": VERDICT,
            "learnt": LEARNT,
        }
        return self.registry.save(self.classifier, **(wanted | other))

    def promote(self, version: str, **other: Any) -> LogEntry:
        return self.registry.promote(version, **({"by": "王主任", "reason": "更准"} | other))

    def rollback(self, **other: Any) -> LogEntry:
        return self.registry.rollback(**({"by": "王主任", "reason": "退回"} | other))

    def add(self) -> str:
        """Save a version and put it to use."""
        version = self.save().version
        self.promote(version)
        return version

    def load(self, version: str | None = None, **other: Any) -> tuple[PetitionClassifier, ModelInfo]:
        wanted = {"tokenizer_fingerprint": FINGERPRINT, "categories": TINY} | other
        return self.registry.load(version, **wanted)

    def refusal(self, action: Callable[[], object]) -> str:
        """The one sentence of a refusal, without the folder of the registry."""
        with pytest.raises(ModelError) as caught:
            action()
        said = str(caught.value).replace(str(self.folder), "models")
        assert "\n" not in said
        assert said.startswith("models")
        return said

    def forge(self, version: str, change: Callable[[dict[str, Any]], object]) -> None:
        """Change a manifest, and its seal too, as somebody would who means to."""
        file = self.folder / version / "manifest.json"
        manifest = json.loads(file.read_bytes())
        change(manifest)
        content = json.dumps(manifest).encode()
        file.write_bytes(content)
        seal = f"{hashlib.sha256(content).hexdigest()}  manifest.json\n"
        file.with_name("manifest.sha256").write_text(seal, encoding="utf-8", newline="\n")

    def forge_file(self, version: str, name: str, content: bytes) -> None:
        """Change a file of a version, and what the manifest says of it."""
        (self.folder / version / name).write_bytes(content)
        facts = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        self.forge(version, lambda manifest: manifest["files"].update({name: facts}))


@pytest.fixture(scope="session")
def tiny_classifier(examples: Sequence[Example]) -> PetitionClassifier:
    """Learnt from the first words of a few messages of three categories."""
    few = [each for each in examples if each.primary in TINY][:30]
    short = [Document(each.document.title[:3], each.document.text[:6]) for each in few]
    learnt = [
        Example(document, each.primary, urgent=at % 5 == 0)
        for at, (document, each) in enumerate(zip(short, few, strict=True))
    ]
    return fit_classifier(learnt, categories=TINY).classifier


@pytest.fixture
def desk(tmp_path: Path, tiny_classifier: PetitionClassifier) -> Desk:
    """An empty registry."""
    return Desk(Registry(tmp_path / "models"), tiny_classifier)
