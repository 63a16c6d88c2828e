"""What every output does, on a clock that the test moves.

A test module subclasses the suite and gives the fixtures `clock`, `output` (opened) and `sound`, a file of ten seconds.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from broadcaster.adapters.clock import VirtualClock
from broadcaster.ports import Cue, Output, OutputEvent, OutputEventKind
from broadcaster.units import Milliseconds

START = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
STARTED, PROGRESSED = OutputEventKind.STARTED, OutputEventKind.PROGRESSED
ENDED, FAILED = OutputEventKind.ENDED, OutputEventKind.FAILED


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def ms(seconds: float) -> Milliseconds:
    return Milliseconds(round(seconds * 1000))


def told(events: Sequence[OutputEvent]) -> list[tuple[OutputEventKind, str, float, int]]:
    """Kind, item, second and length played of each event."""
    return [(e.kind, e.item, (e.at - START).total_seconds(), e.played_ms) for e in events]


class OutputSuite:
    """Behaviour of the port `Output`."""

    @pytest.fixture
    def clock(self) -> VirtualClock:
        return VirtualClock(START)

    @pytest.fixture
    def output(self, clock: VirtualClock) -> Output:
        raise NotImplementedError

    @pytest.fixture
    def sound(self, tmp_path: Path) -> Path:
        raise NotImplementedError

    def test_at_first_nothing_plays(self, output: Output) -> None:
        assert output.name
        assert output.due() is None
        assert list(output.poll()) == []

    def test_a_cue_begins_now_and_ends_on_time(self, output: Output, clock: VirtualClock, sound: Path) -> None:
        output.play(Cue("a", sound, ms(0), ms(10)))
        assert output.due() == at(10)
        assert told(output.poll())[0] == (STARTED, "a", 0, 0)
        clock.sleep_until(at(10))
        assert told(output.poll()) == [(ENDED, "a", 10, 10_000)]
        assert output.due() is None
        assert list(output.poll()) == []

    def test_a_running_cue_says_how_far_it_is(self, output: Output, clock: VirtualClock, sound: Path) -> None:
        output.play(Cue("a", sound, ms(0), ms(10)))
        output.poll()
        clock.sleep_until(at(4))
        assert told(output.poll()) == [(PROGRESSED, "a", 4, 4000)]
        assert output.due() == at(10)

    def test_a_cue_shorter_than_its_file(self, output: Output, clock: VirtualClock, sound: Path) -> None:
        output.play(Cue("a", sound, ms(2), ms(3)))
        assert output.due() == at(3)
        clock.sleep_until(at(60))
        assert told(output.poll())[-1] == (ENDED, "a", 3, 3000)

    def test_a_late_look_finds_when_it_really_ended(self, output: Output, clock: VirtualClock, sound: Path) -> None:
        output.play(Cue("a", sound, ms(0), ms(10)))
        clock.sleep_until(at(3600))
        events = told(output.poll())
        assert events[0] == (STARTED, "a", 0, 0)
        assert events[-1] == (ENDED, "a", 10, 10_000)

    def test_stopping_cuts_off_and_reports_the_end(self, output: Output, clock: VirtualClock, sound: Path) -> None:
        output.play(Cue("a", sound, ms(0), ms(10)))
        clock.sleep_until(at(4))
        output.stop()
        assert output.due() is None
        assert told(output.poll())[-1] == (ENDED, "a", 4, 4000)
        output.stop()
        assert list(output.poll()) == []

    def test_stopping_after_the_end_reports_the_end_itself(
        self, output: Output, clock: VirtualClock, sound: Path
    ) -> None:
        output.play(Cue("a", sound, ms(0), ms(10)))
        clock.sleep_until(at(15))
        output.stop()
        assert told(output.poll())[-1] == (ENDED, "a", 10, 10_000)

    def test_a_cue_stopped_at_once_has_played_nothing(self, output: Output, sound: Path) -> None:
        output.play(Cue("a", sound, ms(0), ms(10)))
        output.stop()
        assert told(output.poll()) == [(STARTED, "a", 0, 0), (ENDED, "a", 0, 0)]

    def test_a_second_cue_cuts_the_first(self, output: Output, clock: VirtualClock, sound: Path) -> None:
        output.play(Cue("a", sound, ms(0), ms(10)))
        clock.sleep_until(at(4))
        output.play(Cue("b", sound, ms(0), ms(5)))
        assert output.due() == at(9)
        events = [event for event in told(output.poll()) if event[0] is not PROGRESSED]
        assert events == [(STARTED, "a", 0, 0), (ENDED, "a", 4, 4000), (STARTED, "b", 4, 0)]

    def test_the_same_item_can_be_played_again(self, output: Output, clock: VirtualClock, sound: Path) -> None:
        output.play(Cue("a", sound, ms(0), ms(10)))
        clock.sleep_until(at(1))
        output.play(Cue("a", sound, ms(0), ms(10)))
        clock.sleep_until(at(11))
        assert [event for event in told(output.poll()) if event[0] is ENDED] == [
            (ENDED, "a", 1, 1000),
            (ENDED, "a", 11, 10_000),
        ]

    def test_events_come_in_order_of_time(self, output: Output, clock: VirtualClock, sound: Path) -> None:
        seen: list[OutputEvent] = []
        for number in range(6):
            output.play(Cue(f"a{number}", sound, ms(0), ms(1 + number % 3)))
            if number % 2:
                seen += output.poll()
            clock.sleep_until(clock.now() + timedelta(seconds=2))
        output.close()
        seen += output.poll()
        assert all(one.at <= other.at for one, other in pairwise(seen))
        assert [event.item for event in seen if event.kind is STARTED] == [f"a{n}" for n in range(6)]
        assert [event.item for event in seen if event.kind is ENDED] == [f"a{n}" for n in range(6)]

    def test_a_missing_file_fails_and_is_not_raised(
        self, output: Output, clock: VirtualClock, tmp_path: Path, sound: Path
    ) -> None:
        output.play(Cue("a", tmp_path / "khong_co.flac", ms(0), ms(10)))
        assert output.due() is None
        assert told(output.poll()) == [(FAILED, "a", 0, 0)]
        output.play(Cue("b", sound, ms(0), ms(1)))
        clock.sleep_until(at(1))
        assert told(output.poll())[-1] == (ENDED, "b", 1, 1000)

    def test_a_missing_file_cuts_off_what_runs_all_the_same(
        self, output: Output, clock: VirtualClock, tmp_path: Path, sound: Path
    ) -> None:
        output.play(Cue("a", sound, ms(0), ms(10)))
        clock.sleep_until(at(3))
        output.play(Cue("b", tmp_path / "khong_co.flac", ms(0), ms(10)))
        events = [event for event in told(output.poll()) if event[0] is not PROGRESSED]
        assert events == [(STARTED, "a", 0, 0), (ENDED, "a", 3, 3000), (FAILED, "b", 3, 0)]

    def test_a_folder_is_no_sound(self, output: Output, tmp_path: Path) -> None:
        output.play(Cue("a", tmp_path, ms(0), ms(10)))
        assert told(output.poll()) == [(FAILED, "a", 0, 0)]

    def test_no_file_is_silence_of_that_length(self, output: Output, clock: VirtualClock) -> None:
        output.play(Cue("a", None, ms(0), ms(10)))
        clock.sleep_until(at(20))
        assert told(output.poll())[-1] == (ENDED, "a", 10, 10_000)

    def test_a_cue_of_no_length_is_over_at_once(self, output: Output, sound: Path) -> None:
        output.play(Cue("a", sound, ms(0), ms(0)))
        assert told(output.poll()) == [(STARTED, "a", 0, 0), (ENDED, "a", 0, 0)]

    def test_closing_ends_what_runs_and_twice_is_safe(self, output: Output, clock: VirtualClock, sound: Path) -> None:
        output.play(Cue("a", sound, ms(0), ms(10)))
        clock.sleep_until(at(6))
        output.close()
        assert told(output.poll())[-1] == (ENDED, "a", 6, 6000)
        output.close()
        assert list(output.poll()) == []

    @pytest.mark.parametrize("step", [-3600, -30, 30, 3600])
    def test_a_clock_that_is_set_never_makes_more_than_was_cued(
        self, output: Output, clock: VirtualClock, sound: Path, step: int
    ) -> None:
        output.play(Cue("a", sound, ms(0), ms(10)))
        clock.sleep_until(at(5))
        clock.step(timedelta(seconds=step))
        events = list(output.poll())
        clock.sleep_until(at(2 * 3600))
        events += output.poll()
        assert all(0 <= event.played_ms <= 10_000 for event in events)
        assert [event.kind for event in events].count(ENDED) == 1
