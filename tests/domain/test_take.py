"""Takes: sound in memory, and the key that finds it again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.take import Sound, SpeechRequest, take_key


@given(st.integers(1, 192_000), st.integers(0, 50_000))
def test_a_length_is_never_shorter_than_its_sound(rate: int, frames: int) -> None:
    sound = Sound(rate, bytes(2 * frames))
    assert sound.frames == frames
    assert (sound.duration_ms - 1) * rate < frames * 1000 <= sound.duration_ms * rate or frames == 0


@pytest.mark.parametrize(("rate", "samples"), [(0, b""), (-1, b""), (8000, b"a"), (8000, b"abc")])
def test_what_is_no_sound(rate: int, samples: bytes) -> None:
    with pytest.raises(ValueError, match="16-bit"):
        Sound(rate, samples)


def test_a_key_changes_with_all_that_changes_the_sound() -> None:
    request = SpeechRequest("xin chào", "nu", 1.0)
    keys = {
        take_key("tone", "1", request),
        take_key("espeak", "1", request),
        take_key("tone", "2", request),
        take_key("tone", "1", SpeechRequest("xin chào!", "nu", 1.0)),
        take_key("tone", "1", SpeechRequest("xin chào", "nam", 1.0)),
        take_key("tone", "1", SpeechRequest("xin chào", "nu", 1.1)),
    }
    assert len(keys) == 6
    assert take_key("tone", "1", SpeechRequest("xin chào", "nu")) in keys
