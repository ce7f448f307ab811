"""How a bureau gets its model versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pytest

from triage.config import Home, copy_defaults, find_home, load_dangers, load_taxonomy
from triage.errors import ConfigError, InputError
from triage.gate import Check, Verdict
from triage.labels import text_hash
from triage.registry import TrainingFacts
from triage.schema import Label, LabelledMessage
from triage.thresholds import MIN_EXAMPLES
from triage.tokens import Tokenizer
from triage.training import MAX_ERROR, Workshop, keep_version, open_workshop, out_of_scope, prove, train_version

DATA = Path(__file__).parents[1] / "data"
FEW = 60


@pytest.fixture
def workshop(tmp_path: Path, tokenizer: Tokenizer) -> Workshop:
    """A bureau whose own starter corpus is the first messages of the bundled one."""
    copy_defaults(tmp_path / "bureau")
    home = find_home(tmp_path / "bureau")
    (home.data / "corpus").mkdir()
    lines = (DATA / "corpus" / "part_01.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)[:FEW]
    (home.data / "corpus" / "part_01.jsonl").write_text("".join(lines), encoding="utf-8")
    return Workshop(home, load_taxonomy(home.data), tokenizer)


@pytest.fixture
def own(corpus: Sequence[LabelledMessage]) -> list[LabelledMessage]:
    """Messages that the starter corpus of the workshop does not hold."""
    return list(corpus[300:340])


def test_the_first_version_learns_from_the_starter_corpus_alone(workshop: Workshop) -> None:
    info = train_version(workshop)
    facts = info.trained_on
    assert (facts.bureau_labels, facts.starter_messages, facts.unlabelled_messages) == (0, FEW, 0)
    assert workshop.registry.champion() == info.version == "0001"


def test_own_labels_are_learnt_beside_the_starter_corpus(workshop: Workshop, own: list[LabelledMessage]) -> None:
    facts = train_version(workshop, own).trained_on
    assert (facts.bureau_labels, facts.starter_messages) == (40, FEW)


def test_the_starter_corpus_can_be_left_out(workshop: Workshop, own: list[LabelledMessage]) -> None:
    facts = train_version(workshop, own, with_starter=False).trained_on
    assert (facts.bureau_labels, facts.starter_messages) == (40, 0)


def test_a_backlog_is_counted_and_learnt_from(
    workshop: Workshop, own: list[LabelledMessage], corpus: Sequence[LabelledMessage]
) -> None:
    backlog = [each.message for each in corpus[400:440]]
    info = train_version(workshop, own, with_starter=False, unlabelled=backlog)
    assert info.trained_on.unlabelled_messages == 40
    classifier, _ = workshop.registry.load(
        tokenizer_fingerprint=workshop.tokenizer.fingerprint, categories=workshop.taxonomy.ids
    )
    assert classifier.features.latent is not None


def test_an_own_label_goes_before_the_starters_of_the_same_text(
    workshop: Workshop, corpus: Sequence[LabelledMessage]
) -> None:
    known = corpus[0]
    other = LabelledMessage(replace(known.message, id="own"), Label("own", "not_edu"))
    summary = workshop.fit([other], starter=workshop.starter()).summary
    assert (summary.examples, summary.starter_examples) == (FEW, FEW - 1)


def test_the_same_labels_make_the_same_model(workshop: Workshop, own: list[LabelledMessage]) -> None:
    asked = [workshop.document(each.message) for each in own[:10]]
    first, second = (workshop.fit(own[10:], starter=workshop.starter()).classifier for _ in range(2))
    assert first.probabilities(asked).tobytes() == second.probabilities(asked).tobytes()


def test_the_same_labels_make_the_same_files(workshop: Workshop, own: list[LabelledMessage]) -> None:
    first, second = (train_version(workshop, own) for _ in range(2))
    for name in ("arrays.npz", "vocabulary.json", "learnt.npz"):
        one, other = (workshop.home.models / info.version / name for info in (first, second))
        assert one.read_bytes() == other.read_bytes()
    assert first.trained_on == second.trained_on
    assert first.configuration_fingerprint == second.configuration_fingerprint


def test_progress_never_goes_back(workshop: Workshop, own: list[LabelledMessage]) -> None:
    told: list[tuple[str, float]] = []
    train_version(workshop, own, progress=lambda what, share: told.append((what, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)
    assert len({what for what, _ in told}) > 1


# --- The proof ---


@pytest.fixture
def many(corpus: Sequence[LabelledMessage]) -> list[LabelledMessage]:
    """Own messages of two categories that are easily told apart."""
    found = [each for each in corpus[300:] if each.label.primary in ("pay", "not_edu")]
    return list(found[:200])


def test_without_own_labels_nothing_is_proven(workshop: Workshop) -> None:
    assert train_version(workshop).proof is None
    assert prove(workshop.fit([], starter=workshop.starter()), MAX_ERROR) is None


def test_the_proof_rests_on_own_messages_that_were_held_out(workshop: Workshop, many: list[LabelledMessage]) -> None:
    fit = workshop.fit(many, starter=workshop.starter())
    assert fit.held_out.probabilities.shape == (len(many), len(fit.classifier.categories))
    np.testing.assert_allclose(fit.held_out.probabilities.sum(axis=1), 1)
    said = [fit.classifier.categories[at] for at in fit.held_out.truth]
    assert said == [each.label.primary for each in many]
    proof = prove(fit, MAX_ERROR)
    assert proof is not None
    assert proof.messages == len(many)
    right = fit.held_out.probabilities.argmax(axis=1) == fit.held_out.truth
    assert proof.automatic > len(many) / 2
    assert proof.automatic - proof.errors <= right.sum() < len(many)


def test_the_proof_is_kept_with_the_version(workshop: Workshop, many: list[LabelledMessage]) -> None:
    info = train_version(workshop, many, max_error=0.1)
    assert info.proof is not None
    assert (info.proof.max_error, info.proof.messages) == (0.1, len(many))
    assert [each.category for each in info.proof.thresholds] == list(info.categories)
    assert workshop.registry.versions() == [info]


# --- What is kept with a version ---


def test_what_was_learnt_is_kept_with_what_was_said_of_it_when_held_out(
    workshop: Workshop, many: list[LabelledMessage]
) -> None:
    fit = workshop.fit(many, starter=workshop.starter())
    info = keep_version(workshop, fit, many, unlabelled_messages=0, max_error=MAX_ERROR)
    learnt = workshop.registry.learnt(info.version)
    assert learnt.keys == tuple(text_hash(each.message) for each in many)
    assert learnt.primary == tuple(each.label.primary for each in many)
    assert learnt.probabilities.tobytes() == fit.held_out.probabilities.tobytes()
    assert learnt.alarms.tobytes() == fit.held_out.alarms.tobytes()


def test_the_figures_are_those_of_the_held_out_messages(workshop: Workshop, many: list[LabelledMessage]) -> None:
    info = train_version(workshop, many)
    learnt, metrics = workshop.registry.learnt(info.version), info.metrics
    assert metrics is not None
    said = [info.categories[at] for at in learnt.probabilities.argmax(axis=1)]
    right = [one == other for one, other in zip(said, learnt.primary, strict=True)]
    assert metrics.n == len(many)
    assert metrics.accuracy.value == pytest.approx(np.mean(right))
    assert metrics.accuracy.low < metrics.accuracy.value <= metrics.accuracy.high
    urgent = np.array([bool(each.label.urgent) for each in many])
    assert urgent.any()
    assert metrics.urgent_flagged_recall is not None
    assert metrics.urgent_watched_recall is not None
    assert metrics.urgent_flagged_recall.value == pytest.approx(np.mean(learnt.alarms[urgent] >= info.urgent_from))
    assert metrics.urgent_watched_recall.value == pytest.approx(np.mean(learnt.alarms[urgent] >= info.watched_from))


def test_without_own_labels_nothing_is_judged(workshop: Workshop) -> None:
    info = train_version(workshop)
    assert info.metrics is None
    assert info.trained_on.labels_sha256 == ""
    assert workshop.registry.learnt(info.version).keys == ()


def test_hashes_tell_what_was_learnt_from_whatever_its_order(workshop: Workshop, own: list[LabelledMessage]) -> None:
    def facts(labelled: list[LabelledMessage], **other: bool) -> TrainingFacts:
        return train_version(workshop, labelled, **other).trained_on

    usual, turned = facts(own), facts(own[::-1])
    assert len(usual.labels_sha256) == len(usual.starter_sha256) == 64
    assert usual.labels_sha256 == turned.labels_sha256
    relabelled = [replace(own[0], label=replace(own[0].label, urgent=not own[0].label.urgent)), *own[1:]]
    assert facts(relabelled).labels_sha256 != usual.labels_sha256
    assert facts(own, with_starter=False).starter_sha256 == ""
    corpus = workshop.home.corpus / "part_01.jsonl"
    lines = corpus.read_text(encoding="utf-8").splitlines(keepends=True)
    corpus.write_text("".join(lines[:-1]), encoding="utf-8")
    assert facts(own).starter_sha256 != usual.starter_sha256


def test_another_configuration_has_another_fingerprint(workshop: Workshop, own: list[LabelledMessage]) -> None:
    bold = replace(workshop, dangers=load_dangers(DATA)[:1])
    first, second = (train_version(house, own).configuration_fingerprint for house in (workshop, bold))
    assert first != second


def test_the_log_says_how_a_version_came_into_use(workshop: Workshop, own: list[LabelledMessage]) -> None:
    train_version(workshop, reason="first model")
    train_version(workshop, own, by="李科长")
    assert [(entry.version, entry.by, entry.reason) for entry in workshop.registry.log()] == [
        ("0001", "triage", "first model"),
        ("0002", "李科长", "trained by hand from files, without the gate"),
    ]


def test_a_version_that_is_kept_is_not_in_use(workshop: Workshop, own: list[LabelledMessage]) -> None:
    train_version(workshop)
    verdict = Verdict("0001", 40, "", "", (Check("overall", False),))
    fit = workshop.fit(own, starter=workshop.starter())
    info = keep_version(workshop, fit, own, unlabelled_messages=0, max_error=MAX_ERROR, verdict=verdict)
    assert workshop.registry.info(info.version).verdict == verdict
    assert workshop.registry.champion() == "0001"


def test_who_allows_more_errors_gets_more_done_without_a_person(
    workshop: Workshop, many: list[LabelledMessage]
) -> None:
    fit = workshop.fit(many)
    strict, usual, lenient = (prove(fit, max_error) for max_error in (0.001, 0.05, 0.2))
    assert strict is not None
    assert usual is not None
    assert lenient is not None
    assert strict.coverage == 0  # no 200 messages prove so much
    assert 0 < usual.coverage <= lenient.coverage


def test_near_copies_prove_no_more_than_one_letter(workshop: Workshop, many: list[LabelledMessage]) -> None:
    few = many[:MIN_EXAMPLES]
    campaign = [
        replace(each, message=replace(each.message, id=str(at), text=f"{each.message.text}第{at}人签名"))
        for at, each in enumerate(islice(cycle(few), 10 * len(few)))
    ]
    proof = prove(workshop.fit(campaign), MAX_ERROR)
    assert proof is not None
    assert proof.messages == len(few)
    assert proof.automatic == 0


def test_a_message_with_signs_of_danger_is_more_of_an_alarm(
    workshop: Workshop, corpus: Sequence[LabelledMessage]
) -> None:
    blind = replace(workshop, dangers=())
    seeing = replace(workshop, dangers=load_dangers(DATA))
    dangerous = next(each for each in corpus if each.label.urgent and seeing.danger(each.message) > 0.5)
    assert blind.danger(dangerous.message) == 0
    fit = seeing.fit(corpus[:200])
    assert fit.classifier.urgency.danger_weight > 0
    document = seeing.document(dangerous.message)
    with_signs, without_signs = (
        fit.classifier.predict([document], dangers=[house.danger(dangerous.message)])[0].alarm
        for house in (seeing, blind)
    )
    assert with_signs > without_signs


def test_a_bureau_feels_danger_by_its_own_signs(tmp_path: Path) -> None:
    copy_defaults(tmp_path / "bureau")
    home = find_home(tmp_path / "bureau")
    assert open_workshop(home, load_taxonomy(home.data)).dangers == load_dangers(home.data) != ()
    (home.data / "urgency.toml").unlink()
    assert open_workshop(home, load_taxonomy(home.data)).dangers == ()


def test_too_little_to_learn_from_leaves_no_version(workshop: Workshop, own: list[LabelledMessage]) -> None:
    one = [each for each in own if each.label.primary == own[0].label.primary]
    for labelled in ([], one):
        with pytest.raises(InputError, match=r"of the 11 categories\. Label messages of at least two\.$"):
            train_version(workshop, labelled, with_starter=False)
    assert workshop.registry.versions() == []
    assert not workshop.home.models.exists()


def test_a_bureau_cuts_words_by_its_own_dictionary(tmp_path: Path, tokenizer: Tokenizer) -> None:
    files = copy_defaults(tmp_path / "bureau")
    taxonomy = load_taxonomy(tmp_path / "bureau" / "data")
    home = find_home(tmp_path / "bureau")
    assert open_workshop(home, taxonomy).tokenizer.fingerprint == tokenizer.fingerprint
    (dictionary,) = [file for file in files if file.name == "dictionary.txt"]
    with dictionary.open("a", encoding="utf-8") as stream:
        stream.write("阳光晚托驿站 500\n")
    own = open_workshop(home, taxonomy).tokenizer
    assert own.fingerprint != tokenizer.fingerprint
    assert "阳光晚托驿站" in own.cut("门口的阳光晚托驿站")


def test_what_is_out_of_scope_is_the_taxonomys_to_say() -> None:
    taxonomy = load_taxonomy(DATA)
    assert out_of_scope(taxonomy) == {"not_edu"}
    assert out_of_scope(taxonomy) == {each.id for each in taxonomy.categories if not each.ours}


def test_a_broken_dictionary_is_told_with_its_line(tmp_path: Path) -> None:
    copy_defaults(tmp_path / "bureau")
    dictionary = tmp_path / "bureau" / "data" / "dictionary.txt"
    lines = dictionary.read_text(encoding="utf-8").count("\n")
    with dictionary.open("a", encoding="utf-8") as stream:
        stream.write("课后 服务 很多 词\n")
    home = Home(tmp_path / "bureau" / "data", tmp_path / "models")
    with pytest.raises(ConfigError, match=rf"dictionary\.txt:{lines + 1}"):
        open_workshop(home, load_taxonomy(home.data))
