"""Units as types, instants, and the one way in which a value becomes a hash.

Nothing here reads a clock or a disk. Durations are whole milliseconds everywhere, so that totals add up exactly.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Any, NewType

Milliseconds = NewType("Milliseconds", int)
Lufs = NewType("Lufs", float)
"""Integrated loudness of a mono file as stored, no dual-mono correction (ITU-R BS.1770-4)."""
Dbtp = NewType("Dbtp", float)
"""True peak in decibels relative to full scale, at least 4 x oversampled (ITU-R BS.1770-4, annex 2)."""
Sha256 = NewType("Sha256", str)
"""64 lower-case hexadecimal digits."""

SECOND = Milliseconds(1000)
MINUTE = Milliseconds(60_000)


def as_utc(instant: datetime) -> datetime:
    """The same instant in UTC.

    Raises:
        ValueError: if the instant carries no zone: a naive time has no place in the product.
    """
    if instant.tzinfo is None:
        msg = f"naive instant {instant!r}"
        raise ValueError(msg)
    return instant.astimezone(UTC)


def plain(value: Any) -> Any:
    """A value as JSON data: dataclasses to objects, enums to values, instants to UTC ISO 8601, bytes to their hash.

    Raises:
        TypeError: for a type that has no canonical form.
    """
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, datetime):
        return as_utc(value).isoformat().replace("+00:00", "Z")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=str)
    msg = f"no canonical form for {type(value).__name__}"
    raise TypeError(msg)


def canonical(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, UTF-8 letters kept."""
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(*parts: Any) -> Sha256:
    """SHA-256 over the canonical JSON of the parts."""
    return Sha256(hashlib.sha256(canonical(list(parts)).encode()).hexdigest())


def digest_blocks(blocks: Iterable[bytes]) -> Sha256:
    """SHA-256 of bytes that come in blocks; where they are cut makes no difference."""
    running = hashlib.sha256()
    for block in blocks:
        running.update(block)
    return Sha256(running.hexdigest())


def digest_bytes(data: bytes) -> Sha256:
    """SHA-256 of raw bytes, as of a file."""
    return Sha256(hashlib.sha256(data).hexdigest())
