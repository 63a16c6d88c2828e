"""A bulletin that may be aired, as the planner and its rules see it."""

from dataclasses import dataclass
from datetime import date

from broadcaster.domain.bulletin import Bulletin
from broadcaster.units import Milliseconds, Sha256

NOT_MEASURED = Milliseconds(0)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An approved bulletin with its master.

    `duration_ms` is the whole master's, `content_ms` one reading of the text; `approved_on` the date of the consent,
    `date.max` where it does not matter; `music` says that the voice lies over music; `voices` are those that speak.
    """

    bulletin: Bulletin
    master: Sha256
    duration_ms: Milliseconds
    content_ms: Milliseconds = NOT_MEASURED
    approved_on: date = date.max
    music: bool = False
    voices: tuple[str, ...] = ()
