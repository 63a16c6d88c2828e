"""Clocks: the virtual one is in nobody's hands but the test's, the machine's one wakes up when asked."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.adapters.clock import SystemClock, VirtualClock
from broadcaster.ports import Clock

START = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@given(st.lists(st.timedeltas(-HOUR, HOUR), max_size=8))
def test_a_virtual_clock_stands_still_until_it_is_waited_for_and_never_goes_back(spans: list[timedelta]) -> None:
    clock = VirtualClock(START)
    last = clock.now()
    for span in spans:
        assert clock.now() == last
        clock.sleep_until(last + span)
        assert clock.now() == max(last, last + span)
        last = clock.now()


def test_it_can_be_set_forward_and_back() -> None:
    clock = VirtualClock(START)
    clock.step(-HOUR)
    assert clock.now() == START - HOUR
    clock.step(2 * HOUR)
    assert clock.now() == START + HOUR


def test_instants_of_any_zone_are_utc() -> None:
    clock = VirtualClock(START.astimezone(timezone(timedelta(hours=7))))
    assert clock.now().tzinfo is UTC
    clock.sleep_until((START + HOUR).astimezone(timezone(-timedelta(hours=3))))
    assert (clock.now(), clock.now().tzinfo) == (START + HOUR, UTC)


def test_naive_instants_have_no_place() -> None:
    with pytest.raises(ValueError, match="naive"):
        VirtualClock(START.replace(tzinfo=None))
    with pytest.raises(ValueError, match="naive"):
        VirtualClock(START).sleep_until(START.replace(tzinfo=None))


@pytest.mark.parametrize("clock", [SystemClock(), VirtualClock(START)])
def test_waiting_for_the_past_is_no_waiting(clock: Clock) -> None:
    before = clock.now()
    assert before.utcoffset() == timedelta(0)
    clock.sleep_until(before - HOUR)
    clock.sleep_until(before)
    assert clock.now() >= before


def test_a_wait_of_the_machine_s_clock_is_over_at_its_instant() -> None:
    clock = SystemClock()
    until = clock.now() + timedelta(milliseconds=30)
    clock.sleep_until(until)
    assert clock.now() >= until


def test_waking_ends_every_wait_now_and_later() -> None:
    clock = SystemClock()
    asleep = threading.Thread(target=clock.sleep_until, args=(clock.now() + 24 * HOUR,), daemon=True)
    asleep.start()
    clock.wake()
    asleep.join(30)
    assert not asleep.is_alive()
    clock.sleep_until(clock.now() + 24 * HOUR)


def test_elapsed_time_goes_on() -> None:
    virtual = VirtualClock(START)
    before = virtual.elapsed()
    virtual.sleep_until(START + HOUR)
    assert virtual.elapsed() - before == HOUR.total_seconds()
    machine = SystemClock()
    assert machine.elapsed() <= machine.elapsed()
