"""How a bulletin is read, on the page: another way for a span, one sentence alone, what a version has changed."""

import io
import re

import pytest
import soundfile
from playwright.sync_api import Browser

from tests.web.conftest import Office
from tests.web.test_browser import CHROMIUM, address, chromium, opened, until, violations

__all__ = ["address", "chromium"]

BODY = "Kính thưa bà con, mai họp lúc 7 giờ 30 tại QZVK.\n\nHộ nào nợ 1.234 thì đến xã trước 3/4."


def kept(office: Office, **changed: str) -> str:
    author = office.browser("tu_phap")
    answer = author.post("/ban-tin", data=office.fields(body=BODY, **changed), follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"].split("/")[-1].partition("?")[0])


def spans(text: str) -> dict[str, str]:
    """The spans that lead to a choice, by what is written."""
    found = re.findall(r'href="([^"]+/cho/\d+)"[^>]*><mark>([^<]+)</mark>', text)
    return {written: where for where, written in found}


def fields(page: str, **changed: str) -> dict[str, str]:
    hidden = dict(re.findall(r'name="(phien_ban|chu)" value="([^"]*)"', page))
    return hidden | changed


def test_a_span_leads_to_its_other_readings_and_one_is_taught_to_the_commune(office: Office) -> None:
    code = kept(office)
    author = office.browser("tu_phap")
    where = spans(author.get(f"/ban-tin/{code}").text)
    assert {"QZVK", "1.234"} <= set(where)
    page = author.get(where["QZVK"]).text
    assert "Loa đang đọc" in page
    saved = author.post(where["QZVK"], data=fields(page, chon="khac", doc="quỹ vì khuyến học"))
    assert saved.status_code == 200, saved.text
    assert "Đã lưu vào từ điển." in saved.text
    assert "tại quỹ vì khuyến học" in saved.text
    assert [entry.written for entry in office.app.words.entries()] == ["QZVK"]
    assert len(office.app.diary.notes()) == 1


def test_a_reading_that_is_offered_can_be_chosen(office: Office) -> None:
    code = kept(office)
    author = office.browser("tu_phap")
    offered = []
    for where in spans(author.get(f"/ban-tin/{code}").text).values():
        page = author.get(where).text
        offered = re.findall(r'name="chon" value="([^"]+)"', page)[:-1]
        if offered:
            answer = author.post(where, data=fields(page, chon=offered[0]))
            assert answer.status_code in {200, 422}, answer.text
            break
    assert offered, "the text holds something that can be said in two ways"


@pytest.mark.parametrize("changed", [{}, {"chon": "khac"}, {"chon": "khac", "doc": "số 9"}, {"chon": "bịa ra"}])
def test_what_is_no_reading_is_refused_and_stays_in_the_form(office: Office, changed: dict[str, str]) -> None:
    code = kept(office)
    author = office.browser("tu_phap")
    where = spans(author.get(f"/ban-tin/{code}").text)["QZVK"]
    answer = author.post(where, data=fields(author.get(where).text, **changed))
    assert answer.status_code == 422
    assert list(office.app.words.entries()) == []


def test_what_was_changed_meanwhile_is_told_and_nothing_is_saved(office: Office) -> None:
    code = kept(office)
    author = office.browser("tu_phap")
    where = spans(author.get(f"/ban-tin/{code}").text)["QZVK"]
    page = author.get(where).text
    for changed in ({"phien_ban": "0" * 64}, {"chu": "ABC"}):
        answer = author.post(where, data=fields(page, chon="khac", doc="quỹ") | changed)
        assert answer.status_code == 409
    assert list(office.app.words.entries()) == []


def test_who_only_reads_cannot_teach_and_what_is_no_span_is_no_page(office: Office) -> None:
    code = kept(office)
    leader = office.browser("pho_chu_tich")
    where = spans(leader.get(f"/ban-tin/{code}").text)["QZVK"]
    page = leader.get(where).text
    assert "Lưu cách đọc này" not in page
    assert leader.post(where, data={"chon": "khac", "doc": "quỹ"}).status_code == 403
    for missing in (
        f"/ban-tin/{code}/cho/0",
        f"/ban-tin/{code}/cho/999",
        f"/ban-tin/{code}/cho/-1",
        "/ban-tin/x/cho/1",
    ):
        assert leader.get(missing).status_code == 404, missing


def test_one_sentence_is_heard_alone_and_spoken_once(office: Office) -> None:
    code = kept(office)
    browser = office.browser("pho_chu_tich")
    page = browser.get(f"/ban-tin/{code}").text
    where = re.findall(r'href="([^"]+/cau/\d+)"', page)
    assert len(where) >= 2
    first = browser.get(where[0])
    assert first.headers["content-type"] == "audio/flac"
    samples, rate = soundfile.read(io.BytesIO(first.content))
    assert 0.5 < len(samples) / rate < 60
    takes = list(office.app.workspace.audio.rglob("*"))
    assert browser.get(where[0]).content == first.content
    assert list(office.app.workspace.audio.rglob("*")) == takes, "the take is there already"
    assert browser.get(where[1]).content != first.content
    for missing in (f"/ban-tin/{code}/cau/99", f"/ban-tin/{code}/cau/-1", "/ban-tin/x/cau/0"):
        assert browser.get(missing).status_code == 404


def test_what_a_version_has_changed_is_told_in_words(office: Office) -> None:
    code = kept(office)
    author = office.browser("tu_phap")
    version = re.search(r'name="version" value="([0-9a-f]+)"', author.get(f"/ban-tin/{code}/sua").text)
    assert version
    changed = office.fields(body=BODY.replace("7 giờ 30", "8 giờ"), version=version[1])
    assert author.post(f"/ban-tin/{code}/sua", data=changed).status_code == 200
    page = author.get(f"/ban-tin/{code}").text
    assert f"/ban-tin/{code}/phien-ban" in page
    page = author.get(f"/ban-tin/{code}/phien-ban").text
    assert re.search(r"<del>.*7.*</del>", page)
    assert re.search(r"<ins>.*8.*</ins>", page)
    assert "Lời không đổi" in author.get(f"/ban-tin/{code}/phien-ban?tu=2&den=2").text
    assert author.get(f"/ban-tin/{code}/phien-ban?tu=-4&den=99").status_code == 200
    assert author.get("/ban-tin/x/phien-ban").status_code == 404


def test_markup_in_a_text_stays_text_in_the_comparison(office: Office) -> None:
    code = kept(office)
    author = office.browser("tu_phap")
    version = re.search(r'name="version" value="([0-9a-f]+)"', author.get(f"/ban-tin/{code}/sua").text)
    assert version
    changed = office.fields(body=BODY + "\n\n<script>alert(1)</script> họp.", version=version[1])
    author.post(f"/ban-tin/{code}/sua", data=changed)
    assert "<script>alert" not in author.get(f"/ban-tin/{code}/phien-ban").text


@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
def test_the_keyboard_chooses_a_reading_and_hears_a_sentence(office: Office, address: str, chromium: Browser) -> None:
    code = kept(office)
    outside: list[str] = []
    page = opened(chromium, address, outside, "tu_phap", viewport={"width": 360, "height": 800})
    page.goto(f"{address}/ban-tin/{code}")
    found = violations(page)
    page.get_by_role("link", name="Nghe câu 1").first.focus()
    page.keyboard.press("Enter")
    until(page, "[...document.querySelectorAll('.listen-state')].some(one => one.textContent !== '')")
    page.get_by_role("link", name="QZVK").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Cách đọc «QZVK»").wait_for()
    found += violations(page)
    page.locator("#doc").focus()
    page.keyboard.type("quỹ vì khuyến học")
    page.keyboard.press("Enter")
    page.get_by_text("Đã lưu vào từ điển.").wait_for()
    assert "quỹ vì khuyến học" in page.locator(".reading").text_content() or ""
    page.goto(f"{address}/ban-tin/{code}/phien-ban")
    found += violations(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert found == []
    assert outside == []
    page.context.close()
