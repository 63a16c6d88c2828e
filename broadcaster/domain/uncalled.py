"""What takes the air without a rundown: emergencies, drills, live broadcasts; and its rows in the ledger."""

from dataclasses import dataclass
from datetime import date, datetime

from broadcaster.domain.asrun import GENESIS, AsRun, Cause, Outcome
from broadcaster.domain.rundown import ItemKind
from broadcaster.units import Milliseconds, as_utc

KINDS = frozenset({ItemKind.EMERGENCY, ItemKind.DRILL, ItemKind.LIVE})


@dataclass(frozen=True, slots=True)
class Uncalled:
    """Something that sounds, or should have. `order` is the id of what commanded it; `number` tells readings apart.

    `session` is the one that it interrupts, empty for none; `master` the hash of the sound, where it is a file.
    """

    kind: ItemKind
    order: str
    number: int
    planned_ms: Milliseconds
    session: str = ""
    master: str = ""

    def item(self, now: datetime) -> str:
        """An id that nothing else has: what is tried again later is another item."""
        return f"{self.kind}.{self.order}.{self.number}.{as_utc(now):%H%M%S%f}"

    @classmethod
    def of_item(cls, item: str, planned_ms: Milliseconds) -> "Uncalled | None":
        """Who an id belongs to; None for an item of a rundown, or what is no id."""
        parts = item.split(".")
        if len(parts) != 4 or parts[0] not in KINDS or not parts[2].isdecimal():
            return None
        return cls(ItemKind(parts[0]), parts[1], int(parts[2]), planned_ms)

    def row(
        self,
        node: str,
        item: str,
        day: date,
        planned: datetime,
        outcome: Outcome,
        cause: Cause,
        *,
        sounded: tuple[datetime, datetime, Milliseconds] | None = None,
        level: float | None = None,
    ) -> AsRun:
        """An unsealed row.

        Its rundown is `GENESIS`, no rundown's hash, and its bulletin the order: readings of one order are one airing.

        Args:
            node: whose row it is.
            item: as `item` made it.
            day: in the station's calendar.
            planned: when it was to begin.
            outcome: what became of it.
            cause: why not all of it sounded.
            sounded: begin, end and length of what did; None for nothing.
            level: in LUFS, where measured.
        """
        began, ended, played = sounded or (None, None, Milliseconds(0))
        return AsRun(
            node=node,
            seq=0,
            item=item,
            rundown=GENESIS,
            day=day,
            session=self.session,
            kind=self.kind,
            bulletin=self.order,
            topic="",
            master=self.master,
            planned_start=as_utc(planned),
            planned_ms=self.planned_ms,
            started_at=began,
            ended_at=ended,
            played_ms=played,
            outcome=outcome,
            cause=cause,
            level=level,
        )
