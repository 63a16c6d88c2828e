"""Icecast's side of `icecast.py`, alone in its process: samples come in on stdin, MP3 goes to the server.

FFmpeg's libraries encode and send (PyAV's wheel brings them). They wait on the network as long as it makes them wait,
and may take their process with them: the player must do neither.

The first line on stdin is JSON: `{"url", "rate", "bits"}`; what follows are signed 16-bit little-endian mono samples,
as fast as they are to sound. Lines of JSON on stdout: `{"told": "ready"}` once the server has taken the stream, and
`{"told": "lost", "detail"}` before the process ends for any other reason than the end of its input.
"""

import json
import os
import sys

import av
import numpy as np

FIRST_S = 0.1
"""Silence that opens the connection."""


def cast(url: str, rate: int, bits: int) -> None:
    """Send what comes in until it ends.

    Raises:
        av.FFmpegError: what the server or the network said.
    """
    # Without flushing 4 s of sound would wait in the buffer.
    with av.open(url, "w", format="mp3", options={"flush_packets": "1"}) as container:
        stream = container.add_stream("libmp3lame", rate=rate, layout="mono")
        stream.bit_rate = bits
        place = 0

        def send(samples: bytes) -> None:
            nonlocal place
            frame = av.AudioFrame.from_ndarray(np.frombuffer(samples, "<i2")[None, :], format="s16", layout="mono")
            frame.sample_rate, frame.pts = rate, place
            place += len(samples) // 2
            container.mux(stream.encode(frame))

        send(bytes(2 * round(FIRST_S * rate)))
        tell({"told": "ready"})
        rest = b""
        while piece := os.read(sys.stdin.fileno(), 1 << 16):
            piece = rest + piece
            whole = len(piece) // 2 * 2
            rest = piece[whole:]
            if whole:
                send(piece[:whole])
        container.mux(stream.encode(None))


def tell(what: dict[str, str]) -> None:
    """A line to who started this."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def first_line() -> bytes:
    """The line before the samples, and not a byte of them."""
    line = b""
    while not line.endswith(b"\n") and (byte := os.read(sys.stdin.fileno(), 1)):
        line += byte
    return line


def main() -> int:
    """Read the setting, cast, and say what went wrong."""
    setting = json.loads(first_line())
    try:
        cast(setting["url"], setting["rate"], setting["bits"])
    except (av.FFmpegError, OSError, ValueError) as error:
        # The address holds the password.
        detail = str(error).replace(setting["url"], "").strip(" :'\"")
        tell({"told": "lost", "detail": detail})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
