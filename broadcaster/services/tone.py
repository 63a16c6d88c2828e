"""A test tone on a node: sounded once, outside of the sessions, behind everything else that wants the air."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster.domain.asrun import Cause
from broadcaster.domain.rundown import Rundown
from broadcaster.domain.tone import ToneOrder, in_the_way
from broadcaster.errors import Finding, Severity
from broadcaster.ports import Clock, Cue, Output
from broadcaster.services.taking import GLANCE, NOTHING, sounded
from broadcaster.units import Milliseconds

NAME = "thu_loa"
"""Of a tone's output, where that is a file."""


@dataclass(slots=True)
class Tone:
    """What a node does with orders for a test tone.

    Args:
        clock: the only source of time.
        order: the order that is in force for this node, found right; None for none.
        done: the number of the last order that was seen to; kept over a power cut.
        keep: keep that number.
        sound: the file of a tone of so many seconds.
        rundowns: the node's sessions around now.
        hush: why nothing may sound between two instants; None when it may.
        urgent: what else wants the air: an emergency, a live broadcast; None for nothing.
        report: an event for the station.
        gain_db: how much softer it sounds.
        keep_going: asked at every turn; False ends it.
    """

    clock: Clock
    order: Callable[[], ToneOrder | None]
    done: Callable[[], int]
    keep: Callable[[int], None]
    sound: Callable[[int], Path]
    rundowns: Callable[[], list[Rundown]]
    hush: Callable[[datetime, datetime], Cause | None]
    urgent: Callable[[], Cause | None]
    report: Callable[[Finding], object]
    gain_db: Callable[[], float] = lambda: 0.0
    keep_going: Callable[[], bool] = lambda: True

    def ready(self) -> ToneOrder | None:
        """The order that may sound now; one that may not is reported, and not tried again."""
        order = self.order()
        if order is None or order.seq <= self.done():
            return None
        # Kept before it sounds: a sound that brings the machine down must not do so for ever.
        self.keep(order.seq)
        now = self.clock.now()
        why = self.urgent() or self.hush(now, now + timedelta(seconds=order.seconds))
        if why is not None:
            facts = {"tone": order.id, "cause": why.value}
            self.report(Finding("tone.node_kept", Severity.WARNING, facts=facts))
            return None
        if in_the_way(self.rundowns(), now, order.seconds) is not None:
            self.report(Finding("tone.node_session", Severity.WARNING, facts={"tone": order.id}))
            return None
        return order

    def speak(self, output: Output, order: ToneOrder) -> bool:
        """Sound a tone; whether all of it was heard. What was measured goes to the station."""
        length = Milliseconds(order.seconds * 1000)
        cue = Cue(f"{NAME}.{order.id}", self.sound(order.seconds), NOTHING, length, gain_db=self.gain_db())

        def over() -> Cause | None:
            now = self.clock.now()
            if not self.keep_going():
                return Cause.STOPPED
            return self.urgent() or self.hush(now, now + GLANCE)

        heard = sounded(self.clock, output, cue, over)
        facts = {
            "tone": order.id,
            "seconds": round(heard.played_ms / 1000),
            "level": "–" if heard.level is None else f"{heard.level:.1f}",
        }
        if heard.cause or not heard.played_ms:
            facts["cause"] = (heard.cause or Cause.NO_AUDIO).value
            self.report(Finding("tone.node_cut", Severity.WARNING, facts=facts))
            return False
        self.report(Finding("tone.node_played", Severity.NOTE, facts=facts))
        return True
