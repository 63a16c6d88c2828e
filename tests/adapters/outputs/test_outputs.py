"""Outputs without a device: one that keeps time, and one that writes what would have been heard."""

import struct
import wave
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.adapters.audio.codec import SoundfileCodec
from broadcaster.adapters.clock import VirtualClock
from broadcaster.adapters.outputs.file import FileOutput
from broadcaster.adapters.outputs.null import NullOutput
from broadcaster.domain.take import Sound
from broadcaster.errors import OutputError
from broadcaster.ports import Cue, Output
from tests.suites.output import ENDED, FAILED, STARTED, OutputSuite, at, ms, told

RATE = 8000


def ramp(seconds: float, first: int = 1) -> Sound:
    """A sound in which every second has a level of its own: first, first + 1, … times 1000."""
    samples = [1000 * (first + n // RATE) for n in range(round(seconds * RATE))]
    return Sound(RATE, struct.pack(f"<{len(samples)}h", *samples))


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "muoi_giay.wav"
    SoundfileCodec().write(ramp(10), path, {})
    return path


class TestNull(OutputSuite):
    @pytest.fixture
    def output(self, clock: VirtualClock) -> Output:
        output = NullOutput(clock)
        output.open()
        return output

    @pytest.fixture
    def sound(self, sound: Path) -> Path:  # type: ignore[override]
        return sound


class TestFile(OutputSuite):
    @pytest.fixture
    def output(self, clock: VirtualClock, tmp_path: Path) -> Output:
        output = FileOutput(clock, SoundfileCodec(), tmp_path / "nghe.wav", RATE)
        output.open()
        yield output  # type: ignore[misc]
        output.close()

    @pytest.fixture
    def sound(self, sound: Path) -> Path:  # type: ignore[override]
        return sound


# What is written


class Air:
    """A file output on a virtual clock, and what it has written, second by second."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock(at(0))
        self.path = folder / "ra" / "nghe.wav"
        self.output = FileOutput(self.clock, SoundfileCodec(), self.path, RATE)

    def play(self, second: float, cue: Cue) -> None:
        self.clock.sleep_until(at(second))
        self.output.play(cue)

    def heard(self, second: float, set_by: float = 0) -> list[float]:
        """The mean level of each second after closing at `second`, in thousands; the clock was set meanwhile."""
        self.clock.sleep_until(at(second))
        self.output.close()
        with wave.open(str(self.path), "rb") as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
            count = file.getnframes()
            samples = struct.unpack(f"<{count}h", file.readframes(count))
        assert count == round((second - set_by) * RATE)
        return [sum(samples[n : n + RATE]) / RATE / 1000 for n in range(0, count, RATE)]


@pytest.fixture
def air(tmp_path: Path) -> Air:
    air = Air(tmp_path)
    air.output.open()
    return air


def test_sound_stands_at_its_place_with_silence_around_it(air: Air, sound: Path) -> None:
    air.play(2, Cue("a", sound, ms(0), ms(10)))
    assert air.heard(15) == [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0, 0]


def test_a_cue_in_begins_in_the_middle(air: Air, sound: Path) -> None:
    air.play(1, Cue("a", sound, ms(4), ms(3)))
    assert air.heard(6) == [0, 5, 6, 7, 0, 0]


def test_it_does_not_matter_how_often_it_is_looked_at(air: Air, sound: Path) -> None:
    air.play(1, Cue("a", sound, ms(0), ms(5)))
    for tenth in range(10, 80, 3):
        air.clock.sleep_until(at(tenth / 10))
        air.output.poll()
    assert air.heard(8) == [0, 1, 2, 3, 4, 5, 0, 0]


def test_a_second_cue_takes_over_on_the_sample(air: Air, sound: Path) -> None:
    air.play(0, Cue("a", sound, ms(0), ms(10)))
    air.play(3, Cue("b", sound, ms(7), ms(3)))
    assert air.heard(7) == [1, 2, 3, 8, 9, 10, 0]


def test_what_is_stopped_is_not_heard_any_more(air: Air, sound: Path) -> None:
    air.play(0, Cue("a", sound, ms(0), ms(10)))
    air.clock.sleep_until(at(2))
    air.output.stop()
    assert air.heard(5) == [1, 2, 0, 0, 0]


def test_a_relay_is_silence_in_the_file(air: Air, sound: Path) -> None:
    air.play(0, Cue("a", sound, ms(0), ms(2)))
    air.play(2, Cue("r", None, ms(0), ms(3)))
    air.play(5, Cue("b", sound, ms(0), ms(1)))
    assert air.heard(7) == [1, 2, 0, 0, 0, 1, 0]


def test_closing_in_the_middle_ends_the_file_there(air: Air, sound: Path) -> None:
    air.play(0, Cue("a", sound, ms(0), ms(10)))
    assert air.heard(3) == [1, 2, 3]


@pytest.mark.parametrize("step", [-3600, -3, 3, 3600])
def test_a_clock_that_is_set_neither_repeats_nor_loses_a_sample(air: Air, sound: Path, step: float) -> None:
    air.play(0, Cue("a", sound, ms(0), ms(10)))
    air.clock.sleep_until(at(5))
    air.output.poll()
    air.clock.step(timedelta(seconds=step))
    air.output.poll()
    assert air.heard(15 + step, step) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(("offset", "length", "there"), [(0, 15, 10), (8, 10, 2), (10, 5, 0), (60, 5, 0)])
def test_a_file_shorter_than_its_cue_is_not_said_to_have_sounded_longer(
    air: Air, sound: Path, offset: float, length: float, there: float
) -> None:
    air.play(0, Cue("a", sound, ms(offset), ms(length)))
    air.clock.sleep_until(at(30))
    ended = told(air.output.poll())[-1]
    # With nothing left to play it may also say that it cannot.
    assert ended == (ENDED, "a", there, ms(there)) or (there == 0 and ended[0] is FAILED)
    air.output.close()


def test_what_is_no_sound_fails(air: Air, tmp_path: Path) -> None:
    broken = tmp_path / "hong.wav"
    broken.write_bytes(b"RIFF" + bytes(40))
    air.play(0, Cue("a", broken, ms(0), ms(5)))
    assert told(air.output.poll()) == [(FAILED, "a", 0, 0)]
    assert air.heard(2) == [0, 0]


def test_the_rate_of_the_file_does_not_matter(air: Air, tmp_path: Path) -> None:
    path = tmp_path / "khac.wav"
    SoundfileCodec().write(Sound(16_000, struct.pack("<32000h", *[4000] * 32_000)), path, {})
    air.play(1, Cue("a", path, ms(0), ms(2)))
    assert [round(level) for level in air.heard(4)] == [0, 4, 4, 0]


def test_the_file_appears_only_when_it_is_whole(air: Air, sound: Path) -> None:
    air.play(0, Cue("a", sound, ms(0), ms(3)))
    assert not air.path.exists()
    air.heard(4)
    assert [path.name for path in air.path.parent.iterdir()] == ["nghe.wav"]


def test_an_empty_session_is_a_file_of_silence(air: Air) -> None:
    assert air.heard(2) == [0, 0]


def test_a_session_of_no_length(air: Air) -> None:
    assert air.heard(0) == []


def test_a_file_that_cannot_be_had(tmp_path: Path) -> None:
    (tmp_path / "tep").write_text("", encoding="utf-8")
    output = FileOutput(VirtualClock(at(0)), SoundfileCodec(), tmp_path / "tep" / "nghe.wav", RATE)
    with pytest.raises(OutputError) as caught:
        output.open()
    assert caught.value.code == "output.open"
    output.close()


def test_the_null_output_counts_as_the_file_does(tmp_path: Path, sound: Path) -> None:
    """The ledger of a node is the same whichever of the two it has."""
    ledgers = []
    for kind in ("null", "file"):
        clock = VirtualClock(at(0))
        output: Output = (
            NullOutput(clock) if kind == "null" else FileOutput(clock, SoundfileCodec(), tmp_path / "x.wav", RATE)
        )
        output.open()
        seen = []
        for second, cue in (
            (1, Cue("a", sound, ms(0), ms(4))),
            (3, Cue("b", sound, ms(2), ms(2))),
            (9, Cue("c", None, ms(0), ms(1))),
        ):
            clock.sleep_until(at(second))
            output.play(cue)
            seen += [event for event in told(output.poll()) if event[0] in {STARTED, ENDED}]
        output.close()
        seen += [event for event in told(output.poll()) if event[0] in {STARTED, ENDED}]
        ledgers.append(seen)
    assert ledgers[0] == ledgers[1]


def test_a_softer_cue_is_written_softer_and_its_level_is_what_was_written(air: Air, sound: Path) -> None:
    air.play(0, Cue("a", sound, ms(4), ms(1), gain_db=-6.0206))
    air.play(1, Cue("b", sound, ms(4), ms(1)))
    air.clock.sleep_until(at(2))
    levels = [event.level for event in air.output.poll() if event.kind is ENDED]
    assert air.heard(2) == [pytest.approx(2.5, abs=0.001), 5]
    assert levels == [pytest.approx(-22.35, abs=0.01), pytest.approx(-16.33, abs=0.01)]
