"""Speaking: which engine speaks a text, and with which voices."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from broadcaster.domain.bulletin import Bulletin, Kind
from broadcaster.domain.take import Voice
from broadcaster.errors import SpeechError
from broadcaster.ports import SpeechEngine

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
