"""The only file that names concrete adapters: it joins them to the services, each when it is first needed."""

import inspect
import os
import sys
import sysconfig
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from broadcaster import plugins
from broadcaster.adapters.clock import SystemClock, VirtualClock
from broadcaster.adapters.files import read_text
from broadcaster.adapters.notebook import FileNotebook
from broadcaster.config import Settings
from broadcaster.domain.asrun import Cause
from broadcaster.domain.audit.fees import Rates
from broadcaster.domain.audit.rates_file import rates_from
from broadcaster.domain.chime import CHIME, tune
from broadcaster.domain.curb import curbed
from broadcaster.domain.limits import Limits, limits_of
from broadcaster.domain.master import MASTER_RATE, Bed, Loudness, Master, is_sound_of
from broadcaster.domain.outline import POINTS, Outline
from broadcaster.domain.planning.instance import Instance, Solution
from broadcaster.domain.procedure import shipped_procedures
from broadcaster.domain.reading import Lexicon, parse_lexicon_tsv, read
from broadcaster.domain.rundown import Rundown, RundownItem
from broadcaster.domain.station import Station
from broadcaster.domain.station_file import parse_station
from broadcaster.domain.take import Sound, SpeechRequest
from broadcaster.domain.taxonomy import Taxonomy, shipped_taxonomy
from broadcaster.errors import ConfigError, Finding, HearingError, MasterError, PluginError, SpeechError, StoreError
from broadcaster.ports import (
    Assembler,
    Check,
    Clock,
    Codec,
    Documents,
    Effects,
    Exchange,
    FeedNames,
    Importer,
    Jobs,
    Journal,
    Kept,
    Library,
    LiveInput,
    Meter,
    Notebook,
    Output,
    Recogniser,
    Speakers,
    SpeechEngine,
    Store,
    Texts,
)
from broadcaster.services.announcing import Announcing
from broadcaster.services.approving import Approving
from broadcaster.services.auditing import Auditing
from broadcaster.services.citing import Citing, ProcedureBook
from broadcaster.services.comparing import Comparing
from broadcaster.services.curbing import Curbing
from broadcaster.services.entering import Entering
from broadcaster.services.hearing import Ear, Hearing
from broadcaster.services.mastering import Mastering
from broadcaster.services.planning import Planning
from broadcaster.services.recording import Recordings
from broadcaster.services.rehearsing import Outage, Rehearsing
from broadcaster.services.solving import Solve
from broadcaster.services.speaking import Fallback, offered
from broadcaster.services.tracing import Diary, Tracing
from broadcaster.services.voicing import Voicing
from broadcaster.services.wordlist import WordList
from broadcaster.services.writing import Writing
from broadcaster.units import Milliseconds, Sha256, digest_blocks

if TYPE_CHECKING:
    from broadcaster.adapters.outputs.icecast import IcecastStream
    from broadcaster.adapters.outputs.soundcard import Soundcard
    from broadcaster.bootstrap_link import Network
    from broadcaster.bootstrap_restore import Restoring
    from broadcaster.bootstrap_webhook import Webhooks
    from broadcaster.domain.live import LiveOrder
    from broadcaster.domain.planning.model import Progress
    from broadcaster.services.furnishing import StationFile
    from broadcaster.services.going_live import Studio

WORK_LIMIT = 1.0
"""The solver's work for one commune's week; see `domain.planning.model`."""


SOON = timedelta(minutes=2)
"""Before a session nothing is begun that would take the player away."""


def sample_folder() -> Path:
    """Where the sample station is: the clone that this runs from, else what the wheel has installed.

    Raises:
        ConfigError: `config.no_sample` when neither is there.
    """
    places = [
        Path(__file__).resolve().parents[1],
        Path(sysconfig.get_path("data")) / "share" / "broadcaster",
        Path(sys.prefix) / "share" / "broadcaster",
    ]
    for place in places:
        if (place / "schedules" / "station.toml").is_file() and (place / "scripts_vi").is_dir():
            return place
    raise ConfigError("config.no_sample", looked_in=[str(place) for place in places])


def engines_here(wanted: Sequence[str] = ()) -> list[str]:
    """A new station's order: what is wanted, else the neural voice where its packages are, then what is always there.

    Raises:
        ConfigError: as `plugins.named_engine`.
    """
    from broadcaster.adapters.tts.kokoro_vi.graph import missing

    points = plugins.speech_engine_points()
    for name in wanted:
        plugins.named_engine(points, name)
    return list(wanted) or (["espeak"] if missing() else ["kokoro_vi", "espeak"])


def build_engine(cls: Callable[..., SpeechEngine], voices_folder: Path | None = None) -> SpeechEngine:
    """A speech engine of its class, as the station runs it.

    One whose voices are files has a parameter `voices_folder` and is given the station's.
    """
    if voices_folder is not None and "voices_folder" in inspect.signature(cls).parameters:
        return cls(voices_folder=voices_folder)
    return cls()


def fresh_engine(name: str, voices_folder: Path) -> SpeechEngine:
    """An installed engine, for a process of its own.

    Raises:
        PluginError: if it cannot be loaded.
    """
    build = partial(build_engine, voices_folder=voices_folder)
    return plugins.load_engine(plugins.speech_engine_points()[name], build)


class App:
    """One workspace with everything that works on it.

    Args:
        settings: folders, person, language.
        clock: the machine's clock unless told otherwise.
        engine: use this speech engine alone, whatever the station's order is.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None, engine: str = "") -> None:
        self.settings = settings
        self.workspace = settings.workspace
        self.clock: Clock = clock or SystemClock()
        self._engine = engine
        self._opened: list[SpeechEngine] = []
        self._masters: dict[str, Master] = {}
        self._sound_marks: dict[str, tuple[int, int]] = {}
        self._decided: object = None
        self.speaks_apart = False  # set where a heavy engine in this process would be in the way of others
        self.skipped_engines: list[PluginError | SpeechError] = []
        if (self.workspace.restoring / "lenh.json").exists():
            # A backup is to be put in place, or a power cut came in the middle of it: before anything else is read.
            from broadcaster.bootstrap_restore import finish

            finish(settings, self.clock)

    @cached_property
    def station(self) -> Station:
        """The station of the workspace, with what people have decided since: mutes, caps, changed procedures.

        Raises:
            ConfigError: as `filed_station`; `curb.broken`, `procedure.broken`.
        """
        self._decided = self._decisions_mark()
        return self._station_now()

    def _station_now(self) -> Station:
        station = curbed(self.filed_station, self.curbing.curbs())
        changes = self.procedures.read().changes
        return replace(station, changes=(*station.changes, *changes)) if changes else station

    def _decisions_mark(self) -> tuple[object, object]:
        return self._curbs_notebook.mark, self._procedures_notebook.mark

    @cached_property
    def _curbs_notebook(self) -> Notebook:
        return FileNotebook(self.workspace.curbs_file)

    @cached_property
    def _procedures_notebook(self) -> Notebook:
        return FileNotebook(self.workspace.procedures_file)

    @property
    def curbing(self) -> Curbing:
        """Mutes and volume caps from day to day."""
        return Curbing(self._curbs_notebook, self.clock, self.filed_station)

    @property
    def procedures(self) -> ProcedureBook:
        """The commune's procedures."""
        return ProcedureBook(self._procedures_notebook, self.clock, self.filed_station, shipped_procedures())

    @property
    def citing(self) -> Citing:
        """Bulletins beside what they cite."""
        return Citing(self.store, self.approving, self.clock, self.station)

    @cached_property
    def diary(self) -> Diary:
        """Who did what that nothing else keeps."""
        return Diary(FileNotebook(self.workspace.diary_file), self.clock)

    @property
    def tracing(self) -> Tracing:
        """Who did what, and when."""
        return Tracing(self.store, self.network.registry, self.diary, self.curbing, self.procedures)

    @cached_property
    def words(self) -> WordList:
        """The commune's lexicon file."""
        path = self.workspace.lexicon_file

        def write(text: str) -> None:
            self.documents.text(text, path)
            # What reads is made anew with the new words when it is next needed.
            for name in ("_lexicon", "writing", "voicing", "recordings", "hearing", "announcing"):
                self.__dict__.pop(name, None)

        return WordList(lambda: self._text_of(path) if path.is_file() else "", write)

    @property
    def station_edits(self) -> "StationFile":
        """The station's file, for who changes it. What runs goes on as it was until it is started anew."""
        from broadcaster.services.furnishing import StationFile

        path, old = self.workspace.station_file, self.workspace.old_stations

        def keep(text: str) -> None:
            self.documents.text(text, old / f"station-{self.station.local(self.clock.now()):%Y%m%d-%H%M%S-%f}.toml")

        return StationFile(
            str(path),
            lambda: self._text_of(path),
            lambda text: self.documents.text(text, path),
            keep,
            self.store.accounts,
            lambda: self.filed_station,
        )

    def old_stations(self) -> list[str]:
        """What the station's file was before each change from the console, by name, the newest first."""
        return sorted((path.name for path in self.workspace.old_stations.glob("station-*.toml")), reverse=True)

    def old_station(self, name: str) -> str:
        """One of them.

        Raises:
            ConfigError: `file.unreadable`, `file.not_utf8`.
        """
        return self._text_of(self.workspace.old_stations / name)

    @property
    def station_stale(self) -> bool:
        """Whether the station's file has changed since this began to run with it."""
        try:
            return self._text_of(self.workspace.station_file) != self._filed_text
        except ConfigError:
            return False

    @cached_property
    def restoring(self) -> "Restoring":
        """Backups."""
        from broadcaster.bootstrap_restore import Restoring

        return Restoring(self)

    def renew(self) -> bool:
        """Take in what was decided since, here or by another process; whether there was anything.

        Only what heeds it is made anew: people, zones and sessions are the file's, which is read once.

        Raises:
            ConfigError: `curb.broken`, `procedure.broken`; everything stays as it was then.
        """
        before, mark = self.station, self._decisions_mark()
        if mark == self._decided:
            return False
        self.__dict__["station"] = self._station_now()
        self._decided = mark
        for name in ("planning", "auditing"):
            self.__dict__.pop(name, None)
        if "network" in self.__dict__:
            self.network.renew()
        return before != self.station

    def limits(self, node: str) -> Limits:
        """What a cluster may never do, as of now."""
        with suppress(ConfigError):  # a damaged file must not end the air: what was known goes on, the page says so
            self.renew()
        return limits_of(self.station, node)

    @cached_property
    def _filed_text(self) -> str:
        path = self.workspace.station_file
        if not path.exists():
            raise ConfigError("station.missing", file=str(path))
        return self._text_of(path)

    @cached_property
    def filed_station(self) -> Station:
        """The station as its file has it.

        Raises:
            ConfigError: `station.missing`, `station.invalid`, `file.not_utf8`.
        """
        return parse_station(self._filed_text, str(self.workspace.station_file))

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The shipped topics."""
        return shipped_taxonomy()

    @cached_property
    def _lexicon(self) -> tuple[Lexicon, tuple[Finding, ...]]:
        path = self.workspace.lexicon_file
        if not path.is_file():
            return Lexicon.shipped(), ()
        entries, findings = parse_lexicon_tsv(self._text_of(path), str(path))
        return Lexicon.shipped().with_entries("commune", entries), tuple(findings)

    @property
    def lexicon(self) -> Lexicon:
        """The shipped lexicon with the commune's own words over it."""
        return self._lexicon[0]

    @property
    def lexicon_findings(self) -> tuple[Finding, ...]:
        """What is wrong in the commune's lexicon file."""
        return self._lexicon[1]

    @cached_property
    def store(self) -> Store:
        """The workspace's database, brought up to date.

        Raises:
            StoreError: when it cannot be opened.
        """
        from broadcaster.adapters.store.sql import open_store

        if not self.workspace.station_file.is_file():
            # A slip in -w must not make a workspace of its own.
            raise ConfigError("station.missing", file=str(self.workspace.station_file))
        self.workspace.database.parent.mkdir(parents=True, exist_ok=True)
        return open_store(self.workspace.database)

    @cached_property
    def codec(self) -> Codec:
        """Sound files."""
        from broadcaster.adapters.audio.codec import SoundfileCodec

        return SoundfileCodec()

    @cached_property
    def meter(self) -> Meter:
        """Loudness."""
        from broadcaster.adapters.audio.loudness import Bs1770Meter

        return Bs1770Meter()

    @cached_property
    def importer(self) -> Importer:
        """Sound files that people bring."""
        from broadcaster.adapters.audio.importing import FileImporter

        return FileImporter()

    @cached_property
    def mastering(self) -> Mastering:
        """Any recording brought to level, and copies of masters."""
        return Mastering(self.codec, self.meter, self.importer)

    @cached_property
    def recogniser(self) -> Recogniser:
        """What listens; it is asked before it is handed out, so that a missing one is named before any work is done.

        Raises:
            HearingError: `hearing.missing`.
        """
        from broadcaster.adapters.hearing.viet_asr import VietAsrRecogniser

        recogniser = VietAsrRecogniser()
        recogniser.version()
        return recogniser

    @cached_property
    def ear(self) -> Ear:
        """The recogniser, near a loudspeaker or far from it."""
        from broadcaster.adapters.audio.horn import VillageHorn

        return Ear(self.recogniser, VillageHorn(), self.codec, self.meter)

    @cached_property
    def comparing(self) -> Comparing:
        """Voices beside one another."""
        return Comparing(self.ear, self.assembler, self.clock)

    @cached_property
    def hearing(self) -> Hearing:
        """How well masters are understood."""
        return Hearing(self.ear, self.library, self.voicing, self.approving)

    @cached_property
    def assembler(self) -> Assembler:
        """Joining of sound."""
        from broadcaster.adapters.audio.assembly import PydubAssembler

        return PydubAssembler()

    @cached_property
    def effects(self) -> Effects:
        """Voice chains and music beds."""
        from broadcaster.adapters.audio.effects import BlockEffects

        return BlockEffects()

    @cached_property
    def speakers(self) -> Speakers:
        """Speech on all cores."""
        from broadcaster.adapters import machine
        from broadcaster.adapters.tts.pool import PooledSpeakers

        voices = self.workspace.voices.absolute()
        return PooledSpeakers(
            lambda name: partial(fresh_engine, name, voices),
            machine.cores(),
            machine.free_memory_mb,
            apart=self.speaks_apart,
        )

    @cached_property
    def bed(self) -> Bed | None:
        """The station's music.

        Raises:
            MasterError: `audio.missing`, `audio.unreadable`, `audio.empty`.
        """
        if not self.station.finish.bed:
            return None
        tape = self.codec.open(self.workspace.root / self.station.finish.bed, MASTER_RATE)
        return Bed(tape, digest_blocks(tape.blocks()))

    @cached_property
    def documents(self) -> Documents:
        """Files for people and programs."""
        from broadcaster.adapters.documents.files import FileDocuments

        return FileDocuments()

    @cached_property
    def texts(self) -> Texts:
        """Text out of files that people bring."""
        from broadcaster.adapters.documents.imports import FileTexts

        return FileTexts()

    @cached_property
    def library(self) -> Library:
        """Takes and masters on disk."""
        from broadcaster.adapters.library import FolderLibrary

        return FolderLibrary(self.workspace.audio, self.codec)

    @property
    def _build_engine(self) -> Callable[[type], SpeechEngine]:
        return partial(build_engine, voices_folder=self.workspace.voices)

    @cached_property
    def engines(self) -> dict[str, SpeechEngine]:
        """The station's speech engines in its order, those that cannot be had left out and noted.

        Raises:
            ConfigError: `config.engine` for a name that nothing installed answers to.
            SpeechError: `speech.no_engine` when none is left.
        """
        points = plugins.speech_engine_points()
        wanted = (self._engine,) if self._engine else self.station.engines
        engines: dict[str, SpeechEngine] = {}
        for name in wanted:
            point = plugins.named_engine(points, name)
            try:
                engine = plugins.load_engine(point, self._build_engine)
                offered(engine)
                engines[name] = engine
            except (PluginError, SpeechError) as error:
                self.skipped_engines.append(error)
        if not engines:
            raise SpeechError("speech.no_engine", wanted=list(wanted))
        return engines

    @cached_property
    def writing(self) -> Writing:
        """Bulletins and readings."""
        return Writing(self.store, self.clock, self.station, self.taxonomy, self.lexicon)

    @cached_property
    def voicing(self) -> Voicing:
        """Takes and masters."""
        return Voicing(
            self.store,
            self.library,
            self.engines,
            self.meter,
            self.assembler,
            self.writing,
            self.station,
            self.taxonomy,
            Loudness(),
            self.speakers,
            self.effects,
            lambda: self.bed,
        )

    @cached_property
    def recordings(self) -> Recordings:
        """What people have spoken; the masters of all bulletins."""
        return Recordings(self.store, self.library, self.importer, self.assembler, self.writing, self.voicing)

    @property
    def fallbacks(self) -> Sequence[Fallback]:
        """Where another engine than the first one had to speak, so far."""
        return self.voicing.fallbacks if "voicing" in self.__dict__ else ()

    @cached_property
    def approving(self) -> Approving:
        """The way through approval."""
        return Approving(self.store, self.clock, self.station)

    @cached_property
    def entering(self) -> Entering:
        """The console's door."""
        from broadcaster.adapters.passwords import Argon2Passwords

        return Entering(self.store, self.clock, self.station, Argon2Passwords())

    @cached_property
    def planning(self) -> Planning:
        """Weekly plans."""
        return Planning(self.store, self.clock, self.station, self.taxonomy, self.approving)

    @cached_property
    def auditing(self) -> Auditing:
        """The station's figures."""
        return Auditing(self.store, self.clock, self.station, self.taxonomy, self.rates)

    @cached_property
    def rates(self) -> Rates | None:
        """What new pieces are paid; None without a table of rates.

        Raises:
            ConfigError: `rates.invalid`, `file.not_utf8`, `file.unreadable`.
        """
        path = self.workspace.rates_file
        return rates_from(self._text_of(path), str(path)) if path.is_file() else None

    @cached_property
    def exchange(self) -> Exchange:
        """The provincial exchange, in fields that are not official.

        Raises:
            ConfigError: `exchange.missing`, `exchange.invalid`, `file.not_utf8`, `file.unreadable`.
        """
        from broadcaster.adapters.htttn import HtttnExchange, agency_from

        path = self.workspace.exchange_file
        if not path.is_file():
            raise ConfigError("exchange.missing", file=str(path))
        return HtttnExchange(agency_from(self._text_of(path), str(path)), self.station, self.taxonomy)

    def sample(self, name: str) -> Sound:
        """The station's opening as an installed engine says it by its first voice.

        Raises:
            ConfigError: `config.engine`.
            PluginError, SpeechError: if it cannot be loaded, or not speak.
        """
        there = (one for one in (*self.__dict__.get("engines", {}).values(), *self._opened) if one.name == name)
        engine = next(there, None) or self.engine(name)
        spoken = read(self.station.parts.opening or self.station.name, lexicon=self.lexicon).sentences
        request = SpeechRequest(spoken[0].text if spoken else "xin chào", offered(engine)[0].name)
        heard = next(iter(self.speakers.speak(engine, [request])))
        if isinstance(heard, SpeechError):
            raise heard
        return heard

    @staticmethod
    def _text_of(path: Path) -> str:
        """A settings file.

        Raises:
            ConfigError: `file.not_utf8`, `file.unreadable`.
        """
        try:
            return read_text(path)
        except UnicodeDecodeError as error:
            raise ConfigError("file.not_utf8", file=str(path)) from error
        except OSError as error:
            raise ConfigError("file.unreadable", file=str(path), detail=error.strerror) from error

    def solver(self, work_limit: float = WORK_LIMIT, watch: "Callable[[Progress], bool] | None" = None) -> Solve:
        """The planner's solver with a work limit; `watch` is told how far it is, and ends it with False."""
        from broadcaster.domain.planning.model import solve

        def solved(
            instance: Instance,
            *,
            keep: Mapping[tuple[int, int], float] | None = None,
            start: Solution | None = None,
        ) -> Solution:
            return solve(instance, work_limit=work_limit, keep=keep, start=start, progress=watch)

        return solved

    def null_output(self, clock: Clock) -> Output:
        """An output that keeps time and makes no sound."""
        from broadcaster.adapters.outputs.null import NullOutput

        return NullOutput(clock)

    def file_output(self, clock: Clock, path: Path) -> Output:
        """An output that writes what would have been heard."""
        from broadcaster.adapters.outputs.file import FileOutput

        return FileOutput(clock, self.codec, path, MASTER_RATE)

    def output_device(
        self, kind: str, cluster: str, *, device: str, channels: Sequence[int], open_channels: int, icecast: str
    ) -> "Soundcard | IcecastStream | None":
        """What stays open from session to session: a card on which a cluster sounds on some channels, or a stream."""
        if kind == "soundcard":
            from broadcaster.adapters.outputs.soundcard import Soundcard

            return Soundcard(device, {cluster: channels}, channels=open_channels)
        if kind == "icecast":
            from broadcaster.adapters.outputs.icecast import a_stream

            return a_stream(icecast, os.environ)
        return None

    def session_output(
        self, device: "Soundcard | IcecastStream | None", cluster: str, rundown: Rundown | None, path: Path | None
    ) -> Output:
        """One session's output: on a device, into a file, or nowhere. Who listens to a stream reads titles.

        Without a rundown it is an emergency's.
        """
        if device is None:
            return self.null_output(self.clock) if path is None else self.file_output(self.clock, path)
        from broadcaster.adapters.outputs.icecast import IcecastOutput, IcecastStream

        if isinstance(device, IcecastStream):
            titles = self.titles()
            items = rundown.items if rundown else ()
            said = {item.id: titles.get(item.bulletin, self.station.name) for item in items}
            return IcecastOutput(self.clock, self.codec, device, lambda item: said.get(item, ""))
        from broadcaster.adapters.outputs.soundcard import SoundcardOutput

        return SoundcardOutput(self.clock, device, cluster)

    def journal(self, node: str) -> Journal:
        """A node's journal on disk."""
        from broadcaster.adapters.journal import FileJournal

        return FileJournal(self.workspace.audio / "nhat_ky" / f"{node}.json")

    def only_one(self, node: str) -> AbstractContextManager[None]:
        """Hold a node, so that no second process plays it.

        Raises:
            OutputError: `run.busy` if one does already.
        """
        from broadcaster.adapters.lock import only_one

        return only_one(self.workspace.audio / "nhat_ky" / f"{node}.khoa", node)

    def memory_journal(self) -> Journal:
        """A journal for virtual weeks."""
        from broadcaster.adapters.journal import MemoryJournal

        return MemoryJournal()

    @staticmethod
    def virtual_clock(start: datetime) -> Clock:
        """A clock that runs as fast as it is asked to."""
        return VirtualClock(start)

    def sound_file(self, master_hash: str) -> Path | None:
        """The file of a master's hash, once its samples have been found to be that master's; None otherwise.

        A file is looked through again when its size or time has changed.
        """
        master = self._masters.get(master_hash) or self.store.master(Sha256(master_hash))
        path = None if master is None else self.library.path(master.file)
        if master is None or path is None:
            return None
        self._masters[master_hash] = master
        stat = path.stat()
        mark = (stat.st_size, stat.st_mtime_ns)
        if self._sound_marks.get(master_hash) != mark:
            if not is_sound_of(master, self.library.sound_hash(master.file)):
                return None
            self._sound_marks[master_hash] = mark
        return path

    def outline(self, master_hash: str) -> Outline | None:
        """How a master looks; None where its sound is not there. One from before outlines were kept is drawn now."""
        path = self.sound_file(master_hash)
        if path is None:
            return None
        kept = self.library.outline(path.name)
        if kept is None:
            peaks = self.meter.peaks(self.codec.open(path, MASTER_RATE), POINTS)
            kept = Outline(self._masters[master_hash].duration_ms, peaks)
            self.library.keep_outline(path.name, kept)
        return kept

    def engine(self, name: str) -> SpeechEngine:
        """One speech engine by name, without a workspace.

        Raises:
            ConfigError: `config.engine` for a name that nothing installed answers to.
            PluginError: if it cannot be loaded.
        """
        point = plugins.named_engine(plugins.speech_engine_points(), name)
        engine = plugins.load_engine(point, self._build_engine)
        self._opened.append(engine)
        return engine

    @staticmethod
    def jobs() -> Jobs:
        """The scheduler that wakes the player."""
        from broadcaster.adapters.jobs import ApschedulerJobs

        return ApschedulerJobs()

    @staticmethod
    def clock_synced() -> bool | None:
        """Whether a time server keeps the system's clock; None where the system does not say."""
        from broadcaster.adapters import machine

        check = machine.clock_sync()
        return True if check.ok else None if check.detail.endswith("–") else False

    def examine(self) -> list[Check]:
        """What works on this machine."""
        from broadcaster.adapters import machine

        return [
            self._check_station(),
            self._check_store(),
            *self._check_engines(),
            self._check_hearing(),
            self._check_codec(),
            machine.disk(self.workspace.root),
            machine.sound_devices(),
            machine.clock_sync(),
        ]

    def _check_station(self) -> Check:
        try:
            return Check("station", ok=True, detail=self.station.name, needed=True)
        except ConfigError as error:
            return Check("station", ok=False, detail=f"{self.workspace.station_file}: {error.code}", needed=True)

    def _check_store(self) -> Check:
        if not self.workspace.database.exists():
            return Check("database", ok=True, detail=f"{self.workspace.database}: –", needed=True)
        try:
            return Check(
                "database", ok=True, detail=f"{self.workspace.database}: {self.store.schema_version()}", needed=True
            )
        except StoreError as error:
            return Check("database", ok=False, detail=f"{self.workspace.database}: {error.code}", needed=True)

    def _check_engines(self) -> list[Check]:
        checks = []
        for name in plugins.speech_engine_points():
            try:
                engine = self.engine(name)
                if engine.online:
                    checks.append(Check(f"engine_{name}", ok=True, detail=engine.version(), needed=False))
                    continue
                sound = engine.speak(SpeechRequest("xin chào bà con"))
                checks.append(Check(f"engine_{name}", sound.frames > 0, engine.version(), needed=name == "espeak"))
            except (PluginError, SpeechError) as error:
                checks.append(Check(f"engine_{name}", ok=False, detail=str(error), needed=name == "espeak"))
        return checks

    def _check_hearing(self) -> Check:
        try:
            self.recogniser.transcribe(tune(CHIME, MASTER_RATE))
            return Check("hearing", ok=True, detail=self.recogniser.version(), needed=False)
        except HearingError as error:
            return Check("hearing", ok=False, detail=str(error), needed=False)

    def _check_codec(self) -> Check:
        """Write and read back a chime in every format."""
        from tempfile import TemporaryDirectory

        works = []
        with TemporaryDirectory() as folder:
            for ending in ("wav", "flac", "mp3", "ogg", "opus"):
                path = Path(folder) / f"thu.{ending}"
                try:
                    self.codec.write(tune(CHIME, MASTER_RATE), path, {})
                    self.codec.read(path, MASTER_RATE)
                    works.append(ending)
                except MasterError:
                    continue
        return Check("codec", {"wav", "flac"} <= set(works), ", ".join(works), needed=True)

    def titles(self) -> dict[str, str]:
        """Titles of bulletins by code."""
        return {bulletin.code: bulletin.title for bulletin in self.store.bulletins()}

    def feed_names(self) -> FeedNames:
        """What feeds need beside the rundowns. The file of a bulletin that may not be aired is not handed out."""
        titles = self.titles()

        def file_of(master_hash: str) -> Path | None:
            path = self.sound_file(master_hash)
            code = self._masters[master_hash].bulletin if path else ""
            return None if code in titles and not self.approving.may_air(code, master_hash) else path

        places = {zone.code: zone.name for zone in (*self.station.zones, *self.station.air_zones())}
        return FeedNames(self.station.name, titles, file_of, self.station.local, places)

    def withheld(self, rundowns: Sequence[Rundown]) -> list[str]:
        """Bulletins that the rundowns name and that may not be aired as things stand."""
        planned = {(item.bulletin, item.master) for r in rundowns for item in r.items if item.bulletin}
        return sorted({code for code, master in planned if not self.approving.may_air(code, master)})

    def rehearsing(
        self, output: Callable[[Clock, str, Rundown], Output], outages: Collection[Outage] = ()
    ) -> Rehearsing:
        """Playing a week on a virtual clock."""
        return Rehearsing(self.store, self.virtual_clock, self.memory_journal, output, self.fetch, outages, self.silent)

    def silent(self, node: str, item: RundownItem, now: datetime) -> Cause | None:
        """Why a node has to be silent for as long as an item would last from now on; None when it may sound."""
        return self.limits(node).hush(now, now + (item.end - item.start))

    def fetch(self, item: RundownItem) -> Path | Cause:
        """The file of an item's master, or why it may not be played: consent is asked for again at air time."""
        if item.bulletin and not self.approving.may_air(item.bulletin, item.master):
            return Cause.NOT_APPROVED
        return self.sound_file(item.master) or Cause.NO_AUDIO

    @cached_property
    def announcing(self) -> Announcing:
        """The sound of emergencies."""
        return Announcing(self.codec, self.importer, self.meter, self.assembler, self.effects, self.lexicon)

    # The office's own player

    @property
    def player_log(self) -> Path:
        """What the office's player said in its last run."""
        return self.workspace.audio / "nhat_ky" / "may_phat.txt"

    def kept_player(self, command: Sequence[str], ended: Callable[[int], object]) -> Kept:
        """The office's player as a process of its own that is started again whenever it ends."""
        from broadcaster.adapters.keeping import KeptProcess

        return KeptProcess(command, self.player_log, ended)

    def idle(self, *, playing: bool) -> bool:
        """Whether nothing would be cut off if everything began anew now.

        Args:
            playing: this machine plays a cluster itself; other players have what they need on their own disks.
        """
        if self.network.orders_in_force() or self.network.lives_on():
            return False
        try:
            parse_station(self._text_of(self.workspace.station_file))
        except ConfigError:
            return False  # broken by hand: what runs is better than nothing
        now = self.clock.now()
        day = self.station.local(now).date()
        times = [(self.station.start_of(one, day), one.cap) for one in self.station.sessions_on(day)] if playing else []
        return not any(start - SOON <= now < start + timedelta(milliseconds=cap) for start, cap in times)

    def sounding(self, node: str) -> tuple[str, datetime, Milliseconds, datetime] | None:
        """What the office's player sounds: item, begin, milliseconds so far, last sign of life; None for nothing."""
        found = [self.journal(f"{node}.ngoai_lich").open_item(), self.journal(node).open_item()]
        return next((one for one in found if one is not None), None)

    # Live broadcasts

    @staticmethod
    def live_source(*, device: str = "", url: str = "") -> LiveInput:
        """A microphone by a part of its name, or a stream.

        Raises:
            ConfigError: `live.url`, `live.package`.
        """
        from broadcaster.adapters.inputs.source import LiveSource

        return LiveSource.of(device=device, url=url)

    def studio(self, order: "LiveOrder") -> "Studio":
        """Where a broadcast's sound goes in."""
        from broadcaster.adapters.audio.live_sound import flac_of

        return self.network.live.studio(order, flac_of)

    @staticmethod
    def keep_live(studio: "Studio") -> Path | None:
        """Keep a broadcast's sound as one file; its path, None if there was none."""
        from broadcaster.adapters.audio.live_sound import keep

        return studio.close(keep)

    # Nodes

    @cached_property
    def network(self) -> "Network":
        """The station's end of the link, its keys and its emergencies."""
        from broadcaster.bootstrap_link import Network

        return Network(self)

    # Other programs

    @cached_property
    def webhooks(self) -> "Webhooks":
        """The programs that are told of what happens."""
        from broadcaster.bootstrap_webhook import Webhooks

        return Webhooks(self)

    def close(self) -> None:
        """Let go of what was opened."""
        if "network" in self.__dict__:
            self.network.close()
        if "store" in self.__dict__:
            self.store.close()
        if "recogniser" in self.__dict__:
            self.recogniser.close()
        if "speakers" in self.__dict__:
            self.speakers.close()
        for engine in (*self.__dict__.get("engines", {}).values(), *self._opened):
            engine.close()
