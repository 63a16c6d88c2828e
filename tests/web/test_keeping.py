"""Cài đặt, what is kept: words that change the reading, a trail of who did what, a backup that can be restored."""

import sqlite3
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from broadcaster.bootstrap import App
from broadcaster.config import Settings, Workspace
from broadcaster.domain.trail import Note, What, note_line, notes_from
from broadcaster.units import digest
from tests.web.conftest import PASSWORD, Office, subject_in
from tests.web.test_network import joined
from tests.web.test_quieting import fields as mute_fields


def version(office: Office) -> str:
    return digest("words", office.app.words.read())


def word(office: Office, **changed: str) -> dict[str, str]:
    return {"chu": "QZVK", "doc": "quỹ vì khuyến học", "cach": "expand", "phien_ban": version(office)} | changed


def test_a_word_is_read_at_once_and_taken_back(office: Office) -> None:
    author = office.browser("tu_phap")
    text = "Họp QZVK ngày mai."
    before = author.post("/doc-thu", data={"body": text}).text
    assert "quỹ vì khuyến học" not in before
    saved = author.post("/cai-dat/tu-dien", data=word(office))
    assert "Đã lưu vào từ điển." in saved.text
    assert "Nguyễn Thị Hoa" in saved.text
    assert "quỹ vì khuyến học" in author.post("/doc-thu", data={"body": text}).text
    gone = author.post("/cai-dat/tu-dien/bo", data={"chu": "QZVK", "phien_ban": version(office)})
    assert "Đã bỏ khỏi từ điển." in gone.text
    assert author.post("/doc-thu", data={"body": text}).text == before
    assert [note.what for note in office.app.diary.notes()] == [What.WORD, What.WORD_GONE]


def test_words_that_are_none_are_refused_and_stay_in_the_form(office: Office) -> None:
    author, file = office.browser("tu_phap"), office.app.workspace.lexicon_file
    for changed in ({"chu": ""}, {"doc": "số 9"}, {"cach": "hát"}, {"chu": "x" * 201}, {"chu": "a\x07"}):
        answer = author.post("/cai-dat/tu-dien", data=word(office, **changed))
        assert answer.status_code == 422, changed
        assert not file.exists()
    assert 'value="số 9"' in author.post("/cai-dat/tu-dien", data=word(office, doc="số 9")).text
    refused = author.post("/cai-dat/tu-dien/bo", data={"chu": "UBND", "phien_ban": version(office)})
    assert refused.status_code == 422
    assert "chưa bỏ gì" in refused.text
    assert not office.app.diary.notes()


def test_who_changes_words_second_is_told(office: Office) -> None:
    old = word(office)
    author = office.browser("tu_phap")
    author.post("/cai-dat/tu-dien", data=word(office, chu="ABCX", doc="a bê xê ích"))
    answer = author.post("/cai-dat/tu-dien", data=old)
    assert answer.status_code == 409
    assert 'value="quỹ vì khuyến học"' in answer.text
    assert author.post("/cai-dat/tu-dien/bo", data={"chu": "ABCX", "phien_ban": "x"}).status_code == 409
    assert [entry.written for entry in office.app.words.entries()] == ["ABCX"]


@pytest.mark.parametrize("who", ["pho_chu_tich", "van_phong", "quan_tri"])
def test_others_only_read_the_words(office: Office, who: str) -> None:
    browser = office.browser(who)
    assert browser.get("/cai-dat/tu-dien").status_code == 200
    assert browser.post("/cai-dat/tu-dien", data=word(office)).status_code == 403
    assert browser.post("/cai-dat/tu-dien/bo", data={"chu": "x"}).status_code == 403


def test_the_trail_names_everybody_who_did_something(office: Office) -> None:
    author, leader, operator = office.browser("tu_phap"), office.browser("pho_chu_tich"), office.browser("van_hoa")
    admin = office.browser("quan_tri")
    code = office.handed_in(author, title="Họp <thôn>")
    leader.post(f"/duyet/{code}/dong-y", data={"noi_dung": subject_in(leader.get(f"/duyet/{code}").text)})
    monday = office.fields()["valid_from"]
    operator.post(f"/lich/{monday}/xep")
    operator.post(f"/lich/{monday}/xep")
    operator.post("/tat-loa", data=mute_fields(office, ly_do="Điểm thi"))
    joined(office, "ha_1")
    admin.post("/cai-dat/tai-khoan/van_phong/khoa")
    admin.post("/cai-dat/tai-khoan/van_phong/khoa", data={"mo": "1"})
    admin.post("/cai-dat/tai-khoan/van_phong/mat-khau", data={"mat_khau": PASSWORD})
    admin.post("/cai-dat/tai-khoan/khong_co/khoa")
    text = admin.get("/cai-dat/nhat-ky").text
    for said in (
        "Họp &lt;thôn&gt;",
        "xếp lịch tuần",
        "tắt loa một thời gian",
        "Điểm thi",
        "Nhà văn hóa thôn Hạ",
        "cấp mã một lần",
        "máy ở thôn tham gia",
        "khóa tài khoản",
        "mở lại tài khoản",
        "đặt lại mật khẩu cho người khác",
    ):
        assert said in text, said
    assert PASSWORD not in text
    station = office.app.station
    day = station.local(office.app.clock.now()).date()
    entries = office.app.tracing.trail(station.midnight(day), office.app.clock.now())
    [made] = [one for one in entries if one.code == "trail.plan"]
    assert made.by == "van_hoa"
    only = admin.get("/cai-dat/nhat-ky", params={"loai": "duyet", "nguoi": "pho_chu_tich"}).text
    assert "1 việc" in only
    assert "Điểm thi" not in only
    assert "0 việc" in admin.get("/cai-dat/nhat-ky", params={"tu": "2020-01-01", "den": "2020-02-01"}).text


@pytest.mark.parametrize(
    ("who", "trail", "backup"),
    [
        ("tu_phap", 403, 403),
        ("van_hoa", 403, 403),
        ("pho_chu_tich", 200, 403),
        ("van_phong", 200, 403),
        ("quan_tri", 200, 200),
    ],
)
def test_who_sees_the_trail_and_who_takes_a_backup(office: Office, who: str, trail: int, backup: int) -> None:
    browser = office.browser(who)
    assert browser.get("/cai-dat/nhat-ky").status_code == trail
    assert browser.get("/cai-dat/sao-luu").status_code == backup
    assert browser.post("/cai-dat/sao-luu").status_code == backup
    text = browser.get("/cai-dat").text
    assert ("/cai-dat/nhat-ky" in text, "/cai-dat/sao-luu" in text) == (trail == 200, backup == 200)


@pytest.mark.parametrize("query", [{"tu": "mai"}, {"tu": "2026-12-01", "den": "2026-11-01"}, {"den": "2500-01-01"}])
def test_a_period_that_is_none_is_told(office: Office, query: dict[str, str]) -> None:
    assert office.browser("quan_tri").get("/cai-dat/nhat-ky", params=query).status_code == 422


def test_a_backup_restores_the_station_elsewhere(office: Office, tmp_path: Path) -> None:
    author = office.browser("tu_phap")
    code = office.handed_in(author, title="Bản tin được giữ")
    author.post("/cai-dat/tu-dien", data=word(office))
    office.browser("van_hoa").post("/tat-loa", data=mute_fields(office))
    joined(office)
    office.app.network.emergency_key()
    answer = office.browser("quan_tri").post("/cai-dat/sao-luu")
    assert answer.headers["content-type"] == "application/zip"
    assert "sao_luu_minh_tien_" in answer.headers["content-disposition"]
    with ZipFile(BytesIO(answer.content)) as archive:
        names = archive.namelist()
        assert not [name for name in names if "khoa" in Path(name).name or name.endswith(".key") or ".." in name]
        for key in office.app.network.folder.glob("khoa/*.key"):
            assert all(key.read_bytes() not in archive.read(name) for name in names)
        there = tmp_path / "may_moi"
        archive.extractall(there)
    assert "mang/khoa" in (there / "DOC_TRUOC.txt").read_text(encoding="utf-8")
    other = App(Settings(Workspace.at(there)))
    piece = other.store.bulletin(code)
    assert piece is not None
    assert piece.title == "Bản tin được giữ"
    assert other.store.reviews(code) == office.app.store.reviews(code)
    assert other.station == office.app.station
    assert other.limits("dong_1").mutes
    assert [entry.written for entry in other.words.entries()] == ["QZVK"]
    assert [one.node for one in other.network.registry.members()] == ["dong_1"]
    other.close()
    with sqlite3.connect(there / "broadcaster.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert "Lần gần nhất" in office.browser("quan_tri").get("/cai-dat/sao-luu").text


def test_a_damaged_line_of_the_diary_is_named(office: Office) -> None:
    good = Note(office.app.clock.now(), "nam", What.WORD, "a → b")
    assert notes_from([note_line(good)]) == (good,)
    for bad in ("", "1", "{}", note_line(good).replace("them_tu", "gì đó")):
        with pytest.raises(ValueError, match=r"^2$"):
            notes_from([note_line(good), bad])
    office.app.workspace.diary_file.write_text("x\n", encoding="utf-8")
    answer = office.browser("quan_tri").get("/cai-dat/nhat-ky")
    assert answer.status_code == 422
    assert "hỏng ở dòng 1" in answer.text


def test_many_words_and_many_deeds_are_no_heavy_page(office: Office) -> None:
    long = "một cách đọc rất dài " * 8
    office.app.words.write("".join(f"QZ{n:03}V\t{long}\texpand\t\ttu_phap\n" for n in range(600)))
    for n in range(260):
        office.app.diary.note("van_hoa", What.WORD, f"{n} {long}")
    words, trail = office.browser("van_hoa").get("/cai-dat/tu-dien"), office.browser("quan_tri").get("/cai-dat/nhat-ky")
    assert "600 mục của xã" in words.text
    assert "260 việc" in trail.text
    assert max(len(words.content), len(trail.content)) < 150_000
    assert "1 mục của xã" in office.browser("van_hoa").get("/cai-dat/tu-dien", params={"tim": "qz123v"}).text
