"""Words: one way of cutting whatever the engine, and a dictionary whose every line counts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.errors import ConfigError
from triage.schema import LabelledMessage
from triage.tokens import DictionaryWord, Engine, Tokenizer, read_dictionary

ROOT = Path(__file__).parents[1]
DICTIONARY = ROOT / "data" / "dictionary.txt"
FIX = "Write: word, space, frequency of 1 or more, and if you like a part of speech, as in: 课后服务 3000 n"

# Any character but lone surrogates, which cleaning drops; more often those at which two engines might part: rare Han,
# letters beside Han, marks, spaces.
characters = st.one_of(
    st.characters(exclude_categories=["Cs"]),
    st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF),
    st.characters(min_codepoint=0x20000, max_codepoint=0x3134F),
    st.sampled_from("学位房课后服务走教小学的了不 \t\n\r\u3000\u200b\u00a0aZ9+#&._%-，。①👩‍👧ÀéΩ"),
)
texts = st.text(characters, max_size=60)


@pytest.fixture(scope="module")
def jieba() -> Tokenizer:
    return Tokenizer(read_dictionary(DICTIONARY), engine="jieba")


@pytest.fixture(scope="module")
def rjieba() -> Tokenizer:
    pytest.importorskip("rjieba")
    return Tokenizer(read_dictionary(DICTIONARY), engine="rjieba")


def dictionary(folder: Path, text: str) -> Path:
    path = folder / "words.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_both_engines_cut_the_whole_corpus_alike(
    jieba: Tokenizer, rjieba: Tokenizer, corpus: list[LabelledMessage]
) -> None:
    fields = [text for each in corpus for text in (each.message.title, each.message.text)]
    assert [text for text in fields if rjieba.cut(text) != jieba.cut(text)] == []


@settings(max_examples=400, deadline=None)
@given(text=texts)
def test_both_engines_cut_any_text_alike(jieba: Tokenizer, rjieba: Tokenizer, text: str) -> None:
    assert rjieba.cut(text) == jieba.cut(text)


@settings(max_examples=200, deadline=None)
@given(text=texts)
def test_the_words_joined_give_the_text_again(tokenizer: Tokenizer, text: str) -> None:
    words = tokenizer.cut(text)
    assert "".join(words) == text
    assert "" not in words


def test_both_engines_share_a_fingerprint(jieba: Tokenizer, rjieba: Tokenizer) -> None:
    assert (jieba.engine, rjieba.engine) == ("jieba", "rjieba")
    assert jieba.fingerprint == rjieba.fingerprint


@pytest.mark.parametrize("word", ["课后服务", "学位房", "特岗教师", "走教", "校外培训"])
def test_a_word_of_the_bureau_comes_out_whole(tokenizer: Tokenizer, word: str) -> None:
    assert word in tokenizer.cut(f"请问本县的{word}是怎么规定的？")


def test_every_word_of_the_default_dictionary_survives_its_own_cut(jieba: Tokenizer) -> None:
    assert [entry.word for entry in read_dictionary(DICTIONARY) if jieba.cut(entry.word) != [entry.word]] == []


def test_the_order_of_the_dictionary_changes_nothing(
    tmp_path: Path, jieba: Tokenizer, corpus: list[LabelledMessage]
) -> None:
    backwards = "\n".join(reversed(DICTIONARY.read_text(encoding="utf-8").splitlines()))
    words = read_dictionary(dictionary(tmp_path, backwards))
    assert words == read_dictionary(DICTIONARY)
    shuffled = Tokenizer(words[::-1], engine="jieba")
    assert shuffled.fingerprint == jieba.fingerprint
    texts = [each.message.text for each in corpus[:300]]
    assert [shuffled.cut(text) for text in texts] == [jieba.cut(text) for text in texts]


def test_a_word_or_a_frequency_more_is_another_fingerprint(tokenizer: Tokenizer) -> None:
    words = list(read_dictionary(DICTIONARY))
    oftener = [DictionaryWord(words[0].word, words[0].frequency + 1, words[0].tag), *words[1:]]
    changed = [Tokenizer(some).fingerprint for some in (oftener, words[1:], [*words, DictionaryWord("晨读打卡", 5)])]
    assert len({tokenizer.fingerprint, *changed}) == 4


def test_a_part_of_speech_more_is_the_same_fingerprint_for_it_cuts_nothing() -> None:
    plain, tagged = (Tokenizer([DictionaryWord("晨读打卡", 5, tag)]) for tag in ("n", "v"))
    assert plain.fingerprint == tagged.fingerprint


def test_without_rjieba_the_words_are_cut_by_jieba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rjieba", None)
    tokenizer = Tokenizer([DictionaryWord("晨读打卡", 3000)])
    assert tokenizer.engine == "jieba"
    assert tokenizer.cut("天天要晨读打卡") == ["天天", "要", "晨读打卡"]


@pytest.mark.parametrize("engine", ["jieba", "rjieba"])
def test_a_tokenizer_knows_no_words_of_another(engine: Engine) -> None:
    pytest.importorskip(engine)
    assert Tokenizer([DictionaryWord("晨读打卡", 3000)], engine=engine).cut("晨读打卡") == ["晨读打卡"]
    assert Tokenizer(engine=engine).cut("晨读打卡") == ["晨读", "打卡"]


def test_the_warnings_of_jieba_are_kept_from_the_user(tmp_path: Path) -> None:
    # Without compiled files at hand, as after an installation, so that Python reads the sources anew.
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", "from triage.tokens import Tokenizer; Tokenizer(engine='jieba')"],
        env=os.environ | {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, "")


def test_a_dictionary_is_read_in_the_order_of_its_words_without_its_comments(tmp_path: Path) -> None:
    path = dictionary(tmp_path, "\ufeff# 说明\n\n走教 2000 v\n  # 又一行\n晨读打卡\t007\nA4纸 15 n\n")
    assert read_dictionary(path) == (
        DictionaryWord("A4纸", 15),
        DictionaryWord("晨读打卡", 7),
        DictionaryWord("走教", 2000, "v"),
    )


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("走教", f"words.txt:2: '走教' is not a dictionary line. {FIX}"),
        ("走教 v", f"words.txt:2: '走教 v' is not a dictionary line. {FIX}"),
        ("走教 0 v", f"words.txt:2: '走教 0 v' is not a dictionary line. {FIX}"),
        ("走教 -5", f"words.txt:2: '走教 -5' is not a dictionary line. {FIX}"),
        ("走教 3.5", f"words.txt:2: '走教 3.5' is not a dictionary line. {FIX}"),
        ("走教 ３０", f"words.txt:2: '走教 ３０' is not a dictionary line. {FIX}"),
        ("走教 99999999999999999999", f"words.txt:2: '走教 99999999999999999999' is not a dictionary line. {FIX}"),
        ("走教 老师 3000 n", f"words.txt:2: '走教 老师 3000 n' is not a dictionary line. {FIX}"),
        ("走教，3000，n", f"words.txt:2: '走教，3000，n' is not a dictionary line. {FIX}"),
        (
            "𠮷野小学 3000 n",
            "words.txt:2: '𠮷野小学' holds a character at which text is always cut. "
            "Use common Chinese characters, ASCII letters and digits, and + # & . _ % - alone.",
        ),
        ("学位房 10", "words.txt:2: The word '学位房' stands twice. Keep one of the lines."),
    ],
)
def test_a_malformed_line_is_told_in_one_sentence(tmp_path: Path, line: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_dictionary(dictionary(tmp_path, f"学位房 3000 n\n{line}\n"))
    assert str(caught.value) == sentence


def test_a_dictionary_that_is_missing_or_of_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    with pytest.raises(ConfigError) as missing:
        read_dictionary(path)
    assert str(missing.value) == f"{path}: The domain dictionary is missing. Copy it out with: triage init DIR"
    path.write_bytes("学位房 3000 n".encode("gb18030"))
    with pytest.raises(ConfigError) as encoded:
        read_dictionary(path)
    assert str(encoded.value) == f"{path}: The dictionary is not UTF-8 text. Save it as UTF-8."
