"""Special days, mutes and changed procedures in the station's file."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from broadcaster.domain.changes import Change
from broadcaster.domain.days import LAST_MINUTE, MIDNIGHT, Move, Mute, SpecialDay
from broadcaster.domain.fields import Fields, row, shown
from broadcaster.units import MINUTE, Milliseconds

NONE = "khong"
"""`sessions = ["khong"]`: a day without any."""


def special_day(fields: Fields, sessions: Iterable[str]) -> SpecialDay:
    """One `[[special_day]]`; what is wrong in it is noted there."""
    sessions = tuple(sessions)
    tet = _tet(fields)
    first, last = _span(fields, required="tet" not in fields.data)
    only: tuple[str, ...] | None = fields.choices("sessions", (*sessions, NONE))
    if not only:
        only = None
    elif NONE in only:
        only = ()
    day = SpecialDay(
        name=fields.text("name", required=True),
        first=first,
        last=last,
        tet=tet,
        sessions=only,
        without=fields.choices("without", sessions),
        moves=tuple(_moves(fields, sessions)),
        mourning=fields.flag("mourning"),
    )
    fields.unknown()
    return day


def mute(fields: Fields, clusters: frozenset[str], zones: dict[str, frozenset[str]]) -> Mute:
    """One `[[mute]]`; what is wrong in it is noted there."""
    chosen = fields.choices("clusters", sorted(clusters))
    areas = fields.choices("zones", sorted(zones))
    if not chosen and not areas:
        fields.problem("field.required", "clusters")
    first, last = _span(fields, required=True)
    start = fields.clock("start", required=False) or MIDNIGHT
    end = fields.clock("end", required=False) or LAST_MINUTE
    if end <= start:
        fields.problem("field.order", "end", given=end.strftime("%H:%M"), least=start.strftime("%H:%M"))
    reason = fields.text("reason", required=True)
    fields.unknown()
    return Mute(frozenset(chosen).union(*(zones[area] for area in areas)), first, last, start, end, reason)


def change(fields: Fields) -> Change:
    """One `[[change]]`; what is wrong in it is noted there."""
    found = Change(
        what=fields.text("what", required=True),
        since=fields.day("since", required=True) or date.max,
        ended=fields.flag("ended"),
        source=fields.text("source"),
    )
    fields.unknown()
    return found


def _span(fields: Fields, *, required: bool) -> tuple[date, date]:
    first = fields.day("date", required=required) or date.min
    last = fields.day("to") or first
    if last < first:
        fields.problem("field.order", "to", given=last.isoformat(), least=first.isoformat())
    return first, last


def _tet(fields: Fields) -> tuple[int, int] | None:
    """Days counted from the first of the lunar year: `[-1, 3]`."""
    days = fields.wholes("tet", -30, 30)
    if not days:
        return None
    if len(days) != 2 or days[0] > days[1]:
        fields.problem("field.pair", "tet", given=list(days))
        return None
    return days[0], days[1]


def _moves(fields: Fields, sessions: tuple[str, ...]) -> Iterable[Move]:
    fields.seen.add("moved")
    given: Any = fields.data.get("moved", [])
    rows = [row(item) for item in given] if isinstance(given, list) else [None]
    for number, found in enumerate(rows, 1):
        if found is None:
            fields.problem("field.table", "moved", given=shown(given), allowed=["session", "start", "minutes"])
            continue
        prefix = f"{fields.prefix}moved[{number}]."
        inner = Fields(found, fields.file, prefix, lambda _: fields.line_of("moved"), fields.findings)
        session = inner.choice("session", sessions, required=True)
        start = inner.clock("start", required=False)
        minutes = inner.number("minutes", 0.0, 0, 24 * 60)
        inner.unknown()
        if session:
            yield Move(session, start, Milliseconds(round(minutes * MINUTE)) if minutes else None)
