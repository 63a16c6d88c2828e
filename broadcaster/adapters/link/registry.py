"""What the station knows of its nodes: small files in one folder that its owner alone may read."""

import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from broadcaster.adapters.clock import SystemClock, monotonic, sleep
from broadcaster.adapters.files import whole_file, write_text
from broadcaster.adapters.lock import only_one
from broadcaster.adapters.notebook import FileNotebook
from broadcaster.domain.emergency import EmergencyRecord, order_from
from broadcaster.domain.enrolment import Deed, DeedKind, Invitation, Member
from broadcaster.domain.live import LiveOrder, an_id, live_from
from broadcaster.domain.manifest import is_hash
from broadcaster.domain.tone import ToneOrder, tone_from
from broadcaster.errors import LinkError, OutputError
from broadcaster.units import Sha256, as_utc, canonical, digest_blocks, plain

T = TypeVar("T")
_PATIENCE = 10.0
"""Seconds to wait for another process that writes."""
SETTLED_NS = 1e9
"""How long after its last change a folder's time stamp is believed."""


class _Kept(Generic[T]):
    """The JSON files of a folder, read once as long as the folder is the same: a player asks all the time."""

    def __init__(self, folder: Path, parse: Callable[[Any], T]) -> None:
        self._folder, self._parse = folder, parse
        self._read: tuple[int, tuple[T, ...]] = (-1, ())

    def read(self) -> tuple[T, ...]:
        """What they say."""
        mark = self._folder.stat().st_mtime_ns
        if self._read[0] != mark:
            texts = [path.read_text(encoding="utf-8") for path in self._folder.glob("*.json")]
            # A folder that changed just now may change again within the same tick of its time stamp.
            settled = SystemClock().now().timestamp() * 1e9 - mark > SETTLED_NS
            self._read = (mark if settled else -1, tuple(self._parse(json.loads(text)) for text in texts))
        return self._read[1]


class FolderRegistry:
    """One folder of one station.

    Args:
        root: the folder.
        grace: seconds for which a kept file stays, wanted or not: another process may be about to name it in an order.
    """

    def __init__(self, root: Path, grace: float = 3600.0) -> None:
        self._root, self._grace = root, grace
        self._files, self._events, self._orders = root / "tep", root / "su_kien", root / "khan_cap"
        self._lives, self._tones = root / "truc_tiep", root / "thu_loa"
        self._deeds = FileNotebook(root / "so_viec.jsonl")
        self._answers = FileNotebook(root / "thu_loa.jsonl")
        self._tables: dict[str, tuple[tuple[int, int], dict[str, Any]]] = {}
        self._seen: dict[str, float] = {}
        self._members: tuple[dict[str, Any] | None, tuple[Member, ...]] = (None, ())
        self._emergencies = _Kept(self._orders, _record)
        self._broadcasts = _Kept(self._lives, live_from)
        self._trials = _Kept(self._tones, tone_from)
        for folder in (root, self._files, self._events, self._orders, self._lives, self._tones):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    # Nodes and codes

    def members(self) -> Sequence[Member]:
        """The nodes that joined, by name; the same tuple as long as the file is the same."""
        table = self._table("bo_phat")
        if self._members[0] is not table:
            self._members = (table, tuple(_member(name, data) for name, data in sorted(table.items())))
        return self._members[1]

    def keep_member(self, member: Member) -> None:
        """Put a node in the place of the one of that name."""
        self._put("bo_phat", member.node, plain(member))

    def invitation(self, node: str) -> Invitation | None:
        """The last code that was given out for a node."""
        data = self._table("ma").get(node)
        if data is None:
            return None
        return Invitation(node, data["secret"], _when(data["expires"]), used=data["used"], tries=data["tries"])

    def keep_invitation(self, invitation: Invitation) -> None:
        """Put a code in the place of the node's last one."""
        self._put("ma", invitation.node, plain(invitation))

    def next_number(self, what: str, now: datetime) -> int:
        """A number higher than every one before."""
        with self._locked():
            table = self._table("so")
            number = max(int(table.get(what, 0)) + 1, int(now.timestamp() * 1000))
            self._write("so", {**table, what: number})
        return number

    # Files

    def keep_file(self, source: Path | bytes) -> tuple[Sha256, int]:
        """Keep a file under its hash; a second name of the same bytes where the disk can, else a copy."""
        sha256 = digest_blocks([source] if isinstance(source, bytes) else _blocks(source))
        target = self._files / sha256
        if target.exists():
            target.chmod(target.stat().st_mode)  # which begins its grace anew, and leaves the times of the sound alone
        elif isinstance(source, bytes):
            with whole_file(target) as temporary:
                temporary.write_bytes(source)
        else:
            try:
                os.link(source, target)
            except OSError:
                with whole_file(target) as temporary, temporary.open("wb") as copy:
                    for block in _blocks(source):
                        copy.write(block)
        return sha256, target.stat().st_size

    def file(self, sha256: str) -> Path | None:
        """A kept file."""
        path = self._files / sha256
        return path if is_hash(sha256) and path.is_file() else None

    def forget_files(self, wanted: Collection[Sha256]) -> None:
        """Let go of the kept files that nobody wants any more."""
        until = SystemClock().now().timestamp() - self._grace
        for path in self._files.iterdir():
            if is_hash(path.name) and path.name not in wanted and path.stat().st_ctime <= until:
                path.unlink(missing_ok=True)

    def pieces(self) -> Mapping[str, Sequence[Sha256]]:
        """The files of each node's last manifest."""
        return {node: [Sha256(one) for one in found] for node, found in self._table("ban_ke").items()}

    def keep_pieces(self, node: str, pieces: Sequence[Sha256]) -> None:
        """Remember the files of a node's last manifest."""
        self._put("ban_ke", node, list(pieces))

    # Events

    def add_events(self, node: str, events: Sequence[Mapping[str, Any]]) -> int:
        """Append a node's events, each number once."""
        path = self._events / f"{node}.jsonl"
        with self._locked():
            last = max((int(event["number"]) for event in self.events(node)), default=0)
            new = sorted((e for e in events if int(e["number"]) > last), key=lambda e: int(e["number"]))
            with path.open("a", encoding="utf-8", newline="\n") as file:
                file.writelines(canonical(event) + "\n" for event in new)
                file.flush()
                os.fsync(file.fileno())
        return int(new[-1]["number"]) if new else last

    def keep_refused(self, node: str, events: Sequence[Mapping[str, Any]]) -> None:
        """Put what was refused of a node's rows last in the place of what was; nothing when nothing was."""
        if self._table("tu_choi").get(node, []) != list(plain(events)):
            self._put("tu_choi", node, plain(events))

    def refused(self, node: str) -> Sequence[Mapping[str, Any]]:
        """What was refused of a node's rows last."""
        return list(self._table("tu_choi").get(node, []))

    def issued(self, node: str) -> datetime | None:
        """When a node's last manifest was numbered."""
        number = self._table("so").get(f"ban_ke.{node}")
        return None if number is None else datetime.fromtimestamp(number / 1000, UTC)

    def events(self, node: str) -> Sequence[Mapping[str, Any]]:
        """A node's events; a last line that a power cut left unfinished is none."""
        found = []
        with suppress(OSError):
            for line in (self._events / f"{node}.jsonl").read_text(encoding="utf-8").splitlines():
                with suppress(ValueError):
                    found.append(json.loads(line))
        return found

    def saw(self, node: str, now: datetime) -> None:
        """A node was heard of; one write a minute, and no lock: the last one wins."""
        if now.timestamp() - self._seen.get(node, 0.0) < 60:
            return
        self._seen[node] = now.timestamp()
        path = self._events / f"{node}.nghe"
        path.touch()
        os.utime(path, (now.timestamp(), now.timestamp()))

    def last_seen(self, node: str) -> datetime | None:
        """When a node was last heard of."""
        try:
            return datetime.fromtimestamp((self._events / f"{node}.nghe").stat().st_mtime, UTC)
        except OSError:
            return None

    def note(self, deed: Deed) -> None:
        """Keep who did what with a node."""
        self._deeds.add(canonical(deed))

    def deeds(self) -> Sequence[Deed]:
        """What was done with nodes, the oldest first."""
        try:
            found = [json.loads(line) for line in self._deeds.lines()]
            return [Deed(one["node"], DeedKind(one["what"]), _when(one["at"]), one["by"]) for one in found]
        except (ValueError, KeyError, TypeError) as error:
            raise LinkError("link.registry", file=str(self._root / "so_viec.jsonl")) from error

    # Emergencies

    def emergencies(self) -> Sequence[EmergencyRecord]:
        """Every order, the oldest first."""
        return sorted(self._emergencies.read(), key=lambda record: record.order.seq)

    def keep_emergency(self, record: EmergencyRecord) -> None:
        """Put what is known of an order in the place of what was."""
        write_text(self._orders / f"{record.order.id}.json", canonical(record) + "\n")

    # Live broadcasts

    def lives(self) -> Sequence[LiveOrder]:
        """Every live broadcast as it was ordered last, the oldest first."""
        return sorted(self._broadcasts.read(), key=lambda order: order.id)

    def keep_live(self, order: LiveOrder) -> None:
        """Put a live broadcast in the place of what was known of it."""
        write_text(self._lives / f"{an_id(order.id)}.json", canonical(order) + "\n")

    def live_folder(self, live: str) -> Path:
        """Where the sound of a live broadcast is: `spool.pcm`, and its signed segments by their numbers."""
        return self._lives / an_id(live)

    # Test tones

    def tones(self) -> Sequence[ToneOrder]:
        """Every test tone that was ordered, the oldest first."""
        return sorted(self._trials.read(), key=lambda order: order.seq)

    def keep_tone(self, order: ToneOrder) -> None:
        """Keep the order of a test tone."""
        write_text(self._tones / f"{an_id(order.id)}.json", canonical(order) + "\n")

    def tone_answers(self) -> Sequence[Mapping[str, Any]]:
        """What the office's own player told of tones; a line that is none is passed over."""
        found = []
        for line in self._answers.lines():
            with suppress(ValueError):
                found.append(json.loads(line))
        return [one for one in found if isinstance(one, dict)]

    def add_tone_answer(self, node: str, event: Mapping[str, Any]) -> None:
        """Keep what the office's own player told of a tone."""
        self._answers.add(canonical({"node": node, **plain(event)}))

    # Tables

    def _table(self, name: str) -> dict[str, Any]:
        path = self._root / f"{name}.json"
        try:
            stat = path.stat()
            mark = (stat.st_ino, stat.st_mtime_ns)
            known = self._tables.get(name)
            if known and known[0] == mark:
                return known[1]
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise LinkError("link.registry", file=str(path)) from error
        if not isinstance(data, dict):
            raise LinkError("link.registry", file=str(path))
        self._tables[name] = (mark, data)
        return data

    def _write(self, name: str, table: dict[str, Any]) -> None:
        path = self._root / f"{name}.json"
        with whole_file(path) as temporary:
            temporary.write_text(json.dumps(table, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
        path.chmod(0o600)

    def _put(self, name: str, key: str, value: Any) -> None:
        with self._locked():
            self._write(name, {**self._table(name), key: value})

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Alone among the processes that write here."""
        until = monotonic() + _PATIENCE
        while True:
            held = only_one(self._root / "khoa.lock", "")
            try:
                held.__enter__()
            except OutputError as error:
                if monotonic() > until:
                    raise LinkError("link.registry_busy", folder=str(self._root)) from error
                sleep(0.01)
                continue
            try:
                yield
            finally:
                held.__exit__(None, None, None)
            return


def _member(name: str, data: Mapping[str, Any]) -> Member:
    revoked = data["revoked"]
    return Member(name, data["public"], _when(data["joined"]), _when(revoked) if revoked else None, data["by"])


def _record(data: Mapping[str, Any]) -> EmergencyRecord:
    order = dict(data["order"])
    signature = order.pop("signature")
    record = EmergencyRecord(order_from(order, signature), data["retracted_by"])
    return replace(
        record,
        retracted_at=_when(data["retracted_at"]) if data["retracted_at"] else None,
        countersigned_by=data["countersigned_by"],
        countersigned_at=_when(data["countersigned_at"]) if data["countersigned_at"] else None,
    )


def _when(text: str) -> datetime:
    return as_utc(datetime.fromisoformat(text))


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1 << 18):
            yield block
