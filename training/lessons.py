"""Sentences as the engine says them, up to where learning begins, and small changes to try on the way."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from broadcaster.adapters.tts.kokoro_vi import engine, prosody
from broadcaster.adapters.tts.kokoro_vi.graph import Graph
from broadcaster.adapters.tts.kokoro_vi.learned import names, tone_row
from broadcaster.adapters.tts.kokoro_vi.phones import Accent
from broadcaster.adapters.tts.kokoro_vi.prosody import Placed

_LONGEST_FRAMES = 380
_KNOTS = np.array([0, 0.25, 0.5, 0.75, 1.0])
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Lesson:
    """One sentence of one speaker, arrays as in `graph.Graph`; `sounds` and `tones` (-1 for none) of each token."""

    sentence: str
    words: list[str]
    speaker: str
    accent: Accent
    signs: list[str]
    placed: list[Placed]
    tokens: Any
    style: Any
    frames: Any
    sounds: list[str]
    tones: list[int]
    asks: bool


def lessons(graph: Graph, styles: Any, speaker: str, accent: Accent, sentences: Iterable[str]) -> Iterator[Lesson]:
    """Those sentences that are one breath and not too long to learn from in little memory."""
    for sentence in sentences:
        breaths = list(engine._breaths(engine._words(sentence), accent))
        if len(breaths) != 1:
            continue
        signs, placed, tokens, style, frames = engine.timed(graph, breaths[0], accent, styles, 1.0)
        tones = [-1] * len(signs)
        for one in placed:
            tones[one.nucleus : one.end] = [tone_row(one.syllable)] * (one.end - one.nucleus)
        if frames.sum() < _LONGEST_FRAMES:
            words = _WORD.findall(sentence.lower())
            asks = breaths[0][-1] == "?"
            yield Lesson(
                sentence,
                words,
                speaker,
                accent,
                signs,
                placed,
                tokens,
                style,
                frames,
                names(signs, placed),
                tones,
                asks,
            )


def varied(lesson: Lesson, chance: np.random.Generator, semitones: float) -> tuple[Any, Any, list[dict[str, Any]]]:
    """Frames, a function from a proposed pitch to the drawn one, and what was changed in each syllable.

    Each syllable gets a contour and a length of its own that differ a little, so that the table does not learn one
    contour by heart, and so that the ears' opinion of each change can be gathered.
    """
    frames = lesson.frames.copy()
    changes: list[dict[str, Any]] = []
    for one in lesson.placed:
        onset, rime = frames[one.start : one.nucleus].sum(), frames[one.nucleus : one.end].sum()
        if one.nucleus > one.start:
            frames[one.start] = max(1, frames[one.start] + chance.integers(-1, 2))
        longer = one.nucleus if one.end <= one.coda or chance.random() < 0.6 else one.coda
        frames[longer] = max(1, frames[longer] + chance.integers(-2, 3))
        bend = np.convolve(chance.normal(0, semitones, 7), [0.25, 0.5, 0.25], "valid")
        changes.append(
            {
                "onset": int(frames[one.start : one.nucleus].sum() - onset),
                "rime": int(frames[one.nucleus : one.end].sum() - rime),
                "bend": (bend + chance.normal(0, 0.7 * semitones)).round(3).tolist(),
            }
        )

    def drawn(proposed: Any) -> Any:
        track = prosody.pitch(proposed.reshape(-1), frames, lesson.placed, asks=lesson.asks)
        edges = 2 * np.concatenate([[0], np.cumsum(frames)]).astype(int)
        for one, change in zip(lesson.placed, changes, strict=True):
            start, nucleus, end = edges[one.start], edges[one.nucleus], edges[one.end]
            times = np.linspace(0, 1, max(2, end - nucleus))[: end - nucleus]
            track[nucleus:end] *= 2 ** (np.interp(times, _KNOTS, change["bend"]) / 12)
            track[start:nucleus] *= 2 ** (change["bend"][0] / 12)
        return track.astype(np.float32).reshape(proposed.shape)

    return frames, drawn, changes
