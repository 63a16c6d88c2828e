"""The whole main job by the keyboard alone, as four roles, in a real browser; the doors in every look."""

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from broadcaster.domain.taxonomy import shipped_taxonomy
from tests.suites.store_values import an_as_run
from tests.web.conftest import Office
from tests.web.test_browser import CHROMIUM, SHOTS, address, chromium, looked_at, nothing_cut_off, opened, violations
from tests.web.test_week import approved

__all__ = ["address", "chromium"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
WIDTHS = (360, 1280, 1920)


def reach(page: Page, role: str, name: str) -> None:
    """Tab until that control has the focus; nobody needs a mouse."""
    wanted = page.get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type]
    wanted.wait_for()
    for _ in range(250):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach {role} {name!r} on {page.url}")


def press(page: Page, role: str, name: str) -> None:
    reach(page, role, name)
    page.keyboard.press("Enter")


def reach_field(page: Page, name: str) -> None:
    """Tab until the form's field of that name has the focus."""
    field = page.locator(f"[name={name}]")
    for _ in range(250):
        if field.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach {name}")


def written(page: Page, fields: dict[str, str]) -> None:
    """The form of a bulletin, filled in by keys."""
    for name in ("title", "unit", "body"):
        reach_field(page, name)
        page.keyboard.insert_text(fields[name])
    reach_field(page, "topic")
    page.keyboard.type(shipped_taxonomy().topics[fields["topic"]].name)
    for name in ("valid_from", "valid_to"):
        reach_field(page, name)
        page.keyboard.type(date.fromisoformat(fields[name]).strftime("%m%d%Y"))  # as Debian's chromium shows it
        assert page.locator(f"[name={name}]").input_value() == fields[name]


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def test_the_main_job_with_the_keyboard_alone_in_four_roles(office: Office, address: str, chromium: Browser) -> None:
    outside: list[str] = []
    fields = office.fields()
    monday = fields["valid_from"]

    author = opened(chromium, address, outside, "tu_phap")
    press(author, "link", "Bản tin")
    author.goto(f"{address}/ban-tin/moi")
    written(author, fields)
    press(author, "button", "Lưu bản tin")
    author.get_by_text("Đã lưu bản tin.").wait_for()
    code = author.url.split("/ban-tin/")[1].split("?")[0]
    press(author, "button", "Làm bản phát")
    author.get_by_text("Đã làm xong bản phát.").wait_for()
    press(author, "button", "Trình lãnh đạo duyệt")
    author.get_by_text("Đã trình lãnh đạo duyệt.").wait_for()
    author.context.close()

    leader = opened(chromium, address, outside, "pho_chu_tich", viewport={"width": 360, "height": 800})
    press(leader, "link", "Duyệt")
    leader.goto(f"{address}/duyet/{code}")
    press(leader, "button", "Duyệt cho phát")
    leader.get_by_text("Đã duyệt văn bản, lời đọc và bản phát.").wait_for()
    leader.context.close()

    operator = opened(chromium, address, outside, "van_hoa")
    press(operator, "link", "Lịch tuần")
    operator.goto(f"{address}/lich/{monday}")
    press(operator, "button", "Xếp lịch tuần này")
    operator.get_by_text("Đã xếp lịch.").wait_for()
    operator.goto(f"{address}/lich/{monday}/luot/{code}")
    reach(operator, "textbox", "Lý do điều chỉnh")
    operator.keyboard.insert_text("lãnh đạo dặn")
    operator.keyboard.press("Enter")  # Enter in the field must not press the first button of the table
    assert office.app.planning.latest(date.fromisoformat(monday)).number == 0
    pins = operator.get_by_role("button", name="Ghim:")
    for _ in range(100):
        if operator.evaluate("document.activeElement.value || ''").startswith("ghim|"):
            break
        operator.keyboard.press("Tab")
    assert pins.count() > 0
    operator.keyboard.press("Enter")
    operator.get_by_text("Đã xếp lịch.").wait_for()
    made = office.app.planning.latest(date.fromisoformat(monday))
    assert [p.wanted for p in made.placements] == [True]
    assert made.reason == "lãnh đạo dặn"
    operator.context.close()

    auditor = opened(chromium, address, outside, "van_phong")
    press(auditor, "link", "Thời lượng")
    press(auditor, "button", "Xem")
    auditor.get_by_role("heading", name="Thời lượng phát thực tế").wait_for()
    auditor.context.close()
    assert outside == []


def heard(office: Office, code: str) -> None:
    """Rows of last week's ledger for the pages to show."""
    piece = office.app.store.bulletin(code)
    assert piece is not None
    master = office.app.approving.master_of(piece)
    assert master is not None
    for cluster in office.app.station.clusters[:4]:
        row = an_as_run(0, cluster.code, bulletin=code, topic=piece.topic, master=master.hash)
        office.app.store.append_as_run([row])


def test_week_and_airtime_pages_have_no_violation_in_any_look(office: Office, address: str, chromium: Browser) -> None:
    code = approved(office)
    approved(office, title="Cấp thẻ căn cước lưu động", topic="cchc")
    heard(office, code)
    monday = office.fields()["valid_from"]
    operator = office.browser("van_hoa")
    operator.post(f"/lich/{monday}/xep")
    approved(office, title="Tiêm phòng dại đàn chó mèo")
    operator.post(f"/lich/{monday}/xep", data={"ly_do": "thêm tin tiêm phòng"})
    step = {"ban_tin": code, "viec": "loai_tuan", "ly_do": "dời sang tuần sau"}
    operator.post(f"/lich/{monday}/xep", data=step)
    week = "tu=2026-11-23&den=2026-11-29"
    paths = {
        "lich_tuan": f"/lich/{monday}",
        "lich_luot": f"/lich/{monday}/luot/{code}",
        "lich_thay_doi": f"/lich/{monday}/thay-doi?tu=0&den=1",
        "lich_vi_sao": f"/lich/{monday}/vi-sao",
        "thoi_luong": f"/thoi-luong?bao_cao=topic&{week}",
        "lan_phat": f"/thoi-luong/lan-phat?{week}",
    }
    outside: list[str] = []
    page = opened(chromium, address, outside, "van_hoa")
    found: list[str] = []
    for name, path in paths.items():
        page.goto(address + path)
        found += looked_at(page, name, nothing_cut_off(page))
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(f"{address}/lich/{monday}")
    ink = "one => getComputedStyle(one).color"
    assert page.locator(".chip").first.evaluate(ink) == "rgb(27, 31, 36)"  # paper is white, however dark the screen
    assert not page.locator("header.top").is_visible()
    assert not page.get_by_role("button", name="Lập bản điều chỉnh").is_visible()
    page.context.close()
    assert found == []
    assert outside == []


@pytest.mark.parametrize("look", ["", "-lon"])
def test_the_door_in_every_look_and_in_large_type(address: str, chromium: Browser, look: str) -> None:
    page = chromium.new_context(locale="vi-VN").new_page()
    found = []
    page.goto(f"{address}/dang-nhap")
    if look:
        page.evaluate("document.documentElement.style.fontSize = '200%'")
    for width in WIDTHS:
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found += violations(page)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{page.url} is {wide} px wider than a screen of {width}"
            shot(page, f"dang_nhap-{width}-{scheme}{look}")
    page.context.close()
    assert found == []
