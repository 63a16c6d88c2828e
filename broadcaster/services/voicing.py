"""Voicing: from a bulletin's reading to its takes, and from the takes to a loudness-normalized master."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.chime import CHIME, SIGNATURE, tune
from broadcaster.domain.master import (
    CHIME_PAUSE,
    HUMAN_MARK,
    MASTER_RATE,
    SYNTHETIC_MARK,
    Line,
    Loudness,
    Master,
    Recipe,
    is_sound_of,
    master_hash,
    recipe_for,
)
from broadcaster.domain.reading import Reading
from broadcaster.domain.rundown import ItemKind, StationSound
from broadcaster.domain.station import Station
from broadcaster.domain.take import Sound, Take, Tape, tape_ms
from broadcaster.domain.taxonomy import Taxonomy
from broadcaster.errors import BulletinError, SpeechError
from broadcaster.ports import Assembler, Library, Meter, Progress, SpeechEngine, Store, StoredReading
from broadcaster.services.speaking import Fallback, first_that_works, offered, versions_of, voices_for
from broadcaster.services.writing import Writing
from broadcaster.units import Milliseconds, digest, digest_blocks, digest_bytes

EDGE = Milliseconds(40)
"""Silence that a trimmed take keeps at both ends."""

STATION_CODES = {ItemKind.OPENING: "loi_xuong", ItemKind.CLOSING: "loi_ket", ItemKind.SIGNATURE: "nhac_hieu"}


@dataclass(frozen=True, slots=True)
class Voicing:
    """Speech and masters.

    `engines` are in the station's order; each bulletin is spoken by one of them from beginning to end, the next one
    being tried for all of it when an engine cannot. `fallbacks` lists where that has happened: a change of voice must
    not go unnoticed.
    """

    store: Store
    library: Library
    engines: Mapping[str, SpeechEngine]
    meter: Meter
    assembler: Assembler
    writing: Writing
    station: Station
    taxonomy: Taxonomy
    loudness: Loudness
    speed: float = 1.0
    fallbacks: list[Fallback] = field(default_factory=list)

    def master(
        self, bulletin: Bulletin, progress: Progress | None = None, *, instead_of_recording: bool = False
    ) -> Master:
        """The master of a bulletin: the one that is there, or a new one.

        One that another engine of the station's order made is kept while it is what that engine would make again: an
        engine that is back must not void what was approved meanwhile.

        Raises:
            BulletinError: `recording.kept` for one that a person has recorded, unless that is to be replaced.
            SpeechError: from the last engine that was tried.
            MasterError: if the file could not be written.
        """
        if not instead_of_recording and self.recorded(bulletin) is not None:
            raise BulletinError("recording.kept", bulletins=[bulletin.code])
        reading = self.writing.read(bulletin)
        # What is voiced is what will be approved: a lexicon changed since the import speaks here first.
        self.store.save_reading(StoredReading(bulletin.code, bulletin.text_hash, reading.hash, reading.spoken))

        def recipe(engine: SpeechEngine) -> Recipe:
            return self.recipe(bulletin, engine)

        standing = self._standing(bulletin, recipe)
        return standing or self._first_that_works(bulletin.code, recipe, self.tags_of(bulletin), progress)

    def recipe(self, bulletin: Bulletin, engine: SpeechEngine) -> Recipe:
        """All that decides the master of a bulletin by an engine, as text, lexicon and station are now.

        Raises:
            SpeechError: if the engine's parts are missing or broken.
        """
        voices = voices_for(engine, bulletin)
        return recipe_for(
            bulletin,
            self.writing.read(bulletin),
            engine=engine.name,
            engine_version=engine.version(),
            voices=voices,
            title=self.writing.read_title(bulletin),
            notice=self.writing.read_text(self.station.parts.synthetic_notice),
            speed=self.speed,
            loudness=self.loudness,
            voice_versions=versions_of(engine, voices.values()),
        )

    def recorded(self, bulletin: Bulletin) -> Master | None:
        """The master from a person's recording, if that is the sound which the bulletin had last.

        It may belong to an older text: what a person has spoken is not replaced unasked because of an edit.
        """
        older = (version.text_hash for _, version in reversed(self.store.versions(bulletin.code)))
        found = (self.store.master_of(text_hash) for text_hash in (bulletin.text_hash, *older))
        last = next((master for master in found if master is not None), None)
        return None if last is None or last.synthetic else last

    def tags_of(self, bulletin: Bulletin) -> dict[str, str]:
        """What the file of a bulletin's master says of it, beside the mark."""
        return {
            "title": bulletin.title,
            "artist": bulletin.lead_unit,
            "album": self.station.name,
            "genre": self.taxonomy.topics[bulletin.topic].name,
        }

    def _standing(self, bulletin: Bulletin, recipe_of: Callable[[SpeechEngine], Recipe]) -> Master | None:
        """The master that the bulletin has, if it is whole and its engine would make the same again."""
        current = self.store.master_of(bulletin.text_hash)
        engine = None if current is None else self.engines.get(current.engine)
        if current is None or engine is None:
            return None
        try:
            same = recipe_of(engine).hash == current.recipe_hash
        except SpeechError:
            return None
        return current if same and self.is_whole(current) else None

    def _first_that_works(
        self,
        text: str,
        recipe_of: Callable[[SpeechEngine], Recipe],
        tags: Mapping[str, str],
        progress: Progress | None,
    ) -> Master:
        made, fallbacks = first_that_works(
            self.engines, text, lambda engine: self._make(engine, recipe_of(engine), tags, progress)
        )
        self.fallbacks.extend(fallbacks)
        return made

    def _make(self, engine: SpeechEngine, recipe: Recipe, tags: Mapping[str, str], progress: Progress | None) -> Master:
        known = self.store.master_by_recipe(recipe.hash)
        if known is not None and self.is_whole(known):
            self.store.save_master(known)  # the latest again: a reading may have been changed and changed back
            return known
        spoken: dict[tuple[str, str], Sound] = {}
        lines = recipe.lines
        for number, line in enumerate(lines, 1):
            if progress:
                progress(number, len(lines), recipe.bulletin)
            spoken[line.spoken, line.voice] = self._take(engine, recipe, line)

        def pieces(of: Iterable[Line]) -> list[Sound | Milliseconds]:
            return [part for line in of for part in (spoken[line.spoken, line.voice], line.pause_ms)]

        chime = tune(CHIME, recipe.rate) if recipe.chime == CHIME else tune(SIGNATURE, recipe.rate)
        joined = self.assembler.join([chime, CHIME_PAUSE, *pieces(lines)], recipe.rate)
        content = sum(piece if isinstance(piece, int) else piece.duration_ms for piece in pieces(recipe.body))
        return self.finish(recipe, joined, Milliseconds(content), tags)

    def is_whole(self, master: Master) -> bool:
        """Whether a master's file is there with the very samples that it was made of."""
        return is_sound_of(master, self.library.sound_hash(master.file))

    def _take(self, engine: SpeechEngine, recipe: Recipe, line: Line) -> Sound:
        """The sound of one line, spoken once and kept: editing one sentence re-voices one sentence."""
        key = recipe.take_key(line)
        kept = self.library.take(key)
        if kept is not None:
            return kept
        sound = self.assembler.trim(self.assembler.resample(engine.speak(recipe.request(line)), recipe.rate), EDGE)
        self.library.keep_take(key, sound)
        facts = Take(key, recipe.engine, line.voice, sound.duration_ms, digest_bytes(sound.samples))
        self.store.save_take(facts)
        return sound

    def finish(self, recipe: Recipe, joined: Tape, content: Milliseconds, tags: Mapping[str, str]) -> Master:
        """Level what was joined after a recipe, mark it, and keep it.

        Args:
            recipe: what it was joined after.
            joined: all of it.
            content: the length of one reading of the text.
            tags: for the file, beside the mark.

        Raises:
            MasterError: if the file could not be written.
        """
        levelled = self.meter.level(joined, recipe.loudness.target, recipe.loudness.ceiling)
        name = master_hash(digest_blocks(levelled.blocks()), recipe.hash)
        measured = self.meter.measure(levelled)
        mark = SYNTHETIC_MARK if recipe.synthetic else HUMAN_MARK
        comment = f"{mark}; engine={recipe.engine}; text={recipe.text_hash}; reading={recipe.reading_hash}"
        all_tags = {**tags, "comment": comment}
        file = self.library.keep_master(recipe.bulletin, name, levelled, all_tags)
        master = Master(
            hash=name,
            recipe_hash=recipe.hash,
            bulletin=recipe.bulletin,
            text_hash=recipe.text_hash,
            reading_hash=recipe.reading_hash,
            engine=recipe.engine,
            voices=tuple(dict.fromkeys(line.voice for line in recipe.lines)),
            duration_ms=tape_ms(levelled),
            content_ms=content,
            loudness=measured.loudness,
            true_peak=measured.true_peak,
            file=file,
            synthetic=recipe.synthetic,
            tags=all_tags,
        )
        self.store.save_master(master)
        return master

    def station_sounds(self) -> tuple[StationSound, ...]:
        """Signature, opening and closing words as masters; made once, then found again."""
        words = {ItemKind.OPENING: self.station.parts.opening, ItemKind.CLOSING: self.station.parts.closing}
        sounds = [self._station_sound(ItemKind.SIGNATURE, None)]
        for kind, text in words.items():
            reading = self.writing.read_text(text)
            if reading.sentences:
                sounds.append(self._station_sound(kind, reading))
        return tuple(sounds)

    def _station_sound(self, kind: ItemKind, reading: Reading | None) -> StationSound:
        code = STATION_CODES[kind]
        text_hash = digest("station-sound", code, reading.hash if reading else SIGNATURE)

        def recipe(engine: SpeechEngine) -> Recipe:
            voice = offered(engine)[0].name
            said = reading.sentences if reading else ()
            return Recipe(
                bulletin=code,
                text_hash=text_hash,
                reading_hash=reading.hash if reading else text_hash,
                engine=engine.name,
                engine_version=engine.version(),
                speed=self.speed,
                intro=(),
                body=tuple(Line(s.text, voice, Milliseconds(s.pause_ms)) for s in said),
                outro=(),
                read_twice=False,
                loudness=self.loudness,
                rate=MASTER_RATE,
                chime=CHIME if reading else SIGNATURE,
                voice_versions=versions_of(engine, [voice]),
            )

        tags = {"title": code, "artist": self.station.name, "album": self.station.name}
        master = self._first_that_works(code, recipe, tags, None)
        return StationSound(kind, master.hash, master.duration_ms)
