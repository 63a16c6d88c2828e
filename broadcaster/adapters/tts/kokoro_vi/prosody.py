"""How long each token lasts and how the pitch moves: the six tones drawn over what the model proposes.

Pitch is in semitones from the voice's middle; time inside a syllable runs from 0 at its nucleus to 1 at its end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from broadcaster.adapters.tts.kokoro_vi.syllable import Syllable, Tone

Contour = tuple[tuple[float, float], ...]

_OPEN: dict[Tone, Contour] = {
    Tone.NGANG: ((0, 1), (1, 0.5)),
    Tone.HUYEN: ((0, -2), (1, -5.5)),
    Tone.SAC: ((0, 0), (0.4, 0.5), (1, 6)),
    Tone.HOI: ((0, -1), (0.6, -6), (1, -3)),
    # Both break: the voice falls under what it can sing and creaks, which is what tells them from hỏi and huyền.
    Tone.NGA: ((0, 1), (0.2, -2), (0.3, -7), (0.45, -7), (0.55, 2), (1, 6)),
    Tone.NANG: ((0, -3), (0.3, -5), (0.4, -12), (1, -13)),
}
_STOPPED: dict[Tone, Contour] = {Tone.SAC: ((0, 2), (1, 6.5)), Tone.NANG: ((0, -3), (1, -6))}
_LENGTH = {Tone.NANG: 0.75}
_STOPPED_LENGTH = {Tone.NANG: 0.8, Tone.SAC: 0.85}
DEPTH = 1.6
"""How much wider than in speech the tones are drawn: a horn loudspeaker and an echo flatten them."""
FALL = 3.5
"""Semitones by which a phrase sinks from its first syllable to its last."""
RIME_FRAMES = 6
ONSET_FRAMES = 3
QUICK_ONSETS = {"t": 2, "k": 2, "đ": 2}
"""Held longer, these turn into th, kh and t."""
SHORT_NUCLEI = frozenset(("ă", "â"))
SHORT_NUCLEUS_FRAMES, LONG_CODA_FRAMES = 2, 6
"""ay is told from ai, ăm from am by the length of the vowel against that of the coda."""
MARK_FRAMES = 14.0
"""The longest pause of a mark, and silence at an edge: 350 ms. Pauses between sentences are the master's affair."""
_ASKED = 2.0
_LISTED = 1.0
_VOICED_HZ = 40.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A syllable and where its tokens are: onset from `start`, nucleus from `nucleus`, coda from `coda` to `end`.

    `before` is the mark that follows it, or empty.
    """

    syllable: Syllable
    start: int
    nucleus: int
    coda: int
    end: int
    before: str = ""


def durations(proposed: Any, placed: Sequence[Placed], speed: float) -> Any:
    """Whole frames for each token: shape (tokens,), at least one each."""
    import numpy as np

    frames = np.minimum(proposed.astype(np.float64), MARK_FRAMES)
    for one in placed:
        tone, stopped = one.syllable.tone, one.syllable.stopped
        factor = (_STOPPED_LENGTH if stopped else _LENGTH).get(tone, 1.0)
        rime = frames[one.nucleus : one.end]
        factor *= max(1.0, RIME_FRAMES / (rime.sum() * factor))
        if factor != 1.0:
            frames[one.nucleus : one.end] = np.maximum(1, np.round(rime * factor))
        if one.syllable.nucleus in SHORT_NUCLEI and one.end > one.coda:
            _last(frames[one.nucleus : one.coda], SHORT_NUCLEUS_FRAMES)
            _last(frames[one.coda : one.end], LONG_CODA_FRAMES)
        if one.nucleus > one.start:
            least = QUICK_ONSETS.get(one.syllable.onset, ONSET_FRAMES)
            frames[one.start] += max(0.0, least - frames[one.start : one.nucleus].sum())
    if speed == 1.0:
        return frames
    # What is rounded away from one token goes to the next, so that the whole keeps the pace that was asked for.
    edges = np.round(np.cumsum(frames) / speed)
    return np.maximum(1, np.diff(edges, prepend=0.0))


def _last(frames: Any, total: int) -> None:
    """Let the tokens last so many frames together, in place, the first of them longest."""
    frames[:] = 1.0
    frames[0] += max(0, total - len(frames))


def pitch(proposed: Any, frames: Any, placed: Sequence[Placed], *, asks: bool) -> Any:
    """The pitch track in Hz, two values a frame, with the tones in it; 0 stays where the voice is silent."""
    import numpy as np

    track = proposed.copy()
    voiced = proposed[proposed > _VOICED_HZ]
    if not len(voiced):
        return track
    middle = float(np.exp(np.median(np.log(voiced))))
    edges = 2 * np.concatenate([[0], np.cumsum(frames)]).astype(int)
    for number, one in enumerate(placed):
        first, nucleus, end = edges[one.start], edges[one.nucleus], edges[one.end]
        offset = FALL * (0.5 - (nucleus + end) / 2 / len(track))
        if asks and number == len(placed) - 1:
            offset += _ASKED
        elif one.before == ",":
            offset += _LISTED
        contour = _contour(one.syllable)
        times = np.linspace(0, 1, max(2, end - nucleus))[: end - nucleus]
        points, levels = zip(*contour, strict=True)
        heights = np.interp(times, points, levels) * DEPTH + offset
        drawn = middle * 2 ** (heights / 12)
        onset = np.where(proposed[first:nucleus] > _VOICED_HZ, drawn[0], proposed[first:nucleus])
        if one.syllable.stopped:
            closing = edges[one.end - 1] - nucleus
            tail = proposed[nucleus + closing : end]
            drawn[closing:] = np.where(tail > _VOICED_HZ, drawn[closing:], tail)
        track[first:nucleus], track[nucleus:end] = onset, drawn
    return track


def _contour(syllable: Syllable) -> Contour:
    if syllable.stopped:
        # A stop leaves only two tones: high and low; what is written without a mark is said high.
        return _STOPPED[Tone.NANG if syllable.tone is Tone.NANG else Tone.SAC]
    return _OPEN[syllable.tone]
