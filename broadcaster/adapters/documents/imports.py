"""Text out of files that people bring. Nothing is written to disk, and a file's name is never a path."""

import json
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator, Sequence
from importlib import util
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zipfile import BadZipFile, ZipFile, is_zipfile

from broadcaster.adapters.documents import pdf_process as process
from broadcaster.domain.page_text import Line, text_of_lines
from broadcaster.errors import ConfigError

MOST_BYTES = 2 * 1024 * 1024
MOST_XML = 16 * 1024 * 1024
MOST_RATIO = 200
"""A page of Word's own XML shrinks to a tenth or twentieth; a bomb, to a thousandth."""
PATIENCE = 30.0
"""Seconds for a PDF file: ten pages of an office take one."""
FEWEST_LETTERS = 20
"""Letters on a page with a picture, below which they are a scanner's stamp and the text is in the picture."""
_REFUSED = {
    process.BROKEN: "upload.pdf_broken",
    process.LOCKED: "upload.pdf_locked",
    process.LONG: "upload.pdf_long",
}
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
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


class FileTexts:
    """The port `Texts`.

    Args:
        command: the reader of PDF files, in tests; it gets the file on its standard input.
        patience: seconds for one PDF file.
    """

    most_bytes = MOST_BYTES

    def __init__(self, command: Sequence[str] = (), patience: float = PATIENCE) -> None:
        self._command, self._patience = list(command), patience
        self._pdf = threading.Lock()

    def text_of(self, name: str, data: bytes) -> str:
        """The text of a .docx, .odt, .pdf, .txt or .md."""
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
        if ending == "pdf":
            return self._printed(shown, data)
        raise ConfigError("upload.kind", file=shown)

    def _printed(self, name: str, data: bytes) -> str:
        """The text of a PDF file; one file at a time, so that several together take no more memory than one."""
        if not self._command and util.find_spec("pypdf") is None:
            raise ConfigError("upload.pdf_package", file=name)
        if b"%PDF-" not in data[:1024]:
            raise ConfigError("upload.pdf_broken", file=name)
        if not self._pdf.acquire(timeout=2 * self._patience):
            raise ConfigError("upload.pdf_heavy", file=name)
        try:
            code, told = self._asked(data)
        finally:
            self._pdf.release()
        if code != process.DONE:
            raise ConfigError(_REFUSED.get(code, "upload.pdf_heavy"), file=name, most=process.MOST_PAGES)
        lines = [
            Line(int(page), float(x), float(y), float(size), str(said)) for page, x, y, size, said in told["lines"]
        ]
        if _is_scan(told, lines):
            raise ConfigError("upload.pdf_scan", file=name)
        return text_of_lines(lines)

    def _asked(self, data: bytes) -> tuple[int, dict[str, Any]]:
        """The reader's exit code and what it says; one that was killed has a code that it knows nothing of."""
        command = self._command or [sys.executable, "-P", str(Path(process.__file__))]
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and file, no shell
                command,
                input=data,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self._patience,
                check=False,
                creationflags=_NO_WINDOW,
            )
            told = json.loads(done.stdout) if done.returncode == process.DONE else {}
        except (subprocess.TimeoutExpired, BrokenPipeError, ValueError):
            return process.HEAVY, {}
        return done.returncode, told


def _is_scan(told: dict[str, Any], lines: Sequence[Line]) -> bool:
    """Whether there is no text to be had: no letters, hardly any beside pictures, or signs that name no letters."""
    letters, pages = int(told["letters"]), max(1, int(told["pages"]))
    if not letters or (told["pictures"] and letters < FEWEST_LETTERS * pages):
        return True
    unknown = sum(char == "\ufffd" or "\ue000" <= char <= "\uf8ff" for one in lines for char in one.text)
    return unknown > letters


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
