"""Lịch tuần: the plan as a table of sessions and days, its findings, planning again, export."""

from collections.abc import Sequence
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated
from zipfile import ZIP_DEFLATED, ZipFile

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from broadcaster.bootstrap import App
from broadcaster.domain.fields import parse_day
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.station import week_days, week_start
from broadcaster.ports import FeedKind
from broadcaster.web.showing import page
from broadcaster.web.visiting import Inside, Operator, Workspace
from broadcaster.wording import say

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]
_TYPES = {FeedKind.ICS: "text/calendar", FeedKind.CSV: "text/csv", FeedKind.JSON: "application/json"}


def _monday(given: str) -> date:
    try:
        day = parse_day(given)
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2100:
        raise HTTPException(404)
    return week_start(day)


def _rows(app: App, made: Plan | None, monday: date) -> list[dict[str, object]]:
    """A row a session: for each day its airings, and how full it is."""
    days = week_days(monday)
    slots = made.slots if made else ()
    titles = {piece.code: piece for piece in app.store.bulletins()}
    cells: dict[tuple[str, date], list[dict[str, object]]] = {}
    used: dict[tuple[str, date], dict[str, int]] = {}
    for slot in sorted(slots):
        piece = titles.get(slot.bulletin)
        cells.setdefault((slot.session, slot.day), []).append(
            {
                "code": slot.bulletin,
                "title": piece.title if piece else slot.bulletin,
                "length": slot.duration_ms,
                "zones": len(slot.zones),
                "target": bool(piece and piece.topic in app.taxonomy.target_group),
            }
        )
        zones = used.setdefault((slot.session, slot.day), {})
        for zone in slot.zones:
            zones[zone] = zones.get(zone, 0) + slot.duration_ms
    on_air = {session.code for day in days for session in app.station.sessions_on(day)}
    on_air |= {slot.session for slot in slots}
    rows: list[dict[str, object]] = []
    for session in sorted((s for s in app.station.sessions if s.code in on_air), key=lambda s: s.start):
        open_ms = session.cap - sum(relay.duration for relay in session.relays)
        listed = []
        for day in days:
            fullest = max(used.get((session.code, day), {}).values(), default=0)
            runs = any(one.code == session.code for one in app.station.sessions_on(day))
            part = min(100, round(100 * fullest / open_ms)) if open_ms > 0 else 0
            listed.append({"slots": cells.get((session.code, day), []), "ms": fullest, "part": part, "runs": runs})
        rows.append({"session": session, "open_ms": open_ms, "cells": listed})
    return rows


@router.get("/lich")
def this_week(app: Workspace, visitor: Inside) -> Response:
    """To the week of today."""
    del visitor
    return RedirectResponse(f"/lich/{week_start(app.station.local(app.clock.now()).date())}", 303)


@router.get("/lich/{ngay}")
def week(request: Request, app: Workspace, visitor: Inside, ngay: str) -> Response:
    """The table."""
    del visitor
    monday = _monday(ngay)
    plans = app.store.plans(monday)
    made = plans[-1] if plans else None
    titles = {piece.code: piece.title for piece in app.store.bulletins()} if made and made.shortfalls else {}
    return page(
        request,
        "week.html",
        monday=monday,
        days=[(day, [special.name for special in app.station.special_on(day)]) for day in week_days(monday)],
        before=monday - timedelta(days=7),
        after=monday + timedelta(days=7),
        plan=made,
        rows=_rows(app, made, monday),
        shortfalls=[
            (item.bulletin, titles.get(item.bulletin, item.bulletin), say(item.code, "vi", **item.facts))
            for item in (made.shortfalls if made else ())
        ],
        kinds=list(FeedKind),
        number=made.number if made else None,
    )


@router.post("/lich/{ngay}/xep")
def plan(request: Request, app: Workspace, visitor: Operator, ngay: str, ly_do: Text = "") -> Response:
    """Plan the week, or amend its plan for a reason."""
    del visitor
    monday = _monday(ngay)
    with request.app.state.work:
        app.planning.make(monday, app.voicing.station_sounds(), app.solver(), reason=ly_do[:500])
    return RedirectResponse(f"/lich/{monday}?da=xep", 303)


@router.get("/lich/{ngay}/xuat/{kind}")
def export(app: Workspace, visitor: Inside, ngay: str, kind: FeedKind) -> Response:
    """The week's rundowns as one file, or several in a ZIP."""
    del visitor
    monday = app.planning.latest(_monday(ngay)).week
    rundowns = app.auditing.rundowns(monday, monday + timedelta(days=6))
    with TemporaryDirectory() as folder:
        files = app.documents.feed(kind, rundowns, app.feed_names(), Path(folder))
        name, data = _packed(files, f"lich_{monday}")
    kind_of = _TYPES.get(kind, "application/octet-stream") if not name.endswith(".zip") else "application/zip"
    return Response(data, media_type=kind_of, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _packed(files: Sequence[Path], name: str) -> tuple[str, bytes]:
    if len(files) == 1:
        return files[0].name, files[0].read_bytes()
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for path in files:
            archive.writestr(path.name, path.read_bytes())
    return f"{name}.zip", buffer.getvalue()
