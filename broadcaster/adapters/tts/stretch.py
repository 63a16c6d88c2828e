"""Speech faster or slower at the same pitch, for engines that cannot change their pace.

WSOLA: W. Verhelst and M. Roelands, "An overlap-add technique based on waveform similarity (WSOLA) for high quality
time-scale modification of speech", ICASSP 1993.
"""

from broadcaster.domain.take import Sound

_FRAME_SECONDS = 0.03
_SEARCH_SECONDS = 0.008


def stretched(sound: Sound, speed: float) -> Sound:
    """The sound in about `1 / speed` of its time. At 1.0 it is the sound itself."""
    import numpy as np

    hop = round(_FRAME_SECONDS * sound.rate / 2)
    search = round(_SEARCH_SECONDS * sound.rate)
    if speed == 1.0 or sound.frames < 2 * hop:
        return sound
    length = round(sound.frames / speed)
    samples = np.frombuffer(sound.samples, "<i2").astype(np.float64)
    # Silence on both sides lets every frame look ahead and behind without a special case at the ends.
    line = np.concatenate([np.zeros(search), samples, np.zeros(search + 4 * hop)])
    window = np.hanning(2 * hop + 1)[:-1]
    out = np.zeros(length + 4 * hop)
    out[:hop] = samples[:hop] * window[hop:]
    position = 0
    for start in range(0, length + hop, hop):
        out[start : start + 2 * hop] += line[search + position : search + position + 2 * hop] * window
        # What would come next if nothing were skipped; the next frame is the piece that looks most like it.
        natural = line[search + position + hop : search + position + 3 * hop]
        wanted = min(round((start + hop) * speed), sound.frames)
        candidates = line[wanted : wanted + 2 * hop + 2 * search]
        if len(candidates) < 2 * hop or len(natural) < 2 * hop:
            break
        likeness = np.correlate(candidates, natural, mode="valid")
        energy = np.convolve(candidates * candidates, np.ones(2 * hop), mode="valid")
        position = wanted - search + int(np.argmax(likeness / np.sqrt(np.maximum(energy, 1.0))))
        position = max(position, -search)
    rounded = np.clip(np.rint(out[:length]), -32768, 32767).astype("<i2")
    return Sound(sound.rate, rounded.tobytes())
