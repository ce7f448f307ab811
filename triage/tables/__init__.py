"""Stream the tables of an office in and out.

`open_table` finds the format, the encoding, the header row and the columns of a file and yields its messages;
`ResultWriter` writes the results where a clerk can open them, whole or not at all.
"""

from __future__ import annotations

from triage.tables.cells import Cell
from triage.tables.columns import Role, SheetInfo
from triage.tables.fingerprints import fingerprint
from triage.tables.parts import PARTED_SUFFIXES, PartedWriter
from triage.tables.reading import SourceRow, Table, open_table
from triage.tables.sinks import XLSX_ROWS
from triage.tables.writing import Listing, Look, OutputColumn, ResultWriter, TotalsTable

__all__ = [
    "PARTED_SUFFIXES",
    "XLSX_ROWS",
    "Cell",
    "Listing",
    "Look",
    "OutputColumn",
    "PartedWriter",
    "ResultWriter",
    "Role",
    "SheetInfo",
    "SourceRow",
    "Table",
    "TotalsTable",
    "fingerprint",
    "open_table",
]
