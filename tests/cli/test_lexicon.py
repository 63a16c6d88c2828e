"""The commune's lexicon by command: every change whole or not at all, and the reading that follows from it."""

import json
import os
import sys
import unicodedata
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest

from broadcaster.cli import run

COMMENT = "# Từ điển đọc của xã"


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


class Commune:
    """A workspace with a lexicon, and the command on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "scripts_vi" / "tu_dien.tsv"

    def __call__(self, *words: str, given: str = "") -> Done:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BROADCASTER")}
        out, error = StringIO(), StringIO()
        with (
            mock.patch.dict(os.environ, kept, clear=True),
            mock.patch.object(sys, "stdin", StringIO(given)),
            chdir(self.folder),
            redirect_stdout(out),
            redirect_stderr(error),
        ):
            code = run(["--as", "tu_phap", *words])
        return Done(code, out.getvalue(), error.getvalue())

    def json(self, *words: str, given: str = "") -> Any:
        done = self(*words, "--json", given=given)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @property
    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")

    def write(self, *lines: str) -> None:
        self.file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def reads(self, written: str) -> str:
        return self("read", "--lines", given=written + "\n").stdout.strip()


@pytest.fixture
def commune(tmp_path: Path) -> Commune:
    made = Commune(tmp_path)
    assert made("init", ".", "--engine", "espeak").returncode == 0
    made.write(COMMENT, "", "ABQ\ta bê quy", "# về thôn", "TDP\ttổ dân phố\texpand\t<các")
    return made


def test_an_added_word_is_read(commune: Commune) -> None:
    assert commune.reads("phòng XQZ") == "phòng ích quy dét"
    done = commune("lexicon", "add", "XQZ", "xét  quy\tzét")
    assert done.returncode == 0
    assert "Đã thêm" in done.stdout
    assert commune.reads("phòng XQZ") == "phòng xét quy zét"
    assert commune.text.splitlines()[:5] == [COMMENT, "", "ABQ\ta bê quy", "# về thôn", "TDP\ttổ dân phố\texpand\t<các"]
    assert commune.text.splitlines()[5:] == ["XQZ\txét quy zét\texpand\t\ttu_phap"]


def test_a_word_of_the_same_context_takes_the_old_ones_place(commune: Commune) -> None:
    done = commune("lexicon", "add", "ABQ", "an bình quân", "--source", "chủ tịch")
    assert "trước đây: a bê quy" in done.stdout
    assert commune.text.splitlines()[2] == "ABQ\tan bình quân\texpand\t\tchủ tịch"
    added = commune.json("lexicon", "add", "ABQ", "a bê", "--context", "<tổ")
    assert added["before"] is None
    assert [row["context"] for row in commune.json("lexicon", "list")] == ["", "<các", "<tổ"]


def test_the_same_again_writes_nothing(commune: Commune) -> None:
    before = commune.file.stat()
    assert commune.json("lexicon", "add", "ABQ", "a bê quy")["changed"] is False
    assert "không có gì thay đổi" in commune("lexicon", "add", "ABQ", "a bê quy").stdout
    assert (commune.file.stat().st_ino, commune.file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("XQZ", "x9"), "cách đọc chỉ gồm"),
        (("XQZ", ""), "cách đọc chỉ gồm"),
        (("XQZ", "ích-quy"), "cách đọc chỉ gồm"),
        (("", "gì"), "thiếu chữ viết"),
        (("#X", "gì"), "thiếu chữ viết"),
        (("X\u200bQ", "gì"), "không nhìn thấy"),
        (("XQZ", "gì", "--mode", "nhanh"), "--mode"),
    ],
)
def test_a_bad_word_is_refused_with_one_message(commune: Commune, words: tuple[str, ...], why: str) -> None:
    before = commune.text
    done = commune("lexicon", "add", *words)
    assert done.returncode == 2
    assert why in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout
    assert commune.text == before


def test_a_refusal_in_json(commune: Commune) -> None:
    done = commune("lexicon", "add", "XQZ", "x9", "--json")
    assert done.returncode == 2
    error = json.loads(done.stderr)
    assert error["error"] == "lexicon.refused"
    assert [finding["code"] for finding in error["findings"]] == ["reading.lexicon_spoken"]


def test_modes(commune: Commune) -> None:
    assert commune("lexicon", "add", "Kiốt", "ki ốt", "--mode", "word").returncode == 0
    assert commune("lexicon", "add", "UBND", "--mode", "spell").returncode == 0
    assert commune.reads("Ở KIỐT kiốt") == "Ở ki ốt ki ốt"
    assert commune.reads("UBND xã") == "u bê en nờ dê xã"


def test_any_unicode_form_is_the_same_word(commune: Commune) -> None:
    commune.write(unicodedata.normalize("NFD", "TĐQ\ttổ đoàn quân"))
    assert commune.reads("TĐQ họp") == "tổ đoàn quân họp"
    done = commune("lexicon", "add", unicodedata.normalize("NFD", "TĐQ"), unicodedata.normalize("NFD", "tổ đội"))
    assert "Đã thay" in done.stdout
    assert commune.text == "TĐQ\ttổ đội\texpand\t\ttu_phap\n"


def test_a_bad_line_of_the_file_stays_and_is_named(commune: Commune) -> None:
    commune.write("chỉ một cột", "ABQ\ta bê quy")
    assert commune("lexicon", "add", "XQZ", "xét").returncode == 0
    assert commune.text.splitlines()[:2] == ["chỉ một cột", "ABQ\ta bê quy"]
    done = commune("lexicon", "list")
    assert "tu_dien.tsv:1" in done.stderr
    assert "hai đến năm cột" in done.stderr


def test_remove_takes_every_context(commune: Commune) -> None:
    commune("lexicon", "add", "ABQ", "a bê", "--context", "<tổ")
    removed = commune.json("lexicon", "remove", "ABQ")["removed"]
    assert [row["spoken"] for row in removed] == ["a bê quy", "a bê"]
    assert commune.text.splitlines() == [COMMENT, "", "# về thôn", "TDP\ttổ dân phố\texpand\t<các"]
    assert "Đã bỏ" in commune("lexicon", "remove", "TDP").stdout


def test_what_is_not_there_cannot_be_removed(commune: Commune) -> None:
    before = commune.text
    done = commune("lexicon", "remove", "TDPP")
    assert done.returncode == 2
    assert "Có phải là «TDP»?" in done.stderr
    shipped = commune("lexicon", "remove", "UBND")
    assert shipped.returncode == 2
    assert "broadcaster lexicon add UBND" in shipped.stderr
    assert commune.text == before


def test_lists(commune: Commune) -> None:
    assert [row["written"] for row in commune.json("lexicon", "list")] == ["ABQ", "TDP"]
    shipped = commune.json("lexicon", "list", "--layer", "shipped")
    assert len(shipped) > 900
    assert {row["layer"] for row in shipped} == {"shipped"}
    assert "a bê quy" in commune("lexicon", "list").stdout


def test_export_and_import_go_there_and_back(commune: Commune) -> None:
    assert commune("lexicon", "export", "-o", "ra.tsv").returncode == 0
    rows = commune.json("lexicon", "list")
    commune.file.unlink()
    assert commune.json("lexicon", "import", "ra.tsv") == {"added": 2, "replaced": 0, "same": 0}
    assert commune.json("lexicon", "list") == rows
    assert commune.json("lexicon", "import", "ra.tsv") == {"added": 0, "replaced": 0, "same": 2}
    printed = commune("lexicon", "export").stdout
    assert printed == (commune.folder / "ra.tsv").read_text(encoding="utf-8")
    assert commune.json("lexicon", "import", "-", given="ABQ\tan bình\nMỚI\tmới\n") == {
        "added": 1,
        "replaced": 1,
        "same": 0,
    }
    assert commune.text.startswith("ABQ\tan bình\texpand\nTDP\t")


@pytest.mark.parametrize("text", ["A1\ta một\nB2\tb9\nC\n", "# chỉ lời dặn\n", ""])
def test_an_import_is_all_or_none(commune: Commune, text: str) -> None:
    before = commune.text
    done = commune("lexicon", "import", "-", given=text)
    assert done.returncode == 2
    assert commune.text == before
    if "\t" in text:
        assert "-:2" in done.stderr
        assert "-:3" in done.stderr


def test_a_slip_in_the_folder_makes_no_workspace(commune: Commune) -> None:
    done = commune("lexicon", "add", "XQZ", "xét")
    assert done.returncode == 0
    other = commune("-w", "khac", "lexicon", "add", "XQZ", "xét")
    assert other.returncode == 2
    assert not (commune.folder / "khac").exists()


def test_a_lexicon_that_is_not_utf_8_is_one_message(commune: Commune) -> None:
    commune.file.write_bytes(b"ABQ\t\xff\xfe\n")
    for words in (("lexicon", "list"), ("lexicon", "add", "A", "a"), ("read", "-"), ("station", "check")):
        done = commune(*words)
        assert done.returncode == 2, words
        assert "UTF-8" in done.stderr
        assert "Traceback" not in done.stderr
    assert commune.file.read_bytes() == b"ABQ\t\xff\xfe\n"


# Reading


def test_explain_gives_the_command_for_unknown_words(commune: Commune) -> None:
    done = commune("read", "-", "--explain", given="Phòng XQZ họp cùng XQZ và ABQ.")
    assert done.stdout.count("broadcaster lexicon add XQZ") == 1
    assert "lexicon add ABQ" not in done.stdout
    assert "lexicon add XQZ" not in commune("read", "-", given="Phòng XQZ họp.").stdout


def test_a_bulletins_own_words(commune: Commune) -> None:
    front = (
        "title: Họp TDP với ABQ\nkind: tin\ntopic: mot_cua\nauthor_unit: Văn phòng\n"
        "valid_from: 2026-11-23\nvalid_to: 2026-11-29\ntu_dien:\n  ABQ: anh ba quy\n"
    )
    (commune.folder / "hop.txt").write_text(f"---\n{front}---\nMời các TDP và ABQ dự họp.\n", encoding="utf-8")
    said = "Mời các tổ dân phố và anh ba quy dự họp."
    assert commune("read", "hop.txt").stdout.strip() == said
    assert commune("bulletin", "import", "hop.txt").returncode == 0
    shown = commune("bulletin", "show", "hop").stdout
    assert said in shown
    assert "ước tính" in shown
    piece = commune.json("bulletin", "show", "hop")
    assert piece["bulletin"]["lexicon"] == {"ABQ": "anh ba quy"}
    assert 5_000 < piece["estimate_ms"] < 60_000


def test_a_wrong_word_of_a_bulletin_names_its_line(commune: Commune) -> None:
    (commune.folder / "hop.txt").write_text("---\ntitle: Họp\ntu_dien: {ABQ: a9}\n---\nABQ họp.\n", encoding="utf-8")
    assert "hop.txt:3 (tu_dien.ABQ)" in commune("read", "hop.txt").stderr


def test_estimated_length_by_voice(commune: Commune) -> None:
    lengths = commune.json("read", "-", given="Kính thưa bà con, mai họp thôn lúc 7 giờ 30.")["duration_ms"]
    assert set(lengths) >= {"announcer", "espeak", "espeak:vi-vn-x-south"}
    assert lengths["announcer"] < lengths["espeak"] < lengths["espeak:vi-vn-x-south"]


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ("north", "mùng bốn tháng bảy, một trăm linh năm em"),
        ("south", "mùng bốn tháng bảy, một trăm lẻ năm em"),
        ("odd=lẻ,early=mong", "mồng bốn tháng bảy, một trăm lẻ năm em"),
        ("dialect=south,odd=linh,seven=bẩy", "mùng bốn tháng bẩy, một trăm linh năm em"),
        ('odd = "le"  # như trong Nam\nearly = "khong"', "bốn tháng bảy, một trăm lẻ năm em"),
        (unicodedata.normalize("NFD", "odd=lẻ"), "mùng bốn tháng bảy, một trăm lẻ năm em"),
    ],
)
def test_profiles(commune: Commune, profile: str, said: str) -> None:
    done = commune("read", "--lines", "--profile", profile, given="ngày 04/7, 105 em\n")
    assert done.stdout.strip() == f"ngày {said}", done.stderr


def test_a_wrong_profile_names_every_mistake(commune: Commune) -> None:
    done = commune("read", "--lines", "--profile", "odd=x,tone=cao,dialect=tay", given="105 em\n")
    assert done.returncode == 2
    assert not done.stdout
    for said in ("«x»", "linh, lẻ", "«tone»", "«tay»", "north, south"):
        assert said in done.stderr
    assert "{" not in done.stderr
    assert commune("read", "--lines", "--profile", "tây", given="1\n").returncode == 2
