"""The case store: messages and what people decided of them, in one SQLite file.

Nothing that a person decided is ever changed or removed there; of several decisions the newest holds.
"""

from __future__ import annotations

from triage.store.access import Added, Conflict, Store
from triage.store.history import KeptLabel, Outcome

__all__ = ["Added", "Conflict", "KeptLabel", "Outcome", "Store"]
