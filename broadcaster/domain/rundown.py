"""The rundown: one session for one zone, to the millisecond, with the hash of everything that is to sound."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from broadcaster.domain.bulletin import Bulletin, Priority
from broadcaster.domain.planning.facts import RELAY
from broadcaster.domain.planning.plan import Plan, Slot
from broadcaster.domain.planning.sequence import arrange, pieces_of
from broadcaster.domain.station import Session, Station
from broadcaster.errors import Finding, Severity
from broadcaster.units import Milliseconds, Sha256, digest

ITEM_GAP = Milliseconds(2000)
"""Silence between two items; the planner counts it with each bulletin."""


class ItemKind(StrEnum):
    """What sounds. Only `bulletin` is counted as the station's own production.

    The last three are in no rundown: they take the air when they come, and have rows in the ledger as all else has.
    """

    SIGNATURE = "nhac_hieu"
    OPENING = "loi_xuong"
    BULLETIN = "ban_tin"
    RELAY = "tiep_song"
    CLOSING = "loi_ket"
    EMERGENCY = "khan_cap"
    DRILL = "dien_tap"
    LIVE = "truc_tiep"


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


def sequence(rundown: Rundown) -> tuple[str, ...]:
    """The bulletins of a rundown in the order in which they are read; `RELAY` for a relay."""
    heard = (item for item in rundown.items if item.kind in {ItemKind.BULLETIN, ItemKind.RELAY})
    return tuple(item.bulletin if item.kind is ItemKind.BULLETIN else RELAY for item in heard)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a session between its fixed parts, counted from its start."""

    start: Milliseconds
    end: Milliseconds

    @property
    def length(self) -> int:
        """How much fits into it."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Layout:
    """A session without its fixed parts: where bulletins may stand, and where the station's own sounds do.

    `head_at` is the offset of signature and opening words; `tail_in`, the index of the window after whose bulletins the
    closing words come. None where no window can hold them.
    """

    windows: tuple[Window, ...]
    head_at: Milliseconds | None
    tail_in: int | None

    @property
    def room(self) -> Milliseconds:
        """What is left for bulletins in all."""
        return Milliseconds(sum(window.length for window in self.windows))


_HEAD = (ItemKind.SIGNATURE, ItemKind.OPENING)


def _length(sounds: Sequence[StationSound], kinds: Collection[ItemKind]) -> int:
    return sum(sound.duration_ms + ITEM_GAP for sound in sounds if sound.kind in kinds)


def lay_out(session: Session, sounds: Sequence[StationSound]) -> Layout:
    """Where everything stands: relays, which cannot move; the opening, as early as it fits; the end, as late."""
    windows: list[Window] = []
    at = 0
    for relay in session.relays:
        if relay.offset > at:
            windows.append(Window(Milliseconds(at), Milliseconds(min(relay.offset, session.cap))))
        at = max(at, relay.offset + relay.duration)
    if session.cap > at:
        windows.append(Window(Milliseconds(at), session.cap))
    head, tail = _length(sounds, _HEAD), _length(sounds, (ItemKind.CLOSING,))
    head_at = None
    first = next((n for n, window in enumerate(windows) if window.length >= head), None)
    if first is not None:
        head_at = windows[first].start
        windows[first] = Window(Milliseconds(head_at + head), windows[first].end)
    # The closing words never stand before the opening.
    after = range(first or 0, len(windows)) if head else range(len(windows))
    tail_in = next((n for n in reversed(after) if windows[n].length >= tail), None)
    if tail_in is not None:
        windows[tail_in] = Window(windows[tail_in].start, Milliseconds(windows[tail_in].end - tail))
    # No bulletin before the opening, none after the closing words.
    for n, window in enumerate(windows):
        before_opening = head and first is not None and n < first
        after_closing = tail and tail_in is not None and n > tail_in
        if before_opening or after_closing:
            windows[n] = Window(window.start, window.start)
    return Layout(tuple(windows), head_at, tail_in)


def sounds_on(station: Station, day: date, sounds: Sequence[StationSound]) -> tuple[StationSound, ...]:
    """The station's own sounds on a date: no signature while the country mourns."""
    if not station.mourning_on(day):
        return tuple(sounds)
    return tuple(sound for sound in sounds if sound.kind is not ItemKind.SIGNATURE)


def order(
    bulletins: Sequence[Bulletin], precedence: Sequence[str] = (), voices: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[Bulletin, ...]:
    """The order within a session; see `planning.sequence`.

    Args:
        bulletins: what the session airs, in any order.
        precedence: the order in which a person has put the `uu_tien` bulletins; the machine never decides among them.
        voices: who speaks a bulletin, by its code.
    """
    by_code = {bulletin.code: bulletin for bulletin in bulletins}
    pieces = pieces_of(bulletins, precedence, voices or {})
    return tuple(by_code[code] for code in arrange(pieces).codes)


def fit(durations: Sequence[Milliseconds], windows: Sequence[Window], keep_order: int = 0) -> list[int] | None:
    """The window in which each item stands, or None when there is no way to place them all.

    In their order if they fit in their order; otherwise by an exact search in which the first `keep_order` items, the
    urgent ones, still follow each other. Up to 16 items; the planner gives a session fewer.
    """
    lengths = [d + ITEM_GAP for d in durations]
    rooms = [window.length for window in windows]
    if sum(lengths) > sum(rooms) or (lengths and max(lengths) > max(rooms, default=0)):
        return None
    places: list[int] = []
    at, used = 0, 0
    for length in lengths:
        while at < len(rooms) and used + length > rooms[at]:
            at, used = at + 1, 0
        if at == len(rooms):
            return _search(lengths, rooms, keep_order)
        places.append(at)
        used += length
    return places


def _search(lengths: Sequence[int], rooms: Sequence[int], keep_order: int) -> list[int] | None:
    """For each set of items the earliest (window, filling) that can hold it, window after window."""
    if len(lengths) > _EXACT_ITEMS:
        return None
    reached: dict[int, tuple[int, int]] = {0: (0, 0)}
    came: dict[int, tuple[int, int]] = {}
    everything = (1 << len(lengths)) - 1
    for mask in range(everything):
        if mask not in reached:
            continue
        for item, length in enumerate(lengths):
            bit = 1 << item
            if mask & bit or (item < keep_order and mask & (bit - 1) != bit - 1):
                continue
            window, used = reached[mask]
            if used + length > rooms[window]:
                window = next((w for w in range(window + 1, len(rooms)) if rooms[w] >= length), -1)
                used = 0
            if window >= 0 and (window, used + length) < reached.get(mask | bit, (len(rooms), 0)):
                reached[mask | bit] = (window, used + length)
                came[mask | bit] = (item, mask)
    if everything not in reached:
        return None
    places = [0] * len(lengths)
    mask = everything
    while mask:
        item, before = came[mask]
        places[item] = reached[mask][0]
        mask = before
    return places


_EXACT_ITEMS = 16


def _placed(
    ordered: Sequence[Bulletin], slots: Mapping[str, Slot], windows: Sequence[Window]
) -> tuple[list[Bulletin], list[int], list[Bulletin]]:
    """What can be placed, where, and what cannot: all of it if possible, else the first in order that fit together."""

    def places(of: Sequence[Bulletin]) -> list[int] | None:
        urgent = sum(b.priority is not Priority.THONG_THUONG for b in of)
        return fit([slots[b.code].duration_ms for b in of], windows, urgent)

    found = places(ordered)
    if found is not None:
        return list(ordered), found, []
    kept: list[Bulletin] = []
    dropped: list[Bulletin] = []
    for bulletin in ordered:
        if places([*kept, bulletin]) is None:
            dropped.append(bulletin)
        else:
            kept.append(bulletin)
    return kept, places(kept) or [], dropped


def compose(
    station: Station,
    plan: Plan,
    zone: str,
    day: date,
    session: Session,
    slots: Sequence[Slot],
    bulletins: Mapping[str, Bulletin],
    sounds: Sequence[StationSound],
    voices: Mapping[str, tuple[str, ...]] | None = None,
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
        voices: who speaks a bulletin, by its code.
    """
    sounds = sounds_on(station, day, sounds)
    start = station.start_of(session, day)
    by_code = {slot.bulletin: slot for slot in slots}
    layout = lay_out(session, sounds)
    ordered = order([bulletins[code] for code in sorted(by_code)], plan.precedence, voices)
    kept, places, dropped = _placed(ordered, by_code, layout.windows)
    parts = [[b for b, place in zip(kept, places, strict=True) if place == n] for n in range(len(layout.windows))]
    if places != sorted(places):
        # What had to be mixed to fit is put in order again, window by window.
        parts = [list(order(part, plan.precedence, voices)) for part in parts]
    prefix = f"{day.isoformat()}.{session.code}.{zone}"
    items: list[RundownItem] = []

    def put(at: int, kind: ItemKind, duration: Milliseconds, name: str, **more: str) -> int:
        moment = start + timedelta(milliseconds=at)
        items.append(RundownItem(f"{prefix}.{kind.value}.{name}", kind, moment, duration, late=_LATE[kind], **more))
        return at + duration + ITEM_GAP

    for number, relay in enumerate(session.relays, 1):
        put(relay.offset, ItemKind.RELAY, relay.duration, str(number), relay=relay.source)
    missing = [b.code for b in dropped]
    head = [sound for sound in sounds if sound.kind in _HEAD]
    if layout.head_at is None:
        missing += [sound.kind.value for sound in head]
    else:
        at = int(layout.head_at)
        for sound in head:
            at = put(at, sound.kind, sound.duration_ms, "1", master=sound.master)
    tail = [sound for sound in sounds if sound.kind is ItemKind.CLOSING]
    if layout.tail_in is None:
        missing += [sound.kind.value for sound in tail]
    for number, window in enumerate(layout.windows):
        at = int(window.start)
        for bulletin in parts[number]:
            slot = by_code[bulletin.code]
            facts = {"master": slot.master, "bulletin": bulletin.code, "topic": bulletin.topic}
            at = put(at, ItemKind.BULLETIN, slot.duration_ms, bulletin.code, **facts)
        if number == layout.tail_in:
            for sound in tail:
                at = put(at, sound.kind, sound.duration_ms, "1", master=sound.master)
    end = start + timedelta(milliseconds=session.cap)
    items.sort(key=lambda item: (item.start, item.id))
    facts_of = {"day": day.isoformat(), "session": session.name, "zone": zone}
    findings = [Finding("rundown.no_room", Severity.ERROR, facts={"bulletin": name, **facts_of}) for name in missing]
    return Rundown(station.code, plan.hash, zone, day, session.code, start, end, tuple(items)), tuple(findings)


_LATE = {
    ItemKind.SIGNATURE: LatePolicy.SKIP,
    ItemKind.OPENING: LatePolicy.SKIP,
    ItemKind.CLOSING: LatePolicy.SKIP,
    ItemKind.RELAY: LatePolicy.CUE_IN,
    ItemKind.BULLETIN: LatePolicy.SHIFT,
}
"""A greeting that comes late is not said; a relay is joined where it is by now; a bulletin is worth waiting for."""


def heard_in(rundowns: Iterable[Rundown], place: str) -> list[Rundown]:
    """The rundowns of the parts of one place, with what all parts hear at the same time told once.

    Args:
        rundowns: of the air zones of the place.
        place: the code that stands for the whole place; what a part hears alone keeps the part's own zone.
    """
    parts: dict[tuple[date, str], list[Rundown]] = {}
    for rundown in rundowns:
        parts.setdefault((rundown.day, rundown.session), []).append(rundown)
    found = []
    for _, mine in sorted(parts.items(), key=lambda entry: entry[1][0].start):
        heard = Counter((item.start, item.kind, item.bulletin) for one in mine for item in one.items)
        shared = {what for what, count in heard.items() if count == len(mine)}
        for n, one in enumerate(mine):
            common = tuple(item for item in one.items if (item.start, item.kind, item.bulletin) in shared)
            own = tuple(item for item in one.items if (item.start, item.kind, item.bulletin) not in shared)
            found += [replace(one, zone=place, items=common)] if common and not n else []
            found += [replace(one, items=own)] if own else []
    return found
