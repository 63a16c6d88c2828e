"""Coming in and going out."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from broadcaster.errors import BroadcasterError
from broadcaster.web.showing import page, sentences
from broadcaster.web.visiting import COOKIE, Brake, Workspace
from broadcaster.wording import say

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]


def _address(request: Request) -> str:
    return request.client.host if request.client else "-"


def _inside(request: Request, token: str, where: str) -> Response:
    # A path of our own only: //elsewhere and \elsewhere are other sites to a browser.
    own = where.startswith("/") and not where.startswith(("//", "/\\")) and where.isprintable()
    answer = RedirectResponse(where if own else "/", 303)
    answer.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=request.url.scheme == "https", path="/")
    return answer


@router.get("/dang-nhap")
def login_page(request: Request, app: Workspace, tiep: str = "/") -> Response:
    """The form."""
    if not app.entering.store.accounts():
        return RedirectResponse("/cai-dat-lan-dau", 303)
    return page(request, "login.html", where=tiep, code="", lines=[])


@router.post("/dang-nhap")
def login(request: Request, app: Workspace, ma: Text = "", mat_khau: Text = "", tiep: Text = "/") -> Response:
    """Code and password for a session."""
    brake: Brake = request.app.state.brake
    keys = (f"ma:{ma.strip()[:64]}", f"tu:{_address(request)}")
    wait = brake.wait(*keys)
    if wait > 0:
        lines = [say("account.wait", seconds=round(wait) or 1)]
        return page(request, "login.html", http=429, where=tiep, code=ma, lines=lines)
    token = app.entering.enter(ma, mat_khau, request.headers.get("user-agent", ""))
    if token is None:
        brake.wrong(*keys)
        return page(request, "login.html", http=401, where=tiep, code=ma, lines=[say("account.wrong")])
    brake.right(*keys)
    app.entering.leave(request.cookies.get(COOKIE, ""))
    return _inside(request, token, tiep)


@router.post("/dang-xuat")
def logout(request: Request, app: Workspace) -> Response:
    """End this session, on the server too."""
    app.entering.leave(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/dang-nhap", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


@router.get("/cai-dat-lan-dau")
def set_up_page(request: Request, app: Workspace) -> Response:
    """The form for the first account."""
    if app.entering.store.accounts():
        return RedirectResponse("/dang-nhap", 303)
    return page(request, "setup.html", code="", lines=[])


@router.post("/cai-dat-lan-dau")
def set_up(request: Request, app: Workspace, cai_dat: Text = "", ma: Text = "", mat_khau: Text = "") -> Response:
    """The first account, against the code that was printed."""
    brake: Brake = request.app.state.brake
    key = f"cai_dat:{_address(request)}"
    wait = brake.wait(key)
    if wait > 0:
        lines = [say("account.wait", seconds=round(wait) or 1)]
        return page(request, "setup.html", http=429, code=ma, lines=lines)
    wanted: str = request.app.state.setup_code
    if not wanted or not secrets.compare_digest(cai_dat.strip().encode(), wanted.encode()):
        brake.wrong(key)
        return page(request, "setup.html", http=401, code=ma, lines=[say("account.setup")])
    try:
        app.entering.set_up(ma, mat_khau)
    except BroadcasterError as error:
        return page(request, "setup.html", http=422, code=ma, lines=sentences(error))
    request.app.state.setup_code = ""
    token = app.entering.enter(ma, mat_khau, request.headers.get("user-agent", ""))
    return _inside(request, token or "", "/cai-dat")
