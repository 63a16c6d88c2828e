"""The master: the finished sound file of a bulletin, and the recipe by which it can be made again."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.finish import BED_BELOW, VoiceChain
from broadcaster.domain.reading import Reading, Role
from broadcaster.domain.take import RECORDING, SpeechRequest, Take, Tape, take_key
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

HUMAN_MARK = "synthetic-speech=0"
"""The same mark for a person's voice."""


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
    """All that decides the samples of a master. `engine_version` pins engine and data.

    `voice_versions` pins those voices that have a version of their own: a take depends on its own voice alone.
    """

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
    voice_versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def hash(self) -> Sha256:
        """The name under which a finished master is found again.

        What a recipe does not use leaves no trace, so that a master from before it could be used is still approved.
        """
        facts = plain(self)
        if self.dressing == PLAIN:
            del facts["dressing"]
        del facts["voice_versions"]
        facts["engine_version"] = "+".join([self.engine_version, *self.voice_versions.values()])
        return digest("recipe", facts)

    @property
    def synthetic(self) -> bool:
        """Whether a machine speaks."""
        return self.engine != RECORDING

    @property
    def lines(self) -> tuple[Line, ...]:
        """Everything that is said, in order, the second reading included."""
        body = (*self.body, *self.body) if self.read_twice else self.body
        return (*self.intro, *body, *self.outro)

    def request(self, line: Line) -> SpeechRequest:
        """What the engine is asked to say for a line."""
        return SpeechRequest(line.spoken, line.voice, self.speed)

    def take_key(self, line: Line) -> Sha256:
        """The key under which a line's take is kept."""
        own = self.voice_versions.get(line.voice)
        version = self.engine_version if own is None else f"{self.engine_version}+{own}"
        return take_key(self.engine, version, self.request(line))

    @property
    def requests(self) -> dict[Sha256, SpeechRequest]:
        """What the engine is to say, by the key of its take, in order; what is said twice is there once."""
        return {self.take_key(line): self.request(line) for line in self.lines}


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
    """A file's comment for machines: whether the speech is synthetic, by what, and the hashes of its way."""
    mark = HUMAN_MARK if engine == RECORDING else SYNTHETIC_MARK
    return f"{mark}; engine={engine}; voice={','.join(voices)}; text={text}; reading={reading}; master={master}"


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
    voice_versions: Mapping[str, str] | None = None,
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
        voice_versions: by name, of those voices that have a version of their own.
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
        voice_versions=voice_versions or {},
    )


def recipe_for_recording(
    bulletin: Bulletin, reading: Reading, take: Take, loudness: Loudness | None = None, dressing: Dressing = PLAIN
) -> Recipe:
    """The recipe of a bulletin's master from a person's take: nothing in it is synthetic, so no notice says so.

    The take is the whole bulletin as it was read, title and all; it is heard twice where the bulletin asks for that.
    """
    pause = SECOND_READING_PAUSE if bulletin.read_twice else TAIL
    return Recipe(
        bulletin=bulletin.code,
        text_hash=bulletin.text_hash,
        reading_hash=reading.hash,
        engine=RECORDING,
        engine_version=take.sound_hash,
        speed=1.0,
        intro=(),
        body=(Line(reading.spoken, take.voice, pause),),
        outro=(),
        read_twice=bulletin.read_twice,
        loudness=loudness or Loudness(),
        dressing=dressing,
    )
