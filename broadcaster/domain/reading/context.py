"""Which entry of the lexicon fits: the cues of its context against the words before and after."""

from broadcaster.domain.reading.lexicon import LexiconEntry
from broadcaster.domain.reading.patterns import Pattern
from broadcaster.domain.reading.scene import HIDDEN, LETTER, Scene

WORD = Pattern(rf"{LETTER}(?:{LETTER}|{HIDDEN}(?=[^\W_]|[\u0300-\u036f]))*")
_NEXT_TOKEN = Pattern(r"[\s\u00a0]{0,2}(?:(\d)|([^\W\d_]+))")
_NEXT_ITEM = Pattern(r"\s?(?:,|và|-|–|/|;)\s?([^\W\d_]+)")
_SENTENCE_END = Pattern(r"[.?!\n](?=\s)")
_NEAR_AHEAD = 60
"""Characters to the right in which a cue of the kind `~word` still counts."""
LIST_MARKS = (",", "và", "-", "đến", "hoặc", "–", ";")


def entry_for(scene: Scene, entries: tuple[LexiconEntry, ...], end: int) -> tuple[LexiconEntry, bool] | None:
    """The entry whose context fits, else the first one without a context; with True when a cue decided."""
    plain: LexiconEntry | None = None
    for entry in entries:
        if not entry.context:
            plain = plain or entry
        elif any(_fits(scene, cue, end) for cue in entry.context.split()):
            return entry, True
    return (plain, False) if plain else None


def _fits(scene: Scene, cue: str, end: int) -> bool:
    if cue == "^":
        return scene.back() in ("", ".", "?", "!", "¶")
    if cue[0] == "~":
        wanted = cue[1:].lower()
        return scene.near(frozenset((wanted,))) or wanted in _ahead(scene, end)
    if cue[0] == "<":
        return _fits_left(scene, cue[1:])
    return cue[0] == ">" and _fits_right(scene, cue, end)


def _fits_left(scene: Scene, wanted: str) -> bool:
    if wanted[:1] in (",", ":") and len(wanted) > 1:
        return _in_a_list(scene, wanted)
    return scene.back().startswith("\0number") if wanted == "#" else scene.back() == wanted.lower().rstrip(",")


def _fits_right(scene: Scene, cue: str, end: int) -> bool:
    if cue[1:2] == "," and len(cue) > 2:
        item = _NEXT_ITEM.match(scene.text, end)
        return item is not None and item[1].lower() == cue[2:].lower()
    match = _NEXT_TOKEN.match(scene.text, end)
    if not match:
        return scene.text[end : end + len(cue) - 1] == cue[1:]
    if cue == ">#":
        return bool(match[1])
    if cue == ">^":
        return bool(match[2]) and match[2][0].isupper() and not match[2].isupper()
    return bool(match[2]) and match[2].lower() == cue[1:].lower()


def _in_a_list(scene: Scene, cue: str) -> bool:
    """`,sở`: the item before in a list ends so. `:lưu`: the list is headed by that word and a colon."""
    wanted = cue[1:].lower()
    if cue[0] == ",":
        return scene.back() in LIST_MARKS and scene.back(2) == wanted
    for index in range(len(scene.trail) - 1, 0, -1):
        word = scene.trail[index]
        if word in (".", "?", "!", "¶", ";"):
            return False
        if word == ":":
            return scene.trail[index - 1] == wanted
    return False


def _ahead(scene: Scene, end: int) -> list[str]:
    """The words of the next stretch of this sentence, in lower case."""
    stretch = _SENTENCE_END.split(scene.text[end : end + _NEAR_AHEAD], maxsplit=1)[0]
    return [found[0].lower() for found in WORD.finditer(stretch)]
