"""Every golden line: what is written, what is said. The files are for people to read and to add to."""

import unicodedata
from pathlib import Path

import pytest

from broadcaster.domain.reading import Profile, read, read_line

GOLDENS = Path(__file__).parent / "goldens"


def words_of(text: str) -> list[str]:
    """What is heard, without marks and case."""
    kept = "".join(char if char.isalnum() else " " for char in unicodedata.normalize("NFC", text).lower())
    return kept.split()


def lines_of(path: Path) -> list[tuple[str, str]]:
    """The pairs of a file; a line that begins with `#~` is a comment, one that begins with `~` is read like any."""
    rows = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and line[:2] != "#~"]
    pairs = [line.rsplit("~", 1) for line in rows]
    return [(written, spoken) for written, spoken in pairs]


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDENS.glob("*.txt")))
def test_goldens(name: str) -> None:
    profile = Profile.south() if name == "profile_south" else Profile(codes="short") if name == "codes_short" else None
    wrong = []
    for written, spoken in lines_of(GOLDENS / f"{name}.txt"):
        said = read_line(written, profile=profile)
        if words_of(said) != words_of(spoken):
            wrong.append(f"{written}\n  want {spoken.strip()}\n  got  {said}")
    assert not wrong, f"{len(wrong)} wrong\n" + "\n".join(wrong)


def test_there_are_enough_goldens() -> None:
    assert sum(len(lines_of(path)) for path in GOLDENS.glob("*.txt")) >= 1500


def test_line_and_bulletin_say_the_same() -> None:
    for path in sorted(GOLDENS.glob("*.txt")):
        if path.stem in {"profile_south", "codes_short"}:
            continue
        for written, _ in lines_of(path):
            assert words_of(read(written).spoken) == words_of(read_line(written)), written
