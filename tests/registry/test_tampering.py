"""Whatever is done to the folder of a version, it is refused in one sentence, and nothing of it runs."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from triage.classifier import Example, PetitionClassifier, fit_classifier
from triage.registry.arrays import ArraysError, ArraySpec, pack, unpack

Desk = Any
FILES = ("arrays.npz", "vocabulary.json", "learnt.npz", "manifest.json", "manifest.sha256")
CHANGED = "is missing or was changed. Use another version (triage models), or train a new one."


@pytest.fixture(scope="session")
def other_classifier(examples: list[Example]) -> PetitionClassifier:
    """Another model than the tiny one."""
    few = [each for each in examples if each.primary in ("ethics", "not_edu")][:12]
    return fit_classifier(few, categories=("ethics", "not_edu")).classifier


@pytest.fixture
def spoilt(desk: Desk, other_classifier: PetitionClassifier) -> Desk:
    """Version 0001 is in use, 0002 is what a test spoils, and 0003 is another model."""
    desk.add()
    desk.save()
    desk.registry.save(other_classifier, tokenizer_fingerprint="a fingerprint", trained_on=desk.facts)
    assert desk.load("0002")[1].version == "0002"
    return desk


def refused_everywhere(desk: Desk, version: str = "0002") -> str:
    """What is said when a version is loaded; it is not put to use either, and nothing has happened."""
    said = desk.refusal(lambda: desk.load(version))
    assert desk.refusal(lambda: desk.promote(version)) == said
    assert [entry.version for entry in desk.registry.log()] == ["0001"]
    assert desk.load()[1].version == "0001"
    return str(said)


# --- Bytes and files ---


def flip(at: int) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        place = at % len(content) if at < 0 else at
        return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]

    return change


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "first byte": flip(0),
    "middle byte": lambda content: flip(len(content) // 2)(content),
    "last byte": flip(-1),
    "cut by a byte": lambda content: content[:-1],
    "cut in half": lambda content: content[: len(content) // 2],
    "emptied": lambda content: b"",
    "a byte more": lambda content: content + b"\n",
    "a byte before": lambda content: b" " + content,
    "all zeros": lambda content: bytes(len(content)),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_changed_byte(spoilt: Desk, name: str, damage: str) -> None:
    file = spoilt.folder / "0002" / name
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    about = "manifest.json" if name == "manifest.sha256" else name
    assert refused_everywhere(spoilt) == f"models/0002: The file {about} of model version 0002 {CHANGED}"


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file(spoilt: Desk, name: str) -> None:
    (spoilt.folder / "0002" / name).unlink()
    assert refused_everywhere(spoilt) == f"models/0002: The file {name} of model version 0002 {CHANGED}"
    assert "is missing or was changed" in spoilt.refusal(lambda: spoilt.registry.info("0002"))


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_version(spoilt: Desk, name: str) -> None:
    shutil.copyfile(spoilt.folder / "0003" / name, spoilt.folder / "0002" / name)
    refused_everywhere(spoilt)


@pytest.mark.parametrize(("one", "other"), [pair for pair in permutations(FILES, 2) if pair[0] < pair[1]])
def test_files_swapped_with_each_other(spoilt: Desk, one: str, other: str) -> None:
    folder = spoilt.folder / "0002"
    (folder / one).rename(folder / "aside")
    (folder / other).rename(folder / one)
    (folder / "aside").rename(folder / other)
    refused_everywhere(spoilt)


def test_whole_folders_exchanged(spoilt: Desk) -> None:
    folder = spoilt.folder
    (folder / "0001").rename(folder / "aside")
    (folder / "0003").rename(folder / "0001")
    (folder / "aside").rename(folder / "0003")
    for name in ("0001", "0003"):
        said = spoilt.refusal(lambda name=name: spoilt.load(name))
        assert f"The manifest of model version {name} cannot be used: it says that it is version" in said
    assert spoilt.refusal(spoilt.load) == spoilt.refusal(lambda: spoilt.load("0001"))


def test_another_whole_version_of_the_same_number_is_not_taken_for_the_one_that_was_put_to_use(spoilt: Desk) -> None:
    for file in (spoilt.folder / "0002").iterdir():
        shutil.copyfile(file, spoilt.folder / "0001" / file.name)
    spoilt.forge("0001", lambda manifest: manifest["model"].update(version="0001"))
    said = spoilt.refusal(spoilt.load)
    assert said.startswith("models/0001: Model version 0001 is not the one that was put to use on ")


@pytest.mark.parametrize("name", ["notes.txt", "arrays.npz~", ".hidden", "model.pkl"])
def test_a_file_that_does_not_belong_there(spoilt: Desk, name: str) -> None:
    (spoilt.folder / "0002" / name).write_bytes(b"something")
    assert refused_everywhere(spoilt) == (
        f"models/0002: The folder of model version 0002 holds {name}, which does not belong there. Take it out."
    )


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("leads", ["to the same", "to another", "nowhere"])
def test_a_link_in_the_place_of_a_file(spoilt: Desk, tmp_path: Path, name: str, leads: str) -> None:
    file = spoilt.folder / "0002" / name
    file.rename(tmp_path / name)
    target = {"to the same": tmp_path / name, "to another": Path("/dev/zero"), "nowhere": tmp_path / "nothing"}[leads]
    file.symlink_to(target)
    assert f"Model version 0002 is not a folder of plain files: {name} is a link" in refused_everywhere(spoilt)


def test_a_link_in_the_place_of_the_folder(spoilt: Desk, tmp_path: Path) -> None:
    (spoilt.folder / "0002").rename(tmp_path / "0002")
    (spoilt.folder / "0002").symlink_to(tmp_path / "0002")
    assert "is not a folder of plain files: it is a link" in refused_everywhere(spoilt)


@pytest.mark.parametrize("name", [*FILES, "more"])
def test_what_is_no_file_at_all(spoilt: Desk, name: str) -> None:
    (spoilt.folder / "0002" / name).unlink(missing_ok=True)
    if hasattr(os, "mkfifo"):
        os.mkfifo(spoilt.folder / "0002" / name)  # whoever read it would wait for ever
    else:
        (spoilt.folder / "0002" / name).mkdir()
    assert "is not a folder of plain files" in refused_everywhere(spoilt)


# --- Manifests whose hashes are right ---


def proof_with(desk: Desk, **change: Any) -> dict[str, Any]:
    """What a manifest would say of the proof, but for one threshold."""
    first, *others = (asdict(each) for each in desk.proof.thresholds)
    return {**asdict(desk.proof), "thresholds": [first | change, *others]}


def test_what_is_spoilt_below_would_else_be_read(spoilt: Desk) -> None:
    spoilt.forge("0002", lambda manifest: manifest["model"].update(proof=proof_with(spoilt)))
    assert spoilt.load("0002")[1].proof == spoilt.proof


def in_model(**change: Any) -> Callable[[Desk, dict[str, Any]], object]:
    return lambda desk, manifest: manifest["model"].update(change)


def in_proof(**change: Any) -> Callable[[Desk, dict[str, Any]], object]:
    return lambda desk, manifest: manifest["model"]["proof"].update(change)


def in_threshold(**change: Any) -> Callable[[Desk, dict[str, Any]], object]:
    return lambda desk, manifest: manifest["model"].update(proof=proof_with(desk, **change))


def in_metrics(**change: Any) -> Callable[[Desk, dict[str, Any]], object]:
    return lambda desk, manifest: manifest["model"]["metrics"].update(change)


def without(*path: str) -> Callable[[Desk, dict[str, Any]], object]:
    def change(desk: Desk, manifest: dict[str, Any]) -> None:
        for name in path[:-1]:
            manifest = manifest[name]
        del manifest[path[-1]]

    return change


MANIFESTS: dict[str, Callable[[Desk, dict[str, Any]], object]] = {
    "no format": without("format"),
    "a format in words": lambda desk, manifest: manifest.update(format="three"),
    "no model": without("model"),
    "empty model": lambda desk, manifest: manifest.update(model={}),
    "no files": lambda desk, manifest: manifest.update(files={}),
    "a file more": lambda desk, manifest: manifest["files"].update({"../../evil": {"size": 0, "sha256": "0" * 64}}),
    "a file less": without("files", "learnt.npz"),
    "files as a list": lambda desk, manifest: manifest.update(files=["arrays.npz", "vocabulary.json"]),
    "a hash that is none": lambda desk, manifest: manifest["files"]["arrays.npz"].update(sha256="0"),
    "a size below zero": lambda desk, manifest: manifest["files"]["arrays.npz"].update(size=-1),
    "no sizes": without("sizes"),
    "a block that there is not": lambda desk, manifest: manifest["sizes"]["features"].update(smell=3),
    "no words": without("sizes", "features", "words"),
    "a block of half a feature": lambda desk, manifest: manifest["sizes"]["features"].update(words=1.5),
    "a latent space of one number": lambda desk, manifest: manifest["sizes"].update(latent=[3]),
    "another number": in_model(version="0001"),
    "unknown key": in_model(colour="red"),
    "unknown key at the top": lambda desk, manifest: manifest.update(run="me"),
    "made at no time": in_model(created_at="yesterday"),
    "made without a time zone": in_model(created_at="2026-05-01T09:30:00"),
    "facts as text": in_model(trained_on="much"),
    "less than no labels": lambda desk, manifest: manifest["model"]["trained_on"].update(bureau_labels=-1),
    "half a label": lambda desk, manifest: manifest["model"]["trained_on"].update(bureau_labels=0.5),
    "a hash of labels that is none": lambda desk, manifest: manifest["model"]["trained_on"].update(labels_sha256="x"),
    "categories of a number": in_model(categories=11),
    "one category": in_model(categories=["fees"]),
    "a category twice": in_model(categories=["fees", "fees", "pay"]),
    "a category that is no text": in_model(categories=["fees", "pay", 1]),
    "a category without a name": in_model(categories=["fees", "pay", ""]),
    "out of scope twice": in_model(out_of_scope=["not_edu", "not_edu"]),
    "no temperature": in_model(temperature=None),
    "temperature of zero": in_model(temperature=0.0),
    "temperature of nothing": in_model(temperature=float("nan")),
    "temperature without end": in_model(temperature=float("inf")),
    "nature temperature below zero": in_model(nature_temperature=-0.5),
    "no weight of danger": without("model", "danger_weight"),
    "urgent threshold in words": in_model(urgent_from="high"),
    "urgent threshold as a flag": in_model(urgent_from=True),
    "watched after urgent": in_model(urgent_from=0.0, watched_from=1.0),
    "threshold as text": in_model(secondary_threshold="high"),
    "no word on the proof": without("model", "proof"),
    "a proof of nothing": in_model(proof={}),
    "a proof as text": in_model(proof="yes"),
    "a proof of more errors than messages": in_proof(errors=401),
    "a proof of more messages than there were": in_proof(automatic=701),
    "a proof that is too certain": in_proof(certainty=1.5),
    "a threshold above one": in_threshold(confidence=1.5),
    "a threshold below zero": in_threshold(confidence=-0.1),
    "a threshold of nothing": in_threshold(confidence=float("nan")),
    "a threshold in words": in_threshold(confidence="low"),
    "a threshold with more to say": in_threshold(colour="red"),
    "a threshold for a category that there is not": in_threshold(category="weather"),
    "two thresholds for one category": in_threshold(category="pay"),
    "a threshold on less than nothing": in_threshold(errors=-1),
    "figures of no messages": in_metrics(n=0),
    "an interval without its figure": in_metrics(accuracy={"value": 0.5, "low": 0.6, "high": 0.7}),
    "an accuracy above one": in_metrics(accuracy={"value": 1.5, "low": 1.2, "high": 1.7}),
    "an accuracy in words": in_metrics(accuracy="good"),
    "figures with more to say": in_metrics(colour="red"),
    "no word on the figures": without("model", "metrics"),
    "a verdict in words": in_model(verdict="passed"),
    "a verdict on less than nothing": lambda desk, manifest: manifest["model"]["verdict"].update(judged=-1),
    "libraries as a list": in_model(libraries=["numpy"]),
}


@pytest.mark.parametrize("damage", MANIFESTS)
def test_a_manifest_that_is_not_what_it_should_be(spoilt: Desk, damage: str) -> None:
    spoilt.forge("0002", lambda manifest: MANIFESTS[damage](spoilt, manifest))
    said = refused_everywhere(spoilt)
    assert said.startswith("models/0002/manifest.json: The manifest of model version 0002 cannot be used: ")
    assert said.endswith(". Train a new one with: triage train")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"format": 3}'])
def test_a_manifest_that_is_none(spoilt: Desk, content: bytes) -> None:
    import hashlib

    folder = spoilt.folder / "0002"
    (folder / "manifest.json").write_bytes(content)
    seal = f"{hashlib.sha256(content).hexdigest()}  manifest.json\n"
    (folder / "manifest.sha256").write_bytes(seal.encode())
    assert "The manifest of model version 0002 cannot be used: " in refused_everywhere(spoilt)


def test_a_wrong_field_is_named(spoilt: Desk) -> None:
    spoilt.forge("0002", lambda manifest: manifest["model"].update(temperature="warm"))
    assert "Expected 'float', got 'str' - at 'model.temperature'." in refused_everywhere(spoilt)


@pytest.mark.parametrize("number", [2, 4])
def test_the_layout_of_another_program(spoilt: Desk, number: int) -> None:
    spoilt.forge("0002", lambda manifest: manifest.update(format=number))
    assert refused_everywhere(spoilt) == (
        f"models/0002: Model version 0002 has format {number}; this program reads 3. Train a new one with: triage train"
    )


def test_a_version_of_the_program_before_this_one(spoilt: Desk) -> None:
    """It had a manifest without a seal."""
    for name in ("manifest.sha256", "learnt.npz"):
        (spoilt.folder / "0002" / name).unlink()
    (spoilt.folder / "0002" / "manifest.json").write_text(json.dumps({"format": 2, "files": {}, "model": {}}))
    assert "Model version 0002 has format 2; this program reads 3." in refused_everywhere(spoilt)


# --- Content whose hashes are right ---


class _Trap:
    """Tells that it was unpickled by making a folder."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (self.path,)


def rezip(content: bytes, change: Callable[[zipfile.ZipInfo, bytes], bytes]) -> bytes:
    """The archive with its members changed."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        for member in old.infolist():
            changed = change(member, old.read(member))
            new.writestr(member, changed)
    return written.getvalue()


def forged_arrays(desk: Desk, name: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the arrays of a file, with true hashes."""
    with np.load(desk.folder / "0002" / name) as found:
        arrays = {each: found[each] for each in found.files}
    change(arrays)
    specs = {each: ArraySpec(array.shape, array.dtype.str) for each, array in arrays.items()}
    desk.forge_file("0002", name, pack(arrays, specs))


def test_the_content_that_is_spoilt_below_would_else_be_read(spoilt: Desk) -> None:
    for name in ("arrays.npz", "learnt.npz"):
        forged_arrays(spoilt, name, lambda arrays: None)
        again = rezip((spoilt.folder / "0002" / name).read_bytes(), lambda member, content: content)
        spoilt.forge_file("0002", name, again)
    spoilt.load("0002")
    spoilt.registry.learnt("0002")


@pytest.mark.parametrize(("name", "array"), [("arrays.npz", "idf_words"), ("learnt.npz", "alarms")])
def test_an_array_that_would_run_is_not_run(spoilt: Desk, tmp_path: Path, name: str, array: str) -> None:
    trap = np.empty(1, dtype=object)
    trap[0] = _Trap(tmp_path / "sprung")
    pickled = io.BytesIO()
    np.save(pickled, trap, allow_pickle=True)
    evil = rezip(
        (spoilt.folder / "0002" / name).read_bytes(),
        lambda member, content: pickled.getvalue() if member.filename == f"{array}.npy" else content,
    )
    spoilt.forge_file("0002", name, evil)
    read = spoilt.load if name == "arrays.npz" else spoilt.registry.learnt
    assert f"Model version 0002 is damaged: {array} is not <f8 of shape" in spoilt.refusal(lambda: read("0002"))
    assert not (tmp_path / "sprung").exists()
    with np.load(io.BytesIO(evil), allow_pickle=True) as found:
        assert found[array][0] is None
    assert (tmp_path / "sprung").exists()  # the trap would have sprung


ARRAYS: dict[str, Callable[[dict[str, Any]], object]] = {
    "an array less": lambda arrays: arrays.pop("nature_intercepts"),
    "an array more": lambda arrays: arrays.update(more=np.zeros(3)),
    "a column less": lambda arrays: arrays.update(urgent_coefficients=arrays["urgent_coefficients"][:, :-1]),
    "a row less": lambda arrays: arrays.update(primary_coefficients=arrays["primary_coefficients"][:-1]),
    "another type": lambda arrays: arrays.update(idf_words=arrays["idf_words"].astype(np.float32)),
    "another order of bytes": lambda arrays: arrays.update(idf_words=arrays["idf_words"].astype(">f8")),
    "whole numbers": lambda arrays: arrays.update(idf_words=arrays["idf_words"].astype(np.int64)),
    "text": lambda arrays: arrays.update(idf_words=arrays["idf_words"].astype("U8")),
    "a number that is none": lambda arrays: arrays["secondary_coefficients"].__setitem__((0, 0), np.nan),
    "a number without end": lambda arrays: arrays["primary_intercepts"].__setitem__(0, np.inf),
}


@pytest.mark.parametrize("damage", ARRAYS)
def test_arrays_that_are_not_what_they_should_be(spoilt: Desk, damage: str) -> None:
    forged_arrays(spoilt, "arrays.npz", ARRAYS[damage])
    assert spoilt.refusal(lambda: spoilt.load("0002")).startswith("models/0002: Model version 0002 is damaged: ")


LEARNT: dict[str, Callable[[dict[str, Any]], object]] = {
    "a category that there is not": lambda arrays: arrays["primary"].__setitem__(0, 3),
    "a category before the first": lambda arrays: arrays["primary"].__setitem__(0, -1),
    "no probabilities": lambda arrays: arrays["probabilities"].__setitem__((0, 0), 0.9),
    "probabilities below zero": lambda arrays: arrays["probabilities"].__setitem__(0, [-0.5, 1.0, 0.5]),
    "probabilities of nothing": lambda arrays: arrays["probabilities"].__setitem__((0, 0), np.nan),
    "an alarm without end": lambda arrays: arrays["alarms"].__setitem__(0, np.inf),
    "a key less": lambda arrays: arrays.update(keys=arrays["keys"][:-1]),
}


@pytest.mark.parametrize("damage", LEARNT)
def test_what_was_learnt_is_not_what_it_should_be(spoilt: Desk, damage: str) -> None:
    forged_arrays(spoilt, "learnt.npz", LEARNT[damage])
    said = spoilt.refusal(lambda: spoilt.registry.learnt("0002"))
    assert said.startswith("models/0002: Model version 0002 is damaged: ")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("arrays.npz", b""),
        ("arrays.npz", b"PK\x03\x04 no archive"),
        ("arrays.npz", b"PK\x05\x06" + bytes(18)),
        ("vocabulary.json", b"[]"),
        ("vocabulary.json", b"{}"),
        ("vocabulary.json", b'{"words": ["one"]}'),
        ("vocabulary.json", b'{"words": 1}'),
        ("vocabulary.json", b"{"),
        ("vocabulary.json", b"[" * 100_000),
    ],
)
def test_files_that_are_none(spoilt: Desk, name: str, content: bytes) -> None:
    spoilt.forge_file("0002", name, content)
    assert spoilt.refusal(lambda: spoilt.load("0002")).startswith("models/0002: Model version 0002 is damaged: ")


def test_a_feature_that_is_no_pair_of_characters(spoilt: Desk) -> None:
    words = json.loads((spoilt.folder / "0002" / "vocabulary.json").read_bytes())
    words["bigrams"][0] = "三个字"
    spoilt.forge_file("0002", "vocabulary.json", json.dumps(words).encode())
    assert "a feature in bigrams that is no pair of characters" in spoilt.refusal(lambda: spoilt.load("0002"))


# --- Archives that would fill the memory ---


def test_a_compressed_archive_is_not_decompressed(spoilt: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def compressed(member: zipfile.ZipInfo, content: bytes) -> bytes:
        member.compress_type = zipfile.ZIP_DEFLATED
        return content + bytes(1_000_000)

    content = rezip((spoilt.folder / "0002" / "arrays.npz").read_bytes(), compressed)
    spoilt.forge_file("0002", "arrays.npz", content)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("decompressed")

    monkeypatch.setattr(zipfile.ZipFile, "open", never)
    assert "is compressed" in spoilt.refusal(lambda: spoilt.load("0002"))


def test_a_member_that_is_longer_than_its_numbers(spoilt: Desk) -> None:
    content = rezip((spoilt.folder / "0002" / "arrays.npz").read_bytes(), lambda member, content: content + bytes(8))
    spoilt.forge_file("0002", "arrays.npz", content)
    assert "idf_words is not <f8 of shape" in spoilt.refusal(lambda: spoilt.load("0002"))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice(spoilt: Desk) -> None:
    written = io.BytesIO((spoilt.folder / "0002" / "arrays.npz").read_bytes())
    with zipfile.ZipFile(written, "a") as archive:
        archive.writestr("idf_words.npy", archive.read("idf_words.npy"))
    spoilt.forge_file("0002", "arrays.npz", written.getvalue())
    assert "it holds other arrays than it should" in spoilt.refusal(lambda: spoilt.load("0002"))


@pytest.mark.parametrize("seed", range(20))
def test_random_damage_with_true_hashes_gives_a_sentence_or_harmless_numbers(spoilt: Desk, seed: int) -> None:
    """What lies in numbers themselves nobody can tell, but no other error comes out."""
    specs = {"x": ArraySpec((2, 3)), "empty": ArraySpec((0, 4)), "keys": ArraySpec((2, 32), "|u1")}
    content = pack(
        {"x": np.arange(6.0).reshape(2, 3), "empty": np.zeros((0, 4)), "keys": np.zeros((2, 32), np.uint8)}, specs
    )
    random = np.random.default_rng(seed)
    for _ in range(200):
        damaged = bytearray(content)
        for at in random.integers(len(content), size=random.integers(1, 4)):
            damaged[at] = random.integers(256)
        try:
            arrays = unpack(bytes(damaged), specs)
        except ArraysError:
            continue
        assert {name: array.shape for name, array in arrays.items()} == {"x": (2, 3), "empty": (0, 4), "keys": (2, 32)}
