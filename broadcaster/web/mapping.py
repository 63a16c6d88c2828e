"""A sketch of where clusters stand, from their coordinates: no map from outside is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

from broadcaster.domain.station import Cluster

WIDTH, HEIGHT, MARGIN = 420.0, 300.0, 24.0
"""In the drawing's own units."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A cluster on the sketch."""

    cluster: str
    x: float
    y: float


def dots(clusters: Sequence[Cluster]) -> list[Dot]:
    """The clusters whose place is known, north up, to one scale; a commune is small enough to be flat."""
    known = [(one.code, one.spot) for one in clusters if one.spot is not None]
    if not known:
        return []
    middle = sum(spot.latitude for _, spot in known) / len(known)
    flat = [(code, spot.longitude * cos(radians(middle)), -spot.latitude) for code, spot in known]
    left, right = min(x for _, x, _ in flat), max(x for _, x, _ in flat)
    top, bottom = min(y for _, _, y in flat), max(y for _, _, y in flat)
    room_x, room_y = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
    scale = min(room_x / (right - left) if right > left else 1e9, room_y / (bottom - top) if bottom > top else 1e9)
    scale = 0.0 if scale == 1e9 else scale  # one place only: in the middle
    shift_x = (WIDTH - (right - left) * scale) / 2
    shift_y = (HEIGHT - (bottom - top) * scale) / 2
    return [
        Dot(code, round(shift_x + (x - left) * scale, 1), round(shift_y + (y - top) * scale, 1)) for code, x, y in flat
    ]
