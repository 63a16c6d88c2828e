"""The scheduler that wakes the player, on the machine's own clock; waits are for events, never for a time."""

import threading
from collections.abc import Iterator
from datetime import UTC, timedelta

import pytest

from broadcaster.adapters.clock import SystemClock
from broadcaster.adapters.jobs import ApschedulerJobs

PATIENCE = 30
"""Seconds after which a test that waits for a call has failed."""

NOW = SystemClock().now
HOUR = timedelta(hours=1)


@pytest.fixture
def jobs() -> Iterator[ApschedulerJobs]:
    jobs = ApschedulerJobs()
    yield jobs
    jobs.stop()


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(minutes=1), timedelta(days=400)])
def test_what_has_passed_is_called_at_once(jobs: ApschedulerJobs, ago: timedelta) -> None:
    called = threading.Event()
    jobs.start()
    jobs.at("sang", NOW() - ago, called.set)
    assert called.wait(PATIENCE)


def test_a_job_given_before_the_start_is_called_after_it(jobs: ApschedulerJobs) -> None:
    called = threading.Event()
    jobs.at("sang", NOW() - HOUR, called.set)
    assert jobs.names() == {"sang"}
    jobs.start()
    assert called.wait(PATIENCE)


def test_each_job_is_called_once_and_forgotten(jobs: ApschedulerJobs) -> None:
    calls: list[str] = []
    last = threading.Event()
    jobs.start()
    jobs.at("mot", NOW(), lambda: calls.append("mot"))
    jobs.at("hai", NOW() + timedelta(milliseconds=200), last.set)
    assert last.wait(PATIENCE)
    assert calls == ["mot"]
    assert jobs.names() == frozenset()


def test_a_job_of_the_same_name_is_replaced(jobs: ApschedulerJobs) -> None:
    calls: list[str] = []
    done = threading.Event()
    jobs.start()
    jobs.at("sang", NOW() + HOUR, lambda: calls.append("cũ"))

    def call() -> None:
        calls.append("mới")
        done.set()

    jobs.at("sang", NOW(), call)
    assert done.wait(PATIENCE)
    assert calls == ["mới"]


def test_a_cancelled_job_is_forgotten(jobs: ApschedulerJobs) -> None:
    jobs.start()
    jobs.at("sang", NOW() + HOUR, lambda: None)
    jobs.at("chieu", (NOW() + HOUR).astimezone(UTC), lambda: None)
    jobs.cancel("sang")
    jobs.cancel("sang")
    jobs.cancel("khong_co")
    assert jobs.names() == {"chieu"}


class Racing(ApschedulerJobs):
    """Its job fires between the question and the answer."""

    def names(self) -> frozenset[str]:
        return super().names() | {"vua_goi"}


def test_a_job_that_fires_while_it_is_cancelled_is_no_error() -> None:
    jobs = Racing()
    jobs.start()
    jobs.cancel("vua_goi")
    jobs.stop()


def test_starting_and_stopping_twice_is_safe(jobs: ApschedulerJobs) -> None:
    jobs.start()
    jobs.start()
    jobs.stop()
    jobs.stop()


def test_a_call_that_fails_does_not_stop_the_next(jobs: ApschedulerJobs) -> None:
    called = threading.Event()

    def fail() -> None:
        msg = "hỏng"
        raise RuntimeError(msg)

    jobs.start()
    jobs.at("mot", NOW(), fail)
    jobs.at("hai", NOW() + timedelta(milliseconds=50), called.set)
    assert called.wait(PATIENCE)
