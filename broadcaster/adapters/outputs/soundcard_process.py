"""The sound card's side of `soundcard.py`, alone in its process: an open stream and what is to sound at which sample.

The stream runs from the start with every channel the device has, silence when nothing plays; a cue is put at the sample
that belongs to its instant, so that neither the start of a program nor a busy machine moves it. Files are decoded ahead
of the sound by the main thread; the stream's own thread only adds up arrays.

Lines of JSON come in on stdin, lines of JSON go out on stdout:

- `{"do": "play", "deck", "item", "path", "offset_ms", "length_ms", "gain", "at", "growing"}`: `item` is a number from 1
  on, `gain` a factor, `at` by the monotonic clock, null for now, `growing` the rate of bare samples in a file that is
  not over where it ends, 0 for a whole sound file;
- `{"do": "stop", "deck"}`, `{"do": "close"}`;
- `{"told": "ready", "channels", "rate", "device"}` or `{"told": "lost", "detail"}`, and of a deck `started`,
  `progressed`, `ended` with `at`, `played_ms` and `level` in dB of full scale, or `failed` with `detail`.
"""

import json
import queue
import sys
import threading
import time
from collections import deque
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

MOST_CHANNELS = 32
"""Some sound servers say they have more than a stream may be opened with."""
BLOCK_S = 0.01
"""Length of a block of the stream."""
AHEAD_S = 2.0
"""Sound that is decoded before it is needed."""
READ_S = 0.5
FADE_S = 0.005
"""Over which a cue that begins or ends within its sound is faded, so that it does not click."""
TELL_S = 0.25
"""How often a running cue is told of."""
SETTLING_S = 0.4
READINGS = 400
"""Readings of the device's clock that one is the median of."""
Floats = Any


class Deck:
    """One zone: the channels it sounds on, the cue that sounds and what of it is decoded."""

    def __init__(self, channels: list[int]) -> None:
        self.channels = channels
        self.item = 0
        self.start = 0
        self.length = 0
        self.done = 0
        self.fade_in = False
        self.stopping = False
        self.blocks: deque[Floats] = deque()
        self.decoded = 0
        self.finished = False
        self.begun = False
        self.square = 0.0

    @property
    def busy(self) -> bool:
        """Whether a cue is set."""
        return self.item > 0


class Card:
    """The open stream with its decks; `tell` sends a line."""

    def __init__(self, decks: dict[str, list[int]], rate: int, channels: int) -> None:
        self.rate, self.channels = rate, channels
        self.decks = {name: Deck(listed) for name, listed in decks.items()}
        self.lock = threading.Lock()
        self.frame = 0
        self.offsets: deque[float] = deque(maxlen=READINGS)
        self.told: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.last_told: dict[str, float] = {}

    def time_of(self, frame: int) -> float:
        """The monotonic instant at which a frame leaves the device."""
        return (median(self.offsets) if self.offsets else time.monotonic()) + frame / self.rate

    def frame_at(self, instant: float) -> int:
        """The frame that leaves the device at a monotonic instant."""
        return round((instant - self.time_of(0)) * self.rate)

    def callback(self, out: Floats, frames: int, when: Any, status: Any) -> None:
        """Fill a block. Runs in the stream's own thread; allocates little and waits for nothing but the lock."""
        out.fill(0)
        now = time.monotonic()
        if status.output_underflow:
            self.offsets.clear()  # the device has skipped: frames and instants belong together anew
        delay = when.outputBufferDacTime - when.currentTime
        self.offsets.append(now + delay - self.frame / self.rate)
        with self.lock:
            for name, deck in self.decks.items():
                if deck.busy:
                    self._fill(name, deck, out, frames)
        self.frame += frames

    def _fill(self, name: str, deck: Deck, out: Floats, frames: int) -> None:
        first = max(self.frame, deck.start + deck.done)
        if first >= self.frame + frames:
            return
        if not deck.begun:
            deck.begun = True
            self.tell("started", name, deck, self.time_of(deck.start + deck.done))
        room = self.frame + frames - first
        wanted = min(room, deck.length - deck.done)
        piece = self._take(deck, wanted)
        if deck.stopping and len(piece):
            piece = piece * np.linspace(1, 0, len(piece), dtype=np.float32)
        if deck.fade_in and deck.done == 0 and len(piece):
            ramp = np.ones(len(piece), dtype=np.float32)
            rising = min(len(piece), round(FADE_S * self.rate))
            ramp[:rising] = np.linspace(0, 1, rising)
            piece = piece * ramp
        at = first - self.frame
        for channel in deck.channels:
            out[at : at + len(piece), channel] += piece
        deck.done += len(piece)
        deck.square += float(piece @ piece)
        over = deck.done >= deck.length or deck.stopping or (deck.finished and not deck.blocks)
        if over:
            self.tell("ended", name, deck, self.time_of(deck.start + deck.done))
            deck.item = 0
        elif not len(piece):
            # Decoding is behind: the cue goes on later by as much, and nothing of it is lost.
            deck.start += room

    @staticmethod
    def _take(deck: Deck, wanted: int) -> Floats:
        pieces = []
        while wanted > 0 and deck.blocks:
            block = deck.blocks[0]
            pieces.append(block[:wanted])
            if len(block) <= wanted:
                deck.blocks.popleft()
            else:
                deck.blocks[0] = block[wanted:]
            wanted -= len(pieces[-1])
        return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.float32)

    def tell(self, what: str, name: str, deck: Deck, at: float, detail: str = "") -> None:
        """Queue a line; it is written by the main thread."""
        mean = deck.square / deck.done if deck.done else 0.0
        self.told.put(
            {
                "told": what,
                "deck": name,
                "item": deck.item,
                "at": at,
                "played_ms": deck.done * 1000 // self.rate,
                "level": round(10 * float(np.log10(mean)), 2) if mean > 0 else None,
                "detail": detail,
            }
        )

    # The main thread's part

    def play(self, order: dict[str, Any]) -> "Reader | None":
        """Set a cue; what runs on the deck is cut off. The reader that decodes it, None when it cannot be read."""
        name, deck = order["deck"], self.decks[order["deck"]]
        self.stop(name)
        reader = Reader(order, self.rate)
        deadline = time.monotonic() + 1
        while deck.busy and time.monotonic() < deadline:
            time.sleep(BLOCK_S / 4)
        with self.lock:
            deck.item, deck.done, deck.square = order["item"], 0, 0.0
            deck.begun = deck.stopping = deck.finished = False
            deck.blocks.clear()
            deck.decoded = 0
            deck.length = order["length_ms"] * self.rate // 1000
            deck.fade_in = order["offset_ms"] > 0
            deck.start = 1 << 62
        try:
            reader.open()
            while not deck.finished and deck.decoded < READ_S * self.rate and self.decode(deck, reader):
                pass
        except (OSError, RuntimeError) as error:
            with self.lock:
                self.tell("failed", name, deck, time.monotonic(), str(error))
                deck.item = 0
            return None
        with self.lock:
            soonest = self.frame + round(2 * BLOCK_S * self.rate)
            wanted = soonest if order["at"] is None else self.frame_at(order["at"])
            deck.start = max(wanted, soonest)
        return reader

    def decode(self, deck: Deck, reader: "Reader") -> bool:
        """One more piece of the cue; False when there is none yet."""
        piece = reader.read()
        with self.lock:
            if len(piece):
                deck.blocks.append(piece)
                deck.decoded += len(piece)
            deck.finished = deck.finished or (not len(piece) and not reader.growing)
        return len(piece) > 0

    def stop(self, name: str) -> None:
        """Fade out within the next block, or forget a cue that has not begun."""
        deck = self.decks[name]
        with self.lock:
            if deck.busy and not deck.begun:
                self.tell("started", name, deck, time.monotonic())
                self.tell("ended", name, deck, time.monotonic())
                deck.item = 0
            else:
                deck.stopping = deck.busy

    def progress(self) -> None:
        """Tell of what runs, now and then."""
        now = time.monotonic()
        with self.lock:
            for name, deck in self.decks.items():
                if deck.busy and deck.begun and now - self.last_told.get(name, 0.0) >= TELL_S:
                    self.last_told[name] = now
                    self.tell("progressed", name, deck, now)


class Growing:
    """Bare samples that somebody else is still adding to, read as a sound file is."""

    def __init__(self, path: Path, rate: int) -> None:
        self._file = path.open("rb")
        self.samplerate = rate

    def seek(self, frame: int) -> None:
        """Go to a frame."""
        self._file.seek(2 * frame)

    def read(self, frames: int, *, dtype: str, always_2d: bool) -> Floats:
        """Up to so many frames, those that are there by now."""
        del always_2d
        here = self._file.tell()
        data = self._file.read(2 * frames)
        whole = len(data) // 2
        self._file.seek(here + 2 * whole)
        return (np.frombuffer(data[: 2 * whole], "<i2").astype(dtype) / 32768)[:, None]


class Reader:
    """Decodes a cue's file piece by piece, to mono at the stream's rate."""

    def __init__(self, order: dict[str, Any], rate: int) -> None:
        self._order, self._rate = order, rate
        self._file: Any = None
        self._resample: Any = None
        self._left = 0
        self._over = False
        self.growing = int(order["growing"])

    def open(self) -> None:
        """Open the file at its cue-in point; a cue without a file is silence."""
        if self._order["path"] is None:
            self._left = self._order["length_ms"] * self._rate // 1000
            return
        import soundfile
        import soxr

        path = Path(self._order["path"])
        if self.growing:
            rate = self.growing
            self._file = Growing(path, rate)
            self._file.seek(self._order["offset_ms"] * rate // 1000)
        else:
            self._file = soundfile.SoundFile(path)
            rate = self._file.samplerate
            self._file.seek(min(self._file.frames, self._order["offset_ms"] * rate // 1000))
        self._left = self._order["length_ms"] * rate // 1000
        if rate != self._rate:
            self._resample = soxr.ResampleStream(rate, self._rate, 1, dtype="float32")

    def read(self) -> Floats:
        """The next piece; empty at the end."""
        if self._file is None:
            count = min(self._left, round(READ_S * self._rate))
            self._left -= count
            return np.zeros(count, dtype=np.float32)
        while not self._over:
            block = self._file.read(
                min(self._left, round(READ_S * self._file.samplerate)), dtype="float32", always_2d=True
            )
            self._left -= len(block)
            last = self._over = not len(block) and not self.growing
            mono = block.mean(axis=1, dtype=np.float32) * np.float32(self._order["gain"])
            if self._resample is not None:
                mono = self._resample.resample_chunk(mono, last=last)
            if len(mono) or (self.growing and not len(block)):
                return mono
        return np.zeros(0, dtype=np.float32)


def say(told: dict[str, Any]) -> None:
    """A line to the parent."""
    print(json.dumps(told), flush=True)


def find_device(wanted: str) -> tuple[int | None, dict[str, Any]]:
    """The device by a part of its name; the system's usual one for an empty name.

    Raises:
        LookupError: when no output has that name.
    """
    import sounddevice

    if not wanted:
        return None, dict(sounddevice.query_devices(kind="output"))
    for number, device in enumerate(sounddevice.query_devices()):
        if wanted.lower() in device["name"].lower() and device["max_output_channels"] > 0:
            return number, dict(device)
    raise LookupError(wanted)


def main() -> None:
    """Serve until stdin ends: the parent is gone, or lets go of the device."""
    import sounddevice

    setting = json.loads(sys.argv[1])
    try:
        number, device = find_device(setting["device"])
    except (LookupError, ValueError, sounddevice.PortAudioError) as error:
        say({"told": "lost", "detail": f"{error}"})
        return
    channels = setting["channels"] or min(int(device["max_output_channels"]), MOST_CHANNELS)
    needed = 1 + max((c for listed in setting["decks"].values() for c in listed), default=0)
    if channels < needed:
        say({"told": "lost", "detail": f"{device['name']}: {channels} < {needed}"})
        return
    rate = int(setting["rate"] or device["default_samplerate"])
    card = Card(setting["decks"], rate, channels)
    orders: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()

    def listen() -> None:
        for line in sys.stdin:
            orders.put(json.loads(line))
        orders.put(None)

    threading.Thread(target=listen, daemon=True).start()
    try:
        with sounddevice.OutputStream(
            samplerate=rate,
            device=number,
            channels=channels,
            dtype="float32",
            blocksize=round(BLOCK_S * rate),
            latency="low",
            callback=card.callback,
        ) as stream:
            # A stream fills its buffers in one go when it starts: those readings of its clock say nothing.
            time.sleep(SETTLING_S)
            card.offsets.clear()
            time.sleep(SETTLING_S)
            say({"told": "ready", "channels": channels, "rate": rate, "device": device["name"]})
            serve(card, orders, stream)
            time.sleep(4 * BLOCK_S)
    except (sounddevice.PortAudioError, OSError) as error:
        say({"told": "lost", "detail": str(error)})


def serve(card: Card, orders: "queue.SimpleQueue[dict[str, Any] | None]", stream: Any) -> None:
    """Take orders, decode ahead, tell, until the orders end or the stream stops."""
    readers: dict[str, Reader] = {}
    moved, seen = time.monotonic(), -1
    while stream.active:
        try:
            order = orders.get(timeout=0.02)
        except queue.Empty:
            order = {"do": ""}
        if order is None or order["do"] == "close":
            return
        if order["do"] == "play":
            reader = card.play(order)
            if reader is not None:
                readers[order["deck"]] = reader
        elif order["do"] == "stop":
            card.stop(order["deck"])
        for name, deck in card.decks.items():
            while deck.busy and not deck.finished and deck.decoded - deck.done < AHEAD_S * card.rate:
                if not card.decode(deck, readers[name]):
                    break
        card.progress()
        while not card.told.empty():
            say(card.told.get())
        if card.frame != seen:
            moved, seen = time.monotonic(), card.frame
        elif time.monotonic() - moved > 2:
            say({"told": "lost", "detail": "the device asks for no more sound"})
            return


if __name__ == "__main__":
    main()
