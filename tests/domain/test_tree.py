"""Thôn that are merged or renamed: where a cluster stands on a day, and totals that reconcile."""

from datetime import date, timedelta

import pytest

from broadcaster.domain.audit.facts import AiredAt
from broadcaster.domain.audit.tree import Tree, coverage, lineages
from broadcaster.domain.station import Cluster, Thon
from broadcaster.domain.station_file import parse_station
from broadcaster.errors import ConfigError
from broadcaster.units import Milliseconds
from tests.domain.values import a_station

DAY = timedelta(days=1)
MERGED = date(2025, 6, 30)
RENAMED = date(2026, 3, 31)
THONS = (
    Thon("dong", "Đông", valid_to=MERGED, merged_into="moi"),
    Thon("doai", "Đoài", valid_to=MERGED, merged_into="moi"),
    Thon("moi", "Mới", valid_from=MERGED + DAY, valid_to=RENAMED, merged_into="tan_tien"),
    Thon("tan_tien", "Tân Tiến", valid_from=RENAMED + DAY),
    Thon("nam", "Nam"),
)
CLUSTERS = (Cluster("dong_1", "a", "dong"), Cluster("doai_1", "b", "doai"), Cluster("nam_1", "c", "nam"))


def test_a_cluster_stands_in_the_thon_of_the_day() -> None:
    station = a_station(thons=THONS, clusters=CLUSTERS)
    assert station.places() == (
        ("dong_1", date.min, MERGED, "dong"),
        ("dong_1", MERGED + DAY, RENAMED, "moi"),
        ("dong_1", RENAMED + DAY, date.max, "tan_tien"),
        ("doai_1", date.min, MERGED, "doai"),
        ("doai_1", MERGED + DAY, RENAMED, "moi"),
        ("doai_1", RENAMED + DAY, date.max, "tan_tien"),
        ("nam_1", date.min, date.max, "nam"),
    )
    for node, first, last, thon in station.places():
        for day in (first, last):
            assert station.thon_on(station.cluster_by_code[node], day) == thon
    assert [station.thon_today(code) for code in ("dong", "moi", "nam", "la")] == ["tan_tien", "tan_tien", "nam", "la"]


def test_a_station_without_mergers_has_one_place_a_cluster() -> None:
    station = a_station()
    assert station.places() == tuple((c.code, date.min, date.max, c.thon) for c in station.clusters)


TEXT = """
[station]
code = "x"
name = "x"
province = "x"
commune = "x"
[[session]]
code = "sang"
name = "s"
start = "06:00"
[[thon]]
code = "a"
name = "A"
valid_to = 2025-06-30
merged_into = "{into}"
[[thon]]
code = "b"
name = "B"
{more}
[[cluster]]
code = "a_1"
name = "A1"
thon = "a"
"""


def test_the_file_says_what_became_of_a_thon() -> None:
    station = parse_station(TEXT.format(into="b", more=""))
    assert station.thons[0].merged_into == "b"
    zones = {zone.code: zone.clusters for zone in station.zones}
    assert zones["b"] == zones["a"] == {"a_1"}, "today's thôn has the clusters of those it was made of"


@pytest.mark.parametrize(
    ("into", "more", "code"),
    [
        ("c", "", "field.choice"),
        ("a", "", "field.choice"),
        ("b", 'valid_to = 2025-07-01\nmerged_into = "a"', "station.merged_circle"),
        ("b", 'merged_into = "a"', "field.required"),
    ],
)
def test_a_tree_that_makes_no_sense_is_refused(into: str, more: str, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_station(TEXT.format(into=into, more=more))
    assert code in {finding.code for finding in caught.value.findings}


def tree() -> Tree:
    station = a_station(thons=THONS, clusters=CLUSTERS)
    of = station.cluster_by_code
    today = {thon.code: station.thon_today(thon.code) for thon in THONS if thon.merged_into}
    return Tree(frozenset({"tan_tien", "nam"}), lambda node, day: station.thon_on(of[node], day), today)


def test_old_totals_reconcile_with_today_s() -> None:
    then = [
        AiredAt("dong", "x", "mot_cua", 100, 150, 1),
        AiredAt("doai", "x", "mot_cua", 120, 120, 1),
        AiredAt("tan_tien", "x", "papi", 10, 20, 1),
        AiredAt("nam", "x", "papi", 5, 5, 1),
    ]
    now = [AiredAt("tan_tien", "x", "mot_cua", 130, 290, 2), AiredAt("nam", "x", "papi", 5, 5, 1)]
    [line] = lineages(then, now, tree())
    assert (line.thon, line.former) == ("tan_tien", ("doai", "dong", "moi"))
    assert (line.then_ms, line.now_ms, line.aired_ms) == (290, 290, 130)


def test_coverage_has_every_thon_heard_planned_or_there() -> None:
    heard = [AiredAt("dong", "x", "mot_cua", 100, 150, 1), AiredAt("dong", "y", "moi_truong", 50, 50, 1)]
    planned = {("dong_1", MERGED): Milliseconds(400), ("nam_1", MERGED): Milliseconds(100)}
    found = {c.thon: c for c in coverage(heard, planned, tree(), {"mot_cua"})}
    assert set(found) == {"dong", "nam", "tan_tien"}
    dong = found["dong"]
    assert (dong.planned_ms, dong.cluster_ms, dong.target_ms, dong.pieces, dong.share) == (400, 200, 150, 2, 0.5)
    assert (found["nam"].share, found["tan_tien"].share) == (0.0, None)
