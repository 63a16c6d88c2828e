"""Thủ tục: the commune's procedures, looked up by typed letters; their versions; the bulletins that cite them."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from broadcaster.bootstrap import App
from broadcaster.domain.procedure import Checked, Procedure, Version, cites, sought
from broadcaster.errors import BroadcasterError, ConfigError
from broadcaster.services.citing import LONGEST_TEXT, Flag
from broadcaster.web.periods import day_of, today
from broadcaster.web.showing import name_of, page, sentences, told
from broadcaster.web.visiting import Inside, Operator, Workspace

router = APIRouter(include_in_schema=False)

FIELD_NAMES = {
    "field": "Lĩnh vực",
    "name": "Tên thủ tục",
    "also": "Tên gọi khác",
    "mechanism": "Cơ chế giải quyết",
    "time_limit": "Thời hạn",
    "fee": "Phí, lệ phí",
    "legal_basis": "Căn cứ",
    "note": "Ghi chú",
    "reason": "Vì sao sửa",
}
"""How the form calls its fields."""


class Sheet(BaseModel):
    """The form's fields as they were typed."""

    field: str = Field(default="", max_length=4000)
    name: str = Field(default="", max_length=4000)
    also: str = Field(default="", max_length=8000)
    mechanism: str = Field(default="", max_length=4000)
    time_limit: str = Field(default="", max_length=4000)
    fee: str = Field(default="", max_length=4000)
    legal_basis: str = Field(default="", max_length=4000)
    valid_from: str = Field(default="", max_length=40)
    valid_to: str = Field(default="", max_length=40)
    checked: str = Checked.NO.value
    note: str = Field(default="", max_length=4000)
    reason: str = Field(default="", max_length=4000)
    matters: str = "co"
    since: str = Field(default="", max_length=40)
    version: str = ""

    @classmethod
    def of(cls, version: Version) -> "Sheet":
        """A version as the form shows it."""
        one = version.procedure
        return cls(
            field=one.field,
            name=one.name,
            also="\n".join(one.also),
            mechanism=one.mechanism,
            time_limit=one.time_limit,
            fee=one.fee,
            legal_basis=one.legal_basis,
            valid_from=one.valid_from.isoformat() if one.valid_from > date.min else "",
            valid_to=one.valid_to.isoformat() if one.valid_to < date.max else "",
            checked=one.checked.value,
            note=one.note,
            version=str(version.number),
        )

    def procedure(self, code: str) -> Procedure:
        """What was typed.

        Raises:
            ConfigError: `procedure.days`, `procedure.text`.
        """
        if self.checked not in set(Checked):
            raise ConfigError("procedure.text", field=FIELD_NAMES["note"], most=LONGEST_TEXT)
        return Procedure(
            code,
            self.field,
            self.name,
            tuple(self.also.splitlines()),
            self.mechanism,
            self.time_limit,
            self.fee,
            self.legal_basis,
            _day(self.valid_from) or date.min,
            _day(self.valid_to) or date.max,
            Checked(self.checked),
            self.note,
        )

    def changed_since(self) -> date | None:
        """From when bulletins have to be looked at; None for a slip put right.

        Raises:
            ConfigError: `procedure.since`, `procedure.days`.
        """
        if self.matters == "khong":
            return None
        day = _day(self.since)
        if day is None:
            raise ConfigError("procedure.since")
        return day


def _day(given: str) -> date | None:
    try:
        return day_of(given)
    except HTTPException as error:
        raise ConfigError("procedure.days") from error


def _lines(error: BroadcasterError) -> list[str]:
    """A refusal, with fields named as the form names them."""
    if error.code == "procedure.text":
        error.facts["field"] = FIELD_NAMES.get(str(error.facts["field"]), error.facts["field"])
    return sentences(error)


def _flagged(flags: Sequence[Flag]) -> list[tuple[Flag, str]]:
    return [(flag, told([flag.finding])[0][1]) for flag in flags]


@router.get("/thu-tuc")
def listed(request: Request, app: Workspace, visitor: Inside, tim: str = "", linh_vuc: str = "") -> Response:
    """All procedures, or those with the typed words or of a field; and the bulletins that need a look."""
    del visitor
    app.renew()
    book = app.procedures.read()
    pieces = app.store.bulletins()
    shown = [one for one in sought(book.current, tim[:200]) if not linh_vuc or one.field == linh_vuc]
    day = today(app)
    return page(
        request,
        "procedures.html",
        rows=[(one, sum(cites(piece, one) for piece in pieces), one.over(day), one.valid_from > day) for one in shown],
        fields=list(dict.fromkeys(one.field for one in book.current)),
        sought=tim[:200],
        chosen=linh_vuc,
        flags=_flagged(app.citing.flags(pieces)),
    )


def _form(
    request: Request,
    sheet: Sheet,
    *,
    code: str = "",
    http: int = 200,
    lines: Sequence[str] = (),
    theirs: Sheet | None = None,
) -> Response:
    return page(
        request,
        "procedure_form.html",
        http=http,
        sheet=sheet,
        code=code,
        lines=lines,
        theirs=theirs,
        names=FIELD_NAMES,
        grades=list(Checked),
        longest=LONGEST_TEXT,
    )


@router.get("/thu-tuc/moi")
def new(request: Request, app: Workspace, visitor: Operator) -> Response:
    """An empty form."""
    del app, visitor
    return _form(request, Sheet())


@router.post("/thu-tuc")
def create(request: Request, app: Workspace, visitor: Operator, sheet: Annotated[Sheet, Form()]) -> Response:
    """Keep a new procedure."""
    try:
        made = app.procedures.keep(visitor.code, sheet.procedure(""), sheet.reason, None, None)
    except BroadcasterError as error:
        return _form(request, sheet, http=409 if error.code == "notebook.changed" else 422, lines=_lines(error))
    app.renew()
    return RedirectResponse(f"/thu-tuc/{made.code}?da=thu_tuc", 303)


def _versions(app: App, code: str) -> tuple[Version, ...]:
    versions = app.procedures.read().versions.get(code)
    if versions is None:
        raise HTTPException(404)
    return versions


@router.get("/thu-tuc/{code}")
def one(request: Request, app: Workspace, visitor: Inside, code: str) -> Response:
    """A procedure with its versions and the bulletins that cite it."""
    del visitor
    app.renew()
    versions = _versions(app, code)
    procedure = versions[-1].procedure
    citing = [piece for piece in app.store.bulletins() if cites(piece, procedure)]
    standings = app.approving.standings(citing)
    flags = {flag.bulletin.code: line for flag, line in _flagged(app.citing.flags(citing))}
    day = today(app)
    return page(
        request,
        "procedure.html",
        one=procedure,
        versions=[
            (version, name_of(request, version.by) if version.by else "có sẵn") for version in reversed(versions)
        ],
        rows=[(piece, standings[piece.code][0], flags.get(piece.code, "")) for piece in citing],
        over=procedure.over(day),
        ahead=procedure.valid_from > day,
        known=(procedure.valid_from > date.min, procedure.valid_to < date.max),
    )


@router.get("/thu-tuc/{code}/sua")
def edit_page(request: Request, app: Workspace, visitor: Operator, code: str) -> Response:
    """The form with what is kept, and the version that it shows."""
    del visitor
    sheet = Sheet.of(_versions(app, code)[-1])
    answer = _form(request, sheet, code=code)
    answer.headers["ETag"] = f'"{code}-{sheet.version}"'
    return answer


@router.post("/thu-tuc/{code}/sua")
def edit(request: Request, app: Workspace, visitor: Operator, code: str, sheet: Annotated[Sheet, Form()]) -> Response:
    """Keep another version, if nobody else has in the meantime."""
    _versions(app, code)
    try:
        number = int(sheet.version) if sheet.version.isascii() and sheet.version.isdigit() else -1
        given, since = sheet.procedure(code), sheet.changed_since()
        app.procedures.keep(visitor.code, given, sheet.reason, since, number)
    except BroadcasterError as error:
        if error.code in {"procedure.changed", "notebook.changed"}:
            # Nothing is lost: what was typed stays in the form, and what the other one wrote is shown beside it.
            theirs = Sheet.of(_versions(app, code)[-1])
            typed = sheet.model_copy(update={"version": theirs.version})
            return _form(request, typed, code=code, http=409, lines=_lines(error), theirs=theirs)
        return _form(request, sheet, code=code, http=422, lines=_lines(error))
    app.renew()
    return RedirectResponse(f"/thu-tuc/{code}?da=thu_tuc", 303)
