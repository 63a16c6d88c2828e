"""Khẩn cấp on the pages: heard before it is sent, sent once, taken back, signed by another person."""

import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from broadcaster.domain.emergency import EmergencyRecord
from tests.web.conftest import Office

TEXT = "Nước lũ đang lên. Bà con thôn Hạ di chuyển lên nhà văn hóa."


def fields(**changed: object) -> dict[str, object]:
    return {"loi": TEXT, "loai": "that", "lan": "2", "vung": ["toan_xa"]} | changed


def prepared(browser: TestClient, **changed: object) -> str:
    """The token on the page that asks whether one is sure."""
    answer = browser.post("/khan-cap/nghe-thu", data=fields(**changed))
    assert answer.status_code == 200, answer.text
    found = re.search(r'name="ma" value="([^"]+)"', answer.text)
    assert found
    return found[1]


def records(office: Office) -> list[EmergencyRecord]:
    return list(office.app.network.alarming.records())


def test_heard_then_sent_once_then_signed_by_another_person(office: Office) -> None:
    operator, leader = office.browser("van_hoa"), office.browser("pho_chu_tich")
    token = prepared(operator)
    sound = operator.get(f"/khan-cap/nghe/{token}")
    assert sound.content[:4] == b"fLaC"
    assert records(office) == []
    done = operator.post("/khan-cap/phat", data={"ma": token, "chac_chan": "co"})
    assert "ĐÃ RA LỆNH KHẨN CẤP" in done.text
    (record,) = records(office)
    assert (record.order.text, record.order.repeats, record.order.drill, record.order.by) == (TEXT, 2, False, "van_hoa")
    assert office.app.network._registry.file(record.order.audio).read_bytes() == sound.content
    assert operator.post("/khan-cap/phat", data={"ma": token, "chac_chan": "co"}).status_code == 422
    assert len(records(office)) == 1
    assert operator.post(f"/khan-cap/{record.order.id}/ky").status_code == 403
    assert "Ký xác nhận" in leader.get("/khan-cap").text
    assert "Đã ký xác nhận" in leader.post(f"/khan-cap/{record.order.id}/ky").text
    assert records(office)[0].countersigned_by == "pho_chu_tich"
    assert leader.post(f"/khan-cap/{record.order.id}/ky").status_code == 422


def test_a_drill_says_that_it_is_one(office: Office) -> None:
    operator = office.browser("van_hoa")
    page = operator.post("/khan-cap/nghe-thu", data=fields(loai="dien_tap")).text
    assert "Đây là diễn tập." in page
    assert "PHÁT NGAY" not in page
    token = prepared(operator, loai="dien_tap")
    assert "lệnh diễn tập" in operator.post("/khan-cap/phat", data={"ma": token, "chac_chan": "co"}).text
    assert records(office)[0].order.drill


def test_an_order_is_taken_back_once(office: Office) -> None:
    operator = office.browser("van_hoa")
    operator.post("/khan-cap/phat", data={"ma": prepared(operator), "chac_chan": "co"})
    order = records(office)[0].order.id
    assert "Đã thu hồi" in operator.post(f"/khan-cap/{order}/thu-hoi").text
    assert records(office)[0].retracted_by == "van_hoa"
    again = operator.post(f"/khan-cap/{order}/thu-hoi")
    assert again.status_code == 422
    assert "Thu hồi lệnh" not in operator.get("/khan-cap").text


def test_who_may_not_command_sees_nothing_of_it(office: Office) -> None:
    for code in ("tu_phap", "van_phong", "quan_tri"):
        browser = office.browser(code)
        assert 'href="/khan-cap"' not in browser.get("/").text
        assert browser.get("/khan-cap").status_code == 403
        assert browser.post("/khan-cap/nghe-thu", data=fields()).status_code == 403
        assert browser.post("/khan-cap/phat", data={"ma": "x", "chac_chan": "co"}).status_code == 403
        assert browser.post("/khan-cap/x/thu-hoi").status_code == 403
    assert office.browser().post("/khan-cap/phat", data={"ma": "x"}).status_code == 401
    assert records(office) == []


def test_what_one_prepared_another_can_neither_hear_nor_send(office: Office) -> None:
    token = prepared(office.browser("van_hoa"))
    leader = office.browser("pho_chu_tich")
    assert leader.get(f"/khan-cap/nghe/{token}").status_code == 404
    assert leader.post("/khan-cap/phat", data={"ma": token, "chac_chan": "co"}).status_code == 422
    assert records(office) == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"loai": ""}, "Diễn tập"),
        ({"loi": "  "}, "Viết lời"),
        ({"loi": "a" * 5001}, "5000"),
        ({"vung": []}, "vùng"),
        ({"vung": ["khong_co"]}, "khong_co"),
        ({"lan": "21"}, "21"),
        ({"lan": "0"}, "0"),
    ],
)
def test_a_wrong_form_comes_back_with_what_was_typed(office: Office, changed: dict[str, object], words: str) -> None:
    answer = office.browser("van_hoa").post("/khan-cap/nghe-thu", data=fields(**changed))
    assert answer.status_code == 422
    alert = answer.text.split('role="alert"')[1].split("</div>")[0]
    assert words in alert
    assert str(fields(**changed)["loi"]) in answer.text
    assert records(office) == []


def test_without_the_box_nothing_is_sent_and_without_the_key_it_is_said_before(office: Office) -> None:
    operator = office.browser("van_hoa")
    token = prepared(operator)
    assert operator.post("/khan-cap/phat", data={"ma": token}).status_code == 422
    office.app.network.emergency_file.unlink()
    answer = operator.post("/khan-cap/nghe-thu", data=fields())
    assert answer.status_code == 422
    assert "khóa" in answer.text.lower()
    assert records(office) == []


def test_two_who_prepare_at_the_same_time_do_not_take_each_others_sound(office: Office) -> None:
    drafts = office.web.state.urgent
    first = drafts.place("a")
    first.write_bytes(b"x")
    assert drafts.place("b") != first
    assert first.exists()


def test_an_order_that_is_over_is_not_taken_back_from_the_page(office: Office) -> None:
    operator = office.browser("van_hoa")
    operator.post("/khan-cap/phat", data={"ma": prepared(operator), "chac_chan": "co"})
    record = records(office)[0]
    assert record.order.expires - record.order.issued == timedelta(minutes=30)
    assert "Thu hồi lệnh" in operator.get("/khan-cap").text


def test_markup_in_the_words_is_words(office: Office) -> None:
    operator = office.browser("van_hoa")
    page = operator.post("/khan-cap/nghe-thu", data=fields(loi="<script>alert(1)</script> Báo động")).text
    assert "<script>alert" not in page
