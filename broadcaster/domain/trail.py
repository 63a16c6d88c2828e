"""Who did what, and when: what a person of the console or of a command answers for."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from broadcaster.units import as_utc, canonical


class Kind(StrEnum):
    """What sort of thing was done; for choosing among them."""

    APPROVAL = "duyet"
    PLAN = "lich"
    EMERGENCY = "khan_cap"
    NETWORK = "mang_loa"
    PROCEDURE = "thu_tuc"
    FIGURES = "so_lieu"
    SETTINGS = "cai_dat"


class What(StrEnum):
    """What is kept in the diary because nothing else keeps who did it."""

    ACCOUNT = "mo_tai_khoan"
    LOCKED = "khoa_tai_khoan"
    UNLOCKED = "mo_lai_tai_khoan"
    RESET = "dat_lai_mat_khau"
    PASSWORD = "doi_mat_khau"  # noqa: S105 - the name of what was done
    PLAN = "xep_lich"
    WORD = "them_tu"
    WORD_GONE = "bo_tu"
    BACKUP = "sao_luu"
    STATION = "sua_dai"
    RECORDED = "thu_loi"
    UNRECORDED = "bo_ban_thu"
    RESTORED = "khoi_phuc"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing done. `code` is its sentence in the wording table; `about`, what with; `path`, where to look."""

    at: datetime
    by: str
    kind: Kind
    code: str
    about: str = ""
    path: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the diary."""

    at: datetime
    by: str
    what: What
    about: str = ""


def note_line(note: Note) -> str:
    """A note as a line."""
    return canonical(note)


def notes_from(lines: Iterable[str]) -> tuple[Note, ...]:
    """The notes from their lines.

    Raises:
        ValueError: for a line that is none, with its number as the only argument.
    """
    found = []
    for number, line in enumerate(lines, 1):
        try:
            data = json.loads(line)
            at = as_utc(datetime.fromisoformat(data["at"]))
            found.append(Note(at, str(data["by"]), What(data["what"]), str(data["about"])))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(number) from error
    return tuple(found)
