"""Plans: hashes, gaps, and what an amendment changes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.planning.plan import airings_of, changes
from broadcaster.units import digest
from tests.domain.values import MONDAY, a_plan, a_slot

slots = st.sets(
    st.builds(
        lambda day, session, code, master: a_slot(
            code, day=MONDAY + timedelta(days=day), session=session, master=digest(master)
        ),
        st.integers(0, 6),
        st.sampled_from(["sang", "chieu"]),
        st.sampled_from("abc"),
        st.integers(0, 1),
    ),
    max_size=8,
)


@given(slots, slots)
def test_the_old_plan_and_its_changes_make_the_new_one(old: set[object], new: set[object]) -> None:
    before, after = a_plan(old), a_plan(new, number=1, reason="mất điện")  # type: ignore[arg-type]
    gone, come = changes(before, after)
    assert set(before.slots) - set(gone) | set(come) == set(after.slots)
    assert not set(gone) & set(come)
    assert (list(gone), list(come)) == (sorted(gone), sorted(come))
    assert changes(after, before) == (come, gone)
    assert changes(before, before) == ((), ())


@given(slots)
def test_the_airings_of_a_bulletin_in_order(of: set[object]) -> None:
    found = airings_of(of, "a")  # type: ignore[arg-type]
    assert set(found) == {slot for slot in of if slot.bulletin == "a"}  # type: ignore[attr-defined]
    assert [(slot.day, slot.session) for slot in found] == sorted((slot.day, slot.session) for slot in found)


def test_the_hash_moves_with_every_part() -> None:
    plan = a_plan([a_slot("a")])
    changed = [
        replace(plan, slots=()),
        replace(plan, number=1),
        replace(plan, reason="vì"),
        replace(plan, week=MONDAY + timedelta(days=7)),
        replace(plan, precedence=("a",)),
        replace(plan, inputs=digest("khác")),
    ]
    assert len({plan.hash, *(other.hash for other in changed)}) == 7
    assert plan.hash == a_plan([a_slot("a")]).hash


@pytest.mark.parametrize(("value", "bound", "gap"), [(8, 10, 0.2), (10, 10, 0), (11, 10, 0), (0, 0, 0), (-5, 0, 0)])
def test_the_gap_is_a_share_of_the_bound(value: float, bound: float, gap: float) -> None:
    assert a_plan(value=value, bound=bound).gap == pytest.approx(gap)
