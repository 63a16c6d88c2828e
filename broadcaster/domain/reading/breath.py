"""From pieces to what a voice speaks in one breath: sentences, pauses, roles."""

import re
from collections.abc import Sequence

from broadcaster.domain.reading.engine import Piece, join_spoken
from broadcaster.domain.reading.model import Role, SpanKind, SpokenSentence
from broadcaster.domain.reading.patterns import Pattern, cues
from broadcaster.units import Milliseconds

LONGEST = 200
"""Characters in one breath where the text offers a place to split."""
SHORTEST = 40
"""Characters below which a chunk is not worth a breath of its own."""
_JOINING = cues("và hoặc để về với tại cho từ nhằm do nên mà khi nếu trong theo bằng như đối trên của")
_MARKS = ",;:.!?…"
_FIGURES = cues(
    "không một mốt hai ba bốn tư năm lăm sáu bảy bẩy tám chín mười mươi trăm nghìn ngàn triệu tỷ tỉ linh lẻ phẩy"
)
PAUSES: dict[str, int] = {
    ",": 180, ";": 350, ":": 350, ".": 500, "…": 500, "!": 550, "?": 600, "¶": 800, "heading": 900, "item": 450,
}  # fmt: skip
_QUESTION = Pattern(r"\W{0,4}(?:câu\s)?hỏi(?:\s\d+)?\s?:", re.IGNORECASE)
_ANSWER = Pattern(r"\W{0,4}(?:đáp|trả lời|đáp án)\s?:", re.IGNORECASE)


def sentences_of(text: str, pieces: Sequence[Piece]) -> tuple[SpokenSentence, ...]:
    """The spoken sentences of a text, paragraph by paragraph."""
    out: list[SpokenSentence] = []
    paragraph: list[Piece] = []
    for piece in pieces:
        if piece.rule == "¶" and piece.kind is SpanKind.PUNCTUATION:
            _paragraph(text, paragraph, out)
            paragraph = []
        else:
            paragraph.append(piece)
    _paragraph(text, paragraph, out)
    return tuple(out)


def _paragraph(text: str, pieces: list[Piece], out: list[SpokenSentence]) -> None:
    if not pieces:
        return
    role = _role(text, pieces)
    first = len(out)
    group: list[Piece] = []
    for piece in pieces:
        group.append(piece)
        if _closes(piece):
            _sentence(group, piece.rule if piece.spoken != "?" else "?", role, out)
            group = []
    _sentence(group, "¶", role, out)
    if len(out) > first:
        last = out[-1]
        pause = PAUSES["heading" if role is Role.HEADING else "item" if role is Role.ITEM else "¶"]
        out[-1] = SpokenSentence(last.text, Milliseconds(pause), last.role, last.start, last.end)


def _closes(piece: Piece) -> bool:
    return piece.kind is SpanKind.PUNCTUATION and (piece.spoken in (".", "?", "!") or piece.rule == ";")


def _role(text: str, pieces: list[Piece]) -> Role:
    start, end = pieces[0].start, pieces[-1].end
    opening = text[start : start + 24]
    if _QUESTION.match(opening):
        return Role.QUESTION
    if _ANSWER.match(opening):
        return Role.ANSWER
    written = text[start:end].strip()
    short = len(written) <= 160 and written[-1:] not in tuple(".;,!?…:/")
    letters = [char for char in written if char.isalpha()]
    if letters and len(written) <= 300 and all(char.isupper() for char in letters):
        return Role.HEADING
    bullet = next((piece for piece in pieces if piece.spoken.strip() or piece.kind is SpanKind.BULLET), None)
    if bullet and bullet.kind is SpanKind.BULLET:
        return Role.HEADING if short and bullet.spoken and bullet.rule != "bullet.letter" else Role.ITEM
    return Role.HEADING if short and letters and letters[0].isupper() and len(written) <= 120 else Role.BODY


def _sentence(group: list[Piece], mark: str, role: Role, out: list[SpokenSentence]) -> None:
    spoken = join_spoken(piece.spoken for piece in group)
    if not any(char.isalnum() for char in spoken):
        return
    start, end = group[0].start, group[-1].end
    pause = Milliseconds(PAUSES.get(mark, PAUSES["."]))
    if len(spoken) <= LONGEST:
        out.append(SpokenSentence(_closed(spoken), pause, role, start, end))
        return
    # Too long for one breath: between pieces, at marks where there are any, never inside a piece that was rewritten.
    atoms = _atoms(group)
    chunk: list[tuple[str, int, int]] = []
    size = 0
    breaks = frozenset(index for index, atom in enumerate(atoms) if atom[0].endswith(","))
    joints = frozenset(index - 1 for index, atom in enumerate(atoms) if index and atom[0].lower() in _JOINING)
    chosen = _cuts([len(atom[0]) + 1 for atom in atoms], breaks, joints)
    for index, atom in enumerate(atoms):
        chunk.append(atom)
        size += len(atom[0]) + 1
        if index in chosen or index == len(atoms) - 1:
            said = join_spoken(part[0] for part in chunk)
            last = index == len(atoms) - 1
            if said:
                first, final = chunk[0][1], end if last else chunk[-1][2]
                said = _closed(said) if last else said.rstrip(",.?!") + ","
                out.append(SpokenSentence(said, pause if last else Milliseconds(PAUSES[","]), role, first, final))
            chunk, size = [], 0


def _atoms(group: list[Piece]) -> list[tuple[str, int, int]]:
    """What may stand apart: single words of plain text, whole rewritten pieces; marks cling to what precedes."""
    atoms: list[tuple[str, int, int]] = []
    for piece in group:
        if piece.kind is SpanKind.PUNCTUATION and atoms:
            said, start, _ = atoms[-1]
            atoms[-1] = (said + piece.spoken, start, piece.end)
        elif piece.kind is SpanKind.TEXT:
            atoms += [
                (word[0], piece.start + word.start(), piece.start + word.end())
                for word in re.finditer(r"\S+", piece.spoken)
            ]
        elif piece.spoken:
            atoms.append((piece.spoken, piece.start, piece.end))
    return atoms


def parts_of(spoken: str, longest: int) -> list[str]:
    """A text in spoken form, for a voice that takes only so many characters at a time.

    It is cut where it would be breathed in: at marks, else before joining words, else in even parts; in the middle of a
    figure only when that is longer than a part.

    Raises:
        ValueError: for a single word that is longer.
    """
    words: list[str] = []
    figure: list[str] = []
    for word in [*spoken.split(), ""]:
        if len(word) > longest:
            raise ValueError(word)
        if word.rstrip(_MARKS).lower() in _FIGURES and (not figure or figure[-1][-1].isalnum()):
            figure.append(word)
            continue
        words += [" ".join(figure)] if len(" ".join(figure)) <= longest else figure
        figure = [word] if word.rstrip(_MARKS).lower() in _FIGURES else []
        words += [] if figure else [word]
    words = [word for word in words if word]
    sizes = [len(word) + 1 for word in words]
    breaks = frozenset(n for n, word in enumerate(words) if not word[-1].isalnum())
    joints = frozenset(n - 1 for n, word in enumerate(words) if n and word.lower() in _JOINING)
    cuts = _cuts(sizes, breaks, joints, longest + 1)
    ends = [*(n + 1 for n in sorted(cuts)), len(words)]
    parts = [" ".join(words[first:end]) for first, end in zip([0, *ends], ends, strict=False)]
    return [part for part in parts if any(character.isalnum() for character in part)]


def _cuts(sizes: list[int], breaks: frozenset[int], joints: frozenset[int], longest: int = LONGEST) -> frozenset[int]:
    """After which atoms to breathe: at the last mark that fits, else before a joining word, else in even parts."""
    cuts: set[int] = set()
    start, total = 0, sum(sizes)
    while total > longest and start < len(sizes) - 1:
        even = total / -(-total // longest)
        filled = 0
        best, score = start, -1.0
        for index in range(start, len(sizes) - 1):
            filled += sizes[index]
            if filled > longest:
                break
            # A mark is worth going far from the even part for; a chunk of a word or two is worth nothing.
            worth = 300.0 if index in breaks and filled >= SHORTEST else 120.0 if index in joints else 0.0
            fit = worth + (filled if index in breaks else -abs(filled - even))
            if fit > score or best == start:
                best, score = index, fit
        cuts.add(best)
        total -= sum(sizes[start : best + 1])
        start = best + 1
    return frozenset(cuts)


def _closed(spoken: str) -> str:
    """A chunk's last mark: what it has, else a full stop."""
    return spoken if spoken[-1] in ",.?!" else spoken + "."
