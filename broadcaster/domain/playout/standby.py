"""What sounds in the place of an item that cannot: another piece of its topic, any approved piece, the signature.

Everything comes from rundowns that the player holds, so that a node without its station has it too. A piece may air on
a day that lies between two days for which it was planned: what held on both holds between them. What the session airs
by itself is left alone: nobody hears a piece twice because another one is missing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from broadcaster.domain.rundown import ItemKind, LatePolicy, Rundown, RundownItem

MARK = ".thay."
"""Between the id of the item that cannot sound and what sounds instead, in the id of the latter."""
HUSH = timedelta(seconds=3)
"""A longer silence in a session is told to somebody."""
AROUND = timedelta(days=7)
"""How far from its day other rundowns are looked at."""


def replaced(code: str) -> str:
    """The id of the item in whose place an item sounds; the item's own if in none."""
    return code.split(MARK, 1)[0]


def stand_ins(item: RundownItem, playing: Rundown, held: Iterable[Rundown]) -> tuple[RundownItem, ...]:
    """What may sound in an item's place, best first; none is longer than it.

    Pieces of its topic, the longest first, then pieces of any topic, then the station's signature.

    Args:
        item: what cannot sound.
        playing: the rundown it belongs to.
        held: rundowns of the days around it, `playing` among them or not.
    """
    if item.kind is ItemKind.RELAY:
        return ()
    own = {other.bulletin for other in playing.items}
    pieces: dict[str, RundownItem] = {}
    days: dict[str, list[date]] = defaultdict(list)
    ident: RundownItem | None = None
    for rundown in sorted([playing, *held], key=lambda rundown: (rundown.start, rundown.code)):
        for other in rundown.items:
            if other.kind is ItemKind.BULLETIN and other.bulletin not in own:
                days[other.bulletin].append(rundown.day)
                # The version of the day or the last before it: an amended text has another master.
                if rundown.day <= playing.day or other.bulletin not in pieces:
                    pieces[other.bulletin] = other
            elif other.kind is ItemKind.SIGNATURE and other.id != item.id:
                ident = other
    allowed = [
        piece
        for code, piece in pieces.items()
        if min(days[code]) <= playing.day <= max(days[code]) and piece.duration_ms <= item.duration_ms
    ]
    allowed.sort(key=lambda piece: (piece.topic != item.topic, -piece.duration_ms, piece.bulletin))
    if ident is not None and ident.duration_ms <= item.duration_ms:
        allowed.append(ident)
    return tuple(_in_place(item, other) for other in allowed)


def _in_place(item: RundownItem, other: RundownItem) -> RundownItem:
    code = f"{item.id}{MARK}{other.bulletin or other.kind.value}"
    return replace(other, id=code, start=item.start, late=LatePolicy.SKIP)
