"""A whole planning office on the shipped demo station: real store, real approvals, real solver, a virtual clock.

`golden` writes a week as a text that a person can read and that a rule can be seen in.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path

from broadcaster.adapters.clock import VirtualClock
from broadcaster.adapters.store.memory import MemoryStore
from broadcaster.domain.approval import Action
from broadcaster.domain.asrun import Outcome, row_for
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.bulletin_file import parse_bulletin
from broadcaster.domain.planning.instance import Instance, Solution
from broadcaster.domain.planning.model import solve
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.rundown import ItemKind, Rundown
from broadcaster.domain.station import Station, week_days
from broadcaster.domain.station_file import parse_station
from broadcaster.domain.taxonomy import shipped_taxonomy
from broadcaster.errors import Finding
from broadcaster.ports import StoredReading
from broadcaster.services.approving import Approving
from broadcaster.services.planning import Planning
from broadcaster.units import Milliseconds
from broadcaster.wording import say
from tests.domain.values import sounds
from tests.suites.store_values import a_master

ROOT = Path(__file__).resolve().parents[2]
GOLDENS = Path(__file__).parent / "goldens"
OWN = sounds(12, 7, 6)
WORDS_A_SECOND = 2.6
TITLE = 4.0

# A rate at which the demo's bulletins are read: the golden weeks need lengths, not sound.


def seconds_of(bulletin: Bulletin) -> int:
    return round(len(bulletin.body.split()) / WORDS_A_SECOND + TITLE)


@cache
def demo_bulletins() -> tuple[Bulletin, ...]:
    station = demo_station()
    texts = sorted((ROOT / "scripts_vi").glob("*.txt"))
    return tuple(
        parse_bulletin(
            path.read_text(encoding="utf-8"),
            code=path.stem,
            author="tu_phap",
            zones=station.zone_by_code,
            taxonomy=shipped_taxonomy(),
        )[0]
        for path in texts
    )


@cache
def demo_station(more: str = "") -> Station:
    text = (ROOT / "schedules" / "station.toml").read_text(encoding="utf-8")
    return parse_station(f"{text}\n{more}")


def demo_windows() -> dict[str, tuple[int, int]]:
    import tomllib

    script = tomllib.loads((ROOT / "scripts_vi" / "demo.toml").read_text(encoding="utf-8"))
    return {code: (first, last) for code, (first, last) in script["windows"].items()}


PRECEDENCE = (
    "04_thong_bao_phi_chung_thuc",
    "11_thong_bao_tiep_cong_dan_phong_chong_tham_nhung",
    "07_thong_bao_le_phi_cu_tru",
)


def nudge(b: int, s: int) -> float:
    """A small preference of its own for every airing, so that the best plan is one and whoever finds it finds it."""
    return int.from_bytes(sha256(f"{b}.{s}".encode()).digest()[:4], "big") / 2**32 / 100


def one_best(
    instance: Instance, *, keep: Mapping[tuple[int, int], float] | None = None, start: Solution | None = None
) -> Solution:
    """Solve to the proved optimum, which the nudges make the only one."""
    keep = dict(keep or {})
    for b, sessions in enumerate(instance.allowed):
        for s in sessions:
            keep[b, s] = keep.get((b, s), 0.0) + nudge(b, s)
    return solve(instance, work_limit=20, keep=keep, start=start)


def quick(
    instance: Instance, *, keep: Mapping[tuple[int, int], float] | None = None, start: Solution | None = None
) -> Solution:
    return solve(instance, work_limit=0.2, keep=keep, start=start)


@dataclass
class Office:
    station: Station
    now: datetime
    store: MemoryStore = field(default_factory=MemoryStore)

    def __post_init__(self) -> None:
        self.clock = VirtualClock(self.now)
        self.approving = Approving(self.store, self.clock, self.station)
        self.planning = Planning(self.store, self.clock, self.station, shipped_taxonomy(), self.approving)

    def at(self, moment: str) -> None:
        self.clock.step(datetime.fromisoformat(moment) - self.clock.now())

    def approve(self, bulletin: Bulletin, seconds: float | None = None) -> Bulletin:
        """Save a bulletin, voice it (twice where it asks for that), submit and approve it."""
        self.store.save_bulletin(bulletin, self.clock.now())
        once = Milliseconds(round((seconds_of(bulletin) if seconds is None else seconds) * 1000))
        whole = Milliseconds(once * (2 if bulletin.read_twice else 1) + 3000)
        master = a_master(bulletin, content_ms=once, duration_ms=whole)
        self.store.save_reading(StoredReading(bulletin.code, bulletin.text_hash, master.reading_hash, "lời đọc"))
        self.store.save_master(master)
        self.approving.act(bulletin, Action.SUBMIT, bulletin.author)
        self.clock.step(timedelta(seconds=1))
        self.approving.act(bulletin, Action.APPROVE, "pho_chu_tich")
        return bulletin

    def approve_demo(self, monday: date, only: str = "") -> None:
        """The demo's bulletins, or some by their number, their windows moved to the week as the demo does."""
        windows = demo_windows()
        for bulletin in demo_bulletins():
            if only and short(bulletin.code) not in only.split():
                continue
            first, last = windows[bulletin.code]
            moved = {"valid_from": monday + timedelta(days=first), "valid_to": monday + timedelta(days=last)}
            self.approve(replace(bulletin, **moved))

    def make(self, monday: date, reason: str = "", solver: object = one_best) -> tuple[Plan, tuple[Finding, ...]]:
        return self.planning.make(monday, OWN, solver, reason=reason, precedence=PRECEDENCE)  # type: ignore[arg-type]

    def rundowns(self, monday: date) -> list[Rundown]:
        return [r for r in self.store.rundowns(monday, monday + timedelta(days=6)) if r.items]

    def air(self, monday: date, days: Sequence[date], down: Collection[tuple[str, date]] = ()) -> None:
        """Every node plays what is planned on these dates; one that is down writes nothing."""
        parts = {zone.code: zone for zone in self.station.air_zones()}
        for rundown in self.rundowns(monday):
            if rundown.day not in days:
                continue
            session = next(s for s in self.station.sessions_on(rundown.day) if s.code == rundown.session)
            for node in sorted(self.station.reached(parts[rundown.zone], rundown.day, session)):
                if (node, rundown.day) not in down:
                    self.store.append_as_run(
                        [
                            row_for(node, rundown, item, Outcome.AIRED, played_ms=item.duration_ms)
                            for item in rundown.items
                        ]
                    )


def short(code: str) -> str:
    return code.split("_", maxsplit=1)[0]


def golden(office: Office, plan: Plan, findings: Sequence[Finding]) -> str:
    """The week as a text: one line a session in the order of reading, zones apart where they differ."""
    lines = [f"tuần {plan.week.isoformat()}, số {plan.number}" + (f": {plan.reason}" if plan.reason else "")]
    for day in week_days(plan.week):
        special = "; ".join(s.name for s in office.station.special_days if s.covers(day))
        name = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")[day.weekday()]
        lines += ["", f"{name} {day.isoformat()} {special}".rstrip()]
        for session in office.station.sessions_on(day):
            heard: dict[str, list[str]] = {}
            for zone in office.station.air_zones():
                found = [
                    r
                    for r in office.rundowns(plan.week)
                    if (r.day, r.session, r.zone) == (day, session.code, zone.code)
                ]
                text = " ".join(_item(item.kind, item.bulletin) for r in found for item in r.items) or "(im lặng)"
                heard.setdefault(text, []).append(zone.code)
            label = f"  {session.code} {session.start.strftime('%H:%M')} {session.cap // 60_000}′"
            for number, (text, zones) in enumerate(sorted(heard.items(), key=lambda pair: (-len(pair[1]), pair[0]))):
                where = "" if number == 0 else f" [{', '.join(zones)}]"
                lines.append(f"{label}{where}: {text}")
    lines.append("")
    lines += [f"- {s.bulletin}: {say(s.code, 'vi', **s.facts)}" for s in plan.shortfalls]
    lines += [f"! {say(f.code, 'vi', **f.facts)}" for f in findings]
    return "\n".join(line.rstrip() for line in lines) + "\n"


_SIGNS = {
    ItemKind.SIGNATURE: "♪",
    ItemKind.OPENING: "«",
    ItemKind.CLOSING: "»",
    ItemKind.RELAY: "[tiếp sóng]",
}


def _item(kind: ItemKind, bulletin: str) -> str:
    return _SIGNS.get(kind) or re.sub(r"^(\d+).*", r"\1", bulletin)
