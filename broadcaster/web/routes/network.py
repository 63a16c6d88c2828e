"""Mạng loa: thôn, clusters and their nodes; a code for a node, throwing one out; a calendar for each thôn."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from broadcaster.bootstrap import App
from broadcaster.domain.asrun import AsRun
from broadcaster.domain.curb import LONGEST_REASON
from broadcaster.domain.enrolment import fingerprint
from broadcaster.domain.node_state import NodeView
from broadcaster.domain.rundown import heard_in
from broadcaster.domain.station import LOUDEST_CAP_DB, Cluster, week_start
from broadcaster.errors import LinkError, Severity
from broadcaster.node_events import finding_of, told_at
from broadcaster.ports import FeedKind
from broadcaster.web.mapping import HEIGHT, WIDTH, dots
from broadcaster.web.showing import name_of, page, told
from broadcaster.web.visiting import Inside, Keeper, Workspace

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]
RECENT = timedelta(days=7)
"""For how long what a node told counts as a trouble of now."""
MOST_TOLD = 50
"""What a page lists of a node's events, the newest first."""
LONGEST_TOLD = 400
LOCAL = {"localhost", "127.0.0.1", "::1", "testserver"}
"""Names by which only the office's own machine reaches the station."""


@dataclass(frozen=True, slots=True)
class Row:
    """A cluster with what is known of it. `number` is its number on the sketch; `last` is what it told last."""

    number: int
    cluster: Cluster
    node: NodeView
    heard: AsRun | None
    alive: bool
    troubles: int
    last: str


def _lines(view: NodeView) -> list[tuple[datetime, Severity, str]]:
    """What a node told, the newest first, each in a sentence."""
    found = []
    for event in (*view.events[-MOST_TOLD:], *view.refused[-MOST_TOLD:]):
        [(severity, line)] = told([finding_of(event)])
        found.append((told_at(event), severity, line[:LONGEST_TOLD]))
    return sorted(found, key=lambda one: one[0], reverse=True)


def _row(
    app: App, number: int, cluster: Cluster, view: NodeView, heard: dict[str, AsRun], alive: frozenset[str]
) -> Row:
    since = app.clock.now() - RECENT
    bad = [line for at, severity, line in _lines(view) if severity is Severity.ERROR and at >= since]
    return Row(number, cluster, view, heard.get(cluster.code), cluster.code in alive, len(bad), bad[0] if bad else "")


@router.get("/mang-loa")
def network(request: Request, app: Workspace, visitor: Inside) -> Response:
    """The tree, with how each node stands and the last sign of each cluster in the ledger of the last week."""
    del visitor
    app.renew()
    now = app.clock.now()
    heard = {row.node: row for row in app.store.as_run(now - timedelta(days=7), now) if row.played_ms}
    alive = app.station.alive_on(app.station.local(now).date())
    views = {view.cluster: view for view in app.network.overseeing.nodes()}
    rows = [_row(app, n, one, views[one.code], heard, alive) for n, one in enumerate(app.station.clusters, 1)]
    thons = [(thon, [row for row in rows if row.cluster.thon == thon.code]) for thon in app.station.thons]
    mutes = [
        (one, [app.station.cluster_by_code[c].name for c in sorted(one.clusters) if c in app.station.cluster_by_code])
        for one in app.station.mutes
        if one.last >= app.station.local(now).date()
    ]
    by_code = {row.cluster.code: row for row in rows}
    tones = app.network.toning.records()
    return page(
        request,
        "network.html",
        thons=thons,
        mutes=mutes,
        states=[(state, count) for state, count in Counter(row.node.state for row in rows if row.alive).items()],
        troubled=[row for row in rows if row.troubles],
        dots=[(dot, by_code[dot.cluster]) for dot in dots([row.cluster for row in rows if row.alive])],
        size=(WIDTH, HEIGHT),
        tone_at=tones[-1].issued if tones else None,
    )


def _view(app: App, node: str) -> tuple[Cluster, NodeView]:
    app.renew()
    cluster = app.station.cluster_by_code.get(node)
    if cluster is None:
        raise HTTPException(404)
    return cluster, app.network.overseeing.node(node)


@router.get("/mang-loa/{node}")
def one(request: Request, app: Workspace, visitor: Inside, node: str) -> Response:
    """One cluster's node: how it stands, what was done with it, what it told."""
    del visitor
    cluster, view = _view(app, node)
    member = view.member
    curbs = app.curbing.curbs()
    return page(
        request,
        "node.html",
        cluster=cluster,
        thon=app.station.thon_by_code[cluster.thon],
        view=view,
        mark=fingerprint(bytes.fromhex(member.public))[:16] if member else "",
        caps=[(order, name_of(request, order.by)) for order in reversed(curbs.caps) if order.cluster == node],
        version=curbs.count,
        most=round(-LOUDEST_CAP_DB),
        longest=LONGEST_REASON,
        deeds=[(deed, name_of(request, deed.by) if deed.by else "–") for deed in reversed(view.deeds)],
        lines=_lines(view)[:MOST_TOLD],
        count=len(view.events) + len(view.refused),
    )


@router.post("/mang-loa/{node}/ma")
def invite(request: Request, app: Workspace, visitor: Keeper, node: str) -> Response:
    """A one-time code, on this page and nowhere else."""
    cluster, view = _view(app, node)
    code, invitation = app.network.invite(visitor.code, node)
    host = request.url.hostname or ""
    return page(
        request,
        "node_code.html",
        cluster=cluster,
        view=view,
        code=code,
        until=invitation.expires,
        host="" if host in LOCAL else host,
    )


@router.get("/mang-loa/{node}/thu-hoi")
def ask(request: Request, app: Workspace, visitor: Keeper, node: str) -> Response:
    """What throwing a node out means, and the button."""
    del visitor
    cluster, view = _view(app, node)
    if view.member is None or view.member.revoked is not None:
        raise LinkError("link.no_member", node=node)
    return page(request, "node_revoke.html", cluster=cluster, view=view)


@router.post("/mang-loa/{node}/thu-hoi")
def revoke(request: Request, app: Workspace, visitor: Keeper, node: str, khoa: Text = "") -> Response:
    """Throw out the node that the page before showed; not one that has joined since."""
    with request.app.state.work:
        cluster, view = _view(app, node)
        member = view.member
        if member is not None and member.revoked is None and khoa != member.public:
            raise LinkError("network.rejoined", node=cluster.name)
        app.network.distributing.revoke(visitor.code, node)
    return RedirectResponse(f"/mang-loa/{node}?da=bo_phat", 303)


@router.get("/lich-thon/{thon}.ics")
def calendar(app: Workspace, thon: str) -> Response:
    """This week and the next for one thôn, without a log-in: a telephone has none, and it is what all will hear."""
    if thon not in app.station.thon_by_code:
        raise HTTPException(404)
    mine = {one.code for one in app.station.clusters if one.thon == thon}
    zones = {zone.code for zone in app.station.air_zones() if zone.clusters & mine}
    monday = week_start(app.station.local(app.clock.now()).date())
    rundowns = [r for r in app.auditing.rundowns(monday, monday + timedelta(days=13)) if r.zone in zones]
    names = app.feed_names()
    place = app.station.thon_by_code[thon].name
    called = replace(names, places={**names.places, thon: place}, together=place)
    with TemporaryDirectory() as folder:
        # A thôn may be several air zones, as where some of its clusters belong to a group: its calendar has them all.
        [file] = app.documents.feed(FeedKind.ICS, heard_in(rundowns, thon), called, Path(folder))
        data = file.read_bytes()
    return Response(
        data, media_type="text/calendar", headers={"Content-Disposition": f'attachment; filename="{thon}.ics"'}
    )
