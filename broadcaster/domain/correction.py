"""Corrections: what a person says against a measured row, with a reason. The row stays as it is.

A correction is a row of a chain of its own: it is never changed, and a later one about the same row takes its place in
the totals. Audits show both, what was measured and what counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from broadcaster.domain.asrun import GENESIS, AsRun, Cause, Outcome
from broadcaster.errors import Finding, Severity
from broadcaster.units import Milliseconds, Sha256, digest


@dataclass(frozen=True, slots=True)
class Correction:
    """That the row `row` in the place `target` of `node`'s chain counts as having these values.

    `number` counts all corrections of the station from 1; `by` is the code of the person who answers for it.
    """

    number: int
    node: str
    target: int
    row: Sha256
    played_ms: Milliseconds
    outcome: Outcome
    cause: Cause
    reason: str
    by: str
    at: datetime
    previous: Sha256 = GENESIS
    hash: Sha256 = GENESIS

    def sealed(self, number: int, previous: Sha256) -> "Correction":
        """The correction in its place in the chain."""
        placed = replace(self, number=number, previous=previous, hash=GENESIS)
        return replace(placed, hash=placed.content_hash)

    @property
    def content_hash(self) -> Sha256:
        """Hash of everything but itself, under a version."""
        return digest(
            "correction-1",
            self.number,
            self.node,
            self.target,
            self.row,
            self.played_ms,
            self.outcome,
            self.cause,
            self.reason,
            self.by,
            self.at,
            self.previous,
        )


@dataclass(frozen=True, slots=True)
class Corrected:
    """A measured row and the correction that counts instead of it."""

    row: AsRun
    correction: Correction

    @property
    def effective(self) -> AsRun:
        """The row as it counts. Its hash is the measured row's: it is no row of the chain."""
        c = self.correction
        return replace(self.row, played_ms=c.played_ms, outcome=c.outcome, cause=c.cause)


def check_corrections(corrections: Iterable[Correction]) -> tuple[Finding, ...]:
    """Every break in the chain of corrections, all of them by number."""
    findings = []
    number, previous = 0, GENESIS
    for found in corrections:
        facts = {"number": found.number, "node": found.node, "seq": found.target}
        whole = found.number == number + 1 and found.previous == previous and found.content_hash == found.hash
        if not whole:
            findings.append(Finding("ledger.correction", Severity.ERROR, facts=facts))
        number, previous = found.number, found.hash
    return tuple(findings)
