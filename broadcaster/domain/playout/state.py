"""All that the player knows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcaster.domain.asrun import NOTHING, Cause
from broadcaster.domain.rundown import Rundown, RundownItem
from broadcaster.domain.station import PATIENT
from broadcaster.units import Milliseconds


@dataclass(frozen=True, slots=True)
class Playing:
    """The item that sounds now, or that waits for an interruption to be over.

    `before_ms` sounded before the interruption: `offset_ms` and the times of the output count from there.
    """

    item: RundownItem
    offset_ms: Milliseconds
    length_ms: Milliseconds
    asked_at: datetime
    started_at: datetime | None = None
    cut: Cause = Cause.NONE
    played_ms: Milliseconds = NOTHING
    called_off: datetime | None = None
    before_ms: Milliseconds = NOTHING
    left_at: datetime | None = None

    @property
    def due(self) -> datetime:
        """When its end should have been reported."""
        began = None if self.before_ms else self.started_at
        return (began or self.asked_at) + timedelta(milliseconds=self.length_ms)


@dataclass(frozen=True, slots=True)
class Taken:
    """Something else had the output, or has it still: `cause` is what a row says of an item that gave way."""

    cause: Cause
    since: datetime
    until: datetime | None = None

    def covers(self, item: RundownItem) -> bool:
        """Whether it had the output at the beginning of an item."""
        return self.since < item.end and (self.until is None or item.start < self.until)


@dataclass(frozen=True, slots=True)
class State:
    """All that the player knows.

    `paused` says that something else has the output; `held` is the item that it cut off and that may go on; `taken` is
    what took the output last, from when to when; `lead`, how long before its time an item is handed to the output;
    `longest_wait`, how late an item may begin whole that waits for what runs over its time.
    """

    node: str
    rundown: Rundown | None = None
    done: frozenset[str] = frozenset()
    playing: Playing | None = None
    stopped: bool = False
    paused: bool = False
    held: Playing | None = None
    taken: "Taken | None" = None
    relays_external: bool = True
    lead: timedelta = timedelta(0)
    longest_wait: Milliseconds = PATIENT


def finished(state: State) -> bool:
    """True when every item of the rundown is in the ledger, and nothing sounds in the place of one."""
    if state.rundown is None:
        return True
    return state.playing is None and all(item.id in state.done for item in state.rundown.items)
