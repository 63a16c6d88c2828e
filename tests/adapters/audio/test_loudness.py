"""Signals after EBU Tech 3341, as mono files: they read 3.01 LU below the stereo originals."""

import math
from pathlib import Path

import numpy as np
import pytest

from broadcaster.adapters.audio.codec import SoundfileCodec
from broadcaster.adapters.audio.loudness import Bs1770Meter
from broadcaster.adapters.tts.espeak import EspeakEngine
from broadcaster.adapters.tts.tone import ToneEngine
from broadcaster.domain.take import Sound, SpeechRequest
from broadcaster.units import Dbtp, Lufs
from tests.adapters.audio import ffmpeg_meter
from tests.tapes import whole

RATE = 48_000
MONO = 10 * math.log10(2)
"""What a mono file lacks of the same signal on two channels, in LU."""

INTEGRATED = {
    "1": ([(20, -23)], -23.0),
    "2": ([(20, -33)], -33.0),
    "3": ([(10, -36), (60, -23), (10, -36)], -23.0),
    "4": ([(10, -72), (10, -36), (60, -23), (10, -36), (10, -72)], -23.0),
    "5": ([(20, -26), (20.1, -20), (20, -26)], -23.0),
}
PEAKS = {
    "15": (0.5, 4, 0.0, -6.0),
    "16": (0.5, 4, 45.0, -6.0),
    "17": (0.5, 6, 60.0, -6.0),
    "18": (0.5, 8, 67.5, -6.0),
    "19": (1.41, 4, 45.0, 3.0),
}
SPEECH = (
    "Ủy ban nhân dân xã Minh Tiến thông báo: lịch tiêm phòng cho đàn gia súc, gia cầm. "
    "Kính mời bà con mang theo căn cước công dân đến nhà văn hóa thôn Đông. Xin trân trọng cảm ơn!"
)


def sound_of(values: np.ndarray, rate: int = RATE) -> Sound:
    return Sound(rate, np.clip(np.rint(values * 32768), -32768, 32767).astype("<i2").tobytes())


def sine(parts: list[tuple[float, float]], rate: int = RATE, pitch: float = 1000.0) -> np.ndarray:
    level = np.concatenate([np.full(round(seconds * rate), 10 ** (db / 20)) for seconds, db in parts])
    return level * np.sin(2 * np.pi * pitch * np.arange(len(level)) / rate)


def peaky_speech(seed: int, rate: int = 22_050, seconds: float = 12.0) -> np.ndarray:
    """Needle pulses of a voice under syllables of changing level: harder on a limiter than speech.

    The true peak is about 21 dB above the loudness, where the engines' speech has 18 to 20.
    """
    random = np.random.default_rng(seed)
    values = np.zeros(round(rate * seconds))
    at = 0.0
    while at < seconds - 0.3:
        length = random.uniform(0.08, 0.25)
        level, pitch = random.uniform(0.1, 1.0), random.uniform(90, 260)
        time = np.arange(round(length * rate)) / rate
        pulses = np.diff(np.floor(pitch * time), prepend=0.0)
        ring_time = np.arange(round(0.004 * rate)) / rate
        ring = np.exp(-ring_time / 0.0006) * np.sin(2 * np.pi * 900 * ring_time)
        syllable = level * np.convolve(pulses, ring)[: len(time)] * np.sin(np.pi * time / length)
        start = round(at * rate)
        values[start : start + len(syllable)] += syllable
        at += length + random.uniform(0, 0.15)
    return 0.9 * values / np.abs(values).max()


@pytest.fixture
def meter() -> Bs1770Meter:
    return Bs1770Meter()


@pytest.mark.parametrize("case", INTEGRATED)
@pytest.mark.parametrize("rate", [22_050, 48_000])
def test_integrated_loudness_of_tech_3341(meter: Bs1770Meter, case: str, rate: int) -> None:
    parts, expected = INTEGRATED[case]
    assert meter.measure(sound_of(sine(parts, rate), rate)).loudness == pytest.approx(expected - MONO, abs=0.1)


@pytest.mark.parametrize("case", [case for case in PEAKS if case != "19"])
@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000, 96_000])
def test_true_peaks_of_tech_3341(meter: Bs1770Meter, case: str, rate: int) -> None:
    height, divisor, phase, expected = PEAKS[case]
    samples = height * np.sin(2 * np.pi * np.arange(rate) / divisor + np.radians(phase))
    # The tone rises and falls: a tone that begins at once is itself higher than its steady part.
    samples *= np.minimum(1, np.minimum(np.arange(rate), np.arange(rate)[::-1]) / (0.05 * rate))
    assert expected - 0.4 <= meter.measure(sound_of(samples, rate)).true_peak <= expected + 0.2


def test_a_peak_above_full_scale_is_seen(meter: Bs1770Meter) -> None:
    """Case 19: samples that fit 16 bits, and a crest between them that does not."""
    height, divisor, phase, expected = PEAKS["19"]
    samples = height * np.sin(2 * np.pi * np.arange(RATE) / divisor + np.radians(phase))
    samples *= np.minimum(1, np.minimum(np.arange(RATE), np.arange(RATE)[::-1]) / (0.05 * RATE))
    assert np.abs(samples).max() < 1
    assert expected - 0.4 <= meter.measure(sound_of(samples)).true_peak <= expected + 0.2


def test_the_peak_of_a_short_burst_is_found_wherever_it_is(meter: Bs1770Meter) -> None:
    """Most of a sound is skipped when peaks are looked for; the loudest place must not be."""
    for start in (0, 1, 31, 32, 33, 4000, 9967, 9983):
        values = np.full(10_000, 0.01)
        values[start : start + 16] += 0.5 * np.sin(2 * np.pi * np.arange(16) / 4 + np.pi / 4)[: 10_000 - start]
        alone = np.pad(values, 5000, mode="edge")[3000:-3000]
        assert meter.measure(sound_of(values)).true_peak == pytest.approx(
            meter.measure(sound_of(alone)).true_peak, abs=0.7
        )


@pytest.mark.parametrize("frames", [0, 1, 5, 100, 8819])
def test_what_is_too_short_to_measure(meter: Bs1770Meter, frames: int) -> None:
    sound = sound_of(np.full(frames, 0.5), 22_050)
    assert meter.measure(sound).loudness == -70.0
    assert whole(meter.level(sound, Lufs(-16.0), Dbtp(-1.5))).frames == frames


def test_a_short_sound_is_held_under_the_ceiling(meter: Bs1770Meter) -> None:
    sound = sound_of(0.99 * np.sin(np.arange(2000) / 3), 22_050)
    assert meter.measure(sound).true_peak > -1.5
    assert meter.measure(meter.level(sound, Lufs(-16.0), Dbtp(-1.5))).true_peak <= -1.5


def test_silence(meter: Bs1770Meter) -> None:
    sound = Sound(22_050, bytes(2 * 22_050))
    assert meter.measure(sound).loudness == -70.0
    assert meter.measure(sound).true_peak == -120.0
    assert whole(meter.level(sound, Lufs(-16.0), Dbtp(-1.5))) == sound


def test_sound_below_the_gate_is_left_as_it_is(meter: Bs1770Meter) -> None:
    sound = sound_of(np.random.default_rng(1).choice([-1, 0, 1], 22_050) / 32768, 22_050)
    assert meter.measure(sound).loudness == -70.0
    assert whole(meter.level(sound, Lufs(-16.0), Dbtp(-1.5))) == sound


def checked_level(meter: Bs1770Meter, sound: Sound, target: float, within: float) -> Sound:
    level = whole(meter.level(sound, Lufs(target), Dbtp(-1.5)))
    assert level.frames == sound.frames
    assert meter.measure(level).true_peak <= -1.5
    assert meter.measure(level).loudness == pytest.approx(target, abs=within)
    return level


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("target", [-23.0, -16.0])
def test_peaky_speech_reaches_target_and_ceiling(meter: Bs1770Meter, seed: int, target: float) -> None:
    checked_level(meter, sound_of(peaky_speech(seed), 22_050), target, 0.1)


@pytest.mark.parametrize("rate", [16_000, 24_000, 44_100, 48_000])
def test_at_every_rate(meter: Bs1770Meter, rate: int) -> None:
    checked_level(meter, sound_of(peaky_speech(1, rate), rate), -16.0, 0.1)


def test_what_was_clipped_and_too_loud_comes_down(meter: Bs1770Meter) -> None:
    values = np.clip(8 * peaky_speech(2), -1, 1)
    assert meter.measure(sound_of(values, 22_050)).loudness > -16
    checked_level(meter, sound_of(values, 22_050), -16.0, 0.1)


def test_very_soft_sound_comes_up(meter: Bs1770Meter) -> None:
    checked_level(meter, sound_of(0.01 * peaky_speech(3), 22_050), -16.0, 0.1)


def test_the_ceiling_wins_where_both_cannot_be_had(meter: Bs1770Meter) -> None:
    clicks = np.zeros(22_050 * 5)
    clicks[::2205] = 0.9
    level = whole(meter.level(sound_of(clicks, 22_050), Lufs(-10.0), Dbtp(-1.5)))
    assert meter.measure(level).true_peak <= -1.5
    assert meter.measure(level).loudness < -10.0


def test_levelling_twice_gives_the_same_bytes_each_time(meter: Bs1770Meter) -> None:
    sound = sound_of(peaky_speech(4), 22_050)
    once = whole(meter.level(sound, Lufs(-16.0), Dbtp(-1.5)))
    assert whole(Bs1770Meter().level(sound, Lufs(-16.0), Dbtp(-1.5))) == once
    again = whole(meter.level(once, Lufs(-16.0), Dbtp(-1.5)))
    assert meter.measure(again).loudness == pytest.approx(-16.0, abs=0.05)


def test_the_gain_does_not_click(meter: Bs1770Meter) -> None:
    """A soft tone with one loud burst: the gain must glide down and up, so the tone's own steps stay small."""
    rate = 22_050
    values = 0.1 * np.sin(2 * np.pi * 100 * np.arange(4 * rate) / rate)
    values[2 * rate : 2 * rate + 200] += 0.85 * np.sin(2 * np.pi * 1000 * np.arange(200) / rate) * np.hanning(200)
    level = np.frombuffer(whole(meter.level(sound_of(values, rate), Lufs(-16.0), Dbtp(-1.5))).samples, "<i2") / 32768
    gain = np.abs(level).max() / np.abs(values).max()
    outside = np.r_[: 2 * rate - 20, 2 * rate + 220 : 4 * rate - 1]
    ratio = np.abs(np.diff(level, 2, append=0)[: 4 * rate - 1])[outside].max() / np.abs(np.diff(values, 2)).max()
    assert ratio < 10 * gain


@pytest.mark.skipif(not ffmpeg_meter.AVAILABLE, reason="ffmpeg is not on this machine")
class TestByFfmpeg:
    @pytest.mark.parametrize("rate", [22_050, 48_000])
    def test_both_meters_agree(self, meter: Bs1770Meter, tmp_path: Path, rate: int) -> None:
        for number, values in enumerate([sine([(5, -20)], rate), peaky_speech(5, rate), 0.2 * peaky_speech(6, rate)]):
            path = tmp_path / f"{number}.wav"
            sound = sound_of(values, rate)
            SoundfileCodec().write(sound, path, {})
            loudness, peak = ffmpeg_meter.measured(path)
            assert meter.measure(sound).loudness == pytest.approx(loudness, abs=0.1)
            assert peak - 0.15 <= meter.measure(sound).true_peak <= peak + 0.4

    @pytest.mark.parametrize("seed", range(10, 16))
    def test_masters_are_right(self, meter: Bs1770Meter, tmp_path: Path, seed: int) -> None:
        path = tmp_path / "master.wav"
        level = whole(meter.level(sound_of(peaky_speech(seed), 22_050), Lufs(-16.0), Dbtp(-1.5)))
        SoundfileCodec().write(level, path, {})
        loudness, peak = ffmpeg_meter.measured(path)
        assert loudness == pytest.approx(-16.0, abs=0.11)
        assert peak <= -1.5

    def test_speech_of_the_engines_is_right(self, meter: Bs1770Meter, tmp_path: Path) -> None:
        espeak = EspeakEngine()
        sounds = [espeak.speak(SpeechRequest(SPEECH, voice=voice.name)) for voice in espeak.voices()]
        espeak.close()
        for sound in [*sounds, ToneEngine().speak(SpeechRequest(SPEECH))]:
            path = tmp_path / "master.wav"
            SoundfileCodec().write(whole(meter.level(sound, Lufs(-16.0), Dbtp(-1.5))), path, {})
            loudness, peak = ffmpeg_meter.measured(path)
            assert loudness == pytest.approx(-16.0, abs=0.11)
            assert peak <= -1.5
