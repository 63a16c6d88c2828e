"""Cài đặt, the station's file: what it is, when it is on air, whose voice it has, who may do what."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from broadcaster import plugins
from broadcaster.bootstrap import App
from broadcaster.domain.finish import VoiceChain
from broadcaster.domain.station import ALL_WEEKDAYS, PRESETS, Role, check_notice, check_station
from broadcaster.domain.station_edit import Edit
from broadcaster.domain.station_file import parse_station
from broadcaster.domain.trail import What
from broadcaster.errors import BroadcasterError, ConfigError
from broadcaster.services.furnishing import LONGEST, Proposal
from broadcaster.units import MINUTE
from broadcaster.web.handing import written
from broadcaster.web.showing import page, sentences, told
from broadcaster.web.visiting import Admin, Inside, Workspace
from broadcaster.wording import say

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]
Texts = Annotated[list[str], Form()]
Whole = Annotated[int, Form()]
FIRST_DAY = 2
"""How the file and everybody here calls Monday; Sunday is 8."""
MOST_CHANGES = 20
"""Tables that the trail names of one change."""


def _lines(error: BroadcasterError) -> list[str]:
    """An error for a person; findings of the file with their lines."""
    if not error.findings:
        return sentences(error)
    return [say(error.code, "vi", **error.facts)] + [
        (f"Dòng {f.place.line}, {f.place.field}: " if f.place.line else "") + say(f.code, "vi", **f.facts)
        for f in error.findings
    ]


def _shown(
    request: Request, app: App, *, http: int = 200, lines: Sequence[str] = (), form: str = "", **typed: Any
) -> Response:
    """The page; `form` is the one that was refused, `typed` what stood in it."""
    text = app.station_edits.read()
    try:
        filed = parse_station(text, str(app.workspace.station_file))
    except ConfigError as error:
        filed, lines = app.filed_station, [*lines, *_lines(error)]
    return page(
        request,
        "station.html",
        http=http,
        lines=lines,
        it=filed,
        version=app.station_edits.version(),
        stale=app.station_stale,
        findings=told((*check_station(filed), *check_notice(filed))),
        days=_days,
        engines=sorted(name for name in plugins.speech_engine_points() if name != "tone" or "tone" in filed.engines),
        chains=list(VoiceChain),
        presets=PRESETS,
        roles=list(Role),
        minute=MINUTE,
        day_numbers=lambda weekdays: [day + FIRST_DAY for day in weekdays],
        role_values=lambda roles: [role.value for role in roles],
        typed=lambda name, key, usual: typed.get(key, usual) if name == form else usual,
    )


def _days(weekdays: Sequence[int]) -> str:
    """Weekdays as people call them."""
    if tuple(weekdays) == tuple(ALL_WEEKDAYS):
        return "mọi ngày"
    return ", ".join("CN" if day == ALL_WEEKDAYS[-1] else f"T{day + FIRST_DAY}" for day in weekdays)


@router.get("/cai-dat/dai")
def station(request: Request, app: Workspace, visitor: Inside) -> Response:
    """The station as its file has it, and for administrators the forms."""
    del visitor
    return _shown(request, app)


def _save(
    request: Request,
    app: App,
    by: str,
    version: str,
    propose: Callable[[], Proposal],
    refused: Callable[[int, list[str]], Response],
) -> Response:
    """Put a proposal into the file and ask the station to begin anew with it."""
    with request.app.state.work:
        try:
            proposal = propose()
            done = app.station_edits.save(proposal, version)
        except BroadcasterError as error:
            return refused(409 if error.code == "station.changed" else 422, _lines(error))
        if done:
            named = proposal.changes[:MOST_CHANGES]
            app.diary.note(by, What.STATION, ", ".join(named) + ("…" if len(named) < len(proposal.changes) else ""))
            request.app.state.anew.set()
    return RedirectResponse("/cai-dat/dai?da=" + ("dai" if done else "nguyen"), 303)


def _edit(
    request: Request, app: App, by: str, version: str, form: str, typed: Mapping[str, Any], *edits: Edit
) -> Response:
    return _save(
        request,
        app,
        by,
        version,
        lambda: app.station_edits.edits(edits),
        lambda http, lines: _shown(request, app, http=http, lines=lines, form=form, **typed),
    )


@router.post("/cai-dat/dai/chung")
def general(
    request: Request,
    app: Workspace,
    visitor: Admin,
    ten: Text = "",
    mo_dau: Text = "",
    ket_thuc: Text = "",
    nen: Text = "",
    im_tu: Text = "",
    im_den: Text = "",
    phien_ban: Text = "",
) -> Response:
    """Name, what is said at the opening and the end, rules, quiet hours."""
    typed = {"ten": ten, "mo_dau": mo_dau, "ket_thuc": ket_thuc, "nen": nen, "im_tu": im_tu, "im_den": im_den}
    return _edit(
        request,
        app,
        visitor.code,
        phien_ban,
        "chung",
        typed,
        Edit("station", {"name": _line(ten), "preset": nen}),
        Edit("spoken", {"opening": _line(mo_dau), "closing": _line(ket_thuc)}),
        Edit("quiet", {"start": im_tu, "end": im_den}),
    )


def _line(text: str) -> str:
    return " ".join(text.split())


@router.post("/cai-dat/dai/buoi")
def session(
    request: Request,
    app: Workspace,
    visitor: Admin,
    ma: Text = "",
    ten: Text = "",
    gio: Text = "",
    phut: Whole = 0,
    thu: Annotated[list[int], Form()] = [],  # noqa: B006 - FastAPI's default of a form
    moi: Text = "",
    phien_ban: Text = "",
) -> Response:
    """A session's hour, length and weekdays; a new one where `moi` says so."""
    typed = {"ma": ma, "ten": ten, "gio": gio, "phut": phut, "thu": thu}
    form = "buoi_moi" if moi else f"buoi_{ma}"
    if bool(moi) == (ma in app.station_edits.codes("session")):
        return _shown(request, app, http=422, lines=[_code_line(ma, "buổi phát", new=bool(moi))], form=form, **typed)
    days = sorted(set(thu))
    weekdays = None if not days or len(days) == len(ALL_WEEKDAYS) else days
    edit = Edit("session", {"name": _line(ten), "start": gio, "minutes": phut, "weekdays": weekdays}, ma)
    return _edit(request, app, visitor.code, phien_ban, form, typed, edit)


def _code_line(code: str, what: str, *, new: bool) -> str:
    said = f"Mã «{code[:64]}» đã có {what}; chọn mã khác." if new else f"Không có {what} mang mã «{code[:64]}»."
    return f"{said} Chưa lưu gì."


@router.post("/cai-dat/dai/giong")
def voices(
    request: Request,
    app: Workspace,
    visitor: Admin,
    may: Texts = [],  # noqa: B006 - FastAPI's default of a form
    loa: Text = "",
    phien_ban: Text = "",
) -> Response:
    """Which engine speaks, which stands in for it, and for which loudspeakers the sound is made."""
    order = list(dict.fromkeys(name for name in may if name))
    known = plugins.speech_engine_points()
    typed = {"may": may, "loa": loa}
    if not order or not set(order) <= set(known):
        lines = [f"Chọn ít nhất một máy đọc trong: {', '.join(sorted(known))}. Chưa lưu gì."]
        return _shown(request, app, http=422, lines=lines, form="giong", **typed)
    edits = (Edit("station", {"engines": order}), Edit("audio", {"chain": loa}))
    return _edit(request, app, visitor.code, phien_ban, "giong", typed, *edits)


@router.post("/cai-dat/dai/nguoi")
def person(
    request: Request,
    app: Workspace,
    visitor: Admin,
    ma: Text = "",
    ten: Text = "",
    vai: Texts = [],  # noqa: B006 - FastAPI's default of a form
    moi: Text = "",
    phien_ban: Text = "",
) -> Response:
    """A person's name and roles; somebody new where `moi` says so."""
    form = "nguoi_moi" if moi else f"nguoi_{ma}"
    typed = {"ma": ma, "ten": ten, "vai": vai}
    if bool(moi) == (ma in app.station_edits.codes("person")):
        return _shown(request, app, http=422, lines=[_code_line(ma, "người", new=bool(moi))], form=form, **typed)
    roles = [role.value for role in Role if role.value in vai]
    edit = Edit("person", {"name": _line(ten), "roles": roles}, ma)
    return _edit(request, app, visitor.code, phien_ban, form, typed, edit)


def _file(
    request: Request, app: App, text: str, version: str, *, http: int = 200, lines: Sequence[str] = ()
) -> Response:
    return page(
        request,
        "station_file.html",
        http=http,
        lines=lines,
        text=text,
        version=version,
        longest=LONGEST,
        old=app.old_stations(),
        file=app.workspace.station_file.name,
    )


@router.get("/cai-dat/dai/tep")
def file(request: Request, app: Workspace, visitor: Admin, ban: str = "") -> Response:
    """The whole file to change, or one that it was to be put back."""
    del visitor
    if ban and ban not in app.old_stations():
        raise HTTPException(404)
    text = app.old_station(ban) if ban else app.station_edits.read()
    return _file(request, app, text, app.station_edits.version())


@router.post("/cai-dat/dai/tep")
def whole(request: Request, app: Workspace, visitor: Admin, noi_dung: Text = "", phien_ban: Text = "") -> Response:
    """Put another text in the file's place."""

    def refused(http: int, lines: list[str]) -> Response:
        return _file(request, app, noi_dung, phien_ban, http=http, lines=lines)

    return _save(request, app, visitor.code, phien_ban, lambda: app.station_edits.propose(noi_dung), refused)


@router.post("/cai-dat/dai/ap-dung")
def apply(request: Request, app: Workspace, visitor: Admin) -> Response:
    """Begin anew with a file that somebody changed by hand."""
    del visitor
    try:
        app.station_edits.propose(app.station_edits.read())
    except ConfigError as error:
        return _shown(request, app, http=422, lines=_lines(error))
    request.app.state.anew.set()
    return RedirectResponse("/cai-dat/dai?da=dai", 303)


@router.get("/cai-dat/dai/nghe/{engine}")
def sample(request: Request, app: Workspace, visitor: Inside, engine: str) -> Response:
    """What an engine sounds like: the opening of this station, by its first voice."""
    del visitor
    if engine not in plugins.speech_engine_points():
        raise HTTPException(404)
    with request.app.state.work:
        sound = app.sample(engine)
        data = written("mau.flac", lambda path: app.codec.write(sound, path, {}))
    return Response(data, media_type="audio/flac")
