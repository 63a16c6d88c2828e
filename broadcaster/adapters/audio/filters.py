"""Recursive filters for sound that comes in blocks, by overlap-save convolution with their impulse response.

NumPy has no recursive filter, and a loop over samples is a hundred times too slow; the responses here have died away
after a tenth of a second.
"""

import math
from collections.abc import Sequence
from typing import Any

Section = tuple[tuple[float, float, float], tuple[float, float]]
"""One second-order filter: its three forward coefficients, and its two backward ones after the leading 1."""


def high_pass(rate: int, frequency: float, quality: float) -> Section:
    """Second order, down 3 dB at `frequency` Hz when `quality` is 0.707 (Audio EQ Cookbook, Bristow-Johnson)."""
    cosine, alpha = _turn(rate, frequency, quality)
    a0 = 1 + alpha
    return ((1 + cosine) / 2 / a0, -(1 + cosine) / a0, (1 + cosine) / 2 / a0), (-2 * cosine / a0, (1 - alpha) / a0)


def peak(rate: int, frequency: float, quality: float, decibels: float) -> Section:
    """A hill of so many decibels around `frequency` Hz (the same source)."""
    cosine, alpha = _turn(rate, frequency, quality)
    height = 10 ** (decibels / 40)
    a0 = 1 + alpha / height
    b = ((1 + alpha * height) / a0, -2 * cosine / a0, (1 - alpha * height) / a0)
    return b, (-2 * cosine / a0, (1 - alpha / height) / a0)


def _turn(rate: int, frequency: float, quality: float) -> tuple[float, float]:
    angle = 2 * math.pi * frequency / rate
    return math.cos(angle), math.sin(angle) / (2 * quality)


class Response:
    """The spectrum of filters one after the other, cut off after `seconds`."""

    def __init__(self, rate: int, sections: Sequence[Section], seconds: float) -> None:
        import numpy as np

        self.taps = 1 << math.ceil(math.log2(seconds * rate))
        self.size = 4 * self.taps
        impulse = np.zeros(self.taps)
        impulse[0] = 1.0
        for b, a in sections:
            impulse = _filtered(impulse, b, a)
        self.spectrum = np.fft.rfft(impulse, self.size).astype(np.complex64)


def _filtered(samples: Any, b: Sequence[float], a: Sequence[float]) -> Any:
    import numpy as np

    out, state = np.zeros_like(samples), [0.0, 0.0]
    for index, value in enumerate(samples):
        said = b[0] * value + state[0]
        state = [b[1] * value - a[0] * said + state[1], b[2] * value - a[1] * said]
        out[index] = said
    return out


class Stream:
    """One channel through a response: samples in, as many filtered samples out, some of them later."""

    def __init__(self, response: Response) -> None:
        import numpy as np

        self._response = response
        self._past = np.zeros(response.taps - 1, np.float32)
        self._waiting: list[Any] = []
        self._count = 0

    def add(self, samples: Any) -> Any:
        """Filtered samples that are ready."""
        import numpy as np

        self._waiting.append(np.asarray(samples, np.float32))
        self._count += len(samples)
        taps, size = self._response.taps, self._response.size
        hop = size - taps + 1
        if self._count < hop:
            return np.zeros(0, np.float32)
        line = np.concatenate([self._past, *self._waiting])
        pieces = (len(line) - taps + 1) // hop
        windows = np.lib.stride_tricks.sliding_window_view(line, size)[::hop][:pieces]
        ready = self._filtered(windows).reshape(-1)
        rest = line[pieces * hop :]
        self._past, tail = rest[: taps - 1].copy(), rest[taps - 1 :].copy()
        self._waiting, self._count = [tail], len(tail)
        return ready

    def finish(self) -> Any:
        """The last filtered samples."""
        import numpy as np

        count = self._count
        line = np.concatenate([self._past, *self._waiting])
        padded = np.zeros(self._response.size, np.float32)
        padded[: len(line)] = line
        return self._filtered(padded[None, :]).reshape(-1)[:count]

    def _filtered(self, windows: Any) -> Any:
        import numpy as np

        spectra = np.fft.rfft(windows, axis=1) * self._response.spectrum
        return np.fft.irfft(spectra, self._response.size, axis=1)[:, self._response.taps - 1 :]
