"""Each figure of a report is the sum of the airings that it leads to."""

from datetime import date

from hypothesis import HealthCheck, given, settings

from broadcaster.domain.audit.behind import FOCUS, TARGET, AiringBehind, Narrowing, airings_behind
from broadcaster.domain.reports import REPORTS
from broadcaster.domain.reports.behind import behind
from broadcaster.domain.station import Target
from broadcaster.domain.taxonomy import shipped_taxonomy
from tests.domain.histories import THON_OF, History, histories

few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def found(history: History, narrowing: Narrowing) -> list[AiringBehind]:
    behind_it = airings_behind(
        history.rows, narrowing, history.pieces, shipped_taxonomy(), lambda node, _day: THON_OF.get(node, "")
    )
    return [airing for airing in behind_it if airing.cluster_ms]


@few
@given(histories())
def test_every_figure_of_every_total_is_the_sum_of_the_airings_behind_it(history: History) -> None:
    result = history.audited()
    for name in ("topic", "day", "thon", "bulletin", "kind", "unit", "session", "week", "month", "quarter", "cluster"):
        table = REPORTS[name](result, Target())
        codes = [column.code for column in table.columns]
        for row, narrowing in zip(table.rows, behind(table), strict=True):
            assert narrowing is not None
            airings = found(history, narrowing)
            cells = dict(zip(codes, row, strict=True))
            assert len(airings) == cells["airings"], (name, row)
            assert sum(airing.aired_ms for airing in airings) == cells["aired"], (name, row)
            assert sum(airing.cluster_ms for airing in airings) == cells["cluster"], (name, row)
            assert len({airing.bulletin for airing in airings}) == cells["pieces"], (name, row)


@few
@given(histories())
def test_the_groups_and_what_stands_apart_lead_to_their_rows(history: History) -> None:
    result = history.audited()
    assert sum(a.aired_ms for a in found(history, Narrowing(group=TARGET))) == result.target_group.aired_ms
    assert sum(a.aired_ms for a in found(history, Narrowing(group=FOCUS))) == result.focus_group.aired_ms
    table = REPORTS["apart"](result, Target())
    for (_, cluster), narrowing in zip(table.rows, behind(table), strict=True):
        assert narrowing is not None
        assert sum(a.cluster_ms for a in found(history, narrowing)) == cluster


@few
@given(histories())
def test_a_difference_leads_to_exactly_its_rows(history: History) -> None:
    table = REPORTS["reconcile"](history.audited(), Target())
    codes = [column.code for column in table.columns]
    for row, narrowing in zip(table.rows, behind(table), strict=True):
        cells = dict(zip(codes, row, strict=True))
        assert (narrowing is None) == (cells["outcome"] == "unrecorded")
        if narrowing is not None:
            airings = airings_behind(history.rows, narrowing, history.pieces, shipped_taxonomy(), lambda _n, _d: "")
            assert {r.node for a in airings for r in a.rows} == set(str(cells["nodes"]).split())
            assert {(a.bulletin, r.outcome.value) for a in airings for r in a.rows} == {
                (cells["bulletin"], cells["outcome"])
            }


def test_a_table_that_measures_nothing_leads_nowhere() -> None:
    history = History((), (), {}, date(2026, 11, 30))
    for name in ("forecast", "silences", "tree"):
        assert not any(behind(REPORTS[name](history.audited(), Target())))
