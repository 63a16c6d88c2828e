"""Cài đặt: one's own password and sessions; for administrators the accounts."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from broadcaster.domain.trail import What
from broadcaster.errors import BroadcasterError, ConfigError
from broadcaster.services.entering import Visitor, key_of
from broadcaster.units import Sha256
from broadcaster.web.showing import page, sentences
from broadcaster.web.visiting import COOKIE, Admin, Brake, Inside, Workspace
from broadcaster.wording import say

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]


def _shown(request: Request, app: Workspace, visitor: Visitor, *, status: int = 200, lines: list[str]) -> Response:
    people = {person.code: person for person in app.station.people}
    accounts = [(one, people.get(one.code)) for one in app.store.accounts()] if visitor.admin else []
    have = {account.code for account, _ in accounts}
    return page(
        request,
        "settings.html",
        http=status,
        lines=lines,
        accounts=accounts,
        without=[person for person in app.station.people if person.code not in have],
        sessions=app.entering.sessions(visitor.code),
        current=key_of(request.cookies.get(COOKIE, "")),
    )


@router.get("/cai-dat")
def settings(request: Request, app: Workspace, visitor: Inside) -> Response:
    """The page."""
    return _shown(request, app, visitor, lines=[])


@router.post("/cai-dat/mat-khau")
def password(request: Request, app: Workspace, visitor: Inside, cu: Text = "", moi: Text = "") -> Response:
    """Change one's own; every session ends, this one too."""
    brake: Brake = request.app.state.brake
    key = f"ma:{visitor.code}"
    wait = brake.wait(key)
    if wait > 0:
        return _shown(request, app, visitor, status=429, lines=[say("account.wait", seconds=round(wait) or 1)])
    token = app.entering.enter(visitor.code, cu)
    if token is None:
        brake.wrong(key)
        return _shown(request, app, visitor, status=401, lines=[say("account.wrong")])
    app.entering.leave(token)
    try:
        app.entering.set_password(visitor.code, moi)
    except ConfigError as error:
        return _shown(request, app, visitor, status=422, lines=sentences(error))
    app.diary.note(visitor.code, What.PASSWORD)
    return RedirectResponse("/dang-nhap?da=mat_khau", 303)


@router.post("/cai-dat/phien/{token}/ket-thuc")
def end(app: Workspace, visitor: Inside, token: str) -> Response:
    """End one of one's own sessions."""
    app.entering.end(visitor.code, Sha256(token))
    return RedirectResponse("/cai-dat?da=phien", 303)


@router.post("/cai-dat/tai-khoan")
def add(
    request: Request, app: Workspace, visitor: Admin, ma: Text = "", mat_khau: Text = "", quan_tri: Text = ""
) -> Response:
    """A new account."""
    try:
        app.entering.add(ma, mat_khau, admin=bool(quan_tri))
    except BroadcasterError as error:
        return _shown(request, app, visitor, status=422, lines=sentences(error))
    app.diary.note(visitor.code, What.ACCOUNT, ma.strip())
    return RedirectResponse("/cai-dat?da=tai_khoan", 303)


@router.post("/cai-dat/tai-khoan/{code}/khoa")
def lock(request: Request, app: Workspace, visitor: Admin, code: str, mo: Text = "") -> Response:
    """Lock an account, or open it again."""
    try:
        app.entering.set_active(code, active=bool(mo))
    except ConfigError as error:
        return _shown(request, app, visitor, status=422, lines=sentences(error))
    app.diary.note(visitor.code, What.UNLOCKED if mo else What.LOCKED, code)
    return RedirectResponse("/cai-dat?da=tai_khoan", 303)


@router.post("/cai-dat/tai-khoan/{code}/mat-khau")
def reset(request: Request, app: Workspace, visitor: Admin, code: str, mat_khau: Text = "") -> Response:
    """A new password for somebody who forgot theirs."""
    try:
        app.entering.set_password(code, mat_khau)
    except ConfigError as error:
        return _shown(request, app, visitor, status=422, lines=sentences(error))
    app.diary.note(visitor.code, What.RESET, code)
    return RedirectResponse("/cai-dat?da=tai_khoan", 303)
