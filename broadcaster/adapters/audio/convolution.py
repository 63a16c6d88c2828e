"""Filtering of sound that comes in blocks, by overlap-save convolution with a finite impulse response."""

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Response:
    """A filter: its spectrum, the size of the transform, the length of the impulse response."""

    spectrum: Any
    size: int
    taps: int


def response_of(impulse: Any) -> Response:
    """The filter with this impulse response."""
    import numpy as np

    taps = 1 << max(1, math.ceil(math.log2(len(impulse))))
    size = 4 * taps
    return Response(np.fft.rfft(impulse, size).astype(np.complex64), size, taps)


class Convolver:
    """One channel through a filter: samples in, as many filtered samples out, some of them later."""

    def __init__(self, response: Response) -> None:
        import numpy as np

        self._response, self._size, self._taps = response.spectrum, response.size, response.taps
        self._past = np.zeros(self._taps - 1, np.float32)
        self._waiting: list[Any] = []
        self._count = 0

    def add(self, samples: Any) -> Any:
        """Filtered samples that are ready."""
        import numpy as np

        self._waiting.append(np.asarray(samples, np.float32))
        self._count += len(samples)
        hop = self._size - self._taps + 1
        if self._count < hop:
            return np.zeros(0, np.float32)
        line = np.concatenate([self._past, *self._waiting])
        pieces = (len(line) - self._taps + 1) // hop
        windows = np.lib.stride_tricks.sliding_window_view(line, self._size)[::hop][:pieces]
        ready = self._filtered(windows).reshape(-1)
        rest = line[pieces * hop :]
        self._past, tail = rest[: self._taps - 1].copy(), rest[self._taps - 1 :].copy()
        self._waiting, self._count = [tail], len(tail)
        return ready

    def finish(self) -> Any:
        """The last filtered samples."""
        import numpy as np

        count = self._count
        line = np.concatenate([self._past, *self._waiting])
        padded = np.zeros(self._size, np.float32)
        padded[: len(line)] = line
        return self._filtered(padded[None, :]).reshape(-1)[:count]

    def _filtered(self, windows: Any) -> Any:
        import numpy as np

        spectra = np.fft.rfft(windows, axis=1) * self._response
        return np.fft.irfft(spectra, self._size, axis=1)[:, self._taps - 1 :]
