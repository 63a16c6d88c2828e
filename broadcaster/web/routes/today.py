"""Hôm nay: what is on the air today, and what needs a person."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from broadcaster.bootstrap import App
from broadcaster.domain.approval import Status
from broadcaster.domain.rundown import ItemKind, Rundown
from broadcaster.domain.station import week_start
from broadcaster.web.showing import page
from broadcaster.web.visiting import Inside, Workspace

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Programme:
    """One session of today: its rundowns by zone, and where it stands."""

    name: str
    start: str
    end: str
    state: str
    zones: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]


def _programmes(app: App) -> list[Programme]:
    now = app.clock.now()
    day = app.station.local(now).date()
    titles = {piece.code: piece.title for piece in app.store.bulletins()}
    zones = {zone.code: zone.name for zone in app.station.air_zones()}
    rundowns = app.auditing.rundowns(day, day)
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


def _tasks(app: App) -> list[tuple[str, str, int]]:
    """What waits for a person: where to go, in words, how many."""
    counts: dict[Status, int] = {}
    without = 0
    bulletins = app.store.bulletins()
    for status, master in app.approving.standings(bulletins).values():
        counts[status] = counts.get(status, 0) + 1
        if status is Status.DRAFT and master is None:
            without += 1
    monday = week_start(app.station.local(app.clock.now()).date())
    tasks = [
        ("/duyet", "bản tin chờ lãnh đạo duyệt", counts.get(Status.SUBMITTED, 0)),
        ("/ban-tin?tinh_trang=tra_lai", "bản tin bị trả lại, cần sửa", counts.get(Status.RETURNED, 0)),
        ("/ban-tin?tinh_trang=mat_hieu_luc", "bản tin sửa sau khi duyệt, cần trình lại", counts.get(Status.VOID, 0)),
        ("/ban-tin?tinh_trang=nhap", "bản nháp chưa có bản phát", without),
        ("/lich", "tuần này chưa xếp lịch", 0 if app.store.plans(monday) else 1),
    ]
    tasks.append(("/thu-tuc", "bản tin dẫn thủ tục đã đổi, cần xem lại", len(app.citing.flags(bulletins))))
    return [task for task in tasks if task[2]]


@router.get("/")
def today(request: Request, app: Workspace, visitor: Inside) -> Response:
    """The page."""
    del visitor
    return page(request, "today.html", programmes=_programmes(app), tasks=_tasks(app), now=app.clock.now())


@router.get("/hom-nay/phan")
def part(request: Request, app: Workspace, visitor: Inside) -> Response:
    """The page's living part."""
    del visitor
    return page(request, "today_part.html", programmes=_programmes(app), tasks=_tasks(app), now=app.clock.now())
