"""Golden weeks: each is a text that a person can read, the only best plan of its week, and free of faults.

`GOLDEN_WEEKS=write` in the environment writes them anew; read the difference before it is committed.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from broadcaster.domain.bulletin import Bulletin, Event, Kind, Priority
from broadcaster.domain.planning.plan import Plan, changes
from broadcaster.errors import Finding
from tests.planning.office import GOLDENS, PRECEDENCE, Office, demo_station, golden
from tests.planning.verifier import bulletins_in, clusters_by_zone, faults, runs_of

BETWEEN = {"tin": 0, "thong_bao": 0, "bai": 2, "hoi_dap": 2}
DAY = timedelta(days=1)
NOV = date(2026, 11, 23)


def piece(code: str, monday: date, **changes: object) -> Bulletin:
    facts: dict[str, object] = {
        "code": code,
        "title": code,
        "body": "lời " * 120,
        "kind": Kind.TIN,
        "topic": "moi_truong",
        "lead_unit": f"Đơn vị {code[:2]}",
        "valid_from": monday,
        "valid_to": monday + 6 * DAY,
        "author": "tu_phap",
    }
    return Bulletin(**{**facts, **changes})  # type: ignore[arg-type]


def office(now: str, more: str = "") -> Office:
    return Office(demo_station(more), datetime.fromisoformat(now))


Week = tuple[Office, Plan, Sequence[Finding]]


def demo() -> Week:
    it = office("2026-11-20T15:00:00+07:00")
    it.approve_demo(NOV)
    return (it, *it.make(NOV))


def new_year() -> Week:
    """30 December to 5 January: a run that began on Saturday goes on, five working days jump over the holiday."""
    monday = date(2024, 12, 30)
    more = """
[[special_day]]
name = "Tết Dương lịch"
date = 2025-01-01
without = ["chieu"]
"""
    it = office("2024-12-20T15:00:00+07:00", more)
    it.approve(piece("01_ho_ngheo", monday - 2 * DAY, valid_to=monday, min_consecutive_days=3, repeats=4))
    it.approve(piece("02_hop_dong", monday - 7 * DAY, topic="mot_cua", repeats=3))
    it.make(monday - 7 * DAY)
    it.at("2024-12-27T15:00:00+07:00")
    it.approve(piece("03_phi_ben_bai", monday, document_date=date(2024, 12, 26), kind=Kind.BAI, topic="mot_cua"))
    it.approve(piece("04_nam_moi", monday, valid_to=date(2025, 1, 1)))
    it.approve(piece("06_mot_cua", monday, topic="mot_cua"))
    it.approve(
        piece("05_chinh_sach", monday, min_consecutive_days=3, valid_from=date(2025, 1, 4), valid_to=date(2025, 1, 9))
    )
    return (it, *it.make(monday))


def tet() -> Week:
    """The eve has a session of its own, from the first to the third there is one short session at seven."""
    monday = date(2027, 2, 1)
    more = """
[[session]]
code = "giao_thua"
name = "Giao thừa"
start = "20:00"
minutes = 20
special_only = true

[[special_day]]
name = "Giao thừa"
tet = [-1, -1]
sessions = ["sang", "giao_thua"]

[[special_day]]
name = "Tết Nguyên đán"
tet = [0, 2]
sessions = ["sang"]
moved = [{ session = "sang", start = "07:00", minutes = 30 }]
"""
    it = office("2027-01-29T15:00:00+07:00", more)
    it.approve_demo(monday, "01 06 11 12")
    it.approve(piece("20_chuc_tet", monday, valid_from=monday + 4 * DAY, repeats=3, entertainment=True))
    return (it, *it.make(monday))


def mourning() -> Week:
    """Two days without signature and without what entertains; a song for Saturday stays."""
    more = """
[[special_day]]
name = "Quốc tang"
date = 2026-11-25
to = 2026-11-26
mourning = true
"""
    it = office("2026-11-20T15:00:00+07:00", more)
    it.approve_demo(NOV, "01 02 04 06 08 11 12")
    it.approve(piece("21_ca_co", NOV, kind=Kind.BAI, entertainment=True, repeats=3))
    return (it, *it.make(NOV))


def outage() -> Week:
    """Cluster dong_1 is without power on Tuesday and Wednesday; on Thursday the runs that broke are planned anew."""
    it = office("2026-11-20T15:00:00+07:00")
    it.approve_demo(NOV)
    it.make(NOV)
    down = {("dong_1", NOV + DAY), ("dong_1", NOV + 2 * DAY)}
    it.air(NOV, [NOV, NOV + DAY, NOV + 2 * DAY], down)
    it.at("2026-11-25T20:00:00+07:00")
    return (it, *it.make(NOV, "Cụm loa đầu đê mất điện hai ngày"))


def duties() -> Week:
    """What the law asks of single bulletins: notice days, changes, mutes, emergencies, quiet hours, rows of notices."""
    more = """
[[session]]
code = "toi"
name = "Buổi tối"
start = "20:30"
minutes = 45
weekdays = [3, 5]

[[mute]]
clusters = ["ha_1", "ha_2"]
date = 2026-11-24
to = 2026-11-24
start = "05:00"
end = "12:00"
reason = "Đám tang gần cụm loa"

[[change]]
what = "Đăng ký tạm trú"
since = 2026-11-26
source = "Thông tư mới"
"""
    it = office("2026-11-20T15:00:00+07:00", more)
    meeting = {"event": Event.MEETING, "event_date": NOV + 4 * DAY, "valid_to": NOV + 4 * DAY}
    it.approve(
        piece(
            "30_hop_thon",
            NOV,
            kind=Kind.THONG_BAO,
            topic="cchc",
            read_twice=True,
            repeats=2,
            zones=("thon_ha",),
            **meeting,
        )
    )
    opinions = {"event": Event.OPINIONS, "event_date": NOV + 6 * DAY}
    it.approve(piece("31_lay_y_kien", NOV, kind=Kind.BAI, topic="papi", repeats=3, **opinions))
    it.approve(piece("32_tam_tru", NOV, procedures=("Đăng ký tạm trú",), topic="mot_cua"))
    it.approve(piece("33_bao_so_7", NOV, priority=Priority.KHAN_CAP, topic="khan_cap_thien_tai"))
    for number in range(34, 39):
        it.approve(piece(f"{number}_thong_bao", NOV, kind=Kind.THONG_BAO, topic="mot_cua", read_twice=True, repeats=9))
    run = {"min_consecutive_days": 3, "valid_to": NOV + 3 * DAY, "repeats": 3}
    it.approve(piece("39_nghia_vu", NOV, kind=Kind.THONG_BAO, read_twice=True, zones=("thon_ha",), **run))
    it.approve(piece("40_muon", NOV, document_date=date(2026, 11, 18), kind=Kind.BAI, repeats=1, valid_from=NOV + DAY))
    return (it, *it.make(NOV))


WEEKS: dict[str, Callable[[], Week]] = {
    "demo": demo,
    "nam_moi": new_year,
    "tet": tet,
    "quoc_tang": mourning,
    "mat_dien": outage,
    "nghia_vu": duties,
}


@pytest.mark.parametrize("name", WEEKS)
def test_a_week_is_as_it_was_written(name: str) -> None:
    it, plan, findings = WEEKS[name]()
    path = GOLDENS / f"{name}.txt"
    text = golden(it, plan, findings)
    if os.environ.get("GOLDEN_WEEKS") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
    assert plan.gap < 1e-6
    rundowns = it.rundowns(plan.week)
    bulletins = {b.code: b for b in it.store.bulletins()}
    masters = {code: m for code, b in bulletins.items() if (m := it.approving.master_of(b))}
    consents = {code: date(2024, 12, 1) for code in bulletins}
    assert faults(it.station, rundowns, bulletins, masters, PRECEDENCE, BETWEEN, consents) == []


def test_after_two_days_without_power_every_cluster_has_its_run_of_days() -> None:
    it, plan, findings = outage()
    down = {("dong_1", NOV + DAY), ("dong_1", NOV + 2 * DAY)}
    aired: dict[tuple[str, str], set[date]] = {}
    zones = clusters_by_zone(it.station)
    for rundown in it.rundowns(NOV):
        for item in bulletins_in(rundown):
            for cluster in zones[rundown.zone]:
                if (cluster, rundown.day) not in down:
                    aired.setdefault((item.bulletin, cluster), set()).add(rundown.day)
    bulletins = {b.code: b for b in it.store.bulletins() if b.min_consecutive_days}
    short = {key for key, run in runs_of(it.station, aired, bulletins).items() if run < 3}
    told = {f.facts["bulletin"] for f in findings if f.code == "rule.run"}
    assert {code for code, _ in short} == told
    # The fee notice ends on Friday: three days in a row are no longer to be had, and that is said.
    assert told == {"04_thong_bao_phi_chung_thuc"}
    assert plan.number == 1
    # What the power cut does not concern stays where it was signed: 95 % at least.
    before = it.store.plans(NOV)[0]
    gone, _ = changes(before, plan)
    assert len(gone) <= 0.05 * len(before.slots)


def test_the_check_names_what_the_power_cut_broke_until_it_is_planned_anew() -> None:
    from tests.planning.office import OWN

    it = office("2026-11-20T15:00:00+07:00")
    it.approve_demo(NOV)
    it.make(NOV)
    assert it.planning.check(NOV, OWN)[1] == ()
    it.air(NOV, [NOV, NOV + DAY, NOV + 2 * DAY], {("dong_1", NOV + DAY), ("dong_1", NOV + 2 * DAY)})
    it.at("2026-11-25T20:00:00+07:00")
    _, found = it.planning.check(NOV, OWN)
    assert {f.facts["cluster"] for f in found if f.code == "plan.run_broken"} == {"Nhà văn hóa thôn Đông"}
    assert "11_thong_bao_tiep_cong_dan_phong_chong_tham_nhung" in {
        f.facts["bulletin"] for f in found if f.code == "plan.run_broken"
    }
    plan, _ = it.make(NOV, "Mất điện")
    assert it.make(NOV) == (plan, it.make(NOV)[1])
    assert "plan.run_broken" not in {f.code for f in it.planning.check(NOV, OWN)[1]}
    assert replace(plan, reason="") != plan
