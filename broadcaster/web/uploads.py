"""Text out of files that people bring. Nothing is written to disk, and a file's name is never a path."""

import zlib
from collections.abc import Iterator
from io import BytesIO
from xml.etree import ElementTree as ET
from zipfile import BadZipFile, ZipFile, is_zipfile

from broadcaster.errors import ConfigError

MOST_BYTES = 2 * 1024 * 1024
MOST_XML = 16 * 1024 * 1024
MOST_RATIO = 200
"""A page of Word's own XML shrinks to a tenth or twentieth; a bomb, to a thousandth."""
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_UNREAD = frozenset({f"{_TEXT}note", f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}ruby-text"})


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
    """The text of a .docx, .odt, .txt or .md.

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
        found = _document(shown, data, "word/document.xml").iter(f"{_WORD}p")
        return "\n\n".join(text for one in found if (text := _paragraph(one)))
    if ending == "odt":
        try:
            return "\n\n".join(_open_document(_document(shown, data, "content.xml")))
        except RecursionError as error:  # nobody nests a thousand styles in a paragraph
            raise ConfigError("upload.broken", file=shown, detail=type(error).__name__) from error
    raise ConfigError("upload.kind", file=shown)


def _document(name: str, data: bytes, inside: str) -> ET.Element:
    """The XML of a document's text, out of the ZIP that it is.

    Raises:
        ConfigError: `upload.broken`.
    """
    try:
        if not is_zipfile(BytesIO(data)):
            raise ConfigError("upload.broken", file=name, detail="không phải ZIP")
        with ZipFile(BytesIO(data)) as archive:
            part = archive.getinfo(inside)
            if part.file_size > MOST_XML or part.file_size > MOST_RATIO * max(1, part.compress_size):
                raise ConfigError("upload.broken", file=name, detail="nén quá mức")
            with archive.open(part) as stream:
                xml = stream.read(MOST_XML + 1)  # the archive's own figure may lie
        if len(xml) > MOST_XML:
            raise ConfigError("upload.broken", file=name, detail="nén quá mức")
        # Office programs write no document type; entities could grow without bound, in any encoding that hides them.
        if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or b"\x00" in xml:
            raise ConfigError("upload.broken", file=name, detail="DOCTYPE")
        return ET.fromstring(xml)  # noqa: S314 - without a document type there is nothing to expand
    except _DAMAGED as error:
        raise ConfigError("upload.broken", file=name, detail=type(error).__name__) from error


def _open_document(root: ET.Element) -> list[str]:
    """Paragraphs and headings; what was deleted with its change kept, notes and comments are not read."""
    found: list[str] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.tag in _UNREAD:
            continue
        if node.tag in {f"{_TEXT}p", f"{_TEXT}h"}:
            words = " ".join("".join(_said(node)).split())
            found += [words] if words else []
            continue
        waiting.extend(reversed(node))
    return found


def _said(node: ET.Element) -> Iterator[str]:
    """The words below a node; a tab, a blank or a line break never glues two of them together."""
    yield node.text or ""
    for child in node:
        if child.tag in {f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"}:
            yield " "
        elif child.tag not in _UNREAD:
            yield from _said(child)
        yield child.tail or ""


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
