"""The console as an ASGI application."""

from functools import cache
from importlib import resources
from threading import Event, Lock
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exception_handlers import request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from broadcaster.bootstrap import App
from broadcaster.errors import BroadcasterError, BulletinError, ConfigError, PlanError
from broadcaster.web.guarding import NODES, Guard
from broadcaster.web.nodes import Door
from broadcaster.web.routes import (
    airings,
    airtime,
    api,
    bulletins,
    citing,
    door,
    emergency,
    health,
    keeping,
    network,
    planning,
    procedures,
    quieting,
    reading,
    recording,
    restoring,
    review,
    settings,
    station,
    telling,
    today,
    toning,
    waves,
    week,
)
from broadcaster.web.showing import page, sentences
from broadcaster.web.visiting import Brake, NotAllowedError, NotInsideError, visitor_of
from broadcaster.web.waiting import Waiting

_MISSING = {
    "bulletin.unknown": 404,
    "store.text": 422,
    "run.node": 404,
    "link.no_member": 404,
    "network.rejoined": 409,
    "notebook.changed": 409,
    "procedure.changed": 409,
    "procedure.unknown": 404,
    "webhook.unknown": 404,
}


def create_app(app: App, setup_code: str = "") -> FastAPI:
    """The console over a workspace.

    Args:
        app: the workspace; what is opened lazily there is opened here, before several threads ask for it. The library
            is not: it keeps nothing, and would bring NumPy before the first page.
        setup_code: good for the first account, once; empty when there are accounts.
    """
    app.speaks_apart = True  # pages are served by a process that stays light
    _ = (app.writing, app.approving, app.planning, app.auditing, app.documents, app.entering)
    web = FastAPI(title="broadcaster", version="1", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    web.state.app = app
    web.state.setup_code = setup_code
    web.state.brake = Brake(app.clock.elapsed)
    # One console, one workspace: making sound and plans, and saving over a version, happen one at a time.
    web.state.work = Lock()
    web.add_middleware(Guard)
    static = StaticFiles(directory=str(resources.files("broadcaster.web") / "static"))
    # Only these are squeezed: a page with a secret in it, squeezed together with what a stranger sent, would leak it.
    web.mount("/tinh", GZipMiddleware(static), name="static")
    web.state.door = Door(app.network.application)
    web.mount(NODES.rstrip("/"), web.state.door, name="nodes")
    web.state.closing = Event()
    web.state.anew = Event()
    web.state.waiting = Waiting(app, cache(app.clock_synced))
    web.state.player, web.state.player_node = None, ""
    web.state.restart = None
    web.state.urgent = emergency.Drafts(app.workspace.network / "soan")
    for part in (
        door,
        today,
        emergency,
        bulletins,
        citing,
        reading,
        recording,
        review,
        week,
        planning,
        airings,
        waves,
        airtime,
        procedures,
        quieting,
        toning,
        network,
        settings,
        station,
        keeping,
        restoring,
        telling,
        api,
        health,
    ):
        web.include_router(part.router)
    web.add_exception_handler(NotInsideError, _to_the_door)
    web.add_exception_handler(NotAllowedError, _not_allowed)
    web.add_exception_handler(BroadcasterError, _told)
    web.add_exception_handler(UnicodeEncodeError, _no_text)
    web.add_exception_handler(RequestValidationError, _misfit)
    web.add_exception_handler(HTTPException, _http)
    return web


def _wants_json(request: Request) -> bool:
    return request.url.path.startswith("/api/") or request.headers.get("accept") == "application/json"


def _to_the_door(request: Request, _: Exception) -> Response:
    if _wants_json(request):
        return JSONResponse({"loi": "Chưa đăng nhập."}, 401)
    if request.method == "GET" and "hx-request" not in request.headers:
        where = request.url.path
        return RedirectResponse(f"/dang-nhap?tiep={quote(where)}" if where != "/" else "/dang-nhap", 303)
    # What was typed is still in the browser: "back" brings it again.
    return _error(request, 401, ["Phiên làm việc đã hết. Mở thẻ mới để đăng nhập, rồi quay lại và bấm lần nữa."])


def _not_allowed(request: Request, _: Exception) -> Response:
    return _error(request, 403, ["Vai của bạn không làm được việc này. Nhờ người có vai đó, hoặc hỏi quản trị."])


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, BroadcasterError)  # noqa: S101 - registered for nothing else
    wrong_input = isinstance(error, (BulletinError, ConfigError, PlanError)) or error.code.startswith("emergency.")
    return _error(request, _MISSING.get(error.code, 422 if wrong_input else 503), sentences(error))


def _no_text(request: Request, _: Exception) -> Response:
    """Halves of surrogate pairs reached what takes UTF-8 alone; nothing was kept."""
    return _error(request, 422, ["Có ký tự hỏng trong nội dung vừa gửi; chưa lưu gì. Gõ lại chỗ đó rồi gửi lại."])


async def _misfit(request: Request, error: Exception) -> Response:
    """A field that is longer than any form of ours sends, or no number where one belongs."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    if _wants_json(request):
        return await request_validation_exception_handler(request, error)
    line = "Có ô quá dài hoặc không đúng kiểu; chưa lưu gì. Bấm Quay lại của trình duyệt, sửa ô đó rồi gửi lại."
    return _error(request, 422, [line])


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    words = {
        404: "Không có trang này.",
        405: "Trang này không nhận cách gọi đó.",
        413: "Tệp quá lớn; không giữ lại gì.",
    }
    return _error(request, error.status_code, [words.get(error.status_code, "Yêu cầu chưa đúng.")])


def _error(request: Request, status: int, lines: list[str]) -> Response:
    if _wants_json(request):
        return JSONResponse({"loi": " ".join(lines)}, status)
    if not hasattr(request.state, "visitor"):
        try:
            visitor_of(request)
        except (NotInsideError, BroadcasterError):
            request.state.visitor = None
    if "hx-request" in request.headers:
        return HTMLResponse("", status)
    return page(request, "error.html", http=status, lines=lines)
