"""The station's test tones: who may try which loudspeakers when, and what the nodes answered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from broadcaster.domain.asrun import Cause
from broadcaster.domain.envelope import Kind, seal
from broadcaster.domain.limits import limits_of
from broadcaster.domain.rundown import Rundown
from broadcaster.domain.station import WHOLE_COMMUNE, Role, Station
from broadcaster.domain.tone import LONGEST, SHORTEST, VALID, ToneOrder, in_the_way
from broadcaster.errors import ConfigError, LinkError
from broadcaster.ports import Clock, Hub, Registry, Signer
from broadcaster.services.alarming import announce
from broadcaster.services.writing import require
from broadcaster.units import digest

WHO = (Role.OPERATOR, Role.APPROVER)
ANSWERS = frozenset({"tone.node_played", "tone.node_cut", "tone.node_kept", "tone.node_session"})
"""What a node tells of a tone."""


@dataclass(frozen=True, slots=True)
class Tried:
    """An order that went out, the clusters left out because they are muted, and the ways on which it could not go."""

    order: ToneOrder
    muted: tuple[str, ...] = ()
    failed: tuple[LinkError, ...] = ()


@dataclass(frozen=True, slots=True)
class Toning:
    """One station's test tones.

    `rundowns` are the sessions from a first to a last day, `nodes_of` the clusters of a session.
    """

    registry: Registry
    hubs: Sequence[Hub]
    clock: Clock
    station: Station
    key: Callable[[], Signer]
    rundowns: Callable[[date, date], Sequence[Rundown]]
    nodes_of: Callable[[Rundown], Iterable[str]]

    def order(self, actor: str, zones: Sequence[str], clusters: Sequence[str], seconds: int) -> Tried:
        """Let a tone sound at once in zones and single clusters. Nothing is sent unless all of it may be heard.

        Raises:
            ConfigError: `emergency.zone` for a zone that is none, `run.node` for such a cluster; `tone.nobody`,
                `tone.length`; `tone.quiet`, `tone.muted`, `tone.session`, `tone.urgent`, `tone.live` and `tone.busy`
                where something goes before it.
            BulletinError: `person.unknown`, `person.role`.
            LinkError: `link.down` if no way works; nothing is kept then.
        """
        require(self.station, actor, *WHO)
        chosen = self._chosen(zones, clusters)
        if not SHORTEST <= seconds <= LONGEST:
            raise ConfigError("tone.length", least=SHORTEST, most=LONGEST)
        muted = self._hushed(chosen, seconds)
        nodes = tuple(one for one in chosen if one not in muted)
        self._give_way(frozenset(nodes), seconds)
        key, now = self.key(), self.clock.now()
        seq = self.registry.next_number("khan_cap", now)
        order = ToneOrder(
            id=f"{now:%Y%m%d-%H%M%S}-{digest(seq, 'tone')[:6]}",
            station=self.station.code,
            seq=seq,
            zones=tuple(zones),
            nodes=() if WHOLE_COMMUNE in zones and not muted else nodes,
            seconds=seconds,
            issued=now,
            expires=now + VALID,
            by=actor,
        )
        failed = announce(self.hubs, seal(Kind.TONE, order.body, key.name, key.sign), seq, order.expires)
        self.registry.keep_tone(order)
        return Tried(order, muted, failed)

    def _chosen(self, zones: Sequence[str], clusters: Sequence[str]) -> tuple[str, ...]:
        """The clusters that are to be tried, by code."""
        for zone in zones:
            if zone not in self.station.zone_by_code:
                raise ConfigError("emergency.zone", given=zone, allowed=sorted(self.station.zone_by_code))
        for cluster in clusters:
            if cluster not in self.station.cluster_by_code:
                raise ConfigError("run.node", given=cluster, allowed=sorted(self.station.cluster_by_code))
        found = tuple(sorted({*(self.station.clusters_of(zones) if zones else ()), *clusters}))
        if not found:
            raise ConfigError("tone.nobody")
        return found

    def _hushed(self, chosen: Sequence[str], seconds: int) -> tuple[str, ...]:
        """Those of the clusters that are muted now; the night is everybody's."""
        now = self.clock.now()
        until = now + timedelta(seconds=seconds)
        why = {one: limits_of(self.station, one).hush(now, until) for one in chosen}
        if Cause.QUIET_HOURS in why.values():
            raise ConfigError("tone.quiet", start=self.station.quiet.start, end=self.station.quiet.end)
        muted = tuple(one for one, cause in why.items() if cause is Cause.MUTED)
        if len(muted) == len(chosen):
            raise ConfigError("tone.muted", clusters=self._names(muted))
        return muted

    def _give_way(self, nodes: frozenset[str], seconds: int) -> None:
        now = self.clock.now()
        day = self.station.local(now).date()
        rundowns = self.rundowns(day - timedelta(days=1), day + timedelta(days=1))
        near = in_the_way((one for one in rundowns if nodes & set(self.nodes_of(one))), now, seconds)
        if near is not None:
            begin, end = (self.station.local(at).strftime("%H:%M") for at in (near.start, near.end))
            raise ConfigError(
                "tone.session", session=self.station.session_by_code[near.session].name, at=begin, end=end
            )
        orders = [record.order for record in self.registry.emergencies() if not record.retracted_by]
        if any(order.issued <= now < order.expires and self._meet(order, nodes) for order in orders):
            raise ConfigError("tone.urgent")
        if any(live.issued <= now < live.until and self._meet(live, nodes) for live in self.registry.lives()):
            raise ConfigError("tone.live")
        if any(now < one.issued + timedelta(seconds=one.seconds) and self._meet(one, nodes) for one in self.records()):
            raise ConfigError("tone.busy")

    @staticmethod
    def _meet(order: Any, nodes: frozenset[str]) -> bool:
        return any(order.is_for(node) for node in nodes)

    def _names(self, clusters: Iterable[str]) -> list[str]:
        return [self.station.cluster_by_code[one].name for one in clusters]

    def records(self) -> Sequence[ToneOrder]:
        """Every tone that was ordered, the oldest first."""
        return self.registry.tones()

    def clusters(self, order: ToneOrder) -> tuple[str, ...]:
        """The clusters that an order is for, in the order of the station's file."""
        return tuple(one.code for one in self.station.clusters if order.is_for(one.code))

    def answers(self) -> dict[str, dict[str, Mapping[str, Any]]]:
        """What was told of each tone: by its id and the cluster, the event."""
        told: dict[str, dict[str, Mapping[str, Any]]] = {}
        every = [(str(event.get("node")), event) for event in self.registry.tone_answers()]
        for member in self.registry.members():
            every += [(member.node, event) for event in self.registry.events(member.node)]
        for node, event in every:
            facts = event.get("facts")
            if event.get("code") in ANSWERS and isinstance(facts, Mapping):
                told.setdefault(str(facts.get("tone")), {})[node] = event
        return told
