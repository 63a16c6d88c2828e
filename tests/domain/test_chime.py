"""The station's tones: drawn by formula, the same on every machine, no louder than they may be."""

import struct

import pytest

from broadcaster.domain.chime import CHIME, SIGNATURE, tune


@pytest.mark.parametrize(("name", "seconds"), [(CHIME, 1.55), (SIGNATURE, 0.55 * 15 + 1.6)])
@pytest.mark.parametrize("rate", [8000, 24_000])
def test_a_tune_is_whole_and_quiet_at_its_ends(name: str, seconds: float, rate: int) -> None:
    sound = tune(name, rate)
    samples = struct.unpack(f"<{sound.frames}h", sound.samples)
    assert sound.rate == rate
    assert sound.duration_ms == pytest.approx(seconds * 1000, abs=1)
    # Four tenths of full scale: the limiter has nothing to do.
    assert 13_000 < max(map(abs, samples)) <= round(0.4 * 32767)
    assert abs(samples[0]) < 100
    assert abs(samples[-1]) < 400


def test_a_tune_is_the_same_each_time() -> None:
    assert tune(CHIME, 8000) == tune(CHIME, 8000)
    assert tune(CHIME, 8000) != tune(SIGNATURE, 8000)


def test_there_are_no_other_tunes() -> None:
    with pytest.raises(KeyError):
        tune("jingle", 8000)
