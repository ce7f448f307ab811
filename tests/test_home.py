"""Which folders are a bureau's, and how it gets one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from triage.config import check_config, copy_defaults, default_data, find_home
from triage.errors import ConfigError

FILES = [
    "clocks.toml",
    "dictionary.txt",
    "duty.toml",
    "jurisdictions.toml",
    "offices.toml",
    "organs.toml",
    "rules.toml",
    "schools.toml",
    "settings.toml",
    "taxonomy.toml",
    "urgency.toml",
]


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder that is no bureau's, with no variable set and the user's data folder in it."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.delenv("TRIAGE_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user"))
    return here


@pytest.fixture
def bureau(tmp_path: Path) -> Path:
    copy_defaults(tmp_path / "bureau")
    return tmp_path / "bureau"


# --- Finding one ---


def test_the_folder_given_goes_before_all(bureau: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_defaults(tmp_path / "other")
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "other"))
    monkeypatch.chdir(tmp_path / "other")
    home = find_home(bureau)
    assert (home.data, home.models) == (bureau / "data", bureau / "models")


def test_the_variable_goes_before_the_current_folder(
    bureau: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_defaults(tmp_path / "other")
    monkeypatch.setenv("TRIAGE_HOME", str(bureau))
    monkeypatch.chdir(tmp_path / "other")
    assert find_home().data == bureau / "data"


def test_an_empty_variable_says_nothing(bureau: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_HOME", "")
    monkeypatch.chdir(bureau)
    assert find_home().models == bureau / "models"


def test_without_any_the_defaults_serve_and_the_models_are_the_users(tmp_path: Path, nowhere: Path) -> None:
    home = find_home()
    assert home.data == default_data()
    assert home.models.is_relative_to(tmp_path / "user")
    assert not home.models.exists()
    assert list(nowhere.iterdir()) == []


@pytest.mark.parametrize("made", [False, True], ids=["missing", "empty"])
def test_a_folder_that_is_no_bureau(tmp_path: Path, made: bool) -> None:
    folder = tmp_path / "no"
    if made:
        folder.mkdir()
    with pytest.raises(ConfigError) as caught:
        find_home(folder)
    assert str(caught.value) == (
        f"{folder}: is no bureau folder: it has no data/taxonomy.toml. Make one with: triage init {folder}"
    )


def test_the_advice_makes_the_folder_a_bureau(tmp_path: Path) -> None:
    folder = tmp_path / "no"
    with pytest.raises(ConfigError):
        find_home(folder)
    copy_defaults(folder)
    assert find_home(folder).data == folder / "data"


# --- Dictionary and corpus ---


def test_a_bureau_uses_its_own_dictionary_and_the_bundled_corpus(bureau: Path) -> None:
    home = find_home(bureau)
    assert home.dictionary == bureau / "data" / "dictionary.txt"
    assert home.corpus == default_data() / "corpus"


def test_a_bureau_without_a_dictionary_has_the_default_one(bureau: Path) -> None:
    (bureau / "data" / "dictionary.txt").unlink()
    assert find_home(bureau).dictionary == default_data() / "dictionary.txt"


def test_a_bureau_may_have_a_corpus_of_its_own(bureau: Path) -> None:
    (bureau / "data" / "corpus").mkdir()
    assert find_home(bureau).corpus == bureau / "data" / "corpus"


# --- Making one ---


@pytest.mark.parametrize("made", [False, True], ids=["new", "empty"])
def test_a_new_bureau_has_the_default_files_and_no_problem(tmp_path: Path, made: bool) -> None:
    folder = tmp_path / "吉安" / "教育局"
    if made:
        folder.mkdir(parents=True)
    files = copy_defaults(folder)
    assert [file.name for file in files] == FILES
    assert all(file.read_bytes() == (default_data() / file.name).read_bytes() for file in files)
    assert sorted(path for path in folder.rglob("*") if path.is_file()) == sorted(files)
    assert check_config(folder / "data") == ()


def test_a_bureau_is_never_made_over_something_else(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"letters: is not empty; nothing was written\. Name a new folder\.$"):
        copy_defaults(tmp_path / "letters")
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["a.txt"]


def test_a_bureau_cannot_be_made_where_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigError, match=r"cannot be made \(Not a directory\)\. Choose another folder\.$"):
            copy_defaults(folder)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_a_copy_that_fails_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(ConfigError, match=r"cannot be made \(No space left on device\)"):
        copy_defaults(tmp_path / "bureau")
