"""An emergency on a node: the output is taken, the order spoken as often as commanded, the output given back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from broadcaster.domain.asrun import Cause
from broadcaster.domain.emergency import EmergencyOrder
from broadcaster.errors import Finding, Severity
from broadcaster.ports import Clock, Cue, Output, OutputEventKind
from broadcaster.units import Milliseconds

GLANCE = timedelta(milliseconds=200)
"""How often a node looks for an order."""
LONGEST = Milliseconds(30 * 60 * 1000)
"""No order sounds longer than this in one reading."""


@dataclass(slots=True)
class Alarm:
    """What a node does with verified orders.

    Args:
        clock: the only source of time.
        orders: the orders in force now whose sound is there, each found right.
        sound: the file of an order's sound.
        retracted: whether an order was taken back.
        spoken: how many readings of an order are done; kept over a power cut.
        keep: keep that number.
        report: an event for the station.
        length: how long a sound is.
        keep_going: asked at every turn; False ends it.
    """

    clock: Clock
    orders: Callable[[], Sequence[EmergencyOrder]]
    sound: Callable[[EmergencyOrder], Path | None]
    retracted: Callable[[str], bool]
    spoken: Callable[[str], int]
    keep: Callable[[str, int], None]
    report: Callable[[Finding], object]
    length: Callable[[Path], Milliseconds] = lambda _: LONGEST
    keep_going: Callable[[], bool] = lambda: True
    _unheard: set[str] = field(default_factory=set)

    def pending(self) -> EmergencyOrder | None:
        """The first order that has not been spoken as often as commanded."""
        return next((order for order in self.orders() if self.spoken(order.id) < order.repeats), None)

    def speak(self, output: Output) -> int:
        """Speak every pending order on an output; how many readings were heard whole.

        An order that has begun is spoken as often as commanded, however long that takes, unless it is retracted. A
        reading for which the device was away is not done: it is tried again as long as the order is in force.
        """
        heard = 0
        while (order := self.pending()) is not None and self.keep_going():
            for number in range(self.spoken(order.id) + 1, order.repeats + 1):
                # Kept before it sounds: a sound that brings the machine down must not do so for ever.
                self.keep(order.id, number)
                whole = self._read(output, order, number)
                if whole is None:
                    self.keep(order.id, number - 1)
                    self._away(order)
                    return heard
                heard += whole
                code = "emergency.node_spoken" if whole else "emergency.node_cut"
                facts = {"order": order.id, "reading": number, "repeats": order.repeats}
                self.report(Finding(code, Severity.NOTE if whole else Severity.WARNING, facts=facts))
                if self.retracted(order.id) or not self.keep_going():
                    break
        return heard

    def _away(self, order: EmergencyOrder) -> None:
        """Tell of an order that nobody hears, once."""
        if order.id not in self._unheard:
            self._unheard.add(order.id)
            self.report(Finding("emergency.node_unheard", Severity.ERROR, facts={"order": order.id}))

    def _read(self, output: Output, order: EmergencyOrder, number: int) -> bool | None:
        """One reading; False when it was cut off, by a retraction too; None when there was no device to sound on."""
        path = self.sound(order)
        if path is None or self.retracted(order.id):
            return False
        item = f"khan_cap.{order.id}.{number}"
        output.play(Cue(item, path, Milliseconds(0), self.length(path)))
        stopped = False
        while True:
            for event in output.poll():
                if event.item == item and event.kind in {OutputEventKind.ENDED, OutputEventKind.FAILED}:
                    if event.detail == Cause.DEVICE_LOST:
                        return None
                    return event.kind is OutputEventKind.ENDED and not stopped and event.played_ms > 0
            if not stopped and (self.retracted(order.id) or not self.keep_going()):
                output.stop()
                stopped = True
                continue
            due = output.due()
            now = self.clock.now()
            self.clock.sleep_until(min(due, now + GLANCE) if due is not None and due > now else now + GLANCE)
