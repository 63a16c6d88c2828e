"""From the station and its approved bulletins to the planner's instance, and from its solution to a plan."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

from broadcaster.domain.bulletin import Bulletin, Kind, Priority
from broadcaster.domain.planning.instance import (
    BulletinSpec,
    Instance,
    QuotaSpec,
    SessionSpec,
    Solution,
    ZoneSpec,
)
from broadcaster.domain.planning.plan import Plan, Shortfall, Slot, longest_run
from broadcaster.domain.station import Session, Station, Zone, week_days
from broadcaster.domain.taxonomy import Taxonomy
from broadcaster.units import SECOND, Milliseconds, Sha256, digest

TARGET, OTHER = 0, 1
"""The instance's two topics: the target group of clause IV.3, and everything else."""

MAX_ITEMS = 14
"""Bulletins a session at most: a listener keeps no more."""

CROWDING = 1.1
"""No session has more than this many times its share of bulletins: mornings, which count more, would take all."""

REPEAT_BONUS = (3.0, 1.6, 0.8, 0.4, 0.2, 0.1, 0.05)
"""What the n-th airing of a bulletin adds: the first matters most."""

MUST_PENALTY = 20.0

SESSIONS_BETWEEN = {Kind.TIN: 0, Kind.THONG_BAO: 0, Kind.BAI: 2, Kind.HOI_DAP: 2}
"""Sessions between two airings of a piece at least (R19: news again in the other session, features every other day)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A bulletin that may be aired: approved, with its master."""

    bulletin: Bulletin
    master: Sha256
    duration_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class Week:
    """The week as the planner sees it: dates and sessions by index, air zones by index, the instance itself.

    `inputs` stands for everything that decides the plan, before any session has begun; `kept` are the slots of sessions
    that have, as the plan before had them.
    """

    monday: date
    sessions: tuple[tuple[date, Session], ...]
    zones: tuple[Zone, ...]
    candidates: tuple[Candidate, ...]
    shortfalls: tuple[Shortfall, ...]
    instance: Instance
    inputs: Sha256
    kept: tuple[Slot, ...] = ()


def value_of(bulletin: Bulletin, taxonomy: Taxonomy) -> int:
    """How much an airing is worth, before the people reached: priority, then the focus of clause IV.3."""
    if bulletin.priority is Priority.KHAN_CAP:
        return 10
    if bulletin.priority is Priority.UU_TIEN:
        return 8
    if bulletin.topic in taxonomy.focus_group:
        return 5
    return 3 if bulletin.topic in taxonomy.target_group else 2


def clashes(candidates: Sequence[Candidate], station: Station, precedence: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of `uu_tien` bulletins that wait for the same cluster in the same days, and no person said who is first.

    TT 39/2020/TT-BTTTT: the commune's user decides the order, the machine does not.
    """
    urgent = [c.bulletin for c in candidates if c.bulletin.priority is Priority.UU_TIEN]
    open_pairs = []
    for one, other in combinations(urgent, 2):
        decided = one.code in precedence and other.code in precedence
        overlap = one.valid_from <= other.valid_to and other.valid_from <= one.valid_to
        together = station.clusters_of(one.zones) & station.clusters_of(other.zones)
        if overlap and together and not decided:
            open_pairs.append((one.code, other.code))
    return open_pairs


def _window(bulletin: Bulletin, sessions: Sequence[tuple[date, Session]]) -> tuple[int, int] | None:
    inside = [n for n, (day, _) in enumerate(sessions) if bulletin.valid_from <= day <= bulletin.valid_to]
    return (inside[0], inside[-1]) if inside else None


def _quota(
    candidates: Sequence[Candidate], zones: Sequence[Zone], station: Station, taxonomy: Taxonomy, share: float
) -> float:
    """The share to demand; 0 where some zone has bulletins but none of the target group, so no plan could keep it."""
    for zone in zones:
        here = [c for c in candidates if zone.clusters <= station.clusters_of(c.bulletin.zones)]
        if here and not any(c.bulletin.topic in taxonomy.target_group for c in here):
            return 0.0
    return share


def _gap(bulletin: Bulletin, station: Station) -> int:
    """Sessions between two airings; a piece that must be heard day after day may be, whatever its kind."""
    between = SESSIONS_BETWEEN[bulletin.kind]
    a_day = max(1, len(station.sessions))
    return min(between, a_day - 1) if bulletin.min_consecutive_days else between


def _max_items(
    candidates: Sequence[Candidate], windows: Sequence[tuple[int, int]], zones: Sequence[Zone], station: Station
) -> int:
    """Bulletins a session at most, so that the airings of each are spread over the sessions it may have."""

    def load(zone: Zone, session: int) -> float:
        here = zip(candidates, windows, strict=True)
        return sum(
            c.bulletin.airings_wanted / (last - first + 1)
            for c, (first, last) in here
            if first <= session <= last and zone.clusters <= station.clusters_of(c.bulletin.zones)
        )

    sessions = range(max((last for _, last in windows), default=-1) + 1)
    busiest = max((load(zone, session) for zone in zones for session in sessions), default=0.0)
    return min(MAX_ITEMS, max(1, math.ceil(CROWDING * busiest)))


def build_week(
    station: Station,
    monday: date,
    bulletins: Sequence[Bulletin],
    ready: Mapping[str, Candidate],
    reasons: Mapping[str, str],
    free_ms: Mapping[str, Milliseconds],
    item_gap: Milliseconds,
    taxonomy: Taxonomy,
) -> Week:
    """The week to plan.

    Args:
        station: sessions, zones, targets.
        monday: the week's first day.
        bulletins: every bulletin that the station knows.
        ready: those that may be aired, by code.
        reasons: why another one may not, by code.
        free_ms: by session code, what relay, signature and station words leave of it.
        item_gap: silence after each item.
        taxonomy: the target and focus groups.
    """
    days = week_days(monday)
    sessions = tuple((day, session) for day in days for session in station.sessions_on(day))
    # A part of the network that was merged away takes no place in the plan, and must not hold back what is for
    # everyone.
    zones = tuple(z for z in station.air_zones() if any(z.clusters & station.alive_on(day) for day in days))
    candidates: list[Candidate] = []
    windows: list[tuple[int, int]] = []
    shortfalls: list[Shortfall] = []
    for bulletin in sorted(bulletins, key=lambda b: b.code):
        window = _window(bulletin, sessions)
        gone = [code for code in bulletin.zones if code not in station.zone_by_code]
        there = station.clusters_of(bulletin.zones)
        if gone:
            shortfalls.append(Shortfall(bulletin.code, "plan.zone_unknown", {"zones": ", ".join(gone)}))
        elif not any(zone.clusters <= there for zone in zones):
            shortfalls.append(Shortfall(bulletin.code, "plan.no_cluster", {"zones": ", ".join(bulletin.zones)}))
        elif bulletin.code in reasons:
            shortfalls.append(Shortfall(bulletin.code, reasons[bulletin.code]))
        elif window is None:
            late = bulletin.valid_to < monday
            facts = {"from": bulletin.valid_from.isoformat(), "to": bulletin.valid_to.isoformat()}
            shortfalls.append(Shortfall(bulletin.code, "plan.expired" if late else "plan.not_yet", facts))
        elif bulletin.code in ready:
            candidates.append(ready[bulletin.code])
            windows.append(window)

    def capacity(zone: Zone, session: Session) -> int:
        # On a day on which none of its clusters exists a zone holds nothing back; it gets no rundown either.
        return free_ms[session.code] // SECOND if zone.clusters <= station.clusters_of(session.zones) else 0

    def people(zone: Zone) -> float:
        total = 0.0
        for code in zone.clusters:
            thon = station.cluster_by_code[code].thon
            siblings = sum(cluster.thon == thon for cluster in station.clusters)
            total += max(1, station.thon_by_code[thon].households) / siblings
        return total

    mean = sum(people(zone) for zone in zones) / max(1, len(zones))
    instance = Instance(
        sessions=tuple(SessionSpec(session.appeal, day.toordinal()) for day, session in sessions),
        zones=tuple(
            ZoneSpec(round(people(z) / mean, 6), tuple(capacity(z, session) for _, session in sessions)) for z in zones
        ),
        bulletins=tuple(
            BulletinSpec(
                zones=tuple(n for n, z in enumerate(zones) if z.clusters <= station.clusters_of(c.bulletin.zones)),
                duration=-(-(c.duration_ms + item_gap) // SECOND),
                value=value_of(c.bulletin, taxonomy),
                first=first,
                last=last,
                repeats=max(c.bulletin.airings_wanted, c.bulletin.min_consecutive_days),
                gap=_gap(c.bulletin, station),
                topic=TARGET if c.bulletin.topic in taxonomy.target_group else OTHER,
                must=c.bulletin.min_consecutive_days > 0 or c.bulletin.priority is not Priority.THONG_THUONG,
                consecutive_days=c.bulletin.min_consecutive_days,
            )
            for c, (first, last) in zip(candidates, windows, strict=True)
        ),
        max_items=_max_items(candidates, windows, zones, station),
        quota=QuotaSpec(TARGET, _quota(candidates, zones, station, taxonomy, station.target.target_share)),
        repeat_bonus=REPEAT_BONUS,
        must_penalty=MUST_PENALTY,
    )
    masters = [(c.bulletin.code, c.bulletin.text_hash, c.master) for c in candidates]
    times = [(day, s.code, s.start, s.cap, s.relays, s.zones) for day, s in sessions]
    inputs = digest("week", monday, instance, masters, times, [(zone.code, zone.clusters) for zone in zones])
    return Week(monday, sessions, zones, tuple(candidates), tuple(shortfalls), instance, inputs)


def keep_begun(week: Week, before: Plan | None, begun: Collection[tuple[date, str]]) -> Week:
    """The rest of the week to plan: what has begun stays as the plan before had it, to the letter.

    The solver sees the open sessions only, and of each bulletin what is left of its airings.

    Args:
        week: the week to plan anew.
        before: the plan in force; None when the week has none, so that nothing was aired by plan.
        begun: sessions that have begun, as (date, session code).
    """
    kept = tuple(slot for slot in (before.slots if before else ()) if (slot.day, slot.session) in begun)
    if not begun:
        return week
    index = {(day, session.code): n for n, (day, session) in enumerate(week.sessions)}
    gone = {index[place] for place in begun if place in index}
    everything = range(len(week.sessions))
    specs = []
    for candidate, spec in zip(week.candidates, week.instance.bulletins, strict=True):
        aired = [slot for slot in kept if slot.bulletin == candidate.bulletin.code]
        places = [index[slot.day, slot.session] for slot in aired if (slot.day, slot.session) in index]
        near = {n for n in everything if any(abs(n - place) <= spec.gap for place in places)}
        left = spec.repeats - len(aired)
        proved = longest_run({slot.day for slot in aired}) >= spec.consecutive_days
        specs.append(
            replace(
                spec,
                excluded=tuple(sorted(gone | near if left > 0 else everything)),
                repeats=max(1, left),
                must=spec.must and not aired,
                consecutive_days=0 if proved else spec.consecutive_days,
            )
        )
    instance = replace(week.instance, bulletins=tuple(specs), max_items=_room_for_the_rest(week.instance, specs))
    return replace(week, instance=instance, kept=kept)


def _room_for_the_rest(instance: Instance, specs: Sequence[BulletinSpec]) -> int:
    """Bulletins a session at most when what is left has fewer sessions to go into; never less than before."""

    def load(zone: int, session: int) -> float:
        total = 0.0
        for spec in specs:
            places = [n for n in range(spec.first, spec.last + 1) if n not in spec.excluded]
            if zone in spec.zones and session in places:
                total += spec.repeats / len(places)
        return total

    sessions, zones = range(len(instance.sessions)), range(len(instance.zones))
    busiest = max((load(zone, session) for zone in zones for session in sessions), default=0.0)
    return min(MAX_ITEMS, max(instance.max_items, math.ceil(CROWDING * busiest)))


def plan_from(
    week: Week, solution: Solution, station: Station, number: int, reason: str, precedence: Sequence[str]
) -> Plan:
    """The plan that a solution means, with every bulletin that got less than it asked for."""
    slots = list(week.kept)
    shortfalls = list(week.shortfalls)
    for index, candidate in enumerate(week.candidates):
        spec, bulletin = week.instance.bulletins[index], candidate.bulletin
        zones = tuple(sorted(week.zones[z].code for z in spec.zones))
        slots += [
            Slot(day, session.code, bulletin.code, zones, candidate.master, candidate.duration_ms)
            for day, session in (week.sessions[s] for b, s in solution.airings if b == index)
        ]
        mine = [slot for slot in slots if slot.bulletin == bulletin.code]
        facts = {"wanted": bulletin.airings_wanted, "given": len(mine)}
        if not mine:
            longest = max(
                (min(week.instance.zones[z].capacity[s] for z in spec.zones) for s in range(spec.first, spec.last + 1)),
                default=0,
            )
            code = "plan.too_long" if spec.duration > longest else "plan.no_room"
            shortfalls.append(Shortfall(bulletin.code, code, {**facts, "seconds": spec.duration, "room": longest}))
        elif longest_run({slot.day for slot in mine}) < bulletin.min_consecutive_days:
            days = {"days": bulletin.min_consecutive_days}
            shortfalls.append(Shortfall(bulletin.code, "plan.short_run", {**facts, **days}))
        elif len(mine) < bulletin.airings_wanted:
            shortfalls.append(Shortfall(bulletin.code, "plan.fewer", facts))
    return Plan(
        station=station.code,
        week=week.monday,
        number=number,
        slots=tuple(sorted(slots)),
        shortfalls=tuple(sorted(shortfalls, key=lambda s: (s.bulletin, s.code))),
        value=round(solution.value, 6),
        bound=round(solution.bound, 6),
        inputs=week.inputs,
        reason=reason,
        precedence=tuple(precedence),
    )
