"""Clean a message for the model, and mask the personal data in it.

Both keep the way back to what the citizen wrote: `clean` maps spans of the cleaned text to the original, and `mask`
keeps the length, so that every offset stays true.
"""

from __future__ import annotations

from triage.text.cleaning import CleanText, clean, normalise
from triage.text.masking import mask
from triage.text.personal import PersonalData, PersonalKind, find_personal_data

__all__ = ["CleanText", "PersonalData", "PersonalKind", "clean", "find_personal_data", "mask", "normalise"]
