"""The console's speed and size: a real `broadcaster run` over a week with 200 bulletins.

Run: python benchmarks/console.py --json. Memory is read from /proc, so on Linux only; null elsewhere.
"""

import argparse
import http.cookiejar
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from broadcaster.bootstrap import App, sample_folder
from broadcaster.config import Settings, Workspace
from broadcaster.domain.bulletin import Bulletin, Kind
from broadcaster.domain.planning.plan import Plan, Slot
from broadcaster.units import Milliseconds, digest

MONDAY = date(2026, 11, 30)
PASSWORD = "một câu dễ nhớ"  # noqa: S105 - a benchmark's


def fill(folder: Path) -> None:
    """A station with 200 bulletins in one week's plan."""
    (folder / "schedules").mkdir()
    shutil.copy(sample_folder() / "schedules" / "station.toml", folder / "schedules")
    app = App(Settings(Workspace.at(folder)))
    slots = []
    for number in range(200):
        piece = Bulletin(
            f"tin_{number:03}",
            f"Bản tin số {number}: lịch tiêm phòng, họp thôn và nộp hồ sơ",
            "Kính thưa bà con, mai họp thôn lúc 7 giờ 30. " * 10,
            Kind.TIN,
            "mot_cua",
            "Văn phòng xã",
            MONDAY,
            MONDAY + timedelta(days=6),
            "tu_phap",
        )
        app.store.save_bulletin(piece, datetime(2026, 11, 26, tzinfo=UTC))
        for airing in range(3):
            day = MONDAY + timedelta(days=(number + 2 * airing) % 7)
            session = ("sang", "chieu")[(number + airing) % 2]
            slots.append(Slot(day, session, piece.code, ("toan_xa",), digest(number), Milliseconds(40_000)))
    plan = Plan(app.station.code, MONDAY, 0, tuple(sorted(slots)), (), 1.0, 1.0, digest("bench"))
    app.store.save_plan(plan, datetime(2026, 11, 26, tzinfo=UTC))
    app.entering.set_up("quan_tri", PASSWORD)
    app.close()


def memory_mb(pid: int) -> float | None:
    """The most that a process has held."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
    except OSError:
        return None
    return int(found[1]) / 1024 if found else None


def measured() -> dict[str, float | None]:
    """The figures."""
    with tempfile.TemporaryDirectory() as name:
        fill(Path(name))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

        def get(path: str) -> tuple[float, int]:
            begun = time.perf_counter()
            size = len(browser.open(address + path, timeout=60).read())
            return time.perf_counter() - begun, size

        begun = time.perf_counter()
        command = [sys.executable, "-m", "broadcaster", "-w", name, "run", "--port", str(port)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while True:
                try:
                    get("/dang-nhap")
                    break
                except OSError:
                    time.sleep(0.02)
            cold = time.perf_counter() - begun
            fields = urllib.parse.urlencode({"ma": "quan_tri", "mat_khau": PASSWORD}).encode()
            request = urllib.request.Request(f"{address}/dang-nhap", fields, {"Origin": address})  # noqa: S310 - our own
            browser.open(request, timeout=60).read()
            figures: dict[str, float | None] = {"first_page_cold_s": round(cold, 2)}
            for name_, path in (
                ("login", "/dang-nhap"),
                ("today", "/"),
                ("list", "/ban-tin"),
                ("week", f"/lich/{MONDAY}"),
            ):
                runs = [get(path) for _ in range(7)]
                figures[f"{name_}_warm_ms"] = round(1000 * median(run[0] for run in runs), 1)
                figures[f"{name_}_kb"] = round(runs[0][1] / 1024, 1)
            figures["memory_mb"] = memory_mb(server.pid)
            return figures
        finally:
            server.terminate()
            server.wait(30)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    wanted = parser.parse_args()
    result = measured()
    print(json.dumps(result) if wanted.json else "\n".join(f"{name}: {value}" for name, value in result.items()))
