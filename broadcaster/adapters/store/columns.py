"""Column types of the store: instants as whole microseconds, enums by value."""

from datetime import UTC, datetime, timedelta
from enum import Enum

from sqlalchemy import BigInteger, Dialect
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.types import TypeDecorator

from broadcaster.units import as_utc

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENUM_LENGTH = 32


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970 in UTC, exact.

    Raises:
        ValueError: for a naive instant.
    """
    since = (instant if instant.tzinfo is UTC else as_utc(instant)) - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_micros(micros: int) -> datetime:
    """The instant, UTC-aware."""
    return EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """An instant as an integer: sorts, subtracts and sums in plain SQL, the same on SQLite and PostgreSQL.

    A naive datetime is refused, whichever way it comes. For people:
    `datetime(planned_start / 1000000, 'unixepoch', '+7 hours')`.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To microseconds."""
        del dialect
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """From microseconds."""
        del dialect
        return None if value is None else from_micros(value)


def by_value(kind: type[Enum], name: str) -> SqlEnum:
    """A text column with one of an enum's values, and a CHECK that says so.

    Not a native enum type: adding a value would be a change of type on PostgreSQL and impossible to share with SQLite.
    """
    return SqlEnum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=_ENUM_LENGTH,
        values_callable=lambda of: [str(member.value) for member in of],
    )
