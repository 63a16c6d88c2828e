"""Playing rundowns: the loop that carries events to the state machine and its commands to the output and the ledger."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from broadcaster.domain import playout
from broadcaster.domain.asrun import AsRun, Cause
from broadcaster.domain.playout.standby import HUSH, MARK, replaced
from broadcaster.domain.rundown import Rundown, RundownItem
from broadcaster.domain.station import PATIENT
from broadcaster.errors import Finding, Severity
from broadcaster.ports import Clock, Cue, Journal, Output, OutputEventKind
from broadcaster.services.taking import GLANCE, Taker
from broadcaster.units import Milliseconds

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STEP = timedelta(milliseconds=200)
"""A clock that moved by so much against the one that nobody sets was set; less is a time server's fine tuning."""
CUT_OFF = timedelta(seconds=0.5)
"""Within which an output has to let go of what sounds, for an emergency."""
WANTED = frozenset({Cause.MUTED, Cause.QUIET_HOURS})
"""Causes for which silence is what is wanted."""
HEARTBEAT = timedelta(seconds=1)
"""How often a playing item is noted on disk, and a waiting player looks at the clock."""


StandIns = Callable[[RundownItem, Rundown], Sequence[RundownItem]]
"""What may sound in the place of an item of a rundown, best first."""


def nothing_instead(_item: RundownItem, _rundown: Rundown) -> Sequence[RundownItem]:
    """No item has a stand-in."""
    return ()


def close_after_power_cut(
    node: str,
    journal: Journal,
    rundowns: Sequence[Rundown],
    done_of: Callable[[Rundown], frozenset[str]],
    record: Callable[[Sequence[AsRun]], object],
    stand_ins: StandIns = nothing_instead,
) -> frozenset[str]:
    """Write the row of the item that was playing when the power went, once, with what is known of it.

    Args:
        node: whose journal it is.
        journal: where the open item stands.
        rundowns: where to look for the item.
        done_of: the items of a rundown that the ledger has already.
        record: puts rows into the ledger.
        stand_ins: what may have sounded in the place of an item.

    Returns:
        The item's id; nothing when there is none, or none of these rundowns has it.
    """
    left = journal.open_item()
    if left is None:
        return frozenset()
    item, began, played, last_sign = left
    planned = replaced(item)
    place = next(((r, other) for r in rundowns for other in r.items if other.id == planned), None)
    if place is None:
        return frozenset()
    rundown, instead = place[0], None
    if item != planned:
        instead = next((other for other in stand_ins(place[1], rundown) if other.id == item), None)
    # Told with the player stopped, so that nothing else is decided before the rundown itself arrives.
    state = playout.State(node, rundown, done_of(rundown), stopped=True)
    _, commands = playout.step(state, playout.PowerUp(item, began, played, last_sign, instead), last_sign)
    record([command.row for command in commands if isinstance(command, playout.Record)])
    journal.finish(item)
    return frozenset({item})


class Player:
    """Plays one node's rundowns, one after the other.

    Args:
        node: whose ledger the rows go to.
        output: where the sound goes.
        clock: the only source of time.
        journal: the node's memory of what is playing.
        fetch: the file of an item's master, or the cause why it may not or cannot be played.
        record: puts rows into the ledger.
        heartbeat: how often to look at the clock; None to sleep from cue to cue, as a virtual clock may.
        keep_going: asked at every turn; False stops the player.
        silent: why nothing of an item may sound from an instant on; None when it may.
        lead: how long before its time an item is handed to an output that keeps time by its samples.
        takers: what may take the air from a session, first things first: emergencies, live broadcasts.
        gain_db: how much softer than its file everything sounds; 0 or below.
        stand_ins: what may sound in the place of an item that cannot.
        longest_wait: how late an item may begin whole that waits for what runs over its time.
        report: told of a silence in a session, and of what sounds instead of what was planned.
    """

    def __init__(
        self,
        node: str,
        output: Output,
        clock: Clock,
        journal: Journal,
        fetch: Callable[[RundownItem], Path | Cause],
        record: Callable[[Sequence[AsRun]], object],
        *,
        heartbeat: timedelta | None = HEARTBEAT,
        keep_going: Callable[[], bool] = lambda: True,
        silent: Callable[[RundownItem, datetime], Cause | None] = lambda _item, _now: None,
        lead: timedelta = timedelta(0),
        takers: Sequence[Taker] = (),
        gain_db: float = 0.0,
        stand_ins: StandIns = nothing_instead,
        longest_wait: Milliseconds = PATIENT,
        report: Callable[[Finding], object] = lambda _: None,
    ) -> None:
        self._node, self._output, self._clock, self._journal = node, output, clock, journal
        self._fetch, self._record = fetch, record
        self._heartbeat, self._keep_going, self._silent = heartbeat, keep_going, silent
        self._takers = takers
        self._gain_db, self._stand_ins, self._report = gain_db, stand_ins, report
        self._gap: tuple[str, Cause, set[str]] = ("", Cause.NONE, set())
        self._fresh = playout.State(node, lead=lead, longest_wait=longest_wait)
        self._state = self._fresh
        self._wake: datetime | None = None
        self._offset = timedelta(0)
        self._noted = ("", 0.0)

    def play(self, rundown: Rundown, done: frozenset[str]) -> None:
        """Play a rundown to its end, or until asked to stop.

        Args:
            rundown: what to play.
            done: items that the ledger has already.
        """
        self._state = self._fresh
        self._wake = None
        self._offset = self._clock_offset()
        closed = close_after_power_cut(
            self._node, self._journal, [rundown], lambda _: done, self._record, self._stand_ins
        )
        self._tell(playout.RundownArrived(rundown, done | closed))
        while not playout.finished(self._state):
            if not self._keep_going():
                self._tell(playout.Stop())
                self._drain()
                return
            self._drain()
            self._attend()
            if playout.finished(self._state):
                return
            self._clock.sleep_until(self._next_look())
            self._notice_steps()
            self._drain()
            self._tell(playout.Tick())

    def _attend(self) -> None:
        """Give the output to what goes before the session, and take the session up again behind it."""
        taker = self._pending()
        if taker is None:
            return
        self._tell(playout.Interrupt(taker.cause))
        until = self._clock.elapsed() + CUT_OFF.total_seconds()
        while self._state.playing is not None and self._clock.elapsed() < until:
            self._drain()
            if self._state.playing is not None:
                self._clock.sleep_until(self._clock.now() + CUT_OFF / 50)
        session = self._state.rundown.session if self._state.rundown else ""
        last = None
        # What comes back at once without having been heard waits for its next turn: the session goes on meanwhile.
        while taker is not None and taker is not last:
            taker.speak(self._output, session)
            last, taker = taker, self._pending()
        self._notice_steps()
        self._tell(playout.Resume())

    def _pending(self) -> Taker | None:
        return next((taker for taker in self._takers if taker.pending() is not None), None)

    def _clock_offset(self) -> timedelta:
        """How far the clock stands before the one that nobody sets."""
        return (self._clock.now() - EPOCH) - timedelta(seconds=self._clock.elapsed())

    def _notice_steps(self) -> None:
        """Tell the machine of a clock that was set, or of a machine that slept; small corrections go unnoticed."""
        offset = self._clock_offset()
        by = offset - self._offset
        if abs(by) >= STEP:
            self._offset = offset
            self._wake = None
            self._tell(playout.ClockStepped(by))

    def _next_look(self) -> datetime:
        """The next instant at which something may have to be done; always ahead of now, or the loop would spin."""
        now = self._clock.now()
        moments = [moment for moment in (self._output.due(), self._wake) if moment is not None and moment > now]
        if self._heartbeat is not None or not moments:
            moments.append(now + (self._heartbeat or HEARTBEAT))
        if self._takers:
            moments.append(now + GLANCE)
        return min(moments)

    def _drain(self) -> None:
        """Carry the output's reports to the state machine."""
        for event in self._output.poll():
            match event.kind:
                case OutputEventKind.STARTED:
                    if not self._before(event.item):
                        self._journal.begin(event.item, event.at)
                    self._tell(playout.PlayStarted(event.item), event.at)
                case OutputEventKind.PROGRESSED:
                    self._note(event.item, Milliseconds(self._before(event.item) + event.played_ms), event.at)
                    self._tell(playout.PlayProgressed(event.item, event.played_ms))
                case OutputEventKind.ENDED:
                    # What comes next is decided now, not when this item ended: the machine may have slept since.
                    cause = Cause.DEVICE_LOST if event.detail == Cause.DEVICE_LOST else Cause.NONE
                    self._tell(playout.PlayEnded(event.item, event.played_ms, event.level, event.at, cause))
                    if cause or MARK in event.item:
                        self._fill(event.item, cause)
                case OutputEventKind.FAILED:
                    cause = Cause.DEVICE_LOST if event.detail == Cause.DEVICE_LOST else Cause.NO_AUDIO
                    self._tell(playout.PlayFailed(event.item, cause))
                    self._fill(event.item, cause)

    def _fill(self, code: str, cause: Cause, at: datetime | None = None) -> None:
        """Find something for the time of an item that cannot sound, or say that there is silence.

        Args:
            code: the item, or what sounded in its place and is over.
            cause: why it cannot sound; none for a stand-in that was heard.
            at: the instant, if not now.
        """
        rundown, planned, now = self._state.rundown, replaced(code), at or self._clock.now()
        if self._gap[0] != planned:
            self._gap = (planned, cause, set())
        _, why, tried = self._gap
        item = next((other for other in rundown.items if other.id == planned), None) if rundown else None
        if why in WANTED:
            facts = {"item": planned, "cause": why.value}
            self._report(Finding("playout.hushed", Severity.NOTE, facts=facts))
            return
        if rundown is None or item is None or self._state.playing is not None or self._state.paused:
            return
        for other in self._stand_ins(item, rundown) if why is not Cause.DEVICE_LOST else ():
            if other.id not in tried and self._offer(other, at):
                tried.add(other.id)
                facts = {"item": planned, "instead": other.bulletin or other.kind.value, "cause": why.value}
                self._report(Finding("playout.stand_in", Severity.WARNING, facts=facts))
                return
        silence = min(timedelta(milliseconds=playout.room(self._state, now)), item.end - now)
        if silence > HUSH and not self._state.stopped:
            facts = {"item": planned, "seconds": f"{silence.total_seconds():.1f}", "cause": why.value}
            self._report(Finding("playout.dead_air", Severity.WARNING, facts=facts))

    def _before(self, item: str) -> Milliseconds:
        """What of an item sounded before an interruption."""
        playing = self._state.playing
        return playing.before_ms if playing is not None and playing.item.id == item else Milliseconds(0)

    def _offer(self, item: RundownItem, at: datetime | None) -> bool:
        """Let something sound in another's place; whether it does."""
        if isinstance(self._fetch(item), Cause):
            return False
        self._tell(playout.StandIn(item), at)
        return self._state.playing is not None

    def _note(self, item: str, played: Milliseconds, at: datetime) -> None:
        """Keep on disk how far an item is, no oftener than the heartbeat: a disk wears out."""
        every = self._heartbeat.total_seconds() if self._heartbeat is not None else 0.0
        if item != self._noted[0] or self._clock.elapsed() - self._noted[1] >= 0.9 * every:
            self._noted = (item, self._clock.elapsed())
            self._journal.progress(item, played, at)

    def _tell(self, event: playout.Event, at: datetime | None = None) -> None:
        self._state, commands = playout.step(self._state, event, at or self._clock.now())
        for command in commands:
            match command:
                case playout.Play(item, offset, length, start):
                    hushed = self._silent(item, start or at or self._clock.now())
                    found = hushed or (self._fetch(item) if item.master else None)
                    if isinstance(found, Cause):
                        self._tell(playout.PlayFailed(item.id, found), at)
                        self._fill(item.id, found, at)
                    else:
                        self._output.play(Cue(item.id, found, offset, length, start, self._gain_db))
                case playout.StopPlaying():
                    self._output.stop()
                case playout.Record(row):
                    self._record([row])
                    self._journal.finish(row.item)
                case playout.WakeAt(instant):
                    self._wake = instant
