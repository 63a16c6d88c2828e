"""What a cluster may never do, whatever a rundown says: sound in the quiet hours or while mute, or above its cap.

A node has its own limits beside its rundowns and keeps them by itself; only an emergency goes past them.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from broadcaster.domain.asrun import Cause
from broadcaster.domain.days import LAST_MINUTE, Mute
from broadcaster.domain.station import LOUDEST_CAP_DB, PATIENT, QuietHours, Station
from broadcaster.units import Milliseconds

USUAL = QuietHours()
_MEMBERS = {"timezone", "quiet", "mutes", "volume_cap_db"}
_LATER = {"longest_wait_ms"}
"""What a station of before does not say."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one cluster.

    `volume_cap_db` is 0 or below: how much softer than its master everything sounds. `longest_wait` is how late an item
    may begin that waits for what runs over its time; one that would be later is joined where it would be by then.
    """

    timezone: str = "Asia/Ho_Chi_Minh"
    quiet: QuietHours = USUAL
    mutes: tuple[Mute, ...] = ()
    volume_cap_db: float = 0.0
    longest_wait: Milliseconds = PATIENT

    def hush(self, first: datetime, last: datetime) -> Cause | None:
        """Why nothing may sound between two instants; None when it may."""
        zone = ZoneInfo(self.timezone)
        begins, ends = first.astimezone(zone), last.astimezone(zone)
        quiet, days = self.quiet, (begins.date(), ends.date())
        nights = [datetime.combine(day, quiet.start, zone) for day in days] if quiet.start != quiet.end else []
        if quiet.covers(begins.time()) or any(begins <= night < ends for night in nights):
            return Cause.QUIET_HOURS
        if days[0] == days[1]:
            spans = [(days[0], begins.time(), ends.time())]
        else:
            spans = [(days[0], begins.time(), LAST_MINUTE), (days[1], time.min, ends.time())]
        return Cause.MUTED if any(mute.touches(*span) for mute in self.mutes for span in spans) else None


def limits_of(station: Station, cluster: str) -> Limits:
    """The limits that a station sets for a cluster; those of every cluster for one that it does not know."""
    known = station.cluster_by_code.get(cluster)
    mutes = tuple(mute for mute in station.mutes if cluster in mute.clusters)
    cap = known.volume_cap_db if known else 0.0
    return Limits(station.timezone, station.quiet, mutes, cap, station.longest_wait)


def limits_text(limits: Limits) -> str:
    """Limits as a node receives them."""
    quiet = limits.quiet
    return json.dumps(
        {
            "timezone": limits.timezone,
            "quiet": [_clock(quiet.start), _clock(quiet.end)],
            "mutes": [[str(mute.first), str(mute.last), _clock(mute.start), _clock(mute.end)] for mute in limits.mutes],
            "volume_cap_db": limits.volume_cap_db,
            "longest_wait_ms": limits.longest_wait,
        },
        sort_keys=True,
    )


def limits_from(text: str) -> Limits:
    """Limits from their text.

    Raises:
        ValueError: for what is none: a missing or strange member, an unknown time zone, a cap above 0, a wait of days.
    """
    data = json.loads(text)
    if not isinstance(data, dict) or set(data) | _LATER != _MEMBERS | _LATER:
        msg = "members of limits"
        raise ValueError(msg)
    cap, wait = data["volume_cap_db"], data.get("longest_wait_ms", PATIENT)
    if type(wait) is not int or not 0 <= wait <= PATIENT:
        msg = f"longest wait {wait!r}"
        raise ValueError(msg)
    if type(cap) not in {int, float} or not LOUDEST_CAP_DB <= cap <= 0:
        msg = f"volume cap {cap!r}"
        raise ValueError(msg)
    try:
        zone = ZoneInfo(data["timezone"]).key
        start, end = (time.fromisoformat(text) for text in data["quiet"])
        mutes = tuple(
            Mute(
                frozenset(),
                date.fromisoformat(first),
                date.fromisoformat(last),
                time.fromisoformat(begins),
                time.fromisoformat(ends),
            )
            for first, last, begins, ends in data["mutes"]
        )
    except (TypeError, KeyError, OSError) as error:
        msg = f"limits: {error}"
        raise ValueError(msg) from error
    return Limits(zone, QuietHours(start, end), mutes, float(cap), Milliseconds(wait))


def _clock(moment: time) -> str:
    return moment.isoformat("microseconds" if moment.microsecond else "minutes")
