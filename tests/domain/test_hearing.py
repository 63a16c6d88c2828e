"""Syllables, their alignment, and what becomes a finding."""

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.hearing import (
    Comparison,
    Misheard,
    aligned,
    compare,
    error_rate,
    finding_of,
    syllables_of,
)
from broadcaster.errors import HearingError, Place, Severity

WORDS = st.lists(st.sampled_from(["bà", "con", "thôn", "họp", "hòa"]), max_size=12)


def distance(one: Sequence[str], other: Sequence[str]) -> int:
    """The textbook's table, to compare with."""
    row = list(range(len(other) + 1))
    for number, syllable in enumerate(one, 1):
        before, row[0] = row[0], number
        for column, heard in enumerate(other, 1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (syllable != heard))
    return row[-1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kính mời BÀ CON!", "kính mời bà con"),
        ("hoà, thuỷ", "hòa thủy"),
        ("họp lúc 7 giờ 30", "họp lúc bảy giờ ba mươi"),
        (unicodedata.normalize("NFD", "đường làng"), "đường làng"),
        ("rơ-moóc", "rơ moóc"),
        ("  \n", "…"),
    ],
)
def test_what_sounds_alike_is_alike(one: str, other: str) -> None:
    assert syllables_of(one) == syllables_of(other)


def test_a_tone_mark_may_stand_anywhere_in_its_syllable() -> None:
    assert compare("hoàn toàn", "hòan tòan").errors == 0


def test_a_tone_is_not_lost() -> None:
    assert compare("má mà", "mà má").errors == 2


def test_errors_are_counted_and_named() -> None:
    found = compare("Kính mời bà con họp thôn", "kính mười bà họp thôn nhé")
    assert (found.syllables, found.errors, found.rate) == (6, 3, 0.5)
    assert set(found.misheard) == {Misheard("mời", "mười"), Misheard("con", ""), Misheard("", "nhé")}


def test_the_commonest_error_comes_first() -> None:
    found = compare("mai họp mai thôn mai", "may họp may xã may")
    assert found.misheard == (Misheard("mai", "may", 3), Misheard("thôn", "xã"))


def test_nothing_heard_is_all_wrong() -> None:
    assert compare("bà con", "").rate == 1.0


def test_more_heard_than_said_passes_one() -> None:
    assert compare("bà", "bà con trong thôn").rate == 3.0


@pytest.mark.parametrize("text", ["", " ", "…!", "—"])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(HearingError) as caught:
        compare(text, "bà con")
    assert caught.value.code == "hearing.no_words"


@given(WORDS, WORDS)
def test_the_alignment_is_whole_and_has_the_fewest_differences(spoken: list[str], heard: list[str]) -> None:
    pairs = aligned(spoken, heard)
    assert [one for one, _ in pairs if one] == spoken
    assert [other for _, other in pairs if other] == heard
    assert sum(one != other for one, other in pairs) == distance(spoken, heard)


def test_a_long_bulletin_is_aligned() -> None:
    spoken = [f"{'bcdghklm'[n % 8]}a" for n in range(8000)]
    heard = [one for n, one in enumerate(spoken) if n % 10]
    assert sum(one != other for one, other in aligned(spoken, heard)) == 800


def test_the_rate_of_several_is_by_syllables() -> None:
    assert error_rate([compare("bà con trong thôn", "bà con trong thôn"), compare("họp", "hộp")]) == 0.2
    assert error_rate([]) is None


def test_only_what_is_above_the_limit_is_a_finding() -> None:
    found: Comparison = compare("bà con trong thôn", "bà con trong đôn")
    assert finding_of(found, 0.25, "hearing.unclear", Place("hop_thon", 3)) is None
    finding = finding_of(found, 0.24, "hearing.unclear", Place("hop_thon", 3))
    assert finding is not None
    assert (finding.code, finding.severity, finding.place.line) == ("hearing.unclear", Severity.WARNING, 3)
    assert finding.facts["misheard"] == ["thôn → đôn"]
    assert (finding.facts["percent"], finding.facts["limit"]) == (25, 24)
