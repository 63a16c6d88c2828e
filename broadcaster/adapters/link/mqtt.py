"""Both ends over an MQTT 5 broker: manifests are retained, orders expire, rows and events are requests with an answer.

Topics, below `broadcaster/1/STATION/`: `node/NODE` (retained), `urgent`, `up`, `answer/NODE`. Everything is delivered
at least once (QoS 1) and is signed: the broker need not be trusted, only reached. Files are fetched by HTTP.
"""

import queue
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from broadcaster.adapters.clock import monotonic
from broadcaster.errors import LinkError
from broadcaster.ports import Clock
from broadcaster.units import Sha256

if TYPE_CHECKING:
    from paho.mqtt.client import Client

PATIENCE = 20.0
"""Seconds to wait for the broker or an answer."""
KEEP = 8 * 86_400
"""Seconds for which the broker keeps what a node has not heard yet."""
Files = Callable[[Sha256, int], Iterator[bytes]]


def _topic(station: str, *rest: str) -> str:
    return "/".join(("broadcaster/1", station, *rest))


def _properties(packet: str, **values: Any) -> Any:
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    made = Properties(getattr(PacketTypes, packet))  # type: ignore[no-untyped-call]
    for name, value in values.items():
        setattr(made, name, value)
    return made


class _Line:
    """A connection that is made when it is needed and made again when it was lost; who calls decides when to try."""

    def __init__(self, address: str, name: str, topics: Sequence[str], heard: Callable[[Any], None], keep: int) -> None:
        self._parts = urlsplit(address)
        if self._parts.scheme not in {"mqtt", "mqtts"} or not self._parts.hostname:
            raise LinkError("link.address", given=address)
        self.shown = f"{self._parts.scheme}://{self._parts.hostname}"
        self._name, self._topics, self._heard, self._keep = name, topics, heard, keep
        self._client: Client | None = None
        self._up = threading.Event()
        self._lock = threading.Lock()

    def client(self) -> "Client":
        """The connection, subscribed to its topics.

        Raises:
            LinkError: `link.down`.
        """
        with self._lock:
            if self._client is not None and self._client.is_connected():
                return self._client
            self.close()
            self._up.clear()
            client = self._client = self._made()
            try:
                client.connect(
                    self._parts.hostname or "",
                    self._parts.port or (8883 if self._parts.scheme == "mqtts" else 1883),
                    keepalive=30,
                    clean_start=self._keep == 0,
                    properties=_properties("CONNECT", SessionExpiryInterval=self._keep),
                )
            except (OSError, ValueError) as error:
                raise self.down(type(error).__name__) from error
            client.loop_start()
            if not self._up.wait(PATIENCE):
                raise self.down("CONNACK")
            return client

    def _made(self) -> "Client":
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

        client = Client(
            CallbackAPIVersion.VERSION2,
            self._name,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
            manual_ack=self._keep > 0,
        )
        if self._parts.username:
            client.username_pw_set(unquote(self._parts.username), unquote(self._parts.password or ""))
        if self._parts.scheme == "mqtts":
            client.tls_set()

        def connected(of: "Client", _: Any, __: Any, reason: Any, ___: Any) -> None:
            if reason.is_failure:
                return
            if not self._topics:
                self._up.set()
                return
            of.subscribe([(topic, 1) for topic in self._topics])

        def subscribed(*_: Any) -> None:
            self._up.set()

        def message(_: "Client", __: Any, what: Any) -> None:
            self._heard(what)

        client.on_connect = connected
        client.on_subscribe = subscribed
        client.on_message = message
        return client

    def publish(self, topic: str, text: bytes, *, retain: bool = False, **properties: Any) -> None:
        """Hand something to the broker, and wait until it has it."""
        sent = self.client().publish(topic, text, 1, retain, _properties("PUBLISH", **properties))
        try:
            sent.wait_for_publish(PATIENCE)
            done = sent.is_published()
        except (RuntimeError, ValueError) as error:
            raise self.down(type(error).__name__) from error
        if not done:
            raise self.down("PUBACK")

    def down(self, detail: str) -> LinkError:
        """The error that says so. The address is shown without its password."""
        return LinkError("link.down", address=self.shown, detail=detail)

    def close(self) -> None:
        """Let go of the connection."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(OSError, ValueError):
                client.disconnect()
            client.loop_stop()


class MqttLink:
    """A node's end.

    Args:
        address: `mqtt://[user:password@]host[:port]`, or `mqtts://`.
        station: the station's code.
        node: the node.
        files: how files are fetched.
    """

    def __init__(self, address: str, station: str, node: str, files: Files) -> None:
        self._files = files
        self._up, self._answers = _topic(station, "up"), _topic(station, "answer", node)
        self._letters: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._waiting: dict[bytes, queue.SimpleQueue[bytes]] = {}
        self._taken: list[tuple[Client, Any]] = []
        topics = (_topic(station, "urgent"), _topic(station, "node", node), self._answers)
        self._line = _Line(address, f"broadcaster.{station}.{node}", topics, self._heard, KEEP)

    def _heard(self, message: Any) -> None:
        if message.topic != self._answers:
            self._letters.put(message)
            return
        client = self._line._client  # noqa: SLF001 - the line is this module's own
        if client is not None:
            client.ack(message.mid, message.qos)
        waiting = self._waiting.get(bytes(getattr(message.properties, "CorrelationData", b"")))
        if waiting is not None:
            waiting.put(bytes(message.payload))

    def poll(self, manifest: int, urgent: int, wait: float) -> Sequence[bytes]:
        """Signed texts for this node. What was handed out the time before is acknowledged now: it has been seen to."""
        del manifest, urgent  # the broker knows what was acknowledged; a retained manifest comes with each connection
        client = self._line.client()
        for of, message in self._taken:
            if of is client:
                client.ack(message.mid, message.qos)
        self._taken.clear()
        found: list[bytes] = []
        until = monotonic() + wait
        while True:
            try:
                left = 0.0 if found else max(0.0, min(1.0, until - monotonic()))
                message = self._letters.get(timeout=left) if left else self._letters.get_nowait()
            except queue.Empty:
                if found or monotonic() >= until:
                    return found
                if not client.is_connected():
                    raise self._line.down("lost") from None
                continue
            self._taken.append((client, message))
            found.append(bytes(message.payload))

    def fetch(self, sha256: Sha256, start: int) -> Iterator[bytes]:
        """The bytes of a file, by HTTP."""
        return self._files(sha256, start)

    def deliver(self, text: bytes) -> bytes:
        """Hand a signed text to the station; its signed answer."""
        mark = secrets.token_bytes(12)
        answers = self._waiting[mark] = queue.SimpleQueue()
        try:
            self._line.publish(self._up, text, ResponseTopic=self._answers, CorrelationData=mark)
            return answers.get(timeout=PATIENCE)
        except queue.Empty:
            raise self._line.down("answer") from None
        finally:
            del self._waiting[mark]

    def close(self) -> None:
        """Let go of the connection; the broker keeps what comes meanwhile."""
        self._line.close()


class MqttHub:
    """The station's end; `serve` makes it answer what nodes hand in.

    Args:
        address: as for `MqttLink`.
        station: the station's code.
        clock: for how long an order is still good.
    """

    def __init__(self, address: str, station: str, clock: Clock) -> None:
        self._address, self._station, self._clock = address, station, clock
        self._line = _Line(address, "", (), lambda _: None, 0)
        self.shown = self._line.shown
        self._ear: _Line | None = None
        self._heard: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def post(self, node: str, text: bytes, seq: int) -> None:
        """A node's new manifest, retained by the broker."""
        del seq
        self._line.publish(_topic(self._station, "node", node), text, retain=True)

    def announce(self, text: bytes, seq: int, expires: datetime) -> None:
        """An order or a retraction; the broker forgets it when it expires."""
        del seq
        left = max(1, int((expires - self._clock.now()).total_seconds()))
        self._line.publish(_topic(self._station, "urgent"), text, MessageExpiryInterval=left)

    def connect(self) -> None:
        """Be there before something has to be said.

        Raises:
            LinkError: `link.down`.
        """
        self._line.client()

    def serve(self, take: Callable[[bytes], bytes], wait: float) -> int:
        """Answer what nodes hand in for so many seconds; how many there were.

        Raises:
            LinkError: `link.down`, or what `take` raises; what was not answered is sent again by its node.
        """
        if self._ear is None:
            # A name that stays, and a session: what comes in while the station restarts waits at the broker.
            name = f"broadcaster.{self._station}"
            self._ear = _Line(self._address, name, (_topic(self._station, "up"),), self._heard.put, KEEP)
        client = self._ear.client()
        until, count = monotonic() + wait, 0
        while (left := until - monotonic()) > 0:
            try:
                message = self._heard.get(timeout=min(left, 1.0))
            except queue.Empty:
                if not client.is_connected():
                    raise self._ear.down("lost") from None
                continue
            topic = str(getattr(message.properties, "ResponseTopic", ""))
            answer = take(bytes(message.payload))
            if topic.startswith(_topic(self._station, "answer", "")):
                mark = bytes(getattr(message.properties, "CorrelationData", b""))
                self._line.publish(topic, answer, CorrelationData=mark, MessageExpiryInterval=60)
            client.ack(message.mid, message.qos)
            count += 1
        return count

    def close(self) -> None:
        """Let go of the connections."""
        self._line.close()
        if self._ear is not None:
            self._ear.close()
