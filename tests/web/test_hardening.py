"""What a hostile page, file or person tries."""

import re
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
