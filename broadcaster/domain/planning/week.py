"""From the station and its approved bulletins to the planner's instance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from broadcaster.domain.bulletin import Bulletin, Priority
from broadcaster.domain.planning.candidate import Candidate
from broadcaster.domain.planning.heard import NOTHING_KNOWN, Heard
from broadcaster.domain.planning.instance import BulletinSpec, Instance, QuotaSpec, SessionSpec, ZoneSpec
from broadcaster.domain.planning.plan import Shortfall, Slot
from broadcaster.domain.planning.rules.mourning import unfit
from broadcaster.domain.planning.rules.spacing import between
from broadcaster.domain.planning.rules.stale import stale_since
from broadcaster.domain.planning.runs import run_demand
from broadcaster.domain.planning.shape import (
    MUST_PENALTY,
    OTHER,
    REPEAT_BONUS,
    TARGET,
    max_items,
    people,
    quota,
    value_of,
    window,
)
from broadcaster.domain.station import Session, Station, Zone, week_days
from broadcaster.domain.taxonomy import Taxonomy
from broadcaster.units import SECOND, Milliseconds, Sha256, digest


@dataclass(frozen=True, slots=True)
class Week:
    """The week as the planner sees it: dates and sessions by index, air zones by index, the instance itself.

    `inputs` stands for everything that decides the plan, before any session has begun; `kept` are the slots of sessions
    that have, as the plan before had them. `reached[z]` are the sessions that some cluster of zone z hears.
    """

    station: Station
    monday: date
    sessions: tuple[tuple[date, Session], ...]
    zones: tuple[Zone, ...]
    reached: tuple[frozenset[int], ...]
    candidates: tuple[Candidate, ...]
    shortfalls: tuple[Shortfall, ...]
    instance: Instance
    inputs: Sha256
    earlier: tuple[Slot, ...] = ()
    heard: Heard = NOTHING_KNOWN
    kept: tuple[Slot, ...] = ()

    @property
    def sunday(self) -> date:
        """The week's last day."""
        return self.monday + timedelta(days=6)

    def slot(self, b: int, s: int) -> Slot:
        """The airing of candidate b in session s; zones in which nothing sounds are left out."""
        day, session = self.sessions[s]
        candidate = self.candidates[b]
        zones = tuple(sorted(self.zones[z].code for z in self.instance.bulletins[b].zones if s in self.reached[z]))
        return Slot(day, session.code, candidate.bulletin.code, zones, candidate.master, candidate.duration_ms)


def build_week(
    station: Station,
    monday: date,
    bulletins: Sequence[Bulletin],
    ready: Mapping[str, Candidate],
    reasons: Mapping[str, str],
    room: Callable[[date, Session], Milliseconds],
    item_gap: Milliseconds,
    taxonomy: Taxonomy,
    earlier: tuple[Slot, ...] = (),
    heard: Heard = NOTHING_KNOWN,
) -> Week:
    """The week to plan.

    Args:
        station: sessions, zones, targets, special days.
        monday: the week's first day.
        bulletins: every bulletin that the station knows.
        ready: those that may be aired, by code.
        reasons: why another one may not, by code.
        room: what relay, signature and station words leave of a session of a date.
        item_gap: silence after each item.
        taxonomy: the target and focus groups.
        earlier: the airings of the weeks before.
        heard: what the ledger says of them.
    """
    days = week_days(monday)
    sessions = tuple((day, session) for day in days for session in station.sessions_on(day))
    # A part of the network that was merged away takes no place in the plan, and must not hold back what is for
    # everyone.
    zones = tuple(z for z in station.air_zones() if any(z.clusters & station.alive_on(day) for day in days))
    reached = tuple(
        frozenset(n for n, (day, session) in enumerate(sessions) if station.reached(zone, day, session))
        for zone in zones
    )
    candidates: list[Candidate] = []
    shortfalls: list[Shortfall] = []
    for bulletin in sorted(bulletins, key=lambda b: b.code):
        why = refused(bulletin, station, zones, sessions, ready, reasons, monday)
        if why is not None:
            shortfalls.append(why)
        elif bulletin.code in ready:
            candidates.append(ready[bulletin.code])

    def capacity(zone: Zone, day: date, session: Session) -> int:
        # On a day on which none of its clusters can sound a zone holds nothing back; it gets no rundown either.
        return room(day, session) // SECOND if zone.clusters <= station.clusters_of(session.zones) else 0

    mean = sum(people(station, zone) for zone in zones) / max(1, len(zones))
    week = Week(
        station=station,
        monday=monday,
        sessions=sessions,
        zones=zones,
        reached=reached,
        candidates=tuple(candidates),
        shortfalls=tuple(shortfalls),
        instance=Instance(
            sessions=tuple(SessionSpec(session.appeal, day.toordinal()) for day, session in sessions),
            zones=tuple(
                ZoneSpec(
                    round(people(station, zone) / mean, 6),
                    tuple(capacity(zone, day, session) for day, session in sessions),
                )
                for zone in zones
            ),
            bulletins=(),
            max_items=1,
            quota=QuotaSpec(TARGET, quota(candidates, zones, station, taxonomy, station.target.target_share)),
            repeat_bonus=REPEAT_BONUS,
            must_penalty=MUST_PENALTY,
        ),
        inputs=Sha256(""),
        earlier=earlier,
        heard=heard,
    )
    specs = tuple(_spec(week, candidate, item_gap, taxonomy) for candidate in candidates)
    most = max_items(specs, len(zones), len(sessions))
    instance = replace(week.instance, bulletins=specs, max_items=most)
    masters = [(c.bulletin.code, c.bulletin.text_hash, c.master) for c in candidates]
    times = [(day, s.code, s.start, s.cap, s.relays, s.zones) for day, s in sessions]
    parts = [(zone.code, zone.clusters) for zone in zones]
    return replace(
        week, instance=instance, inputs=digest("week", monday, instance, masters, times, parts, station.goals)
    )


def refused(
    bulletin: Bulletin,
    station: Station,
    zones: Sequence[Zone],
    sessions: Sequence[tuple[date, Session]],
    ready: Mapping[str, Candidate],
    reasons: Mapping[str, str],
    monday: date,
) -> Shortfall | None:
    """Why a bulletin takes no part in the week at all; None when it does, or is unknown to both lists."""
    code = bulletin.code
    gone = [zone for zone in bulletin.zones if zone not in station.zone_by_code]
    there = station.clusters_of(bulletin.zones)
    if gone:
        return Shortfall(code, "plan.zone_unknown", {"zones": ", ".join(gone)})
    if not any(zone.clusters <= there for zone in zones):
        return Shortfall(code, "plan.no_cluster", {"zones": ", ".join(bulletin.zones)})
    if bulletin.priority is Priority.KHAN_CAP:
        return Shortfall(code, "plan.emergency")
    if code in reasons:
        return Shortfall(code, reasons[code])
    span = window(bulletin, sessions)
    if span is None:
        late = bulletin.valid_to < monday
        facts = {"from": bulletin.valid_from.isoformat(), "to": bulletin.valid_to.isoformat()}
        return Shortfall(code, "plan.expired" if late else "plan.not_yet", facts)
    if code in ready:
        change = stale_since(station.changes, bulletin, ready[code].approved_on)
        if change is not None and sessions[span[0]][0] >= change.since:
            facts = {"what": change.what, "since": change.since.isoformat(), "source": change.source or "–"}
            return Shortfall(code, "plan.ceased" if change.ended else "plan.stale", facts)
    return None


def closed_to(week: Week, candidate: Candidate, zones: Sequence[int]) -> dict[int, str]:
    """Sessions in which a bulletin may not be, and why: nobody hears it, it has changed, or the country mourns."""
    station = week.station
    change = stale_since(station.changes, candidate.bulletin, candidate.approved_on)
    closed = {}
    for n, (day, _) in enumerate(week.sessions):
        if not any(n in week.reached[z] for z in zones):
            closed[n] = "opening.unheard"
        elif change is not None and day >= change.since:
            closed[n] = "opening.changed"
        elif unfit(candidate) and station.mourning_on(day):
            closed[n] = "opening.mourning"
    return closed


def _spec(week: Week, candidate: Candidate, item_gap: Milliseconds, taxonomy: Taxonomy) -> BulletinSpec:
    station, bulletin = week.station, candidate.bulletin
    meant = station.clusters_of(bulletin.zones)
    zones = tuple(n for n, zone in enumerate(week.zones) if zone.clusters <= meant)
    first, last = window(bulletin, week.sessions) or (0, 0)
    closed = set(closed_to(week, candidate, zones))
    demand = run_demand(bulletin, week.earlier, week.heard, station, days_ahead(week, first, last, closed), week.sunday)
    closed |= half_heard(week, bulletin, week.earlier, demand.clusters, range(first, last + 1), closed)
    return BulletinSpec(
        zones=zones,
        duration=-(-(candidate.duration_ms + item_gap) // SECOND),
        value=value_of(bulletin, taxonomy, station.goals),
        first=first,
        last=last,
        repeats=max(bulletin.airings_wanted, demand.airings),
        gap=between(bulletin, [(day, session.code) for day, session in week.sessions]),
        topic=TARGET if bulletin.topic in taxonomy.target_group else OTHER,
        must=demand.days > 0 or bulletin.priority is not Priority.THONG_THUONG,
        consecutive_days=demand.days,
        excluded=tuple(sorted(n for n in closed if first <= n <= last)),
        aired_days=tuple(day.toordinal() for day in demand.aired),
    )


def days_ahead(week: Week, first: int, last: int, closed: set[int]) -> set[date]:
    """The dates of the sessions that a bulletin may have."""
    return {week.sessions[n][0] for n in range(first, last + 1) if n not in closed}


def half_heard(
    week: Week, bulletin: Bulletin, past: Sequence[Slot], waiting: frozenset[str], span: range, closed: set[int]
) -> set[int]:
    """Sessions that some cluster would miss whose run of days is not done, to be left out if the run fits without them.

    A mute breaks a cluster's run as an outage does (R01 is owed to every village).
    """
    missed = {
        n
        for n in span
        if n not in closed
        for day, session in [week.sessions[n]]
        if waiting & week.station.alive_on(day) & week.station.muted_on(day, session.start, session.end)
    }
    if not missed:
        return missed
    whole = run_demand(
        bulletin,
        past,
        week.heard,
        week.station,
        days_ahead(week, span.start, span.stop - 1, closed | missed),
        week.sunday,
    )
    left = {week.sessions[n][0].toordinal() for n in span if n not in closed | missed}
    aired = {day.toordinal() for day in whole.aired}
    fits = any(left.union(aired).issuperset(range(start, start + whole.days)) for start in left | aired)
    return missed if fits else set()
