"""The station's file changed value by value: what a person wrote round it stays."""

import difflib
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.station_edit import Edit, changed_tables, edited, vanished
from broadcaster.domain.station_file import parse_station


@pytest.fixture(scope="module")
def text(root: Path) -> str:
    return (root / "schedules" / "station.toml").read_text(encoding="utf-8")


def changed_lines(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


def test_without_a_change_the_text_is_the_same_to_the_letter(text: str) -> None:
    values = {"name": "Đài Truyền thanh xã Minh Tiến", "engines": ["espeak"]}
    assert edited(text, [Edit("station", values), Edit("session", {"minutes": 45}, "sang")]) == text


def test_only_the_line_of_the_value_changes_and_its_remark_stays(text: str) -> None:
    after = edited(text, [Edit("session", {"start": "05:45"}, "sang"), Edit("audio", {"chain": "loa_nen"})])
    assert changed_lines(text, after) == [
        '- chain = "off"                # off | loa_nen (loa nén ngoài trời) | trong_nha',
        '+ chain = "loa_nen"                # off | loa_nen (loa nén ngoài trời) | trong_nha',
        '- start = "06:00"',
        '+ start = "05:45"',
    ]
    assert changed_tables(text, after) == ("[audio]", "[[session]] sang")


def test_rows_and_tables_that_were_not_there_are_added(text: str) -> None:
    lan = Edit("person", {"name": "Vũ Thị Lan", "roles": ["tac_gia"]}, "lan")
    after = edited(text, [lan, Edit("late", {"wait_minutes": 3})])
    station = parse_station(after)
    assert station.person("lan") is not None
    assert station.longest_wait == 3 * 60_000
    assert changed_tables(text, after) == ("[[person]] lan", "[late]")
    assert edited(after, [Edit("late", {"wait_minutes": None})]).count("wait_minutes") == 1, "only the remark's is left"


def test_what_is_no_such_table_is_refused() -> None:
    for text, edit in (
        ("[station", Edit("station", {"name": "x"})),
        ("station = 1", Edit("station", {"name": "x"})),
        ("[session]\ncode = 'a'", Edit("session", {"name": "x"}, "a")),
    ):
        with pytest.raises(ValueError):  # noqa: PT011 - whichever of its own the library has
            edited(text, [edit])


def test_thon_and_clusters_do_not_vanish(text: str) -> None:
    whole = parse_station(text)
    less = text.replace('code = "bac_2"', 'code = "bac_9"')
    assert vanished(whole, parse_station(less)) == ("[[cluster]] bac_2",)
    assert vanished(whole, whole) == ()


TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=60)


@settings(deadline=None)
@given(name=TEXTS)
def test_any_text_comes_back_as_it_was_and_nothing_else_moves(name: str) -> None:
    text = '[a]\nx = 1 # một\n\n[[b]]\ncode = "c"\nname = "cũ" # hai\n'
    after = edited(text, [Edit("b", {"name": name}, "c")])
    assert tomllib.loads(after) == {"a": {"x": 1}, "b": [{"code": "c", "name": name}]}
    assert "# một" in after
    assert "# hai" in after
