"""Cài đặt, sao lưu: one file to be put away safely; a file that is looked at, and put in the place of what is there."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile

from broadcaster.bootstrap import App
from broadcaster.domain.trail import What
from broadcaster.errors import BroadcasterError, ConfigError
from broadcaster.web.showing import name_of, page, sentences
from broadcaster.web.visiting import Admin, Workspace
from broadcaster.wording import say

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]


def _shown(request: Request, app: App, *, http: int = 200, lines: Sequence[str] = ()) -> Response:
    taken = [note for note in app.diary.notes() if note.what is What.BACKUP]
    desk = app.restoring.desk
    outcome, order = desk.outcome(), desk.order()
    return page(
        request,
        "backup.html",
        http=http,
        lines=lines,
        last=taken[-1].at if taken else None,
        by=name_of(request, taken[-1].by) if taken else "",
        steps=say("backup.readme").partition("Khôi phục trên máy khác:\n")[2].splitlines(),
        kept=[(path.name, path.stat().st_size) for path in app.restoring.kept()],
        outcome=outcome,
        outcome_by=name_of(request, str(outcome.get("by", ""))),
        waiting=order.title if order else "",
    )


@router.get("/cai-dat/sao-luu")
def safe(request: Request, app: Workspace, visitor: Admin) -> Response:
    """What a backup holds, how to restore it, and the buttons."""
    del visitor
    return _shown(request, app)


@router.post("/cai-dat/sao-luu")
def take(app: Workspace, visitor: Admin) -> Response:
    """One file with the database and the settings."""
    folder = Path(mkdtemp(prefix="sao_luu_"))
    target = folder / app.restoring.name()

    def gone() -> None:
        target.unlink(missing_ok=True)
        folder.rmdir()

    try:
        app.restoring.backup(target)
        app.diary.note(visitor.code, What.BACKUP)
    except BaseException:
        gone()
        raise
    return FileResponse(target, media_type="application/zip", filename=target.name, background=BackgroundTask(gone))


@router.post("/cai-dat/sao-luu/xem")
async def look(request: Request, app: Workspace, visitor: Admin) -> Response:
    """What a backup holds. The body is read here, once it is known that an administrator sends it."""
    del visitor
    async with request.form(max_files=1, max_fields=4) as form:
        brought, chosen = form.get("tep"), form.get("giu")
        if isinstance(brought, UploadFile) and brought.filename:
            name = await run_in_threadpool(app.restoring.keep_upload, brought.file)
            shown = brought.filename.replace("\\", "/").rpartition("/")[2][-80:]
        elif isinstance(chosen, str) and chosen:
            name = shown = chosen
        else:
            return _shown(request, app, http=422, lines=["Chọn một tệp sao lưu (.zip) rồi bấm Xem."])
    try:
        looked = await run_in_threadpool(lambda: app.restoring.look(app.restoring.found(name), shown))
    except BroadcasterError as error:
        lines = sentences(error)
        return await run_in_threadpool(lambda: _shown(request, app, http=422, lines=lines))
    return page(request, "restore.html", looked=looked, name=name, lines=[])


@router.post("/cai-dat/sao-luu/khoi-phuc")
def restore(
    request: Request, app: Workspace, visitor: Admin, ma: Text = "", ten: Text = "", tep: Text = ""
) -> Response:
    """Put a backup in the place of what is there, once the station's name was typed: the station starts again."""
    shown = tep[-80:]
    try:
        archive = app.restoring.found(ma)
        if _plain(ten) != _plain(app.station.name):
            raise ConfigError("backup.name", name=app.station.name)
        with request.app.state.work:
            looked = app.restoring.prepare(archive, visitor.code, shown)
    except BroadcasterError as error:
        return _shown(request, app, http=422, lines=sentences(error))
    again = request.app.state.restart
    shown_page = page(request, "restoring.html", looked=looked, by_itself=again is not None)
    shown_page.background = BackgroundTask(again) if again else None
    return shown_page


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


@router.post("/cai-dat/sao-luu/thoi")
def take_back(app: Workspace, visitor: Admin) -> Response:
    """Forget a restoration that waits."""
    del visitor
    app.restoring.take_back()
    return RedirectResponse("/cai-dat/sao-luu?da=thoi_khoi_phuc", 303)
