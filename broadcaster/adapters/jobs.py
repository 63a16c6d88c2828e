"""Waking the player: APScheduler 3.11 with a job store in memory, one dated job a session.

The plan is in the store; these jobs only say when to look. Lateness is for the player's state machine to decide, so no
job is ever dropped for being late (`misfire_grace_time=None`) and late ones run once (`coalesce=True`).
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any


def _scheduler_class() -> Any:
    """APScheduler's own scheduler, but for one race: a job that fires while it is being removed is no error."""
    from apscheduler.jobstores.base import JobLookupError
    from apscheduler.schedulers.background import BackgroundScheduler

    class Scheduler(BackgroundScheduler):  # type: ignore[misc]  # the library has no types
        def remove_job(self, job_id: str, jobstore: str | None = None) -> None:
            with suppress(JobLookupError):
                super().remove_job(job_id, jobstore)

    return Scheduler


class ApschedulerJobs:
    """One scheduler; names replace their former job."""

    def __init__(self) -> None:
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.jobstores.memory import MemoryJobStore

        self._scheduler: Any = _scheduler_class()(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
            timezone="UTC",
        )
        self._started = threading.Event()

    def start(self) -> None:
        """Begin to watch the clock."""
        if not self._started.is_set():
            self._scheduler.start()
            self._started.set()

    def at(self, name: str, instant: datetime, call: Callable[[], None]) -> None:
        """Call at an instant; at once when it has passed. A job of the same name is replaced."""
        self._scheduler.add_job(call, "date", run_date=instant, id=name, name=name, replace_existing=True)

    def names(self) -> frozenset[str]:
        """The jobs that still wait."""
        return frozenset(job.id for job in self._scheduler.get_jobs())

    def cancel(self, name: str) -> None:
        """Forget a job; no error if there is none."""
        self._scheduler.remove_job(name)

    def stop(self) -> None:
        """Stop watching; a running call is not waited for."""
        if self._started.is_set():
            self._scheduler.shutdown(wait=False)
            self._started.clear()
