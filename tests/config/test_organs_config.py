"""The organs outside the bureau, and the two templates of the notice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from triage.config import ReturnTemplates, check_config, load_config

Edit = Callable[[str, str, str], int]
Append = Callable[[str, str], int]

TEMPLATES = 'draft = "向{organ}提出"\ndraft_unknown = "请核定"\n'
ORGAN = '[[organ]]\nid = "water"\nname = "水利局"\nwords = ["水库", "河道"]\n'
UNKNOWN = 'Write it like: draft_unknown = "您反映的事项不属于{bureau}职权范围……"'
KNOWN = 'Write it like: draft = "您反映的事项可能属于{organ}职权范围……"'


def sentences(folder: Path) -> list[str]:
    return [str(problem) for problem in check_config(folder)]


@pytest.fixture
def write(folder: Path) -> Callable[[str], None]:
    """Puts a text in the place of organs.toml."""

    def put(text: str) -> None:
        (folder / "organs.toml").write_text(text, encoding="utf-8")

    return put


def test_the_default_organs_have_names_words_and_a_basis(folder: Path) -> None:
    config = load_config(folder)
    assert len(config.organs) > 30
    assert all(organ.words and organ.basis for organ in config.organs)
    assert "{organ}" in config.return_templates.draft


def test_a_bureau_without_the_file_has_no_organs_and_no_notice(folder: Path) -> None:
    (folder / "organs.toml").unlink()
    assert check_config(folder) == ()
    config = load_config(folder)
    assert (config.organs, config.return_templates) == ((), ReturnTemplates())


def test_what_the_file_says_is_read(folder: Path, write: Callable[[str], None]) -> None:
    write(TEMPLATES + ORGAN)
    config = load_config(folder)
    assert config.return_templates == ReturnTemplates("向{organ}提出", "请核定")
    assert [(organ.id, organ.name, organ.words, organ.basis) for organ in config.organs] == [
        ("water", "水利局", ("水库", "河道"), "")
    ]


def test_the_fingerprint_changes_with_the_organs(folder: Path, write: Callable[[str], None]) -> None:
    before = load_config(folder).fingerprint
    write(TEMPLATES + ORGAN)
    assert load_config(folder).fingerprint != before


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "向{organ}提出", "向{office}提出",
            "organs.toml:1: draft can have the blanks {organ}, {bureau}, {date}, but has {office}. " + KNOWN,
        ),
        (
            "向{organ}提出", "向{organ.name}提出",
            "organs.toml:1: draft can have the blanks {organ}, {bureau}, {date}, but has {organ.name}. " + KNOWN,
        ),
        ("向{organ}提出", "向{organ}{提出", f"organs.toml:1: draft has a brace without its partner. {KNOWN}"),
        ("向{organ}提出", "请另投", f"organs.toml:1: draft should have the blank {{organ}}. {KNOWN}"),
        ("请核定", "请核定{organ}",
         f"organs.toml:2: draft_unknown can have the blanks {{bureau}}, {{date}}, but has {{organ}}. {UNKNOWN}"),
        ("请核定", "字" * 141,
         f"organs.toml:2: draft_unknown should have at most 140 characters, but has 141. {UNKNOWN}"),
        ("请核定", " ", f"organs.toml:2: draft_unknown is empty. {UNKNOWN}"),
        ('"河道"', '"河"',
         'organs.toml:6: words should hold words of at least two characters, but holds "河". '
         'Write it like: words = ["商品房", "物业"]'),
        ('["水库", "河道"]', "[]", 'organs.toml:6: words is empty. Write it like: words = ["商品房", "物业"]'),
        ("words", "wrods", "organs.toml:6: [[organ]] has no use for wrods. Did you mean words?"),
        ('name = "水利局"\n', "", 'organs.toml:3: [[organ]] has no name. Add it, such as: name = "市住房和城乡建设局"'),
        ("draft = ", "darft = ", "organs.toml:1: The file has no use for darft. Did you mean draft?"),
    ],
)  # fmt: skip
def test_each_slip_earns_its_sentence(
    folder: Path, write: Callable[[str], None], old: str, new: str, sentence: str
) -> None:
    text = TEMPLATES + ORGAN
    assert text.count(old) == 1
    write(text.replace(old, new))
    assert sentence in sentences(folder)


def test_a_template_that_is_left_out_is_asked_for(folder: Path, write: Callable[[str], None]) -> None:
    write('draft = "向{organ}提出"\n' + ORGAN)
    assert sentences(folder) == [
        "organs.toml: The file has no draft_unknown. "
        'Add it, such as: draft_unknown = "您反映的事项不属于{bureau}职权范围……"'
    ]


def test_a_word_belongs_to_one_organ(folder: Path, write: Callable[[str], None]) -> None:
    write(TEMPLATES + ORGAN + '[[organ]]\nid = "river"\nname = "河道局"\nwords = ["河道"]\n')
    assert sentences(folder) == [
        "organs.toml:10: 河道 means two organs: water (line 6) and river. Leave it with one of them."
    ]


def test_two_organs_cannot_have_one_id_or_one_name(folder: Path, write: Callable[[str], None]) -> None:
    write(TEMPLATES + ORGAN + '[[organ]]\nid = "water"\nname = "水利局"\nwords = ["水渠"]\n')
    assert sentences(folder) == [
        "organs.toml:8: Two organs have the id water (the other in line 4). Rename one.",
        "organs.toml:9: 水利局 means two organs: water (line 5) and water. Leave it with one of them.",
    ]
