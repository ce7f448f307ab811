"""From documents to categories with calibrated confidence, natures and urgency."""

from __future__ import annotations

from triage.classifier.examples import Example
from triage.classifier.fitting import Fit, FitSummary, HeldOut, Progress, fit_classifier
from triage.classifier.heads import LinearHead
from triage.classifier.model import NATURES, Outcome, PetitionClassifier, Urgency

__all__ = [
    "NATURES",
    "Example",
    "Fit",
    "FitSummary",
    "HeldOut",
    "LinearHead",
    "Outcome",
    "PetitionClassifier",
    "Progress",
    "Urgency",
    "fit_classifier",
]
