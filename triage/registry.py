"""Model versions: numbered folders that are never changed, with a manifest that says what is in them.

A version holds arrays (NumPy's `.npy` within an `.npz`) and JSON, nothing that can run. It is written beside and
renamed, and each of its files is checked by SHA-256 before it is read.
"""

from __future__ import annotations

import hashlib
import json
import platform
import secrets
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import numpy as np

from triage import __version__
from triage.classifier import NATURES, LinearHead, PetitionClassifier, Urgency
from triage.errors import ModelError
from triage.features import Block, BlockName, Features, Latent
from triage.thresholds import Proof, Threshold

FORMAT = 2
"""Number of the layout of a version folder; another number is refused."""

HEADS = ("primary", "secondary", "nature", "urgent")
"""The heads of a classifier that a version holds."""

_ARRAYS, _VOCABULARY, _MANIFEST, _CHAMPION = "arrays.npz", "vocabulary.json", "manifest.json", "champion"
_AGAIN = "Train a new one with: triage train"


@dataclass(frozen=True, slots=True)
class TrainingFacts:
    """What a model learnt from, in counts; it holds no text."""

    bureau_labels: int
    starter_messages: int
    unlabelled_messages: int
    starter_weight: float


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The manifest of a version; `proof` is None where nothing could be proven, for want of own labels."""

    version: str
    created_at: str
    categories: tuple[str, ...]
    out_of_scope: tuple[str, ...]
    tokenizer_fingerprint: str
    temperature: float
    secondary_threshold: float
    nature_temperature: float
    danger_weight: float
    urgent_from: float
    watched_from: float
    proof: Proof | None
    trained_on: TrainingFacts
    libraries: dict[str, str]


class Registry:
    """The versions in a folder; the folder is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(
        self,
        classifier: PetitionClassifier,
        *,
        tokenizer_fingerprint: str,
        trained_on: TrainingFacts,
        proof: Proof | None = None,
    ) -> ModelInfo:
        """Write a new version and make it the champion."""
        self._folder.mkdir(parents=True, exist_ok=True)
        beside = self._folder / f".new-{secrets.token_hex(4)}"
        beside.mkdir()
        try:
            with (beside / _ARRAYS).open("wb") as stream:
                np.savez(stream, allow_pickle=False, **_arrays(classifier))
            _write_json(beside / _VOCABULARY, _vocabulary(classifier.features))
            version = f"{self._last_number() + 1:04d}"
            info = ModelInfo(
                version=version,
                created_at=datetime.now().astimezone().isoformat(timespec="seconds"),
                categories=classifier.categories,
                out_of_scope=tuple(sorted(classifier.out_of_scope)),
                tokenizer_fingerprint=tokenizer_fingerprint,
                temperature=classifier.temperature,
                secondary_threshold=classifier.secondary_threshold,
                nature_temperature=classifier.nature_temperature,
                danger_weight=classifier.urgency.danger_weight,
                urgent_from=classifier.urgency.urgent_from,
                watched_from=classifier.urgency.watched_from,
                proof=proof,
                trained_on=trained_on,
                libraries=_libraries(),
            )
            hashes = {name: _sha256(beside / name) for name in (_ARRAYS, _VOCABULARY)}
            _write_json(beside / _MANIFEST, {"format": FORMAT, "files": hashes, "model": asdict(info)})
            beside.rename(self._folder / version)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        self._set_champion(version)
        return info

    def versions(self) -> list[ModelInfo]:
        """The manifests of all versions, oldest first; nothing else is read."""
        return [self._read_manifest(folder)[0] for folder in self._version_folders()]

    def champion(self) -> str | None:
        """The version in use; None where there is none yet."""
        try:
            return (self._folder / _CHAMPION).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None

    def load(
        self, version: str | None = None, *, tokenizer_fingerprint: str, categories: tuple[str, ...]
    ) -> tuple[PetitionClassifier, ModelInfo]:
        """Read a version, the champion unless another is named.

        Raises
        ------
        ModelError : there is no such version, a file of it is missing or changed, or it was trained for another
            taxonomy or dictionary.
        """
        wanted = version or self.champion()
        folder = self._folder / (wanted or "")
        if wanted is None or folder not in self._version_folders():
            known = ", ".join(each.name for each in self._version_folders()) or "none"
            raise ModelError(
                f"There is no model version {wanted or ''!r}; there are: {known}.", where=str(self._folder), fix=_AGAIN
            )
        info, hashes = self._read_manifest(folder)
        for name, digest in hashes.items():
            if not (folder / name).is_file() or _sha256(folder / name) != digest:
                raise ModelError(
                    f"The file {name} of model version {wanted} is missing or was changed.",
                    where=str(folder),
                    fix="Use another version (triage models), or train a new one.",
                )
        _check_fit(info, tokenizer_fingerprint, categories, str(folder))
        try:
            return _restore(folder, info), info
        except (AttributeError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
            raise ModelError(
                f"Model version {wanted} is damaged ({type(error).__name__}).", where=str(folder), fix=_AGAIN
            ) from None

    def _version_folders(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return sorted(entry for entry in self._folder.iterdir() if entry.is_dir() and entry.name.isdigit())

    def _last_number(self) -> int:
        return max((int(folder.name) for folder in self._version_folders()), default=0)

    def _set_champion(self, version: str) -> None:
        beside = self._folder / f".champion-{secrets.token_hex(4)}"
        beside.write_text(version + "\n", encoding="utf-8")
        beside.replace(self._folder / _CHAMPION)

    def _read_manifest(self, folder: Path) -> tuple[ModelInfo, dict[str, str]]:
        try:
            manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
            if manifest["format"] != FORMAT:
                raise ModelError(
                    f"Model version {folder.name} has format {manifest['format']}; this program reads {FORMAT}.",
                    where=str(folder),
                    fix=_AGAIN,
                )
            return _info(manifest["model"], folder.name), _hashes(manifest["files"])
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"The manifest of model version {folder.name} cannot be read ({type(error).__name__}).",
                where=str(folder / _MANIFEST),
                fix=_AGAIN,
            ) from None


def _info(found: Mapping[str, Any], name: str) -> ModelInfo:
    info = ModelInfo(
        **{
            **found,
            "categories": tuple(found["categories"]),
            "out_of_scope": tuple(found["out_of_scope"]),
            "trained_on": TrainingFacts(**found["trained_on"]),
            "proof": _proof(found["proof"]),
        }
    )
    if info.version != name:
        raise ValueError("version")
    if not all(isinstance(each, str) for each in info.categories) or len(set(info.categories)) != len(info.categories):
        raise ValueError("categories")
    for name in ("temperature", "nature_temperature"):
        if not (isinstance(getattr(info, name), float) and getattr(info, name) > 0):
            raise ValueError(name)
    for name in ("secondary_threshold", "danger_weight", "urgent_from", "watched_from"):
        if not isinstance(getattr(info, name), float):
            raise ValueError(name)
    return info


def _proof(found: Mapping[str, Any] | None) -> Proof | None:
    if found is None:
        return None
    proof = Proof(**{**found, "thresholds": tuple(Threshold(**each) for each in found["thresholds"])})
    if not all(each.confidence is None or 0 <= each.confidence <= 1 for each in proof.thresholds):
        raise ValueError("thresholds")
    return proof


def _hashes(found: Mapping[str, str]) -> dict[str, str]:
    if set(found) != {_ARRAYS, _VOCABULARY}:
        raise ValueError("files")
    return dict(found)


def _check_fit(info: ModelInfo, tokenizer_fingerprint: str, categories: tuple[str, ...], where: str) -> None:
    strange = sorted(set(info.categories) - set(categories))
    if strange:
        raise ModelError(
            f"Model version {info.version} was trained for another taxonomy: it knows {', '.join(strange)}, "
            "which taxonomy.toml does not have.",
            where=where,
            fix=_AGAIN,
        )
    if info.tokenizer_fingerprint != tokenizer_fingerprint:
        raise ModelError(
            f"Model version {info.version} was trained with another dictionary.",
            where=where,
            fix="Train a new one with: triage train (or put the old dictionary.txt back).",
        )


def _arrays(classifier: PetitionClassifier) -> dict[str, np.ndarray[Any, Any]]:
    features = classifier.features
    arrays = {f"idf_{name}": block.idf for name, block in features.blocks.items()}
    if features.latent is not None:
        arrays["idf_latent"] = features.latent.block.idf
        arrays["latent"] = features.latent.components
    heads = (classifier.primary, classifier.secondary, classifier.nature, classifier.urgency.head)
    for name, head in zip(HEADS, heads, strict=True):
        arrays[f"{name}_coefficients"], arrays[f"{name}_intercepts"] = head.coefficients, head.intercepts
    return arrays


def _vocabulary(features: Features) -> dict[str, tuple[str, ...]]:
    words: dict[str, tuple[str, ...]] = {name: block.vocabulary for name, block in features.blocks.items()}
    return {**words, **({"latent": features.latent.block.vocabulary} if features.latent else {})}


def _restore(folder: Path, info: ModelInfo) -> PetitionClassifier:
    vocabulary = json.loads((folder / _VOCABULARY).read_text(encoding="utf-8"))
    with (folder / _ARRAYS).open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
        blocks = {name: Block(tuple(words), arrays[f"idf_{name}"]) for name, words in vocabulary.items()}
        latent_block = blocks.pop("latent", None)
        latent = Latent(latent_block, arrays["latent"]) if latent_block else None
        heads = {name: LinearHead(arrays[f"{name}_coefficients"], arrays[f"{name}_intercepts"]) for name in HEADS}
    features = Features(cast("dict[BlockName, Block]", blocks), latent)
    known = len(info.categories)
    for name, classes in (("primary", known), ("secondary", known), ("nature", len(NATURES)), ("urgent", 1)):
        if heads[name].coefficients.shape != (classes, features.width) or heads[name].intercepts.shape != (classes,):
            raise ValueError("the arrays do not fit each other")
    return PetitionClassifier(
        categories=info.categories,
        out_of_scope=frozenset(info.out_of_scope),
        features=features,
        temperature=info.temperature,
        secondary_threshold=info.secondary_threshold,
        nature_temperature=info.nature_temperature,
        primary=heads["primary"],
        secondary=heads["secondary"],
        nature=heads["nature"],
        urgency=Urgency(heads["urgent"], info.danger_weight, info.urgent_from, info.watched_from),
    )


def _libraries() -> dict[str, str]:
    from importlib.metadata import version

    names = ("jieba", "numpy", "scikit-learn", "scipy")
    return {"python": platform.python_version(), "petition-triage": __version__} | {
        name: version(name) for name in names
    }


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
