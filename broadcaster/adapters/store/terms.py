"""The numbers of texts, airings and entries: looked up in the database once, remembered by the process."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from sqlalchemy import Connection

from broadcaster.adapters.store.bulk import chunks, insert, select, tuples
from broadcaster.adapters.store.columns import to_micros
from broadcaster.adapters.store.ledger_tables import AiringRow, EntryRow, TermRow
from broadcaster.domain.asrun import AsRun
from broadcaster.domain.rundown import ItemKind

_KNOWN = 200_000
"""Texts that are remembered at most."""
_RECENT = 20_000
"""Airings, and entries, that are remembered at most: many nodes tell of the same ones one after another."""

AiringKey = tuple[str, int, str, int, int]
EntryKey = tuple[str, int, int, int, int, int]
Key = TypeVar("Key", AiringKey, EntryKey)


class Recent(Generic[Key]):
    """The numbers of the airings or entries that were asked for last."""

    def __init__(self) -> None:
        self._number: dict[Key, int] = {}

    def of(self, keys: Iterable[Key]) -> dict[Key, int]:
        """Those of the keys that are remembered."""
        number = self._number
        return {key: number[key] for key in keys if key in number}

    def learn(self, numbers: Mapping[Key, int]) -> None:
        """Numbers that are in the database for good."""
        if len(self._number) > _RECENT:
            self._number.clear()
        self._number.update(numbers)


class Terms:
    """Texts and their numbers. What a transaction adds is remembered once it is committed."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._text: dict[int, str] = {}
        self.airings: Recent[AiringKey] = Recent()
        self.entries: Recent[EntryKey] = Recent()

    def _learn(self, pairs: Iterable[tuple[str, int]]) -> None:
        if len(self._number) > _KNOWN:
            self._number.clear()
            self._text.clear()
        for text, number in pairs:
            self._number[text] = number
            self._text[number] = text

    def numbers(self, connection: Connection, texts: Collection[str]) -> Mapping[str, int]:
        """The numbers of those texts that have one."""
        missing = [text for text in texts if text not in self._number]
        for some in chunks(missing):
            self._learn((row.text, row.id) for row in select(connection, _TERMS, texts=some))
        return {text: self._number[text] for text in texts if text in self._number}

    def texts(self, connection: Connection, numbers: Iterable[int]) -> Callable[[int], str]:
        """Gives the text of any of these numbers."""
        return self.known(connection, numbers).__getitem__

    def known(self, connection: Connection, numbers: Iterable[int]) -> Mapping[int, str]:
        """The texts of these numbers."""
        found = {number: self._text.get(number) for number in set(numbers)}
        missing = [number for number, text in found.items() if text is None]
        for some in chunks(missing):
            rows = [(row.text, row.id) for row in select(connection, _TEXTS, ids=some)]
            found.update((number, text) for text, number in rows)
            self._learn(rows)
        return {number: text for number, text in found.items() if text is not None}

    def ensure(self, connection: Connection, texts: Collection[str]) -> dict[str, int]:
        """The numbers of all texts; new ones are added. The write lock is held."""
        known = dict(self.numbers(connection, texts))
        new = sorted(set(texts) - set(known))
        if new:
            first = next_number(connection, "ledger_term")
            added = {text: first + n for n, text in enumerate(new)}
            insert(connection, TermRow, ("id", "text"), [(number, text) for text, number in added.items()])
            known |= added
        return known

    def remember(self, numbers: "Numbers") -> None:
        """Numbers that are in the database for good."""
        self._learn(numbers.terms.items())
        self.airings.learn(numbers.airings)
        self.entries.learn(numbers.entries)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a transaction's rows go by and was not remembered yet: the numbers of their texts, airings and entries."""

    terms: Mapping[str, int] = field(default_factory=dict)
    airings: Mapping[AiringKey, int] = field(default_factory=dict)
    entries: Mapping[EntryKey, int] = field(default_factory=dict)


_TERMS = "SELECT id, text FROM ledger_term WHERE text IN (:texts)"
_TEXTS = "SELECT id, text FROM ledger_term WHERE id IN (:ids)"
_AIRINGS = "SELECT id, day, session, kind, bulletin, topic FROM airing WHERE day IN (:days)"
_ENTRIES = (
    "SELECT id, item, airing, rundown, master, planned_start, planned_ms FROM ledger_entry WHERE item IN (:items)"
)


def next_number(connection: Connection, table: str) -> int:
    """One above a table's highest id. The write lock is held."""
    return int(select(connection, f"SELECT coalesce(max(id), 0) + 1 AS n FROM {table}")[0].n)  # noqa: S608 - our own


def texts_of(rows: Iterable[AsRun]) -> set[str]:
    """Every text that the rows' numbers stand for."""
    return {text for r in rows for text in (r.node, r.session, r.bulletin, r.topic, r.rundown, r.master)}


def airing_numbers(
    connection: Connection, rows: Sequence[AsRun], terms: Mapping[str, int], recent: Recent[AiringKey]
) -> tuple[list[int], dict[AiringKey, int]]:
    """The airing of each row, and the numbers that `recent` lacks; new ones are added, in the order of the rows.

    The write lock is held.
    """
    keys = [airing_key(row.day, row.session, row.kind, row.bulletin, row.topic, terms) for row in rows]
    known = recent.of(keys)
    missing = {row.day for row, key in zip(rows, keys, strict=True) if key not in known}
    learnt: dict[AiringKey, int] = {}
    for some in chunks(sorted(missing), 100):
        for number, day, session, kind, bulletin, topic in tuples(connection, _AIRINGS, days=some):
            learnt[str(day), session, kind, bulletin, topic] = number
    known |= learnt
    new = {key: 0 for key in keys if key not in known}
    if new:
        first = next_number(connection, "airing")
        for n, key in enumerate(new):
            known[key] = new[key] = first + n
        names = ("id", "day", "session", "kind", "bulletin", "topic")
        insert(connection, AiringRow, names, [(number, *key) for key, number in new.items()])
    return [known[key] for key in keys], learnt | new


def airing_key(
    day: date, session: str, kind: ItemKind, bulletin: str, topic: str, terms: Mapping[str, int]
) -> AiringKey:
    """What tells one airing from another, in numbers."""
    return day.isoformat(), terms[session], kind.value, terms[bulletin], terms[topic]


def entry_numbers(
    connection: Connection,
    rows: Sequence[AsRun],
    airings: Sequence[int],
    terms: Mapping[str, int],
    recent: Recent[EntryKey],
) -> tuple[list[int], dict[EntryKey, int]]:
    """The entry of each row, and the numbers that `recent` lacks; new ones are added, in the order of the rows.

    The write lock is held.
    """
    keys: list[EntryKey] = [
        (row.item, airing, terms[row.rundown], terms[row.master], to_micros(row.planned_start), row.planned_ms)
        for row, airing in zip(rows, airings, strict=True)
    ]
    known = recent.of(keys)
    missing = {key[0] for key in keys if key not in known}
    learnt: dict[EntryKey, int] = {}
    for some in chunks(missing, 5000):
        for number, item, airing, rundown, master, start, length in tuples(connection, _ENTRIES, items=some):
            learnt[item, airing, rundown, master, start, length] = number
    known |= learnt
    new = {key: 0 for key in keys if key not in known}
    if new:
        first = next_number(connection, "ledger_entry")
        for n, key in enumerate(new):
            known[key] = new[key] = first + n
        names = ("id", "item", "airing", "rundown", "master", "planned_start", "planned_ms")
        insert(connection, EntryRow, names, [(number, *key) for key, number in new.items()])
    return [known[key] for key in keys], learnt | new
