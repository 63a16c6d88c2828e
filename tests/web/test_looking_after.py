"""The pages of those who look after the station, with something on them, in a real browser: axe, widths, keyboard."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from broadcaster.domain.enrolment import Member
from tests.web.conftest import Office, subject_in
from tests.web.test_browser import CHROMIUM, address, chromium, looked_at, opened
from tests.web.test_keyboard import press, reach_field
from tests.web.test_network import joined, told
from tests.web.test_procedures import CODE, sheet
from tests.web.test_quieting import fields as mute_fields

__all__ = ["address", "chromium"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")


def lived_in(office: Office) -> None:
    """Nodes in every state, mutes, a cap, a changed procedure with a bulletin that cites it."""
    author, leader, operator = office.browser("tu_phap"), office.browser("pho_chu_tich"), office.browser("van_hoa")
    registry, now = office.app.network.registry, office.app.clock.now()
    for node in ("dong_1", "doai_1", "trung_1"):
        joined(office, node)
    silent = joined(office, "ha_2")
    registry.keep_member(Member("ha_2", silent, now - timedelta(days=9)))
    registry.saw("ha_2", now - timedelta(hours=5))
    gone = joined(office, "bac_2")
    registry.keep_member(Member("bac_2", gone, now - timedelta(days=9), now, "van_hoa"))
    operator.post("/mang-loa/nam_1/ma")
    told(office, 1, "link.gone", "error", {"file": "ban_phat_" + "x" * 60 + ".flac"})
    operator.post("/tat-loa", data=mute_fields(office, tu_gio="09:00", den_gio="11:30"))
    operator.post("/tat-loa", data=mute_fields(office, cum=["ha_2"], ly_do="Điểm thi"))
    operator.post("/tat-loa/2/thoi", data={"ly_do": "Thi xong sớm", "phien_ban": "2"})
    operator.post("/mang-loa/dong_1/do-to", data={"nho_hon": "6.5", "ly_do": "Gần trạm y tế", "phien_ban": "3"})
    code = office.handed_in(author, title="Khai báo tạm trú cho người thuê trọ", documents="Đăng ký tạm trú")
    leader.post(f"/duyet/{code}/dong-y", data={"noi_dung": subject_in(leader.get(f"/duyet/{code}").text)})
    since = (office.app.station.local(now).date() + timedelta(days=2)).isoformat()
    assert operator.post(f"/thu-tuc/{CODE}/sua", data=sheet(since=since)).status_code == 200
    operator.post("/cai-dat/tu-dien", data={"chu": "QZVK", "doc": "quỹ vì khuyến học", "phien_ban": _words(office)})


def _words(office: Office) -> str:
    text = office.browser("van_hoa").get("/cai-dat/tu-dien").text
    return text.partition('name="phien_ban" value="')[2].partition('"')[0]


def test_a_day_of_work_has_no_violation_on_any_page(office: Office, address: str, chromium: Browser) -> None:
    lived_in(office)
    outside: list[str] = []
    found: list[str] = []
    page = opened(chromium, address, outside, "van_hoa")
    for path in ("/mang-loa", "/mang-loa/dong_1", "/mang-loa/ha_2", "/tat-loa", "/thu-tuc", f"/thu-tuc/{CODE}", "/"):
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found += looked_at(page, "day-" + (path.strip("/").replace("/", "_") or "hom_nay"))
    page.goto(f"{address}/thu-tuc/{CODE}/sua")
    found += looked_at(page, "day-thu-tuc_sua")
    page.context.close()
    page = opened(chromium, address, outside, "quan_tri")
    for path in ("/cai-dat", "/cai-dat/nhat-ky", "/cai-dat/tu-dien", "/cai-dat/sao-luu"):
        page.goto(address + path)
        found += looked_at(page, "day-" + path.strip("/").replace("/", "_"))
    page.context.close()
    assert found == []
    assert outside == []


def test_a_node_is_given_a_code_and_thrown_out_by_keys(office: Office, address: str, chromium: Browser) -> None:
    outside: list[str] = []
    page = opened(chromium, address, outside, "van_hoa", viewport={"width": 360, "height": 800})
    page.goto(f"{address}/mang-loa")
    press(page, "link", "Nhà văn hóa thôn Đông")
    press(page, "button", "Cấp mã cho máy ở thôn")
    page.get_by_text("Mã chỉ hiện một lần").wait_for()
    found = looked_at(page, "day-ma")
    page.set_viewport_size({"width": 360, "height": 800})
    joined(office)
    press(page, "link", "Đã chép mã, quay lại")
    press(page, "link", "Thu hồi bộ phát…")
    page.get_by_role("heading", name="Thu hồi bộ phát của").wait_for()
    found += looked_at(page, "day-thu_hoi")
    press(page, "button", "Thu hồi bộ phát")
    page.get_by_text("Đã thu hồi bộ phát.").wait_for()
    assert found == []
    assert outside == []
    page.context.close()


def test_a_cluster_is_muted_by_keys(office: Office, address: str, chromium: Browser) -> None:
    outside: list[str] = []
    page = opened(chromium, address, outside, "van_hoa", viewport={"width": 360, "height": 800})
    page.goto(f"{address}/mang-loa")
    press(page, "link", "Tắt loa một thời gian")
    page.get_by_role("checkbox", name="Trạm bơm thôn Hạ").focus()
    page.keyboard.press("Space")
    reach_field(page, "ly_do")
    page.keyboard.insert_text("Đám tang")
    page.keyboard.press("Enter")
    page.get_by_text("Đã ghi: loa sẽ tắt").wait_for()
    [order] = office.app.curbing.curbs().mutes
    assert order.mute.clusters == {"ha_2"}
    assert outside == []
    page.context.close()
