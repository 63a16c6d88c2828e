"""Where a sound is heard, with gradients: through the horn chain, and through a horn in the village.

The same figures as `adapters/audio/effects.py` and `horn.py`, whose samples are rounded and have no gradient. What
depends on levels (gain, noise) is reckoned from the sound and then held fixed.
"""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from broadcaster.adapters.audio import filters
from broadcaster.adapters.audio.effects import PRESETS, compression
from broadcaster.adapters.audio.horn import HIGH_HZ, LEAD_MS, LOW_HZ
from broadcaster.domain.finish import VoiceChain

RATE = 24_000
_HOP = RATE // 100
_LOUDNESS = 0.1
_TAPS = 1323
_ACTIVE_DB = 30.0


class Place:
    """A chain and a horn at 24 kHz."""

    def __init__(self) -> None:
        self._preset = PRESETS[VoiceChain.HORN]
        corner, qualities = self._preset.high_pass
        sections = [filters.high_pass(RATE, corner, quality) for quality in qualities]
        sections.append(filters.rise(RATE, self._preset.rise))
        shaped = filters.response(RATE, sections, 0.08)
        self._shape = torch.from_numpy(np.fft.irfft(shaped.spectrum, shaped.size)[: shaped.taps].astype(np.float32))
        at = np.arange(_TAPS) - (_TAPS - 1) // 2
        high, low = (2 * edge / RATE * np.sinc(2 * edge / RATE * at) for edge in (HIGH_HZ, LOW_HZ))
        self._band = torch.from_numpy(((high - low) * np.blackman(_TAPS)).astype(np.float32))

    def chained(self, samples: Tensor) -> Tensor:
        """Through `loa_nen`, to one loudness."""
        shaped = _convolved(samples, self._shape)[: len(samples)]
        with torch.no_grad():
            rows = shaped[: len(shaped) // _HOP * _HOP].reshape(-1, _HOP)
            levels = 10 * np.log10(rows.square().mean(1).numpy() + 1e-10)
            loud = levels[levels > levels.max() - _ACTIVE_DB]
            threshold = 10 * math.log10((10 ** (loud / 10)).mean()) + self._preset.over
            gains = compression(levels - threshold, self._preset.ratio, self._preset.knee)
            slow, now = math.exp(-_HOP / RATE / self._preset.release), 0.0
            for row, gain in enumerate(gains):
                now = float(gain) if gain < now else slow * now + (1 - slow) * float(gain)
                gains[row] = now
            middles = np.arange(len(gains)) * _HOP + _HOP / 2
            gain_line = np.interp(np.arange(len(shaped)), middles, 10 ** (gains / 20)).astype(np.float32)
        even = shaped * torch.from_numpy(gain_line)
        return even * (_LOUDNESS / (even.detach().square().mean().sqrt() + 1e-9))

    def village(self, samples: Tensor, echo_db: float, echo_seconds: float, snr_db: float) -> Tensor:
        """Through a horn with an echo and white noise, which is there before and after."""
        around = LEAD_MS * RATE // 1000
        direct = _convolved(functional.pad(samples, (around, around)), self._band)
        delay = round(echo_seconds * RATE)
        both = direct + 10 ** (echo_db / 20) * functional.pad(direct, (delay, 0))[: len(direct)]
        with torch.no_grad():
            powers = both[: len(both) // 480 * 480].reshape(-1, 480).square().mean(1)
            power = powers[powers > powers.max() / 10 ** (_ACTIVE_DB / 10)].mean()
            noise = torch.randn(len(both)) * torch.sqrt(power / 10 ** (snr_db / 10))
        return both + noise


def _convolved(samples: Tensor, impulse: Tensor) -> Tensor:
    size = len(samples) + len(impulse) - 1
    return torch.fft.irfft(torch.fft.rfft(samples, size) * torch.fft.rfft(impulse, size), size)
