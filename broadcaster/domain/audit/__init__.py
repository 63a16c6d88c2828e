"""The audit of measured airtime: facts from the ledger, the five figures, proofs, growth, all of it in one result."""

from broadcaster.domain.audit.facts import Aired, AiredAt, Facts, MonthTotal, PieceHeard, Place, facts_of, thon_lookup
from broadcaster.domain.audit.fees import Fee, Rates
from broadcaster.domain.audit.figures import Figures, Piece
from broadcaster.domain.audit.growth import Forecast, Growth, YearSoFar
from broadcaster.domain.audit.planned import Difference
from broadcaster.domain.audit.proof import Run
from broadcaster.domain.audit.result import AuditResult, audit
from broadcaster.domain.audit.tree import Coverage, Lineage, Tree

__all__ = [
    "Aired",
    "AiredAt",
    "AuditResult",
    "Coverage",
    "Difference",
    "Facts",
    "Fee",
    "Figures",
    "Forecast",
    "Growth",
    "Lineage",
    "MonthTotal",
    "Piece",
    "PieceHeard",
    "Place",
    "Rates",
    "Run",
    "Tree",
    "YearSoFar",
    "audit",
    "facts_of",
    "thon_lookup",
]
