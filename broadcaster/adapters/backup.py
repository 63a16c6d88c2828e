"""One file with a station's database and settings, whole at one instant although others write."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

from broadcaster.errors import StoreError


def write_backup(database: Path, files: Iterable[tuple[str, Path]], words: str, target: Path) -> None:
    """Write a ZIP file.

    Args:
        database: a SQLite file, in use or not; left out where there is none.
        files: names in the ZIP file and where they lie; one that goes away meanwhile is left out.
        words: how to restore, for `DOC_TRUOC.txt`.
        target: the ZIP file.

    Raises:
        StoreError: `store.unreadable` if the database cannot be read, `store.disk` if the ZIP file cannot be written.
    """
    try:
        with TemporaryDirectory(dir=target.parent) as folder, ZipFile(target, "w", ZIP_DEFLATED) as archive:
            archive.writestr("DOC_TRUOC.txt", words)
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
