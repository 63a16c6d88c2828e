"""Hôm nay: what is on the air in every thôn, what comes next, and what needs a person; it changes by itself."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from broadcaster.bootstrap import App
from broadcaster.domain.asrun import AsRun
from broadcaster.domain.on_air import OnAir, on_air
from broadcaster.domain.rundown import ItemKind, Rundown, RundownItem
from broadcaster.web.showing import page
from broadcaster.web.visiting import COOKIE, Inside, Workspace
from broadcaster.wording import say

router = APIRouter(include_in_schema=False)
GLANCE_S = 2.0
"""Between two looks for something that has changed."""
COMMENT_S = 15.0
"""A line now and then, so that nothing between the browser and here takes the connection for dead."""


@dataclass(frozen=True, slots=True)
class Place:
    """One cluster as the page has it; `until` and `next_at` are instants for the countdown, empty for none."""

    name: str
    state: str
    title: str
    until: str
    next_title: str
    next_at: str
    measured: str
    node: str
    node_state: str


@dataclass(frozen=True, slots=True)
class Programme:
    """One session of today: its rundowns by zone, and where it stands."""

    name: str
    start: str
    end: str
    state: str
    zones: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]


def _programmes(app: App, rundowns: tuple[Rundown, ...], titles: dict[str, str]) -> list[Programme]:
    now = app.clock.now()
    day = app.station.local(now).date()
    zones = {zone.code: zone.name for zone in app.station.air_zones()}
    made = []
    for session in sorted(app.station.sessions_on(day), key=lambda one: one.start):
        mine = [one for one in rundowns if one.session == session.code]
        start = app.station.start_of(session, day)
        end = max((one.end for one in mine), default=start)
        state = "Đang phát" if start <= now < end else "Đã xong" if now >= end and mine else "Sắp tới"
        if not mine:
            state = "Chưa có lịch"
        listed = tuple((zones.get(one.zone, one.zone), _items(app, one, titles)) for one in mine)
        made.append(Programme(session.name, f"{session.start:%H:%M}", f"{session.end:%H:%M}", state, listed))
    return made


def _items(app: App, rundown: Rundown, titles: dict[str, str]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (app.station.local(item.start).strftime("%H:%M:%S"), titles.get(item.bulletin, item.bulletin), item.bulletin)
        for item in rundown.items
        if item.kind is ItemKind.BULLETIN
    )


class Air:
    """The clusters of the page, with what takes the air from their sessions."""

    def __init__(self, request: Request, app: App, titles: dict[str, str]) -> None:
        self._app, self._titles = app, titles
        self._now = app.clock.now()
        self._player = getattr(request.app.state, "player", None)
        self._player_node = getattr(request.app.state, "player_node", "")
        network = app.network
        self._orders = network.orders_in_force()
        self._lives = network.lives_on()
        self._members = {member.node: member for member in network.members() if member.revoked is None}

    def thons(self, rundowns: tuple[Rundown, ...], rows: list[AsRun]) -> list[tuple[str, list[Place]]]:
        """Every thôn with its clusters."""
        app = self._app
        day = app.station.local(self._now).date()
        alive = app.station.alive_on(day)
        found = on_air(alive, rundowns, lambda one: app.auditing.nodes_of(one.zone, one.day), rows, self._now)
        return [
            (
                thon.name,
                [
                    self._place(one.code, one.name, found.get(one.code, OnAir(one.code)))
                    for one in app.station.clusters
                    if one.thon == thon.code and one.code in alive
                ],
            )
            for thon in app.station.thons
        ]

    def _place(self, node: str, name: str, air: OnAir) -> Place:
        order = next((one for one in self._orders if one.is_for(node)), None)
        live = next((one for one in self._lives if one.is_for(node)), None)
        node_state, answers = self._node(node)
        if order is not None:
            state, title, until = ("Diễn tập" if order.drill else "KHẨN CẤP"), order.text[:80], ""
        elif live is not None:
            state, title, until = "Trực tiếp", live.title, _stamp(live.until)
        elif air.now is not None:
            state = "Đang phát" if answers else "Theo lịch, chưa rõ có ra loa"
            title, until = self._title(air.now), _stamp(air.now.end)
        else:
            state, title, until = "Im lặng", "", ""
        following = air.next
        return Place(
            name,
            state,
            title,
            until,
            self._title(following) if following else "",
            _stamp(following.start) if following else "",
            self._measured(node, air.last),
            node,
            node_state,
        )

    def _title(self, item: RundownItem) -> str:
        if item.kind is ItemKind.RELAY:
            return f"Tiếp sóng {item.relay}".strip()
        if item.kind is ItemKind.BULLETIN:
            return self._titles.get(item.bulletin, item.bulletin)
        words = say(f"item.{item.kind.value}", "vi")
        return words[:1].upper() + words[1:]

    def _measured(self, node: str, row: AsRun | None) -> str:
        """What was measured last: at the office while it sounds, elsewhere once it is over."""
        sounding = self._app.sounding(node) if node == self._player_node else None
        if sounding is not None:
            return f"đang ra loa, {sounding[2] // 60_000}:{sounding[2] // 1000 % 60:02}"
        if row is None:
            return "chưa đo được gì hôm nay"
        when = self._app.station.local(row.started_at or row.planned_start).strftime("%H:%M")
        level = "" if row.level is None else f", {row.level:.1f}".replace(".", ",").replace("-", "−") + " LUFS"
        return f"{when}: {say(f'outcome.{row.outcome.value}', 'vi')}{level}"

    def _node(self, node: str) -> tuple[str, bool]:
        """How the player of a cluster stands, and whether it answers."""
        if node == self._player_node and self._player is not None:
            return ("máy này, đang chạy", True) if self._player.process_id else ("máy này, đang khởi động lại", False)
        if node not in self._members:
            return "chưa có bộ phát", False
        seen = self._app.network.seen(node)[0]
        if seen is None:
            return "chưa liên lạc lần nào", False
        minutes = (self._now - seen) // timedelta(minutes=1)
        if minutes < 2:
            return "đang nối", True
        return f"mất liên lạc từ {self._app.station.local(seen):%H:%M %d/%m}", minutes < 10


def _stamp(instant: datetime) -> str:
    return instant.isoformat()


def _shown(request: Request, app: App, template: str) -> HTMLResponse:
    now = app.clock.now()
    day = app.station.local(now).date()
    titles = app.titles()
    rundowns = app.auditing.rundowns(day, day)
    midnight = app.station.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = list(app.store.as_run(midnight, now + timedelta(hours=1)))
    return page(
        request,
        template,
        programmes=_programmes(app, rundowns, titles),
        thons=Air(request, app, titles).thons(rundowns, rows),
        tasks=request.app.state.waiting.tasks(),
        now=now,
        stamp=_stamp(now),
    )


@router.get("/")
def today(request: Request, app: Workspace, visitor: Inside) -> Response:
    """The page."""
    del visitor
    request.app.state.waiting.forget()  # whoever opens it has perhaps just done something
    return _shown(request, app, "today.html")


@router.get("/hom-nay/phan")
def part(request: Request, app: Workspace, visitor: Inside) -> Response:
    """The page's living part, for whoever has no script."""
    del visitor
    return _shown(request, app, "today_part.html")


@router.get("/hom-nay/luong")
async def stream(request: Request, app: Workspace, visitor: Inside) -> Response:
    """The living part whenever it has changed, as server-sent events, until the visitor leaves or is sent away."""
    del visitor

    def look() -> str | None:
        if app.entering.visitor(request.cookies.get(COOKIE, "")) is None:
            return None
        return bytes(_shown(request, app, "today_part.html").body).decode()

    async def events() -> AsyncIterator[str]:
        sent, quiet = "", 0.0
        while not request.app.state.closing.is_set() and not await request.is_disconnected():
            text = await run_in_threadpool(look)
            if text is None:
                yield "event: het\ndata: \n\n"
                return
            if text != sent:
                sent, quiet = text, 0.0
                yield "".join(f"data: {line}\n" for line in text.splitlines()) + "\n"
            elif quiet >= COMMENT_S:
                quiet = 0.0
                yield ": con\n\n"
            await asyncio.sleep(GLANCE_S)
            quiet += GLANCE_S

    return StreamingResponse(events(), media_type="text/event-stream")
