"""Comparing voices: the same text by each of them, how well it is understood and how fast it is made."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from broadcaster.domain.hearing import Comparison, compare
from broadcaster.domain.master import MASTER_RATE
from broadcaster.domain.take import Sound, SpeechRequest, Tape, Voice, tape_ms
from broadcaster.errors import SpeechError
from broadcaster.ports import Assembler, Clock, SpeechEngine
from broadcaster.services.hearing import Ear
from broadcaster.units import Milliseconds

SENTENCE_PAUSE = Milliseconds(300)
_WARM_UP = "xin chào"


@dataclass(frozen=True, slots=True)
class ComparedVoice:
    """One voice: its sound's length, how many times faster than real time it was made, and what was understood.

    `failure` stands where the engine could not speak; the other figures are then missing. `village` is missing unless
    it was asked for.
    """

    voice: Voice
    duration_ms: Milliseconds | None = None
    x_realtime: float | None = None
    clean: Comparison | None = None
    village: Comparison | None = None
    failure: SpeechError | None = None


@dataclass(frozen=True, slots=True)
class Comparing:
    """Lets engines speak and an ear listen."""

    ear: Ear
    assembler: Assembler
    clock: Clock

    def voices(self, engine: SpeechEngine, sentences: Sequence[str], *, village: bool) -> Iterator[ComparedVoice]:
        """Every voice of an engine with these sentences, in spoken form.

        Raises:
            HearingError: `hearing.missing`, `hearing.broken`; `hearing.no_words` for sentences without any.
        """
        try:
            offered = engine.voices()
            # The first sentence after a start waits for data to be loaded; that is no property of the voice.
            engine.speak(SpeechRequest(_WARM_UP, offered[0].name))
        except SpeechError as error:
            yield ComparedVoice(Voice(engine.name, ""), failure=error)
            return
        for voice in offered:
            yield self._voice(engine, voice, sentences, village=village)

    def _voice(self, engine: SpeechEngine, voice: Voice, sentences: Sequence[str], *, village: bool) -> ComparedVoice:
        begun = self.clock.now()
        try:
            sounds = [engine.speak(SpeechRequest(sentence, voice.name)) for sentence in sentences]
        except SpeechError as error:
            return ComparedVoice(voice, failure=error)
        seconds = max((self.clock.now() - begun) / timedelta(seconds=1), 1e-6)
        tape = self._joined(sounds)
        spoken = " ".join(sentences)
        length = sum(sound.duration_ms for sound in sounds) / 1000
        return ComparedVoice(
            voice,
            duration_ms=tape_ms(tape),
            x_realtime=round(length / seconds, 2),
            clean=compare(spoken, self.ear.sound(tape, village=False)),
            village=compare(spoken, self.ear.sound(tape, village=True)) if village else None,
        )

    def _joined(self, sounds: Sequence[Sound]) -> Tape:
        pieces: list[Sound | Milliseconds] = [SENTENCE_PAUSE]
        for sound in sounds:
            pieces += [self.assembler.resample(sound, MASTER_RATE), SENTENCE_PAUSE]
        return self.assembler.join(pieces, MASTER_RATE)
