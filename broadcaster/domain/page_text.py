"""Paragraphs out of the lines of printed pages: what belongs together is joined, page numbers are left out."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

SHORT = 0.75
"""A line that is shorter than this part of the page's longest one has ended before the margin."""
_NUMBER = re.compile(r"\W*(?:trang\s*)?(\d{1,4})(?:\s*/\s*\d{1,4})?\W*", re.IGNORECASE)
_LOOSE = re.compile(r"\s+(?=[\u0300-\u0323])")
_BULLET = re.compile(r"^[•▪◦●\uf0a7\uf0b7]\s*")
_DASH = re.compile(r"^[-–+*]\s")
_LISTED = re.compile(r"^(?:\(?(?:\d{1,2}|[a-zđ])[.)]\s|(?:Điều|Chương|Mục|Phần)\s+(?:\d|[IVX]))", re.IGNORECASE)
_ENDS = (".", "!", "?", ":", ";", "…", "”", "/.")


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line: its page from 0, where it begins and how tall its letters are, in points; y grows upwards."""

    page: int
    x: float
    y: float
    size: float
    text: str


def text_of_lines(lines: Iterable[Line]) -> str:
    """The text: NFC, a paragraph a line with an empty line between, page numbers left out.

    Two lines of a paragraph are joined by a blank: Vietnamese breaks no word over two lines. Where it cannot be told
    whether two lines belong together they stay apart: two words are never glued.
    """
    clean = [replace(one, text=_clean(one.text)) for one in lines]
    body = _without_page_numbers([one for one in clean if one.text])
    longest = Counter[int]()
    pitches = _pitches(body)
    for one in body:
        longest[one.page] = max(longest[one.page], len(one.text))
    paragraphs: list[list[Line]] = []
    for one in body:
        if paragraphs and _goes_on(paragraphs[-1], one, longest[one.page], pitches):
            paragraphs[-1].append(one)
        else:
            paragraphs.append([one])
    return "\n\n".join(_BULLET.sub("- ", " ".join(one.text for one in part)) for part in paragraphs)


def _clean(text: str) -> str:
    """A line in NFC with single blanks; a blank before an accent that is drawn by itself is none."""
    return " ".join(unicodedata.normalize("NFC", _LOOSE.sub("", text)).split())


def _without_page_numbers(lines: Sequence[Line]) -> list[Line]:
    """The lines without those that number the pages: a number alone at the top or at the bottom that counts them."""
    by_page: dict[int, list[Line]] = {}
    for one in lines:
        by_page.setdefault(one.page, []).append(one)
    dropped: set[Line] = set()
    for place in (max, min):
        edges = {page: place(found, key=lambda one: one.y) for page, found in by_page.items()}
        offsets = {page: int(found[1]) - page for page, one in edges.items() if (found := _NUMBER.fullmatch(one.text))}
        runs = Counter(offsets.values())
        dropped |= {edges[page] for page, offset in offsets.items() if offset == 1 or runs[offset] > 1}
    return [one for one in lines if one not in dropped]


def _pitches(lines: Sequence[Line]) -> dict[int, float]:
    """From line to line, by the size of letters in whole points: the closest that occurs more than once."""
    gaps: dict[int, Counter[float]] = {}
    for before, after in pairwise(lines):
        gap = round(before.y - after.y, 1)
        if before.page == after.page and 0.8 * after.size < gap < 1.8 * after.size:
            gaps.setdefault(round(after.size), Counter())[gap] += 1
    return {
        size: min(gap for gap, count in found.items() if count > 1 or max(found.values()) == 1)
        for size, found in gaps.items()
    }


def _goes_on(paragraph: Sequence[Line], after: Line, longest: int, pitches: dict[int, float]) -> bool:
    """Whether a line belongs to the paragraph before it."""
    before = paragraph[-1]
    if _BULLET.match(after.text) or _DASH.match(after.text) or abs(before.size - after.size) > 0.15 * after.size:
        return False
    ended = before.text.endswith(_ENDS)
    if before.page != after.page:
        return not ended and after.text[:1].islower()
    gap = before.y - after.y
    if not 0.5 * after.size < gap <= 1.07 * pitches.get(round(after.size), 0.0):
        return False
    if after.x > min(one.x for one in paragraph) + after.size or (before.text.isupper() and not after.text.isupper()):
        return False
    short = len(before.text) < SHORT * longest
    return not ((ended and short) or (_LISTED.match(after.text) and (ended or short)))
