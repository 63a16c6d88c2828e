"""Mutes and caps given from day to day: what is kept, what a lifted mute had muted, what damage is told."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.curb import Curbs, cap_line, curbed, curbs_from, lift_line, mute_line
from broadcaster.domain.days import LAST_MINUTE, MIDNIGHT, Mute
from broadcaster.domain.limits import limits_of
from tests.domain.values import a_station

ZONE = "Asia/Ho_Chi_Minh"
DAY = date(2026, 11, 23)
AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def a_mute(**changed: object) -> Mute:
    values = {
        "clusters": frozenset({"dong_1"}),
        "first": DAY,
        "last": DAY + timedelta(days=3),
        "start": MIDNIGHT,
        "end": LAST_MINUTE,
        "reason": "Đám tang",
    }
    return Mute(**(values | changed))  # type: ignore[arg-type]


days = st.dates(DAY - timedelta(days=3), DAY + timedelta(days=9))
moments = st.times(time(0, 0), time(23, 59)).map(lambda t: t.replace(second=0, microsecond=0))


@given(
    first=days,
    length=st.integers(0, 5),
    start=moments,
    end=moments,
    at=st.integers(-3 * 24 * 60, 13 * 24 * 60).map(lambda minutes: AT + timedelta(minutes=minutes)),
    day=days,
    moment=moments,
)
def test_a_lifted_mute_was_mute_before_and_is_not_after(
    first: date, length: int, start: time, end: time, at: datetime, day: date, moment: time
) -> None:
    start, end = min(start, end), max(start, end)
    mute = a_mute(first=first, last=first + timedelta(days=length), start=start, end=end)
    [order] = curbs_from([mute_line(mute, "nam", AT), lift_line(1, "xong", "hoa", at)]).mutes
    left = list(order.mutes(ZONE))
    local = (at + timedelta(hours=7)).replace(tzinfo=None, microsecond=0)
    asked = datetime.combine(day, moment)
    second = (asked + timedelta(seconds=1)).time()
    before = any(one.touches(day, moment, second) for one in left)
    if asked + timedelta(seconds=1) <= local:
        assert before == mute.touches(day, moment, second)
    elif asked >= local:
        assert not before
    assert (order.lifted_by, order.lifted_why) == ("hoa", "xong")


def test_the_last_cap_counts_and_every_decision_stays() -> None:
    station = a_station()
    code = station.clusters[0].code
    lines = [
        mute_line(a_mute(clusters=frozenset({code}), start=time(9), end=time(11, 30)), "nam", AT),
        cap_line(code, -6.0, "Gần trạm y tế", "nam", AT),
        cap_line(code, -3.5, "Vừa đủ nghe", "hoa", AT + timedelta(hours=1)),
    ]
    curbs = curbs_from(lines)
    assert curbs.count == 3
    assert [order.by for order in curbs.caps] == ["nam", "hoa"]
    limits = limits_of(curbed(station, curbs), code)
    assert limits.volume_cap_db == -3.5
    assert [(one.first, one.start, one.end) for one in limits.mutes] == [(DAY, time(9), time(11, 30))]
    others = [one.code for one in station.clusters[1:]]
    assert all(limits_of(curbed(station, curbs), one) == limits_of(station, one) for one in others)
    assert curbed(station, curbs).hash != station.hash
    assert curbed(station, Curbs()) is station


@pytest.mark.parametrize(
    "line",
    [
        "",
        "null",
        "[]",
        "{",
        '{"what":"tat"}',
        lift_line(9, "x", "nam", AT),
        cap_line("dong_1", 3.0, "x", "nam", AT),
        cap_line("dong_1", -41.0, "x", "nam", AT),
        cap_line("dong_1", -3.0, "x", "nam", AT).replace("-3.0", "true"),
        mute_line(a_mute(), "nam", AT).replace("2026-11-23", "2026-11-99"),
        mute_line(a_mute(), "nam", AT).replace("Z", ""),
    ],
)
def test_a_damaged_line_is_named_and_not_passed_over(line: str) -> None:
    with pytest.raises(ValueError, match=r"^2$"):
        curbs_from([mute_line(a_mute(), "nam", AT), line])
