"""Mutes and volume caps that people give from day to day, beside those of the station's file.

Each decision is one line of JSON in a notebook from which nothing is taken away: who, when and why stay.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from broadcaster.domain.days import Mute
from broadcaster.domain.station import LOUDEST_CAP_DB, Station
from broadcaster.units import as_utc, canonical

LONGEST_MUTE = 366
"""Days. What is longer is no mute for a time: the cluster belongs out of the station's file."""
LONGEST_REASON = 300


class CurbKind(StrEnum):
    """What a line decides."""

    MUTE = "tat"
    LIFT = "thoi_tat"
    CAP = "do_to"


@dataclass(frozen=True, slots=True)
class MuteOrder:
    """A mute by its number, which is its line; `lifted_at` is when somebody ended it before its time."""

    number: int
    mute: Mute
    by: str
    at: datetime
    lifted_by: str = ""
    lifted_at: datetime | None = None
    lifted_why: str = ""

    def mutes(self, timezone: str) -> Iterator[Mute]:
        """What remains of it: what had been muted before it was lifted was muted."""
        if self.lifted_at is None:
            yield self.mute
            return
        local = self.lifted_at.astimezone(ZoneInfo(timezone))
        day, moment, mute = local.date(), local.time().replace(microsecond=0), self.mute
        if mute.first < day:
            yield replace(mute, last=min(mute.last, day - timedelta(days=1)))
        if mute.first <= day <= mute.last and mute.start < moment:
            yield replace(mute, first=day, last=day, end=min(mute.end, moment))

    def over(self, now: datetime) -> bool:
        """Whether it mutes nothing any more; `now` in the station's zone."""
        moment = (now.date(), now.time())
        return self.lifted_at is not None or (self.mute.last, self.mute.end) <= moment


@dataclass(frozen=True, slots=True)
class CapOrder:
    """How much softer than its master a cluster sounds from now on, in decibels, 0 or below."""

    number: int
    cluster: str
    volume_cap_db: float
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Curbs:
    """All of the notebook. `count` is the number of its lines: what a decision builds on."""

    mutes: tuple[MuteOrder, ...] = ()
    caps: tuple[CapOrder, ...] = ()
    count: int = 0


def mute_line(mute: Mute, by: str, at: datetime) -> str:
    """A mute as a line."""
    return canonical(
        {"what": CurbKind.MUTE, **{name: getattr(mute, name) for name in Mute.__slots__}, "by": by, "at": at}
    )


def lift_line(number: int, reason: str, by: str, at: datetime) -> str:
    """The end of a mute as a line."""
    return canonical({"what": CurbKind.LIFT, "of": number, "reason": reason, "by": by, "at": at})


def cap_line(cluster: str, volume_cap_db: float, reason: str, by: str, at: datetime) -> str:
    """A cap as a line."""
    told = {"cluster": cluster, "volume_cap_db": volume_cap_db, "reason": reason, "by": by, "at": at}
    return canonical({"what": CurbKind.CAP, **told})


def curbs_from(lines: Iterable[str]) -> Curbs:
    """The decisions from their lines.

    Raises:
        ValueError: for a line that is none, with its number as the only argument.
    """
    mutes: dict[int, MuteOrder] = {}
    caps: list[CapOrder] = []
    count = 0
    for number, line in enumerate(lines, 1):
        count = number
        try:
            data = json.loads(line)
            kind, by, at = CurbKind(data["what"]), str(data["by"]), as_utc(datetime.fromisoformat(data["at"]))
            if kind is CurbKind.MUTE:
                mutes[number] = MuteOrder(number, _mute(data), by, at)
            elif kind is CurbKind.LIFT:
                order = mutes[data["of"]]
                mutes[order.number] = replace(order, lifted_by=by, lifted_at=at, lifted_why=str(data["reason"]))
            else:
                caps.append(CapOrder(number, str(data["cluster"]), _cap(data), str(data["reason"]), by, at))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(number) from error
    return Curbs(tuple(mutes.values()), tuple(caps), count)


def _mute(data: Mapping[str, Any]) -> Mute:
    return Mute(
        frozenset(str(one) for one in data["clusters"]),
        date.fromisoformat(data["first"]),
        date.fromisoformat(data["last"]),
        time.fromisoformat(data["start"]),
        time.fromisoformat(data["end"]),
        str(data["reason"]),
    )


def _cap(data: Mapping[str, Any]) -> float:
    value = data["volume_cap_db"]
    if type(value) not in {int, float} or not LOUDEST_CAP_DB <= value <= 0:
        msg = f"volume cap {value!r}"
        raise ValueError(msg)
    return float(value)


def curbed(station: Station, curbs: Curbs) -> Station:
    """A station with its file's limits and those that were given since; a cap given later stands for the file's."""
    if not curbs.count:
        return station
    mutes = [mute for order in curbs.mutes for mute in order.mutes(station.timezone)]
    caps = {order.cluster: order.volume_cap_db for order in curbs.caps}
    clusters = tuple(replace(one, volume_cap_db=caps.get(one.code, one.volume_cap_db)) for one in station.clusters)
    return replace(station, mutes=(*station.mutes, *mutes), clusters=clusters)
