"""Auditing: totals, reconciliation and the ledger's own soundness, from the store."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from broadcaster.domain.asrun import AsRun, check_chain
from broadcaster.domain.audit import AuditResult, Piece, audit, heard
from broadcaster.domain.rundown import Rundown
from broadcaster.domain.station import Station
from broadcaster.domain.taxonomy import Taxonomy
from broadcaster.errors import Finding
from broadcaster.ports import Clock, Store
from broadcaster.units import Milliseconds, Sha256

FIRST_DAY = date(2000, 1, 1)
"""Before any ledger of this product: where the search for a bulletin's first airing begins."""


@dataclass(frozen=True, slots=True)
class Auditing:
    """The station's figures."""

    store: Store
    clock: Clock
    station: Station
    taxonomy: Taxonomy

    def _span(self, first: date, last: date) -> tuple[datetime, datetime]:
        """The instants from the first day's midnight to the midnight after the last."""
        zone = ZoneInfo(self.station.timezone)
        return datetime.combine(first, time.min, zone), datetime.combine(last + timedelta(days=1), time.min, zone)

    def rows(self, first: date, last: date) -> tuple[AsRun, ...]:
        """The ledger's rows of a period."""
        start, end = self._span(first, last)
        return tuple(self.store.as_run(start, end))

    def rundowns(self, first: date, last: date) -> tuple[Rundown, ...]:
        """What was planned for a period; empty rundowns stand for sessions that were taken off."""
        return tuple(rundown for rundown in self.store.rundowns(first, last) if rundown.items)

    def nodes_of(self, zone: str, day: date) -> list[str]:
        """The nodes of an air zone on a day: one player a cluster that exists then."""
        parts = {part.code: part.clusters for part in self.station.air_zones()}
        return sorted(parts.get(zone, frozenset()) & self.station.alive_on(day))

    def _pieces(self, rows: Iterable[AsRun], rundowns: Iterable[Rundown], last: date) -> dict[str, Piece]:
        start, end = self._span(FIRST_DAY, last)
        codes = {row.bulletin for row in rows if row.bulletin}
        codes |= {item.bulletin for rundown in rundowns for item in rundown.items if item.bulletin}
        first_heard: dict[str, date] = {}
        masters: dict[str, Sha256] = {}
        for row in heard(self.store.as_run(start, end)):
            first_heard[row.bulletin] = min(row.day, first_heard.get(row.bulletin, row.day))
            masters[row.bulletin] = Sha256(row.master)
        pieces = {}
        for code in codes:
            bulletin = self.store.bulletin(code)
            master = self.store.master(masters[code]) if code in masters else None
            pieces[code] = Piece(
                code=code,
                title=bulletin.title if bulletin else code,
                kind=bulletin.kind.value if bulletin else "",
                unit=bulletin.lead_unit if bulletin else "",
                content_ms=master.content_ms if master else Milliseconds(0),
                min_consecutive_days=bulletin.min_consecutive_days if bulletin else 0,
                first_heard=first_heard.get(code),
            )
        return pieces

    def audit(self, first: date, last: date) -> AuditResult:
        """The audit of a period, both days included."""
        rows, rundowns = self.rows(first, last), self.rundowns(first, last)
        return audit(
            rows,
            rundowns,
            first=first,
            last=last,
            pieces=self._pieces(rows, rundowns, last),
            thon_of={cluster.code: cluster.thon for cluster in self.station.clusters},
            nodes_of=self.nodes_of,
            taxonomy=self.taxonomy,
            now=self.clock.now(),
            baseline_minutes_per_day=self.station.target.baseline_minutes_per_day,
            growth_target=self.station.target.growth,
        )

    def verify(self) -> dict[str, tuple[Finding, ...]]:
        """Every node's chain, walked from its first row; empty findings for a sound one."""
        return {node: check_chain(self.store.chain(node)) for node in self.store.nodes()}
