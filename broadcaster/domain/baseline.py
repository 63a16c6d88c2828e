"""The baseline: the airtime against which an increase is measured, signed by two persons and then locked.

A locked version is never changed; a new one needs a reason, and counts once it is signed itself. Source: the taxonomy's
`tang_cuong_thoi_luong` ("kỳ gốc phải KHÓA sau khi duyệt").
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from broadcaster.errors import ConfigError


class Origin(StrEnum):
    """Where a baseline's figure comes from."""

    COMPUTED = "computed"
    ENTERED = "entered"


@dataclass(frozen=True, slots=True)
class Baseline:
    """A version of the baseline: the target group's aired minutes a broadcast day.

    `first` and `last` are the period, None for an entered one that names none. `signed_by` is empty until a second
    person has signed.
    """

    version: int
    how: Origin
    first: date | None
    last: date | None
    minutes_per_day: float
    source: str
    reason: str
    by: str
    at: datetime
    signed_by: str = ""
    signed_at: datetime | None = None

    @property
    def locked(self) -> bool:
        """Whether it counts, and can no longer be changed."""
        return bool(self.signed_by)


def proposed(versions: Sequence[Baseline], new: Baseline) -> Baseline:
    """A new version after those that are there, with its number.

    Raises:
        ConfigError: `baseline.waiting` while another version waits for its signature, `baseline.reason` for a change
            without a reason, `baseline.minutes` for a figure that is none.
    """
    if not 0 < new.minutes_per_day <= 24 * 60:
        raise ConfigError("baseline.minutes", given=round(new.minutes_per_day, 2))
    if versions and not versions[-1].locked:
        raise ConfigError("baseline.waiting", version=versions[-1].version)
    if versions and not new.reason.strip():
        raise ConfigError("baseline.reason", version=versions[-1].version)
    return replace(new, version=len(versions) + 1)


def signed(versions: Sequence[Baseline], by: str, at: datetime) -> Baseline:
    """The waiting version with a second person's signature.

    Raises:
        ConfigError: `baseline.none` when none waits, `baseline.two_persons` when the same person signs twice.
    """
    if not versions or versions[-1].locked:
        raise ConfigError("baseline.none")
    if versions[-1].by == by:
        raise ConfigError("baseline.two_persons", version=versions[-1].version, person=by)
    return replace(versions[-1], signed_by=by, signed_at=at)


def in_force(versions: Sequence[Baseline]) -> Baseline | None:
    """The locked version with the highest number."""
    return next((version for version in reversed(versions) if version.locked), None)
