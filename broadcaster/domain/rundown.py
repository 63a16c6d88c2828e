"""The rundown: one session for one zone, to the millisecond, with the hash of everything that is to sound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import combinations

from broadcaster.domain.bulletin import Bulletin, Kind, Priority
from broadcaster.domain.planning.plan import Plan, Slot
from broadcaster.domain.station import Session, Station
from broadcaster.errors import Finding, Severity
from broadcaster.units import Milliseconds, Sha256, digest

ITEM_GAP = Milliseconds(2000)
"""Silence between two items; the planner counts it with each bulletin."""

MAX_NOTICES_IN_A_ROW = 3
"""R19: listeners stop listening at the fourth notice."""


class ItemKind(StrEnum):
    """What an item of a rundown is. Only `bulletin` is counted as the station's own production."""

    SIGNATURE = "nhac_hieu"
    OPENING = "loi_xuong"
    BULLETIN = "ban_tin"
    RELAY = "tiep_song"
    CLOSING = "loi_ket"


class LatePolicy(StrEnum):
    """What the player does with an item whose start has passed."""

    CUE_IN = "vao_giua"
    SHIFT = "doi_gio"
    SKIP = "bo_qua"


@dataclass(frozen=True, slots=True)
class StationSound:
    """A sound of the station itself: signature, opening or closing words."""

    kind: ItemKind
    master: Sha256
    duration_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class RundownItem:
    """One thing to play. `id` is unique per zone for ever; `master` is empty for a relay."""

    id: str
    kind: ItemKind
    start: datetime
    duration_ms: Milliseconds
    master: str = ""
    bulletin: str = ""
    topic: str = ""
    late: LatePolicy = LatePolicy.SHIFT
    relay: str = ""

    @property
    def end(self) -> datetime:
        """When it should be over."""
        return self.start + timedelta(milliseconds=self.duration_ms)


@dataclass(frozen=True, slots=True)
class Rundown:
    """What one zone plays in one session."""

    station: str
    plan: Sha256
    zone: str
    day: date
    session: str
    start: datetime
    end: datetime
    items: tuple[RundownItem, ...]

    @property
    def hash(self) -> Sha256:
        """What a node checks before it plays."""
        return digest("rundown", self)

    @property
    def code(self) -> str:
        """Its name for people and files: date, session, zone."""
        return f"{self.day.isoformat()}.{self.session}.{self.zone}"


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a session between its fixed parts."""

    start: Milliseconds
    end: Milliseconds


def windows(session: Session, sounds: Sequence[StationSound]) -> tuple[Window, ...]:
    """Where bulletins may stand: the session without its relays, opening and closing parts."""
    head = sum(s.duration_ms + ITEM_GAP for s in sounds if s.kind in {ItemKind.SIGNATURE, ItemKind.OPENING})
    tail = sum(s.duration_ms + ITEM_GAP for s in sounds if s.kind is ItemKind.CLOSING)
    free: list[Window] = []
    at = 0
    for relay in session.relays:
        free.append(Window(Milliseconds(at), relay.offset))
        at = relay.offset + relay.duration
    free.append(Window(Milliseconds(at), session.cap))
    # The opening stands in the first window that can hold it, the closing words in the last one.
    holders = [n for n, w in enumerate(free) if w.end - w.start >= head]
    if holders:
        n = holders[0]
        free[n] = Window(Milliseconds(free[n].start + head), free[n].end)
    holders = [n for n, w in enumerate(free) if w.end - w.start >= tail]
    if holders:
        n = holders[-1]
        free[n] = Window(free[n].start, Milliseconds(free[n].end - tail))
    return tuple(w for w in free if w.end > w.start)


def order(bulletins: Sequence[Bulletin], precedence: Sequence[str] = ()) -> tuple[Bulletin, ...]:
    """The order within a session: priority first, then no more than three notices in a row and units in turn.

    Args:
        bulletins: what the session airs, in any order.
        precedence: the order in which a person has put the `uu_tien` bulletins; the machine never decides among them.
    """
    rank = {code: number for number, code in enumerate(precedence)}
    waiting = sorted(bulletins, key=lambda b: (rank.get(b.code, len(rank)), b.code))
    out: list[Bulletin] = []
    while waiting:
        first = [b for b in waiting if b.priority is not Priority.THONG_THUONG] or waiting
        run = out[-MAX_NOTICES_IN_A_ROW:]
        too_many = len(run) == MAX_NOTICES_IN_A_ROW and all(b.kind is Kind.THONG_BAO for b in run)
        pool = [b for b in first if not (too_many and b.kind is Kind.THONG_BAO)] or (
            [b for b in waiting if b.kind is not Kind.THONG_BAO] if too_many else first
        )
        pool = pool or first
        if pool[0].priority is Priority.THONG_THUONG and out:
            fresh = [b for b in pool if b.lead_unit != out[-1].lead_unit and b.kind is not out[-1].kind]
            fresh = fresh or [b for b in pool if b.lead_unit != out[-1].lead_unit]
            pool = fresh or pool
        out.append(pool[0])
        waiting.remove(pool[0])
    return tuple(out)


def _pack(lengths: Sequence[int], room: Sequence[int]) -> list[int] | None:
    """A window for each length, or None. Exact: in each window the largest subset that fits is tried first."""
    if not lengths:
        return []
    if not room:
        return None
    indices = range(len(lengths))
    for size in range(len(lengths), -1, -1):
        for chosen in combinations(indices, size):
            if sum(lengths[i] for i in chosen) > room[0]:
                continue
            rest = [i for i in indices if i not in chosen]
            below = _pack([lengths[i] for i in rest], room[1:])
            if below is not None:
                places = [0] * len(lengths)
                for i, window in zip(rest, below, strict=True):
                    places[i] = window + 1
                return places
    return None


def fit(durations: Sequence[Milliseconds], free: Sequence[Window]) -> list[int] | None:
    """The window in which each item stands, or None when a relay in the middle leaves no way to place them all."""
    return _pack([d + ITEM_GAP for d in durations], [w.end - w.start for w in free])


def compose(
    station: Station,
    plan: Plan,
    zone: str,
    day: date,
    session: Session,
    slots: Sequence[Slot],
    bulletins: Mapping[str, Bulletin],
    sounds: Sequence[StationSound],
) -> tuple[Rundown, tuple[Finding, ...]]:
    """The rundown of one zone's session, and what of the plan did not fit into it.

    Args:
        station: for the session's instants.
        plan: the plan whose hash the rundown bears.
        zone: an air zone.
        day: the date.
        session: the session.
        slots: the plan's slots of that session in that zone.
        bulletins: the bulletins of the slots.
        sounds: the station's own sounds.
    """
    findings: list[Finding] = []
    start = station.start_of(session, day)
    by_code = {slot.bulletin: slot for slot in slots}
    ordered = list(order([bulletins[code] for code in by_code], plan.precedence))
    free = windows(session, sounds)
    places = fit([by_code[b.code].duration_ms for b in ordered], free)
    while places is None:
        dropped = ordered.pop()
        facts = {"bulletin": dropped.code, "day": day, "session": session.code, "zone": zone}
        findings.append(Finding("rundown.no_room", Severity.ERROR, facts=facts))
        places = fit([by_code[b.code].duration_ms for b in ordered], free)

    prefix = f"{day.isoformat()}.{session.code}.{zone}"
    items: list[RundownItem] = []

    def put(at: int, kind: ItemKind, duration: Milliseconds, name: str, **more: str) -> int:
        moment = start + timedelta(milliseconds=at)
        late = LatePolicy.CUE_IN if kind is ItemKind.RELAY else LatePolicy.SKIP
        late = LatePolicy.SHIFT if kind is ItemKind.BULLETIN else late
        items.append(RundownItem(f"{prefix}.{kind.value}.{name}", kind, moment, duration, late=late, **more))
        return at + duration + ITEM_GAP

    for number, relay in enumerate(session.relays, 1):
        put(relay.offset, ItemKind.RELAY, relay.duration, str(number), relay=relay.source)
    head = [s for s in sounds if s.kind in {ItemKind.SIGNATURE, ItemKind.OPENING}]
    head_length = sum(s.duration_ms + ITEM_GAP for s in head)
    at = next((w.start - head_length for w in free if w.start >= head_length), 0)
    for sound in head:
        at = put(at, sound.kind, sound.duration_ms, "1", master=sound.master)
    last = free[-1].start if free else 0
    for number, window in enumerate(free):
        at = window.start
        for bulletin, place in zip(ordered, places, strict=True):
            if place == number:
                slot = by_code[bulletin.code]
                at = put(
                    at,
                    ItemKind.BULLETIN,
                    slot.duration_ms,
                    bulletin.code,
                    master=slot.master,
                    bulletin=bulletin.code,
                    topic=bulletin.topic,
                )
        last = at if number == len(free) - 1 else last
    for sound in (s for s in sounds if s.kind is ItemKind.CLOSING):
        last = put(last, sound.kind, sound.duration_ms, "1", master=sound.master)
    end = start + timedelta(milliseconds=session.cap)
    items.sort(key=lambda item: (item.start, item.id))
    return Rundown(station.code, plan.hash, zone, day, session.code, start, end, tuple(items)), tuple(findings)
