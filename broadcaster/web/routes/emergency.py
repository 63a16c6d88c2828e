"""Khẩn cấp: words first, then the sound to listen to, then one button; taken back and signed on the same page."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from broadcaster.domain.emergency import LONGEST_TEXT, MOST_REPEATS, spoken_text
from broadcaster.domain.station import WHOLE_COMMUNE
from broadcaster.errors import BroadcasterError
from broadcaster.services.alarming import WHO
from broadcaster.services.entering import Visitor
from broadcaster.web.showing import name_of, page, sentences
from broadcaster.web.visiting import Approver, Workspace, in_role

router = APIRouter(include_in_schema=False)

Commander = Annotated[Visitor, Depends(in_role(*WHO))]
Text = Annotated[str, Form()]
MOST_DRAFTS = 20


@dataclass(frozen=True, slots=True)
class Prepared:
    """What somebody has heard and may send with one press. `text` is as it was written."""

    by: str
    text: str
    zones: tuple[str, ...]
    repeats: int
    drill: bool
    sound: Path


@dataclass
class Drafts:
    """What is prepared, by a token; the oldest goes when there are too many, and what a process before has left."""

    folder: Path
    _drafts: dict[str, Prepared] = field(default_factory=dict)
    _swept: bool = False

    def place(self, token: str) -> Path:
        """Where the sound of one is to lie."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self._swept:
            self._swept = True
            for left in self.folder.iterdir():
                left.unlink(missing_ok=True)
        return self.folder / f"{token}.flac"

    def keep(self, token: str, draft: Prepared) -> None:
        """Keep one."""
        while len(self._drafts) >= MOST_DRAFTS:
            self.drop(next(iter(self._drafts)))
        self._drafts[token] = draft

    def of(self, token: str, by: str) -> Prepared | None:
        """What a person has prepared; nobody else's."""
        draft = self._drafts.get(token)
        return draft if draft is not None and draft.by == by else None

    def drop(self, token: str) -> None:
        """Forget one."""
        draft = self._drafts.pop(token, None)
        if draft is not None:
            draft.sound.unlink(missing_ok=True)


def _drafts(request: Request) -> Drafts:
    return cast("Drafts", request.app.state.urgent)


def _page(request: Request, app: Workspace, *, http: int = 200, **values: object) -> Response:
    alarming = app.network.alarming
    orders = [
        (
            record,
            [app.station.zone_by_code[code].name for code in record.order.zones if code in app.station.zone_by_code],
            name_of(request, record.order.by),
            name_of(request, record.countersigned_by) if record.countersigned_by else "",
            name_of(request, record.retracted_by) if record.retracted_by else "",
            len(alarming.answers(record.order)),
        )
        for record in reversed(alarming.records()[-30:])
    ]
    given: dict[str, object] = {"text": "", "zones": [WHOLE_COMMUNE], "repeats": 3, "kind": "", "lines": []}
    return page(
        request,
        "emergency.html",
        http=http,
        orders=orders,
        now=app.clock.now(),
        every_zone=app.station.zones,
        most=MOST_REPEATS,
        longest=LONGEST_TEXT,
        **(given | values),
    )


@router.get("/khan-cap")
def emergency(request: Request, app: Workspace, visitor: Commander) -> Response:
    """The form, and what was ordered before."""
    del visitor
    return _page(request, app)


@router.post("/khan-cap/nghe-thu")
def prepare(
    request: Request,
    app: Workspace,
    visitor: Commander,
    loi: Text = "",
    loai: Text = "",
    lan: Annotated[int, Form()] = 3,
    vung: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Make the sound, so that it is heard before anybody else hears it, and goes out without a wait."""
    zones, drill = tuple(vung or ()), loai == "dien_tap"
    typed = {"text": loi, "zones": list(zones), "repeats": lan, "kind": loai}
    wrong = [] if loai in {"dien_tap", "that"} else ["Chọn «Diễn tập» hoặc «Phát thật»."]
    wrong += [] if 0 < len(loi.strip()) <= LONGEST_TEXT else [f"Viết lời sẽ đọc, không quá {LONGEST_TEXT} chữ cái."]
    if wrong:
        return _page(request, app, http=422, lines=wrong, **typed)
    drafts, token = _drafts(request), secrets.token_urlsafe(24)
    sound = drafts.place(token)
    try:
        nodes = app.network.alarming.allow(visitor.code, zones, lan)
        app.network.emergency_key()  # without it nothing can be sent: said now
        app.announcing.make(app.engines, loi, None, sound, drill=drill)
    except BroadcasterError as error:
        return _page(request, app, http=422, lines=sentences(error), **typed)
    drafts.keep(token, Prepared(visitor.code, loi, zones, lan, drill, sound))
    return page(
        request,
        "emergency_confirm.html",
        token=token,
        drill=drill,
        said=spoken_text(loi, drill=drill),
        repeats=lan,
        names=[app.station.zone_by_code[code].name for code in zones],
        clusters=len(nodes) or len(app.station.clusters_of([WHOLE_COMMUNE])),
    )


@router.get("/khan-cap/nghe/{token}")
def listen(request: Request, visitor: Commander, token: str) -> Response:
    """The sound that would go out."""
    draft = _drafts(request).of(token, visitor.code)
    if draft is None or not draft.sound.is_file():
        raise HTTPException(404)
    return FileResponse(draft.sound, media_type="audio/flac")


@router.post("/khan-cap/phat")
def send(request: Request, app: Workspace, visitor: Commander, ma: Text = "", chac_chan: Text = "") -> Response:
    """Send what was heard, once."""
    drafts = _drafts(request)
    draft = drafts.of(ma, visitor.code)
    if draft is None or not chac_chan:
        lines = ["Chưa ra lệnh. Lời này đã được gửi rồi hoặc quá cũ: soạn lại, nghe lại, rồi bấm phát."]
        return _page(request, app, http=422, lines=lines)
    sent = app.network.alarming.order(
        visitor.code,
        app.network.emergency_key(),
        zones=draft.zones,
        text=spoken_text(draft.text, drill=draft.drill),
        sound=draft.sound,
        repeats=draft.repeats,
        drill=draft.drill,
    )
    drafts.drop(ma)
    if sent.failed:
        return _page(request, app, http=503, lines=[line for error in sent.failed for line in sentences(error)])
    return RedirectResponse("/khan-cap?da=" + ("dien_tap" if draft.drill else "khan_cap"), 303)


@router.post("/khan-cap/{order}/thu-hoi")
def retract(app: Workspace, visitor: Commander, order: str) -> Response:
    """Take an order back; what sounds is cut off."""
    app.network.alarming.retract(visitor.code, app.network.emergency_key(), order)
    return RedirectResponse("/khan-cap?da=thu_hoi", 303)


@router.post("/khan-cap/{order}/ky")
def countersign(app: Workspace, visitor: Approver, order: str) -> Response:
    """A second person answers for an order."""
    app.network.alarming.countersign(visitor.code, order)
    return RedirectResponse("/khan-cap?da=ky", 303)
