"""Lịch tuần by hand in a real browser: with the mouse, with a finger, by keys; refused, given up, overtaken."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page

from broadcaster.domain.planning.plan import Placement
from tests.web.conftest import Office
from tests.web.test_browser import CHROMIUM, address, chromium, opened, until, violations
from tests.web.test_keyboard import press, reach, shot
from tests.web.test_week import approved, latest, monday

__all__ = ["address", "chromium"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
WIDE = {"viewport": {"width": 1600, "height": 1400}}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
SESSIONS = ("sang", "chieu")


def planned(office: Office, **changed: str) -> str:
    """A bulletin that the week's plan has once; its code."""
    code = approved(office, **({"repeats": "1"} | changed))
    assert office.browser("van_hoa").post(f"/lich/{monday(office)}/xep").status_code == 200
    return code


def week(office: Office, address: str, chromium: Browser, **context: object) -> Page:
    page = opened(chromium, address, [], "van_hoa", **context)
    page.goto(f"{address}/lich/{monday(office)}")
    return page


def place_of(office: Office, code: str) -> str:
    return next(f"{slot.day}|{slot.session}" for slot in latest(office).slots if slot.bulletin == code)


def free_place(office: Office, code: str) -> str:
    first = date.fromisoformat(monday(office))
    taken = {f"{slot.day}|{slot.session}" for slot in latest(office).slots if slot.bulletin == code}
    places = [f"{first + timedelta(days=day)}|{session}" for day in range(7) for session in SESSIONS]
    return next(place for place in places if place not in taken)


def chip(page: Page, code: str) -> Locator:
    return page.locator(f"[data-keo={code}]").first


def cell(page: Page, place: str) -> Locator:
    return page.locator(f'[data-cho="{place}"]')


def middle(one: Locator) -> tuple[float, float]:
    box = one.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def taken(page: Page, code: str) -> None:
    """The mouse has lifted the chip, and the page knows what stands against each session."""
    chip(page, code).scroll_into_view_if_needed()
    x, y = middle(chip(page, code))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y + 5, steps=3)
    page.locator("body.known").wait_for()


def put(page: Page, goal: Locator) -> None:
    page.mouse.move(*middle(goal), steps=4)
    page.mouse.up()


def given(page: Page, reason: str) -> None:
    page.get_by_label("Lý do điều chỉnh").last.fill(reason)
    with page.expect_navigation():
        page.get_by_role("button", name="Đổi lịch").click()
    page.get_by_text("Đã xếp lịch.").wait_for()


def test_a_chip_is_moved_with_the_mouse_and_the_week_is_amended(
    office: Office, address: str, chromium: Browser
) -> None:
    code = planned(office)
    page = week(office, address, chromium, **WIDE)
    old, new = place_of(office, code), free_place(office, code)
    taken(page, code)
    assert violations(page) == []
    page.mouse.move(*middle(cell(page, new)), steps=4)
    assert "thả được" in page.locator("#keo-noi").inner_text()
    shot(page, "lich_keo-1600-light")
    page.mouse.up()
    page.get_by_role("dialog").wait_for()
    assert violations(page) == []
    shot(page, "lich_keo_hoi-1600-light")
    page.get_by_role("button", name="Đổi lịch").click()  # without a reason nothing is sent
    assert latest(office).number == 0
    given(page, "bí thư thôn bận buổi sáng")
    made = latest(office)
    assert (made.number, made.reason) == (1, "bí thư thôn bận buổi sáng")
    day, session = new.split("|")
    assert Placement(code, date.fromisoformat(day), session, wanted=True) in made.placements
    assert place_of(office, code) == new
    assert old not in {f"{slot.day}|{slot.session}" for slot in made.slots}
    assert cell(page, new).locator(f"[data-keo={code}]").count() == 1
    page.context.close()


def test_a_waiting_bulletin_is_pinned_and_a_chip_is_thrown_out(office: Office, address: str, chromium: Browser) -> None:
    code = planned(office)
    late = approved(office, title="Tiêm phòng dại", repeats="1")
    page = week(office, address, chromium, **WIDE)
    goal = free_place(office, late)
    taken(page, late)
    put(page, cell(page, goal))
    assert page.get_by_role("dialog").get_by_role("radio").count() == 0
    given(page, "tin đến muộn")
    assert place_of(office, late) == goal
    place = place_of(office, code)
    taken(page, code)
    put(page, page.get_by_text("Loại khỏi buổi này"))
    given(page, "buổi này dành cho tiếp sóng")
    assert place not in {f"{slot.day}|{slot.session}" for slot in latest(office).slots if slot.bulletin == code}
    taken(page, code)
    put(page, page.get_by_text("Loại khỏi cả tuần"))
    given(page, "hoãn họp")
    assert code not in {slot.bulletin for slot in latest(office).slots}
    assert latest(office).number == 3
    page.context.close()


def test_a_second_airing_is_added_when_the_old_one_is_kept(office: Office, address: str, chromium: Browser) -> None:
    code = planned(office)
    page = week(office, address, chromium, **WIDE)
    old, new = place_of(office, code), free_place(office, code)
    taken(page, code)
    put(page, cell(page, new))
    page.get_by_label("Giữ, phát thêm ở buổi mới").check()
    given(page, "nhắc thêm một lần")
    day, session = new.split("|")
    made = latest(office)
    assert made.placements == (Placement(code, date.fromisoformat(day), session, wanted=True),)
    assert new in {f"{slot.day}|{slot.session}" for slot in made.slots}
    del old
    page.context.close()


def test_a_closed_session_says_why_and_takes_nothing(office: Office, address: str, chromium: Browser) -> None:
    first = date.fromisoformat(monday(office))
    code = planned(office, valid_to=(first + timedelta(days=2)).isoformat())
    page = week(office, address, chromium, **WIDE)
    closed = cell(page, f"{first + timedelta(days=4)}|sang")
    taken(page, code)
    assert "Ngoài thời hạn" in closed.inner_text()
    put(page, closed)
    assert "Không đưa" in page.get_by_role("alert").inner_text()
    assert not page.get_by_role("dialog").is_visible()
    assert closed.locator("[data-keo], .landing").count() == 0
    assert violations(page) == []
    page.get_by_role("button", name="Đóng").click()
    assert page.get_by_role("alert").count() == 0
    # The page may not know yet; the planner does.
    page.route("**/cho/*", lambda route: route.abort())
    chip(page, code).scroll_into_view_if_needed()
    x, y = middle(chip(page, code))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y + 5, steps=3)
    put(page, closed)
    assert closed.locator(".landing").count() == 1
    page.get_by_label("Lý do điều chỉnh").last.fill("dời sang thứ Sáu")
    page.get_by_role("button", name="Đổi lịch").click()
    page.get_by_text("Chưa đổi gì trong lịch").wait_for()
    assert "Ngoài thời hạn" in page.get_by_role("alert").inner_text()
    until(page, "document.querySelectorAll('.landing, .lifted, dialog[open]').length === 0")
    assert latest(office).number == 0
    page.context.close()


def test_esc_gives_up_in_the_air_and_in_the_question(office: Office, address: str, chromium: Browser) -> None:
    code = planned(office)
    page = week(office, address, chromium, **WIDE)
    goal = cell(page, free_place(office, code))
    taken(page, code)
    page.mouse.move(*middle(goal), steps=3)
    page.keyboard.press("Escape")
    assert page.locator(".ghost, .drag-why, .over").count() == 0
    assert "Đã thôi" in page.locator("#keo-noi").inner_text()
    page.mouse.up()
    assert not page.get_by_role("dialog").is_visible()
    assert page.url.endswith(monday(office))  # nor has the chip, which is a link, been followed
    taken(page, code)
    put(page, goal)
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    until(page, "document.querySelectorAll('.landing, .lifted, dialog[open]').length === 0")
    until(page, f"document.activeElement.dataset.keo === '{code}'")
    assert latest(office).number == 0
    chip(page, code).click()  # a click is still a click
    page.get_by_role("heading", name="Họp thôn Đông, tuần từ").wait_for()
    page.context.close()


def test_a_finger_holds_and_moves_a_chip_and_the_table_scrolls_at_its_edge(
    office: Office, address: str, chromium: Browser
) -> None:
    code = planned(office)
    page = week(office, address, chromium, **PHONE)
    wire = page.context.new_cdp_session(page)

    def touch(kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    chip(page, code).scroll_into_view_if_needed()
    x, y = middle(chip(page, code))
    touch("touchStart", x, y)
    for step in range(1, 6):  # a quick stroke is the page's
        touch("touchMove", x, y - 12 * step)
    touch("touchEnd")
    assert page.locator(".ghost").count() == 0
    chip(page, code).scroll_into_view_if_needed()
    x, y = middle(chip(page, code))
    touch("touchStart", x, y)
    page.locator("body.known").wait_for()
    table = "document.querySelector('.scroll:has(table.week)')"
    before = page.evaluate(f"{table}.scrollLeft")
    far = page.evaluate(f"{table}.scrollWidth - {table}.clientWidth")
    edge = 340 if before < far / 2 else 20
    touch("touchMove", (x + edge) / 2, y)
    touch("touchMove", edge, y)
    until(page, f"Math.abs({table}.scrollLeft - {before}) > 150")
    # Back from the edge the table stands still, and what is under the finger takes the chip.
    touch("touchMove", 180, y)
    until(page, "document.querySelectorAll('[data-cho].over').length === 1")
    goal = page.locator("[data-cho].over").get_attribute("data-cho")
    assert goal is not None
    shot(page, "lich_keo-360-light")
    touch("touchEnd")
    page.get_by_role("dialog").wait_for()
    shot(page, "lich_keo_hoi-360-light")
    assert violations(page) == []
    given(page, "đổi buổi trên điện thoại")
    assert place_of(office, code) == goal
    page.context.close()


def test_two_browsers_move_the_same_week_and_the_second_is_told(
    office: Office, address: str, chromium: Browser
) -> None:
    code, other = planned(office), approved(office, title="Tiêm phòng dại", repeats="1")
    one, two = (week(office, address, chromium, **WIDE) for _ in range(2))
    goal = free_place(office, code)
    taken(one, other)
    put(one, cell(one, free_place(office, other)))
    given(one, "người thứ nhất")
    taken(two, code)
    put(two, cell(two, goal))
    two.get_by_label("Lý do điều chỉnh").last.fill("người thứ hai")
    two.get_by_role("button", name="Đổi lịch").click()
    two.get_by_text("đang dùng bản số 1 (người thứ nhất)").wait_for()
    assert latest(office).number == 1
    assert two.get_by_label("Lý do điều chỉnh").last.input_value() == "người thứ hai"
    assert violations(two) == []
    two.get_by_role("button", name="Vẫn đổi, trên bản số 1").click()
    two.get_by_text("Đã xếp lịch.").wait_for()
    made = latest(office)
    assert (made.number, made.reason) == (2, "người thứ hai")
    assert place_of(office, code) == goal
    assert other in {slot.bulletin for slot in made.slots}  # what the first one did stands
    one.context.close()
    two.context.close()


def test_the_same_by_keys_from_the_week_page(office: Office, address: str, chromium: Browser) -> None:
    planned(office)
    late = approved(office, title="Tiêm phòng dại", repeats="1")
    page = week(office, address, chromium, **WIDE)
    goal = free_place(office, late)

    def stepped(reason: str, *keys: str) -> None:
        reach(page, "textbox", "Lý do điều chỉnh")
        page.keyboard.insert_text(reason)
        for _ in range(120):
            if page.evaluate("document.activeElement.value || ''") in keys:
                break
            page.keyboard.press("Tab")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.get_by_text("Đã xếp lịch.").wait_for()

    reach(page, "link", chip(page, late).inner_text().replace("\n", " "))
    page.keyboard.press("Enter")
    stepped("ghim bằng phím", f"ghim|{goal}")
    assert place_of(office, late) == goal
    stepped("dời bằng phím", "doi")
    assert goal not in {f"{slot.day}|{slot.session}" for slot in latest(office).slots if slot.bulletin == late}
    there = place_of(office, late)
    stepped("loại bằng phím", f"loai|{there}")
    assert there not in {f"{slot.day}|{slot.session}" for slot in latest(office).slots if slot.bulletin == late}
    stepped("loại khỏi tuần bằng phím", "loai_tuan")
    assert late not in {slot.bulletin for slot in latest(office).slots}
    assert latest(office).number == 4
    press(page, "link", "Về lịch tuần")
    page.get_by_role("heading", name="Lịch phát sóng tuần").wait_for()
    page.context.close()


def test_a_question_in_between_has_its_own_page(office: Office, address: str, chromium: Browser) -> None:
    planned(office, title="Mất nước toàn xã", priority="uu_tien")
    code = approved(office, title="Cấm đường liên thôn", priority="uu_tien", repeats="1")
    page = week(office, address, chromium, **WIDE)
    goal = free_place(office, code)
    taken(page, code)
    put(page, cell(page, goal))
    page.get_by_label("Lý do điều chỉnh").last.fill("cấm đường từ thứ Hai")
    page.get_by_role("button", name="Đổi lịch").click()
    page.get_by_role("heading", name="Bản tin ưu tiên nào phát trước?").wait_for()
    assert page.get_by_label("Lý do").input_value() == "cấm đường từ thứ Hai"
    page.get_by_role("button", name="Xếp theo thứ tự này").click()
    page.get_by_text("Đã xếp lịch.").wait_for()
    assert place_of(office, code) == goal
    page.context.close()


def test_the_form_without_a_script_is_told_of_a_newer_plan_too(office: Office) -> None:
    code = planned(office)
    operator = office.browser("van_hoa")
    step = {"ban_tin": code, "viec": "loai_tuan", "ly_do": "hoãn họp", "ban": "0"}
    assert operator.post(f"/lich/{monday(office)}/xep", data=step | {"viec": "bo"}).status_code == 200
    approved(office, title="Tiêm phòng dại", repeats="1")
    assert operator.post(f"/lich/{monday(office)}/xep", data={"ly_do": "thêm tin", "ban": "0"}).status_code == 200
    told = operator.post(f"/lich/{monday(office)}/xep", data=step)
    assert told.status_code == 409
    assert "Loại «Họp thôn Đông» khỏi cả tuần" in told.text
    assert 'value="hoãn họp"' in told.text
    assert 'name="ban" value="1"' in told.text
    assert latest(office).number == 1
    assert operator.post(f"/lich/{monday(office)}/xep", data=step | {"ban": "1"}).status_code == 200
    assert latest(office).number == 2


def test_openings_are_the_operators_and_answers_are_for_the_script(office: Office) -> None:
    code = planned(office)
    where = f"/lich/{monday(office)}/cho/{code}"
    for who in ("tu_phap", "pho_chu_tich", "van_phong", "quan_tri"):
        assert office.browser(who).get(where).status_code == 403
    operator = office.browser("van_hoa")
    found = operator.get(where).json()
    assert found["ban"] == 0
    assert found["dong"] == {place_of(office, code): "Buổi này đã có bản tin đó."}
    assert operator.get(f"/lich/{monday(office)}/cho/khong_co").status_code == 404
    assert operator.get(where, params={"tu": "hom-nay"}).status_code == 422
    script = {"accept": "application/json"}
    step = {"ban_tin": code, "viec": f"ghim|{free_place(office, code)}", "keo": "1"}
    refused = operator.post(f"/lich/{monday(office)}/xep", data=step, headers=script)
    assert (refused.status_code, list(refused.json())) == (422, ["loi"])  # no reason, no amendment
    done = operator.post(f"/lich/{monday(office)}/xep", data=step | {"ly_do": "x"}, headers=script)
    assert done.json() == {"den": f"/lich/{monday(office)}?da=xep"}
