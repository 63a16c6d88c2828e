"""The audit: airtime as it was measured, by the counting rule of `figures`, beside what was planned."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from broadcaster.domain.audit.facts import Facts
from broadcaster.domain.audit.fees import Fee, Rates, fees
from broadcaster.domain.audit.figures import (
    Figures,
    Piece,
    by_span,
    figures,
    grouped,
    month_name,
    quarter_name,
    week_name,
)
from broadcaster.domain.audit.growth import Forecast, Growth, YearSoFar, forecast
from broadcaster.domain.audit.planned import Difference, differences, planned_by_node, unrecorded
from broadcaster.domain.audit.proof import Run, gaps, runs
from broadcaster.domain.audit.tree import Coverage, Lineage, Tree, coverage, lineages
from broadcaster.domain.baseline import Baseline
from broadcaster.domain.correction import Corrected
from broadcaster.domain.rundown import ItemKind, Rundown
from broadcaster.domain.taxonomy import Taxonomy
from broadcaster.units import MINUTE, Milliseconds


@dataclass(frozen=True, slots=True)
class AuditResult:
    """Everything that reports are made of.

    `before` is each topic's aired minutes a broadcast day in the period of the baseline; empty where none is known.
    """

    first: date
    last: date
    broadcast_days: int
    total: Figures
    by_topic: Mapping[str, Figures]
    by_day: Mapping[str, Figures]
    by_week: Mapping[str, Figures]
    by_month: Mapping[str, Figures]
    by_quarter: Mapping[str, Figures]
    by_thon: Mapping[str, Figures]
    by_cluster: Mapping[str, Figures]
    by_session: Mapping[str, Figures]
    by_kind: Mapping[str, Figures]
    by_unit: Mapping[str, Figures]
    by_bulletin: Mapping[str, Figures]
    target_group: Figures
    focus_group: Figures
    growth: Growth
    baseline: Baseline | None
    forecast: Forecast
    relay_ms: Milliseconds
    apart_ms: Mapping[str, Milliseconds]
    planned_ms: Milliseconds
    differences: tuple[Difference, ...]
    unrecorded: tuple[tuple[str, str], ...]
    unrecorded_ms: Milliseconds
    runs: tuple[Run, ...]
    gaps: tuple[tuple[date, date], ...]
    coverage: tuple[Coverage, ...]
    silent_thons: tuple[str, ...]
    lineages: tuple[Lineage, ...]
    corrected: tuple[Corrected, ...]
    fees: tuple[Fee, ...]
    before: Mapping[str, float]

    @property
    def target_share(self) -> float:
        """The target group's share of the station's own production, aired."""
        return self.target_group.aired_ms / self.total.aired_ms if self.total.aired_ms else 0.0

    @property
    def focus_share(self) -> float:
        """The focus group's share of the target group, aired."""
        return self.focus_group.aired_ms / self.target_group.aired_ms if self.target_group.aired_ms else 0.0


def audit(
    facts: Facts,
    rundowns: Sequence[Rundown],
    *,
    first: date,
    last: date,
    pieces: Mapping[str, Piece],
    tree: Tree,
    nodes_of: Callable[[str, date], Sequence[str]],
    taxonomy: Taxonomy,
    now: datetime,
    baseline_minutes_per_day: float = 0.0,
    growth_target: float = 0.0,
    baseline: Baseline | None = None,
    year: YearSoFar | None = None,
    rates: Rates | None = None,
    before: Mapping[str, float] | None = None,
) -> AuditResult:
    """The audit of a period, from measured rows.

    Args:
        facts: what was measured in the period.
        rundowns: what was planned in it.
        first: the period's first day.
        last: its last day.
        pieces: the bulletins that occur in the facts.
        tree: the station's thôn.
        nodes_of: the nodes of a zone on a day.
        taxonomy: for the target and focus groups.
        now: a session that is not over yet is not missing in the ledger.
        baseline_minutes_per_day: target group's aired minutes a broadcast day in the baseline; 0 when there is none.
        growth_target: the growth that the station has set itself.
        baseline: the locked baseline that the figure comes from, if it does.
        year: the target group from the first of January to `last`; that of the period unless given.
        rates: what new pieces are paid; nothing unless given.
        before: aired minutes a broadcast day of each topic in the period of the baseline.
    """
    own = [row for row in facts.aired if row.kind is ItemKind.BULLETIN]
    days = {row.day for row in own}
    target = figures((row for row in own if row.topic in taxonomy.target_group), pieces, first)
    per_day = target.aired_ms / MINUTE / len(days) if days else 0.0
    apart: dict[str, int] = defaultdict(int)
    for row in facts.aired:
        if row.kind is not ItemKind.BULLETIN:
            apart[row.kind.value] += row.cluster_ms
    planned = planned_by_node(rundowns, nodes_of)
    missing = unrecorded((r for r in rundowns if r.end <= now), facts.recorded, nodes_of)
    lengths = {item.id: item.duration_ms for r in rundowns for item in r.items if item.kind is ItemKind.BULLETIN}
    thons = grouped(facts.at_thon, lambda row: row.place, pieces, first)
    covered = coverage(facts.at_thon, planned, tree, taxonomy.target_group)
    return AuditResult(
        first=first,
        last=last,
        broadcast_days=len(days),
        total=figures(own, pieces, first),
        by_topic=grouped(own, lambda row: row.topic, pieces, first),
        by_day=grouped(own, lambda row: row.day.isoformat(), pieces, date.fromisoformat),
        by_week=by_span(own, week_name, pieces, first),
        by_month=by_span(own, month_name, pieces, first),
        by_quarter=by_span(own, quarter_name, pieces, first),
        by_thon=thons,
        by_cluster=grouped(facts.at_node, lambda row: row.place, pieces, first),
        by_session=grouped(own, lambda row: row.session, pieces, first),
        by_kind=grouped(own, lambda row: pieces[row.bulletin].kind, pieces, first),
        by_unit=grouped(own, lambda row: pieces[row.bulletin].unit, pieces, first),
        by_bulletin=grouped(own, lambda row: row.bulletin, pieces, first),
        target_group=target,
        focus_group=figures((row for row in own if row.topic in taxonomy.focus_group), pieces, first),
        growth=Growth(per_day, baseline_minutes_per_day, growth_target),
        baseline=baseline,
        forecast=forecast(year or YearSoFar(last, target.aired_ms, len(days)), baseline_minutes_per_day, growth_target),
        relay_ms=Milliseconds(apart.get(ItemKind.RELAY.value, 0)),
        apart_ms={kind: Milliseconds(ms) for kind, ms in sorted(apart.items())},
        planned_ms=Milliseconds(sum(planned.values())),
        differences=differences(facts.unaired),
        unrecorded=tuple(missing),
        unrecorded_ms=Milliseconds(sum(lengths.get(item, 0) for _, item in missing)),
        runs=runs(facts.whole, facts.tried, rundowns, nodes_of, pieces),
        gaps=gaps(own, first, last, taxonomy.target_group),
        coverage=covered,
        silent_thons=tuple(sorted(tree.thons - set(thons))),
        lineages=lineages(facts.at_thon, facts.at_thon_today, tree),
        corrected=tuple(facts.corrected),
        fees=fees({row.bulletin for row in own}, pieces, rates, first, last) if rates else (),
        before=before or {},
    )
