"""Write the hand-over sheets of a scored table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from triage.config import Config
from triage.errors import ConfigError, MissingExtraError
from triage.handover.cases import CaseReader, HandoverCase, WaitingRow
from triage.handover.files import check_free, write_all
from triage.handover.sheets import HandoverSheet, to_sheets
from triage.schema import RejectedRow
from triage.tables import Role, Table, open_table
from triage.tables.sinks import safe_csv_text

_LEFT_OVER_HEADER = ("情况", "文件", "工作表", "行号", "列", "原因")


@dataclass(frozen=True, slots=True)
class HandoverReport:
    """What a run did: `rows_in` equals `handed_over`, the rejected rows and the waiting ones together.

    `files` are the sheets and, where a row is not on any of them, the list of those that are not. `older` are files
    of the same kind and day that lie in the folder from another run.
    """

    files: tuple[Path, ...]
    rows_in: int
    handed_over: int
    rejected: tuple[RejectedRow, ...]
    waiting: tuple[RejectedRow, ...]
    older: tuple[Path, ...]


def write_handover(
    path: Path,
    out: Path,
    *,
    config: Config,
    on: date,
    force: bool = False,
    show_personal_data: bool = False,
    include_unreviewed: bool = False,
    columns: Mapping[Role, str] | None = None,
    sheet: str | None = None,
    opened: Callable[[Table], None] = lambda table: None,
) -> HandoverReport:
    """Write a Word document for each lead office of a scored table, and one more for its sealed cases.

    A row is rejected whose lead office is empty or unknown, whose category a person changed without routing it anew,
    whose due date is no day, or whose receiver must not get it. A row that a person has to look at waits, unless a
    person has given its category. Rows that are hidden by a filter count like others.

    Parameters
    ----------
    out : the folder for the documents; it is made where it is missing.
    on : the day of the sheets.
    show_personal_data : print the writer's name in full; never that of who makes an accusation.
    include_unreviewed : hand over what a person has yet to look at.
    columns, sheet : which columns and which sheet to read, where the user says so.
    opened : told of the table before its rows are read.

    Raises
    ------
    MissingExtraError : python-docx is not installed.
    InputError : the table cannot be read or has no column 主办, or a document cannot be written; then nothing is left
        behind.
    """
    try:
        import docx  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("python-docx", extra="reports", needed_for="The hand-over sheet") from error
    from triage.handover.document import render_sheet

    table = open_table(path, columns=columns, sheet=sheet)
    opened(table)
    reader = CaseReader(table, config, show_personal_data=show_personal_data, include_unreviewed=include_unreviewed)
    cases, waiting, rejected = _read(table, reader)
    sheets = to_sheets(cases, config.offices, on)
    _check_names(sheets)
    contents = {each.file_name: b"" for each in sheets}
    left_over = f"未转办-{on.isoformat()}.csv"
    if waiting or rejected:
        contents[left_over] = _left_over_list(waiting, rejected)
    check_free(out, list(contents), force=force)
    contents.update((each.file_name, render_sheet(each, bureau=config.bureau)) for each in sheets)
    files = write_all(out, contents)
    return HandoverReport(
        files=files,
        rows_in=len(cases) + len(waiting) + len(rejected),
        handed_over=len(cases),
        rejected=tuple(rejected),
        waiting=tuple(waiting),
        older=tuple(sorted(set(out.glob(f"*转办*-{on.isoformat()}.*")) - set(files))),
    )


def _read(table: Table, reader: CaseReader) -> tuple[list[HandoverCase], list[RejectedRow], list[RejectedRow]]:
    """The cases of a table, the rows that wait, and those that cannot be used."""
    cases: list[HandoverCase] = []
    waiting: list[RejectedRow] = []
    rejected: list[RejectedRow] = []
    for row in table.rows():
        found = row if isinstance(row, RejectedRow) else reader.read(row)
        if isinstance(found, HandoverCase):
            cases.append(found)
        elif isinstance(found, WaitingRow):
            waiting.append(found.row)
        else:
            rejected.append(found)
    return cases, waiting, rejected


def _check_names(sheets: Sequence[HandoverSheet]) -> None:
    """Refuse offices whose names differ only in signs that no file name can hold."""
    taken: dict[str, HandoverSheet] = {}
    for sheet in sheets:
        other = taken.setdefault(sheet.file_name.casefold(), sheet)
        if other is not sheet:
            raise ConfigError(
                f"{other.lead.name} and {sheet.lead.name} would make the same file name.",
                where="offices.toml",
                fix="Rename one of them.",
            )


def _left_over_list(waiting: Sequence[RejectedRow], rejected: Sequence[RejectedRow]) -> bytes:
    """The rows that are on no sheet, with the reasons and without their cells, for Excel."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(_LEFT_OVER_HEADER)
    for kind, rows in (("待复核", waiting), ("不能转办", rejected)):
        for row in rows:
            cells = (kind, Path(row.source).name, row.sheet, str(row.row), row.column, row.reason)
            writer.writerow(map(safe_csv_text, cells))
    return stream.getvalue().encode("utf-8-sig")
