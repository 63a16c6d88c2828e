"""The form of a rule: where it stands written, and what breaks it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from broadcaster.domain.planning.facts import Facts
from broadcaster.domain.planning.plan import Plan, Slot
from broadcaster.errors import Finding, Place, Severity


@dataclass(frozen=True, slots=True)
class Mend:
    """How a plan could come to keep a rule: a bulletin is aired in one of the sessions, or, with `leave`, in none."""

    bulletin: str
    places: tuple[tuple[date, str], ...]
    leave: bool = False


def nothing_to_mend(plan: Plan, facts: Facts) -> Iterator[Mend]:
    """For rules that the instance keeps by itself."""
    del plan, facts
    yield from ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A hard rule. `code` is its sentence in the wording tables, `source` the law or custom that it comes from.

    `violations` gives an error for what no plan may have, and a warning for a duty that this week's plan leaves undone.
    `mends` says for what the instance cannot express how the next attempt may do better.
    """

    code: str
    source: str
    violations: Callable[[Plan, Facts], Iterator[Finding]]
    mends: Callable[[Plan, Facts], Iterator[Mend]] = nothing_to_mend


def broken(code: str, slot: Slot, **facts: Any) -> Finding:
    """An airing that may not be."""
    where = {"bulletin": slot.bulletin, "day": slot.day.isoformat(), "session": slot.session}
    return Finding(code, Severity.ERROR, Place(field=slot.bulletin), {**where, **facts})


def undone(code: str, bulletin: str, **facts: Any) -> Finding:
    """A duty towards a bulletin that the plan does not fulfil."""
    return Finding(code, Severity.WARNING, Place(field=bulletin), {"bulletin": bulletin, **facts})
