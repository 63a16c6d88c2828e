"""A ledger's life drawn from a seed: outages, late nodes, rows sent again, corrections, a thôn that is merged.

It is the same life for every store, so that stores can be compared with one another and with another engine.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from broadcaster.domain.asrun import GENESIS, AsRun, Cause, Outcome, seal
from broadcaster.domain.audit.facts import Place
from broadcaster.domain.correction import Correction
from broadcaster.domain.rundown import ItemKind
from broadcaster.ports import Store
from broadcaster.units import Milliseconds, digest

FIRST = date(2024, 1, 20)
MERGED = date(2024, 2, 14)
"""The last day of the two thôn that became one."""
DAYS = 50
"""Into March: a leap February lies wholly within."""
TOPICS = ("mot_cua", "papi", "moi_truong", "cchc", "dan_chu_co_so")
THON_OF = {
    "dong_1": "thon_dong",
    "dong_2": "thon_dong",
    "tay_1": "thon_tay",
    "nam_1": "thon_nam",
    "nam_2": "thon_nam",
    "nam_3": "thon_nam",
}
TODAY = {"thon_dong": "thon_moi", "thon_tay": "thon_moi"}
UNPLACED = "la_1"
"""A node that no file knows."""


def places() -> list[Place]:
    found = []
    for node, thon in THON_OF.items():
        later = TODAY.get(thon, thon)
        if later == thon:
            found.append(Place(node, date.min, date.max, thon))
        else:
            found += [Place(node, date.min, MERGED, thon), Place(node, MERGED + timedelta(days=1), date.max, later)]
    return found


@dataclass
class Life:
    """What happened, and what was sent."""

    draw: random.Random
    chains: dict[str, list[AsRun]] = field(default_factory=dict)

    @classmethod
    def of(cls, seed: int) -> "Life":
        life = cls(random.Random(seed))  # noqa: S311 - no secret
        for node in (*THON_OF, UNPLACED):
            rows = list(life._measured(node, random.Random(seed)))  # noqa: S311 - every node the same plan
            life.chains[node] = list(seal(rows, 0, GENESIS))
        return life

    def _measured(self, node: str, plan: random.Random) -> Iterator[AsRun]:
        out: tuple[datetime, datetime] | None = None
        for offset in range(DAYS):
            day = FIRST + timedelta(days=offset)
            for session, hour in (("sang", 23), ("chieu", 10)):
                start = datetime(day.year, day.month, day.day, hour, tzinfo=UTC) - timedelta(days=hour // 20)
                planned = plan.sample(range(12), plan.randint(0, 4))
                relay = plan.random() < 0.3
                if self.draw.random() < 0.06:
                    out = (start, start + timedelta(hours=self.draw.choice([1, 30, 100])))
                for n, code in enumerate(planned):
                    at = start + timedelta(minutes=3 * n)
                    yield self._row(node, day, session, f"tin_{offset // 10}_{code}", TOPICS[code % 5], at, out)
                if relay:
                    at = start + timedelta(minutes=20)
                    fate = (
                        (Outcome.MISSED, Cause.OFF_AIR)
                        if self.draw.random() < 0.1
                        else (
                            Outcome.SKIPPED,
                            Cause.RELAY_EXTERNAL,
                        )
                    )
                    yield self._item(node, day, session, ItemKind.RELAY, "", "", at, 600_000, 0, *fate)

    def _row(
        self,
        node: str,
        day: date,
        session: str,
        code: str,
        topic: str,
        at: datetime,
        out: "tuple[datetime, datetime] | None",
    ) -> AsRun:
        length = 60_000 + int(digest(code)[:4], 16)
        if out and out[0] <= at < out[1]:
            fate: tuple[int, Outcome, Cause] = (0, Outcome.MISSED, Cause.OFF_AIR)
        elif (luck := self.draw.random()) < 0.85:
            fate = (length, Outcome.AIRED, Cause.NONE)
        elif luck < 0.95:
            fate = (self.draw.randrange(1, length), Outcome.PARTIAL, Cause.POWER_CUT)
        else:
            fate = (0, Outcome.SKIPPED, Cause.LATE)
        return self._item(node, day, session, ItemKind.BULLETIN, code, topic, at, length, *fate)

    def _item(
        self,
        node: str,
        day: date,
        session: str,
        kind: ItemKind,
        code: str,
        topic: str,
        at: datetime,
        planned: int,
        played: int,
        outcome: Outcome,
        cause: Cause,
    ) -> AsRun:
        zone = "toan_xa" if node.startswith("nam") else "dong_tay"
        return AsRun(
            node=node,
            seq=0,
            item=f"{day}.{session}.{zone}.{kind.value}.{code or 1}",
            rundown=digest(day, session, zone),
            day=day,
            session=session,
            kind=kind,
            bulletin=code,
            topic=topic,
            master=digest("master", code) if code else "",
            planned_start=at,
            planned_ms=Milliseconds(planned),
            started_at=at if played else None,
            ended_at=at + timedelta(milliseconds=played) if played else None,
            played_ms=Milliseconds(played),
            outcome=outcome,
            cause=cause,
            level=round(self.draw.uniform(-20, -14), 2) if played else None,
        )

    def send(self, store: Store, *, place_at: float = 0.3) -> None:
        """Everything arrives: in pieces, nodes in any order, a third of it again; rows are corrected meanwhile."""
        sent = dict.fromkeys(self.chains, 0)
        placed = False
        while any(at < len(self.chains[node]) for node, at in sent.items()):
            if not placed and self.draw.random() < place_at:
                store.keep_places(places())
                placed = True
            node = self.draw.choice([n for n, at in sent.items() if at < len(self.chains[n])])
            chain, at = self.chains[node], sent[node]
            start = max(0, at - self.draw.choice([0, 0, 5, 40]))
            end = min(len(chain), at + self.draw.randint(1, 60))
            received = store.receive_as_run(chain[start:end])
            assert (received.new, received.resent, received.refused) == (end - at, at - start, ())
            sent[node] = end
            if self.draw.random() < 0.4:
                self.correct(store, self.draw.choice(chain[:end]))
        if not placed:
            store.keep_places(places())
        for node, chain in self.chains.items():
            again = store.receive_as_run(chain)
            assert (again.new, again.resent, again.refused) == (0, len(chain), ()), node

    def correct(self, store: Store, row: AsRun) -> None:
        """A row counts otherwise: not at all, in part, or whole."""
        outcome, played = self.draw.choice(
            [
                (Outcome.MISSED, 0),
                (Outcome.PARTIAL, max(1, row.planned_ms // 3)),
                (Outcome.AIRED, row.planned_ms),
                (Outcome.AIRED, row.planned_ms + 5_000),
            ]
        )
        store.correct(
            Correction(
                0, row.node, row.seq, row.hash, Milliseconds(played), outcome, Cause.NONE, "nghe lại", "van_phong",
                datetime(2024, 4, 1, tzinfo=UTC),
            )
        )  # fmt: skip
