"""The run of days that a bulletin still needs (R01), given what was heard of it: what the solver is asked for."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.planning.heard import Heard, days_by_cluster
from broadcaster.domain.planning.plan import Slot, longest_run
from broadcaster.domain.planning.rules.consecutive_days import may_go_on
from broadcaster.domain.station import Station

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RunDemand:
    """`days` in a row, of which `aired` count as they are; 0 when every cluster has had its run.

    `airings` are needed for it at least; `clusters` have not had their run yet.
    """

    days: int = 0
    aired: tuple[date, ...] = ()
    airings: int = 0
    clusters: frozenset[str] = frozenset()


NO_RUN = RunDemand()


def run_demand(
    bulletin: Bulletin, past: Iterable[Slot], heard: Heard, station: Station, ahead: Collection[date], sunday: date
) -> RunDemand:
    """What is left to do for a bulletin's run of days.

    A run that is under way goes on; one that an outage broke begins anew. Where the week is too short for a whole run
    and the bulletin is valid beyond it, the first days of the next week count as aired, and the days up to Sunday
    are left to do.

    Args:
        bulletin: whose run it is.
        past: its airings so far, of earlier weeks, too.
        heard: the ledger.
        station: for the clusters.
        ahead: the dates on which it may still be aired this week.
        sunday: the week's last day.
    """
    needed = bulletin.min_consecutive_days
    if not needed:
        return NO_RUN
    days = days_by_cluster(station, (slot for slot in past if slot.bulletin == bulletin.code), heard)
    meant = station.clusters_of(bulletin.zones) & station.alive_on(sunday)
    mine = {cluster: days.get((bulletin.code, cluster), set()) for cluster in meant}
    waiting = frozenset(cluster for cluster in meant if longest_run(mine[cluster]) < needed)
    if not waiting:
        return NO_RUN
    credit = set.intersection(*(mine[cluster] for cluster in waiting))
    credit = {day for day in credit if day > sunday - timedelta(days=7 + needed)}
    runs = [[start + n * ONE_DAY for n in range(needed)] for start in sorted(credit | set(ahead))]
    whole = [[day for day in run if day not in credit] for run in runs if credit.union(ahead).issuperset(run)]
    tail = 0
    while sunday - tail * ONE_DAY in credit.union(ahead):
        tail += 1
    if not whole and may_go_on(bulletin, sunday, tail):
        # The next week is believed to go on with it: its first days count, so that what is left is a run up to Sunday.
        credit |= {sunday + n * ONE_DAY for n in range(1, needed)}
        whole = [[day for day in (sunday - n * ONE_DAY for n in range(tail)) if day not in credit]]
    airings = min((len(run) for run in whole), default=needed)
    return RunDemand(needed, tuple(sorted(credit)), airings, waiting)
