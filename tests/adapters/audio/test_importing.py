"""Files that people bring: every format to the same sound; what is not whole is refused and leaves nothing."""

import re
import shutil
import struct
import subprocess
import sys
import tracemalloc
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import soundfile

from broadcaster.adapters.audio import importing as module
from broadcaster.adapters.audio import mpeg
from broadcaster.adapters.audio.importing import FileImporter
from broadcaster.domain.take import tape_ms
from broadcaster.errors import MasterError
from broadcaster.units import Milliseconds

RATE = 24_000
SECONDS = 3.0
needs_av = pytest.mark.skipif(find_spec("av") is None, reason="needs the extra import")


def a_voice(seconds: float = SECONDS, rate: int = 44_100) -> np.ndarray:
    time = np.arange(int(seconds * rate)) / rate
    noise = np.random.default_rng(3).standard_normal(len(time))
    return (0.3 * np.sin(2 * np.pi * 220 * time) + 0.005 * noise).astype(np.float32)


def a_file(path: Path, seconds: float = SECONDS) -> Path:
    rate = 48_000 if path.suffix == ".opus" else 44_100
    kind = {"format": "OGG", "subtype": "OPUS"} if path.suffix == ".opus" else {}
    soundfile.write(path, a_voice(seconds, rate), rate, **kind)
    return path


def an_m4a(path: Path, *options: str) -> Path:
    """In a process of its own, as everything that loads FFmpeg."""
    program = (
        "import av, sys, numpy as np\n"
        "rate = 44100; count = np.arange(3 * rate); voice = (0.3 * np.sin(2 * np.pi * 220 * count / rate))\n"
        "out = av.open(sys.argv[1], 'w', options=dict(o.split('=') for o in sys.argv[2:]))\n"
        "stream = out.add_stream('aac', rate=rate, layout='mono')\n"
        "frame = av.AudioFrame.from_ndarray(voice.astype('float32')[None], 'fltp', 'mono'); frame.rate = rate\n"
        "frame.pts = 0\n"
        "fifo = av.AudioFifo(); fifo.write(frame)\n"
        "while (part := fifo.read(1024, partial=True)) is not None:\n"
        "    out.mux(stream.encode(part))\n"
        "out.mux(stream.encode(None)); out.close()\n"
    )
    subprocess.run([sys.executable, "-c", program, str(path), *options], check=True)
    return path


def refused(path: Path, importer: FileImporter | None = None) -> str:
    before = sorted(path.parent.iterdir())
    with pytest.raises(MasterError) as caught:
        (importer or FileImporter()).open(path, RATE)
    assert caught.value.facts["path"] == str(path)
    assert sorted(path.parent.iterdir()) == before
    return caught.value.code


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "ogg", "opus"])
def test_every_format_comes_in_as_long_and_as_loud_as_it_is(tmp_path: Path, ending: str) -> None:
    tape = FileImporter().open(a_file(tmp_path / f"a.{ending}"), RATE)
    samples = np.frombuffer(b"".join(tape.blocks()), "<i2").astype(float) / 32768
    assert tape.rate == RATE
    assert tape_ms(tape) == pytest.approx(SECONDS * 1000, abs=60)
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.05)


@needs_av
def test_what_a_telephone_records_comes_in_by_another_decoder(tmp_path: Path) -> None:
    path = an_m4a(tmp_path / "ghi âm.m4a")
    tape = FileImporter().open(path, RATE)
    samples = np.frombuffer(b"".join(tape.blocks()), "<i2").astype(float) / 32768
    assert tape_ms(tape) == pytest.approx(3000, abs=100)
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.05)
    assert not [name for name in sys.modules if name.partition(".")[0] == "av"], "it stays behind the pipe"


def test_without_the_decoder_the_message_says_which_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(100))
    monkeypatch.setattr(module.util, "find_spec", lambda _name: None)
    assert refused(tmp_path / "a.m4a") == "audio.decoder"


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "ogg", "opus"])
@pytest.mark.parametrize("keep", [0.5, 0.97])
def test_a_half_copied_file_is_refused(tmp_path: Path, ending: str, keep: float) -> None:
    path = a_file(tmp_path / f"a.{ending}")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    assert refused(path) in {"audio.cut_short", "audio.unreadable"}


@needs_av
@pytest.mark.parametrize("options", [(), ("movflags=faststart",)])
def test_a_half_copied_m4a_is_refused(tmp_path: Path, options: tuple[str, ...]) -> None:
    path = an_m4a(tmp_path / "a.m4a", *options)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert refused(path) in {"audio.cut_short", "audio.unreadable"}


@pytest.mark.parametrize("ending", ["flac", "ogg", "opus"])
def test_a_hole_in_a_file_is_refused(tmp_path: Path, ending: str) -> None:
    path = a_file(tmp_path / f"a.{ending}")
    data = bytearray(path.read_bytes())
    middle, hole = len(data) // 2, len(data) // 4
    data[middle : middle + hole] = np.random.default_rng(1).bytes(hole)
    path.write_bytes(data)
    assert refused(path) in {"audio.cut_short", "audio.unreadable"}


def without_xing(path: Path) -> Path:
    """As a recorder of a stream writes it: the first frame, which carries the counts, is gone."""
    data = path.read_bytes()
    frame = re.search(rb"\xff[\xe2-\xff](?:(?!\xff[\xe2-\xff]).)*?(?:Xing|Info)", data, re.DOTALL)
    assert frame is not None
    length, _ = mpeg._frame(data[frame.start() : frame.start() + 4]) or (0, 0.0)
    path.write_bytes(data[: frame.start()] + data[frame.start() + length :])
    assert b"Xing" not in path.read_bytes()
    assert b"Info" not in path.read_bytes()
    return path


@pytest.mark.parametrize("kind", ["CONSTANT", "VARIABLE"])
def test_an_mp3_without_counts_is_as_long_as_its_frames(tmp_path: Path, kind: str) -> None:
    # Loud noise, then silence: the first frames say nothing of how long a file of this size is.
    samples = np.concatenate(
        [a_voice(1) + 0.2 * np.random.default_rng(2).standard_normal(44_100), np.zeros(9 * 44_100)]
    )
    soundfile.write(tmp_path / "a.mp3", samples, 44_100, bitrate_mode=kind, compression_level=0.5)
    path = without_xing(tmp_path / "a.mp3")
    assert mpeg.counted(path).seconds == pytest.approx(10, abs=0.2)
    if kind == "VARIABLE" and find_spec("av") is None:
        assert refused(path) == "audio.decoder"
    else:
        assert tape_ms(FileImporter().open(path, RATE)) == pytest.approx(10_000, abs=200)


def test_a_wav_that_was_streamed_says_no_length_and_is_taken(tmp_path: Path) -> None:
    path = a_file(tmp_path / "a.wav")
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = struct.pack("<I", 0xFFFFFFFF)
    path.write_bytes(data)
    assert tape_ms(FileImporter().open(path, RATE)) == pytest.approx(SECONDS * 1000, abs=5)


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (b"", {"audio.empty"}),
        (b"RIFF\x24\0\0\0WAVEfmt ", {"audio.unreadable", "audio.cut_short"}),
        (b"a letter, and no sound" * 50, {"audio.unreadable", "audio.decoder"}),
        (bytes(4000), {"audio.unreadable", "audio.decoder"}),
        (b"ffconcat version 1.0\nfile b.wav\n", {"audio.unreadable", "audio.decoder"}),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n", {"audio.unreadable", "audio.decoder"}),
    ],
    ids=["empty", "header-only", "text", "zeros", "list", "playlist"],
)
def test_what_is_no_sound_is_refused(tmp_path: Path, content: bytes, codes: set[str]) -> None:
    path = tmp_path / "a.wav"
    a_file(tmp_path / "b.wav")
    path.write_bytes(content)
    assert refused(path) in codes


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", pytest.param("m4a", marks=needs_av)])
def test_a_file_is_decoded_no_further_than_it_may_be_long(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    an_m4a(path) if ending == "m4a" else a_file(path)
    length = tape_ms(FileImporter().open(path, RATE))
    assert tape_ms(FileImporter().open(path, RATE, Milliseconds(length))) == length
    with pytest.raises(MasterError) as caught:
        FileImporter().open(path, RATE, Milliseconds(length - 100))
    assert caught.value.code == "audio.long"
    assert caught.value.facts["path"] == str(path)


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "khong_co.wav") == "audio.missing"
    assert refused(tmp_path) in {"audio.unreadable", "audio.decoder"}


def test_a_decoder_that_dies_hangs_or_says_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.m4a"
    path.write_bytes(b"\0\0\0\x20ftypM4A " + bytes(100))
    for program, code in (
        ("import sys; sys.stdout.write('x' * 999); sys.exit(9)", "audio.unreadable"),
        ("import sys; sys.exit(4)", "audio.cut_short"),
        ("import sys; sys.exit(5)", "audio.empty"),
        ("pass", "audio.empty"),
        ("import time; time.sleep(600)", "audio.unreadable"),
    ):
        assert refused(path, FileImporter([sys.executable, "-c", program], patience=1.0)) == code


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk at hand")
def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = a_file(tmp_path / "a.wav")
    with Path("/dev/full").open("rb+", buffering=0) as full:
        monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: full)
        with pytest.raises(MasterError) as caught:
            FileImporter().open(path, RATE)
    assert caught.value.code == "audio.disk"


def test_half_an_hour_is_not_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    with soundfile.SoundFile(path, "w", RATE, 1) as file:
        minute = a_voice(60, RATE)
        for _ in range(30):
            file.write(minute)
    tracemalloc.start()
    try:
        tape = FileImporter().open(path, RATE)
        assert tape_ms(tape) == 1_800_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000


def test_the_source_is_left_as_it_was(tmp_path: Path) -> None:
    path = a_file(tmp_path / "a.wav")
    copy = shutil.copy(path, tmp_path / "b.wav")
    FileImporter().open(path, RATE)
    assert path.read_bytes() == Path(copy).read_bytes()
