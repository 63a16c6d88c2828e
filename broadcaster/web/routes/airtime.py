"""Thời lượng: every report and document of the registries, to look at and to take away, with its chart."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from broadcaster.composing import Particulars, json_of, page_chart, paper_of, tables_paper
from broadcaster.composing import told as told_of
from broadcaster.domain.audit import AuditResult
from broadcaster.domain.audit.behind import Narrowing
from broadcaster.domain.reports import REPORTS
from broadcaster.domain.reports.behind import behind
from broadcaster.domain.reports.chart import CHARTS
from broadcaster.domain.reports.papers import LOG, PAPERS
from broadcaster.ports import PageChart, PageTable
from broadcaster.showing import Names, page_table
from broadcaster.web.handing import attached, written
from broadcaster.web.periods import day_of, period, today
from broadcaster.web.showing import page
from broadcaster.web.visiting import Inside, Workspace, app_of
from broadcaster.wording import say

router = APIRouter(include_in_schema=False)

PAPER_ENDINGS = ("docx", "pdf", "xlsx")
ENDINGS = (*PAPER_ENDINGS, "csv", "json")
_CHARTED = {
    **dict.fromkeys(("increase", "growth", "forecast"), "growth"),
    **dict.fromkeys(("day", "week", "month", "quarter"), "time"),
    "topic": "topic",
    "thon": "thon",
}
"""The chart beside a report."""


def _query(first: date, last: date, narrowing: Narrowing | None) -> str:
    return urlencode({"tu": first, "den": last, **narrowing.given}) if narrowing else ""


def _chart(request: Request, name: str, result: AuditResult) -> PageChart:
    app = app_of(request)
    return page_chart(CHARTS[name](result), "vi", Names.of(app.station, app.taxonomy))


@router.get("/thoi-luong")
def reports(
    request: Request, app: Workspace, visitor: Inside, tu: str = "", den: str = "", bao_cao: str = ""
) -> Response:
    """One report at a time, the registry beside it; each figure leads to the airings behind it."""
    del visitor
    first, last = period(app, tu, den)
    name = bao_cao or next(iter(REPORTS))
    if name not in REPORTS:
        raise HTTPException(404)
    result = app.auditing.audit(first, last)
    plain = REPORTS[name](result, app.station.target)
    chart = _CHARTED.get(name, "")
    return page(
        request,
        "airtime.html",
        table=page_table(plain, "vi", Names.of(app.station, app.taxonomy, app.titles())),
        behind=[_query(first, last, one) for one in behind(plain)],
        listed=[(one, say(f"report.{one}")) for one in REPORTS],
        papers=[(one, say(f"paper.{one}")) for one in PAPERS],
        report=name,
        first=first,
        last=last,
        today=today(app),
        sentences=told_of(result, "vi"),
        chart=chart,
        drawn=_chart(request, chart, result) if chart else None,
        endings=ENDINGS,
        paper_endings=PAPER_ENDINGS,
    )


def _csv(table: PageTable) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    rows: Sequence[Sequence[str]] = (table.head, *table.body)
    for row in rows:
        # A cell that begins like a formula would be run by the spreadsheet.
        writer.writerow([f"'{cell}" if cell[:1] in "=+@\t\r" and cell else cell for cell in row])
    return "\ufeff" + buffer.getvalue()


@router.get("/thoi-luong/bieu-do/{name}.svg")
def chart(request: Request, app: Workspace, visitor: Inside, name: str, tu: str = "", den: str = "") -> Response:
    """A chart of the registry."""
    del visitor
    first, last = period(app, tu, den)
    if name not in CHARTS:
        raise HTTPException(404)
    drawn = _chart(request, name, app.auditing.audit(first, last))
    return Response(written("bieu_do.svg", lambda path: app.documents.chart(drawn, path)), media_type="image/svg+xml")


@router.get("/thoi-luong/mau.docx")
def form(app: Workspace, visitor: Inside) -> Response:
    """The Word template of documents, for the office to change."""
    del visitor
    return attached("mau_van_ban.docx", written("mau.docx", app.documents.form))


@router.get("/thoi-luong/van-ban")
def paper(
    app: Workspace,
    visitor: Inside,
    loai: str,
    dang: str,
    tu: str = "",
    den: str = "",
    so: str = "",
    ngay: str = "",
) -> Response:
    """A document after NĐ 30/2020 of a period, with the number and date that the form gives."""
    del visitor
    first, last = period(app, tu, den)
    if loai not in PAPERS or dang not in PAPER_ENDINGS:
        raise HTTPException(404)
    kind = PAPERS[loai]
    made = paper_of(
        kind,
        app.auditing.audit(first, last),
        app.station,
        Names.of(app.station, app.taxonomy, app.titles()),
        Particulars(" ".join(so.split())[:30], day_of(ngay) or today(app)),
        app.auditing.rows(first, last) if LOG in kind.reports else (),
        "vi",
    )
    name = f"{loai}_{first}_{last}.{dang}"
    return attached(name, written(name, lambda path: app.documents.paper(made, path, app.workspace.own_form)))


@router.get("/thoi-luong/{name}.{ending}")
def download(app: Workspace, visitor: Inside, name: str, ending: str, tu: str = "", den: str = "") -> Response:
    """A report: CSV as people see it, JSON as plain values, or an annex in Word, PDF or Excel."""
    del visitor
    first, last = period(app, tu, den)
    if name not in REPORTS or ending not in ENDINGS:
        raise HTTPException(404)
    result = app.auditing.audit(first, last)
    table = REPORTS[name](result, app.station.target)
    names = Names.of(app.station, app.taxonomy, app.titles())
    file = f"{name}_{first}_{last}.{ending}"
    if ending == "csv":
        return attached(file, _csv(page_table(table, "vi", names)))
    if ending == "json":
        return attached(file, json_of({name: table}, first, last))
    made = tables_paper((name,), result, app.station, names, today(app), "vi")
    return attached(file, written(file, lambda path: app.documents.paper(made, path, app.workspace.own_form)))
