"""Emergencies: an order goes out at once, a second person signs afterwards, and it can be taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from broadcaster.domain.cap import CapAlert, CapKind, CapStatus, zones_for
from broadcaster.domain.emergency import (
    LONGEST_TEXT,
    MOST_REPEATS,
    VALID,
    EmergencyOrder,
    EmergencyRecord,
    Retraction,
    countersigned,
)
from broadcaster.domain.envelope import Kind, seal
from broadcaster.domain.station import WHOLE_COMMUNE, Role, Station
from broadcaster.errors import ConfigError, LinkError
from broadcaster.ports import Clock, Hub, Registry, Signer
from broadcaster.services.writing import require
from broadcaster.units import digest

WHO = (Role.OPERATOR, Role.APPROVER)


@dataclass(frozen=True, slots=True)
class Sent:
    """An order, and the ways on which it could not be sent."""

    record: EmergencyRecord
    failed: tuple[LinkError, ...] = ()


def announce(hubs: Sequence[Hub], text: bytes, seq: int, expires: datetime) -> tuple[LinkError, ...]:
    """Tell every node a signed text on every way there is; the ways on which it could not be.

    Raises:
        LinkError: `link.down` if no way works.
    """
    failed = []
    for hub in hubs:
        try:
            hub.announce(text, seq, expires)
        except LinkError as error:
            failed.append(error)
    if failed and len(failed) == len(hubs):
        raise failed[0]
    return tuple(failed)


@dataclass(frozen=True, slots=True)
class Alarming:
    """One station's emergencies."""

    registry: Registry
    hubs: Sequence[Hub]
    clock: Clock
    station: Station

    def allow(self, actor: str, zones: Sequence[str], repeats: int) -> tuple[str, ...]:
        """The clusters of the zones, before anything is spoken or sent.

        Raises:
            ConfigError: `emergency.zone`, `emergency.repeats`.
            BulletinError: `person.unknown`, `person.role`.
        """
        require(self.station, actor, *WHO)
        for zone in zones:
            if zone not in self.station.zone_by_code:
                raise ConfigError("emergency.zone", given=zone, allowed=sorted(self.station.zone_by_code))
        if not 1 <= repeats <= MOST_REPEATS:
            raise ConfigError("emergency.repeats", given=repeats, most=MOST_REPEATS)
        if not zones:
            raise ConfigError("emergency.zone", given="", allowed=sorted(self.station.zone_by_code))
        return () if WHOLE_COMMUNE in zones else tuple(sorted(self.station.clusters_of(zones)))

    def order(
        self,
        actor: str,
        key: Signer,
        *,
        zones: Sequence[str],
        text: str,
        sound: Path | None,
        repeats: int,
        drill: bool,
    ) -> Sent:
        """Send an order on every way there is; one way that works is enough.

        Args:
            actor: who commands.
            key: the emergency's key.
            zones: where it is to be heard.
            text: what is said, as it is said.
            sound: the file that says it; None where nodes speak for themselves.
            repeats: how often.
            drill: whether it is a drill.

        Raises:
            ConfigError: as `allow`, and `emergency.text` for a text that is too long or missing without a sound.
            BulletinError: as `allow`.
            LinkError: `link.down` if no way works; nothing is kept then.
        """
        nodes = self.allow(actor, zones, repeats)
        if len(text) > LONGEST_TEXT or (not text.strip() and sound is None):
            raise ConfigError("emergency.text", most=LONGEST_TEXT)
        audio, length = self.registry.keep_file(sound) if sound else ("", 0)
        now = self.clock.now()
        seq = self.registry.next_number("khan_cap", now)
        order = EmergencyOrder(
            id=f"{now:%Y%m%d-%H%M%S}-{digest(seq, text)[:6]}",
            station=self.station.code,
            seq=seq,
            zones=tuple(zones),
            nodes=nodes,
            text=text,
            audio=audio,
            audio_length=length,
            audio_ending=sound.suffix.lstrip(".").lower() if sound else "",
            repeats=repeats,
            drill=drill,
            issued=now,
            expires=now + VALID,
            by=actor,
        )
        failed = announce(self.hubs, seal(Kind.EMERGENCY, order.body, key.name, key.sign), seq, order.expires)
        record = EmergencyRecord(order)
        self.registry.keep_emergency(record)
        return Sent(record, failed)

    def find(self, given: str) -> EmergencyRecord:
        """The order of an id, or of its beginning; the last one for an empty id.

        Raises:
            LinkError: `emergency.none`, `emergency.unknown`.
        """
        records = self.registry.emergencies()
        if not records:
            raise LinkError("emergency.none")
        found = [record for record in records if record.order.id.startswith(given)]
        if not found or (given and len(found) > 1):
            raise LinkError("emergency.unknown", given=given, known=[record.order.id for record in records[-5:]])
        return found[-1]

    def retract(self, actor: str, key: Signer, given: str) -> Sent:
        """Take an order back, the last one unless told otherwise.

        Raises:
            LinkError: as `find`; `emergency.retracted` if it was taken back already; `link.down` if no way works.
            BulletinError: `person.unknown`, `person.role`.
        """
        require(self.station, actor, *WHO)
        record = self.find(given)
        if record.retracted_by:
            raise LinkError("emergency.retracted", order=record.order.id, by=record.retracted_by)
        now = self.clock.now()
        seq = self.registry.next_number("khan_cap", now)
        # Good for as long as the order was, and then some: a node must not hear the order without it.
        expires = max(now, record.order.expires) + VALID
        taken = Retraction(record.order.id, self.station.code, seq, now, expires, actor)
        failed = announce(self.hubs, seal(Kind.RETRACTION, taken.body, key.name, key.sign), seq, expires)
        done = replace(record, retracted_by=actor, retracted_at=now)
        self.registry.keep_emergency(done)
        return Sent(done, failed)

    def countersign(self, actor: str, given: str) -> EmergencyRecord:
        """A second person, an approver, answers for an order afterwards.

        Raises:
            LinkError: as `find`; `emergency.second` for the first person, or if it was signed already.
            BulletinError: `person.unknown`, `person.role`.
        """
        require(self.station, actor, Role.APPROVER)
        record = self.find(given)
        done = countersigned(record, actor, self.clock.now())
        if done is None:
            raise LinkError("emergency.second", order=record.order.id, by=record.order.by)
        self.registry.keep_emergency(done)
        return done

    def records(self) -> Sequence[EmergencyRecord]:
        """Every order, the oldest first."""
        return self.registry.emergencies()

    def answers(self, order: EmergencyOrder) -> dict[str, str]:
        """The nodes that have said that they verified an order, and when."""
        told = {}
        for member in self.registry.members():
            for event in self.registry.events(member.node):
                if event.get("code") == "emergency.node_verified" and event.get("facts", {}).get("order") == order.id:
                    told[member.node] = str(event.get("at", ""))
        return told

    def of_cap(self, alert: CapAlert, zones: Sequence[str]) -> tuple[tuple[str, ...], bool]:
        """The zones of a warning, those given or those it names, and whether it is a drill.

        Raises:
            LinkError: `cap.status` for what is no warning to people, `cap.old` for one that is over, `cap.area` where
                its places are none of the station's.
        """
        if alert.status not in {CapStatus.ACTUAL, CapStatus.EXERCISE} or alert.kind not in {
            CapKind.ALERT,
            CapKind.UPDATE,
        }:
            raise LinkError("cap.status", status=alert.status.value, kind=alert.kind.value)
        if alert.expires is not None and alert.expires <= self.clock.now():
            raise LinkError("cap.old", expires=alert.expires)
        named, strange = zones_for(alert.areas, self.station)
        chosen = tuple(zones) or named
        if not chosen:
            raise LinkError("cap.area", areas=list(strange))
        return chosen, alert.status is CapStatus.EXERCISE
