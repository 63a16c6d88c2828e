"""Mạng loa: thôn, clusters, sessions as the station file has them; a calendar for each thôn."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from broadcaster.domain.station import week_start
from broadcaster.ports import FeedKind
from broadcaster.web.showing import page
from broadcaster.web.visiting import Inside, Workspace

router = APIRouter(include_in_schema=False)


@router.get("/mang-loa")
def network(request: Request, app: Workspace, visitor: Inside) -> Response:
    """The tree, with the last sign of each cluster in the ledger of the last week."""
    del visitor
    now = app.clock.now()
    day = app.station.local(now).date()
    heard = {row.node: row for row in app.store.as_run(now - timedelta(days=7), now) if row.played_ms}
    alive = app.station.alive_on(day)
    thons = [
        (thon, [(one, heard.get(one.code), one.code in alive) for one in app.station.clusters if one.thon == thon.code])
        for thon in app.station.thons
    ]
    mutes = [
        (one, [app.station.cluster_by_code[c].name for c in sorted(one.clusters) if c in app.station.cluster_by_code])
        for one in app.station.mutes
    ]
    return page(request, "network.html", thons=thons, mutes=mutes)


@router.get("/lich-thon/{thon}.ics")
def calendar(app: Workspace, visitor: Inside, thon: str) -> Response:
    """This week and the next for one thôn, for a telephone's calendar."""
    del visitor
    if thon not in app.station.thon_by_code:
        raise HTTPException(404)
    mine = {one.code for one in app.station.clusters if one.thon == thon}
    zones = {zone.code for zone in app.station.air_zones() if zone.clusters & mine}
    monday = week_start(app.station.local(app.clock.now()).date())
    rundowns = [r for r in app.auditing.rundowns(monday, monday + timedelta(days=13)) if r.zone in zones]
    with TemporaryDirectory() as folder:
        files = app.documents.feed(FeedKind.ICS, rundowns, app.feed_names(), Path(folder))
        data = (
            files[0].read_bytes()
            if files
            else b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:broadcaster\r\nEND:VCALENDAR\r\n"
        )
    return Response(
        data, media_type="text/calendar", headers={"Content-Disposition": f'attachment; filename="{thon}.ics"'}
    )
