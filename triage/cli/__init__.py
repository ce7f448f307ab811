"""The command line: parse, call a job, show its result. What only some commands need is imported inside them."""

from __future__ import annotations

from triage.cli.app import main

__all__ = ["main"]
