"""What happens to the player, and what it orders: the events and commands of the machine."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcaster.domain.asrun import AsRun, Cause
from broadcaster.domain.rundown import Rundown, RundownItem
from broadcaster.units import Milliseconds

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
    by now; `cause`, why the output ended it.
    """

    item: str
    played_ms: Milliseconds
    level: float | None = None
    at: datetime | None = None
    cause: Cause = Cause.NONE


@dataclass(frozen=True, slots=True)
class PlayFailed:
    """The output could not play it."""

    item: str
    cause: Cause = Cause.NO_AUDIO


@dataclass(frozen=True, slots=True)
class PowerUp:
    """The node comes back. `item` was open in its journal, begun at `began`, last heard of at `last_sign`.

    `standing` is the item itself where it sounded in another's place: no rundown has it.
    """

    item: str
    began: datetime
    played_ms: Milliseconds
    last_sign: datetime
    standing: RundownItem | None = None


@dataclass(frozen=True, slots=True)
class StandIn:
    """Something else to sound in the place of an item that failed; see `standby`. Nothing comes of it without room."""

    item: RundownItem


@dataclass(frozen=True, slots=True)
class ClockStepped:
    """The clock was set by so much, or the machine slept so long, since the event before. What sounds goes on."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Something that goes before everything takes the output: what sounds is cut off, nothing begins until `Resume`."""

    cause: Cause = Cause.EMERGENCY


@dataclass(frozen=True, slots=True)
class Resume:
    """The output is free again: the session goes on by its late policies."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Someone stops the player."""

    cause: Cause = Cause.STOPPED


Event = (
    Tick
    | RundownArrived
    | PlayStarted
    | PlayProgressed
    | PlayEnded
    | PlayFailed
    | StandIn
    | PowerUp
    | ClockStepped
    | Interrupt
    | Resume
    | Stop
)


# Commands


@dataclass(frozen=True, slots=True)
class Play:
    """Begin an item, from `offset_ms` on, for at most `length_ms`: now, or at the instant `at`, which is to come."""

    item: RundownItem
    offset_ms: Milliseconds
    length_ms: Milliseconds
    at: datetime | None = None


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
