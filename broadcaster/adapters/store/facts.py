"""Facts of any kind as JSON and back: a date comes back as a date, a tuple as a tuple."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

from broadcaster.units import as_utc, canonical, plain

_DATE, _INSTANT, _TUPLE, _SET, _MAP = "$date", "$instant", "$tuple", "$set", "$map"


def pack(value: Any) -> Any:
    """JSON data that `unpack` makes the same value of again; an enum comes back as its value.

    Raises:
        ValueError: for a naive instant.
        TypeError: for what has no canonical form.
    """
    if isinstance(value, Enum):
        return pack(value.value)
    if isinstance(value, datetime):
        return {_INSTANT: as_utc(value).isoformat()}
    if isinstance(value, date):
        return {_DATE: value.isoformat()}
    if isinstance(value, tuple):
        return {_TUPLE: [pack(item) for item in value]}
    if isinstance(value, (set, frozenset)):
        return {_SET: sorted((pack(item) for item in value), key=canonical)}
    if isinstance(value, list):
        return [pack(item) for item in value]
    if isinstance(value, Mapping):
        # A key that is no text, or looks like one of our marks, would not come back from a JSON object.
        if all(isinstance(key, str) and not key.startswith("$") for key in value):
            return {str(key): pack(item) for key, item in value.items()}
        return {_MAP: [[pack(key), pack(item)] for key, item in value.items()]}
    return plain(value)


def unpack(data: Any) -> Any:
    """The value again.

    Raises:
        ValueError: for a mark that is unknown, or a date that is none.
    """
    if isinstance(data, list):
        return [unpack(item) for item in data]
    if not isinstance(data, dict):
        return data
    mark = next(iter(data), "")
    if not mark.startswith("$"):
        return {key: unpack(item) for key, item in data.items()}
    held = data[mark]
    if mark == _DATE:
        return date.fromisoformat(held)
    if mark == _INSTANT:
        return datetime.fromisoformat(held)
    if mark == _TUPLE:
        return tuple(unpack(item) for item in held)
    if mark == _SET:
        return frozenset(unpack(item) for item in held)
    if mark == _MAP:
        return {unpack(key): unpack(item) for key, item in held}
    msg = f"unknown mark {mark}"
    raise ValueError(msg)


def texts(data: str) -> tuple[str, ...]:
    """A tuple of texts from its JSON list.

    Raises:
        ValueError: if it is anything else.
    """
    found = json.loads(data)
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        msg = f"not a list of texts: {data[:80]}"
        raise ValueError(msg)
    return tuple(found)


def numbers(data: str) -> tuple[int, ...]:
    """A tuple of whole numbers from its JSON list.

    Raises:
        ValueError: if it is anything else.
    """
    found = json.loads(data)
    if not isinstance(found, list) or not all(type(item) is int for item in found):
        msg = f"not a list of numbers: {data[:80]}"
        raise ValueError(msg)
    return tuple(found)


def named(data: str) -> dict[str, str]:
    """Texts by name from their JSON object.

    Raises:
        ValueError: if it is anything else.
    """
    found = json.loads(data)
    if not isinstance(found, dict) or not all(isinstance(item, str) for item in found.values()):
        msg = f"not texts by name: {data[:80]}"
        raise ValueError(msg)
    return found
