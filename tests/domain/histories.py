"""Random ledgers for the audit: a network, a period, and what each cluster measured of each planned item."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from broadcaster.domain.asrun import AsRun, Cause, Outcome, row_for
from broadcaster.domain.audit import AuditResult, Piece, Tree, audit, facts_of
from broadcaster.domain.correction import Corrected
from broadcaster.domain.rundown import ItemKind, Rundown, RundownItem
from broadcaster.domain.taxonomy import shipped_taxonomy
from broadcaster.units import Milliseconds, digest
from tests.domain.values import ms

FIRST = date(2026, 11, 23)
DAYS = 7
NODES = {"thon_dong": ("dong_1", "dong_2"), "thon_doai": ("doai_1",)}
THON_OF = {"dong_1": "thon_dong", "dong_2": "thon_dong", "doai_1": "thon_doai", "ha_1": "thon_ha"}
TOPICS = {"a": "mot_cua", "b": "papi", "c": "moi_truong", "d": "cchc"}
OUTCOMES = [
    (Outcome.AIRED, Cause.NONE, 60),
    (Outcome.AIRED, Cause.NONE, 60),
    (Outcome.PARTIAL, Cause.POWER_CUT, 17.123),
    (Outcome.INTERRUPTED, Cause.EMERGENCY, 1),
    (Outcome.MISSED, Cause.OFF_AIR, 0),
    (Outcome.SKIPPED, Cause.LATE, 0),
]


@dataclass(frozen=True)
class History:
    rows: tuple[AsRun, ...]
    rundowns: tuple[Rundown, ...]
    pieces: Mapping[str, Piece]
    last: date

    corrected: tuple[Corrected, ...] = ()

    def audited(self, now: datetime = datetime(2027, 1, 1, tzinfo=UTC), **more: Any) -> AuditResult:
        def thon_on(node: str, _day: date) -> str:
            return THON_OF.get(node, "")

        proof = {code for code, piece in self.pieces.items() if piece.min_consecutive_days}
        return audit(
            facts_of(self.rows, thon_on, proof, self.corrected),
            self.rundowns,
            first=FIRST,
            last=self.last,
            pieces=self.pieces,
            tree=Tree(frozenset(THON_OF.values()), thon_on, {}),
            nodes_of=lambda zone, _day: NODES[zone],
            taxonomy=shipped_taxonomy(),
            now=now,
            **more,
        )


def a_piece(code: str, first_heard: date | None = FIRST, required: int = 0) -> Piece:
    content = Milliseconds(50_000 + ord(code[0]))
    return Piece(code, f"Tin {code}", "tin", f"Đơn vị {code}", content, required, first_heard)


def planned(day: date, zone: str, bulletins: Iterable[str], *, session: str = "sang", relay: bool = False) -> Rundown:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=-1 if session == "sang" else 10.5)
    prefix = f"{day.isoformat()}.{session}.{zone}"
    items = [
        RundownItem(
            id=f"{prefix}.ban_tin.{code}",
            kind=ItemKind.BULLETIN,
            start=start + timedelta(seconds=62 * n),
            duration_ms=ms(60),
            master=digest(code),
            bulletin=code,
            topic=TOPICS[code],
        )
        for n, code in enumerate(bulletins)
    ]
    if relay:
        at = start + timedelta(minutes=20)
        items.append(RundownItem(f"{prefix}.tiep_song.1", ItemKind.RELAY, at, ms(600), relay="VOV1"))
    return Rundown("x", digest("p"), zone, day, session, start, start + timedelta(minutes=30), tuple(items))


def measured(rundown: Rundown, node: str, item: RundownItem, outcome: Outcome, cause: Cause, seconds: float) -> AsRun:
    return row_for(
        node,
        rundown,
        item,
        outcome,
        cause,
        started_at=item.start if seconds else None,
        ended_at=item.end if seconds else None,
        played_ms=ms(seconds),
    )


@st.composite
def histories(draw: st.DrawFn) -> History:
    length = draw(st.integers(1, DAYS))
    rows, rundowns = [], []
    for offset in range(length):
        for session in draw(st.sampled_from([(), ("sang",), ("sang", "chieu")])):
            for zone, nodes in NODES.items():
                bulletins = draw(st.lists(st.sampled_from("abcd"), unique=True, max_size=3))
                day = FIRST + timedelta(days=offset)
                rundown = planned(day, zone, bulletins, session=session, relay=draw(st.booleans()))
                rundowns.append(rundown)
                for node in nodes:
                    for item in rundown.items:
                        happened = draw(st.sampled_from([*OUTCOMES, None]))
                        if happened is not None and item.kind is ItemKind.RELAY:
                            happened = (Outcome.SKIPPED, Cause.RELAY_EXTERNAL, 0)
                        if happened is not None:
                            rows.append(measured(rundown, node, item, *happened))
    heard = {code: [row.day for row in rows if row.bulletin == code and row.played_ms] for code in "abcd"}
    pieces = {}
    for code, days in heard.items():
        earlier = draw(st.sampled_from([None, date(2026, 10, 1)]))
        first = (earlier or min(days)) if days else None
        pieces[code] = a_piece(code, first, draw(st.sampled_from([0, 3])))
    return History(
        tuple(rows if draw(st.booleans()) else rows[::-1]), tuple(rundowns), pieces, FIRST + timedelta(days=length - 1)
    )
