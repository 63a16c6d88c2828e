"""Fields: every value that YAML or TOML may hold gets a usable answer or a finding, never an exception."""

import unicodedata
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.fields import Fields, fold, nearest, parse_day, remark
from broadcaster.errors import Severity

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.dates()
    | st.datetimes()
    | st.times()
    # Python refuses to write such a number in decimal digits.
    | st.just(6000).map(lambda digits: 16**digits)
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


def fields(value: Any) -> Fields:
    return Fields({"x": value}, "tep.txt", line_of=lambda _: 7)


def codes(of: Fields) -> list[str]:
    return [finding.code for finding in of.findings]


@given(values)
def test_whatever_is_given_gets_an_answer_of_its_type(value: Any) -> None:
    of = fields(value)
    assert isinstance(of.text("x"), str)
    assert isinstance(of.text("x", required=True), str)
    assert all(isinstance(item, str) and item for item in of.texts("x"))
    assert isinstance(of.code("x"), str)
    assert of.choice("x", ("tin", "bai"), "tin") in {"tin", "bai"}
    assert set(of.choices("x", ("tin", "bai"))) <= {"tin", "bai"}
    assert 0 <= of.whole("x", 3, 0, 9) <= 9
    assert all(0 <= n <= 9 for n in of.wholes("x", 0, 9))
    assert 0 <= of.number("x", 0.5, 0, 1) <= 1
    assert of.flag("x") in {True, False}
    assert type(of.day("x")) in {date, type(None)}
    assert isinstance(of.clock("x"), (time, type(None)))
    assert all(finding.place.line == 7 for finding in of.findings)


@given(values)
def test_findings_can_be_shown(value: Any) -> None:
    of = fields(value)
    for getter in (of.text, of.texts, of.day, of.clock, of.flag):
        getter("x")
    of.whole("x", 0, 0, 1)
    of.choice("x", ("tin",))
    assert all(len(str(finding.facts)) < 4000 for finding in of.findings)


@pytest.mark.parametrize("value", [None, "", [], "   ", "\n\t"])
def test_a_required_text_of_nothing_or_blanks_is_missed(value: Any) -> None:
    of = fields(value)
    assert of.text("x", required=True) == ""
    assert codes(of) == ["field.required"]


@pytest.mark.parametrize("value", ["", None])
def test_a_missing_date_is_one_finding(value: Any) -> None:
    of = fields(value)
    assert of.day("x", required=True) is None
    assert codes(of) == ["field.required"]


@pytest.mark.parametrize("value", [True, [True], {"a": "b"}, [{"a": "b"}], [["a"]]])
def test_lists_of_texts_hold_texts_only(value: Any) -> None:
    of = fields(value)
    assert of.texts("x") == ()
    assert codes(of) == ["field.text"]


def test_nothing_in_a_list_is_nothing() -> None:
    assert fields([None, "", " ", "a"]).texts("x") == ("a",)


@pytest.mark.parametrize("value", ["a\nb", "a\tb", "a\r\nb", "a\u2028b", "a\x0bb"])
def test_a_line_of_text_is_one_line(value: str) -> None:
    assert fields(value).text("x") == "a b"


@pytest.mark.parametrize("value", ["a\x00b", "a\x08b", "a\x1bb", "\ud800", "a\ufffeb"])
def test_signs_that_no_file_format_can_carry_are_refused(value: str) -> None:
    of = fields(value)
    of.text("x")
    assert codes(of) == ["field.text"]


def test_texts_are_composed_and_trimmed() -> None:
    of = fields(unicodedata.normalize("NFD", "  Bộ phận Một cửa; Tư pháp ;; "))
    assert of.text("x") == unicodedata.normalize("NFC", "Bộ phận Một cửa; Tư pháp ;;")
    assert of.texts("x") == ("Bộ phận Một cửa", "Tư pháp")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("hỏi-đáp", "hoi_dap"), ("Thông Báo", "thong_bao"), (unicodedata.normalize("NFD", "hỏi đáp"), "hoi_dap")],
)
def test_choices_are_read_without_accents_and_case(written: str, meant: str) -> None:
    of = fields(written)
    assert of.choice("x", ("hoi_dap", "thong_bao")) == meant
    assert of.choices("x", ("hoi_dap", "thong_bao")) == (meant,)
    assert not of.findings


def test_a_misspelling_gets_the_nearest_choice() -> None:
    of = fields("thong_bo")
    assert of.choice("x", ("tin", "thong_bao"), "tin") == "tin"
    assert of.findings[0].facts["suggestion"] == "thong_bao"
    assert of.findings[0].severity is Severity.ERROR
    assert nearest("zzz", ("tin", "thong_bao")) == ""


def test_the_same_choice_twice_counts_once() -> None:
    assert fields(["Tin", "tin", "bai"]).choices("x", ("tin", "bai")) == ("tin", "bai")


@given(st.text())
def test_folding_is_idempotent_and_plain(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert folded.isascii()
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.dates())
def test_dates_are_read_as_they_are_written(day: date) -> None:
    assert parse_day(day.isoformat()) == day
    assert parse_day(f" {day.day}/{day.month}/{day.year:04d} ") == day
    assert fields(datetime(day.year, day.month, day.day, 23, 59)).day("x") == day  # noqa: DTZ001 - as YAML gives it


@pytest.mark.parametrize(
    "text", ["30/2/2026", "2026-02-30", "31/4/2026", "0/1/2026", "1/13/2026", "29/2/2026", "2026", "", "mai", "1/1/26"]
)
def test_days_that_are_not_in_the_calendar(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any message will do
        parse_day(text)


@pytest.mark.parametrize("text", ["20261122", "2026-W47-7", "2026W477"])
def test_only_the_two_documented_forms_of_a_date_are_read(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any message will do
        parse_day(text)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("17:30", time(17, 30)),
        ("17h30", time(17, 30)),
        ("5g05", time(5, 5)),
        ("6h", time(6)),
        (time(5, 30), time(5, 30)),
    ],
)
def test_times_of_day(written: Any, read: time) -> None:
    assert fields(written).clock("x") == read


@pytest.mark.parametrize("written", ["24:00", "12:60", "noon", "17.30", "", 1730, True, "5:0"])
def test_times_that_no_clock_shows(written: Any) -> None:
    of = fields(written)
    assert of.clock("x") is None
    assert of.findings


@pytest.mark.parametrize("value", [True, "ba", 3.5, 10, -1, None])
def test_whole_numbers_are_whole_numbers(value: Any) -> None:
    of = fields(value)
    assert of.whole("x", 4, 0, 9) == 4
    assert codes(of) == ([] if value is None else ["field.whole"])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.1, "0.5", True])
def test_numbers_within_bounds(value: Any) -> None:
    of = fields(value)
    assert of.number("x", 0.5, 0, 1) == 0.5
    assert codes(of) == ["field.number"]


def test_what_nobody_asked_for_is_noted_with_what_was_meant() -> None:
    of = Fields({"title": "a", "titel": "b", 3: "c"}, "tep.txt", prefix="ban_tin.")
    of.text("title")
    of.unknown()
    assert [(f.code, f.place.field, f.facts["suggestion"]) for f in of.findings] == [
        ("field.unknown", "ban_tin.titel", "title"),
        ("field.unknown", "ban_tin.3", ""),
    ]


@given(st.text(alphabet=st.characters(), max_size=40))
def test_a_remark_holds_what_can_be_seen_and_line_breaks(text: str) -> None:
    kept = remark(text)
    assert all(char == "\n" or char.isprintable() for char in kept)
    assert remark(kept) == kept
    seen = "".join(char for char in unicodedata.normalize("NFC", text) if char.isprintable())
    assert "".join(kept.split()) == "".join(seen.split())
