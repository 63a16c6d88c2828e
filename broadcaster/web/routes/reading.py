"""Bản tin, how it is read: another way for a span, a sentence by itself, what a version has changed."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from broadcaster.bootstrap import App
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.difference import difference
from broadcaster.domain.reading import ReadMode
from broadcaster.domain.reading.model import Reading, Span, SpanKind
from broadcaster.domain.trail import What
from broadcaster.errors import ConfigError
from broadcaster.web.showing import name_of, page, sentences
from broadcaster.web.visiting import Inside, Maker, Workspace

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form()]
LONGEST = 200
AROUND = 60
"""Letters of the text that are shown on both sides of a span."""
OWN = "khac"
"""The choice of a reading that is none of those offered."""


def _known(app: App, code: str) -> Bulletin:
    piece = app.store.bulletin(code)
    if piece is None:
        raise HTTPException(404)
    return piece


def _span(reading: Reading, number: int) -> Span:
    """A span that is read otherwise than it is written.

    Raises:
        HTTPException: 404 when there is none of that number.
    """
    if not 0 <= number < len(reading.spans):
        raise HTTPException(404)
    span = reading.spans[number]
    if span.kind in {SpanKind.TEXT, SpanKind.PUNCTUATION} or not span.source.strip():
        raise HTTPException(404)
    return span


def _choice(
    request: Request, piece: Bulletin, reading: Reading, number: int, *, http: int = 200, **more: object
) -> Response:
    span = _span(reading, number)
    sentence = next((n for n, one in enumerate(reading.sentences) if one.start <= span.start < one.end), None)
    values: dict[str, object] = {"lines": [], "chosen": "", "own": ""} | more
    return page(
        request,
        "span.html",
        http=http,
        piece=piece,
        number=number,
        span=span,
        before=reading.source[max(0, span.start - AROUND) : span.start],
        after=reading.source[span.end : span.end + AROUND],
        sentence=sentence,
        version=piece.text_hash,
        longest=LONGEST,
        other=OWN,
        **values,
    )


@router.get("/ban-tin/{code}/cho/{number}")
def choose(request: Request, app: Workspace, visitor: Inside, code: str, number: int) -> Response:
    """How a span is read, and how it could be."""
    del visitor
    piece = _known(app, code)
    return _choice(request, piece, app.writing.read(piece), number)


@router.post("/ban-tin/{code}/cho/{number}")
def teach(
    request: Request,
    app: Workspace,
    visitor: Maker,
    code: str,
    number: int,
    chon: Text = "",
    doc: Text = "",
    chu: Text = "",
    phien_ban: Text = "",
) -> Response:
    """Put another reading of a span's words into the commune's lexicon: from now on for every bulletin."""
    with request.app.state.work:
        piece = _known(app, code)
        reading = app.writing.read(piece)
        if phien_ban != piece.text_hash or not 0 <= number < len(reading.spans) or reading.spans[number].source != chu:
            line = "Văn bản hoặc từ điển vừa được người khác sửa; chưa lưu gì. Mở lại bản tin rồi chọn lần nữa."
            return page(request, "error.html", http=409, lines=[line])
        span = _span(reading, number)
        spoken = doc.strip() if chon == OWN else chon
        allowed = chon == OWN or chon in span.alternatives
        if not allowed or not spoken or len(spoken) > LONGEST:
            line = f"Chọn một cách đọc, hoặc viết cách đọc bằng chữ, không quá {LONGEST} chữ cái."
            return _choice(request, piece, reading, number, http=422, lines=[line], chosen=chon, own=doc[:LONGEST])
        try:
            done = app.words.add((span.source, spoken, ReadMode.EXPAND.value, "", visitor.code))
        except ConfigError as error:
            lines = sentences(error)
            return _choice(request, piece, reading, number, http=422, lines=lines, chosen=chon, own=doc)
        if done.changed:
            app.diary.note(visitor.code, What.WORD, f"{done.entry.written} → {done.entry.said}")
    return RedirectResponse(f"/ban-tin/{code}?da=tu", 303)


@router.get("/ban-tin/{code}/cau/{number}")
def sentence(request: Request, app: Workspace, visitor: Inside, code: str, number: int) -> Response:
    """One sentence as the master would say it; spoken once, kept for the master."""
    del visitor
    piece = _known(app, code)
    if not 0 <= number < len(app.writing.read(piece).sentences):
        raise HTTPException(404)
    # Speech uses every core: one at a time.
    with request.app.state.work, TemporaryDirectory() as folder:
        path = Path(folder) / "cau.flac"
        app.codec.write(app.voicing.sentence(piece, number), path, {})
        data = path.read_bytes()
    return Response(data, media_type="audio/flac")


@router.get("/ban-tin/{code}/phien-ban")
def versions(request: Request, app: Workspace, visitor: Inside, code: str, tu: int = 0, den: int = 0) -> Response:
    """Two versions of a bulletin, and what has changed between them; the last two unless told otherwise.

    Args:
        request: the browser's.
        app: the workspace.
        visitor: who asks.
        code: the bulletin's.
        tu: number of the earlier version, from 1 on.
        den: number of the later one.
    """
    del visitor
    piece = _known(app, code)
    found = app.store.versions(code)
    last = len(found)
    to = den if 1 <= den <= last else last
    from_ = tu if 1 <= tu <= last else max(1, to - 1)
    old, new = found[from_ - 1][1], found[to - 1][1]
    return page(
        request,
        "versions.html",
        piece=piece,
        listed=[(n + 1, at, name_of(request, one.author)) for n, (at, one) in enumerate(found)],
        first=from_,
        last=to,
        title=difference(old.title, new.title),
        body=difference(old.body, new.body),
        same=old.title == new.title and old.body == new.body,
    )
