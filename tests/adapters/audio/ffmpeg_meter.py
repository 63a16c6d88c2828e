"""A second opinion on loudness: ffmpeg's ebur128 filter, where ffmpeg is on the machine."""

import re
import shutil
import subprocess
from pathlib import Path

AVAILABLE = shutil.which("ffmpeg") is not None


def measured(path: Path) -> tuple[float, float]:
    """Integrated loudness and true peak, each to a tenth as ffmpeg prints them; -70.0 for silence."""
    command = ["ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stderr
    summary = printed[printed.rindex("Summary:") :]
    loudness = re.search(r"\bI:\s+(\S+) LUFS", summary)
    peak = re.search(r"\bPeak:\s+(\S+) dBFS", summary)
    assert loudness
    assert peak
    return float(loudness[1]), float(peak[1])
