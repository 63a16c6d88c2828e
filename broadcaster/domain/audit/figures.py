"""The five figures of the counting rule.

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
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from broadcaster.domain.audit.facts import Aired, AiredAt
from broadcaster.units import Milliseconds


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


NONE = Figures(Milliseconds(0), Milliseconds(0), Milliseconds(0), 0, 0, 0)


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


Part = TypeVar("Part", Aired, AiredAt)


def figures(parts: Iterable[Part], pieces: Mapping[str, Piece], first: date) -> Figures:
    """The five figures of bulletins' airings.

    Args:
        parts: airings, or sums of airings at one place.
        pieces: the bulletins by code.
        first: the period's first day: a piece is new when it was not heard before.
    """
    aired = cluster = airings = 0
    codes = set()
    for part in parts:
        codes.add(part.bulletin)
        aired += part.aired_ms
        cluster += part.cluster_ms
        airings += part.airings if isinstance(part, AiredAt) else 1
    new = sum(1 for code in codes if (day := pieces[code].first_heard) is not None and day >= first)
    unique = sum(pieces[code].content_ms for code in codes)
    return Figures(Milliseconds(unique), Milliseconds(aired), Milliseconds(cluster), new, len(codes), airings)


def grouped(
    parts: Iterable[Part],
    key: Callable[[Part], str],
    pieces: Mapping[str, Piece],
    first: date | Callable[[str], date],
) -> dict[str, Figures]:
    """The figures of each group, by the group's name.

    Args:
        parts: airings, or sums of airings.
        key: the name of a part's group.
        pieces: the bulletins by code.
        first: the day from which on a piece counts as new, for all groups or by a group's name.
    """
    groups: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        groups[key(part)].append(part)
    return {name: figures(groups[name], pieces, first(name) if callable(first) else first) for name in sorted(groups)}


def week_name(day: date) -> str:
    """The ISO week of a day, as 2026-W48."""
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def month_name(day: date) -> str:
    """The month of a day, as 2026-11."""
    return f"{day.year:04d}-{day.month:02d}"


def quarter_name(day: date) -> str:
    """The quarter of a day, as 2026-Q4."""
    return f"{day.year:04d}-Q{(day.month + 2) // 3}"


def by_span(
    parts: Sequence[Aired], name: Callable[[date], str], pieces: Mapping[str, Piece], first: date
) -> dict[str, Figures]:
    """The figures of each span of days; a piece is new in the span in which it was first heard.

    Args:
        parts: airings.
        name: the span of a day.
        pieces: the bulletins by code.
        first: the period's first day; a span that began before it begins with it.
    """
    firsts: dict[str, date] = {}
    for piece in pieces.values():
        if piece.first_heard is not None:
            firsts[piece.code] = piece.first_heard
    groups: dict[str, list[Aired]] = defaultdict(list)
    for part in parts:
        groups[name(part.day)].append(part)
    found = {}
    for span, members in sorted(groups.items()):
        plain = figures(members, pieces, date.max)
        new = {m.bulletin for m in members if (day := firsts.get(m.bulletin)) and day >= first and name(day) == span}
        found[span] = Figures(plain.unique_ms, plain.aired_ms, plain.cluster_ms, len(new), plain.pieces, plain.airings)
    return found
