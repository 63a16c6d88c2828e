"""The as-run ledger: what was measured, row by row, each row bound to the one before it.

Rows are only ever added. A chain belongs to one node; its first row follows `GENESIS`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from broadcaster.domain.rundown import ItemKind, Rundown, RundownItem
from broadcaster.errors import Finding, Severity
from broadcaster.units import Milliseconds, Sha256, digest

GENESIS = Sha256("0" * 64)
NOTHING = Milliseconds(0)


class Outcome(StrEnum):
    """What became of an item."""

    AIRED = "aired"
    PARTIAL = "partial"
    MISSED = "missed"
    SKIPPED = "skipped"
    INTERRUPTED = "interrupted"


class Cause(StrEnum):
    """Why an item was not aired whole, or not at its time."""

    NONE = ""
    POWER_CUT = "power_cut"
    OFF_AIR = "off_air"
    DEVICE_LOST = "device_lost"
    LATE = "late"
    SESSION_END = "session_end"
    NO_AUDIO = "no_audio"
    NOT_APPROVED = "not_approved"
    MUTED = "muted"
    QUIET_HOURS = "quiet_hours"
    RELAY_EXTERNAL = "relay_external"
    EMERGENCY = "emergency"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class AsRun:
    """One measured row. `played_ms` is what sounded; the instants are None when nothing did. `level` is in LUFS.

    `day` and `session` are the rundown's, in the station's own calendar: totals by day need no time zone.
    """

    node: str
    seq: int
    item: str
    rundown: Sha256
    day: date
    session: str
    kind: ItemKind
    bulletin: str
    topic: str
    master: str
    planned_start: datetime
    planned_ms: Milliseconds
    started_at: datetime | None
    ended_at: datetime | None
    played_ms: Milliseconds
    outcome: Outcome
    cause: Cause
    level: float | None = None
    previous: Sha256 = GENESIS
    hash: Sha256 = GENESIS

    def sealed(self, seq: int, previous: Sha256) -> "AsRun":
        """The row in its place in the chain."""
        level = None if self.level is None else float(self.level)
        row = replace(self, seq=seq, previous=previous, level=level, hash=GENESIS)
        return replace(row, hash=row.content_hash)

    @property
    def content_hash(self) -> Sha256:
        """Hash of everything but itself, under a version: a field added later must not break the chains of today."""
        return digest(
            "asrun-1",
            self.node,
            self.seq,
            self.item,
            self.rundown,
            self.day,
            self.session,
            self.kind,
            self.bulletin,
            self.topic,
            self.master,
            self.planned_start,
            self.planned_ms,
            self.started_at,
            self.ended_at,
            self.played_ms,
            self.outcome,
            self.cause,
            self.level,
            self.previous,
        )


def row_for(
    node: str,
    rundown: Rundown,
    item: RundownItem,
    outcome: Outcome,
    cause: Cause = Cause.NONE,
    *,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
    played_ms: Milliseconds = NOTHING,
    level: float | None = None,
) -> AsRun:
    """An unsealed row about an item of a rundown."""
    return AsRun(
        node=node,
        seq=0,
        item=item.id,
        rundown=rundown.hash,
        day=rundown.day,
        session=rundown.session,
        kind=item.kind,
        bulletin=item.bulletin,
        topic=item.topic,
        master=item.master,
        planned_start=item.start,
        planned_ms=item.duration_ms,
        started_at=started_at,
        ended_at=ended_at,
        played_ms=played_ms,
        outcome=outcome,
        cause=cause,
        level=level,
    )


def seal(rows: Iterable[AsRun], seq: int, previous: Sha256) -> tuple[AsRun, ...]:
    """Rows of one node, chained on after the row `seq` whose hash is `previous` (0 and GENESIS at the start)."""
    sealed = []
    for row in rows:
        seq += 1
        done = row.sealed(seq, previous)
        previous = done.hash
        sealed.append(done)
    return tuple(sealed)


def check_chain(rows: Sequence[AsRun]) -> tuple[Finding, ...]:
    """Every break in one node's chain: a gap, a foreign predecessor, a changed row.

    Rows in order of `seq`, all of them.
    """
    findings = []
    seq, previous = 0, GENESIS
    for row in rows:
        facts = {"node": row.node, "seq": row.seq, "item": row.item}
        if row.seq != seq + 1:
            findings.append(Finding("ledger.gap", Severity.ERROR, facts={**facts, "expected": seq + 1}))
        elif row.previous != previous:
            findings.append(Finding("ledger.broken", Severity.ERROR, facts=facts))
        if row.content_hash != row.hash:
            findings.append(Finding("ledger.changed", Severity.ERROR, facts=facts))
        seq, previous = row.seq, row.hash
    return tuple(findings)
