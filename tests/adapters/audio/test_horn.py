"""The simulated horn, measured: band, echo, signal-to-noise ratio; and that it gives the same samples each time."""

import numpy as np
import pytest

from broadcaster.adapters.audio.horn import ECHO_DB, ECHO_MS, LEAD_MS, SNR_DB, VillageHorn
from broadcaster.domain.take import Sound, Tape
from tests.tapes import InBlocks

RATE = 24_000
NOISELESS = 200.0
NO_ECHO = -200.0


def sound(values: np.ndarray, rate: int = RATE) -> Sound:
    return Sound(rate, np.rint(values * 32767).astype("<i2").tobytes())


def samples(tape: Tape) -> np.ndarray:
    return np.frombuffer(b"".join(tape.blocks()), "<i2") / 32768


def hiss(seconds: float = 4.0, level: float = 0.1, rate: int = RATE) -> np.ndarray:
    return np.clip(np.random.default_rng(7).standard_normal(round(seconds * rate)) * level, -1, 1)


def decibels(values: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(values))))


@pytest.mark.parametrize("rate", [16_000, 24_000, 48_000])
def test_the_band_is_that_of_a_horn(rate: int) -> None:
    before = hiss(rate=rate)
    after = samples(VillageHorn(echo_db=NO_ECHO, snr_db=NOISELESS).play(sound(before, rate)))
    size = 4 * rate // 10
    ratio = spectrum(after, size) / spectrum(before, size)
    hertz = np.fft.rfftfreq(size, 1 / rate)
    passed = 10 * np.log10(ratio)
    assert np.median(passed[(hertz > 380) & (hertz < 5900)]) == pytest.approx(-1.0, abs=1.5)
    assert passed[(hertz > 20) & (hertz < 220)].max() < -40
    assert passed[hertz > 6120].max() < -40
    for edge in (300, 6000):
        assert passed[np.argmin(np.abs(hertz - edge))] == pytest.approx(-6, abs=3)


def spectrum(values: np.ndarray, size: int) -> np.ndarray:
    frames = np.lib.stride_tricks.sliding_window_view(values, size)[:: size // 2] * np.hanning(size)
    return np.square(np.abs(np.fft.rfft(frames, axis=1))).mean(axis=0) + 1e-20


def test_one_echo_comes_after_a_quarter_of_a_second() -> None:
    click = np.zeros(RATE)
    click[1000] = 0.9
    heard = np.abs(samples(VillageHorn(snr_db=NOISELESS).play(sound(click))))
    lead, delay = RATE * LEAD_MS // 1000, RATE * ECHO_MS // 1000
    assert np.argmax(heard) == lead + 1000
    later = heard.copy()
    later[: lead + 1000 + 600] = 0
    assert np.argmax(later) == lead + 1000 + delay
    assert 20 * np.log10(later.max() / heard.max()) == pytest.approx(ECHO_DB, abs=0.1)
    later[np.argmax(later) - 600 : np.argmax(later) + 600] = 0
    assert later.max() < 0.001


def test_noise_is_ten_decibels_below_active_speech_whatever_the_pauses() -> None:
    word = hiss(0.5)
    text = np.concatenate([word, np.zeros(3 * RATE), word])
    quiet = samples(VillageHorn(echo_db=NO_ECHO, snr_db=NOISELESS).play(sound(text)))
    noisy = samples(VillageHorn(echo_db=NO_ECHO).play(sound(text)))
    noise = noisy - quiet
    lead = RATE * LEAD_MS // 1000
    assert decibels(quiet[lead : lead + len(word)]) - decibels(noise) == pytest.approx(SNR_DB, abs=0.5)
    halves = spectrum(noise, 2400)
    assert 10 * np.log10(halves[20:600].mean() / halves[600:1180].mean()) == pytest.approx(0, abs=0.3)


def test_it_is_the_same_each_time_and_in_blocks_of_any_length() -> None:
    spoken = sound(hiss(2.0))
    once = samples(VillageHorn().play(spoken))
    played = VillageHorn().play(spoken)
    assert np.array_equal(samples(played), once)
    assert np.array_equal(samples(played), once)
    assert np.abs(samples(VillageHorn().play(InBlocks(spoken, 777))) - once).max() < 2 / 32768
    assert not np.array_equal(samples(VillageHorn(seed=1).play(spoken)), once)


def test_the_length_is_that_of_the_sound_its_lead_and_its_echo() -> None:
    heard = VillageHorn().play(sound(hiss(0.3)))
    assert len(samples(heard)) == RATE * (300 + LEAD_MS + ECHO_MS) // 1000


def test_a_sound_at_full_scale_is_turned_down_and_not_clipped() -> None:
    heard = samples(VillageHorn().play(sound(np.sign(hiss(1.0)) * 0.99)))
    assert np.mean(np.abs(heard) > 0.9999) < 1e-4


def test_silence_stays_silent() -> None:
    assert not samples(VillageHorn().play(sound(np.zeros(RATE)))).any()
    assert not samples(VillageHorn().play(Sound(RATE, b""))).any()
