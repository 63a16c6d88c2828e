"""Taking the air: one cue that no rundown has, from its begin to its end, in the journal and in the ledger.

Emergencies and live broadcasts come this way. What sounded is on disk second by second, as for a rundown's items, and
has a row of its own: its session is the one that it interrupted, if any.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from broadcaster.domain.asrun import AsRun, Cause, Outcome
from broadcaster.domain.rundown import ItemKind
from broadcaster.domain.uncalled import Uncalled
from broadcaster.ports import Clock, Cue, Journal, Output, OutputEvent, OutputEventKind
from broadcaster.units import Milliseconds

GLANCE = timedelta(milliseconds=200)
"""How often a node looks for what cannot wait."""
NOTE_S = 0.9
"""Seconds of sound that are on disk no later."""
NOTHING = Milliseconds(0)


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a cue: how much of it sounded, and why it ended before its time, if it did."""

    played_ms: Milliseconds
    cause: Cause

    @property
    def whole(self) -> bool:
        """Whether it sounded to its end."""
        return self.played_ms > 0 and not self.cause


@dataclass(frozen=True, slots=True)
class More:
    """How a file sounds: from `offset_ms` on, so much softer, and whether it is still growing."""

    offset_ms: Milliseconds = NOTHING
    gain_db: float = 0.0
    growing: bool = False


USUAL = More()


class Taker(Protocol):
    """Something that may take the air from a session."""

    cause: Cause
    """What the session's rows say of it."""
    kind: ItemKind
    """What its own rows say that it is."""

    def pending(self) -> object | None:
        """What wants the air now; None for nothing."""
        ...

    def speak(self, output: Output, session: str = "") -> int:
        """Let it sound, and come back when the air is free; how many times something was heard whole."""
        ...


@dataclass(frozen=True, slots=True)
class Sounded:
    """What an output made of a cue: how much sounded, why it ended before its time, when, and how loud it was."""

    played_ms: Milliseconds
    cause: Cause
    began: datetime
    ended: datetime
    level: float | None


def sounded(
    clock: Clock,
    output: Output,
    cue: Cue,
    over: Callable[[], Cause | None],
    told: Callable[[OutputEvent], object] = lambda _: None,
) -> Sounded:
    """Let a cue sound until it is over or has to be.

    Args:
        clock: the only source of time.
        output: the node's.
        cue: what sounds.
        over: why it has to end now, `Cause.NONE` for an end in order; None as long as it may go on.
        told: told of each of the output's reports.
    """
    output.play(cue)
    stopped: Cause | None = None
    begun = clock.now()
    while True:
        for event in output.poll():
            if event.item != cue.item:
                continue
            told(event)
            match event.kind:
                case OutputEventKind.STARTED:
                    begun = event.at
                case OutputEventKind.ENDED | OutputEventKind.FAILED:
                    lost = Cause.DEVICE_LOST if event.detail == Cause.DEVICE_LOST else Cause.NONE
                    failed = Cause.NO_AUDIO if event.kind is OutputEventKind.FAILED else Cause.NONE
                    return Sounded(event.played_ms, lost or stopped or failed, begun, event.at, event.level)
        if stopped is None and (stopped := over()) is not None:
            output.stop()
            continue
        due, now = output.due(), clock.now()
        clock.sleep_until(min(due, now + GLANCE) if due is not None and due > now else now + GLANCE)


@dataclass(slots=True)
class Taking:
    """One node's account of what takes its air.

    Args:
        node: whose ledger the rows go to.
        clock: the only source of time.
        journal: the node's memory of what sounds, apart from that of its rundowns: what is cut off may still be open.
        record: puts rows into the ledger.
        local: an instant in the station's zone.
    """

    node: str
    clock: Clock
    journal: Journal
    record: Callable[[Sequence[AsRun]], object]
    local: Callable[[datetime], datetime]

    def sound(
        self, output: Output, what: Uncalled, path: Path, over: Callable[[], Cause | None], more: "More" = USUAL
    ) -> Heard:
        """Let something sound until it is over or has to be.

        Args:
            output: the node's.
            what: who sounds.
            path: its file.
            over: why it has to end now, `Cause.NONE` for an end in order; None as long as it may go on.
            more: where in the file to begin, and how.
        """
        item = what.item(self.clock.now())
        planned, noted = self.clock.now(), self.clock.elapsed()

        def keep(event: OutputEvent) -> None:
            nonlocal noted
            if event.kind is OutputEventKind.STARTED:
                self.journal.begin(item, event.at)
            elif event.kind is OutputEventKind.PROGRESSED and self.clock.elapsed() - noted >= NOTE_S:
                noted = self.clock.elapsed()
                self.journal.progress(item, event.played_ms, event.at)

        cue = Cue(item, path, more.offset_ms, what.planned_ms, gain_db=more.gain_db, growing=more.growing)
        done = sounded(self.clock, output, cue, over, keep)
        heard = Heard(done.played_ms, done.cause)
        self._account(what, item, heard, (planned, done.began, done.ended), done.level)
        return heard

    def _account(
        self,
        what: Uncalled,
        item: str,
        heard: Heard,
        times: tuple[datetime, datetime, datetime],
        level: float | None,
    ) -> None:
        planned, begun, ended = times
        # A device that is away is waited for, and an order that was taken back before it sounded is no airing.
        if heard.played_ms or heard.cause is Cause.NO_AUDIO:
            day = self.local(planned).date()
            outcome = _outcome(heard)
            self.record(
                [
                    what.row(
                        self.node,
                        item,
                        day,
                        planned,
                        outcome,
                        heard.cause,
                        sounded=(begun, ended, heard.played_ms) if heard.played_ms else None,
                        level=level,
                    )
                ]
            )
        self.journal.finish(item)

    def missed(self, what: Uncalled, cause: Cause) -> None:
        """Put on record that something was never heard."""
        now = self.clock.now()
        self.record([what.row(self.node, what.item(now), self.local(now).date(), now, Outcome.MISSED, cause)])

    def close_after_power_cut(self) -> None:
        """Write the row of what was sounding when the power went, with what is known of it."""
        left = self.journal.open_item()
        if left is None:
            return
        item, began, played, last_sign = left
        what = Uncalled.of_item(item, played)
        if what is not None and played:
            day = self.local(began).date()
            sounded = (began, last_sign, played)
            self.record([what.row(self.node, item, day, began, Outcome.PARTIAL, Cause.POWER_CUT, sounded=sounded)])
        self.journal.finish(item)


def _outcome(heard: Heard) -> Outcome:
    if not heard.played_ms:
        return Outcome.MISSED
    if heard.whole:
        return Outcome.AIRED
    return Outcome.INTERRUPTED if heard.cause is Cause.EMERGENCY else Outcome.PARTIAL
