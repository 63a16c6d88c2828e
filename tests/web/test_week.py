"""Lịch tuần: pins and exclusions, moves, the order of priority bulletins, amendments, why, export."""

import re
from datetime import date
from io import BytesIO
from zipfile import ZipFile

from fastapi.testclient import TestClient

from broadcaster.domain.planning.plan import Plan
from tests.web.conftest import Office, subject_in


def approved(office: Office, **changed: str) -> str:
    code = office.handed_in(office.browser("tu_phap"), **changed)
    leader = office.browser("pho_chu_tich")
    subject = subject_in(leader.get(f"/duyet/{code}").text)
    assert "Đã duyệt" in leader.post(f"/duyet/{code}/dong-y", data={"noi_dung": subject}).text
    return code


def monday(office: Office) -> str:
    return office.fields()["valid_from"]


def latest(office: Office) -> Plan:
    return office.app.planning.latest(date.fromisoformat(monday(office)))


def stepped(office: Office, operator: TestClient, code: str, viec: str, **more: str) -> str:
    data = {"ban_tin": code, "viec": viec, "ly_do": "theo ý lãnh đạo", **more}
    answer = operator.post(f"/lich/{monday(office)}/xep", data=data)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_an_airing_is_pinned_moved_excluded_and_let_go(office: Office) -> None:
    code = approved(office, repeats="3")
    operator = office.browser("van_hoa")
    assert operator.post(f"/lich/{monday(office)}/xep").status_code == 200
    there = {(slot.day, slot.session) for slot in latest(office).slots}
    page = operator.get(f"/lich/{monday(office)}/luot/{code}").text
    buttons = re.findall(r'value="ghim\|([^|"]+)\|([^"]+)"', page)
    day, session = next((d, s) for d, s in buttons if (d, s) not in {(str(x), y) for x, y in there})
    assert "ghim" in stepped(office, operator, code, f"ghim|{day}|{session}")
    made = latest(office)
    assert (made.number, made.reason) == (1, "theo ý lãnh đạo")
    assert (day, session) in {(str(slot.day), slot.session) for slot in made.slots}
    old = made.slots[0]
    stepped(office, operator, code, f"loai|{old.day}|{old.session}")
    assert (old.day, old.session) not in {(slot.day, slot.session) for slot in latest(office).slots}
    goal = next(f"{d}|{s}" for d, s in buttons if (d, s) not in {(str(x.day), x.session) for x in latest(office).slots})
    stepped(office, operator, code, "doi", tu_o=f"{day}|{session}", den_o=goal)
    taken = {f"{slot.day}|{slot.session}" for slot in latest(office).slots}
    assert goal in taken or "không ghim được" in operator.get(f"/lich/{monday(office)}/luot/{code}").text
    assert f"{day}|{session}" not in taken
    assert "đã loại khỏi mọi buổi" in stepped(office, operator, code, "loai_tuan")
    assert not latest(office).slots
    stepped(office, operator, code, "bo")
    assert latest(office).placements == ()
    assert latest(office).slots


def test_only_the_operator_pins_and_a_reason_is_needed(office: Office) -> None:
    code = approved(office)
    operator = office.browser("van_hoa")
    operator.post(f"/lich/{monday(office)}/xep")
    before = latest(office)
    step = {"ban_tin": code, "viec": "loai_tuan", "ly_do": "x"}
    for who in ("tu_phap", "pho_chu_tich", "van_phong", "quan_tri"):
        browser = office.browser(who)
        assert browser.post(f"/lich/{monday(office)}/xep", data=step).status_code == 403
        assert 'name="viec"' not in browser.get(f"/lich/{monday(office)}/luot/{code}").text
    assert operator.post(f"/lich/{monday(office)}/xep", data={**step, "ly_do": " "}).status_code == 422
    for viec in ("x", "ghim", "ghim|hom-nay|sang", "ghim|2001-01-01|sang", "ghim||", "doi"):
        assert operator.post(f"/lich/{monday(office)}/xep", data={**step, "viec": viec}).status_code == 422, viec
    assert operator.post(f"/lich/{monday(office)}/xep", data={**step, "ban_tin": "khong_co"}).status_code == 404
    assert latest(office) == before


def test_two_priority_bulletins_are_a_question_asked_once(office: Office) -> None:
    one = approved(office, title="Mất nước toàn xã", priority="uu_tien")
    other = approved(office, title="Cấm đường liên thôn", priority="uu_tien")
    operator = office.browser("van_hoa")
    asked = operator.post(f"/lich/{monday(office)}/xep")
    assert asked.status_code == 409
    assert "Bản tin ưu tiên nào phát trước?" in asked.text
    twice = operator.post(f"/lich/{monday(office)}/xep", data={"thu_tu": [one, one]})
    assert twice.status_code == 409
    assert "chỉ đứng ở một chỗ" in twice.text
    done = operator.post(f"/lich/{monday(office)}/xep", data={"thu_tu": [other, one]})
    assert done.status_code == 200, done.text
    assert latest(office).precedence == (other, one)
    assert "Thứ tự bản tin ưu tiên" in done.text
    approved(office, title="Họp thôn")
    again = operator.post(f"/lich/{monday(office)}/xep", data={"ly_do": "thêm tin"})
    assert again.status_code == 200
    assert latest(office).precedence == (other, one)


def test_amendments_are_listed_compared_and_the_old_one_can_be_read(office: Office) -> None:
    approved(office)
    operator, auditor = office.browser("van_hoa"), office.browser("van_phong")
    operator.post(f"/lich/{monday(office)}/xep")
    approved(office, title="Tiêm phòng dại")
    operator.post(f"/lich/{monday(office)}/xep", data={"ly_do": "thêm tin tiêm phòng"})
    page = auditor.get(f"/lich/{monday(office)}").text
    assert "Bản điều chỉnh số 1" in page
    changed = auditor.get(f"/lich/{monday(office)}/thay-doi").text
    assert "thêm" in changed
    assert "Tiêm phòng dại" in changed
    old = auditor.get(f"/lich/{monday(office)}", params={"so": 0}).text
    assert "Đây là bản cũ" in old
    assert "Tiêm phòng dại" not in old
    assert auditor.get(f"/lich/{monday(office)}", params={"so": 9}).status_code == 404
    assert auditor.get(f"/lich/{monday(office)}/thay-doi", params={"tu": 5, "den": 9}).status_code == 404


def test_why_something_is_short_and_what_the_targets_lack(office: Office) -> None:
    long = "Kính thưa bà con, xã thông báo lịch làm việc. " * 60
    for number in range(3):
        approved(office, title=f"Bài dài {number}", body=long, repeats="14")
    operator = office.browser("van_hoa")
    operator.post(f"/lich/{monday(office)}/xep")
    page = operator.get(f"/lich/{monday(office)}").text
    assert "Tỷ lệ nếu phát đủ lịch này" in page
    assert "Nhóm đích IV.3" in page
    why = operator.get(f"/lich/{monday(office)}/vi-sao")
    assert why.status_code == 200
    assert "lượt" in why.text


def test_the_week_is_handed_out_for_signature(office: Office) -> None:
    approved(office)
    operator = office.browser("van_hoa")
    assert operator.get(f"/lich/{monday(office)}/van-ban.docx").status_code == 422  # no plan yet
    operator.post(f"/lich/{monday(office)}/xep")
    word = operator.get(f"/lich/{monday(office)}/van-ban.docx", params={"so": "21", "ky": "2026-11-27"})
    text = re.sub(r"<[^>]*>", "", ZipFile(BytesIO(word.content)).read("word/document.xml").decode())
    assert "21/" in text
    assert "Họp thôn Đông" in text
    assert operator.get(f"/lich/{monday(office)}/van-ban.pdf").content.startswith(b"%PDF")
    assert operator.get(f"/lich/{monday(office)}/van-ban.exe").status_code == 404


def test_the_pages_name_pages_and_no_commands(office: Office) -> None:
    operator = office.browser("van_hoa")
    where = f"/lich/{monday(office)}"
    none = operator.get(f"{where}/vi-sao")
    nothing = operator.post(f"{where}/xep")
    code = approved(office)
    operator.post(f"{where}/xep")
    reason = operator.post(f"{where}/xep", data={"ban_tin": code, "viec": "loai_tuan"})
    for answer, words in ((none, "chưa có lịch"), (nothing, "không có bản tin nào"), (reason, "phải ghi lý do")):
        assert answer.status_code == 422
        assert words in answer.text
        assert "broadcaster " not in answer.text
        assert date.fromisoformat(monday(office)).strftime("%d/%m/%Y") in answer.text
