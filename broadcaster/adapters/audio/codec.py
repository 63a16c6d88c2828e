"""Sound files through libsndfile: WAV, FLAC, MP3, Ogg Vorbis and Opus, read and written without ffmpeg."""

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broadcaster.adapters.audio import id3, ogg
from broadcaster.domain.take import Sound, Tape
from broadcaster.errors import MasterError

MP3_KBPS = 64
"""Mono speech for a horn loudspeaker; above it nobody hears a difference."""
VORBIS_LEVEL = 0.6
"""libsndfile's scale from 0 (best) to 1 (smallest): about 50 kbit/s at 22,050 Hz."""

OPUS_LEVEL = 0.896
"""libsndfile's scale over 6 to 256 kbit/s a channel: 32 kbit/s, at which Opus leaves nothing of speech to be missed."""

_TAGS = ("title", "artist", "album", "genre", "date", "comment")
_BLOCK = 1 << 16
_LONG_BLOCK = 1 << 24
"""For MP3: soundfile seeks after every block, and libmpg123 then complains on the console of bits it no longer has.
The samples are right all the same; so few blocks, and none more than one for 12 minutes of speech."""
_LAME_SCALE = 0.95
"""What LAME multiplies the samples with at constant bit rates: it costs 0.45 LU unless it is made good before."""
_MPEG_BIT_RATES = ((32_000, 320, 32), (16_000, 160, 8), (0, 64, 8))
"""From which sample rate on, the highest and the lowest kbit/s: MPEG 1, 2 and 2.5."""

_OPUS_RATES = (8_000, 12_000, 16_000, 24_000, 48_000)
"""All that Opus knows (RFC 6716, section 2); a tape at another rate is brought to the next one above."""


@dataclass(frozen=True, slots=True)
class _Format:
    container: str
    subtype: str


_FORMATS = {
    ".wav": _Format("WAV", "PCM_16"),
    ".flac": _Format("FLAC", "PCM_16"),
    ".mp3": _Format("MP3", "MPEG_LAYER_III"),
    ".ogg": _Format("OGG", "VORBIS"),
    ".opus": _Format("OGG", "OPUS"),
}


class SoundfileCodec:
    """The port `Codec` over soundfile, with soxr where the rate changes."""

    def open(self, path: Path, rate: int) -> Tape:
        """The file as mono sound at `rate` Hz; samples over full scale are clipped."""
        _check_there(path)
        return _Decoded(path, rate)

    def read(self, path: Path, rate: int) -> Sound:
        """The same, whole."""
        return Sound(rate, b"".join(self.open(path, rate).blocks()))

    def write(self, tape: Tape, path: Path, tags: Mapping[str, str]) -> None:
        """Write under a temporary name in the same folder, flush to the disk, rename.

        Raises:
            MasterError: see the port.
            ValueError: for a tag name that is not one of the six.
        """
        wanted = _FORMATS.get(path.suffix.lower())
        if wanted is None:
            raise MasterError("audio.format", path=str(path), allowed=sorted(_FORMATS))
        if unknown := set(tags) - set(_TAGS):
            msg = f"no such tag: {', '.join(sorted(unknown))}"
            raise ValueError(msg)
        kept = {name: tags[name] for name in _TAGS if tags.get(name)}
        mark = secrets.token_hex(4)
        raw = path.with_name(f".{path.name}.{mark}.raw.part")
        part = path.with_name(f".{path.name}.{mark}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _encode(tape, raw, wanted, {} if wanted.container == "MP3" else kept)
            _finish(raw, part, wanted, kept)
            part.replace(path)
            _sync_folder(path.parent)
        except MasterError as error:
            raise MasterError(error.code, **{**error.facts, "path": str(path)}) from error
        except OSError as error:
            raise MasterError("audio.disk", path=str(path), detail=str(error)) from error
        finally:
            for left in (raw, part):
                with contextlib.suppress(OSError):
                    left.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Decoded:
    """A file that is decoded as it is read; a `Tape`."""

    path: Path
    rate: int

    def blocks(self) -> Iterator[bytes]:
        import soundfile

        empty = True
        try:
            with soundfile.SoundFile(str(self.path)) as file:
                if file.samplerate == self.rate and file.channels == 1 and file.subtype == "PCM_16":
                    found: Iterator[bytes] = (
                        block.astype("<i2", copy=False).tobytes() for block in _blocks(file, "int16")
                    )
                else:
                    found = _converted(file, self.rate)
                for block in found:
                    empty = empty and not block
                    yield block
        except (soundfile.LibsndfileError, RuntimeError, OSError) as error:
            raise MasterError("audio.unreadable", path=str(self.path), detail=str(error)) from error
        if empty:
            raise MasterError("audio.empty", path=str(self.path))


def _check_there(path: Path) -> None:
    try:
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise MasterError("audio.missing", path=str(path)) from error
    except OSError as error:
        raise MasterError("audio.unreadable", path=str(path), detail=str(error)) from error
    if path.is_file() and size == 0:
        raise MasterError("audio.empty", path=str(path))


def _blocks(file: Any, dtype: str) -> Iterator[Any]:
    size = _LONG_BLOCK if file.format == "MP3" else _BLOCK
    while len(block := file.read(size, dtype=dtype)):
        yield block


def _converted(file: Any, rate: int) -> Iterator[bytes]:
    import numpy as np

    mono = (block if block.ndim == 1 else block.mean(axis=1, dtype=np.float32) for block in _blocks(file, "float32"))
    return map(_quantised, mono if file.samplerate == rate else _resampled(mono, file.samplerate, rate))


def _resampled(blocks: Iterator[Any], given: int, wanted: int) -> Iterator[Any]:
    import numpy as np
    import soxr

    stream = soxr.ResampleStream(given, wanted, 1, dtype="float32", quality="HQ")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _quantised(block: Any) -> bytes:
    import numpy as np

    # A file of floats may hold what is not a number; silence is the only sample that it can stand for.
    finite = np.clip(np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0), -1.0, 1.0)
    return bytes(np.minimum(np.rint(finite * np.float32(32768)), 32767).astype("<i2").tobytes())


def _encode(tape: Tape, path: Path, wanted: _Format, tags: Mapping[str, str]) -> None:
    import numpy as np
    import soundfile

    options: dict[str, Any] = {}
    if wanted.container == "MP3":
        options = {"bitrate_mode": "CONSTANT", "compression_level": _mp3_level(tape.rate)}
    elif wanted.subtype == "VORBIS":
        options = {"compression_level": VORBIS_LEVEL}
    elif wanted.subtype == "OPUS":
        options = {"compression_level": OPUS_LEVEL}
        tape = _at_opus_rate(tape)
    # libsndfile reports a full disk as any other failure: opening the file here first tells "no such folder" and "no
    # right to write" apart from "this rate has no MP3".
    with path.open("xb"):
        pass
    frames = 0
    try:
        file = soundfile.SoundFile(
            str(path), "w", tape.rate, 1, subtype=wanted.subtype, format=wanted.container, **options
        )
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise MasterError("audio.format", path=str(path), rate=tape.rate, detail=str(error)) from error
    try:
        with file:
            for name, value in tags.items():
                setattr(file, name, value)
            # In blocks: the Vorbis encoder of libsndfile takes a whole write on its stack.
            for samples in _cut(tape):
                block = np.frombuffer(samples, "<i2").astype(np.int16, copy=False)
                file.write(block if wanted.container != "MP3" else block * np.float32(1 / 32768 / _LAME_SCALE))
                frames += len(block)
        written = soundfile.info(str(path)).frames
    except (soundfile.LibsndfileError, RuntimeError, AssertionError) as error:
        raise OSError(str(error)) from error
    # Closing does not report that the last block found no room.
    if written < frames:
        msg = f"{written} of {frames} samples reached the disk"
        raise OSError(msg)


@dataclass(frozen=True, slots=True)
class _Resampled:
    """A tape at another rate; a `Tape`."""

    tape: Tape
    rate: int

    def blocks(self) -> Iterator[bytes]:
        import numpy as np

        floats = (np.frombuffer(block, "<i2") * np.float32(1 / 32768) for block in self.tape.blocks())
        return map(_quantised, _resampled(floats, self.tape.rate, self.rate))


def _at_opus_rate(tape: Tape) -> Tape:
    if tape.rate in _OPUS_RATES:
        return tape
    return _Resampled(tape, next((rate for rate in _OPUS_RATES if rate > tape.rate), _OPUS_RATES[-1]))


def _cut(tape: Tape) -> Iterator[bytes]:
    """The samples of a tape in blocks that are not too long."""
    for block in tape.blocks():
        for start in range(0, len(block), 2 * _BLOCK):
            yield block[start : start + 2 * _BLOCK]


def _mp3_level(rate: int) -> float:
    """Where 64 kbit/s lie on libsndfile's scale from 0 to 1 over the bit rates that MPEG allows at this sample rate."""
    highest, lowest = next((high, low) for least, high, low in _MPEG_BIT_RATES if rate >= least)
    return (highest - MP3_KBPS) / (highest - lowest)


def _finish(raw: Path, part: Path, wanted: _Format, tags: Mapping[str, str]) -> None:
    """The file as it shall stand: libsndfile's MP3 tags are not Unicode, its OGG has a random number in it."""
    if wanted.container in {"WAV", "FLAC"}:
        raw.replace(part)
    else:
        with raw.open("rb") as source, part.open("xb") as target:
            if wanted.container == "MP3":
                target.write(id3.header(tags))
                while block := source.read(_BLOCK):
                    target.write(block)
            else:
                for page in ogg.renumbered(source):
                    target.write(page)
    with part.open("rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    # Windows cannot open a folder; there the rename is flushed with the file system's journal.
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
