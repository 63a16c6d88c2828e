"""A live source's side of `source.py`, alone in its process: signed 16-bit little-endian mono samples on stdout.

The setting comes as JSON on the command line: `{"kind": "microphone", "device", "rate"}` or `{"kind": "stream", "url",
"rate"}`. It ends when its stdin does; why else it ended is the last line on stderr.
"""

import json
import os
import sys
import threading
from typing import Any

TIMEOUT_S = 10.0
"""Without a byte of a stream for so long, it is held to be lost."""


def microphone(device: str, rate: int) -> None:
    """Hand on what a microphone hears.

    Raises:
        LookupError: when no input has that name.
    """
    import sounddevice

    number = None
    if device:
        named = [
            n
            for n, one in enumerate(sounddevice.query_devices())
            if device.lower() in one["name"].lower() and one["max_input_channels"] > 0
        ]
        if not named:
            raise LookupError(device)
        number = named[0]
    with sounddevice.RawInputStream(samplerate=rate, device=number, channels=1, dtype="int16") as stream:
        while True:
            data, _ = stream.read(rate // 20)
            put(bytes(data))


def stream(url: str, rate: int) -> None:
    """Hand on what a stream brings.

    Raises:
        av.FFmpegError: what the server or the network said.
    """
    import av

    with av.open(url, timeout=(TIMEOUT_S, TIMEOUT_S), options={"reconnect": "0"}) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
        for frame in container.decode(audio=0):
            for made in resampler.resample(frame):
                put(made.to_ndarray().astype("<i2").tobytes())


def put(samples: bytes) -> None:
    """To the parent, whole."""
    view = memoryview(samples)
    while view:
        view = view[os.write(1, view) :]


def leave_with_parent() -> None:
    """End when stdin does."""
    while os.read(0, 4096):
        pass
    os._exit(0)


def main() -> int:
    """Read the setting and hand on sound until it ends."""
    setting: dict[str, Any] = json.loads(sys.argv[1])
    threading.Thread(target=leave_with_parent, daemon=True).start()
    try:
        if setting["kind"] == "microphone":
            microphone(setting["device"], setting["rate"])
        else:
            stream(setting["url"], setting["rate"])
    except Exception as error:  # noqa: BLE001 - whatever a driver or a server says is what the parent tells
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
