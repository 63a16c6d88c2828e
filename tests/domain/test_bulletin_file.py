"""Bulletin files as they come from other offices: whatever stands in them, one typed error with all that is wrong."""

import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broadcaster.domain.bulletin import Bulletin, Event, Kind, Priority
from broadcaster.domain.bulletin_file import parse_bulletin, plain_text, words_of
from broadcaster.domain.taxonomy import shipped_taxonomy
from broadcaster.errors import BulletinError, Finding, Severity

ZONES = {"toan_xa": 0, "thon_dong": 0, "thon_doai": 0}
FRONT = {
    "title": "Giờ tiếp nhận hồ sơ",
    "topic": "mot_cua",
    "author_unit": "Văn phòng - Thống kê; Tư pháp",
    "kind": "tin",
    "valid_from": "2026-11-23",
    "valid_to": "29/11/2026",
}
BODY = "Xin chào bà con.\n"


def front(**changes: Any) -> str:
    facts = {name: value for name, value in {**FRONT, **changes}.items() if value is not None}
    return "---\n" + "".join(f"{name}: {value}\n" for name, value in facts.items()) + "---\n"


def parse(text: str, code: str = "01_tin") -> tuple[Bulletin, tuple[Finding, ...]]:
    return parse_bulletin(text, code=code, author="hoa", zones=ZONES, taxonomy=shipped_taxonomy(), file="01_tin.txt")


def wrong(text: str) -> list[tuple[str, int, str]]:
    with pytest.raises(BulletinError) as caught:
        parse(text)
    assert caught.value.code == "bulletin.invalid"
    assert all(finding.place.file == "01_tin.txt" for finding in caught.value.findings)
    return [(f.code, f.place.line, f.place.field) for f in caught.value.findings if f.severity is Severity.ERROR]


def test_a_good_file_is_read_whole() -> None:
    bulletin, findings = parse(
        front(
            kind="hỏi-đáp",
            topic_phu="[cchc, papi]",
            zone="[thon_dong, Thôn Đoài]",
            voices="{hoi: nu, dap: nam}",
            repeats=4,
            papi="[5]",
            documents="Thông báo số 42/TB-UBND; Kế hoạch 7",
            priority="ưu tiên",
        )
        + BODY
    )
    assert not findings
    assert bulletin == Bulletin(
        code="01_tin",
        title="Giờ tiếp nhận hồ sơ",
        body="Xin chào bà con.",
        kind=Kind.HOI_DAP,
        topic="mot_cua",
        lead_unit="Văn phòng - Thống kê",
        valid_from=date(2026, 11, 23),
        valid_to=date(2026, 11, 29),
        author="hoa",
        secondary_topics=("cchc", "papi"),
        co_units=("Tư pháp",),
        papi=(5,),
        htttn_field=4,
        documents=("Thông báo số 42/TB-UBND", "Kế hoạch 7"),
        zones=("thon_dong", "thon_doai"),
        priority=Priority.UU_TIEN,
        repeats=4,
        voices={"hoi": "nu", "dap": "nam"},
    )


def test_dates_of_documents_and_events_are_read() -> None:
    bulletin, _ = parse(
        front(document_date="20/11/2026", event="Họp thôn", event_date="2026-11-27", entertainment="có") + BODY
    )
    assert (bulletin.document_date, bulletin.event_date) == (date(2026, 11, 20), date(2026, 11, 27))
    assert bulletin.event is Event.MEETING
    assert bulletin.entertainment
    assert "bulletin.event" in {code for code, *_ in wrong(front(event="hop_thon") + BODY)}
    assert "bulletin.event" in {code for code, *_ in wrong(front(event_date="2026-11-27") + BODY)}
    assert "field.choice" in {code for code, *_ in wrong(front(event="họp chợ") + BODY)}


def test_every_error_is_told_at_once_with_its_line() -> None:
    text = front(
        title="", kind="tinn", topic="mot_cu", valid_from="30/2/2026", repeats=99, zone="[thon_dng]", colour="red"
    )
    assert sorted(wrong(text), key=lambda row: row[1]) == [
        ("bulletin.empty", 1, "body"),
        ("field.required", 2, "title"),
        ("field.choice", 3, "topic"),
        ("field.choice", 5, "kind"),
        ("field.date", 6, "valid_from"),
        ("field.whole", 8, "repeats"),
        ("field.choice", 9, "zone"),
        ("field.unknown", 10, "colour"),
    ]


def test_misspellings_come_with_what_was_meant() -> None:
    with pytest.raises(BulletinError) as caught:
        parse(front(kind="thong_bo", topic="mot_cua_lien_thog", zone="thon_doi", titel="x") + BODY)
    meant = {f.place.field: f.facts["suggestion"] for f in caught.value.findings if "suggestion" in f.facts}
    assert meant == {"kind": "thong_bao", "topic": "mot_cua_lien_thong", "zone": "thon_doai", "titel": "title"}


@pytest.mark.parametrize("day", ["2026-02-30", "30/02/2026", "2026-13-01", "2026-02-30T10:00:00"])
def test_a_day_that_is_not_in_the_calendar_hides_no_other_error(day: str) -> None:
    assert wrong(front(valid_to=day, kind="tinn") + BODY) == [
        ("field.choice", 5, "kind"),
        ("field.date", 7, "valid_to"),
    ]


def test_a_window_that_ends_before_it_begins() -> None:
    assert wrong(front(valid_from="2026-11-30") + BODY) == [("bulletin.window", 7, "valid_to")]


def test_a_field_given_twice_is_an_error_at_its_second_line() -> None:
    assert wrong(front(title="A\ntitle: B") + BODY) == [("field.duplicate", 3, "title")]


@pytest.mark.parametrize(("first", "line"), [("", 1), ("Xin chào\n---\n", 1), ("--\n", 1), ("----\n", 1)])
def test_no_front_matter(first: str, line: int) -> None:
    assert wrong(first + BODY) == [("bulletin.no_front_matter", line, "")]


def test_front_matter_that_is_never_closed() -> None:
    assert wrong("---\ntitle: a\ntopic: b")[0][0] == "bulletin.open_front_matter"


@pytest.mark.parametrize(
    ("source", "line"),
    [("title: a\n\ttopic: b", 3), ("title: a\ntopic: 'b", 3), ("title: [a\ntopic: b", 3), ("title: a\nx: a: b", 3)],
)
def test_broken_yaml_names_the_line_in_the_file(source: str, line: int) -> None:
    ((code, found, _),) = wrong(f"---\n{source}\n---\n{BODY}")
    assert code == "bulletin.yaml"
    # Some errors are noticed by YAML only at the line after.
    assert line <= found <= line + 1


def test_a_control_sign_in_the_front_matter_is_found_at_its_line() -> None:
    ((_, line, _),) = wrong(front(topic="mot\x07cua") + BODY)
    assert line == 3


@pytest.mark.parametrize("source", ["", "chỉ là chữ", "- a\n- b", "42", "null"])
def test_front_matter_that_is_no_table(source: str) -> None:
    assert [code for code, _, _ in wrong(f"---\n{source}\n---\n{BODY}")] == ["bulletin.yaml"]


@pytest.mark.parametrize(
    "value",
    [
        "[" * 3000 + "]" * 3000,
        "{a: " * 3000 + "}" * 3000,
        "9" * 5000,
        "0x" + "f" * 5000,
        '!!int ""',
        '!!float ""',
        "!!bool foo",
        "!!timestamp foo",
        "!!python/object/apply:os.system ['true']",
        "1" + ":10" * 300 + ".5",
        "*nothing",
        "&a [*a]",
        "&a {b: *a}",
        '"\\ud800"',
        '"a\\0b"',
        '"\\b"',
        "2026-11-23T01:00:00+99:00",
        "!!binary =",
        "? [a]",
        "|\n",
        "~",
        "no",
        "12:30:45",
        "<<",
    ],
)
@pytest.mark.parametrize("field", ["title", "repeats", "valid_from", "zone", "voices", "author_unit", "papi"])
def test_hostile_values_end_in_the_typed_error_or_in_a_bulletin_that_can_be_kept(field: str, value: str) -> None:
    try:
        bulletin, _ = parse(front(**{field: value}) + BODY)
    except BulletinError:
        return
    assert len(bulletin.text_hash) == 64
    assert bulletin.title.isprintable()


def test_an_anchor_bomb_is_refused_before_it_grows() -> None:
    # Six levels of nine: half a million words if it were written out, enough to see, too few to fill the memory.
    levels = ["a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 6)]
    with pytest.raises(BulletinError) as caught:
        parse("---\n" + "\n".join([*levels, "title: *a5"]) + f"\n---\n{BODY}")
    assert len(str([finding.facts for finding in caught.value.findings])) < 20_000


@pytest.mark.parametrize("value", ["~", "{a: b}", "[[a]]", "[]"])
def test_nothing_but_text_becomes_the_name_of_a_unit(value: str) -> None:
    assert {field for _, _, field in wrong(front(author_unit=value) + BODY)} == {"author_unit"}


@pytest.mark.parametrize("value", ['"   "', "'\t'", '"\\n"'])
def test_a_title_of_blanks_is_missing(value: str) -> None:
    assert wrong(front(title=value) + BODY) == [("field.required", 2, "title")]


def test_a_title_is_one_line() -> None:
    # A line break would put a line of its own into every playlist.
    bulletin, _ = parse(front(title='"Tin\\nhttp://example.invalid/x.mp3"') + BODY)
    assert bulletin.title == "Tin http://example.invalid/x.mp3"


def test_voices_that_are_no_table_are_not_passed_over() -> None:
    assert [field for _, _, field in wrong(front(voices="nu") + BODY)] == ["voices"]


def test_a_bulletin_has_words_of_its_own() -> None:
    bulletin, findings = parse(front(tu_dien="\n  TĐQ: tổ  đội\n  Tổ TT: 'tổ thông tin, tổ trưởng'") + BODY)
    assert not findings
    assert bulletin.lexicon == {"TĐQ": "tổ đội", "Tổ TT": "tổ thông tin, tổ trưởng"}
    assert parse(front(tu_dien="") + BODY)[0] == parse(front() + BODY)[0]


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ("TĐQ", "field.words", "tu_dien"),
        ("[TĐQ, tổ đội]", "field.words", "tu_dien"),
        ("{TĐQ: tổ 2}", "reading.lexicon_spoken", "tu_dien.TĐQ"),
        ("{TĐQ: [tổ, đội]}", "field.text", "tu_dien.TĐQ"),
        ("{TĐQ: }", "field.required", "tu_dien.TĐQ"),
        ("{'': tổ}", "field.text", "tu_dien."),
        ('{"T\\u200bQ": tổ}', "field.text", "tu_dien.T\u200bQ"),
    ],
)
def test_words_that_cannot_be_said_are_named_with_their_line(given: str, code: str, field: str) -> None:
    line = 2 + list(FRONT).index("valid_to") + 1
    assert wrong(front(tu_dien=given) + BODY) == [(code, line, field)]


def test_words_are_found_in_a_file_that_is_no_bulletin_yet() -> None:
    assert words_of("---\ntu_dien: {ABQ: anh ba}\n---\n") == ({"ABQ": "anh ba"}, ())
    for text in ("---\ntu_dien: [\n---\n", "ABQ", "---\ntu_dien: {ABQ: a9}\n---\n"):
        words, findings = words_of(text)
        assert not words
        assert findings


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKD"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_same_text_in_any_writing_is_the_same_bulletin(form: str, end: str, mark: str) -> None:
    text = front(zone="Thôn Đông") + "Kính chào bà con thôn Đoài.\n\nMời họp.\n"
    usual, _ = parse(text)
    other, _ = parse(mark + unicodedata.normalize(form, text).replace("\n", end))
    assert other.text_hash == usual.text_hash


def test_a_code_that_folds_to_nothing_is_refused() -> None:
    # A file name in signs that have no letters would make every such bulletin the same one.
    with pytest.raises(BulletinError):
        parse(front() + BODY, code="新闻")


def test_warnings_come_with_the_bulletin() -> None:
    _, findings = parse(front(topic="an_sinh_xa_hoi") + BODY)
    assert [(f.code, f.severity) for f in findings] == [("bulletin.min_days", Severity.WARNING)]
    assert parse(front(topic="an_sinh_xa_hoi", min_consecutive_days=3) + BODY)[1] == ()


def test_more_than_three_secondary_topics() -> None:
    text = front(topic_phu="[cchc, papi, sipas, moi_truong]") + BODY
    assert [code for code, _, _ in wrong(text)] == ["bulletin.secondary_topics"]


def test_a_notice_is_read_twice_unless_it_says_otherwise() -> None:
    assert parse(front(kind="thong_bao") + BODY)[0].read_twice
    assert not parse(front(kind="thong_bao", read_twice="false") + BODY)[0].read_twice
    assert not parse(front() + BODY)[0].read_twice


@given(st.text(max_size=300))
@example("---\n? \n---\na")
@example("---\n? [a, b]\n: c\n---\na")
def test_any_text_at_all(text: str) -> None:
    for whole in (text, f"---\n{text}\n---\n{text}", front() + text):
        try:
            bulletin, _ = parse(whole)
        except BulletinError as error:
            assert error.findings  # noqa: PT017 - either way is right, each is checked
        else:
            assert bulletin.text_hash
            assert bulletin.title
            assert bulletin.body


@given(
    st.dictionaries(
        st.sampled_from([*FRONT, "zone", "papi", "voices", "tu_dien", "x"]), st.text("0x:-[]{}&*!~'\"a\n .", max_size=9)
    )
)
def test_any_values_of_the_fields(changes: dict[str, str]) -> None:
    try:
        parse(front(**changes) + BODY)
    except BulletinError as error:
        assert error.findings  # noqa: PT017


# The body


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("# Tiêu đề\n\nThân **bài** có `mã` và __nhấn__.", "Tiêu đề\n\nThân bài có mã và nhấn."),
        ("một dòng\nnối tiếp", "một dòng nối tiếp"),
        ("* một\n* hai\n  nối", "- một\n- hai nối"),
        ("1. một\n2) hai\na) ba\nđ) bốn", "1. một\n2) hai\na) ba\nđ) bốn"),
        ("> trích dẫn", "trích dẫn"),
        ("xem [Cổng](https://x.vn/a_b)", "xem Cổng"),
        ("a\r\n\r\n  \r\nb", "a\n\nb"),
        ("số 2 * 3 và ** lẻ", "số 2 * 3 và ** lẻ"),
        ("", ""),
        ("  \n\t\n", ""),
        ("Đi\u00ad\ufeffện", "Điện"),
        (unicodedata.normalize("NFD", "Hỏi ở bộ phận Một cửa"), "Hỏi ở bộ phận Một cửa"),
    ],
)
def test_markdown_is_taken_off(markdown: str, plain: str) -> None:
    assert plain_text(markdown) == plain


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_a_plain_body_is_composed_and_has_no_control_signs(body: str) -> None:
    plain = plain_text(body)
    assert unicodedata.is_normalized("NFC", plain)
    assert not [char for char in plain if unicodedata.category(char) == "Cc" and char not in "\n\t"]
    assert plain == plain.strip()


@given(st.lists(st.text("aăâđêôơư ", min_size=1, max_size=9).filter(str.strip), min_size=1, max_size=8))
def test_no_two_words_are_glued_together(lines: list[str]) -> None:
    assert plain_text("\n".join(lines)).split() == " ".join(lines).split()
