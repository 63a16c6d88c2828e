"""What waits for the nodes that ask by HTTP, in files, so that any process of the station can post."""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from broadcaster.adapters.files import whole_file
from broadcaster.units import as_utc


class FolderMailbox:
    """One folder; a file `phien` changes with every post, and is all that a waiting server looks at."""

    def __init__(self, root: Path) -> None:
        self._posted, self._urgent, self._version = root / "ban_ke", root / "khan_cap", root / "phien"
        for folder in (self._posted, self._urgent):
            folder.mkdir(parents=True, exist_ok=True)
        self._orders: tuple[int, list[tuple[int, datetime, bytes]]] = (-1, [])

    def post(self, node: str, text: bytes, seq: int) -> None:
        """A node's new manifest."""
        if seq > self._manifest(node)[0]:
            _write(self._posted / node, b"%d\n" % seq + text)
            self._bump()

    def announce(self, text: bytes, seq: int, expires: datetime) -> None:
        """An order or a retraction."""
        head = json.dumps({"seq": seq, "expires": expires.isoformat()}).encode()
        _write(self._urgent / str(seq), head + b"\n" + text)
        self._bump()

    def version(self) -> int:
        """Changes whenever something is posted."""
        try:
            return self._version.stat().st_mtime_ns
        except OSError:
            return 0

    def letters(self, node: str, manifest: int, urgent: int, now: datetime) -> Sequence[bytes]:
        """What a node has not seen, orders first."""
        found = [text for seq, expires, text in self._urgent_now() if seq > urgent and expires > now]
        seq, text = self._manifest(node)
        if seq > manifest:
            found.append(text)
        return found

    def _manifest(self, node: str) -> tuple[int, bytes]:
        """A node's manifest and its number; thousands ask, so one file is opened by its name and no folder is read."""
        try:
            head, _, text = (self._posted / node).read_bytes().partition(b"\n")
            return int(head), text
        except (OSError, ValueError):
            return -1, b""

    def _urgent_now(self) -> list[tuple[int, datetime, bytes]]:
        """Every order, read once for each version: thousands of nodes ask for the same."""
        version = self.version()
        if self._orders[0] != version or version == 0:
            orders = []
            for path in sorted(self._urgent.iterdir(), key=lambda path: path.name):
                if path.name.isdigit():
                    with suppress(OSError, ValueError, KeyError):
                        head, _, text = path.read_bytes().partition(b"\n")
                        orders.append(
                            (int(path.name), as_utc(datetime.fromisoformat(json.loads(head)["expires"])), text)
                        )
            self._orders = (version, orders)
        return self._orders[1]

    def _bump(self) -> None:
        _write(self._version, b"")

    def close(self) -> None:
        """Nothing is held."""


def _write(path: Path, data: bytes) -> None:
    with whole_file(path) as temporary:
        temporary.write_bytes(data)
