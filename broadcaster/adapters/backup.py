"""One file with a station's database and settings, whole at one instant although others write; and what is in one."""

import json
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from broadcaster.errors import ConfigError, StoreError
from broadcaster.units import as_utc, canonical

README, MARK = "DOC_TRUOC.txt", "sao_luu.json"
MOST_FILES = 20_000
_BLOCK = 1 << 20
_SPARE = 256 * 2**20
"""Bytes of the disk that unpacking leaves free."""
_DAMAGED = (BadZipFile, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError, zlib.error)
"""What the ZIP reader raises at a file that is cut off or was tampered with."""


def write_backup(
    database: Path, files: Iterable[tuple[str, Path]], words: str, mark: Mapping[str, object], target: Path
) -> None:
    """Write a ZIP file.

    Args:
        database: a SQLite file, in use or not; left out where there is none.
        files: names in the ZIP file and where they lie; one that goes away meanwhile is left out.
        words: how to restore, for `DOC_TRUOC.txt`.
        mark: whose it is and of when, for `sao_luu.json`.
        target: the ZIP file.

    Raises:
        StoreError: `store.unreadable` if the database cannot be read, `store.disk` if the ZIP file cannot be written.
    """
    try:
        with TemporaryDirectory(dir=target.parent) as folder, ZipFile(target, "w", ZIP_DEFLATED) as archive:
            archive.writestr(README, words)
            archive.writestr(MARK, canonical(mark))
            if database.exists():
                # A copy of the file would lack the latest commits, which lie beside it; SQLite's own backup does not.
                copy = Path(folder) / database.name
                with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as whole:
                    source.backup(whole)
                archive.write(copy, database.name)
            for name, path in files:
                try:
                    data = path.read_bytes()
                except FileNotFoundError:
                    continue
                archive.writestr(name, data)
    except sqlite3.Error as error:
        raise StoreError("store.unreadable", file=str(database)) from error
    except OSError as error:
        raise StoreError("store.disk", file=str(target), detail=error.strerror or "") from error


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What a backup held: its files by their names, and when it was made as far as it says."""

    names: tuple[str, ...]
    at: datetime | None


def unpack(archive: Path, place_of: Callable[[str], Path | None], database: str) -> Unpacked:
    """Unpack a backup, every byte of it checked; nothing is written anywhere else than where it belongs.

    Args:
        archive: the ZIP file.
        place_of: where a file of this name belongs; None for a name that no backup has.
        database: the database's name in it.

    Raises:
        ConfigError: `backup.damaged`, `backup.strange` for a file that no backup has, `backup.no_database`.
        StoreError: `store.disk` where there is no room.
    """
    try:
        with ZipFile(archive) as found:
            entries = [one for one in found.infolist() if not one.is_dir()]
            names = [one.filename for one in entries]
            if len(set(names)) != len(names) or len(names) > MOST_FILES:
                raise ConfigError("backup.damaged", file=archive.name, detail="ZIP")
            places = {one.filename: _place(one, place_of, archive) for one in entries}
            if database not in names:
                raise ConfigError("backup.no_database", file=archive.name)
            room = shutil.disk_usage(archive.parent).free - _SPARE
            if sum(one.file_size for one in entries) > room:
                raise StoreError("store.disk", file=archive.name, detail="không đủ chỗ")
            for one in entries:
                place = places[one.filename]
                if place is not None:
                    place.parent.mkdir(parents=True, exist_ok=True)
                    with found.open(one) as source, place.open("xb") as target:
                        _copy(source, target, one.file_size)
            at = _made_at(found, names)
    except _DAMAGED as error:
        raise ConfigError("backup.damaged", file=archive.name, detail=type(error).__name__) from error
    except OSError as error:
        raise StoreError("store.disk", file=archive.name, detail=error.strerror or "") from error
    return Unpacked(tuple(name for name in sorted(names) if places[name] is not None), at)


def _place(entry: ZipInfo, place_of: Callable[[str], Path | None], archive: Path) -> Path | None:
    """Where a file belongs; None for those that are about the backup itself."""
    if entry.filename in {README, MARK}:
        return None
    place = place_of(entry.filename)
    if place is None:
        raise ConfigError("backup.strange", file=archive.name, name=entry.filename[:80])
    return place


def _copy(source: IO[bytes], target: IO[bytes], size: int) -> None:
    """All of a file, and no more than it said that it was."""
    while block := source.read(_BLOCK):
        size -= len(block)
        if size < 0:
            raise ValueError
        target.write(block)


def _made_at(archive: ZipFile, names: Iterable[str]) -> datetime | None:
    """When it was made, where it says so; those of before said nothing."""
    if MARK not in names:
        return None
    with archive.open(MARK) as stream:
        data = json.loads(stream.read(100_000))
    return as_utc(datetime.fromisoformat(data["at"]))


def check_database(path: Path) -> None:
    """Look through all of a database file.

    Raises:
        ConfigError: `backup.damaged`.
    """
    try:
        with closing(sqlite3.connect(path)) as database:
            told = str(database.execute("PRAGMA integrity_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        raise ConfigError("backup.damaged", file=path.name, detail=str(error)) from error
    if told != "ok":
        raise ConfigError("backup.damaged", file=path.name, detail=told[:80])


def is_alone(path: Path, patience: float) -> bool:
    """Whether nobody else has a database file open; what lies beside it in the log is in it afterwards.

    SQLite leaves the write-ahead log only when no other connection is there. A damaged file is nobody's.
    """
    if not path.exists():
        return True
    try:
        with closing(sqlite3.connect(path, timeout=patience)) as database:
            return str(database.execute("PRAGMA journal_mode = DELETE").fetchone()[0]) != "wal"
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True
