"""The outline of a sound, against a slow count of the same samples."""

import array
import sys

import pytest

from broadcaster.adapters.audio.outline import outlined
from broadcaster.domain.outline import FULL
from broadcaster.domain.take import Sound
from tests.tapes import InBlocks


def sound(*samples: int) -> Sound:
    held = array.array("h", samples)
    if sys.byteorder == "big":
        held.byteswap()
    return Sound(8000, held.tobytes())


def slowly(samples: tuple[int, ...], most: int) -> tuple[int, ...]:
    stretch = -(-len(samples) // most)
    parts = [samples[at : at + stretch] for at in range(0, len(samples), stretch)]
    return tuple(round(min(max(map(abs, part)) / 32767, 1.0) * FULL) for part in parts)


@pytest.mark.parametrize("block", [1, 7, 16, 1000])
@pytest.mark.parametrize("most", [1, 3, 10, 97, 5000])
def test_it_is_the_highest_sample_of_each_stretch_however_the_blocks_are_cut(block: int, most: int) -> None:
    samples = tuple((at * 7919) % 65536 - 32768 for at in range(1003))
    drawn = outlined(InBlocks(sound(*samples), block), most)
    assert drawn == slowly(samples, most)
    assert len(drawn) <= most


def test_the_lowest_sample_is_full_scale_and_silence_is_nothing() -> None:
    assert outlined(sound(-32768, 0, 0, 0), 2) == (FULL, 0)
    assert outlined(sound(0, 0), 2) == (0, 0)
    assert outlined(sound(), 2) == ()
