"""Audits from kept sums beside audits from rows: the same life in two stores, months that are odd, and every report."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from broadcaster.adapters.clock import VirtualClock
from broadcaster.adapters.store.memory import MemoryStore
from broadcaster.adapters.store.sql import SqlStore, open_store
from broadcaster.domain.asrun import Cause, Outcome
from broadcaster.domain.audit.fees import Rates
from broadcaster.domain.reports import REPORTS
from broadcaster.domain.rundown import Rundown
from broadcaster.domain.station import WHOLE_COMMUNE, Cluster, Person, Role, Station, Target, Thon, Zone
from broadcaster.domain.taxonomy import shipped_taxonomy
from broadcaster.errors import BulletinError
from broadcaster.ports import Store
from broadcaster.services.auditing import Auditing
from broadcaster.showing import Names, page_table
from tests.domain.histories import measured, planned
from tests.domain.values import START, a_bulletin, a_station
from tests.suites import random_history
from tests.suites.random_history import MERGED, THON_OF, TODAY, Life

DAY = timedelta(days=1)
LEAP = date(2024, 2, 1), date(2024, 2, 29)


def station() -> Station:
    thons = [Thon(old, old, valid_to=MERGED, merged_into=new) for old, new in TODAY.items()]
    thons += [Thon("thon_moi", "thôn Mới", valid_from=MERGED + DAY), Thon("thon_nam", "thôn Nam")]
    clusters = tuple(Cluster(node, node, thon) for node, thon in THON_OF.items())
    east = frozenset(node for node in THON_OF if not node.startswith("nam"))
    zones = (
        Zone(WHOLE_COMMUNE, "Toàn xã", frozenset(THON_OF)),
        Zone("dong_tay", "Đông Tây", east),
    )
    people = (
        Person("van_phong", "a", frozenset({Role.AUDITOR})),
        Person("pho_chu_tich", "b", frozenset({Role.APPROVER})),
        Person("tu_phap", "c", frozenset({Role.AUTHOR})),
    )
    return a_station(
        thons=tuple(thons), clusters=clusters, zones=zones, people=people, target=Target(0.2, 0.4, 0.5, 3.0, "giả định")
    )


def auditing(store: Store) -> Auditing:
    return Auditing(store, VirtualClock(START), station(), shipped_taxonomy(), Rates({"tin": 50_000}))


@pytest.fixture
def sql(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_store(tmp_path / "station.db")
    yield store
    store.close()


def lived(store: Store, seed: int) -> Auditing:
    life = Life.of(seed)
    for n in range(12):
        # One of twelve needs a proof of consecutive days.
        bulletin = a_bulletin(f"tin_2_{n}", min_consecutive_days=3 if n == 5 else 0, lead_unit=f"Đơn vị {n % 3}")
        store.save_bulletin(bulletin, START)
    days = [random_history.FIRST + offset * DAY for offset in range(18, 30)]
    store.save_rundowns([planned_as_drawn(life, node, day) for node in ("dong_1", "nam_1") for day in days])
    life.send(store)
    return auditing(store)


def planned_as_drawn(life: Life, node: str, day: date) -> Rundown:
    """The day's first session as the node's rows tell of it, with an item more that no row tells of."""
    rows = [row for row in life.chains[node] if row.day == day and row.session == "sang" and row.bulletin]
    zone = "dong_tay" if node == "dong_1" else "+nam_1+nam_2+nam_3"
    rundown = planned(day, zone, "a")
    item = rundown.items[0]
    items = [
        replace(item, id=row.item, bulletin=row.bulletin, topic=row.topic, duration_ms=row.planned_ms) for row in rows
    ]
    return replace(rundown, items=(*items, item))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sums_and_rows_give_the_same_audit(sql: SqlStore, seed: int) -> None:
    kept, plain = lived(sql, seed), lived(MemoryStore(), seed)
    first = random_history.FIRST
    for span in (LEAP, (first, first + 60 * DAY), (first + 20 * DAY, first + 26 * DAY), (first, first)):
        one, other = kept.audit(*span), plain.audit(*span)
        assert one == other
        assert sum(f.cluster_ms for f in one.by_thon.values()) == one.total.cluster_ms
        assert sum(f.cluster_ms for f in one.by_cluster.values()) == one.total.cluster_ms
        for spans in (one.by_day, one.by_week, one.by_month, one.by_quarter):
            assert sum(f.aired_ms for f in spans.values()) == one.total.aired_ms
            assert sum(f.new_pieces for f in spans.values()) >= one.total.new_pieces
        for spans in (one.by_week, one.by_month, one.by_quarter):
            assert sum(f.new_pieces for f in spans.values()) == one.total.new_pieces, "a piece is new once"
        assert all(line.then_ms == line.now_ms for line in one.lineages)
    leap = kept.audit(*LEAP)
    assert leap.corrected
    assert leap.runs
    assert leap.unrecorded
    assert [line.thon for line in leap.lineages] == ["thon_moi"]
    assert len(leap.by_day) <= 29
    assert set(leap.by_month) == {"2024-02"}
    assert leap.lineages[0].now_ms > 0
    assert {"thon_dong", "thon_tay", "thon_moi", "thon_nam", ""} == set(leap.by_thon)


def names_of(auditing: Auditing) -> Names:
    return Names.of(auditing.station, auditing.taxonomy)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_report_of_odd_months_can_be_shown(sql: SqlStore, language: str) -> None:
    books = lived(sql, 5)
    for span in (LEAP, (date(2025, 1, 1), date(2025, 1, 31)), (date(2024, 1, 1), date(2024, 1, 31))):
        result = books.audit(*span)
        for report in REPORTS.values():
            page = page_table(report(result, books.station.target), language, names_of(books))
            assert all(len(row) == len(page.head) for row in page.body)


def test_an_empty_month_says_that_it_is_empty(sql: SqlStore) -> None:
    books = auditing(sql)
    result = books.audit(date(2025, 2, 1), date(2025, 2, 28))
    assert (result.total.airings, result.broadcast_days, result.growth.minutes_per_day) == (0, 0, 0)
    assert result.gaps == ((date(2025, 2, 1), date(2025, 2, 28)),)
    assert result.silent_thons == ("thon_moi", "thon_nam")
    tables = {name: report(result, books.station.target) for name, report in REPORTS.items()}
    assert [row[2] for row in tables["incidents"].rows] == ["silence", "silent_thon", "silent_thon"]
    assert tables["silences"].rows == (("2025-02-01", "2025-02-28", 28),)
    assert tables["fees"].rows == tables["corrections"].rows == tables["proof"].rows == tables["losses"].rows == ()
    forecast = dict(tables["forecast"].rows)  # type: ignore[arg-type]
    assert (forecast["year_minutes"], forecast["year_end_growth"]) == (0, None)
    assert forecast["needed_a_week"] == pytest.approx(3.0 * 1.2 * 7)


def test_a_month_with_one_airing(sql: SqlStore) -> None:
    sql.save_bulletin(a_bulletin("a", lead_unit="Tư pháp"), START)
    day = date(2025, 2, 10)
    rundown = planned(day, "dong_tay", "a")
    sql.append_as_run([measured(rundown, "dong_1", rundown.items[0], Outcome.AIRED, Cause.NONE, 60)])
    books = auditing(sql)
    result = books.audit(date(2025, 2, 1), date(2025, 2, 28))
    assert (result.total.airings, result.total.aired_ms, result.total.new_pieces) == (1, 60_000, 1)
    assert (result.target_share, result.focus_share, result.growth.minutes_per_day) == (1, 1, 1)
    assert result.gaps == ((date(2025, 2, 1), date(2025, 2, 9)), (date(2025, 2, 11), date(2025, 2, 28)))
    tables = {name: report(result, books.station.target) for name, report in REPORTS.items()}
    assert tables["unit"].rows[0][:3] == ("Tư pháp", 1, 1)
    assert tables["fees"].rows == (("Tư pháp", "tin", 1, 50_000, 50_000), ("", "", 1, None, 50_000))
    assert tables["week"].rows[0][0] == "2025-W07"
    assert tables["apart"].rows == (("ban_tin", 60_000),)
    # 31 + 28 days are gone, one of them a broadcast day; 306 are left.
    forecast = dict(tables["forecast"].rows)  # type: ignore[arg-type]
    assert forecast["year_end_minutes"] == pytest.approx(1 + 306 / 59)


def test_causes_of_what_was_lost_add_up(sql: SqlStore) -> None:
    books = lived(sql, 6)
    result = books.audit(*LEAP)
    table = REPORTS["losses"](result, books.station.target)
    assert sum(int(row[4] or 0) for row in table.rows) == result.total.cluster_ms
    lost = sum(max(d.planned_ms - d.played_ms, 0) for d in result.differences)
    assert sum(int(row[5] or 0) for row in table.rows) >= lost
    assert {row[0] for row in table.rows} >= {"aired", "missed", "partial", "unrecorded"}


def test_who_may_correct_and_who_may_sign(sql: SqlStore) -> None:
    books = lived(sql, 1)
    for act in (
        lambda: books.compute_baseline("tu_phap", *LEAP),
        lambda: books.sign_baseline("tu_phap"),
        lambda: books.enter_baseline("nobody", 5, "x"),
    ):
        with pytest.raises(BulletinError, match=r"person\."):
            act()
    made = books.compute_baseline("van_phong", *LEAP)
    result = books.audit(*LEAP)
    assert made.minutes_per_day == pytest.approx(result.growth.minutes_per_day)
    assert result.baseline is None
    books.sign_baseline("pho_chu_tich")
    again = books.audit(*LEAP)
    assert again.baseline is not None
    assert again.growth.rate == pytest.approx(0)
