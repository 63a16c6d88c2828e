"""The JSON API: reading only. Its description is at /api/openapi.json."""

from datetime import date
from typing import Any

from fastapi import APIRouter
from starlette.exceptions import HTTPException

from broadcaster.domain.reports import REPORTS
from broadcaster.domain.station import week_start
from broadcaster.errors import ConfigError
from broadcaster.showing import Names, page_table
from broadcaster.units import plain
from broadcaster.web.visiting import Inside, Workspace

_WORDS: dict[int | str, dict[str, Any]] = {401: {"description": "Chưa đăng nhập."}, 404: {"description": "Không có."}}
router = APIRouter(prefix="/api/v1", tags=["api"], responses=_WORDS)


@router.get("/bulletins")
def bulletins(app: Workspace, visitor: Inside) -> list[dict[str, Any]]:
    """Every bulletin and where it stands."""
    del visitor
    pieces = app.store.bulletins()
    standings = app.approving.standings(pieces)
    return [{"code": b.code, "title": b.title, "topic": b.topic, "status": standings[b.code][0].value} for b in pieces]


@router.get("/bulletins/{code}")
def bulletin(app: Workspace, visitor: Inside, code: str) -> dict[str, Any]:
    """One bulletin, with its version's hash."""
    del visitor
    piece = app.store.bulletin(code)
    if piece is None:
        raise HTTPException(404)
    return {
        "bulletin": plain(piece),
        "version": piece.text_hash,
        "status": app.approving.status(piece).value,
        "history": plain(list(app.store.reviews(code))),
    }


@router.get("/plans/{day}")
def plan(app: Workspace, visitor: Inside, day: date) -> dict[str, Any]:
    """The plan in force in a day's week."""
    del visitor
    plans = app.store.plans(week_start(day)) if date(2000, 1, 1) <= day <= date(2100, 12, 31) else ()
    if not plans:
        raise HTTPException(404)
    made: dict[str, Any] = plain(plans[-1])
    return made


@router.get("/reports/{name}", responses={422: {"description": "Kỳ không đúng."}})
def report(app: Workspace, visitor: Inside, name: str, first: date, last: date) -> dict[str, Any]:
    """A report of a period, as people read it."""
    del visitor
    if name not in REPORTS:
        raise HTTPException(404)
    if last < first or first < date(2000, 1, 1) or last > date(2100, 12, 31):
        raise ConfigError("config.period", first=first, last=last)
    result = app.auditing.audit(first, last)
    return {
        "table": plain(page_table(REPORTS[name](result, app.station.target), "vi", Names.of(app.station, app.taxonomy)))
    }
