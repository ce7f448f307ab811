"""What the bureau's own files say once they are read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from triage.config import Config, check_config, load_config, load_taxonomy
from triage.errors import ConfigError

CATEGORIES = (
    "tutoring", "fees", "pay", "ethics", "enrollment", "management",
    "facilities", "integrity", "staffing", "other_edu", "not_edu",
)  # fmt: skip
COUNTIES = {
    "吉州区", "青原区", "井冈山市", "吉安县", "新干县", "永丰县", "峡江县",
    "吉水县", "泰和县", "万安县", "遂川县", "安福县", "永新县",
}  # fmt: skip


@pytest.fixture
def config(folder: Path) -> Config:
    return load_config(folder)


def test_the_default_configuration_has_no_problem(folder: Path) -> None:
    assert check_config(folder) == ()


def test_the_taxonomy_holds_the_eleven_categories_in_order(config: Config) -> None:
    assert config.taxonomy.ids == CATEGORIES
    assert [category.id for category in config.taxonomy.categories if not category.ours] == ["not_edu"]
    assert all(category.description for category in config.taxonomy.categories)
    assert config.taxonomy["not_edu"].annual_row == ""
    assert config.taxonomy["staffing"].annual_row == "教师待遇"


@pytest.mark.parametrize(
    ("written", "category"), [("有偿补课", "tutoring"), (" 招生入学 ", "enrollment"), ("PAY", "pay")]
)
def test_a_clerk_may_write_a_category_by_id_name_or_alias(config: Config, written: str, category: str) -> None:
    found = config.taxonomy.find(written)
    assert found is not None
    assert found.id == category


def test_all_thirteen_counties_are_there_and_the_city_is_none_of_them(config: Config) -> None:
    counties = [place for place in config.jurisdictions if place.kind == "county"]
    assert {place.name for place in counties} == COUNTIES
    assert "吉安" not in {alias for place in config.jurisdictions for alias in place.aliases}


def test_every_rule_says_on_what_it_rests_and_from_when(config: Config) -> None:
    assert all(rule.basis and rule.valid_from == date(2022, 5, 1) for rule in config.duty)


def test_settings_come_from_the_file(folder: Path, edit: Callable[[str, str, str], int]) -> None:
    edit("settings.toml", "min_characters = 8 ", "min_characters = 12 ")
    config = load_config(folder)
    assert (config.bureau, config.city) == ("吉安市教育局", "吉安市")
    assert (config.review.min_characters, config.review.min_confidence) == (12, 0.6)


def test_review_settings_that_are_left_out_keep_their_defaults(folder: Path) -> None:
    (folder / "settings.toml").write_text('bureau = "乙局"\ncity = "乙市"\n', encoding="utf-8")
    assert load_config(folder).review.min_margin == 0.15


def test_a_taxonomy_can_be_read_without_the_other_files(tmp_path: Path) -> None:
    (tmp_path / "taxonomy.toml").write_text(
        '[[category]]\nid = "城乡建设"\nname = "城乡建设"\n[[category]]\nid = "交通"\nname = "交通运输"\n',
        encoding="utf-8",
    )
    assert load_taxonomy(tmp_path).ids == ("城乡建设", "交通")


def test_a_missing_taxonomy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^taxonomy\.toml: There is no such file in "):
        load_taxonomy(tmp_path)


def test_the_fingerprint_ignores_comments_and_the_order_of_keys(
    folder: Path, edit: Callable[[str, str, str], int], append: Callable[[str, str], int]
) -> None:
    before = load_config(folder).fingerprint
    edit(
        "settings.toml", 'bureau = "吉安市教育局"\ncity = "吉安市"', '# 说明\ncity = "吉安市"\nbureau = "吉安市教育局"'
    )
    append("duty.toml", "# 又一条说明\n")
    assert load_config(folder).fingerprint == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("offices.toml", 'name = "财务科"', 'name = "财务处"'),
        ("settings.toml", "min_margin = 0.15", "min_margin = 0.16"),
        ("duty.toml", '"打架", "斗殴"', '"斗殴", "打架"'),
    ],
)
def test_the_fingerprint_changes_with_what_is_said(
    folder: Path, edit: Callable[[str, str, str], int], name: str, old: str, new: str
) -> None:
    before = load_config(folder).fingerprint
    edit(name, old, new)
    assert load_config(folder).fingerprint != before


def test_a_file_saved_with_bom_and_windows_line_ends_reads_the_same(folder: Path) -> None:
    before = load_config(folder).fingerprint
    for file in folder.glob("*.toml"):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert load_config(folder).fingerprint == before
