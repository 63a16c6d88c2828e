"""The station: province, commune, thôn, cluster; zones; sessions with their caps; people.

Versioned in time by validity dates.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import combinations
from zoneinfo import ZoneInfo

from broadcaster.domain.changes import Change
from broadcaster.domain.days import LAST_MINUTE, Move, Mute, SpecialDay
from broadcaster.domain.finish import UNTOUCHED, Finish
from broadcaster.domain.goals import USUAL_GOALS, Goals
from broadcaster.domain.holidays import holiday
from broadcaster.domain.letterhead import NO_LETTERHEAD, Letterhead
from broadcaster.errors import Finding, Severity
from broadcaster.units import MINUTE, SECOND, Milliseconds, Sha256, digest

WHOLE_COMMUNE = "toan_xa"
"""The zone that every station has: all its clusters."""

ALL_WEEKDAYS = (0, 1, 2, 3, 4, 5, 6)


class Role(StrEnum):
    """What a person may do. An administrator of the system is none of these."""

    AUTHOR = "tac_gia"
    APPROVER = "lanh_dao_duyet"
    OPERATOR = "van_hanh"
    AUDITOR = "kiem_toan"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who acts in the product, by a short code."""

    code: str
    name: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Thon:
    """A village of the commune. From the day after `valid_to` on it is part of `merged_into`, or bears that name."""

    code: str
    name: str
    households: int = 0
    valid_from: date = date.min
    valid_to: date = date.max
    merged_into: str = ""


LOUDEST_CAP_DB = -40.0
"""The strictest volume cap: softer than this nobody hears anything."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands, in degrees (WGS 84)."""

    latitude: float
    longitude: float


SOUTH, NORTH, WEST, EAST = 6.0, 24.0, 102.0, 118.0
"""Việt Nam with its islands: what lies outside is a slip, such as the two numbers exchanged."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Loudspeakers on one player (cụm loa).

    `special` names a hospital, school or pagoda nearby, empty if there is none. `volume_cap_db` is 0 or below: how much
    softer than its master everything but an emergency sounds there.
    """

    code: str
    name: str
    thon: str
    special: str = ""
    valid_from: date = date.min
    valid_to: date = date.max
    volume_cap_db: float = 0.0
    spot: Spot | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """A named set of clusters that a bulletin may be addressed to."""

    code: str
    name: str
    clusters: frozenset[str]


@dataclass(frozen=True, slots=True)
class Relay:
    """An immovable block in which another station is relayed. `offset` counts from the start of the session."""

    source: str
    offset: Milliseconds
    duration: Milliseconds


@dataclass(frozen=True, slots=True)
class Session:
    """A daily window in which zones are on air. `cap` is its whole length: relay and signature are inside it.

    Without `holidays` it is left out on public holidays; with `special_only` it is on air on the special days that name
    it, and on no other.
    """

    code: str
    name: str
    start: time
    cap: Milliseconds
    weekdays: tuple[int, ...] = ALL_WEEKDAYS
    zones: frozenset[str] = frozenset({WHOLE_COMMUNE})
    relays: tuple[Relay, ...] = ()
    appeal: float = 1.0
    holidays: bool = True
    special_only: bool = False

    @property
    def end(self) -> time:
        """When it is over; the last minute of the day at the latest."""
        return _at(minute_of_day(self.start) * MINUTE + self.cap)


@dataclass(frozen=True, slots=True)
class Preset:
    """What a province or city allows.

    Sources: R11 to R13 of the rules; all of it can be overridden in the station file.
    """

    code: str
    sessions_a_day: int
    cap: Milliseconds
    weekdays: tuple[int, ...]


PRESETS = {
    "ha_noi": Preset("ha_noi", 2, Milliseconds(45 * MINUTE), (0, 1, 2, 3, 4)),
    "vinh_phuc": Preset("vinh_phuc", 3, Milliseconds(45 * MINUTE), ALL_WEEKDAYS),
    "mac_dinh": Preset("mac_dinh", 2, Milliseconds(60 * MINUTE), ALL_WEEKDAYS),
}


@dataclass(frozen=True, slots=True)
class QuietHours:
    """The part of the day in which nothing but an emergency is aired, and the hour before which it counts as night."""

    start: time = time(21, 0)
    end: time = time(5, 0)
    night_until: time = time(6, 0)

    def covers(self, moment: time) -> bool:
        """True inside the quiet hours, which may run over midnight."""
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end

    def begins_after(self, moment: time) -> time:
        """The first instant of the quiet hours after a moment outside of them."""
        return self.start if moment < self.start and self.start != self.end else LAST_MINUTE


@dataclass(frozen=True, slots=True)
class Target:
    """What the station wants of its airtime, and the period against which growth is measured.

    `baseline_minutes_per_day` is the target group's aired minutes per broadcast day in the baseline; 0 when none was
    set.
    """

    growth: float = 0.0
    target_share: float = 0.0
    focus_share: float = 0.0
    baseline_minutes_per_day: float = 0.0
    baseline_source: str = ""


SYNTHETIC_NOTICE = "Bản tin được đọc bằng giọng đọc tổng hợp."
"""What is said where the station has no words of its own for it (NĐ 142/2026/NĐ-CP, article 18)."""


@dataclass(frozen=True, slots=True)
class SpokenParts:
    """What the station itself says: at the opening and the end of a session, and the notice of synthetic speech.

    An empty notice is not said, which `check_notice` objects to.
    """

    opening: str = ""
    closing: str = ""
    synthetic_notice: str = ""


PATIENT = Milliseconds(24 * 60 * 60 * 1000)
"""An item that runs late waits for its turn as long as the session lasts."""


@dataclass(frozen=True)
class Station:
    """A commune station as of one version of its file."""

    code: str
    name: str
    province: str
    commune: str
    timezone: str
    preset: Preset
    thons: tuple[Thon, ...]
    clusters: tuple[Cluster, ...]
    zones: tuple[Zone, ...]
    sessions: tuple[Session, ...]
    people: tuple[Person, ...]
    quiet: QuietHours = QuietHours()
    target: Target = Target()
    parts: SpokenParts = SpokenParts()
    engines: tuple[str, ...] = ("espeak",)
    finish: Finish = UNTOUCHED
    special_days: tuple[SpecialDay, ...] = ()
    mutes: tuple[Mute, ...] = ()
    longest_wait: Milliseconds = PATIENT
    changes: tuple[Change, ...] = ()
    goals: Goals = USUAL_GOALS
    letterhead: Letterhead = NO_LETTERHEAD

    @property
    def hash(self) -> Sha256:
        """Changes with anything in the file that decides what is aired where and when."""
        unplaced = tuple(replace(cluster, spot=None) for cluster in self.clusters)
        return digest("station", replace(self, letterhead=NO_LETTERHEAD, clusters=unplaced))

    @cached_property
    def zone_by_code(self) -> dict[str, Zone]:
        """Zones by code."""
        return {zone.code: zone for zone in self.zones}

    @cached_property
    def cluster_by_code(self) -> dict[str, Cluster]:
        """Clusters by code."""
        return {cluster.code: cluster for cluster in self.clusters}

    @cached_property
    def thon_by_code(self) -> dict[str, Thon]:
        """Thôn by code."""
        return {thon.code: thon for thon in self.thons}

    @cached_property
    def session_by_code(self) -> dict[str, Session]:
        """Sessions by code."""
        return {session.code: session for session in self.sessions}

    def person(self, code: str) -> Person | None:
        """The person of that code."""
        return next((person for person in self.people if person.code == code), None)

    def clusters_of(self, zones: Iterable[str]) -> frozenset[str]:
        """Every cluster in any of the zones; a zone that the station no longer has is empty."""
        known = (self.zone_by_code[code].clusters for code in zones if code in self.zone_by_code)
        return frozenset().union(*known)

    def alive_on(self, day: date) -> frozenset[str]:
        """The clusters that exist on a date."""
        return frozenset(c.code for c in self.clusters if c.valid_from <= day <= c.valid_to)

    def thon_on(self, cluster: Cluster, day: date) -> str:
        """The thôn in which a cluster stands on a day: the one it was put into, or what that has become by then."""
        return self._become(cluster.thon, lambda thon: day > thon.valid_to)

    def thon_today(self, code: str) -> str:
        """What has become of a thôn by all that the tree says."""
        return self._become(code, lambda _: True)

    def _become(self, code: str, over: Callable[[Thon], bool]) -> str:
        for _ in self.thons:  # no longer than the tree is deep, whatever it says
            thon = self.thon_by_code.get(code)
            if thon is None or not thon.merged_into or not over(thon):
                break
            code = thon.merged_into
        return code

    def places(self) -> tuple[tuple[str, date, date, str], ...]:
        """Cluster, first day, last day, thôn: the whole tree, without gaps in time."""
        found = []
        for cluster in self.clusters:
            marks = sorted({t.valid_to for t in self.thons if t.merged_into and t.valid_to < date.max} | {date.max})
            start = date.min
            for n, mark in enumerate(marks):
                thon = self.thon_on(cluster, mark)
                if n + 1 < len(marks) and self.thon_on(cluster, marks[n + 1]) == thon:
                    continue
                found.append((cluster.code, start, mark, thon))
                start = mark + timedelta(days=1) if mark < date.max else mark
        return tuple(found)

    def air_zones(self) -> tuple[Zone, ...]:
        """The coarsest partition of the clusters in which every bulletin and every session covers whole parts.

        Clusters that belong to the same zones always play the same programme, so the planner need not tell them apart.
        A part that equals a declared zone bears its code; another, the codes of its clusters after a plus sign each.
        """
        parts: dict[frozenset[str], list[str]] = {}
        for cluster in self.clusters:
            membership = frozenset(zone.code for zone in self.zones if cluster.code in zone.clusters)
            parts.setdefault(membership, []).append(cluster.code)
        named = {zone.clusters: zone for zone in reversed(self.zones)}
        found = []
        for members in parts.values():
            clusters = frozenset(members)
            zone = named.get(clusters)
            if zone is None:
                place = self.thon_by_code.get(self.cluster_by_code[members[0]].thon)
                label = ", ".join(self.cluster_by_code[code].name for code in members)
                # A plus sign even for one member: no declared zone can have such a code.
                zone = Zone("+".join(["", *members]), f"{place.name} ({label})" if place else label, clusters)
            found.append(zone)
        return tuple(found)

    def sessions_on(self, day: date) -> tuple[Session, ...]:
        """The sessions of a date as they may be on air, earliest first: special days heeded, quiet hours cut off."""
        on_air = [s for s in self.sessions if day.weekday() in s.weekdays and not s.special_only]
        if any(not s.holidays for s in on_air) and holiday(day):
            on_air = [s for s in on_air if s.holidays]
        for special in self.special_on(day):
            if special.sessions is not None:
                on_air = [s for s in self.sessions if s.code in special.sessions]
            on_air = [s for s in on_air if s.code not in special.without]
        for special in self.special_on(day):
            moves = {move.session: move for move in special.moves}
            on_air = [_moved(s, moves.get(s.code)) for s in on_air]
        open_ = (within(session, self.quiet) for session in on_air)
        return tuple(sorted((s for s in open_ if s is not None), key=lambda session: (session.start, session.code)))

    def special_on(self, day: date) -> tuple[SpecialDay, ...]:
        """The special days that a date is, in the order of the file; a later one has the last word."""
        return tuple(special for special in self.special_days if special.covers(day))

    def mourning_on(self, day: date) -> bool:
        """Whether a date is one of mourning: no music, no entertainment."""
        return any(special.mourning for special in self.special_on(day))

    def muted_on(self, day: date, start: time, end: time) -> frozenset[str]:
        """The clusters that are mute at some moment of a span of a date."""
        return frozenset().union(*(mute.clusters for mute in self.mutes if mute.touches(day, start, end)))

    def reached(self, zone: Zone, day: date, session: Session) -> frozenset[str]:
        """The clusters of a zone that hear a session of a date whole: there, and not mute."""
        if not zone.clusters <= self.clusters_of(session.zones):
            return frozenset()
        return zone.clusters & self.alive_on(day) - self.muted_on(day, session.start, session.end)

    def start_of(self, session: Session, day: date) -> datetime:
        """The instant at which a session begins on a date."""
        return datetime.combine(day, session.start, ZoneInfo(self.timezone)).astimezone(UTC)

    def midnight(self, day: date) -> datetime:
        """The instant at which a date begins."""
        return datetime.combine(day, time.min, ZoneInfo(self.timezone)).astimezone(UTC)

    def local(self, instant: datetime) -> datetime:
        """An instant in the station's own time zone."""
        return instant.astimezone(ZoneInfo(self.timezone))


def _at(since_midnight: int) -> time:
    """A moment of the day from milliseconds; what lies beyond midnight is the day's last moment."""
    seconds = since_midnight // SECOND
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60) if seconds < 24 * 3600 else LAST_MINUTE


def _moved(session: Session, move: Move | None) -> Session:
    """A session at another hour or of another length. What is relayed keeps its hour: it does not move with it."""
    if move is None:
        return session
    start, cap = move.start or session.start, move.cap or session.cap
    shift = (minute_of_day(start) - minute_of_day(session.start)) * MINUTE
    relays = []
    for relay in session.relays:
        first = max(0, relay.offset - shift)
        last = min(cap, relay.offset + relay.duration - shift)
        if last > first:
            relays.append(replace(relay, offset=Milliseconds(first), duration=Milliseconds(last - first)))
    return replace(session, start=start, cap=cap, relays=tuple(relays))


def within(session: Session, quiet: QuietHours) -> Session | None:
    """What of a session lies before the quiet hours; None where it would begin in them."""
    if quiet.covers(session.start):
        return None
    stop = quiet.begins_after(session.start)
    room = Milliseconds((minute_of_day(stop) - minute_of_day(session.start)) * MINUTE)
    if stop is LAST_MINUTE or session.cap <= room:
        return session
    relays = tuple(
        replace(relay, duration=Milliseconds(min(relay.duration, room - relay.offset)))
        for relay in session.relays
        if relay.offset < room
    )
    return replace(session, cap=room, relays=relays)


def week_start(day: date) -> date:
    """The Monday of a date's week."""
    return day - timedelta(days=day.weekday())


def week_days(monday: date) -> tuple[date, ...]:
    """The seven dates of a week: Sunday, the last one, included."""
    return tuple(monday + timedelta(days=offset) for offset in range(7))


def minute_of_day(moment: time) -> int:
    """Minutes since midnight."""
    return moment.hour * 60 + moment.minute


def _check_session(station: Station, session: Session) -> Iterator[Finding]:
    """What is wrong with one session by itself."""
    facts = {"session": session.name, "start": session.start.strftime("%H:%M")}
    first = minute_of_day(session.start)
    end = first + -(-session.cap // MINUTE)
    minutes = [time(minute // 60, minute % 60) for minute in range(first, min(end, 24 * 60))]
    if session.cap > station.preset.cap:
        cap = {"minutes": session.cap // MINUTE, "cap": station.preset.cap // MINUTE}
        yield Finding("station.cap", facts={**facts, **cap})
    if end > 24 * 60:
        yield Finding("station.midnight", Severity.ERROR, facts=facts)
    if any(station.quiet.covers(minute) for minute in minutes):
        yield Finding("station.quiet", Severity.ERROR, facts=facts)
    elif session.start < station.quiet.night_until:
        yield Finding("station.night", facts={**facts, "until": station.quiet.night_until.strftime("%H:%M")})
    ends = [Milliseconds(0), *(relay.offset + relay.duration for relay in session.relays)]
    for relay, before in zip(session.relays, ends, strict=False):
        if relay.offset + relay.duration > session.cap or relay.offset < before:
            yield Finding("station.relay", Severity.ERROR, facts={**facts, "source": relay.source})
    if beyond := sorted(set(session.weekdays) - set(station.preset.weekdays)):
        yield Finding("station.weekday", facts={**facts, "weekdays": beyond})


def _check_weekday(station: Station, weekday: int) -> Iterator[Finding]:
    """What is wrong with the sessions of one weekday beside each other."""
    usual = (s for s in station.sessions if weekday in s.weekdays and not s.special_only)
    sessions = sorted(usual, key=lambda session: session.start)
    for early, late in combinations(sessions, 2):
        together = station.clusters_of(early.zones) & station.clusters_of(late.zones)
        if together and minute_of_day(early.start) * MINUTE + early.cap > minute_of_day(late.start) * MINUTE:
            yield Finding("station.overlap", Severity.ERROR, facts={"session": early.name, "other": late.name})
    if len(sessions) > station.preset.sessions_a_day:
        facts = {"count": len(sessions), "cap": station.preset.sessions_a_day}
        yield Finding("station.sessions", facts=facts)


def _check_special(station: Station, special: SpecialDay) -> Iterator[Finding]:
    """What is wrong with the sessions of a special day."""
    for move in special.moves:
        yield from _check_session(station, _moved(station.session_by_code[move.session], move))


def check_notice(station: Station) -> tuple[Finding, ...]:
    """A warning where synthetic speech is not announced as such."""
    return () if station.parts.synthetic_notice else (Finding("station.no_notice"),)


def check_station(station: Station) -> tuple[Finding, ...]:
    """What an inspector would object to in the station's sessions.

    Rules of the chosen preset are warnings: only the commune knows what it was permitted.
    """
    findings = [finding for session in station.sessions for finding in _check_session(station, session)]
    findings += [finding for weekday in ALL_WEEKDAYS for finding in _check_weekday(station, weekday)]
    findings += [finding for special in station.special_days for finding in _check_special(station, special)]
    return tuple(finding for n, finding in enumerate(findings) if finding not in findings[:n])
