"""Public holidays and working days of Vietnam, lunar New Year included.

The dates come from the library `holidays` (lunar calendar, days in lieu, exchanged working days by decision of each
year); it is imported when a date is first asked for, and its tables are kept by year.
"""

from datetime import date, timedelta
from functools import cache
from typing import Any

TET = "Tết Nguyên Đán"
"""The library's Vietnamese name for the first day of the lunar year."""

ONE_DAY = timedelta(days=1)


@cache
def _calendar() -> Any:
    import holidays  # noqa: PLC0415 - most commands never ask for a date's holiday

    return holidays.country_holidays("VN", language="vi")


def holiday(day: date) -> str:
    """The name of a public holiday (Bộ luật Lao động 2019, article 112); empty on any other day."""
    return str(_calendar().get(day) or "")


@cache
def new_year(year: int) -> date:
    """The first day of the lunar year that begins in a calendar year; `date.min` where the library knows none."""
    day = date(year, 1, 20)
    while day.month < 3:
        if holiday(day) == TET:
            return day
        day += ONE_DAY
    return date.min


def is_working_day(day: date) -> bool:
    """Monday to Friday without holidays; a weekend day only where a working day was moved to it."""
    return bool(_calendar().is_working_day(day))


def working_days_after(day: date, count: int) -> date:
    """The `count`-th working day after a date."""
    while count > 0:
        day += ONE_DAY
        count -= is_working_day(day)
    return day


def working_days_until(day: date, end: date) -> int:
    """The working days after a date, up to another and with it; 0 when that is over."""
    return sum(is_working_day(day + ONE_DAY * n) for n in range(1, (end - day).days + 1))
