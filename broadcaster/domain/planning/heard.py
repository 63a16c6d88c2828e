"""What the ledger says of planned airings, cluster by cluster; where it says nothing, the plan is believed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from broadcaster.domain.planning.plan import Slot, longest_run
from broadcaster.domain.station import Station


@dataclass(frozen=True, slots=True)
class Heard:
    """The measured past.

    A session is `recorded` as (date, session) once any cluster has a row of it; from then on a cluster without a whole
    airing, as (date, session, bulletin, cluster), did not hear it: a dead player writes no rows.
    """

    recorded: frozenset[tuple[date, str]] = frozenset()
    whole: frozenset[tuple[date, str, str, str]] = frozenset()

    def was(self, slot: Slot, cluster: str) -> bool:
        """Whether a cluster heard an airing whole, as far as is known."""
        place = (slot.day, slot.session)
        return place not in self.recorded or (*place, slot.bulletin, cluster) in self.whole


NOTHING_KNOWN = Heard()


def clusters_of_slot(station: Station, slot: Slot) -> frozenset[str]:
    """The clusters that an airing is meant for: of its zones, there on that date, not mute."""
    session = next((s for s in station.sessions_on(slot.day) if s.code == slot.session), None)
    parts = (zone for zone in station.air_zones() if zone.code in slot.zones)
    if session is None:
        return frozenset().union(*(zone.clusters for zone in parts)) & station.alive_on(slot.day)
    return frozenset().union(*(station.reached(zone, slot.day, session) for zone in parts))


def days_by_cluster(station: Station, slots: Iterable[Slot], heard: Heard) -> Mapping[tuple[str, str], set[date]]:
    """The dates on which each (bulletin, cluster) has an airing that was heard whole, or is still ahead."""
    days: defaultdict[tuple[str, str], set[date]] = defaultdict(set)
    for slot in slots:
        for cluster in clusters_of_slot(station, slot):
            if heard.was(slot, cluster):
                days[slot.bulletin, cluster].add(slot.day)
    return days


@dataclass(frozen=True, slots=True, order=True)
class BrokenRun:
    """A cluster missed a bulletin on a day, before it had heard its run of days."""

    bulletin: str
    cluster: str
    day: date


def broken_runs(
    station: Station, slots: Iterable[Slot], heard: Heard, required: Mapping[str, int]
) -> tuple[BrokenRun, ...]:
    """Every day on which the ledger says that a run of days broke; what was heard later does not mend it here.

    Args:
        station: for the clusters of zones.
        slots: the airings of the past.
        heard: the ledger.
        required: the days in a row that bulletins need, by code.
    """
    past = sorted(slot for slot in slots if required.get(slot.bulletin))
    days = days_by_cluster(station, past, heard)
    found = set()
    for slot in past:
        for cluster in clusters_of_slot(station, slot):
            mine = days.get((slot.bulletin, cluster), set())
            proved = longest_run([day for day in mine if day < slot.day]) >= required[slot.bulletin]
            if slot.day not in mine and not proved:
                found.add(BrokenRun(slot.bulletin, cluster, slot.day))
    return tuple(sorted(found))
