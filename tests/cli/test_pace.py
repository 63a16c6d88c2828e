"""The time that is left, on a virtual clock."""

from datetime import UTC, datetime, timedelta

from broadcaster.adapters.clock import VirtualClock
from broadcaster.cli.pace import Pace

START = datetime(2026, 11, 23, tzinfo=UTC)


def test_the_rest_takes_as_long_as_what_is_done() -> None:
    clock = VirtualClock(START)
    pace = Pace(clock)
    said = []
    for done in range(11):
        said.append(pace.left(done, 10))
        clock.sleep_until(clock.now() + timedelta(seconds=10))
    assert said == ["", "", "", "1:10", "1:00", "0:50", "0:40", "0:30", "0:20", "0:10", ""]


def test_nothing_is_promised_of_what_was_done_at_once() -> None:
    pace = Pace(VirtualClock(START))
    assert {pace.left(done, 500) for done in range(100)} == {""}


def test_what_was_done_before_does_not_count() -> None:
    clock = VirtualClock(START)
    pace = Pace(clock)
    pace.left(90, 100)
    clock.sleep_until(clock.now() + timedelta(seconds=30))
    assert pace.left(93, 100) == "1:10"
