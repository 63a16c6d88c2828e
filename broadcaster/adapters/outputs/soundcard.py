"""Sound cards: each zone on channels of its own, placed by the sample clock of a stream that is always open.

The stream lives in a child process (`soundcard_process.py`). PortAudio lists the devices once a
process and may come back on another output after a cable was pulled; a new process looks the device up by its name.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from broadcaster.adapters.clock import monotonic, sleep
from broadcaster.domain.live import LIVE_RATE
from broadcaster.errors import OutputError
from broadcaster.ports import Clock, Cue, OutputEvent, OutputEventKind
from broadcaster.units import Milliseconds

READY_S = 10.0
"""Within which a device is open or cannot be had."""
AGAIN_S = 2.0
"""Between two tries to have a lost device again."""
LATEST_S = 1.0
"""After its end by which a cue must be told over, or the child is held to be stuck."""
CLOSING_S = 2.0
"""For a child to end by itself."""
LOST = "device_lost"
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class Soundcard:
    """One device and its child process.

    Args:
        device: a part of its name; the system's usual one for an empty text.
        zones: the channels of each zone, counted from 0.
        rate: samples a second, the device's own unless given.
        channels: how many to open, all that the device has unless given: a sound server may claim more than it has.
            Always all of them: a stream over some of a card's channels was silent on every one.
    """

    def __init__(self, device: str, zones: Mapping[str, Sequence[int]], *, rate: int = 0, channels: int = 0) -> None:
        self._setting = {
            "device": device,
            "decks": {zone: list(channels) for zone, channels in zones.items()},
            "rate": rate,
            "channels": channels,
        }
        self._zones = list(zones)
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._heard: dict[str, SimpleQueue[dict[str, Any]]] = {zone: SimpleQueue() for zone in zones}
        self._tried = -AGAIN_S
        self.detail = ""
        self.channels = 0

    @property
    def alive(self) -> bool:
        """Whether the device is open."""
        return self._process is not None and self._process.poll() is None

    @property
    def process_id(self) -> int | None:
        """The child's, for who measures or kills it."""
        return self._process.pid if self._process else None

    def open(self) -> None:
        """Open the device, if it is not open.

        Raises:
            OutputError: `output.open` if it cannot be had.
        """
        with self._lock:
            if not self.alive:
                self._start()

    def _start(self) -> None:
        if self._process is not None:
            _end(self._process, 0)
        self._tried = monotonic()
        script = str(Path(__file__).with_name("soundcard_process.py"))
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
            [sys.executable, "-P", script, json.dumps(self._setting)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
            creationflags=_NO_WINDOW,
        )
        first: SimpleQueue[dict[str, Any]] = SimpleQueue()
        threading.Thread(target=self._listen, args=(process, first), daemon=True).start()
        try:
            answer = first.get(timeout=READY_S)
        except Empty:
            answer = {"told": "lost", "detail": "no answer"}
        if answer["told"] != "ready":
            _end(process, 0)
            self.detail = str(answer["detail"])
            raise OutputError("output.open", path=self._setting["device"] or "(mặc định)", detail=self.detail)
        self._process, self.channels, self.detail = process, int(answer["channels"]), ""

    def _listen(self, process: "subprocess.Popen[str]", first: "SimpleQueue[dict[str, Any]]") -> None:
        """Sort what the child tells by zone; its end is told to every zone."""
        detail = "the process ended"
        if process.stdout is None:
            return
        for line in process.stdout:
            told = json.loads(line)
            if told["told"] in {"ready", "lost"}:
                first.put(told)
                detail = self.detail = str(told.get("detail", detail))
            else:
                self._heard[told["deck"]].put(told)
        process.stdout.close()
        first.put({"told": "lost", "detail": detail})
        for queue in self._heard.values():
            queue.put({"told": "lost", "detail": detail})

    def send(self, order: Mapping[str, Any]) -> bool:
        """Give the child an order; False when it is gone and cannot be had again yet."""
        with self._lock:
            if not self.alive:
                if monotonic() - self._tried < AGAIN_S:
                    return False
                try:
                    self._start()
                except OutputError:
                    return False
            process = self._process
            if process is None or process.stdin is None:
                return False
            try:
                process.stdin.write(json.dumps(order) + "\n")
                process.stdin.flush()
            except OSError:
                return False
            return True

    def heard(self, zone: str) -> list[dict[str, Any]]:
        """What the child has told of a zone since the last call."""
        found = []
        while True:
            try:
                found.append(self._heard[zone].get_nowait())
            except Empty:
                return found

    def kill(self) -> None:
        """End a child that is stuck; the next order starts another."""
        if self._process is not None:
            _end(self._process, 0)

    def close(self) -> None:
        """Let go of the device."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            _end(process, CLOSING_S)


def _end(process: "subprocess.Popen[str]", patience: float) -> None:
    """Let a child end by itself for so many seconds, then kill it."""
    if patience <= 0:
        process.kill()
    with suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
    try:
        process.wait(timeout=max(patience, CLOSING_S))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class SoundcardOutput:
    """One zone of a sound card."""

    name = "soundcard"

    def __init__(self, clock: Clock, card: Soundcard, zone: str) -> None:
        self._clock, self._card, self._zone = clock, card, zone
        self._cue: Cue | None = None
        self._number = 0
        self._before: tuple[int, str] | None = None
        self._over = 0.0
        self._played = Milliseconds(0)
        self._begun = False
        self._events: list[OutputEvent] = []

    def open(self) -> None:
        """Open the device.

        Raises:
            OutputError: `output.open` if it cannot be had.
        """
        self._card.open()

    def play(self, cue: Cue) -> None:
        """Hand a cue to the card; what runs is cut off there."""
        self.stop()
        if self._cue is not None:
            self._before = (self._number, self._cue.item)
        self._number += 1
        starts = monotonic()
        if cue.at is not None:
            starts += max(0.0, (cue.at - self._clock.now()).total_seconds())
        order = {
            "do": "play",
            "deck": self._zone,
            "item": self._number,
            "path": None if cue.path is None else str(cue.path),
            "offset_ms": cue.offset_ms,
            "length_ms": cue.length_ms,
            "gain": 10 ** (cue.gain_db / 20),
            "at": None if cue.at is None else starts,
            "growing": LIVE_RATE if cue.growing else 0,
        }
        self._cue, self._played, self._begun = cue, Milliseconds(0), False
        self._over = starts + cue.length_ms / 1000
        if not self._card.send(order):
            self._failed(LOST)

    def stop(self) -> None:
        """Fade out what runs. Its end comes with the next look."""
        if self._cue is not None and not self._card.send({"do": "stop", "deck": self._zone}):
            self._lose()

    def poll(self) -> Sequence[OutputEvent]:
        """What the card has told since the last call."""
        for told in self._card.heard(self._zone):
            if told["told"] == "lost":
                self._lose()
            elif self._cue is not None and told["item"] == self._number:
                self._take(told, self._cue)
            elif self._before is not None and told["item"] == self._before[0] and told["told"] == "ended":
                self._events.append(self._end_of(told, self._before[1]))
                self._before = None
        if self._cue is not None and monotonic() > self._over + LATEST_S and not self._card.alive:
            self._lose()
        events, self._events = self._events, []
        return events

    def _end_of(self, told: Mapping[str, Any], item: str) -> OutputEvent:
        played = Milliseconds(int(told["played_ms"]))
        at = self._instant(float(told["at"]))
        return OutputEvent(OutputEventKind.ENDED, item, at, played, level=told.get("level"))

    def _take(self, told: Mapping[str, Any], cue: Cue) -> None:
        played = Milliseconds(int(told["played_ms"]))
        at = self._instant(float(told["at"]))
        if told["told"] == "started":
            self._begun = True
            self._over = float(told["at"]) + cue.length_ms / 1000
            self._events.append(OutputEvent(OutputEventKind.STARTED, cue.item, at, Milliseconds(0)))
        elif told["told"] == "progressed":
            self._played = played
            self._events.append(OutputEvent(OutputEventKind.PROGRESSED, cue.item, at, played))
        elif told["told"] == "ended":
            self._events.append(self._end_of(told, cue.item))
            self._cue = None
        else:
            self._failed(str(told["detail"]))

    def _failed(self, detail: str) -> None:
        if self._cue is not None:
            event = OutputEvent(OutputEventKind.FAILED, self._cue.item, self._clock.now(), Milliseconds(0), detail)
            self._events.append(event)
            self._cue = None

    def _lose(self) -> None:
        """The device is gone: what had sounded by the last report has sounded."""
        if self._cue is None:
            return
        if not self._begun:
            self._failed(LOST)
            return
        event = OutputEvent(OutputEventKind.ENDED, self._cue.item, self._clock.now(), self._played, LOST)
        self._events.append(event)
        self._cue = None

    def _instant(self, instant: float) -> datetime:
        """The clock's time of an instant of the monotonic clock."""
        return self._clock.now() + timedelta(seconds=instant - monotonic())

    def due(self) -> datetime | None:
        """When the running cue will be over."""
        return None if self._cue is None else self._instant(self._over)

    def close(self) -> None:
        """Fade out; the card stays open for other zones until it is closed itself."""
        self.stop()
        until = monotonic() + LATEST_S
        while self._cue is not None and monotonic() < until:
            self._events += self.poll()
            sleep(0.005)
        self._lose()
