"""What has changed between two texts: both can be put together again from the stretches."""

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.difference import MOST_WORDS, Change, Stretch, difference

words = st.lists(st.sampled_from(["họp", "thôn", "lúc", "7", "giờ", "\n", "  ", "mai"]), max_size=30).map(" ".join)


@given(words, words)
def test_both_texts_are_in_the_stretches(before: str, after: str) -> None:
    found = difference(before, after)
    assert "".join(one.text for one in found if one.change is not Change.NEW) == before
    assert "".join(one.text for one in found if one.change is not Change.GONE) == after


def test_a_word_that_changed_is_the_only_one_told() -> None:
    assert difference("Họp lúc 7 giờ mai.", "Họp lúc 8 giờ mai.") == (
        Stretch(Change.SAME, "Họp lúc "),
        Stretch(Change.GONE, "7"),
        Stretch(Change.NEW, "8"),
        Stretch(Change.SAME, " giờ mai."),
    )
    assert difference("a", "a") == (Stretch(Change.SAME, "a"),)
    assert difference("", "") == ()


def test_a_long_text_is_compared_line_by_line() -> None:
    before = "\n".join(f"dòng {n}" for n in range(MOST_WORDS))
    after = before.replace("dòng 5\n", "dòng năm\n")
    found = difference(before, after)
    assert [one.text for one in found if one.change is not Change.SAME] == ["dòng 5\n", "dòng năm\n"]
