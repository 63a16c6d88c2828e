"""The outline of a master: how it looks as a drawing, and where in it each thing that is said begins."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from broadcaster.domain.master import Line, Recipe
from broadcaster.units import Milliseconds, Sha256

POINTS = 1000
"""Peaks of an outline at most: more than a screen shows, some three kilobytes."""
FULL = 100
"""What a peak at full scale is written as."""


class Part(StrEnum):
    """What begins at a mark."""

    TITLE = "ten"
    SENTENCE = "cau"
    AGAIN = "lai"
    """A sentence of the second reading."""
    NOTICE = "bao"


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something that is said begins, from the file's begin on; `number` counts from 1 within its part."""

    at: Milliseconds
    part: Part
    number: int


@dataclass(frozen=True, slots=True)
class Outline:
    """`peaks` are the highest samples of equal stretches, 0 to `FULL`; `marks` are in the order of time."""

    length: Milliseconds
    peaks: tuple[int, ...]
    marks: tuple[Mark, ...] = ()


def _parts(recipe: Recipe) -> Iterator[tuple[Part, Sequence[Line]]]:
    yield Part.TITLE, recipe.intro
    yield Part.SENTENCE, recipe.body
    if recipe.read_twice:
        yield Part.AGAIN, recipe.body
    yield Part.NOTICE, recipe.outro


def marks_of(recipe: Recipe, lengths: Mapping[Sha256, Milliseconds], start: Milliseconds) -> tuple[Mark, ...]:
    """Where the lines of a master begin.

    Args:
        recipe: what the master was joined after.
        lengths: of its takes, by key.
        start: where the first line begins, behind chime and pause.
    """
    marks: list[Mark] = []
    at = int(start)
    for part, lines in _parts(recipe):
        for number, line in enumerate(lines, 1):
            marks.append(Mark(Milliseconds(at), part, number))
            at += lengths[recipe.take_key(line)] + line.pause_ms
    return tuple(marks)
