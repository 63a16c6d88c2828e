"""Papers as Excel workbooks: a sheet a table, sums and shares as formulas, charts that follow the cells."""

import io
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from broadcaster.adapters.files import whole_file
from broadcaster.domain.reports.table import Cell, Table, Value
from broadcaster.ports import PageChart, PageTable, Paper

DAY_MS = 86_400_000
SUMMED = {Cell.DURATION, Cell.COUNT, Cell.MONEY}
PLAIN = {Cell.DURATION, Cell.COUNT, Cell.MONEY, Cell.DECIMAL, Cell.SHARE}
FORMATS = {
    Cell.DURATION: "[h]:mm:ss",
    Cell.COUNT: "#,##0",
    Cell.MONEY: "#,##0",
    Cell.DECIMAL: "#,##0.00",
    Cell.SHARE: "0.0%",
    Cell.DATE: "dd/mm/yyyy",
}
FIRST_ROW = 3
"""Row of a sheet's column heads, from zero."""
MOST_NAME = 31
HEAD_HEIGHT = 48
"""Of the column heads in points: three lines."""


def write_xlsx(paper: Paper, path: Path) -> None:
    """Write every table of the paper as a sheet, whole or not at all.

    Raises:
        OSError: if the file cannot be written.
    """
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    # A title that begins like a formula or an address stays a text.
    book = Workbook(
        buffer,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties(
        {
            "title": f"{paper.kind} {paper.subject}"[:255],
            "author": paper.issuer[:255],
            "created": datetime.combine(paper.day, time.min),
        }
    )
    names: set[str] = set()
    for section in paper.sections:
        if section.table:
            sheet = book.add_worksheet(_sheet_name(section.table.title, names))
            _Sheet(book, sheet, paper).fill(section.table, section.chart, section.command)
    if not names:
        book.add_worksheet(_sheet_name(paper.kind.capitalize(), names)).write_string(0, 0, paper.subject)
    book.close()
    with whole_file(path) as temporary:
        temporary.write_bytes(buffer.getvalue())


def _sheet_name(title: str, taken: set[str]) -> str:
    """A name that Excel allows and that no other sheet has."""
    plain = "".join(c for c in title if c not in "[]:*?/\\'")[:MOST_NAME].strip() or "Bảng"
    name, number = plain, 1
    while name.lower() in taken:
        number += 1
        tail = f" ({number})"
        name = plain[: MOST_NAME - len(tail)] + tail
    taken.add(name.lower())
    return name


class _Sheet:
    """One sheet of a workbook."""

    def __init__(self, book: Any, sheet: Any, paper: Paper) -> None:
        self._book, self._sheet, self._paper = book, sheet, paper
        self._formats: dict[tuple[Cell, bool], Any] = {}
        self._head = book.add_format(
            {
                "bold": True,
                "border": 1,
                "text_wrap": True,
                "align": "center",
                "valign": "vcenter",
                "bg_color": "#E8EEF1",
            }
        )

    def _format(self, cell: Cell, *, bold: bool) -> Any:
        if (cell, bold) not in self._formats:
            look = {"border": 1, "bold": bold, "valign": "top", "text_wrap": cell not in PLAIN}
            if cell in FORMATS:
                look["num_format"] = FORMATS[cell]
            self._formats[cell, bold] = self._book.add_format(look)
        return self._formats[cell, bold]

    def fill(self, table: PageTable, chart: PageChart | None, command: str) -> None:
        """Write a table, its formulas, its chart and where its figures come from."""
        sheet, source = self._sheet, table.source
        sheet.write_string(0, 0, table.title, self._book.add_format({"bold": True, "font_size": 14}))
        sheet.write_string(1, 0, self._paper.subject)
        for at, head in enumerate(table.head):
            sheet.write_string(FIRST_ROW, at, head, self._head)
            letters = max([len(line) for row in table.body for line in row[at].split("\n")] + [8])
            sheet.set_column(at, at, min(letters + 3, 48))
        sheet.set_row(FIRST_ROW, HEAD_HEIGHT)
        sheet.freeze_panes(FIRST_ROW + 1, 1)
        sheet.repeat_rows(FIRST_ROW)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        for at, row in enumerate(table.body):
            last = table.total and at == len(table.body) - 1
            for column, shown in enumerate(row):
                cell = source.columns[column].cell if source else Cell.TEXT
                value = source.rows[at][column] if source else shown
                where = (FIRST_ROW + 1 + at, column)
                look = self._format(cell, bold=last)
                formula = _formula(source, at, column) if source else ""
                if formula:
                    sheet.write_formula(*where, formula, look, _number(value, cell))
                else:
                    self._write(*where, value, shown, cell, look)
        end = FIRST_ROW + 1 + len(table.body)
        if not table.total and table.body and len(table.head) > 1:
            sheet.autofilter(FIRST_ROW, 0, end - 1, len(table.head) - 1)
        if command:
            sheet.write_string(end + 1, 0, f"Lập lại số liệu: {command}", self._book.add_format({"italic": True}))
        if chart and chart.values:
            self._draw(chart, table, end + 3)

    def _write(self, row: int, column: int, value: Value, shown: str, cell: Cell, look: Any) -> None:
        if value is None:
            self._sheet.write_string(row, column, "–", look)
        elif cell in PLAIN:
            self._sheet.write_number(row, column, _number(value, cell), look)
        elif cell is Cell.DATE and value and shown:
            day = datetime.combine(date.fromisoformat(str(value)), time.min)
            self._sheet.write_datetime(row, column, day, look)
        else:
            self._sheet.write_string(row, column, shown, look)

    def _draw(self, chart: PageChart, table: PageTable, row: int) -> None:
        """A native chart over the cells that hold its values; beside the table its own cells where none does."""
        sheet, name = self._sheet, self._sheet.get_name()
        column = len(table.head) + 1
        sheet.write_string(FIRST_ROW, column, chart.title, self._head)
        sheet.write_string(FIRST_ROW, column + 1, chart.unit, self._head)
        sheet.set_column(column, column, 28)
        plain = self._book.add_format({"num_format": "#,##0.0", "border": 1})
        for at, (label, value) in enumerate(zip(chart.names, chart.values, strict=True), FIRST_ROW + 1):
            sheet.write_string(at, column, label)
            sheet.write_number(at, column + 1, value, plain)
        first, last = FIRST_ROW + 1, FIRST_ROW + len(chart.values)
        drawn = self._book.add_chart({"type": "column" if chart.over_time else "bar"})
        drawn.add_series(
            {
                "name": chart.unit,
                "categories": [name, first, column, last, column],
                "values": [name, first, column + 1, last, column + 1],
                "fill": {"color": "#1F6F8B"},
                "data_labels": {"value": True, "num_format": "#,##0.0"},
            }
        )
        drawn.set_title({"name": chart.title, "name_font": {"size": 12}})
        drawn.set_legend({"none": True})
        if not chart.over_time:
            drawn.set_y_axis({"reverse": True})
        drawn.set_size({"width": 640, "height": 320})
        sheet.insert_chart(row, 0, drawn, {"description": chart.described})


def _number(value: Value, cell: Cell) -> float:
    if value is None:
        return 0.0
    return float(value) / DAY_MS if cell is Cell.DURATION else float(value)


def _letter(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    name: str = xl_col_to_name(column)
    return name


def _formula(source: Table, at: int, column: int) -> str:
    """The formula of a cell, where its value follows from others of the sheet; else nothing.

    A sum is written as one only where the values add up: a total that counts an airing once for the whole commune is
    no sum of its parts. A share is written as the quotient of the column it was made from.
    """
    cell, rows = source.columns[column].cell, source.rows
    last = len(rows) - 1
    if not source.total or last < 1:
        return ""
    excel = FIRST_ROW + 2 + at
    if cell is Cell.SHARE:
        of = _shared(source, column)
        if of is None:
            return ""
        letter, bottom = _letter(of), FIRST_ROW + 2 + last
        return f"=IF({letter}${bottom}=0,0,{letter}{excel}/{letter}${bottom})"
    if at == last and cell in SUMMED:
        values = _values(rows, column)
        if values is not None and sum(values[:-1]) == values[-1]:
            letter = _letter(column)
            return f"=SUM({letter}{FIRST_ROW + 2}:{letter}{FIRST_ROW + 1 + last})"
    return ""


def _values(rows: Sequence[tuple[Value, ...]], column: int) -> list[float] | None:
    values = [row[column] for row in rows]
    return None if any(value is None for value in values) else [float(value) for value in values]  # type: ignore[arg-type]


def _shared(source: Table, column: int) -> int | None:
    """The column whose values over its total are the shares of this one."""
    shares = _values(source.rows, column)
    for other, head in enumerate(source.columns):
        if head.cell is not Cell.DURATION:
            continue
        values = _values(source.rows, other)
        if (
            shares
            and values
            and values[-1]
            and all(abs(v / values[-1] - share) < 1e-9 for v, share in zip(values, shares, strict=True))
        ):
            return other
    return None
