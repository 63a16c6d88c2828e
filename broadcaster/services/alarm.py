"""An emergency on a node: the output is taken, the order spoken as often as commanded, the output given back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from broadcaster.domain.asrun import Cause
from broadcaster.domain.emergency import EmergencyOrder
from broadcaster.domain.rundown import ItemKind
from broadcaster.domain.uncalled import Uncalled
from broadcaster.errors import Finding, Severity
from broadcaster.ports import Output
from broadcaster.services.taking import Taking
from broadcaster.units import Milliseconds

LONGEST = Milliseconds(30 * 60 * 1000)
"""No order sounds longer than this in one reading."""


@dataclass(slots=True)
class Alarm:
    """What a node does with verified orders.

    Args:
        taking: the output's account.
        orders: the orders in force now whose sound is there, each found right.
        sound: the file of an order's sound.
        retracted: whether an order was taken back.
        spoken: how many readings of an order are done; kept over a power cut.
        keep: keep that number.
        report: an event for the station.
        length: how long a sound is.
        keep_going: asked at every turn; False ends it.
    """

    taking: Taking
    orders: Callable[[], Sequence[EmergencyOrder]]
    sound: Callable[[EmergencyOrder], Path | None]
    retracted: Callable[[str], bool]
    spoken: Callable[[str], int]
    keep: Callable[[str, int], None]
    report: Callable[[Finding], object]
    length: Callable[[Path], Milliseconds] = lambda _: LONGEST
    keep_going: Callable[[], bool] = lambda: True
    cause: Cause = Cause.EMERGENCY
    kind: ItemKind = ItemKind.EMERGENCY
    _unheard: dict[str, EmergencyOrder] = field(default_factory=dict)

    def pending(self) -> EmergencyOrder | None:
        """The first order that has not been spoken as often as commanded."""
        orders = self.orders()
        if self._unheard:
            self._give_up({order.id for order in orders})
        return next((order for order in orders if self.spoken(order.id) < order.repeats), None)

    def _give_up(self, in_force: set[str]) -> None:
        """What was never heard while it was in force goes on record."""
        for order in [one for one in self._unheard.values() if one.id not in in_force]:
            del self._unheard[order.id]
            if not self.retracted(order.id):
                number = self.spoken(order.id) + 1
                self.taking.missed(_uncalled(order, number, Milliseconds(0), ""), Cause.DEVICE_LOST)

    def speak(self, output: Output, session: str = "") -> int:
        """Speak every pending order on an output; how many readings were heard whole.

        An order that has begun is spoken as often as commanded, however long that takes, unless it is retracted. A
        reading for which the device was away is not done: it is tried again as long as the order is in force.

        Args:
            output: the node's.
            session: the session that is interrupted; empty for none.
        """
        heard = 0
        while (order := self.pending()) is not None and self.keep_going():
            for number in range(self.spoken(order.id) + 1, order.repeats + 1):
                # Kept before it sounds: a sound that brings the machine down must not do so for ever.
                self.keep(order.id, number)
                whole = self._read(output, order, number, session)
                if whole is None:
                    self.keep(order.id, number - 1)
                    self._away(order)
                    return heard
                self._unheard.pop(order.id, None)
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
            self._unheard[order.id] = order
            self.report(Finding("emergency.node_unheard", Severity.ERROR, facts={"order": order.id}))

    def _read(self, output: Output, order: EmergencyOrder, number: int, session: str) -> bool | None:
        """One reading; False when it was cut off, by a retraction too; None when there was no device to sound on."""
        path = self.sound(order)
        if path is None or self.retracted(order.id):
            return False

        def over() -> Cause | None:
            return Cause.STOPPED if self.retracted(order.id) or not self.keep_going() else None

        what = _uncalled(order, number, self.length(path), session)
        heard = self.taking.sound(output, what, path, over)
        return None if heard.cause is Cause.DEVICE_LOST else heard.whole


def _uncalled(order: EmergencyOrder, number: int, length: Milliseconds, session: str) -> Uncalled:
    kind = ItemKind.DRILL if order.drill else ItemKind.EMERGENCY
    return Uncalled(kind, order.id, number, length, session)
