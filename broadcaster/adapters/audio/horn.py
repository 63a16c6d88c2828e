"""As heard in the village: speech through a horn loudspeaker, with the echo of the next one and a street's noise.

A simulation, so that voices and masters can be compared with one another; it was not measured on a real horn.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

from broadcaster.adapters.audio.convolution import Convolver, Response, response_of
from broadcaster.domain.take import Tape
from broadcaster.units import Milliseconds

LOW_HZ, HIGH_HZ = 300, 6000
"""The band of a horn loudspeaker; half the amplitude is left at either edge, nothing 60 Hz beyond."""
ECHO_MS = Milliseconds(250)
"""The next loudspeaker, 85 m further off."""
ECHO_DB = -8.0
SNR_DB = 10.0
"""Active speech, its echo included, to white noise over the whole band of the samples, in decibels."""
LEAD_MS = Milliseconds(500)
"""Noise alone, before the first sample: people listen before an announcer begins, and so does a recogniser."""

_TRANSITION_HZ = 110
_BLACKMAN_WIDTH = 5.5
_FRAME_MS = 20
_ACTIVE_DB = 30.0
_HEADROOM_SIGMAS = 4.0
_FULL_SCALE = 32768


class VillageHorn:
    """The port `Horn`. The same tape gives the same samples: the noise begins from a fixed seed.

    Args:
        echo_db: level of the echo to the direct sound.
        snr_db: level of active speech to the noise. Active are the frames of 20 ms within 30 dB of the loudest one.
        seed: of the noise.
    """

    def __init__(self, echo_db: float = ECHO_DB, snr_db: float = SNR_DB, seed: int = 0) -> None:
        self._echo_db, self._snr_db, self._seed = echo_db, snr_db, seed

    def play(self, tape: Tape) -> Tape:
        """The tape half a second later, with an echo after its end; read once to know how loud the noise must be."""
        sounding = _Sounding(tape, 10 ** (self._echo_db / 20))
        power, peak = _active(sounding)
        noise = math.sqrt(power / 10 ** (self._snr_db / 10))
        # Only what would pass full scale is turned down; the few samples of noise beyond are clipped.
        scale = 1.0 / max(1.0, peak + _HEADROOM_SIGMAS * noise)
        return _Heard(sounding, noise, scale, self._seed)


@dataclass(frozen=True, slots=True)
class _Sounding:
    """The horn and its echo, without noise: 32-bit floats, full scale 1.0."""

    tape: Tape
    echo: float

    @property
    def rate(self) -> int:
        return self.tape.rate

    def blocks(self) -> Iterator[Any]:
        import numpy as np

        band = _band(self.rate)
        delay = self.rate * ECHO_MS // 1000
        late = (_impulse_length(self.rate) - 1) // 2
        convolver = Convolver(band)
        before = np.zeros(self.rate * LEAD_MS // 1000, np.float32)
        after = np.zeros(delay + late, np.float32)
        sound = (np.frombuffer(block, "<i2") * np.float32(1 / _FULL_SCALE) for block in self.tape.blocks())
        filtered = chain((convolver.add(block) for block in chain([before], sound, [after])), _last(convolver))
        past = np.zeros(delay, np.float32)
        for whole in filtered:
            # A filter of linear phase answers late by half its length.
            block, late = whole[late:], max(0, late - len(whole))
            line = np.concatenate([past, block])
            past = line[len(block) :]
            yield (block + np.float32(self.echo) * line[: len(block)]).astype(np.float32)


def _last(convolver: Convolver) -> Iterator[Any]:
    yield convolver.finish()


@dataclass(frozen=True, slots=True)
class _Heard:
    """What arrives; a `Tape`."""

    sounding: _Sounding
    noise: float
    scale: float
    seed: int

    @property
    def rate(self) -> int:
        return self.sounding.rate

    def blocks(self) -> Iterator[bytes]:
        import numpy as np

        random = np.random.default_rng(self.seed)
        for block in self.sounding.blocks():
            heard = (block + self.noise * random.standard_normal(len(block))) * self.scale
            rounded = np.clip(np.rint(heard * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1)
            yield bytes(rounded.astype("<i2").tobytes())


def _active(sounding: _Sounding) -> tuple[float, float]:
    """Mean power of active speech, and the peak; both 0.0 for silence."""
    import numpy as np

    size = sounding.rate * _FRAME_MS // 1000
    powers, peak, rest = [np.zeros(1)], 0.0, np.zeros(0, np.float32)
    for block in sounding.blocks():
        peak = max(peak, float(np.abs(block).max(initial=0.0)))
        line = np.concatenate([rest, block])
        whole = len(line) - len(line) % size
        powers.append(np.square(line[:whole], dtype=np.float64).reshape(-1, size).mean(axis=1))
        rest = line[whole:]
    found = np.concatenate(powers)
    loud = found[found > found.max() / 10 ** (_ACTIVE_DB / 10)]
    return float(loud.mean()) if len(loud) else 0.0, peak


def _impulse_length(rate: int) -> int:
    return 2 * math.ceil(_BLACKMAN_WIDTH * rate / _TRANSITION_HZ / 2) + 1


@cache
def _band(rate: int) -> Response:
    """Linear phase, a sinc under a Blackman window; at low rates the samples themselves end the band."""
    import numpy as np

    length = _impulse_length(rate)
    at = np.arange(length) - (length - 1) // 2

    def below(hertz: float) -> Any:
        edge = min(2 * hertz / rate, 1.0)
        return edge * np.sinc(edge * at)

    return response_of((below(HIGH_HZ) - below(LOW_HZ)) * np.blackman(length))
