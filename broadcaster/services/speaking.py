"""Speaking: from lines to takes, each spoken once and kept: editing one sentence speaks one sentence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.take import Sound, SpeechRequest, Take
from broadcaster.errors import MasterError, SpeechError
from broadcaster.ports import Assembler, Library, Progress, Speakers, SpeechEngine, Store
from broadcaster.units import Milliseconds, Sha256, digest_bytes

EDGE = Milliseconds(40)
"""Silence that a trimmed take keeps at both ends."""


@dataclass(slots=True)
class Steps:
    """Counts sentences and masters for the one who watches."""

    progress: Progress | None
    total: int = 0
    done: int = 0

    def tell(self, label: str, steps: int = 0) -> None:
        """So many more are done."""
        self.done = min(self.done + steps, self.total)
        if self.progress:
            self.progress(self.done, self.total, label)


@dataclass(frozen=True, slots=True)
class KeptTake:
    """A take on the disk; a `Tape` that is read when its turn comes, so that a long bulletin is never in memory."""

    library: Library
    key: Sha256
    rate: int

    def blocks(self) -> Iterator[bytes]:
        """Its samples.

        Raises:
            MasterError: `audio.missing` if it has gone since it was spoken.
        """
        sound = self.library.take(self.key)
        if sound is None:
            raise MasterError("audio.missing", path=self.key)
        yield from sound.blocks()


@dataclass(frozen=True, slots=True)
class Speaking:
    """Takes of an engine's sentences."""

    store: Store
    library: Library
    assembler: Assembler
    speakers: Speakers

    def kept(self, requests: Mapping[Sha256, SpeechRequest]) -> dict[Sha256, Milliseconds]:
        """The lengths of those that have a whole take already."""
        # One at a time: all of them together are the whole bulletin.
        return {key: sound.duration_ms for key in requests if (sound := self.library.take(key)) is not None}

    def speak(
        self, engine: SpeechEngine, requests: Mapping[Sha256, SpeechRequest], rate: int
    ) -> Iterator[tuple[Sha256, Milliseconds]]:
        """Speak and keep each of them, in order; key and length of each, once it is on the disk.

        Raises:
            SpeechError: from the first sentence that could not be spoken; what came before it is kept.
            MasterError: `audio.disk` if a take could not be written.
        """
        for (key, request), heard in zip(
            requests.items(), self.speakers.speak(engine, list(requests.values())), strict=True
        ):
            if isinstance(heard, SpeechError):
                raise heard
            sound = self._keep(key, engine.name, request, heard, rate)
            yield key, sound.duration_ms

    def _keep(self, key: Sha256, engine: str, request: SpeechRequest, heard: Sound, rate: int) -> Sound:
        sound = self.assembler.trim(self.assembler.resample(heard, rate), EDGE)
        self.library.keep_take(key, sound)
        self.store.save_take(Take(key, engine, request.voice, sound.duration_ms, digest_bytes(sound.samples)))
        return sound


def voices_for(engine: SpeechEngine, bulletin: Bulletin) -> dict[str, str]:
    """Voice names for the parts of a bulletin: the one asked for by sex where the engine has it, else the default."""
    offered = list(engine.voices())
    chosen = {"main": offered[0].name}
    for role, sex in bulletin.voices.items():
        chosen[role] = next((voice.name for voice in offered if voice.sex == sex), offered[0].name)
    if len(set(chosen.values())) == 1 and "hoi" in chosen and len(offered) > 1:
        # A question and its answer should be told apart even where the engine knows nothing of the sexes.
        chosen["hoi"] = offered[1].name
    return chosen
