"""Voicing: from a bulletin's reading to its takes, and from the takes to a loudness-normalized master."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.chime import CHIME, SIGNATURE, tune
from broadcaster.domain.finish import VoiceChain
from broadcaster.domain.master import (
    CHIME_PAUSE,
    MASTER_RATE,
    PLAIN,
    Bed,
    Dressing,
    Line,
    Loudness,
    Master,
    Recipe,
    file_comment,
    is_sound_of,
    master_hash,
    recipe_for,
)
from broadcaster.domain.outline import POINTS, Mark, Outline, marks_of
from broadcaster.domain.reading import Reading
from broadcaster.domain.rundown import ItemKind, StationSound
from broadcaster.domain.station import Station
from broadcaster.domain.take import Sound, SpeechRequest, Tape, tape_ms
from broadcaster.domain.taxonomy import Taxonomy
from broadcaster.errors import BulletinError, SpeechError
from broadcaster.ports import Assembler, Effects, Library, Meter, Progress, Speakers, SpeechEngine, Store, StoredReading
from broadcaster.services.speaking import (
    Fallback,
    KeptTake,
    Speaking,
    Steps,
    first_that_works,
    offered,
    versions_of,
    voices_for,
)
from broadcaster.services.writing import Writing
from broadcaster.units import Milliseconds, Sha256, digest, digest_blocks

STATION_CODES = {ItemKind.OPENING: "loi_xuong", ItemKind.CLOSING: "loi_ket", ItemKind.SIGNATURE: "nhac_hieu"}


@dataclass(frozen=True, slots=True)
class _Job:
    """A master that is wanted: its recipe for an engine, and the tags of its file."""

    label: str
    make_recipe: Callable[[SpeechEngine], Recipe]
    tags: Mapping[str, str]
    current: Master | None = None
    """The one that stands until now."""
    recipes: dict[str, Recipe] = field(default_factory=dict)

    def recipe(self, engine: SpeechEngine) -> Recipe:
        """The recipe for an engine, which is asked once: its voices may cost it a start."""
        if engine.name not in self.recipes:
            self.recipes[engine.name] = self.make_recipe(engine)
        return self.recipes[engine.name]


def recorded(store: Store, bulletin: Bulletin) -> Master | None:
    """The master from a person's recording, if that is the sound which a bulletin had last. See `Voicing.recorded`."""
    older = (version.text_hash for _, version in reversed(store.versions(bulletin.code)))
    found = (store.master_of(text_hash) for text_hash in (bulletin.text_hash, *older))
    last = next((master for master in found if master is not None), None)
    return None if last is None or last.synthetic else last


@dataclass(frozen=True, slots=True)
class Voicing:
    """Speech and masters.

    `engines` are in the station's order; each bulletin is spoken by one of them from beginning to end, the next one
    being tried for all of it when an engine cannot. `fallbacks` lists where that has happened: a change of voice must
    not go unnoticed. `bed` opens the station's music, or gives None.
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
    speakers: Speakers
    effects: Effects
    bed: Callable[[], Bed | None]
    speed: float = 1.0
    fallbacks: list[Fallback] = field(default_factory=list)

    def master(
        self, bulletin: Bulletin, progress: Progress | None = None, *, instead_of_recording: bool = False
    ) -> Master:
        """The master of a bulletin: the one that is there, or a new one. See `masters`."""
        return next(self.masters([bulletin], progress, instead_of_recording=instead_of_recording))

    def masters(
        self, bulletins: Sequence[Bulletin], progress: Progress | None = None, *, instead_of_recording: bool = False
    ) -> Iterator[Master]:
        """The masters of bulletins, in order; the sentences of all of them are spoken together first.

        What is spoken is kept at once: whoever is stopped goes on there the next time. A master that another engine of
        the station's order made is kept while it is what that engine would make again: an engine that is back must not
        void what was approved meanwhile.

        Raises:
            BulletinError: `recording.kept` for what a person has recorded, unless that is to be replaced.
            SpeechError: from the last engine that was tried; `speech.no_words` if there is nothing in it to be said.
            MasterError: if the file could not be written, or the station's music could not be read.
        """
        kept = [] if instead_of_recording else [one.code for one in bulletins if self.recorded(one) is not None]
        if kept:
            raise BulletinError("recording.kept", bulletins=kept)
        bed = self.bed()
        return self._all([self._job(bulletin, bed) for bulletin in bulletins], bed, Steps(progress))

    def sentence(self, bulletin: Bulletin, number: int) -> Sound:
        """One sentence of a bulletin's text as its master would say it; the take is kept for the master.

        Args:
            bulletin: whose text it is.
            number: the sentence's place in the reading, from 0 on.

        Raises:
            SpeechError: from the last engine that was tried; `speech.no_words` for no such sentence.
            MasterError: if the take could not be written.
        """
        reading = self.writing.read(bulletin)
        if not 0 <= number < len(reading.sentences):
            raise SpeechError("speech.no_words", bulletin=bulletin.code)
        spoken = reading.sentences[number].text
        recipes = self._recipes(bulletin, reading, None)

        def attempt(engine: SpeechEngine) -> Sound:
            recipe = recipes(engine)
            line = next(line for line in recipe.body if line.spoken == spoken)
            key = recipe.take_key(line)
            if not self._speaking.kept({key: recipe.request(line)}):
                list(self._speaking.speak(engine, {key: recipe.request(line)}, recipe.rate))
            sound = self.library.take(key)
            if sound is None:
                raise SpeechError("speech.no_words", bulletin=bulletin.code)
            return sound

        return first_that_works(self.engines, bulletin.code, attempt)[0]

    def recipe(self, bulletin: Bulletin, engine: SpeechEngine) -> Recipe:
        """All that decides the master of a bulletin by an engine, as text, lexicon and station are now.

        Raises:
            SpeechError: if the engine's parts are missing or broken.
            MasterError: if the station's music could not be read.
        """
        return self._recipes(bulletin, self.writing.read(bulletin), self.bed())(engine)

    def recorded(self, bulletin: Bulletin) -> Master | None:
        """The master from a person's recording, if that is the sound which the bulletin had last.

        It may belong to an older text: what a person has spoken is not replaced unasked because of an edit.
        """
        return recorded(self.store, bulletin)

    def tags_of(self, bulletin: Bulletin) -> dict[str, str]:
        """What the file of a bulletin's master says of it, beside the mark."""
        return {
            "title": bulletin.title,
            "artist": bulletin.lead_unit,
            "album": self.station.name,
            "genre": self.taxonomy.name_of(bulletin.topic),
        }

    def dressing(self, bed: Bed | None) -> Dressing:
        """What is done to every bulletin's sound before it is levelled."""
        finish = self.station.finish
        if finish.chain is VoiceChain.OFF and bed is None:
            return PLAIN
        if bed is None:
            return Dressing(finish.chain, self.effects.version)
        return Dressing(finish.chain, self.effects.version, bed.hash, finish.bed_below)

    def _job(self, bulletin: Bulletin, bed: Bed | None) -> _Job:
        reading = self.writing.read(bulletin)
        if not reading.sentences:
            raise SpeechError("speech.no_words", bulletin=bulletin.code)
        # What is voiced is what will be approved: a lexicon changed since the import speaks here first.
        self.store.save_reading(StoredReading(bulletin.code, bulletin.text_hash, reading.hash, reading.spoken))
        recipes = self._recipes(bulletin, reading, bed)
        return _Job(bulletin.code, recipes, self.tags_of(bulletin), self.store.master_of(bulletin.text_hash))

    def _recipes(self, bulletin: Bulletin, reading: Reading, bed: Bed | None) -> Callable[[SpeechEngine], Recipe]:
        title = self.writing.read_title(bulletin)
        notice = self.writing.read_text(self.station.parts.synthetic_notice)

        def recipe(engine: SpeechEngine) -> Recipe:
            voices = voices_for(engine, bulletin)
            return recipe_for(
                bulletin,
                reading,
                engine=engine.name,
                engine_version=engine.version(),
                voices=voices,
                title=title,
                notice=notice,
                speed=self.speed,
                loudness=self.loudness,
                dressing=self.dressing(bed),
                voice_versions=versions_of(engine, voices.values()),
            )

        return recipe

    def has_words(self, bulletin: Bulletin) -> bool:
        """Whether there is anything in a bulletin's text to be said."""
        return bool(self.writing.read(bulletin).sentences)

    def _all(self, jobs: Sequence[_Job], bed: Bed | None, steps: Steps) -> Iterator[Master]:
        known, failed = self._speak_ahead(jobs, steps)
        for job in jobs:
            steps.tell(job.label)
            found = known.get(job.label)
            if found is not None:
                self.store.save_master(found)  # the latest again: a reading may have been changed and changed back
            master = found or self._first_that_works(job, bed, failed.get(job.label))
            steps.tell(job.label, 1)
            yield master

    def _speak_ahead(self, jobs: Sequence[_Job], steps: Steps) -> tuple[dict[str, Master], dict[str, SpeechError]]:
        """Speak by the first engine what all the masters lack.

        By label: the masters that are there already, and why the engine could not speak one. A failure ends it: each of
        the others then tries for itself.
        """
        known: dict[str, Master] = {}
        failed: dict[str, SpeechError] = {}
        engine = next(iter(self.engines.values()), None)
        requests: dict[Sha256, SpeechRequest] = {}
        labels: dict[Sha256, str] = {}
        if engine is None:
            return known, failed
        for job in jobs:
            whole = self._standing(job)
            try:
                recipe = job.recipe(engine)
                whole = whole or self._known(recipe)
            except SpeechError as error:
                failed[job.label] = error
                recipe = None
            if whole is not None:
                known[job.label] = whole
            elif recipe is not None:
                requests |= recipe.requests
                labels |= dict.fromkeys(recipe.requests, job.label)
        for key in self._speaking.kept(requests):
            del requests[key]
        steps.total = len(requests) + len(jobs)
        waiting = [labels[key] for key in requests]
        try:
            for _ in self._speaking.speak(engine, requests, MASTER_RATE):
                steps.tell(waiting.pop(0), 1)
        except SpeechError as error:
            steps.total = steps.done + len(jobs)
            failed[waiting[0]] = error
        return known, failed

    @property
    def _speaking(self) -> Speaking:
        return Speaking(self.store, self.library, self.assembler, self.speakers)

    def _standing(self, job: _Job) -> Master | None:
        """The master that is there, if it is whole and its engine would make the same again."""
        engine = None if job.current is None else self.engines.get(job.current.engine)
        if job.current is None or engine is None:
            return None
        try:
            same = job.recipe(engine).hash == job.current.recipe_hash
        except SpeechError:
            return None
        return job.current if same and self.is_whole(job.current) else None

    def _first_that_works(self, job: _Job, bed: Bed | None, failure: SpeechError | None = None) -> Master:
        """A master by the first engine that can speak all of it; `failure` says that the very first one could not."""
        first = next(iter(self.engines), None)

        def attempt(engine: SpeechEngine) -> Master:
            if failure is not None and engine.name == first:
                raise failure
            return self._make(engine, job.recipe(engine), job.tags, bed)

        made, fallbacks = first_that_works(self.engines, job.label, attempt)
        self.fallbacks.extend(fallbacks)
        return made

    def _known(self, recipe: Recipe) -> Master | None:
        """The master that a recipe made, if its file is whole."""
        known = self.store.master_by_recipe(recipe.hash)
        return known if known is not None and self.is_whole(known) else None

    def _make(self, engine: SpeechEngine, recipe: Recipe, tags: Mapping[str, str], bed: Bed | None) -> Master:
        known = self._known(recipe)
        if known is not None:
            self.store.save_master(known)
            return known
        lengths = self._speaking.kept(recipe.requests)
        missing = {key: request for key, request in recipe.requests.items() if key not in lengths}
        lengths |= dict(self._speaking.speak(engine, missing, recipe.rate))

        def pieces(of: Iterable[Line]) -> list[Tape | Milliseconds]:
            return [
                piece
                for line in of
                for piece in (KeptTake(self.library, recipe.take_key(line), recipe.rate), line.pause_ms)
            ]

        chime = tune(CHIME, recipe.rate) if recipe.chime == CHIME else tune(SIGNATURE, recipe.rate)
        joined = self.assembler.join([chime, CHIME_PAUSE, *pieces(recipe.lines)], recipe.rate)
        content = sum(lengths[recipe.take_key(line)] + line.pause_ms for line in recipe.body)
        start = Milliseconds(chime.duration_ms + CHIME_PAUSE)
        return self.finish(recipe, joined, Milliseconds(content), tags, bed, start, marks_of(recipe, lengths, start))

    def _dressed(self, recipe: Recipe, joined: Tape, bed: Bed | None, start: Milliseconds) -> Tape:
        chain = recipe.dressing.chain
        voice = self.effects.treat(joined, chain)
        if bed is None or recipe.dressing.bed is None:
            return voice
        return self.effects.underlay(voice, self.effects.treat(bed.tape, chain), recipe.dressing.bed_below, start)

    def is_whole(self, master: Master) -> bool:
        """Whether a master's file is there with the very samples that it was made of."""
        return is_sound_of(master, self.library.sound_hash(master.file))

    def finish(
        self,
        recipe: Recipe,
        joined: Tape,
        content: Milliseconds,
        tags: Mapping[str, str],
        bed: Bed | None,
        start: Milliseconds,
        marks: tuple[Mark, ...] = (),
    ) -> Master:
        """Dress and level what was joined after a recipe, mark it, and keep it.

        Args:
            recipe: what it was joined after.
            joined: all of it.
            content: the length of one reading of the text.
            tags: for the file, beside the mark.
            bed: the music that the recipe names.
            start: where the music may begin.
            marks: where in it the sentences begin.

        Raises:
            MasterError: if the file could not be written.
        """
        dressed = self._dressed(recipe, joined, bed, start)
        levelled = self.meter.level(dressed, recipe.loudness.target, recipe.loudness.ceiling)
        name = master_hash(digest_blocks(levelled.blocks()), recipe.hash)
        measured = self.meter.measure(levelled)
        voices = tuple(dict.fromkeys(line.voice for line in recipe.lines))
        comment = file_comment(recipe.engine, voices, recipe.text_hash, recipe.reading_hash, name)
        all_tags = {**tags, "comment": comment}
        file = self.library.keep_master(recipe.bulletin, name, levelled, all_tags)
        master = Master(
            hash=name,
            recipe_hash=recipe.hash,
            bulletin=recipe.bulletin,
            text_hash=recipe.text_hash,
            reading_hash=recipe.reading_hash,
            engine=recipe.engine,
            voices=voices,
            duration_ms=tape_ms(levelled),
            content_ms=content,
            loudness=measured.loudness,
            true_peak=measured.true_peak,
            file=file,
            synthetic=recipe.synthetic,
            tags=all_tags,
        )
        self.store.save_master(master)
        outline = Outline(master.duration_ms, self.meter.peaks(levelled, POINTS), marks)
        self.library.keep_outline(file, outline)
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
                dressing=self.dressing(None),
                voice_versions=versions_of(engine, [voice]),
            )

        tags = {"title": code, "artist": self.station.name, "album": self.station.name}
        master = self._first_that_works(_Job(code, recipe, tags), None)
        return StationSound(kind, master.hash, master.duration_ms)
