"""Every interface of the product in one file. Services know these; adapters implement them; bootstrap joins the two."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from broadcaster.domain.access import Account, Login
from broadcaster.domain.approval import Review
from broadcaster.domain.asrun import AsRun
from broadcaster.domain.audit.facts import Aired, AiredAt, Facts, MonthTotal, PieceHeard, Place
from broadcaster.domain.baseline import Baseline
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.correction import Corrected, Correction
from broadcaster.domain.emergency import EmergencyOrder, EmergencyRecord
from broadcaster.domain.enrolment import Deed, Invitation, Member
from broadcaster.domain.envelope import Refused
from broadcaster.domain.finish import VoiceChain
from broadcaster.domain.live import LiveOrder
from broadcaster.domain.manifest import Manifest, Piece
from broadcaster.domain.master import Master, Measured
from broadcaster.domain.outline import Outline
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.receipt import Received
from broadcaster.domain.reports.table import Table
from broadcaster.domain.rundown import Rundown
from broadcaster.domain.take import Sound, SpeechRequest, Take, Tape, Voice
from broadcaster.domain.tone import ToneOrder
from broadcaster.domain.webhook import Answer, Marks, Message, Standing, Webhook
from broadcaster.errors import Finding, SpeechError
from broadcaster.units import Dbtp, Lufs, Milliseconds, Sha256


@runtime_checkable
class SpeechEngine(Protocol):
    """Turns one spoken-form sentence into sound."""

    name: str
    """The engine's short name, as in the CLI: espeak, gtts, tone."""
    deterministic: bool
    """True when the same request always gives the same samples."""
    online: bool
    """True when the engine needs the internet; such an engine is never called at air time."""

    def version(self) -> str:
        """What, beside the request, decides the sound: library and data versions. Part of the take's key.

        What decides the sound of one voice alone is in `Voice.version`.
        """
        ...

    def voices(self) -> Sequence[Voice]:
        """The voices on offer, the default first; none where voices are files and there is no such file.

        :raises SpeechError: if the engine's parts are missing or broken.
        """
        ...

    def speak(self, request: SpeechRequest) -> Sound:
        """Speech for one sentence.

        :raises SpeechError: `speech.empty` if nothing in the text can be said, `speech.voice_unknown` for a voice that
            is not on offer, `speech.speed` for a speed outside 0.7 to 1.3, `speech.broken` if the engine failed.
        :raises RetryableSpeechError: `speech.offline`, `speech.throttled`, `speech.protocol` if an online engine could
            not answer now.
        """
        ...

    def close(self) -> None:
        """Let go of processes and connections. Safe to call twice."""
        ...


@dataclass(frozen=True, slots=True)
class Crew:
    """How many copies of an engine are of use at once: `most`, however many cores there are.

    One takes `megabytes` of memory, and starting it pays from `fewest` sentences on.
    """

    most: int
    megabytes: int
    fewest: int


@runtime_checkable
class Multiplied(Protocol):
    """A speech engine that gains from being there several times, each in a process of its own with one thread.

    An engine that does not say so speaks one sentence after the other.
    """

    crew: Crew


class Speakers(Protocol):
    """Many sentences at once: on all cores where the engine gains from it."""

    def speak(self, engine: SpeechEngine, requests: Sequence[SpeechRequest]) -> Iterator[Sound | SpeechError]:
        """What `engine.speak` gives for each request, the very same samples, in the order of the requests.

        What it raises is handed out in its place; `speech.worker` stands for a process that died twice over a sentence.
        Whoever stops iterating stops the speaking.
        """
        ...

    def close(self) -> None:
        """End the processes. Safe to call twice."""
        ...


class Codec(Protocol):
    """Sound files in and out."""

    def open(self, path: Path, rate: int) -> Tape:
        """The file as mono sound at `rate` Hz, whatever its format, channels and rate were; decoded as it is read.

        :raises MasterError: here or when its blocks are read, `audio.missing`, `audio.unreadable`, `audio.empty`, with
            the path.
        """
        ...

    def read(self, path: Path, rate: int) -> Sound:
        """The same, in memory: for takes, not for what may be long.

        :raises MasterError: as `open`.
        """
        ...

    def write(self, tape: Tape, path: Path, tags: Mapping[str, str]) -> None:
        """Write WAV, FLAC, MP3, OGG or Opus by the ending of the name, under a temporary name first, then renamed.

        The same samples and tags give the same bytes. Tag names: title, artist, album, genre, date, comment.

        :raises MasterError: `audio.format` for an ending that is not known, `audio.disk` if it could not be written.
        """
        ...


class Importer(Protocol):
    """Sound files that people bring."""

    def open(self, path: Path, rate: int, longest: Milliseconds | None = None) -> Tape:
        """The file as mono sound at `rate` Hz, decoded to its end before this returns; it waits on the disk.

        :raises MasterError: `audio.missing`, `audio.empty`, `audio.unreadable`; `audio.cut_short` if less is there than
            the file says, `audio.long` if there is more than `longest`, of which no more is decoded; `audio.decoder` if
            a package is missing that could read it, `audio.disk` if there is no room.
        """
        ...


class Meter(Protocol):
    """Loudness after ITU-R BS.1770-4, mono convention: the file as it is, no dual-mono correction."""

    def measure(self, tape: Tape) -> Measured:
        """What can be measured of a tape.

        Integrated loudness is -70.0 when nothing passes the absolute gate or the tape is shorter than 400 ms; the true
        peak, 4 x oversampled or better, -120.0 for digital silence.
        """
        ...

    def level(self, tape: Tape, target: Lufs, ceiling: Dbtp) -> Tape:
        """The same sound at the target loudness, its true peak at or below the ceiling.

        Where the two cannot both be reached the ceiling wins; measure the result to know.
        """
        ...

    def peaks(self, tape: Tape, most: int) -> tuple[int, ...]:
        """The highest samples of at most so many equal stretches, 0 to `outline.FULL`, for a drawing."""
        ...


class Assembler(Protocol):
    """Joins pieces of sound: takes, pauses, chimes."""

    def join(self, pieces: Sequence[Tape | Milliseconds], rate: int) -> Tape:
        """The pieces in order, all of them at `rate` Hz; a number is that many milliseconds of silence.

        Joins do not click. A piece is read when its turn comes, and only one at a time is in memory.

        :raises ValueError: for a piece at another rate.
        """
        ...

    def resample(self, sound: Sound, rate: int) -> Sound:
        """The same sound at another rate; at its own rate, the very same samples."""
        ...

    def trim(self, sound: Sound, keep_ms: Milliseconds) -> Sound:
        """Without the silence at both ends, save for `keep_ms` of it."""
        ...

    def trim_tape(self, tape: Tape, keep_ms: Milliseconds) -> Tape:
        """The same for a recording of any length, with the noise of its room; no sample is left of a silent one."""
        ...


class Horn(Protocol):
    """What a village hears of a sound."""

    def play(self, tape: Tape) -> Tape:
        """The same through a horn loudspeaker, with echo and noise; the same tape gives the same samples."""
        ...


@runtime_checkable
class Recogniser(Protocol):
    """Turns speech into text, to tell how well it can be understood. Never a source of what is aired."""

    name: str

    def version(self) -> str:
        """What, beside the sound, decides the text.

        :raises HearingError: `hearing.missing` if the recogniser is not installed.
        """
        ...

    def transcribe(self, tape: Tape) -> str:
        """What is heard, in one line, whatever the rate and the length; empty when nothing is.

        :raises HearingError: `hearing.missing` if the recogniser is not installed, `hearing.broken` if it failed.
        """
        ...

    def close(self) -> None:
        """Let go of processes. Safe to call twice."""
        ...


class Effects(Protocol):
    """What a station does to its sound before it is levelled. The same tape gives the same samples."""

    version: str
    """Changes whenever the sound would; part of a master's recipe."""

    def treat(self, tape: Tape, chain: VoiceChain) -> Tape:
        """As many samples through a voice chain, somewhat softer; `off` gives the tape itself."""
        ...

    def underlay(self, voice: Tape, bed: Tape, below: float, start_ms: Milliseconds) -> Tape:
        """As many samples, from `start_ms` on over a bed that is `below` LU softer than the voice while it speaks."""
        ...


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """This instant, UTC-aware."""
        ...

    def elapsed(self) -> float:
        """Seconds of a clock that nobody sets, since some moment: for how long something takes."""
        ...

    def sleep_until(self, instant: datetime) -> None:
        """Wait until the instant, or less when a signal asks to stop; returns at once when it has passed."""
        ...

    def wake(self) -> None:
        """End every wait, now and later: the process is asked to stop. Safe in a signal handler."""
        ...


class Jobs(Protocol):
    """Wakes someone at an instant. It forgets everything when it stops: the plan is in the store."""

    def start(self) -> None:
        """Begin to watch the clock."""
        ...

    def at(self, name: str, instant: datetime, call: Callable[[], None]) -> None:
        """Call at an instant, at once when it has passed; a job of the same name is replaced."""
        ...

    def names(self) -> frozenset[str]:
        """The jobs that still wait."""
        ...

    def cancel(self, name: str) -> None:
        """Forget a job; no error if there is none."""
        ...

    def stop(self) -> None:
        """Stop watching."""
        ...


class OutputEventKind(StrEnum):
    """What an output reports of a cue."""

    STARTED = "started"
    PROGRESSED = "progressed"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class OutputEvent:
    """One report. `played_ms` is how much of the item's sound has left, from its beginning or the cue-in point on.

    `level` is the mean level of what was written, in dB of full scale, where the output measures it. `detail` of an end
    is `device_lost` where the device went away.
    """

    kind: OutputEventKind
    item: str
    at: datetime
    played_ms: Milliseconds
    detail: str = ""
    level: float | None = None


@dataclass(frozen=True, slots=True)
class Cue:
    """What an output is to play: a file, from `offset_ms` on, for at most `length_ms`. No file means silence.

    `at` is the instant at which the first sample is to leave; None for now. `gain_db`, 0 or below, is how much softer
    than the file it is to sound.

    With `growing`, the file is a live broadcast's, to which somebody else is still adding: bare signed 16-bit
    little-endian samples, one channel, `domain.live.LIVE_RATE` a second. It is not over where it ends at the moment.
    """

    item: str
    path: Path | None
    offset_ms: Milliseconds
    length_ms: Milliseconds
    at: datetime | None = None
    gain_db: float = 0.0
    growing: bool = False


class Output(Protocol):
    """Where a zone's sound goes. One cue at a time; silence in between."""

    name: str

    def open(self) -> None:
        """Get ready to play.

        :raises OutputError: `output.open` if the device or file cannot be had.
        """
        ...

    def play(self, cue: Cue) -> None:
        """Begin a cue now, or at its instant; a running one is cut off first, and its end reported.

        A file that cannot be decoded is reported as FAILED, not raised.
        """
        ...

    def stop(self) -> None:
        """Cut off the running cue, and report its end."""
        ...

    def poll(self) -> Sequence[OutputEvent]:
        """What has happened since the last call, in order of time. Never waits."""
        ...

    def due(self) -> datetime | None:
        """When the running cue will be over; None when nothing plays."""
        ...

    def close(self) -> None:
        """Let go of the device or finish the file. Safe to call twice."""
        ...


class Kept(Protocol):
    """A process of its own that is started again whenever it ends."""

    starts: int
    """How often it was started."""

    @property
    def process_id(self) -> int | None:
        """The running process; None between two runs."""
        ...

    def start(self) -> None:
        """Begin to keep it."""
        ...

    def stop(self) -> None:
        """Let it go: it is asked to end, and made to if it does not."""
        ...


class LiveInput(Protocol):
    """Where live sound comes from: a microphone, a line, a stream. What ends by itself is tried again."""

    detail: str
    """Why it gives no sound, as far as it has said."""

    def read(self, wait: float) -> bytes:
        """Signed 16-bit little-endian samples, one channel, `domain.live.LIVE_RATE`; none if none came in time.

        Args:
            wait: seconds to wait for the first ones.
        """
        ...

    def close(self) -> None:
        """Let go of it. Safe to call twice."""
        ...


class Journal(Protocol):
    """A node's memory of the item that is playing, on its disk: a power cut leaves at most a second open."""

    def begin(self, item: str, at: datetime) -> None:
        """An item has begun to sound; on disk before this returns."""
        ...

    def progress(self, item: str, played_ms: Milliseconds, at: datetime) -> None:
        """It still sounds."""
        ...

    def finish(self, item: str) -> None:
        """It is over, and its row is in the ledger."""
        ...

    def open_item(self) -> tuple[str, datetime, Milliseconds, datetime] | None:
        """The item that was playing when the power went: its id, start, length played, and the last sign of life."""
        ...


class Library(Protocol):
    """Sound on disk, found by hash. What cannot be read back whole counts as absent, so that it is made again."""

    def take(self, key: Sha256) -> Sound | None:
        """The sound kept under a take's key."""
        ...

    def take_tape(self, key: Sha256) -> Tape | None:
        """The same, read as it is needed: for what may be long."""
        ...

    def keep_take(self, key: Sha256, sound: Tape) -> None:
        """Keep a take's sound."""
        ...

    def keep_master(self, name: str, master_hash: Sha256, tape: Tape, tags: Mapping[str, str]) -> str:
        """Keep a master's sound; the file's name, which begins with `name`."""
        ...

    def path(self, file: str) -> Path | None:
        """Where a master's file is; None when it is not there."""
        ...

    def sound_hash(self, file: str) -> Sha256 | None:
        """The hash of a master's samples."""
        ...

    def keep_outline(self, file: str, outline: Outline) -> None:
        """Keep how a master's file looks; where it cannot be kept it is drawn anew the next time."""
        ...

    def outline(self, file: str) -> Outline | None:
        """How a master's file looks; None when it was never kept."""
        ...


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table in the reader's words. `right` says which columns are numbers; `total`, that the last row is a sum.

    `source` holds the plain values behind the words, for documents that calculate.
    """

    title: str
    head: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]
    total: bool = False
    source: Table | None = None


@dataclass(frozen=True, slots=True)
class PageChart:
    """Values by name in the reader's words: bars, or columns along time. `described` says what is seen."""

    title: str
    unit: str
    names: tuple[str, ...]
    values: tuple[float, ...]
    over_time: bool = False
    described: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document: a heading, sentences, a chart, a table, and the command that makes its figures again."""

    heading: str = ""
    lines: tuple[str, ...] = ()
    chart: PageChart | None = None
    table: PageTable | None = None
    command: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """An administrative document after NĐ 30/2020, in the reader's words; its texts are in NFC.

    Args:
        parent: the authority above the issuer.
        issuer: who issues.
        number: number and symbol, as `Số: 12/BC-ĐTT`.
        place_date: place name and date in words.
        kind: the kind's name, as BÁO CÁO.
        subject: what it is about (trích yếu).
        sections: its body.
        recipients: the lines of Nơi nhận.
        signer_titles: lines above the signature.
        signer: the signer's name; empty to be written by hand.
        day: its date.
        landscape: whether it lies on the page's long side.
        language: of its texts.
    """

    parent: str
    issuer: str
    number: str
    place_date: str
    kind: str
    subject: str
    sections: tuple[Section, ...]
    recipients: tuple[str, ...]
    signer_titles: tuple[str, ...]
    signer: str
    day: date
    landscape: bool = False
    language: str = "vi"


@dataclass(frozen=True, slots=True)
class Page:
    """A document for people: who, what, when, its tables, and how its figures can be made again."""

    title: str
    organisation: str
    subtitle: str
    language: str
    tables: tuple[PageTable, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at on this machine. Without what is `needed` the station cannot work."""

    what: str
    ok: bool
    detail: str
    needed: bool


class FeedKind(StrEnum):
    """Formats in which rundowns leave the product."""

    M3U8 = "m3u8"
    XSPF = "xspf"
    JSON = "json"
    CSV = "csv"
    ICS = "ics"


@dataclass(frozen=True, slots=True)
class FeedNames:
    """What a feed needs beside the rundowns: titles by bulletin, the file of a master's hash, local times.

    `places` are the names of zones by code; `together` is the name of the one calendar into which all zones go, empty
    for one a zone.
    """

    station: str
    titles: Mapping[str, str]
    file_of: Callable[[str], Path | None]
    local: Callable[[datetime], datetime]
    places: Mapping[str, str] = field(default_factory=dict)
    together: str = ""


class Documents(Protocol):
    """Files for people and for other programs, each written whole or not at all."""

    def feed(self, kind: FeedKind, rundowns: Sequence[Rundown], names: FeedNames, folder: Path) -> Sequence[Path]:
        """Write rundowns in a format: one file a rundown for playlists, one a zone for calendars, one in all otherwise.

        Calendars of several zones are one file where the names say `together`.

        :raises StoreError: `file.disk` if a file could not be written.
        """
        ...

    def page(self, page: Page, path: Path) -> None:
        """Write a document for people, in the format that the name's ending says: .html.

        :raises StoreError: `file.disk` if it could not be written.
        """
        ...

    def paper(self, paper: Paper, path: Path, form: Path | None = None) -> None:
        """Write an administrative document in the format that the name's ending says: .docx, .pdf, .xlsx.

        `form` is the office's own Word template for .docx; the product's own unless given.

        :raises ConfigError: `paper.ending` for another ending, `paper.form` if the template cannot be used.
        :raises StoreError: `file.disk` if it could not be written.
        """
        ...

    def form(self, path: Path) -> None:
        """Write the Word template of papers, for the office to change.

        :raises StoreError: `file.disk` if it could not be written.
        """
        ...

    def chart(self, chart: PageChart, path: Path) -> None:
        """Write a chart as SVG.

        :raises StoreError: `file.disk` if it could not be written.
        """
        ...

    def text(self, text: str, path: Path) -> None:
        """Write a text file in UTF-8.

        :raises StoreError: `file.disk` if it could not be written.
        """
        ...


class Texts(Protocol):
    """The text of files that people bring."""

    @property
    def most_bytes(self) -> int:
        """Larger files are not taken."""
        ...

    def text_of(self, name: str, data: bytes) -> str:
        """The text of a .docx, .odt, .pdf, .txt or .md; nothing is written to disk, and the name is never a path.

        :raises ConfigError: `upload.big`, `upload.kind`, `upload.broken`, `file.not_utf8`; `upload.pdf_…` for a scan,
            a password, a damaged file, one that is too long or asks for too much, or if pypdf is not installed.
        """
        ...


class Passwords(Protocol):
    """Secrets of people."""

    def hash(self, text: str) -> str:
        """What is kept of a password; another each time."""
        ...

    def matches(self, text: str, secret: str) -> bool:
        """Whether a password is the one that was hashed."""
        ...

    def token(self) -> str:
        """Letters and digits that nobody can guess."""
        ...


class Exchange(Protocol):
    """What other programs are told of what was aired."""

    def play_log(self, rows: Sequence[AsRun], bulletins: Mapping[str, tuple[datetime, Bulletin]]) -> tuple[str, int]:
        """A document of every row that sounded, and how many those are.

        `bulletins` are those that the rows tell of, each with the time of its version.
        """
        ...


class Progress(Protocol):
    """Told how far a long job is."""

    def __call__(self, done: int, total: int, label: str) -> None:
        """So many of so many steps are done; `label` names the one at hand."""
        ...


@dataclass(frozen=True, slots=True)
class StoredReading:
    """A reading as kept: its hash, what was said, and the text version that it belongs to."""

    bulletin: str
    text_hash: Sha256
    reading_hash: Sha256
    spoken: str


class Store(Protocol):
    """What the station remembers. Every method is one transaction: it happens whole, or not at all.

    Saving what is already there is no error and changes nothing, so that a killed job can simply be run again.
    """

    def save_bulletin(self, bulletin: Bulletin, at: datetime) -> bool:
        """Keep a version of a bulletin; True when it is new.

        An older version saved again becomes the latest once more.
        """
        ...

    def bulletins(self) -> Sequence[Bulletin]:
        """The latest version of every bulletin, by code."""
        ...

    def bulletin(self, code: str) -> Bulletin | None:
        """The latest version of one bulletin."""
        ...

    def versions(self, code: str) -> Sequence[tuple[datetime, Bulletin]]:
        """All versions of one bulletin, oldest first."""
        ...

    def save_reading(self, reading: StoredReading) -> None:
        """Keep the reading of a text version."""
        ...

    def reading(self, text_hash: Sha256) -> StoredReading | None:
        """The latest reading saved for a text version."""
        ...

    def last_readings(self, texts: Collection[Sha256]) -> Mapping[Sha256, Sha256]:
        """The hash of the latest reading of each of those text versions that has one; for many, in a few queries."""
        ...

    def save_take(self, take: Take) -> None:
        """Keep a take's facts under its key."""
        ...

    def take(self, key: Sha256) -> Take | None:
        """The take of that key."""
        ...

    def save_master(self, master: Master) -> None:
        """Keep a master's facts under its recipe's hash."""
        ...

    def master_by_recipe(self, recipe_hash: Sha256) -> Master | None:
        """The master that a recipe made."""
        ...

    def master(self, master_hash: Sha256) -> Master | None:
        """The master of that hash."""
        ...

    def masters(self, hashes: Collection[Sha256]) -> Mapping[Sha256, Master]:
        """The masters of those hashes that are known; for many, in a few queries."""
        ...

    def master_of(self, text_hash: Sha256) -> Master | None:
        """The master made last for a text version."""
        ...

    def last_masters(self, texts: Collection[Sha256]) -> Mapping[Sha256, Master]:
        """The master made last for each of those text versions that has one; for many, in a few queries."""
        ...

    def add_review(self, review: Review) -> None:
        """Append an event to a bulletin's history.

        :raises StoreError: `store.own_approval` if approver and author are one person, whoever asks.
        """
        ...

    def reviews(self, bulletin: str) -> Sequence[Review]:
        """A bulletin's history, oldest first."""
        ...

    def histories(self) -> Mapping[str, Sequence[Review]]:
        """The history of every bulletin that has one, oldest first."""
        ...

    def last_review(self) -> int:
        """The number of the last event of all histories; 0 for none."""
        ...

    def reviews_after(self, number: int) -> Sequence[tuple[int, Review]]:
        """The events of all histories that came after a number, each with its own, oldest first."""
        ...

    def save_plan(self, plan: Plan, at: datetime) -> None:
        """Keep a plan or an amendment.

        :raises StoreError: `store.plan_number` if that number of that week is taken by another plan.
        """
        ...

    def plans(self, week: date) -> Sequence[Plan]:
        """The plans of a week, by number."""
        ...

    def plans_saved(self, first: datetime, last: datetime) -> Sequence[tuple[datetime, Plan]]:
        """The plans that were saved from an instant up to another, with when, the oldest first."""
        ...

    def save_rundowns(self, rundowns: Iterable[Rundown]) -> None:
        """Keep rundowns; one of the same code that has another hash is replaced, the older one kept in history."""
        ...

    def rundowns(self, first: date, last: date) -> Sequence[Rundown]:
        """The current rundowns of a span of dates, by start, then zone."""
        ...

    def append_as_run(self, rows: Sequence[AsRun]) -> int:
        """Append unsealed rows of one node to its chain, sealed, in order; how many were new.

        A row whose item that node has already is passed over: each item is in the ledger once.

        :raises StoreError: `store.one_node` if the rows belong to several nodes.
        """
        ...

    def as_run(self, first: datetime, last: datetime, node: str = "") -> Sequence[AsRun]:
        """Rows whose planned start lies in [first, last), by node and seq; of one node or of all."""
        ...

    def chain(self, node: str) -> Sequence[AsRun]:
        """A node's whole chain, by seq."""
        ...

    def heads(self) -> Mapping[str, int]:
        """The place of the last row of every node's chain."""
        ...

    def rows_after(self, node: str, seq: int) -> Sequence[AsRun]:
        """The rows of one node's chain that came after a place."""
        ...

    def nodes(self) -> Sequence[str]:
        """Every node that has a row, by name."""
        ...

    def aired_items(self, node: str, first: datetime, last: datetime) -> frozenset[str]:
        """Ids of the items that have a row, planned to start in [first, last)."""
        ...

    def receive_as_run(self, rows: Sequence[AsRun]) -> Received:
        """Take sealed rows of one node into its chain, exactly once; what cannot be taken is reported, not raised.

        :raises StoreError: `store.one_node` if the rows belong to several nodes.
        """
        ...

    def correct(self, correction: Correction) -> Correction:
        """Append a correction to the chain of corrections, sealed.

        :raises StoreError: `store.no_row` if the node has no such row in that place.
        """
        ...

    def corrections(self) -> Sequence[Correction]:
        """Every correction, by number."""
        ...

    def corrected(self, first: date, last: date) -> Sequence[Corrected]:
        """Rows of a span of days that were corrected, each with the correction that counts, by node and place."""
        ...

    def keep_places(self, places: Collection[Place]) -> bool:
        """Know the thôn of clusters, for all time; True when that changed and the sums were made anew.

        Clusters that are not named keep their places.
        """
        ...

    def places(self) -> Sequence[Place]:
        """The thôn of every cluster that was ever named."""
        ...

    def facts(self, first: date, last: date, proof: Collection[str]) -> Facts:
        """What was measured on a span of days, both included; `proof` are bulletins that need consecutive days."""
        ...

    def aired(self, first: date, last: date) -> Sequence[Aired]:
        """Every item of a span of days of which something was heard."""
        ...

    def recorded_bulletins(self, first: date, last: date) -> Collection[str]:
        """The bulletins that any row of a span of days tells of."""
        ...

    def aired_at_thon(self, first: date, last: date, thon_of: Mapping[str, str]) -> Sequence[AiredAt]:
        """Bulletins by thôn, were the clusters in these thôn all the time; a cluster that is not named is in none."""
        ...

    def month_totals(self, first: int, last: int) -> Sequence[MonthTotal]:
        """Sums by month, thôn and topic, of months such as 202601 to 202612."""
        ...

    def heard_before(self, bulletins: Collection[str], last: date) -> Mapping[str, PieceHeard]:
        """Of each bulletin that was heard up to a day: when first, and the master of its latest airing."""
        ...

    def rebuild_airtime(self, progress: Progress | None = None) -> None:
        """Make every sum of airtime anew from the rows."""
        ...

    def check_airtime(self, progress: Progress | None = None) -> Sequence[Finding]:
        """A finding for each table of sums and month that is not what the rows say; none is written."""
        ...

    def baselines(self) -> Sequence[Baseline]:
        """Every version of the baseline, by number."""
        ...

    def add_baseline(self, baseline: Baseline) -> None:
        """Append a version.

        :raises StoreError: `store.baseline` if its number is not the next one.
        """
        ...

    def sign_baseline(self, version: int, by: str, at: datetime) -> None:
        """Append a second person's signature.

        :raises StoreError: `store.two_persons` for the first person, `store.baseline` if there is no such version that
            waits.
        """
        ...

    def accounts(self) -> Sequence[Account]:
        """Every account of the console, by code."""
        ...

    def add_first_account(self, account: Account) -> None:
        """Keep the first account.

        :raises StoreError: `store.has_accounts` if there is one already: the set-up code is good for one use.
        """
        ...

    def save_account(self, account: Account) -> None:
        """Keep an account, in place of the one of its code."""
        ...

    def open_login(self, login: Login) -> None:
        """Keep a new session of an account that is kept."""
        ...

    def login(self, token: Sha256) -> Login | None:
        """The session of a token's hash, ended or not."""
        ...

    def logins(self, account: str) -> Sequence[Login]:
        """An account's sessions, oldest first."""
        ...

    def see_login(self, token: Sha256, at: datetime) -> None:
        """An open session was used; an ended one stays as it is."""
        ...

    def end_login(self, token: Sha256, at: datetime) -> None:
        """End a session for good; no error if there is none."""
        ...

    def end_logins(self, account: str, at: datetime) -> int:
        """End every open session of an account; how many those were."""
        ...

    def schema_version(self) -> str:
        """The migration that the database stands at."""
        ...

    def close(self) -> None:
        """Let go of the database. Safe to call twice."""
        ...


class Notebook(Protocol):
    """Lines to which people's decisions are added, and from which nothing is ever taken away."""

    @property
    def mark(self) -> object:
        """Changes whenever a line was added, also by another process."""
        ...

    def lines(self) -> Sequence[str]:
        """Every line, the oldest first.

        :raises ConfigError: `file.unreadable`, `file.not_utf8`.
        """
        ...

    def add(self, line: str, after: int | None = None) -> None:
        """Add a line, whole or not at all; with `after`, only behind that many lines.

        :raises ConfigError: `notebook.changed` if somebody else has added one since, `notebook.busy`, `file.disk`.
        """
        ...


class Signer(Protocol):
    """A key pair; its private half stays inside."""

    name: str
    """What `domain.envelope.key_name` says of the public half."""
    public: bytes
    """The public half, 32 bytes."""

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes."""
        ...


class Link(Protocol):
    """A node's end of the way to its station. The node calls; nothing calls it."""

    def poll(self, manifest: int, urgent: int, wait: float) -> Sequence[bytes]:
        """Signed texts for this node, those with a higher number than it has seen; each may come more than once.

        Args:
            manifest: number of the last manifest that it has seen.
            urgent: number of the last order or retraction that it has seen.
            wait: seconds to wait for one, if there is none.

        :raises LinkError: `link.down`; `link.refused` if the station does not know this node any more.
        """
        ...

    def fetch(self, sha256: Sha256, start: int) -> Iterator[bytes]:
        """The bytes of a file from `start` on. Fewer than there should be, if the line breaks in silence.

        :raises LinkError: here or while they come, `link.down`, `link.gone` if the station has no such file.
        """
        ...

    def deliver(self, text: bytes) -> bytes:
        """Hand a signed text to the station; its signed answer.

        :raises LinkError: `link.down`.
        """
        ...

    def close(self) -> None:
        """Let go of the connection. Safe to call twice."""
        ...


class Hub(Protocol):
    """The station's end: where nodes find what is for them."""

    def post(self, node: str, text: bytes, seq: int) -> None:
        """A node's new manifest, in the place of the one before.

        :raises LinkError: `link.down`.
        """
        ...

    def announce(self, text: bytes, seq: int, expires: datetime) -> None:
        """An order or a retraction, for every node that is there or comes back before it expires.

        :raises LinkError: `link.down`.
        """
        ...

    def close(self) -> None:
        """Let go of the connection. Safe to call twice."""
        ...


class Mailbox(Hub, Protocol):
    """The hub that nodes ask: what was posted stays there to be read."""

    def letters(self, node: str, manifest: int, urgent: int, now: datetime) -> Sequence[bytes]:
        """What a node has not seen and what has not expired."""
        ...

    def version(self) -> int:
        """Changes, in every process, whenever something is posted."""
        ...


class Desk(Protocol):
    """Who answers the nodes at the station."""

    def join(self, request: bytes, address: str) -> bytes:
        """The answer to a node that wants to join: JSON, both."""
        ...

    def node_of(self, ask: bytes) -> str | Refused:
        """Which node a signed request is from."""
        ...

    def knows(self, node: str) -> bool:
        """Whether a node has joined and was not thrown out since."""
        ...

    def letters(self, node: str, manifest: int, urgent: int) -> Sequence[bytes]:
        """What waits for a node."""
        ...

    def version(self) -> int:
        """Changes whenever something new may wait."""
        ...

    def file(self, sha256: str) -> Path | None:
        """A file that some node is to hold."""
        ...

    def segment(self, node: str, live: str, number: int) -> bytes | None:
        """A signed segment of a live broadcast for a node, the newest for number 0; None as long as it is not there.

        :raises LinkError: `link.gone` for a broadcast that is over or not the node's, or a segment that is too old.
        """
        ...

    def live_version(self) -> int:
        """Changes whenever a live broadcast has a new segment, or one begins or ends."""
        ...

    def take(self, text: bytes) -> bytes:
        """The signed answer to a signed text of a node."""
        ...


class Registry(Protocol):
    """What the station knows of its nodes, on disk."""

    def members(self) -> Sequence[Member]:
        """The nodes that joined, by name, revoked ones too."""
        ...

    def keep_member(self, member: Member) -> None:
        """Put a node in the place of the one of that name."""
        ...

    def invitation(self, node: str) -> Invitation | None:
        """The last code that was given out for a node."""
        ...

    def keep_invitation(self, invitation: Invitation) -> None:
        """Put a code in the place of the node's last one."""
        ...

    def next_number(self, what: str, now: datetime) -> int:
        """A number higher than every one before, also of other processes; about the milliseconds since 1970."""
        ...

    def keep_file(self, source: Path | bytes) -> tuple[Sha256, int]:
        """Keep a file to be fetched; its hash and length."""
        ...

    def file(self, sha256: str) -> Path | None:
        """A kept file."""
        ...

    def forget_files(self, wanted: Collection[Sha256]) -> None:
        """Let go of the kept files that nobody wants any more."""
        ...

    def pieces(self) -> Mapping[str, Sequence[Sha256]]:
        """The files of each node's last manifest."""
        ...

    def keep_pieces(self, node: str, pieces: Sequence[Sha256]) -> None:
        """Remember the files of a node's last manifest."""
        ...

    def add_events(self, node: str, events: Sequence[Mapping[str, Any]]) -> int:
        """Append a node's events, each number once; the last number that is kept now."""
        ...

    def events(self, node: str) -> Sequence[Mapping[str, Any]]:
        """A node's events, in their order."""
        ...

    def keep_refused(self, node: str, events: Sequence[Mapping[str, Any]]) -> None:
        """Put what was refused of a node's rows last in the place of what was."""
        ...

    def refused(self, node: str) -> Sequence[Mapping[str, Any]]:
        """What was refused of a node's rows last."""
        ...

    def issued(self, node: str) -> datetime | None:
        """When a node's last manifest was numbered."""
        ...

    def saw(self, node: str, now: datetime) -> None:
        """A node was heard of; kept to the minute."""
        ...

    def last_seen(self, node: str) -> datetime | None:
        """When a node was last heard of."""
        ...

    def lives(self) -> Sequence[LiveOrder]:
        """Every live broadcast as it was ordered last, the oldest first."""
        ...

    def keep_live(self, order: LiveOrder) -> None:
        """Put a live broadcast in the place of what was known of it."""
        ...

    def live_folder(self, live: str) -> Path:
        """Where the sound of a live broadcast is: `spool.pcm`, and its signed segments by their numbers."""
        ...

    def tones(self) -> Sequence[ToneOrder]:
        """Every test tone that was ordered, the oldest first."""
        ...

    def keep_tone(self, order: ToneOrder) -> None:
        """Keep the order of a test tone."""
        ...

    def tone_answers(self) -> Sequence[Mapping[str, Any]]:
        """What the office's own player told of tones, the oldest first; `node` names the cluster."""
        ...

    def add_tone_answer(self, node: str, event: Mapping[str, Any]) -> None:
        """Keep what the office's own player told of a tone."""
        ...

    def note(self, deed: Deed) -> None:
        """Keep who did what with a node."""
        ...

    def deeds(self) -> Sequence[Deed]:
        """What was done with nodes, the oldest first."""
        ...

    def emergencies(self) -> Sequence[EmergencyRecord]:
        """Every order, the oldest first."""
        ...

    def keep_emergency(self, record: EmergencyRecord) -> None:
        """Put what is known of an order in the place of what was."""
        ...


class Cache(Protocol):
    """A node's folder; see `adapters.link.cache`."""

    def seen(self, what: str) -> int:
        """The number of the last manifest, order (`urgent`) or event; 0 at first."""
        ...

    def see(self, what: str, number: int) -> None:
        """Keep a number, on disk before this returns."""
        ...

    def manifest(self) -> bytes | None:
        """The signed manifest that was taken last."""
        ...

    def keep_manifest(self, text: bytes) -> None:
        """Put a manifest in the place of the last one."""
        ...

    def holds(self, piece: Piece) -> bool:
        """Whether a file is there as the manifest has it."""
        ...

    def path(self, piece: Piece) -> Path:
        """Where a file is, or would be."""
        ...

    def sound(self, piece: Piece) -> Path | None:
        """A sound, once it was read through and found right."""
        ...

    def begun(self, piece: Piece) -> int:
        """How many bytes of a file are there from a try before."""
        ...

    def take(self, piece: Piece, start: int, blocks: Iterable[bytes]) -> Refused | None:
        """Write what comes of a file from `start` on; at its place only once length and hash are right."""
        ...

    def tidy(self, manifest: Manifest, now: datetime) -> None:
        """Take away what no manifest names any more."""
        ...

    def keep_order(self, order: EmergencyOrder, text: bytes) -> None:
        """Keep a verified order for the player."""
        ...

    def retract(self, order: str, text: bytes) -> None:
        """Keep a verified retraction for the player."""
        ...

    def orders(self) -> Sequence[bytes]:
        """The signed orders that were not retracted, the oldest first."""
        ...

    def keep_live(self, order: LiveOrder, text: bytes) -> None:
        """Keep a verified live broadcast for the player, in the place of the last text about it."""
        ...

    def lives(self) -> Sequence[bytes]:
        """The signed live broadcasts, the oldest first."""
        ...

    def spool(self, live: str) -> Path:
        """Where the sound of a live broadcast grows."""
        ...

    def forget_live(self, live: str) -> None:
        """Take away a broadcast that is over, and its sound."""
        ...

    def keep_tone(self, text: bytes) -> None:
        """Keep a verified order for a test tone, in the place of the last one."""
        ...

    def tone(self) -> bytes | None:
        """The signed order for a test tone that came last."""
        ...

    def put_rows(self, rows: Sequence[AsRun]) -> None:
        """Sealed rows that wait for the station, on disk before this returns."""
        ...

    def rows(self, most: int) -> Sequence[AsRun]:
        """The first rows that wait, in their order."""
        ...

    def settle_rows(self, expected: int) -> None:
        """Forget the rows before the one that the station expects next."""
        ...

    def put_event(self, finding: Finding, at: datetime) -> int:
        """An event that waits for the station; its number."""
        ...

    def events(self, most: int) -> Sequence[Mapping[str, Any]]:
        """The first events that wait."""
        ...

    def settle_events(self, last: int) -> None:
        """Forget the events up to a number."""
        ...


class Outbox(Protocol):
    """Messages for other programs, on disk until they are taken, and how it goes with each receiver."""

    def marks(self) -> Marks:
        """How far what happened has been laid out; the beginning where that is not known."""
        ...

    def keep_marks(self, marks: Marks) -> None:
        """Put the marks in the place of those that were. What they stand for is in the outbox by then.

        :raises StoreError: `file.disk`.
        """
        ...

    def put(self, message: Message) -> None:
        """Keep a message, in the place of the one of its receiver and id.

        :raises StoreError: `file.disk`.
        """
        ...

    def waiting(self, hook: str) -> Sequence[Message]:
        """What one receiver has not taken yet, the oldest first."""
        ...

    def drop(self, message: Message) -> None:
        """Forget a message: it was taken, or given up."""
        ...

    def standing(self, hook: str) -> Standing:
        """How it goes with a receiver."""
        ...

    def keep_standing(self, hook: str, standing: Standing) -> None:
        """Put it in the place of what was.

        :raises StoreError: `file.disk`.
        """
        ...


class Postman(Protocol):
    """Brings messages to programs, one try at a time."""

    def post(self, hook: Webhook, message_id: str, body: bytes) -> Answer:
        """Send a signed message; redirects are not followed, and an answer is not waited for beyond seconds.

        :raises ConfigError: `webhook.secret` if the receiver has no secret, or one that cannot be read.
        """
        ...
