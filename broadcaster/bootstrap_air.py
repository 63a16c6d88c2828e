"""The office's own player, put together: it plays a cluster from the store, as a node does from its folder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from broadcaster.bootstrap import App
from broadcaster.bootstrap_node import A_DAY, opened, wanted_by
from broadcaster.domain.asrun import Cause
from broadcaster.domain.playout.standby import AROUND, stand_ins
from broadcaster.domain.rundown import Rundown, RundownItem
from broadcaster.errors import Finding
from broadcaster.ports import Output
from broadcaster.services.airing import Airing, Ledger
from broadcaster.services.playing import Player, close_after_power_cut
from broadcaster.services.taking import GLANCE, Taker, Taking
from broadcaster.services.tone import NAME, Tone

if TYPE_CHECKING:
    from broadcaster.adapters.outputs.icecast import IcecastStream
    from broadcaster.adapters.outputs.soundcard import Soundcard


@dataclass
class OfficeAir:
    """One cluster's air at the office.

    Args:
        app: the workspace.
        node: the cluster.
        device: the sound card or the stream, where the output is one.
        folder: where a session's sound is written; None for nowhere.
        keep_going: asked at every turn.
        lead: how long before its time an item is handed to the output.
        report: told of silence, of what sounds instead, and of emergencies.
    """

    app: App
    node: str
    device: "Soundcard | IcecastStream | None"
    folder: Path | None
    keep_going: Callable[[], bool]
    lead: timedelta
    report: Callable[[Finding], object]

    @cached_property
    def ledger(self) -> Ledger:
        """Rows on their way into the store."""
        return Ledger(self.app.store)

    @cached_property
    def taking(self) -> Taking:
        """The account of what takes the air."""
        app = self.app
        journal = app.journal(f"{self.node}.ngoai_lich")
        return Taking(self.node, app.clock, journal, self.ledger.record, app.station.local)

    @cached_property
    def takers(self) -> tuple[Taker, ...]:
        """What may take the air, first things first: emergencies, live broadcasts."""
        network = self.app.network
        alarm = network.alarm(self.node, self.taking, self.keep_going, self.report)
        return (alarm, network.relay(self.node, self.taking, alarm, self.keep_going, self.report))

    @cached_property
    def tone(self) -> Tone:
        """Test tones."""

        def rundowns() -> list[Rundown]:
            today = self.app.station.local(self.app.clock.now()).date()
            return self.rundowns(today - A_DAY, today + A_DAY)

        urgent = partial(wanted_by, self.takers)
        return self.app.network.tone(self.node, rundowns, urgent, self.keep_going, self.report)

    def _output(self, name: str, rundown: Rundown | None) -> Output:
        # A name of its own for each start: a restart in the middle of a session must not overwrite what was recorded.
        part = self.app.station.local(self.app.clock.now()).strftime("%H%M%S")
        path = None if self.folder is None else self.folder / f"{name}.{self.node}.{part}.wav"
        return self.app.session_output(self.device, self.node, rundown, path)

    def rundowns(self, first: date, last: date) -> list[Rundown]:
        """The cluster's rundowns of these days."""
        zone = next((part.code for part in self.app.station.air_zones() if self.node in part.clusters), "")
        return [rundown for rundown in self.app.store.rundowns(first, last) if rundown.zone == zone]

    def stand_ins(self, item: RundownItem, rundown: Rundown) -> Sequence[RundownItem]:
        """What may sound in the place of an item."""
        return stand_ins(item, rundown, self.rundowns(rundown.day - AROUND, rundown.day + AROUND))

    def silent(self, item: RundownItem, now: datetime) -> Cause | None:
        """Why the cluster has to be silent."""
        return self.app.silent(self.node, item, now)

    def done(self, rundown: Rundown) -> frozenset[str]:
        """The items of a rundown that need not be played again."""
        return self.ledger.done(self.node, rundown)

    def play(self, rundown: Rundown, done: frozenset[str]) -> None:
        """Play a session."""
        output = self._output(rundown.code, rundown)
        opened(output, self.device)
        try:
            player = Player(
                self.node,
                output,
                self.app.clock,
                self.app.journal(self.node),
                self.app.fetch,
                self.ledger.record,
                keep_going=self.keep_going,
                silent=self.silent,
                lead=self.lead,
                takers=self.takers,
                gain_db=self.app.limits(self.node).volume_cap_db,
                stand_ins=self.stand_ins,
                longest_wait=self.app.station.longest_wait,
                report=self.report,
            )
            player.play(rundown, done)
        finally:
            output.close()

    def attend(self) -> None:
        """Let what takes the air outside of the sessions sound."""
        for taker in self.takers:
            if taker.pending() is None:
                continue
            output = self._output(f"{self.app.station.local(self.app.clock.now()).date()}.{taker.kind}", None)
            opened(output, self.device)
            try:
                taker.speak(output)
            finally:
                output.close()
            return
        order = self.tone.ready()
        if order is not None:
            output = self._output(f"{self.app.station.local(self.app.clock.now()).date()}.{NAME}", None)
            opened(output, self.device)
            try:
                self.tone.speak(output, order)
            finally:
                output.close()

    def _recover(self, rundowns: Sequence[Rundown]) -> None:
        self.taking.close_after_power_cut()
        journal = self.app.journal(self.node)
        close_after_power_cut(self.node, journal, rundowns, self.done, self.ledger.record, self.stand_ins)

    def run(self, announce: Callable[[Rundown], None], *, once: bool = False) -> None:
        """On the air until asked to stop; what the store could not take is put in at the end.

        Raises:
            OutputError: `output.open` if the device cannot be had, `run.busy` if another process plays the cluster.
        """
        airing = Airing(
            node=self.node,
            clock=self.app.clock,
            jobs=self.app.jobs(),
            rundowns=self.rundowns,
            local=self.app.station.local,
            done=self.done,
            play=self.play,
            keep_going=self.keep_going,
            recover=self._recover,
            announce=announce,
            attend=self.attend,
            glance=GLANCE,
        )
        try:
            # From the start and for good: a device that cannot be had is said now, not at air time.
            if self.device is not None:
                self.device.open()
            with self.app.only_one(self.node):
                airing.run(once=once)
        finally:
            if self.device is not None:
                self.device.close()
        self.ledger.record([])
