"""Recordings: the file that is written measures right, whatever its encoder does."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from broadcaster.adapters.audio.codec import SoundfileCodec
from broadcaster.adapters.audio.importing import FileImporter
from broadcaster.adapters.audio.loudness import Bs1770Meter
from broadcaster.domain.master import Loudness
from broadcaster.errors import MasterError
from broadcaster.services.mastering import Mastering
from broadcaster.units import Dbtp, Lufs
from tests.adapters.audio.test_importing import an_m4a, needs_av

RATE = 44_100


@pytest.fixture
def mastering() -> Mastering:
    return Mastering(SoundfileCodec(), Bs1770Meter(), FileImporter())


def speech_like(seconds: float, rate: int = RATE) -> np.ndarray:
    """Syllables of noise and tone with needle peaks, about 17 dB above their loudness."""
    random = np.random.default_rng(5)
    count = np.arange(int(seconds * rate))
    beat = np.clip(np.sin(2 * np.pi * 4 * count / rate), 0, 1) ** 3
    voice = sum(np.sin(2 * np.pi * 140 * k * count / rate) / k for k in range(1, 20))
    samples = beat * (0.1 * voice + 0.02 * random.standard_normal(len(count)))
    samples[:: rate // 3] += 0.6
    return np.clip(samples, -1, 1).astype(np.float32)


def ffmpeg_reads(path: Path) -> tuple[float, float]:
    command = ["ffmpeg", "-hide_banner", "-nostats", "-i", path, "-af", "ebur128=peak=true", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    loudness = float(re.findall(r"I:\s+(-?[\d.]+) LUFS", said)[-1])
    return loudness, float(re.findall(r"Peak:\s+(-?[\d.]+) dBFS", said)[-1])


@needs_av
def test_what_a_telephone_recorded_is_brought_to_level(mastering: Mastering, tmp_path: Path) -> None:
    done = mastering.recording(an_m4a(tmp_path / "a.m4a"), tmp_path / "b.flac", Loudness(), {})
    assert done.measured.loudness == pytest.approx(-16.0, abs=0.1)
    assert done.duration_ms == pytest.approx(3000, abs=100)


def test_half_a_recording_is_refused(mastering: Mastering, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, speech_like(2), RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(MasterError) as caught:
        mastering.recording(path, tmp_path / "b.flac", Loudness(), {})
    assert caught.value.code == "audio.cut_short"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="another meter than our own")
@pytest.mark.parametrize("ending", [".wav", ".flac", ".mp3", ".ogg", ".opus"])
@pytest.mark.parametrize("target", [-16.0, -23.0])
def test_another_meter_finds_loudness_and_peak_in_the_encoded_file(
    mastering: Mastering, tmp_path: Path, ending: str, target: float
) -> None:
    soundfile.write(tmp_path / "a.wav", speech_like(12), RATE)
    out = tmp_path / f"b{ending}"
    done = mastering.recording(tmp_path / "a.wav", out, Loudness(Lufs(target), Dbtp(-1.5)), {"title": "x"})
    loudness, peak = ffmpeg_reads(out)
    assert loudness == pytest.approx(target, abs=0.2)
    assert peak <= -1.5
    assert done.measured.loudness == pytest.approx(loudness, abs=0.15)
    assert done.duration_ms == pytest.approx(12_000, abs=60)


def test_the_same_recording_gives_the_same_bytes(mastering: Mastering, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", speech_like(5), RATE)
    for name in ("b.mp3", "c.mp3"):
        mastering.recording(tmp_path / "a.wav", tmp_path / name, Loudness(), {})
    assert (tmp_path / "b.mp3").read_bytes() == (tmp_path / "c.mp3").read_bytes()


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (96_000, 2), (22_050, 2)])
def test_any_rate_and_any_channels(mastering: Mastering, tmp_path: Path, rate: int, channels: int) -> None:
    samples = np.repeat(speech_like(6, rate)[:, None], channels, axis=1)
    soundfile.write(tmp_path / "a.flac", samples, rate)
    done = mastering.recording(tmp_path / "a.flac", tmp_path / "b.wav", Loudness(), {})
    assert done.measured.loudness == pytest.approx(-16.0, abs=0.1)
    assert done.measured.true_peak <= -1.5


def test_what_cannot_be_measured_is_only_held_under_the_ceiling(mastering: Mastering, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.full(2000, 0.99, np.float32), RATE)
    done = mastering.recording(tmp_path / "a.wav", tmp_path / "b.wav", Loudness(), {})
    assert done.measured.loudness == -70.0
    assert done.measured.true_peak <= -1.5


def test_samples_that_are_no_numbers_are_silence(mastering: Mastering, tmp_path: Path) -> None:
    samples = speech_like(4)
    samples[1000:3000] = np.nan
    samples[5000:5010] = np.inf
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="FLOAT")
    done = mastering.recording(tmp_path / "a.wav", tmp_path / "b.flac", Loudness(), {})
    assert done.measured.loudness == pytest.approx(-16.0, abs=0.1)


@pytest.mark.parametrize("content", [b"", b"RIFF\x00\x00\x00\x00WAVE", b"not sound at all" * 50])
def test_a_file_that_is_no_sound_is_refused_and_leaves_nothing(
    mastering: Mastering, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    (tmp_path / "b.wav").write_bytes(b"older")
    with pytest.raises(MasterError) as caught:
        mastering.recording(tmp_path / "a.wav", tmp_path / "b.wav", Loudness(), {})
    assert caught.value.code in {"audio.empty", "audio.unreadable"}
    assert (tmp_path / "b.wav").read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "b.wav"]


def test_a_missing_file_is_named(mastering: Mastering, tmp_path: Path) -> None:
    with pytest.raises(MasterError) as caught:
        mastering.recording(tmp_path / "none.wav", tmp_path / "b.wav", Loudness(), {})
    assert caught.value.code == "audio.missing"


@pytest.mark.parametrize("ending", [".wav", ".flac"])
def test_a_lossless_copy_of_a_master_has_its_very_samples(mastering: Mastering, tmp_path: Path, ending: str) -> None:
    soundfile.write(tmp_path / "a.wav", speech_like(4), RATE)
    mastering.recording(tmp_path / "a.wav", tmp_path / "master.flac", Loudness(), {})
    done = mastering.derivative(tmp_path / "master.flac", tmp_path / f"b{ending}", Loudness(), {"title": "x"})
    codec = SoundfileCodec()
    assert codec.read(done.path, 24_000) == codec.read(tmp_path / "master.flac", 24_000)


@pytest.mark.parametrize("ending", [".mp3", ".ogg", ".opus"])
@pytest.mark.parametrize("seed", range(3))
def test_a_lossy_copy_of_a_master_keeps_loudness_and_ceiling(
    mastering: Mastering, tmp_path: Path, ending: str, seed: int
) -> None:
    soundfile.write(tmp_path / "a.wav", np.roll(speech_like(9), seed * 1234) * (0.3 + 0.3 * seed), RATE)
    mastering.recording(tmp_path / "a.wav", tmp_path / "master.flac", Loudness(), {})
    done = mastering.derivative(tmp_path / "master.flac", tmp_path / f"b{ending}", Loudness(), {})
    assert done.measured.loudness == pytest.approx(-16.0, abs=0.1)
    assert done.measured.true_peak <= -1.5
    if shutil.which("ffmpeg"):
        loudness, peak = ffmpeg_reads(done.path)
        assert loudness == pytest.approx(-16.0, abs=0.2)
        assert peak <= -1.5


def test_opus_in_and_opus_out(mastering: Mastering, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.opus", speech_like(6, 48_000), 48_000, format="OGG", subtype="OPUS")
    done = mastering.recording(tmp_path / "a.opus", tmp_path / "b.opus", Loudness(), {})
    assert done.measured.loudness == pytest.approx(-16.0, abs=0.1)
    assert done.measured.true_peak <= -1.5
    assert soundfile.info(done.path).subtype == "OPUS"
