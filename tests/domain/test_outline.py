"""Where the things that are said begin in a master."""

from dataclasses import replace

import pytest

from broadcaster.domain.master import Line, Recipe
from broadcaster.domain.outline import Mark, Part, marks_of
from broadcaster.units import Milliseconds, digest


def line(spoken: str, pause: int) -> Line:
    return Line(spoken, "giọng", Milliseconds(pause))


RECIPE = Recipe(
    "tin_1",
    digest("văn bản"),
    digest("lời"),
    "tone",
    "1",
    1.0,
    (line("tên", 700),),
    (line("câu một", 300), line("câu hai", 1500)),
    (line("lời báo", 500),),
    read_twice=False,
)
LENGTHS = {
    RECIPE.take_key(one): Milliseconds(ms) for one, ms in zip(RECIPE.lines, (1000, 2000, 3000, 4000), strict=True)
}


def test_each_line_begins_behind_the_one_before_it_and_its_pause() -> None:
    assert marks_of(RECIPE, LENGTHS, Milliseconds(100)) == (
        Mark(Milliseconds(100), Part.TITLE, 1),
        Mark(Milliseconds(1800), Part.SENTENCE, 1),
        Mark(Milliseconds(4100), Part.SENTENCE, 2),
        Mark(Milliseconds(8600), Part.NOTICE, 1),
    )


def test_a_second_reading_has_marks_of_its_own() -> None:
    marks = marks_of(replace(RECIPE, read_twice=True), LENGTHS, Milliseconds(0))
    assert [(mark.part, mark.number) for mark in marks] == [
        (Part.TITLE, 1),
        (Part.SENTENCE, 1),
        (Part.SENTENCE, 2),
        (Part.AGAIN, 1),
        (Part.AGAIN, 2),
        (Part.NOTICE, 1),
    ]
    assert marks[3].at == 1700 + 2300 + 4500


def test_a_take_that_is_not_known_has_no_length() -> None:
    with pytest.raises(KeyError):
        marks_of(RECIPE, {}, Milliseconds(0))
