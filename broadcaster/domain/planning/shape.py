"""How bulletins become numbers of the instance: what an airing is worth, when it may be, how crowded a session gets."""

import math
from collections.abc import Sequence
from datetime import date

from broadcaster.domain.bulletin import Bulletin, Priority
from broadcaster.domain.goals import Goals
from broadcaster.domain.planning.candidate import Candidate
from broadcaster.domain.planning.instance import BulletinSpec
from broadcaster.domain.station import Session, Station, Zone
from broadcaster.domain.taxonomy import Taxonomy

TARGET, OTHER = 0, 1
"""The instance's two topics: the target group of clause IV.3, and everything else."""

MAX_ITEMS = 14
"""Bulletins a session at most: a listener keeps no more."""

CROWDING = 1.1
"""No session has more than this many times its share of bulletins: mornings, which count more, would take all."""

REPEAT_BONUS = (3.0, 1.6, 0.8, 0.4, 0.2, 0.1, 0.05)
"""What the n-th airing of a bulletin adds: the first matters most."""

MUST_PENALTY = 20.0

OF_FOCUS, OF_TARGET, OF_OTHERS = 5, 3, 2
"""What one airing of a usual bulletin is worth, before the people reached."""


def value_of(bulletin: Bulletin, taxonomy: Taxonomy, goals: Goals | None = None) -> float:
    """How much an airing is worth, before the people reached: priority, then the focus of clause IV.3.

    The station's weight `focus` says how far the target group and its focus stand out: 0 not at all, 1 as usual.
    """
    if bulletin.priority is Priority.KHAN_CAP:
        return 10
    if bulletin.priority is Priority.UU_TIEN:
        return 8
    weight = 1 if goals is None or goals.focus == 1 else goals.focus
    if bulletin.topic in taxonomy.focus_group:
        return min(8, OF_OTHERS + weight * (OF_FOCUS - OF_OTHERS))
    if bulletin.topic in taxonomy.target_group:
        return min(8, OF_OTHERS + weight * (OF_TARGET - OF_OTHERS))
    return OF_OTHERS


def window(bulletin: Bulletin, sessions: Sequence[tuple[date, Session]]) -> tuple[int, int] | None:
    """The first and the last session of a bulletin's days; None where it has none."""
    inside = [n for n, (day, _) in enumerate(sessions) if bulletin.valid_from <= day <= bulletin.valid_to]
    return (inside[0], inside[-1]) if inside else None


def quota(
    candidates: Sequence[Candidate], zones: Sequence[Zone], station: Station, taxonomy: Taxonomy, share: float
) -> float:
    """The share to demand; 0 where some zone has bulletins but none of the target group, so no plan could keep it."""
    for zone in zones:
        here = [c for c in candidates if zone.clusters <= station.clusters_of(c.bulletin.zones)]
        if here and not any(c.bulletin.topic in taxonomy.target_group for c in here):
            return 0.0
    return share


def people(station: Station, zone: Zone) -> float:
    """Households that a zone reaches, a thôn's shared among its clusters."""
    total = 0.0
    for code in zone.clusters:
        thon = station.cluster_by_code[code].thon
        siblings = sum(cluster.thon == thon for cluster in station.clusters)
        total += max(1, station.thon_by_code[thon].households) / siblings
    return total


def max_items(specs: Sequence[BulletinSpec], zones: int, sessions: int, least: int = 1) -> int:
    """Bulletins a session at most, so that the airings of each are spread over the sessions it may have."""
    load = [[0.0] * sessions for _ in range(zones)]
    for spec in specs:
        places = [n for n in range(spec.first, spec.last + 1) if n not in spec.excluded]
        for zone in spec.zones:
            for session in places:
                load[zone][session] += spec.repeats / len(places)
    busiest = max((value for row in load for value in row), default=0.0)
    return min(MAX_ITEMS, max(least, math.ceil(CROWDING * busiest)))
