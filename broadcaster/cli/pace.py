"""How long a job will still take, from how long it has taken so far."""

from broadcaster.ports import Clock

_FEWEST_STEPS = 3
_FEWEST_SECONDS = 2.0
"""Before that much has been done nothing is promised: the first step includes starting up."""


class Pace:
    """Told how far a job is, it says how long the rest takes at the same pace."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begun: tuple[float, int] | None = None

    def left(self, done: int, total: int) -> str:
        """Minutes and seconds, as 1:05; empty while nobody can tell, and when nothing is left."""
        now = self._clock.elapsed()
        if self._begun is None:
            self._begun = (now, done)
        since, before = self._begun
        steps, seconds = done - before, now - since
        if steps < _FEWEST_STEPS or seconds < _FEWEST_SECONDS or done >= total:
            return ""
        minutes, rest = divmod(round(seconds / steps * (total - done)), 60)
        return f"{minutes}:{rest:02d}"
