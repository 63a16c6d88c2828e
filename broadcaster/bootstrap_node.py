"""The player beside an amplifier, put together: it plays from its folder, without a station, database or web server."""

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from broadcaster.adapters.clock import SystemClock
from broadcaster.bootstrap_link import Node
from broadcaster.domain.asrun import AsRun, Cause
from broadcaster.domain.playout.standby import AROUND, stand_ins
from broadcaster.domain.rundown import Rundown, RundownItem
from broadcaster.domain.rundown_file import rundown_from
from broadcaster.errors import Finding, OutputError
from broadcaster.ports import Clock, Jobs, Journal, Output
from broadcaster.services.airing import Airing
from broadcaster.services.alarm import LONGEST, Alarm
from broadcaster.services.playing import Player, close_after_power_cut
from broadcaster.services.relay import Relay
from broadcaster.services.taking import GLANCE, Taker, Taking
from broadcaster.services.tone import NAME, Tone
from broadcaster.units import Milliseconds

if TYPE_CHECKING:
    from broadcaster.adapters.keeping import KeptProcess
    from broadcaster.adapters.node_ledger import NodeLedger
    from broadcaster.adapters.outputs.icecast import IcecastStream
    from broadcaster.adapters.outputs.soundcard import Soundcard

A_DAY = timedelta(days=1)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""Of every station so far; a node has no station file."""


@dataclass
class NodeAir:
    """One node's air.

    Args:
        node: its folder and who it is.
        output: `null`, `file`, `soundcard` or `icecast`.
        device: the sound card or the stream, where the output is one.
        keep_going: asked at every turn.
        lead: how long before its time an item is handed to the output.
        clock: the only source of time.
    """

    node: Node
    output: str
    device: "Soundcard | IcecastStream | None"
    keep_going: Callable[[], bool]
    lead: timedelta
    clock: Clock

    @property
    def code(self) -> str:
        """The cluster that is played."""
        return self.node.identity.node

    @cached_property
    def ledger(self) -> "NodeLedger":
        """The node's own chain; what is sealed waits for the station in the outbox."""
        from broadcaster.adapters.node_ledger import NodeLedger

        cache = self.node.cache

        def hand_on(rows: Sequence[AsRun]) -> None:
            with suppress(OSError):  # a full disk: the rows are in the ledger, and are handed on at the next start
                cache.put_rows(rows)
                if rows:
                    cache.see("ledger", rows[-1].seq)

        return NodeLedger(self.node.folder / "ledger.jsonl", hand_on, lambda: cache.seen("ledger"))

    @cached_property
    def journal(self) -> Journal:
        """What is playing, on disk."""
        from broadcaster.adapters.journal import FileJournal

        return FileJournal(self.node.folder / "playing.json")

    def jobs(self) -> Jobs:
        """What wakes the node."""
        from broadcaster.adapters.jobs import ApschedulerJobs

        return ApschedulerJobs()

    def only_one(self) -> AbstractContextManager[None]:
        """Hold the folder, so that no second process plays it."""
        from broadcaster.adapters.lock import only_one

        return only_one(self.node.folder / "lock", self.code)

    def rundowns(self, first: date, last: date) -> list[Rundown]:
        """The rundowns that may be played, of these days, earliest first. What cannot be read is left out."""
        found = []
        for path in self.node.held.rundowns():
            with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
                rundown = rundown_from(path.read_text(encoding="utf-8"))
                if first <= rundown.day <= last:
                    found.append(rundown)
        return sorted(found, key=lambda rundown: (rundown.start, rundown.code))

    def silent(self, item: RundownItem, now: datetime) -> Cause | None:
        """Why the node has to be silent, whatever the rundown says."""
        return self.node.held.limits().hush(now, now + (item.end - item.start))

    def stand_ins(self, item: RundownItem, rundown: Rundown) -> Sequence[RundownItem]:
        """What may sound in the place of an item, from all that the node holds."""
        return stand_ins(item, rundown, self.rundowns(rundown.day - AROUND, rundown.day + AROUND))

    def _report(self, finding: Finding) -> None:
        with suppress(OSError):  # a full disk: what sounds goes on
            self.node.cache.put_event(finding, self.clock.now())

    def fetch(self, item: RundownItem) -> Path | Cause:
        """The sound of an item, if the manifest names it and it is right."""
        return self.node.held.sound(item.master) or Cause.NO_AUDIO

    def an_output(self, name: str) -> Output:
        """An output for one session."""
        if self.output == "soundcard":
            from broadcaster.adapters.outputs.soundcard import Soundcard, SoundcardOutput

            if isinstance(self.device, Soundcard):
                return SoundcardOutput(self.clock, self.device, self.code)
        if self.output == "null":
            from broadcaster.adapters.outputs.null import NullOutput

            return NullOutput(self.clock)
        from broadcaster.adapters.audio.codec import SoundfileCodec

        if self.output == "icecast":
            from broadcaster.adapters.outputs.icecast import IcecastOutput, IcecastStream

            if isinstance(self.device, IcecastStream):
                return IcecastOutput(self.clock, SoundfileCodec(), self.device)
        from broadcaster.adapters.outputs.file import FileOutput
        from broadcaster.domain.master import MASTER_RATE

        return FileOutput(self.clock, SoundfileCodec(), self.node.folder / "heard" / f"{name}.wav", MASTER_RATE)

    @cached_property
    def alarm(self) -> Alarm:
        """Emergencies."""
        cache, held = self.node.cache, self.node.held
        return Alarm(
            taking=self.taking,
            orders=held.orders,
            sound=held.order_sound,
            retracted=cache.retracted,
            length=sound_length,
            spoken=lambda order: cache.seen(f"spoken.{order}"),
            keep=lambda order, number: cache.see(f"spoken.{order}", number),
            report=self._report,
            keep_going=self.keep_going,
        )

    @cached_property
    def taking(self) -> Taking:
        """The account of what takes the air."""
        from broadcaster.adapters.journal import FileJournal

        journal = FileJournal(self.node.folder / "taking.json")
        return Taking(self.code, self.clock, journal, self.ledger.record, _local)

    @cached_property
    def relay(self) -> Relay:
        """Live broadcasts."""
        cache, held = self.node.cache, self.node.held
        return Relay(
            taking=self.taking,
            lives=held.lives,
            spool=cache.spool,
            hush=lambda first, last: held.limits().hush(first, last),
            urgent=lambda: self.alarm.pending() is not None,
            report=self._report,
            gain_db=lambda: held.limits().volume_cap_db,
            keep_going=self.keep_going,
        )

    @cached_property
    def tone(self) -> Tone:
        """Test tones."""
        cache, held = self.node.cache, self.node.held

        def rundowns() -> list[Rundown]:
            today = _local(self.clock.now()).date()
            return self.rundowns(today - A_DAY, today + A_DAY)

        return Tone(
            clock=self.clock,
            order=held.tone,
            done=lambda: cache.seen("tone"),
            keep=lambda number: cache.see("tone", number),
            sound=lambda seconds: tone_file(self.node.folder / "tones", seconds),
            rundowns=rundowns,
            hush=lambda first, last: held.limits().hush(first, last),
            urgent=lambda: wanted_by(self.takers),
            report=self._report,
            gain_db=lambda: held.limits().volume_cap_db,
            keep_going=self.keep_going,
        )

    @property
    def takers(self) -> tuple[Taker, ...]:
        """What may take the air, first things first."""
        return (self.alarm, self.relay)

    def _stamp(self) -> str:
        return self.clock.now().astimezone(ZONE).strftime("%Y%m%dT%H%M%S")

    def play(self, rundown: Rundown, done: frozenset[str]) -> None:
        """Play a session."""
        output = self.an_output(f"{rundown.code}.{self._stamp()}")
        opened(output, self.device)
        limits = self.node.held.limits()
        try:
            player = Player(
                self.code,
                output,
                self.clock,
                self.journal,
                self.fetch,
                self.ledger.record,
                keep_going=self.keep_going,
                lead=self.lead,
                takers=self.takers,
                stand_ins=self.stand_ins,
                report=self._report,
                silent=self.silent,
                gain_db=limits.volume_cap_db,
                longest_wait=limits.longest_wait,
            )
            player.play(rundown, done)
        finally:
            output.close()

    def attend(self) -> None:
        """Let what takes the air outside of the sessions sound."""
        for taker in self.takers:
            if taker.pending() is None:
                continue
            output = self.an_output(f"{taker.kind}.{self._stamp()}")
            opened(output, self.device)
            try:
                taker.speak(output)
            finally:
                output.close()
            return
        order = self.tone.ready()
        if order is not None:
            output = self.an_output(f"{NAME}.{self._stamp()}")
            opened(output, self.device)
            try:
                self.tone.speak(output, order)
            finally:
                output.close()

    def _recover(self, rundowns: Sequence[Rundown]) -> None:
        self.taking.close_after_power_cut()
        close_after_power_cut(self.code, self.journal, rundowns, self.ledger.done, self.ledger.record, self.stand_ins)

    def run(self, announce: Callable[[Rundown], None], *, once: bool = False) -> None:
        """On the air until asked to stop.

        Raises:
            LinkError: `link.not_joined` if the folder is nobody's.
            OutputError: `output.open` if the sound card cannot be had, `run.busy` if another process plays the folder.
        """
        airing = Airing(
            node=self.code,
            clock=self.clock,
            jobs=self.jobs(),
            rundowns=self.rundowns,
            local=_local,
            done=self.ledger.done,
            play=self.play,
            keep_going=self.keep_going,
            recover=self._recover,
            announce=announce,
            attend=self.attend,
            glance=GLANCE,
        )
        try:
            if self.device is not None:
                self.device.open()
            with self.only_one():
                airing.run(once=once)
        finally:
            if self.device is not None:
                self.device.close()


def opened(output: Output, device: object) -> None:
    """Open a session's output. A device was there at the start: one that is lost is looked for while the air goes on.

    Raises:
        OutputError: `output.open` for what is no device, such as a file that cannot be written.
    """
    try:
        output.open()
    except OutputError:
        if device is None:
            raise


def wanted_by(takers: Sequence[Taker]) -> Cause | None:
    """What wants the air now, as a cause; None for nothing."""
    return next((taker.cause for taker in takers if taker.pending() is not None), None)


def tone_file(folder: Path, seconds: int) -> Path:
    """The file of a test tone, made when it is first needed."""
    from broadcaster.adapters.audio.codec import SoundfileCodec
    from broadcaster.domain.master import MASTER_RATE
    from broadcaster.domain.tone import tone

    path = folder / f"{seconds}.flac"
    if not path.is_file():
        SoundfileCodec().write(tone(seconds, MASTER_RATE), path, {})
    return path


def sound_length(path: Path) -> Milliseconds:
    """How long a sound is; the longest that may be for what cannot be read: the output will say so."""
    import soundfile

    try:
        about = soundfile.info(str(path))
    except (OSError, RuntimeError):
        return LONGEST
    return Milliseconds(min(LONGEST, -(-about.frames * 1000 // about.samplerate)))


def a_clock() -> SystemClock:
    """The machine's clock."""
    return SystemClock()


def a_card(device: str, cluster: str, channels: Sequence[int], open_channels: int) -> "Soundcard":
    """A sound card on which a cluster sounds on some channels, counted from 0."""
    from broadcaster.adapters.outputs.soundcard import Soundcard

    return Soundcard(device, {cluster: channels}, channels=open_channels)


def a_stream(address: str) -> "IcecastStream":
    """A stream to an Icecast server."""
    from broadcaster.adapters.outputs.icecast import a_stream

    return a_stream(address, os.environ)


def kept(command: Sequence[str]) -> "KeptProcess":
    """A process that is started again whenever it ends."""
    from broadcaster.adapters.keeping import KeptProcess

    return KeptProcess(command)


def _local(instant: datetime) -> datetime:
    return instant.astimezone(ZONE)
