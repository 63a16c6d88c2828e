"""An output that plays nothing, in exact time: for virtual weeks and for nodes that only keep the ledger."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from broadcaster.ports import Clock, Cue, OutputEvent, OutputEventKind
from broadcaster.units import Milliseconds

MICROS_PER_MS = 1000


class TimedOutput:
    """What every output without a device of its own shares: a cue runs from the moment it is asked for.

    It runs by the clock that nobody sets: a time server that moves the clock, or a machine that sleeps, makes no sound
    and takes none away. Instants in reports are the clock's, reckoned back from now.
    """

    name = "timed"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._cue: Cue | None = None
        self._began = 0
        self._length = Milliseconds(0)
        self._events: list[OutputEvent] = []

    def _micros(self) -> int:
        """Microseconds by the clock that nobody sets."""
        return round(self._clock.elapsed() * 1_000_000)

    def open(self) -> None:
        """Nothing to get ready."""

    def play(self, cue: Cue) -> None:
        """Begin a cue now."""
        self.stop()
        now = self._clock.now()
        length = self._load(cue)
        if length is None:
            self._events.append(OutputEvent(OutputEventKind.FAILED, cue.item, now, Milliseconds(0), str(cue.path)))
            return
        ahead = max(timedelta(0), cue.at - now) if cue.at else timedelta(0)
        self._cue, self._began, self._length = cue, self._micros() + ahead // timedelta(microseconds=1), length
        self._events.append(OutputEvent(OutputEventKind.STARTED, cue.item, now + ahead, Milliseconds(0)))

    def _load(self, cue: Cue) -> Milliseconds | None:
        """How long the cue will sound; None when its file cannot be played."""
        return None if cue.path is not None and not cue.path.is_file() else cue.length_ms

    def _sounded(self, until: int) -> None:
        """A cue has run up to this point, in microseconds."""

    def stop(self) -> None:
        """Cut off the running cue."""
        self._run_up()
        if self._cue is not None:
            self._end(self._micros())

    def _level(self) -> float | None:
        """The mean level of what the running cue has sounded, where it is measured."""
        return None

    def _end(self, at: int, detail: str = "") -> None:
        if self._cue is None:
            return
        played = Milliseconds(min(self._length, max(0, (at - self._began) // MICROS_PER_MS)))
        self._sounded(at)
        instant = self._clock.now() - timedelta(microseconds=self._micros() - at)
        self._events.append(OutputEvent(OutputEventKind.ENDED, self._cue.item, instant, played, detail, self._level()))
        self._cue = None

    def _run_up(self) -> None:
        """End the cue if it is over by now."""
        over = self._began + self._length * MICROS_PER_MS
        if self._cue is not None and self._micros() >= over:
            self._end(over)

    def poll(self) -> Sequence[OutputEvent]:
        """What has happened up to now."""
        self._run_up()
        if self._cue is not None:
            here = self._micros()
            self._sounded(here)
            played = Milliseconds(max(0, (here - self._began) // MICROS_PER_MS))
            self._events.append(OutputEvent(OutputEventKind.PROGRESSED, self._cue.item, self._clock.now(), played))
        events, self._events = self._events, []
        return events

    def due(self) -> datetime | None:
        """When the running cue will be over, if nobody sets the clock."""
        if self._cue is None:
            return None
        return self._clock.now() + timedelta(microseconds=self._began + self._length * MICROS_PER_MS - self._micros())

    def close(self) -> None:
        """End what runs."""
        self.stop()


class NullOutput(TimedOutput):
    """Silence, on time."""

    name = "null"
