"""A node's own limits: what the station's file says arrives at the node, and strange text is refused."""

import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.asrun import Cause
from broadcaster.domain.days import Mute
from broadcaster.domain.limits import Limits, limits_from, limits_of, limits_text
from broadcaster.domain.station import Cluster, QuietHours
from broadcaster.units import Milliseconds
from tests.domain.values import MONDAY, a_station

times = st.times().map(lambda moment: moment.replace(tzinfo=None, fold=0))
mutes = st.builds(
    lambda first, days, start, end: Mute(frozenset(), first, first + timedelta(days=days), start, end),
    st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.integers(0, 9), times, times,
)  # fmt: skip
limits = st.builds(
    Limits,
    quiet=st.builds(QuietHours, times, times),
    mutes=st.lists(mutes, max_size=3).map(tuple),
    volume_cap_db=st.floats(-40, 0, allow_nan=False),
    longest_wait=st.integers(0, 86_400_000).map(Milliseconds),
)


@given(limits)
def test_what_is_sent_arrives(given_: Limits) -> None:
    assert limits_from(limits_text(given_)) == given_


@given(limits, st.integers(0, 4 * 365 * 86_400), st.integers(1, 7200))
def test_what_sounds_after_the_limits_sounds_at_no_muted_moment(given_: Limits, start: int, seconds: int) -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=start)
    last = first + timedelta(seconds=seconds)
    if given_.hush(first, last) is not None:
        return
    moments = [first + timedelta(seconds=seconds * n / 40) for n in range(40)]
    for moment in moments:
        local = moment + timedelta(hours=7)
        assert not given_.quiet.covers(local.time().replace(tzinfo=None))
        assert not any(m.first <= local.date() <= m.last and m.start <= local.time() < m.end for m in given_.mutes)


def test_a_cluster_has_its_own_mutes_and_its_cap() -> None:
    funeral = Mute(frozenset({"dong_1"}), MONDAY, MONDAY, time(6, 30), time(8), "tang")
    loud, soft = Cluster("doai_1", "a", "thon_doai"), Cluster("dong_1", "b", "thon_dong", volume_cap_db=-6.0)
    station = a_station(mutes=(funeral,), clusters=(loud, soft))
    assert limits_of(station, "dong_1").mutes == (funeral,)
    assert limits_of(station, "dong_1").volume_cap_db == -6
    assert limits_of(station, "doai_1") == Limits(station.timezone, station.quiet)
    assert limits_of(station, "khong_co") == Limits(station.timezone, station.quiet)


@pytest.mark.parametrize(
    "change",
    [
        {"volume_cap_db": 3},
        {"longest_wait_ms": -1},
        {"longest_wait_ms": 1.5},
        {"longest_wait_ms": 86_400_001},
        {"volume_cap_db": -41},
        {"volume_cap_db": True},
        {"volume_cap_db": float("nan")},
        {"timezone": "Asia/Khong_Co"},
        {"timezone": "../../etc/passwd"},
        {"quiet": ["25:00", "05:00"]},
        {"quiet": ["21:00"]},
        {"quiet": None},
        {"mutes": [["2026-01-01", "2026-01-02", "06:00"]]},
        {"mutes": [1]},
        {"more": 1},
    ],
)
def test_what_is_no_limits_is_refused(change: dict[str, object]) -> None:
    data = {**json.loads(limits_text(Limits())), **change}
    with pytest.raises(ValueError, match=r".+"):
        limits_from(json.dumps(data))


def test_the_usual_limits_are_the_quiet_hours() -> None:
    night = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
    assert Limits().hush(night, night + timedelta(minutes=1)) is Cause.QUIET_HOURS
    assert Limits().hush(night - timedelta(hours=9), night - timedelta(hours=8)) is None


def test_a_station_of_before_sets_no_longest_wait() -> None:
    data = json.loads(limits_text(Limits()))
    del data["longest_wait_ms"]
    assert limits_from(json.dumps(data)) == Limits()
