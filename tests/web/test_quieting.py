"""Tắt loa on the pages: who may, what is refused, what is told when two do it at once, and what reaches a node."""

import json
import re
from datetime import date, timedelta

import pytest

from broadcaster.bootstrap import App
from broadcaster.domain.limits import Limits, limits_from
from broadcaster.domain.manifest import PieceKind
from tests.web.conftest import Office
from tests.web.test_network import joined


def fields(office: Office, **changed: object) -> dict[str, object]:
    day = office.app.station.local(office.app.clock.now()).date() + timedelta(days=1)
    text = office.browser("van_phong").get("/tat-loa").text
    version = re.search(r'name="phien_ban" value="(\d+)"', text)
    given = {
        "cum": ["dong_1", "dong_2"],
        "tu": day.isoformat(),
        "den": (day + timedelta(days=1)).isoformat(),
        "ly_do": "Đám tang <b>cụ An</b>",
        "phien_ban": version[1] if version else str(office.app.curbing.curbs().count),
    }
    return given | changed


def sent_limits(office: Office, node: str) -> Limits:
    """What the node's last manifest lets it read."""
    registry = office.app.network._registry
    office.app.network.push(force=True)
    [letter] = office.app.network.distributing.letters(node, 0, 0)
    manifest = json.loads(letter.partition(b"\n")[2])
    [sha256] = [piece["sha256"] for piece in manifest["pieces"] if piece["kind"] == PieceKind.LIMITS.value]
    return limits_from(registry.file(sha256).read_text(encoding="utf-8"))


def test_a_mute_reaches_the_node_and_ends_when_somebody_says_so(office: Office) -> None:
    joined(office)
    operator = office.browser("van_hoa")
    assert sent_limits(office, "dong_1").mutes == ()
    done = operator.post("/tat-loa", data=fields(office, tu_gio="09:00", den_gio="11:30"))
    assert "Đã ghi: loa sẽ tắt" in done.text
    assert "Đám tang &lt;b&gt;cụ An&lt;/b&gt;" in done.text
    assert "Lê Thị Thanh" in done.text
    (mute,) = sent_limits(office, "dong_1").mutes
    assert (mute.start.hour, mute.end.hour, mute.end.minute) == (9, 11, 30)
    assert "Nhà văn hóa thôn Đông" in operator.get("/mang-loa").text
    leader = office.browser("pho_chu_tich")
    lifted = leader.post("/tat-loa/1/thoi", data={"ly_do": "Xong lễ", "phien_ban": "1"})
    assert "Đã ghi: loa phát lại." in lifted.text
    assert "Xong lễ" in lifted.text
    assert sent_limits(office, "dong_1").mutes == ()
    assert leader.post("/tat-loa/1/thoi", data={"ly_do": "Lần nữa", "phien_ban": "2"}).status_code == 422


def test_what_the_console_decides_another_process_heeds(office: Office) -> None:
    other = App(office.app.settings)
    assert other.limits("dong_1").mutes == ()
    office.browser("van_hoa").post("/tat-loa", data=fields(office))
    assert len(other.limits("dong_1").mutes) == 1
    assert other.limits("ha_1").mutes == ()
    planning = other.planning
    assert other.renew() is False
    assert other.planning is planning
    office.browser("van_hoa").post("/mang-loa/dong_1/do-to", data={"nho_hon": "6", "ly_do": "x", "phien_ban": "1"})
    assert other.limits("dong_1").volume_cap_db == -6
    assert other.planning is not planning
    other.close()


def test_a_damaged_notebook_ends_no_air_and_is_told(office: Office) -> None:
    office.browser("van_hoa").post("/tat-loa", data=fields(office))
    before = office.app.limits("dong_1")
    path = office.app.workspace.curbs_file
    path.write_text(path.read_text(encoding="utf-8") + "{}\n", encoding="utf-8")
    assert office.app.limits("dong_1") == before
    answer = office.browser("van_phong").get("/tat-loa")
    assert answer.status_code == 422
    assert "hỏng ở dòng 2" in answer.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"cum": []}, "ít nhất một cụm"),
        ({"cum": ["khong_co"]}, "ít nhất một cụm"),
        ({"tu": "2020-01-01", "den": "2020-01-02"}, "đã qua"),
        ({"tu": ""}, "Ghi ngày bắt đầu"),
        ({"tu": "mai"}, "Ghi ngày bắt đầu"),
        ({"den": "2020-01-02"}, "Ghi ngày bắt đầu"),
        ({"den": "2099-01-02"}, "tối đa 366 ngày"),
        ({"tu_gio": "11:00", "den_gio": "09:00"}, "Giờ kết thúc"),
        ({"tu_gio": "25:00"}, "Giờ kết thúc"),
        ({"ly_do": " "}, "Ghi lý do"),
        ({"ly_do": "x" * 301}, "Ghi lý do"),
        ({"ly_do": "a\x00b"}, "Ghi lý do"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(office: Office, changed: dict[str, object], said: str) -> None:
    answer = office.browser("van_hoa").post("/tat-loa", data=fields(office, **changed))
    assert answer.status_code == 422
    assert said in answer.text
    if "ly_do" not in changed:
        assert "Đám tang &lt;b&gt;cụ An" in answer.text
    assert office.app.curbing.curbs().count == 0
    assert not office.app.workspace.curbs_file.exists()


def test_who_decides_second_is_told(office: Office) -> None:
    one, other = office.browser("van_hoa"), office.browser("pho_chu_tich")
    given = fields(office)
    assert one.post("/tat-loa", data=given).status_code == 200
    refused = other.post("/tat-loa", data=given)
    assert refused.status_code == 409
    assert "Vừa có người khác thay đổi" in refused.text
    assert 'name="phien_ban" value="1"' in refused.text  # what was typed can be sent again, knowing of the other
    assert other.post("/tat-loa/1/thoi", data={"ly_do": "x", "phien_ban": "0"}).status_code == 409
    assert other.post("/mang-loa/dong_1/do-to", data={"nho_hon": "3", "ly_do": "x"}).status_code == 409
    assert office.app.curbing.curbs().count == 1


@pytest.mark.parametrize("who", ["tu_phap", "van_phong", "quan_tri"])
def test_others_see_it_and_cannot_change_it(office: Office, who: str) -> None:
    browser = office.browser(who)
    assert browser.post("/tat-loa", data=fields(office)).status_code == 403
    assert browser.post("/tat-loa/1/thoi", data={"ly_do": "x"}).status_code == 403
    assert browser.post("/mang-loa/dong_1/do-to", data={"nho_hon": "3", "ly_do": "x"}).status_code == 403
    text = browser.get("/tat-loa").text
    assert "Tắt thêm" not in text
    assert office.app.curbing.curbs().count == 0


@pytest.mark.parametrize(("given", "status"), [("6.5", 200), ("0", 200), ("40", 200), ("41", 422), ("-1", 422)])
def test_a_cap_is_within_what_is_heard(office: Office, given: str, status: int) -> None:
    data = {"nho_hon": given, "ly_do": "Gần trạm y tế", "phien_ban": "0"}
    answer = office.browser("van_hoa").post("/mang-loa/dong_1/do-to", data=data)
    assert answer.status_code == status
    kept = office.app.station.cluster_by_code["dong_1"].volume_cap_db
    assert kept == (-float(given) if status == 200 else 0.0)
    if status == 200:
        assert "Gần trạm y tế" in answer.text
    assert office.browser("van_hoa").post("/mang-loa/khong_co/do-to", data=data).status_code == 404


def test_a_plan_made_after_a_mute_knows_of_it(office: Office) -> None:
    zone = next(zone for zone in office.app.planning.station.air_zones() if "dong_1" in zone.clusters)
    operator = office.browser("van_hoa")
    given = fields(office)
    day = date.fromisoformat(str(given["tu"]))
    session = office.app.station.sessions_on(day)[0]
    assert "dong_1" in office.app.planning.station.reached(zone, day, session)
    operator.post("/tat-loa", data=given)
    assert "dong_1" not in office.app.planning.station.reached(zone, day, session)
