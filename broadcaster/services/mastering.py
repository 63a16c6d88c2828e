"""Mastering of a recording: any file in, a file at the right loudness out, whatever the format does to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from broadcaster.domain.master import MASTER_RATE, Loudness, Measured
from broadcaster.domain.take import Tape, tape_ms
from broadcaster.ports import Codec, Importer, Meter
from broadcaster.units import Dbtp, Lufs, Milliseconds

TOLERANCE = 0.1
"""Loudness units by which an encoded file may miss the target before it is made again."""

LOSSLESS = (".flac", ".wav")
"""Endings of formats that give back the very samples."""

_ROUNDS = 8
_SPARE = 0.05
"""Decibels more than what an encoder was seen to add, so that the next round is the last; twice it the next time."""


@dataclass(frozen=True, slots=True)
class Mastered:
    """A file that was written, as it measures when it is decoded again."""

    path: Path
    measured: Measured
    duration_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class Mastering:
    """Levels recordings. MP3, OGG and Opus change both loudness and peaks: what counts is the file, decoded."""

    codec: Codec
    meter: Meter
    importer: Importer

    def recording(self, source: Path, target: Path, loudness: Loudness, tags: Mapping[str, str]) -> Mastered:
        """Level a recording and write it, again where the encoder has moved it.

        Where target and ceiling cannot both be reached the ceiling wins; the result says what was reached.

        Raises:
            MasterError: see the ports; an older file of that name stays as it was unless the new one is whole.
        """
        return self._fitted(self.importer.open(source, MASTER_RATE), target, loudness, tags)

    def derivative(self, source: Path, target: Path, loudness: Loudness, tags: Mapping[str, str]) -> Mastered:
        """A master's file in another format: its very samples where the format keeps them, else levelled for it.

        Raises:
            MasterError: as `recording`.
        """
        tape = self.codec.open(source, MASTER_RATE)
        if target.suffix.lower() not in LOSSLESS:
            return self._fitted(tape, target, loudness, tags)
        self.codec.write(tape, target, tags)
        return Mastered(target, self.meter.measure(tape), tape_ms(tape))

    def _fitted(self, tape: Tape, target: Path, loudness: Loudness, tags: Mapping[str, str]) -> Mastered:
        aim, ceiling, spare = float(loudness.target), float(loudness.ceiling), _SPARE
        step, before = 1.0, 0.0
        for _ in range(_ROUNDS):
            levelled = self.meter.level(tape, Lufs(aim), Dbtp(ceiling))
            self.codec.write(levelled, target, tags)
            measured = self.meter.measure(self.codec.open(target, MASTER_RATE))
            over = float(measured.true_peak) - float(loudness.ceiling)
            miss = float(measured.loudness) - float(loudness.target)
            if over <= 0 and abs(miss) <= TOLERANCE:
                break
            moved = float(measured.loudness) - float(self.meter.measure(levelled).loudness)
            if over <= 0 and abs(moved) <= TOLERANCE / 2:
                break  # the encoder did nothing: what is missing the ceiling forbids
            # An encoder answers a small change by a large one now and then: shorter steps once the target was passed.
            step, before = (step / 2 if miss * before < 0 else step), miss
            aim += step * (float(loudness.target) - moved - aim)
            if over > 0:
                ceiling -= over + spare
                spare *= 2
        return Mastered(target, measured, tape_ms(levelled))
