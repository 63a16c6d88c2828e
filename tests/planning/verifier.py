"""The hard rules once more, from the raw station and the finished rundowns: shares no code with the planner.

It imports values only, none of their methods that decide anything: sessions of a date, mutes, reach, runs, room and
working days are worked out here again, each in its own way.
"""

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.master import Master
from broadcaster.domain.rundown import Rundown, RundownItem
from broadcaster.domain.station import Session, Station

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
# Lunar New Year's days by the almanac, for the years in which the tests plan.
TET = {2024: date(2024, 2, 10), 2025: date(2025, 1, 29), 2026: date(2026, 2, 17), 2027: date(2027, 2, 6)}


def bulletins_in(rundown: Rundown) -> list[RundownItem]:
    return [item for item in rundown.items if item.kind.value == "ban_tin"]


def clusters_by_zone(station: Station) -> dict[str, set[str]]:
    """Air zones by their code: clusters that are in the very same declared zones."""
    groups: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for cluster in station.clusters:
        groups[tuple(sorted(z.code for z in station.zones if cluster.code in z.clusters))].add(cluster.code)
    named = {frozenset(z.clusters): z.code for z in reversed(station.zones)}
    order = [c.code for c in station.clusters]
    return {
        named.get(frozenset(group)) or "+" + "+".join(sorted(group, key=order.index)): group
        for group in groups.values()
    }


def special(station: Station, day: date) -> list[object]:
    found: list[object] = []
    for one in station.special_days:
        if one.tet is None:
            inside = one.first <= day <= one.last
        else:
            offsets = [(day - first).days for first in TET.values()]
            inside = any(one.tet[0] <= offset <= one.tet[1] for offset in offsets)
        if inside:
            found.append(one)
    return found


def expected_session(station: Station, day: date, code: str) -> tuple[datetime, datetime] | None:
    """When a session of a date begins and ends; None where the date has none of that code."""
    session: Session | None = next((s for s in station.sessions if s.code == code), None)
    if session is None:
        return None
    start, length = session.start, session.cap
    usual = not session.special_only and day.weekday() in session.weekdays
    for one in special(station, day):
        if one.sessions is not None:  # type: ignore[attr-defined]
            usual = code in one.sessions  # type: ignore[attr-defined]
        if code in one.without:  # type: ignore[attr-defined]
            usual = False
        for move in one.moves:  # type: ignore[attr-defined]
            if move.session == code:
                start, length = move.start or start, move.cap or length
    if not usual:
        return None
    first = datetime.combine(day, start, HANOI)
    return first, first + timedelta(milliseconds=length)


def in_quiet_hours(station: Station, moment: time) -> bool:
    start, end = station.quiet.start, station.quiet.end
    return (start <= moment < end) if start <= end else (moment >= start or moment < end)


def silent_clusters(station: Station, first: datetime, last: datetime) -> set[str]:
    found: set[str] = set()
    for mute in station.mutes:
        if mute.first <= first.date() <= mute.last and mute.start < last.time() and first.time() < mute.end:
            found |= mute.clusters
    return found


def faults(
    station: Station,
    rundowns: Sequence[Rundown],
    bulletins: Mapping[str, Bulletin],
    approved: Mapping[str, Master],
    precedence: Sequence[str],
    max_gap: Mapping[str, int],
    approved_on: Mapping[str, date] | None = None,
) -> list[str]:
    """Everything in a week's rundowns that no plan may have, in words.

    `max_gap[kind]` is the number of sessions between two airings of a piece at least.
    """
    out: list[str] = []
    zones = clusters_by_zone(station)
    places: dict[str, set[tuple[datetime, str]]] = defaultdict(set)
    for rundown in rundowns:
        name = f"{rundown.day} {rundown.session} {rundown.zone}"
        out += [f"{name}: {fault}" for fault in _session_faults(station, rundown, zones)]
        out += [f"{name}: {fault}" for fault in _item_faults(station, rundown, zones, bulletins, approved)]
        out += [f"{name}: {fault}" for fault in _order_faults(rundown, bulletins, precedence)]
        for item in bulletins_in(rundown):
            places[item.bulletin].add((rundown.start, rundown.session))
            for change in station.changes:
                text = " ; ".join((*bulletins[item.bulletin].procedures, *bulletins[item.bulletin].documents)).lower()
                late = (approved_on or {}).get(item.bulletin, date.min) < change.since or change.ended
                if change.what.lower() in text and rundown.day >= change.since and late:
                    out.append(f"{name}: {item.bulletin} is stale")
    days = sorted({rundown.day for rundown in rundowns})
    monday = days[0] - timedelta(days=days[0].weekday()) if days else date.min
    instants = sorted(
        (span[0], session.code)
        for n in range(7)
        for session in station.sessions
        if (span := expected_session(station, monday + timedelta(days=n), session.code))
        and not in_quiet_hours(station, span[0].time())
    )
    for code, aired in places.items():
        at = sorted(instants.index(place) for place in aired)
        least = max_gap[bulletins[code].kind.value] if not bulletins[code].min_consecutive_days else 0
        out += [f"{code}: too close" for one, other in itertools.pairwise(at) if other - one <= least]
    return out


def _session_faults(station: Station, rundown: Rundown, zones: Mapping[str, set[str]]) -> list[str]:
    out = []
    span = expected_session(station, rundown.day, rundown.session)
    if span is None:
        return ["no such session on that date"]
    if rundown.start != span[0] or rundown.end > span[1]:
        out.append("not at the session's hour")
    local = [(i.start.astimezone(HANOI), i.end.astimezone(HANOI)) for i in rundown.items]
    if any(
        in_quiet_hours(station, a.time()) or in_quiet_hours(station, (b - timedelta(seconds=1)).time())
        for a, b in local
    ):
        out.append("in the quiet hours")
    ends = rundown.start
    for item in rundown.items:
        if item.start < ends or item.end > rundown.end:
            out.append(f"{item.id} overlaps or leaves the session")
        ends = item.end
    mourning = any(one.mourning for one in special(station, rundown.day))  # type: ignore[attr-defined]
    if mourning and any(item.kind.value == "nhac_hieu" for item in rundown.items):
        out.append("signature on a day of mourning")
    alive = {c.code for c in station.clusters if c.valid_from <= rundown.day <= c.valid_to}
    if rundown.items and not (zones[rundown.zone] & alive) - silent_clusters(station, *span):
        out.append("plays where everything is mute")
    return out


def _item_faults(
    station: Station,
    rundown: Rundown,
    zones: Mapping[str, set[str]],
    bulletins: Mapping[str, Bulletin],
    approved: Mapping[str, Master],
) -> list[str]:
    out = []
    declared = {zone.code: zone.clusters for zone in station.zones}
    codes = [item.bulletin for item in bulletins_in(rundown)]
    if len(set(codes)) < len(codes):
        out.append("a bulletin twice")
    mourning = any(one.mourning for one in special(station, rundown.day))  # type: ignore[attr-defined]
    for item in bulletins_in(rundown):
        bulletin, master = bulletins[item.bulletin], approved.get(item.bulletin)
        if master is None or master.hash != item.master:
            out.append(f"{bulletin.code} not approved")
        elif item.duration_ms != master.duration_ms:
            out.append(f"{bulletin.code} not as long as its master")
        elif bulletin.read_twice and item.duration_ms < 2 * master.content_ms:
            out.append(f"{bulletin.code} read once")
        if not bulletin.valid_from <= rundown.day <= bulletin.valid_to:
            out.append(f"{bulletin.code} outside of its dates")
        if bulletin.priority.value == "khan_cap":
            out.append(f"{bulletin.code} is an emergency")
        meant: set[str] = set()
        for zone in bulletin.zones:
            meant |= declared[zone]
        if not zones[rundown.zone] <= meant:
            out.append(f"{bulletin.code} in a zone of others")
        if mourning and bulletin.entertainment:
            out.append(f"{bulletin.code} entertains on a day of mourning")
    return out


def _order_faults(rundown: Rundown, bulletins: Mapping[str, Bulletin], precedence: Sequence[str]) -> list[str]:
    out = []
    row = 0
    urgent: list[int] = []
    for item in rundown.items:
        if item.kind.value == "ban_tin":
            bulletin = bulletins[item.bulletin]
            row = row + 1 if bulletin.kind.value == "thong_bao" else 0
            if row == 4:
                out.append("four notices in a row")
            if bulletin.priority.value == "uu_tien":
                urgent.append(precedence.index(bulletin.code) if bulletin.code in precedence else -1)
        elif item.kind.value == "tiep_song":
            row = 0
    if len(urgent) > 1 and (-1 in urgent or urgent != sorted(urgent)):
        out.append("priority bulletins not in a person's order")
    return out


def runs_of(
    station: Station, aired: Mapping[tuple[str, str], set[date]], bulletins: Mapping[str, Bulletin]
) -> dict[tuple[str, str], int]:
    """The longest run of days of each bulletin that needs one, on each cluster that it is for."""
    declared = {zone.code: zone.clusters for zone in station.zones}
    out = {}
    for code, bulletin in bulletins.items():
        for zone in bulletin.zones if bulletin.min_consecutive_days else ():
            for cluster in declared[zone]:
                days = aired.get((code, cluster), set())
                best = 0
                for day in days:
                    length = 1
                    while day + timedelta(days=length) in days:
                        length += 1
                    best = max(best, length)
                out[code, cluster] = best
    return out
