"""Mastering: speed, loudness error, true peak and memory, with other tools measured beside it in the same run.

`python benchmarks/mastering.py` prints a table, `--json` one object. Loudness and peak are measured by ffmpeg's ebur128
where ffmpeg is on the machine, never by the meter that made the masters; without it they are null.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as `broadcaster` does, before NumPy is imported

import numpy as np

from broadcaster.adapters.audio.codec import SoundfileCodec
from broadcaster.adapters.audio.importing import FileImporter
from broadcaster.adapters.audio.loudness import Bs1770Meter
from broadcaster.adapters.tts.espeak import EspeakEngine
from broadcaster.domain.master import Loudness
from broadcaster.domain.take import Sound, SpeechRequest
from broadcaster.services.mastering import Mastering
from broadcaster.units import Dbtp, Lufs

TARGET = Lufs(-16.0)
CEILING = Dbtp(-1.5)
RATE = 22_050
SENTENCES = (
    "Ủy ban nhân dân xã Minh Tiến thông báo: lịch tiêm phòng cho đàn gia súc, gia cầm đợt hai.",
    "Kính mời bà con mang theo căn cước công dân đến nhà văn hóa thôn Đông vào bảy giờ ba mươi phút sáng thứ bảy.",
    "Bộ phận một cửa tiếp nhận hồ sơ đăng ký khai sinh, đăng ký thường trú và cấp thẻ bảo hiểm y tế cho trẻ em.",
    "Đề nghị các hộ gia đình khơi thông cống rãnh, phát quang bụi rậm, thu gom rác thải đúng nơi quy định.",
    "Xin trân trọng cảm ơn!",
)
FFMPEG_NORMALIZE = Path(sys.executable).with_name("ffmpeg-normalize")
"""Beside the interpreter: nobody needs to activate the environment to be shown the comparison."""
LONG_MINUTES = 60
SPEED_ROUNDS = 3


def speech() -> dict[str, Sound]:
    """About half a minute by each voice of espeak, and the same with peaks that stand out further."""
    engine = EspeakEngine()
    silence = bytes(2 * (RATE // 2))
    sounds = {}
    for voice in engine.voices():
        takes = [engine.speak(SpeechRequest(sentence, voice=voice.name)).samples + silence for sentence in SENTENCES]
        sounds[voice.name] = Sound(RATE, b"".join(takes))
    engine.close()
    for name, sound in tuple(sounds.items()):
        sounds[f"{name} peaky"] = peaky(sound)
        sounds[f"{name} soft"] = scaled(sound, 0.05)
    return sounds


def scaled(sound: Sound, factor: float) -> Sound:
    """The sound times a factor."""
    values = np.frombuffer(sound.samples, "<i2") * factor
    return Sound(sound.rate, np.rint(values).astype("<i2").tobytes())


def peaky(sound: Sound) -> Sound:
    """The sound expanded: what is soft becomes softer, and the peaks stay (about 20 dB above the loudness)."""
    values = np.frombuffer(sound.samples, "<i2") / 32768
    expanded = np.sign(values) * np.abs(values) ** 1.3
    return Sound(sound.rate, np.rint(expanded / np.abs(expanded).max() * 32000).astype("<i2").tobytes())


def master(source: Path, target: Path) -> None:
    """What the product does with a file: `broadcaster master`."""
    service = Mastering(SoundfileCodec(), Bs1770Meter(), FileImporter())
    service.recording(source, target, Loudness(TARGET, CEILING), {"title": "bench"})


def normalize_by_pyloudnorm(source: Path, target: Path) -> None:
    """Gain to the target, as pyloudnorm's manual shows; no limiter, so what passes full scale is clipped."""
    import pyloudnorm
    import soundfile

    samples, rate = soundfile.read(source)
    loudness = pyloudnorm.Meter(rate).integrated_loudness(samples)
    soundfile.write(target, samples * 10 ** ((TARGET - loudness) / 20), rate)


def normalize_by_ffmpeg_normalize(source: Path, target: Path) -> None:
    """Two passes of loudnorm."""
    command = [str(FFMPEG_NORMALIZE), str(source), "-o", str(target), "-f", "-t", str(TARGET), "-tp", str(CEILING)]
    subprocess.run([*command, "-ar", str(RATE), "-c:a", "pcm_s16le"], check=True, capture_output=True)


def normalize_by_loudnorm(source: Path, target: Path) -> None:
    """One pass of ffmpeg's loudnorm."""
    chain = f"loudnorm=I={TARGET}:TP={CEILING}:LRA=11"
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(source), "-af", chain, "-ar", str(RATE), str(target)]
    subprocess.run(command, check=True, capture_output=True)


def measured(path: Path) -> tuple[float, float]:
    """Loudness and true peak by ffmpeg's ebur128."""
    command = ["ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stderr
    summary = printed[printed.rindex("Summary:") :]
    found = [re.search(pattern, summary) for pattern in (r"\bI:\s+(\S+) LUFS", r"\bPeak:\s+(\S+) dBFS")]
    loudness, peak = (float(match[1]) if match else float("nan") for match in found)
    return loudness, peak


def run(tool: Callable[[Path, Path], None], sources: list[Path], folder: Path, seconds: float) -> dict[str, Any]:
    """Speed as the median of some rounds over all files; error and peak as the worst of them."""
    targets = [folder / f"{tool.__name__}-{source.name}" for source in sources]
    rounds = []
    for _ in range(SPEED_ROUNDS):
        begun = time.perf_counter()
        for source, target in zip(sources, targets, strict=True):
            tool(source, target)
        rounds.append(time.perf_counter() - begun)
    figures: dict[str, Any] = {"x_realtime": round(seconds / sorted(rounds)[len(rounds) // 2], 1)}
    if shutil.which("ffmpeg"):
        results = [measured(target) for target in targets]
        figures["lufs_error_max"] = round(max(abs(loudness - TARGET) for loudness, _ in results), 2)
        figures["true_peak_max"] = max(peak for _, peak in results)
    return figures


def memory_of_an_hour(source: Path, folder: Path) -> float | None:
    """Peak resident memory, in MB, of a process that masters an hour of speech; None where it cannot be asked for."""
    if sys.platform == "win32":
        return None
    codec = SoundfileCodec()
    once = codec.read(source, RATE).samples
    wanted = 2 * RATE * 60 * LONG_MINUTES
    codec.write(Sound(RATE, (once * (wanted // len(once) + 1))[:wanted]), folder / "hour.wav", {})
    command = [sys.executable, __file__, "--one", str(folder / "hour.wav"), str(folder / "hour-master.wav")]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def master_and_print_memory(source: Path, target: Path) -> None:
    """The body of the process that `memory_of_an_hour` starts."""
    import resource

    master(source, target)
    status = Path("/proc/self/status")
    if status.exists():
        # getrusage would count what the parent held when it started this process.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        print(round(int(line.split()[1]) / 1024, 1))
    else:
        print(round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20), 1))


def figures() -> dict[str, Any]:
    """Everything, as one object; null stands for a tool that is not on this machine."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = []
        seconds = 0.0
        for number, sound in enumerate(speech().values()):
            sources.append(folder / f"{number}.wav")
            SoundfileCodec().write(sound, sources[-1], {})
            seconds += sound.frames / sound.rate
        ours = run(master, sources, folder, seconds)
        others: dict[str, dict[str, Any] | None] = {"ffmpeg_normalize": None, "loudnorm": None, "pyloudnorm": None}
        if FFMPEG_NORMALIZE.exists() and shutil.which("ffmpeg"):
            others["ffmpeg_normalize"] = run(normalize_by_ffmpeg_normalize, sources, folder, seconds)
        if shutil.which("ffmpeg"):
            others["loudnorm"] = run(normalize_by_loudnorm, sources, folder, seconds)
        try:
            others["pyloudnorm"] = run(normalize_by_pyloudnorm, sources, folder, seconds)
        except ImportError:
            others["pyloudnorm"] = None
        table: dict[str, Any] = {"files": len(sources), "seconds": round(seconds, 1)}
        table |= {key: ours.get(key) for key in ("x_realtime", "lufs_error_max", "true_peak_max")}
        for tool, found in others.items():
            for key in ("x_realtime", "lufs_error_max", "true_peak_max"):
                table[f"{tool}_{key}"] = found.get(key) if found else None
        table["rss_mb_60min"] = memory_of_an_hour(sources[0], folder)
        return table


def main() -> None:
    """Parse the flags, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--one", nargs=2, type=Path, metavar=("IN", "OUT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        master_and_print_memory(*options.one)
        return
    found = figures()
    if options.json:
        print(json.dumps(found))
        return
    for key, value in found.items():
        print(f"{key:36} {'not on this machine' if value is None else value}")


if __name__ == "__main__":
    main()
