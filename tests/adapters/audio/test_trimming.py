"""Silence at both ends of a recording, in rooms of every noise; and tapes that are joined as they are read."""

import numpy as np
import pytest

from broadcaster.adapters.audio.assembly import PydubAssembler
from broadcaster.adapters.audio.trimming import trimmed
from broadcaster.domain.take import Sound, Tape, tape_ms
from broadcaster.units import Milliseconds
from tests.tapes import InBlocks

RATE = 24_000
KEEP = Milliseconds(150)


def a_recording(before: float, speech: float, after: float, noise_db: float, click: float = 0) -> Sound:
    """A voice between two silences, in a room with noise; with a click of the mouse at its very beginning."""
    random = np.random.default_rng(7)
    count = [int(seconds * RATE) for seconds in (before, speech, after)]
    samples = 10 ** (noise_db / 20) * random.standard_normal(sum(count))
    time = np.arange(count[1]) / RATE
    samples[count[0] : count[0] + count[1]] += 0.4 * np.sin(2 * np.pi * 200 * time) * np.abs(np.sin(7 * time + 0.4))
    samples[10:20] += click
    return Sound(RATE, np.clip(samples * 32767, -32768, 32767).astype("<i2").tobytes())


@pytest.mark.parametrize("noise_db", [-90, -70, -55, -42])
@pytest.mark.parametrize("size", [777, 1 << 17])
def test_silence_is_cut_whatever_the_room(noise_db: float, size: int) -> None:
    tape = trimmed(InBlocks(a_recording(2.0, 3.0, 1.5, noise_db), size), KEEP)
    assert tape_ms(tape) == pytest.approx(3000 + 2 * KEEP, abs=60)


def test_a_click_is_no_speech() -> None:
    tape = trimmed(a_recording(2.0, 3.0, 1.5, -70, click=0.8), KEEP)
    assert tape_ms(tape) == pytest.approx(3000 + 2 * KEEP, abs=60)


def test_what_has_no_silence_stays_whole_to_the_sample() -> None:
    sound = a_recording(0, 2.0, 0, -70)
    assert b"".join(trimmed(InBlocks(sound, 1000), KEEP).blocks()) == sound.samples


@pytest.mark.parametrize("sound", [Sound(RATE, b""), Sound(RATE, bytes(96_000)), a_recording(1, 0, 1, -75)])
def test_of_silence_nothing_is_left(sound: Sound) -> None:
    assert list(trimmed(sound, KEEP).blocks()) == []


@pytest.mark.parametrize("frames", [0, 1, 100, 383, 384, 385, 5000])
@pytest.mark.parametrize("size", [1, 100, 191, 192, 10_000])
def test_a_tape_is_joined_as_the_same_sound_is(frames: int, size: int) -> None:
    samples = np.random.default_rng(2).integers(-20_000, 20_000, frames).astype("<i2").tobytes()
    sound = Sound(RATE, samples)
    joined: list[Tape] = [
        PydubAssembler().join([piece, Milliseconds(5)], RATE) for piece in (sound, InBlocks(sound, size))
    ]
    one, other = (b"".join(tape.blocks()) for tape in joined)
    assert one == other


def test_a_tape_at_another_rate_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="16000"):
        PydubAssembler().join([InBlocks(Sound(16_000, bytes(64)), 8)], RATE)
