"""A real sound server whose sink of four channels goes nowhere, recorded at its monitor; none of the machine's own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from broadcaster.adapters.clock import monotonic, sleep

CHANNELS, RATE = 4, 48_000
MAP = "front-left,front-right,rear-left,rear-right"


@dataclass
class SoundServer:
    """The server's folder and the environment in which programs find it."""

    folder: Path
    environment: dict[str, str]
    process: "subprocess.Popen[bytes]"

    def record(self) -> "Recording":
        """Begin to record all four channels."""
        return Recording(self)


class Recording:
    """What the monitor hears, until it is stopped."""

    def __init__(self, server: SoundServer) -> None:
        self._path = server.folder / "recorded.raw"
        self._file = self._path.open("wb")
        self.process = subprocess.Popen(
            [
                "parec",
                "--device=hall.monitor",
                "--format=float32le",
                f"--rate={RATE}",
                f"--channels={CHANNELS}",
                f"--channel-map={MAP}",
                "--latency-msec=20",
            ],
            stdout=self._file,
            env=server.environment,
        )
        until = monotonic() + 10
        while self._path.stat().st_size == 0 and monotonic() < until:
            sleep(0.02)

    def stop(self) -> np.ndarray:
        """The samples, frames × channels."""
        self.process.terminate()
        self.process.wait(timeout=10)
        self._file.close()
        data = np.fromfile(self._path, dtype="<f4")
        return data[: len(data) // CHANNELS * CHANNELS].reshape(-1, CHANNELS)


@contextmanager
def sound_server(folder: Path) -> Iterator[SoundServer]:
    """A running server; the test is skipped where none is installed."""
    if shutil.which("pulseaudio") is None or shutil.which("parec") is None:
        pytest.skip(
            "no sound server here: apt-get install pulseaudio pulseaudio-utils libasound2-plugins libportaudio2"
        )
    socket = folder / "pulse.socket"
    (folder / ".asoundrc").write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("PULSE", "XDG", "DBUS"))},
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
        "PULSE_SERVER": f"unix:{socket}",
    }
    process = subprocess.Popen(
        [
            "pulseaudio",
            "-n",
            "--exit-idle-time=-1",
            "--daemonize=no",
            "--use-pid-file=no",
            "--disable-shm=yes",
            "--log-level=error",
            f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1",
            f"--load=module-null-sink sink_name=hall rate={RATE} channels={CHANNELS} channel_map={MAP}",
        ],
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = monotonic() + 20
        while not socket.exists():
            assert process.poll() is None, "the sound server did not start"
            assert monotonic() < until, "the sound server did not start in time"
            sleep(0.05)
        yield SoundServer(folder, environment, process)
    finally:
        process.kill()
        process.wait()
