"""What every engine checks before it speaks, so that all of them refuse the same things with the same codes."""

from collections.abc import Sequence

from broadcaster.domain.take import SpeechRequest, Voice
from broadcaster.errors import SpeechError

SLOWEST = 0.7
FASTEST = 1.3


def checked(request: SpeechRequest, voices: Sequence[Voice], engine: str) -> Voice:
    """The voice that the request names, the first one for an empty name.

    Raises:
        SpeechError: `speech.empty`, `speech.speed`, `speech.no_voice` or `speech.voice_unknown`.
    """
    if not any(character.isalnum() for character in request.spoken):
        raise SpeechError("speech.empty", engine=engine, spoken=request.spoken)
    if not SLOWEST <= request.speed <= FASTEST:
        raise SpeechError("speech.speed", engine=engine, speed=request.speed, slowest=SLOWEST, fastest=FASTEST)
    if not voices:
        raise SpeechError("speech.no_voice", engine=engine)
    if not request.voice:
        return voices[0]
    for voice in voices:
        if voice.name == request.voice:
            return voice
    raise SpeechError(
        "speech.voice_unknown", engine=engine, voice=request.voice, allowed=[voice.name for voice in voices]
    )
