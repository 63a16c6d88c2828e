"""Coverage by thôn, and thôn that were merged or renamed: their totals before and after have to agree."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from broadcaster.domain.audit.facts import AiredAt
from broadcaster.units import Milliseconds


@dataclass(frozen=True, slots=True)
class Tree:
    """The station's thôn as the audit needs them.

    Args:
        thons: the thôn that exist in the period.
        thon_on: the thôn of a cluster on a day, empty for a cluster that is not known.
        today: what has become of a thôn, for those that were merged or renamed.
    """

    thons: frozenset[str]
    thon_on: Callable[[str, date], str]
    today: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a thôn was to hear of the station's own production, and what it heard, on all its clusters."""

    thon: str
    planned_ms: Milliseconds
    cluster_ms: Milliseconds
    target_ms: Milliseconds
    pieces: int

    @property
    def share(self) -> float | None:
        """Heard of planned; None where nothing was planned."""
        return self.cluster_ms / self.planned_ms if self.planned_ms else None


def coverage(
    at_thon: Iterable[AiredAt], planned: Mapping[tuple[str, date], Milliseconds], tree: Tree, target: Collection[str]
) -> tuple[Coverage, ...]:
    """The coverage of every thôn, by name; those in which nothing was heard stand with nothing.

    Args:
        at_thon: bulletins by thôn.
        planned: planned milliseconds by cluster and day.
        tree: the station's thôn.
        target: the topics of the target group.
    """
    plans: dict[str, int] = defaultdict(int)
    for (node, day), length in planned.items():
        plans[tree.thon_on(node, day)] += length
    heard: dict[str, list[AiredAt]] = defaultdict(list)
    for row in at_thon:
        heard[row.place].append(row)
    return tuple(
        Coverage(
            thon,
            Milliseconds(plans.get(thon, 0)),
            Milliseconds(sum(row.cluster_ms for row in heard[thon])),
            Milliseconds(sum(row.cluster_ms for row in heard[thon] if row.topic in target)),
            len({row.bulletin for row in heard[thon]}),
        )
        for thon in sorted({*tree.thons, *plans, *heard})
    )


@dataclass(frozen=True, slots=True)
class Lineage:
    """A thôn of today with those that it was made of: their clusters' time under the old names, and by today's tree.

    `then_ms` and `now_ms` are equal, or the tree does not reconcile. `aired_ms` counts an airing once for the whole
    thôn of today: the sum over the old ones counts it once for each that heard it.
    """

    thon: str
    former: tuple[str, ...]
    then_ms: Milliseconds
    now_ms: Milliseconds
    aired_ms: Milliseconds


def lineages(then: Iterable[AiredAt], now: Iterable[AiredAt], tree: Tree) -> tuple[Lineage, ...]:
    """Every thôn of today that was once something else.

    Args:
        then: bulletins by thôn, each day by the tree of that day.
        now: the same by today's tree.
        tree: the station's thôn.
    """
    former: dict[str, set[str]] = defaultdict(set)
    for old, new in tree.today.items():
        if old != new:
            former[new].add(old)
    before: dict[str, int] = defaultdict(int)
    for row in then:
        before[tree.today.get(row.place, row.place)] += row.cluster_ms
    after: dict[str, list[AiredAt]] = defaultdict(list)
    for row in now:
        after[row.place].append(row)
    return tuple(
        Lineage(
            thon,
            tuple(sorted(olds)),
            Milliseconds(before[thon]),
            Milliseconds(sum(row.cluster_ms for row in after[thon])),
            Milliseconds(sum(row.aired_ms for row in after[thon])),
        )
        for thon, olds in sorted(former.items())
    )
