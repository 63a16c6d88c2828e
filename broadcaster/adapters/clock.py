"""Time: the machine's own, and a virtual one that runs as fast as it is asked to."""

import threading
import time
from datetime import UTC, datetime, timedelta

from broadcaster.units import as_utc


class SystemClock:
    """The machine's clock."""

    def __init__(self) -> None:
        self._stop = threading.Event()

    def now(self) -> datetime:
        """This instant."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Seconds since the machine was started."""
        return monotonic()

    def sleep_until(self, instant: datetime) -> None:
        """Wait in short steps, so that a clock that is set forward or back is noticed within a second."""
        while not self._stop.is_set():
            left = (instant - self.now()).total_seconds()
            if left <= 0:
                return
            self._stop.wait(min(left, 1.0))

    def wake(self) -> None:
        """End every wait, now and later: the process is asked to stop. Safe in a signal handler."""
        self._stop.set()


class VirtualClock:
    """A clock that stands still until someone waits for it."""

    def __init__(self, start: datetime) -> None:
        self._now = as_utc(start)
        self._elapsed = timedelta(0)

    def now(self) -> datetime:
        """Where the clock stands."""
        return self._now

    def elapsed(self) -> float:
        """Seconds that were waited for on it; setting it moves nothing here."""
        return self._elapsed.total_seconds()

    def sleep_until(self, instant: datetime) -> None:
        """Jump to the instant; never back."""
        gone = max(timedelta(0), as_utc(instant) - self._now)
        self._now += gone
        self._elapsed += gone

    def wake(self) -> None:
        """Nothing waits for long on this clock."""

    def step(self, span: timedelta) -> None:
        """Set the clock, as a person or a time server does; forward, as it stands when a machine has slept."""
        self._now += span


def monotonic() -> float:
    """Seconds of a clock that nobody sets, for back-off and circuit breakers."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Wait, for back-off between tries of an online engine."""
    time.sleep(seconds)
