"""Auditing from a real store: periods cut at the local midnight, pieces known from before, chains that are walked."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from broadcaster.adapters.clock import VirtualClock
from broadcaster.adapters.store.memory import MemoryStore
from broadcaster.domain.asrun import AsRun, Cause, Outcome
from broadcaster.domain.rundown import Rundown
from broadcaster.domain.station import Target
from broadcaster.domain.taxonomy import shipped_taxonomy
from broadcaster.services.auditing import Auditing
from tests.domain.histories import FIRST, measured, planned
from tests.domain.values import START, a_bulletin, a_station
from tests.suites.store_values import a_master

DAY = timedelta(days=1)


class Book:
    def __init__(self) -> None:
        self.store = MemoryStore()
        self.station = a_station(target=Target(0.2, 0.4, 0.5, 0.5, "giả định"))
        self.clock = VirtualClock(START + 30 * DAY)
        self.auditing = Auditing(self.store, self.clock, self.station, shipped_taxonomy())

    def keep(self, code: str, **changes: object) -> None:
        bulletin = a_bulletin(code, **changes)
        self.store.save_bulletin(bulletin, START)
        self.store.save_master(a_master(bulletin))

    def plan(self, day: date, zone: str = "thon_dong", bulletins: str = "a", session: str = "sang") -> Rundown:
        rundown = planned(day, zone, bulletins, session=session)
        masters = {}
        for code in bulletins:
            bulletin = self.store.bulletin(code)
            masters[code] = a_master(bulletin).hash if bulletin else ""
        items = tuple(replace(item, master=masters[item.bulletin]) for item in rundown.items)
        rundown = replace(rundown, items=items)
        self.store.save_rundowns([rundown])
        return rundown

    def heard(self, rundown: Rundown, node: str, seconds: float = 60) -> None:
        rows: list[AsRun] = []
        for item in rundown.items:
            whole = Outcome.AIRED, Cause.NONE, 60
            outcome = whole if seconds == 60 else (Outcome.PARTIAL, Cause.POWER_CUT, seconds)
            rows.append(measured(rundown, node, item, *outcome))  # type: ignore[arg-type]
        self.store.append_as_run(rows)


@pytest.fixture
def book() -> Book:
    book = Book()
    book.keep("a")
    book.keep("c", topic="moi_truong", lead_unit="Trạm Y tế")
    return book


def test_a_period_has_the_rows_of_its_own_days(book: Book) -> None:
    # 06:00 in Hà Nội is 23:00 of the day before in UTC.
    for offset in range(4):
        book.heard(book.plan(FIRST + offset * DAY), "dong_1")
    result = book.auditing.audit(FIRST + DAY, FIRST + 2 * DAY)
    assert sorted(result.by_day) == ["2026-11-24", "2026-11-25"]
    assert result.broadcast_days == 2
    assert len(book.auditing.rows(FIRST, FIRST)) == 1


def test_a_piece_heard_before_the_period_is_not_new(book: Book) -> None:
    book.heard(book.plan(FIRST), "dong_1")
    book.heard(book.plan(FIRST + DAY, bulletins="ac"), "dong_1")
    result = book.auditing.audit(FIRST + DAY, FIRST + DAY)
    assert (result.total.pieces, result.total.new_pieces) == (2, 1)


def test_the_length_of_a_piece_is_that_of_its_text_read_once(book: Book) -> None:
    rundown = book.plan(FIRST)
    book.heard(rundown, "dong_1")
    book.heard(rundown, "dong_2", 30)
    result = book.auditing.audit(FIRST, FIRST)
    assert result.total.unique_ms == 55_000
    assert (result.total.aired_ms, result.total.cluster_ms) == (60_000, 90_000)
    assert {name: figures.cluster_ms for name, figures in result.by_unit.items()} == {"Văn phòng": 90_000}
    assert result.growth.rate == pytest.approx(1.0)


def test_a_bulletin_that_is_not_in_the_store_is_counted_all_the_same(book: Book) -> None:
    book.heard(book.plan(FIRST, bulletins="b"), "dong_1")
    result = book.auditing.audit(FIRST, FIRST)
    assert (result.total.aired_ms, result.total.unique_ms) == (60_000, 0)


def test_a_silent_cluster_is_in_the_books(book: Book) -> None:
    book.keep("a", min_consecutive_days=3)
    for offset in range(3):
        book.heard(book.plan(FIRST + offset * DAY), "dong_1")
    result = book.auditing.audit(FIRST, FIRST + 2 * DAY)
    assert {run.node: run.longest for run in result.runs} == {"dong_1": 3, "dong_2": 0}
    assert {node for node, _ in result.unrecorded} == {"dong_2"}


def test_a_bulletin_that_never_got_on_the_air_is_in_the_proof(book: Book) -> None:
    book.keep("a", min_consecutive_days=3)
    book.plan(FIRST)
    result = book.auditing.audit(FIRST, FIRST)
    assert {(run.bulletin, run.node, run.longest) for run in result.runs} == {("a", "dong_1", 0), ("a", "dong_2", 0)}


def test_what_is_still_to_come_is_not_missing(book: Book) -> None:
    rundown = book.plan(FIRST)
    book.clock.step(rundown.end - timedelta(seconds=1) - book.clock.now())
    assert book.auditing.audit(FIRST, FIRST).unrecorded == ()
    book.clock.sleep_until(rundown.end)
    assert len(book.auditing.audit(FIRST, FIRST).unrecorded) == 2


def test_a_cluster_that_does_not_exist_yet_owes_nothing(book: Book) -> None:
    later = tuple(replace(c, valid_from=FIRST + DAY) if c.code == "dong_2" else c for c in book.station.clusters)
    auditing = replace(book.auditing, station=replace(book.station, clusters=later))
    for offset in range(2):
        book.heard(book.plan(FIRST + offset * DAY), "dong_1")
    result = auditing.audit(FIRST, FIRST + DAY)
    assert [(node, item[:10]) for node, item in result.unrecorded] == [("dong_2", "2026-11-24")]
    assert result.planned_ms == 180_000


def test_an_empty_store(book: Book) -> None:
    result = Auditing(MemoryStore(), book.clock, book.station, shipped_taxonomy()).audit(FIRST, FIRST + DAY)
    assert result.total.airings == 0
    assert result.silent_thons == ("thon_doai", "thon_dong")


def test_every_chain_is_walked_from_its_first_row(book: Book) -> None:
    for node in ("dong_1", "dong_2"):
        for offset in range(3):
            book.heard(book.plan(FIRST + offset * DAY), node)
    assert book.auditing.verify() == {"dong_1": (), "dong_2": ()}
    chain = book.store._chains["dong_2"]
    chain[1] = replace(chain[1], played_ms=type(chain[1].played_ms)(1))
    findings = book.auditing.verify()
    assert findings["dong_1"] == ()
    assert [finding.code for finding in findings["dong_2"]] == ["ledger.changed"]
