"""An emergency to thousands of nodes over Mosquitto, and thousands of nodes that come back to the station at once.

Usage: python benchmarks/emergency.py [--json] [--nodes N] [--processes N] [--spread SECONDS] [--no-herd]

`emergency_last_s`: from the call that makes, signs, keeps and sends the order (the sound is there, the broker is
connected) to the instant at which the last node has found it right. A node is a connection of its own to the broker,
with a session and subscriptions of its own, MQTT 5, QoS 1; its packets are read by a few lines here, not by paho, since
5,000 interpreters do not fit on one machine: they share `--processes` processes. Each message goes through the node's
own `domain.emergency.verify` with a real Ed25519 check; nodes share nothing but the processor. The median of five
orders; all of these computations and the broker share one machine, so look at `load_1min`. Speaking the words comes
before the order and is `speak_s`; a whole `broadcaster emergency` from the shell is `command_s`: start, speech, order.

The herd: the same number of nodes ask the station's door (uvicorn, one process) within `--spread` seconds, as nodes do
whose back-off has that span; each request is signed, each answer holds the node's manifest, which the node admits. Then
all of them wait in a long-poll, and an order goes out to them by HTTP. `herd_*`: answers in milliseconds, requests that
failed, the door's memory, and the last node that had verified that order.
"""

import argparse
import asyncio
import base64
import gc
import json
import multiprocessing
import os
import resource
import secrets
import select
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from broadcaster.adapters.clock import SystemClock
from broadcaster.adapters.keys import Key, fresh_key, is_signed
from broadcaster.adapters.link.mailbox import FolderMailbox
from broadcaster.adapters.link.mqtt import MqttHub
from broadcaster.adapters.link.registry import FolderRegistry
from broadcaster.domain.emergency import EmergencyOrder, verify
from broadcaster.domain.envelope import EMERGENCY_KINDS, STATION_KINDS, Keys, Kind, Trust, key_name, seal
from broadcaster.domain.manifest import VALID, Manifest, admit
from broadcaster.domain.receipt import Received
from broadcaster.domain.station import PRESETS, WHOLE_COMMUNE, Cluster, Person, Role, Station, Thon, Zone
from broadcaster.ports import Hub
from broadcaster.services.alarming import Alarming
from broadcaster.services.distributing import Distributing

STATION = "do_kiem"
TEXT = "Nước lũ đang lên nhanh. Đề nghị bà con thôn Đông và thôn Đoài sơ tán ngay đến trường tiểu học."
PATIENCE = 60.0
ROUNDS = 5
SPAWN = multiprocessing.get_context("spawn")


def station_of(nodes: Sequence[str]) -> Station:
    """A station with so many clusters."""
    clusters = tuple(Cluster(node, node, "thon") for node in nodes)
    return Station(
        code=STATION,
        name="Đài đo kiểm",
        province="Tỉnh mẫu",
        commune="xã mẫu",
        timezone="Asia/Ho_Chi_Minh",
        preset=PRESETS["mac_dinh"],
        thons=(Thon("thon", "thôn"),),
        clusters=clusters,
        zones=(Zone(WHOLE_COMMUNE, "Toàn xã", frozenset(nodes)),),
        sessions=(),
        people=(Person("van_hanh", "Người vận hành", frozenset({Role.OPERATOR})),),
    )


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Until something listens there.

    Raises:
        SystemExit: after ten seconds.
    """
    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    sys.exit(f"nothing listens on {port}")


# MQTT, as much of it as a node needs


def _string(text: str) -> bytes:
    return struct.pack(">H", len(text)) + text.encode()


def _packet(kind: int, body: bytes) -> bytes:
    length, sizes = len(body), bytearray()
    while True:
        length, digit = divmod(length, 128)
        sizes.append(digit | (128 if length else 0))
        if not length:
            return bytes([kind]) + bytes(sizes) + body


def connect_packet(name: str) -> bytes:
    """CONNECT with a session that is kept for a week, and SUBSCRIBE to the node's topics."""
    expiry = b"\x11" + struct.pack(">I", 7 * 86_400)
    head = _string("MQTT") + b"\x05\x02" + struct.pack(">H", 300) + bytes([len(expiry)]) + expiry
    topics = (f"broadcaster/1/{STATION}/urgent", f"broadcaster/1/{STATION}/node/{name}")
    wanted = b"".join(_string(topic) + b"\x01" for topic in topics)
    return _packet(0x10, head + _string(name)) + _packet(0x82, b"\x00\x01\x00" + wanted)


class Reader:
    """One node's connection."""

    def __init__(self, name: str, port: int) -> None:
        self.name = name
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.sendall(connect_packet(name))
        self.socket.settimeout(0)
        self._data = bytearray()
        self._last = b""

    def packets(self) -> list[tuple[int, bytes]]:
        """The packets that have come."""
        self._data += self.socket.recv(65_536)
        found = []
        while len(self._data) >= 2:
            length, shift, at = 0, 0, 1
            while at < len(self._data):
                digit = self._data[at]
                length |= (digit & 127) << shift
                shift, at = shift + 7, at + 1
                if digit < 128:
                    break
            else:
                break
            if len(self._data) < at + length:
                break
            found.append((self._data[0], bytes(self._data[at : at + length])))
            del self._data[: at + length]
        return found

    def payload(self, body: bytes) -> bytes:
        """What a PUBLISH of QoS 1 holds."""
        at = 4 + struct.unpack_from(">H", body)[0]
        length = body[at]  # properties shorter than 128 bytes: a message expiry and no more
        self._last = body[at - 2 : at]
        return body[at + 1 + length :]

    def acknowledge(self) -> None:
        """Say that the last PUBLISH has been dealt with, as the product's link does: afterwards."""
        self.socket.sendall(_packet(0x40, self._last))


def village(names: Sequence[str], port: int, public: bytes, tell: Connection) -> None:
    """Many nodes in one process: connect, say so, and tell when each of them had found the order right."""
    keys: Keys = {key_name(public): Trust(public, EMERGENCY_KINDS)}
    poll = select.epoll()
    readers: dict[int, Reader] = {}
    ready = 0
    for name in names:
        reader = Reader(name, port)
        readers[reader.socket.fileno()] = reader
        poll.register(reader.socket, select.EPOLLIN)
    while ready < len(names):
        for number, _ in poll.poll(1.0):
            ready += sum(kind == 0x90 for kind, _ in readers[number].packets())
    gc.freeze()
    tell.send("ready")
    last = 0
    for _ in range(ROUNDS):
        verified, wrong, last = one_round(poll, readers, keys, last)
        tell.send((verified, wrong))


def one_round(poll: select.epoll, readers: dict[int, Reader], keys: Keys, after: int) -> tuple[list[float], int, int]:
    """When each node had found the next order right, how many had not, and the order's number."""
    verified: list[float] = []
    wrong, last = 0, after
    until = time.monotonic() + PATIENCE
    seen: list[Reader] = []
    while len(verified) + wrong < len(readers) and time.monotonic() < until:
        for number, _ in poll.poll(1.0):
            reader = readers[number]
            for kind, body in reader.packets():
                if kind & 0xF0 != 0x30:
                    continue
                text = reader.payload(body)
                seen.append(reader)
                order = verify(text, keys, is_signed, station=STATION, after=after, now=datetime.now(UTC))
                if isinstance(order, EmergencyOrder) and order.is_for(reader.name):
                    verified.append(time.monotonic())
                    last = order.seq
                else:
                    wrong += 1
    # As `MqttLink` does, which acknowledges with its next poll what it has dealt with.
    for reader in seen:
        reader.acknowledge()
    return verified, wrong, last


def fan_out(nodes: Sequence[str], processes: int, folder: Path) -> dict[str, Any]:
    """The order over Mosquitto."""
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if program is None:
        sys.exit("no mosquitto: .ci/debian-packages")
    port = free_port()
    config = folder / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nlog_type error\n")
    broker = subprocess.Popen([program, "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        key = fresh_key()
        lines = []
        for number in range(processes):
            ours, theirs = SPAWN.Pipe()
            mine = list(nodes[number::processes])
            SPAWN.Process(target=village, args=(mine, port, key.public, theirs), daemon=True).start()
            lines.append(ours)
        for line in lines:
            line.recv()
        clock = SystemClock()
        hub = MqttHub(f"mqtt://127.0.0.1:{port}", STATION, clock)
        hub.connect()
        registry = FolderRegistry(folder / "mang")
        sound = folder / "khan_cap.flac"
        sound.write_bytes(bytes(120_000))
        lasts: list[float] = []
        middles: list[float] = []
        for _ in range(ROUNDS):
            begun, _ = alarm(registry, [hub], nodes, key, sound)
            told = [line.recv() for line in lines]
            times = sorted(at - begun for verified, _ in told for at in verified)
            if len(times) != len(nodes):
                sys.exit(f"{len(nodes) - len(times)} nodes did not verify the order")
            lasts.append(round(times[-1], 3))
            middles.append(times[len(times) // 2])
            time.sleep(1.0)
        hub.close()
        return {
            "emergency_nodes": len(nodes),
            "emergency_last_s": statistics.median(lasts),
            "emergency_rounds_s": lasts,
            "emergency_p50_s": round(statistics.median(middles), 3),
            "load_1min": round(os.getloadavg()[0], 2),
        }
    finally:
        broker.terminate()
        broker.wait(10)


def alarm(
    registry: FolderRegistry, hubs: Sequence[Hub], nodes: Sequence[str], key: Key, sound: Path
) -> tuple[float, float]:
    """Give the order; when the command began and when it was done."""
    alarming = Alarming(registry, hubs, SystemClock(), station_of(nodes))
    begun = time.monotonic()
    alarming.order("van_hanh", key, zones=(WHOLE_COMMUNE,), text=TEXT, sound=sound, repeats=3, drill=False)
    return begun, time.monotonic()


# The herd


def door(folder: Path, nodes: Sequence[str], port: int, keys: tuple[bytes, bytes]) -> None:
    """The station's door in a process of its own."""
    from broadcaster.adapters.link.server import link_app, run

    key, emergency = keys
    desk = Distributing(
        FolderRegistry(folder / "mang"),
        FolderMailbox(folder / "hop_thu"),
        [],
        SystemClock(),
        station_of(nodes),
        Key(key),
        emergency,
        is_signed,
        lambda rows: Received(len(rows), 0, 1),
    )
    run(link_app(desk), "127.0.0.1", port)


async def ask(name: str, key: Key, port: int, query: str) -> tuple[int, bytes, asyncio.StreamWriter]:
    """One request of a node; status, body, and the connection."""
    body = {"node": name, "at": SystemClock().now()}
    proof = base64.b64encode(seal(Kind.ASK, body, key.name, key.sign)).decode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /poll?{query} HTTP/1.1\r\nHost: x\r\nAuthorization: Broadcaster {proof}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    return int(head.split()[1]), await reader.readexactly(length), writer


async def come_back(
    names: Sequence[str], keys: dict[str, Key], trusted: Keys, port: int, spread: float, tell: Connection
) -> None:
    """All nodes come back within the span; then all wait, and hear the order."""
    answers: list[float] = []
    failed = 0
    numbers: dict[str, int] = {}

    async def first(name: str, after: float) -> None:
        nonlocal failed
        await asyncio.sleep(after)
        begun = time.monotonic()
        try:
            status, body, writer = await ask(name, keys[name], port, "manifest=0&urgent=0&wait=25")
            writer.close()
            text = base64.b64decode(json.loads(body)["letters"][0])
            now = SystemClock().now()
            found = admit(text, trusted, is_signed, station=STATION, node=name, after=0, now=now)
        except (OSError, ValueError, LookupError, asyncio.IncompleteReadError):
            failed += 1
            return
        if status == 200 and isinstance(found, Manifest):
            answers.append(time.monotonic() - begun)
            numbers[name] = found.seq
        else:
            failed += 1

    begun = time.monotonic()
    step = spread / len(names)
    await asyncio.gather(*(first(name, number * step) for number, name in enumerate(names)))
    all_back = time.monotonic() - begun
    verified: list[float] = []

    async def wait(name: str) -> None:
        try:
            _, body, writer = await ask(name, keys[name], port, f"manifest={numbers[name]}&urgent=0&wait=60")
            writer.close()
            text = base64.b64decode(json.loads(body)["letters"][0])
        except (OSError, ValueError, LookupError, asyncio.IncompleteReadError):
            return
        order = verify(text, trusted, is_signed, station=STATION, after=0, now=SystemClock().now())
        if isinstance(order, EmergencyOrder):
            verified.append(time.monotonic())

    waiting = [asyncio.create_task(wait(name)) for name in numbers]
    await asyncio.sleep(spread / 2 + 1)
    tell.send(("waiting", answers, failed, all_back))
    await asyncio.gather(*waiting)
    tell.send(verified)


def herd_process(
    names: Sequence[str], keys: dict[str, bytes], trusted: Keys, port: int, spread: float, tell: Connection
) -> None:
    """The nodes of the herd in one process."""
    made = {name: Key(raw) for name, raw in keys.items()}
    asyncio.run(come_back(names, made, trusted, port, spread, tell))


def herd(nodes: Sequence[str], spread: float, folder: Path) -> dict[str, Any]:
    """All nodes come back to the door."""
    private = {name: secrets.token_bytes(32) for name in nodes}
    station_key, emergency_key = secrets.token_bytes(32), secrets.token_bytes(32)
    key, emergency = Key(station_key), Key(emergency_key)
    registry = FolderRegistry(folder / "mang")
    now = SystemClock().now()
    entry = {"joined": now.isoformat(), "revoked": None, "by": ""}
    table = {name: {**entry, "node": name, "public": Key(one).public.hex()} for name, one in private.items()}
    (folder / "mang" / "bo_phat.json").write_text(json.dumps(table))
    mailbox = FolderMailbox(folder / "hop_thu")
    for name in nodes:
        manifest = Manifest(STATION, name, 1, now, now + VALID, ())
        path = folder / "hop_thu" / "ban_ke" / name
        path.write_bytes(b"1\n" + seal(Kind.MANIFEST, manifest, key.name, key.sign))
    port = free_port()
    served = SPAWN.Process(target=door, args=(folder, nodes, port, (station_key, emergency.public)), daemon=True)
    served.start()
    try:
        wait_for(port)
        trusted = {
            key.name: Trust(key.public, STATION_KINDS),
            emergency.name: Trust(emergency.public, EMERGENCY_KINDS),
        }
        ours, theirs = SPAWN.Pipe()
        SPAWN.Process(target=herd_process, args=(nodes, private, trusted, port, spread, theirs), daemon=True).start()
        _, answers, failed, all_back = ours.recv()
        sound = folder / "khan_cap.flac"
        sound.write_bytes(bytes(120_000))
        begun, _ = alarm(registry, [mailbox], nodes, emergency, sound)
        verified = sorted(at - begun for at in ours.recv())
        answers.sort()
        memory = Path(f"/proc/{served.pid}/status").read_text().partition("VmHWM:")[2].split()[0]
        return {
            "herd_nodes": len(answers),
            "herd_failed": failed,
            "herd_spread_s": spread,
            "herd_all_back_s": round(all_back, 2),
            "herd_answer_ms_p50": round(answers[len(answers) // 2] * 1000, 1),
            "herd_answer_ms_p99": round(answers[len(answers) * 99 // 100] * 1000, 1),
            "herd_door_rss_mb": round(int(memory) / 1024),
            "herd_http_emergency_nodes": len(verified),
            "herd_http_emergency_last_s": round(verified[-1], 3) if verified else None,
        }
    finally:
        served.terminate()
        served.join(10)


def command(folder: Path) -> dict[str, Any]:
    """A whole `broadcaster emergency`, and its speech alone."""
    base = [sys.executable, "-m", "broadcaster", "-w", str(folder)]
    subprocess.run([*base, "init", str(folder)], check=True, capture_output=True)
    words = [*base, "--as", "van_hoa", "emergency", TEXT, "--zone", "toan_xa", "--json"]
    subprocess.run(words, check=True, capture_output=True)  # keys are made, files are read from the disk
    begun = time.monotonic()
    subprocess.run(words, check=True, capture_output=True)
    whole = time.monotonic() - begun
    begun = time.monotonic()
    subprocess.run([*base, "speak", TEXT, "-o", str(folder / "x.flac")], check=True, capture_output=True)
    return {"command_s": round(whole, 2), "speak_s": round(time.monotonic() - begun, 2)}


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object and nothing else")
    parser.add_argument("--nodes", type=int, default=5000)
    parser.add_argument("--processes", type=int, default=2, help="processes that share the nodes")
    parser.add_argument("--spread", type=float, default=20.0, help="seconds in which the herd comes back")
    parser.add_argument("--no-herd", action="store_true", help="the emergency over Mosquitto only")
    given = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    nodes = [f"nut_{number:05d}" for number in range(given.nodes)]
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("mqtt", "herd", "command"):
            (Path(folder) / name).mkdir()
        figures |= fan_out(nodes, given.processes, Path(folder) / "mqtt")
        if not given.no_herd:
            figures |= herd(nodes, given.spread, Path(folder) / "herd")
            figures |= command(Path(folder) / "command")
    if given.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:28} {value}")


if __name__ == "__main__":
    main()
