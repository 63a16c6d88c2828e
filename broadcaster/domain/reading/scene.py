"""What a recogniser sees: the text, what was said before, what comes next; and what it offers: a candidate."""

from collections.abc import Callable
from typing import NamedTuple

from broadcaster.domain.reading.lexicon import Lexicon
from broadcaster.domain.reading.model import SpanKind
from broadcaster.domain.reading.numbers import Numbers, numbers_for
from broadcaster.domain.reading.patterns import Pattern
from broadcaster.domain.reading.profile import Profile
from broadcaster.domain.reading.syllables import MOVED_ENDS, old_style

_NEXT_WORD = Pattern(r"\s{0,3}([^\W\d_]+)")
_MEMORY = 12

GAP = "[ \u00a0\u202f]{0,3}"
"""The space inside one written thing: none, one, or what a careless thumb leaves."""
LETTERS = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017f\u01a0\u01a1\u01af\u01b0\u1e00-\u1eff"
"""Letters proper, as the inside of a character class. What Python calls a word character also holds figures in
disguise; of Latin Extended-B only the Vietnamese ones are here: others have their small form elsewhere."""
LETTER = f"[{LETTERS}]"
HIDDEN = "[\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff]"
"""Marks and invisible characters that may stand inside a word."""
DASH = "[-–—‑−]"
"""Every character that is typed for a dash."""


class Candidate(NamedTuple):
    """One way to read the text from the current position to `end`; the heaviest wins, then the longest."""

    weight: int
    end: int
    kind: SpanKind
    say: Callable[[], str]
    rule: str
    confidence: float = 1.0
    note: str = ""
    """A finding's code when a person should look, else empty."""


Recogniser = Callable[["Scene", int], "Candidate | None"]


class Scene:
    """The state of one pass over one text.

    `trail`: the last words and marks; `said`: the last rewriting; `document`: the type of the last document number;
    `defined`: acronyms that the writer has put in brackets behind their own words.
    """

    __slots__ = ("defined", "document", "lexicon", "numbers", "profile", "said", "text", "trail")

    def __init__(self, text: str, lexicon: Lexicon, profile: Profile) -> None:
        self.text = text
        self.lexicon = lexicon
        self.profile = profile
        self.numbers: Numbers = numbers_for(profile)
        self.trail: list[str] = []
        self.said = ""
        self.document = ""
        self.defined: dict[str, str] = {}

    def back(self, steps: int = 1) -> str:
        """The word or mark that many steps to the left, in lower case; empty at the start of the text."""
        return self.trail[-steps] if len(self.trail) >= steps else ""

    def after(self, *phrases: str) -> bool:
        """True when the words just before are one of the phrases."""
        words = " ".join(self.trail[-4:])
        return any(words == phrase or words.endswith(" " + phrase) for phrase in phrases)

    def near_any(self, words: frozenset[str], prefix: str, reach: int) -> bool:
        """True when one of the words, or a recognised thing whose rule begins so, stands close before."""
        return any(word in words or word.startswith(prefix) for word in self.trail[-reach:])

    def near(self, words: frozenset[str], reach: int = _MEMORY) -> bool:
        """True when one of the words stands among the last `reach` words of this sentence."""
        for word in reversed(self.trail[-reach:]):
            if word in (".", "?", "!", "¶"):
                return False
            if word in words:
                return True
        return False

    def words_back(self, count: int) -> list[str]:
        """The last words in lower case, at most `count`, back to the last thing that is not a plain word or a comma."""
        found: list[str] = []
        for word in reversed(self.trail):
            bare = word.rstrip(",")
            if bare and not bare[0].isalpha():
                break
            if bare:
                found.append(bare)
            if len(found) == count:
                break
        return found[::-1]

    def next_word(self, position: int) -> str:
        """The word that follows, as written; empty when something else follows."""
        match = _NEXT_WORD.match(self.text, position)
        return match[1] if match else ""

    def remember(self, word: str) -> None:
        """Add a word or mark to the trail."""
        self.trail.append(old_style(word) if word[-1:] in MOVED_ENDS else word)
        if len(self.trail) > 64:
            del self.trail[:-_MEMORY]
