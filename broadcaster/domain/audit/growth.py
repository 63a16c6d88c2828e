"""The increase that clause IV.3 asks for, and what is still needed for it by the end of the year."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Growth:
    """Aired minutes of the target group a broadcast day, against the baseline's."""

    minutes_per_day: float
    baseline_minutes_per_day: float
    target: float

    @property
    def rate(self) -> float | None:
        """Growth as a share of the baseline; None without a baseline."""
        if self.baseline_minutes_per_day <= 0:
            return None
        return self.minutes_per_day / self.baseline_minutes_per_day - 1

    @property
    def reached(self) -> bool | None:
        """Whether the target was met; None without a baseline."""
        return None if self.rate is None else self.rate >= self.target


@dataclass(frozen=True, slots=True)
class YearSoFar:
    """The target group from the first of January to the audit's last day.

    `broadcast_days` are days on which anything of the station's own was heard.
    """

    last: date
    aired_ms: int
    broadcast_days: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """The target group at the end of the year, should it go on as so far.

    Args:
        last: the day up to which was measured.
        minutes: aired so far, in minutes.
        broadcast_days: so far.
        days_left: broadcast days that are to come at the same share of days.
        minutes_at_year_end: as many minutes a broadcast day as so far.
        growth: at the year's end; None without a baseline. The pace is the year's, so that it is today's growth too.
        wanted_minutes: what the year needs for the target; None without a baseline or a target.
        needed_a_week: minutes a week that are still needed, on each of the weeks left; None as before.
    """

    last: date
    minutes: float
    broadcast_days: int
    days_left: float
    minutes_at_year_end: float
    growth: float | None
    wanted_minutes: float | None
    needed_a_week: float | None


def forecast(year: YearSoFar, baseline_minutes_per_day: float, growth_target: float) -> Forecast:
    """The year's end from the year so far.

    Args:
        year: what was measured.
        baseline_minutes_per_day: 0 when there is none.
        growth_target: as a share of the baseline; 0 when none was set.
    """
    new_year = date(year.last.year, 1, 1)
    gone = (year.last - new_year).days + 1
    left = (date(year.last.year, 12, 31) - year.last).days
    minutes = year.aired_ms / 60_000
    days_left = left * year.broadcast_days / gone
    per_day = minutes / year.broadcast_days if year.broadcast_days else 0.0
    growth = per_day / baseline_minutes_per_day - 1 if baseline_minutes_per_day > 0 and year.broadcast_days else None
    wanted = needed = None
    if baseline_minutes_per_day > 0 and growth_target > 0:
        # Before the first broadcast nothing says how many days there will be: every day that is left.
        days_to_come = days_left if year.broadcast_days else float(left)
        wanted = baseline_minutes_per_day * (1 + growth_target) * (year.broadcast_days + days_to_come)
        needed = max(0.0, wanted - minutes) / (left / 7) if left else 0.0
    return Forecast(
        last=year.last,
        minutes=minutes,
        broadcast_days=year.broadcast_days,
        days_left=days_left,
        minutes_at_year_end=minutes + per_day * days_left,
        growth=growth,
        wanted_minutes=wanted,
        needed_a_week=needed,
    )
