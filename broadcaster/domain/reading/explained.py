"""An acronym that the writer has put in brackets behind its own words."""

from broadcaster.domain.reading.codes import issuer_name
from broadcaster.domain.reading.model import SpanKind
from broadcaster.domain.reading.patterns import Pattern, cues
from broadcaster.domain.reading.scene import Candidate, Scene
from broadcaster.domain.reading.syllables import old_style, without_marks

_EXPLAINED = Pattern(r"\(\s?[\"“”]?([A-ZĐÂÊÔƠƯ][A-Za-zĐđÂÊÔƠƯ&\-]{1,14})[\"“”]?\s?\)")
_JOINING = cues("và của về các cho trên với")


def explained(scene: Scene, start: int) -> Candidate | None:
    """An acronym in brackets right behind its own words, "dịch tả lợn Châu Phi (DTLCP)": not read, and remembered."""
    match = _EXPLAINED.match(scene.text, start)
    if not match:
        return None
    written = match[1]
    words = _initialled(scene, written)
    if not words:
        entries = scene.lexicon.exact(written)
        issuer = issuer_name(written)
        told = [entry.said for entry in entries] + ([issuer] if issuer else [])
        if not any(_just_said(scene, said) for said in told):
            return None

    def say() -> str:
        if words:
            scene.defined[written] = words
        return ""

    return Candidate(91, match.end(), SpanKind.ACRONYM, say, "acronym.explained", 1.0, "reading.said_once")


def _just_said(scene: Scene, said: str) -> bool:
    words = said.lower().replace(",", " ").split()
    return scene.words_back(len(words)) == [old_style(word) for word in words]


def _initialled(scene: Scene, written: str) -> str:
    """The words just said whose first letters are the acronym's; small joining words may be passed over."""
    letters = [char for char in written if char.isalpha()]
    if len(letters) < 3:  # two letters fit too easily
        return ""
    words = scene.words_back(2 * len(letters))
    index = len(words)
    for char in reversed(letters):
        index -= 1
        while index >= 0 and not _begins(words[index], char) and words[index] in _JOINING:
            index -= 1
        if index < 0 or not _begins(words[index], char):
            return ""
    return " ".join(words[index:])


def _begins(word: str, capital: str) -> bool:
    small = capital.lower()
    return (word[0] == small) if "đ" in (word[0], small) else without_marks(word[0]) == without_marks(small)
