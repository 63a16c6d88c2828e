"""Thủ tục on the pages: found without accents, kept version by version, and bulletins flagged when one changes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from broadcaster.domain.changes import Change
from tests.web.conftest import Office, subject_in

CODE = "dang_ky_tam_tru"


def sheet(**changed: str) -> dict[str, str]:
    return {
        "field": "Cư trú",
        "name": "Đăng ký tạm trú",
        "also": "",
        "mechanism": "một cửa (Công an xã)",
        "time_limit": "03 ngày làm việc",
        "fee": "20.000 / 10.000",
        "legal_basis": "TT 75/2022; Luật Cư trú Đ.28",
        "checked": "da_doi_chieu",
        "reason": "Thông tư mới",
        "matters": "co",
        "since": "2026-12-01",
        "version": "0",
    } | changed


def test_letters_without_accents_find_it(office: Office) -> None:
    browser = office.browser("van_phong")
    assert "33 thủ tục" in browser.get("/thu-tuc").text
    found = browser.get("/thu-tuc", params={"tim": "tam tru gia han"}).text
    assert "1 thủ tục" in found
    assert "Gia hạn tạm trú" in found
    assert "Không có thủ tục nào như vậy" in browser.get("/thu-tuc", params={"tim": "xe máy"}).text
    only = browser.get("/thu-tuc", params={"linh_vuc": "Cư trú"}).text
    assert "Đăng ký thường trú" in only
    assert "Đăng ký kết hôn" not in only


def test_a_change_flags_the_bulletin_and_a_slip_put_right_changes_nothing_in_that(office: Office) -> None:
    app = office.app
    author, leader, operator = office.browser("tu_phap"), office.browser("pho_chu_tich"), office.browser("van_hoa")
    code = office.handed_in(author, title="Khai báo tạm trú", documents="Thủ tục đăng ký tạm trú")
    leader.post(f"/duyet/{code}/dong-y", data={"noi_dung": subject_in(leader.get(f"/duyet/{code}").text)})
    today = app.station.local(app.clock.now()).date()
    assert "Khai báo tạm trú" in operator.get(f"/thu-tuc/{CODE}").text
    assert "cần xem lại" not in operator.get("/").text

    later = (today + timedelta(days=3)).isoformat()
    done = operator.post(f"/thu-tuc/{CODE}/sua", data=sheet(since=later))
    assert "Đã lưu thủ tục" in done.text
    assert "20.000 / 10.000" in done.text
    assert "Lê Thị Thanh" in done.text
    assert "đã đổi từ" in done.text
    assert "Bản tin cần xem lại" in author.get("/thu-tuc").text
    assert "bản tin dẫn thủ tục đã đổi" in author.get("/").text
    assert "đã đổi từ" in author.get(f"/ban-tin/{code}").text
    assert [change.what for change in app.planning.station.changes] == ["Đăng ký tạm trú"]

    number = app.procedures.read().versions[CODE][-1].number
    slip = sheet(since="", matters="khong", fee="15.000 / 7.000", version=str(number), reason="ghi nhầm")
    assert "ghi nhầm" in operator.post(f"/thu-tuc/{CODE}/sua", data=slip).text
    versions = app.procedures.read().versions[CODE]
    assert [one.procedure.fee for one in versions] == ["15.000 / 7.000", "20.000 / 10.000", "15.000 / 7.000"]

    piece = app.store.bulletin(code)
    assert piece is not None
    assert [flag.bulletin.code for flag in app.citing.flags([piece])] == [code]
    assert app.citing.flags([replace(piece, documents=())]) == []


def test_a_consent_given_on_the_day_of_the_change_was_given_in_knowledge_of_it(office: Office) -> None:
    app = office.app
    author, leader = office.browser("tu_phap"), office.browser("pho_chu_tich")
    code = office.handed_in(author, documents="Đăng ký tạm trú")
    leader.post(f"/duyet/{code}/dong-y", data={"noi_dung": subject_in(leader.get(f"/duyet/{code}").text)})
    piece = app.store.bulletin(code)
    assert piece is not None
    today = app.station.local(app.clock.now()).date()

    def flagged(since: date, *, ended: bool = False) -> bool:
        station = replace(app.station, changes=(Change("Đăng ký tạm trú", since, ended=ended),))
        return bool(replace(app.citing, station=station).flags([piece]))

    assert not flagged(today)
    assert flagged(today + timedelta(days=1))
    assert flagged(today, ended=True)  # nobody can consent to what there is no more
    assert not flagged(piece.valid_to + timedelta(days=1), ended=True)


def test_a_procedure_that_is_over_flags_what_is_aired_after_it(office: Office) -> None:
    author, operator = office.browser("tu_phap"), office.browser("van_hoa")
    code = office.handed_in(author, documents="Đăng ký tạm trú")
    piece = office.app.store.bulletin(code)
    assert piece is not None
    end = piece.valid_to.isoformat()
    given = sheet(matters="khong", since="", valid_to=end)
    assert operator.post(f"/thu-tuc/{CODE}/sua", data=given).status_code == 200
    assert office.app.citing.flags([piece]) == []  # it is not on the air after the last day
    sooner = (piece.valid_to - timedelta(days=1)).isoformat()
    operator.post(f"/thu-tuc/{CODE}/sua", data=given | {"valid_to": sooner, "version": "1"})
    assert "hết hiệu lực từ" in operator.get("/thu-tuc").text
    author.post(f"/ban-tin/{code}/rut", data={"ly_do": "thủ tục đã hết"})
    assert office.app.citing.flags([piece]) == []


def test_who_saves_second_sees_both(office: Office) -> None:
    operator = office.browser("van_hoa")
    first = operator.get(f"/thu-tuc/{CODE}/sua")
    assert first.headers["etag"] == f'"{CODE}-0"'
    operator.post(f"/thu-tuc/{CODE}/sua", data=sheet(fee="của người kia"))
    answer = operator.post(f"/thu-tuc/{CODE}/sua", data=sheet(fee="của tôi"))
    assert answer.status_code == 409
    assert "của người kia" in answer.text
    assert 'value="của tôi"' in answer.text
    assert 'name="version" value="1"' in answer.text
    other = sheet(name="Tách hộ", fee="khác")  # another procedure is another matter
    assert operator.post("/thu-tuc/tach_ho/sua", data=other).status_code == 200


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": " "}, "«Tên thủ tục»"),
        ({"name": "—"}, "«Tên thủ tục»"),
        ({"fee": "x" * 501}, "«Phí, lệ phí»"),
        ({"note": "a\x07b"}, "«Ghi chú»"),
        ({"reason": ""}, "«Vì sao sửa»"),
        ({"since": ""}, "Ghi ngày bắt đầu thay đổi"),
        ({"since": "hôm qua"}, "Ngày chưa đúng"),
        ({"valid_from": "2026-12-01", "valid_to": "2026-11-01"}, "Ngày hết hiệu lực phải sau"),
        ({"checked": "sao cũng được"}, "còn trống, có ký tự lạ"),
        ({"version": "x"}, "Vừa có người khác sửa"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_kept(office: Office, changed: dict[str, str], said: str) -> None:
    answer = office.browser("van_hoa").post(f"/thu-tuc/{CODE}/sua", data=sheet(**changed))
    assert answer.status_code in {409, 422}
    assert said in answer.text
    assert not office.app.workspace.procedures_file.exists()


def test_a_new_one_has_a_name_of_its_own_and_saving_the_same_is_told(office: Office) -> None:
    operator = office.browser("van_hoa")
    assert "Đã có thủ tục" in operator.post("/thu-tuc", data=sheet()).text
    made = operator.post("/thu-tuc", data=sheet(name="Cấp phép <xây dựng>"))
    assert made.url.path == "/thu-tuc/cap_phep_xay_dung"
    assert "Cấp phép &lt;xây dựng&gt;" in made.text
    given = sheet(name="Cấp phép <xây dựng>", version="1")
    again = operator.post("/thu-tuc/cap_phep_xay_dung/sua", data=given)
    assert "Chưa có gì thay đổi" in again.text
    assert office.app.station.changes == ()  # what is new makes nothing stale


@pytest.mark.parametrize("who", ["tu_phap", "pho_chu_tich", "van_phong", "quan_tri"])
def test_others_read(office: Office, who: str) -> None:
    browser = office.browser(who)
    assert browser.get("/thu-tuc").status_code == 200
    assert browser.get(f"/thu-tuc/{CODE}").status_code == 200
    for path in ("/thu-tuc", f"/thu-tuc/{CODE}/sua"):
        assert browser.post(path, data=sheet(name="Mới")).status_code == 403
    assert browser.get("/thu-tuc/moi").status_code == 403
    assert not office.app.workspace.procedures_file.exists()
    assert browser.get("/thu-tuc/khong_co").status_code == 404
