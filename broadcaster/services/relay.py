"""A live broadcast on a node: its sound grows on the disk, and the air is given to it while it does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster.domain.asrun import Cause
from broadcaster.domain.live import BUFFER, LIVE_RATE, STALL, LiveOrder
from broadcaster.domain.rundown import ItemKind
from broadcaster.domain.uncalled import Uncalled
from broadcaster.errors import Finding, Severity
from broadcaster.ports import Output
from broadcaster.services.taking import GLANCE, More, Taking
from broadcaster.units import Milliseconds

BYTES_PER_SECOND = 2 * LIVE_RATE
AGAIN_S = 2.0
"""Before a device that was away is tried again."""
WORTH = timedelta(seconds=2)
"""Less of a live broadcast is not worth an interruption."""


@dataclass(slots=True)
class Relay:
    """What a node does with live broadcasts.

    Args:
        taking: the output's account.
        lives: the broadcasts that are on now for this node, each found right.
        spool: where a broadcast's sound grows.
        hush: why nothing may sound between two instants; None when it may.
        urgent: whether an emergency wants the air.
        report: an event for the station.
        gain_db: how much softer it sounds.
        keep_going: asked at every turn; False ends it.
    """

    taking: Taking
    lives: Callable[[], Sequence[LiveOrder]]
    spool: Callable[[str], Path]
    hush: Callable[[datetime, datetime], Cause | None]
    urgent: Callable[[], bool]
    report: Callable[[Finding], object]
    gain_db: Callable[[], float] = lambda: 0.0
    keep_going: Callable[[], bool] = lambda: True
    cause: Cause = Cause.LIVE
    kind: ItemKind = ItemKind.LIVE
    _grown: dict[str, tuple[int, float]] = field(default_factory=dict)
    _again: float = 0.0
    _number: int = 0

    def pending(self) -> LiveOrder | None:
        """The broadcast that may go on the air now: on, not hushed, with sound that flows."""
        if self.taking.clock.elapsed() < self._again:
            return None
        now = self.taking.clock.now()
        for live in self.lives():
            flows = self._flows(live) and self._size(live) >= BUFFER * BYTES_PER_SECOND // 1000
            if flows and live.until - now >= WORTH and self.hush(now, now + GLANCE) is None:
                return live
        return None

    def _size(self, live: LiveOrder) -> int:
        try:
            return self.spool(live.id).stat().st_size
        except OSError:
            return 0

    def _flows(self, live: LiveOrder) -> bool:
        """Whether sound has come within `STALL`; what lay there before the first look says nothing."""
        now, size = self.taking.clock.elapsed(), self._size(live)
        known, grew = self._grown.get(live.id, (size, -STALL.total_seconds()))
        if size != known or live.id not in self._grown:
            grew = now if size != known else now - STALL.total_seconds()
            self._grown[live.id] = (size, grew)
        return now - grew < STALL.total_seconds()

    def speak(self, output: Output, session: str = "") -> int:
        """Let the pending broadcast sound until it is over, stopped, hushed, without source, or behind an emergency."""
        live = self.pending()
        if live is None:
            return 0
        clock = self.taking.clock
        now = clock.now()
        self._number += 1
        length = Milliseconds((live.until - now) // timedelta(milliseconds=1))
        what = Uncalled(ItemKind.LIVE, live.id, self._number, length, session)
        behind = max(0, self._size(live) * 1000 // BYTES_PER_SECOND - BUFFER)
        self.report(Finding("live.node_on", Severity.NOTE, facts={"live": live.id, "title": live.title}))

        def over() -> Cause | None:
            now = clock.now()
            if self.urgent():
                return Cause.EMERGENCY
            if not self.keep_going():
                return Cause.STOPPED
            current = next((one for one in self.lives() if one.id == live.id), None)
            if current is None or now >= current.until:
                return Cause.NONE
            hushed = self.hush(now, now + GLANCE)
            if hushed is not None:
                return hushed
            return None if self._flows(live) else Cause.SOURCE_LOST

        more = More(Milliseconds(behind), self.gain_db(), growing=True)
        heard = self.taking.sound(output, what, self.spool(live.id), over, more)
        facts = {"live": live.id, "seconds": f"{heard.played_ms / 1000:.0f}", "cause": heard.cause.value}
        if heard.cause in {Cause.SOURCE_LOST, Cause.DEVICE_LOST, Cause.NO_AUDIO}:
            self._again = clock.elapsed() + AGAIN_S
            self.report(Finding("live.node_lost", Severity.WARNING, facts=facts))
        else:
            self.report(Finding("live.node_off", Severity.NOTE, facts=facts))
        return int(heard.whole)
