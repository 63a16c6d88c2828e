"""Reports: tables whose columns, rows and totals fit each other, whatever the audit found."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings

from broadcaster.domain.asrun import Cause, Outcome
from broadcaster.domain.reports import REPORTS, Cell, Table
from broadcaster.domain.station import Target
from tests.domain.histories import FIRST, History, a_piece, histories, measured, planned

TARGET = Target(0.2, 0.4, 0.5, 2.5, "kỳ gốc")
TYPES = {
    Cell.DURATION: (int, type(None)),
    Cell.COUNT: (int, type(None)),
    Cell.MONEY: (int, type(None)),
    Cell.DECIMAL: (int, float, type(None)),
    Cell.SHARE: (int, float),
    Cell.VERDICT: (bool, type(None)),
}


def column(table: Table, code: str) -> list[object]:
    place = [c.code for c in table.columns].index(code)
    return [row[place] for row in table.rows]


@settings(max_examples=25, deadline=None)
@given(histories())
def test_every_report_of_any_history_is_a_table(history: History) -> None:
    result = history.audited(baseline_minutes_per_day=2.5, growth_target=0.2)
    for report in REPORTS.values():
        table = report(result, TARGET)
        assert len({c.code for c in table.columns}) == len(table.columns)
        for row in table.rows:
            assert len(row) == len(table.columns)
            for value, cell in zip(row, table.columns, strict=True):
                assert isinstance(value, TYPES.get(cell.cell, str))
        if table.total and "cluster" in {c.code for c in table.columns}:
            # The column of an airing's length adds up wherever each airing belongs to one row.
            *parts, total = column(table, "cluster")
            assert sum(parts) == total == result.total.cluster_ms  # type: ignore[arg-type]
    shares = column(REPORTS["topic"](result, TARGET), "share")
    assert shares[-1] in {0.0, 1.0}
    assert sum(shares[:-1]) == pytest.approx(shares[-1])  # type: ignore[arg-type]


def test_the_topics_with_most_airtime_come_first() -> None:
    plans = [planned(FIRST, "thon_doai", "ca"), planned(FIRST, "thon_doai", "a", session="chieu")]
    rows = tuple(measured(r, "doai_1", i, Outcome.AIRED, Cause.NONE, 60) for r in plans for i in r.items)
    result = History(rows, tuple(plans), {"a": a_piece("a"), "c": a_piece("c")}, FIRST).audited()
    table = REPORTS["topic"](result, TARGET)
    assert column(table, "topic") == ["mot_cua", "moi_truong", ""]
    assert column(table, "aired") == [120_000, 60_000, 180_000]
    assert column(table, "mean_repeats") == [2.0, 1.0, 1.5]


def test_the_increase_beside_the_target() -> None:
    rundown = planned(FIRST, "thon_doai", "ac")
    rows = tuple(measured(rundown, "doai_1", item, Outcome.AIRED, Cause.NONE, 60) for item in rundown.items)
    pieces = {"a": a_piece("a"), "c": a_piece("c")}
    result = History(rows, (rundown,), pieces, FIRST).audited(baseline_minutes_per_day=0.8, growth_target=0.2)
    table = REPORTS["increase"](result, Target(0.2, 0.4, 1.1, 0.8))
    assert column(table, "value") == [1.0, pytest.approx(25.0), 50.0, 100.0]
    assert column(table, "reached") == [None, True, True, False]
    nothing_set = REPORTS["increase"](History(rows, (rundown,), pieces, FIRST).audited(), Target())
    assert column(nothing_set, "reached") == [None] * 4
    assert column(nothing_set, "wanted") == [None] * 4


def test_reconciling_names_what_no_row_tells_of() -> None:
    rundown = planned(FIRST, "thon_dong", "a", relay=True)
    rows = (measured(rundown, "dong_1", rundown.items[0], Outcome.PARTIAL, Cause.POWER_CUT, 12),)
    table = REPORTS["reconcile"](History(rows, (rundown,), {"a": a_piece("a")}, FIRST).audited(), TARGET)
    assert table.rows[0][:6] == ("2026-11-23", "sang", "a", "dong_1", "partial", "power_cut")
    assert [(row[2], row[3], row[4]) for row in table.rows[1:]] == [
        ("a", "dong_2", "unrecorded"),
        ("tiep_song", "dong_1 dong_2", "unrecorded"),
    ]


def test_the_proof_of_days_names_the_clusters_where_it_broke() -> None:
    days: list[date] = [FIRST + timedelta(days=n) for n in range(3)]
    plans = [planned(day, "thon_dong", "a") for day in days]
    rows = [measured(r, "dong_1", r.items[0], Outcome.AIRED, Cause.NONE, 60) for r in plans]
    rows += [measured(r, "dong_2", r.items[0], Outcome.AIRED, Cause.NONE, 60) for r in plans[:2]]
    result = History(tuple(rows), tuple(plans), {"a": a_piece("a", required=3)}, days[-1]).audited()
    assert REPORTS["days"](result, TARGET).rows == (("a", 3, 2, 2, "dong_2", False),)
