"""`broadcaster play`: the office's player as a real process; an emergency sounds there too, and is told."""

import os
import signal
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from broadcaster.adapters.clock import monotonic, sleep

NODE = "dong_1"


@pytest.fixture
def workspace(tmp_path: Path, root: Path) -> Path:
    (tmp_path / "schedules").mkdir()
    (tmp_path / "scripts_vi").mkdir()
    text = (root / "schedules" / "station.toml").read_text(encoding="utf-8")
    (tmp_path / "schedules" / "station.toml").write_text(text.replace('["espeak"]', '["tone"]'), encoding="utf-8")
    return tmp_path


def command(workspace: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "broadcaster", "--workspace", str(workspace), "--as", "van_hoa", *words]


@pytest.fixture
def player(workspace: Path) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        command(workspace, "play", "--node", NODE, "--output", "file"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def order(workspace: Path, *words: str) -> None:
    done = subprocess.run(command(workspace, "emergency", *words), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def written(workspace: Path) -> list[Path]:
    return sorted((workspace / "audio_out" / "thu_lai").glob("[!.]*.wav"))


def until_written(workspace: Path, count: int) -> list[Path]:
    end = monotonic() + 40
    while len(written(workspace)) < count and monotonic() < end:
        sleep(0.1)
    return written(workspace)


def test_an_emergency_sounds_on_the_offices_player_as_often_as_commanded(
    workspace: Path, player: "subprocess.Popen[str]"
) -> None:
    spoken = workspace / "loi.wav"
    soundfile.write(spoken, 0.3 * np.sin(2 * np.pi * 1000 * np.arange(24_000) / 24_000), 24_000)
    order(workspace, "--audio", str(spoken), "--zone", "thon_dong", "--repeats", "2")
    (path,) = until_written(workspace, 1)
    assert ".khan_cap." in path.name
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        loud = np.abs(samples).reshape(-1)[: len(samples) // 2400 * 2400].reshape(-1, 2400).max(axis=1) > 300
    assert np.count_nonzero(np.diff(loud.astype(int)) == 1) == 2, "twice, with silence before each"
    (workspace / "mang" / "khan_cap" / "hong.json").write_text("{", encoding="utf-8")
    sleep(0.5)
    (workspace / "mang" / "khan_cap" / "hong.json").unlink()
    order(workspace, "--audio", str(spoken), "--zone", "thon_doai", "--repeats", "1")
    sleep(1.5)
    assert written(workspace) == [path]
    player.send_signal(signal.SIGTERM)
    _, told = player.communicate(timeout=30)
    assert player.returncode == 0
    assert "lần 1/2" in told
    assert "lần 2/2" in told


def test_a_node_that_nobody_knows_is_one_message(workspace: Path) -> None:
    done = subprocess.run(command(workspace, "play", "--node", "x"), capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "dong_1" in done.stderr
    assert "Traceback" not in done.stderr
