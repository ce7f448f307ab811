"""The registry: saves versions, puts them to use, and refuses what is not whole."""

from __future__ import annotations

import platform
from datetime import datetime
from pathlib import Path

from triage import __version__
from triage.classifier import PetitionClassifier
from triage.errors import ModelError
from triage.gate import Verdict
from triage.registry.arrays import ArraysError
from triage.registry.content import pack_arrays, pack_vocabulary, restore, sizes_of
from triage.registry.files import sha256, write_folder, writing
from triage.registry.folder import USE_ANOTHER, VersionFolder, check_fit, open_version, seal_of
from triage.registry.learnt import Learnt, nothing_learnt, pack_learnt, unpack_learnt
from triage.registry.log import Action, Log, LogEntry, standing
from triage.registry.manifest import (
    ARRAYS,
    FORMAT,
    LEARNT,
    MANIFEST,
    SEAL,
    TRAIN_AGAIN,
    VOCABULARY,
    FileFacts,
    Manifest,
    ModelInfo,
    TrainingFacts,
    decode_manifest,
    encode_manifest,
)
from triage.registry.metrics import Metrics
from triage.thresholds import Proof


class Registry:
    """The versions in a folder; the folder is made with the first of them.

    A version is a folder that is never changed: arrays and JSON, nothing that can run, each file vouched for by the
    manifest and the manifest by a file of its own. Which one is in use is what the last entry of the log says.
    Several processes may write at once: they wait for each other.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = Log(folder)

    def save(
        self,
        classifier: PetitionClassifier,
        *,
        tokenizer_fingerprint: str,
        trained_on: TrainingFacts,
        configuration_fingerprint: str = "",
        proof: Proof | None = None,
        metrics: Metrics | None = None,
        verdict: Verdict | None = None,
        learnt: Learnt | None = None,
    ) -> ModelInfo:
        """Write a new version; the one in use stays in use.

        Raises
        ------
        ModelError : the folder cannot be written to, the log is damaged, or the parts of the version do not fit.
        """
        known = learnt or nothing_learnt(len(classifier.categories))
        sizes = sizes_of(classifier, len(known.keys))
        try:
            files = {
                ARRAYS: pack_arrays(classifier, sizes),
                VOCABULARY: pack_vocabulary(classifier),
                LEARNT: pack_learnt(known, classifier.categories),
            }
        except ArraysError as error:
            raise ModelError(f"The new model version cannot be kept: {error}.", where=str(self.folder)) from None
        with writing(self.folder):
            info = ModelInfo(
                version=self._next_version(),
                created_at=datetime.now().astimezone().isoformat(timespec="seconds"),
                categories=classifier.categories,
                out_of_scope=tuple(sorted(classifier.out_of_scope)),
                tokenizer_fingerprint=tokenizer_fingerprint,
                configuration_fingerprint=configuration_fingerprint,
                temperature=classifier.temperature,
                secondary_threshold=classifier.secondary_threshold,
                nature_temperature=classifier.nature_temperature,
                danger_weight=classifier.urgency.danger_weight,
                urgent_from=classifier.urgency.urgent_from,
                watched_from=classifier.urgency.watched_from,
                proof=proof,
                metrics=metrics,
                verdict=verdict,
                trained_on=trained_on,
                libraries=_libraries(),
            )
            target = self.folder / info.version
            facts = {name: FileFacts(len(content), sha256(content)) for name, content in files.items()}
            manifest = encode_manifest(Manifest(FORMAT, facts, sizes, info))
            decode_manifest(manifest, info.version, target)  # what could not be read must not be written
            write_folder(target, {**files, MANIFEST: manifest, SEAL: seal_of(manifest)})
        return info

    def names(self) -> list[str]:
        """The versions there are, oldest first, whether they are whole or not."""
        return [name for name in self._taken() if (self.folder / name).is_dir()]

    def info(self, version: str) -> ModelInfo:
        """The manifest of a version; the model is not read.

        Raises
        ------
        ModelError : there is no such version, or it was tampered with.
        """
        return self._find(version).info

    def versions(self) -> list[ModelInfo]:
        """The manifests of all versions, oldest first; raises as `info` does."""
        return [self.info(name) for name in self.names()]

    def champion(self) -> str | None:
        """The version in use; None where there is none yet."""
        entries = self.log()
        return entries[-1].version if entries else None

    def log(self) -> tuple[LogEntry, ...]:
        """Which version was put to use when, oldest first.

        Raises
        ------
        ModelError : the log was tampered with.
        """
        return self._log.entries()

    def live_at(self, moment: datetime) -> str | None:
        """The version that was in use at a moment, of this computer's time zone where it names none; None before all.

        A version put to use within the very second counts as in use.
        """
        until = moment.astimezone()
        return next((entry.version for entry in reversed(self.log()) if entry.moment <= until), None)

    def promote(
        self,
        version: str,
        *,
        by: str,
        reason: str,
        at: datetime | None = None,
        tokenizer_fingerprint: str | None = None,
        categories: tuple[str, ...] | None = None,
    ) -> LogEntry:
        """Put a version to use; it is checked as `load` does, the fit only against what is given here.

        Parameters
        ----------
        at : the moment, now unless given; not before the last entry of the log.

        Raises
        ------
        ModelError : there is no such version, it is not whole, does not fit or is in use already, or the log is
            damaged.
        """
        self._find(version)  # where there is none, nothing is made
        with writing(self.folder):
            if version == self.champion():
                raise ModelError(f"Model version {version} is in use already.", where=str(self.folder))
            found = self._whole(version, tokenizer_fingerprint, categories)
            return self._enter(found, Action.PROMOTE, by, reason, at)

    def rollback(
        self,
        *,
        by: str,
        reason: str,
        at: datetime | None = None,
        tokenizer_fingerprint: str | None = None,
        categories: tuple[str, ...] | None = None,
    ) -> LogEntry:
        """Put the version back that was in use before the present one; a second time, the one before that.

        Raises
        ------
        ModelError : there is none before it; else as `promote` does.
        """
        self._one_before()  # where there is none, nothing is made
        with writing(self.folder):
            found = self._whole(self._one_before(), tokenizer_fingerprint, categories)
            return self._enter(found, Action.ROLLBACK, by, reason, at)

    def load(
        self, version: str | None = None, *, tokenizer_fingerprint: str, categories: tuple[str, ...]
    ) -> tuple[PetitionClassifier, ModelInfo]:
        """Read a version, the champion unless another is named.

        Raises
        ------
        ModelError : there is no such version, a file of it is missing or changed, or it was trained for another
            taxonomy or dictionary.
        """
        found = self._find(version or self.champion() or "")
        check_fit(found, tokenizer_fingerprint, categories)
        files = found.read_all()
        try:
            return restore(files[ARRAYS], files[VOCABULARY], found.info, found.manifest.sizes), found.info
        except ArraysError as error:
            raise found.damaged(error) from None

    def learnt(self, version: str) -> Learnt:
        """What a version learnt of the bureau's own messages; raises as `load` does."""
        found = self._find(version)
        content = found.read(LEARNT)
        try:
            return unpack_learnt(content, found.manifest.sizes.learnt, found.info.categories)
        except ArraysError as error:
            raise found.damaged(error) from None

    def _one_before(self) -> str:
        """The version that was in use before the present one."""
        standing_before = standing(self.log())[:-1]
        if not standing_before:
            raise ModelError(
                "There is no model version to go back to: none was in use before the present one.",
                where=str(self.folder),
                fix="Name one with: triage models promote",
            )
        return standing_before[-1]

    def _whole(
        self, version: str, tokenizer_fingerprint: str | None, categories: tuple[str, ...] | None
    ) -> VersionFolder:
        """A version all files of which are as they were written, and which fits."""
        found = self._find(version)
        check_fit(found, tokenizer_fingerprint or found.info.tokenizer_fingerprint, categories or found.info.categories)
        found.read_all()
        return found

    def _enter(self, found: VersionFolder, action: Action, by: str, reason: str, at: datetime | None) -> LogEntry:
        return self._log.add(
            found.info.version,
            action,
            by=by,
            reason=reason,
            manifest_sha256=found.manifest_sha256,
            at=self._moment(at),
        )

    def _moment(self, at: datetime | None) -> datetime:
        """The moment of a new entry. A clock that was put back does not put the order of the log in doubt."""
        entries = self.log()
        last = entries[-1].moment if entries else None
        if at is None:
            now = datetime.now().astimezone().replace(microsecond=0)
            return max(now, last) if last else now
        moment = at.astimezone()
        if last and moment < last:
            raise ModelError(
                f"{moment.isoformat()} is before the last change of the version in use, at {last.isoformat()}.",
                where=str(self.folder),
            )
        return moment

    def _taken(self) -> list[str]:
        """The names of versions that are taken, by whatever stands there."""
        try:
            found = [entry.name for entry in self.folder.iterdir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ModelError(f"cannot be read ({error.strerror}).", where=str(self.folder)) from None
        return sorted((name for name in found if _is_version(name)), key=int)

    def _next_version(self) -> str:
        """A number that neither a folder nor the log has had."""
        numbers = [int(name) for name in (*self._taken(), *(entry.version for entry in self.log()))]
        return _name(max(numbers, default=0) + 1)

    def _find(self, version: str) -> VersionFolder:
        """A version whose folder holds what it should, with the manifest that was written."""
        names = self.names()
        if version not in names:
            raise ModelError(
                f"There is no model version {version!r}; there are: {', '.join(names) or 'none'}.",
                where=str(self.folder),
                fix=TRAIN_AGAIN,
            )
        found = open_version(self.folder / version)
        used = next((entry for entry in reversed(self.log()) if entry.version == version), None)
        if used is not None and used.manifest_sha256 != found.manifest_sha256:
            raise ModelError(
                f"Model version {version} is not the one that was put to use on {used.moment.date()}: it was changed.",
                where=str(found.path),
                fix=USE_ANOTHER,
            )
        return found


def _is_version(name: str) -> bool:
    return name.isascii() and name.isdigit() and name == _name(int(name))


def _name(number: int) -> str:
    return f"{number:04d}"


def _libraries() -> dict[str, str]:
    from importlib.metadata import version

    names = ("jieba", "numpy", "scikit-learn", "scipy")
    return {"python": platform.python_version(), "petition-triage": __version__} | {
        name: version(name) for name in names
    }
