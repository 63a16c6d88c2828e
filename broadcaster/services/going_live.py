"""The station's live broadcasts: who may begin one, what nodes are told, and its sound cut into signed segments."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from broadcaster.domain.envelope import Kind, seal
from broadcaster.domain.live import LIVE_RATE, LONGEST, SEGMENT, SPOOL, LiveOrder, Segment, sealed
from broadcaster.domain.station import WHOLE_COMMUNE, Role, Station
from broadcaster.errors import ConfigError, LinkError
from broadcaster.ports import Clock, Hub, Registry, Signer
from broadcaster.services.alarming import announce
from broadcaster.services.writing import require
from broadcaster.units import digest

WHO = (Role.OPERATOR, Role.APPROVER)
LONGEST_TITLE = 200
KEPT = 120
"""Signed segments that are kept for nodes that are behind."""
SEGMENT_BYTES = 2 * LIVE_RATE * SEGMENT // 1000
OVER = timedelta(minutes=10)
"""How long after its end nodes are still told that a broadcast is over."""


@dataclass(frozen=True, slots=True)
class GoingLive:
    """One station's live broadcasts."""

    registry: Registry
    hubs: Sequence[Hub]
    clock: Clock
    station: Station
    key: Signer

    def begin(self, actor: str, zones: Sequence[str], length: timedelta, title: str) -> LiveOrder:
        """Tell the nodes of some zones that a live broadcast is on.

        Raises:
            ConfigError: `emergency.zone` for a zone that is none, `live.length`, `live.title`.
            BulletinError: `person.unknown`, `person.role`.
            LinkError: `live.busy` where another one is on in one of the zones; `link.down` if no way works.
        """
        require(self.station, actor, *WHO)
        known = sorted(self.station.zone_by_code)
        for zone in zones or ("",):
            if zone not in self.station.zone_by_code:
                raise ConfigError("emergency.zone", given=zone, allowed=known)
        if not timedelta(seconds=10) <= length <= LONGEST:
            raise ConfigError("live.length", most=LONGEST // timedelta(minutes=1))
        if not title.strip() or len(title) > LONGEST_TITLE:
            raise ConfigError("live.title", most=LONGEST_TITLE)
        nodes = () if WHOLE_COMMUNE in zones else tuple(sorted(self.station.clusters_of(zones)))
        now = self.clock.now()
        for other in self.on():
            if not nodes or not other.nodes or set(nodes) & set(other.nodes):
                raise LinkError("live.busy", live=other.id, title=other.title, until=other.until)
        seq = self.registry.next_number("khan_cap", now)
        order = LiveOrder(
            id=f"{now:%Y%m%d-%H%M%S}-{digest(seq, title)[:6]}",
            station=self.station.code,
            seq=seq,
            zones=tuple(zones),
            nodes=nodes,
            title=" ".join(title.split()),
            issued=now,
            until=now + length,
            expires=now + length + OVER,
            by=actor,
        )
        self._tell(order)
        return order

    def end(self, actor: str, given: str = "") -> LiveOrder:
        """End a broadcast that is on, the last one unless told otherwise.

        Raises:
            LinkError: `live.none` if no such one is on; `link.down` if no way works.
            BulletinError: `person.unknown`, `person.role`.
        """
        require(self.station, actor, *WHO)
        found = [order for order in self.on() if order.id.startswith(given)]
        if not found:
            raise LinkError("live.none", given=given)
        now = self.clock.now()
        seq = self.registry.next_number("khan_cap", now)
        over = replace(found[-1], seq=seq, until=now, expires=now + OVER)
        self._tell(over)
        return over

    def _tell(self, order: LiveOrder) -> None:
        text = seal(Kind.LIVE, order.body, self.key.name, self.key.sign)
        announce(self.hubs, text, order.seq, order.expires)
        self.registry.keep_live(order)

    def on(self) -> list[LiveOrder]:
        """The broadcasts that are on now."""
        now = self.clock.now()
        return [order for order in self.registry.lives() if order.issued <= now < order.until]

    def records(self) -> Sequence[LiveOrder]:
        """Every broadcast, the oldest first."""
        return self.registry.lives()

    def is_on(self, order: LiveOrder) -> bool:
        """Whether a broadcast is still on: another process may have ended it."""
        return any(one.id == order.id for one in self.on())

    def studio(self, order: LiveOrder, flac_of: Callable[[bytes], bytes]) -> "Studio":
        """Where the sound of a broadcast goes in."""
        folder = self.registry.live_folder(order.id)
        folder.mkdir(parents=True, exist_ok=True)
        return Studio(order, folder, self.key, flac_of)


@dataclass(slots=True)
class Studio:
    """One broadcast's sound on its way to the nodes.

    Args:
        order: the broadcast.
        folder: where its sound is kept.
        key: the station's key.
        flac_of: packs bare samples.
    """

    order: LiveOrder
    folder: Path
    key: Signer
    flac_of: Callable[[bytes], bytes]
    number: int = 0
    _rest: bytes = field(default=b"")

    @property
    def spool(self) -> Path:
        """The whole of the sound, bare."""
        return self.folder / SPOOL

    def feed(self, samples: bytes) -> None:
        """Signed 16-bit little-endian samples, one channel, `LIVE_RATE`, as they come."""
        if not samples:
            return
        with self.spool.open("ab") as file:
            file.write(samples)
        self._rest += samples
        while len(self._rest) >= SEGMENT_BYTES:
            piece, self._rest = self._rest[:SEGMENT_BYTES], self._rest[SEGMENT_BYTES:]
            self.number += 1
            segment = Segment(self.order.id, self.number, self.flac_of(piece))
            temporary = self.folder / f".{self.number}"
            temporary.write_bytes(sealed(segment, self.key.name, self.key.sign))
            temporary.replace(self.folder / str(self.number))
            (self.folder / str(self.number - KEPT)).unlink(missing_ok=True)

    def close(self, keep: Callable[[Path, Path], None]) -> Path | None:
        """Keep the sound as one file and take the pieces away; None if there was none.

        Args:
            keep: packs the bare samples of a first path into a second one.
        """
        for path in self.folder.iterdir():
            if path.name.lstrip(".").isdecimal():
                path.unlink()
        if not self.spool.exists():
            return None
        whole = self.folder.with_suffix(".flac")
        keep(self.spool, whole)
        self.spool.unlink()
        self.folder.rmdir()
        return whole
