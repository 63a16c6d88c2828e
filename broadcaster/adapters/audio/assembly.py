"""Joins and trims sounds with pydub."""

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from broadcaster.adapters.audio.trimming import trimmed
from broadcaster.domain.take import Sound, Tape
from broadcaster.units import Milliseconds

FADE_MS = 8
"""A join is faded out and in over this time: long enough that nothing clicks, too short to be heard as a fade."""
SILENCE_BELOW_PEAK_DB = 45
"""Sound this far below the loudest tenth of a second counts as silence: breath and hiss, no consonant."""

SILENT_DB = -120.0
_STEP_MS = 10
_FLOOR_DBFS = -75.0


class PydubAssembler:
    """The port `Assembler` over pydub segments; no ffmpeg is called."""

    def join(self, pieces: Sequence[Tape | Milliseconds], rate: int) -> Tape:
        """The pieces one after the other, faded as they are read.

        Raises:
            ValueError: for a sound at another rate: the codec and the engines resample, a join does not guess.
        """
        for piece in pieces:
            if not isinstance(piece, int) and piece.rate != rate:
                msg = f"a sound at {piece.rate} Hz cannot join others at {rate} Hz"
                raise ValueError(msg)
        return _Joined(rate, tuple(pieces))

    def resample(self, sound: Sound, rate: int) -> Sound:
        """The same sound at another rate, by soxr at its high quality."""
        if sound.rate == rate:
            return sound
        import numpy as np
        import soxr

        # As floats: given 16-bit numbers, soxr ends some sounds with other samples from one time to the next.
        given = np.frombuffer(sound.samples, "<i2").astype(np.float32)
        samples = np.rint(soxr.resample(given, sound.rate, rate, quality="HQ"))
        return Sound(rate, bytes(np.clip(samples, -32768, 32767).astype("<i2").tobytes()))

    def trim(self, sound: Sound, keep_ms: Milliseconds) -> Sound:
        """Without the silence at both ends; a sound that is nothing but silence becomes `keep_ms` of it."""
        segment = _segment(sound)
        steps = range(0, len(segment), _STEP_MS)
        levels = [_dbfs(segment[start : start + _STEP_MS]) for start in steps]
        limit = max(_FLOOR_DBFS, max(levels, default=_FLOOR_DBFS) - SILENCE_BELOW_PEAK_DB)
        loud = [start for start, level in zip(steps, levels, strict=True) if level > limit]
        # Counted in frames: pydub's milliseconds would round the end away.
        keep = max(keep_ms, 0) * sound.rate // 1000
        if not loud:
            return Sound(sound.rate, sound.samples[: 2 * keep])
        first = max(0, loud[0] * sound.rate // 1000 - keep)
        last = min(sound.frames, (loud[-1] + _STEP_MS) * sound.rate // 1000 + keep)
        return Sound(sound.rate, sound.samples[2 * first : 2 * last])

    def trim_tape(self, tape: Tape, keep_ms: Milliseconds) -> Tape:
        """A long recording without the silence at both ends."""
        return trimmed(tape, keep_ms)


@dataclass(frozen=True, slots=True)
class _Joined:
    """Pieces end to end; a `Tape`. pydub's own `+` would copy all that went before for each piece."""

    rate: int
    pieces: tuple[Tape | Milliseconds, ...]

    def blocks(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, Sound):
                yield _faded(piece)
            elif isinstance(piece, int):
                yield bytes(2 * (max(piece, 0) * self.rate // 1000))
            else:
                yield from _faded_blocks(piece)


def _faded(sound: Sound) -> bytes:
    """The samples with both ends faded, and exactly as many of them.

    pydub counts in milliseconds and loses or wins a few frames of a whole sound; the ends are cut out by the frame.
    """
    length = 2 * min(sound.rate * FADE_MS // 1000, sound.frames // 2)
    head, middle, tail = sound.samples[:length], sound.samples[length:], b""
    if length:
        middle, tail = middle[:-length], middle[-length:]
    head = _fade(head, sound.rate, opening=True)
    tail = _fade(tail, sound.rate, opening=False)
    return head + middle + tail


def _faded_blocks(tape: Tape) -> Iterator[bytes]:
    """The same for a tape, as it is read: what may be its end is held back."""
    length = 2 * (tape.rate * FADE_MS // 1000)
    held, opened = b"", False
    for block in tape.blocks():
        held += block
        if len(held) < 2 * length:
            continue
        if not opened:
            held, opened = _fade(held[:length], tape.rate, opening=True) + held[length:], True
        yield held[:-length]
        held = held[-length:]
    if opened:
        yield held[:-length] + _fade(held[-length:], tape.rate, opening=False)
    else:
        yield _faded(Sound(tape.rate, held))


def _fade(end: bytes, rate: int, *, opening: bool) -> bytes:
    segment = _segment(Sound(rate, end))
    if not len(segment):
        return end
    gain = {"from_gain" if opening else "to_gain": SILENT_DB}
    faded = bytes(segment.fade(start=0, duration=len(segment), **gain).raw_data)
    # The last frame or two that pydub's rounding left out: as they were when opening, silence when closing.
    rest = end[len(faded) :] if opening else bytes(len(end) - len(faded))
    return faded + rest


def _segment(sound: Sound) -> Any:
    with _quiet_import():
        from pydub import AudioSegment
    return AudioSegment(data=sound.samples, sample_width=2, frame_rate=sound.rate, channels=1)


def _dbfs(segment: Any) -> float:
    return float(segment.dBFS) if segment.rms else float("-inf")


@contextmanager
def _quiet_import() -> Iterator[None]:
    """Import pydub without its complaints: no ffmpeg, and regular expressions that newer Pythons frown at."""
    if "pydub" in sys.modules:
        yield
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
