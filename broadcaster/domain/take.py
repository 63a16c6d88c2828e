"""A take: speech for one sentence by one voice, found again by the hash of what made it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from broadcaster.units import Milliseconds, Sha256, digest


class Tape(Protocol):
    """Mono sound of any length, read a block at a time and as often as one likes: what masters are made of."""

    @property
    def rate(self) -> int:
        """Samples a second."""
        ...

    def blocks(self) -> Iterator[bytes]:
        """All samples in order: signed 16-bit little-endian, whole samples in each block."""
        ...


def tape_ms(tape: Tape) -> Milliseconds:
    """The length of a tape in milliseconds, rounded up so that no planned slot is shorter than its sound."""
    frames = sum(len(block) // 2 for block in tape.blocks())
    return Milliseconds(-(-frames * 1000 // tape.rate))


@dataclass(frozen=True, slots=True)
class Sound:
    """Mono sound in memory: signed 16-bit little-endian samples at `rate` Hz."""

    rate: int
    samples: bytes

    def __post_init__(self) -> None:
        if self.rate <= 0 or len(self.samples) % 2:
            msg = f"not 16-bit mono sound: {len(self.samples)} bytes at {self.rate} Hz"
            raise ValueError(msg)

    def blocks(self) -> Iterator[bytes]:
        """All of it at once; a sound is a short tape."""
        if self.samples:
            yield self.samples

    @property
    def frames(self) -> int:
        """Samples in the file."""
        return len(self.samples) // 2

    @property
    def duration_ms(self) -> Milliseconds:
        """Length in milliseconds, rounded up so that no planned slot is shorter than its sound."""
        return Milliseconds(-(-self.frames * 1000 // self.rate))


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice that an engine offers. `region` is bac, trung, nam or empty; `sex` is nu, nam or empty.

    `version` is what decides this voice's sound beside the engine's own version: for a file of its own, its hash.
    """

    engine: str
    name: str
    language: str = "vi"
    region: str = ""
    sex: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """One sentence in spoken form for one voice.

    `speed` is a factor: 1.0 is the voice's own pace, 0.7 to 1.3 allowed.
    """

    spoken: str
    voice: str = ""
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Take:
    """What was recorded for a request: the key that finds it again and the hash of the samples."""

    key: Sha256
    engine: str
    voice: str
    duration_ms: Milliseconds
    sound_hash: Sha256


RECORDING = "recording"
"""The engine's name of what a person spoke."""


def recording_key(text_hash: Sha256, reading_hash: Sha256) -> Sha256:
    """The key of a person's take: it belongs to one text and the words that are said for it."""
    return digest("recording", text_hash, reading_hash)


def take_key(engine: str, engine_version: str, request: SpeechRequest) -> Sha256:
    """The name under which a take is cached: every input that changes the sound, and nothing else."""
    return digest("take", engine, engine_version, request.voice, request.speed, request.spoken)
