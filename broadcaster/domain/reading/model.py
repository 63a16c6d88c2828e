"""The result of reading: spans that say why, sentences that a voice can speak, findings for a person."""

from dataclasses import dataclass
from enum import StrEnum

from broadcaster.domain.reading.syllables import old_style
from broadcaster.errors import Finding
from broadcaster.units import Milliseconds, Sha256, digest


class SpanKind(StrEnum):
    """What a stretch of the source is."""

    TEXT = "text"
    DATE = "date"
    TIME = "time"
    CODE = "code"
    LAW = "law"
    NUMBER = "number"
    FRACTION = "fraction"
    RANGE = "range"
    ORDINAL = "ordinal"
    ROMAN = "roman"
    MONEY = "money"
    PERCENT = "percent"
    UNIT = "unit"
    PHONE = "phone"
    WEB = "web"
    ADDRESS = "address"
    ROAD = "road"
    PLATE = "plate"
    IDENTITY = "identity"
    ACRONYM = "acronym"
    TITLE = "title"
    FOREIGN = "foreign"
    BULLET = "bullet"
    SYMBOL = "symbol"
    PUNCTUATION = "punctuation"
    UNKNOWN = "unknown"


class Role(StrEnum):
    """What a sentence is in its bulletin."""

    BODY = "body"
    HEADING = "heading"
    ITEM = "item"
    QUESTION = "question"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Span:
    """`source` is the text from `start` to `end` (offsets into `Reading.source`), `spoken` what is said for it.

    `rule` names the grammar rule or lexicon layer that chose; `confidence` is 0 to 1; `alternatives` are other
    readings that a person may prefer.
    """

    start: int
    end: int
    source: str
    kind: SpanKind
    spoken: str
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True)
class SpokenSentence:
    """One breath: letters, spaces and , . ? ! only. `pause_ms` of silence follow it."""

    text: str
    pause_ms: Milliseconds
    role: Role
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What the announcer says for a text. `source` is the text in Unicode form NFC; the spans tile it."""

    source: str
    spans: tuple[Span, ...]
    sentences: tuple[SpokenSentence, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def spoken(self) -> str:
        """The whole spoken text, one line a sentence."""
        return "\n".join(sentence.text for sentence in self.sentences)

    @property
    def hash(self) -> Sha256:
        """The hash of what is heard: words without regard to case and the place of a tone mark, pauses, speakers."""
        heard = [(_heard(sentence.text), sentence.pause_ms, sentence.role) for sentence in self.sentences]
        return digest("reading", heard)

    def duration_ms(self, syllables_per_second: float = 4.4) -> Milliseconds:
        """An estimate of the spoken length: syllables at the given pace, and the pauses."""
        syllables = sum(len(sentence.text.split()) for sentence in self.sentences)
        pauses = sum(sentence.pause_ms for sentence in self.sentences)
        return Milliseconds(round(syllables * 1000 / syllables_per_second) + pauses)


def _heard(text: str) -> str:
    marks = ",.?!"
    words = []
    for word in text.lower().split():
        bare = word.rstrip(marks)
        words.append(old_style(bare) + word[len(bare) :])
    return " ".join(words)
