"""Procedures: what is shipped, search without accents, versions, and what changes make of bulletins."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from broadcaster.domain.fields import fold
from broadcaster.domain.planning.rules.stale import stale_since
from broadcaster.domain.procedure import (
    Checked,
    Procedure,
    cites,
    procedures_from,
    shipped_procedures,
    sought,
    version_line,
)
from tests.domain.values import a_bulletin

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
RESIDENCE = Procedure("dang_ky_tam_tru", "Cư trú", "Đăng ký tạm trú", ("Khai báo tạm trú",), fee="15.000")


def test_what_is_shipped_can_be_looked_up_and_says_what_was_compared() -> None:
    shipped = shipped_procedures()
    assert len(shipped) == 33
    assert len({one.code for one in shipped}) == 33
    assert all(one.code == fold(one.code) and one.name and one.field and one.time_limit and one.fee for one in shipped)
    assert {one.checked for one in shipped} == set(Checked)
    assert not any("nhớ" in (one.note + one.time_limit + one.fee) for one in shipped)
    birth = next(one for one in shipped if one.code == "dang_ky_khai_sinh")
    assert birth.legal_basis.startswith("Luật Hộ tịch 2014")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("khai sinh", "Đăng ký khai sinh"),
        ("KHAI SINH đăng", "Đăng ký khai sinh"),
        ("dang ky ket hon", "Đăng ký kết hôn"),
        ("tam tru gia", "Gia hạn tạm trú"),
        ("75/2022 tách", "Tách hộ"),
    ],
)
def test_typed_letters_find_without_accents_and_in_any_order(typed: str, first: str) -> None:
    assert first in [one.name for one in sought(shipped_procedures(), typed)]


def test_every_word_has_to_be_there_and_none_finds_all() -> None:
    shipped = shipped_procedures()
    assert sought(shipped, "khai sinh voi vang") == []
    assert sought(shipped, " – ") == list(shipped)


def test_a_change_of_content_makes_what_cites_it_stale_and_a_slip_put_right_does_not() -> None:
    bulletin = a_bulletin(procedures=("Thủ tục đăng ký tạm trú",))
    dearer, since = replace(RESIDENCE, fee="20.000"), date(2026, 12, 1)
    slip = procedures_from([RESIDENCE], [version_line(dearer, "nam", AT, "viết nhầm", None)])
    assert slip.changes == ()
    assert slip.current == (dearer,)
    changed = procedures_from([RESIDENCE], [version_line(dearer, "nam", AT, "TT mới", since)])
    assert cites(bulletin, dearer)
    found = stale_since(changed.changes, bulletin, date(2026, 11, 30))
    assert found is not None
    assert (found.since, found.ended) == (since, False)
    assert stale_since(changed.changes, bulletin, since) is None
    assert stale_since(changed.changes, a_bulletin(), date(2026, 11, 30)) is None
    [first, last] = changed.versions["dang_ky_tam_tru"]
    assert (first.procedure.fee, last.procedure.fee, last.by) == ("15.000", "20.000", "nam")


def test_a_bulletin_cites_what_a_procedure_was_called_before() -> None:
    renamed = replace(RESIDENCE, name="Đăng ký nơi ở tạm", also=())
    book = procedures_from([RESIDENCE], [version_line(renamed, "nam", AT, "đổi tên", date(2026, 12, 1))])
    for cited in ("Đăng ký tạm trú", "Khai báo tạm trú", "Đăng ký nơi ở tạm"):
        assert stale_since(book.changes, a_bulletin(procedures=(cited,)), date(2026, 11, 1)) is not None


def test_what_is_over_stays_over_until_somebody_says_otherwise() -> None:
    ended = replace(RESIDENCE, valid_to=date(2026, 11, 30))
    line = version_line(ended, "nam", AT, "bãi bỏ", None)
    bulletin = a_bulletin(documents=("Khai báo tạm trú",))
    change = stale_since(procedures_from([RESIDENCE], [line]).changes, bulletin, date(2027, 1, 1))
    assert change is not None
    assert (change.since, change.ended) == (date(2026, 12, 1), True)
    assert ended.over(date(2026, 12, 1))
    assert not ended.over(date(2026, 11, 30))
    again = version_line(RESIDENCE, "nam", AT, "khôi phục", None)
    assert procedures_from([RESIDENCE], [line, again]).changes == ()


@pytest.mark.parametrize("line", ["", "7", "{}", '{"procedure":{}}', version_line(RESIDENCE, "x", AT, "y", None)[:-2]])
def test_a_damaged_line_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=r"^2$"):
        procedures_from([], [version_line(RESIDENCE, "nam", AT, "x", None), line])
