"""What the station knows of its nodes, brought together for the people who look after them."""

from collections.abc import Sequence
from dataclasses import dataclass

from broadcaster.domain.enrolment import Deed
from broadcaster.domain.node_state import NodeView, node_state, open_until
from broadcaster.domain.station import Station
from broadcaster.errors import ConfigError
from broadcaster.ports import Clock, Registry


@dataclass(frozen=True, slots=True)
class Overseeing:
    """One station's nodes, to be looked at."""

    registry: Registry
    clock: Clock
    station: Station

    def node(self, cluster: str) -> NodeView:
        """The node of a cluster, one that has none too.

        Raises:
            ConfigError: `run.node` for a cluster that the station does not have.
            LinkError: `link.registry` if what is known cannot be read.
        """
        if cluster not in self.station.cluster_by_code:
            raise ConfigError("run.node", given=cluster, allowed=sorted(self.station.cluster_by_code))
        return self._view(cluster, self.registry.deeds())

    def _view(self, cluster: str, deeds: Sequence[Deed]) -> NodeView:
        now = self.clock.now()
        member = next((one for one in self.registry.members() if one.node == cluster), None)
        until = open_until(self.registry.invitation(cluster), now)
        seen = self.registry.last_seen(cluster)
        return NodeView(
            cluster,
            node_state(member, until, seen, now),
            member,
            until,
            seen,
            tuple(self.registry.events(cluster)),
            tuple(self.registry.refused(cluster)),
            tuple(deed for deed in deeds if deed.node == cluster),
        )

    def nodes(self) -> tuple[NodeView, ...]:
        """Every cluster's node, in the order of the station's file.

        Raises:
            LinkError: `link.registry` if what is known cannot be read.
        """
        deeds = self.registry.deeds()
        return tuple(self._view(cluster.code, deeds) for cluster in self.station.clusters)
