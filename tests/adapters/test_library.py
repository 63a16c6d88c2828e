"""The folder of takes and masters: what cannot be read back whole counts as absent."""

from pathlib import Path

import pytest

from broadcaster.adapters.audio.codec import SoundfileCodec
from broadcaster.adapters.library import FolderLibrary
from broadcaster.domain.chime import CHIME, tune
from broadcaster.domain.master import MASTER_RATE
from broadcaster.domain.outline import Mark, Outline, Part
from broadcaster.units import Milliseconds, digest, digest_bytes

KEY = digest("take")
SOUND = tune(CHIME, MASTER_RATE)


@pytest.fixture
def library(tmp_path: Path) -> FolderLibrary:
    return FolderLibrary(tmp_path, SoundfileCodec())


def the_file(folder: Path) -> Path:
    (path,) = (path for path in folder.rglob("*") if path.is_file())
    return path


def test_what_was_never_kept_is_absent(library: FolderLibrary) -> None:
    assert library.take(KEY) is None
    assert library.path("tin.flac") is None
    assert library.sound_hash("tin.flac") is None
    assert library.path("") is None


def test_a_take_comes_back_as_it_was(library: FolderLibrary) -> None:
    library.keep_take(KEY, SOUND)
    library.keep_take(KEY, SOUND)
    assert library.take(KEY) == SOUND
    assert library.take(digest("khác")) is None


def test_a_master_comes_back_as_it_was(library: FolderLibrary) -> None:
    file = library.keep_master("tin_1", digest("master"), SOUND, {"title": "Tin", "comment": "synthetic-speech=1"})
    assert file.startswith("tin_1.")
    assert library.sound_hash(file) == digest_bytes(SOUND.samples)
    path = library.path(file)
    assert path is not None
    assert path.is_file()
    assert library.keep_master("tin_1", digest("khác"), SOUND, {}) != file


@pytest.mark.parametrize("damage", ["empty", "half", "noise", "gone"])
def test_a_damaged_take_is_absent_and_can_be_made_again(library: FolderLibrary, tmp_path: Path, damage: str) -> None:
    library.keep_take(KEY, SOUND)
    path = the_file(tmp_path)
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes({"empty": b"", "half": data[: len(data) // 2], "noise": bytes(500)}[damage])
    assert library.take(KEY) is None
    library.keep_take(KEY, SOUND)
    assert library.take(KEY) == SOUND


@pytest.mark.parametrize("damage", ["empty", "half", "noise"])
def test_a_damaged_master_is_absent(library: FolderLibrary, tmp_path: Path, damage: str) -> None:
    file = library.keep_master("tin_1", digest("master"), SOUND, {})
    path = the_file(tmp_path)
    data = path.read_bytes()
    path.write_bytes({"empty": b"", "half": data[: len(data) // 2], "noise": bytes(500)}[damage])
    assert library.sound_hash(file) is None


def test_nothing_is_left_beside_the_files(library: FolderLibrary, tmp_path: Path) -> None:
    library.keep_take(KEY, SOUND)
    library.keep_master("tin_1", digest("master"), SOUND, {})
    assert sorted(path.suffix for path in tmp_path.rglob("*") if path.is_file()) == [".flac", ".wav"]


def test_how_a_master_looks_comes_back_as_it_was(library: FolderLibrary) -> None:
    outline = Outline(Milliseconds(900), (0, 50, 100), (Mark(Milliseconds(400), Part.SENTENCE, 1),))
    assert library.outline("tin_1.abc.flac") is None
    library.keep_outline("tin_1.abc.flac", outline)
    assert library.outline("tin_1.abc.flac") == outline


@pytest.mark.parametrize(
    "damage", ["", "{", '{"peaks": [1]}', '{"length": 1, "marks": [[1]], "peaks": []}', "[]", "\0"]
)
def test_a_damaged_note_of_how_a_master_looks_counts_as_none(
    library: FolderLibrary, tmp_path: Path, damage: str
) -> None:
    library.keep_outline("tin_1.abc.flac", Outline(Milliseconds(1), ()))
    the_file(tmp_path).write_text(damage, encoding="utf-8")
    assert library.outline("tin_1.abc.flac") is None


def test_a_disk_without_room_for_the_outline_costs_nothing_else(library: FolderLibrary, tmp_path: Path) -> None:
    (tmp_path / "hinh_song").write_text("a file where the folder should be", encoding="utf-8")
    library.keep_outline("tin_1.abc.flac", Outline(Milliseconds(1), ()))
    assert library.outline("tin_1.abc.flac") is None
