"""Figures for people: how a report's values look in the reader's language.

Console, pages and documents all come here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from broadcaster.domain.reports.table import Cell, Table, Value
from broadcaster.domain.station import Station
from broadcaster.domain.taxonomy import Taxonomy
from broadcaster.ports import PageTable
from broadcaster.wording import say


@dataclass(frozen=True, slots=True)
class Names:
    """Names for codes, so that people read names: topics, thôn, nodes, sessions, bulletins."""

    topics: Mapping[str, str] = field(default_factory=dict)
    thons: Mapping[str, str] = field(default_factory=dict)
    nodes: Mapping[str, str] = field(default_factory=dict)
    sessions: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, station: Station, taxonomy: Taxonomy, titles: Mapping[str, str] | None = None) -> "Names":
        """The names that a station and the taxonomy give; `titles` of bulletins where those are to stand for codes."""
        return cls(
            {code: topic.name for code, topic in taxonomy.topics.items()},
            {thon.code: thon.name for thon in station.thons},
            {cluster.code: cluster.name for cluster in station.clusters},
            {session.code: session.name for session in station.sessions},
            titles or {},
        )


_RIGHT = {Cell.DURATION, Cell.COUNT, Cell.DECIMAL, Cell.SHARE, Cell.MONEY}


def decimal(value: float, language: str, digits: int = 1) -> str:
    """A number as the language writes it: 12,5 or 12.5."""
    text = f"{value:.{digits}f}"
    return text.replace(".", ",") if language == "vi" else text


def share(value: float, language: str, digits: int = 2) -> str:
    """A fraction as per cent."""
    return decimal(value * 100, language, digits) + "%"


def duration(milliseconds: int) -> str:
    """Hours, minutes and seconds, as 1:02:03 or 2:03; rounded to the second."""
    seconds = (milliseconds + 500) // 1000
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def day_text(value: str | date, language: str) -> str:
    """A date as people of the language write it."""
    day = date.fromisoformat(value) if isinstance(value, str) else value
    if isinstance(day, datetime):
        day = day.date()
    return day.strftime("%d/%m/%Y") if language == "vi" else day.isoformat()


def money(value: int, language: str) -> str:
    """Whole đồng as the language writes them: 1.250.000 or 1,250,000."""
    text = f"{value:,}"
    return text.replace(",", ".") if language == "vi" else text


def show(value: Value, cell: Cell, language: str, names: Names) -> str:  # noqa: C901, PLR0911, PLR0912 - one line a kind of cell
    """A cell's value for a person."""
    if value is None:
        return "–"
    match cell:
        case Cell.DURATION:
            return duration(int(value))
        case Cell.SHARE:
            return decimal(float(value) * 100, language) + "%"
        case Cell.DECIMAL:
            return decimal(float(value), language, 2)
        case Cell.VERDICT:
            return say("verdict.yes" if value else "verdict.no", language)
        case Cell.MEASURE:
            return say(f"measure.{value}", language)
        case Cell.TOPIC:
            return names.topics.get(str(value), str(value))
        case Cell.THON:
            return names.thons.get(str(value), str(value))
        case Cell.SESSION:
            return names.sessions.get(str(value), str(value))
        case Cell.NODES | Cell.NODE:
            return _listed([names.nodes.get(code, code) for code in str(value).split()])
        case Cell.DATE:
            return day_text(str(value), language) if value else ""
        case Cell.OUTCOME:
            return say(f"outcome.{value}", language)
        case Cell.CAUSE:
            return say(f"cause.{value or 'none'}", language)
        case Cell.KIND:
            return say(f"kind.{value}", language) if value else ""
        case Cell.ITEM_KIND:
            return say(f"item.{value}", language)
        case Cell.MONEY:
            return money(int(value), language)
        case Cell.SUBJECT:
            return ", ".join(names.thons.get(code, names.titles.get(code, code)) for code in str(value).split())
        case Cell.BULLETIN:
            return names.titles.get(str(value), str(value))
        case Cell.DATES:
            return ", ".join(day_text(day, language) for day in str(value).split())
        case _:
            return str(value)


def _listed(names: Sequence[str], most: int = 3) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" … (+{more})" if more > 0 else "")


def page_table(table: Table, language: str, names: Names) -> PageTable:
    """A report's table in the reader's words."""
    body = [
        [show(value, column.cell, language, names) for value, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]
    if table.total and body:
        body[-1][0] = say("table.total", language)
    return PageTable(
        title=say(f"table.{table.code}", language),
        head=tuple(say(f"column.{column.code}", language) for column in table.columns),
        body=tuple(tuple(row) for row in body),
        right=tuple(column.cell in _RIGHT for column in table.columns),
        total=table.total and bool(body),
        source=table,
    )
