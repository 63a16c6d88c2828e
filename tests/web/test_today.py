"""Hôm nay: every thôn with what it should sound and what was measured; what needs a person; changes by themselves."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser

from broadcaster.domain.asrun import Outcome, row_for
from broadcaster.errors import Severity
from broadcaster.units import Milliseconds
from broadcaster.web.routes.today import Air
from tests.domain.values import a_rundown, an_item
from tests.web.conftest import Office
from tests.web.test_browser import address, chromium, opened, until

__all__ = ["address", "chromium"]


def a_live(office: Office) -> None:
    office.app.network.live.begin("van_hoa", ["thon_ha"], timedelta(minutes=5), "Chủ tịch xã nói chuyện")


def test_every_cluster_stands_there_with_its_player(office: Office) -> None:
    text = office.browser("van_hoa").get("/").text
    for cluster in office.app.station.clusters:
        assert cluster.name in text
    assert "chưa có bộ phát" in text
    assert "chưa đo được gì hôm nay" in text
    assert "Tuần này chưa xếp lịch" in text


def test_an_emergency_and_a_live_broadcast_are_seen_where_they_sound(office: Office) -> None:
    browser = office.browser("van_hoa")
    a_live(office)
    text = browser.get("/hom-nay/phan").text
    here = [c for c in office.app.station.clusters if c.thon == "thon_ha"]
    assert text.count("Chủ tịch xã nói chuyện") == len(here)
    sound = office.app.workspace.root / "loi.flac"
    sound.write_bytes(b"x" * 100)
    office.app.network.alarming.order(
        "van_hoa",
        office.app.network.emergency_key(),
        zones=["toan_xa"],
        text="Nước lũ đang lên.",
        sound=sound,
        repeats=1,
        drill=False,
    )
    text = browser.get("/hom-nay/phan").text
    assert text.count("KHẨN CẤP") == len(office.app.station.clusters)
    office.web.state.waiting.forget()
    assert "lệnh khẩn cấp chưa có người thứ hai ký" in browser.get("/hom-nay/phan").text


def test_what_was_measured_is_shown_with_its_level(office: Office) -> None:
    app = office.app
    now = app.clock.now()
    item = an_item("a", 0, 60)
    rundown = a_rundown([item], minutes=5)
    row = row_for(
        app.station.clusters[0].code,
        rundown,
        item,
        Outcome.AIRED,
        started_at=now - timedelta(seconds=30),
        ended_at=now,
        played_ms=Milliseconds(30_000),
        level=-18.25,
    )
    air = Air(SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace())), app, {})  # type: ignore[arg-type]
    assert air._measured(row.node, row).endswith("đã phát, −18,2 LUFS")
    assert air._measured("x", None) == "chưa đo được gì hôm nay"


def test_the_offices_own_player_is_seen_at_work(office: Office) -> None:
    node = office.app.station.clusters[0].code
    journal = office.app.journal(node)
    journal.begin("a", office.app.clock.now())
    journal.progress("a", Milliseconds(65_000), office.app.clock.now())
    office.web.state.player = SimpleNamespace(process_id=1, starts=1)
    office.web.state.player_node = node
    text = office.browser("van_hoa").get("/").text
    assert "đang ra loa, 1:05" in text
    assert "máy này, đang chạy" in text
    office.web.state.player = SimpleNamespace(process_id=None, starts=1)
    assert "máy này, đang khởi động lại" in office.browser("van_hoa").get("/").text


def test_a_node_that_is_cut_off_needs_a_person(office: Office) -> None:
    network, app = office.app.network, office.app
    code, _ = network.invite("van_hoa", "dong_1")
    from broadcaster.adapters.keys import fresh_key
    from broadcaster.services.distributing import request_to_join

    network.distributing.join(request_to_join(code, "dong_1", fresh_key().public), "x")
    browser = office.browser("van_hoa")
    assert "chưa liên lạc lần nào" in browser.get("/").text
    assert "bộ phát mất liên lạc" in browser.get("/").text
    network._registry.saw("dong_1", app.clock.now())
    office.web.state.waiting.forget()
    text = browser.get("/").text
    assert "đang nối" in text
    assert "bộ phát mất liên lạc" not in text
    event = {"number": 1, "at": app.clock.now().isoformat(), "code": "x", "severity": Severity.ERROR.value, "facts": {}}
    network._registry.add_events("dong_1", [event])
    office.web.state.waiting.forget()
    assert "bộ phát mất liên lạc" in browser.get("/").text


@pytest.mark.parametrize(("said", "count"), [("no", 1), ("yes", 0), ("–", 0)])
def test_a_clock_that_nobody_keeps_is_told(office: Office, said: str, count: int) -> None:
    office.web.state.waiting.synced = lambda: {"no": False, "yes": True}.get(said)
    assert office.browser("van_hoa").get("/").text.count("chưa đồng bộ") == count


def test_a_doubtful_reading_that_waits_for_consent_is_counted(office: Office) -> None:
    office.handed_in(office.browser("tu_phap"), body="Kính thưa bà con, hộ nào nợ 1.234 thì đến xã ABCX trước 3/4.")
    assert "chỗ đọc chưa chắc" in office.browser("van_hoa").get("/").text


def test_the_page_changes_by_itself_and_counts_down(office: Office, address: str, chromium: Browser) -> None:
    outside: list[str] = []
    page = opened(chromium, address, outside, "van_hoa", viewport={"width": 1280, "height": 900})
    assert page.get_by_text("Chủ tịch xã nói chuyện").count() == 0
    page.get_by_role("link", name="Mở lịch tuần").first.focus()
    a_live(office)
    page.get_by_text("Chủ tịch xã nói chuyện").first.wait_for(timeout=15_000)
    assert page.evaluate("document.activeElement.textContent") == "Mở lịch tuần", "the focus stays where it was"
    first = page.locator("time[data-den]").first.text_content()
    until(page, f"document.querySelector('time[data-den]').textContent !== {first!r}")
    assert outside == []
    office.web.state.closing.set()
    page.get_by_text("Mất nối với máy ở đài").wait_for(timeout=15_000)
    page.context.close()


def test_who_is_sent_away_hears_no_more(office: Office) -> None:
    browser = office.browser("van_hoa")
    heard: list[str] = []
    looked = threading.Event()
    tasks = office.web.state.waiting.tasks

    def seen() -> object:
        looked.set()
        return tasks()

    office.web.state.waiting = SimpleNamespace(tasks=seen)

    def listen() -> None:
        with browser.stream("GET", "/hom-nay/luong") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            heard.extend(answer.iter_lines())

    thread = threading.Thread(target=listen)
    thread.start()
    assert looked.wait(30)
    other = office.browser()
    other.cookies.update(browser.cookies)
    assert other.post("/dang-xuat", follow_redirects=False).status_code == 303
    thread.join(30)
    office.web.state.closing.set()
    assert not thread.is_alive()
    assert "event: het" in heard


def test_nobody_listens_without_being_inside(office: Office) -> None:
    assert office.browser().get("/hom-nay/luong", follow_redirects=False).status_code in {303, 401}
