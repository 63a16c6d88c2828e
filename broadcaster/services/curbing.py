"""Muting clusters for a time and capping their volume, from one day to the next, without the station's file."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time

from broadcaster.domain.curb import (
    LONGEST_MUTE,
    LONGEST_REASON,
    Curbs,
    MuteOrder,
    cap_line,
    curbs_from,
    lift_line,
    mute_line,
)
from broadcaster.domain.days import LAST_MINUTE, MIDNIGHT, Mute
from broadcaster.domain.station import LOUDEST_CAP_DB, Role, Station
from broadcaster.errors import ConfigError
from broadcaster.ports import Clock, Notebook
from broadcaster.services.writing import require

WHO = (Role.OPERATOR, Role.APPROVER)


@dataclass(frozen=True, slots=True)
class Curbing:
    """One station's day-to-day limits.

    Args:
        notebook: where decisions are kept.
        clock: the only source of time.
        station: as its file has it.
    """

    notebook: Notebook
    clock: Clock
    station: Station

    def curbs(self) -> Curbs:
        """Every decision so far.

        Raises:
            ConfigError: `curb.broken` for a notebook that somebody damaged; a mute must not be lost in silence.
        """
        try:
            return curbs_from(self.notebook.lines())
        except ValueError as error:
            raise ConfigError("curb.broken", line=error.args[0]) from error

    def mute(
        self,
        actor: str,
        clusters: Collection[str],
        first: date | None,
        last: date | None,
        reason: str,
        *,
        start: time = MIDNIGHT,
        end: time = LAST_MINUTE,
        after: int | None = None,
    ) -> None:
        """Keep clusters silent from a date to a date, each day between two times.

        Args:
            actor: who decides.
            clusters: codes of at least one cluster.
            first: today or later, unless it ends later.
            last: the last day; `first` where it is None.
            reason: why; kept.
            start: when it begins each day.
            end: when it ends each day.
            after: the count of lines that the person saw.

        Raises:
            ConfigError: `curb.clusters`, `curb.days`, `curb.past`, `curb.long`, `curb.hours`, `curb.reason`;
                `notebook.changed` if somebody else decided something meanwhile.
            BulletinError: `person.unknown`, `person.role`.
        """
        require(self.station, actor, *WHO)
        reason = self._reason(reason)
        if not clusters or not set(clusters) <= set(self.station.cluster_by_code):
            raise ConfigError("curb.clusters")
        last = first if last is None else last
        if first is None or last is None or last < first:
            raise ConfigError("curb.days")
        if (last - first).days >= LONGEST_MUTE:
            raise ConfigError("curb.long", most=LONGEST_MUTE)
        if end <= start:
            raise ConfigError("curb.hours")
        now = self.clock.now()
        local = self.station.local(now)
        if (last, end) <= (local.date(), local.time()):
            raise ConfigError("curb.past")
        self.notebook.add(mute_line(Mute(frozenset(clusters), first, last, start, end, reason), actor, now), after)

    def lift(self, actor: str, number: int, reason: str, after: int | None = None) -> MuteOrder:
        """End a mute now, before its time; the mute as it was.

        Raises:
            ConfigError: `curb.number` for one that is over or never was, `curb.reason`, `notebook.changed`.
            BulletinError: `person.unknown`, `person.role`.
        """
        require(self.station, actor, *WHO)
        reason = self._reason(reason)
        now = self.clock.now()
        curbs = self.curbs()
        order = next((one for one in curbs.mutes if one.number == number), None)
        if order is None or order.over(self.station.local(now)):
            raise ConfigError("curb.number")
        self.notebook.add(lift_line(number, reason, actor, now), curbs.count if after is None else after)
        return order

    def cap(self, actor: str, cluster: str, volume_cap_db: float, reason: str, after: int | None = None) -> None:
        """Let a cluster sound softer than its masters from now on; 0 is as loud as they are.

        Raises:
            ConfigError: `run.node`, `curb.cap`, `curb.reason`, `notebook.changed`.
            BulletinError: `person.unknown`, `person.role`.
        """
        require(self.station, actor, *WHO)
        reason = self._reason(reason)
        if cluster not in self.station.cluster_by_code:
            raise ConfigError("run.node", given=cluster, allowed=sorted(self.station.cluster_by_code))
        if not LOUDEST_CAP_DB <= volume_cap_db <= 0:
            raise ConfigError("curb.cap", most=round(-LOUDEST_CAP_DB))
        self.notebook.add(cap_line(cluster, volume_cap_db, reason, actor, self.clock.now()), after)

    @staticmethod
    def _reason(given: str) -> str:
        reason = " ".join(given.split())
        if not 0 < len(reason) <= LONGEST_REASON or not reason.isprintable():
            raise ConfigError("curb.reason", most=LONGEST_REASON)
        return reason
