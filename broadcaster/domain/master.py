"""The master: the finished sound file of a bulletin, and the recipe by which it can be made again."""

from dataclasses import dataclass, field

from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.finish import BED_BELOW, VoiceChain
from broadcaster.domain.reading import Reading, Role
from broadcaster.domain.take import SpeechRequest, Tape, take_key
from broadcaster.units import Dbtp, Lufs, Milliseconds, Sha256, digest, plain

MASTER_RATE = 24_000
"""Sample rate of masters in Hz: horn loudspeakers end at about 6 kHz, and neural voices speak at 24 kHz."""

CHIME_PAUSE = Milliseconds(400)
TITLE_PAUSE = Milliseconds(700)
SECOND_READING_PAUSE = Milliseconds(1500)
NOTICE_PAUSE = Milliseconds(600)
TAIL = Milliseconds(500)
"""Silence after the last syllable, so that no amplifier cuts it off."""

DEFAULT_TARGET = Lufs(-16.0)
DEFAULT_CEILING = Dbtp(-1.5)

SYNTHETIC_MARK = "synthetic-speech=1"
"""Machine-readable mark of synthetic speech in the file's comment (NĐ 142/2026/NĐ-CP, article 17)."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """What a master is brought to: the mono file as it is, no dual-mono correction."""

    target: Lufs = DEFAULT_TARGET
    ceiling: Dbtp = DEFAULT_CEILING


@dataclass(frozen=True, slots=True)
class Measured:
    """What a meter reads of a tape, mono as it is: loudness in LUFS, range in LU.

    `momentary` and `short_term` are the highest of 400 ms and of 3 s; -70.0 where the tape is shorter.
    """

    loudness: Lufs
    true_peak: Dbtp
    momentary: Lufs
    short_term: Lufs
    range_lu: float


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to be said and the silence after it."""

    spoken: str
    voice: str
    pause_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class Bed:
    """Music to lie under a voice: its sound at the master's rate, the hash of its samples."""

    tape: Tape
    hash: Sha256


@dataclass(frozen=True, slots=True)
class Dressing:
    """What is done to the joined sound before it is levelled. `version` is that of the effects, empty for none."""

    chain: VoiceChain = VoiceChain.OFF
    version: str = ""
    bed: Sha256 | None = None
    bed_below: float = BED_BELOW


PLAIN = Dressing()


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides the samples of a master. `engine_version` pins engine and data."""

    bulletin: str
    text_hash: Sha256
    reading_hash: Sha256
    engine: str
    engine_version: str
    speed: float
    intro: tuple[Line, ...]
    body: tuple[Line, ...]
    outro: tuple[Line, ...]
    read_twice: bool
    loudness: Loudness = Loudness()
    rate: int = MASTER_RATE
    chime: str = "chime-1"
    dressing: Dressing = PLAIN

    @property
    def hash(self) -> Sha256:
        """The name under which a finished master is found again.

        A plain recipe has the hash that it had before there was any dressing: its master is still approved.
        """
        facts = plain(self)
        if self.dressing == PLAIN:
            del facts["dressing"]
        return digest("recipe", facts)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Everything that is said, in order, the second reading included."""
        body = (*self.body, *self.body) if self.read_twice else self.body
        return (*self.intro, *body, *self.outro)

    def take_key(self, line: Line) -> Sha256:
        """The name under which a line's take is kept."""
        return take_key(self.engine, self.engine_version, self._request(line))

    def _request(self, line: Line) -> SpeechRequest:
        return SpeechRequest(line.spoken, line.voice, self.speed)

    @property
    def requests(self) -> dict[Sha256, SpeechRequest]:
        """What the engine is to say, by the key of its take, in order; what is said twice is there once."""
        return {self.take_key(line): self._request(line) for line in self.lines}


@dataclass(frozen=True, slots=True)
class Master:
    """A finished master. `hash` covers decoded samples and recipe; `content_ms` is one reading of the text."""

    hash: Sha256
    recipe_hash: Sha256
    bulletin: str
    text_hash: Sha256
    reading_hash: Sha256
    engine: str
    voices: tuple[str, ...]
    duration_ms: Milliseconds
    content_ms: Milliseconds
    loudness: Lufs
    true_peak: Dbtp
    file: str
    synthetic: bool = True
    tags: dict[str, str] = field(default_factory=dict)


def master_hash(sound_hash: Sha256, recipe_hash: Sha256) -> Sha256:
    """The hash that approval, rundown and ledger carry."""
    return digest("master", sound_hash, recipe_hash)


def is_sound_of(master: Master, sound_hash: Sha256 | None) -> bool:
    """Whether samples of this hash are the very ones that the master was made of; False when there are none."""
    return sound_hash is not None and master_hash(sound_hash, master.recipe_hash) == master.hash


def file_comment(engine: str, voices: tuple[str, ...], text: Sha256, reading: Sha256, master: Sha256) -> str:
    """A file's comment for machines: that the speech is synthetic, by what, and the hashes of its way."""
    spoken = f"engine={engine}; voice={','.join(voices)}"
    return f"{SYNTHETIC_MARK}; {spoken}; text={text}; reading={reading}; master={master}"


def recipe_for(
    bulletin: Bulletin,
    reading: Reading,
    *,
    engine: str,
    engine_version: str,
    voices: dict[str, str],
    title: Reading,
    notice: Reading,
    speed: float = 1.0,
    loudness: Loudness | None = None,
    dressing: Dressing = PLAIN,
) -> Recipe:
    """The recipe of a bulletin's master.

    Args:
        bulletin: what is aired.
        reading: what the announcer says for its body.
        engine: the engine's short name.
        engine_version: see `SpeechEngine.version`.
        voices: voice names for `main`, `hoi` and `dap`.
        title: reading of the title, said after the chime.
        notice: reading of the notice of synthetic speech; nothing is said when it is empty.
        speed: the voice's pace.
        loudness: target and ceiling.
        dressing: voice chain and bed.
    """
    by_role = {Role.QUESTION: voices.get("hoi", voices["main"]), Role.ANSWER: voices.get("dap", voices["main"])}

    def lines(of: Reading, last_pause: Milliseconds) -> tuple[Line, ...]:
        said = [Line(s.text, by_role.get(s.role, voices["main"]), Milliseconds(s.pause_ms)) for s in of.sentences]
        if said:
            said[-1] = Line(said[-1].spoken, said[-1].voice, last_pause)
        return tuple(said)

    return Recipe(
        bulletin=bulletin.code,
        text_hash=bulletin.text_hash,
        reading_hash=reading.hash,
        engine=engine,
        engine_version=engine_version,
        speed=speed,
        intro=lines(title, TITLE_PAUSE),
        body=lines(reading, SECOND_READING_PAUSE if bulletin.read_twice else NOTICE_PAUSE),
        outro=lines(notice, TAIL),
        read_twice=bulletin.read_twice,
        loudness=loudness or Loudness(),
        dressing=dressing,
    )
