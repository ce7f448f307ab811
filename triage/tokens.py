"""Cut text into words: jieba's algorithm and dictionary, with the bureau's own words added.

jieba is the reference; `rjieba`, its Rust port, gives the same words many times faster where it is installed. New-word
guessing (HMM) is off, because the two differ there.
"""

from __future__ import annotations

import hashlib
import logging
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from triage.errors import ConfigError

Engine = Literal["jieba", "rjieba"]

_PROBE = "南京市长江大桥边的小学乱收费，请市教育局核实处理。"
_PROBE_WORDS = ["南京市", "长江大桥", "边", "的", "小学", "乱收费", "，", "请", "市", "教育局", "核实", "处理", "。"]

_FREQUENCY = re.compile(r"0*[1-9][0-9]{0,8}")
# What jieba can keep together in one word. rjieba can more, so that they would differ at words with other characters.
_WORD = re.compile(r"[\u4e00-\u9fd5a-zA-Z0-9+#&._%-]+")


@dataclass(frozen=True, slots=True, order=True)
class DictionaryWord:
    """A word of the domain dictionary with its frequency (1 or more) and part of speech."""

    word: str
    frequency: int
    tag: str = "n"


def read_dictionary(path: Path) -> tuple[DictionaryWord, ...]:
    """Read a dictionary of lines `word frequency [tag]`; `#` begins a comment line.

    Every word must name its frequency: one that jieba computes depends on the words already loaded, so that the order
    of the file would change how text is cut.

    Raises
    ------
    ConfigError : the file is missing, is not UTF-8, or a line is malformed or repeats a word.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise ConfigError(
            "The domain dictionary is missing.", where=str(path), fix="Copy it out with: triage init DIR"
        ) from None
    except UnicodeDecodeError:
        raise ConfigError("The dictionary is not UTF-8 text.", where=str(path), fix="Save it as UTF-8.") from None
    words: dict[str, DictionaryWord] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        entry = _parse_line(line, where=f"{path.name}:{number}")
        if entry.word in words:
            raise ConfigError(
                f"The word {entry.word!r} stands twice.", where=f"{path.name}:{number}", fix="Keep one of the lines."
            )
        words[entry.word] = entry
    return tuple(sorted(words.values()))


def _parse_line(line: str, *, where: str) -> DictionaryWord:
    parts = line.split()
    if len(parts) not in (2, 3) or not _FREQUENCY.fullmatch(parts[1]):
        raise ConfigError(
            f"{line.strip()!r} is not a dictionary line.",
            where=where,
            fix="Write: word, space, frequency of 1 or more, and if you like a part of speech, as in: 课后服务 3000 n",
        )
    if not _WORD.fullmatch(parts[0]):
        raise ConfigError(
            f"{parts[0]!r} holds a character at which text is always cut.",
            where=where,
            fix="Use common Chinese characters, ASCII letters and digits, and + # & . _ % - alone.",
        )
    return DictionaryWord(parts[0], int(parts[1]), parts[2] if len(parts) == 3 else "n")


class Tokenizer:
    """Cuts text into words; the words joined give the text again.

    `engine` is the engine in use; `fingerprint` is a SHA-256 over the two dictionaries and the way of cutting, the
    same for both engines, so that a model can refuse words cut otherwise than those it learnt from.
    """

    def __init__(self, words: Sequence[DictionaryWord] = (), *, engine: Engine | None = None) -> None:
        """Load the dictionaries; without `engine`, rjieba where it is installed and agrees with jieba, else jieba."""
        ordered = sorted(words)
        self.fingerprint = _fingerprint(ordered)
        self.engine: Engine = engine or ("rjieba" if _rjieba_agrees() else "jieba")
        self._cut = _rjieba_cut(ordered) if self.engine == "rjieba" else _jieba_cut(ordered)

    def cut(self, text: str) -> list[str]:
        """The words of the text, punctuation and spaces among them, in order; it may hold no lone surrogates."""
        return self._cut(text)


def _fingerprint(words: Sequence[DictionaryWord]) -> str:
    digest = hashlib.sha256(b"jieba dag, hmm off\n")
    digest.update(resources.files(_load_jieba()).joinpath("dict.txt").read_bytes())
    for entry in words:
        digest.update(f"{entry.word} {entry.frequency}\n".encode())
    return digest.hexdigest()


def _rjieba_agrees() -> bool:
    """Whether rjieba is installed and cuts the probe as jieba does; another release may carry another dictionary."""
    try:
        import rjieba
    except ImportError:
        return False
    return list(rjieba.Jieba().cut(_PROBE, hmm=False)) == _PROBE_WORDS


def _rjieba_cut(words: Sequence[DictionaryWord]) -> Callable[[str], list[str]]:
    import rjieba

    cutter = rjieba.Jieba()
    for entry in words:
        cutter.add_word(entry.word, entry.frequency, entry.tag)

    def cut(text: str) -> list[str]:
        return list(cutter.cut(text, hmm=False))

    return cut


def _jieba_cut(words: Sequence[DictionaryWord]) -> Callable[[str], list[str]]:
    jieba = _load_jieba()
    jieba.setLogLevel(logging.WARNING)
    cutter = jieba.Tokenizer()
    # jieba's own start reads a cache from the shared temporary folder, where anybody may have put one.
    cutter.FREQ, cutter.total = cutter.gen_pfdict(cutter.get_dict_file())
    cutter.initialized = True
    for entry in words:
        cutter.add_word(entry.word, entry.frequency, entry.tag)

    def cut(text: str) -> list[str]:
        return list(cutter.cut(text, HMM=False))

    return cut


def _load_jieba() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba's sources hold escapes that newer Pythons warn of
        import jieba
    return jieba
