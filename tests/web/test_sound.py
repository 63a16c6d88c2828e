"""Listening: a master's shape is drawn from what the station measured, and everything works by keyboard and without."""

import pytest
from playwright.sync_api import Browser, Page

from tests.web.conftest import Office
from tests.web.test_browser import CHROMIUM, address, chromium, looked_at, opened, until, violations

__all__ = ["address", "chromium"]

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")

BODY = "Kính thưa bà con, mai họp thôn lúc 7 giờ 30.\n\nMời bà con đến đông đủ. Đem theo căn cước công dân."


def master_of(office: Office, code: str) -> str:
    piece = office.app.store.bulletin(code)
    assert piece is not None
    made = office.app.approving.master_of(piece)
    assert made is not None
    return str(made.hash)


def test_the_shape_is_small_and_has_the_begin_of_each_sentence(office: Office) -> None:
    author = office.browser("tu_phap")
    master = master_of(office, office.handed_in(author, body=BODY))
    answer = author.get(f"/hinh-song/{master}")
    shape = answer.json()
    assert len(answer.content) < 8_000
    assert 500 <= len(shape["dinh"]) <= 1000
    assert max(shape["dinh"]) <= shape["cao"]
    assert [part for _, part, _ in shape["moc"]] == ["ten", "cau", "cau", "cau", "bao"]
    times = [at for at, _, _ in shape["moc"]]
    assert times == sorted(times)
    assert times[-1] < shape["dai"]
    assert "max-age" in answer.headers["cache-control"]


def test_a_master_from_before_shapes_were_kept_is_drawn_once_and_kept(office: Office) -> None:
    author = office.browser("tu_phap")
    master = master_of(office, office.handed_in(author, body=BODY))
    drawn = author.get(f"/hinh-song/{master}").json()
    (kept,) = (office.app.workspace.audio / "hinh_song").iterdir()
    kept.unlink()
    assert author.get(f"/hinh-song/{master}").json() == {**drawn, "moc": []}
    assert kept.is_file()


def test_only_who_is_inside_sees_a_shape_and_only_of_a_master_that_is_there(office: Office) -> None:
    author = office.browser("tu_phap")
    master = master_of(office, office.handed_in(author))
    assert office.browser().get(f"/hinh-song/{master}", follow_redirects=False).status_code == 303
    assert author.get("/hinh-song/" + "0" * 64).status_code == 404
    assert author.get("/hinh-song/..%2f..%2fschedules%2fstation.toml").status_code == 404
    for file in (office.app.workspace.audio / "ban_phat").iterdir():
        file.unlink()
    assert author.get(f"/hinh-song/{master}").status_code == 404


def asked(page: Page) -> list[str]:
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url))
    return found


@needs_chromium
def test_a_master_is_listened_to_with_the_keyboard(office: Office, address: str, chromium: Browser) -> None:
    code = office.handed_in(office.browser("tu_phap"), body=BODY)
    outside: list[str] = []
    page = opened(chromium, address, outside, "pho_chu_tich", viewport={"width": 360, "height": 800})
    requests = asked(page)
    page.goto(f"{address}/ban-tin/{code}")
    page.locator(".sound .keys").wait_for()
    assert not page.locator("audio").is_visible()
    assert [url for url in requests if "/nghe/" in url] == []  # a shape costs three kilobytes, not the sound
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "range":
            break
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('.sound .at').textContent.startsWith('0:02 / 0:')")
    assert page.locator(".sound input").get_attribute("aria-valuetext").startswith("0 phút 2 giây trên 0 phút")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Tạm dừng").wait_for()
    until(page, "document.querySelector('audio').currentTime > 2.3")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Nghe", exact=False).wait_for()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Home")
    page.get_by_role("button", name="Câu sau").focus()
    for said in ("Tên bản tin", "Câu 1/3", "Câu 2/3", "Câu 3/3", "Lời báo giọng máy"):
        page.keyboard.press("Enter")
        until(page, f"document.querySelector('.sound .what').textContent === '{said}'")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('.sound .what').textContent === 'Câu 3/3'")
    drawn = "document.querySelector('.wave > div').shadowRoot"
    assert page.evaluate(f"{drawn}.querySelectorAll('canvas').length") >= 2
    assert page.evaluate(f"{drawn}.querySelectorAll('a, button, input, [tabindex]').length") == 0
    assert page.evaluate("document.querySelectorAll('.wave line').length") == 5
    assert outside == []
    page.context.close()


@needs_chromium
def test_a_page_with_a_master_is_light_even_without_a_cache(office: Office, address: str, chromium: Browser) -> None:
    code = office.handed_in(office.browser("tu_phap"), body=BODY * 20)
    page = opened(chromium, address, [], "pho_chu_tich", viewport={"width": 360, "height": 800})
    wire = page.context.new_cdp_session(page)
    bytes_: list[float] = []
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto("about:blank")  # what the page before it was still getting is not counted
    wire.on("Network.loadingFinished", lambda event: bytes_.append(event["encodedDataLength"]))
    page.goto(f"{address}/duyet/{code}")
    page.locator(".sound .keys").wait_for()
    page.wait_for_load_state("networkidle")
    assert 50_000 < sum(bytes_) < 150 * 1024
    page.context.close()


@needs_chromium
def test_the_drawing_follows_the_page_in_the_dark(office: Office, address: str, chromium: Browser) -> None:
    code = office.handed_in(office.browser("tu_phap"), body=BODY)
    outside: list[str] = []
    found: list[str] = []
    page = opened(chromium, address, outside, "pho_chu_tich")
    page.goto(f"{address}/duyet/{code}")
    page.locator(".sound .keys").wait_for()
    colour = """() => {
      const canvas = document.querySelector('.wave > div').shadowRoot.querySelector('.canvases canvas');
      const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) return [...data.slice(at, at + 3)].join();
      return '';
    }"""

    def drawn(_width: int, scheme: str) -> None:
        wanted = "180,189,194" if scheme == "dark" else "80,88,98"  # --soft of console.css
        until(page, f"({colour})() === '{wanted}'")

    found += looked_at(page, "nghe", drawn)
    assert found == []
    page.context.close()


@needs_chromium
def test_without_scripts_the_browsers_own_player_stays(office: Office, address: str, chromium: Browser) -> None:
    code = office.handed_in(office.browser("tu_phap"))
    inside = opened(chromium, address, [], "pho_chu_tich")
    page = chromium.new_context(java_script_enabled=False, storage_state=inside.context.storage_state()).new_page()
    page.goto(f"{address}/duyet/{code}")
    assert page.locator("audio[controls]").is_visible()
    assert page.locator(".keys").count() == 0
    page.context.close()
    inside.context.close()


@needs_chromium
def test_where_no_shape_can_be_had_the_browsers_own_player_stays(
    office: Office, address: str, chromium: Browser
) -> None:
    code = office.handed_in(office.browser("tu_phap"))
    page = opened(chromium, address, [], "pho_chu_tich")
    page.route("**/hinh-song/*", lambda route: route.abort())
    page.goto(f"{address}/duyet/{code}")
    page.wait_for_load_state("networkidle")
    assert page.locator("audio[controls]").is_visible()
    page.context.close()


@needs_chromium
@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_who_wants_no_motion_sees_whole_seconds(office: Office, address: str, chromium: Browser, motion: str) -> None:
    code = office.handed_in(office.browser("tu_phap"))
    page = opened(chromium, address, [], "pho_chu_tich", reduced_motion=motion)
    page.goto(f"{address}/duyet/{code}")
    page.locator(".sound .keys").wait_for()
    page.locator(".sound input").evaluate("one => { one.value = 1.6; one.dispatchEvent(new Event('input')); }")
    until(page, "document.querySelector('.sound .at').textContent.startsWith('0:01')")
    assert page.locator(".sound input").input_value() == ("1" if motion == "reduce" else "1.6")
    page.context.close()


@needs_chromium
def test_a_sentence_alone_is_heard_and_drawn(office: Office, address: str, chromium: Browser) -> None:
    code = office.handed_in(office.browser("tu_phap"), body=BODY)
    outside: list[str] = []
    page = opened(chromium, address, outside, "tu_phap", viewport={"width": 360, "height": 900})
    requests = asked(page)
    page.goto(f"{address}/ban-tin/{code}")
    page.get_by_role("link", name="Nghe câu 2").focus()
    page.keyboard.press("Enter")
    until(page, "document.querySelector('.reading .wave > div')?.shadowRoot.querySelectorAll('canvas').length >= 2")
    assert len([url for url in requests if "/cau/" in url]) == 1
    assert violations(page) == []
    assert outside == []
    page.context.close()
