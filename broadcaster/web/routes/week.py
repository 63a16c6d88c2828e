"""Lịch tuần: the plan as a table of sessions and days, its bars and findings, export."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from broadcaster.bootstrap import App
from broadcaster.composing import Particulars, schedule_paper, starts_of
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.fields import parse_day
from broadcaster.domain.planning.forecast import forecast
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.station import Role, week_days, week_start
from broadcaster.ports import FeedKind
from broadcaster.web.handing import attached, written
from broadcaster.web.periods import day_of, today
from broadcaster.web.showing import page
from broadcaster.web.visiting import Inside, Workspace
from broadcaster.wording import say

router = APIRouter(include_in_schema=False)

_TYPES = {FeedKind.ICS: "text/calendar", FeedKind.CSV: "text/csv", FeedKind.JSON: "application/json"}


def monday_of(given: str) -> date:
    """The week of an address.

    Raises:
        HTTPException: 404 for what is no day of this century.
    """
    try:
        day = parse_day(given)
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2100:
        raise HTTPException(404)
    return week_start(day)


def placement_rows(app: App, made: Plan, titles: Mapping[str, str]) -> list[dict[str, object]]:
    """What a person wants of single airings, in words."""
    sessions = {session.code: session.name for session in app.station.sessions}
    return [
        {
            "code": p.bulletin,
            "title": titles.get(p.bulletin, p.bulletin),
            "day": p.day,
            "session": sessions.get(p.session, p.session),
            "wanted": p.wanted,
        }
        for p in made.placements
    ]


def _rows(
    app: App, made: Plan | None, monday: date, titles: Mapping[str, Bulletin], begun: Collection[tuple[date, str]]
) -> list[dict[str, object]]:
    """A row a session: for each day its airings, and how full it is."""
    days = week_days(monday)
    slots = made.slots if made else ()
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
            listed.append(
                {
                    "day": day,
                    "slots": cells.get((session.code, day), []),
                    "ms": fullest,
                    "part": part,
                    "runs": runs,
                    "begun": (day, session.code) in begun,
                }
            )
        rows.append({"session": session, "open_ms": open_ms, "cells": listed})
    return rows


@router.get("/lich")
def this_week(app: Workspace, visitor: Inside) -> Response:
    """To the week of today."""
    del visitor
    return RedirectResponse(f"/lich/{week_start(app.station.local(app.clock.now()).date())}", 303)


def _quotas(app: App, made: Plan, known: Mapping[str, Bulletin]) -> list[dict[str, object]]:
    """What the plan would air beside the station's targets, each as a bar of a hundred and in words."""
    target = app.station.target
    expected = forecast(made, known, app.taxonomy, target)
    total = max(1, expected.total_ms)
    shares: list[tuple[str, float, float]] = [
        ("Nhóm đích IV.3 trong tổng thời lượng", expected.target_share, target.target_share),
        ("Nhóm trọng tâm trong nhóm đích", expected.focus_share, target.focus_share),
        *(
            (app.taxonomy.name_of(code), ms / total, 0.0)
            for code, ms in sorted(expected.by_topic.items(), key=lambda entry: -entry[1])
        ),
    ]
    return [
        {"name": name, "part": min(100, round(100 * part)), "wanted": round(100 * wanted), "short": part < wanted}
        for name, part, wanted in shares
    ]


@router.get("/lich/{ngay}")
def week(request: Request, app: Workspace, visitor: Inside, ngay: str, so: int | None = None) -> Response:
    """The table of the plan in force, or of an earlier number."""
    monday = monday_of(ngay)
    plans = app.store.plans(monday)
    made = next((plan for plan in plans if plan.number == so), None) if so is not None else plans[-1] if plans else None
    if so is not None and made is None:
        raise HTTPException(404)
    known = {piece.code: piece for piece in app.store.bulletins()}
    in_force = made is not None and made == plans[-1]
    titles = app.titles() if made and (made.shortfalls or made.placements or made.precedence) else {}
    return page(
        request,
        "week.html",
        monday=monday,
        days=[(day, [special.name for special in app.station.special_on(day)]) for day in week_days(monday)],
        before=monday - timedelta(days=7),
        after=monday + timedelta(days=7),
        plan=made,
        rows=_rows(app, made, monday, known, app.planning.begun(monday)),
        waiting=app.planning.waiting(made, list(known.values())) if made and in_force else (),
        dragged=in_force and visitor.may(Role.OPERATOR),
        shortfalls=[
            (item.bulletin, titles.get(item.bulletin, item.bulletin), say(item.code, "vi", **item.facts))
            for item in (made.shortfalls if made else ())
        ],
        titles=titles,
        kinds=list(FeedKind),
        number=made.number if made else None,
        last=plans[-1].number if plans else None,
        plans=plans,
        quotas=_quotas(app, made, known) if made else [],
        placements=placement_rows(app, made, titles) if made else [],
        today=today(app),
    )


@router.get("/lich/{ngay}/van-ban.{ending}")
def paper(app: Workspace, visitor: Inside, ngay: str, ending: str, so: str = "", ky: str = "") -> Response:
    """The week for a leader's signature, with the number and date that the form gives."""
    del visitor
    if ending not in {"docx", "pdf"}:
        raise HTTPException(404)
    made = app.planning.latest(monday_of(ngay))
    rundowns = app.auditing.rundowns(made.week, made.week + timedelta(days=6))
    particulars = Particulars(" ".join(so.split())[:30], day_of(ky) or today(app))
    document = schedule_paper(made, app.station, particulars, app.titles(), starts_of(rundowns))
    name = f"lich_tuan_{made.week}_{made.number}.{ending}"
    return attached(name, written(name, lambda path: app.documents.paper(document, path, app.workspace.own_form)))


@router.get("/lich/{ngay}/xuat/{kind}")
def export(app: Workspace, visitor: Inside, ngay: str, kind: FeedKind) -> Response:
    """The week's rundowns as one file, or several in a ZIP."""
    del visitor
    monday = app.planning.latest(monday_of(ngay)).week
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
