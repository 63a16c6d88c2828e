"""Paragraphs out of printed lines."""

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.page_text import Line, text_of_lines

LONG = "một hai ba bốn năm sáu bảy tám chín mười"


def column(*lines: str, page: int = 0, top: float = 700.0, pitch: float = 15.0, x: float = 70.0) -> list[Line]:
    return [Line(page, x, top - n * pitch, 13.0, text) for n, text in enumerate(lines)]


def test_a_number_alone_that_counts_the_pages_is_left_out() -> None:
    pages = [line for page in range(3) for line in column(LONG, LONG, str(page + 1), page=page)]
    assert "1" not in text_of_lines(pages)
    shifted = [line for page in range(3) for line in column(f"– {page + 7} –", LONG, page=page)]
    assert "7" not in text_of_lines(shifted)
    named = [line for page in range(2) for line in column(LONG, f"Trang {page + 1}/2", page=page)]
    assert "Trang" not in text_of_lines(named)


def test_a_number_that_does_not_count_pages_stays() -> None:
    assert text_of_lines(column("Số điện thoại:", "115")).endswith("115")
    assert text_of_lines([*column("2026", LONG), *column("2026", LONG, page=1)]).count("2026") == 2


def test_what_is_apart_stays_apart() -> None:
    assert text_of_lines(column(LONG, "ngắn.", LONG)).count("\n\n") == 1, "a sentence that ends before the margin"
    assert text_of_lines([*column("THÔNG BÁO", LONG)]).startswith("THÔNG BÁO\n\n"), "a title"
    indented = [*column(LONG, LONG), *column(LONG, top=670, x=98), *column(LONG, top=655)]
    assert text_of_lines(indented).count("\n\n") == 1
    assert text_of_lines([*column(LONG), *column(LONG, top=700, x=300)]).count("\n\n") == 1, "side by side"
    assert text_of_lines([*column(LONG + ".", page=0), *column("Trang sau.", page=1)]).count("\n\n") == 1
    assert text_of_lines(column("Căn cứ theo " + LONG, "Điều 5 của Luật này " + LONG)).count("\n\n") == 0
    assert text_of_lines(column(LONG + ":", "1. Một.", "2. Hai.")).count("\n\n") == 2
    assert text_of_lines(column("\uf0b7 Một", "• Hai")) == "- Một\n\n- Hai"


words = st.lists(
    st.sampled_from(["họp", "thôn", "Đông", "7", "giờ", "a\u0302\u0301m", "-", "1", "."]), min_size=1, max_size=6
)
lines = st.builds(
    Line,
    st.integers(0, 3),
    st.floats(0, 600),
    st.floats(0, 800),
    st.sampled_from([0.0, 9.0, 13.0]),
    words.map(" ".join),
)


@given(st.lists(lines, max_size=30))
def test_no_two_words_are_glued_and_none_is_lost_but_page_numbers(given_lines: list[Line]) -> None:
    text = text_of_lines(given_lines)
    before = [word.replace("a\u0302\u0301m", "ấm") for line in given_lines for word in line.text.split()]
    after = text.split()
    assert [word for word in after if word not in {"1", "7", "-", "."}] == [
        word for word in before if word not in {"1", "7", "-", "."}
    ]
