"""Hearing: what a recogniser understands of files and masters, as a test of their quality before a person listens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.hearing import Comparison, Limits, compare, error_rate, finding_of, syllables_of
from broadcaster.domain.master import MASTER_RATE, Line, Master
from broadcaster.domain.take import Sound, Tape
from broadcaster.errors import BulletinError, Finding, HearingError, MasterError, Place, SpeechError
from broadcaster.ports import Codec, Horn, Library, Meter, Progress, Recogniser
from broadcaster.services.approving import Approving
from broadcaster.services.voicing import Voicing

SILENCE_DBTP = -60.0
"""A file whose peaks lie below this holds no speech; 10 bits below full scale."""


@dataclass(frozen=True, slots=True)
class Ear:
    """A recogniser, near the loudspeaker or far from it."""

    recogniser: Recogniser
    horn: Horn
    codec: Codec
    meter: Meter

    def open(self, path: Path) -> Tape:
        """A sound file, once it is known that there is something to hear in it.

        Raises:
            MasterError: `audio.missing`, `audio.unreadable`, `audio.empty`.
            HearingError: `hearing.silent` for a file without a sound.
        """
        tape = self.codec.open(path, MASTER_RATE)
        if self.meter.measure(tape).true_peak < SILENCE_DBTP:
            raise HearingError("hearing.silent", path=str(path))
        return tape

    def sound(self, tape: Tape, *, village: bool) -> str:
        """What is heard of a sound; through the horn if it is heard in the village.

        Raises:
            HearingError: `hearing.missing`, `hearing.broken`.
        """
        return self.recogniser.transcribe(self.horn.play(tape) if village else tape)


@dataclass(frozen=True, slots=True)
class HeardLine:
    """One sentence of a master, as it is understood near the loudspeaker and in the village; numbered from 1."""

    number: int
    clean: Comparison
    village: Comparison


@dataclass(frozen=True, slots=True)
class HeardMaster:
    """A master as it is understood. `whole` says that its file was heard in one: its takes are not there."""

    bulletin: str
    master: str
    engine: str
    whole: bool
    lines: tuple[HeardLine, ...]
    findings: tuple[Finding, ...]

    @property
    def clean(self) -> float:
        """The syllable error rate of all lines, a fraction."""
        return error_rate(line.clean for line in self.lines) or 0.0

    @property
    def village(self) -> float:
        """The same in the village."""
        return error_rate(line.village for line in self.lines) or 0.0


@dataclass(frozen=True, slots=True)
class Hearing:
    """Listens to masters. Nothing is kept: hearing again takes a fraction of the length, and cannot be out of date."""

    ear: Ear
    library: Library
    voicing: Voicing
    approving: Approving

    def bulletin(self, bulletin: Bulletin, limits: Limits, progress: Progress | None = None) -> HeardMaster:
        """Every sentence of a bulletin's present master; those above a limit are findings.

        The sentences are heard in their takes, each different one once; where a take is missing, and in a recording,
        the master's file is heard as a whole.

        Raises:
            BulletinError: `approval.no_master` if there is none for the present text and reading.
            MasterError: `audio.missing` if its file is needed and is gone.
            HearingError: `hearing.missing`, `hearing.broken`.
        """
        master = self.approving.master_of(bulletin)
        if master is None:
            raise BulletinError("approval.no_master", bulletin=bulletin.code)
        takes = self._takes(bulletin, master)
        pieces = takes or [self._whole(bulletin, master)]
        lines: list[HeardLine] = []
        for number, (spoken, sound) in enumerate(pieces, 1):
            if progress:
                progress(number, len(pieces), spoken)
            clean = compare(spoken, self.ear.sound(sound, village=False))
            lines.append(HeardLine(number, clean, compare(spoken, self.ear.sound(sound, village=True))))
        findings = tuple(_findings(bulletin.code, lines, limits))
        return HeardMaster(bulletin.code, master.hash, master.engine, not takes, tuple(lines), findings)

    def _takes(self, bulletin: Bulletin, master: Master) -> list[tuple[str, Tape]]:
        """The lines that a master was made of and their sounds; none unless all are there."""
        engine = self.voicing.engines.get(master.engine)
        if engine is None or not master.synthetic:
            return []
        try:
            recipe = self.voicing.recipe(bulletin, engine)
        except (SpeechError, MasterError):
            return []
        if recipe.hash != master.recipe_hash:
            return []  # the engine, the lexicon or the station's words are no longer those of this master
        found: list[tuple[str, Tape]] = []
        for line in _different(recipe.lines):
            sound: Sound | None = self.library.take(recipe.take_key(line))
            if sound is None:
                return []
            found.append((line.spoken, sound))
        return found

    def _whole(self, bulletin: Bulletin, master: Master) -> tuple[str, Tape]:
        """What is said in a master from beginning to end, and its sound."""
        path = self.library.path(master.file)
        if path is None:
            raise MasterError("audio.missing", path=master.file)
        return self._said(bulletin, master), self.ear.codec.open(path, MASTER_RATE)

    def _said(self, bulletin: Bulletin, master: Master) -> str:
        """All that is said in a master, by the reading that it was made from, whatever the lexicon has become."""
        writing = self.voicing.writing
        kept = writing.store.reading(bulletin.text_hash)
        body = kept.spoken if kept else writing.read(bulletin).spoken
        if not master.synthetic:
            return body
        notice = writing.read_text(self.voicing.station.parts.synthetic_notice).spoken
        times = 2 if bulletin.read_twice else 1
        return "\n".join([writing.read_title(bulletin).spoken, *[body] * times, notice])


def _different(lines: Sequence[Line]) -> list[Line]:
    """Each line once, whatever follows it: a second reading is the first one again."""
    return [line for line in {(line.spoken, line.voice): line for line in lines}.values() if syllables_of(line.spoken)]


def _findings(code: str, lines: Sequence[HeardLine], limits: Limits) -> Iterator[Finding]:
    for line in lines:
        place = Place(code, line.number)
        found = finding_of(line.clean, limits.clean, "hearing.unclear", place)
        # What is unclear beside the loudspeaker is no news in the village.
        found = found or finding_of(line.village, limits.village, "hearing.unclear_village", place)
        if found:
            yield found
