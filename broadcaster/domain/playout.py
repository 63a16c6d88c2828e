"""The player's mind: (state, event) to (state, commands), for one node and one rundown at a time.

Pure: it is told the time and never asks for it. Lateness is decided here and nowhere else, so that a clock step, a
suspend or a restart can neither drop nor double an item: an item is done when the ledger has its row, and only then.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from broadcaster.domain.asrun import NOTHING, AsRun, Cause, Outcome, row_for
from broadcaster.domain.rundown import ItemKind, LatePolicy, Rundown, RundownItem
from broadcaster.units import Milliseconds

GRACE = Milliseconds(2000)
"""An item up to this late is played whole: the gap between items takes it up."""

MIN_WORTH = Milliseconds(5000)
"""Less than this left of an item is not worth beginning."""


# Events


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed, or a timer has gone off."""


@dataclass(frozen=True, slots=True)
class RundownArrived:
    """A rundown to play from now on; `done` are the items that the ledger has already."""

    rundown: Rundown
    done: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PlayStarted:
    """The first sample of an item has left."""

    item: str


@dataclass(frozen=True, slots=True)
class PlayProgressed:
    """So much of it has sounded."""

    item: str
    played_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class PlayEnded:
    """It is over, whole or cut off.

    `level` is the measured loudness, where the output can measure; `at`, when it ended, where that is known better than
    by now.
    """

    item: str
    played_ms: Milliseconds
    level: float | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlayFailed:
    """The output could not play it."""

    item: str
    cause: Cause = Cause.NO_AUDIO


@dataclass(frozen=True, slots=True)
class PowerUp:
    """The node comes back. `item` was open in its journal, begun at `began`, last heard of at `last_sign`."""

    item: str
    began: datetime
    played_ms: Milliseconds
    last_sign: datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """Someone stops the player."""

    cause: Cause = Cause.STOPPED


Event = Tick | RundownArrived | PlayStarted | PlayProgressed | PlayEnded | PlayFailed | PowerUp | Stop


# Commands


@dataclass(frozen=True, slots=True)
class Play:
    """Begin an item now, from `offset_ms` on, for at most `length_ms`."""

    item: RundownItem
    offset_ms: Milliseconds
    length_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class StopPlaying:
    """Cut off what sounds."""


@dataclass(frozen=True, slots=True)
class Record:
    """Put a row into the ledger."""

    row: AsRun


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Nothing to do before this instant."""

    instant: datetime


Command = Play | StopPlaying | Record | WakeAt


@dataclass(frozen=True, slots=True)
class Playing:
    """The item that sounds now."""

    item: RundownItem
    offset_ms: Milliseconds
    length_ms: Milliseconds
    asked_at: datetime
    started_at: datetime | None = None
    cut: Cause = Cause.NONE
    played_ms: Milliseconds = NOTHING
    called_off: datetime | None = None

    @property
    def due(self) -> datetime:
        """When its end should have been reported."""
        return (self.started_at or self.asked_at) + timedelta(milliseconds=self.length_ms)


@dataclass(frozen=True, slots=True)
class State:
    """All that the player knows."""

    node: str
    rundown: Rundown | None = None
    done: frozenset[str] = frozenset()
    playing: Playing | None = None
    stopped: bool = False
    relays_external: bool = True


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def _finish(state: State, row: AsRun) -> tuple[State, list[Command]]:
    return replace(state, done=state.done | {row.item}), [Record(row)]


def _item(state: State, code: str) -> RundownItem | None:
    rundown = state.rundown
    return next((item for item in rundown.items if item.id == code), None) if rundown else None


def _ended(
    state: State, now: datetime, played: Milliseconds, cause: Cause, level: float | None
) -> tuple[State, list[Command]]:
    """Close the playing item: aired when all of it sounded, partial otherwise."""
    playing, rundown = state.playing, state.rundown
    if playing is None or rundown is None:
        return state, []
    item = playing.item
    whole = playing.offset_ms == 0 and played >= item.duration_ms
    why = cause or playing.cut
    if not why and not whole:
        why = Cause.LATE if playing.offset_ms else Cause.STOPPED
    if played == 0 and why:
        outcome = Outcome.MISSED
    elif whole:
        outcome, why = Outcome.AIRED, Cause.NONE
    else:
        outcome = Outcome.INTERRUPTED if why is Cause.EMERGENCY else Outcome.PARTIAL
    started = playing.started_at or playing.asked_at
    row = row_for(
        state.node,
        rundown,
        item,
        outcome,
        why,
        started_at=started if played else None,
        ended_at=now if played else None,
        played_ms=Milliseconds(min(played, item.duration_ms)),
        level=level if played else None,
    )
    return _finish(replace(state, playing=None), row)


def _begin(state: State, rundown: Rundown, item: RundownItem, now: datetime) -> tuple[State, list[Command]]:
    """Play an item whose time has come, or record why not. The session's end is never overrun."""
    late = _ms(now - item.start)
    left = _ms(rundown.end - now)

    def refuse(outcome: Outcome, cause: Cause) -> tuple[State, list[Command]]:
        return _finish(state, row_for(state.node, rundown, item, outcome, cause))

    if item.kind is ItemKind.RELAY and state.relays_external:
        return refuse(Outcome.SKIPPED, Cause.RELAY_EXTERNAL)
    following = [other.start for other in rundown.items if other.start > item.start and other.kind is ItemKind.RELAY]
    # A relay is immovable: what runs late is cut before it, never across it.
    room = min([left, *(_ms(start - now) for start in following)])
    if late <= GRACE:
        offset, length = 0, item.duration_ms
    elif item.late is LatePolicy.SKIP:
        return refuse(Outcome.SKIPPED, Cause.LATE)
    elif item.late is LatePolicy.CUE_IN or late + room < item.duration_ms:
        offset, length = late, Milliseconds(item.duration_ms - late)
    elif item.duration_ms <= room and _fits_whole(state, rundown, item, now):
        offset, length = 0, item.duration_ms
    else:
        offset, length = late, Milliseconds(item.duration_ms - late)
    length = Milliseconds(min(length, room))
    if length < min(MIN_WORTH, item.duration_ms):
        cause = Cause.SESSION_END if room < MIN_WORTH else Cause.OFF_AIR
        return refuse(Outcome.MISSED, cause)
    cut = Cause.SESSION_END if offset == 0 and length < item.duration_ms else Cause.NONE
    playing = Playing(item, Milliseconds(offset), length, now, cut=cut)
    return replace(state, playing=playing), [Play(item, Milliseconds(offset), length)]


def _fits_whole(state: State, rundown: Rundown, item: RundownItem, now: datetime) -> bool:
    """True when playing the item whole from now on still leaves room for all that is to follow."""
    rest = [other for other in rundown.items if other.start > item.start and other.id not in state.done]
    at = now + timedelta(milliseconds=item.duration_ms)
    for other in rest:
        if other.kind is ItemKind.RELAY:
            if at > other.start:
                return False
            at = other.end
        else:
            at = max(at, other.start) + timedelta(milliseconds=other.duration_ms)
    return at <= rundown.end


def _advance(state: State, now: datetime) -> tuple[State, list[Command]]:
    """Bring the state up to the present: record what was missed, begin what is due, say when to come back.

    A stopped player records nothing more: what is still to come may be played after a restart, and what passes
    meanwhile is found missed then.
    """
    commands: list[Command] = []
    while state.playing is None and state.rundown is not None and not state.stopped:
        rundown = state.rundown
        waiting = [item for item in rundown.items if item.id not in state.done]
        if not waiting:
            return state, commands
        item = waiting[0]
        if now >= item.end or now >= rundown.end:
            gone = item.late is not LatePolicy.SHIFT or now >= rundown.end or not _shiftable(state, rundown, item, now)
            if gone:
                cause = Cause.RELAY_EXTERNAL if item.kind is ItemKind.RELAY and state.relays_external else Cause.OFF_AIR
                outcome = Outcome.SKIPPED if cause is Cause.RELAY_EXTERNAL else Outcome.MISSED
                state, more = _finish(state, row_for(state.node, rundown, item, outcome, cause))
            else:
                state, more = _begin(state, rundown, item, now)
        elif now < item.start:
            commands.append(WakeAt(item.start))
            return state, commands
        else:
            state, more = _begin(state, rundown, item, now)
        commands += more
    return state, commands


def _power_up(state: State, event: PowerUp) -> tuple[State, list[Command]]:
    """Close the item that was open in the journal when the power went, once."""
    item, rundown = _item(state, event.item), state.rundown
    playing = state.playing is not None and state.playing.item.id == event.item
    if item is None or rundown is None or playing or event.item in state.done:
        return state, []
    played = Milliseconds(max(0, min(event.played_ms, item.duration_ms)))
    row = row_for(
        state.node,
        rundown,
        item,
        Outcome.PARTIAL if played else Outcome.MISSED,
        Cause.POWER_CUT,
        started_at=event.began if played else None,
        ended_at=event.last_sign if played else None,
        played_ms=played,
    )
    return _finish(state, row)


def _watch(state: State, now: datetime) -> tuple[State, list[Command]]:
    """An output that never reports an end must not hold the node: call the item off, then write it off."""
    playing, grace = state.playing, timedelta(milliseconds=GRACE)
    if playing is None or now <= playing.due + grace:
        return state, []
    if playing.called_off is None:
        state = replace(state, playing=replace(playing, called_off=now, cut=Cause.DEVICE_LOST))
        return state, [StopPlaying()]
    if now <= playing.called_off + grace:
        return state, []
    return _ended(state, now, playing.played_ms, Cause.DEVICE_LOST, None)


def _shiftable(state: State, rundown: Rundown, item: RundownItem, now: datetime) -> bool:
    """True when an item whose time is over can still be played whole without harm to what follows."""
    return item.duration_ms <= _ms(rundown.end - now) and _fits_whole(state, rundown, item, now)


def step(state: State, event: Event, now: datetime) -> tuple[State, tuple[Command, ...]]:
    """The next state and what is to be done.

    Args:
        state: what the player knows.
        event: what has happened.
        now: the instant at which it happened or was learned of.
    """
    commands: list[Command] = []
    match event:
        case RundownArrived(rundown, done):
            if state.rundown is not None and state.rundown.code != rundown.code and state.playing is not None:
                return state, ()
            ids = {item.id for item in rundown.items}
            state = replace(state, rundown=rundown, done=frozenset((done | state.done) & ids))
        case PlayStarted(item):
            if state.playing and state.playing.item.id == item and state.playing.started_at is None:
                state = replace(state, playing=replace(state.playing, started_at=now))
            return state, ()
        case PlayProgressed(item, played):
            if state.playing and state.playing.item.id == item:
                state = replace(state, playing=replace(state.playing, played_ms=played))
            return state, ()
        case PlayEnded(item, played, level, at):
            if state.playing and state.playing.item.id == item:
                state, commands = _ended(state, at or now, played, Cause.NONE, level)
        case PlayFailed(item, cause):
            if state.playing and state.playing.item.id == item:
                state, commands = _ended(state, now, Milliseconds(0), cause, None)
        case PowerUp():
            state, commands = _power_up(state, event)
        case Stop(cause):
            state = replace(state, stopped=True)
            if state.playing is not None:
                state = replace(state, playing=replace(state.playing, cut=cause))
                return state, (StopPlaying(),)
        case Tick():
            state, commands = _watch(state, now)
    state, more = _advance(state, now)
    return state, (*commands, *more)


def finished(state: State) -> bool:
    """True when every item of the rundown is in the ledger."""
    return state.rundown is None or all(item.id in state.done for item in state.rundown.items)
