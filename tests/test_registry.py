"""Model versions: numbered, never changed, whole or not there, and refused where they do not fit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from triage.classifier import Example, PetitionClassifier, fit_classifier
from triage.config import load_taxonomy
from triage.errors import ModelError
from triage.features import Document
from triage.registry import ModelInfo, Registry, TrainingFacts
from triage.thresholds import Proof, Threshold

FACTS = TrainingFacts(
    bureau_labels=7,
    starter_messages=300,
    unlabelled_messages=0,
    starter_weight=1.0,
)
FINGERPRINT = "a fingerprint"
CATEGORIES = load_taxonomy(Path(__file__).parents[1] / "data").ids


PROOF = Proof(
    max_error=0.05,
    certainty=0.95,
    messages=700,
    automatic=400,
    errors=11,
    error_bound=0.045,
    thresholds=(Threshold("fees", 0.1 + 0.2, 90, 60, 1, 0.08), Threshold("pay", None, 12, 0, 0, 1.0)),
)


@pytest.fixture(scope="session")
def latent_classifier(examples: list[Example], documents: list[Document]) -> PetitionClassifier:
    """Learnt with a latent space."""
    classifier = fit_classifier(
        examples[:40], categories=CATEGORIES, out_of_scope=frozenset({"not_edu"}), unlabelled=documents[40:90]
    ).classifier
    assert classifier.features.latent is not None
    return classifier


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "models")


@pytest.fixture
def save(registry: Registry, small_classifier: PetitionClassifier) -> Callable[[], ModelInfo]:
    return lambda: registry.save(small_classifier, tokenizer_fingerprint=FINGERPRINT, trained_on=FACTS)


def load(registry: Registry, version: str | None = None, **other: Any) -> tuple[PetitionClassifier, ModelInfo]:
    wanted = {"tokenizer_fingerprint": FINGERPRINT, "categories": CATEGORIES} | other
    return registry.load(version, **wanted)


def refused(registry: Registry, version: str | None = None, **other: Any) -> str:
    """What is said of a version, without the folder of the registry."""
    with pytest.raises(ModelError) as caught:
        load(registry, version, **other)
    return str(caught.value).replace(str(registry._folder), "models")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rewrite_manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def replace_with_true_hash(file: Path, content: bytes) -> None:
    """Change a file of a version and its hash too, as somebody would who means to."""
    file.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    rewrite_manifest(file.parent, lambda manifest: manifest["files"].update({file.name: digest}))


# --- Versions ---


def test_a_folder_that_does_not_exist_has_no_versions(registry: Registry) -> None:
    assert registry.versions() == []
    assert registry.champion() is None
    assert not registry._folder.exists()


def test_versions_are_numbered_and_the_latest_is_in_use(registry: Registry, save: Callable[[], ModelInfo]) -> None:
    assert [save().version for _ in range(3)] == ["0001", "0002", "0003"]
    assert [info.version for info in registry.versions()] == ["0001", "0002", "0003"]
    assert registry.champion() == "0003"
    assert load(registry)[1].version == "0003"


def test_a_version_is_not_changed_by_the_next(registry: Registry, save: Callable[[], ModelInfo]) -> None:
    save()
    before = contents(registry._folder / "0001")
    save()
    assert contents(registry._folder / "0001") == before
    assert set(before) == {"arrays.npz", "vocabulary.json", "manifest.json"}


def test_the_number_of_a_version_that_was_removed_from_the_middle_is_not_given_again(
    registry: Registry, save: Callable[[], ModelInfo]
) -> None:
    save(), save()
    for file in (registry._folder / "0001").iterdir():
        file.unlink()
    (registry._folder / "0001").rmdir()
    assert save().version == "0003"


def test_an_older_version_can_be_named(registry: Registry, save: Callable[[], ModelInfo]) -> None:
    save(), save()
    assert load(registry, "0001")[1].version == "0001"


def test_the_manifest_says_what_the_model_learnt_from_and_with_what(
    registry: Registry, save: Callable[[], ModelInfo]
) -> None:
    saved = save()
    (read,) = registry.versions()
    assert read == saved
    assert read.trained_on == FACTS
    assert set(read.libraries) == {"python", "petition-triage", "jieba", "numpy", "scikit-learn", "scipy"}


# --- What is loaded is what was saved ---


@pytest.mark.parametrize("which", ["small_classifier", "latent_classifier"])
def test_a_loaded_model_answers_bit_by_bit_as_the_saved_one(
    registry: Registry, documents: Sequence[Document], which: str, request: pytest.FixtureRequest
) -> None:
    trained: PetitionClassifier = request.getfixturevalue(which)
    registry.save(trained, tokenizer_fingerprint=FINGERPRINT, trained_on=FACTS)
    loaded, _ = load(registry)
    asked = documents[300:400]
    assert loaded.probabilities(asked).tobytes() == trained.probabilities(asked).tobytes()
    assert loaded.predict(asked) == trained.predict(asked)


def test_a_loaded_model_feels_danger_as_the_saved_one(
    registry: Registry, save: Callable[[], ModelInfo], examples: list[Example], small_classifier: PetitionClassifier
) -> None:
    save()
    asked = [example for example in examples if example.danger > 0.5][:20]
    documents, dangers = [example.document for example in asked], [example.danger for example in asked]
    outcomes = load(registry)[0].predict(documents, dangers=dangers)
    assert outcomes == small_classifier.predict(documents, dangers=dangers)
    assert [outcome.alarm for outcome in outcomes] != [each.alarm for each in small_classifier.predict(documents)]


def test_a_proof_is_kept_to_the_bit(registry: Registry, small_classifier: PetitionClassifier) -> None:
    registry.save(small_classifier, tokenizer_fingerprint=FINGERPRINT, trained_on=FACTS, proof=PROOF)
    assert load(registry)[1].proof == PROOF
    assert [info.proof for info in registry.versions()] == [PROOF]


def test_a_version_of_which_nothing_was_proven_says_so(registry: Registry, save: Callable[[], ModelInfo]) -> None:
    assert save().proof is None
    assert load(registry)[1].proof is None


def test_nothing_that_can_run_is_saved(registry: Registry, save: Callable[[], ModelInfo]) -> None:
    save()
    with np.load(registry._folder / "0001" / "arrays.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind == "f" for name in arrays.files)


# --- Whole or not at all ---


@pytest.mark.parametrize("end", [OSError("the disk is gone"), KeyboardInterrupt()], ids=["failure", "Ctrl-C"])
def test_a_save_that_is_cut_short_leaves_nothing(
    registry: Registry, save: Callable[[], ModelInfo], monkeypatch: pytest.MonkeyPatch, end: BaseException
) -> None:
    save()
    before = contents(registry._folder)

    def stop(*_: object) -> None:
        raise end

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", stop)
        with pytest.raises(type(end)):
            save()
    assert contents(registry._folder) == before
    assert {entry.name for entry in registry._folder.iterdir()} == {"0001", "champion"}
    assert save().version == "0002"


def test_what_a_killed_process_left_is_no_version(registry: Registry, save: Callable[[], ModelInfo]) -> None:
    save()
    (registry._folder / ".new-0badcafe").mkdir()
    (registry._folder / ".new-0badcafe" / "arrays.npz").write_bytes(b"half")
    assert [info.version for info in registry.versions()] == ["0001"]
    assert save().version == "0002"


# --- What is refused ---


def test_no_version_at_all(registry: Registry) -> None:
    assert refused(registry) == (
        "models: There is no model version ''; there are: none. Train a new one with: triage train"
    )


@pytest.mark.parametrize("name", ["0009", "1", "../models/0001", "champion", ".new-0badcafe"])
def test_a_version_that_there_is_not(registry: Registry, save: Callable[[], ModelInfo], name: str) -> None:
    save()
    assert refused(registry, name) == (
        f"models: There is no model version {name!r}; there are: 0001. Train a new one with: triage train"
    )


def test_a_champion_that_was_taken_away(registry: Registry, save: Callable[[], ModelInfo]) -> None:
    save(), save()
    (registry._folder / "0002").rename(registry._folder / "elsewhere")
    assert "There is no model version '0002'; there are: 0001." in refused(registry)


@pytest.mark.parametrize("name", ["arrays.npz", "vocabulary.json"])
@pytest.mark.parametrize("damage", ["changed", "cut", "missing"])
def test_a_file_that_was_changed(registry: Registry, save: Callable[[], ModelInfo], name: str, damage: str) -> None:
    save()
    file = registry._folder / "0001" / name
    content = file.read_bytes()
    if damage == "missing":
        file.unlink()
    else:
        half = len(content) // 2
        file.write_bytes(
            content[:half] + (b"" if damage == "cut" else bytes([content[half] ^ 1]) + content[half + 1 :])
        )
    assert refused(registry) == (
        f"models/0001: The file {name} of model version 0001 is missing or was changed. "
        "Use another version (triage models), or train a new one."
    )


def proof_with(**change: Any) -> dict[str, Any]:
    """What a manifest would say of `PROOF`, but for one threshold."""
    first, *others = (asdict(each) for each in PROOF.thresholds)
    return {**asdict(PROOF), "thresholds": [first | change, *others]}


def test_what_is_spoilt_below_would_else_be_read(registry: Registry, save: Callable[[], ModelInfo]) -> None:
    save()
    rewrite_manifest(registry._folder / "0001", lambda manifest: manifest["model"].update(proof=proof_with()))
    assert load(registry)[1].proof == PROOF


MANIFESTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "no format": lambda manifest: manifest.pop("format"),
    "no model": lambda manifest: manifest.pop("model"),
    "empty model": lambda manifest: manifest.update(model={}),
    "no files": lambda manifest: manifest.update(files={}),
    "a file more": lambda manifest: manifest["files"].update({"../../evil": "0"}),
    "files as a list": lambda manifest: manifest.update(files=["arrays.npz", "vocabulary.json"]),
    "another number": lambda manifest: manifest["model"].update(version="0002"),
    "unknown key": lambda manifest: manifest["model"].update(colour="red"),
    "facts as text": lambda manifest: manifest["model"].update(trained_on="much"),
    "categories of a number": lambda manifest: manifest["model"].update(categories=11),
    "a category twice": lambda manifest: manifest["model"].update(categories=["fees", "fees"]),
    "a category that is no text": lambda manifest: manifest["model"]["categories"].append(1),
    "no temperature": lambda manifest: manifest["model"].update(temperature=None),
    "temperature of zero": lambda manifest: manifest["model"].update(temperature=0.0),
    "nature temperature below zero": lambda manifest: manifest["model"].update(nature_temperature=-0.5),
    "no weight of danger": lambda manifest: manifest["model"].pop("danger_weight"),
    "urgent threshold as a number of messages": lambda manifest: manifest["model"].update(urgent_from=3),
    "no word on the proof": lambda manifest: manifest["model"].pop("proof"),
    "a proof of nothing": lambda manifest: manifest["model"].update(proof={}),
    "a proof as text": lambda manifest: manifest["model"].update(proof="yes"),
    "a threshold above one": lambda manifest: manifest["model"].update(proof=proof_with(confidence=1.5)),
    "a threshold below zero": lambda manifest: manifest["model"].update(proof=proof_with(confidence=-0.1)),
    "a threshold in words": lambda manifest: manifest["model"].update(proof=proof_with(confidence="low")),
    "a threshold with more to say": lambda manifest: manifest["model"].update(proof=proof_with(colour="red")),
    "threshold as text": lambda manifest: manifest["model"].update(secondary_threshold="high"),
}


@pytest.mark.parametrize("damage", MANIFESTS)
def test_a_broken_manifest(registry: Registry, save: Callable[[], ModelInfo], damage: str) -> None:
    save()
    rewrite_manifest(registry._folder / "0001", MANIFESTS[damage])
    said = refused(registry)
    assert said.startswith("models/0001/manifest.json: The manifest of model version 0001 cannot be read (")
    assert said.endswith("). Train a new one with: triage train")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe"])
def test_a_manifest_that_is_none(registry: Registry, save: Callable[[], ModelInfo], content: bytes) -> None:
    save()
    (registry._folder / "0001" / "manifest.json").write_bytes(content)
    assert "The manifest of model version 0001 cannot be read" in refused(registry)


def test_a_missing_manifest(registry: Registry, save: Callable[[], ModelInfo]) -> None:
    save()
    (registry._folder / "0001" / "manifest.json").unlink()
    assert "cannot be read (FileNotFoundError)" in refused(registry)


def test_the_layout_of_another_program(registry: Registry, save: Callable[[], ModelInfo]) -> None:
    save()
    rewrite_manifest(registry._folder / "0001", lambda manifest: manifest.update(format=1))
    assert refused(registry) == (
        "models/0001: Model version 0001 has format 1; this program reads 2. Train a new one with: triage train"
    )


def test_a_model_for_another_taxonomy(registry: Registry, save: Callable[[], ModelInfo]) -> None:
    save()
    fewer = tuple(category for category in CATEGORIES if category not in ("pay", "fees"))
    assert refused(registry, categories=fewer) == (
        "models/0001: Model version 0001 was trained for another taxonomy: it knows fees, pay, "
        "which taxonomy.toml does not have. Train a new one with: triage train"
    )


def test_a_new_category_of_the_taxonomy_does_no_harm(registry: Registry, save: Callable[[], ModelInfo]) -> None:
    save()
    classifier, _ = load(registry, categories=(*CATEGORIES, "sports"))
    assert "sports" not in classifier.categories


def test_a_model_for_another_dictionary(registry: Registry, save: Callable[[], ModelInfo]) -> None:
    save()
    assert refused(registry, tokenizer_fingerprint="another") == (
        "models/0001: Model version 0001 was trained with another dictionary. "
        "Train a new one with: triage train (or put the old dictionary.txt back)."
    )


class _Trap:
    """Tells that it was unpickled by making a folder."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        import os

        return os.mkdir, (self.path,)


def test_an_array_that_would_run_is_not_run_even_with_a_true_hash(
    registry: Registry, save: Callable[[], ModelInfo], tmp_path: Path
) -> None:
    save()
    arrays = registry._folder / "0001" / "arrays.npz"
    with np.load(arrays) as found:
        content = {name: found[name] for name in found.files}
    content["idf_words"] = np.array([_Trap(tmp_path / "sprung")], dtype=object)
    np.savez(tmp_path / "evil.npz", **content)
    replace_with_true_hash(arrays, (tmp_path / "evil.npz").read_bytes())
    assert refused(registry) == (
        "models/0001: Model version 0001 is damaged (ValueError). Train a new one with: triage train"
    )
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("arrays.npz", b""),
        ("arrays.npz", b"PK\x03\x04 no archive"),
        ("vocabulary.json", b"[]"),
        ("vocabulary.json", b"{}"),
        ("vocabulary.json", b'{"words": ["one"]}'),
        ("vocabulary.json", b"{"),
    ],
    ids=["no arrays", "no archive", "a list", "no words", "one word", "half a file"],
)
def test_files_that_do_not_fit_each_other(
    registry: Registry, save: Callable[[], ModelInfo], name: str, content: bytes
) -> None:
    save()
    replace_with_true_hash(registry._folder / "0001" / name, content)
    assert refused(registry).startswith("models/0001: Model version 0001 is damaged (")


@pytest.mark.parametrize("name", ["nature", "urgent", "secondary"])
def test_a_head_that_is_missing_or_of_another_shape(
    registry: Registry, save: Callable[[], ModelInfo], tmp_path: Path, name: str
) -> None:
    save()
    file = registry._folder / "0001" / "arrays.npz"
    with np.load(file) as found:
        content = {each: found[each] for each in found.files}
    cut = content | {f"{name}_coefficients": content[f"{name}_coefficients"][:, :-1]}
    missing = {each: array for each, array in content.items() if each != f"{name}_intercepts"}
    for spoilt in (cut, missing):
        np.savez(tmp_path / "spoilt.npz", **spoilt)
        replace_with_true_hash(file, (tmp_path / "spoilt.npz").read_bytes())
        assert refused(registry).startswith("models/0001: Model version 0001 is damaged (")
