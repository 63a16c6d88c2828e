"""How fast voices speak, so that a text has a length before it has a sound."""

ANNOUNCER = 4.4
"""Syllables a second of a person at the microphone: an assumption, slower than conversation; not measured here."""

PACES = {
    "announcer": ANNOUNCER,
    "espeak": 4.31,
    "espeak:vi": 4.31,
    "espeak:vi-vn-x-central": 4.22,
    "espeak:vi-vn-x-south": 4.135,
}
"""Syllables a second by engine and voice, the pauses between sentences not counted.

espeak-ng's were measured at speed 1.0 on the twelve sample bulletins: 195 sentences of 3,787 syllables, each cut at its
edges as in a master (878.6, 897.3 and 915.9 s). Voices that are not here have not been measured.
"""


def pace(engine: str, voice: str = "") -> float:
    """Syllables a second of a voice; the announcer's for one that was not measured."""
    return PACES.get(f"{engine}:{voice}") or PACES.get(engine) or ANNOUNCER
