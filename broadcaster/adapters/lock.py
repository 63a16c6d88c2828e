"""One process a node: a lock that the system lets go of when the process ends, however it ends."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from broadcaster.errors import OutputError


@contextmanager
def only_one(path: Path, node: str) -> Iterator[None]:
    """Hold a node for the length of a block.

    Raises:
        OutputError: `run.busy` if another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        try:
            _lock(file.fileno())
        except OSError as error:
            raise OutputError("run.busy", node=node) from error
        yield


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
