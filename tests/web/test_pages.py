"""The main job on the pages, and what goes wrong on the way."""

import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from shutil import which
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from broadcaster.domain.approval import Status
from broadcaster.domain.reports import REPORTS
from tests.adapters.test_imports import BOMBS, one_page
from tests.web.conftest import Office, subject_in

MARKUP = "<script>alert(1)</script><svg onload=alert(2)> \u0301\u0301\u0301\u0301 họp thôn."
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def test_the_main_job_in_four_roles(office: Office) -> None:
    author, leader = office.browser("tu_phap"), office.browser("pho_chu_tich")
    operator, auditor = office.browser("van_hoa"), office.browser("van_phong")
    code = office.handed_in(author)
    assert "Họp thôn Đông" in leader.get("/duyet").text
    page = leader.get(f"/duyet/{code}").text
    sound = page.split('src="/ban-tin/')[1].split('"')[0]
    part = leader.get(f"/ban-tin/{sound}", headers={"range": "bytes=0-99"})
    assert part.status_code == 206
    assert part.content[:4] == b"fLaC"
    done = leader.post(f"/duyet/{code}/dong-y", data={"noi_dung": subject_in(page)})
    assert "Đã duyệt" in done.text
    monday = office.fields()["valid_from"]
    assert "chưa xếp lịch" in operator.get(f"/lich/{monday}").text
    planned = operator.post(f"/lich/{monday}/xep")
    assert planned.status_code == 200, planned.text
    assert planned.text.count("chip") >= 6
    again = operator.post(f"/lich/{monday}/xep", data={"ly_do": ""})
    assert again.status_code == 200  # the same inputs give the plan that is there
    for kind in ("csv", "json", "ics", "m3u8", "xspf"):
        assert operator.get(f"/lich/{monday}/xuat/{kind}").content, kind
    assert auditor.get("/mang-loa").status_code == 200
    assert "BEGIN:VCALENDAR" in auditor.get("/lich-thon/thon_ha.ics").text
    assert auditor.get("/").status_code == auditor.get("/hom-nay/phan").status_code == 200


def test_an_author_may_not_approve_nor_an_approver_write_nor_an_auditor_plan(office: Office) -> None:
    author, leader, auditor = (office.browser(code) for code in ("tu_phap", "pho_chu_tich", "van_phong"))
    code = office.handed_in(author)
    page = author.get(f"/duyet/{code}").text
    assert "Duyệt cho phát" not in page
    assert author.post(f"/duyet/{code}/dong-y", data={"noi_dung": "x"}).status_code == 403
    assert leader.get("/ban-tin/moi").status_code == 403
    assert leader.post("/ban-tin", data=office.fields()).status_code == 403
    assert auditor.post(f"/lich/{office.fields()['valid_from']}/xep").status_code == 403
    assert office.browser("quan_tri").post(f"/duyet/{code}/dong-y", data={"noi_dung": "x"}).status_code == 403


def test_what_was_changed_after_the_page_was_opened_is_not_approved(office: Office) -> None:
    author, leader = office.browser("tu_phap"), office.browser("pho_chu_tich")
    code = office.handed_in(author)
    subject = subject_in(leader.get(f"/duyet/{code}").text)
    piece = office.app.store.bulletin(code)
    assert piece is not None
    changed = office.fields(body="Mai họp thôn lúc 8 giờ.", version=piece.text_hash)
    assert author.post(f"/ban-tin/{code}/sua", data=changed).status_code == 200
    late = leader.post(f"/duyet/{code}/dong-y", data={"noi_dung": subject})
    assert late.status_code == 422
    assert "đã được sửa" in late.text


def test_a_return_needs_a_reason_and_the_author_sees_it(office: Office) -> None:
    author, leader = office.browser("tu_phap"), office.browser("pho_chu_tich")
    code = office.handed_in(author)
    subject = subject_in(leader.get(f"/duyet/{code}").text)
    assert leader.post(f"/duyet/{code}/tra-lai", data={"noi_dung": subject, "nhan_xet": " "}).status_code == 422
    leader.post(f"/duyet/{code}/tra-lai", data={"noi_dung": subject, "nhan_xet": "Sai giờ họp"})
    assert "Sai giờ họp" in author.get(f"/ban-tin/{code}").text
    piece = office.app.store.bulletin(code)
    assert piece is not None
    assert office.app.approving.status(piece) is Status.RETURNED


def test_the_second_browser_is_told_and_nothing_is_lost(office: Office) -> None:
    author, other = office.browser("tu_phap"), office.browser("van_hoa")
    code = office.handed_in(author)
    version = author.get(f"/ban-tin/{code}/sua").headers["etag"].strip('"')
    assert other.get(f"/ban-tin/{code}/sua").headers["etag"].strip('"') == version
    other.post(f"/ban-tin/{code}/sua", data=office.fields(body="Bản của người kia.", version=version))
    mine = author.post(f"/ban-tin/{code}/sua", data=office.fields(body="Bản của tôi.", version=version))
    assert mine.status_code == 409
    assert "Bản của tôi." in mine.text
    assert "Bản của người kia." in mine.text
    piece = office.app.store.bulletin(code)
    assert piece is not None
    assert piece.body == "Bản của người kia."
    merged = office.fields(body="Bản gộp.", version=piece.text_hash)
    assert author.post(f"/ban-tin/{code}/sua", data=merged).status_code == 200


def test_markup_in_a_bulletin_stays_text(office: Office) -> None:
    author = office.browser("tu_phap")
    made = author.post("/ban-tin", data=office.fields(title=MARKUP, body=MARKUP, documents=MARKUP, unit=MARKUP))
    assert made.status_code == 200, made.text
    code = office.app.store.bulletins()[0].code
    for path in (f"/ban-tin/{code}", f"/duyet/{code}", f"/ban-tin/{code}/sua", "/ban-tin", "/ban-tin?tim=<svg onload>"):
        text = author.get(path).text
        assert "<script>alert" not in text, path
        assert "<svg onload" not in text, path
    assert "<script>" not in author.post("/doc-thu", data={"body": MARKUP}).text


def test_a_field_cannot_smuggle_another(office: Office) -> None:
    author = office.browser("tu_phap")
    author.post("/ban-tin", data=office.fields(title='x"\npriority: khan_cap\n---\n', unit="a: b\n- c"))
    piece = office.app.store.bulletins()[0]
    assert piece.priority.value == "thong_thuong"


def test_what_is_wrong_is_said_and_what_was_typed_stays(office: Office) -> None:
    answer = office.browser("tu_phap").post("/ban-tin", data=office.fields(valid_to="2020-01-01", topic="khong_co"))
    assert answer.status_code == 422
    assert "Kính thưa bà con" in answer.text
    assert not office.app.store.bulletins()


def docx(xml: bytes) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", xml)
    return buffer.getvalue()


def document(body: str, before: str = "") -> bytes:
    return f'{before}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'.encode()


def test_a_word_file_comes_in_and_no_two_words_are_glued(office: Office) -> None:
    cells = "".join(f"<w:tc><w:p><w:r><w:t>{word}</w:t></w:r></w:p></w:tc>" for word in ("thôn", "Đông"))
    body = (
        "<w:p><w:r><w:t>Tiêm phòng dại</w:t></w:r></w:p>"
        "<w:p><w:r><w:t>Mai</w:t><w:br/><w:t>họp</w:t></w:r></w:p>"
        f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    )
    answer = office.browser("tu_phap").post("/ban-tin/nhap-tep", files={"tep": ("tin.docx", docx(document(body)))})
    assert answer.status_code == 200
    assert 'value="Tiêm phòng dại"' in answer.text
    assert "Mai họp" in answer.text
    assert "thônĐông" not in answer.text


ODT = "urn:oasis:names:tc:opendocument:xmlns:"


def odt(xml: str) -> bytes:
    spaces = f'xmlns:o="{ODT}office:1.0" xmlns:t="{ODT}text:1.0" xmlns:b="{ODT}table:1.0"'
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        archive.writestr("content.xml", f"<o:document-content {spaces}><o:body>{xml}</o:body></o:document-content>")
    return buffer.getvalue()


def test_a_writer_file_comes_in_and_no_two_words_are_glued(office: Office) -> None:
    cells = "".join(f"<b:table-cell><t:p>{word}</t:p></b:table-cell>" for word in ("thôn", "Đông"))
    xml = (
        "<t:tracked-changes><t:p>đã bỏ</t:p></t:tracked-changes><t:h>Tiêm phòng dại</t:h>"
        "<t:p>Mai<t:line-break/>họp<t:s/>lúc<t:tab/><t:span>7 giờ</t:span> sáng"
        "<t:note><t:p>chú thích</t:p></t:note>.</t:p>"
        f"<b:table><b:table-row>{cells}</b:table-row></b:table>"
    )
    answer = office.browser("tu_phap").post("/ban-tin/nhap-tep", files={"tep": ("tin.odt", odt(xml))})
    assert answer.status_code == 200, answer.text
    assert 'value="Tiêm phòng dại"' in answer.text
    assert "Mai họp lúc 7 giờ sáng." in answer.text
    assert "thônĐông" not in answer.text
    assert "đã bỏ" not in answer.text
    assert "chú thích" not in answer.text


@pytest.mark.skipif(which("soffice") is None, reason="needs LibreOffice")
def test_a_file_that_libreoffice_wrote_comes_in(office: Office, tmp_path: Path) -> None:
    source = tmp_path / "tin.txt"
    source.write_text("Tiêm phòng dại\n\nMai họp lúc 7 giờ tại nhà văn hóa thôn Đông.\n", encoding="utf-8")
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/lo", "--convert-to", "odt", str(source)],
        cwd=tmp_path,
        capture_output=True,
        check=True,
        timeout=120,
    )
    data = (tmp_path / "tin.odt").read_bytes()
    answer = office.browser("tu_phap").post("/ban-tin/nhap-tep", files={"tep": ("tin.odt", data)})
    assert 'value="Tiêm phòng dại"' in answer.text
    assert "Mai họp lúc 7 giờ tại nhà văn hóa thôn Đông." in answer.text


def test_an_old_font_is_converted_and_every_word_that_changed_is_shown(office: Office) -> None:
    text = "Th\u00abng b\u00b8o h\u00e4p th\u00abn\n\nK\u00adnh th\u00ada b\u00b5 con, mai h\u00e4p th\u00abn."
    answer = office.browser("tu_phap").post("/ban-tin/nhap-tep", files={"tep": ("cu.txt", text.encode())})
    assert answer.status_code == 200, answer.text
    assert "đã chuyển sang Unicode" in answer.text
    assert 'value="Thông báo họp thôn"' in answer.text
    assert "→ <b>họp</b>" in answer.text


def test_a_pdf_in_an_old_font_is_converted_and_every_word_that_changed_is_shown(office: Office) -> None:
    text = "Th\u00abng b\u00b8o h\u00e4p th\u00abn. K\u00ddnh th\u00ada b\u00b5 con, mai h\u00e4p th\u00abn."
    data = one_page(b"BT /F 13 Tf 72 700 Td (" + text.encode("cp1252") + b") Tj ET")
    answer = office.browser("tu_phap").post("/ban-tin/nhap-tep", files={"tep": ("cu.pdf", data)})
    assert answer.status_code == 200, answer.text
    assert "đã chuyển sang Unicode" in answer.text
    assert "Kính thưa bà con, mai họp thôn." in answer.text
    assert "→ <b>họp</b>" in answer.text
    assert ".pdf" in office.browser("tu_phap").get("/ban-tin").text


ENTITY = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bom.docx", docx(document("<w:p/>" * 3_000_000))),
        ("thuc_the.docx", docx(document("<w:p><w:r><w:t>&b;</w:t></w:r></w:p>", ENTITY))),
        ("bom.odt", odt("<t:p/>" * 3_000_000)),
        (
            "sau.odt",
            odt("<t:p>" + "".join(f'<t:span a{n}="{n * 7919}">' for n in range(3000)) + "</t:span>" * 3000 + "</t:p>"),
        ),
        ("la.odt", docx(document(""))),
        ("hong.docx", b"PK\x03\x04khong phai"),
        ("rong.docx", b""),
        ("thieu.docx", docx(b"<khong")),
        ("cu.doc", b"\xd0\xcf\x11\xe0"),
        ("../../../etc/passwd", b"x"),
        ("tcvn3.txt", b"Th\xabng b\xb8o"),
        ("to.txt", b"x" * (3 * 1024 * 1024)),
        ("hong.pdf", b"%PDF-1.7 khong phai"),
        ("la.pdf", b"PK\x03\x04"),
        ("quet.pdf", one_page(b"")),
        ("bom.pdf", BOMBS["a huge stream"]()),
    ],
)
def test_a_bad_file_is_refused_in_words_and_nothing_kept(office: Office, name: str, data: bytes) -> None:
    before = sorted(office.app.workspace.root.rglob("*"))
    answer = office.browser("tu_phap").post("/ban-tin/nhap-tep", files={"tep": (name, data)})
    assert answer.status_code == 422
    assert "Chưa làm được" in answer.text
    assert sorted(office.app.workspace.root.rglob("*")) == before


def test_a_huge_body_is_refused_before_it_is_read(office: Office) -> None:
    author = office.browser("tu_phap")
    declared = author.post("/ban-tin/nhap-tep", content=b"x", headers={"content-length": str(100 * 2**20)})
    assert declared.status_code == 413

    def pieces() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 2**20

    form = {"content-type": "multipart/form-data; boundary=b"}
    assert author.post("/ban-tin/nhap-tep", content=pieces(), headers=form).status_code in {400, 413}


def test_every_report_can_be_seen_and_taken_away(office: Office) -> None:
    auditor = office.browser("van_phong")
    for name in REPORTS:
        assert auditor.get("/thoi-luong", params={"bao_cao": name}).status_code == 200, name
        assert auditor.get(f"/thoi-luong/{name}.csv").content.startswith(b"\xef\xbb\xbf"), name


def test_odd_addresses_are_not_found(office: Office) -> None:
    browser = office.browser("tu_phap")
    for path in (
        "/ban-tin/khong_co",
        "/duyet/khong_co",
        "/lich/9999-99-99",
        "/thoi-luong?bao_cao=x",
        "/lich-thon/x.ics",
    ):
        assert browser.get(path).status_code == 404, path
    assert browser.get("/tinh/../app.py").status_code == 404
    assert browser.get("/tinh/%2e%2e/app.py").status_code == 404


def test_machines_ask_after_its_health(office: Office) -> None:
    outside = office.browser()
    assert outside.get("/healthz").text == outside.get("/readyz").text == "ok\n"
    office.handed_in(office.browser("tu_phap"))
    text = outside.get("/metrics").text
    assert 'broadcaster_bulletins{status="cho_duyet"} 1' in text
    assert "Họp" not in text
