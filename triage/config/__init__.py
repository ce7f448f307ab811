"""Read, merge and validate the bureau's TOML.

`load_config` reads all of it, `load_taxonomy` the categories alone, and `check_config` lists every problem at once.
"""

from __future__ import annotations

from triage.config.home import Home, copy_defaults, default_data, find_home
from triage.config.loading import check_config, load_config, load_taxonomy
from triage.config.model import (
    Category,
    Config,
    DutyRule,
    Jurisdiction,
    JurisdictionKind,
    Office,
    ReviewSettings,
    Taxonomy,
)
from triage.config.problems import Problem

__all__ = [
    "Category",
    "Config",
    "DutyRule",
    "Home",
    "Jurisdiction",
    "JurisdictionKind",
    "Office",
    "Problem",
    "ReviewSettings",
    "Taxonomy",
    "check_config",
    "copy_defaults",
    "default_data",
    "find_home",
    "load_config",
    "load_taxonomy",
]
