"""What may sound in the place of an item that cannot."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.playout.standby import replaced, stand_ins
from broadcaster.domain.rundown import ItemKind, Rundown, RundownItem
from tests.domain.values import a_rundown, an_item

TODAY = a_rundown([an_item("x", 0, 60), an_item("y", 70, 60)])


def on(days: int, *items: RundownItem) -> Rundown:
    """A rundown so many days after today's."""
    moved = [replace(item, start=item.start + timedelta(days=days)) for item in items]
    return a_rundown(moved, day=TODAY.day + timedelta(days=days), start=TODAY.start + timedelta(days=days))


def names(item: RundownItem, *held: Rundown) -> list[str]:
    return [other.bulletin or other.kind.value for other in stand_ins(item, TODAY, held)]


X = TODAY.items[0]


def test_its_topic_comes_first_then_any_piece_then_the_signature() -> None:
    evening = on(
        0,
        an_item("nhac", 0, 9, ItemKind.SIGNATURE),
        an_item("khac", 10, 50, topic="y_te"),
        an_item("ngan", 70, 20),
        an_item("dai", 100, 55),
    )
    assert names(X, evening) == ["dai", "ngan", "khac", "nhac_hieu"]


def test_nothing_longer_than_the_gap_and_nothing_that_the_session_airs_itself() -> None:
    assert names(X, on(0, an_item("lau", 0, 61), an_item("y", 70, 30), an_item("x", 110, 30))) == []


def test_a_piece_airs_between_its_days_and_on_no_other() -> None:
    assert names(X, on(-1, an_item("hom_qua", 0, 30))) == []
    assert names(X, on(1, an_item("ngay_mai", 0, 30))) == []
    assert names(X, on(-2, an_item("ca_hai", 0, 30)), on(3, an_item("ca_hai", 0, 30))) == ["ca_hai"]


def test_of_an_amended_piece_the_version_of_the_day_is_taken() -> None:
    old, new = an_item("tin", 0, 30, master="a" * 64), an_item("tin", 0, 25, master="b" * 64)
    assert stand_ins(X, TODAY, [on(-1, old), on(1, new)])[0].master == "a" * 64
    assert stand_ins(X, TODAY, [on(-1, old), on(0, new), on(2, old)])[0].master == "b" * 64


def test_a_relay_has_none_and_a_signature_is_not_its_own() -> None:
    relay, ident = an_item("vov", 0, 300, ItemKind.RELAY), an_item("nhac", 0, 9, ItemKind.SIGNATURE)
    session = a_rundown([ident, relay])
    evening = on(0, an_item("dai", 0, 5))
    assert stand_ins(relay, session, [evening]) == ()
    assert [other.bulletin for other in stand_ins(ident, session, [evening])] == ["dai"]


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 5), st.integers(1, 90)), max_size=12))
def test_whatever_is_held_what_comes_instead_fits_and_says_for_what(held: list[tuple[int, int, int]]) -> None:
    rundowns = [on(days, an_item(f"b{code}", 0, seconds)) for days, code, seconds in held]
    found = stand_ins(X, TODAY, rundowns)
    assert len({other.id for other in found}) == len(found)
    for other in found:
        assert replaced(other.id) == X.id
        assert other.start == X.start
        assert other.duration_ms <= X.duration_ms
        days = [rundown.day for rundown in rundowns if rundown.items[0].bulletin == other.bulletin]
        assert min(days) <= TODAY.day <= max(days)
        assert other.bulletin not in {"x", "y"}


def test_an_item_in_nobodys_place_stands_for_itself() -> None:
    assert replaced(X.id) == X.id
