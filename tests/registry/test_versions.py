"""Model versions: numbered, never changed, whole or not there, and one of them in use."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.classifier import Example, PetitionClassifier, fit_classifier
from triage.errors import ModelError
from triage.features import Document
from triage.registry import Learnt, Metrics, Registry

Desk = Any
FINGERPRINT = "a fingerprint"
BEIJING = timezone(timedelta(hours=8))
MORNING = datetime(2026, 5, 1, 9, 30, tzinfo=BEIJING)


@pytest.fixture(scope="session")
def latent_classifier(examples: list[Example], documents: list[Document]) -> PetitionClassifier:
    """Learnt with a latent space."""
    categories = sorted({example.primary for example in examples})
    classifier = fit_classifier(
        examples[:40], categories=categories, out_of_scope=frozenset({"not_edu"}), unlabelled=documents[40:90]
    ).classifier
    assert classifier.features.latent is not None
    return classifier


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- Versions ---


def test_a_folder_that_does_not_exist_has_no_versions(desk: Desk) -> None:
    assert desk.registry.versions() == []
    assert desk.registry.names() == []
    assert desk.registry.champion() is None
    assert desk.registry.log() == ()
    assert not desk.folder.exists()


def test_versions_are_numbered_and_none_is_in_use_until_it_is_promoted(desk: Desk) -> None:
    assert [desk.save().version for _ in range(3)] == ["0001", "0002", "0003"]
    assert [info.version for info in desk.registry.versions()] == desk.registry.names() == ["0001", "0002", "0003"]
    assert desk.registry.champion() is None
    desk.promote("0002")
    assert desk.registry.champion() == "0002"
    assert desk.load()[1].version == "0002"
    desk.save()
    assert desk.registry.champion() == "0002"


def test_a_version_is_not_changed_by_the_next(desk: Desk) -> None:
    desk.add()
    before = contents(desk.folder / "0001")
    desk.add()
    assert contents(desk.folder / "0001") == before
    assert set(before) == {"arrays.npz", "vocabulary.json", "learnt.npz", "manifest.json", "manifest.sha256"}


def test_the_number_of_a_version_that_was_removed_is_not_given_again(desk: Desk) -> None:
    desk.add(), desk.add(), desk.save()
    for name in ("0001", "0002", "0003"):
        (desk.folder / name).rename(desk.folder.parent / name)
    assert desk.save().version == "0003"  # the log knows of two
    (desk.folder / "0007").write_text("a note of somebody")
    assert desk.save().version == "0008"
    assert desk.registry.names() == ["0003", "0008"]


def test_an_older_version_can_be_named(desk: Desk) -> None:
    desk.add(), desk.add()
    assert desk.load("0001")[1].version == "0001"


def test_the_manifest_says_what_the_model_learnt_from_and_how_good_it_is(desk: Desk) -> None:
    saved = desk.save(configuration_fingerprint="c" * 64)
    (read,) = desk.registry.versions()
    assert read == saved == desk.registry.info("0001")
    assert (read.trained_on, read.proof, read.metrics, read.verdict) == (
        desk.facts,
        desk.proof,
        desk.metrics,
        desk.verdict,
    )
    assert (read.tokenizer_fingerprint, read.configuration_fingerprint) == (FINGERPRINT, "c" * 64)
    assert set(read.libraries) == {"python", "petition-triage", "jieba", "numpy", "scikit-learn", "scipy"}


def test_a_version_of_which_nothing_is_known_says_so(desk: Desk) -> None:
    saved = desk.registry.save(desk.classifier, tokenizer_fingerprint=FINGERPRINT, trained_on=desk.facts)
    assert (saved.proof, saved.metrics, saved.verdict) == (None, None, None)
    assert desk.registry.info(saved.version) == saved
    learnt = desk.registry.learnt(saved.version)
    assert (learnt.keys, learnt.primary) == ((), ())
    assert (learnt.probabilities.shape, learnt.alarms.shape) == ((0, 3), (0,))


def test_the_seal_of_the_manifest_can_be_checked_with_sha256sum(desk: Desk) -> None:
    desk.save()
    folder = desk.folder / "0001"
    digest, name = (folder / "manifest.sha256").read_text(encoding="utf-8").split()
    assert digest == hashlib.sha256((folder / name).read_bytes()).hexdigest()
    for file, facts in json.loads((folder / name).read_bytes())["files"].items():
        assert hashlib.sha256((folder / file).read_bytes()).hexdigest() == facts["sha256"]


def test_equal_models_have_equal_files(desk: Desk) -> None:
    desk.save(), desk.save()
    first, second = (contents(desk.folder / name) for name in ("0001", "0002"))
    for name in ("arrays.npz", "vocabulary.json", "learnt.npz"):
        assert first[name] == second[name]


# --- What is loaded is what was saved ---


@pytest.mark.parametrize("which", ["small_classifier", "latent_classifier", "tiny_classifier"])
def test_a_loaded_model_answers_bit_by_bit_as_the_saved_one(
    desk: Desk, examples: Sequence[Example], which: str, request: pytest.FixtureRequest
) -> None:
    trained: PetitionClassifier = request.getfixturevalue(which)
    desk.registry.save(trained, tokenizer_fingerprint=FINGERPRINT, trained_on=desk.facts)
    loaded, _ = desk.load("0001", categories=trained.categories)
    asked = [example.document for example in examples[300:400]]
    dangers = [example.danger for example in examples[300:400]]
    assert loaded.probabilities(asked).tobytes() == trained.probabilities(asked).tobytes()
    assert loaded.predict(asked, dangers=dangers) == trained.predict(asked, dangers=dangers)


def test_what_was_learnt_is_kept_to_the_bit(desk: Desk) -> None:
    desk.save()
    read = desk.registry.learnt("0001")
    assert (read.keys, read.primary) == (desk.learnt.keys, desk.learnt.primary)
    assert read.probabilities.tobytes() == desk.learnt.probabilities.tobytes()
    assert read.alarms.tobytes() == desk.learnt.alarms.tobytes()


@settings(max_examples=25)
@given(st.data())
def test_whatever_was_learnt_comes_back(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    from triage.registry.learnt import pack_learnt, unpack_learnt

    categories = tuple(data.draw(st.lists(st.text(min_size=1), min_size=2, max_size=5, unique=True)))
    count = data.draw(st.integers(0, 6))
    keys = data.draw(st.lists(st.binary(min_size=32, max_size=32), min_size=count, max_size=count))
    primary = data.draw(st.lists(st.sampled_from(categories), min_size=count, max_size=count))
    alarms = data.draw(st.lists(st.floats(allow_infinity=False), min_size=count, max_size=count))
    raw = np.random.default_rng(count).dirichlet(np.ones(len(categories)), count)
    learnt = Learnt(tuple(key.hex() for key in keys), tuple(primary), raw, np.array(alarms, dtype=np.float64))
    read = unpack_learnt(pack_learnt(learnt, categories), count, categories)
    assert (read.keys, read.primary) == (learnt.keys, learnt.primary)
    np.testing.assert_array_equal(read.probabilities, learnt.probabilities)
    np.testing.assert_array_equal(read.alarms, learnt.alarms)


def test_nothing_that_can_run_is_saved(desk: Desk) -> None:
    desk.save()
    for name in ("arrays.npz", "learnt.npz"):
        with np.load(desk.folder / "0001" / name, allow_pickle=False) as arrays:  # NumPy reads them too
            assert all(arrays[each].dtype.kind in "fiu" for each in arrays.files)
    for name in ("vocabulary.json", "manifest.json"):
        json.loads((desk.folder / "0001" / name).read_bytes())


# --- What cannot be read is not written ---


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"learnt": Learnt(("ab",), ("pay",), np.ones((1, 3)) / 3, np.zeros(1))}, "a key is no SHA-256"),
        ({"learnt": Learnt(("a" * 64,), ("gas",), np.ones((1, 3)) / 3, np.zeros(1))}, "a key or a category is none"),
        ({"learnt": Learnt(("a" * 64,), ("pay",), np.ones((1, 3)), np.zeros(1))}, "probabilities has a row"),
        ({"learnt": Learnt(("a" * 64,), ("pay",), np.ones((1, 2)) / 2, np.zeros(1))}, "probabilities is"),
        ({"learnt": Learnt(("a" * 64,), ("pay",), np.ones((1, 3)) / 3, np.array([np.inf]))}, "alarms has a number"),
        ({"learnt": Learnt(("a" * 64,), ("pay",), np.ones((1, 3)) / 3, np.zeros(2))}, "alarms is"),
    ],
)
def test_parts_that_do_not_fit_are_not_saved(desk: Desk, change: dict[str, Any], why: str) -> None:
    assert why in desk.refusal(lambda: desk.save(**change))
    assert not desk.folder.exists()


# --- Whole or not at all ---


@pytest.mark.parametrize("step", ["rename", "replace"])
@pytest.mark.parametrize(
    "end", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["failure", "Ctrl-C"]
)
def test_what_is_cut_short_leaves_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, end: BaseException, step: str
) -> None:
    desk.add(), desk.save()
    before = contents(desk.folder)

    def stop(*_: object) -> None:
        raise end

    action = desk.save if step == "rename" else lambda: desk.promote("0002")
    with monkeypatch.context() as patch:
        patch.setattr(Path, step, stop)
        if isinstance(end, OSError):
            assert desk.refusal(action) == (
                "models: cannot be written to (No space left on device). "
                "Make room or ask for the right to write there, and try again."
            )
        else:
            with pytest.raises(KeyboardInterrupt):
                action()
    assert contents(desk.folder) == before
    assert {entry.name for entry in desk.folder.iterdir()} == {"0001", "0002", "log.jsonl", ".lock"}
    desk.promote(desk.save().version)
    assert desk.registry.champion() == "0003"


def test_what_killed_processes_left_is_no_version_and_goes_with_the_next_save(desk: Desk) -> None:
    desk.add()
    (desk.folder / ".new-0badcafe").mkdir()
    (desk.folder / ".new-0badcafe" / "arrays.npz").write_bytes(b"half")
    (desk.folder / ".new-0badf00d").write_bytes(b"half a log")
    assert desk.registry.names() == ["0001"]
    assert desk.save().version == "0002"
    assert {entry.name for entry in desk.folder.iterdir()} == {"0001", "0002", "log.jsonl", ".lock"}


def test_who_may_only_read_can_load(desk: Desk) -> None:
    desk.add()
    for path in (desk.folder, desk.folder / "0001"):
        path.chmod(0o555)
    try:
        assert desk.load()[1].version == "0001"
        if os.geteuid():  # everything is allowed to root
            assert "cannot be written to (Permission denied)" in desk.refusal(desk.save)
    finally:
        for path in (desk.folder, desk.folder / "0001"):
            path.chmod(0o755)


# --- What is refused ---


def test_no_version_at_all(desk: Desk) -> None:
    said = "models: There is no model version ''; there are: none. Train a new one with: triage train"
    assert desk.refusal(desk.load) == said
    for action in (lambda: desk.promote("0001"), desk.rollback):
        desk.refusal(action)
        assert not desk.folder.exists()


@pytest.mark.parametrize("name", ["0009", "1", "../models/0001", "log.jsonl", ".new-0badcafe", "²", "00001"])
def test_a_version_that_there_is_not(desk: Desk, name: str) -> None:
    desk.add()
    for action in (
        lambda: desk.load(name),
        lambda: desk.registry.info(name),
        lambda: desk.registry.learnt(name),
        lambda: desk.promote(name),
    ):
        assert desk.refusal(action) == (
            f"models: There is no model version {name!r}; there are: 0001. Train a new one with: triage train"
        )


def test_a_champion_that_was_taken_away(desk: Desk) -> None:
    desk.add(), desk.add()
    (desk.folder / "0002").rename(desk.folder / "elsewhere")
    assert "There is no model version '0002'; there are: 0001." in desk.refusal(desk.load)
    desk.rollback()
    assert desk.load()[1].version == "0001"


def test_a_model_for_another_taxonomy_is_neither_loaded_nor_promoted(desk: Desk) -> None:
    desk.save()
    for action in (desk.load, desk.promote):
        assert desk.refusal(lambda action=action: action("0001", categories=("tutoring", "safety"))) == (
            "models/0001: Model version 0001 was trained for another taxonomy: it knows fees, pay, "
            "which taxonomy.toml does not have. Train a new one with: triage train"
        )
    assert desk.registry.log() == ()


def test_a_new_category_of_the_taxonomy_does_no_harm(desk: Desk) -> None:
    desk.save()
    classifier, _ = desk.load("0001", categories=(*desk.categories, "sports"))
    assert "sports" not in classifier.categories


def test_a_model_for_another_dictionary_is_neither_loaded_nor_promoted(desk: Desk) -> None:
    desk.save()
    for action in (desk.load, desk.promote):
        assert desk.refusal(lambda action=action: action("0001", tokenizer_fingerprint="another")) == (
            "models/0001: Model version 0001 was trained with another dictionary. "
            "Train a new one with: triage train (or put the old dictionary.txt back)."
        )
    assert desk.registry.log() == ()


def test_a_version_that_does_not_fit_is_not_gone_back_to(desk: Desk) -> None:
    desk.add(), desk.add()
    assert "another dictionary" in desk.refusal(lambda: desk.rollback(tokenizer_fingerprint="another"))
    assert desk.registry.champion() == "0002"


def test_the_version_in_use_is_not_promoted_again(desk: Desk) -> None:
    desk.add()
    assert desk.refusal(lambda: desk.promote("0001")) == "models: Model version 0001 is in use already."
    assert len(desk.registry.log()) == 1


def test_a_file_in_the_place_of_the_folder(desk: Desk) -> None:
    desk.folder.write_text("something else")
    assert desk.refusal(desk.registry.versions) == "models: cannot be read (Not a directory)."
    assert desk.refusal(desk.load) == "models/log.jsonl: cannot be read (Not a directory)."
    assert desk.refusal(desk.save).startswith("models: cannot be written to (File exists).")


# --- Back to the one before ---


def test_a_rollback_goes_back_to_what_was_in_use_before(desk: Desk) -> None:
    for _ in range(3):
        desk.add()
    assert desk.rollback().version == desk.registry.champion() == "0002"
    assert desk.rollback().version == desk.registry.champion() == "0001"
    assert desk.refusal(desk.rollback) == (
        "models: There is no model version to go back to: none was in use before the present one. "
        "Name one with: triage models promote"
    )
    assert [(entry.version, entry.action) for entry in desk.registry.log()] == [
        ("0001", "promote"),
        ("0002", "promote"),
        ("0003", "promote"),
        ("0002", "rollback"),
        ("0001", "rollback"),
    ]


def test_a_promotion_after_a_rollback_is_gone_back_from_in_turn(desk: Desk) -> None:
    for _ in range(3):
        desk.add()
    desk.rollback()
    desk.promote("0001")
    assert [desk.rollback().version for _ in range(2)] == ["0002", "0001"]


# --- What was in use when ---


def test_the_log_says_who_put_what_to_use_when_and_why(desk: Desk) -> None:
    desk.save(), desk.save()
    desk.promote("0001", by="李科长", reason="首个模型", at=MORNING)
    desk.promote("0002", by="王主任", reason="全市 2026 年标注", at=MORNING + timedelta(days=3))
    desk.rollback(by="李科长", reason="误判太多", at=MORNING + timedelta(days=4))
    assert [(each.number, each.moment, each.version, each.by, each.reason) for each in desk.registry.log()] == [
        (1, MORNING, "0001", "李科长", "首个模型"),
        (2, MORNING + timedelta(days=3), "0002", "王主任", "全市 2026 年标注"),
        (3, MORNING + timedelta(days=4), "0001", "李科长", "误判太多"),
    ]


@pytest.mark.parametrize(
    ("moment", "version"),
    [
        (MORNING - timedelta(seconds=1), None),
        (MORNING, "0001"),
        (MORNING.astimezone(UTC) + timedelta(hours=1), "0001"),
        (MORNING + timedelta(days=3) - timedelta(seconds=1), "0001"),
        (MORNING + timedelta(days=3), "0002"),
        (MORNING + timedelta(days=3, hours=23), "0002"),
        (MORNING + timedelta(days=400), "0001"),
    ],
)
def test_which_version_decided_a_letter_has_an_answer(desk: Desk, moment: datetime, version: str | None) -> None:
    desk.save(), desk.save()
    desk.promote("0001", at=MORNING)
    desk.promote("0002", at=MORNING + timedelta(days=3))
    desk.rollback(at=MORNING + timedelta(days=4))
    assert desk.registry.live_at(moment) == version


def test_a_moment_without_a_time_zone_is_of_this_computers(desk: Desk) -> None:
    before = datetime.now()
    desk.add()
    assert desk.registry.live_at(before - timedelta(seconds=2)) is None
    assert desk.registry.live_at(datetime.now()) == "0001"


def test_a_moment_before_the_last_change_is_refused(desk: Desk) -> None:
    desk.save(), desk.save()
    desk.promote("0001", at=MORNING)
    assert "is before the last change of the version in use, at 2026-05-01T" in desk.refusal(
        lambda: desk.promote("0002", at=MORNING - timedelta(days=1))
    )
    assert desk.registry.champion() == "0001"


def test_a_clock_that_was_put_back_does_not_stop_the_desk(desk: Desk) -> None:
    desk.save(), desk.save()
    tomorrow = datetime.now().astimezone() + timedelta(days=1)
    desk.promote("0001", at=tomorrow)
    desk.promote("0002")
    assert [entry.moment for entry in desk.registry.log()] == [tomorrow, tomorrow]
    assert desk.registry.live_at(tomorrow) == desk.registry.champion() == "0002"


def test_figures_of_an_evaluation_become_metrics_with_exact_intervals_for_the_few_urgent() -> None:
    from dataclasses import replace

    from scipy.stats import binomtest

    from triage.evaluation import evaluate, urgent_scores

    labels = ["a", "b"] * 20
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8]] * 19 + [[0.3, 0.7], [0.2, 0.8]])
    report = evaluate(labels=labels, probabilities=probabilities, categories=["a", "b"], method="held out")
    assert Metrics.of(report).urgent_flagged_recall is None
    urgent = [at < 10 for at in range(40)]
    alarms = [float(-at) for at in range(40)]
    flagged = [at < 7 for at in range(40)]
    scores = urgent_scores(urgent, alarms, flagged=flagged, watched=urgent)
    metrics = Metrics.of(replace(report, urgent=scores))
    assert (metrics.n, metrics.accuracy, metrics.macro_f1) == (40, report.accuracy, report.macro_f1)
    exact = binomtest(7, 10).proportion_ci(0.95, "exact")
    assert metrics.urgent_flagged_recall is not None
    assert metrics.urgent_flagged_recall.value == 0.7
    assert (metrics.urgent_flagged_recall.low, metrics.urgent_flagged_recall.high) == (exact.low, exact.high)
    assert metrics.urgent_watched_recall is not None
    assert metrics.urgent_watched_recall.high == 1.0
    none_urgent = urgent_scores([False] * 40, alarms, flagged=flagged, watched=urgent)
    assert Metrics.of(replace(report, urgent=none_urgent)).urgent_watched_recall is None


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 3) | st.none(), max_size=12))
def test_the_champion_is_what_a_pile_would_have_on_top(
    tmp_path_factory: pytest.TempPathFactory, tiny_classifier: PetitionClassifier, steps: list[int | None]
) -> None:
    """Numbers promote a version, None goes back; what is refused changes nothing."""
    registry = Registry(tmp_path_factory.mktemp("pile") / "models")
    for _ in range(3):
        registry.save(
            tiny_classifier,
            tokenizer_fingerprint=FINGERPRINT,
            trained_on=_facts(),
        )
    pile: list[str] = []
    for step in steps:
        allowed = len(pile) > 1 if step is None else not pile or pile[-1] != f"{step:04d}"
        try:
            if step is None:
                registry.rollback(by="x", reason="y")
            else:
                registry.promote(f"{step:04d}", by="x", reason="y")
        except ModelError:
            assert not allowed
        else:
            assert allowed
            pile = pile[:-1] if step is None else [*pile, f"{step:04d}"]
        assert registry.champion() == (pile[-1] if pile else None)


def _facts() -> Any:
    from triage.registry import TrainingFacts

    return TrainingFacts(bureau_labels=0, starter_messages=1, unlabelled_messages=0, starter_weight=1.0)
