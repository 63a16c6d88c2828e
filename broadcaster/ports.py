"""Every interface of the product in one file. Services know these; adapters implement them; bootstrap joins the two."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from broadcaster.domain.take import Sound, SpeechRequest, Voice
from broadcaster.units import Dbtp, Lufs, Milliseconds


@runtime_checkable
class SpeechEngine(Protocol):
    """Turns one spoken-form sentence into sound."""

    name: str
    """The engine's short name, as in the CLI: espeak, gtts, tone."""
    deterministic: bool
    """True when the same request always gives the same samples."""
    online: bool
    """True when the engine needs the internet; such an engine is never called at air time."""

    def version(self) -> str:
        """What, beside the request, decides the sound: library and data versions. Part of the take's key."""
        ...

    def voices(self) -> Sequence[Voice]:
        """The voices on offer, the default first.

        :raises SpeechError: if the engine's parts are missing or broken.
        """
        ...

    def speak(self, request: SpeechRequest) -> Sound:
        """Speech for one sentence.

        :raises SpeechError: `speech.empty` if nothing in the text can be said, `speech.voice_unknown` for a voice that
            is not on offer, `speech.speed` for a speed outside 0.7 to 1.3, `speech.broken` if the engine failed.
        :raises RetryableSpeechError: `speech.offline`, `speech.throttled`, `speech.protocol` if an online engine could
            not answer now.
        """
        ...

    def close(self) -> None:
        """Let go of processes and connections. Safe to call twice."""
        ...


class Codec(Protocol):
    """Sound files in and out."""

    def read(self, path: Path, rate: int) -> Sound:
        """The file as mono sound at `rate` Hz, whatever its format, channels and rate were.

        :raises MasterError: `audio.missing`, `audio.unreadable`, `audio.empty`, with the path.
        """
        ...

    def write(self, sound: Sound, path: Path, tags: Mapping[str, str]) -> None:
        """Write WAV, FLAC, MP3 or OGG by the ending of the name, under a temporary name first, then renamed.

        The same sound and tags give the same bytes. Tag names: title, artist, album, genre, date, comment.

        :raises MasterError: `audio.format` for an ending that is not known, `audio.disk` if it could not be written.
        """
        ...


class Meter(Protocol):
    """Loudness after ITU-R BS.1770-4, mono convention: the file as it is, no dual-mono correction."""

    def loudness(self, sound: Sound) -> Lufs:
        """Integrated loudness; -70.0 when nothing passes the absolute gate or the sound is shorter than 400 ms."""
        ...

    def true_peak(self, sound: Sound) -> Dbtp:
        """Highest true peak, 4 x oversampled or better; -120.0 for digital silence."""
        ...

    def level(self, sound: Sound, target: Lufs, ceiling: Dbtp) -> Sound:
        """The same sound at the target loudness, its true peak at or below the ceiling.

        Where the two cannot both be reached the ceiling wins; measure the result to know.
        """
        ...


class Assembler(Protocol):
    """Joins pieces of sound: takes, pauses, chimes."""

    def join(self, pieces: Sequence[Sound | Milliseconds], rate: int) -> Sound:
        """The pieces in order at `rate` Hz; a number is that many milliseconds of silence. Joins do not click."""
        ...

    def trim(self, sound: Sound, keep_ms: Milliseconds) -> Sound:
        """Without the silence at both ends, save for `keep_ms` of it."""
        ...
