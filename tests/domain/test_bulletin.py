"""A bulletin's hash: everything that a leader consents to, and nothing else."""

import dataclasses
from typing import Any

import pytest

from broadcaster.domain.bulletin import DEFAULT_REPEATS, Bulletin, Event, Kind, Priority
from tests.domain.values import MONDAY, a_bulletin

HASH_BEFORE_THE_LEXICON = "af0549f39b3b383f5c738f132eec198ebb01f6646cd634d1e66bdefbe2df079f"

CHANGES: dict[str, Any] = {
    "code": "tin_2",
    "title": "Khác",
    "body": "Khác",
    "kind": Kind.BAI,
    "topic": "papi",
    "lead_unit": "Công an",
    "valid_from": MONDAY.replace(day=1),
    "valid_to": MONDAY.replace(day=30),
    "secondary_topics": ("cchc",),
    "co_units": ("Tư pháp",),
    "papi": (1,),
    "htttn_field": 3,
    "procedures": ("Chứng thực",),
    "documents": ("Luật",),
    "audience": "Nhân dân",
    "zones": ("thon_dong",),
    "priority": Priority.UU_TIEN,
    "min_consecutive_days": 3,
    "repeats": 2,
    "read_twice": True,
    "voices": {"hoi": "nu"},
    "lexicon": {"TDP": "tổ dân phố"},
    "document_date": MONDAY,
    "event": Event.MEETING,
    "event_date": MONDAY,
    "entertainment": True,
}


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Bulletin) if field.name != "author"])
def test_every_field_but_the_author_is_part_of_the_version(field: str) -> None:
    assert a_bulletin(**{field: CHANGES[field]}).text_hash != a_bulletin().text_hash


def test_the_person_who_imports_does_not_make_a_new_version() -> None:
    assert a_bulletin(author="khac").text_hash == a_bulletin().text_hash


def test_a_bulletin_without_words_of_its_own_keeps_its_hash_of_before() -> None:
    """The lexicon came later; what was approved before it is approved still."""
    assert a_bulletin(lexicon={}).text_hash == HASH_BEFORE_THE_LEXICON


@pytest.mark.parametrize("kind", list(Kind))
def test_airings_follow_the_kind_unless_said(kind: Kind) -> None:
    assert a_bulletin(kind=kind).airings_wanted == DEFAULT_REPEATS[kind]
    assert a_bulletin(kind=kind, repeats=1).airings_wanted == 1
