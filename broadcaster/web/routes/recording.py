"""Thu giọng: a person's voice for a bulletin, from the browser's microphone or from a file."""

import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from broadcaster.bootstrap import App
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.reading import Reading
from broadcaster.domain.trail import What
from broadcaster.errors import BroadcasterError, MasterError
from broadcaster.services.entering import Visitor
from broadcaster.services.voicing import recorded
from broadcaster.units import digest
from broadcaster.web.guarding import MICROPHONE, MOST_RECORDING
from broadcaster.web.showing import name_of, page, sentences
from broadcaster.web.visiting import Maker, Workspace

router = APIRouter(include_in_schema=False)

LONGEST_RECORDING = 900
"""Seconds that the page records: what a microphone gives in them at 48 kHz is less than `MOST_RECORDING`."""
LONGEST_NAME = 80
ENDINGS = (".wav", ".mp3", ".ogg", ".opus", ".m4a", ".flac", ".aac", ".mp4", ".3gp", ".amr")
"""What telephones and recorders call their files; what is in them is for the importer to say."""
_OURS = frozenset({"audio.disk"})


def _known(app: App, code: str) -> Bulletin:
    piece = app.store.bulletin(code)
    if piece is None:
        raise HTTPException(404)
    return piece


def _version(piece: Bulletin, reading: Reading) -> str:
    """What the announcer had before them."""
    return digest("to be read", piece.text_hash, reading.hash)


def _page(
    request: Request, app: App, piece: Bulletin, *, http: int = 200, lines: list[str] | None = None, speaker: str = ""
) -> Response:
    reading = app.writing.read(piece)
    port = request.url.port
    answer = page(
        request,
        "record.html",
        http=http,
        lines=lines or [],
        piece=piece,
        status=app.approving.status(piece),
        title=app.writing.read_title(piece),
        reading=reading,
        version=_version(piece, reading),
        estimate=app.writing.estimate(piece),
        recorded=recorded(app.store, piece),
        speaker=speaker or name_of(request, request.state.visitor.code),
        office="http://localhost" + (f":{port}" if port else ""),
        endings=ENDINGS,
        most=MOST_RECORDING // 2**20,
        longest_recording=LONGEST_RECORDING,
        largest_recording=MOST_RECORDING - 2**20,
        longest_name=LONGEST_NAME,
    )
    answer.headers["Permissions-Policy"] = MICROPHONE
    return answer


@router.get("/ban-tin/{code}/thu")
def show(request: Request, app: Workspace, visitor: Maker, code: str) -> Response:
    """The words in large type, the recorder, and the field for a file."""
    del visitor
    return _page(request, app, _known(app, code))


@router.post("/ban-tin/{code}/thu")
async def record(request: Request, app: Workspace, visitor: Maker, code: str) -> Response:
    """Take a recording in. The body is read here, once it is known who sends it."""
    try:
        async with request.form(max_files=1, max_fields=8) as form:
            return await run_in_threadpool(_sent, request, app, visitor, code, form)
    except OSError as error:
        raise MasterError("audio.disk", path=gettempdir(), detail=error.strerror or str(error)) from error
    except ClientDisconnect as error:
        raise HTTPException(400) from error


def _sent(request: Request, app: App, visitor: Visitor, code: str, form: Any) -> Response:
    piece = _known(app, code)
    speaker = " ".join(str(form.get("nguoi_doc", "")).split())[:LONGEST_NAME]
    plainly = "application/json" in request.headers.get("accept", "")

    def refused(status: int, lines: list[str]) -> Response:
        if plainly:
            return JSONResponse({"loi": " ".join(lines)}, status)
        return _page(request, app, piece, http=status, lines=lines, speaker=speaker)

    sent = form.get("tep")
    name = _shown(sent.filename or "") if isinstance(sent, UploadFile) else ""
    wrong = [] if name else ["Chưa có bản thu: thu tại trang này, hoặc chọn một tệp."]
    if name and not name.lower().endswith(ENDINGS):
        wrong = [f"«{name}» không phải tệp âm thanh. Chọn tệp WAV, MP3, OGG hoặc M4A."]
    wrong += [] if speaker else ["Ghi tên người đọc."]
    wrong += [] if form.get("dung_loi") else ["Nghe lại, rồi đánh dấu là đã đọc đúng lời."]
    if wrong:
        return refused(422, [*wrong, "Chưa giữ lại gì."])
    with request.app.state.work, TemporaryDirectory(prefix="thu_") as folder:
        piece = _known(app, code)
        if form.get("phien_ban") != _version(piece, app.writing.read(piece)):
            line = "Bản tin vừa được sửa: bản thu có thể sai lời. Mở lại trang, xem lời mới; chưa giữ lại gì."
            return refused(409, [line])
        path = Path(folder) / ("thu" + Path(name).suffix.lower())
        with path.open("wb") as kept:
            shutil.copyfileobj(sent.file, kept, 1 << 20)
        try:
            app.recordings.take_in(piece, path, speaker)
        except BroadcasterError as error:
            status = 503 if error.code in _OURS else 422
            return refused(status, sentences(_named(error, path, name)))
        app.diary.note(visitor.code, What.RECORDED, code)
    there = f"/ban-tin/{code}?da=thu"
    return JSONResponse({"tiep": there}) if plainly else RedirectResponse(there, 303)


def _shown(name: str) -> str:
    """The name of a person's file, for messages; never a path."""
    return re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", name.replace("\\", "/").rpartition("/")[2])[-80:]


def _named(error: BroadcasterError, path: Path, name: str) -> BroadcasterError:
    """The same error, of the file as the person knows it."""
    facts: dict[str, Any] = {
        key: value.replace(str(path), name) if isinstance(value, str) else value for key, value in error.facts.items()
    }
    return type(error)(error.code, **facts)


@router.post("/ban-tin/{code}/thu/bo")
def remove(request: Request, app: Workspace, visitor: Maker, code: str) -> Response:
    """Let a machine speak it again."""
    with request.app.state.work:
        app.recordings.remove(_known(app, code))
        app.diary.note(visitor.code, What.UNRECORDED, code)
    return RedirectResponse(f"/ban-tin/{code}?da=bo_thu", 303)
