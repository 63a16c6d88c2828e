"""viet-asr: a small Vietnamese recogniser, offline, its weights inside the package. For quality control only.

Where the weights come from and on what they were trained its package does not say; see docs/dependencies.md.
"""

from collections.abc import Iterator, Sequence
from importlib import metadata, util
from pathlib import Path
from typing import Any

from broadcaster.adapters.worker import Worker, WorkerError
from broadcaster.domain.take import Tape
from broadcaster.errors import HearingError

RATE = 16_000
PIECE_TIMEOUT = 120.0
"""Seconds after which the process is held to be stuck: a piece takes one or two."""
LONGEST_SECONDS = 30
"""The network hears nothing any more, and says nothing of it, some 200 s after the beginning of a sound."""
LEAD_SECONDS = 1.0
"""Silence before each piece: what begins at once is heard worse, its first word above all. 39 % wrong without,
38 % with 0.2 to 0.5 s, 35 to 37 % from 0.8 s on (24 development sentences by the offline voice)."""

_RECIPE = "1"
_PACKAGE = "viet-asr"
_SEARCH_SECONDS = 10
_FRAME_SECONDS = 0.05
_PAUSE_FRAMES = 5


class VietAsrRecogniser:
    """The port `Recogniser` through one child process, started at the first sound."""

    name = "viet-asr"

    def __init__(self, command: Sequence[str] | None = None, timeout: float = PIECE_TIMEOUT) -> None:
        self._worker = Worker(Path(__file__).with_name("viet_asr_process.py"), timeout, command)

    def version(self) -> str:
        """The package with the weights, and the way in which sound is handed to it.

        Raises:
            HearingError: `hearing.missing` if the extra is not installed.
        """
        if util.find_spec("vietasr") is None:
            raise HearingError("hearing.missing", recogniser=self.name)
        try:
            return f"{metadata.version(_PACKAGE)}+{_RECIPE}"
        except metadata.PackageNotFoundError as error:
            raise HearingError("hearing.missing", recogniser=self.name) from error

    def transcribe(self, tape: Tape) -> str:
        """What is heard, in small letters and without marks; figures in words.

        Raises:
            HearingError: see the port.
        """
        import numpy as np

        self.version()
        lead = np.zeros(round(LEAD_SECONDS * RATE), np.int16)
        heard = [self._heard(np.concatenate([lead, piece])) for piece in _pieces(tape)]
        return " ".join(text for text in heard if text)

    @property
    def process_id(self) -> int | None:
        """The child that is running, for who measures it."""
        return self._worker.process_id

    def _heard(self, samples: Any) -> str:
        try:
            header, _ = self._worker.ask({}, samples.astype("<i2").tobytes())
        except WorkerError as error:
            raise HearingError("hearing.broken", recogniser=self.name, detail=str(error)) from error
        if "error" in header or not isinstance(header.get("text"), str):
            detail = header.get("why", "an answer without text")
            raise HearingError("hearing.broken", recogniser=self.name, detail=detail)
        return " ".join(header["text"].split())

    def close(self) -> None:
        """End the process; the next sound would start another."""
        self._worker.close()


def _pieces(tape: Tape) -> Iterator[Any]:
    """The sound at 16 kHz in pieces that the network hears to their end, cut where it is quiet."""
    import numpy as np

    longest = LONGEST_SECONDS * RATE
    waiting = np.zeros(0, np.int16)
    for block in _resampled(tape):
        waiting = np.concatenate([waiting, block])
        while len(waiting) > longest:
            cut = _quiet_place(waiting[:longest])
            yield waiting[:cut]
            waiting = waiting[cut:]
    if len(waiting):
        yield waiting


def _resampled(tape: Tape) -> Iterator[Any]:
    import numpy as np
    import soxr

    # In floats: soxr dithers integers, by what lies elsewhere in the block.
    stream = soxr.ResampleStream(tape.rate, RATE, 1, dtype="float32", quality="HQ")
    for block in tape.blocks():
        yield _rounded(stream.resample_chunk(np.frombuffer(block, "<i2").astype(np.float32)))
    yield _rounded(stream.resample_chunk(np.zeros(0, np.float32), last=True))


def _rounded(block: Any) -> Any:
    import numpy as np

    return np.clip(np.rint(block), -32768, 32767).astype(np.int16)


def _quiet_place(samples: Any) -> int:
    """Where to cut: the middle of the quietest quarter of a second in the last ten."""
    import numpy as np

    frame = round(_FRAME_SECONDS * RATE)
    start = len(samples) - _SEARCH_SECONDS * RATE
    frames = samples[start : start + (len(samples) - start) // frame * frame].reshape(-1, frame)
    powers = np.square(frames, dtype=np.float64).mean(axis=1)
    pauses = np.convolve(powers, np.ones(_PAUSE_FRAMES), mode="valid")
    return int(start + (int(np.argmin(pauses)) + _PAUSE_FRAMES / 2) * frame)
