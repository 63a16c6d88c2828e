"""Plans and rundowns: domain values to rows and back. Pure, as `rows`."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from broadcaster.adapters.store.facts import pack, unpack
from broadcaster.adapters.store.rows import undamaged
from broadcaster.adapters.store.tables import PlanRow, RundownItemRow, RundownRow
from broadcaster.domain.planning.plan import Placement, Plan, Shortfall, Slot
from broadcaster.domain.rundown import Rundown, RundownItem
from broadcaster.units import Milliseconds, Sha256, canonical


def plan_row(plan: Plan, at: datetime) -> PlanRow:
    """A plan, saved at an instant."""
    document = {
        "station": plan.station,
        "week": plan.week,
        "number": plan.number,
        "slots": plan.slots,
        "shortfalls": [{"bulletin": s.bulletin, "code": s.code, "facts": pack(s.facts)} for s in plan.shortfalls],
        # Numbers stay as they are written here: a REAL column makes 3.0 of 3, and the plan's hash another one.
        "value": plan.value,
        "bound": plan.bound,
        "inputs": plan.inputs,
        "reason": plan.reason,
        "precedence": plan.precedence,
        "placements": plan.placements,
    }
    return PlanRow(
        hash=plan.hash,
        station=plan.station,
        week=plan.week,
        number=plan.number,
        saved_at=at,
        inputs=plan.inputs,
        reason=plan.reason,
        value=plan.value,
        bound=plan.bound,
        document=canonical(document),
    )


def plan_of(row: PlanRow) -> Plan:
    """The plan of a row."""
    with undamaged("plan", row.hash):
        found = json.loads(row.document)
        return Plan(
            station=found["station"],
            week=date.fromisoformat(found["week"]),
            number=found["number"],
            slots=tuple(
                Slot(
                    day=date.fromisoformat(slot["day"]),
                    session=slot["session"],
                    bulletin=slot["bulletin"],
                    zones=tuple(slot["zones"]),
                    master=Sha256(slot["master"]),
                    duration_ms=Milliseconds(slot["duration_ms"]),
                )
                for slot in found["slots"]
            ),
            shortfalls=tuple(Shortfall(s["bulletin"], s["code"], unpack(s["facts"])) for s in found["shortfalls"]),
            value=found["value"],
            bound=found["bound"],
            inputs=Sha256(found["inputs"]),
            reason=found["reason"],
            precedence=tuple(found["precedence"]),
            # Plans of earlier releases have none.
            placements=tuple(
                Placement(p["bulletin"], date.fromisoformat(p["day"]), p["session"], p["wanted"])
                for p in found.get("placements", ())
            ),
        )


def rundown_row(rundown: Rundown, turn: int) -> RundownRow:
    """A rundown without its items."""
    return RundownRow(
        hash=rundown.hash,
        turn=turn,
        code=rundown.code,
        station=rundown.station,
        plan=rundown.plan,
        zone=rundown.zone,
        day=rundown.day,
        session=rundown.session,
        starts_at=rundown.start,
        ends_at=rundown.end,
    )


def rundown_item_rows(rundown: Rundown) -> list[dict[str, Any]]:
    """Its items, for one insert."""
    return [
        {
            "rundown": rundown.hash,
            "position": position,
            "item": item.id,
            "kind": item.kind,
            "planned_start": item.start,
            "planned_ms": item.duration_ms,
            "master": item.master,
            "bulletin": item.bulletin,
            "topic": item.topic,
            "late": item.late,
            "relay": item.relay,
        }
        for position, item in enumerate(rundown.items, 1)
    ]


def rundown_of(row: RundownRow, items: Sequence[RundownItemRow]) -> Rundown:
    """The rundown of a row and its items in order."""
    return Rundown(
        station=row.station,
        plan=Sha256(row.plan),
        zone=row.zone,
        day=row.day,
        session=row.session,
        start=row.starts_at,
        end=row.ends_at,
        items=tuple(
            RundownItem(
                id=item.item,
                kind=item.kind,
                start=item.planned_start,
                duration_ms=Milliseconds(item.planned_ms),
                master=item.master,
                bulletin=item.bulletin,
                topic=item.topic,
                late=item.late,
                relay=item.relay,
            )
            for item in items
        ),
    )
