"""The form of a bulletin: cited procedures, a topic for the text, private matters; what exactly was handed in."""

import re

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser

from tests.web.conftest import Office, subject_in
from tests.web.test_browser import CHROMIUM, address, chromium, opened, violations
from tests.web.test_keyboard import reach_field, shot
from tests.web.test_week import approved

__all__ = ["address", "chromium"]
TEXT = "Ai cho thuê trọ phải đăng ký tạm trú cho người thuê tại bộ phận một cửa, theo Luật số 68/2020/QH14."


def look_up(browser: TestClient, **fields: object) -> str:
    answer = browser.post("/tim-thu-tuc", data=fields)
    assert answer.status_code == 200
    return answer.text


def names(part: str, *, checked: bool) -> list[str]:
    return [name for name, on in re.findall(r'value="([^"]*)"( checked)?>', part) if bool(on) is checked]


def test_procedures_are_found_by_name_by_code_and_in_the_text(office: Office) -> None:
    author = office.browser("tu_phap")
    assert "Đăng ký khai sinh" in names(look_up(author, tim_thu_tuc="khai sinh"), checked=False)
    by_code = names(look_up(author, tim_thu_tuc="dang_ky_tam_tru"), checked=False)
    assert by_code[0] == "Đăng ký tạm trú"
    assert names(look_up(author, body=TEXT), checked=False) == ["Đăng ký tạm trú"]
    both = look_up(author, body=TEXT, tim_thu_tuc="khai sinh", procedures=["Đăng ký tạm trú"])
    assert names(both, checked=True) == ["Đăng ký tạm trú"]
    assert "Đăng ký tạm trú" not in names(both, checked=False)
    none = look_up(author, tim_thu_tuc="xyz <b>")
    assert "Thư viện không có thủ tục nào như vậy" in none
    assert names(none, checked=False) == ["xyz &lt;b&gt;"]
    assert office.browser("pho_chu_tich").post("/tim-thu-tuc", data={}).status_code == 403


def test_what_is_cited_is_kept_shown_and_taken_away(office: Office) -> None:
    author = office.browser("tu_phap")
    cited = {"procedures": ["Đăng ký tạm trú", "Thủ tục của xã; mới", "Đăng ký tạm trú"]}
    answer = author.post("/ban-tin", data=office.fields() | cited)
    code = str(answer.url).split("/ban-tin/")[1].partition("?")[0]
    piece = office.app.store.bulletin(code)
    assert piece is not None
    assert piece.procedures == ("Đăng ký tạm trú", "Thủ tục của xã; mới")
    assert "Thủ tục được dẫn" in author.get(f"/ban-tin/{code}").text
    form = author.get(f"/ban-tin/{code}/sua").text
    assert names(form, checked=True)[-2:] == ["Đăng ký tạm trú", "Thủ tục của xã; mới"]
    assert "không có trong thư viện thủ tục" in form
    version = office.fields(version=piece.text_hash) | {"procedures": ["Đăng ký tạm trú"]}
    assert author.post(f"/ban-tin/{code}/sua", data=version).status_code == 200
    again = office.app.store.bulletin(code)
    assert again is not None
    assert again.procedures == ("Đăng ký tạm trú",)
    wrong = author.post("/ban-tin", data=office.fields(valid_to="x") | cited)
    assert wrong.status_code == 422
    assert len(names(wrong.text, checked=True)) == 3  # two procedures and the zone: nothing typed is lost


def test_a_topic_is_offered_for_what_is_typed_with_the_words_that_speak_for_it(office: Office) -> None:
    author = office.browser("tu_phap")
    part = author.post("/doc-thu", data={"body": TEXT}).text
    assert "Chủ đề gợi ý" in part
    assert 'data-chu-de="mot_cua" title="vì có chữ: ' in part
    assert "Chủ đề gợi ý" not in author.post("/doc-thu", data={"body": TEXT, "topic": "mot_cua"}).text
    assert "Chủ đề gợi ý" not in author.post("/doc-thu", data={"body": "Xin chào."}).text


def test_documents_that_the_text_names_are_offered_for_citing(office: Office) -> None:
    author = office.browser("tu_phap")
    text = "Theo Nghị định số 63/2024/NĐ-CP và 15/KH-UBND, nhắc lại nghị định 63/2024/NĐ-CP."
    offered = re.findall(r'data-van-ban="([^"]*)"', author.post("/doc-thu", data={"body": text}).text)
    assert offered == ["Nghị định 63/2024/NĐ-CP", "15/KH-UBND"]
    cited = {"body": text, "documents": "nghị định 63/2024/nđ-cp"}
    assert re.findall(r'data-van-ban="([^"]*)"', author.post("/doc-thu", data=cited).text) == ["15/KH-UBND"]


def test_private_matters_are_told_once_and_in_the_title_too(office: Office) -> None:
    author = office.browser("tu_phap")
    part = author.post("/doc-thu", data={"body": "Số căn cước 001199012345 của ông An."}).text
    assert part.count("không được phát trên loa") == 1
    part = author.post("/doc-thu", data={"title": "Tìm chủ thẻ 001199012345", "body": "Xin chào."}).text
    assert part.count("không được phát trên loa") == 1


def test_what_was_approved_and_what_has_changed_is_said_in_words(office: Office) -> None:
    code = approved(office)
    author, leader = office.browser("tu_phap"), office.browser("pho_chu_tich")
    assert "Đã duyệt đúng văn bản, lời đọc và bản phát" in author.get(f"/ban-tin/{code}").text
    piece = office.app.store.bulletin(code)
    assert piece is not None
    later = office.fields(version=piece.text_hash, unit="Ban Văn hóa")
    assert author.post(f"/ban-tin/{code}/sua", data=later).status_code == 200
    for browser, path in ((author, f"/ban-tin/{code}"), (leader, f"/duyet/{code}")):
        page = browser.get(path).text
        told = re.search(r"hết hiệu lực vì đã đổi: <b>([^<]*)</b>([^.]*)\.", page)
        assert told, page
        assert "văn bản" in told[1]
        assert "lời đọc" in told[2]  # the words that are spoken are still the same


def test_the_queue_counts_the_working_days_that_are_left(office: Office) -> None:
    code = office.handed_in(office.browser("tu_phap"))
    leader = office.browser("pho_chu_tich")
    assert "còn 5 ngày làm việc" in leader.get("/duyet").text
    assert subject_in(leader.get(f"/duyet/{code}").text)


@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
@pytest.mark.parametrize("width", [360, 1280])
def test_a_procedure_and_a_topic_are_chosen_by_keys(address: str, chromium: Browser, width: int) -> None:
    outside: list[str] = []
    page = opened(chromium, address, outside, "tu_phap", viewport={"width": width, "height": 900})
    page.goto(f"{address}/ban-tin/moi")
    reach_field(page, "body")
    page.keyboard.insert_text(TEXT)
    topic = page.get_by_role("button", name="Cơ chế một cửa")
    topic.wait_for()
    topic.focus()
    page.keyboard.press("Enter")
    assert page.locator("#topic").input_value() == "mot_cua"
    page.get_by_text("Đã chọn «").wait_for()
    page.get_by_role("button", name="Luật 68/2020/QH14").focus()
    page.keyboard.press("Enter")
    assert page.locator("#documents").input_value() == "Luật 68/2020/QH14"
    page.get_by_text("Đã ghi «").wait_for()
    reach_field(page, "tim_thu_tuc")
    page.keyboard.insert_text("khai sinh")
    page.keyboard.press("Enter")  # must not save what is half-written
    page.get_by_label("Đăng ký khai sinh").first.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.locator("[name=procedures]").first.is_checked()
    first = page.locator("[name=procedures]").first.get_attribute("value")
    reach_field(page, "tim_thu_tuc")
    page.keyboard.insert_text(" lại")
    page.get_by_label("Đăng ký lại khai sinh").wait_for()
    assert page.locator("[name=procedures]:checked").first.get_attribute("value") == first
    assert page.url.endswith("/ban-tin/moi")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    shot(page, f"ban_tin_dan-{width}-light")
    page.context.close()
    assert outside == []
