"""A station's office with its nodes, on a clock that the test moves; real keys, real folders, a ledger in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from broadcaster.adapters.clock import VirtualClock
from broadcaster.adapters.keys import Key, fresh_key, is_signed
from broadcaster.adapters.link.cache import FolderCache
from broadcaster.adapters.link.mailbox import FolderMailbox
from broadcaster.adapters.link.registry import FolderRegistry
from broadcaster.adapters.store.memory import MemoryStore
from broadcaster.domain.asrun import GENESIS, AsRun, Cause, Outcome, row_for, seal
from broadcaster.domain.emergency import EmergencyOrder
from broadcaster.domain.enrolment import Identity
from broadcaster.domain.envelope import Refusal, Refused
from broadcaster.domain.manifest import Piece, PieceKind
from broadcaster.domain.rundown import ItemKind, LatePolicy, Rundown, RundownItem
from broadcaster.domain.station import Person, Role
from broadcaster.ports import Hub, Link
from broadcaster.services.alarming import Alarming
from broadcaster.services.distributing import Distributing, request_to_join, welcome
from broadcaster.services.receiving import Held, Receiving
from broadcaster.units import Milliseconds, digest, digest_bytes
from tests.domain.values import a_station

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
NODE = "dong_1"
CODE = "ABCDE-12345"
PEOPLE = (
    Person("hoa", "Nguyễn Thị Hoa", frozenset({Role.AUTHOR})),
    Person("nam", "Trần Văn Nam", frozenset({Role.OPERATOR})),
    Person("minh", "Phạm Văn Minh", frozenset({Role.APPROVER})),
)


@dataclass(frozen=True)
class SoundFile:
    """A file that stands for a sound."""

    path: Path
    data: bytes
    piece: Piece


def a_rundown(
    code: str = "sang", masters: Sequence[str] = (), day: datetime = NOW, zone: str = "dong_1+dong_2"
) -> Rundown:
    items = tuple(
        RundownItem(
            id=f"{day:%Y-%m-%d}.{code}.{zone}.{n}",
            kind=ItemKind.BULLETIN,
            start=day + timedelta(minutes=n),
            duration_ms=Milliseconds(30_000),
            master=master,
            bulletin=f"tin_{n}",
            topic="mot_cua",
            late=LatePolicy.SHIFT,
        )
        for n, master in enumerate(masters)
    )
    return Rundown("minh_tien", digest("plan"), zone, day.date(), code, day, day + timedelta(minutes=30), items)


def a_row_chain(node: str, count: int) -> list[AsRun]:
    rundown = a_rundown(masters=[digest("m", n) for n in range(count)])
    rows = [
        row_for(
            node,
            rundown,
            item,
            Outcome.AIRED,
            Cause.NONE,
            started_at=item.start,
            ended_at=item.end,
            played_ms=item.duration_ms,
        )
        for item in rundown.items
    ]
    return list(seal(rows, 0, GENESIS))


@dataclass
class Village:
    """A node: its folder, its key, what it may play."""

    identity: Identity
    key: Key
    cache: FolderCache
    clock: VirtualClock

    @property
    def held(self) -> Held:
        return Held(self.cache, self.clock, self.identity, is_signed)

    def receiving(self, link: Link) -> Receiving:
        return Receiving(link, self.held, self.key)

    def refuse(self, what: str) -> None:
        self.cache.put_event(Refused(Refusal.ALTERED, what).finding(node=self.identity.node), self.clock.now())

    def events(self) -> list[str]:
        return [str(event["code"]) for event in self.cache.events(100)]


@dataclass
class Office:
    """The station's side."""

    folder: Path
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(NOW))
    key: Key = field(default_factory=fresh_key)
    emergency: Key = field(default_factory=fresh_key)
    hubs: list[Hub] = field(default_factory=list)
    mqtt: str = ""
    villages: dict[str, Village] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.station = a_station(people=PEOPLE)
        self.store = MemoryStore()
        self.registry = FolderRegistry(self.folder / "mang", grace=0)
        self.mailbox = FolderMailbox(self.folder / "hop_thu")
        self.hubs = self.hubs or [self.mailbox]
        self._sounds = 0

    @property
    def desk(self) -> Distributing:
        if not hasattr(self, "_desk"):
            self._desk = Distributing(
                self.registry,
                self.mailbox,
                self.hubs,
                self.clock,
                self.station,
                self.key,
                self.emergency.public,
                is_signed,
                self.store.receive_as_run,
                self.mqtt,
            )
        return self._desk

    @property
    def alarming(self) -> Alarming:
        return Alarming(self.registry, self.hubs, self.clock, self.station)

    def enrolled(self, node: str, address: str = "") -> Village:
        self.desk.invite("nam", node, CODE)
        key = fresh_key()
        said = welcome(self.desk.join(request_to_join(CODE, node, key.public), node), CODE, node, key.public)
        identity = Identity(said["station"], node, address, said["mqtt"], said["station_key"], said["emergency_key"])
        made = Village(identity, key, FolderCache(self.folder / "nut" / node), self.clock)
        self.villages[node] = made
        return made

    def sound(self, length: int) -> SoundFile:
        self._sounds += 1
        data = bytes((n * 31 + self._sounds) % 251 for n in range(length))
        path = self.folder / f"am_{self._sounds}.flac"
        path.write_bytes(data)
        piece = Piece(PieceKind.AUDIO, "flac", length, digest_bytes(data), digest("master", self._sounds))
        return SoundFile(path, data, piece)

    def post(self, sounds: Sequence[SoundFile], nodes: Sequence[str] = ()) -> Rundown:
        self.clock.step(timedelta(milliseconds=10))
        rundown = a_rundown(masters=[sound.piece.master for sound in sounds], day=self.clock.now())
        by_master = {sound.piece.master: sound.path for sound in sounds}
        self.desk.push(
            [rundown],
            lambda item: by_master.get(item.master, Cause.NO_AUDIO),
            lambda _: nodes or [NODE],
            force=True,
        )
        return rundown

    def alarm(self, zones: Sequence[str] = ("toan_xa",), sound: SoundFile | None = None, **more: Any) -> EmergencyOrder:
        self.clock.step(timedelta(milliseconds=10))
        facts = {"text": "Nước lũ đang lên.", "repeats": 3, "drill": False, **more}
        return self.alarming.order(
            "nam", self.emergency, zones=zones, sound=sound.path if sound else None, **facts
        ).record.order

    def retract(self, order: EmergencyOrder) -> None:
        self.clock.step(timedelta(milliseconds=10))
        self.alarming.retract("nam", self.emergency, order.id)

    def revoke(self, node: str) -> None:
        self.desk.revoke("nam", node)

    def ledger(self, node: str) -> list[AsRun]:
        return list(self.store.chain(node))
