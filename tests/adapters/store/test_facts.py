import json
from enum import StrEnum

import pytest
from hypothesis import given

from broadcaster.adapters.store.facts import named, numbers, pack, texts, unpack
from broadcaster.units import canonical
from tests.suites import store_values as values


@given(fact=values.facts)
def test_any_fact_comes_back_through_json(fact: object) -> None:
    back = unpack(json.loads(canonical(pack(fact))))
    assert back == fact
    assert type(back) is type(fact)


def test_an_enum_comes_back_as_its_value() -> None:
    class Word(StrEnum):
        ONE = "một"

    assert unpack(json.loads(canonical(pack({"word": Word.ONE})))) == {"word": "một"}


def test_what_is_no_fact_is_refused() -> None:
    with pytest.raises(TypeError):
        pack({"when": object()})
    with pytest.raises(ValueError, match="unknown mark"):
        unpack({"$what": 1})


@pytest.mark.parametrize(("read", "bad"), [(texts, "[1]"), (texts, "{}"), (numbers, "[true]"), (named, "[]")])
def test_lists_of_the_wrong_kind_are_refused(read: object, bad: str) -> None:
    with pytest.raises(ValueError, match="not "):
        read(bad)  # type: ignore[operator]
