"""The columns that a table has already, and what people have put into them."""

from __future__ import annotations

from collections.abc import Mapping

from triage.config import Config, Taxonomy
from triage.forms import PERSONS_CATEGORY, persons_column
from triage.labels import PersonsCategory, read_flag, read_nature, text_hash
from triage.schema import Decision, Label
from triage.scoring.answers import Asked
from triage.scoring.batches import Batch
from triage.tables import OutputColumn, Role, SourceRow, Table
from triage.tables.columns import header_key

_COMMON_WIDTH = 14
_WIDTHS: Mapping[Role | None, int] = {Role.TITLE: 28, Role.TEXT: 60, Role.RECEIVED_AT: 19}


def is_persons(name: str) -> bool:
    """Whether a column of that name holds a person's category."""
    return header_key(name) == PERSONS_CATEGORY


def original_columns(table: Table, taxonomy: Taxonomy) -> list[OutputColumn]:
    """The columns that a table has already, as wide as they need; 人工类别 with the names to choose from."""
    roles = {name: role for info in table.sheets for role, name in info.roles.items()}
    choices = persons_column(taxonomy).choices
    return [
        OutputColumn(
            name,
            _WIDTHS.get(roles.get(name), _COMMON_WIDTH),
            wrap=roles.get(name) is Role.TEXT,
            choices=choices if is_persons(name) else (),
        )
        for name in table.columns
    ]


class Persons:
    """What people have put into the table, or decided before; what stands in 类别 may be our own."""

    def __init__(self, config: Config, table: Table, labels: Mapping[str, Label]) -> None:
        self._labels = labels
        self._taxonomy = config.taxonomy
        self._categories = {sheet.name: PersonsCategory(table, sheet) for sheet in table.sheets}

    def asked(self, batch: Batch) -> list[Asked]:
        """The messages of a batch, each with what people have said of it."""
        return [Asked(row.message, *self.read(row)) for row in batch.messages]

    def read(self, row: SourceRow) -> tuple[Decision, bool]:
        """What a person has said of a row, and whether all that is written there can be read."""
        label = self._categories[row.sheet].written(row)
        category = self._taxonomy.find(label) if label else None
        nature, urgent = read_nature(row.nature), read_flag(row.urgent)
        is_clear = (
            bool(label) == (category is not None)
            and bool(row.nature) == (nature is not None)
            and bool(row.urgent) == (urgent is not None)
        )
        known = self._labels.get(text_hash(row.message)) if self._labels else None
        if known is None:
            return Decision(category.id if category else "", nature, urgent), is_clear
        decision = Decision(
            category.id if category else known.primary,
            nature or known.nature,
            known.urgent if urgent is None else urgent,
        )
        return decision, is_clear
