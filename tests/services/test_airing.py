"""A node on the air for days on a virtual clock: no session dropped or doubled, amendments followed, no spinning."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from broadcaster.adapters.journal import MemoryJournal
from broadcaster.adapters.outputs.null import NullOutput
from broadcaster.adapters.store.memory import MemoryStore
from broadcaster.domain.asrun import Cause, Outcome
from broadcaster.domain.rundown import Rundown
from broadcaster.services.airing import LEAD, Airing
from broadcaster.services.playing import Player, close_after_power_cut
from broadcaster.units import Milliseconds
from tests.domain.values import START, a_rundown, a_station, an_item
from tests.services.doubles import RoughClock, TurningCalls, VirtualJobs

FILE = Path(__file__)
DAY = timedelta(days=1)
STATION = a_station()


def a_day(
    offset: int, *, session: str = "sang", zone: str = "thon_dong", hours: float = 0, names: str = "ab"
) -> Rundown:
    """A session of ten minutes, so many days after the first."""
    shift = offset * DAY + timedelta(hours=hours)
    plain = a_rundown([an_item(name, 62 * n, 60) for n, name in enumerate(names)], minutes=10)
    day = plain.day + offset * DAY
    items = tuple(
        replace(item, id=f"{day.isoformat()}.{session}.{zone}.ban_tin.{item.bulletin}", start=item.start + shift)
        for item in plain.items
    )
    return replace(
        plain, day=day, session=session, zone=zone, start=plain.start + shift, end=plain.end + shift, items=items
    )


class Tower:
    def __init__(
        self, rundowns: list[Rundown], start: datetime = START - timedelta(hours=1), most: int = 100_000
    ) -> None:
        self.store = MemoryStore()
        self.store.save_rundowns(rundowns)
        self.clock = RoughClock(start, most=most)
        self.jobs = VirtualJobs(self.clock)
        self.journal = MemoryJournal()
        self.announced: list[tuple[str, datetime]] = []

    def mine(self, first: date, last: date) -> list[Rundown]:
        (zone,) = (part.code for part in STATION.air_zones() if "dong_1" in part.clusters)
        return [rundown for rundown in self.store.rundowns(first, last) if rundown.zone == zone]

    def run(self, until: datetime, *, once: bool = False, ask: Callable[[], None] = lambda: None) -> None:
        output = NullOutput(self.clock)

        def keep_going() -> bool:
            ask()
            return self.clock.now() < until

        player = Player(
            "dong_1", output, self.clock, self.journal, lambda _: FILE, self.store.append_as_run, keep_going=keep_going
        )

        def recover(rundowns: Sequence[Rundown]) -> None:
            def done_of(rundown: Rundown) -> frozenset[str]:
                return self.store.aired_items("dong_1", rundown.start, rundown.end)

            close_after_power_cut("dong_1", self.journal, rundowns, done_of, self.store.append_as_run)

        airing = Airing(
            "dong_1",
            self.clock,
            self.jobs,
            rundowns=self.mine,
            local=STATION.local,
            done=lambda r: self.store.aired_items("dong_1", r.start, r.end),
            play=player.play,
            keep_going=keep_going,
            recover=recover,
            announce=lambda rundown: self.announced.append((rundown.code, self.clock.now())),
            _calls=TurningCalls(self.jobs, self.clock),
        )
        airing.run(once=once)

    def outcomes(self) -> list[tuple[str, Outcome]]:
        return [(row.item, row.outcome) for row in self.store.chain("dong_1")]


def test_session_after_session_is_played_once_each() -> None:
    week = [a_day(n, session=s, hours=h) for n in range(5) for s, h in (("sang", 0), ("chieu", 11.5))]
    tower = Tower([*week, a_day(0, zone="thon_doai")])
    tower.run(START + 5 * DAY)
    assert tower.outcomes() == [(item.id, Outcome.AIRED) for rundown in week for item in rundown.items]
    assert [code for code, _ in tower.announced] == [rundown.code for rundown in week]
    assert all(
        rundown.start - LEAD <= at <= rundown.start for rundown, (_, at) in zip(week, tower.announced, strict=True)
    )
    assert (tower.jobs.started, tower.jobs.stopped) == (1, 1)


def test_once_is_one_session() -> None:
    tower = Tower([a_day(0), a_day(1)])
    tower.run(START + 9 * DAY, once=True)
    assert [code for code, _ in tower.announced] == [a_day(0).code]
    assert tower.jobs.stopped == 1


def test_a_node_that_comes_in_the_middle_plays_the_rest() -> None:
    tower = Tower([a_day(0)], start=START + timedelta(seconds=70))
    tower.run(START + DAY)
    assert [outcome for _, outcome in tower.outcomes()] == [Outcome.AIRED, Outcome.AIRED]
    assert tower.announced[0][1] == START + timedelta(seconds=70)


def test_a_node_that_comes_too_late_plays_nothing_and_does_not_spin() -> None:
    tower = Tower([a_day(0)], start=START + timedelta(hours=2), most=20_000)
    tower.run(START + timedelta(hours=5))
    assert tower.outcomes() == []


def test_a_session_that_is_wholly_in_the_ledger_is_not_begun_again() -> None:
    tower = Tower([a_day(0)])
    tower.run(START + timedelta(minutes=5))
    tower.clock.step(timedelta(minutes=-6))
    tower.run(START + timedelta(minutes=20))
    assert len(tower.announced) == 1
    assert len(tower.outcomes()) == 2


def test_an_amendment_before_the_session_is_followed() -> None:
    tower = Tower([a_day(0), a_day(1)])

    def amend() -> None:
        if tower.clock.now() > START + timedelta(hours=1) and tower.store.rundowns(a_day(1).day, a_day(1).day) == [
            a_day(1)
        ]:
            tower.store.save_rundowns([a_day(1, names="cde")])

    tower.run(START + 2 * DAY, ask=amend)
    assert [item.rpartition(".")[2] for item, _ in tower.outcomes()] == ["a", "b", "c", "d", "e"]


def test_what_is_no_longer_planned_wakes_nobody() -> None:
    tower = Tower([])
    tower.jobs.at("cu", START + DAY, lambda: None)
    tower.run(START)
    assert tower.jobs.names() == frozenset()


def test_jobs_are_those_of_the_plan() -> None:
    days = [a_day(n) for n in range(6)]
    tower = Tower(days)
    seen: list[frozenset[str]] = []
    tower.run(START - timedelta(minutes=59), ask=lambda: seen.append(tower.jobs.names()))
    # Two days ahead, and no further: the plan may still be amended.
    assert seen[0] == frozenset()
    assert tower.jobs.names() <= {rundown.code for rundown in days}


def test_a_clock_set_back_after_the_session_doubles_nothing() -> None:
    tower = Tower([a_day(0), a_day(1)])
    tower.run(START + timedelta(minutes=30))
    tower.clock.step(timedelta(hours=-1))
    tower.run(START + 2 * DAY)
    assert len({item for item, _ in tower.outcomes()}) == len(tower.outcomes()) == 4


def test_a_node_of_no_zone_has_nothing_to_play() -> None:
    tower = Tower([a_day(0, zone="thon_doai")])
    tower.run(START + timedelta(hours=1))
    assert tower.outcomes() == []


@pytest.mark.parametrize("back", [timedelta(minutes=5), timedelta(hours=3), DAY, 2 * DAY])
def test_what_played_when_the_power_went_keeps_its_minutes_whenever_it_comes_back(back: timedelta) -> None:
    first = a_day(0)
    tower = Tower([first, a_day(1), a_day(2)])
    # The node died 40 seconds into its first item; only the journal knows.
    tower.journal.begin(first.items[0].id, START)
    tower.journal.progress(first.items[0].id, Milliseconds(40_000), START + timedelta(seconds=40))
    tower.clock.step(START + back - tower.clock.now())
    tower.run(START + back + timedelta(seconds=30))
    row = tower.store.chain("dong_1")[0]
    assert (row.item, row.outcome, row.cause, row.played_ms) == (
        first.items[0].id,
        Outcome.PARTIAL,
        Cause.POWER_CUT,
        40_000,
    )
    assert sum(row.item == first.items[0].id for row in tower.store.chain("dong_1")) == 1
