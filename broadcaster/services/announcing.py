"""The sound of an emergency, made before the order goes out: nodes have no speech engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from broadcaster.domain.emergency import DRILL_CLOSING, DRILL_OPENING
from broadcaster.domain.finish import VoiceChain
from broadcaster.domain.master import DEFAULT_CEILING, DEFAULT_TARGET, MASTER_RATE
from broadcaster.domain.reading import Lexicon, read
from broadcaster.domain.take import Sound, SpeechRequest, Tape
from broadcaster.errors import SpeechError
from broadcaster.ports import Assembler, Codec, Effects, Importer, Meter, SpeechEngine
from broadcaster.services.speaking import first_that_works
from broadcaster.units import Milliseconds

PAUSE = Milliseconds(300)
LEAD = Milliseconds(500)
"""Silence before the first syllable: amplifiers that wake up late would swallow it."""


@dataclass(frozen=True, slots=True)
class Announcing:
    """Words or a recording to a file that is as loud as a master."""

    codec: Codec
    importer: Importer
    meter: Meter
    assembler: Assembler
    effects: Effects
    lexicon: Lexicon

    def make(
        self, engines: Mapping[str, SpeechEngine], text: str, recording: Path | None, target: Path, *, drill: bool
    ) -> None:
        """Write what is to be heard; a drill says before and after that it is one, also around a recording.

        Args:
            engines: in the station's order; those that need the internet are asked last.
            text: what is said, where there is no recording.
            recording: a person's recording, played as it is.
            target: the file, whole or not at all.
            drill: whether it is a drill.

        Raises:
            SpeechError: `speech.empty`, or as the last engine says.
            MasterError: as the importer says; `audio.disk`.
        """
        ordered = dict(sorted(engines.items(), key=lambda entry: entry[1].online))
        words = [DRILL_OPENING] if drill else []
        body = [] if recording else [sentence.text for sentence in read(text, lexicon=self.lexicon).sentences]
        if not recording and not body:
            raise SpeechError("speech.empty", text=text[:40])
        after = [DRILL_CLOSING] if drill else []
        told = [*words, *body, *after]
        spoken: list[Sound] = []
        if told:
            spoken, _ = first_that_works(
                ordered, text[:40], lambda engine: [engine.speak(SpeechRequest(line)) for line in told]
            )
        same = [self.assembler.resample(sound, MASTER_RATE) for sound in spoken]
        pieces: list[Tape | Milliseconds] = [LEAD]
        for sound in same[: len(words)]:
            pieces += [sound, PAUSE]
        if recording:
            pieces += [self.importer.open(recording, MASTER_RATE), PAUSE]
        for sound in same[len(words) :]:
            pieces += [sound, PAUSE]
        joined = self.assembler.join(pieces, MASTER_RATE)
        # A machine's voice is made for the horn; a person's recording is as the person made it.
        treated = joined if recording else self.effects.treat(joined, VoiceChain.HORN)
        self.codec.write(self.meter.level(treated, DEFAULT_TARGET, DEFAULT_CEILING), target, {})
