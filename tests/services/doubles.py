"""Hand-written doubles: a clock that misbehaves, an output that hangs, a scheduler on a virtual clock."""

import queue
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from broadcaster.adapters.clock import VirtualClock
from broadcaster.ports import Cue, OutputEvent, OutputEventKind
from broadcaster.units import Milliseconds


class TooManyTurnsError(AssertionError):
    """The loop spins: it has been asked what time it is far more often than anything could have happened."""


class RoughClock(VirtualClock):
    """A virtual clock that oversleeps and is set forward and back, and that counts how often it is looked at.

    `naps` says by how much each wait overshoots; `steps`, at which wait the clock is set by how much.
    """

    def __init__(
        self,
        start: datetime,
        naps: Sequence[timedelta] = (),
        steps: dict[int, timedelta] | None = None,
        most: int = 100_000,
    ) -> None:
        super().__init__(start)
        self._naps, self._steps, self._left = list(naps), steps or {}, most
        self.waits = 0

    def now(self) -> datetime:
        self._left -= 1
        if self._left < 0:
            raise TooManyTurnsError
        return super().now()

    def sleep_until(self, instant: datetime) -> None:
        super().sleep_until(instant)
        if self._naps:
            self.step(self._naps.pop(0))
        self.waits += 1
        if self.waits in self._steps:
            self.step(self._steps[self.waits])


class HungOutput:
    """A device that takes a cue and never says anything again; not even being stopped ends it."""

    name = "treo"

    def __init__(self, clock: VirtualClock) -> None:
        self._clock, self._events = clock, list[OutputEvent]()
        self.stops = 0

    def open(self) -> None:
        pass

    def play(self, cue: Cue) -> None:
        self._events.append(OutputEvent(OutputEventKind.STARTED, cue.item, self._clock.now(), Milliseconds(0)))

    def stop(self) -> None:
        self.stops += 1

    def poll(self) -> Sequence[OutputEvent]:
        events, self._events = self._events, []
        return events

    def due(self) -> datetime | None:
        return None

    def close(self) -> None:
        pass


class VirtualJobs:
    """A scheduler on a virtual clock: when nobody has anything to do, it turns the clock to the next job and calls."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._jobs: dict[str, tuple[datetime, Callable[[], None]]] = {}
        self.started = self.stopped = 0

    def start(self) -> None:
        self.started += 1

    def at(self, name: str, instant: datetime, call: Callable[[], None]) -> None:
        self._jobs[name] = (instant, call)

    def names(self) -> frozenset[str]:
        return frozenset(self._jobs)

    def cancel(self, name: str) -> None:
        self._jobs.pop(name, None)

    def stop(self) -> None:
        self.stopped += 1

    def turn(self) -> bool:
        """Call the next job; False when there is none."""
        if not self._jobs:
            return False
        name = min(self._jobs, key=lambda key: (self._jobs[key][0], key))
        instant, call = self._jobs.pop(name)
        self._clock.sleep_until(instant)
        call()
        return True


class TurningCalls(queue.SimpleQueue[str]):
    """The queue on which a node waits for its jobs: nobody waits in fact, the virtual clock is turned instead."""

    def __init__(self, jobs: VirtualJobs, clock: VirtualClock) -> None:
        self._of, self._time = jobs, clock

    def get(self, block: bool = True, timeout: float | None = None) -> str:  # noqa: FBT001, FBT002 - the queue's own
        if self.empty() and not self._of.turn():
            # A minute for each look instead of two seconds: days pass here.
            self._time.step(timedelta(minutes=1))
            raise queue.Empty
        return super().get(block, timeout)
