"""Read, merge and validate the bureau's TOML.

`load_config` reads all of it, `load_taxonomy` and `load_dangers` what training needs, and `check_config` lists every
problem at once.
"""

from __future__ import annotations

from triage.config.home import Home, copy_defaults, default_data, find_home
from triage.config.loading import check_config, load_config, load_dangers, load_gate, load_taxonomy
from triage.config.model import (
    Category,
    CategoryRule,
    Change,
    Clock,
    Config,
    Danger,
    DutyRule,
    GateSettings,
    Jurisdiction,
    JurisdictionKind,
    Office,
    Organ,
    ReturnTemplates,
    ReviewSettings,
    School,
    Taxonomy,
)
from triage.config.problems import Problem

__all__ = [
    "Category",
    "CategoryRule",
    "Change",
    "Clock",
    "Config",
    "Danger",
    "DutyRule",
    "GateSettings",
    "Home",
    "Jurisdiction",
    "JurisdictionKind",
    "Office",
    "Organ",
    "Problem",
    "ReturnTemplates",
    "ReviewSettings",
    "School",
    "Taxonomy",
    "check_config",
    "copy_defaults",
    "default_data",
    "find_home",
    "load_config",
    "load_dangers",
    "load_gate",
    "load_taxonomy",
]
