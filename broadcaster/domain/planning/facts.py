"""Everything that a rule may look at beside the plan itself; rules share no code with the model."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.planning.candidate import Candidate
from broadcaster.domain.planning.heard import NOTHING_KNOWN, Heard
from broadcaster.domain.planning.plan import Plan, Slot
from broadcaster.domain.station import Session, Station, week_days
from broadcaster.domain.taxonomy import Taxonomy
from broadcaster.units import Milliseconds

Place = tuple[date, str]
"""A session on a date."""

RELAY = ""
"""What stands between two bulletins of a sequence where a relay does."""


@dataclass(frozen=True)
class Facts:
    """The station, its bulletins and the past, as of the moment at which a plan is looked at.

    Args:
        station: sessions, zones, special days, mutes.
        taxonomy: the target and focus groups.
        bulletins: every bulletin that the station knows, by code.
        ready: those that may be aired, by code.
        room: what a session of a date has free for bulletins, relay and the station's own sounds taken off.
        item_gap: silence after each item.
        begun: sessions that have begun; an amendment must not touch them.
        earlier: airings of the weeks before, as they were planned.
        heard: the ledger.
        sequences: by date, session and air zone the order in which bulletins are read, `RELAY` for a relay between.
    """

    station: Station
    taxonomy: Taxonomy
    bulletins: Mapping[str, Bulletin]
    ready: Mapping[str, Candidate]
    room: Callable[[date, Session], Milliseconds]
    item_gap: Milliseconds
    begun: frozenset[Place] = frozenset()
    earlier: tuple[Slot, ...] = ()
    heard: Heard = NOTHING_KNOWN
    sequences: Mapping[tuple[date, str, str], tuple[str, ...]] = field(default_factory=dict)

    def open(self, plan: Plan) -> tuple[Slot, ...]:
        """The airings that can still be changed."""
        return tuple(slot for slot in plan.slots if (slot.day, slot.session) not in self.begun)

    def session(self, place: Place) -> Session | None:
        """The session as it is on that date; None when it is not on air."""
        return next((s for s in self.station.sessions_on(place[0]) if s.code == place[1]), None)

    def places(self, week: date) -> list[Place]:
        """The sessions of a week in order of time."""
        return [(day, session.code) for day in week_days(week) for session in self.station.sessions_on(day)]


def by_place(slots: Iterable[Slot]) -> dict[Place, list[Slot]]:
    """Airings by session, in order of time."""
    found: dict[Place, list[Slot]] = {}
    for slot in sorted(slots):
        found.setdefault((slot.day, slot.session), []).append(slot)
    return found
