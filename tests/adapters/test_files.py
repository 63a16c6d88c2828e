"""Files that appear whole or not at all."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from broadcaster.adapters.files import read_text, whole_file, write_text


def entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "tin.txt"
    write_text(path, "Xin chào\nbà con\n")
    assert path.read_bytes() == "Xin chào\nbà con\n".encode()
    assert entries(path.parent) == ["tin.txt"]


def test_others_may_read_it(tmp_path: Path) -> None:
    write_text(tmp_path / "tin.txt", "a")
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "tin.txt").stat().st_mode) == 0o644


class OutOfPower(BaseException):
    """Neither an Exception nor anything that a handler would expect."""


@pytest.mark.parametrize("failure", [ValueError, OSError, KeyboardInterrupt, SystemExit, OutOfPower])
def test_a_crash_in_the_middle_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, failure: type[BaseException]
) -> None:
    path = tmp_path / "tin.txt"
    write_text(path, "cũ")

    def crash() -> None:
        with whole_file(path) as temporary:
            temporary.write_text("mới, nhưng mới có một nửa", encoding="utf-8")
            assert path.read_text(encoding="utf-8") == "cũ"
            raise failure

    with pytest.raises(failure):
        crash()
    assert path.read_text(encoding="utf-8") == "cũ"
    assert entries(tmp_path) == ["tin.txt"]


def test_a_crash_before_there_was_a_file_leaves_none(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), whole_file(tmp_path / "tin.txt"):
        raise RuntimeError
    assert entries(tmp_path) == []


def test_a_block_that_takes_the_temporary_file_away_fails(tmp_path: Path) -> None:
    path = tmp_path / "tin.txt"
    write_text(path, "cũ")
    with pytest.raises(OSError, match=r"."), whole_file(path) as temporary:
        temporary.unlink()
    assert path.read_text(encoding="utf-8") == "cũ"


def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "tin.txt" / "con").mkdir(parents=True)
    with pytest.raises(OSError, match=r"."):
        write_text(tmp_path / "tin.txt", "a")
    assert entries(tmp_path) == ["tin.txt"]


def test_a_process_killed_while_it_writes_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "tin.txt"
    write_text(path, "cũ")
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from broadcaster.adapters.files import whole_file\n"
        "with whole_file(Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_text('nửa', encoding='utf-8')\n"
        "    os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", program, str(path)], check=False, timeout=60).returncode == 9
    assert path.read_text(encoding="utf-8") == "cũ"
    # What is left cannot be taken for a document: its name is hidden.
    assert all(name == "tin.txt" or name.startswith(".") for name in entries(tmp_path))


def test_a_name_of_the_greatest_length(tmp_path: Path) -> None:
    name = "a" * 250 + ".txt"
    write_text(tmp_path / name, "a")
    assert entries(tmp_path) == [name]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_byte_order_mark_is_not_text(tmp_path: Path, mark: str) -> None:
    (tmp_path / "tin.txt").write_bytes(f"{mark}Xin chào".encode())
    assert read_text(tmp_path / "tin.txt") == "Xin chào"


def test_what_is_not_utf_8_is_said(tmp_path: Path) -> None:
    (tmp_path / "tin.txt").write_bytes("Xin chào".encode("utf-16"))
    with pytest.raises(UnicodeDecodeError):
        read_text(tmp_path / "tin.txt")
