"""A warning in the Common Alerting Protocol, and which of the station's zones it is for.

Source: OASIS, Common Alerting Protocol Version 1.2 (1 July 2010).
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from broadcaster.domain.station import WHOLE_COMMUNE, Station


class CapStatus(StrEnum):
    """Whether it is meant: everything but `Actual` and `Exercise` is for machines."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    SYSTEM = "System"
    TEST = "Test"
    DRAFT = "Draft"


class CapKind(StrEnum):
    """What a message does to those before it."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"
    ACK = "Ack"
    ERROR = "Error"


@dataclass(frozen=True, slots=True)
class CapArea:
    """A place as the sender names it: in words, and by codes."""

    name: str
    codes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CapAlert:
    """What is of use of a warning. `text` is what is to be said; `references`, the ids of messages that it is about."""

    id: str
    sender: str
    sent: datetime
    status: CapStatus
    kind: CapKind
    text: str
    expires: datetime | None
    areas: tuple[CapArea, ...]
    references: tuple[str, ...] = ()


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).replace("_", " ").split())


def zones_for(areas: Iterable[CapArea], station: Station) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The zones that a warning's places are, and the places that are none of the station's.

    A place is known by the name or code of a zone, of a thôn, or of the commune; accents and case make no difference.
    A shape on a map is not looked at: the station has no map.
    """
    known: dict[str, str] = {}
    for zone in station.zones:
        known |= {_plain(zone.code): zone.code, _plain(zone.name): zone.code}
    for thon in station.thons:
        clusters = {c.code for c in station.clusters if station.thon_today(c.thon) == station.thon_today(thon.code)}
        zone_of = next((z.code for z in station.zones if clusters and set(z.clusters) == clusters), None)
        if zone_of:
            known |= {_plain(thon.code): zone_of, _plain(thon.name): zone_of}
    known |= {_plain(station.commune): WHOLE_COMMUNE, _plain(station.code): WHOLE_COMMUNE}
    found: list[str] = []
    strange: list[str] = []
    for area in areas:
        names = [area.name, *area.name.replace(";", ",").split(","), *(value for _, value in area.codes)]
        zones = [known[_plain(name)] for name in names if _plain(name) in known]
        found += zones
        if not zones:
            strange.append(area.name)
    return tuple(dict.fromkeys(found)), tuple(strange)
