"""The hearing test: what a recogniser made of a sentence, syllable by syllable, and where a person should listen."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from broadcaster.domain.reading import read_line
from broadcaster.domain.reading.syllables import old_style, without_tone
from broadcaster.errors import Finding, HearingError, Place, Severity

CLEAN_LIMIT = 0.35
"""Syllable error rate above which a sentence is worth a person's ear; the offline voice lies below it, espeak above."""
VILLAGE_LIMIT = 0.60
"""The same through the horn loudspeaker, where much is lost of any voice."""

_SHOWN = 6
_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Misheard:
    """A syllable that was taken for another one. Empty: nothing was said there, or nothing was heard."""

    spoken: str
    heard: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """One sentence, what was heard of it, and the errors among its syllables: the commonest first, then in order."""

    spoken: str
    heard: str
    syllables: int
    errors: int
    misheard: tuple[Misheard, ...]

    @property
    def rate(self) -> float:
        """Syllable error rate, a fraction: wrong, missing and added ones to those spoken. It can pass one."""
        return self.errors / self.syllables


@dataclass(frozen=True, slots=True)
class Limits:
    """Error rates, as fractions, above which a sentence becomes a finding."""

    clean: float = CLEAN_LIMIT
    village: float = VILLAGE_LIMIT


def syllables_of(text: str) -> tuple[str, ...]:
    """A text as the syllables that are heard: no case, no marks, figures read out, tone marks where they stood of old.

    A recogniser may write figures where the announcer said words; they are read before the two are compared.
    """
    composed = unicodedata.normalize("NFC", text)
    said = read_line(composed) if _DIGIT.search(composed) else composed
    return tuple(old_style(word) for word in _WORD.findall(said.lower()))


def compare(spoken: str, heard: str) -> Comparison:
    """A sentence beside what was heard of it.

    Raises:
        HearingError: `hearing.no_words` if there is no syllable in what was to be said.
    """
    said, understood = syllables_of(spoken), syllables_of(heard)
    if not said:
        raise HearingError("hearing.no_words", text=spoken.strip()[:40])
    wrong = [pair for pair in aligned(said, understood) if _key(pair[0]) != _key(pair[1])]
    misheard = tuple(Misheard(one, other, count) for (one, other), count in Counter(wrong).most_common())
    return Comparison(spoken, heard, len(said), len(wrong), misheard)


def error_rate(comparisons: Iterable[Comparison]) -> float | None:
    """Errors of all sentences to all their syllables; None without sentences."""
    listed = list(comparisons)
    total = sum(one.syllables for one in listed)
    return sum(one.errors for one in listed) / total if total else None


def finding_of(comparison: Comparison, limit: float, code: str, place: Place) -> Finding | None:
    """What a person should listen to: a sentence whose error rate is above the limit.

    Args:
        comparison: the sentence.
        limit: an error rate, a fraction.
        code: `hearing.unclear` or `hearing.unclear_village`.
        place: the bulletin and the number of the sentence.
    """
    if comparison.rate <= limit:
        return None
    facts = {
        "spoken": comparison.spoken,
        "heard": comparison.heard,
        "percent": round(100 * comparison.rate),
        "limit": round(100 * limit),
        "misheard": [f"{one.spoken or '∅'} → {one.heard or '∅'}" for one in comparison.misheard[:_SHOWN]],
    }
    return Finding(code, Severity.WARNING, place, facts)


def aligned(spoken: Sequence[str], heard: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of spoken and heard syllables, in order, with as few differences as there can be; "" where one is missing.

    A half-hour bulletin has 8,000 syllables, so a whole row of the table is worked out at once, in the bits of an
    integer: H. Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances", 2003.
    """
    pairs = list(_backwards(spoken, heard, list(_rows(spoken, heard))))
    pairs.reverse()
    return pairs


def _rows(spoken: Sequence[str], heard: Sequence[str]) -> Iterator[tuple[int, int]]:
    """For each heard syllable, where the distance grows and where it falls along the spoken ones."""
    full = (1 << len(spoken)) - 1
    places: dict[str, int] = {}
    for number, syllable in enumerate(spoken):
        places[_key(syllable)] = places.get(_key(syllable), 0) | 1 << number
    grows, falls = full, 0
    for syllable in heard:
        same = places.get(_key(syllable), 0)
        level = (((same & grows) + grows) ^ grows) | same | falls
        up = falls | (full & ~(level | grows))
        down = level & grows
        up, down = (up << 1 | 1) & full, down << 1 & full
        grows, falls = down | (full & ~(level | up)), up & level & full
        yield grows, falls


def _backwards(
    spoken: Sequence[str], heard: Sequence[str], rows: Sequence[tuple[int, int]]
) -> Iterator[tuple[str, str]]:
    column, row = len(spoken), len(heard)
    while column and row:
        bit = 1 << column - 1
        if rows[row - 1][0] & bit:
            column -= 1
            yield spoken[column], ""
            continue
        row -= 1
        if row and rows[row - 1][1] & bit:
            yield "", heard[row]
        else:
            column -= 1
            yield spoken[column], heard[row]
    yield from ((one, "") for one in reversed(spoken[:column]))
    yield from (("", one) for one in reversed(heard[:row]))


def _key(syllable: str) -> str:
    """A syllable by its letters and its tone, wherever the tone mark stands."""
    return "".join(without_tone(syllable))
