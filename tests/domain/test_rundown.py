"""The rundown: nothing overlaps, nothing leaves the session, relays stand where they stand, people's order is kept."""

from collections.abc import Sequence
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.bulletin import Bulletin, Kind, Priority
from broadcaster.domain.planning.sequence import MOST_NOTICES as MAX_NOTICES_IN_A_ROW
from broadcaster.domain.rundown import (
    ITEM_GAP,
    ItemKind,
    LatePolicy,
    Rundown,
    StationSound,
    Window,
    compose,
    fit,
    lay_out,
    order,
)
from broadcaster.domain.station import Session
from broadcaster.errors import Finding, Severity
from broadcaster.units import Milliseconds
from tests.domain.values import (
    MONDAY,
    a_bulletin,
    a_plan,
    a_relay,
    a_rundown,
    a_session,
    a_slot,
    a_station,
    an_item,
    ms,
    sounds,
)

HEAD = {ItemKind.SIGNATURE, ItemKind.OPENING}
LADDER = (Priority.KHAN_CAP, Priority.UU_TIEN, Priority.THONG_THUONG)


def composed(
    session: Session,
    lengths: Sequence[float],
    own: Sequence[StationSound] = (),
    bulletins: Sequence[Bulletin] = (),
    precedence: tuple[str, ...] = (),
) -> tuple[Rundown, tuple[Finding, ...]]:
    """A rundown of bulletins of these lengths in seconds."""
    texts = bulletins or [a_bulletin(f"b{n:02}") for n in range(len(lengths))]
    slots = [a_slot(text.code, length) for text, length in zip(texts, lengths, strict=True)]
    plan = a_plan(slots, precedence=precedence)
    by_code = {text.code: text for text in texts}
    return compose(a_station([session]), plan, "thon_dong", MONDAY, session, slots, by_code, own)


def names(rundown: Rundown) -> list[str]:
    return [item.bulletin or item.kind.value for item in rundown.items]


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    """Sessions with up to three relays that do not overlap, as the check of the station demands."""
    cuts = sorted(draw(st.lists(st.integers(0, 60), min_size=2, max_size=6, unique=True)))
    minutes = draw(st.integers(max(cuts[-1], 1), 60))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    shown = draw(st.lists(st.sampled_from(pairs), unique=True)) if draw(st.booleans()) else []
    relays = tuple(a_relay(first, last - first) for first, last in sorted(shown))
    return a_session(minutes=minutes, relays=relays)


own_sounds = st.builds(
    sounds,
    signature=st.sampled_from([0, 12, 58, 300]),
    opening=st.sampled_from([0, 6.5]),
    closing=st.sampled_from([0, 5, 118]),
)
lengths_of = st.lists(st.integers(1, 1200), max_size=8)


@settings(max_examples=200)
@given(sessions(), own_sounds, lengths_of)
def test_a_rundown_keeps_every_rule_of_the_session(
    session: Session, own: tuple[StationSound, ...], lengths: list[int]
) -> None:
    rundown, findings = composed(session, lengths, own)
    items = rundown.items
    assert (rundown.end - rundown.start).total_seconds() * 1000 == session.cap
    for item in items:
        assert rundown.start <= item.start
        assert item.end <= rundown.end
    for one, other in pairwise(items):
        assert one.end <= other.start, f"{one.id} and {other.id}"
    assert len({item.id for item in items}) == len(items)
    relays = [(item.start, item.duration_ms) for item in items if item.kind is ItemKind.RELAY]
    at = [
        (rundown.start + (r.offset * (rundown.end - rundown.start) / session.cap), r.duration) for r in session.relays
    ]
    assert relays == [(start, length) for start, length in at if length]
    # What is not there is told of, and what is there keeps its length.
    aired = {item.bulletin: item.duration_ms for item in items if item.kind is ItemKind.BULLETIN}
    told = [name for name in (str(f.facts["bulletin"]) for f in findings) if name[0] == "b"]
    assert sorted([*aired, *told]) == [f"b{n:02}" for n in range(len(lengths))]
    assert all(length == ms(lengths[int(code[1:])]) for code, length in aired.items())
    assert all(finding.severity is Severity.ERROR for finding in findings)


@settings(max_examples=200)
@given(sessions(), own_sounds, lengths_of)
def test_the_opening_comes_before_all_bulletins_and_the_closing_words_after_them(
    session: Session, own: tuple[StationSound, ...], lengths: list[int]
) -> None:
    rundown, _ = composed(session, lengths, own)
    kinds = [item.kind for item in rundown.items if item.kind is not ItemKind.RELAY]
    rank = {ItemKind.SIGNATURE: 0, ItemKind.OPENING: 1, ItemKind.BULLETIN: 2, ItemKind.CLOSING: 3}
    assert [rank[kind] for kind in kinds] == sorted(rank[kind] for kind in kinds)


@given(sessions(), own_sounds, lengths_of)
def test_a_rundown_is_the_same_each_time(session: Session, own: tuple[StationSound, ...], lengths: list[int]) -> None:
    assert composed(session, lengths, own)[0].hash == composed(session, lengths, own)[0].hash


def test_a_plain_session() -> None:
    rundown, findings = composed(a_session(minutes=10), [60, 30], sounds(12, 5, 4))
    assert not findings
    gap = ITEM_GAP // 1000
    starts = [(item.start - rundown.start).total_seconds() for item in rundown.items]
    assert names(rundown) == ["nhac_hieu", "loi_xuong", "b00", "b01", "loi_ket"]
    assert starts == [0, 12 + gap, 17 + 2 * gap, 77 + 3 * gap, 107 + 4 * gap]
    assert rundown.code == "2026-11-23.sang.thon_dong"
    assert [item.late for item in rundown.items] == [
        LatePolicy.SKIP,
        LatePolicy.SKIP,
        LatePolicy.SHIFT,
        LatePolicy.SHIFT,
        LatePolicy.SKIP,
    ]


def test_a_session_of_nothing_but_a_relay_is_that_relay() -> None:
    session = a_session(minutes=30, relays=(a_relay(0, 30),))
    rundown, findings = composed(session, [60], sounds(12, 5, 4))
    assert names(rundown) == ["tiep_song"]
    assert "b00" in {finding.facts.get("bulletin") for finding in findings}


def test_an_opening_does_not_start_inside_a_relay() -> None:
    # Two relays with 5 s between them: too little for the opening, which therefore comes after the second one.
    session = a_session(minutes=30, relays=(a_relay(0, 10), a_relay(10 + 5 / 60, 5)))
    rundown, _ = composed(session, [60], sounds(12, 5, 4))
    assert names(rundown) == ["tiep_song", "tiep_song", "nhac_hieu", "loi_xuong", "b00", "loi_ket"]


def test_closing_words_stand_before_a_relay_that_ends_the_session() -> None:
    # Three seconds are left behind the relay.
    session = a_session(minutes=20, relays=(a_relay(10, 9.95),))
    rundown, _ = composed(session, [60], sounds(closing=5))
    assert names(rundown) == ["b00", "loi_ket", "tiep_song"]


def test_an_empty_session_is_opened_and_closed() -> None:
    rundown, findings = composed(a_session(), [], sounds(12, 5, 4))
    assert names(rundown) == ["nhac_hieu", "loi_xuong", "loi_ket"]
    assert not findings


def test_a_bulletin_too_long_for_any_window_costs_no_other_its_place() -> None:
    session = a_session(minutes=60, relays=(a_relay(25, 10),))
    rundown, findings = composed(session, [30 * 60, 60, 60, 60])
    assert [code for code in names(rundown) if code != "tiep_song"] == ["b01", "b02", "b03"]
    assert [(f.code, f.facts["bulletin"]) for f in findings] == [("rundown.no_room", "b00")]


def test_urgent_pieces_keep_the_order_that_a_person_gave_where_the_windows_allow_it() -> None:
    urgent = [a_bulletin("a", priority=Priority.UU_TIEN), a_bulletin("b", priority=Priority.UU_TIEN)]
    session = a_session(minutes=40, relays=(a_relay(2, 10),))
    rundown, _ = composed(session, [200, 50], bulletins=urgent, precedence=("a", "b"))
    assert [code for code in names(rundown) if code != "tiep_song"] == ["a", "b"]


# Windows and fit


def test_windows_are_what_relays_and_station_words_leave() -> None:
    session = a_session(minutes=40, relays=(a_relay(10, 10),))
    layout = lay_out(session, sounds(12, 5, 4))
    head, tail = ms(17) + 2 * ITEM_GAP, ms(4) + ITEM_GAP
    assert layout.windows == (Window(Milliseconds(head), ms(600)), Window(ms(1200), Milliseconds(ms(2400) - tail)))
    assert (layout.head_at, layout.tail_in) == (0, 1)
    assert layout.room == sum(window.length for window in layout.windows)


@st.composite
def packings(draw: st.DrawFn) -> tuple[list[int], list[int], int]:
    """Lengths and rooms that just do, or just do not, fit: rooms are cut to the measure of some way to place them."""
    lengths = draw(st.lists(st.integers(1, 40), max_size=6))
    count = draw(st.integers(0 if not lengths else 1, 3))
    places = [draw(st.integers(0, count - 1)) for _ in lengths]
    gap = ITEM_GAP // 1000
    rooms = [
        max(
            0,
            sum(n + gap for n, p in zip(lengths, places, strict=True) if p == w) + draw(st.sampled_from([-1, 0, 0, 3])),
        )
        for w in range(count)
    ]
    return lengths, rooms, draw(st.integers(0, len(lengths)))


@settings(max_examples=300, deadline=None)
@given(packings())
def test_fit_finds_places_exactly_when_there_are_any(packing: tuple[list[int], list[int], int]) -> None:
    lengths, rooms, urgent = packing
    gap = ITEM_GAP // 1000

    def good(places: Sequence[int]) -> bool:
        loads = [sum(n + gap for n, p in zip(lengths, places, strict=True) if p == w) for w in range(len(rooms))]
        in_turn = all(one <= other for one, other in pairwise(places[:urgent]))
        return in_turn and all(load <= room for load, room in zip(loads, rooms, strict=True))

    free = [Window(Milliseconds(0), ms(room)) for room in rooms]
    found = fit([ms(length) for length in lengths], free, urgent)
    if found is None:
        assert not any(good(places) for places in product(range(len(rooms)), repeat=len(lengths)))
    else:
        assert len(found) == len(lengths)
        assert all(0 <= place < len(rooms) for place in found)
        assert good(found)


def test_fit_gives_up_in_time() -> None:
    # Fourteen pieces, as many as the planner allows, and three windows that miss them by a little.
    # Exhaustive search needs minutes; the test has no clock, but nobody would wait for it.
    assert fit([ms(100)] * 14, [Window(Milliseconds(0), ms(450))] * 3) is None
    assert fit([ms(100 + n) for n in range(14)], [Window(Milliseconds(0), ms(530))] * 3) is None


# Order

kinds = st.sampled_from([Kind.THONG_BAO, Kind.THONG_BAO, Kind.TIN, Kind.BAI])
units = st.sampled_from(["Công an", "Trạm Y tế"])


@st.composite
def batches(draw: st.DrawFn, priorities: Sequence[Priority] = LADDER) -> list[Bulletin]:
    count = draw(st.integers(0, 9))
    return [
        a_bulletin(f"b{n}", kind=draw(kinds), lead_unit=draw(units), priority=draw(st.sampled_from(priorities)))
        for n in range(count)
    ]


def longest_run_of_notices(bulletins: Sequence[Bulletin]) -> int:
    best = run = 0
    for bulletin in bulletins:
        run = run + 1 if bulletin.kind is Kind.THONG_BAO else 0
        best = max(best, run)
    return best


@given(batches(), st.randoms(use_true_random=False))
def test_order_loses_nothing_and_does_not_depend_on_what_came_first(batch: list[Bulletin], rng: object) -> None:
    mixed = list(batch)
    rng.shuffle(mixed)  # type: ignore[attr-defined]
    assert sorted(b.code for b in order(batch)) == sorted(b.code for b in batch)
    assert order(mixed) == order(batch)


@given(batches(), st.permutations([f"b{n}" for n in range(9)]))
def test_the_order_of_urgent_pieces_is_the_person_s(batch: list[Bulletin], precedence: list[str]) -> None:
    out = [b.code for b in order(batch, precedence) if b.priority is Priority.UU_TIEN]
    assert out == [code for code in precedence if code in out]


@given(batches(), st.permutations([f"b{n}" for n in range(9)]))
def test_emergencies_come_before_everything(batch: list[Bulletin], precedence: list[str]) -> None:
    out = [b.priority is Priority.KHAN_CAP for b in order(batch, precedence)]
    assert out == sorted(out, reverse=True)


@given(batches(priorities=[Priority.THONG_THUONG]))
def test_no_fourth_notice_in_a_row_where_it_can_be_avoided(batch: list[Bulletin]) -> None:
    notices = sum(b.kind is Kind.THONG_BAO for b in batch)
    avoidable = notices <= MAX_NOTICES_IN_A_ROW * (len(batch) - notices + 1)
    assert not avoidable or longest_run_of_notices(order(batch)) <= MAX_NOTICES_IN_A_ROW


@given(batches())
def test_ordinary_pieces_come_before_urgent_ones_only_to_break_a_run_of_notices(batch: list[Bulletin]) -> None:
    out = order(batch)
    for place, bulletin in enumerate(out):
        later_urgent = any(b.priority is not Priority.THONG_THUONG for b in out[place:])
        if bulletin.priority is Priority.THONG_THUONG and later_urgent:
            assert all(b.kind is Kind.THONG_BAO for b in out[max(0, place - MAX_NOTICES_IN_A_ROW) : place])
            assert place >= MAX_NOTICES_IN_A_ROW


def test_units_take_turns() -> None:
    batch = [a_bulletin(f"b{n}", lead_unit="Công an" if n < 2 else "Trạm Y tế") for n in range(4)]
    out = [b.lead_unit for b in order(batch)]
    assert all(one != other for one, other in pairwise(out))


def test_the_hash_moves_with_every_item() -> None:
    items = [an_item("a", 0, 60), an_item("b", 62, 60)]
    assert a_rundown(items).hash == a_rundown(items).hash
    assert len({a_rundown(items).hash, a_rundown(items[:1]).hash, a_rundown(items, minutes=44).hash}) == 3


@pytest.mark.parametrize("minutes", [1, 44.5, 1440])
def test_a_rundown_ends_with_its_cap(minutes: float) -> None:
    rundown, _ = composed(a_session(minutes=minutes), [])
    assert (rundown.end - rundown.start).total_seconds() == minutes * 60
