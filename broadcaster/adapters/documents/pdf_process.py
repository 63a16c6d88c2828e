"""The text of a PDF, through pypdf, in a process of its own: the file on standard input, JSON on standard output.

A stranger's file may ask for more memory or time than there is, and can bring down no more than this process. It limits
itself, where the system can: memory, processor time, and no byte to any file. On Windows the parent's patience is all.

    -> the bytes of the file
    <- {"lines": [[page, x, y, size, text], …], "letters": 812, "pages": 2, "pictures": 0}    and the exit code

This file uses the standard library and `pypdf` alone and is run by its path.
"""

import io
import json
import os
import signal
import sys
from contextlib import suppress
from typing import Any

DONE, BROKEN, LOCKED, LONG, HEAVY = 0, 3, 4, 5, 6
MOST_PAGES, MOST_TEXT = 40, 150_000
_SHOWING = {b"Tj", b"TJ", b"'", b'"'}
MEMORY, SECONDS = 640 * 2**20, 20


def limit() -> None:
    """Take no more than that."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def read(data: bytes) -> tuple[int, dict[str, Any]]:
    """The lines of every page, and how many letters, pages and pages with pictures there are."""
    from pypdf import PdfReader
    from pypdf.errors import FileNotDecryptedError, LimitReachedError

    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        return LOCKED, {}
    lines: list[list[Any]] = []
    letters = pictures = total = 0
    try:
        pages = len(reader.pages)
        if pages > MOST_PAGES:
            return LONG, {"pages": pages}
        for number, page in enumerate(reader.pages):
            found = _lines(page, number)
            total += sum(len(line[-1]) for line in found)
            if total > MOST_TEXT:
                return LONG, {"pages": pages}
            lines += found
            letters += sum(char.isalpha() for line in found for char in line[-1])
            pictures += _has_picture(page)
    except FileNotDecryptedError:
        return LOCKED, {}
    except LimitReachedError:
        return HEAVY, {}
    return DONE, {"lines": lines, "letters": letters, "pages": pages, "pictures": pictures}


def _lines(page: Any, number: int) -> list[list[Any]]:
    """One page's lines, as pypdf breaks them, each with the place of its first letter."""
    lines: list[list[Any]] = []
    begun: list[Any] | None = None

    def visit(text: str, cm: list[float], tm: list[float], _font: Any, size: float) -> None:
        nonlocal begun
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        # What a letter's height becomes on the page: a font of 1 point is often drawn through a matrix of 13.
        tall = abs(size) * abs(tm[3] * cm[3] + tm[2] * cm[1])
        for place, piece in enumerate(text.split("\n")):
            if place:
                begun = None
            if begun is None and piece.strip():
                begun = [number, round(x, 1), round(y, 1), round(tall or abs(size), 1), ""]
                lines.append(begun)
            if begun is not None:
                begun[-1] += piece

    _put_actual_text(page)
    page.extract_text(visitor_text=visit)
    return [[*line[:4], _sound(line[4])] for line in lines]


def _put_actual_text(page: Any) -> None:
    """Let a page show the letters that it says it shows.

    A font without "ế" draws it of two signs, of which pypdf sees what the font calls them; the program that printed it
    put `/ActualText` around them. The signs are replaced by one of a font whose signs are called by those letters.
    """
    from pypdf.generic import ContentStream, NameObject

    whole = page.get_contents()
    if whole is None or b"ActualText" not in whole.get_data():
        return
    contents = ContentStream(page["/Contents"].get_object(), page.pdf, "bytes")  # as pypdf reads them itself
    spans: list[str | None] = []
    said: list[str] = []
    shown: list[tuple[Any, Any]] = []
    font: list[Any] = []
    for operands, operator in contents.operations:
        if operator in {b"BDC", b"BMC"}:
            told = operands[1] if len(operands) > 1 else None
            actual = told.get("/ActualText") if isinstance(told, dict) else None
            spans.append(None if actual is None else _letters(actual))
        elif operator == b"EMC" and spans:
            spans.pop()
        elif operator == b"Tf":
            font = operands
        elif operator in _SHOWING:
            inside = next((n for n, one in enumerate(spans) if one is not None), None)
            if inside is not None:
                text, spans[inside] = spans[inside] or "", ""
                if text and font:
                    said.append(text)
                    shown += _sign(len(said) - 1, font)
                continue
        shown.append((operands, operator))
    made = ContentStream(None, page.pdf)
    made.operations = shown
    page[NameObject("/Contents")] = made
    _add_fonts(page, said)


def _letters(text: Any) -> str:
    """A text string of PDF."""
    data = text if isinstance(text, bytes) else text.original_bytes
    if data.startswith((b"\xfe\xff", b"\xff\xfe")):
        return str(data, "utf-16", "replace")
    return str(data, "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "latin-1", "replace")


def _sign(number: int, font: list[Any]) -> list[tuple[Any, Any]]:
    """The operations that show the sign of a number, and go back to the font before."""
    from pypdf.generic import ByteStringObject, NameObject

    name = NameObject(f"/ActualText{number // 255}")
    return [([name, font[1]], b"Tf"), ([ByteStringObject(bytes([number % 255 + 1]))], b"Tj"), (font, b"Tf")]


def _add_fonts(page: Any, said: list[str]) -> None:
    """Fonts whose signs, from 1 to 255, are called by what is said."""
    from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, NumberObject

    resources = page["/Resources"].get_object()
    fonts = resources.setdefault(NameObject("/Font"), DictionaryObject()).get_object()
    for number in range(0, len(said), 255):
        some = said[number : number + 255]
        rows = [f"<{code:02X}> <{text.encode('utf-16-be', 'replace').hex()}>" for code, text in enumerate(some, 1)]
        table = DecodedStreamObject()
        table.set_data(
            f"1 begincodespacerange\n<00> <FF>\nendcodespacerange\n{len(rows)} beginbfchar\n".encode()
            + "\n".join(rows).encode()
            + b"\nendbfchar\n"
        )
        fonts[NameObject(f"/ActualText{number // 255}")] = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/TrueType"),
                NameObject("/BaseFont"): NameObject("/ActualText"),
                NameObject("/FirstChar"): NumberObject(1),
                NameObject("/LastChar"): NumberObject(255),
                NameObject("/Widths"): ArrayObject([NumberObject(500)] * 255),
                NameObject("/ToUnicode"): table,
            }
        )


def _sound(text: str) -> str:
    """Text that JSON and UTF-8 can carry."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _has_picture(page: Any) -> bool:
    with suppress(Exception):  # only a sign: a damaged one is none
        objects = page["/Resources"]["/XObject"]
        return any(objects[name]["/Subtype"] == "/Image" for name in objects)
    return False


def main() -> int:
    """Read; the process ends when its parent goes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    data = sys.stdin.buffer.read()
    try:
        import pypdf  # noqa: F401 - before the limit: what is loaded is not the file's fault

        limit()
        code, told = read(data)
        with out:
            out.write(json.dumps(told).encode())
    except (MemoryError, RecursionError):
        return HEAVY
    except BrokenPipeError:
        return BROKEN
    except Exception as error:  # noqa: BLE001 - the edge to a reader of strangers' files
        sys.stderr.write(f"{type(error).__name__}: {error}"[:200] + "\n")
        return BROKEN
    return code


if __name__ == "__main__":
    sys.exit(main())
