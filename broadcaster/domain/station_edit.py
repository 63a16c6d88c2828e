"""The station's TOML file with some of its values changed: comments, order and spacing stay as a person left them."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Table

from broadcaster.domain.station import Station

Value = str | int | float | bool | Sequence[str] | Sequence[int] | None


class Edit(NamedTuple):
    """Values for `[table]`, or for the `[[table]]` of a code; None takes a key out.

    A table or row that is not there is added at the end of its kind.
    """

    table: str
    values: Mapping[str, Value]
    code: str = ""


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The file's text after the edits.

    Raises:
        ValueError: for a text that is no TOML, or has another thing where the edit's table would be.
    """
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ValueError(str(error)) from error
    for edit in edits:
        table = _row(document, edit) if edit.code else _table(document, edit.table)
        for name, value in edit.values.items():
            if value is None:
                table.pop(name, None)
            elif name not in table or table[name] != value:  # what stays is not written anew: it may be spelt otherwise
                table[name] = list(value) if isinstance(value, (list, tuple)) else value
    return tomlkit.dumps(document)


def _table(document: Any, name: str) -> Any:
    if name not in document:
        document[name] = tomlkit.table()
    found = document[name]
    if not isinstance(found, Table):
        raise ValueError(name)  # noqa: TRY004 - a wrong value of a file, not a wrong call
    return found


def _row(document: Any, edit: Edit) -> Any:
    if edit.table not in document:
        document[edit.table] = tomlkit.aot()
    rows = document[edit.table]
    if not isinstance(rows, AoT):
        raise ValueError(edit.table)  # noqa: TRY004 - a wrong value of a file, not a wrong call
    for row in rows:
        if row.get("code") == edit.code:
            return row
    made = tomlkit.table()
    made["code"] = edit.code
    rows.append(made)
    return rows[-1]


def changed_tables(before: str, after: str) -> tuple[str, ...]:
    """The tables that two readable texts do not have alike, as the file writes them: `[audio]`, `[[session]] sang`.

    Rows without a code, as special days, are one.
    """
    old, new = tomllib.loads(before), tomllib.loads(after)
    found: list[str] = []
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) == new.get(name):
            continue
        if not any(isinstance(one.get(name), list) for one in (old, new)):
            found.append(f"[{name}]")
            continue
        mine, other = _by_code(old.get(name)), _by_code(new.get(name))
        found += [
            f"[[{name}]] {code}".strip() for code in dict.fromkeys((*mine, *other)) if mine.get(code) != other.get(code)
        ]
    return tuple(found)


def _by_code(rows: Any) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for row in rows if isinstance(rows, list) else ():
        code = str(row.get("code", "")) if isinstance(row, dict) else ""
        made.setdefault(code, []).append(row)
    return made


def vanished(before: Station, after: Station) -> tuple[str, ...]:
    """Thôn and clusters that a change would forget, as `[[thon]] thon_dong`: the ledger tells of them for ever."""
    pairs = (("thon", before.thons, after.thons), ("cluster", before.clusters, after.clusters))
    return tuple(
        f"[[{name}]] {one.code}"
        for name, old, new in pairs
        for one in old
        if one.code not in {other.code for other in new}
    )
