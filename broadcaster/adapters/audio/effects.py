"""Voice chains for loudspeakers, and a music bed that gives way to the voice; block by block.

Every threshold is relative to the tape's own loudness, so that a soft engine is treated as a loud one is.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from broadcaster.adapters.audio import filters
from broadcaster.adapters.audio.convolution import Convolver
from broadcaster.adapters.audio.gating import SILENT
from broadcaster.adapters.audio.loudness import loudness_of, read, rounded
from broadcaster.adapters.audio.ride import Follower, hop, ridden, rows
from broadcaster.adapters.audio.spool import Spool, spooled
from broadcaster.domain.finish import VoiceChain
from broadcaster.domain.take import Tape
from broadcaster.units import Milliseconds

VERSION = "2"
"""Counts up when a preset or a constant below changes the sound; part of a master's recipe."""


@dataclass(frozen=True, slots=True)
class Preset:
    """What a chain does, in this order.

    `high_pass` is the corner in Hz and the qualities of the second-order sections; `presence` a hill: Hz, quality, dB;
    from `rise` Hz on the octaves grow louder by 6 dB each, 0 leaves them. Above the tape's loudness plus `over` dB,
    `ratio` dB more in are one dB more out.
    """

    high_pass: tuple[float, tuple[float, ...]]
    presence: tuple[float, float, float] | None
    over: float
    ratio: float
    attack: float
    release: float
    knee: float = 6.0
    rise: float = 0.0


_BUTTERWORTH_2 = (math.sqrt(0.5),)
_BUTTERWORTH_4 = (0.5412, 1.3066)

PRESETS = {
    # A horn ends at about 300 Hz: what is below only moves its diaphragm and takes the place of what is heard. Speech
    # falls by some 6 dB an octave and noise does not; consonants are weaker than the echo of the vowel before them.
    # So the spectrum is made level, and syllables are evened out as fast as the gain may move.
    VoiceChain.HORN: Preset(
        (220.0, _BUTTERWORTH_4), None, over=-30.0, ratio=2.5, attack=0.004, release=0.03, rise=190.0
    ),
    VoiceChain.INDOOR: Preset(
        (100.0, _BUTTERWORTH_2), (3000.0, 0.7, 2.0), over=-3.0, ratio=1.6, attack=0.02, release=0.25
    ),
}

_RESPONSE_SECONDS = 0.08
_HEADROOM_DB = -10.0
"""A chain's output is kept this much lower, so that neither hill nor high-pass clips; levelling comes afterwards."""

_PAUSE_BELOW = 22.0
"""So far below its loudness a voice is held to be silent."""
_RISE = 6.0
"""Decibels by which a bed comes up in the voice's pauses."""
_DUCK_ATTACK, _DUCK_RELEASE = 0.05, 0.6
_FADE_IN, _FADE_OUT = 1.5, 2.0
_SEAM = 0.05
"""Seconds over which a bed is faded at the seam where it begins again."""


class BlockEffects:
    """The port `Effects`."""

    version = VERSION

    def treat(self, tape: Tape, chain: VoiceChain) -> Tape:
        """High-pass, presence, compression, in this order."""
        preset = PRESETS.get(chain)
        if preset is None:
            return tape
        return spooled(tape.rate, map(rounded, _whole(treated(tape, preset), tape)))

    def underlay(self, voice: Tape, bed: Tape, below: float, start_ms: Milliseconds) -> Tape:
        """The voice over a bed that fades in, repeats as often as is needed, gives way to the voice and fades out."""
        return spooled(voice.rate, map(rounded, _whole(_over_bed(voice, bed, below, start_ms), voice)))


def treated(tape: Tape, preset: Preset) -> Iterator[Any]:
    """Floats of the tape through a chain; up to a hop longer than it."""
    corner, qualities = preset.high_pass
    sections = [filters.high_pass(tape.rate, corner, quality) for quality in qualities]
    if preset.presence:
        sections.append(filters.peak(tape.rate, *preset.presence))
    if preset.rise:
        sections.append(filters.rise(tape.rate, preset.rise))
    response = filters.response(tape.rate, sections, _RESPONSE_SECONDS)
    down = 10 ** (_HEADROOM_DB / 20)

    def filtered() -> Iterator[Any]:
        stream = Convolver(response)
        for block in read(tape):
            yield stream.add(block * down)
        yield stream.finish()

    loudness = loudness_of(filtered(), tape.rate)
    if loudness <= SILENT:
        return filtered()
    threshold = loudness + preset.over

    def wanted(levels: Any) -> Any:
        return compression(levels - threshold, preset.ratio, preset.knee)

    lines = rows(filtered(), hop(tape.rate))
    return ridden(((line, line) for line in lines), Follower(wanted, preset.attack, preset.release))


def compression(over: Any, ratio: float, knee: float) -> Any:
    """Gain in dB for levels so many dB over the threshold; a parabola joins the two straight lines around it."""
    import numpy as np

    bent = np.clip(over + knee / 2, 0, knee)
    return -(1 - 1 / ratio) * (bent**2 / (2 * knee) + np.maximum(over - knee / 2, 0))


def _over_bed(voice: Tape, bed: Tape, below: float, start_ms: Milliseconds) -> Iterator[Any]:
    import numpy as np

    loudness, music = loudness_of(read(voice), voice.rate), spooled(bed.rate, bed.blocks())
    own = loudness_of(read(music), music.rate)
    if SILENT in {loudness, own}:
        yield from read(voice)
        return
    frames = sum(len(block) // 2 for block in voice.blocks())
    first = start_ms * voice.rate // 1000
    lift = 10 ** ((loudness - below - own) / 20)

    def wanted(levels: Any) -> Any:
        return np.where(levels > loudness - _PAUSE_BELOW, 0.0, _RISE)

    def pairs() -> Iterator[tuple[Any, Any]]:
        at = 0
        for line in rows(read(voice), length):
            under = _looped(music, at - first, line.size) * lift * _faded(at, line.size, first, frames, voice.rate)
            yield line, under.astype(np.float32).reshape(line.shape)
            at += line.size

    length = hop(voice.rate)
    ducked = ridden(pairs(), Follower(wanted, _DUCK_ATTACK, _DUCK_RELEASE))
    # A hop is handed out later than it went in, so the voice is read beside it in pieces of whatever comes.
    spoken = _pieces(voice)
    for block in ducked:
        yield block + spoken(len(block))


def _pieces(tape: Tape) -> Any:
    """A function that gives the next so many samples of a tape, then silence."""
    import numpy as np

    source, rest = read(tape), np.zeros(0, np.float32)

    def take(count: int) -> Any:
        nonlocal rest
        while len(rest) < count and (block := next(source, None)) is not None:
            rest = np.concatenate([rest, block])
        piece, rest = rest[:count], rest[count:]
        return np.pad(piece, (0, count - len(piece)))

    return take


def _looped(music: Spool, start: int, count: int) -> Any:
    """Samples of a sound that begins again at its end, faded at the seam; silence before its beginning."""
    import numpy as np

    found = np.zeros(count, np.float32)
    seam = min(round(_SEAM * music.rate), music.frames // 2) or 1
    at = max(0, -start)
    while at < count:
        inside = (start + at) % music.frames
        length = min(count - at, music.frames - inside)
        place = np.arange(inside, inside + length)
        ramp = np.clip(np.minimum(place + 1, music.frames - place) / seam, 0, 1)
        found[at : at + length] = music.floats(inside, length) / 32768 * ramp
        at += length
    return found


def _faded(at: int, count: int, first: int, last: int, rate: int) -> Any:
    """The bed's own gain from sample `at` on: up from `first`, down to `last`."""
    import numpy as np

    place = np.arange(at, at + count)
    return np.clip(np.minimum((place - first) / (_FADE_IN * rate), (last - place) / (_FADE_OUT * rate)), 0, 1)


def _whole(blocks: Iterator[Any], tape: Tape) -> Iterator[Any]:
    """As many samples as the tape has: rows were filled up with silence."""
    left = sum(len(block) // 2 for block in tape.blocks())
    for block in blocks:
        yield block[:left]
        left = max(0, left - len(block))
