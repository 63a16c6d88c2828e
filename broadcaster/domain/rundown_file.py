"""A rundown from the JSON that `units.canonical` makes of one, as a node keeps it."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from broadcaster.domain.rundown import ItemKind, LatePolicy, Rundown, RundownItem
from broadcaster.units import Milliseconds, Sha256, as_utc


def rundown_from(text: str) -> Rundown:
    """The rundown of a text.

    Raises:
        ValueError: for what is none: no JSON, a missing or strange member, a value of another kind.
    """
    data = json.loads(text)
    if not isinstance(data, dict) or set(data) != {field.name for field in fields(Rundown)}:
        msg = "no rundown"
        raise ValueError(msg)
    items = data["items"]
    if not isinstance(items, list):
        msg = "items are no list"
        raise ValueError(msg)  # noqa: TRY004 - a wrong value of a file, not a wrong call
    return Rundown(
        station=_text(data, "station"),
        plan=Sha256(_text(data, "plan")),
        zone=_text(data, "zone"),
        day=date.fromisoformat(_text(data, "day")),
        session=_text(data, "session"),
        start=_instant(data, "start"),
        end=_instant(data, "end"),
        items=tuple(_item(item) for item in items),
    )


def _item(data: Any) -> RundownItem:
    if not isinstance(data, dict) or set(data) != {field.name for field in fields(RundownItem)}:
        msg = "no item of a rundown"
        raise ValueError(msg)
    if type(data["duration_ms"]) is not int or data["duration_ms"] < 0:
        msg = "duration_ms is no length"
        raise ValueError(msg)
    return RundownItem(
        id=_text(data, "id"),
        kind=ItemKind(data["kind"]),
        start=_instant(data, "start"),
        duration_ms=Milliseconds(data["duration_ms"]),
        master=_text(data, "master"),
        bulletin=_text(data, "bulletin"),
        topic=_text(data, "topic"),
        late=LatePolicy(data["late"]),
        relay=_text(data, "relay"),
    )


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data[name]
    if not isinstance(value, str):
        msg = f"{name} is no text"
        raise ValueError(msg)  # noqa: TRY004 - a wrong value of a file, not a wrong call
    return value


def _instant(data: Mapping[str, Any], name: str) -> datetime:
    return as_utc(datetime.fromisoformat(_text(data, name)))
