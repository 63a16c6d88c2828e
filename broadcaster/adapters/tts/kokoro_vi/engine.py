"""The port `SpeechEngine` over Kokoro's network."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from broadcaster.adapters.tts.kokoro_vi.foreign import syllables_of
from broadcaster.adapters.tts.kokoro_vi.graph import WEIGHTS_SHA256, Graph, parts
from broadcaster.adapters.tts.kokoro_vi.learned import learned
from broadcaster.adapters.tts.kokoro_vi.phones import NORTH, SOUTH, Accent
from broadcaster.adapters.tts.kokoro_vi.prosody import Placed, durations, pitch
from broadcaster.adapters.tts.kokoro_vi.syllable import Syllable
from broadcaster.adapters.tts.request import checked
from broadcaster.domain.take import Sound, SpeechRequest, Voice
from broadcaster.errors import SpeechError
from broadcaster.ports import Crew

RATE = 24_000
RECIPE = "5"
"""Counts up when phones, prosody, styles or what was learned change the sound."""

_PACE = 0.8
"""The model's own speed at which its durations suit Vietnamese syllables."""
_MOST_TOKENS = 380
"""The network takes 510; a breath is never that long, and memory grows with it."""
_STYLES = 510
_EDGE_MS = 8
_TOKENS = re.compile(r"[^\W\d_]+|[,;:.!?…]")
_MARKS = {";": ",", ":": ",", "…": "."}
_SPACE = " "


@dataclass(frozen=True, slots=True)
class _Speaker:
    voice: Voice
    style: str
    accent: Accent


_SPEAKERS = (
    _Speaker(Voice("kokoro_vi", "minh", region="bac", sex="nam"), "minh", NORTH),
    _Speaker(Voice("kokoro_vi", "lan", region="bac", sex="nu"), "lan", NORTH),
    _Speaker(Voice("kokoro_vi", "minh-nam", region="nam", sex="nam"), "minh", SOUTH),
    _Speaker(Voice("kokoro_vi", "lan-nam", region="nam", sex="nu"), "lan", SOUTH),
)
_VOICES = tuple(speaker.voice for speaker in _SPEAKERS)


class KokoroViEngine:
    """Speech without a network, about twice as fast as it is heard on two cores, in some 650 MB."""

    name = "kokoro_vi"
    deterministic = True
    online = False
    crew = Crew(most=4, megabytes=650, fewest=3)

    def __init__(self) -> None:
        self._graph: Graph | None = None
        self._styles: dict[str, Any] = {}

    def version(self) -> str:
        """The recipe and the weights."""
        return f"{RECIPE}-{WEIGHTS_SHA256[:12]}"

    def voices(self) -> Sequence[Voice]:
        """Two speakers, each in the accent of Hanoi and of Ho Chi Minh City.

        Raises:
            SpeechError: `speech.broken`, see `parts`.
        """
        parts()
        return _VOICES

    def speak(self, request: SpeechRequest) -> Sound:
        """Speech at 24 kHz; a long sentence in breaths, cut at its marks."""
        import numpy as np

        voice = checked(request, _VOICES, self.name)
        graph = self._ready()
        speaker = next(one for one in _SPEAKERS if one.voice == voice)
        heard = [
            self._breath(graph, breath, speaker, request.speed)
            for breath in _breaths(_words(request.spoken), speaker.accent)
        ]
        if not heard:
            raise SpeechError("speech.empty", engine=self.name, spoken=request.spoken)
        samples = np.clip(np.rint(np.concatenate(heard) * 32767), -32768, 32767)
        return Sound(RATE, bytes(samples.astype("<i2").tobytes()))

    def _breath(self, graph: Graph, breath: Sequence[Syllable | str], speaker: _Speaker, speed: float) -> Any:
        import numpy as np

        signs, placed, tokens, style, frames = timed(graph, breath, speaker.accent, self._style(speaker.style), speed)
        table = learned()
        features, louder = table.offsets(signs, placed)
        hidden, proposed, energy = graph.encode(tokens, style, frames, features)
        track = pitch(proposed.reshape(-1), frames, placed, asks=breath[-1] == "?")
        energy = energy + np.repeat(louder, 2 * frames.astype(int)).reshape(energy.shape)
        balance = table.balances[speaker.style]
        sound = graph.decode(hidden, track.astype(np.float32).reshape(proposed.shape), energy, style, balance)
        edge = RATE * _EDGE_MS // 1000
        ramp = np.linspace(0, 1, edge, dtype=np.float32)
        sound = np.array(sound, np.float32)
        sound[:edge] *= ramp
        sound[-edge:] *= ramp[::-1]
        return sound

    def _style(self, name: str) -> Any:
        """The speaker's style for each number of tokens: shape (510, 256)."""
        import numpy as np

        if not self._styles:
            with (resources.files(__package__) / "styles.npz").open("rb") as file, np.load(file) as kept:
                self._styles = {key: kept[key].astype(np.float32) for key in kept.files}
        return self._styles[name]

    def _ready(self) -> Graph:
        if self._graph is None:
            self._graph = Graph()
        return self._graph

    def close(self) -> None:
        """Let the network go."""
        self._graph = None


def timed(
    graph: Graph, breath: Sequence[Syllable | str], accent: Accent, styles: Any, speed: float
) -> tuple[list[str], list[Placed], Any, Any, Any]:
    """A breath's signs, its syllables among them, and as arrays: tokens (1, n), style (1, 256), frames (n,).

    `styles` are the speaker's, one for each number of tokens.
    """
    import numpy as np

    signs, placed = _placed(breath, accent)
    tokens = np.array([[0, *(graph.vocabulary[sign] for sign in signs[1:-1]), 0]], np.int64)
    style = styles[min(len(signs) - 3, _STYLES - 1)].reshape(1, -1)
    return signs, placed, tokens, style, durations(graph.frames(tokens, style, _PACE), placed, speed)


def _words(spoken: str) -> Iterator[Syllable | str]:
    """Syllables and marks of a sentence that ends with a mark."""
    last = ""
    for token in _TOKENS.findall(unicodedata.normalize("NFC", spoken)):
        mark = _MARKS.get(token, token)
        if mark in ",.!?":
            if last and last not in ",.!?":
                yield mark
                last = mark
            continue
        yield from syllables_of(token)
        last = token
    if last and last not in ",.!?":
        yield "."


def _breaths(words: Iterator[Syllable | str], accent: Accent) -> Iterator[list[Syllable | str]]:
    """Stretches that the network can take: whole sentences, else clauses, else as much as fits."""
    clause: list[Syllable | str] = []
    breath: list[Syllable | str] = []
    for word in words:
        clause.append(word)
        if not isinstance(word, str) and _size(clause, accent) < _MOST_TOKENS:
            continue
        if breath and _size(breath, accent) + _size(clause, accent) > _MOST_TOKENS:
            yield breath
            breath = []
        breath += clause
        clause = []
        if isinstance(word, str) and word != ",":
            yield breath
            breath = []
    if breath + clause:
        yield breath + clause


def _size(words: Sequence[Syllable | str], accent: Accent) -> int:
    return sum(1 + (1 if isinstance(word, str) else len("".join(accent.tokens(word)))) for word in words)


def _placed(breath: Sequence[Syllable | str], accent: Accent) -> tuple[list[str], list[Placed]]:
    """Tokens of a breath by their signs, framed by empty ones, and where its syllables are among them."""
    signs = [""]
    placed: list[Placed] = []
    for index, word in enumerate(breath):
        if isinstance(word, str):
            if signs[-1] == _SPACE:
                signs.pop()
            signs += [word, _SPACE]
            continue
        edges = [len(signs)]
        for part in accent.tokens(word):
            signs += part
            edges.append(len(signs))
        following = breath[index + 1] if index + 1 < len(breath) else ""
        start, nucleus, coda, end = edges
        placed.append(Placed(word, start, nucleus, coda, end, following if isinstance(following, str) else ""))
        signs.append(_SPACE)
    if signs[-1] == _SPACE:
        signs.pop()
    return [*signs, ""], placed
