"""Petition triage: Chinese petition messages, classified and routed for a city's education bureau."""

from __future__ import annotations

__version__ = "0.1.0"
