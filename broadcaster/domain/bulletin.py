"""A bulletin: a text that one unit wrote for the air, with what the station must know to place it."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from broadcaster.units import Sha256, digest


class Kind(StrEnum):
    """What sort of piece it is."""

    TIN = "tin"
    BAI = "bai"
    THONG_BAO = "thong_bao"
    HOI_DAP = "hoi_dap"


class Priority(StrEnum):
    """TT 39/2020/TT-BTTTT: three levels. Two `uu_tien` in clash are put in order by a person, never by the machine."""

    KHAN_CAP = "khan_cap"
    UU_TIEN = "uu_tien"
    THONG_THUONG = "thong_thuong"


class Event(StrEnum):
    """What a bulletin announces, where the law says how long before it has to be on air."""

    NONE = ""
    MEETING = "hop_thon"
    ELECTION = "bau_truong_thon"
    OPINIONS = "lay_y_kien"


DEFAULT_REPEATS = {Kind.TIN: 6, Kind.BAI: 5, Kind.THONG_BAO: 8, Kind.HOI_DAP: 4}
"""Airings a week unless the bulletin says otherwise.

R19, trade custom: a notice is aired morning and evening for at least three days, news again in the other session, a
feature every other day.
"""


@dataclass(frozen=True, slots=True)
class Bulletin:
    """One version of a bulletin. `code` names it across versions; `text_hash` names this version."""

    code: str
    title: str
    body: str
    kind: Kind
    topic: str
    lead_unit: str
    valid_from: date
    valid_to: date
    author: str
    secondary_topics: tuple[str, ...] = ()
    co_units: tuple[str, ...] = ()
    papi: tuple[int, ...] = ()
    htttn_field: int = 0
    procedures: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    audience: str = ""
    zones: tuple[str, ...] = ("toan_xa",)
    priority: Priority = Priority.THONG_THUONG
    min_consecutive_days: int = 0
    repeats: int = 0
    read_twice: bool = False
    voices: dict[str, str] = field(default_factory=dict)
    lexicon: dict[str, str] = field(default_factory=dict)
    document_date: date | None = None
    event: Event = Event.NONE
    event_date: date | None = None
    entertainment: bool = False

    @property
    def particulars(self) -> dict[str, str]:
        """What few bulletins have, as texts: the document's date, an event and its date, entertainment."""
        facts = {
            "document_date": self.document_date.isoformat() if self.document_date else "",
            "event": self.event.value,
            "event_date": self.event_date.isoformat() if self.event_date else "",
            "entertainment": "co" if self.entertainment else "",
        }
        return {name: fact for name, fact in facts.items() if fact}

    @property
    def text_hash(self) -> Sha256:
        """Changes with the text and with everything a leader consents to; not with who imported it.

        Under a version: a field added later must not void the approvals of today. `lexicon` and the particulars count
        where there are any.
        """
        return digest(
            "bulletin-1",
            self.code,
            self.title,
            self.body,
            self.kind,
            self.topic,
            self.secondary_topics,
            self.lead_unit,
            self.co_units,
            self.papi,
            self.htttn_field,
            self.procedures,
            self.documents,
            self.audience,
            self.zones,
            self.priority,
            self.valid_from,
            self.valid_to,
            self.min_consecutive_days,
            self.repeats,
            self.read_twice,
            self.voices,
            *([self.lexicon] if self.lexicon else []),
            *([["particulars", self.particulars]] if self.particulars else []),
        )

    @property
    def airings_wanted(self) -> int:
        """Airings a week."""
        return self.repeats or DEFAULT_REPEATS[self.kind]
