"""A node's reception of live broadcasts: segment after segment is fetched, checked, and put behind the last one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from broadcaster.domain.envelope import Refusal, Refused
from broadcaster.domain.live import LiveOrder
from broadcaster.errors import LinkError
from broadcaster.services.receiving import Held

IDLE = 0.5
"""Seconds between two looks for a live broadcast."""
AGAIN = 1.0
"""Seconds before a line that failed is tried again."""


class Segments(Protocol):
    """The way on which segments come."""

    def segment(self, live: str, number: int) -> bytes | None:
        """A signed segment, the newest for number 0; None if it did not come in time.

        :raises LinkError: `link.down`; `link.gone` for one that is there no more.
        """
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


@dataclass(slots=True)
class Tuning:
    """The endless job of a node's live reception.

    Args:
        link: the way to the station.
        held: what the node has, and who it is.
        decode: a segment's bare samples; None for what is no sound.
    """

    link: Segments
    held: Held
    decode: Callable[[bytes], bytes | None]
    _live: str = ""
    _last: int = 0

    def run(self, keep_going: Callable[[], bool], wait: Callable[[float], None]) -> None:
        """Turn after turn until asked to stop."""
        while keep_going():
            try:
                if not self.turn():
                    wait(IDLE)
            except (LinkError, OSError):  # a line that is down, a disk that is full: neither ends the reception
                wait(AGAIN)

    def turn(self) -> bool:
        """Fetch one segment of the broadcast that is on, if one is; whether there was anything to do.

        Raises:
            LinkError: `link.down` when the line is lost.
        """
        now = self.held.clock.now()
        on = next(iter(self.held.lives()), None)
        for live in self.held.all_lives():
            if live.until <= now:
                self.held.cache.forget_live(live.id)
        if on is None:
            self._live = ""
            return False
        if on.id != self._live:
            # What lies there from before a restart is old by now.
            self._live, self._last = on.id, 0
            self.held.cache.spool(on.id).write_bytes(b"")
        try:
            text = self.link.segment(on.id, self._last + 1 if self._last else 0)
        except LinkError as error:
            if error.code != "link.gone":
                raise
            self._last = 0  # too far behind: on with the newest
            raise
        if text is not None:
            self._take(on, text)
        return True

    def _take(self, live: LiveOrder, text: bytes) -> None:
        cache, clock = self.held.cache, self.held.clock
        found = self.held.segment(live, text, self._last)
        samples = None if isinstance(found, Refused) else self.decode(found.sound)
        if isinstance(found, Refused) or samples is None:
            refused = found if isinstance(found, Refused) else Refused(Refusal.MALFORMED, "segment")
            cache.put_event(refused.finding(node=self.held.identity.node), clock.now())
            raise LinkError("link.down", address="", detail=refused.why.value)
        self._last = found.number
        with cache.spool(live.id).open("ab") as file:
            file.write(samples)
