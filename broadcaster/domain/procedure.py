"""The commune's procedures: limits, fees, validity; every version of each, and which bulletins cite it.

What the package ships is a start. What a commune writes over it is one line of JSON a version in a notebook.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache, cached_property
from importlib import resources
from typing import Any

from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.changes import Change
from broadcaster.domain.fields import fold
from broadcaster.units import as_utc, canonical


class Checked(StrEnum):
    """How far what is written was compared with the document that decides it."""

    YES = "da_doi_chieu"
    PARTLY = "mot_phan"
    NO = "chua"


@dataclass(frozen=True, slots=True)
class Procedure:
    """What people have to know of one procedure. `also` are other names under which bulletins cite it."""

    code: str
    field: str
    name: str
    also: tuple[str, ...] = ()
    mechanism: str = ""
    time_limit: str = ""
    fee: str = ""
    legal_basis: str = ""
    valid_from: date = date.min
    valid_to: date = date.max
    checked: Checked = Checked.NO
    note: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it is cited as."""
        return (self.name, *self.also)

    def over(self, day: date) -> bool:
        """Whether it no longer holds on a date."""
        return day > self.valid_to


@dataclass(frozen=True, slots=True)
class Version:
    """One version. `number` is its line, 0 for what the package ships.

    `since` is the date from which what bulletins say of the version before no longer holds; None where a slip was put
    right.
    """

    procedure: Procedure
    number: int = 0
    by: str = ""
    at: datetime | None = None
    reason: str = ""
    since: date | None = None


@dataclass(frozen=True)
class Procedures:
    """All procedures, each with its versions, the oldest first. `count` is the number of lines of the notebook."""

    versions: Mapping[str, tuple[Version, ...]]
    count: int = 0

    @cached_property
    def current(self) -> tuple[Procedure, ...]:
        """The last version of each, by field and name."""
        last = (versions[-1].procedure for versions in self.versions.values())
        return tuple(sorted(last, key=lambda one: (fold(one.field), fold(one.name))))

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What bulletins that cite them have to be looked at for: each change of content, and each end."""
        found = []
        for versions in self.versions.values():
            for n, version in enumerate(versions):
                if version.since is None:
                    continue
                earlier = versions[n - 1].procedure.names if n else ()  # bulletins cite what it was called then
                names = dict.fromkeys((*version.procedure.names, *earlier))
                found += [Change(name, version.since, source=version.procedure.legal_basis) for name in names]
            last = versions[-1].procedure
            if last.valid_to < date.max:
                after = last.valid_to + timedelta(days=1)
                found += [Change(name, after, ended=True, source=last.legal_basis) for name in last.names]
        return tuple(found)


def named_in(procedures: Iterable[Procedure], text: str) -> list[Procedure]:
    """The procedures that a text calls by one of their names; accents and case aside."""
    return [one for one in procedures if any(Change(name, date.min).concerns([text]) for name in one.names)]


def cites(bulletin: Bulletin, procedure: Procedure) -> bool:
    """Whether a bulletin names a procedure among what it cites; accents and case aside."""
    cited = (*bulletin.procedures, *bulletin.documents)
    return any(Change(name, date.min).concerns(cited) for name in procedure.names)


def sought(procedures: Iterable[Procedure], words: str) -> list[Procedure]:
    """The procedures in which every typed word begins some word; accents, case and order aside."""
    wanted = fold(words).split("_")
    found = []
    for one in procedures:
        text = "_" + "_".join(fold(part) for part in (one.code, *one.names, one.field, one.legal_basis))
        if all(f"_{word}" in text for word in wanted if word):
            found.append(one)
    return found


@cache
def shipped_procedures() -> tuple[Procedure, ...]:
    """What the package ships."""
    text = resources.files("broadcaster").joinpath("data/procedures.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(_procedure({**row, "also": [a.strip() for a in row["also"].split(";") if a.strip()]}) for row in rows)


def _procedure(data: Mapping[str, Any]) -> Procedure:
    values = {field.name: data[field.name] for field in fields(Procedure)}
    if not isinstance(values["also"], list):
        msg = "also"
        raise TypeError(msg)
    return Procedure(
        code=str(values["code"]),
        field=str(values["field"]),
        name=str(values["name"]),
        also=tuple(str(one) for one in values["also"]),
        mechanism=str(values["mechanism"]),
        time_limit=str(values["time_limit"]),
        fee=str(values["fee"]),
        legal_basis=str(values["legal_basis"]),
        valid_from=date.fromisoformat(values["valid_from"]) if values["valid_from"] else date.min,
        valid_to=date.fromisoformat(values["valid_to"]) if values["valid_to"] else date.max,
        checked=Checked(values["checked"]),
        note=str(values["note"]),
    )


def version_line(procedure: Procedure, by: str, at: datetime, reason: str, since: date | None) -> str:
    """A version as a line."""
    return canonical({"procedure": procedure, "by": by, "at": at, "reason": reason, "since": since})


def procedures_from(shipped: Sequence[Procedure], lines: Iterable[str]) -> Procedures:
    """All procedures: what is shipped, and over it what the commune wrote.

    Raises:
        ValueError: for a line that is no version, with its number as the only argument.
    """
    versions: dict[str, tuple[Version, ...]] = {one.code: (Version(one),) for one in shipped}
    count = 0
    for number, line in enumerate(lines, 1):
        count = number
        try:
            data = json.loads(line)
            since = date.fromisoformat(data["since"]) if data["since"] else None
            at = as_utc(datetime.fromisoformat(data["at"]))
            version = Version(_procedure(data["procedure"]), number, str(data["by"]), at, str(data["reason"]), since)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(number) from error
        code = version.procedure.code
        versions[code] = (*versions.get(code, ()), version)
    return Procedures(versions, count)
