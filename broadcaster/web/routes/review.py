"""Duyệt: the leader reads, listens, approves or returns with a remark."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from broadcaster.domain.approval import Action, Review, Status, status_of
from broadcaster.domain.holidays import working_days_after, working_days_until
from broadcaster.errors import BulletinError
from broadcaster.services.recording import paced
from broadcaster.web.showing import name_of, page, told
from broadcaster.web.visiting import Approver, Inside, Workspace

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]
DEADLINE_DAYS = 5
"""Working days in which a leader answers."""


def _handed_in(history: list[Review]) -> Review | None:
    return next((event for event in reversed(history) if event.action is Action.SUBMIT), None)


@router.get("/duyet")
def queue(request: Request, app: Workspace, visitor: Inside) -> Response:
    """What waits, the longest first."""
    waiting = []
    today = app.station.local(app.clock.now()).date()
    for piece in app.store.bulletins():
        history = list(app.store.reviews(piece.code))
        if status_of(history, app.approving.subject_of(piece)) is not Status.SUBMITTED:
            continue
        event = _handed_in(history)
        if event is not None:
            due = working_days_after(app.station.local(event.at).date(), DEADLINE_DAYS)
            made = app.approving.master_of(piece)
            own = piece.author == visitor.code
            left = working_days_until(today, due)
            waiting.append((event.at, piece, name_of(request, piece.author), due, left, made, own))
    return page(request, "queue.html", waiting=sorted(waiting, key=lambda row: row[0]), today=today)


@router.get("/duyet/{code}")
def one(request: Request, app: Workspace, visitor: Inside, code: str) -> Response:
    """One bulletin, with exactly what would be consented to."""
    piece = app.store.bulletin(code)
    if piece is None:
        raise HTTPException(404)
    reading = app.writing.read(piece)
    made = app.approving.master_of(piece)
    return page(
        request,
        "review.html",
        piece=piece,
        status=app.approving.status(piece),
        reading=reading,
        findings=told(
            (
                *(f.finding for f in app.citing.flags([piece])),
                *app.writing.noticed(piece.title, piece.body, reading),
                *paced(reading, made),
            )
        ),
        handed_in=app.approving.handed_in(piece),
        subject=app.approving.subject_of(piece),
        master=made,
        playable=made is not None and app.library.path(made.file) is not None,
        topic=app.taxonomy.name_of(piece.topic),
        zones=[app.station.zone_by_code[zone].name for zone in piece.zones],
        author=name_of(request, piece.author),
        own=piece.author == visitor.code,
        events=[(event, name_of(request, event.actor)) for event in app.store.reviews(code)],
    )


def _act(app: Workspace, code: str, action: Action, actor: str, subject: str, remark: str) -> None:
    piece = app.store.bulletin(code)
    if piece is None:
        raise HTTPException(404)
    now = app.approving.subject_of(piece)
    if now is None or now.hash != subject:
        # Somebody has changed it since this page was opened: what was heard is not what would be approved.
        raise BulletinError("approval.changed", bulletin=piece.title)
    app.approving.act(piece, action, actor, remark)


@router.post("/duyet/{code}/dong-y")
def approve(app: Workspace, visitor: Approver, code: str, noi_dung: Text = "", nhan_xet: Text = "") -> Response:
    """Consent to what was read and heard on this page."""
    _act(app, code, Action.APPROVE, visitor.code, noi_dung, nhan_xet[:2000])
    return RedirectResponse("/duyet?da=duyet", 303)


@router.post("/duyet/{code}/tra-lai")
def return_(app: Workspace, visitor: Approver, code: str, noi_dung: Text = "", nhan_xet: Text = "") -> Response:
    """Send it back with a remark."""
    if not nhan_xet.strip():
        raise BulletinError("approval.say_why", bulletin=code)
    _act(app, code, Action.RETURN, visitor.code, noi_dung, nhan_xet[:2000])
    return RedirectResponse("/duyet?da=tra_lai", 303)
