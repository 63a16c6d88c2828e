"""Tắt loa: clusters silent for a time, or softer than usual; who decided it, when and why stay on the page."""

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from broadcaster.bootstrap import App
from broadcaster.domain.curb import LONGEST_REASON
from broadcaster.domain.days import LAST_MINUTE, MIDNIGHT
from broadcaster.errors import BroadcasterError, ConfigError
from broadcaster.web.periods import day_of, today
from broadcaster.web.showing import name_of, page, sentences
from broadcaster.web.visiting import Inside, Keeper, Workspace

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]
Texts = Annotated[list[str], Form()]
Whole = Annotated[int, Form(ge=0, le=1_000_000)]
MOST_PAST = 50
"""Mutes that are over which the page lists, the newest first."""
_EMPTY: Mapping[str, object] = {"cum": (), "tu": "", "den": "", "tu_gio": "", "den_gio": "", "ly_do": ""}


def _shown(
    request: Request, app: App, *, http: int = 200, lines: Sequence[str] = (), typed: Mapping[str, object] = _EMPTY
) -> Response:
    app.renew()
    curbs, station = app.curbing.curbs(), app.station
    now = station.local(app.clock.now())
    names = {one.code: one.name for one in station.clusters}
    rows = [
        {
            "order": order,
            "names": [names[code] for code in sorted(order.mute.clusters) if code in names],
            "by": name_of(request, order.by),
            "lifted_by": name_of(request, order.lifted_by) if order.lifted_by else "",
            "whole": (order.mute.start, order.mute.end) == (MIDNIGHT, LAST_MINUTE),
        }
        for order in reversed(curbs.mutes)
    ]
    return page(
        request,
        "quieting.html",
        http=http,
        lines=lines,
        typed=typed,
        count=curbs.count,
        open=[row for row, order in zip(rows, reversed(curbs.mutes), strict=True) if not order.over(now)],
        past=[row for row, order in zip(rows, reversed(curbs.mutes), strict=True) if order.over(now)][:MOST_PAST],
        filed=[
            (one, [names[code] for code in sorted(one.clusters) if code in names])
            for one in app.filed_station.mutes
            if one.last >= now.date()
        ],
        thons=[(thon, [c for c in station.clusters if c.thon == thon.code]) for thon in station.thons],
        today=today(app).isoformat(),
        longest=LONGEST_REASON,
    )


@router.get("/tat-loa")
def quieting(request: Request, app: Workspace, visitor: Inside) -> Response:
    """What is muted, the form, and what was."""
    del visitor
    return _shown(request, app)


def _hour(given: str, usual: time) -> time:
    if not given.strip():
        return usual
    try:
        moment = time.fromisoformat(given.strip())
    except ValueError as error:
        raise ConfigError("curb.hours") from error
    if moment.tzinfo is not None:
        raise ConfigError("curb.hours")
    return moment


@router.post("/tat-loa")
def mute(
    request: Request,
    app: Workspace,
    visitor: Keeper,
    cum: Texts = [],  # noqa: B006 - FastAPI's default of a form
    tu: Text = "",
    den: Text = "",
    tu_gio: Text = "",
    den_gio: Text = "",
    ly_do: Text = "",
    phien_ban: Whole = 0,
) -> Response:
    """Mute clusters for a time."""
    typed = {"cum": cum, "tu": tu, "den": den, "tu_gio": tu_gio, "den_gio": den_gio, "ly_do": ly_do}
    try:
        try:
            first, last = day_of(tu), day_of(den)
        except HTTPException as error:
            raise ConfigError("curb.days") from error
        hours = {"start": _hour(tu_gio, MIDNIGHT), "end": _hour(den_gio, LAST_MINUTE)}
        app.curbing.mute(visitor.code, cum, first, last, ly_do, **hours, after=phien_ban)
    except BroadcasterError as error:
        status = 409 if error.code == "notebook.changed" else 422
        return _shown(request, app, http=status, lines=sentences(error), typed=typed)
    app.renew()
    return RedirectResponse("/tat-loa?da=tat", 303)


@router.post("/tat-loa/{number}/thoi")
def lift(app: Workspace, visitor: Keeper, number: int, ly_do: Text = "", phien_ban: Whole = 0) -> Response:
    """End a mute before its time."""
    app.curbing.lift(visitor.code, number, ly_do, phien_ban)
    app.renew()
    return RedirectResponse("/tat-loa?da=thoi_tat", 303)


@router.post("/mang-loa/{node}/do-to")
def cap(
    app: Workspace,
    visitor: Keeper,
    node: str,
    nho_hon: Annotated[float, Form(allow_inf_nan=False)] = 0.0,
    ly_do: Text = "",
    phien_ban: Whole = 0,
) -> Response:
    """Let a cluster sound so many decibels softer."""
    app.curbing.cap(visitor.code, node, -nho_hon or 0.0, ly_do, phien_ban)
    app.renew()
    return RedirectResponse(f"/mang-loa/{node}?da=do_to", 303)
