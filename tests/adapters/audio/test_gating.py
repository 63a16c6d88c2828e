"""The synthesizable cases of EBU Tech 3341 and 3342 through the product's meter, and other meters beside it."""

import re
import shutil
import subprocess
from pathlib import Path

import loudness
import numpy as np
import pytest
import soundfile

from broadcaster.adapters.audio.gating import Loudnesses, LoudnessMeter
from broadcaster.adapters.audio.truepeak import PeakMeter

RATE = 48_000
TONE = 1000


def tones(*parts: tuple[float | None, float]) -> np.ndarray:
    """Stereo 1 kHz at each level in dBFS (None: silence) for so many seconds, its phase running on."""
    heights = np.concatenate(
        [np.full(round(seconds * RATE), 0.0 if level is None else 10 ** (level / 20)) for level, seconds in parts]
    )
    wave = heights * np.sin(2 * np.pi * TONE * np.arange(len(heights)) / RATE)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def heard(samples: np.ndarray, block: int = 7001) -> Loudnesses:
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    meter = LoudnessMeter(RATE, channels)
    for start in range(0, len(samples), block):
        meter.add(samples[start : start + block])
    return meter.finish()


INTEGRATED = {
    "1": (tones((-23, 20)), -23),
    "2": (tones((-33, 20)), -33),
    "3": (tones((-36, 10), (-23, 60), (-36, 10)), -23),
    "4": (tones((-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)), -23),
    "5": (tones((-26, 20), (-20, 20.1), (-26, 20)), -23),
}


@pytest.mark.parametrize("case", INTEGRATED)
def test_tech_3341_integrated(case: str) -> None:
    samples, expected = INTEGRATED[case]
    assert heard(samples).integrated() == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("level", [-23, -33])
def test_tech_3341_cases_1_and_2_by_all_three_windows(level: int) -> None:
    found = heard(tones((level, 20)))
    assert found.momentary()[100:-1] == pytest.approx(level, abs=0.1)
    assert found.short_term()[:-1] == pytest.approx(level, abs=0.1)


def test_tech_3341_case_6_surround() -> None:
    assert heard(surround()).integrated() == pytest.approx(-23, abs=0.1)


def test_tech_3341_case_9_short_term_stays() -> None:
    found = heard(tones(*[(-20, 1.34), (-30, 1.66)] * 5))
    assert found.short_term() == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("number", range(20))
def test_tech_3341_cases_10_and_11_short_term(number: int) -> None:
    for level in (-23, -38 + number):
        found = heard(tones((None, 0.15 * number), (level, 3), (None, 1)))
        assert found.short_term().max() == pytest.approx(level, abs=0.1)


def test_tech_3341_case_12_momentary_stays() -> None:
    found = heard(tones(*[(-20, 0.18), (-30, 0.22)] * 25))
    assert found.momentary()[60:] == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("number", range(20))
def test_tech_3341_cases_13_and_14_momentary(number: int) -> None:
    for level in (-23, -38 + number):
        found = heard(tones((None, 0.02 * number), (level, 0.4), (None, 1)))
        assert found.momentary().max() == pytest.approx(level, abs=0.1)


PEAKS = {
    "15": (0.5, 4, 0.0, -6.0),
    "16": (0.5, 4, 45.0, -6.0),
    "17": (0.5, 6, 60.0, -6.0),
    "18": (0.5, 8, 67.5, -6.0),
    "19": (1.41, 4, 45.0, 3.0),
}


@pytest.mark.parametrize("case", PEAKS)
def test_tech_3341_true_peak(case: str) -> None:
    expected = PEAKS[case][-1]
    samples, meter = peaking(case), PeakMeter(RATE)
    for start in range(0, RATE, 997):
        meter.add(samples[start : start + 997])
    assert expected - 0.4 <= 20 * np.log10(meter.finish()) <= expected + 0.2


RANGES = {
    "1": ([-20, -30], 10),
    "2": ([-20, -15], 5),
    "3": ([-40, -20], 20),
    "4": ([-50, -35, -20, -35, -50], 15),
}


@pytest.mark.parametrize("case", RANGES)
def test_tech_3342_range(case: str) -> None:
    levels, expected = RANGES[case]
    assert heard(tones(*[(level, 20) for level in levels])).range() == pytest.approx(expected, abs=1)


@pytest.mark.parametrize("rate", [8000, 11_025, 22_050, 24_000, 44_100, 96_000])
def test_blocks_of_any_length_give_what_another_library_finds(rate: int) -> None:
    random = np.random.default_rng(rate)
    steps = np.repeat(random.random(14), rate)
    samples = (random.standard_normal(len(steps)) * 0.1 * steps).astype(np.float32)
    meter = LoudnessMeter(rate)
    position = 0
    while position < len(samples):
        length = int(random.integers(1, 60_000))
        meter.add(samples[position : position + length])
        position += length
    assert meter.finish().integrated() == pytest.approx(loudness.integrated_loudness(samples, rate), abs=0.02)


def surround() -> np.ndarray:
    front, centre, back = (tones((level, 20))[:, :1] for level in (-28, -24, -30))
    return np.concatenate([front, front, centre, back, back], axis=1)


def peaking(case: str) -> np.ndarray:
    """The tone of a true-peak case, faded at both ends: one that begins at once is higher than its steady part."""
    height, divisor, phase, _ = PEAKS[case]
    count = np.arange(RATE)
    wave = height * np.sin(2 * np.pi * count / divisor + np.radians(phase))
    return (wave * np.minimum(1, np.minimum(count, count[::-1]) / (0.01 * RATE))).astype(np.float32)


def ffmpeg_says(samples: np.ndarray, folder: Path) -> tuple[float, float, float]:
    """Loudness, range and true peak by ffmpeg's ebur128."""
    soundfile.write(folder / "a.wav", samples, RATE, subtype="FLOAT")
    command = [
        "ffmpeg",
        "-hide_banner",
        "-nostats",
        "-i",
        folder / "a.wav",
        "-af",
        "ebur128=peak=true",
        "-f",
        "null",
        "-",
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    patterns = (r"I:\s+(-?[\d.]+) LUFS", r"LRA:\s+([\d.]+) LU", r"Peak:\s+(-?[\d.]+) dBFS")
    loudness_, range_, peak = (float(re.findall(pattern, said)[-1]) for pattern in patterns)
    return loudness_, range_, peak


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is the second opinion")
class TestByFfmpeg:
    @pytest.mark.parametrize("case", [*INTEGRATED, "6", "9", "12", *(f"range {case}" for case in RANGES)])
    def test_it_hears_the_same(self, case: str, tmp_path: Path) -> None:
        made = {
            "6": surround(),
            "9": tones(*[(-20, 1.34), (-30, 1.66)] * 5),
            "12": tones(*[(-20, 0.18), (-30, 0.22)] * 25),
        }
        made |= {key: samples for key, (samples, _) in INTEGRATED.items()}
        made |= {f"range {key}": tones(*[(level, 20) for level in levels]) for key, (levels, _) in RANGES.items()}
        loudness_, range_, _ = ffmpeg_says(made[case], tmp_path)
        found = heard(made[case])
        assert found.integrated() == pytest.approx(loudness_, abs=0.1)
        assert found.range() == pytest.approx(range_, abs=1)

    @pytest.mark.parametrize("case", PEAKS)
    def test_it_finds_the_same_peaks(self, case: str, tmp_path: Path) -> None:
        meter = PeakMeter(RATE)
        meter.add(peaking(case))
        _, _, peak = ffmpeg_says(peaking(case), tmp_path)
        assert 20 * np.log10(meter.finish()) == pytest.approx(peak, abs=0.4)


def test_silence_and_what_is_too_short_have_no_loudness() -> None:
    assert heard(np.zeros(RATE, np.float32)).integrated() == -70.0
    assert heard(np.ones(RATE // 3, np.float32)).integrated() == -70.0
    assert heard(np.zeros(0, np.float32)).integrated() == -70.0
    assert heard(np.zeros(0, np.float32)).range() == 0.0


def test_an_unknown_set_of_channels_is_refused() -> None:
    with pytest.raises(ValueError, match="3 channels"):
        LoudnessMeter(RATE, 3)
