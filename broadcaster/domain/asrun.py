"""The as-run ledger: what was measured, row by row, each row bound to the one before it.

Rows are only ever added. A chain belongs to one node; its first row follows `GENESIS`.
"""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from json.encoder import encode_basestring as quoted

from broadcaster.domain.rundown import ItemKind, Rundown, RundownItem
from broadcaster.errors import Finding, Severity
from broadcaster.units import Milliseconds, Sha256, as_utc

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
    LIVE = "live"
    SOURCE_LOST = "source_lost"


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
        level = None if self.level is None else self.level + 0.0
        row = replace(self, seq=seq, previous=previous, level=level, hash=GENESIS)
        return replace(row, hash=row.content_hash)

    @property
    def content_hash(self) -> Sha256:
        """Hash of everything but itself, under a version: a field added later must not break the chains of today.

        What `digest("asrun-1", …)` makes of the fields in their order, written out: rows come by the ten thousand a
        second, and the general way takes twice as long.

        Raises:
            ValueError: for a naive instant, or a level that is no number.
        """
        if self.level is not None and not math.isfinite(self.level):
            msg = f"level {self.level} is no measurement"
            raise ValueError(msg)
        text = (
            f'["asrun-1",{quoted(self.node)},{self.seq},{quoted(self.item)},{quoted(self.rundown)},'
            f'"{self.day.isoformat()}",{quoted(self.session)},"{self.kind}",{quoted(self.bulletin)},'
            f"{quoted(self.topic)},{quoted(self.master)},"
            f"{_instant(self.planned_start)},{self.planned_ms},{_instant(self.started_at)},{_instant(self.ended_at)},"
            f'{self.played_ms},"{self.outcome}","{self.cause}",{"null" if self.level is None else repr(self.level)},'
            f"{quoted(self.previous)}]"
        )
        return Sha256(hashlib.sha256(text.encode()).hexdigest())

    @property
    def counted_ms(self) -> Milliseconds:
        """What the row adds to the airtime of its cluster.

        A relay comes through a receiver of its own, which nobody measures: its block counts as planned, unless the
        node missed it. It is never among the station's own production.
        """
        if self.kind is ItemKind.RELAY:
            return NOTHING if self.outcome is Outcome.MISSED else self.planned_ms
        return self.played_ms


def _instant(instant: datetime | None) -> str:
    """An instant as `canonical` writes it."""
    if instant is None:
        return "null"
    if instant.tzinfo is not UTC:
        instant = as_utc(instant)
    return f'"{instant.isoformat()[:-6]}Z"'


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


def check_chain(rows: Iterable[AsRun]) -> tuple[Finding, ...]:
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
