"""The sound of live broadcasts: bare samples as FLAC and back, one channel, `LIVE_RATE`."""

import io
from pathlib import Path

import numpy as np
import soundfile

from broadcaster.domain.live import LIVE_RATE, SEGMENT

LONGEST_FRAMES = 4 * LIVE_RATE * SEGMENT // 1000
"""A segment of a station that counts otherwise than this one is no reason to fill a disk."""
BLOCK = 1 << 20


def flac_of(samples: bytes) -> bytes:
    """Signed 16-bit little-endian samples as a FLAC file."""
    file = io.BytesIO()
    soundfile.write(file, np.frombuffer(samples, "<i2"), LIVE_RATE, format="FLAC", subtype="PCM_16")
    return file.getvalue()


def samples_of(flac: bytes) -> bytes | None:
    """The samples of a FLAC file; None for what is none, or has another rate or length."""
    try:
        with soundfile.SoundFile(io.BytesIO(flac)) as file:
            if file.samplerate != LIVE_RATE or file.channels != 1 or file.frames > LONGEST_FRAMES:
                return None
            return bytes(file.read(dtype="int16").astype("<i2").tobytes())
    except (soundfile.LibsndfileError, RuntimeError, ValueError):
        return None


def keep(spool: Path, flac: Path) -> None:
    """The whole of a broadcast as one file, for whoever asks later what was said."""
    with spool.open("rb") as source, soundfile.SoundFile(flac, "w", LIVE_RATE, 1, "PCM_16", format="FLAC") as file:
        while block := source.read(BLOCK):
            file.write(np.frombuffer(block[: len(block) // 2 * 2], "<i2"))
