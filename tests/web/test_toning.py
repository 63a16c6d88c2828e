"""Thử loa: who may, when it is refused, what the nodes answered; by keyboard, at 360 px."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from broadcaster.adapters.clock import VirtualClock
from broadcaster.adapters.keys import fresh_key
from broadcaster.bootstrap import App
from broadcaster.config import Settings
from broadcaster.domain.access import Account
from broadcaster.domain.tone import ToneOrder
from broadcaster.errors import Finding, Severity
from broadcaster.services.distributing import request_to_join
from broadcaster.units import plain
from tests.domain.values import START
from tests.web.conftest import SECRET, Office, workspace
from tests.web.test_browser import CHROMIUM, address, chromium, looked_at, opened

__all__ = ["address", "chromium"]

NODE, OTHER = "dong_1", "dong_2"


@pytest.fixture
def office(tmp_path: Path, root: Path) -> Office:
    settings: Settings = workspace(tmp_path, root).settings
    # Ten in the morning at the station.
    clock = VirtualClock(START.replace(hour=3, minute=0, second=0, microsecond=0))
    app = App(settings, clock)
    for code in ("quan_tri", "tu_phap", "van_hoa", "pho_chu_tich", "van_phong"):
        app.store.save_account(Account(code, SECRET, admin=code == "quan_tri", active=True, at=clock.now()))
    return Office(app)


def tones(office: Office) -> list[ToneOrder]:
    return list(office.app.network.toning.records())


def answer(office: Office, order: ToneOrder, code: str, **facts: object) -> None:
    """What a node of this cluster hands in."""
    network = office.app.network
    made, _ = network.invite("van_hoa", NODE)
    network.distributing.join(request_to_join(made, NODE, fresh_key().public), "test")
    finding = Finding(code, Severity.NOTE, facts={"tone": order.id, **facts})
    event = {"number": len(network.registry.events(NODE)) + 1, "at": office.app.clock.now(), **plain(finding)}
    network.registry.add_events(NODE, [plain(event)])


def test_an_operator_tries_a_zone_and_sees_what_each_cluster_answered(office: Office) -> None:
    operator = office.browser("van_hoa")
    sent = operator.post("/thu-loa", data={"vung": "thon_dong", "giay": "15"})
    assert (sent.status_code, "Đã gửi lệnh thử loa" in sent.text) == (200, True)
    (order,) = tones(office)
    assert (order.seconds, order.by, order.is_for(NODE), order.is_for("ha_1")) == (15, "van_hoa", True, False)
    assert operator.get("/thu-loa").text.count("chưa trả lời") == len(office.app.network.toning.clusters(order))
    answer(office, order, "tone.node_played", seconds=15, level="-16.1")
    text = operator.get("/thu-loa").text
    assert "Đã kêu đủ" in text
    assert "−16,1 dB" in text
    assert "Đã thử loa" in operator.get(f"/mang-loa/{NODE}").text
    assert "Lần thử gần nhất: 10:00" in operator.get("/mang-loa").text
    trail = office.browser("pho_chu_tich").get("/cai-dat/nhat-ky").text
    assert "thử loa" in trail


@pytest.mark.parametrize(
    ("code", "facts", "said"),
    [
        ("tone.node_cut", {"seconds": 4, "level": "-16.0", "cause": "emergency"}, "Bị ngắt sau 4 giây: nhường bản tin"),
        ("tone.node_kept", {"cause": "quiet_hours"}, "Không thử: giờ yên tĩnh"),
        ("tone.node_session", {}, "đang hoặc sắp có buổi phát"),
    ],
)
def test_why_a_loudspeaker_was_not_heard_is_said(
    office: Office, code: str, facts: dict[str, object], said: str
) -> None:
    operator = office.browser("van_hoa")
    operator.post("/thu-loa", data={"cum": NODE})
    (order,) = tones(office)
    answer(office, order, code, **facts)
    assert said in operator.get("/thu-loa").text


def test_what_must_not_sound_is_refused_in_words_and_nothing_goes_out(office: Office) -> None:
    operator = office.browser("van_hoa")
    day = office.app.station.local(office.app.clock.now()).date()
    office.app.curbing.mute("van_hoa", [NODE], day, None, "Đám tang")
    for data, said in (
        ({"cum": NODE}, "đang tắt tạm"),
        ({}, "Chọn ít nhất một vùng"),
        ({"cum": "khong"}, "Không có cụm loa"),
        ({"vung": "khong"}, "Không có vùng"),
        ({"cum": OTHER, "giay": "31"}, "từ 5 đến 30 giây"),
    ):
        refused = operator.post("/thu-loa", data=data)
        assert (refused.status_code, said in refused.text) == (422, True), (data, refused.text)
    assert tones(office) == []
    partly = operator.post("/thu-loa", data={"vung": "thon_dong"})
    assert "Đang tắt tạm nên không thử" in partly.text
    assert not tones(office)[0].is_for(NODE)
    again = operator.post("/thu-loa", data={"cum": OTHER})
    assert (again.status_code, "Đang thử loa" in again.text) == (422, True)
    office.app.clock.step(timedelta(hours=12))  # type: ignore[attr-defined]
    night = office.browser("van_hoa").post("/thu-loa", data={"cum": OTHER})
    assert (night.status_code, "giờ yên tĩnh" in night.text) == (422, True)
    assert len(tones(office)) == 1


def test_who_may_look_and_who_may_try(office: Office) -> None:
    for who in ("tu_phap", "van_phong", "quan_tri"):
        browser = office.browser(who)
        assert "Thử loa ngay" not in browser.get("/thu-loa").text
        assert browser.post("/thu-loa", data={"cum": NODE}).status_code == 403
    assert tones(office) == []
    assert office.browser("pho_chu_tich").post("/thu-loa", data={"cum": NODE}).status_code == 200
    assert office.browser().post("/thu-loa", data={"cum": NODE}).status_code == 401


@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
def test_a_cluster_is_tried_with_the_keyboard(office: Office, address: str, chromium: Browser) -> None:
    outside: list[str] = []
    page = opened(chromium, address, outside, "van_hoa", viewport={"width": 360, "height": 800})
    page.goto(f"{address}/mang-loa/{NODE}")
    page.get_by_role("link", name="Thử loa cụm này").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Thử loa", exact=True).wait_for()
    assert page.locator(f"input[value={NODE}]").is_checked()
    page.locator("#giay").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.get_by_text("Đã gửi lệnh thử loa").wait_for()
    (order,) = tones(office)
    assert (order.nodes, order.seconds) == ((NODE,), 11)
    answer(office, order, "tone.node_played", seconds=11, level="-16.1")
    page.goto(f"{address}/thu-loa")
    found = looked_at(page, "thu_loa")
    assert found == []
    assert outside == []
    page.context.close()
