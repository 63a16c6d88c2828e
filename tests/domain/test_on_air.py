"""What a cluster should sound at an instant, what is next, what was measured."""

from dataclasses import replace
from datetime import timedelta

from broadcaster.domain.asrun import Outcome, row_for
from broadcaster.domain.on_air import on_air
from broadcaster.domain.rundown import RundownItem
from tests.domain.values import START, a_rundown, an_item, ms


def test_each_cluster_has_its_own_item_the_next_one_and_its_last_row() -> None:
    items = [an_item("a", 0, 60), an_item("b", 62, 60), an_item("c", 200, 10)]
    rundown = a_rundown(items, minutes=5)
    items = list(rundown.items)
    rows = [
        row_for(node, rundown, item, Outcome.AIRED, started_at=item.start, ended_at=item.end, played_ms=ms(60))
        for node in ("dong_1", "doai_1")
        for item in items[:2]
    ]
    found = on_air(["dong_1", "dong_2"], [rundown], lambda _: ["dong_1"], rows, START + timedelta(seconds=70))
    first = found["dong_1"]
    assert (first.now, first.next) == (items[1], items[2])
    assert first.last is not None
    assert first.last.item == items[1].id
    assert (found["dong_2"].now, found["dong_2"].next, found["dong_2"].last) == (None, None, None)


def test_between_two_items_and_after_the_last_one_there_is_silence() -> None:
    items = [an_item("a", 0, 60), an_item("b", 62, 60)]
    rundown = a_rundown(items, minutes=5)

    def at(seconds: float) -> tuple[str, str]:
        here = on_air(["x"], [rundown], lambda _: ["x"], [], START + timedelta(seconds=seconds))["x"]
        return (_name(here.now), _name(here.next))

    assert [at(-1), at(0), at(60), at(61), at(62), at(122)] == [
        ("", "a"),
        ("a", "b"),
        ("", "b"),
        ("", "b"),
        ("b", ""),
        ("", ""),
    ]


def _name(item: RundownItem | None) -> str:
    return item.id.rpartition(".")[2] if item else ""


def test_the_last_row_is_the_last_that_began_whatever_came_last() -> None:
    rundown = a_rundown([an_item("a", 0, 60), an_item("b", 62, 60)], minutes=5)
    one, two = (
        row_for("x", rundown, item, Outcome.AIRED, started_at=item.start, ended_at=item.end, played_ms=ms(60))
        for item in rundown.items
    )
    missed = replace(two, started_at=None, ended_at=None, item="c", planned_start=START + timedelta(seconds=100))
    found = on_air(["x"], [], lambda _: [], [missed, two, one], START)
    assert found["x"].last == missed
