"""Dates on the command line."""

import re
from datetime import date, timedelta
from typing import Any

import click

from broadcaster.bootstrap import App
from broadcaster.domain.fields import parse_day
from broadcaster.domain.station import week_start
from broadcaster.errors import ConfigError

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""No station has a ledger of before, and a slip of the finger is none of after."""


class Day(click.ParamType):
    """A date as 2026-11-22 or 22/11/2026."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Parse it."""
        if isinstance(value, date):
            return value
        try:
            day = parse_day(str(value))
        except ValueError:
            day = None
        if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fail(f"{value}: dd/mm/yyyy hoặc yyyy-mm-dd", param, ctx)
        return day


PERIOD = Day()


def named_period(text: str) -> tuple[date, date]:
    """The first and last day of a year, quarter, month or ISO week by its name: 2026, 2026-Q4, 2026-11, 2026-W48.

    Raises:
        ConfigError: `config.named_period` for any other text.
    """
    found = re.fullmatch(r"(\d{4})(?:-(?:(\d{1,2})|Q([1-4])|W(\d{1,2})))?", text.strip().upper())
    year = int(found[1]) if found else 0
    if found is None or not FIRST_YEAR <= year <= LAST_YEAR:
        raise ConfigError("config.named_period", given=text)
    try:
        if found[4]:
            monday = date.fromisocalendar(year, int(found[4]), 1)
            return monday, monday + timedelta(days=6)
        first, months = 1, 12
        if found[3]:
            first, months = 3 * int(found[3]) - 2, 3
        elif found[2]:
            first, months = int(found[2]), 1
        after = first + months - 1
        return date(year, first, 1), date(year + after // 12, after % 12 + 1, 1) - timedelta(days=1)
    except ValueError as error:
        raise ConfigError("config.named_period", given=text) from error


def today(app: App) -> date:
    """The date at the station."""
    return app.station.local(app.clock.now()).date()


def monday_of(app: App, day: date | None) -> date:
    """The Monday of a day's week; of this week when no day is given."""
    return week_start(day or today(app))


def period(app: App, first: date | None, last: date | None) -> tuple[date, date]:
    """A period from what was given: this week when nothing was, one day or up to today when only half was.

    Raises:
        ConfigError: `config.period` when it ends before it begins.
    """
    if first is None and last is None:
        monday = monday_of(app, None)
        return monday, monday + timedelta(days=6)
    start = first or week_start(last or today(app))
    end = last or max(start, today(app))
    if end < start:
        raise ConfigError("config.period", first=start, last=end)
    return start, end
