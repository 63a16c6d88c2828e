"""What a hostile page, file or person tries."""

import re
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from tests.web.conftest import Office

WRITES = [
    "/dang-nhap",
    "/dang-xuat",
    "/cai-dat-lan-dau",
    "/ban-tin",
    "/ban-tin/nhap-tep",
    "/ban-tin/khong_co/sua",
    "/ban-tin/khong_co/ban-phat",
    "/ban-tin/khong_co/thu",
    "/ban-tin/khong_co/thu/bo",
    "/ban-tin/khong_co/trinh",
    "/duyet/khong_co/dong-y",
    "/duyet/khong_co/tra-lai",
    "/lich/2026-11-30/xep",
    "/mang-loa/dong_1/ma",
    "/mang-loa/dong_1/thu-hoi",
    "/mang-loa/dong_1/do-to",
    "/tat-loa",
    "/tat-loa/1/thoi",
    "/thu-loa",
    "/thu-tuc",
    "/thu-tuc/tach_ho/sua",
    "/cai-dat/tu-dien",
    "/cai-dat/tu-dien/bo",
    "/cai-dat/sao-luu",
    "/cai-dat/sao-luu/xem",
    "/cai-dat/sao-luu/khoi-phuc",
    "/cai-dat/sao-luu/thoi",
    "/cai-dat/bao-tin/cong/thu",
]
ORIGINS = [
    {},
    {"origin": "null"},
    {"origin": "http://evil.example"},
    {"origin": "http://testserver.evil.example"},
    {"origin": "http://testserver:81"},
    {"origin": "file://testserver"},
]


@pytest.mark.parametrize("origin", ORIGINS)
def test_no_write_comes_from_another_page(office: Office, origin: dict[str, str]) -> None:
    for who in ("", "tu_phap", "van_hoa", "quan_tri"):
        browser = office.browser(who)
        browser.headers.pop("origin")
        for path in WRITES:
            answer = browser.post(path, data=office.fields(), headers=origin, follow_redirects=False)
            assert answer.status_code == 403, (who, path)
    assert not office.app.store.bulletins()


def test_every_page_has_its_policy_and_no_script_of_its_own(office: Office) -> None:
    code = office.handed_in(
        office.browser("tu_phap"), title="<svg/onload=alert(1)>", body="</script><script>x</script>"
    )
    browser = office.browser("van_hoa")
    paths = ["/", "/ban-tin", f"/ban-tin/{code}", "/duyet", f"/duyet/{code}", "/lich", "/thoi-luong", "/mang-loa"]
    for path in [*paths, "/cai-dat", "/khong-co", "/thoi-luong/lan-phat"]:
        answer = browser.get(path)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy, path
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert not re.search(r"<svg/onload|\son\w+=|</script><script>|javascript:", answer.text), path
        nonce = re.search(r"'nonce-([^']+)'", policy)
        assert nonce
        for script in re.findall(r"<script[^>]*>", answer.text):
            assert 'src="/tinh/' in script or f'nonce="{nonce[1]}"' in script, (path, script)


def test_a_thousand_marks_on_one_letter_are_text_or_a_clear_refusal(office: Office) -> None:
    author = office.browser("tu_phap")
    for body in (
        "a" + "\u0301" * 5000 + " họp thôn.",
        "\u202e" * 50 + "Họp thôn.",
        "Họp\x00 thôn.",
        "\ufeff" * 99 + "a",
    ):
        answer = author.post("/ban-tin", data=office.fields(body=body))
        assert answer.status_code in {200, 422}
        assert author.get("/ban-tin").status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "../../schedules/station.toml",
        "..\\..\\station.toml",
        "/etc/cron.d/x.txt",
        "a\x00.txt",
        "\u202etxt.exe.txt",
        "x" * 5000 + ".txt",
    ],
)
def test_a_name_of_a_file_is_never_a_path(office: Office, name: str) -> None:
    before = {
        path: path.stat().st_mtime_ns for path in office.app.workspace.root.rglob("*") if path.suffix != ".db-wal"
    }
    answer = office.browser("tu_phap").post("/ban-tin/nhap-tep", files={"tep": (name, "Mai họp thôn.".encode())})
    assert answer.status_code in {200, 400, 422}
    after = {path: path.stat().st_mtime_ns for path in office.app.workspace.root.rglob("*") if path.suffix != ".db-wal"}
    assert before.keys() == after.keys()
    station = office.app.workspace.station_file
    assert before[station] == after[station]


def bomb(layers: int) -> bytes:
    """A Word file whose text is entities of entities."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, layers))
    xml = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY e0 "ha">{entities}]><w>&e{layers - 1};</w>'
    outside = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><w>&x;</w>'
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", xml if layers else outside)
    return buffer.getvalue()


@pytest.mark.parametrize("layers", [0, 10])
def test_entities_in_a_word_file_are_neither_unfolded_nor_fetched(office: Office, layers: int) -> None:
    answer = office.browser("tu_phap").post("/ban-tin/nhap-tep", files={"tep": ("tin.docx", bomb(layers))})
    assert answer.status_code == 422
    assert "root:" not in answer.text
    assert "Chưa làm được" in answer.text


def test_halves_of_letters_are_refused_in_words(office: Office) -> None:
    author = office.browser("tu_phap")
    body = b"title=%ED%A0%80&body=%ED%A0%80"
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert author.post("/ban-tin", content=body, headers=form).status_code == 422
    assert not office.app.store.bulletins()


def every_write(office: Office) -> list[str]:
    """The address of each route of the console that takes a write, parts of it filled in."""
    parts = [getattr(getattr(part, "original_router", None), "routes", None) or [part] for part in office.web.routes]
    writes = {"POST", "PUT", "PATCH", "DELETE"}
    routes = [one for part in parts for one in part if writes & set(getattr(one, "methods", None) or ())]
    return sorted({re.sub(r"\{[^}]*\}", "1", one.path) for one in routes})


def test_no_write_that_there_is_comes_from_another_page(office: Office) -> None:
    paths = every_write(office)
    assert len(paths) > 30
    assert {"/ban-tin", "/tim-thu-tuc", "/doc-thu", "/lich/1/xep"} <= set(paths)
    browser = office.browser("van_hoa")
    browser.headers.pop("origin")
    for path in paths:
        for origin in ({}, {"origin": "null"}, {"origin": "http://evil.example"}):
            assert browser.post(path, headers=origin, follow_redirects=False).status_code == 403, (path, origin)


PROBE = "\"'><xss-probe onx=1></textarea></script><svg/onload=alert(1)>{{7*7}}"
PILE = "a" + "\u0301\u0323" * 400


def test_what_people_type_is_text_on_every_page_that_shows_it(office: Office) -> None:
    author, leader, operator = office.browser("tu_phap"), office.browser("pho_chu_tich"), office.browser("van_hoa")
    first = office.fields()["valid_from"]
    typed = office.fields(title=PROBE, body=f"Họp thôn. {PROBE} {PILE}", unit=PROBE, documents=f"{PROBE}\n{PILE}")
    code = office.handed_in(author, title="Họp thôn")
    made = author.post("/ban-tin", data=typed | {"procedures": [PROBE, PILE]}, follow_redirects=False)
    assert made.status_code == 303, made.text
    bad = made.headers["location"].split("/")[-1].partition("?")[0]
    author.post(f"/ban-tin/{bad}/ban-phat")
    author.post(f"/ban-tin/{bad}/trinh")
    subject = re.search(r'name="noi_dung" value="([0-9a-f]{64})"', leader.get(f"/duyet/{bad}").text)
    if subject:  # a text of such signs may have no master
        leader.post(f"/duyet/{bad}/dong-y", data={"noi_dung": subject[1]})
    subject = re.search(r'name="noi_dung" value="([0-9a-f]{64})"', leader.get(f"/duyet/{code}").text)
    assert subject
    leader.post(f"/duyet/{code}/dong-y", data={"noi_dung": subject[1]})
    operator.post(f"/lich/{first}/xep")
    amended = {"ly_do": PROBE + PILE, "ban": "0", "ban_tin": code, "viec": "loai_tuan"}
    assert operator.post(f"/lich/{first}/xep", data=amended).status_code == 200
    again = operator.post(f"/lich/{first}/xep", data=amended | {"ly_do": PROBE})
    assert again.status_code == 409
    author.post(f"/ban-tin/{bad}/rut", data={"ly_do": PROBE + PILE})
    author.post("/cai-dat/tu-dien", data={"chu": PROBE, "doc": PROBE})
    procedure = {"field": PROBE, "name": PROBE, "reason": PROBE, "note": PROBE, "matters": "khong"}
    operator.post("/thu-tuc", data=procedure)
    mute = {"cum": ["dong_1"], "tu": first, "den": first, "ly_do": PROBE}
    operator.post("/tat-loa", data=mute)
    texts = {
        path: browser.get(path).text
        for browser in (author, leader, operator, office.browser("quan_tri"))
        for path in (
            *("/", "/hom-nay/phan", "/ban-tin", f"/ban-tin?tim={PROBE}", f"/ban-tin/{bad}", f"/ban-tin/{bad}/sua"),
            *("/duyet", f"/duyet/{bad}", f"/lich/{first}", f"/lich/{first}/luot/{bad}", f"/lich/{first}/vi-sao"),
            *(f"/lich/{first}/thay-doi", "/thu-tuc", f"/thu-tuc?tim={PROBE}", "/mang-loa", "/mang-loa/dong_1"),
            *("/tat-loa", "/khan-cap", "/thoi-luong", "/thoi-luong/lan-phat", "/cai-dat", "/cai-dat/nhat-ky"),
            *("/cai-dat/tu-dien", "/cai-dat/sao-luu", f"/khong-co/{PROBE}", f"/dang-nhap?tiep={PROBE}"),
        )
    }
    texts["409"] = again.text
    texts["tìm"] = author.post("/tim-thu-tuc", data={"tim_thu_tuc": PROBE, "procedures": [PROBE]}).text
    texts["đọc thử"] = author.post("/doc-thu", data={"title": PROBE, "body": PROBE, "topic": PROBE}).text
    for path, text in texts.items():
        assert "<xss-probe" not in text, path
        assert "<svg/onload" not in text, path
        assert "49" not in re.findall(r"svg/onload=alert\(1\)&gt;(..)", text), path
    assert any("&lt;xss-probe" in text for text in texts.values())


def test_a_field_beyond_any_form_is_refused_in_words(office: Office) -> None:
    author = office.browser("tu_phap")
    answer = author.post("/ban-tin", data=office.fields(title="x" * 3000))
    assert answer.status_code == 422
    assert "Có ô quá dài" in answer.text
    assert "<h1>" in answer.text
    assert office.browser("van_phong").get("/api/v1/plans/hom-nay").json()["detail"]
    assert not office.app.store.bulletins()


def test_a_remark_is_kept_without_signs_that_nobody_sees(office: Office) -> None:
    code = office.handed_in(office.browser("tu_phap"))
    author = office.browser("tu_phap")
    assert author.post(f"/ban-tin/{code}/rut", data={"ly_do": "\x00\x07 \u202e"}).status_code == 422
    author.post(f"/ban-tin/{code}/rut", data={"ly_do": "viết\x00 lại\u202e\r\ntừ đầu\x1b[2J"})
    assert office.app.store.reviews(code)[-1].remark == "viết lại\ntừ đầu[2J"


def test_a_hundred_megabytes_are_refused_and_nothing_of_them_stays(office: Office) -> None:
    browser = office.browser("tu_phap")
    root = office.app.workspace.root
    before = sorted(path for path in root.rglob("*") if path.is_file())
    declared = browser.post("/ban-tin/nhap-tep", files={"tep": ("a.docx", b"\0" * (100 * 2**20))})
    assert declared.status_code == 413

    def pieces() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="tep"; filename="a.docx"\r\n\r\n'
        for _ in range(100):
            yield b"\0" * 2**20

    form = {"content-type": "multipart/form-data; boundary=x"}
    assert browser.post("/ban-tin/nhap-tep", content=pieces(), headers=form).status_code == 413
    assert sorted(path for path in root.rglob("*") if path.is_file()) == before


@pytest.mark.parametrize("ending", ["docx", "odt"])
@pytest.mark.parametrize("letters", [3 * 2**20, 60 * 2**20])
def test_a_file_that_grows_a_thousandfold_is_not_unpacked(office: Office, ending: str, letters: int) -> None:
    inside = {"docx": "word/document.xml", "odt": "content.xml"}[ending]
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        archive.writestr(inside, b"<w>" + b"a" * letters + b"</w>")
    assert len(buffer.getvalue()) < 200_000
    answer = office.browser("tu_phap").post("/ban-tin/nhap-tep", files={"tep": (f"tin.{ending}", buffer.getvalue())})
    assert answer.status_code == 422
    assert "Chưa làm được" in answer.text
