"""Who may join, when a node tries again, and which zones a warning is for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.backoff import LONGEST, delay
from broadcaster.domain.cap import CapArea, zones_for
from broadcaster.domain.emergency import spoken_text
from broadcaster.domain.enrolment import (
    JOINS_A_MINUTE,
    LETTERS,
    MOST_TRIES,
    Invitation,
    JoinRefusal,
    as_typed,
    code_from,
    is_proof,
    judge,
    proof,
    secret_of,
    too_often,
)
from tests.domain.values import a_station

NOW = datetime(2026, 11, 24, tzinfo=UTC)
CODE = "7K2QM-9XR4C"
SECRET = secret_of(CODE, "dong_1")
FACTS = ("dong_1", "ab" * 32)
INVITED = Invitation("dong_1", SECRET.hex(), NOW + timedelta(hours=24))
RIGHT = proof(SECRET, "join", *FACTS)


def test_the_right_proof_joins() -> None:
    assert judge(INVITED, RIGHT, FACTS, NOW) is None


@pytest.mark.parametrize(
    ("invitation", "given_", "facts", "why"),
    [
        (None, RIGHT, FACTS, JoinRefusal.NO_CODE),
        (INVITED, RIGHT[:-1] + "x", FACTS, JoinRefusal.WRONG),
        (INVITED, "", FACTS, JoinRefusal.WRONG),
        (INVITED, "ế" * 64, FACTS, JoinRefusal.WRONG),
        (INVITED, RIGHT, ("dong_1", "cd" * 32), JoinRefusal.WRONG),
        (INVITED, RIGHT, ("dong_2", "ab" * 32), JoinRefusal.WRONG),
        (INVITED, proof(SECRET, "welcome", *FACTS), FACTS, JoinRefusal.WRONG),
        (replace(INVITED, used=True), RIGHT, FACTS, JoinRefusal.USED),
        (replace(INVITED, expires=NOW), RIGHT, FACTS, JoinRefusal.EXPIRED),
        (replace(INVITED, tries=MOST_TRIES), RIGHT, FACTS, JoinRefusal.TOO_MANY),
    ],
)
def test_who_may_not(invitation: Invitation | None, given_: str, facts: tuple[str, str], why: JoinRefusal) -> None:
    assert judge(invitation, given_, facts, NOW) is why


@pytest.mark.parametrize("typed", ["7k2qm9xr4c", " 7K2QM 9XR4C ", "7K2QM-9XR4C", "7-k-2-q-m-9-x-r-4-c"])
def test_a_code_is_the_same_however_it_is_typed(typed: str) -> None:
    assert as_typed(typed) == as_typed(CODE)


def test_letters_that_look_alike_are_alike() -> None:
    assert as_typed("oil-OIL") == "011011"


@given(st.binary(min_size=10, max_size=20))
def test_a_code_has_letters_that_can_be_read_aloud(random_bytes: bytes) -> None:
    code = code_from(random_bytes)
    assert set(code.replace("-", "")) <= set(LETTERS)
    assert len(code) == 11
    assert as_typed(code) == code.replace("-", "")


def test_a_secret_is_the_nodes_own() -> None:
    assert secret_of(CODE, "dong_1") != secret_of(CODE, "dong_2")
    assert not is_proof(RIGHT, secret_of(CODE, "dong_2"), "join", *FACTS)


def test_an_address_may_try_only_so_often() -> None:
    tries = [NOW - timedelta(seconds=n) for n in range(JOINS_A_MINUTE)]
    assert too_often(tries, NOW)
    assert not too_often(tries, NOW + timedelta(minutes=2))
    assert not too_often(tries[1:], NOW)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_wait_is_never_longer_than_the_longest(failures: int, fraction: float) -> None:
    assert 0 <= delay(failures, fraction) <= LONGEST


def test_spans_double_and_are_waited_in_part() -> None:
    assert [delay(n, 1.0) for n in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert delay(9, 0.25) == 15
    assert delay(3, 0) == 0


def test_a_drill_says_so_before_and_after() -> None:
    said = spoken_text("  Thử  loa. ", drill=True)
    assert said.startswith("Đây là diễn tập. Thử loa.")
    assert said.endswith("không phải tình huống thật.")
    assert spoken_text(" Lũ  về. ", drill=False) == "Lũ về."


@pytest.mark.parametrize(
    ("area", "zones"),
    [
        (CapArea("thôn Đông"), ("thon_dong",)),
        (CapArea("THON DOAI"), ("thon_doai",)),
        (CapArea("Thôn Đông, Thôn Đoài"), ("thon_dong", "thon_doai")),
        (CapArea("xã Minh Tiến"), ("toan_xa",)),
        (CapArea("bờ sông", (("vung", "thon_dong"),)), ("thon_dong",)),
    ],
)
def test_a_warnings_place_is_a_zone(area: CapArea, zones: tuple[str, ...]) -> None:
    assert zones_for([area], a_station()) == (zones, ())


def test_a_place_that_is_none_of_ours() -> None:
    assert zones_for([CapArea("Hà Giang"), CapArea("thôn Đông")], a_station()) == (("thon_dong",), ("Hà Giang",))
