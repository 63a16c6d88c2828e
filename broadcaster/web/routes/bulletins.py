"""Bản tin: the list, writing and importing, the reading beside the text, the master, handing in."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from broadcaster.bootstrap import App
from broadcaster.domain.approval import Action, Status
from broadcaster.domain.bulletin import Bulletin, Kind, Priority
from broadcaster.domain.bulletin_draft import brought
from broadcaster.domain.bulletin_file import plain_text
from broadcaster.domain.fields import fold
from broadcaster.domain.reading import documents_in
from broadcaster.domain.station import Role
from broadcaster.errors import BroadcasterError
from broadcaster.services.recording import paced
from broadcaster.web.draft import Draft, composed, draft_of, kept_fields
from broadcaster.web.routes.citing import offers
from broadcaster.web.showing import name_of, page, sentences, told
from broadcaster.web.visiting import Author, Inside, Maker, Workspace

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]
SUGGESTIONS = 3
"""Topics, and documents, that are offered for a text."""


@router.get("/ban-tin")
def listed(request: Request, app: Workspace, visitor: Inside, tinh_trang: str = "", tim: str = "") -> Response:
    """All bulletins, or those of a status or with a word in the title."""
    del visitor
    rows = []
    pieces = app.store.bulletins()
    standings = app.approving.standings(pieces)
    for piece in pieces:
        status, master = standings[piece.code]
        if (tinh_trang and status.value != tinh_trang) or fold(tim) not in fold(piece.title + " " + piece.code):
            continue
        rows.append((piece, status, master, app.taxonomy.name_of(piece.topic)))
    return page(request, "bulletins.html", rows=rows, statuses=list(Status), chosen=tinh_trang, sought=tim)


def _form(request: Request, app: App, draft: Draft, *, status: int = 200, **more: object) -> Response:
    values = {"lines": [], "theirs": None, "code": "", "version": "", "old": None, "master": None} | more
    return page(
        request,
        "bulletin_form.html",
        http=status,
        draft=draft,
        kinds=list(Kind),
        priorities=list(Priority),
        topics=app.taxonomy.topics,
        zones=app.station.zones,
        offers=offers(app, draft.procedures, draft.body),
        **values,
    )


@router.get("/ban-tin/moi")
def new(request: Request, app: Workspace, visitor: Author) -> Response:
    """An empty form."""
    del visitor
    return _form(request, app, Draft.fresh(app.station.local(app.clock.now()).date()))


@router.post("/ban-tin/nhap-tep")
async def import_(request: Request, app: Workspace, visitor: Author, tep: UploadFile) -> Response:
    """A file's text in the form, to be looked at before it is kept."""
    del visitor
    draft = Draft.fresh(app.station.local(app.clock.now()).date())
    name = (tep.filename or "").replace("\\", "/").rpartition("/")[2]
    # A PDF file takes a second in a process of its own: the pages go on meanwhile.
    text = await run_in_threadpool(app.texts.text_of, name, await tep.read())
    found = brought(text, app.taxonomy)
    draft = draft.with_text(found.title, found.body).with_topic(found.topic)
    return _form(request, app, draft, old=found.old)


@router.post("/doc-thu")
def preview(
    request: Request,
    app: Workspace,
    visitor: Inside,
    body: Text = "",
    title: Text = "",
    topic: Text = "",
    documents: Text = "",
) -> Response:
    """The reading of what is being typed; nothing is kept."""
    del visitor
    text = plain_text(body[:100_000])
    reading = app.writing.read_text(text)
    likely = app.taxonomy.suggestions(f"{title[:2000]} {text}")[:SUGGESTIONS]
    return page(
        request,
        "reading_part.html",
        reading=reading,
        findings=told(app.writing.noticed(title[:2000], text, reading)),
        length=reading.duration_ms(),
        named=[one for one in documents_in(reading) if fold(one) not in fold(documents[:4000])][:SUGGESTIONS],
        suggestions=[] if any(one.code == topic for one, _ in likely) else likely,
    )


@router.post("/ban-tin")
def create(request: Request, app: Workspace, visitor: Author, draft: Annotated[Draft, Form()]) -> Response:
    """Keep a new bulletin under a code made of its title."""
    base = "_".join(fold(draft.title).split("_")[:8]) or "ban_tin"
    with request.app.state.work:
        code, number = base, 2
        while app.store.bulletin(code) is not None:
            code, number = f"{base}_{number}", number + 1
        try:
            piece, findings = app.writing.parse(composed(draft), code, visitor.code)
        except BroadcasterError as error:
            return _form(request, app, draft, status=422, lines=sentences(error))
        app.writing.keep(piece, findings)
    return RedirectResponse(f"/ban-tin/{piece.code}?da=luu", 303)


def _known(app: App, code: str) -> Bulletin:
    piece = app.store.bulletin(code)
    if piece is None:
        raise HTTPException(404)
    return piece


@router.get("/ban-tin/{code}")
def one(request: Request, app: Workspace, visitor: Inside, code: str) -> Response:
    """A bulletin with all that belongs to it."""
    piece = _known(app, code)
    reading = app.writing.read(piece)
    made = app.approving.master_of(piece)
    events = [(event, name_of(request, event.actor)) for event in app.store.reviews(code)]
    cited = [flag.finding for flag in app.citing.flags([piece])]
    return page(
        request,
        "bulletin.html",
        piece=piece,
        status=app.approving.status(piece),
        reading=reading,
        findings=told(
            (
                *cited,
                *app.writing.noticed(piece.title, piece.body, reading),
                *paced(reading, made),
            )
        ),
        handed_in=app.approving.handed_in(piece),
        master=made,
        playable=made is not None and app.library.path(made.file) is not None,
        estimate=app.writing.estimate(piece),
        topic=app.taxonomy.name_of(piece.topic),
        zones=[app.station.zone_by_code[zone].name for zone in piece.zones],
        author=name_of(request, piece.author),
        events=events,
        versions=app.store.versions(code),
        may_withdraw=visitor.code == piece.author or visitor.may(Role.APPROVER),
    )


@router.get("/ban-tin/{code}/sua")
def edit_page(request: Request, app: Workspace, visitor: Author, code: str) -> Response:
    """The form with what is kept, and the version that it shows."""
    del visitor
    piece = _known(app, code)
    made = app.approving.master_of(piece)
    answer = _form(request, app, draft_of(piece), code=code, version=piece.text_hash, master=made)
    answer.headers["ETag"] = f'"{piece.text_hash}"'
    return answer


@router.post("/ban-tin/{code}/sua")
def edit(request: Request, app: Workspace, visitor: Author, code: str, draft: Annotated[Draft, Form()]) -> Response:
    """Keep another version, if nobody else has in the meantime."""
    with request.app.state.work:
        before = _known(app, code)
        if draft.version != before.text_hash:
            # Nothing is lost: what was typed stays in the form, and what the other one wrote is shown beside it.
            return _form(request, app, draft, status=409, code=code, version=before.text_hash, theirs=draft_of(before))
        try:
            piece, findings = app.writing.parse(composed(draft), code, visitor.code)
        except BroadcasterError as error:
            return _form(request, app, draft, status=422, code=code, version=draft.version, lines=sentences(error))
        app.writing.keep(kept_fields(piece, before), findings)
    return RedirectResponse(f"/ban-tin/{code}?da=luu", 303)


@router.post("/ban-tin/{code}/ban-phat")
def voice(request: Request, app: Workspace, visitor: Maker, code: str) -> Response:
    """Make the master."""
    del visitor
    with request.app.state.work:
        app.recordings.master(_known(app, code))
    return RedirectResponse(f"/ban-tin/{code}?da=ban_phat", 303)


@router.post("/ban-tin/{code}/trinh")
def submit(app: Workspace, visitor: Author, code: str) -> Response:
    """Hand it in."""
    app.approving.act(_known(app, code), Action.SUBMIT, visitor.code)
    return RedirectResponse(f"/ban-tin/{code}?da=trinh", 303)


@router.post("/ban-tin/{code}/rut")
def withdraw(app: Workspace, visitor: Inside, code: str, ly_do: Text = "") -> Response:
    """Take it off the air, with a reason."""
    app.approving.act(_known(app, code), Action.WITHDRAW, visitor.code, ly_do)
    return RedirectResponse(f"/ban-tin/{code}?da=rut", 303)


@router.get("/ban-tin/{code}/nghe/{master}")
def listen(app: Workspace, visitor: Inside, code: str, master: str) -> Response:
    """The sound of a master of this bulletin, by hash; parts of it on request."""
    del visitor
    made = app.store.master_of(_known(app, code).text_hash)
    path = app.sound_file(master) if made is not None and made.hash == master else None
    if path is None:
        raise HTTPException(404)
    return FileResponse(path, media_type="audio/flac", headers={"Cache-Control": "private, max-age=86400"})
