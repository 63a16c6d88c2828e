"""What the machine does with an item: begin it, end it, miss it, follow the clock."""

from dataclasses import replace
from datetime import datetime, timedelta

from broadcaster.domain.asrun import NOTHING, AsRun, Cause, Outcome, row_for
from broadcaster.domain.playout.events import Command, Play, PowerUp, Record, StopPlaying, WakeAt
from broadcaster.domain.playout.state import Playing, State
from broadcaster.domain.rundown import ItemKind, LatePolicy, Rundown, RundownItem
from broadcaster.units import Milliseconds

GRACE = Milliseconds(2000)
"""An item up to this late is played whole: the gap between items takes it up."""

GAVE_WAY = frozenset({Cause.EMERGENCY, Cause.LIVE})
"""Causes for which the output was given to something else, and given back."""

MIN_WORTH = Milliseconds(5000)
"""Less than this left of an item is not worth beginning."""


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def finish(state: State, row: AsRun) -> tuple[State, list[Command]]:
    """An item is done: its row goes into the ledger."""
    return replace(state, done=state.done | {row.item}), [Record(row)]


def item_of(state: State, code: str) -> RundownItem | None:
    """An item of the rundown by its id."""
    rundown = state.rundown
    return next((item for item in rundown.items if item.id == code), None) if rundown else None


def ended(
    state: State, now: datetime, played: Milliseconds, cause: Cause, level: float | None
) -> tuple[State, list[Command]]:
    """Close the playing item: aired when all of it sounded, partial otherwise."""
    playing, rundown = state.playing, state.rundown
    if playing is None or rundown is None:
        return state, []
    item, played = playing.item, Milliseconds(played + playing.before_ms)
    joined_late = playing.offset_ms > playing.before_ms
    whole = not joined_late and played >= item.duration_ms
    why = cause or playing.cut
    if not why and not whole:
        why = Cause.LATE if joined_late else Cause.STOPPED
    if played == 0 and why:
        outcome = Outcome.MISSED
    elif whole:
        outcome, why = Outcome.AIRED, Cause.NONE
    else:
        outcome = Outcome.INTERRUPTED if why in GAVE_WAY else Outcome.PARTIAL
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
    return finish(replace(state, playing=None), row)


def hold(state: State, played: Milliseconds) -> State:
    """Keep the item that an interruption cut off: what has sounded of it need not sound again."""
    playing = state.playing
    if playing is None:
        return state
    done = Milliseconds(playing.before_ms + played)
    if not done:
        return replace(state, playing=None)  # it waits as it did before its time
    left = Milliseconds(playing.length_ms - played)
    offset = Milliseconds(playing.offset_ms + played)
    kept = replace(playing, before_ms=done, length_ms=left, offset_ms=offset, played_ms=NOTHING, cut=Cause.NONE)
    return replace(state, playing=None, held=kept)


def may_wait(playing: Playing) -> bool:
    """Whether an item is worth going on with after an interruption: a bulletin of which enough is left."""
    return playing.item.kind is ItemKind.BULLETIN and playing.item.late is LatePolicy.SHIFT


def go_on(state: State, now: datetime) -> tuple[State, list[Command]]:
    """Go on with the held item where it was cut off, or close it if that would cost what is to follow."""
    held, rundown = state.held, state.rundown
    if held is None or rundown is None:
        return state, []
    state = replace(state, held=None)
    free = not state.stopped and not state.paused and held.length_ms >= MIN_WORTH
    fits = held.length_ms <= _ms(limit_of(rundown, held.item) - now)
    if free and fits and fits_whole(state, rundown, held.item, now, held.length_ms):
        state = replace(state, playing=replace(held, asked_at=now, started_at=held.started_at or held.asked_at))
        return state, [Play(held.item, held.offset_ms, held.length_ms)]
    why = state.taken.cause if state.taken else Cause.EMERGENCY
    return ended(replace(state, playing=held), held.left_at or now, NOTHING, why, None)


def begin(state: State, rundown: Rundown, item: RundownItem, now: datetime) -> tuple[State, list[Command]]:
    """Play an item whose time has come, or record why not. The session's end is never overrun."""
    early, now = now < item.start, max(now, item.start)
    late = _ms(now - item.start)

    def refuse(outcome: Outcome, cause: Cause) -> tuple[State, list[Command]]:
        return finish(state, row_for(state.node, rundown, item, outcome, cause))

    if item.kind is ItemKind.RELAY and state.relays_external:
        return refuse(Outcome.SKIPPED, Cause.RELAY_EXTERNAL)
    # A relay is immovable: what runs late is cut before it, never across it.
    room = _ms(limit_of(rundown, item) - now)
    if late <= GRACE:
        offset, length = 0, item.duration_ms
    elif item.late is LatePolicy.SKIP:
        return refuse(Outcome.SKIPPED, Cause.LATE)
    elif item.late is LatePolicy.CUE_IN or late > state.longest_wait or late + room < item.duration_ms:
        offset, length = late, Milliseconds(item.duration_ms - late)
    elif item.duration_ms <= room and fits_whole(state, rundown, item, now):
        offset, length = 0, item.duration_ms
    else:
        offset, length = late, Milliseconds(item.duration_ms - late)
    length = Milliseconds(min(length, room))
    if length < min(MIN_WORTH, item.duration_ms):
        cause = Cause.SESSION_END if room < MIN_WORTH else Cause.OFF_AIR
        return refuse(Outcome.MISSED, cause)
    cut = Cause.SESSION_END if offset == 0 and length < item.duration_ms else Cause.NONE
    playing = Playing(item, Milliseconds(offset), length, now, cut=cut)
    at = item.start if early else None
    return replace(state, playing=playing), [Play(item, Milliseconds(offset), length, at)]


def room(state: State, now: datetime) -> Milliseconds:
    """How long nothing is to sound from now on: up to the next item, or to the end of the session."""
    if state.rundown is None or state.playing is not None:
        return Milliseconds(0)
    ahead = [item.start for item in state.rundown.items if item.id not in state.done and item.start > now]
    return Milliseconds(max(0, _ms(min([state.rundown.end, *ahead]) - now)))


def stand_in(state: State, item: RundownItem, now: datetime) -> tuple[State, list[Command]]:
    """Play something in the place of an item that failed, where it fits in whole before what follows."""
    begins = max(now, item.start)
    free = state.playing is None and not state.stopped and not state.paused and item.id not in state.done
    if not free or item.duration_ms > room(state, begins):
        return state, []
    at = item.start if now < item.start else None
    playing = Playing(item, Milliseconds(0), item.duration_ms, begins)
    return replace(state, playing=playing), [Play(item, Milliseconds(0), item.duration_ms, at)]


def limit_of(rundown: Rundown, item: RundownItem) -> datetime:
    """The instant past which an item may not sound: the next relay's start, or the session's end."""
    relays = [other.start for other in rundown.items if other.start > item.start and other.kind is ItemKind.RELAY]
    return min([rundown.end, *relays])


def stepped(state: State, by: timedelta, now: datetime) -> tuple[State, list[Command]]:
    """What sounds goes on as it was: its times move with the clock. It is cut at its limit, now or when that comes."""
    playing, rundown = state.playing, state.rundown
    if state.held is not None:
        state = replace(state, held=_moved(state.held, by))
    if playing is None or rundown is None:
        return state, []
    moved = _moved(playing, by)
    state = replace(state, playing=moved)
    limit = limit_of(rundown, moved.item)
    return (state, [WakeAt(limit)]) if now < limit < moved.due else (state, [])


def _moved(playing: Playing, by: timedelta) -> Playing:
    return replace(
        playing,
        asked_at=playing.asked_at + by,
        started_at=None if playing.started_at is None else playing.started_at + by,
        called_off=None if playing.called_off is None else playing.called_off + by,
        left_at=None if playing.left_at is None else playing.left_at + by,
    )


def fits_whole(
    state: State, rundown: Rundown, item: RundownItem, now: datetime, length: Milliseconds | None = None
) -> bool:
    """True when playing the item, or so much of it, from now on still leaves room for all that is to follow."""
    rest = [other for other in rundown.items if other.start > item.start and other.id not in state.done]
    at = now + timedelta(milliseconds=item.duration_ms if length is None else length)
    for other in rest:
        if other.kind is ItemKind.RELAY:
            if at > other.start:
                return False
            at = other.end
        else:
            at = max(at, other.start) + timedelta(milliseconds=other.duration_ms)
    return at <= rundown.end


def advance(state: State, now: datetime) -> tuple[State, list[Command]]:
    """Bring the state up to the present: record what was missed, begin what is due, say when to come back.

    A stopped player records nothing more: what is still to come may be played after a restart, and what passes
    meanwhile is found missed then.
    """
    commands: list[Command] = []
    while state.playing is None and state.rundown is not None and not state.stopped and not state.paused:
        rundown = state.rundown
        waiting = [item for item in rundown.items if item.id not in state.done]
        if not waiting:
            return state, commands
        item = waiting[0]
        if now >= item.end or now >= rundown.end:
            gone = item.late is not LatePolicy.SHIFT or now >= rundown.end or not shiftable(state, rundown, item, now)
            if gone:
                away = state.taken.cause if state.taken and state.taken.covers(item) else Cause.OFF_AIR
                cause = Cause.RELAY_EXTERNAL if item.kind is ItemKind.RELAY and state.relays_external else away
                outcome = Outcome.SKIPPED if cause is Cause.RELAY_EXTERNAL else Outcome.MISSED
                state, more = finish(state, row_for(state.node, rundown, item, outcome, cause))
            else:
                state, more = begin(state, rundown, item, now)
        elif now < item.start - state.lead:
            commands.append(WakeAt(item.start - state.lead))
            return state, commands
        else:
            state, more = begin(state, rundown, item, now)
        commands += more
    return state, commands


def power_up(state: State, event: PowerUp) -> tuple[State, list[Command]]:
    """Close the item that was open in the journal when the power went, once."""
    item, rundown = event.standing or item_of(state, event.item), state.rundown
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
    return finish(state, row)


def watch(state: State, now: datetime) -> tuple[State, list[Command]]:
    """Nothing sounds past its limit; and an output that never reports an end must not hold the node.

    The item is called off, and when no end is reported then either, written off.
    """
    playing, grace = state.playing, timedelta(milliseconds=GRACE)
    if playing is None:
        return state, []
    limit = limit_of(state.rundown, playing.item) if state.rundown else playing.due
    if playing.called_off is None and now >= limit and playing.due > limit:
        state = replace(state, playing=replace(playing, called_off=now, cut=Cause.SESSION_END))
        return state, [StopPlaying()]
    if playing.called_off is None and now <= playing.due + grace:
        return state, []
    if playing.called_off is None:
        state = replace(state, playing=replace(playing, called_off=now, cut=Cause.DEVICE_LOST))
        return state, [StopPlaying()]
    if now <= playing.called_off + grace:
        return state, []
    return ended(state, now, playing.played_ms, Cause.DEVICE_LOST, None)


def shiftable(state: State, rundown: Rundown, item: RundownItem, now: datetime) -> bool:
    """True when an item whose time is over can still be played whole without harm to what follows."""
    waited = _ms(now - item.start) <= state.longest_wait
    return waited and item.duration_ms <= _ms(rundown.end - now) and fits_whole(state, rundown, item, now)
