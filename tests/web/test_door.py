"""Coming in: set-up code, passwords, sessions, roles, origin."""

import unicodedata
from pathlib import Path

import pytest

from broadcaster.domain.station import Role
from broadcaster.errors import ConfigError
from tests.web.conftest import CODE, PASSWORD, Office, workspace

NEW = {"ma": "quan_tri", "mat_khau": PASSWORD}


def test_the_first_account_needs_the_printed_code_and_it_is_good_once(tmp_path: Path, root: Path) -> None:
    office = Office(workspace(tmp_path, root))
    browser = office.browser()
    assert browser.get("/").url.path == "/cai-dat-lan-dau"
    assert browser.post("/cai-dat-lan-dau", data={**NEW, "cai_dat": "sai"}).status_code == 401
    assert not office.app.store.accounts()
    # An approver cannot become the administrator.
    refused = browser.post("/cai-dat-lan-dau", data={**NEW, "cai_dat": CODE, "ma": "pho_chu_tich"})
    assert refused.status_code == 422
    assert "không được kiêm quản trị" in refused.text
    done = browser.post("/cai-dat-lan-dau", data={**NEW, "cai_dat": CODE})
    assert done.url.path == "/cai-dat"
    again = office.browser().post("/cai-dat-lan-dau", data={**NEW, "ma": "ke_gian", "cai_dat": CODE})
    assert again.status_code == 401
    assert [account.code for account in office.app.store.accounts()] == ["quan_tri"]
    office.app.close()


def test_a_password_is_the_same_in_either_unicode_form(office: Office) -> None:
    typed = {"ma": "tu_phap", "mat_khau": unicodedata.normalize("NFD", PASSWORD)}
    assert office.browser().post("/dang-nhap", data=typed, follow_redirects=False).status_code == 303
    assert PASSWORD not in office.app.store.accounts()[0].secret


def test_nobody_gets_in_without_logging_in(office: Office) -> None:
    outside = office.browser()
    for path in ("/", "/ban-tin", "/duyet", "/lich", "/thoi-luong", "/mang-loa", "/cai-dat"):
        assert outside.get(path).url.path == "/dang-nhap", path
    assert outside.get("/api/v1/bulletins").status_code == 401
    assert outside.post("/ban-tin", data=office.fields()).status_code == 401
    assert not office.app.store.bulletins()


def test_wrong_passwords_are_braked_and_unknown_codes_told_alike(office: Office) -> None:
    browser = office.browser()
    answers = [browser.post("/dang-nhap", data={"ma": m, "mat_khau": "sai"}) for m in ("tu_phap", "khong_co")]
    assert {a.status_code for a in answers} == {401}
    assert answers[0].text.replace("tu_phap", "") == answers[1].text.replace("khong_co", "")
    for _ in range(3):
        browser.post("/dang-nhap", data={"ma": "tu_phap", "mat_khau": "sai"})
    right = browser.post("/dang-nhap", data={"ma": "tu_phap", "mat_khau": PASSWORD})
    assert right.status_code == 429
    assert "Chờ" in right.text


def test_logging_out_ends_the_session_on_the_server(office: Office) -> None:
    browser = office.browser("tu_phap")
    token = browser.cookies["phien"]
    browser.post("/dang-xuat")
    thief = office.browser()
    thief.cookies.set("phien", token)
    assert thief.get("/").url.path == "/dang-nhap"


def test_another_browser_can_be_shown_out(office: Office) -> None:
    phone, desk = office.browser("tu_phap"), office.browser("tu_phap")
    first = office.app.entering.sessions("tu_phap")[0].token
    stranger = office.browser("van_hoa")
    stranger.post(f"/cai-dat/phien/{first}/ket-thuc")
    assert phone.get("/").url.path == "/"  # nobody ends another person's
    desk.post(f"/cai-dat/phien/{first}/ket-thuc")
    assert phone.get("/").url.path == "/dang-nhap"
    assert desk.get("/").url.path == "/"


def test_a_changed_password_ends_every_session(office: Office) -> None:
    one, other = office.browser("tu_phap"), office.browser("tu_phap")
    assert one.post("/cai-dat/mat-khau", data={"cu": "sai rồi", "moi": "một câu khác hẳn"}).status_code == 401
    assert one.post("/cai-dat/mat-khau", data={"cu": PASSWORD, "moi": "ngắn"}).status_code == 422
    one.post("/cai-dat/mat-khau", data={"cu": PASSWORD, "moi": "một câu khác hẳn"})
    assert {one.get("/").url.path, other.get("/").url.path} == {"/dang-nhap"}
    old = office.browser().post("/dang-nhap", data={"ma": "tu_phap", "mat_khau": PASSWORD})
    assert old.status_code == 401


def test_a_locked_account_is_out_at_once_and_the_last_administrator_stays(office: Office) -> None:
    admin, author = office.browser("quan_tri"), office.browser("tu_phap")
    admin.post("/cai-dat/tai-khoan/tu_phap/khoa")
    assert author.get("/").url.path == "/dang-nhap"
    assert admin.post("/cai-dat/tai-khoan/quan_tri/khoa").status_code == 422
    assert author.post("/cai-dat/tai-khoan/tu_phap/khoa", data={"mo": "1"}).status_code == 401


def test_only_an_administrator_opens_accounts_and_never_one_that_approves_and_administers(office: Office) -> None:
    new = {"ma": "van_phong", "mat_khau": PASSWORD}
    assert office.browser("tu_phap").post("/cai-dat/tai-khoan", data=new).status_code == 403
    admin = office.browser("quan_tri")
    assert "đã có tài khoản" in admin.post("/cai-dat/tai-khoan", data=new).text
    with pytest.raises(ConfigError) as caught:
        office.app.entering.add("khong_ai", PASSWORD, admin=False)
    assert caught.value.code == "account.person"
    visitor = office.app.entering.visitor(admin.cookies["phien"])
    assert visitor is not None
    assert visitor.admin
    assert not visitor.may(*Role)


@pytest.mark.parametrize("origin", ["", "http://evil.example", "null", "http://testserver.evil.example"])
def test_a_write_from_another_page_is_refused(office: Office, origin: str) -> None:
    browser = office.browser("tu_phap")
    answer = browser.post("/ban-tin", data=office.fields(), headers={"origin": origin})
    assert answer.status_code == 403
    assert not office.app.store.bulletins()


@pytest.mark.parametrize("where", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_logging_in_leads_to_our_own_pages_only(office: Office, where: str) -> None:
    fields = {"ma": "tu_phap", "mat_khau": PASSWORD, "tiep": where}
    answer = office.browser().post("/dang-nhap", data=fields, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_every_answer_carries_the_headers(office: Office) -> None:
    browser = office.browser("tu_phap")
    answers = [browser.get(path) for path in ("/", "/tinh/console.css", "/khong-co", "/api/v1/bulletins")]
    assert answers[2].status_code == 404
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
    nonces = {a.headers["content-security-policy"].split("nonce-")[1].split("'")[0] for a in answers}
    assert len(nonces) == len(answers)
    cookie = office.browser().post("/dang-nhap", data={"ma": "tu_phap", "mat_khau": PASSWORD}, follow_redirects=False)
    assert "HttpOnly" in cookie.headers["set-cookie"]
    assert "samesite=lax" in cookie.headers["set-cookie"].lower()
