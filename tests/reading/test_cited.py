"""Documents that a text names by their numbers."""

import pytest

from broadcaster.domain.reading import documents_in, read


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Căn cứ Nghị định số 63/2024/NĐ-CP.", ("Nghị định 63/2024/NĐ-CP",)),
        ("Theo nghị quyết 19-NQ/TW, nhắc lại Nghị quyết 19-NQ/TW.", ("Nghị quyết 19-NQ/TW",)),
        ("Xem 15/KH-UBND và Thông tư 39/2020/TT-BTTTT.", ("15/KH-UBND", "Thông tư 39/2020/TT-BTTTT")),
        ("Mai họp thôn lúc 7 giờ 30, gọi 0912345678.", ()),
        ("", ()),
    ],
)
def test_each_document_once_with_its_kind(text: str, named: tuple[str, ...]) -> None:
    assert documents_in(read(text)) == named
