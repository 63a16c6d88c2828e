import hashlib
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.id3 import ID3

from broadcaster.adapters.audio.codec import SoundfileCodec
from broadcaster.adapters.audio.loudness import Bs1770Meter
from broadcaster.adapters.tts.espeak import EspeakEngine
from broadcaster.domain.take import Sound, SpeechRequest
from broadcaster.errors import MasterError

RATE = 22_050
TAGS = {
    "title": "Bản tin số 1 – xã Minh Tiến: tiêm phòng",
    "artist": "Ủy ban nhân dân xã",
    "album": "y_te",
    "genre": "Speech",
    "date": "2026-11-22",
    "comment": "giọng nói tổng hợp; " + "0123456789abcdef" * 16,
}
ENDINGS = [".wav", ".flac", ".mp3", ".ogg", ".opus"]


def tone(rate: int = RATE, seconds: float = 1.0, pitch: float = 440.0, height: float = 0.3) -> Sound:
    time = np.arange(round(rate * seconds)) / rate
    samples = np.rint(32767 * height * np.sin(2 * np.pi * pitch * time))
    return Sound(rate, samples.astype("<i2").tobytes())


def heights(sound: Sound) -> np.ndarray:
    return np.frombuffer(sound.samples, "<i2").astype(np.float64)


def rms(sound: Sound) -> float:
    middle = heights(sound)[sound.frames // 4 : -sound.frames // 4]
    return float(np.sqrt(np.mean(middle**2)))


@pytest.fixture
def codec() -> SoundfileCodec:
    return SoundfileCodec()


@pytest.mark.parametrize("ending", [".wav", ".flac", ".WAV"])
def test_lossless_files_come_back_as_they_were(codec: SoundfileCodec, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"bản tin{ending}"
    codec.write(tone(), path, TAGS)
    assert codec.read(path, RATE) == tone()


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000])
@pytest.mark.parametrize("ending", [".mp3", ".ogg", ".opus"])
def test_lossy_files_keep_length_and_level(codec: SoundfileCodec, tmp_path: Path, ending: str, rate: int) -> None:
    path = tmp_path / f"a{ending}"
    codec.write(tone(rate, 2.0), path, TAGS)
    back = codec.read(path, rate)
    assert back.frames == 2 * rate
    assert rms(back) == pytest.approx(rms(tone(rate, 2.0)), rel=0.01)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_sound_gives_the_same_bytes(codec: SoundfileCodec, tmp_path: Path, ending: str) -> None:
    for name in ("một", "hai"):
        codec.write(tone(seconds=5), tmp_path / f"{name}{ending}", TAGS)
    codec.write(tone(seconds=5), tmp_path / f"một{ending}", dict(reversed(TAGS.items())))
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.iterdir()}
    assert len(digests) == 1


@pytest.mark.parametrize("ending", [".flac", ".ogg", ".opus"])
def test_vorbis_comments_by_another_reader(codec: SoundfileCodec, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    codec.write(tone(), path, TAGS)
    read = mutagen.File(path)
    assert {name: read[name][0] for name in TAGS} == TAGS
    assert read.info.length == pytest.approx(1.0)


def test_id3_by_another_reader(codec: SoundfileCodec, tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    codec.write(tone(), path, TAGS)
    read = ID3(path)
    texts = {name: str(read[frame][0]) for name, frame in (("title", "TIT2"), ("artist", "TPE1"), ("album", "TALB"))}
    assert texts == {name: TAGS[name] for name in texts}
    assert str(read["TDRC"]) == "2026-11-22"
    assert read.getall("COMM")[0].text == [TAGS["comment"]]
    info = mutagen.File(path).info
    assert info.bitrate == pytest.approx(64_000, rel=0.01)
    assert info.length == pytest.approx(1.0, abs=0.1)


def test_wav_tags_by_the_format_itself(codec: SoundfileCodec, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    codec.write(tone(), path, TAGS)
    data = path.read_bytes()
    for chunk, name in ((b"INAM", "title"), (b"IART", "artist"), (b"ICMT", "comment"), (b"ICRD", "date")):
        at = data.index(chunk)
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        assert data[at + 8 : at + 8 + length].rstrip(b"\0").decode() == TAGS[name]


@pytest.mark.skipif(not shutil.which("ffprobe"), reason="ffprobe is not on this machine")
@pytest.mark.parametrize("ending", ENDINGS)
def test_tags_by_ffprobe(codec: SoundfileCodec, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    codec.write(tone(), path, TAGS)
    command = ["ffprobe", "-v", "error", "-show_entries", "format_tags:stream_tags", str(path)]
    printed = subprocess.run(command, capture_output=True, check=True)
    assert printed.stderr == b""
    shown = printed.stdout.decode().lower()
    for name in ("title", "artist", "album", "genre", "comment"):
        assert f"tag:{name}={TAGS[name]}".lower() in shown


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_tags_and_empty_tags(codec: SoundfileCodec, tmp_path: Path, ending: str) -> None:
    codec.write(tone(), tmp_path / f"a{ending}", {})
    codec.write(tone(), tmp_path / f"b{ending}", {"title": "", "comment": ""})
    assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


@pytest.mark.parametrize("date", ["2026", "2026-11", "tháng 11"])
def test_dates_that_id3_cannot_hold_are_left_out(codec: SoundfileCodec, tmp_path: Path, date: str) -> None:
    path = tmp_path / "a.mp3"
    codec.write(tone(), path, {"title": "x", "date": date})
    kept = ID3(path)
    assert str(kept["TIT2"]) == "x"
    assert str(kept.get("TDRC", "")) == ("2026" if date.startswith("2026") else "")


def test_an_unknown_tag_is_a_fault_of_the_caller(codec: SoundfileCodec, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="mood"):
        codec.write(tone(), tmp_path / "a.wav", {"mood": "vui"})


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_reading_resamples_without_loss_or_delay(codec: SoundfileCodec, tmp_path: Path, rate: int) -> None:
    path = tmp_path / "a.wav"
    codec.write(tone(rate, 2.0), path, {})
    back = codec.read(path, RATE)
    assert abs(back.frames - 2 * RATE) <= 1
    wanted = heights(tone(RATE, 2.0))
    length = min(len(wanted), back.frames)
    difference = (heights(back)[:length] - wanted[:length])[RATE // 10 : -RATE // 10]
    assert np.abs(difference).max() < 4


def test_resampling_does_not_alias(codec: SoundfileCodec, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    codec.write(tone(48_000, 1.0, pitch=15_000.0), path, {})
    assert rms(codec.read(path, RATE)) < 3


def test_channels_are_mixed_to_one(codec: SoundfileCodec, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    left = heights(tone()) / 32768
    soundfile.write(path, np.stack([left, np.zeros_like(left)], axis=1), RATE)
    assert rms(codec.read(path, RATE)) == pytest.approx(rms(tone()) / 2, rel=0.001)


@pytest.mark.parametrize("subtype", ["PCM_24", "FLOAT", "PCM_U8", "ULAW"])
def test_other_widths(codec: SoundfileCodec, tmp_path: Path, subtype: str) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, heights(tone()) / 32768, RATE, subtype=subtype)
    assert rms(codec.read(path, RATE)) == pytest.approx(rms(tone()), rel=0.02)


def test_overs_and_not_numbers_of_a_float_file_are_clipped(codec: SoundfileCodec, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.array([2.0, -2.0, np.nan, np.inf, 0.5] * 100), RATE, subtype="FLOAT")
    assert list(heights(codec.read(path, RATE))[:5]) == [32767, -32768, 0, 32767, 16384]


def test_a_missing_file_is_named(codec: SoundfileCodec, tmp_path: Path) -> None:
    with pytest.raises(MasterError) as caught:
        codec.read(tmp_path / "không có.wav", RATE)
    assert (caught.value.code, caught.value.facts["path"]) == ("audio.missing", str(tmp_path / "không có.wav"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text.wav", "Đây là văn bản".encode()),
        ("head.wav", b"RIFF\x00\x00\x00\x00WAVE"),
        ("noise.mp3", bytes(range(7, 200)) * 9),
        ("cut.flac", b"fLaC\x00\x00"),
    ],
)
def test_what_is_no_sound_is_unreadable(codec: SoundfileCodec, tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(MasterError) as caught:
        codec.read(path, RATE)
    assert caught.value.code == "audio.unreadable"
    assert caught.value.facts["path"] == str(path)


def test_a_folder_is_unreadable(codec: SoundfileCodec, tmp_path: Path) -> None:
    with pytest.raises(MasterError) as caught:
        codec.read(tmp_path, RATE)
    assert caught.value.code == "audio.unreadable"


def test_empty_files(codec: SoundfileCodec, tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"")
    codec.write(Sound(RATE, b""), tmp_path / "a.wav", {})
    for name in ("a.mp3", "a.wav"):
        with pytest.raises(MasterError) as caught:
            codec.read(tmp_path / name, RATE)
        assert caught.value.code == "audio.empty"


def test_an_unknown_ending(codec: SoundfileCodec, tmp_path: Path) -> None:
    with pytest.raises(MasterError) as caught:
        codec.write(tone(), tmp_path / "a.aiff", {})
    assert caught.value.code == "audio.format"
    assert caught.value.facts["allowed"] == [".flac", ".mp3", ".ogg", ".opus", ".wav"]
    assert list(tmp_path.iterdir()) == []


def test_a_rate_that_mp3_does_not_know(codec: SoundfileCodec, tmp_path: Path) -> None:
    with pytest.raises(MasterError) as caught:
        codec.write(tone(96_000), tmp_path / "a.mp3", {})
    assert caught.value.code == "audio.format"
    assert caught.value.facts["rate"] == 96_000
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_made(codec: SoundfileCodec, tmp_path: Path) -> None:
    codec.write(tone(), tmp_path / "no" / "nor" / "a.wav", {})
    assert (tmp_path / "no" / "nor" / "a.wav").is_file()


def test_a_folder_that_cannot_be_made(codec: SoundfileCodec, tmp_path: Path) -> None:
    (tmp_path / "no").write_text("a file")
    with pytest.raises(MasterError) as caught:
        codec.write(tone(), tmp_path / "no" / "a.wav", {})
    assert caught.value.code == "audio.disk"
    assert caught.value.facts["path"].endswith("a.wav")


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limit to stand for a full disk")
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_full_disk_leaves_the_old_file_and_nothing_else(codec: SoundfileCodec, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    codec.write(tone(), path, {})
    before = path.read_bytes()
    code = """
        import resource, signal, sys
        from pathlib import Path
        from broadcaster.adapters.audio.codec import SoundfileCodec
        from broadcaster.domain.take import Sound
        from broadcaster.errors import MasterError
        import soundfile, numpy
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        noise = numpy.random.default_rng(1).integers(-9000, 9000, 22050 * 20).astype("<i2").tobytes()
        try:
            SoundfileCodec().write(Sound(22050, noise), Path(sys.argv[1]), {"title": "x"})
        except MasterError as error:
            print(error.code, error.facts["path"])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["audio.disk", str(path)]
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_readable_by_others(codec: SoundfileCodec, tmp_path: Path) -> None:
    """The web process of the station may run as another user."""
    if sys.platform == "win32":
        pytest.skip("rights are inherited there")
    (tmp_path / "plain").write_bytes(b"")
    for ending in ENDINGS:
        codec.write(tone(), tmp_path / f"a{ending}", {})
        assert (tmp_path / f"a{ending}").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_long_ogg_is_written(codec: SoundfileCodec, tmp_path: Path) -> None:
    """libsndfile overflows its stack when a long sound is given to the Vorbis encoder at once."""
    codec.write(Sound(RATE, bytes(2 * RATE * 300)), tmp_path / "a.ogg", {})
    assert soundfile.info(tmp_path / "a.ogg").frames == RATE * 300


@pytest.mark.parametrize(("ending", "within"), [(".mp3", 0.1), (".ogg", 0.1), (".opus", 0.3)])
def test_long_speech_is_as_loud_as_its_master_and_read_without_a_word(
    codec: SoundfileCodec, tmp_path: Path, ending: str, within: float, capfd: pytest.CaptureFixture[str]
) -> None:
    espeak = EspeakEngine()
    sound = espeak.speak(SpeechRequest("Kính mời bà con đến nhà văn hóa thôn. " * 12, voice="vi-vn-x-south"))
    espeak.close()
    codec.write(sound, tmp_path / f"a{ending}", {})
    meter = Bs1770Meter()
    assert meter.measure(codec.open(tmp_path / f"a{ending}", RATE)).loudness == pytest.approx(
        meter.measure(sound).loudness, abs=within
    )
    assert capfd.readouterr() == ("", "")
