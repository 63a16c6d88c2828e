"""FFmpeg, through PyAV, in a process of its own: `import_process.py FILE RATE` writes mono samples to standard output.

The wheels of PyAV carry GPL encoders (x264, x265), so none of it is loaded into the product; and a stranger's file can
bring down no more than this process. Signed 16-bit little-endian samples; then the exit code, and for `UNREADABLE` one
line on standard error.

This file uses the standard library and `av` alone and is run by its path.
"""

import os
import signal
import sys
from typing import IO

DONE, UNREADABLE, CUT_SHORT, NO_SOUND = 0, 3, 4, 5

_FORMATS = "aac,aiff,amr,asf,au,caf,flac,matroska,mov,mp3,mp4,ogg,wav,w64,webm"
"""What telephones and recorders write. A list of other files, in sound's clothes, is none of it."""
_MISSING_SECONDS, _MISSING_SHARE = 0.5, 0.01
"""By how much less than announced may be decoded: containers round, encoders pad."""


def convert(path: str, rate: int, out: IO[bytes]) -> int:
    """Decode the first sound track; the exit code."""
    import av

    # A playlist in sound's clothes must not make this machine fetch anything.
    with av.open(path, options={"protocol_whitelist": "file", "format_whitelist": _FORMATS}) as container:
        if not container.streams.audio:
            return NO_SOUND
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
        announced = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
        frames = 0
        for decoded in container.decode(stream):
            for part in resampler.resample(decoded):
                frames += part.samples
                out.write(bytes(part.planes[0])[: 2 * part.samples])
        for part in resampler.resample(None):
            frames += part.samples
            out.write(bytes(part.planes[0])[: 2 * part.samples])
    missing = announced - frames / rate
    return CUT_SHORT if missing > max(_MISSING_SECONDS, _MISSING_SHARE * announced) else DONE


def main() -> int:
    """Convert; the process ends when its parent goes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        with out:
            return convert(sys.argv[1], int(sys.argv[2]), out)
    except BrokenPipeError:
        return UNREADABLE
    except Exception as error:  # noqa: BLE001 - the edge to a decoder of strangers' files
        sys.stderr.write(f"{type(error).__name__}: {getattr(error, 'strerror', None) or error}\n")
        return UNREADABLE


if __name__ == "__main__":
    sys.exit(main())
