"""The audit: airtime as it was measured, totalled by the station's counting rule, beside what was planned.

Counting rule (plan 07/KH-UBND, clause IV.3, and the taxonomy): a bulletin's minutes go to its main topic alone; relay
and signature are not the station's own production; a cluster that was off does not count; what was planned is never
counted. Five figures are kept apart, since each answers another question:

- unique: the length of one reading of each bulletin that was heard, however often;
- aired: each airing once, as long as the cluster that heard most of it heard it;
- cluster: every cluster's minutes added up;
- new pieces: bulletins first heard in the period;
- mean repeats: airings a bulletin.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from broadcaster.domain.asrun import AsRun, Cause, Outcome
from broadcaster.domain.planning.plan import longest_run
from broadcaster.domain.rundown import ItemKind, Rundown
from broadcaster.domain.taxonomy import Taxonomy
from broadcaster.units import MINUTE, Milliseconds


@dataclass(frozen=True, slots=True)
class Figures:
    """The five figures of one group, with the number of airings that the mean is made of."""

    unique_ms: Milliseconds
    aired_ms: Milliseconds
    cluster_ms: Milliseconds
    new_pieces: int
    pieces: int
    airings: int

    @property
    def mean_repeats(self) -> float:
        """Airings a bulletin; 0 when none was heard."""
        return self.airings / self.pieces if self.pieces else 0.0


@dataclass(frozen=True, slots=True)
class Growth:
    """The increase that clause IV.3 asks for: aired minutes a broadcast day, against the baseline's."""

    minutes_per_day: float
    baseline_minutes_per_day: float
    target: float

    @property
    def rate(self) -> float | None:
        """Growth as a share of the baseline; None without a baseline."""
        if self.baseline_minutes_per_day <= 0:
            return None
        return self.minutes_per_day / self.baseline_minutes_per_day - 1

    @property
    def reached(self) -> bool | None:
        """Whether the target was met; None without a baseline."""
        return None if self.rate is None else self.rate >= self.target


@dataclass(frozen=True, slots=True)
class Difference:
    """An item that was not aired as planned, at the nodes that differ in the same way."""

    day: date
    session: str
    bulletin: str
    outcome: Outcome
    cause: Cause
    nodes: tuple[str, ...]
    planned_ms: Milliseconds
    played_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class Run:
    """A bulletin's longest run of days on one cluster, beside the days required (Luật 10/2022, article 13.3)."""

    bulletin: str
    node: str
    required: int
    longest: int
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """What the audit must know of a bulletin beside its rows. `first_heard` is None when it never was."""

    code: str
    title: str
    kind: str
    unit: str
    content_ms: Milliseconds
    min_consecutive_days: int
    first_heard: date | None


@dataclass(frozen=True, slots=True)
class AuditResult:
    """Everything that reports are made of."""

    first: date
    last: date
    broadcast_days: int
    total: Figures
    by_topic: Mapping[str, Figures]
    by_day: Mapping[str, Figures]
    by_thon: Mapping[str, Figures]
    by_cluster: Mapping[str, Figures]
    by_session: Mapping[str, Figures]
    by_kind: Mapping[str, Figures]
    by_unit: Mapping[str, Figures]
    by_bulletin: Mapping[str, Figures]
    target_group: Figures
    focus_group: Figures
    growth: Growth
    relay_ms: Milliseconds
    planned_ms: Milliseconds
    differences: tuple[Difference, ...]
    unrecorded: tuple[tuple[str, str], ...]
    runs: tuple[Run, ...]
    gaps: tuple[tuple[date, date], ...]
    silent_thons: tuple[str, ...]

    @property
    def target_share(self) -> float:
        """The target group's share of the station's own production, aired."""
        return self.target_group.aired_ms / self.total.aired_ms if self.total.aired_ms else 0.0

    @property
    def focus_share(self) -> float:
        """The focus group's share of the target group, aired."""
        return self.focus_group.aired_ms / self.target_group.aired_ms if self.target_group.aired_ms else 0.0


def heard(rows: Iterable[AsRun]) -> list[AsRun]:
    """The rows that count: bulletins of which something sounded."""
    return [row for row in rows if row.kind is ItemKind.BULLETIN and row.played_ms > 0]


def figures(rows: Sequence[AsRun], pieces: Mapping[str, Piece], first: date) -> Figures:
    """The five figures of counted rows.

    Args:
        rows: counted rows only, see `heard`.
        pieces: the bulletins by code.
        first: the period's first day: a piece is new when it was not heard before.
    """
    longest: dict[tuple[date, str, str], int] = defaultdict(int)
    cluster_ms = 0
    for row in rows:
        key = (row.day, row.session, row.bulletin)
        longest[key] = max(longest[key], row.played_ms)
        cluster_ms += row.played_ms
    codes = {row.bulletin for row in rows}
    new = sum(1 for code in codes if (day := pieces[code].first_heard) is not None and day >= first)
    unique = sum(pieces[code].content_ms for code in codes)
    return Figures(
        Milliseconds(unique),
        Milliseconds(sum(longest.values())),
        Milliseconds(cluster_ms),
        new,
        len(codes),
        len(longest),
    )


def grouped(
    rows: Sequence[AsRun],
    key: Callable[[AsRun], str],
    pieces: Mapping[str, Piece],
    first: date | Callable[[str], date],
) -> dict[str, Figures]:
    """The figures of each group, by the group's name.

    Args:
        rows: counted rows.
        key: the name of a row's group.
        pieces: the bulletins by code.
        first: the day from which on a piece counts as new, for all groups or by a group's name.
    """
    groups: dict[str, list[AsRun]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return {name: figures(groups[name], pieces, first(name) if callable(first) else first) for name in sorted(groups)}


def differences(rows: Iterable[AsRun]) -> tuple[Difference, ...]:
    """Bulletins that were not aired whole, the same difference at several nodes put together."""
    groups: dict[tuple[date, str, str, Outcome, Cause], list[AsRun]] = defaultdict(list)
    for row in rows:
        if row.kind is ItemKind.BULLETIN and row.outcome is not Outcome.AIRED:
            groups[row.day, row.session, row.bulletin, row.outcome, row.cause].append(row)
    return tuple(
        Difference(
            *key,
            nodes=tuple(sorted(row.node for row in group)),
            planned_ms=Milliseconds(sum(row.planned_ms for row in group)),
            played_ms=Milliseconds(sum(row.played_ms for row in group)),
        )
        for key, group in sorted(groups.items())
    )


def runs(
    rows: Iterable[AsRun],
    rundowns: Iterable[Rundown],
    nodes_of: Callable[[str, date], Iterable[str]],
    pieces: Mapping[str, Piece],
) -> tuple[Run, ...]:
    """The proof of consecutive days, for each bulletin that needs it, on each cluster that was to air it.

    Only whole airings count: an outage breaks the run, and a cluster that was dead all week has a run of none.
    """

    def needs(code: str) -> bool:
        return code in pieces and pieces[code].min_consecutive_days > 0

    whole: dict[tuple[str, str], set[date]] = {
        (item.bulletin, node): set()
        for rundown in rundowns
        for item in rundown.items
        if needs(item.bulletin)
        for node in nodes_of(rundown.zone, rundown.day)
    }
    for row in rows:
        if row.kind is ItemKind.BULLETIN and needs(row.bulletin):
            whole.setdefault((row.bulletin, row.node), set()).update({row.day} if row.outcome is Outcome.AIRED else ())
    return tuple(
        Run(code, node, pieces[code].min_consecutive_days, longest_run(days), tuple(sorted(days)))
        for (code, node), days in sorted(whole.items())
    )


def gaps(
    rows: Sequence[AsRun], first: date, last: date, group: Collection[str], limit: int = 7
) -> tuple[tuple[date, date], ...]:
    """Spans of more than `limit` days in which no bulletin of the group was heard, as first and last silent day."""
    days = sorted({row.day.toordinal() for row in rows if row.topic in group})
    marks = [first.toordinal() - 1, *days, last.toordinal() + 1]
    return tuple((date.fromordinal(a + 1), date.fromordinal(b - 1)) for a, b in pairwise(marks) if b - a - 1 > limit)


def unrecorded(
    rundowns: Iterable[Rundown], rows: Iterable[AsRun], nodes_of: Callable[[str, date], Iterable[str]]
) -> list[tuple[str, str]]:
    """What was planned and never heard of again: node and item, for every item of a rundown without a row."""
    known = {(row.node, row.item) for row in rows}
    return sorted(
        (node, item.id)
        for rundown in rundowns
        for node in nodes_of(rundown.zone, rundown.day)
        for item in rundown.items
        if (node, item.id) not in known
    )


def audit(
    rows: Sequence[AsRun],
    rundowns: Sequence[Rundown],
    *,
    first: date,
    last: date,
    pieces: Mapping[str, Piece],
    thon_of: Mapping[str, str],
    nodes_of: Callable[[str, date], Iterable[str]],
    taxonomy: Taxonomy,
    now: datetime,
    baseline_minutes_per_day: float = 0.0,
    growth_target: float = 0.0,
) -> AuditResult:
    """The audit of a period, from measured rows.

    Args:
        rows: the ledger's rows of the period.
        rundowns: what was planned in it.
        first: the period's first day.
        last: its last day.
        pieces: the bulletins that occur in the rows.
        thon_of: each node's thôn.
        nodes_of: the nodes of a zone on a day.
        taxonomy: for the target and focus groups.
        now: a session that is not over yet is not missing in the ledger.
        baseline_minutes_per_day: target group's aired minutes a broadcast day in the baseline; 0 when there is none.
        growth_target: the growth that the station has set itself.
    """
    counted = heard(rows)
    days = {row.day for row in counted}
    in_target = [row for row in counted if row.topic in taxonomy.target_group]
    in_focus = [row for row in counted if row.topic in taxonomy.focus_group]
    target = figures(in_target, pieces, first)
    per_day = target.aired_ms / MINUTE / len(days) if days else 0.0
    planned = sum(
        item.duration_ms
        for r in rundowns
        for item in r.items
        if item.kind is ItemKind.BULLETIN
        for _ in nodes_of(r.zone, r.day)
    )
    relayed = sum(r.planned_ms for r in rows if r.kind is ItemKind.RELAY and r.outcome is not Outcome.MISSED)
    thons = grouped(counted, lambda row: thon_of.get(row.node, ""), pieces, first)
    return AuditResult(
        first=first,
        last=last,
        broadcast_days=len(days),
        total=figures(counted, pieces, first),
        by_topic=grouped(counted, lambda row: row.topic, pieces, first),
        by_day=grouped(counted, lambda row: row.day.isoformat(), pieces, date.fromisoformat),
        by_thon=thons,
        by_cluster=grouped(counted, lambda row: row.node, pieces, first),
        by_session=grouped(counted, lambda row: row.session, pieces, first),
        by_kind=grouped(counted, lambda row: pieces[row.bulletin].kind, pieces, first),
        by_unit=grouped(counted, lambda row: pieces[row.bulletin].unit, pieces, first),
        by_bulletin=grouped(counted, lambda row: row.bulletin, pieces, first),
        target_group=target,
        focus_group=figures(in_focus, pieces, first),
        growth=Growth(per_day, baseline_minutes_per_day, growth_target),
        relay_ms=Milliseconds(relayed),
        planned_ms=Milliseconds(planned),
        differences=differences(rows),
        unrecorded=tuple(unrecorded((r for r in rundowns if r.end <= now), rows, nodes_of)),
        runs=runs(rows, rundowns, nodes_of, pieces),
        gaps=gaps(counted, first, last, taxonomy.target_group),
        silent_thons=tuple(sorted(set(thon_of.values()) - set(thons))),
    )
