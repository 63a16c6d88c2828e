"""A test tone: loudspeakers are tried outside of their sessions, and what came out is measured.

The order goes out as an emergency's does, under the station's own key and with the same numbers. The node makes the
sound by itself; quiet hours, mutes and the volume cap hold, and whatever else wants the air goes before it.
"""

import math
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from sys import byteorder
from typing import Any

from broadcaster.domain.envelope import a_whole
from broadcaster.domain.live import order_members
from broadcaster.domain.rundown import Rundown
from broadcaster.domain.take import Sound

SHORTEST, LONGEST, USUAL = 5, 30, 10
"""Seconds of a tone."""
PITCH = 1000
"""Hz: what a measuring instrument expects, and what a horn gives best."""
LEVEL_DB = -16.0
"""Mean level of the tone in dB of full scale, and its loudness in LUFS: at 1 kHz they are the same. A master's."""
VALID = timedelta(minutes=2)
"""How long an order may still begin: a node that comes back later does not beep when nobody listens."""
MARGIN = timedelta(minutes=1)
"""So long before a session no tone may be heard any more."""
_FADE_S = 0.05


@dataclass(frozen=True, slots=True)
class ToneOrder:
    """An order to sound a tone for so many seconds. `nodes` are the clusters that are tried, empty for all.

    `zones` and what of `nodes` is in none of them say what a person chose.
    """

    id: str
    station: str
    seq: int
    zones: tuple[str, ...]
    nodes: tuple[str, ...]
    seconds: int
    issued: datetime
    expires: datetime
    by: str

    def is_for(self, node: str) -> bool:
        """Whether a node is to sound it."""
        return not self.nodes or node in self.nodes

    @property
    def body(self) -> dict[str, Any]:
        """What is signed."""
        return asdict(self)


_MEMBERS = {field.name for field in fields(ToneOrder)}


def tone_from(data: Mapping[str, Any]) -> ToneOrder:
    """A tone's order from its JSON object.

    Raises:
        ValueError: for what is none.
    """
    if data.keys() != _MEMBERS:
        msg = "members of a tone's order"
        raise ValueError(msg)
    order = ToneOrder(**order_members(data), seconds=a_whole(data["seconds"], LONGEST))
    if order.seconds < SHORTEST or order.expires - order.issued > VALID:
        msg = "too short, or good for too long"
        raise ValueError(msg)
    return order


def in_the_way(rundowns: Iterable[Rundown], now: datetime, seconds: int) -> Rundown | None:
    """The session that is on, or begins before a tone from now on has been over for `MARGIN`; None for none."""
    free_until = now + timedelta(seconds=seconds) + MARGIN
    near = [one for one in rundowns if one.items and one.start < free_until and one.end > now]
    return min(near, key=lambda rundown: rundown.start, default=None)


def tone(seconds: int, rate: int) -> Sound:
    """The sound: a sine of `PITCH` at `LEVEL_DB`, faded in and out.

    Args:
        seconds: its length.
        rate: samples a second.
    """
    # The mean of a sine's square is half the square of its height.
    height = 32767 * math.sqrt(2) * 10 ** (LEVEL_DB / 20)
    second = array("h", (round(height * math.sin(2 * math.pi * PITCH * n / rate)) for n in range(rate)))
    samples = second * seconds
    fade = round(rate * _FADE_S)
    for n in range(fade):
        for at in (n, len(samples) - 1 - n):
            samples[at] = round(samples[at] * n / fade)
    if byteorder == "big":
        samples.byteswap()
    return Sound(rate, samples.tobytes())
