"""A report's figures as a table, before any wording or format."""

from dataclasses import dataclass
from enum import StrEnum

from broadcaster.domain.audit import Figures


class Cell(StrEnum):
    """How a column's values are to be shown. Durations are milliseconds, shares are fractions of one, money is đồng.

    A bulletin goes by its code, or by its title where the reader has those. A subject is a bulletin, or one or several
    thôn, by code.
    """

    TEXT = "text"
    TOPIC = "topic"
    THON = "thon"
    NODE = "node"
    NODES = "nodes"
    SESSION = "session"
    DATE = "date"
    DATES = "dates"
    DURATION = "duration"
    COUNT = "count"
    DECIMAL = "decimal"
    SHARE = "share"
    OUTCOME = "outcome"
    CAUSE = "cause"
    VERDICT = "verdict"
    MEASURE = "measure"
    KIND = "kind"
    ITEM_KIND = "item_kind"
    MONEY = "money"
    SUBJECT = "subject"
    BULLETIN = "bulletin"


Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its code for the wording table, and how its values are shown."""

    code: str
    cell: Cell = Cell.TEXT


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain values; the last one is a total where `total` says so."""

    code: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    total: bool = False


FIGURE_COLUMNS = (
    Column("pieces", Cell.COUNT),
    Column("new_pieces", Cell.COUNT),
    Column("airings", Cell.COUNT),
    Column("mean_repeats", Cell.DECIMAL),
    Column("unique", Cell.DURATION),
    Column("aired", Cell.DURATION),
    Column("cluster", Cell.DURATION),
)


def figure_cells(figures: Figures) -> tuple[Value, ...]:
    """The five figures and what they are made of, in the order of `FIGURE_COLUMNS`."""
    return (
        figures.pieces,
        figures.new_pieces,
        figures.airings,
        round(figures.mean_repeats, 2),
        figures.unique_ms,
        figures.aired_ms,
        figures.cluster_ms,
    )
