"""Rehearsing: a planned week is played by every node on a virtual clock, and the ledger is kept as on the air.

Each session of each node is one transaction: killed in the middle it leaves nothing, and the next run plays it again.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from broadcaster.domain.asrun import AsRun, Cause
from broadcaster.domain.rundown import Rundown, RundownItem
from broadcaster.ports import Clock, Journal, Output, Progress, Store
from broadcaster.services.playing import Player
from broadcaster.units import Milliseconds


@dataclass(frozen=True, slots=True)
class Outage:
    """A power cut at one node, for a rehearsal: it goes out at `start` and comes back at `end`."""

    node: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Rehearsing:
    """Plays rundowns without waiting for them.

    `clock` and `journal` make those of one session; `output` chooses where a node's session goes.
    """

    store: Store
    clock: Callable[[datetime], Clock]
    journal: Callable[[], Journal]
    output: Callable[[Clock, str, Rundown], Output]
    fetch: Callable[[RundownItem], Path | Cause]
    outages: Collection[Outage] = field(default=())
    silent: Callable[[str, RundownItem, datetime], Cause | None] = lambda _node, _item, _now: None

    def play_week(
        self,
        rundowns: Sequence[Rundown],
        nodes_of: Callable[[str, date], Sequence[str]],
        progress: Progress | None = None,
    ) -> int:
        """Play every rundown on every node of its zone; how many rows are new in the ledger."""
        jobs = [(r.start, node, r) for r in rundowns for node in nodes_of(r.zone, r.day)]
        jobs.sort(key=lambda job: (job[0], job[1], job[2].code))
        return sum(self._job(number, len(jobs), node, r, progress) for number, (_, node, r) in enumerate(jobs, 1))

    def _job(self, number: int, total: int, node: str, rundown: Rundown, progress: Progress | None) -> int:
        if progress:
            progress(number, total, f"{rundown.day.isoformat()} {rundown.session} {node}")
        # Items are in the ledger by their planned start, which lies inside the session.
        done = self.store.aired_items(node, rundown.start, rundown.end)
        if all(item.id in done for item in rundown.items):
            return 0
        return self.store.append_as_run(self._play(node, rundown, done))

    def _play(self, node: str, rundown: Rundown, done: frozenset[str]) -> list[AsRun]:
        rows: list[AsRun] = []
        clock = self.clock(rundown.start - timedelta(seconds=1))
        journal = self.journal()
        cuts = sorted(
            (o.start, o.end) for o in self.outages if o.node == node and o.start < rundown.end and o.end > rundown.start
        )
        for start, end in cuts:
            self._until(start, node, rundown, done | {row.item for row in rows}, clock, journal, rows)
            clock.sleep_until(end)
        self._until(None, node, rundown, done | {row.item for row in rows}, clock, journal, rows)
        return rows

    def _until(
        self,
        power_off: datetime | None,
        node: str,
        rundown: Rundown,
        done: frozenset[str],
        clock: Clock,
        journal: Journal,
        rows: list[AsRun],
    ) -> None:
        """Play up to a power cut, of which the player itself learns nothing: rows of after it are not written."""
        output = self.output(clock, node, rundown)
        output.open()
        held = _Cut(clock, journal, power_off) if power_off else None
        player = Player(
            node,
            output,
            held or clock,
            held or journal,
            self.fetch,
            rows.extend if held is None else held.record(rows),
            heartbeat=None if held is None else timedelta(seconds=1),
            keep_going=lambda: held is None or not held.dark,
            silent=partial(self.silent, node),
        )
        player.play(rundown, done)
        output.close()


class _Cut:
    """A clock and a journal that a power cut stops: what comes after it is not noted, as on a machine without power."""

    def __init__(self, clock: Clock, journal: Journal, at: datetime) -> None:
        self._clock, self._journal, self._at = clock, journal, at

    @property
    def dark(self) -> bool:
        return self._clock.now() >= self._at

    def now(self) -> datetime:
        return self._clock.now()

    def elapsed(self) -> float:
        return self._clock.elapsed()

    def sleep_until(self, instant: datetime) -> None:
        self._clock.sleep_until(min(instant, self._at))

    def wake(self) -> None:
        self._clock.wake()

    def begin(self, item: str, at: datetime) -> None:
        if not self.dark:
            self._journal.begin(item, at)

    def progress(self, item: str, played_ms: Milliseconds, at: datetime) -> None:
        if not self.dark:
            self._journal.progress(item, played_ms, at)

    def finish(self, item: str) -> None:
        if not self.dark:
            self._journal.finish(item)

    def open_item(self) -> tuple[str, datetime, Milliseconds, datetime] | None:
        return self._journal.open_item()

    def record(self, rows: list[AsRun]) -> Callable[[Sequence[AsRun]], None]:
        def keep(new: Sequence[AsRun]) -> None:
            if not self.dark:
                rows.extend(new)

        return keep
