"""Periods that a page's form asks for."""

from datetime import date, timedelta

from starlette.exceptions import HTTPException

from broadcaster.bootstrap import App
from broadcaster.domain.fields import parse_day
from broadcaster.domain.station import week_start
from broadcaster.errors import ConfigError

FIRST_YEAR, LAST_YEAR = 2000, 2100


def day_of(given: str) -> date | None:
    """A day as typed; None for an empty field.

    Raises:
        HTTPException: 422 for what is no day of this century.
    """
    if not given.strip():
        return None
    try:
        day = parse_day(given)
    except ValueError as error:
        raise HTTPException(422) from error
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise HTTPException(422)
    return day


def today(app: App) -> date:
    """The date at the station."""
    return app.station.local(app.clock.now()).date()


def period(app: App, tu: str, den: str) -> tuple[date, date]:
    """A period from a form; this week unless told otherwise.

    Raises:
        ConfigError: `config.period` when it ends before it begins.
        HTTPException: 422 for what is no day.
    """
    monday = week_start(today(app))
    first, last = day_of(tu) or monday, day_of(den) or monday + timedelta(days=6)
    if last < first:
        raise ConfigError("config.period", first=first, last=last)
    return first, last
