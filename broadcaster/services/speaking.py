"""Speaking: which engine speaks a text, with which voices, and what is kept of it.

A take is spoken once and kept: editing one sentence speaks one sentence.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from broadcaster.domain.bulletin import Bulletin, Kind
from broadcaster.domain.take import Sound, SpeechRequest, Take, Voice
from broadcaster.errors import MasterError, SpeechError
from broadcaster.ports import Assembler, Library, Progress, Speakers, SpeechEngine, Store
from broadcaster.units import Milliseconds, Sha256, digest_bytes

EDGE = Milliseconds(40)
"""Silence that a trimmed take keeps at both ends."""

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Fallback:
    """An engine that could not speak a text, why, and the one that spoke all of it instead."""

    text: str
    engine: str
    error: SpeechError
    instead: str


def first_that_works(
    engines: Mapping[str, SpeechEngine], text: str, attempt: Callable[[SpeechEngine], Made]
) -> tuple[Made, list[Fallback]]:
    """What the first engine makes that can make all of it, and which ones could not.

    Args:
        engines: by name, in the station's order.
        text: what is spoken, as people know it.
        attempt: makes it with one engine.

    Raises:
        SpeechError: from the last engine, when none could; `speech.no_engine` when there is none.
    """
    failures: list[tuple[str, SpeechError]] = []
    for name, engine in engines.items():
        try:
            made = attempt(engine)
        except SpeechError as error:
            failures.append((name, error))
        else:
            return made, [Fallback(text, failed, error, name) for failed, error in failures]
    raise failures[-1][1] if failures else SpeechError("speech.no_engine", wanted=list(engines))


def voices_for(engine: SpeechEngine, bulletin: Bulletin) -> dict[str, str]:
    """Voice names for the parts of a bulletin: the one asked for by sex where the engine has it, else the default.

    A question and its answer are told apart even where the engine knows nothing of the sexes; an engine with one voice
    speaks both, and the words "hỏi" and "đáp" tell them apart.

    Raises:
        SpeechError: `speech.no_voice` when the engine offers none.
    """
    on_offer = offered(engine)
    chosen = {"main": on_offer[0].name}
    if bulletin.kind is not Kind.HOI_DAP and not bulletin.voices:
        return chosen
    for role in ("hoi", "dap"):
        sex = bulletin.voices.get(role)
        chosen[role] = next((voice.name for voice in on_offer if voice.sex == sex), on_offer[0].name)
    if chosen["hoi"] == chosen["dap"]:
        others = [voice for voice in on_offer if voice.name != chosen["dap"]]
        wanted = bulletin.voices.get("hoi")
        # Another voice of the sex that was asked for, where there is one.
        others.sort(key=lambda voice: voice.sex != wanted)
        chosen["hoi"] = next((voice.name for voice in others), chosen["hoi"])
    return chosen


def offered(engine: SpeechEngine) -> Sequence[Voice]:
    """An engine's voices, at least one.

    Raises:
        SpeechError: `speech.no_voice` when it has none.
    """
    voices = engine.voices()
    if not voices:
        raise SpeechError("speech.no_voice", engine=engine.name)
    return voices


def versions_of(engine: SpeechEngine, names: Iterable[str]) -> dict[str, str]:
    """The versions of those of the voices that have their own beside the engine's, in the order of the names."""
    own = {voice.name: voice.version for voice in engine.voices() if voice.version}
    return {name: own[name] for name in names if name in own}


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
