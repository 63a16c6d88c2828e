import numpy as np
import pytest

from broadcaster.adapters.tts.stretch import stretched
from broadcaster.domain.take import Sound

RATE = 24_000


def tone(seconds: float, pitch: float = 150.0) -> Sound:
    time = np.arange(round(seconds * RATE)) / RATE
    samples = 8000 * np.sign(np.sin(2 * np.pi * pitch * time)) * np.minimum(1, 20 * time)
    return Sound(RATE, samples.astype("<i2").tobytes())


def pitch_of(sound: Sound) -> float:
    samples = np.frombuffer(sound.samples, "<i2").astype(float)[RATE // 4 :]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * RATE / len(samples))


@pytest.mark.parametrize("speed", [0.7, 0.85, 1.1, 1.3])
def test_time_changes_and_pitch_does_not(speed: float) -> None:
    sound = stretched(tone(2.0), speed)
    assert sound.frames == round(2.0 * RATE / speed)
    assert pitch_of(sound) == pytest.approx(150.0, abs=2.0)


@pytest.mark.parametrize("speed", [0.7, 1.3])
def test_nothing_clicks_and_nothing_drops_out(speed: float) -> None:
    time = np.arange(2 * RATE) / RATE
    sine = Sound(RATE, np.rint(8000 * np.sin(2 * np.pi * 200 * time)).astype("<i2").tobytes())
    samples = np.frombuffer(stretched(sine, speed).samples, "<i2").astype(int)
    steepest = 8000 * 2 * np.pi * 200 / RATE
    assert np.abs(np.diff(samples)).max() < 1.3 * steepest
    heights = np.abs(samples[RATE // 10 : -RATE // 10].reshape(-1, 1)[: RATE // 240 * 240]).reshape(-1, 240).max(axis=1)
    assert heights.min() > 7000


def test_its_own_pace_is_left_alone() -> None:
    assert stretched(tone(0.5), 1.0) == tone(0.5)


@pytest.mark.parametrize("frames", [0, 1, 100, 719, 721, 1500])
def test_very_short_sounds(frames: int) -> None:
    sound = Sound(RATE, bytes(2 * frames))
    assert abs(stretched(sound, 1.3).frames - frames) <= frames
