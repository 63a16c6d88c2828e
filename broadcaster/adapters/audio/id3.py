"""ID3v2.3 tags. libsndfile writes UTF-8 bytes and marks them Latin-1, so that "Bản tin" reads "Báº£n tin"."""

from collections.abc import Mapping

_FRAMES = {"title": b"TIT2", "artist": b"TPE1", "album": b"TALB", "genre": b"TCON", "date": b"TYER"}
_UTF16 = b"\x01"
_LANGUAGE = b"vie"
_YEAR_DIGITS = 4


def header(tags: Mapping[str, str]) -> bytes:
    """The bytes to stand before the first MPEG frame; none when there is no tag.

    Version 2.3 with UTF-16 text, because cheap players and Windows Explorer read that one. Its `TYER` holds the year
    alone and `TDAT` day and month (id3.org, ID3v2.3.0, section 4.2.1).
    """
    frames = b""
    for name, value in tags.items():
        if not value:
            continue
        if name == "comment":
            frames += _frame(b"COMM", _UTF16 + _LANGUAGE + _text("") + b"\x00\x00" + _text(value))
        elif name == "date":
            frames += _date(value)
        else:
            frames += _frame(_FRAMES[name], _UTF16 + _text(value))
    if not frames:
        return b""
    return b"ID3\x03\x00\x00" + _syncsafe(len(frames)) + frames


def _date(value: str) -> bytes:
    year, month, day = (*value.split("-"), "", "")[:3]
    if len(year) != _YEAR_DIGITS:
        return b""
    frame = _frame(b"TYER", b"\x00" + year.encode("latin-1", "replace"))
    if month and day[:2]:
        frame += _frame(b"TDAT", b"\x00" + (day[:2] + month).encode("latin-1", "replace"))
    return frame


def _text(value: str) -> bytes:
    return b"\xff\xfe" + value.encode("utf-16-le")


def _frame(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "big") + b"\x00\x00" + body


def _syncsafe(number: int) -> bytes:
    """Seven bits a byte, so that no length looks like the start of an MPEG frame."""
    return bytes((number >> shift) & 0x7F for shift in (21, 14, 7, 0))
