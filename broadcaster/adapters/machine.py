"""What this machine can do: disk, clock, sound devices, tools."""

import ctypes.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from broadcaster.ports import Check

_ASSUMED_MB = 1024
LOW_DISK_BYTES = 2 * 1024**3
"""A week of a commune's masters and takes is well below one gigabyte; two leave room for database and recordings."""


def disk(folder: Path) -> Check:
    """Free space where the workspace is."""
    there = next(place for place in [folder, *folder.absolute().parents] if place.exists())
    free = shutil.disk_usage(there).free
    return Check("disk", free >= LOW_DISK_BYTES, f"{free / 1024**3:.1f} GiB", needed=True)


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def free_memory_mb(table: Path = Path("/proc/meminfo")) -> int:
    """Memory that programs can have without swapping; a gigabyte where the system does not say."""
    try:
        lines = table.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration):
        return _ASSUMED_MB


def clock_sync() -> Check:
    """Whether the system says that its clock is kept by a time server."""
    if sys.platform == "win32":
        command = ["w32tm", "/query", "/status"]
    else:
        command = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
    path = shutil.which(command[0])
    if path is None:
        return Check("clock_sync", ok=False, detail=f"{command[0]}: –", needed=False)
    try:
        done = subprocess.run([path, *command[1:]], capture_output=True, text=True, timeout=10, check=False)  # noqa: S603 - a fixed command
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check("clock_sync", ok=False, detail=str(error), needed=False)
    answer = done.stdout.strip()
    said = next(iter((answer or done.stderr.strip()).splitlines()), "–")
    # w32tm says 0 or 1 or 2 for a leap second, 3 for a clock that nothing keeps.
    synced = answer == "yes" if sys.platform != "win32" else done.returncode == 0 and "3(" not in said
    return Check("clock_sync", synced, said, needed=False)


def sound_devices() -> Check:
    """Whether the system has a sound device to play on."""
    if sys.platform == "win32":
        count = int(ctypes.windll.winmm.waveOutGetNumDevs())  # type: ignore[attr-defined]
        return Check("sound_device", count > 0, str(count), needed=False)
    cards = Path("/proc/asound/cards")
    try:
        listed = [line.strip() for line in cards.read_text(encoding="utf-8").splitlines() if "[" in line]
    except OSError:
        listed = []
    return Check("sound_device", bool(listed), "; ".join(listed) or "–", needed=False)
