"""Auditing: totals, reconciliation, corrections, the baseline, and the ledger's own soundness, from the store."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from broadcaster.domain.asrun import AsRun, Cause, Outcome, check_chain
from broadcaster.domain.audit.behind import AiringBehind, Narrowing, airings_behind
from broadcaster.domain.audit.facts import Aired, Facts, Place, effective
from broadcaster.domain.audit.fees import Rates
from broadcaster.domain.audit.figures import Piece
from broadcaster.domain.audit.growth import YearSoFar
from broadcaster.domain.audit.result import AuditResult, audit
from broadcaster.domain.audit.tree import Tree
from broadcaster.domain.baseline import Baseline, Origin, in_force, proposed, signed
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.correction import Correction, check_corrections
from broadcaster.domain.rundown import ItemKind, Rundown
from broadcaster.domain.station import Role, Station
from broadcaster.domain.taxonomy import Taxonomy
from broadcaster.errors import ConfigError, Finding
from broadcaster.ports import Clock, Progress, Store
from broadcaster.services.writing import require
from broadcaster.units import MINUTE, Milliseconds, Sha256


@dataclass(frozen=True, slots=True)
class Auditing:
    """The station's figures. `rates` are what new pieces are paid, None without a table of them."""

    store: Store
    clock: Clock
    station: Station
    taxonomy: Taxonomy
    rates: Rates | None = None

    def _span(self, first: date, last: date) -> tuple[datetime, datetime]:
        """The instants from the first day's midnight to the midnight after the last."""
        zone = ZoneInfo(self.station.timezone)
        return datetime.combine(first, time.min, zone), datetime.combine(last + timedelta(days=1), time.min, zone)

    def measured(self, first: date, last: date, node: str = "") -> Sequence[AsRun]:
        """The ledger's rows of a period as they were measured, of one node or of all."""
        start, end = self._span(first, last)
        return self.store.as_run(start, end, node)

    def rows(self, first: date, last: date) -> Sequence[AsRun]:
        """The ledger's rows of a period, as they count."""
        return effective(self.measured(first, last), self.store.corrected(first, last))

    def airings(self, first: date, last: date, narrowing: Narrowing) -> tuple[AiringBehind, ...]:
        """The airings behind a figure of a period, and the failed attempts at one."""
        rows = self.rows(first, last)
        bulletins = self._bulletins({row.bulletin for row in rows if row.bulletin}, ())
        tree = self._tree(first, last)
        return airings_behind(rows, narrowing, self._pieces(bulletins, last), self.taxonomy, tree.thon_on)

    def bulletins(self, first: date, last: date) -> dict[str, tuple[datetime, Bulletin]]:
        """The bulletins that the rows of a period tell of, with the time of their last version."""
        versions = {code: self.store.versions(code) for code in self.store.recorded_bulletins(first, last)}
        return {code: found[-1] for code, found in versions.items() if found}

    def rundowns(self, first: date, last: date) -> tuple[Rundown, ...]:
        """What was planned for a period; empty rundowns stand for sessions that were taken off."""
        return tuple(rundown for rundown in self.store.rundowns(first, last) if rundown.items)

    def nodes_of(self, zone: str, day: date) -> list[str]:
        """The nodes of an air zone on a day: one player a cluster that exists then."""
        parts = {part.code: part.clusters for part in self.station.air_zones()}
        return sorted(parts.get(zone, frozenset()) & self.station.alive_on(day))

    def keep_places(self) -> bool:
        """Let the store know in which thôn each cluster stood; True when that has changed and sums were made anew."""
        return self.store.keep_places([Place(*place) for place in self.station.places()])

    def _bulletins(self, facts_codes: Collection[str], rundowns: Sequence[Rundown]) -> dict[str, Bulletin | None]:
        codes = {item.bulletin for rundown in rundowns for item in rundown.items if item.bulletin}
        known = {bulletin.code: bulletin for bulletin in self.store.bulletins()}
        return {code: known.get(code) for code in sorted({*codes, *facts_codes})}

    def _pieces(self, bulletins: dict[str, Bulletin | None], last: date) -> dict[str, Piece]:
        heard = self.store.heard_before(bulletins.keys(), last)
        masters = self.store.masters({Sha256(known.master) for known in heard.values()})
        pieces = {}
        for code, bulletin in bulletins.items():
            known = heard.get(code)
            master = masters.get(Sha256(known.master)) if known else None
            pieces[code] = Piece(
                code=code,
                title=bulletin.title if bulletin else code,
                kind=bulletin.kind.value if bulletin else "",
                unit=bulletin.lead_unit if bulletin else "",
                content_ms=master.content_ms if master else Milliseconds(0),
                min_consecutive_days=bulletin.min_consecutive_days if bulletin else 0,
                first_heard=known.first if known else None,
            )
        return pieces

    def _tree(self, first: date, last: date) -> Tree:
        of = self.station.cluster_by_code
        alive = {self.station.thon_on(cluster, last) for cluster in self.station.clusters}
        alive |= {self.station.thon_on(cluster, first) for cluster in self.station.clusters}
        return Tree(
            thons=frozenset(alive),
            thon_on=lambda node, day: self.station.thon_on(of[node], day) if node in of else "",
            today={thon.code: self.station.thon_today(thon.code) for thon in self.station.thons if thon.merged_into},
        )

    def _facts(self, first: date, last: date, proof: Collection[str], tree: Tree) -> Facts:
        facts = self.store.facts(first, last, proof)
        if not tree.today:
            return facts
        today = {c.code: self.station.thon_today(c.thon) for c in self.station.clusters}
        return replace(facts, at_thon_today=self.store.aired_at_thon(first, last, today))

    def audit(self, first: date, last: date) -> AuditResult:
        """The audit of a period, both days included."""
        self.keep_places()
        rundowns = self.rundowns(first, last)
        bulletins = self._bulletins(self.store.recorded_bulletins(first, last), rundowns)
        tree = self._tree(first, last)
        proof = {code for code, bulletin in bulletins.items() if bulletin and bulletin.min_consecutive_days > 0}
        baseline = in_force(self.store.baselines())
        per_day = baseline.minutes_per_day if baseline else self.station.target.baseline_minutes_per_day
        return audit(
            self._facts(first, last, proof, tree),
            rundowns,
            first=first,
            last=last,
            pieces=self._pieces(bulletins, last),
            tree=tree,
            nodes_of=self.nodes_of,
            taxonomy=self.taxonomy,
            now=self.clock.now(),
            baseline_minutes_per_day=per_day,
            growth_target=self.station.target.growth,
            baseline=baseline,
            year=self._year(last),
            rates=self.rates,
            before=self._before(baseline),
        )

    def _before(self, baseline: Baseline | None) -> dict[str, float]:
        """Aired minutes a broadcast day of each topic in the baseline's period, where it has one."""
        if baseline is None or baseline.first is None or baseline.last is None:
            return {}
        own = [row for row in self.store.aired(baseline.first, baseline.last) if row.kind is ItemKind.BULLETIN]
        days = len({row.day for row in own})
        sums: dict[str, int] = {}
        for row in own:
            sums[row.topic] = sums.get(row.topic, 0) + row.aired_ms
        return {topic: ms / MINUTE / days for topic, ms in sums.items()}

    def _year(self, last: date) -> YearSoFar:
        """The target group since the new year, up to today at most: what is to come has not been measured."""
        until = min(last, self.station.local(self.clock.now()).date())
        if until.year < last.year:
            until = date(last.year, 1, 1)
        target, days = self._target(date(until.year, 1, 1), until)
        return YearSoFar(until, target, days)

    def _target(self, first: date, last: date) -> tuple[int, int]:
        """Aired milliseconds of the target group, and broadcast days."""
        own: list[Aired] = [row for row in self.store.aired(first, last) if row.kind is ItemKind.BULLETIN]
        target = sum(row.aired_ms for row in own if row.topic in self.taxonomy.target_group)
        return target, len({row.day for row in own})

    # The ledger's soundness

    def verify(self) -> dict[str, tuple[Finding, ...]]:
        """Every node's chain, walked from its first row; empty findings for a sound one."""
        return {node: check_chain(self.store.chain(node)) for node in self.store.nodes()}

    def verify_sums(self, progress: Progress | None = None) -> tuple[Finding, ...]:
        """The chain of corrections walked, and the sums of airtime compared with the rows."""
        return (*self.verify_corrections(), *self.store.check_airtime(progress))

    def verify_corrections(self) -> tuple[Finding, ...]:
        """The chain of corrections, walked from its first; empty for a sound one."""
        return check_corrections(self.store.corrections())

    def rebuild(self, progress: Progress | None = None) -> None:
        """Make the sums of airtime anew, with the thôn of today's station file."""
        if not self.keep_places():  # which makes them anew where the thôn have changed
            self.store.rebuild_airtime(progress)

    # Corrections

    def correct(
        self, actor: str, node: str, seq: int, *, seconds: float, outcome: Outcome, cause: Cause, reason: str
    ) -> Correction:
        """Say that a measured row counts otherwise; the row stays.

        Args:
            actor: who answers for it.
            node: the node whose row it is.
            seq: the row's place in the node's chain.
            seconds: what was heard.
            outcome: what became of the item.
            cause: why.
            reason: how that is known.

        Raises:
            ConfigError: `correction.reason` without a reason, `correction.length` for a length that the outcome
                contradicts or that is longer than a day.
            StoreError: `store.no_row` if there is no such row.
            BulletinError: `person.unknown`, `person.role` for the one who acts.
        """
        require(self.station, actor, Role.AUDITOR, Role.APPROVER)
        if not reason.strip():
            raise ConfigError("correction.reason")
        silent = outcome in {Outcome.MISSED, Outcome.SKIPPED}
        if not 0 <= seconds <= 86_400 or silent != (seconds == 0):
            raise ConfigError("correction.length", seconds=seconds, outcome=outcome.value)
        row = next((row for row in self.store.chain(node) if row.seq == seq), None)
        return self.store.correct(
            Correction(
                number=0,
                node=node,
                target=seq,
                row=row.hash if row else Sha256(""),
                played_ms=Milliseconds(round(seconds * 1000)),
                outcome=outcome,
                cause=cause,
                reason=" ".join(reason.split()),
                by=actor,
                at=self.clock.now(),
            )
        )

    # The baseline

    def compute_baseline(self, actor: str, first: date, last: date, reason: str = "") -> Baseline:
        """Propose the target group's minutes a broadcast day in a period.

        Raises:
            ConfigError: `baseline.empty` if nothing was heard in it; see `domain.baseline.proposed`.
            BulletinError: `person.unknown`, `person.role` for the one who acts.
        """
        target, days = self._target(first, last)
        if not days:
            raise ConfigError("baseline.empty", first=first, last=last)
        return self._propose(Origin.COMPUTED, actor, (first, last), target / MINUTE / days, "", reason)

    def enter_baseline(self, actor: str, minutes_per_day: float, source: str, reason: str = "") -> Baseline:
        """Propose a figure that somebody knows from elsewhere, with its source.

        Raises:
            ConfigError: `baseline.source` without a source; see `domain.baseline.proposed`.
            BulletinError: `person.unknown`, `person.role` for the one who acts.
        """
        if not source.strip():
            raise ConfigError("baseline.source")
        return self._propose(Origin.ENTERED, actor, (None, None), minutes_per_day, source, reason)

    def _propose(
        self,
        how: Origin,
        actor: str,
        period: tuple[date | None, date | None],
        minutes: float,
        source: str,
        reason: str,
    ) -> Baseline:
        require(self.station, actor, Role.AUDITOR, Role.OPERATOR, Role.APPROVER)
        now = self.clock.now()
        new = Baseline(0, how, *period, minutes, " ".join(source.split()), " ".join(reason.split()), actor, now)
        version = proposed(self.store.baselines(), new)
        self.store.add_baseline(version)
        return version

    def sign_baseline(self, actor: str) -> Baseline:
        """Sign the version that waits, as a second person; it is locked from then on.

        Raises:
            ConfigError: see `domain.baseline.signed`.
            BulletinError: `person.unknown`, `person.role` for the one who acts.
        """
        require(self.station, actor, Role.APPROVER, Role.AUDITOR)
        version = signed(self.store.baselines(), actor, self.clock.now())
        self.store.sign_baseline(version.version, actor, self.clock.now())
        return version
