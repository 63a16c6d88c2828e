"""Airing: one node goes on air at the start of each of its sessions, for as long as the process lives.

The scheduler only wakes it. What is to be played is asked anew each time, and again every few seconds while
nothing plays, so that an amendment, a clock step or a restart can neither drop nor double a session.
"""

import queue
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from broadcaster.domain.asrun import AsRun
from broadcaster.domain.rundown import Rundown
from broadcaster.errors import StoreError
from broadcaster.ports import Clock, Jobs, Store

RECONCILE = timedelta(seconds=2)
"""How often the jobs are compared with the plan."""

LEAD = timedelta(seconds=1)
"""A node wakes this long before its session and waits the rest out by itself."""

AHEAD = timedelta(days=2)

LOOK_BACK = timedelta(days=31)
"""How far back the session may lie in which the power went."""


@dataclass(slots=True)
class Ledger:
    """Rows on their way into the store. While the store cannot take them they wait, in order, and the air goes on."""

    store: Store
    waiting: list[AsRun] = field(default_factory=list)

    def record(self, rows: Sequence[AsRun]) -> None:
        """Put rows into the store, with those that wait before them."""
        self.waiting += rows
        try:
            self.store.append_as_run(self.waiting)
        except StoreError:
            return
        self.waiting.clear()

    def done(self, node: str, rundown: Rundown) -> frozenset[str]:
        """The items of a rundown that need not be played again."""
        kept = self.store.aired_items(node, rundown.start, rundown.end)
        return kept | {row.item for row in self.waiting}


@dataclass(slots=True)
class Airing:
    """The endless job of one node.

    Args:
        node: the cluster that is played.
        clock: the only source of time.
        jobs: wakes the node.
        rundowns: the node's rundowns from a first to a last day.
        local: an instant in the station's zone.
        done: the items of a rundown that need not be played again.
        play: plays a rundown to its end, given the items that are done already.
        keep_going: asked at every turn.
        recover: closes what was playing when the power went, given the rundowns of the days before.
        announce: told each session that begins.
        attend: asked at every turn between sessions, for what cannot wait for one.
        glance: the longest time between two turns.
    """

    node: str
    clock: Clock
    jobs: Jobs
    rundowns: Callable[[date, date], Sequence[Rundown]]
    local: Callable[[datetime], datetime]
    done: Callable[[Rundown], frozenset[str]]
    play: Callable[[Rundown, frozenset[str]], None]
    keep_going: Callable[[], bool]
    recover: Callable[[Sequence[Rundown]], object] = lambda _: None
    announce: Callable[[Rundown], None] = lambda _: None
    attend: Callable[[], object] = lambda: None
    glance: timedelta = RECONCILE
    _calls: "queue.SimpleQueue[str]" = field(default_factory=queue.SimpleQueue)

    def run(self, *, once: bool = False) -> None:
        """Play session after session until asked to stop; with `once`, the next one only."""
        today = self.local(self.clock.now()).date()
        self.recover(self.rundowns(today - LOOK_BACK, today))
        self.jobs.start()
        try:
            while self.keep_going():
                self.attend()
                current = self._current(self.clock.now())
                if current is not None:
                    self._on_air(current)
                    if once:
                        return
                    continue
                self.reconcile()
                self._wait()
        finally:
            self.jobs.stop()

    def _wait(self) -> None:
        """Until a job calls, or it is time to compare with the plan again."""
        try:
            self._calls.get(timeout=min(self.glance, RECONCILE).total_seconds())
        except queue.Empty:
            return

    def _on_air(self, rundown: Rundown) -> None:
        self.announce(rundown)
        self.play(rundown, self.done(rundown))

    def mine(self, now: datetime) -> list[Rundown]:
        """The node's rundowns from now on, the running one included, that are not wholly in the ledger."""
        day = self.local(now).date()
        span = self.rundowns(day - timedelta(days=1), day + AHEAD)
        return [r for r in span if r.end > now and not self._over(r)]

    def _over(self, rundown: Rundown) -> bool:
        done = self.done(rundown)
        return all(item.id in done for item in rundown.items)

    def _current(self, now: datetime) -> Rundown | None:
        return next((r for r in self.mine(now) if r.start - LEAD <= now < r.end), None)

    def reconcile(self) -> None:
        """Make the scheduler's jobs those of the plan: add what is missing, forget what is no longer planned."""
        wanted = {rundown.code: rundown.start - LEAD for rundown in self.mine(self.clock.now())}
        for name in self.jobs.names() - set(wanted):
            self.jobs.cancel(name)
        for name in set(wanted) - self.jobs.names():
            self.jobs.at(name, wanted[name], lambda name=name: self._calls.put(name))  # type: ignore[misc]
