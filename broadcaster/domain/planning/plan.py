"""The weekly plan: which bulletin is aired in which session, in which zones, and what could not be placed and why."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from broadcaster.units import Milliseconds, Sha256, digest, plain


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One airing: a bulletin's place in a session on a date. `zones` are air zones, sorted."""

    day: date
    session: str
    bulletin: str
    zones: tuple[str, ...]
    master: Sha256
    duration_ms: Milliseconds


@dataclass(frozen=True, slots=True, order=True)
class Placement:
    """A person wants a bulletin in a session of a date, or not in it."""

    bulletin: str
    day: date
    session: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What the plan could not give a bulletin: a code for the wording table and its facts."""

    bulletin: str
    code: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """A week's plan. Number 0 is the plan as posted; each amendment counts one up and names its reason.

    `value` and `bound` are the solver's objective and its proved upper bound, in the instance's own units. `precedence`
    is the order in which a person has put the priority bulletins, `placements` what a person wants of single airings.
    """

    station: str
    week: date
    number: int
    slots: tuple[Slot, ...]
    shortfalls: tuple[Shortfall, ...]
    value: float
    bound: float
    inputs: Sha256
    reason: str = ""
    precedence: tuple[str, ...] = ()
    placements: tuple[Placement, ...] = ()

    @property
    def hash(self) -> Sha256:
        """Same inputs, same plan, same hash; without placements the one that it had before there were any."""
        told = plain(self)
        if not self.placements:
            del told["placements"]
        return digest("plan", told)

    @property
    def gap(self) -> float:
        """Proved distance to the best possible plan, as a share of the bound."""
        return 0.0 if self.bound <= 0 else max(0.0, (self.bound - self.value) / self.bound)


def changes(before: Plan, after: Plan) -> tuple[tuple[Slot, ...], tuple[Slot, ...]]:
    """What an amendment takes out and what it puts in, in order of time; a piece voiced anew is both."""
    old, new = set(before.slots), set(after.slots)
    return tuple(sorted(old - new)), tuple(sorted(new - old))


def airings_of(slots: Iterable[Slot], bulletin: str) -> tuple[Slot, ...]:
    """A bulletin's airings in order of time."""
    return tuple(sorted(slot for slot in slots if slot.bulletin == bulletin))


def longest_run(days: Collection[date]) -> int:
    """The longest run of consecutive dates."""
    best = run = 0
    last: date | None = None
    for day in sorted(set(days)):
        run = run + 1 if last is not None and (day - last).days == 1 else 1
        best, last = max(best, run), day
    return best
