"""Cài đặt, the station's file: forms that change one value, the whole file, who may, and what runs afterwards."""

import re
from pathlib import Path

import pytest

from broadcaster.domain.station import Role
from broadcaster.domain.station_file import parse_station
from broadcaster.domain.trail import What
from tests.web.conftest import Office

PAGE = "/cai-dat/dai"


def filed(office: Office) -> str:
    return office.app.workspace.station_file.read_text(encoding="utf-8")


def version(office: Office) -> str:
    return office.app.station_edits.version()


def session(office: Office, **changed: object) -> dict[str, object]:
    usual = {"ma": "sang", "ten": "Buổi sáng", "gio": "05:45", "phut": 40, "thu": [2, 3, 4, 5, 6]}
    return usual | {"phien_ban": version(office)} | changed


def test_a_session_moves_and_everything_else_in_the_file_stays(office: Office) -> None:
    before = filed(office)
    admin = office.browser("quan_tri")
    assert "Tệp của đài đã đổi" not in admin.get(PAGE).text
    answer = admin.post(f"{PAGE}/buoi", data=session(office))
    assert "Đã lưu tệp của đài." in answer.text
    assert "05:45, 40 phút, T2, T3, T4, T5, T6" in answer.text
    assert "Tệp của đài đã đổi và chưa có hiệu lực" in answer.text
    assert office.web.state.anew.is_set(), "the station is asked to begin anew"
    station = parse_station(filed(office))
    (moved,) = (one for one in station.sessions if one.code == "sang")
    assert (f"{moved.start:%H:%M}", moved.cap, moved.weekdays) == ("05:45", 40 * 60_000, (0, 1, 2, 3, 4))
    assert moved.relays == office.app.filed_station.session_by_code["sang"].relays
    assert [line for line in before.splitlines() if line.strip().startswith("#")] == [
        line for line in filed(office).splitlines() if line.strip().startswith("#")
    ]
    (note,) = office.app.diary.notes()
    assert (note.what, note.about, note.by) == (What.STATION, "[[session]] sang", "quan_tri")
    (old,) = office.app.workspace.old_stations.glob("*.toml")
    assert old.read_text(encoding="utf-8") == before
    assert "sửa tệp của đài" in admin.get("/cai-dat/nhat-ky").text


def test_saving_what_is_there_writes_nothing(office: Office) -> None:
    answer = office.browser("quan_tri").post(
        f"{PAGE}/buoi", data=session(office, gio="06:00", phut=45, thu=[2, 3, 4, 5, 6, 7, 8])
    )
    assert "Không có gì thay đổi." in answer.text
    assert not office.web.state.anew.is_set()
    assert not office.app.workspace.old_stations.exists()


@pytest.mark.parametrize(
    ("form", "changed", "said"),
    [
        ("buoi", {"gio": "22:00"}, "giờ"),
        ("buoi", {"gio": "25:00"}, "không phải giờ"),
        ("buoi", {"phut": 0}, "số"),
        ("buoi", {"ten": " "}, "thiếu mục này"),
        ("buoi", {"ma": "trua"}, "Không có buổi phát mang mã"),
        ("buoi", {"moi": "1"}, "đã có buổi phát"),
        ("buoi", {"moi": "1", "ma": "Có Dấu"}, "mã chỉ gồm"),
        ("nguoi", {"ma": "ai", "ten": "Ai", "vai": ["tac_gia"]}, "Không có người mang mã"),
        ("nguoi", {"ma": "quan_tri", "ten": "Q", "vai": ["lanh_dao_duyet"], "moi": "1"}, "không được kiêm quản trị"),
        ("giong", {"may": ["hát"]}, "Chọn ít nhất một máy đọc"),
        ("giong", {"may": ["espeak"], "loa": "to"}, "không dùng được"),
        ("chung", {"ten": "Đài", "nen": "sao hỏa", "im_tu": "21:00", "im_den": "05:00"}, "không dùng được"),
    ],
)
def test_what_cannot_be_is_refused_and_stays_in_the_form(
    office: Office, form: str, changed: dict[str, object], said: str
) -> None:
    before = filed(office)
    data = session(office, **changed) if form == "buoi" else {"phien_ban": version(office)} | changed
    answer = office.browser("quan_tri").post(f"{PAGE}/{form}", data=data)
    assert answer.status_code == 422
    assert said in answer.text
    if "ten" in changed and (form == "chung" or "moi" in changed):
        assert f'value="{changed["ten"]}"' in answer.text
    assert filed(office) == before
    assert not office.app.diary.notes()
    assert not office.web.state.anew.is_set()


def test_who_saves_second_is_told_and_the_first_stays(office: Office) -> None:
    admin, second = office.browser("quan_tri"), session(office, gio="06:15")
    admin.post(f"{PAGE}/buoi", data=session(office))
    answer = admin.post(f"{PAGE}/buoi", data=second)
    assert answer.status_code == 409
    assert "trước bạn" in answer.text
    assert 'value="06:15"' in answer.text
    assert 'start = "05:45"' in filed(office)


def test_people_get_roles_and_voices_an_order(office: Office) -> None:
    admin = office.browser("quan_tri")
    lan = {"ma": "lan", "ten": "Vũ Thị Lan", "vai": ["van_hanh", "tac_gia"], "moi": "1"}
    assert "Vũ Thị Lan" in admin.post(f"{PAGE}/nguoi", data=lan | {"phien_ban": version(office)}).text
    voices = {"may": ["espeak", "", "tone"], "loa": "loa_nen", "phien_ban": version(office)}
    assert "Đã lưu tệp của đài." in admin.post(f"{PAGE}/giong", data=voices).text
    said = {"ten": "Đài xã", "mo_dau": "Xin chào\r\nbà con.", "ket_thuc": "Hết.", "nen": "vinh_phuc", "im_tu": "20:30"}
    general = said | {"im_den": "05:15", "phien_ban": version(office)}
    assert "Đã lưu tệp của đài." in admin.post(f"{PAGE}/chung", data=general).text
    station = parse_station(filed(office))
    person = station.person("lan")
    assert person is not None
    assert person.roles == {Role.OPERATOR, Role.AUTHOR}
    assert station.engines == ("espeak", "tone")
    assert station.finish.chain.value == "loa_nen"
    assert (station.name, station.parts.opening, station.preset.code) == ("Đài xã", "Xin chào bà con.", "vinh_phuc")
    assert f"{station.quiet.start:%H:%M}{station.quiet.end:%H:%M}" == "20:3005:15"
    assert len(list(office.app.workspace.old_stations.iterdir())) == 3


def test_the_whole_file_says_each_line_that_is_wrong(office: Office) -> None:
    admin, before = office.browser("quan_tri"), filed(office)
    wrong = before.replace('start = "06:00"', 'start = "sáu giờ"').replace("households = 312", "households = -1")
    answer = admin.post(f"{PAGE}/tep", data={"noi_dung": wrong, "phien_ban": version(office)})
    assert answer.status_code == 422
    for part in ('start = "sáu', "households = -1"):
        number = next(n for n, line in enumerate(wrong.splitlines(), 1) if line.startswith(part))
        assert f"Dòng {number}, " in answer.text
    assert "sáu giờ" in answer.text, "what was typed is still there"
    gone = re.sub(r'\[\[cluster\]\]\ncode = "bac_2".*?\n\n', "", before, flags=re.DOTALL)
    assert "bac_2" not in gone
    answer = admin.post(f"{PAGE}/tep", data={"noi_dung": gone, "phien_ban": version(office)})
    assert answer.status_code == 422
    assert "bac_2" in answer.text
    assert "valid_to" in answer.text
    answer = admin.post(f"{PAGE}/tep", data={"noi_dung": "x" * 200_001, "phien_ban": version(office)})
    assert answer.status_code == 422
    assert filed(office) == before
    assert not office.app.workspace.old_stations.exists()


def test_an_old_file_comes_back(office: Office) -> None:
    admin, before = office.browser("quan_tri"), filed(office)
    text = before.replace("households = 312", "households = 313").replace("\n", "\r\n")
    admin.post(f"{PAGE}/tep", data={"noi_dung": text, "phien_ban": version(office)})
    assert filed(office) == before.replace("households = 312", "households = 313")
    page = admin.get(f"{PAGE}/tep").text
    (link,) = re.findall(rf'href="({PAGE}/tep\?ban=station-[0-9-]+\.toml)"', page)
    assert "households = 312" in admin.get(link).text
    admin.post(f"{PAGE}/tep", data={"noi_dung": before, "phien_ban": version(office)})
    assert filed(office) == before
    for strange in ("../station.toml", "station-x.toml", "%2e%2e/station.toml"):
        assert admin.get(f"{PAGE}/tep", params={"ban": strange}).status_code == 404


@pytest.mark.parametrize("code", ["tu_phap", "van_hoa", "pho_chu_tich", "van_phong"])
def test_others_see_it_and_change_nothing(office: Office, code: str) -> None:
    browser, before = office.browser(code), filed(office)
    page = browser.get(PAGE)
    assert page.status_code == 200
    assert "<form" not in page.text.partition("<main")[2]
    assert "06:00, 45 phút, mọi ngày" in page.text
    data = session(office) | {"noi_dung": before + "#"}
    for form in ("chung", "buoi", "giong", "nguoi", "tep", "ap-dung"):
        assert browser.post(f"{PAGE}/{form}", data=data).status_code == 403
    assert browser.get(f"{PAGE}/tep").status_code == 403
    assert filed(office) == before


def test_a_file_changed_by_hand_is_noticed_and_taken_when_it_is_right(office: Office) -> None:
    admin, path, before = office.browser("quan_tri"), office.app.workspace.station_file, filed(office)
    path.write_text(before + "\n[[session", encoding="utf-8")
    page = admin.get(PAGE)
    assert page.status_code == 200
    assert "sai cú pháp" in page.text
    assert admin.post(f"{PAGE}/ap-dung").status_code == 422
    assert not office.web.state.anew.is_set()
    assert not office.app.idle(playing=False), "what runs is better than nothing"
    mended = {"noi_dung": before.replace("= 312", "= 300"), "phien_ban": version(office)}
    answer = admin.post(f"{PAGE}/tep", data=mended)
    assert "Đã lưu tệp của đài." in answer.text, "the page mends it"
    path.write_text(before.replace("= 312", "= 301"), encoding="utf-8")
    office.web.state.anew.clear()
    assert "chưa có hiệu lực" in admin.get(PAGE).text
    assert "Đã lưu tệp của đài." in admin.post(f"{PAGE}/ap-dung").text
    assert office.web.state.anew.is_set()


def test_a_voice_is_heard(office: Office, tmp_path: Path) -> None:
    author = office.browser("tu_phap")
    answer = author.get(f"{PAGE}/nghe/tone")
    assert answer.status_code == 200
    sound = tmp_path / "mau.flac"
    sound.write_bytes(answer.content)
    assert office.app.codec.read(sound, 24_000).frames > 24_000
    assert author.get(f"{PAGE}/nghe/hat").status_code == 404
