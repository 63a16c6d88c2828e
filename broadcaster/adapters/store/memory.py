"""A store of plain dicts: for tests, and for trying things out without a file. It forgets everything at the end."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from threading import RLock

from broadcaster.adapters.store.guard import fresh, one_node, refuse_own_approval
from broadcaster.domain.approval import Review
from broadcaster.domain.asrun import GENESIS, AsRun, seal
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.master import Master
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.rundown import Rundown
from broadcaster.domain.take import Take
from broadcaster.errors import StoreError
from broadcaster.ports import StoredReading
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
        self._plans: dict[tuple[date, int], Plan] = {}
        self._rundowns: dict[Sha256, Rundown] = {}
        self._chains: dict[str, list[AsRun]] = {}
        self._items: dict[str, set[str]] = {}

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

    def master_of(self, text_hash: Sha256) -> Master | None:
        """See the port."""
        with self._lock:
            return next((m for m in reversed(self._masters.values()) if m.text_hash == text_hash), None)

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

    def save_plan(self, plan: Plan, at: datetime) -> None:
        """See the port."""
        as_utc(at)
        with self._lock:
            there = self._plans.setdefault((plan.week, plan.number), plan)
        if there.hash != plan.hash:
            raise StoreError("store.plan_number", week=plan.week, number=plan.number)

    def plans(self, week: date) -> Sequence[Plan]:
        """See the port."""
        with self._lock:
            return [plan for (of, _), plan in sorted(self._plans.items()) if of == week]

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

    def nodes(self) -> Sequence[str]:
        """See the port."""
        with self._lock:
            return sorted(self._chains)

    def aired_items(self, node: str, first: datetime, last: datetime) -> frozenset[str]:
        """See the port."""
        first, last = as_utc(first), as_utc(last)
        with self._lock:
            return frozenset(r.item for r in self._chains.get(node, ()) if first <= r.planned_start < last)

    def schema_version(self) -> str:
        """There is no schema."""
        return "memory"

    def close(self) -> None:
        """Nothing to let go of."""
