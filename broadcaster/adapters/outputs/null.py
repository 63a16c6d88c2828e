"""An output that plays nothing, in exact time: for virtual weeks and for nodes that only keep the ledger."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from broadcaster.ports import Clock, Cue, OutputEvent, OutputEventKind
from broadcaster.units import Milliseconds


class TimedOutput:
    """What every output without a device of its own shares: a cue runs by the clock from the moment it is asked for."""

    name = "timed"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._cue: Cue | None = None
        self._began: datetime | None = None
        self._length = Milliseconds(0)
        self._events: list[OutputEvent] = []

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
        self._cue, self._began, self._length = cue, now, length
        self._events.append(OutputEvent(OutputEventKind.STARTED, cue.item, now, Milliseconds(0)))

    def _load(self, cue: Cue) -> Milliseconds | None:
        """How long the cue will sound; None when its file cannot be played."""
        return None if cue.path is not None and not cue.path.is_file() else cue.length_ms

    def _sounded(self, until: datetime) -> None:
        """The clock has come this far while a cue runs."""

    def stop(self) -> None:
        """Cut off the running cue."""
        self._run_up(self._clock.now())
        if self._cue is not None and self._began is not None:
            self._end(self._clock.now())

    def _end(self, at: datetime) -> None:
        if self._cue is None or self._began is None:
            return
        played = Milliseconds(min(self._length, max(0, (at - self._began) // timedelta(milliseconds=1))))
        self._sounded(at)
        self._events.append(OutputEvent(OutputEventKind.ENDED, self._cue.item, at, played))
        self._cue = self._began = None

    def _run_up(self, now: datetime) -> None:
        due = self.due()
        if due is not None and now >= due:
            self._end(due)

    def poll(self) -> Sequence[OutputEvent]:
        """What has happened up to now."""
        now = self._clock.now()
        self._run_up(now)
        if self._cue is not None and self._began is not None:
            self._sounded(now)
            played = Milliseconds(max(0, (now - self._began) // timedelta(milliseconds=1)))
            self._events.append(OutputEvent(OutputEventKind.PROGRESSED, self._cue.item, now, played))
        events, self._events = self._events, []
        return events

    def due(self) -> datetime | None:
        """When the running cue will be over."""
        return None if self._began is None else self._began + timedelta(milliseconds=self._length)

    def close(self) -> None:
        """End what runs."""
        self.stop()


class NullOutput(TimedOutput):
    """Silence, on time."""

    name = "null"
