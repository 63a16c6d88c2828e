"""Báo tin cho chương trình khác on the pages: who sees it, who sends a test, and that nobody waits for a receiver."""

from collections.abc import Iterator

import pytest

from broadcaster.adapters.clock import monotonic, sleep
from broadcaster.domain.webhook import Standing
from broadcaster.errors import BroadcasterError
from tests.services.receiver import Receiver
from tests.web.conftest import Office, subject_in

SECRET = "ma-kin-trong-dia-chi"  # noqa: S105 - a test's


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def registered(office: Office, url: str, *, secret: bool = True) -> None:
    text = f'[[webhook]]\ncode = "cong"\nurl = "{url}?t={SECRET}"\nevents = ["bulletin.approved"]\n'
    office.app.workspace.webhook_file.write_text(text, encoding="utf-8")
    if secret:
        office.app.webhooks.secret("cong")


def test_without_receivers_the_page_says_how_to_have_one(office: Office) -> None:
    text = office.browser("van_phong").get("/cai-dat/bao-tin").text
    assert "Chưa có nơi nhận nào." in text
    assert "broadcaster webhook secret" in text
    assert 'href="/cai-dat/bao-tin"' in office.browser("van_phong").get("/cai-dat").text


def test_a_receiver_is_listed_without_what_may_be_a_password(office: Office) -> None:
    registered(office, "https://ten:mat-khau@may.example.vn/in", secret=False)
    text = office.browser("van_phong").get("/cai-dat/bao-tin").text
    assert "https://may.example.vn" in text
    assert "bản tin được duyệt" in text
    assert "chưa có khóa ký" in text
    assert SECRET not in text
    assert "mat-khau" not in text.replace("/cai-dat/mat-khau", "")
    assert "Gửi thử đến" not in text, "an administrator's button"


def test_only_an_administrator_sends_a_test_and_waits_for_nobody(office: Office, receiver: Receiver) -> None:
    registered(office, receiver.url)
    receiver.slow = True
    for who in ("tu_phap", "van_hoa", "pho_chu_tich", "van_phong"):
        assert office.browser(who).post("/cai-dat/bao-tin/cong/thu").status_code == 403
    admin = office.browser("quan_tri")
    assert "Gửi thử đến cong" in admin.get("/cai-dat/bao-tin").text
    shown = admin.post("/cai-dat/bao-tin/cong/thu")
    assert "Đã xếp tin thử" in shown.text
    assert receiver.got == [], "the page has asked no other machine"
    assert office.app.webhooks.waiting("cong") == 1
    assert admin.post("/cai-dat/bao-tin/khong_co/thu").status_code == 404


def test_a_test_without_a_secret_is_one_message(office: Office, receiver: Receiver) -> None:
    registered(office, receiver.url, secret=False)
    shown = office.browser("quan_tri").post("/cai-dat/bao-tin/cong/thu")
    assert shown.status_code == 422
    assert "broadcaster webhook secret cong" in shown.text
    assert office.app.webhooks.waiting("cong") == 0


def test_a_file_that_cannot_be_read_is_told_on_the_page_and_among_what_waits(office: Office) -> None:
    office.app.workspace.webhook_file.write_text('[[webhook]]\ncode = "a"\nurl = "x"\n', encoding="utf-8")
    browser = office.browser("van_hoa")
    text = browser.get("/cai-dat/bao-tin").text
    assert "phải viết như https://" in text
    assert "nơi nhận tin báo không nhận được" in browser.get("/hom-nay/phan").text


def test_a_receiver_in_trouble_is_among_what_waits(office: Office) -> None:
    registered(office, "https://may.example.vn/in")
    browser = office.browser("van_hoa")
    assert "nơi nhận tin báo" not in browser.get("/hom-nay/phan").text
    now = office.app.clock.now()
    office.app.webhooks._outbox.keep_standing("cong", Standing(failed_at=now, why="HTTP 500"))
    office.web.state.waiting.forget()
    assert "nơi nhận tin báo không nhận được" in browser.get("/hom-nay/phan").text
    assert "không nhận được: HTTP 500" in browser.get("/cai-dat/bao-tin").text


def test_a_leaders_consent_reaches_the_receiver(office: Office, receiver: Receiver) -> None:
    registered(office, receiver.url)
    webhooks = office.app.webhooks
    webhooks._look_s = webhooks._turn_s = 0.05
    author, leader = office.browser("tu_phap"), office.browser("pho_chu_tich")
    failed: list[BroadcasterError] = []
    with webhooks.running(failed.append):
        until = monotonic() + 30
        while not (office.app.workspace.outbox / "da_xem.json").exists() and monotonic() < until:
            sleep(0.02)
        code = office.handed_in(author)
        text = leader.get(f"/duyet/{code}").text
        assert leader.post(f"/duyet/{code}/dong-y", data={"noi_dung": subject_in(text)}).status_code == 200
        while not receiver.got and monotonic() < until:
            sleep(0.02)
    assert failed == []
    [got] = receiver.got
    assert got.told["type"] == "bulletin.approved"
    assert got.told["data"] == {"bulletin": code, "title": "Họp thôn Đông", "by": "pho_chu_tich"}
    assert "nhận tốt" in leader.get("/cai-dat/bao-tin").text
