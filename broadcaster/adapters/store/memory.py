"""A store of plain dicts: for tests, and for trying things out without a file. It forgets everything at the end."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from threading import RLock

from broadcaster.adapters.store.guard import fresh, one_node, refuse_one_person, refuse_own_approval
from broadcaster.domain.access import Account, Login
from broadcaster.domain.approval import Review
from broadcaster.domain.asrun import GENESIS, AsRun, seal
from broadcaster.domain.audit.facts import (
    Aired,
    AiredAt,
    Facts,
    MonthTotal,
    PieceHeard,
    Place,
    aired_at,
    aired_of,
    effective,
    facts_of,
    thon_lookup,
)
from broadcaster.domain.baseline import Baseline
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.correction import Corrected, Correction
from broadcaster.domain.master import Master
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.receipt import Received, sort_out
from broadcaster.domain.rundown import ItemKind, Rundown
from broadcaster.domain.take import Take
from broadcaster.errors import Finding, StoreError
from broadcaster.ports import Progress, StoredReading
from broadcaster.units import Sha256, as_utc


class MemoryStore:
    """Everything in dicts. Where the order of saves matters, a value saved again is moved to a dict's end."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._versions: dict[str, dict[Sha256, tuple[datetime, Bulletin]]] = {}
        self._latest: dict[str, Sha256] = {}
        self._readings: dict[tuple[Sha256, Sha256], StoredReading] = {}
        self._takes: dict[Sha256, Take] = {}
        self._masters: dict[Sha256, Master] = {}
        self._reviews: dict[Review, None] = {}
        self._plans: dict[tuple[date, int], tuple[datetime, Plan]] = {}
        self._rundowns: dict[Sha256, Rundown] = {}
        self._chains: dict[str, list[AsRun]] = {}
        self._items: dict[str, set[str]] = {}
        self._corrections: list[Correction] = []
        self._places: dict[str, list[Place]] = {}
        self._baselines: list[Baseline] = []
        self._accounts: dict[str, Account] = {}
        self._logins: dict[Sha256, Login] = {}

    def save_bulletin(self, bulletin: Bulletin, at: datetime) -> bool:
        """See the port."""
        at = as_utc(at)
        with self._lock:
            known = self._versions.setdefault(bulletin.code, {})
            new = bulletin.text_hash not in known
            if new:
                known[bulletin.text_hash] = (at, bulletin)
            self._latest[bulletin.code] = bulletin.text_hash
            return new

    def bulletins(self) -> Sequence[Bulletin]:
        """See the port."""
        with self._lock:
            return [self._versions[code][latest][1] for code, latest in sorted(self._latest.items())]

    def bulletin(self, code: str) -> Bulletin | None:
        """See the port."""
        with self._lock:
            return self._versions[code][self._latest[code]][1] if code in self._latest else None

    def versions(self, code: str) -> Sequence[tuple[datetime, Bulletin]]:
        """See the port."""
        with self._lock:
            return list(self._versions.get(code, {}).values())

    def save_reading(self, reading: StoredReading) -> None:
        """See the port."""
        key = (reading.text_hash, reading.reading_hash)
        with self._lock:
            self._readings[key] = self._readings.pop(key, reading)

    def reading(self, text_hash: Sha256) -> StoredReading | None:
        """See the port."""
        with self._lock:
            return next((r for r in reversed(self._readings.values()) if r.text_hash == text_hash), None)

    def last_readings(self, texts: Collection[Sha256]) -> Mapping[Sha256, Sha256]:
        """See the port."""
        with self._lock:
            return {r.text_hash: r.reading_hash for r in self._readings.values() if r.text_hash in texts}

    def save_take(self, take: Take) -> None:
        """See the port."""
        with self._lock:
            self._takes[take.key] = take

    def take(self, key: Sha256) -> Take | None:
        """See the port."""
        with self._lock:
            return self._takes.get(key)

    def save_master(self, master: Master) -> None:
        """See the port."""
        with self._lock:
            self._masters.pop(master.hash, None)
            self._masters[master.hash] = master

    def master_by_recipe(self, recipe_hash: Sha256) -> Master | None:
        """See the port."""
        with self._lock:
            return next((m for m in reversed(self._masters.values()) if m.recipe_hash == recipe_hash), None)

    def master(self, master_hash: Sha256) -> Master | None:
        """See the port."""
        with self._lock:
            return self._masters.get(master_hash)

    def masters(self, hashes: Collection[Sha256]) -> Mapping[Sha256, Master]:
        """See the port."""
        with self._lock:
            return {wanted: self._masters[wanted] for wanted in hashes if wanted in self._masters}

    def master_of(self, text_hash: Sha256) -> Master | None:
        """See the port."""
        with self._lock:
            return next((m for m in reversed(self._masters.values()) if m.text_hash == text_hash), None)

    def last_masters(self, texts: Collection[Sha256]) -> Mapping[Sha256, Master]:
        """See the port."""
        with self._lock:
            return {m.text_hash: m for m in self._masters.values() if m.text_hash in texts}

    def add_review(self, review: Review) -> None:
        """See the port."""
        as_utc(review.at)
        with self._lock:
            known = (v[review.subject.text] for v in self._versions.values() if review.subject.text in v)
            refuse_own_approval(review, [bulletin.author for _, bulletin in known])
            self._reviews.setdefault(review)

    def reviews(self, bulletin: str) -> Sequence[Review]:
        """See the port."""
        with self._lock:
            return [review for review in self._reviews if review.bulletin == bulletin]

    def histories(self) -> Mapping[str, Sequence[Review]]:
        """See the port."""
        found: dict[str, list[Review]] = {}
        with self._lock:
            for review in self._reviews:
                found.setdefault(review.bulletin, []).append(review)
        return found

    def last_review(self) -> int:
        """See the port."""
        with self._lock:
            return len(self._reviews)

    def reviews_after(self, number: int) -> Sequence[tuple[int, Review]]:
        """See the port."""
        with self._lock:
            return list(enumerate(self._reviews, 1))[number:]

    def save_plan(self, plan: Plan, at: datetime) -> None:
        """See the port."""
        saved = as_utc(at)
        with self._lock:
            _, there = self._plans.setdefault((plan.week, plan.number), (saved, plan))
        if there.hash != plan.hash:
            raise StoreError("store.plan_number", week=plan.week, number=plan.number)

    def plans(self, week: date) -> Sequence[Plan]:
        """See the port."""
        with self._lock:
            return [self._plans[key][1] for key in sorted(self._plans) if key[0] == week]

    def plans_saved(self, first: datetime, last: datetime) -> Sequence[tuple[datetime, Plan]]:
        """See the port."""
        with self._lock:
            found = [(at, plan) for at, plan in self._plans.values() if as_utc(first) <= at < as_utc(last)]
        return sorted(found, key=lambda one: (one[0], one[1].week, one[1].number))

    def save_rundowns(self, rundowns: Iterable[Rundown]) -> None:
        """See the port."""
        by_hash = {rundown.hash: rundown for rundown in rundowns}
        with self._lock:
            for key, rundown in by_hash.items():
                self._rundowns.pop(key, None)
                self._rundowns[key] = rundown

    def rundowns(self, first: date, last: date) -> Sequence[Rundown]:
        """See the port."""
        with self._lock:
            current = {rundown.code: rundown for rundown in self._rundowns.values()}
        found = [rundown for rundown in current.values() if first <= rundown.day <= last]
        return sorted(found, key=lambda rundown: (rundown.start, rundown.zone, rundown.code))

    def append_as_run(self, rows: Sequence[AsRun]) -> int:
        """See the port."""
        node = one_node(rows)
        with self._lock:
            chain = self._chains.get(node, [])
            new = fresh(rows, self._items.get(node, frozenset()))
            sealed = seal(new, chain[-1].seq, chain[-1].hash) if chain else seal(new, 0, GENESIS)
            if sealed:
                self._chains.setdefault(node, chain).extend(sealed)
                self._items.setdefault(node, set()).update(row.item for row in sealed)
            return len(sealed)

    def as_run(self, first: datetime, last: datetime, node: str = "") -> Sequence[AsRun]:
        """See the port."""
        first, last = as_utc(first), as_utc(last)
        with self._lock:
            chains = [self._chains[name] for name in sorted(self._chains) if node in {"", name}]
            return [row for chain in chains for row in chain if first <= row.planned_start < last]

    def chain(self, node: str) -> Sequence[AsRun]:
        """See the port."""
        with self._lock:
            return list(self._chains.get(node, ()))

    def rows_after(self, node: str, seq: int) -> Sequence[AsRun]:
        """See the port."""
        with self._lock:
            return self._chains.get(node, [])[seq:]

    def heads(self) -> Mapping[str, int]:
        """See the port."""
        with self._lock:
            return {node: chain[-1].seq for node, chain in self._chains.items()}

    def nodes(self) -> Sequence[str]:
        """See the port."""
        with self._lock:
            return sorted(self._chains)

    def aired_items(self, node: str, first: datetime, last: datetime) -> frozenset[str]:
        """See the port."""
        first, last = as_utc(first), as_utc(last)
        with self._lock:
            return frozenset(r.item for r in self._chains.get(node, ()) if first <= r.planned_start < last)

    def receive_as_run(self, rows: Sequence[AsRun]) -> Received:
        """See the port."""
        node = one_node(rows)
        with self._lock:
            chain = self._chains.get(node, [])
            head = (chain[-1].seq, chain[-1].hash) if chain else (0, GENESIS)
            there = {row.seq: row.hash for row in chain}
            given = sorted(rows, key=lambda row: row.seq)
            new, received = sort_out(given, head, there, self._items.get(node, frozenset()))
            if new:
                self._chains.setdefault(node, chain).extend(new)
                self._items.setdefault(node, set()).update(row.item for row in new)
            return received

    def correct(self, correction: Correction) -> Correction:
        """See the port."""
        as_utc(correction.at)
        with self._lock:
            chain = self._chains.get(correction.node, [])
            if correction.row not in {row.hash for row in chain if row.seq == correction.target}:
                raise StoreError("store.no_row", node=correction.node, seq=correction.target)
            previous = self._corrections[-1].hash if self._corrections else GENESIS
            done = correction.sealed(len(self._corrections) + 1, previous)
            self._corrections.append(done)
            return done

    def corrections(self) -> Sequence[Correction]:
        """See the port."""
        with self._lock:
            return list(self._corrections)

    def _span(self, first: date, last: date) -> list[AsRun]:
        return [row for node in sorted(self._chains) for row in self._chains[node] if first <= row.day <= last]

    def corrected(self, first: date, last: date) -> Sequence[Corrected]:
        """See the port."""
        with self._lock:
            current = {(c.node, c.target): c for c in self._corrections}
            rows = [row for row in self._span(first, last) if (row.node, row.seq) in current]
            return [Corrected(row, current[row.node, row.seq]) for row in rows]

    def _counted(self, first: date, last: date) -> list[AsRun]:
        return effective(self._span(first, last), self.corrected(first, last))

    def keep_places(self, places: Collection[Place]) -> bool:
        """See the port. There are no sums to make anew."""
        with self._lock:
            nodes = {place.node for place in places}
            new = {node: sorted(place for place in places if place.node == node) for node in nodes}
            changed = any(self._places.get(node) != kept for node, kept in new.items())
            self._places |= new
            return changed

    def places(self) -> Sequence[Place]:
        """See the port."""
        with self._lock:
            return sorted(place for kept in self._places.values() for place in kept)

    def facts(self, first: date, last: date, proof: Collection[str]) -> Facts:
        """See the port."""
        with self._lock:
            thon_of = thon_lookup(self.places())
            return facts_of(self._span(first, last), thon_of, proof, self.corrected(first, last))

    def aired(self, first: date, last: date) -> Sequence[Aired]:
        """See the port."""
        with self._lock:
            return aired_of(self._counted(first, last))

    def recorded_bulletins(self, first: date, last: date) -> Collection[str]:
        """See the port."""
        with self._lock:
            return {row.bulletin for row in self._span(first, last) if row.kind is ItemKind.BULLETIN}

    def aired_at_thon(self, first: date, last: date, thon_of: Mapping[str, str]) -> Sequence[AiredAt]:
        """See the port."""
        with self._lock:
            return aired_at(self._counted(first, last), lambda row: thon_of.get(row.node, ""))

    def month_totals(self, first: int, last: int) -> Sequence[MonthTotal]:
        """See the port."""
        thon_of = thon_lookup(self.places())
        sums: dict[tuple[int, str, str], list[int]] = {}
        with self._lock:
            rows = self._counted(date.min, date.max)
        for month in sorted({row.day.year * 100 + row.day.month for row in rows}):
            if first <= month <= last:
                of_month = [row for row in rows if row.day.year * 100 + row.day.month == month]
                for found in aired_at(of_month, lambda row: thon_of(row.node, row.day)):
                    total = sums.setdefault((month, found.place, found.topic), [0, 0, 0])
                    for n, value in enumerate(found[3:]):
                        total[n] += value
        return [MonthTotal(*key, *total) for key, total in sorted(sums.items())]

    def heard_before(self, bulletins: Collection[str], last: date) -> Mapping[str, PieceHeard]:
        """See the port."""
        with self._lock:
            rows = [row for row in self._span(date.min, last) if row.bulletin in bulletins]
            heard = [row for row in aired_of(self._counted(date.min, last)) if row.kind is ItemKind.BULLETIN]
        airings = {(row.day, row.session, row.bulletin, row.topic) for row in heard}
        found: dict[str, PieceHeard] = {}
        for code in bulletins:
            days = [row.day for row in heard if row.bulletin == code]
            masters = [
                (row.planned_start, row.master)
                for row in rows
                if row.kind is ItemKind.BULLETIN
                and row.bulletin == code
                and (row.day, row.session, row.bulletin, row.topic) in airings
            ]
            if days:
                found[code] = PieceHeard(min(days), max(masters)[1])
        return found

    def rebuild_airtime(self, progress: Progress | None = None) -> None:
        """There are no sums: every question is answered from the rows."""

    def check_airtime(self, progress: Progress | None = None) -> Sequence[Finding]:
        """There are no sums."""
        del progress
        return ()

    def baselines(self) -> Sequence[Baseline]:
        """See the port."""
        with self._lock:
            return list(self._baselines)

    def add_baseline(self, baseline: Baseline) -> None:
        """See the port."""
        with self._lock:
            if baseline.version != len(self._baselines) + 1:
                raise StoreError("store.baseline", version=baseline.version)
            self._baselines.append(replace(baseline, at=as_utc(baseline.at), signed_by="", signed_at=None))

    def sign_baseline(self, version: int, by: str, at: datetime) -> None:
        """See the port."""
        with self._lock:
            if not 1 <= version <= len(self._baselines) or self._baselines[version - 1].locked:
                raise StoreError("store.baseline", version=version)
            refuse_one_person(self._baselines[version - 1], by)
            self._baselines[version - 1] = replace(self._baselines[version - 1], signed_by=by, signed_at=as_utc(at))

    def accounts(self) -> Sequence[Account]:
        """See the port."""
        with self._lock:
            return [account for _, account in sorted(self._accounts.items())]

    def add_first_account(self, account: Account) -> None:
        """See the port."""
        with self._lock:
            if self._accounts:
                raise StoreError("store.has_accounts")
            self.save_account(account)

    def save_account(self, account: Account) -> None:
        """See the port."""
        with self._lock:
            self._accounts[account.code] = replace(account, at=as_utc(account.at))

    def open_login(self, login: Login) -> None:
        """See the port."""
        with self._lock:
            self._logins[login.token] = login

    def login(self, token: Sha256) -> Login | None:
        """See the port."""
        with self._lock:
            return self._logins.get(token)

    def logins(self, account: str) -> Sequence[Login]:
        """See the port."""
        with self._lock:
            found = [login for login in self._logins.values() if login.account == account]
            return sorted(found, key=lambda login: login.began)

    def see_login(self, token: Sha256, at: datetime) -> None:
        """See the port."""
        with self._lock:
            login = self._logins.get(token)
            if login is not None and login.ended is None:
                self._logins[token] = replace(login, seen=max(login.seen, as_utc(at)))

    def end_login(self, token: Sha256, at: datetime) -> None:
        """See the port."""
        with self._lock:
            login = self._logins.get(token)
            if login is not None and login.ended is None:
                self._logins[token] = replace(login, ended=as_utc(at))

    def end_logins(self, account: str, at: datetime) -> int:
        """See the port."""
        with self._lock:
            open_ones = [login for login in self.logins(account) if login.ended is None]
            for login in open_ones:
                self.end_login(login.token, at)
            return len(open_ones)

    def schema_version(self) -> str:
        """There is no schema."""
        return "memory"

    def close(self) -> None:
        """Nothing to let go of."""
