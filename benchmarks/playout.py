"""Playout: how far cues start from their time, idle and with both cores busy, beside a bare APScheduler date job.

Usage: python benchmarks/playout.py [--json] [--cues N] [--every SECONDS] [--kills N]

The player runs as `broadcaster play --output soundcard` does: its loop hands each cue to the sound card's process ahead
of its time. A real PulseAudio server with a sink that goes nowhere is recorded at its monitor, and the start of each
cue is found in the recording. A recording has no clock of its own, so the error of a cue is its distance from the
schedule less the median of all of them: the constant delay of the device is not counted. `..._told_...` is the error
that the card's own process reports by the device's clock, constant part included. APScheduler's figure is the instant
at which a job that does nothing is called.

Kills: a player process with its journal, its ledger in SQLite and an output that only keeps time goes through a week of
fourteen short sessions on a clock ten times as fast, and is killed with SIGKILL at random instants and started again.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from broadcaster.adapters.clock import SystemClock
from broadcaster.adapters.journal import MemoryJournal
from broadcaster.adapters.link.identity import keep_identity
from broadcaster.adapters.outputs.soundcard import Soundcard, SoundcardOutput
from broadcaster.cli.play import LEAD
from broadcaster.domain.asrun import AsRun, Outcome
from broadcaster.domain.rundown import ItemKind, LatePolicy, Rundown, RundownItem
from broadcaster.domain.station import QuietHours
from broadcaster.ports import OutputEvent, OutputEventKind
from broadcaster.services.playing import Player
from broadcaster.units import Milliseconds, Sha256
from tests.adapters.outputs.sound_server import CHANNELS, RATE, sound_server
from tests.services.link_double import MemoryLink
from tests.services.network import NODE, Office
from tests.services.network import a_rundown as a_plan

CLICK_S = 0.2
LOUD = 0.1
HEAVY = {"sqlmodel", "sqlalchemy", "fastapi", "uvicorn", "starlette", "highspy"}
"""What a node may not import."""


def spin() -> None:
    """A busy process."""
    while True:
        pass


@contextlib.contextmanager
def busy(number: int) -> Iterator[None]:
    """So many processes that do nothing but turn."""
    hogs = [multiprocessing.get_context("spawn").Process(target=spin, daemon=True) for _ in range(number)]
    for hog in hogs:
        hog.start()
    try:
        time.sleep(1)
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.join()


def a_rundown(start: datetime, cues: int, every: float) -> Rundown:
    """Cues at equal distances."""
    items = tuple(
        RundownItem(
            f"x.{n}", ItemKind.BULLETIN, start + timedelta(seconds=every * n), Milliseconds(round(CLICK_S * 1000)),
            "m", f"b{n}", "mot_cua", LatePolicy.SKIP,
        )
        for n in range(cues)
    )  # fmt: skip
    end = start + timedelta(seconds=every * cues + 5)
    return Rundown("x", Sha256("0" * 64), "x", start.date(), "sang", start, end, items)


class Told(SoundcardOutput):
    """The output, which notes when the card says that each cue began."""

    def __init__(self, clock: SystemClock, card: Soundcard, zone: str) -> None:
        super().__init__(clock, card, zone)
        self.began: dict[str, datetime] = {}

    def poll(self) -> Sequence[OutputEvent]:
        """As the output's own."""
        events = super().poll()
        self.began.update({e.item: e.at for e in events if e.kind is OutputEventKind.STARTED})
        return events


def p99(errors: Sequence[float]) -> float:
    """The 99th percentile of absolute errors, in milliseconds."""
    return round(float(np.percentile(np.abs(errors), 99)) * 1000, 3)


def started(cues: int, every: float, hogs: int) -> dict[str, float]:
    """Errors of the player, in milliseconds."""
    with tempfile.TemporaryDirectory() as name, sound_server(Path(name)) as server:
        os.environ.update(server.environment)
        count = np.arange(round(CLICK_S * 24_000))
        click = Path(name) / "click.wav"
        soundfile.write(click, (0.5 * np.cos(2 * np.pi * 1000 * count / 24_000)).astype(np.float32), 24_000)
        card = Soundcard("", {"x": [0]}, rate=RATE, channels=CHANNELS)
        card.open()
        clock, rows = SystemClock(), list[AsRun]()
        output = Told(clock, card, "x")
        recording = server.record()
        with busy(hogs):
            rundown = a_rundown(clock.now() + timedelta(seconds=2), cues, every)
            player = Player("x", output, clock, MemoryJournal(), lambda _: click, rows.extend, lead=LEAD)
            player.play(rundown, frozenset())
        time.sleep(0.5)
        heard = recording.stop()[:, 0]
        card.close()
    if any(row.outcome is not Outcome.AIRED for row in rows) or len(rows) != cues:
        bad = [(row.item, row.outcome.value, row.cause.value) for row in rows if row.outcome is not Outcome.AIRED]
        sys.exit(f"{len(rows)} rows of {cues}, not aired: {bad}")
    loud = np.flatnonzero(np.abs(heard) > LOUD)
    onsets = loud[np.r_[0, np.flatnonzero(np.diff(loud) > RATE * CLICK_S / 2) + 1]] / RATE
    if len(onsets) != cues:
        sys.exit(f"{len(onsets)} cues of {cues} are in the recording")
    off = onsets - every * np.arange(cues)
    told = [(output.began[item.id] - item.start).total_seconds() for item in rundown.items]
    return {"recorded": p99(off - np.median(off)), "told": p99(told)}


def scheduled(cues: int, every: float, hogs: int) -> float:
    """Errors of a bare APScheduler, in milliseconds."""
    from apscheduler.schedulers.background import BackgroundScheduler

    late: list[float] = []
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.start()
    with busy(hogs):
        begin = datetime.now(UTC) + timedelta(seconds=1)
        for n in range(cues):
            at = begin + timedelta(seconds=every * n)

            def call(at: datetime = at) -> None:
                late.append((datetime.now(UTC) - at).total_seconds())

            scheduler.add_job(call, "date", run_date=at, misfire_grace_time=None)
        time.sleep(every * cues + 2)
    scheduler.shutdown()
    if len(late) != cues:
        sys.exit(f"{len(late)} jobs of {cues} were called")
    return p99(late)


def memory_of_node() -> dict[str, Any]:
    """Peak resident memory of `broadcaster node run` and its sound card's process while it plays; heavy imports."""
    with tempfile.TemporaryDirectory() as name, sound_server(Path(name)) as server:
        folder = Path(name) / "office"
        folder.mkdir()
        office = Office(folder)
        village = office.enrolled(NODE)
        keep_identity(village.cache.root, village.identity)
        office.desk.station = replace(office.desk.station, quiet=QuietHours(time_of_day(0), time_of_day(0)))
        office.clock.sleep_until(SystemClock().now() + timedelta(seconds=6))
        sound = folder / "sound.flac"
        soundfile.write(sound, 0.3 * np.sin(2 * np.pi * 440 * np.arange(24_000 * 8) / 24_000), 24_000)
        (item,) = (planned := a_plan(masters=["0" * 64], day=office.clock.now())).items
        planned = replace(planned, items=(replace(item, duration_ms=Milliseconds(8000)),))
        office.desk.push([planned], lambda _: sound, lambda _: [NODE], force=True)
        village.receiving(MemoryLink(office.desk, NODE)).turn(0.0)
        command = [sys.executable, "-X", "importtime", "-m", "broadcaster", "node", "run", "--no-link", "--once"]
        command += ["--folder", str(village.cache.root), "--open-channels", str(CHANNELS)]
        log = Path(name) / "imports"
        with log.open("w") as imports:
            process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=imports, env={**os.environ, **server.environment}
            )
            peaks: dict[int, int] = {}
            while process.poll() is None:
                for pid in (process.pid, *children(process.pid)):
                    peaks[pid] = max(peaks.get(pid, 0), peak_kb(pid))
                time.sleep(0.2)
        if process.returncode:
            sys.exit(log.read_text()[-2000:])
        imported = {line.rpartition("|")[2].strip() for line in log.read_text().splitlines()}
    return {
        "node_rss_mb": round(sum(peaks.values()) / 1024),
        "node_player_rss_mb": round(peaks[process.pid] / 1024),
        "node_heavy_imports": sorted(
            imported & {"sqlmodel", "sqlalchemy", "fastapi", "uvicorn", "starlette", "highspy"}
        ),
    }


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    with contextlib.suppress(OSError):
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def peak_kb(pid: int) -> int:
    """A process's peak resident memory. Not `ru_maxrss`: a child begins with its parent's."""
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2].split()[0])
    return 0


def emergency() -> dict[str, Any]:
    """The last of 5,000 nodes over Mosquitto; see `emergency.py`, which has more."""
    command = [sys.executable, str(Path(__file__).with_name("emergency.py")), "--json", "--no-herd"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures = json.loads(done.stdout)
    return {name: figures[name] for name in ("emergency_nodes", "emergency_last_s")}


PLAYER = """
import pickle, sys
from datetime import datetime, timedelta
from pathlib import Path
from broadcaster.adapters.clock import SystemClock
from broadcaster.adapters.journal import FileJournal
from broadcaster.adapters.outputs.null import NullOutput
from broadcaster.adapters.store.sql import open_store
from broadcaster.services.airing import Ledger
from broadcaster.services.playing import Player, close_after_power_cut

folder, factor, begin = Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
base = datetime.fromisoformat(sys.argv[4])

class FastClock(SystemClock):
    def elapsed(self):
        return (super().elapsed() - begin) * factor
    def now(self):
        return base + timedelta(seconds=self.elapsed())
    def sleep_until(self, instant):
        left = (instant - self.now()).total_seconds() / factor
        if left > 0:
            self._stop.wait(min(left, 1.0))

print("up", flush=True)
clock, store = FastClock(), open_store(str(folder / "ledger.db"))
rundowns = pickle.loads((folder / "rundowns.pickle").read_bytes())
ledger, journal = Ledger(store), FileJournal(folder / "x.json")
close_after_power_cut("x", journal, rundowns, lambda r: ledger.done("x", r), ledger.record)
for rundown in rundowns:
    done = ledger.done("x", rundown)
    if {item.id for item in rundown.items} <= done:
        continue
    output = NullOutput(clock)
    beat = timedelta(seconds=0.8)
    player = Player("x", output, clock, journal, lambda _: folder / "ledger.db", ledger.record, heartbeat=beat)
    player.play(rundown, done)
(folder / "over").touch()
"""
FACTOR = 10.0


def killed(number: int) -> dict[str, Any]:
    """A player that is killed so many times: what is lost, doubled and unaccounted for."""
    import pickle
    import random

    from broadcaster.adapters.clock import monotonic
    from broadcaster.adapters.store.sql import open_store
    from broadcaster.domain.asrun import Cause, check_chain

    draw = random.Random(11)  # noqa: S311 - no secret
    base = datetime(2026, 11, 23, 23, tzinfo=UTC)
    length = max(40.0, number * 1.6 * FACTOR / 14)
    week = []
    for n in range(14):
        start = base + timedelta(seconds=5 + n * (length + 12))
        rundown = a_rundown(start, int(length // 20), 20)
        items = tuple(
            RundownItem(
                f"{n}.{item.id}", item.kind, item.start, Milliseconds(18_000), "m", item.bulletin, "mot_cua",
                LatePolicy.SHIFT,
            )
            for item in rundown.items
        )  # fmt: skip
        day = rundown.day + timedelta(days=n // 2)
        week.append(
            Rundown("x", rundown.plan, "x", day, f"b{n % 2}", start, start + timedelta(seconds=length + 8), items)
        )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rundowns.pickle").write_bytes(pickle.dumps(week))
        open_store(str(folder / "ledger.db")).close()
        begin = monotonic()
        command = [sys.executable, "-c", PLAYER, name, str(FACTOR), str(begin), base.isoformat()]
        kills: list[datetime] = []
        while not (folder / "over").exists():
            process = subprocess.Popen(command, stdout=subprocess.PIPE)
            if process.stdout is not None and draw.random() < 0.9:
                process.stdout.readline()  # nine in ten when it is up, the others while it starts
            try:
                process.wait(timeout=draw.uniform(0, 1) if len(kills) < number else None)
            except subprocess.TimeoutExpired:
                process.kill()
                kills.append(base + timedelta(seconds=(monotonic() - begin) * FACTOR))
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
        store = open_store(str(folder / "ledger.db"))
        rows = store.chain("x")
        findings = check_chain(rows)
        store.close()
    wanted = [item.id for rundown in week for item in rundown.items]
    found = [row.item for row in rows]
    cut = [row for row in rows if row.cause is Cause.POWER_CUT and row.ended_at is not None]
    unaccounted = []
    for row in cut:
        after = [at for at in kills if row.ended_at is not None and at >= row.ended_at]
        unaccounted.append((min(after) - row.ended_at).total_seconds() if after and row.ended_at else 0.0)
    return {
        "kills": len(kills),
        "kills_while_playing": len(cut),
        "lost": len(set(wanted) - set(found)),
        "doubled": len(found) - len(set(found)),
        "chain_findings": len(findings),
        "unaccounted_s_max": round(max(unaccounted, default=0.0), 3),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--cues", type=int, default=200)
    parser.add_argument("--every", type=float, default=0.5)
    parser.add_argument("--kills", type=int, default=500)
    chosen = parser.parse_args(arguments)
    cores = os.cpu_count() or 1
    figures: dict[str, Any] = {"cues": chosen.cues}
    for name, hogs in (("idle", 0), ("busy", cores)) if chosen.cues else ():
        ours = started(chosen.cues, chosen.every, hogs)
        figures[f"start_ms_p99_{name}"] = ours["recorded"]
        figures[f"start_told_ms_p99_{name}"] = ours["told"]
        figures[f"apscheduler_ms_p99_{name}"] = scheduled(chosen.cues, chosen.every, hogs)
    figures |= memory_of_node()
    if chosen.kills:
        figures |= killed(chosen.kills)
    figures |= emergency()
    figures["load"] = round(statistics.fmean(os.getloadavg()), 2)
    if chosen.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:28} {value}")


if __name__ == "__main__":
    main()
