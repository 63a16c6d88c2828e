"""Voice chains and the music bed: frequency response, compression ratio, ducking, and that nothing else is touched."""

import numpy as np
import pytest

from broadcaster.adapters.audio.effects import PRESETS, BlockEffects, compression, treated
from broadcaster.adapters.audio.loudness import Bs1770Meter
from broadcaster.adapters.audio.ride import Follower, hop, ridden, rows
from broadcaster.adapters.tts.espeak import EspeakEngine
from broadcaster.adapters.tts.tone import ToneEngine
from broadcaster.domain.finish import VoiceChain
from broadcaster.domain.take import Sound, SpeechRequest, Tape
from broadcaster.units import Dbtp, Lufs, Milliseconds

RATE = 24_000
CHAINS = [VoiceChain.HORN, VoiceChain.INDOOR]


def sound_of(values: np.ndarray) -> Sound:
    return Sound(RATE, np.clip(np.rint(values * 32768), -32768, 32767).astype("<i2").tobytes())


def values_of(tape: Tape) -> np.ndarray:
    return np.frombuffer(b"".join(tape.blocks()), "<i2") / 32768


def level(values: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(values**2) + 1e-12))


def sine(pitch: float, height: float, seconds: float = 2.0) -> np.ndarray:
    return height * np.sin(2 * np.pi * pitch * np.arange(round(seconds * RATE)) / RATE)


class Cut:
    """A tape in blocks of lengths that nothing divides."""

    def __init__(self, sound: Sound) -> None:
        self.rate, self._sound = sound.rate, sound

    def blocks(self):  # noqa: ANN201
        for start in range(0, len(self._sound.samples), 2 * 7919):
            yield self._sound.samples[start : start + 2 * 7919]


def before_rounding(values: np.ndarray, chain: VoiceChain) -> np.ndarray:
    """What the chain makes of it in floats: its soft parts are too soft for 16 bits to measure them."""
    return np.concatenate(list(treated(sound_of(values), PRESETS[chain])))[: len(values)]


def gain_at(chain: VoiceChain, pitch: float) -> float:
    """What a soft tone gains beside a loud one of 1 kHz that sets the threshold: the filters alone."""
    quiet, loud = sine(pitch, 0.001), sine(1000, 0.2)
    out = before_rounding(np.concatenate([loud, np.zeros(RATE), quiet]), chain)
    return level(out[-RATE:-1000]) - level(quiet)


def test_frequency_response_indoors() -> None:
    plain = gain_at(VoiceChain.INDOOR, 400)
    assert gain_at(VoiceChain.INDOOR, 35) < plain - 15
    assert gain_at(VoiceChain.INDOOR, 100) == pytest.approx(plain - 3, abs=0.9)
    assert gain_at(VoiceChain.INDOOR, 3000) == pytest.approx(plain + 2, abs=0.9)


def test_the_horn_chain_rises_by_six_decibels_an_octave_above_its_high_pass() -> None:
    gains = {pitch: gain_at(VoiceChain.HORN, pitch) for pitch in (110, 500, 1000, 2000)}
    assert gains[110] < gains[500] - 15
    assert gains[2000] - gains[1000] == pytest.approx(5.8, abs=0.4)
    assert gains[1000] - gains[500] == pytest.approx(5.6, abs=0.6)


@pytest.mark.parametrize("chain", CHAINS)
def test_compression_ratio_and_threshold(chain: VoiceChain) -> None:
    """Steps of 6 dB of one tone: above the threshold they are 6 dB over the ratio apart, far below still 6."""
    preset = PRESETS[chain]
    steps = [sine(1000, 0.4 / 2**n, 2.0) for n in range(9)]
    out = before_rounding(np.concatenate(steps), chain)
    levels = [level(out[n * 2 * RATE + RATE : (n + 1) * 2 * RATE - 500]) for n in range(9)]
    apart = -np.diff(levels)
    assert apart[0] == pytest.approx(6.02 / preset.ratio, abs=0.2)
    assert apart[-1] == pytest.approx(6.02, abs=0.1)
    assert np.all(np.diff(apart) > -0.1)


def test_the_curve_is_smooth_and_never_gives() -> None:
    over = np.linspace(-20, 20, 401)
    gain = compression(over, 2.5, 6.0)
    assert gain[:140] == pytest.approx(0)
    assert np.all(np.diff(gain) <= 1e-12)
    assert np.diff(gain, 2).min() > -0.02
    assert gain[-1] == pytest.approx(-20 * 0.6)


@pytest.mark.parametrize("chain", list(VoiceChain))
def test_as_many_samples_and_the_same_ones_each_time(chain: VoiceChain) -> None:
    speech = ToneEngine().speak(SpeechRequest("Kính mời bà con đến nhà văn hóa thôn, lúc bảy giờ."))
    sound = Sound(RATE, speech.samples)
    first = values_of(BlockEffects().treat(sound, chain))
    assert len(first) == sound.frames
    assert np.array_equal(first, values_of(BlockEffects().treat(Cut(sound), chain)))


@pytest.mark.parametrize(("chain", "least"), [(VoiceChain.HORN, 1.5), (VoiceChain.INDOOR, 0.0)])
def test_at_the_same_loudness_more_of_a_voice_comes_out_of_a_horn(chain: VoiceChain, least: float) -> None:
    """Through 300 to 6,000 Hz, between 1 and 4 kHz, where consonants are."""
    espeak = EspeakEngine()
    spoken = espeak.speak(SpeechRequest("Kính mời bà con đến nhà văn hóa thôn họp bàn việc làm đường. " * 3))
    espeak.close()

    def heard(used: VoiceChain) -> float:
        tape = Bs1770Meter().level(BlockEffects().treat(spoken, used), Lufs(-16.0), Dbtp(-1.5))
        power = np.abs(np.fft.rfft(values_of(tape))) ** 2
        pitch = np.fft.rfftfreq(spoken.frames, 1 / spoken.rate)
        return float(10 * np.log10(power[(pitch > 1000) & (pitch < 4000)].sum()))

    assert heard(chain) - heard(VoiceChain.OFF) > least


def test_off_is_the_tape_itself() -> None:
    sound = sound_of(sine(440, 0.1))
    assert BlockEffects().treat(sound, VoiceChain.OFF) is sound


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("frames", [0, 1, 239, 240, 241, 5000])
def test_short_and_silent_sounds(chain: VoiceChain, frames: int) -> None:
    for values in (np.zeros(frames), np.full(frames, 0.3)):
        assert len(values_of(BlockEffects().treat(sound_of(values), chain))) == frames


@pytest.mark.parametrize("chain", CHAINS)
def test_full_scale_speech_does_not_clip(chain: VoiceChain) -> None:
    random = np.random.default_rng(3)
    values = np.clip(random.standard_normal(4 * RATE) * np.abs(np.sin(np.arange(4 * RATE) / 4000)), -1, 1)
    assert np.abs(values_of(BlockEffects().treat(sound_of(values), chain))).max() < 0.95


@pytest.mark.parametrize("chain", CHAINS)
def test_a_soft_voice_is_treated_as_a_loud_one(chain: VoiceChain) -> None:
    random = np.random.default_rng(4)
    values = 0.5 * np.clip(random.standard_normal(4 * RATE) / 3, -1, 1) * np.abs(np.sin(np.arange(4 * RATE) / 6000))
    loud, soft = (values_of(BlockEffects().treat(sound_of(values * k), chain)) for k in (1.0, 0.25))
    assert np.abs(soft - 0.25 * loud).max() < 3 / 32768


# The bed


def music(seconds: float = 3.0) -> Sound:
    """A steady chord, shorter than what lies over it."""
    return sound_of(sum(sine(pitch, 0.1, seconds) for pitch in (220.0, 277.2, 329.6)))


def spoken(pause: float = 3.0) -> tuple[np.ndarray, slice, slice]:
    """Noise at the level of speech for 6 s, a pause, noise again; where it speaks and where it does not."""
    random = np.random.default_rng(5)
    part = 0.1 * random.standard_normal(6 * RATE)
    silence = np.zeros(round(pause * RATE))
    return np.concatenate([part, silence, part, part]), slice(3 * RATE, 5 * RATE), slice(8 * RATE, 9 * RATE)


def test_a_bed_gives_way_to_the_voice_and_comes_up_in_its_pauses() -> None:
    values, speaking, pausing = spoken()
    below = 18.0
    out = values_of(BlockEffects().underlay(sound_of(values), music(), below, Milliseconds(0)))
    bed = out - values
    loudness = Bs1770Meter().measure
    under = loudness(sound_of(bed[speaking])).loudness
    voice = loudness(sound_of(values[speaking])).loudness
    assert voice - under == pytest.approx(below, abs=1.0)
    assert level(bed[pausing]) - level(bed[speaking]) == pytest.approx(6.0, abs=0.7)


def test_a_bed_begins_after_the_chime_and_is_faded_at_both_ends() -> None:
    values, _, _ = spoken()
    out = values_of(BlockEffects().underlay(sound_of(values), music(), 18.0, Milliseconds(2000)))
    bed = out - values
    assert len(out) == len(values)
    assert np.abs(bed[: 2 * RATE]).max() < 1 / 16384
    assert level(bed[round(2.1 * RATE) : round(2.4 * RATE)]) < level(bed[4 * RATE : 5 * RATE]) - 10
    assert np.abs(bed[-20:]).max() < 3 / 32768


def test_the_seam_of_a_bed_does_not_click() -> None:
    values, _, _ = spoken()
    clipped = Sound(RATE, music(2.987).samples)
    out = values_of(BlockEffects().underlay(sound_of(values), clipped, 12.0, Milliseconds(0)))
    bed = (out - values)[RATE:-RATE]
    assert np.abs(np.diff(bed, 2)).max() < 0.02


@pytest.mark.parametrize("silent", ["voice", "bed"])
def test_without_a_voice_or_without_music_the_voice_stays(silent: str) -> None:
    values, _, _ = spoken()
    nothing = sound_of(np.zeros(RATE))
    voice, bed = (nothing, music()) if silent == "voice" else (sound_of(values), nothing)
    assert np.array_equal(values_of(BlockEffects().underlay(voice, bed, 18.0, Milliseconds(0))), values_of(voice))


# The gain


def test_the_gain_follows_at_its_pace_whatever_the_blocks() -> None:
    values = np.concatenate([np.zeros(RATE), np.full(RATE, 0.5), np.zeros(RATE)]).astype(np.float32)
    follower = Follower(lambda levels: np.where(levels > -20, -12.0, 0.0), 0.05, 0.5)
    ones = np.ones_like(values)
    found = []
    for size in (997, 24_000, 72_000):
        cut = [(values[at : at + size], ones[at : at + size]) for at in range(0, len(values), size)]
        keys, sounds = rows((key for key, _ in cut), hop(RATE)), rows((sound for _, sound in cut), hop(RATE))
        found.append(np.concatenate(list(ridden(zip(keys, sounds, strict=True), follower))))
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[1], found[2])
    decibels = 20 * np.log10(found[0])
    assert decibels[RATE + RATE // 20] == pytest.approx(-12 * (1 - 1 / np.e), abs=1.5)
    assert decibels[2 * RATE - 1000] == pytest.approx(-12, abs=0.1)
    assert decibels[2 * RATE + RATE // 2] == pytest.approx(-12 / np.e, abs=0.7)
    assert np.abs(np.diff(decibels)).max() < 0.05
