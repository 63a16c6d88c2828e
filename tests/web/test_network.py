"""Mạng loa on the pages: a code shown once, what a node told in words, throwing out after a question, the sketch."""

import re
from datetime import timedelta
from typing import Any

import pytest

from broadcaster.adapters.keys import fresh_key
from broadcaster.domain.enrolment import DeedKind, Member
from broadcaster.domain.station import Cluster, Spot
from broadcaster.services.distributing import request_to_join, welcome
from broadcaster.web.mapping import HEIGHT, MARGIN, WIDTH, dots
from tests.web.conftest import Office


def joined(office: Office, node: str = "dong_1") -> str:
    """A node that joined with the code from the page; its public key."""
    text = office.browser("van_hoa").post(f"/mang-loa/{node}/ma").text
    found = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", text)
    assert found, text
    key = fresh_key()
    answer = office.app.network.distributing.join(request_to_join(found[0], node, key.public), "a")
    assert welcome(answer, found[0], node, key.public)["station"] == office.app.station.code
    return key.public.hex()


def told(office: Office, number: int, code: str, severity: str, facts: Any) -> None:
    event = {"number": number, "at": office.app.clock.now(), "code": code, "severity": severity, "facts": facts}
    office.app.network._registry.add_events("dong_1", [event])


def test_a_code_is_on_one_page_only_and_lets_a_node_in(office: Office) -> None:
    operator = office.browser("van_hoa")
    assert "chưa có máy" in operator.get("/mang-loa/dong_1").text
    text = operator.post("/mang-loa/dong_1/ma").text
    code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", text)
    assert code
    assert "broadcaster network join http://ĐỊA_CHỈ_MÁY_ĐÀI:8710 --node dong_1" in text
    page = operator.get("/mang-loa/dong_1").text
    assert "chờ nhập mã" in page
    assert code[0] not in page + operator.get("/mang-loa").text
    assert all(code[0].encode() not in p.read_bytes() for p in office.app.network.folder.rglob("*") if p.is_file())
    joined(office)
    page = operator.get("/mang-loa/dong_1").text
    assert "cấp mã một lần" in page
    assert "Lê Thị Thanh" in page
    assert [deed.what for deed in office.app.network._registry.deeds()] == [*[DeedKind.CODE] * 2, DeedKind.JOINED]


def test_a_node_is_connected_until_it_has_been_silent_for_a_quarter_of_an_hour(office: Office) -> None:
    public = joined(office)
    browser = office.browser("van_phong")
    assert "đang nối" in browser.get("/mang-loa/dong_1").text
    registry, now = office.app.network._registry, office.app.clock.now()
    registry.keep_member(Member("dong_1", public, now - timedelta(days=1)))
    registry.saw("dong_1", now - timedelta(minutes=16))
    assert "mất liên lạc" in browser.get("/mang-loa/dong_1").text
    registry.saw("dong_1", now - timedelta(minutes=14))
    assert "đang nối" in browser.get("/mang-loa/dong_1").text


def test_throwing_out_asks_first_and_takes_only_the_node_that_was_shown(office: Office) -> None:
    first = joined(office)
    leader = office.browser("pho_chu_tich")
    assert first in leader.get("/mang-loa/dong_1/thu-hoi").text
    second = joined(office)  # another machine in its place, since the question was asked
    refused = leader.post("/mang-loa/dong_1/thu-hoi", data={"khoa": first})
    assert refused.status_code == 409
    assert "vừa thay đổi" in refused.text
    assert office.app.network.distributing.members()[0].revoked is None
    done = leader.post("/mang-loa/dong_1/thu-hoi", data={"khoa": second})
    assert "Đã thu hồi bộ phát." in done.text
    (member,) = office.app.network.distributing.members()
    assert (member.by, member.revoked is not None) == ("pho_chu_tich", True)
    assert leader.post("/mang-loa/dong_1/thu-hoi", data={"khoa": second}).status_code == 404
    assert leader.get("/mang-loa/dong_1/thu-hoi").status_code == 404


@pytest.mark.parametrize("who", ["tu_phap", "van_phong", "quan_tri"])
def test_only_who_looks_after_the_station_does_it(office: Office, who: str) -> None:
    public = joined(office)
    browser = office.browser(who)
    assert browser.post("/mang-loa/dong_1/ma").status_code == 403
    assert browser.post("/mang-loa/dong_1/thu-hoi", data={"khoa": public}).status_code == 403
    assert browser.get("/mang-loa/dong_1/thu-hoi").status_code == 403
    assert "Thu hồi bộ phát" not in browser.get("/mang-loa/dong_1").text
    assert office.app.network.distributing.members()[0].revoked is None


def test_what_a_node_told_is_in_words_and_what_it_makes_up_is_not_believed(office: Office) -> None:
    joined(office)
    told(office, 1, "link.gone", "error", {"file": "abc.flac"})
    told(office, 2, "node.from_the_future", "error", {"x": 1})
    told(office, 3, "link.gone", "error", {"file": "a", "language": "<script>"})
    told(office, 4, "link.gone", "loud", "nothing")
    browser = office.browser("van_phong")
    page = browser.get("/mang-loa/dong_1").text
    assert "Đài không còn tệp abc.flac." in page
    assert page.count("đài chưa biết mã này") == 3
    assert "<script>" not in page
    listed = browser.get("/mang-loa").text
    assert "Cần xem" in listed
    assert "1 lỗi" in listed


def test_a_cluster_that_the_station_does_not_have_is_no_page(office: Office) -> None:
    operator = office.browser("van_hoa")
    assert operator.get("/mang-loa/khong_co").status_code == 404
    assert operator.post("/mang-loa/khong_co/ma").status_code == 404
    assert operator.post("/mang-loa/khong_co/thu-hoi").status_code == 404


def a_cluster(code: str, latitude: float, longitude: float) -> Cluster:
    return Cluster(code, code, "thon", spot=Spot(latitude, longitude))


def test_the_sketch_has_north_up_one_scale_and_stays_within_its_margin() -> None:
    places = [a_cluster("nam", 20.0, 106.0), a_cluster("bac", 20.1, 106.0), a_cluster("dong", 20.05, 106.02)]
    found = {dot.cluster: dot for dot in dots([*places, Cluster("x", "x", "thon")])}
    assert set(found) == {"nam", "bac", "dong"}
    assert found["bac"].y == MARGIN
    assert found["nam"].y == HEIGHT - MARGIN
    assert found["dong"].x > found["nam"].x == found["bac"].x
    east, north = found["dong"].x - found["nam"].x, found["nam"].y - found["bac"].y
    assert east / north == pytest.approx(0.2 * 0.9395, rel=0.01)  # cos 20.05°
    assert all(MARGIN <= dot.x <= WIDTH - MARGIN for dot in found.values())
    assert dots([]) == []
    [alone] = dots([a_cluster("x", 20.0, 106.0)])
    assert (alone.x, alone.y) == (WIDTH / 2, HEIGHT / 2)
