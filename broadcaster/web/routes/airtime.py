"""Thời lượng: every report of the registry, to look at and to take away."""

import csv
import io
from datetime import date, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from broadcaster.bootstrap import App
from broadcaster.domain.fields import parse_day
from broadcaster.domain.reports import REPORTS
from broadcaster.domain.station import week_start
from broadcaster.errors import ConfigError
from broadcaster.showing import Names, page_table
from broadcaster.web.showing import page
from broadcaster.web.visiting import Inside, Workspace
from broadcaster.wording import say

router = APIRouter(include_in_schema=False)


def period(app: App, tu: str, den: str) -> tuple[date, date]:
    """A period from a form; this week unless told otherwise.

    Raises:
        ConfigError: `config.period` when it ends before it begins.
    """
    monday = week_start(app.station.local(app.clock.now()).date())
    try:
        first, last = parse_day(tu) if tu else monday, parse_day(den) if den else monday + timedelta(days=6)
    except ValueError as error:
        raise HTTPException(422) from error
    if first is None or last is None or first.year < 2000 or last.year > 2100:
        raise HTTPException(422)
    if last < first:
        raise ConfigError("config.period", first=first, last=last)
    return first, last


@router.get("/thoi-luong")
def reports(
    request: Request, app: Workspace, visitor: Inside, tu: str = "", den: str = "", bao_cao: str = ""
) -> Response:
    """One report at a time, the registry beside it."""
    del visitor
    first, last = period(app, tu, den)
    name = bao_cao or next(iter(REPORTS))
    if name not in REPORTS:
        raise HTTPException(404)
    result = app.auditing.audit(first, last)
    table = page_table(REPORTS[name](result, app.station.target), "vi", Names.of(app.station, app.taxonomy))
    listed = [(one, say(f"report.{one}")) for one in REPORTS]
    return page(request, "airtime.html", table=table, listed=listed, report=name, first=first, last=last)


@router.get("/thoi-luong/{name}.csv")
def download(app: Workspace, visitor: Inside, name: str, tu: str = "", den: str = "") -> Response:
    """A report as people see it, for a spreadsheet."""
    del visitor
    first, last = period(app, tu, den)
    if name not in REPORTS:
        raise HTTPException(404)
    result = app.auditing.audit(first, last)
    table = page_table(REPORTS[name](result, app.station.target), "vi", Names.of(app.station, app.taxonomy))
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in (table.head, *table.body):
        # A cell that begins like a formula would be run by the spreadsheet.
        writer.writerow([f"'{cell}" if cell[:1] in "=+@\t\r" and cell else cell for cell in row])
    headers = {"Content-Disposition": f'attachment; filename="{name}_{first}_{last}.csv"'}
    return Response("\ufeff" + buffer.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
