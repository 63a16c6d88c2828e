"""The player's mind: (state, event) to (state, commands), for one node and one rundown at a time.

Pure: it is told the time and never asks for it. Lateness is decided here and nowhere else, so that a clock step, a
suspend or a restart can neither drop nor double an item: an item is done when the ledger has its row, and only then.
"""

from dataclasses import replace
from datetime import datetime

from broadcaster.domain.playout.events import (
    ClockStepped,
    Command,
    Event,
    Interrupt,
    Play,
    PlayEnded,
    PlayFailed,
    PlayProgressed,
    PlayStarted,
    PowerUp,
    Record,
    Resume,
    RundownArrived,
    StandIn,
    Stop,
    StopPlaying,
    Tick,
    WakeAt,
)
from broadcaster.domain.playout.machine import (
    GAVE_WAY,
    GRACE,
    MIN_WORTH,
    advance,
    ended,
    go_on,
    hold,
    may_wait,
    power_up,
    room,
    stand_in,
    stepped,
    watch,
)
from broadcaster.domain.playout.state import Playing, State, Taken, finished
from broadcaster.units import Milliseconds

__all__ = [
    "GRACE",
    "MIN_WORTH",
    "ClockStepped",
    "Command",
    "Event",
    "Interrupt",
    "Play",
    "PlayEnded",
    "PlayFailed",
    "PlayProgressed",
    "PlayStarted",
    "Playing",
    "PowerUp",
    "Record",
    "Resume",
    "RundownArrived",
    "StandIn",
    "State",
    "Stop",
    "StopPlaying",
    "Tick",
    "WakeAt",
    "finished",
    "room",
    "step",
]


def step(state: State, event: Event, now: datetime) -> tuple[State, tuple[Command, ...]]:
    """The next state and what is to be done.

    Args:
        state: what the player knows.
        event: what has happened.
        now: the instant at which it happened or was learned of.
    """
    match event:
        case PlayStarted() | PlayProgressed():
            return _heard(state, event, now), ()
        case Stop(cause) | Interrupt(cause):
            ended_for_good = isinstance(event, Stop)
            state = replace(state, stopped=state.stopped or ended_for_good, paused=state.paused or not ended_for_good)
            if not ended_for_good:
                state = replace(state, taken=Taken(cause, now))
            if state.playing is not None:
                state = replace(state, playing=replace(state.playing, cut=cause))
                return state, (StopPlaying(),)
            commands: list[Command] = []
            if ended_for_good:
                state, commands = go_on(state, now)
        case RundownArrived(rundown, done):
            if state.rundown is not None and state.rundown.code != rundown.code and state.playing is not None:
                return state, ()
            ids = {item.id for item in rundown.items}
            state, commands = replace(state, rundown=rundown, done=frozenset((done | state.done) & ids)), []
        case PlayEnded() | PlayFailed():
            state, commands = _over(state, event, now)
        case StandIn(item):
            state, commands = stand_in(state, item, now)
        case PowerUp():
            state, commands = power_up(state, event)
        case Resume():
            taken = replace(state.taken, until=now) if state.taken else None
            state, commands = go_on(replace(state, paused=False, taken=taken), now)
        case ClockStepped(by):
            state, commands = stepped(state, by, now)
            state, called = watch(state, now)
            commands += called
        case Tick():
            state, commands = watch(state, now)
    state, more = advance(state, now)
    return state, (*commands, *more)


def _heard(state: State, event: PlayStarted | PlayProgressed, now: datetime) -> State:
    """What sounds has begun, or has gone on."""
    playing = state.playing
    if playing is None or playing.item.id != event.item:
        return state
    if isinstance(event, PlayProgressed):
        return replace(state, playing=replace(playing, played_ms=event.played_ms))
    return state if playing.started_at else replace(state, playing=replace(playing, started_at=now))


def _over(state: State, event: PlayEnded | PlayFailed, now: datetime) -> tuple[State, list[Command]]:
    """What sounded is over, or never began."""
    if state.playing is None or state.playing.item.id != event.item:
        return state, []
    if isinstance(event, PlayFailed):
        return ended(state, now, Milliseconds(0), event.cause, None)
    cut_off = state.playing.cut in GAVE_WAY and not event.cause and event.played_ms < state.playing.length_ms
    if state.paused and not state.stopped and cut_off and may_wait(state.playing):
        return hold(replace(state, playing=replace(state.playing, left_at=event.at or now)), event.played_ms), []
    return ended(state, event.at or now, event.played_ms, event.cause, event.level)
