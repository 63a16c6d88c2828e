"""Text out of PDF files: real ones, by other programs; and those that are no text, or are there to do harm."""

import os
import struct
import subprocess
import sys
import textwrap
import unicodedata
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from shutil import which

import pytest
import typst
from pypdf import PdfReader, PdfWriter

from broadcaster.adapters.documents import pdf_process
from broadcaster.adapters.documents.imports import FileTexts
from broadcaster.domain.reading import recognise_legacy
from broadcaster.errors import ConfigError

FIRST = (
    "Kính thưa bà con, trạm y tế xã sẽ tổ chức tiêm phòng cho trẻ em dưới năm tuổi vào sáng thứ bảy tuần này tại nhà "
    "văn hóa thôn Đông, đề nghị các gia đình đưa con em đến đúng giờ."
)
SECOND = (
    "Mọi thắc mắc xin liên hệ trạm y tế theo số 0243 123 456, gặp chị Hoa ở đường Nguyễn Huệ; nghiêng ngả, khuỷu tay, "
    "quyển sổ, rễ cây, ngoằn ngoèo, khuya khoắt, ưỡn ẹo, kỹ thuật, thuở xưa."
)


def typeset(folder: Path, body: str, form: str = '#set page(margin: 20mm, numbering: "1")') -> bytes:
    source = folder / "tin.typ"
    source.write_text(f'{form}\n#set text(lang: "vi", size: 13pt)\n{body}\n', encoding="utf-8")
    return bytes(typst.compile(str(source)))


def raw(objects: list[bytes], root: int = 1, more: bytes = b"") -> bytes:
    """A PDF file out of its objects, numbered from 1."""
    out, places = BytesIO(b"%PDF-1.4\n"), []
    out.seek(0, os.SEEK_END)
    for number, one in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, one))
    start = out.tell()
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    out.write(b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, rows))
    out.write(b"trailer\n<< /Size %d /Root %d 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, root, more, start))
    return out.getvalue()


CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /VnTime /Encoding /WinAnsiEncoding >>"


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries, data)


def one_page(content: bytes, entries: bytes = b"") -> bytes:
    return raw([CATALOG, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", PAGE, stream(content, entries), FONT])


def refusal(data: bytes, texts: FileTexts | None = None, name: str = "tin.pdf") -> str:
    with pytest.raises(ConfigError) as told:
        (texts or FileTexts()).text_of(name, data)
    return told.value.code


def test_lines_of_a_paragraph_are_joined_and_page_numbers_left_out(tmp_path: Path) -> None:
    body = (
        f"#set par(justify: true, first-line-indent: 1cm)\n#align(center)[*THÔNG BÁO LỊCH TIÊM PHÒNG*]\n\n{FIRST}\n\n"
        f"{SECOND}\n\n- Mang theo sổ tiêm.\n- Đeo khẩu trang.\n#pagebreak()\nTrang hai, ngày 30/11/2026.\n\n"
        "#table(columns: 2, [Thôn Đông], [8 giờ], [Thôn Đoài], [9 giờ 30])"
    )
    text = FileTexts().text_of("tin.PDF", typeset(tmp_path, body))
    assert text.split("\n\n") == [
        "THÔNG BÁO LỊCH TIÊM PHÒNG",
        FIRST,
        SECOND,
        "- Mang theo sổ tiêm.",
        "- Đeo khẩu trang.",
        "Trang hai, ngày 30/11/2026.",
        "Thôn Đông 8 giờ",
        "Thôn Đoài 9 giờ 30",
    ]


def test_a_sentence_goes_on_over_the_end_of_a_page(tmp_path: Path) -> None:
    # Without indents, and with hardly more room between paragraphs than between lines.
    form = '#set page(height: 55mm, margin: 15mm, numbering: "1 / 1", number-align: top + center)'
    body = f"#set par(spacing: 1.2em)\n{FIRST}\n\n{SECOND} {FIRST}\n\nHết."
    data = typeset(tmp_path, body, form)
    assert len(PdfReader(BytesIO(data)).pages) > 1
    assert FileTexts().text_of("tin.pdf", data).split("\n\n") == [FIRST, f"{SECOND} {FIRST}", "Hết."]


def test_accents_that_are_letters_of_their_own_are_put_together(tmp_path: Path) -> None:
    data = typeset(tmp_path, unicodedata.normalize("NFD", f"{FIRST}\n\n{SECOND}"))
    assert FileTexts().text_of("tin.pdf", data).split("\n\n") == [FIRST, SECOND]


@pytest.mark.skipif(which("soffice") is None, reason="needs LibreOffice")
def test_a_file_that_libreoffice_printed_comes_in(tmp_path: Path) -> None:
    source = tmp_path / "tin.txt"
    source.write_text(f"Tiêm phòng dại\n\n{FIRST}\n\n{SECOND}\n", encoding="utf-8")
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/lo", "--convert-to", "pdf", str(source)],
        cwd=tmp_path,
        capture_output=True,
        check=True,
        timeout=120,
    )
    text = FileTexts().text_of("tin.pdf", (tmp_path / "tin.pdf").read_bytes())
    assert text.split("\n\n") == ["Tiêm phòng dại", FIRST, SECOND]


def test_an_old_font_in_a_pdf_is_recognised() -> None:
    words = "Th\u00abng b\u00b8o h\u00e4p th\u00abn. K\u00ddnh th\u00ada b\u00b5 con, mai h\u00e4p th\u00abn."
    data = one_page(b"BT /F 13 Tf 72 700 Td (" + words.encode("cp1252") + b") Tj ET")
    text = FileTexts().text_of("tin.pdf", data)
    converted = recognise_legacy(text)
    assert converted is not None
    assert converted.text == "Thông báo họp thôn. Kính thưa bà con, mai họp thôn."
    assert ("h\u00e4p", "họp") in converted.changed


def scanned(folder: Path, words: str = "") -> bytes:
    """A page that is a picture."""
    rows = b"".join(b"\x00" + bytes((x * y) % 251 for x in range(90)) for y in range(120))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 90, 120, 8, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    (folder / "trang.png").write_bytes(png)
    return typeset(folder, f'#image("trang.png", width: 100%)\n{words}')


def test_a_scan_is_told_from_a_text(tmp_path: Path) -> None:
    assert refusal(scanned(tmp_path)) == "upload.pdf_scan"
    assert refusal(scanned(tmp_path, "CamScanner")) == "upload.pdf_scan", "a scanner's stamp is no text"
    assert FIRST in FileTexts().text_of("tin.pdf", scanned(tmp_path, FIRST)), "a picture beside a text is none"
    assert refusal(one_page(b"")) == "upload.pdf_scan"


def test_a_password_is_told_and_a_mere_ban_on_printing_is_read(tmp_path: Path) -> None:
    for algorithm in ("RC4-128", "AES-256"):
        for password, read in (("bí mật", False), ("", True)):
            writer = PdfWriter(clone_from=BytesIO(typeset(tmp_path, FIRST)))
            writer.encrypt(password, "chủ", algorithm=algorithm)
            made = BytesIO()
            writer.write(made)
            if read:
                assert FileTexts().text_of("tin.pdf", made.getvalue()) == FIRST
            else:
                assert refusal(made.getvalue()) == "upload.pdf_locked"


def test_a_damaged_file_is_refused_or_read_as_far_as_it_is_whole(tmp_path: Path) -> None:
    whole = typeset(tmp_path, FIRST)
    assert refusal(b"khong phai") == "upload.pdf_broken"
    assert refusal(b"") == "upload.pdf_broken"
    assert refusal(b"%PDF-1.7\n" + bytes(range(256)) * 8) == "upload.pdf_broken"
    for cut in (len(whole) // 3, len(whole) // 2, len(whole) - 40):
        assert read_or_refused(whole[:cut]) in {FIRST, "upload.pdf_broken", "upload.pdf_scan"}


def read_or_refused(data: bytes) -> str:
    try:
        return FileTexts().text_of("tin.pdf", data)
    except ConfigError as error:
        return error.code


def kids(count: int) -> bytes:
    return b" ".join(b"3 0 R" for _ in range(count))


def tree(kids_of: Callable[[int], bytes], nodes: int) -> bytes:
    """Nodes of pages below one another, and no page."""
    return raw([CATALOG, *(b"<< /Type /Pages /Kids [%s] /Count 1 >>" % kids_of(n + 3) for n in range(nodes))])


BOMBS: dict[str, Callable[[], bytes]] = {
    "many pages": lambda: raw(
        [CATALOG, b"<< /Type /Pages /Kids [%s] /Count 90 >>" % kids(90), PAGE, stream(b""), FONT]
    ),
    "a lie": lambda: raw([CATALOG, b"<< /Type /Pages /Kids [3 0 R] /Count 999999999 >>", PAGE, stream(b""), FONT]),
    "a circle": lambda: raw([CATALOG, b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"]),
    "deep": lambda: tree(lambda n: b"%d 0 R" % n, 4000),
    "wide": lambda: tree(lambda n: b"%d 0 R " % n * 12, 9),
    "a huge stream": lambda: one_page(zlib.compress(b"(a) Tj " * 15_000_000), b"/Filter /FlateDecode"),
    "a stream in a stream": lambda: one_page(
        zlib.compress(zlib.compress(b"(a) Tj " * 15_000_000)), b"/Filter [/FlateDecode /FlateDecode]"
    ),
    "a long text": lambda: one_page(b"BT /F 9 Tf " + b"(ha ha ha ha ha ha ha ha) Tj T* " * 20_000 + b"ET"),
    "many filters": lambda: one_page(b"x", b"/Filter [" + b"/ASCIIHexDecode " * 9000 + b"]"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_and_nothing_but_its_process_suffers(name: str) -> None:
    data = BOMBS[name]()
    assert len(data) < FileTexts.most_bytes, name
    code = refusal(data, FileTexts(patience=20))
    assert code in {"upload.pdf_long", "upload.pdf_heavy", "upload.pdf_broken", "upload.pdf_scan"}, name


def child(folder: Path, body: str) -> list[str]:
    """A reader of PDF files that does something else."""
    script = folder / "doc.py"
    script.write_text(
        "import sys\nsys.path.insert(0, sys.argv[1])\nimport pdf_process as p\n" + textwrap.dedent(body),
        encoding="utf-8",
    )
    return [sys.executable, str(script), str(Path(pdf_process.__file__).parent)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
@pytest.mark.parametrize(
    "body",
    [
        "p.limit()\nx = bytearray(2 * p.MEMORY)",
        "p.limit()\nopen(sys.argv[0] + '.x', 'w').write('x' * 100000)",
        "import time\np.limit()\ntime.sleep(60)",
        "import os\nos.abort()",
        "sys.stdout.write('khong phai JSON')",
    ],
)
def test_the_reader_has_its_limits(tmp_path: Path, body: str) -> None:
    texts = FileTexts(child(tmp_path, body), patience=3)
    assert refusal(b"%PDF-1.4", texts) in {"upload.pdf_heavy", "upload.pdf_broken"}
    assert not (tmp_path / "doc.py.x").exists() or (tmp_path / "doc.py.x").stat().st_size == 0


def test_a_large_file_is_refused_unread() -> None:
    assert refusal(b"%PDF-" + bytes(3 * 2**20)) == "upload.big"
    assert refusal(b"%PDF-", name="../../etc/passwd") == "upload.kind"
