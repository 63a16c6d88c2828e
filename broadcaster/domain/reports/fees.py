"""Remuneration (nhuận bút) by unit: an estimate."""

from broadcaster.domain.audit import AuditResult
from broadcaster.domain.reports.table import Cell, Column, Table, Value


def fees(result: AuditResult) -> Table:
    """New pieces of each unit by kind at the station's rates, in đồng; nothing where the table has no rate."""
    columns = (
        Column("unit"),
        Column("kind", Cell.KIND),
        Column("new_pieces", Cell.COUNT),
        Column("rate", Cell.MONEY),
        Column("amount", Cell.MONEY),
    )
    rows: list[tuple[Value, ...]] = [(f.unit, f.kind, f.pieces, f.rate, f.amount) for f in result.fees]
    if rows:
        rows.append(("", "", sum(f.pieces for f in result.fees), None, sum(f.amount or 0 for f in result.fees)))
    return Table("fees", columns, tuple(rows), total=bool(rows))
