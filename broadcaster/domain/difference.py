"""What has changed from one text to another, word by word, in the order of reading."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_WORDS = re.compile(r"\s+|[^\s]+")
MOST_WORDS = 20_000
"""In longer texts whole lines are compared: the time that it takes grows with the square."""


class Change(StrEnum):
    """What became of a stretch."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of either text."""

    change: Change
    text: str


def difference(before: str, after: str) -> tuple[Stretch, ...]:
    """The stretches of both texts: those that stayed and went are the text before, those that stayed and came after."""
    if len(before) + len(after) > MOST_WORDS * 8:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    else:
        old, new = _WORDS.findall(before), _WORDS.findall(after)
    return tuple(_stretches(old, new))


def _stretches(old: list[str], new: list[str]) -> Iterator[Stretch]:
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Stretch(Change.SAME, "".join(old[a:b]))
            continue
        if b > a:
            yield Stretch(Change.GONE, "".join(old[a:b]))
        if d > c:
            yield Stretch(Change.NEW, "".join(new[c:d]))
