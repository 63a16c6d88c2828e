"""A node's end by HTTP: it asks and waits; files by range, so that a broken line goes on where it broke."""

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from broadcaster.errors import LinkError
from broadcaster.units import Sha256

_TIMEOUT = 20.0
"""Seconds without a byte after which the line counts as broken."""
_BLOCK = 1 << 16
_ANSWER_LIMIT = 8_000_000


class HttpLink:
    """The link of one node.

    Args:
        address: where the station's door is, such as `https://dai.example.vn/link`.
        ask: makes the signed request that says who asks, given the path.
    """

    def __init__(self, address: str, ask: Callable[[str], bytes]) -> None:
        import requests

        self._address = address.rstrip("/")
        self._ask = ask
        self._session = requests.Session()
        self._broken: tuple[type[Exception], ...] = (requests.RequestException, OSError)

    def _get(self, path: str, wait: float = 0.0, **more: Any) -> Any:
        try:
            proof = base64.b64encode(self._ask(path)).decode()
            headers = {"Authorization": f"Broadcaster {proof}", **more.pop("headers", {})}
            return self._session.get(
                self._address + path, headers=headers, timeout=(_TIMEOUT, wait + _TIMEOUT), stream=True, **more
            )
        except self._broken as error:
            raise LinkError("link.down", address=self._address, detail=type(error).__name__) from error

    def poll(self, manifest: int, urgent: int, wait: float) -> Sequence[bytes]:
        """Signed texts for this node."""
        params = {"manifest": manifest, "urgent": urgent, "wait": wait}
        with self._get("/poll", wait, params=params) as answer:
            body = self._whole(answer)
            self._judge(answer.status_code, body)
        try:
            return [base64.b64decode(letter, validate=True) for letter in json.loads(body)["letters"]]
        except (ValueError, KeyError, TypeError) as error:
            raise LinkError("link.down", address=self._address, detail="JSON") from error

    def fetch(self, sha256: Sha256, start: int) -> Iterator[bytes]:
        """The bytes of a file from `start` on."""
        headers = {"Range": f"bytes={start}-", "Accept-Encoding": "identity"} if start else {}
        with self._get(f"/files/{sha256}", headers=headers) as answer:
            if answer.status_code == 404:
                raise LinkError("link.gone", file=sha256)
            if start and answer.status_code == 416:
                return
            if answer.status_code not in {200, 206}:
                self._judge(answer.status_code, self._whole(answer))
            skip = start if answer.status_code == 200 else 0
            try:
                for block in answer.iter_content(_BLOCK):
                    kept = block[skip:]
                    skip = max(0, skip - len(block))
                    if kept:
                        yield kept
            except self._broken as error:
                raise LinkError("link.down", address=self._address, detail=type(error).__name__) from error

    def segment(self, live: str, number: int) -> bytes | None:
        """A signed segment of a live broadcast, the newest for number 0; None if it did not come in time."""
        with self._get(f"/live/{live}/{number}") as answer:
            if answer.status_code == 404:
                raise LinkError("link.gone", file=f"{live}/{number}")
            body = self._whole(answer)
            if answer.status_code == 204:
                return None
            self._judge(answer.status_code, body)
            return body

    def deliver(self, text: bytes) -> bytes:
        """Hand a signed text to the station."""
        return self._post("/deliver", text)

    def join(self, request: bytes) -> bytes:
        """Ask to join."""
        return self._post("/join", request)

    def _post(self, path: str, body: bytes) -> bytes:
        try:
            with self._session.post(self._address + path, data=body, timeout=_TIMEOUT, stream=True) as answer:
                found = self._whole(answer)
                self._judge(answer.status_code, found)
                return found
        except self._broken as error:
            raise LinkError("link.down", address=self._address, detail=type(error).__name__) from error

    def _whole(self, answer: Any) -> bytes:
        body = bytearray()
        try:
            for block in answer.iter_content(_BLOCK):
                body += block
                if len(body) > _ANSWER_LIMIT:
                    raise LinkError("link.down", address=self._address, detail="size")
        except self._broken as error:
            raise LinkError("link.down", address=self._address, detail=type(error).__name__) from error
        return bytes(body)

    def _judge(self, status: int, body: bytes) -> None:
        if status == 200:
            return
        why = ""
        try:
            why = str(json.loads(body)["refused"])
        except (ValueError, KeyError, TypeError):
            why = ""
        if status == 403 and why:
            raise LinkError("link.refused", why=why)
        raise LinkError("link.down", address=self._address, detail=f"HTTP {status}")

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()
