"""Recursive filters for sound that comes in blocks, as impulse responses for `convolution.py`.

NumPy has no recursive filter, and a loop over samples is a hundred times too slow; the responses here have died away
after a tenth of a second.
"""

import math
from collections.abc import Sequence
from typing import Any

from broadcaster.adapters.audio.convolution import Response, response_of

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


def rise(rate: int, frequency: float) -> Section:
    """6 dB more an octave from `frequency` Hz on, where it is up by 3 dB above what it leaves at the bottom."""
    return (1.0, -math.exp(-2 * math.pi * frequency / rate), 0.0), (0.0, 0.0)


def _turn(rate: int, frequency: float, quality: float) -> tuple[float, float]:
    angle = 2 * math.pi * frequency / rate
    return math.cos(angle), math.sin(angle) / (2 * quality)


def response(rate: int, sections: Sequence[Section], seconds: float) -> Response:
    """Filters one after the other, cut off after `seconds`."""
    import numpy as np

    impulse = np.zeros(1 << math.ceil(math.log2(seconds * rate)))
    impulse[0] = 1.0
    for b, a in sections:
        impulse = _filtered(impulse, b, a)
    return response_of(impulse)


def _filtered(samples: Any, b: Sequence[float], a: Sequence[float]) -> Any:
    import numpy as np

    out, state = np.zeros_like(samples), [0.0, 0.0]
    for index, value in enumerate(samples):
        said = b[0] * value + state[0]
        state = [b[1] * value - a[0] * said + state[1], b[2] * value - a[1] * said]
        out[index] = said
    return out
