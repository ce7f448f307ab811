"""The folder of one version: nothing of it is used before it is known to be as it was written."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from triage.errors import ModelError
from triage.registry.arrays import ArraysError
from triage.registry.files import sha256
from triage.registry.manifest import (
    CONTENT,
    MANIFEST,
    SEAL,
    TRAIN_AGAIN,
    Manifest,
    ModelInfo,
    check_layout,
    decode_manifest,
)

USE_ANOTHER = "Use another version (triage models), or train a new one."


@dataclass(frozen=True, slots=True)
class VersionFolder:
    """A folder that holds just what it should, with the manifest that was written into it."""

    path: Path
    manifest: Manifest
    manifest_sha256: str

    @property
    def info(self) -> ModelInfo:
        """What the manifest says of the model."""
        return self.manifest.model

    def read(self, name: str) -> bytes:
        """A file that the manifest vouches for.

        Raises
        ------
        ModelError : it is not as it was written.
        """
        content = _read(self.path, name)
        if sha256(content) != self.manifest.files[name].sha256:
            raise _changed(self.path, name)
        return content

    def read_all(self) -> dict[str, bytes]:
        """All files that the manifest vouches for; raises as `read` does."""
        return {name: self.read(name) for name in CONTENT}

    def damaged(self, error: ArraysError) -> ModelError:
        """The error to raise where files are as they were written, and yet of no use."""
        return ModelError(
            f"Model version {self.info.version} is damaged: {error}.", where=str(self.path), fix=TRAIN_AGAIN
        )


def open_version(path: Path) -> VersionFolder:
    """Read the manifest of a version, and compare the folder with it; the large files are not read.

    Raises
    ------
    ModelError : a file is missing, there besides, a link, or of another size; the manifest was changed, or is none.
    """
    sizes = _plain_files(path)
    content = _read(path, MANIFEST)
    check_layout(content, path.name, path)
    _check_names(path, set(sizes))
    if _read(path, SEAL) != seal_of(content):
        raise _changed(path, MANIFEST)
    manifest = decode_manifest(content, path.name, path / MANIFEST)
    for name, facts in manifest.files.items():
        if sizes[name] != facts.size:
            raise _changed(path, name)
    return VersionFolder(path, manifest, sha256(content))


def seal_of(manifest: bytes) -> bytes:
    """The content of the file that vouches for a manifest."""
    return f"{sha256(manifest)}  {MANIFEST}\n".encode()


def check_fit(found: VersionFolder, tokenizer_fingerprint: str, categories: tuple[str, ...]) -> None:
    """Refuse a version that was trained for another taxonomy or dictionary.

    Raises
    ------
    ModelError : it knows a category that is not among `categories`, or cut words by another dictionary.
    """
    info = found.info
    strange = sorted(set(info.categories) - set(categories))
    if strange:
        raise ModelError(
            f"Model version {info.version} was trained for another taxonomy: it knows {', '.join(strange)}, "
            "which taxonomy.toml does not have.",
            where=str(found.path),
            fix=TRAIN_AGAIN,
        )
    if info.tokenizer_fingerprint != tokenizer_fingerprint:
        raise ModelError(
            f"Model version {info.version} was trained with another dictionary.",
            where=str(found.path),
            fix="Train a new one with: triage train (or put the old dictionary.txt back).",
        )


def _plain_files(path: Path) -> dict[str, int]:
    """The files with their sizes in bytes; what a link leads to is not even looked at."""
    try:
        entries = {} if path.is_symlink() else {entry.name: entry.lstat() for entry in path.iterdir()}
    except OSError as error:
        raise ModelError(
            f"Model version {path.name} cannot be read ({error.strerror}).", where=str(path), fix=USE_ANOTHER
        ) from None
    strange = ["it"] if path.is_symlink() else [name for name, at in entries.items() if not stat.S_ISREG(at.st_mode)]
    if strange:
        raise ModelError(
            f"Model version {path.name} is not a folder of plain files: {min(strange)} is a link or a folder.",
            where=str(path),
            fix=USE_ANOTHER,
        )
    return {name: at.st_size for name, at in entries.items()}


def _check_names(path: Path, names: set[str]) -> None:
    expected = {*CONTENT, MANIFEST, SEAL}
    missing, strange = sorted(expected - names), sorted(names - expected)
    if missing:
        raise _changed(path, missing[0])
    if strange:
        raise ModelError(
            f"The folder of model version {path.name} holds {strange[0]}, which does not belong there.",
            where=str(path),
            fix="Take it out.",
        )


def _read(path: Path, name: str) -> bytes:
    try:
        return (path / name).read_bytes()
    except OSError:
        raise _changed(path, name) from None


def _changed(path: Path, name: str) -> ModelError:
    return ModelError(
        f"The file {name} of model version {path.name} is missing or was changed.", where=str(path), fix=USE_ANOTHER
    )
