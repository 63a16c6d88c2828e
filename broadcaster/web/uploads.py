"""Text out of files that people bring. Nothing is written to disk, and a file's name is never a path."""

import zlib
from io import BytesIO
from xml.etree import ElementTree as ET
from zipfile import BadZipFile, ZipFile, is_zipfile

from broadcaster.errors import ConfigError

MOST_BYTES = 2 * 1024 * 1024
MOST_XML = 16 * 1024 * 1024
MOST_RATIO = 200
"""A page of Word's own XML shrinks to a tenth or twentieth; a bomb, to a thousandth."""
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


_DAMAGED = (
    BadZipFile,
    ET.ParseError,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    zlib.error,
)
"""What the ZIP and XML readers raise at a file that somebody has tampered with."""


def text_of(name: str, data: bytes) -> str:
    """The text of a .docx, .txt or .md.

    Raises:
        ConfigError: `upload.big`, `upload.kind`, `upload.broken`, `file.not_utf8`.
    """
    shown = name[-80:] or "-"
    if len(data) > MOST_BYTES:
        raise ConfigError("upload.big", file=shown, most=MOST_BYTES // 2**20)
    ending = name.rpartition(".")[2].lower()
    if ending in {"txt", "md"}:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ConfigError("file.not_utf8", file=shown) from error
    if ending == "docx":
        return _word(shown, data)
    raise ConfigError("upload.kind", file=shown)


def _word(name: str, data: bytes) -> str:
    try:
        if not is_zipfile(BytesIO(data)):
            raise ConfigError("upload.broken", file=name, detail="không phải ZIP")
        with ZipFile(BytesIO(data)) as archive:
            part = archive.getinfo("word/document.xml")
            if part.file_size > MOST_XML or part.file_size > MOST_RATIO * max(1, part.compress_size):
                raise ConfigError("upload.broken", file=name, detail="nén quá mức")
            with archive.open(part) as stream:
                xml = stream.read(MOST_XML + 1)  # the archive's own figure may lie
        if len(xml) > MOST_XML:
            raise ConfigError("upload.broken", file=name, detail="nén quá mức")
        # Word writes no document type; entities could grow without bound, in any encoding that hides them.
        if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or b"\x00" in xml:
            raise ConfigError("upload.broken", file=name, detail="DOCTYPE")
        root = ET.fromstring(xml)  # noqa: S314 - without a document type there is nothing to expand
    except _DAMAGED as error:
        raise ConfigError("upload.broken", file=name, detail=type(error).__name__) from error
    return "\n\n".join(text for paragraph in root.iter(f"{_WORD}p") if (text := _paragraph(paragraph)))


def _paragraph(paragraph: ET.Element) -> str:
    """A paragraph's words; a tab, a line break or a cell's border never glues two of them together."""
    pieces = []
    for node in paragraph.iter():
        if node.tag == f"{_WORD}t":
            pieces.append(node.text or "")
        elif node.tag in {f"{_WORD}tab", f"{_WORD}br", f"{_WORD}cr"}:
            pieces.append(" ")
        elif node.tag == f"{_WORD}noBreakHyphen":
            pieces.append("-")
    return " ".join("".join(pieces).split())
