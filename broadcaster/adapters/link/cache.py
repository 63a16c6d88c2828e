"""A node's folder: what it may play when the station is gone, and what it has to tell when the station is back.

    manifest      the signed manifest in force        rundowns/CODE.json    kept whole or not at all
    state.json    numbers of what was seen last       audio/SHA256.ENDING
    emergency/    verified orders and retractions     outbox/               rows and events that wait
    live/         live broadcasts and their sound     tone                  the last order for a test tone

A file is at its place only after its length and hash were found right; until then it is under `.part`.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from broadcaster.adapters.files import sync_folder, whole_file, write_text
from broadcaster.domain.asrun import AsRun
from broadcaster.domain.emergency import EmergencyOrder
from broadcaster.domain.envelope import Refused
from broadcaster.domain.live import LiveOrder
from broadcaster.domain.manifest import Manifest, Piece, PieceKind, fault
from broadcaster.domain.receipt import as_run_from
from broadcaster.errors import Finding
from broadcaster.units import Sha256, canonical, plain

KEEP_DAYS = 8
"""Days for which a sound is kept that no manifest names any more: yesterday's may be in the next one."""


class FolderCache:
    """One node's folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._audio, self._rundowns = root / "audio", root / "rundowns"
        self._parts, self._outbox = root / ".part", root / "outbox"
        self._events, self._emergency = root / "outbox" / "events", root / "emergency"
        self._live = root / "live"
        for folder in (self._audio, self._rundowns, self._parts, self._events, self._emergency, self._live):
            folder.mkdir(parents=True, exist_ok=True)

    # Numbers of what was seen

    def seen(self, what: str) -> int:
        """The number of the last manifest, order or event; 0 at first."""
        value = self._state().get(what, 0)
        return value if isinstance(value, int) else 0

    def see(self, what: str, number: int) -> None:
        """Keep a number: on disk before this returns, so that nothing is taken twice after a power cut."""
        write_text(self.root / "state.json", json.dumps({**self._state(), what: number}))

    def _state(self) -> dict[str, Any]:
        try:
            state = json.loads((self.root / "state.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    # Manifest and files

    def manifest(self) -> bytes | None:
        """The signed manifest that was taken last."""
        return _read(self.root / "manifest")

    def keep_manifest(self, text: bytes) -> None:
        """Put a manifest in the place of the last one."""
        _write(self.root / "manifest", text)

    def path(self, piece: Piece) -> Path:
        """Where a file is, or would be."""
        if piece.kind is PieceKind.RUNDOWN:
            return self._rundowns / f"{piece.name}.json"
        return self._audio / f"{piece.sha256}.{piece.name}"

    def holds(self, piece: Piece) -> bool:
        """Whether a file is there as the manifest has it. Rundowns are read again, sounds are measured."""
        path = self.path(piece)
        try:
            length = path.stat().st_size
        except OSError:
            return False
        if piece.kind is PieceKind.AUDIO:
            return length == piece.length
        return fault(piece, length, _hash(path)) is None

    def sound(self, piece: Piece) -> Path | None:
        """A sound, once it was read through and found right."""
        path = self.path(piece)
        try:
            right = fault(piece, path.stat().st_size, _hash(path)) is None
        except OSError:
            return None
        return path if right else None

    def begun(self, piece: Piece) -> int:
        """How many bytes of a file are there from a try before."""
        try:
            return (self._parts / piece.sha256).stat().st_size
        except OSError:
            return 0

    def take(self, piece: Piece, start: int, blocks: Iterable[bytes]) -> Refused | None:
        """Write what comes of a file from `start` on; put it at its place if it is right, throw it away if it is wrong.

        What ends early, with an error or without one, is kept for the next try. Never more than one block too many is
        written.

        Raises:
            LinkError: what the blocks raise.
        """
        part = self._parts / piece.sha256
        with part.open("r+b" if start else "wb") as file:
            file.seek(start)
            length = start
            for block in blocks:
                file.write(block)
                length += len(block)
                if length > piece.length:
                    break
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        refused = fault(piece, length, _hash(part))
        if refused is None:
            part.replace(self.path(piece))
            sync_folder(self.path(piece).parent)
        elif length >= piece.length:
            part.unlink()
        return refused

    def tidy(self, manifest: Manifest, now: datetime) -> None:
        """Take away rundowns that the manifest no longer names, and sounds that none has named for days."""
        named = {self.path(piece).name for piece in manifest.pieces}
        for path in self._rundowns.iterdir():
            if path.name not in named:
                path.unlink()
        wanted = {piece.sha256 for piece in manifest.pieces}
        for path in (*self._audio.iterdir(), *self._parts.iterdir()):
            if path.name.partition(".")[0] in wanted:
                continue
            if now.timestamp() - path.stat().st_mtime > KEEP_DAYS * 86_400:
                path.unlink()

    # Emergencies

    def keep_order(self, order: EmergencyOrder, text: bytes) -> None:
        """Keep a verified order for the player."""
        _write(self._emergency / f"{order.id}.order", text)

    def retract(self, order: str, text: bytes) -> None:
        """Keep a verified retraction for the player."""
        _write(self._emergency / f"{order}.retracted", text)

    def retracted(self, order: str) -> bool:
        """Whether an order was taken back."""
        return (self._emergency / f"{order}.retracted").exists()

    def orders(self) -> Sequence[bytes]:
        """The signed orders that were not retracted, the oldest first."""
        found = sorted(self._emergency.glob("*.order"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        kept = [path for path in found if not path.with_suffix(".retracted").exists()]
        return [text for text in map(_read, kept) if text is not None]

    # Live broadcasts

    def keep_live(self, order: LiveOrder, text: bytes) -> None:
        """Keep a verified live broadcast for the player, in the place of the last text about it."""
        _write(self._live / f"{order.id}.order", text)

    def lives(self) -> Sequence[bytes]:
        """The signed live broadcasts, the oldest first."""
        found = [_read(path) for path in sorted(self._live.glob("*.order"), key=lambda path: path.name)]
        return [text for text in found if text is not None]

    def spool(self, live: str) -> Path:
        """Where the sound of a live broadcast grows."""
        return self._live / f"{live}.pcm"

    def forget_live(self, live: str) -> None:
        """Take away a broadcast that is over, and its sound."""
        for path in (self._live / f"{live}.order", self.spool(live)):
            with suppress(OSError):  # the player may still hold it; it is tried again at the next look
                path.unlink(missing_ok=True)

    # Test tones

    def keep_tone(self, text: bytes) -> None:
        """Keep a verified order for a test tone, in the place of the last one."""
        _write(self.root / "tone", text)

    def tone(self) -> bytes | None:
        """The signed order for a test tone that came last."""
        return _read(self.root / "tone")

    # The outbox

    def put_rows(self, rows: Sequence[AsRun]) -> None:
        """Sealed rows of one node that wait for the station, on disk before this returns."""
        if rows:
            name = f"{rows[0].seq:012d}-{rows[-1].seq:012d}.jsonl"
            write_text(self._outbox / name, "".join(canonical(row) + "\n" for row in rows))

    def rows(self, most: int) -> Sequence[AsRun]:
        """The first rows that wait, in their order."""
        found: list[AsRun] = []
        for path in sorted(self._outbox.glob("*.jsonl")):
            found += _rows_of(path)
            if len(found) >= most:
                break
        return found[:most]

    def settle_rows(self, expected: int) -> None:
        """Forget the rows before the one that the station expects next."""
        for path in sorted(self._outbox.glob("*.jsonl")):
            last = path.stem.partition("-")[2]
            if not last.isdigit() or int(last) >= expected:
                break
            path.unlink()

    def put_event(self, finding: Finding, at: datetime) -> int:
        """An event that waits for the station; its number."""
        number = self.seen("event") + 1
        event = {"number": number, "at": at, **plain(finding)}
        write_text(self._events / f"{number:012d}.json", canonical(event))
        self.see("event", number)
        return number

    def events(self, most: int) -> Sequence[dict[str, Any]]:
        """The first events that wait."""
        found = []
        for path in sorted(self._events.glob("*.json"))[:most]:
            with suppress(OSError, ValueError):
                found.append(json.loads(path.read_text(encoding="utf-8")))
        return found

    def settle_events(self, last: int) -> None:
        """Forget the events up to a number."""
        for path in self._events.glob("*.json"):
            if path.stem.isdigit() and int(path.stem) <= last:
                path.unlink()


def _rows_of(path: Path) -> Iterator[AsRun]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield as_run_from(json.loads(line))


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _write(path: Path, data: bytes) -> None:
    with whole_file(path) as temporary:
        temporary.write_bytes(data)


def _hash(path: Path) -> Sha256:
    with path.open("rb") as file:
        return Sha256(hashlib.file_digest(file, "sha256").hexdigest())
