"""Working days: weekends and holidays are none."""

from datetime import date, timedelta

import pytest

from broadcaster.domain.holidays import working_days_after, working_days_until

FRIDAY = date(2026, 11, 27)


@pytest.mark.parametrize("count", range(1, 30))
def test_as_many_working_days_are_left_as_were_counted_off(count: int) -> None:
    assert working_days_until(FRIDAY, working_days_after(FRIDAY, count)) == count


def test_a_weekend_and_the_new_year_are_no_working_days_and_what_is_over_leaves_none() -> None:
    assert working_days_until(FRIDAY, FRIDAY + timedelta(days=3)) == 1
    assert working_days_until(date(2026, 12, 31), date(2027, 1, 1)) == 0
    assert working_days_until(FRIDAY, FRIDAY - timedelta(days=9)) == 0
