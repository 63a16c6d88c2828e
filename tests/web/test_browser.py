"""The pages in a real browser: nothing from outside, no violation that axe finds, the keyboard alone, screenshots."""

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, sync_playwright

from tests.web.conftest import PASSWORD, Office, subject_in

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
SHOTS = os.environ.get("BROADCASTER_SCREENSHOTS")


@pytest.fixture
def address(office: Office) -> Iterator[str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(office.web, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    office.web.state.closing.set()  # pages that listen would be waited for
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def opened(chromium: Browser, address: str, outside: list[str], code: str, **context: object) -> Page:
    page = chromium.new_context(locale="vi-VN", **context).new_page()  # type: ignore[arg-type]

    def look(route: Route) -> None:
        if route.request.url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    page.route("**/*", look)

    def hear(message: ConsoleMessage) -> None:
        # What has no address came in through the debugger: axe, whose own styles the policy refuses.
        if message.type == "error" and message.location["url"]:
            outside.append(message.text)

    page.on("console", hear)
    page.goto(f"{address}/dang-nhap")
    page.locator("#ma:focus").wait_for()  # the field takes the focus by itself: nobody needs a mouse
    page.keyboard.type(code)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Hôm nay").wait_for()
    return page


def until(page: Page, expression: str) -> None:
    """Wait until an expression is true. What would wait within the page is refused by its policy, as all `eval` is."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)


def cut_off(page: Page) -> int:
    """Lists that become a column of rows on a phone and still have to be pushed sideways."""
    return int(
        page.locator("table.stack").evaluate_all(
            "all => all.map(one => one.parentElement).filter(one => one.scrollWidth > one.clientWidth + 1).length"
        )
    )


def looked_at(page: Page, name: str, also: Callable[[int, str], None] = lambda _width, _scheme: None) -> list[str]:
    """What axe finds in every look; the page is never wider than the screen. `also` looks first."""
    found = []
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        also(width, scheme)
        found += violations(page)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{name} is {wide} px wider than a screen of {width}"
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{scheme}.png", full_page=True)
    return found


def nothing_cut_off(page: Page) -> Callable[[int, str], None]:
    """For `looked_at`: no list hides a part of itself on a phone."""

    def look(width: int, _scheme: str) -> None:
        assert width > 360 or not cut_off(page), f"{page.url} hides a part of a list on a phone"

    return look


def violations(page: Page) -> list[str]:
    axe = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    page.evaluate(axe)  # through the debugger: the pages' own policy would not let it in
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", tags)
    return [f"{page.url}: {v['id']}: {n['html'][:160]}" for v in found["violations"] for n in v["nodes"]]


LOOKS = [(360, "light"), (360, "dark"), (1920, "light"), (1920, "dark")]


def test_no_page_has_a_violation_or_asks_outside(office: Office, address: str, chromium: Browser) -> None:
    author, leader = office.browser("tu_phap"), office.browser("pho_chu_tich")
    aired = office.handed_in(author, title="Cấp thẻ căn cước lưu động")
    subject = subject_in(leader.get(f"/duyet/{aired}").text)
    leader.post(f"/duyet/{aired}/dong-y", data={"noi_dung": subject})
    code = office.handed_in(author)
    monday = office.fields()["valid_from"]
    assert office.browser("van_hoa").post(f"/lich/{monday}/xep").status_code == 200
    text = '[[webhook]]\ncode = "cong"\nurl = "https://may-chu.example.vn/nhan-tin"\n'
    office.app.workspace.webhook_file.write_text(text, encoding="utf-8")
    office.app.workspace.backups.mkdir()
    office.app.restoring.backup(office.app.workspace.backups / office.app.restoring.name())
    outside: list[str] = []
    found: list[str] = []
    visits = {
        "van_hoa": [
            "/",
            "/ban-tin",
            "/ban-tin/moi",
            f"/ban-tin/{code}",
            f"/ban-tin/{code}/sua",
            f"/ban-tin/{code}/thu",
            f"/lich/{monday}",
            "/thu-tuc",
            "/thu-tuc/moi",
            "/thu-tuc/dang_ky_tam_tru",
        ],
        "pho_chu_tich": [
            "/duyet",
            f"/duyet/{code}",
            "/thoi-luong",
            "/mang-loa",
            "/mang-loa/dong_1",
            "/tat-loa",
            "/thu-loa",
            "/khan-cap",
        ],
        "quan_tri": [
            "/cai-dat",
            "/cai-dat/dai",
            "/cai-dat/dai/tep",
            "/cai-dat/tu-dien",
            "/cai-dat/nhat-ky",
            "/cai-dat/sao-luu",
            "/cai-dat/bao-tin",
            "/khong-co",
        ],
    }
    for who, paths in visits.items():
        page = opened(chromium, address, outside, who)
        for path in paths:
            page.goto(address + path)
            if path.endswith("/sua"):
                page.get_by_text("khi đọc một lần").wait_for()
            name = path.strip("/").replace("/", "_").replace(monday, "tuan") or "hom_nay"
            found += looked_at(page, name, nothing_cut_off(page))
            # Large type: twice as large as the page's own, on an office screen.
            page.set_viewport_size({"width": 1280, "height": 900})
            page.evaluate("document.documentElement.style.fontSize = '2.25rem'")
            found += violations(page)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{path} in large type is {wide} px wider than the screen"
            if SHOTS:
                page.screenshot(path=Path(SHOTS) / f"{name}-large.png", full_page=True)
        page.context.close()
    assert found == []
    assert [line for line in outside if "404" not in line] == []


def test_a_backup_is_looked_at_and_restored_with_the_keyboard_alone(
    office: Office, address: str, chromium: Browser, tmp_path: Path
) -> None:
    archive = tmp_path / "bản sao.zip"
    office.app.restoring.backup(archive)
    outside: list[str] = []
    page = opened(chromium, address, outside, "quan_tri", viewport={"width": 360, "height": 800})
    page.goto(f"{address}/cai-dat/sao-luu")
    page.locator("#tep").set_input_files(archive)
    page.locator("#tep").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Bản sao lưu này có gì").wait_for()
    found = violations(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / "khoi_phuc-360.png", full_page=True)
    page.locator("#ten").focus()
    page.keyboard.type("Đài Truyền thanh xã Minh Tiến")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Đang khôi phục").wait_for()
    found += violations(page)
    page.goto(f"{address}/cai-dat/sao-luu")
    found += violations(page)
    page.get_by_role("button", name="Thôi khôi phục").press("Enter")
    page.get_by_text("Đã thôi khôi phục").wait_for()
    assert found == []
    assert outside == []
    page.context.close()


def test_axe_does_find_what_is_wrong(address: str, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto(f"{address}/dang-nhap")
    page.evaluate("document.querySelector('label').remove()")
    assert any("label" in line for line in violations(page))
    page.close()


def test_the_leader_approves_with_the_keyboard_alone(office: Office, address: str, chromium: Browser) -> None:
    code = office.handed_in(office.browser("tu_phap"))
    outside: list[str] = []
    page = opened(chromium, address, outside, "pho_chu_tich", viewport={"width": 360, "height": 800})
    page.goto(f"{address}/duyet/{code}")
    page.get_by_role("button", name="Nghe bản phát").focus()
    page.keyboard.press("Enter")
    sound = page.locator("audio")
    until(page, "document.querySelector('audio').currentTime > 0.2")
    assert sound.evaluate("sound => sound.duration") > 1
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Duyệt cho phát":
            break
    page.keyboard.press("Enter")
    page.get_by_text("Đã duyệt văn bản, lời đọc và bản phát.").wait_for()
    assert outside == []
    page.context.close()


def test_an_emergency_is_heard_and_sent_with_the_keyboard(office: Office, address: str, chromium: Browser) -> None:
    outside: list[str] = []
    page = opened(chromium, address, outside, "van_hoa", viewport={"width": 360, "height": 800})
    page.goto(f"{address}/khan-cap")
    page.locator("#loi").focus()
    page.keyboard.type("Nước lũ đang lên.")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # to "Phát thật"
    page.get_by_role("button", name="Nghe thử trước khi phát").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="KHẨN CẤP: phát thật").wait_for()
    until(page, "document.querySelector('audio').readyState > 0")
    found = looked_at(page, "khan-cap_xac_nhan")
    page.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("ĐÃ RA LỆNH KHẨN CẤP").wait_for()
    (record,) = office.app.network.alarming.records()
    assert not record.order.drill
    found += violations(page)
    assert found == []
    assert outside == []
    page.context.close()
