"""How a station finishes its masters: the voice chain for its loudspeakers, and a music bed; `[audio]` of its file."""

from dataclasses import dataclass
from enum import StrEnum

from broadcaster.domain.fields import Fields

BED_BELOW = 18.0
"""Loudness units by which a bed stays below the voice that speaks over it; its own pauses it fills a little more."""

_LEAST_BELOW, _MOST_BELOW = 10.0, 40.0


class VoiceChain(StrEnum):
    """A named recipe for the kind of loudspeaker that is listened to."""

    OFF = "off"
    HORN = "loa_nen"
    INDOOR = "trong_nha"


@dataclass(frozen=True, slots=True)
class Finish:
    """What is done to a master's sound before it is levelled. `bed` is a file of the workspace, empty for none."""

    chain: VoiceChain = VoiceChain.OFF
    bed: str = ""
    bed_below: float = BED_BELOW


UNTOUCHED = Finish()


def finish_from(fields: Fields) -> Finish:
    """The finish that a table asks for; what is wrong in it is noted there."""
    finish = Finish(
        VoiceChain(fields.choice("chain", [chain.value for chain in VoiceChain], UNTOUCHED.chain.value)),
        fields.text("bed"),
        fields.number("bed_below", UNTOUCHED.bed_below, _LEAST_BELOW, _MOST_BELOW),
    )
    fields.unknown()
    return finish
