"""An engine for tests: one short beep a syllable. The sound is a pure function of the request on every machine."""

import re
import struct
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from zlib import crc32

from broadcaster.adapters.tts.request import checked
from broadcaster.domain.take import Sound, SpeechRequest, Voice

RATE = 22050
SYLLABLES_PER_SECOND = 4.4
"""The pace of a newsreader, so that durations in tests are of the size that they have on the air."""

_AMPLITUDE = 9000
_FADE = 110
_LOWEST_PERIOD = 60
_PERIODS = 64
_PAUSE_SYLLABLES = {",": 0.8, ";": 1.0, ":": 1.0, ".": 1.6, "!": 1.6, "?": 1.6}
_TOKENS = re.compile(r"\w+|[,;:.!?]")
_VOICES = (Voice("tone", "tone-nu", sex="nu"), Voice("tone", "tone-nam", sex="nam"))


class ToneEngine:
    """Beeps: a pitch for each syllable, a pause for each mark."""

    name = "tone"
    deterministic = True
    online = False

    def version(self) -> str:
        """Counts up when the recipe below changes the sound."""
        return "1"

    def voices(self) -> Sequence[Voice]:
        """Two voices, an octave apart, so that a dialogue can be told apart in a test."""
        return _VOICES

    def speak(self, request: SpeechRequest) -> Sound:
        """One beep a syllable at `SYLLABLES_PER_SECOND` times the speed."""
        voice = checked(request, _VOICES, self.name)
        slot = round(RATE / SYLLABLES_PER_SECOND / request.speed)
        octave = 2 if voice.sex == "nam" else 1
        sound = bytearray()
        # One form for both ways to write a Vietnamese letter: the same words must give the same beeps.
        for token in _TOKENS.findall(unicodedata.normalize("NFC", request.spoken).lower()):
            pause = _PAUSE_SYLLABLES.get(token)
            if pause is None:
                # Half a period in samples, a whole number: no floating point, so the same bytes everywhere.
                period = octave * (_LOWEST_PERIOD + crc32(token.encode()) % _PERIODS)
                sound += _beep(period, slot)
            else:
                sound += bytes(2 * round(slot * pause))
        return Sound(RATE, bytes(sound))

    def close(self) -> None:
        """Nothing to let go of."""


@lru_cache(maxsize=512)
def _beep(period: int, slot: int) -> bytes:
    """A triangle wave of three quarters of the slot, faded at both ends, then silence."""
    length = slot * 3 // 4
    samples = [0] * slot
    for index in range(length):
        phase = index % (2 * period)
        height = phase if phase < period else 2 * period - phase
        fade = min(index, length - 1 - index, _FADE)
        samples[index] = (2 * height - period) * _AMPLITUDE * fade // (period * _FADE)
    return struct.pack(f"<{slot}h", *samples)
