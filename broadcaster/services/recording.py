"""Recordings: what a person spoke becomes a bulletin's sound, and stays it until a person says otherwise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.chime import CHIME, tune
from broadcaster.domain.master import CHIME_PAUSE, MASTER_RATE, Bed, Master, Recipe, recipe_for_recording
from broadcaster.domain.reading import Reading
from broadcaster.domain.take import RECORDING, Take, Tape, recording_key, tape_ms
from broadcaster.errors import BulletinError, Finding, MasterError
from broadcaster.ports import Assembler, Importer, Library, Progress, Store, StoredReading
from broadcaster.services.voicing import Voicing
from broadcaster.services.writing import Writing
from broadcaster.units import MINUTE, Milliseconds, digest_blocks

EDGE = Milliseconds(150)
"""Silence that a trimmed recording keeps at both ends: a breath, and the room."""
SHORTEST = Milliseconds(1000)
"""What is shorter is a slip of the finger."""
LONGEST = Milliseconds(60 * MINUTE)
"""No bulletin is longer."""
SLOWEST, FASTEST = 1.5, 8.0
"""Syllables a second between which a person reads; beyond them it is likely the recording of another text."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording that was taken in: the master, and what a person should look at."""

    master: Master
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Recordings:
    """A person's voice in place of a machine's."""

    store: Store
    library: Library
    importer: Importer
    assembler: Assembler
    writing: Writing
    voicing: Voicing

    def take_in(self, bulletin: Bulletin, path: Path, speaker: str) -> Recorded:
        """Make a file the bulletin's sound: trimmed, levelled and kept; the same file again changes nothing.

        Its transcript is the bulletin's reading as it is now: another text or reading voids it.

        Args:
            bulletin: whose text was read.
            path: the file.
            speaker: who read it.

        Raises:
            MasterError: from the importer, `audio.long` for more than `LONGEST`; `audio.silent`, `audio.short`;
                `audio.disk`.
        """
        reading = self.writing.read(bulletin)
        tape = self.assembler.trim_tape(self.importer.open(path, MASTER_RATE, LONGEST), EDGE)
        length = tape_ms(tape)
        if not length:
            raise MasterError("audio.silent", path=str(path))
        if length < SHORTEST:
            raise MasterError("audio.short", path=str(path), seconds=length / 1000, least=SHORTEST / 1000)
        sound_hash = digest_blocks(tape.blocks())
        take = Take(recording_key(bulletin.text_hash, reading.hash), RECORDING, speaker, length, sound_hash)
        self.library.keep_take(sound_hash, tape)
        self.store.save_take(take)
        self.store.save_reading(StoredReading(bulletin.code, bulletin.text_hash, reading.hash, reading.spoken))
        master = self._made(bulletin, reading, take, tape)
        return Recorded(master, paced(reading, master))

    def master(self, bulletin: Bulletin, progress: Progress | None = None) -> Master:
        """The bulletin's master: from its recording where there is one, else spoken by a machine.

        Raises:
            BulletinError: `recording.stale` if text or reading are others than those that were recorded.
            MasterError: `recording.lost` if both the master and the recording are gone from the disk.
            SpeechError: see `Voicing.masters`.
        """
        recorded = self.voicing.recorded(bulletin)
        return self.voicing.master(bulletin, progress) if recorded is None else self._again(bulletin, recorded)

    def masters(
        self, bulletins: Sequence[Bulletin], progress: Progress | None = None
    ) -> Iterator[Master | BulletinError]:
        """The masters of bulletins, in order; a machine speaks together all that are its to speak.

        `recording.stale` stands in the place of a bulletin whose recording no longer fits it.

        Raises:
            MasterError: as `master`.
            SpeechError: as `master`.
        """
        recordings = [self.voicing.recorded(bulletin) for bulletin in bulletins]
        spoken = self.voicing.masters(
            [bulletin for bulletin, recorded in zip(bulletins, recordings, strict=True) if recorded is None], progress
        )
        for bulletin, recorded in zip(bulletins, recordings, strict=True):
            if recorded is None:
                yield next(spoken)
                continue
            try:
                yield self._again(bulletin, recorded)
            except BulletinError as error:
                yield error

    def _again(self, bulletin: Bulletin, recorded: Master) -> Master:
        """The master of a recording: the one that is there, or, if it is lost or the station's sound changed, anew."""
        reading = self.writing.read(bulletin)
        if (recorded.text_hash, recorded.reading_hash) != (bulletin.text_hash, reading.hash):
            raise BulletinError("recording.stale", bulletin=bulletin.code)
        take, bed = self.store.take(recording_key(bulletin.text_hash, reading.hash)), self.voicing.bed()
        whole = self.voicing.is_whole(recorded)
        if whole and (take is None or self._recipe(bulletin, reading, take, bed).hash == recorded.recipe_hash):
            return recorded
        tape = None if take is None else self.library.take_tape(take.sound_hash)
        if take is not None and tape is not None and digest_blocks(tape.blocks()) == take.sound_hash:
            return self._made(bulletin, reading, take, tape)
        if whole:
            return recorded
        raise MasterError("recording.lost", bulletin=bulletin.code)

    def remove(self, bulletin: Bulletin, progress: Progress | None = None) -> Master:
        """Let a machine speak the bulletin again. The recording stays until that has been done.

        Raises:
            BulletinError: `recording.none` if there is no recording.
            SpeechError: see `Voicing.master`.
        """
        if self.voicing.recorded(bulletin) is None:
            raise BulletinError("recording.none", bulletin=bulletin.code)
        return self.voicing.master(bulletin, progress, instead_of_recording=True)

    def _recipe(self, bulletin: Bulletin, reading: Reading, take: Take, bed: Bed | None) -> Recipe:
        return recipe_for_recording(bulletin, reading, take, self.voicing.loudness, self.voicing.dressing(bed))

    def _made(self, bulletin: Bulletin, reading: Reading, take: Take, tape: Tape) -> Master:
        bed = self.voicing.bed()
        recipe = self._recipe(bulletin, reading, take, bed)
        known = self.store.master_by_recipe(recipe.hash)
        if known is not None and self.voicing.is_whole(known):
            self.store.save_master(known)  # the latest again: another one may have been in its place
            return known
        chime = tune(CHIME, recipe.rate)
        pieces: list[Tape | Milliseconds] = [chime, CHIME_PAUSE]
        for line in recipe.lines:
            pieces += [tape, line.pause_ms]
        joined = self.assembler.join(pieces, recipe.rate)
        tags, start = self.voicing.tags_of(bulletin), Milliseconds(chime.duration_ms + CHIME_PAUSE)
        return self.voicing.finish(recipe, joined, take.duration_ms, tags, bed, start)


def paced(reading: Reading, master: Master | None) -> tuple[Finding, ...]:
    """What is odd about a recording: a person reads no text so fast or so slowly. Nothing of a machine's master."""
    if master is None or master.synthetic:
        return ()
    syllables = len(reading.spoken.split())
    if SLOWEST <= syllables * 1000 / max(1, master.content_ms) <= FASTEST:
        return ()
    return (Finding("recording.pace", facts={"seconds": round(master.content_ms / 1000), "syllables": syllables}),)
