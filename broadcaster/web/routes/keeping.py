"""Cài đặt, what is kept: the commune's words, and who did what and when."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from broadcaster.bootstrap import App
from broadcaster.domain.fields import fold
from broadcaster.domain.reading import ReadMode
from broadcaster.domain.station import Role
from broadcaster.domain.trail import Entry, Kind, What
from broadcaster.errors import ConfigError
from broadcaster.services.entering import Visitor
from broadcaster.units import digest
from broadcaster.web.periods import day_of, today
from broadcaster.web.showing import name_of, page, sentences
from broadcaster.web.visiting import Inside, Maker, NotAllowedError, Workspace, visitor_of

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]
LONGEST_WORD = 200
MOST_ROWS = 200
"""Rows of the trail on one page; more are reached by a shorter period."""
MOST_WORDS = 200
"""Words on one page; others are reached by searching."""
USUAL_DAYS = 30


def overseer(request: Request) -> Visitor:
    """Somebody who may see what others did: who answers for the station, audits it, or looks after accounts."""
    visitor = visitor_of(request)
    if not (visitor.admin or visitor.may(Role.AUDITOR, Role.APPROVER)):
        raise NotAllowedError
    return visitor


Overseer = Annotated[Visitor, Depends(overseer)]


def _words(
    request: Request, app: App, *, http: int = 200, lines: Sequence[str] = (), sought: str = "", **typed: str
) -> Response:
    entries = app.words.entries()
    shown = [one for one in entries if fold(sought) in fold(f"{one.written} {one.said}")]
    return page(
        request,
        "words.html",
        http=http,
        lines=lines,
        sought=sought,
        rows=[(one, name_of(request, one.source)) for one in shown[:MOST_WORDS]],
        count=len(shown),
        version=digest("words", app.words.read()),
        typed={"written": "", "spoken": "", "mode": ReadMode.EXPAND.value} | typed,
        modes=list(ReadMode),
        longest=LONGEST_WORD,
    )


@router.get("/cai-dat/tu-dien")
def words(request: Request, app: Workspace, visitor: Inside, tim: str = "") -> Response:
    """The commune's words, and the form."""
    del visitor
    return _words(request, app, sought=tim[:LONGEST_WORD])


@router.post("/cai-dat/tu-dien")
def teach(
    request: Request,
    app: Workspace,
    visitor: Maker,
    chu: Text = "",
    doc: Text = "",
    cach: Text = ReadMode.EXPAND.value,
    phien_ban: Text = "",
) -> Response:
    """Add or replace a word."""
    typed = {"written": chu, "spoken": doc, "mode": cach}
    if max(len(chu), len(doc)) > LONGEST_WORD:
        return _words(request, app, http=422, lines=[f"Mỗi ô không quá {LONGEST_WORD} chữ cái."], **typed)
    with request.app.state.work:
        if phien_ban != digest("words", app.words.read()):
            return _words(request, app, http=409, lines=[_CHANGED], **typed)
        try:
            done = app.words.add((chu, doc, cach, "", visitor.code))
        except ConfigError as error:
            return _words(request, app, http=422, lines=sentences(error), **typed)
        if done.changed:
            app.diary.note(visitor.code, What.WORD, f"{done.entry.written} → {done.entry.said}")
    return RedirectResponse("/cai-dat/tu-dien?da=tu", 303)


_CHANGED = "Vừa có người khác sửa từ điển trước bạn; chưa lưu gì. Xem lại danh sách rồi bấm lần nữa."


@router.post("/cai-dat/tu-dien/bo")
def forget(request: Request, app: Workspace, visitor: Maker, chu: Text = "", phien_ban: Text = "") -> Response:
    """Take a word out, in all its contexts."""
    with request.app.state.work:
        if phien_ban != digest("words", app.words.read()):
            return _words(request, app, http=409, lines=[_CHANGED])
        try:
            gone = app.words.remove(chu)
        except ConfigError:
            line = f"Từ điển của xã không có «{chu[:LONGEST_WORD]}»; chưa bỏ gì."
            return _words(request, app, http=422, lines=[line])
        app.diary.note(visitor.code, What.WORD_GONE, ", ".join(f"{one.written} → {one.said}" for one in gone))
    return RedirectResponse("/cai-dat/tu-dien?da=bo_tu", 303)


def _about(entry: Entry, names: Mapping[str, str]) -> str:
    """What an entry is about, clusters by their names."""
    if entry.kind is not Kind.NETWORK:
        return entry.about
    return ", ".join(names.get(code, code) for code in entry.about.split(", "))


@router.get("/cai-dat/nhat-ky")
def trail(
    request: Request, app: Workspace, visitor: Overseer, tu: str = "", den: str = "", loai: str = "", nguoi: str = ""
) -> Response:
    """Who did what, and when."""
    del visitor
    day = today(app)
    last = day_of(den) or day
    first = day_of(tu) or last - timedelta(days=USUAL_DAYS)
    if last < first:
        raise ConfigError("config.period", first=first, last=last)
    station = app.station
    entries = app.tracing.trail(station.midnight(first), station.midnight(last + timedelta(days=1)))
    people = sorted({(one.by, name_of(request, one.by)) for one in entries if one.by}, key=lambda one: one[1])
    chosen = [one for one in entries if (not loai or one.kind.value == loai) and (not nguoi or one.by == nguoi)]
    names = {one.code: one.name for one in station.clusters}
    return page(
        request,
        "trail.html",
        rows=[(one, name_of(request, one.by) if one.by else "–", _about(one, names)) for one in chosen[:MOST_ROWS]],
        count=len(chosen),
        first=first,
        last=last,
        kinds=list(Kind),
        kind=loai,
        people=people,
        person=nguoi,
    )
