"""The airings behind a figure: ledger rows narrowed to what the figure is made of, put together as the audit counts."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date

from broadcaster.domain.asrun import AsRun
from broadcaster.domain.audit.figures import Piece, month_name, quarter_name, week_name
from broadcaster.domain.rundown import ItemKind
from broadcaster.domain.taxonomy import Taxonomy
from broadcaster.units import Milliseconds

TARGET, FOCUS = "target", "focus"
NO_CAUSE = "none"
_SPANS = {"W": week_name, "Q": quarter_name}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a figure is made of; an empty member narrows nothing.

    Codes as the tables of reports have them. `nodes` are clusters, separated by spaces; `span` is a week, month or
    quarter by its name, `group` is TARGET or FOCUS, `cause` is NO_CAUSE where there was none.
    """

    day: str = ""
    span: str = ""
    session: str = ""
    item_kind: str = ""
    bulletin: str = ""
    topic: str = ""
    group: str = ""
    kind: str = ""
    unit: str = ""
    thon: str = ""
    nodes: str = ""
    outcome: str = ""
    cause: str = ""

    @property
    def given(self) -> dict[str, str]:
        """The members that narrow."""
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name))}


@dataclass(frozen=True, slots=True)
class AiringBehind:
    """One item of a session on a day: as long as the cluster that heard most of it, all clusters' sum, and the rows."""

    day: date
    session: str
    kind: ItemKind
    bulletin: str
    aired_ms: Milliseconds
    cluster_ms: Milliseconds
    rows: tuple[AsRun, ...]


def airings_behind(
    rows: Iterable[AsRun],
    narrowing: Narrowing,
    pieces: Mapping[str, Piece],
    taxonomy: Taxonomy,
    thon_on: Callable[[str, date], str],
) -> tuple[AiringBehind, ...]:
    """The airings, and the failed attempts at one, that a figure is made of, in order of time.

    Args:
        rows: the period's rows as they count.
        narrowing: the figure's.
        pieces: the bulletins that occur in the rows.
        taxonomy: for the groups of topics.
        thon_on: the thôn of a cluster on a day.
    """
    groups = {TARGET: taxonomy.target_group, FOCUS: taxonomy.focus_group}
    nodes = set(narrowing.nodes.split())
    span = narrowing.span
    span_of = next((name for sign, name in _SPANS.items() if sign in span), month_name)

    def behind(row: AsRun) -> bool:
        piece = pieces.get(row.bulletin)
        wanted = (
            (narrowing.day, row.day.isoformat()),
            (span, span_of(row.day) if span else ""),
            (narrowing.session, row.session),
            (narrowing.item_kind or ItemKind.BULLETIN.value, row.kind.value),
            (narrowing.bulletin, row.bulletin),
            (narrowing.topic, row.topic),
            (narrowing.kind, piece.kind if piece else ""),
            (narrowing.unit, piece.unit if piece else ""),
            (narrowing.thon, thon_on(row.node, row.day) if narrowing.thon else ""),
            (narrowing.outcome, row.outcome.value),
            (narrowing.cause, row.cause.value or NO_CAUSE),
        )
        return (
            all(not want or want == have for want, have in wanted)
            and (not nodes or row.node in nodes)
            and (not narrowing.group or row.topic in groups.get(narrowing.group, frozenset()))
        )

    found: dict[tuple[date, str, ItemKind, str], list[AsRun]] = defaultdict(list)
    for row in rows:
        if behind(row):
            found[row.day, row.session, row.kind, row.bulletin].append(row)
    airings = [
        AiringBehind(
            *key,
            Milliseconds(max(row.counted_ms for row in mine)),
            Milliseconds(sum(row.counted_ms for row in mine)),
            tuple(sorted(mine, key=lambda row: (row.node, row.seq))),
        )
        for key, mine in found.items()
    ]
    return tuple(sorted(airings, key=lambda one: (one.rows[0].planned_start, one.bulletin)))
