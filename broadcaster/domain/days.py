"""Days unlike the others: special days with their own sessions, mourning, and clusters that are mute for a time."""

from dataclasses import dataclass
from datetime import date, time

from broadcaster.domain.holidays import new_year
from broadcaster.units import Milliseconds

MIDNIGHT = time(0, 0)
LAST_MINUTE = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Move:
    """A session at another hour, or of another length, on a special day; None leaves it as it is.

    What it relays stays at its own hour, and is left out where the session no longer is.
    """

    session: str
    start: time | None = None
    cap: Milliseconds | None = None


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """Dates with sessions of their own, both ends included.

    With `tet` the dates are counted from the first day of each lunar year instead: (-1, 3) is the eve to the fourth.
    `sessions` are the only ones of the day, those declared `special_only` among them; None leaves the usual ones.
    On a day of `mourning` (quốc tang) there is no music and no entertainment.
    """

    name: str
    first: date = date.min
    last: date = date.min
    tet: tuple[int, int] | None = None
    sessions: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()
    mourning: bool = False

    def covers(self, day: date) -> bool:
        """Whether a date is one of these."""
        if self.tet is None:
            return self.first <= day <= self.last
        return any(
            self.tet[0] <= (day - new_year(year)).days <= self.tet[1] for year in (day.year - 1, day.year, day.year + 1)
        )


@dataclass(frozen=True, slots=True)
class Mute:
    """Clusters that stay silent from a date to a date, each day between two times: a funeral, an exam site."""

    clusters: frozenset[str]
    first: date
    last: date
    start: time = MIDNIGHT
    end: time = LAST_MINUTE
    reason: str = ""

    def touches(self, day: date, start: time, end: time) -> bool:
        """Whether any of a span of a date is muted."""
        return self.first <= day <= self.last and self.start < end and start < self.end
