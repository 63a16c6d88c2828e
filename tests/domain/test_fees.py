"""Remuneration: new pieces at the station's rates."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from broadcaster.domain.audit.fees import Fee, Rates, fees
from broadcaster.domain.audit.rates_file import rates_from
from broadcaster.errors import ConfigError
from tests.domain.histories import FIRST, a_piece

DAY = timedelta(days=1)
LAST = FIRST + 6 * DAY
RATES = Rates({"tin": 50_000, "bai": 150_000})


def test_each_piece_is_paid_when_it_is_first_heard() -> None:
    pieces = {
        "a": replace(a_piece("a"), unit="Tư pháp"),
        "b": replace(a_piece("b", first_heard=LAST), unit="Tư pháp", kind="bai"),
        "c": replace(a_piece("c", first_heard=FIRST - DAY), unit="Tư pháp"),
        "d": replace(a_piece("d"), unit="Trạm Y tế", kind="hoi_dap"),
        "e": replace(a_piece("e", first_heard=None), unit="Tư pháp"),
        "f": replace(a_piece("f", first_heard=LAST + DAY), unit="Tư pháp"),
        "g": replace(a_piece("g"), unit="Tư pháp"),
    }
    found = fees(list(pieces), pieces, RATES, FIRST, LAST)
    assert found == (
        Fee("Trạm Y tế", "hoi_dap", 1, None),
        Fee("Tư pháp", "bai", 1, 150_000),
        Fee("Tư pháp", "tin", 2, 50_000),
    )
    assert [fee.amount for fee in found] == [None, 150_000, 100_000]


def test_the_table_of_rates() -> None:
    rates = rates_from('source = "QĐ 12"\n[dong]\ntin = 50000\nhoi_dap = 0\n', "x.toml")
    assert rates == Rates({"tin": 50_000, "hoi_dap": 0}, "QĐ 12")
    assert rates_from("", "x.toml") == Rates({})


@pytest.mark.parametrize(
    "text", ["[dong", "dong = 5", "[dong]\ntin = -1", '[dong]\ntin = "nhiều"', "[dong]\nbao = 5", "[rate]\ntin = 5"]
)
def test_a_table_that_is_wrong_is_refused(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        rates_from(text, "x.toml")
    assert caught.value.code == "rates.invalid"
    assert caught.value.findings


def test_nothing_heard_is_nothing_paid() -> None:
    assert fees([], {}, RATES, date(2026, 2, 1), date(2026, 2, 28)) == ()
