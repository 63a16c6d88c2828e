"""The order within a session: compared with every order there is, and what it may never do."""

from itertools import pairwise, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.planning.sequence import Piece, arrange

KINDS = ("tin", "thong_bao", "bai")


@st.composite
def sessions(draw: st.DrawFn, most: int = 6) -> tuple[Piece, ...]:
    pieces = []
    for number in range(draw(st.integers(0, most))):
        kind = draw(st.sampled_from(KINDS))
        rung = draw(st.sampled_from([2, 2, 2, 1, 0]))
        unit, topic = draw(st.sampled_from("uvw")), draw(st.sampled_from("xy"))
        voices = draw(st.sampled_from([("nam",), ("nu",), ()]))
        pieces.append(Piece(f"b{number}", rung, number, kind == "thong_bao", kind, unit, topic, voices))
    return tuple(sorted(pieces, key=lambda p: (p.rung, p.rank, p.code)))


def allowed(order: tuple[Piece, ...]) -> bool:
    """The ladder by its words: nothing before an emergency; between priority notices others only at the fourth."""
    for at, piece in enumerate(order):
        after = order[at + 1 :]
        if piece.rung < 2:
            if any((other.rung, other.rank) < (piece.rung, piece.rank) for other in after):
                return False
            continue
        urgent = [other for other in after if other.rung < 2]
        if urgent:
            first = min(urgent, key=lambda other: (other.rung, other.rank))
            three = len(order[:at]) >= 3 and all(other.notice for other in order[at - 3 : at])
            if piece.notice or first.rung == 0 or not first.notice or not three:
                return False
    return True


def cost(order: tuple[Piece, ...]) -> int:
    row = total = 0
    for piece in order:
        row = row + 1 if piece.notice else 0
        total += 10_000 * (row > 3)
    for one, other in pairwise(order):
        total += 8 * (one.unit == other.unit) + 4 * (one.topic == other.topic)
        total += 2 * (one.kind == other.kind) + (one.voices == other.voices)
    return total


@settings(max_examples=60, deadline=None)
@given(sessions())
def test_no_allowed_order_is_cheaper(pieces: tuple[Piece, ...]) -> None:
    found = arrange(pieces)
    by_code = {piece.code: piece for piece in pieces}
    order = tuple(by_code[code] for code in found.codes)
    assert sorted(found.codes) == sorted(by_code)
    assert found.proved
    assert allowed(order)
    assert cost(order) == found.cost == min(cost(other) for other in permutations(pieces) if allowed(other))


@settings(max_examples=25, deadline=None)
@given(sessions(most=14))
def test_a_full_session_keeps_the_ladder_and_no_avoidable_row_of_notices(pieces: tuple[Piece, ...]) -> None:
    by_code = {piece.code: piece for piece in pieces}
    order = tuple(by_code[code] for code in arrange(pieces).codes)
    assert allowed(order)
    usual = [piece for piece in pieces if piece.rung == 2]
    if len(usual) == len(pieces):
        notices = sum(piece.notice for piece in pieces)
        others = len(pieces) - notices
        fourth = sum(all(piece.notice for piece in order[at - 3 : at + 1]) for at in range(3, len(order)))
        assert (fourth == 0) == (notices <= 3 * (others + 1))
