"""The office's documents before any format: what they contain, the logbook, charts, the letterhead."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings

from broadcaster.composing import Particulars, paper_of, period_words, told
from broadcaster.domain.asrun import Cause, Outcome
from broadcaster.domain.letterhead import Letterhead
from broadcaster.domain.reports import REPORTS
from broadcaster.domain.reports.chart import CHARTS, MOST_BARS
from broadcaster.domain.reports.logbook import logbook
from broadcaster.domain.reports.papers import LOG, PAPERS
from broadcaster.domain.station_file import parse_station
from broadcaster.errors import ConfigError
from broadcaster.showing import Names
from tests.domain.histories import FIRST, History, a_piece, histories, measured, planned
from tests.domain.values import a_station

PARTICULARS = Particulars("12", date(2026, 2, 5))


def local(instant: datetime) -> datetime:
    return instant + timedelta(hours=7)


def a_history() -> History:
    rundown = planned(FIRST, "thon_dong", "a")
    rows = (
        measured(rundown, "dong_1", rundown.items[0], Outcome.AIRED, Cause.NONE, 60),
        measured(rundown, "dong_2", rundown.items[0], Outcome.PARTIAL, Cause.POWER_CUT, 17),
    )
    return History(rows, (rundown,), {"a": a_piece("a")}, FIRST)


@settings(max_examples=20, deadline=None)
@given(histories())
def test_every_paper_of_any_history_can_be_made(history: History) -> None:
    result = history.audited(baseline_minutes_per_day=2.5, growth_target=0.2)
    for kind in PAPERS.values():
        paper = paper_of(kind, result, a_station(), Names(), PARTICULARS, history.rows)
        commands = [section.command for section in paper.sections if section.heading]
        assert len(commands) == len(kind.reports)
        assert all(command.startswith("broadcaster report ") for command in commands)
        for section in paper.sections:
            assert section.table is None or all(len(row) == len(section.table.head) for row in section.table.body)


def test_papers_and_charts_name_what_there_is() -> None:
    for kind in PAPERS.values():
        assert {*kind.reports} <= {LOG, *REPORTS}
        assert {name for name, _ in kind.charts} <= {*kind.reports}
        assert {chart for _, chart in kind.charts} <= {*CHARTS}


@settings(max_examples=20, deadline=None)
@given(histories())
def test_charts_add_up_to_the_minutes_of_the_audit(history: History) -> None:
    result = history.audited()
    whole = result.total.aired_ms / 60_000
    for name in ("topic", "time"):
        chart = CHARTS[name](result)
        assert sum(chart.values) == pytest.approx(whole)
        assert len(chart.names) == len(chart.values) <= max(MOST_BARS, 35)


# The logbook


def test_the_logbook_keeps_what_differs_apart_and_what_is_the_same_together() -> None:
    table = logbook(a_history().rows, local)
    assert [(row[1], row[4], row[6], row[7], row[8], row[9]) for row in table.rows] == [
        ("06:00:00", "a", "aired", "", 1, "dong_1"),
        ("06:00:00", "a", "partial", "power_cut", 1, "dong_2"),
    ]
    rows = [replace(row, outcome=Outcome.AIRED, cause=Cause.NONE) for row in a_history().rows]
    (together,) = logbook(rows, local).rows
    assert (together[5], together[8], together[9]) == (60_000, 2, "dong_1 dong_2")


@settings(max_examples=20, deadline=None)
@given(histories())
def test_the_logbook_tells_of_every_row_once(history: History) -> None:
    table = logbook(history.rows, local)
    assert sum(int(row[8] or 0) for row in table.rows) == len(history.rows)
    days = [str(row[0]) for row in table.rows]
    assert days == sorted(days)


# Sentences and words


def test_a_period_is_called_by_its_name() -> None:
    def words(first: date, last: date) -> str:
        return period_words(first, last, "vi")

    assert words(date(2028, 2, 1), date(2028, 2, 29)) == "tháng 2 năm 2028"
    assert words(date(2027, 2, 1), date(2027, 2, 28)) == "tháng 2 năm 2027"
    assert words(date(2026, 10, 1), date(2026, 12, 31)) == "quý IV năm 2026"
    assert words(date(2026, 1, 1), date(2026, 12, 31)) == "năm 2026"
    assert words(date(2026, 2, 1), date(2026, 4, 30)) == "từ ngày 01/02/2026 đến ngày 30/04/2026"
    assert words(date(2026, 11, 23), date(2026, 11, 29)) == "từ ngày 23/11/2026 đến ngày 29/11/2026"


def test_nothing_aired_is_said_and_no_rate_is_made_of_it() -> None:
    empty = History((), (), {}, FIRST).audited(baseline_minutes_per_day=2.5)
    assert told(empty, "vi") == ("Trong kỳ chưa ghi nhận lượt phát nào của chương trình tự sản xuất.",)


def test_a_rise_and_a_fall_are_told_by_their_names() -> None:
    result = a_history().audited(baseline_minutes_per_day=0.8, growth_target=0.2)
    assert "1,00 phút, kỳ gốc 0,80 phút, tăng 25,0% (chỉ tiêu tăng 20,0%)" in " ".join(told(result, "vi"))
    result = a_history().audited(baseline_minutes_per_day=2.0, growth_target=0.2)
    assert "giảm 50,0%" in " ".join(told(result, "vi"))
    assert "Chưa chốt kỳ gốc" in " ".join(told(a_history().audited(), "vi"))


def test_the_growth_of_each_topic_against_the_baselines_period() -> None:
    result = a_history().audited(before={"mot_cua": 0.5, "papi": 0.25})
    table = REPORTS["growth"](result, a_station().target)
    assert table.rows == (
        ("mot_cua", 1.0, 0.5, 100.0, 1.0),
        ("papi", 0.0, 0.25, -100.0, 0.0),
        ("", 1.0, 0.75, pytest.approx(100 / 3), 1.0),
    )
    alone = REPORTS["growth"](a_history().audited(), a_station().target)
    assert alone.rows[0] == ("mot_cua", 1.0, None, None, 1.0)


# The letterhead


def test_days_below_ten_and_the_first_two_months_bear_a_zero() -> None:
    def placed(day: date) -> str:
        result = a_history().audited()
        return paper_of(PAPERS["by_thon"], result, a_station(), Names(), Particulars("", day)).place_date

    assert placed(date(2026, 2, 5)).endswith("ngày 05 tháng 02 năm 2026")
    assert placed(date(2026, 3, 15)).endswith("ngày 15 tháng 3 năm 2026")


def test_a_station_that_says_nothing_has_a_letterhead_of_its_name() -> None:
    filled = Letterhead().filled("Đài Truyền thanh xã Minh Tiến", "xã Minh Tiến")
    assert (filled.parent, filled.issuer) == ("Ủy ban nhân dân xã Minh Tiến", "Đài Truyền thanh xã Minh Tiến")
    assert (filled.place, filled.symbol, filled.signer) == ("Minh Tiến", "ĐTT", "")
    assert Letterhead(place="Chợ").filled("a", "b").place == "Chợ"


def test_the_letterhead_of_the_stations_file() -> None:
    text = """
[station]
code = "a"
name = "Đài"
province = "Tỉnh"
commune = "xã A"
[letterhead]
symbol = "VP/ĐTT"
signer_title = "x"
[[session]]
code = "sang"
name = "Sáng"
start = "06:00"
[[thon]]
code = "t"
name = "Thôn"
[[cluster]]
code = "c"
name = "Cụm"
thon = "t"
"""
    with pytest.raises(ConfigError) as caught:
        parse_station(text)
    codes = sorted((finding.code, finding.place.line) for finding in caught.value.findings if finding.place)
    assert ("letterhead.symbol", 8) in codes
    assert any(line == 9 for _, line in codes)
    right = text.replace('symbol = "VP/ĐTT"\n', 'recipients = ["Các thôn", "Lưu: VT"]\n').replace(
        'signer_title = "x"\n', ""
    )
    station = parse_station(right)
    assert station.letterhead.recipients == ("Các thôn", "Lưu: VT")
    assert station.hash == replace(station, letterhead=Letterhead(place="B")).hash


def test_the_time_of_a_row_without_a_start_is_the_planned_one() -> None:
    row = replace(a_history().rows[0], started_at=None, outcome=Outcome.MISSED, cause=Cause.OFF_AIR, played_ms=0)
    assert row.planned_start == datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert logbook([row], local).rows[0][:2] == ("2026-11-23", "06:00:00")


def test_a_long_table_in_a_report_is_cut_and_says_so() -> None:
    days = [FIRST + timedelta(days=n) for n in range(60)]
    plans = [planned(day, "thon_dong", "a") for day in days]
    rows = tuple(measured(r, "dong_1", r.items[0], Outcome.MISSED, Cause.OFF_AIR, 0) for r in plans)
    result = History(rows, tuple(plans), {"a": a_piece("a")}, days[-1]).audited()
    paper = paper_of(PAPERS["results"], result, a_station(), Names(), PARTICULARS)
    cut = next(s for s in paper.sections if s.command.startswith("broadcaster report make incidents"))
    assert cut.table is not None
    assert (len(cut.table.body), len(cut.table.source.rows if cut.table.source else ())) == (40, 40)
    assert "Trích 40 dòng đầu trong" in cut.lines[0]
    book = paper_of(PAPERS["incident_book"], result, a_station(), Names(), PARTICULARS)
    assert all(s.table is None or len(s.table.body) > 40 for s in book.sections)
