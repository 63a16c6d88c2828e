"""A link without a line: the node's calls go straight to the desk."""

from collections.abc import Callable, Iterator, Sequence

from broadcaster.errors import LinkError
from broadcaster.ports import Desk
from broadcaster.units import Sha256


class MemoryLink:
    """One node's link to a desk in the same process. `spoil` may change what comes, `down` cuts it."""

    def __init__(self, desk: Desk, node: str, up: Callable[[], bool] = lambda: True) -> None:
        self._desk, self._node, self._up = desk, node, up
        self.spoil: Callable[[bytes], bytes] = lambda text: text
        self.block = 1 << 16

    def _call(self) -> None:
        if not self._up():
            raise LinkError("link.down", address="memory", detail="cut")

    def poll(self, manifest: int, urgent: int, wait: float) -> Sequence[bytes]:
        del wait
        self._call()
        return [self.spoil(letter) for letter in self._desk.letters(self._node, manifest, urgent)]

    def fetch(self, sha256: Sha256, start: int) -> Iterator[bytes]:
        self._call()
        path = self._desk.file(sha256)
        if path is None:
            raise LinkError("link.gone", file=sha256)
        data = self.spoil(path.read_bytes())[start:]
        for at in range(0, len(data), self.block):
            self._call()
            yield data[at : at + self.block]

    def segment(self, live: str, number: int) -> bytes | None:
        self._call()
        text = self._desk.segment(self._node, live, number)
        return None if text is None else self.spoil(text)

    def deliver(self, text: bytes) -> bytes:
        self._call()
        return self._desk.take(text)

    def close(self) -> None:
        pass
