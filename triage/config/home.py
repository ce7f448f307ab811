"""Where a bureau keeps its configuration and its models."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from triage.errors import ConfigError

HOME_VARIABLE = "TRIAGE_HOME"
_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Home:
    """The folders of a bureau.

    What a bureau's `data` folder does not hold of the dictionary and the starter corpus is taken from the defaults.
    """

    data: Path
    models: Path

    @property
    def store(self) -> Path:
        """The case store: the file with the labels that people gave."""
        return self.models.parent / "cases.db"

    @property
    def dictionary(self) -> Path:
        """The domain dictionary."""
        return self._own_or_default("dictionary.txt")

    @property
    def corpus(self) -> Path:
        """The folder of the starter corpus."""
        return self._own_or_default("corpus")

    def _own_or_default(self, name: str) -> Path:
        own = self.data / name
        return own if own.exists() else default_data() / name


def find_home(folder: Path | None = None) -> Home:
    """The bureau's folders: the one given, else `$TRIAGE_HOME`, else the current folder if it is one, else the user's.

    Without a folder of its own, a bureau has the packaged defaults, and models in the user's data folder.

    Raises
    ------
    ConfigError : the folder given holds no `data/taxonomy.toml`.
    """
    named = folder or (Path(os.environ[HOME_VARIABLE]) if os.environ.get(HOME_VARIABLE) else None)
    if named is not None:
        if not (named / "data" / "taxonomy.toml").is_file():
            raise ConfigError(
                "is no bureau folder: it has no data/taxonomy.toml.",
                where=str(named),
                fix=f"Make one with: triage init {named}",
            )
        return Home(named / "data", named / "models")
    here = Path.cwd()
    if (here / "data" / "taxonomy.toml").is_file():
        return Home(here / "data", here / "models")
    from platformdirs import user_data_path

    return Home(default_data(), user_data_path("petition-triage") / "models")


def copy_defaults(folder: Path) -> tuple[Path, ...]:
    """Make a bureau folder with the default configuration, and return the files; the corpus stays where it is.

    Raises
    ------
    ConfigError : the folder exists and is not empty, or cannot be made.
    """
    sources = sorted([*default_data().glob("*.toml"), default_data() / "dictionary.txt"])
    try:
        if folder.exists() and any(folder.iterdir()):
            raise ConfigError("is not empty; nothing was written.", where=str(folder), fix="Name a new folder.")
        (folder / "data").mkdir(parents=True, exist_ok=True)
        return tuple(Path(shutil.copyfile(source, folder / "data" / source.name)) for source in sources)
    except OSError as error:
        raise ConfigError(
            f"cannot be made ({error.strerror}).", where=str(folder), fix="Choose another folder."
        ) from None


def default_data() -> Path:
    """The folder of the defaults: inside the installed package, or beside it in a checkout."""
    packaged = _PACKAGE / "data"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "data"
