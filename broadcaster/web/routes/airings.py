"""The airings behind a figure, and the sound of each."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException

from broadcaster.bootstrap import App
from broadcaster.domain.audit.behind import FOCUS, TARGET, AiringBehind, Narrowing
from broadcaster.domain.audit.figures import month_name
from broadcaster.domain.reports.table import Cell
from broadcaster.showing import Names, show
from broadcaster.web.periods import period
from broadcaster.web.showing import page
from broadcaster.web.visiting import Inside, Workspace
from broadcaster.wording import say

router = APIRouter(include_in_schema=False)

A_PAGE = 100
"""Airings on one page."""
LONGEST = timedelta(days=100)
"""A longer period is opened by its months: a page must not read a year of every cluster's rows."""

_CELLS = {
    "day": Cell.DATE,
    "session": Cell.SESSION,
    "item_kind": Cell.ITEM_KIND,
    "bulletin": Cell.BULLETIN,
    "topic": Cell.TOPIC,
    "kind": Cell.KIND,
    "thon": Cell.THON,
    "nodes": Cell.NODES,
    "outcome": Cell.OUTCOME,
    "cause": Cell.CAUSE,
}
_GROUPS = {TARGET: "nhóm đích IV.3", FOCUS: "nhóm trọng tâm"}


def narrowing_of(request: Request) -> Narrowing:
    """What the address narrows to; members that it does not know are passed over."""
    known = Narrowing()
    given = {key: value[:400] for key, value in request.query_params.items() if hasattr(known, key) and key != "given"}
    return replace(known, **given)


def _months(first: date, last: date) -> list[str]:
    months = {month_name(first + timedelta(days=n)) for n in range(0, (last - first).days + 1, 7)}
    return sorted(months | {month_name(last)})


def _row(app: App, airing: AiringBehind, names: Names, known: set[str]) -> dict[str, object]:
    rows = [
        {
            "node": names.nodes.get(row.node, row.node),
            "seq": row.seq,
            "began": app.station.local(row.started_at).strftime("%H:%M:%S") if row.started_at else "–",
            "played": row.counted_ms,
            "level": row.level,
            "outcome": say(f"outcome.{row.outcome.value}"),
            "cause": say(f"cause.{row.cause.value or 'none'}"),
            "master": row.master if row.master in known else "",
        }
        for row in airing.rows
    ]
    return {
        "day": airing.day,
        "session": names.sessions.get(airing.session, airing.session),
        "at": app.station.local(airing.rows[0].planned_start).strftime("%H:%M:%S"),
        "title": names.titles.get(airing.bulletin, airing.bulletin) or say(f"item.{airing.kind.value}"),
        "code": airing.bulletin if airing.bulletin in names.titles else "",
        "aired": airing.aired_ms,
        "cluster": airing.cluster_ms,
        "rows": rows,
        "masters": sorted({str(row["master"]) for row in rows if row["master"]}),
    }


@router.get("/thoi-luong/lan-phat")
def airings(
    request: Request,
    app: Workspace,
    visitor: Inside,
    narrowing: Annotated[Narrowing, Depends(narrowing_of)],
    tu: str = "",
    den: str = "",
    trang: int = 1,
) -> Response:
    """What a figure is made of."""
    del visitor
    first, last = period(app, tu, den)
    names = Names.of(app.station, app.taxonomy, app.titles())
    if narrowing.day:
        day, _ = period(app, narrowing.day, narrowing.day)
        first, last = max(first, day), min(last, day)
    long = last - first > LONGEST
    months = _months(first, last) if long else []
    if long and narrowing.span in months:
        year, month = map(int, narrowing.span.split("-"))
        after = date(year + month // 12, month % 12 + 1, 1)
        first, last, long = max(first, date(year, month, 1)), min(last, after - timedelta(days=1)), False
    found = app.auditing.airings(first, last, narrowing) if last >= first and not long else ()
    pages = max(1, -(-len(found) // A_PAGE))
    if not 1 <= trang <= pages:
        raise HTTPException(404)
    shown = found[(trang - 1) * A_PAGE : trang * A_PAGE]
    masters = {row.master for airing in shown for row in airing.rows if row.master}
    known = {master for master in masters if app.sound_file(master) is not None}
    words = [
        _GROUPS.get(value, value) if key == "group" else show(value, _CELLS.get(key, Cell.TEXT), "vi", names)
        for key, value in narrowing.given.items()
    ]
    heard = [airing for airing in found if airing.cluster_ms > 0]
    return page(
        request,
        "airings.html",
        words=[word for word in words if word],
        airings=[_row(app, airing, names, known) for airing in shown],
        heard=len(heard),
        failed=len(found) - len(heard),
        aired=sum(airing.aired_ms for airing in heard),
        cluster=sum(airing.cluster_ms for airing in heard),
        first=first,
        last=last,
        months=[(month, str(request.url.include_query_params(span=month, trang=1).query)) for month in months if long],
        number=trang,
        pages=pages,
        turn=lambda number: str(request.url.include_query_params(trang=number).query),
    )


@router.get("/thoi-luong/nghe/{master}")
def sound(app: Workspace, visitor: Inside, master: str) -> Response:
    """The very sound that was aired, by its hash."""
    del visitor
    path = app.sound_file(master)
    if path is None:
        raise HTTPException(404)
    return FileResponse(path, media_type="audio/flac", headers={"Cache-Control": "private, max-age=86400"})
