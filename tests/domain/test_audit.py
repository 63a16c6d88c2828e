"""The audit against a recomputation that shares nothing with it: one loop over the rows a figure."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.asrun import AsRun, Cause, Outcome
from broadcaster.domain.audit import AuditResult, Figures, Growth
from broadcaster.domain.audit.facts import aired_of
from broadcaster.domain.audit.planned import differences
from broadcaster.domain.audit.proof import gaps
from broadcaster.domain.planning.plan import longest_run
from broadcaster.domain.rundown import ItemKind
from broadcaster.domain.taxonomy import shipped_taxonomy
from tests.domain.histories import FIRST, NODES, THON_OF, History, a_piece, histories, measured, planned

DAY = timedelta(days=1)
few = settings(max_examples=25, deadline=None)


def figures_of(history: History, wanted: Callable[[AsRun], bool], new_from: date = FIRST) -> Figures:
    """The figures by the words of the counting rule, in the slowest way."""
    rows = [r for r in history.rows if r.kind is ItemKind.BULLETIN and r.played_ms > 0 and wanted(r)]
    codes = sorted({r.bulletin for r in rows})
    airings = sorted({(r.day, r.session, r.bulletin) for r in rows})
    aired = 0
    for day, session, code in airings:
        aired += max(r.played_ms for r in rows if (r.day, r.session, r.bulletin) == (day, session, code))
    first = {code: history.pieces[code].first_heard for code in codes}
    return Figures(
        unique_ms=sum(history.pieces[code].content_ms for code in codes),  # type: ignore[arg-type]
        aired_ms=aired,  # type: ignore[arg-type]
        cluster_ms=sum(r.played_ms for r in rows),  # type: ignore[arg-type]
        new_pieces=sum(day is not None and day >= new_from for day in first.values()),
        pieces=len(codes),
        airings=len(airings),
    )


@few
@given(histories())
def test_every_figure_is_what_the_counting_rule_says(history: History) -> None:
    result = history.audited()
    taxonomy = shipped_taxonomy()
    assert result.total == figures_of(history, lambda _: True)
    assert result.target_group == figures_of(history, lambda r: r.topic in taxonomy.target_group)
    assert result.focus_group == figures_of(history, lambda r: r.topic in taxonomy.focus_group)
    for groups, key in (
        (result.by_topic, lambda r: r.topic),
        (result.by_thon, lambda r: THON_OF[r.node]),
        (result.by_cluster, lambda r: r.node),
        (result.by_session, lambda r: r.session),
        (result.by_bulletin, lambda r: r.bulletin),
        (result.by_kind, lambda r: history.pieces[r.bulletin].kind),
        (result.by_unit, lambda r: history.pieces[r.bulletin].unit),
    ):
        names = {key(r) for r in history.rows if r.bulletin and r.played_ms}  # type: ignore[no-untyped-call]
        assert set(groups) == names
        for name, found in groups.items():
            assert found == figures_of(history, lambda r, k=key, n=name: k(r) == n)
    for name, found in result.by_day.items():
        day = date.fromisoformat(name)
        assert found == figures_of(history, lambda r, d=day: r.day == d, new_from=day)


@few
@given(histories())
def test_parts_add_up_to_the_whole(history: History) -> None:
    result = history.audited()
    for groups in (
        result.by_topic,
        result.by_bulletin,
        result.by_session,
        result.by_day,
        result.by_kind,
        result.by_unit,
    ):
        assert sum(f.aired_ms for f in groups.values()) == result.total.aired_ms
        assert sum(f.airings for f in groups.values()) == result.total.airings
    for groups in (result.by_topic, result.by_thon, result.by_cluster, result.by_session, result.by_day):
        assert sum(f.cluster_ms for f in groups.values()) == result.total.cluster_ms
    for groups in (result.by_topic, result.by_bulletin):
        assert sum(f.pieces for f in groups.values()) == result.total.pieces
        assert sum(f.new_pieces for f in groups.values()) == result.total.new_pieces
        assert sum(f.unique_ms for f in groups.values()) == result.total.unique_ms
    assert 0 <= result.focus_share <= 1
    assert 0 <= result.target_share <= 1
    assert result.total.aired_ms <= result.total.cluster_ms


@few
@given(histories())
def test_growth_is_the_taxonomy_s_formula(history: History) -> None:
    # ty_le_tang = (phut_phat_thuc(nhom, ky) / ngay_phat_thuc(ky)) / (the same in the baseline) - 1
    days = {r.day for r in history.rows if r.bulletin and r.played_ms}
    group = shipped_taxonomy().target_group
    minutes = figures_of(history, lambda r: r.topic in group).aired_ms / 60_000
    result = history.audited(baseline_minutes_per_day=2.5, growth_target=0.2)
    assert result.broadcast_days == len(days)
    expected = (minutes / len(days) if days else 0.0) / 2.5 - 1
    assert result.growth.rate == pytest.approx(expected)
    assert result.growth.reached is (expected >= 0.2)
    assert history.audited().growth.rate is None
    assert history.audited().growth.reached is None


@few
@given(histories())
def test_what_was_planned_is_told_of_and_never_counted(history: History) -> None:
    result = history.audited()
    known = {(r.node, r.item) for r in history.rows}
    everything = [(node, item) for r in history.rundowns for node in NODES[r.zone] for item in r.items]
    assert set(result.unrecorded) == {(node, item.id) for node, item in everything if (node, item.id) not in known}
    assert result.planned_ms == sum(item.duration_ms for _, item in everything if item.kind is ItemKind.BULLETIN)
    told = [d for d in result.differences for _ in d.nodes]
    wrong = [r for r in history.rows if r.kind is ItemKind.BULLETIN and r.outcome is not Outcome.AIRED]
    assert len(told) == len(wrong)
    assert sum(d.planned_ms - d.played_ms for d in result.differences) == sum(r.planned_ms - r.played_ms for r in wrong)
    assert "thon_ha" in result.silent_thons


@few
@given(histories())
def test_runs_count_whole_airings_on_consecutive_days(history: History) -> None:
    found = {(run.bulletin, run.node): run for run in history.audited().runs}
    asked = {
        (item.bulletin, node)
        for r in history.rundowns
        for node in NODES[r.zone]
        for item in r.items
        if item.kind is ItemKind.BULLETIN and history.pieces[item.bulletin].min_consecutive_days
    }
    assert set(found) == asked, "a cluster that never gave a sign belongs to the proof"
    for (code, node), run in found.items():
        whole = {r.day for r in history.rows if (r.bulletin, r.node, r.outcome) == (code, node, Outcome.AIRED)}
        best = max((n for n in range(1, 20) for d in whole if all(d + k * DAY in whole for k in range(n))), default=0)
        assert (run.longest, set(run.days), run.required) == (best, whole, 3)


def test_a_dead_cluster_is_in_the_proof_of_consecutive_days() -> None:
    days = [FIRST + n * DAY for n in range(3)]
    plans = [planned(day, "thon_dong", "a") for day in days]
    rows = tuple(measured(r, "dong_1", r.items[0], Outcome.AIRED, Cause.NONE, 60) for r in plans)
    history = History(rows, tuple(plans), {"a": a_piece("a", required=3)}, days[-1])
    assert {run.node: run.longest for run in history.audited().runs} == {"dong_1": 3, "dong_2": 0}


def test_an_outage_breaks_a_run() -> None:
    plans = [planned(FIRST + n * DAY, "thon_doai", "a") for n in range(5)]
    outcomes = [(Outcome.AIRED, Cause.NONE, 60)] * 2 + [(Outcome.PARTIAL, Cause.POWER_CUT, 59)]
    outcomes += [(Outcome.AIRED, Cause.NONE, 60)] * 2
    rows = tuple(measured(r, "doai_1", r.items[0], *o) for r, o in zip(plans, outcomes, strict=True))
    (run,) = History(rows, tuple(plans), {"a": a_piece("a", required=3)}, FIRST + 4 * DAY).audited().runs
    assert run.longest == 2


def test_a_cluster_that_is_no_longer_in_the_station_s_file_keeps_its_minutes() -> None:
    rundown = planned(FIRST, "thon_doai", "a")
    row = measured(rundown, "cum_cu", rundown.items[0], Outcome.AIRED, Cause.NONE, 60)
    result = History((row,), (), {"a": a_piece("a")}, FIRST).audited()
    assert result.total.cluster_ms == 60_000
    assert sum(f.cluster_ms for f in result.by_thon.values()) == 60_000


def test_an_airing_is_as_long_as_the_cluster_that_heard_most() -> None:
    rundown = planned(FIRST, "thon_dong", "a")
    rows = (
        measured(rundown, "dong_1", rundown.items[0], Outcome.PARTIAL, Cause.POWER_CUT, 20),
        measured(rundown, "dong_2", rundown.items[0], Outcome.AIRED, Cause.NONE, 60),
    )
    total = History(rows, (rundown,), {"a": a_piece("a")}, FIRST).audited().total
    assert (total.aired_ms, total.cluster_ms, total.airings, total.mean_repeats) == (60_000, 80_000, 1, 1.0)


def test_an_empty_period() -> None:
    result = History((), (), {}, FIRST + 9 * DAY).audited(baseline_minutes_per_day=5, growth_target=0.2)
    assert isinstance(result, AuditResult)
    assert result.total == Figures(0, 0, 0, 0, 0, 0)  # type: ignore[arg-type]
    assert result.total.mean_repeats == 0
    assert (result.broadcast_days, result.target_share, result.focus_share) == (0, 0, 0)
    assert result.growth.rate == -1
    assert result.gaps == ((FIRST, FIRST + 9 * DAY),)
    assert result.silent_thons == ("thon_doai", "thon_dong", "thon_ha")


@given(st.sets(st.integers(0, 40), max_size=12))
def test_the_longest_run_is_the_longest_run(days: set[int]) -> None:
    best = max((n for n in range(1, 42) for d in days if all(d + k in days for k in range(n))), default=0)
    assert longest_run([FIRST + n * DAY for n in days]) == best


@given(st.sets(st.integers(0, 30), max_size=6), st.integers(0, 30), st.integers(1, 9))
def test_gaps_are_the_spans_of_silence_longer_than_the_limit(heard: set[int], length: int, limit: int) -> None:
    days = {n for n in heard if n <= length}
    rows = []
    for number in days:
        rundown = planned(FIRST + number * DAY, "thon_doai", "a")
        rows.append(measured(rundown, "doai_1", rundown.items[0], Outcome.AIRED, Cause.NONE, 60))
    found = gaps(aired_of(rows), FIRST, FIRST + length * DAY, {"mot_cua"}, limit)
    silent = {n for a, b in found for n in range((a - FIRST).days, (b - FIRST).days + 1)}
    runs_of_silence = [n for n in range(length + 1) if n not in days]
    for number in runs_of_silence:
        run = 1
        for way in (-1, 1):
            step = number + way
            while 0 <= step <= length and step not in days:
                run, step = run + 1, step + way
        assert (number in silent) == (run > limit)
    assert not silent & days


def test_another_group_does_not_fill_a_gap() -> None:
    rundown = planned(FIRST + 5 * DAY, "thon_doai", "c")
    row = measured(rundown, "doai_1", rundown.items[0], Outcome.AIRED, Cause.NONE, 60)
    assert gaps(aired_of([row]), FIRST, FIRST + 10 * DAY, {"mot_cua"}) == ((FIRST, FIRST + 10 * DAY),)


def test_the_same_difference_at_several_nodes_is_one() -> None:
    rundown = planned(FIRST, "thon_dong", "ab")
    rows = [
        measured(rundown, n, i, Outcome.MISSED, Cause.OFF_AIR, 0) for n in ("dong_2", "dong_1") for i in rundown.items
    ]
    rows.append(replace(rows[0], node="dong_3", cause=Cause.NO_AUDIO))
    found = [(d.bulletin, d.cause, d.nodes) for d in differences(rows)]
    assert found == [
        ("a", Cause.NO_AUDIO, ("dong_3",)),
        ("a", Cause.OFF_AIR, ("dong_1", "dong_2")),
        ("b", Cause.OFF_AIR, ("dong_1", "dong_2")),
    ]


@pytest.mark.parametrize(("now", "base", "rate"), [(6, 5, 0.2), (5, 5, 0), (0, 5, -1), (5, 0, None), (5, -1, None)])
def test_growth(now: float, base: float, rate: float | None) -> None:
    growth = Growth(now, base, 0.2)
    assert growth.rate == (None if rate is None else pytest.approx(rate))
    assert growth.reached is (None if rate is None else now / base - 1 >= 0.2)
