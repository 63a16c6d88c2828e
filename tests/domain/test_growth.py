"""The forecast, checked by hand and by what must always hold."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.audit.growth import YearSoFar, forecast

MINUTE = 60_000


def test_half_a_year_by_hand() -> None:
    # 2026-07-02 is day 183; 182 days are left, 26 weeks. 100 of 183 days were broadcast days, 8 minutes each.
    found = forecast(YearSoFar(date(2026, 7, 2), 800 * MINUTE, 100), 7.5, 0.2)
    assert found.minutes == 800
    assert found.days_left == pytest.approx(182 * 100 / 183)
    assert found.minutes_at_year_end == pytest.approx(800 + 8 * 182 * 100 / 183)
    assert found.growth == pytest.approx(8 / 7.5 - 1)
    wanted = 7.5 * 1.2 * (100 + 182 * 100 / 183)
    assert found.wanted_minutes == pytest.approx(wanted)
    assert found.needed_a_week == pytest.approx((wanted - 800) / 26)


def test_a_leap_year_has_a_day_more() -> None:
    assert forecast(YearSoFar(date(2024, 2, 29), 60 * MINUTE, 60), 1, 0.1).days_left == pytest.approx(306)
    assert forecast(YearSoFar(date(2026, 2, 28), 59 * MINUTE, 59), 1, 0.1).days_left == pytest.approx(306)


def test_before_the_first_broadcast_every_day_is_to_come() -> None:
    found = forecast(YearSoFar(date(2026, 1, 1), 0, 0), 2.0, 0.5)
    assert (found.growth, found.minutes_at_year_end) == (None, 0)
    assert found.wanted_minutes == pytest.approx(3 * 364)
    assert found.needed_a_week == pytest.approx(21)


def test_without_a_baseline_or_a_target_nothing_is_needed() -> None:
    for baseline, target in ((0.0, 0.2), (5.0, 0.0)):
        found = forecast(YearSoFar(date(2026, 5, 1), 10 * MINUTE, 5), baseline, target)
        assert found.wanted_minutes is None
        assert found.needed_a_week is None


def test_the_last_day_leaves_nothing_to_do() -> None:
    found = forecast(YearSoFar(date(2026, 12, 31), 10 * MINUTE, 5), 5, 0.2)
    assert (found.days_left, found.needed_a_week, found.minutes_at_year_end) == (0, 0.0, 10)


# On a last day of December nothing is left to do: that is the test before.
days_before_the_last = st.dates(date(2020, 1, 2), date(2030, 12, 30)).filter(
    lambda day: (day.month, day.day) != (12, 31)
)


@given(days_before_the_last, st.floats(0.1, 100), st.floats(0.01, 3), st.data())
def test_who_airs_what_is_needed_reaches_the_target(
    last: date, baseline: float, target: float, data: st.DataObject
) -> None:
    gone = (last - date(last.year, 1, 1)).days + 1
    days = data.draw(st.integers(1, gone))
    aired = data.draw(st.integers(0, 24 * 60 * MINUTE * days))
    found = forecast(YearSoFar(last, aired, days), baseline, target)
    left = (date(last.year, 12, 31) - last) / timedelta(weeks=1)
    total = found.minutes + (found.needed_a_week or 0.0) * left
    rate = total / (days + found.days_left) / baseline - 1
    assert rate >= target - 1e-6
    if found.needed_a_week:
        assert rate == pytest.approx(target, abs=1e-6)
