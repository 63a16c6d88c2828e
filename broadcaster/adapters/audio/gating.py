"""Loudness after ITU-R BS.1770-4, EBU Tech 3341 and 3342, block by block: momentary, short-term, integrated, range.

No library with wheels for every Python that the product supports gives all four, none of those takes a stream.
The impulse response of the K-weighting has died away after 85 ms.
"""

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

from broadcaster.adapters.audio.convolution import Convolver, Response
from broadcaster.adapters.audio.filters import Section, response

SILENT = -70.0
"""The absolute gate in LUFS: nothing below it is measured (BS.1770-4, annex 1)."""

_BINS_PER_SECOND = 100
_STEP = 10
"""Bins from one gating block to the next: 100 ms, which is 75 % overlap of 400 ms."""
_MOMENTARY = 40
_SHORT_TERM = 300
_OFFSET = -0.691
_RELATIVE_GATE = 10.0
_RANGE_GATE = 20.0
_RANGE_LOW, _RANGE_HIGH = 10, 95
_RESPONSE_SECONDS = 0.085
_SURROUND = 1.41
_WEIGHTS = {1: (1.0,), 2: (1.0, 1.0), 5: (1.0, 1.0, 1.0, _SURROUND, _SURROUND)}
"""By number of channels: mono, stereo, and left, right, centre, left and right surround (BS.1770-4, table 4)."""


class LoudnessMeter:
    """Takes a sound in blocks of any length, full scale being 1.0, then tells its figures in LUFS and LU."""

    def __init__(self, rate: int, channels: int = 1) -> None:
        if channels not in _WEIGHTS:
            msg = f"no channel weights for {channels} channels"
            raise ValueError(msg)
        self._rate = rate
        self._weights = _WEIGHTS[channels]
        self._filters = [Convolver(_weighting(rate)) for _ in self._weights]
        self._frames = 0
        self._bins: list[Any] = []
        self._open = 0.0

    def add(self, samples: Any) -> None:
        """The next samples: shape (frames,) for mono, (frames, channels) otherwise."""
        columns = samples.reshape(len(samples), len(self._filters))
        heard = [stream.add(columns[:, index]) for index, stream in enumerate(self._filters)]
        self._count(heard)

    def _count(self, heard: Sequence[Any]) -> None:
        """Sum the squares of the weighted samples into bins of 10 ms."""
        import numpy as np

        power = sum(weight * np.square(one, dtype=np.float64) for weight, one in zip(self._weights, heard, strict=True))
        count = len(power)
        if not count:
            return
        first, last = self._bin(self._frames), self._bin(self._frames + count)
        starts = [self._edge(number) - self._frames for number in range(first + 1, last + 1)]
        sums = np.add.reduceat(power, [0, *[start for start in starts if start < count]])
        sums[0] += self._open
        if len(sums) == last - first + 1:
            self._open = float(sums[-1])
            self._bins.append(sums[:-1])
        else:  # the samples end on the edge of a bin
            self._open = 0.0
            self._bins.append(sums)
        self._frames += count

    def _bin(self, frame: int) -> int:
        return frame * _BINS_PER_SECOND // self._rate

    def _edge(self, number: int) -> int:
        """The first frame of a bin."""
        return -(-number * self._rate // _BINS_PER_SECOND)

    def finish(self) -> "Loudnesses":
        """All that was added; nothing may be added afterwards."""
        import numpy as np

        self._count([stream.finish() for stream in self._filters])
        energy = np.concatenate([*self._bins, np.zeros(0)])
        edges = -(-np.arange(len(energy) + 1, dtype=np.int64) * self._rate // _BINS_PER_SECOND)
        return Loudnesses(np.concatenate([[0.0], np.cumsum(energy)]), edges)


class Loudnesses:
    """What a meter has heard. All figures are for the channels as they are: mono is not counted twice."""

    def __init__(self, energy: Any, edges: Any) -> None:
        self._energy, self._edges = energy, edges

    def _windows(self, bins: int, step: int) -> Any:
        """Mean power of every window of so many bins."""
        import numpy as np

        starts = np.arange(0, len(self._energy) - bins, step)
        total = self._energy[starts + bins] - self._energy[starts]
        return np.maximum(total, 0.0) / (self._edges[starts + bins] - self._edges[starts])

    def momentary(self) -> Any:
        """Loudness of every 400 ms, a value each 10 ms."""
        return _lufs(self._windows(_MOMENTARY, 1))

    def short_term(self) -> Any:
        """Loudness of every 3 s, a value each 10 ms."""
        return _lufs(self._windows(_SHORT_TERM, 1))

    def integrated(self) -> float:
        """Gated loudness of the whole; -70.0 when nothing passes the gate or the sound is shorter than 400 ms."""
        power = self._windows(_MOMENTARY, _STEP)
        power = power[power > _power(SILENT)]
        if not len(power):
            return SILENT
        power = power[power > power.mean() * 10 ** (-_RELATIVE_GATE / 10)]
        return max(SILENT, _OFFSET + 10 * math.log10(power.mean()))

    def range(self) -> float:
        """Loudness range (EBU Tech 3342) in LU; 0.0 for less than 3 s."""
        import numpy as np

        power = self._windows(_SHORT_TERM, _STEP)
        power = power[power > _power(SILENT)]
        if not len(power):
            return 0.0
        levels = _lufs(power[power > power.mean() * 10 ** (-_RANGE_GATE / 10)])
        low, high = np.percentile(levels, (_RANGE_LOW, _RANGE_HIGH))
        return float(high - low)


@cache
def _weighting(rate: int) -> Response:
    """The K-weighting."""
    return response(rate, (_shelf(rate), _high_pass(rate)), _RESPONSE_SECONDS)


def _shelf(rate: int) -> Section:
    """The head's shelf. BS.1770-4 gives it for 48 kHz; these are the analogue figures behind those coefficients."""
    gain, quality, frequency = 3.999843853973347, 0.7071752369554196, 1681.974450955533
    k = math.tan(math.pi * frequency / rate)
    high = 10 ** (gain / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / quality + k * k
    b = ((high + band * k / quality + k * k) / a0, 2 * (k * k - high) / a0, (high - band * k / quality + k * k) / a0)
    return b, (2 * (k * k - 1) / a0, (1 - k / quality + k * k) / a0)


def _high_pass(rate: int) -> Section:
    """The weighting of the low end, likewise."""
    quality, frequency = 0.5003270373238773, 38.13547087602444
    k = math.tan(math.pi * frequency / rate)
    a0 = 1 + k / quality + k * k
    return (1.0, -2.0, 1.0), (2 * (k * k - 1) / a0, (1 - k / quality + k * k) / a0)


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET) / 10))


def _lufs(power: Any) -> Any:
    import numpy as np

    return np.maximum(_OFFSET + 10 * np.log10(np.maximum(power, 1e-12)), -120.0)
