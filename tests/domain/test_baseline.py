"""The baseline: two persons, a reason for a change, and what counts meanwhile."""

from dataclasses import replace

import pytest

from broadcaster.domain.baseline import Baseline, in_force, proposed, signed
from broadcaster.errors import ConfigError
from tests.suites.store_values import NOW, a_baseline


def refused(code: str, call: object) -> None:
    with pytest.raises(ConfigError) as caught:
        call()  # type: ignore[operator]
    assert caught.value.code == code


def test_the_first_version_needs_no_reason_and_counts_once_it_is_signed() -> None:
    first = proposed([], a_baseline(9, reason=""))
    assert (first.version, first.locked, in_force([first])) == (1, False, None)
    done = signed([first], "pho_chu_tich", NOW)
    assert done.locked
    assert in_force([done]) == done


def test_nobody_signs_twice_and_nothing_is_signed_twice() -> None:
    first = proposed([], a_baseline())
    refused("baseline.two_persons", lambda: signed([first], first.by, NOW))
    refused("baseline.none", lambda: signed([], "pho_chu_tich", NOW))
    done = signed([first], "pho_chu_tich", NOW)
    refused("baseline.none", lambda: signed([done], "dai", NOW))


def test_a_change_needs_a_reason_and_the_old_version_counts_until_it_is_signed() -> None:
    done = signed([proposed([], a_baseline())], "pho_chu_tich", NOW)
    refused("baseline.reason", lambda: proposed([done], a_baseline(reason="  ")))
    second = proposed([done], a_baseline(reason="Sáp nhập thôn", minutes_per_day=8.0))
    assert second.version == 2
    assert in_force([done, second]) == done
    refused("baseline.waiting", lambda: proposed([done, second], a_baseline(reason="nữa")))
    assert in_force([done, signed([done, second], "pho_chu_tich", NOW)]) == replace(
        second, signed_by="pho_chu_tich", signed_at=NOW
    )


@pytest.mark.parametrize("minutes", [0, -1, 1441, float("nan"), float("inf")])
def test_a_figure_that_is_none_is_refused(minutes: float) -> None:
    new: Baseline = a_baseline(minutes_per_day=minutes)
    refused("baseline.minutes", lambda: proposed([], new))
