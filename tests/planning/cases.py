"""Random planning instances for the tests, and the best plan of a tiny one by trying every plan."""

from itertools import combinations, pairwise
from typing import Any

import numpy as np

from broadcaster.domain.planning.instance import Instance, instance_from_json


def random_instance(seed: int, *, sessions: int, zones: int, bulletins: int, extras: bool = False) -> Instance:
    """An instance with tight rooms; `extras` adds days, runs, exclusions and pins."""
    rng = np.random.default_rng(seed)

    def pick(options: list[Any]) -> Any:
        return options[int(rng.integers(len(options)))]

    items = []
    for _ in range(bulletins):
        first = int(rng.integers(sessions))
        last = int(rng.integers(first, sessions))
        item: dict[str, Any] = {
            "zones": sorted(int(z) for z in rng.choice(zones, size=int(rng.integers(1, zones + 1)), replace=False)),
            "duration": pick([45, 60, 90, 120]),
            "value": pick([1, 2, 3, 5]),
            "first": first,
            "last": last,
            "repeats": int(rng.integers(1, 5)),
            "gap": int(rng.integers(0, 3)),
            "topic": pick([0, 0, 1]),
            "must": bool(rng.random() < 0.2),
        }
        if extras:
            item["excluded"] = sorted({int(s) for s in rng.integers(0, sessions, size=int(rng.integers(0, 2)))})
            free = [s for s in range(first, last + 1) if s not in item["excluded"]]
            if free and rng.random() < 0.3:
                item["pinned"] = [pick(free)]
            if rng.random() < 0.4:
                item["consecutive_days"] = int(rng.integers(0, item["repeats"] + 1))
                if rng.random() < 0.5:
                    item["aired_days"] = sorted({int(day) for day in rng.integers(0, sessions // 2 + 2, size=2)})
        items.append(item)
    return instance_from_json(
        {
            "sessions": [
                {"appeal": pick([1.0, 0.6, 0.9]), **({"day": s // 2} if extras else {})} for s in range(sessions)
            ],
            "zones": [
                {
                    "weight": round(float(rng.uniform(0.5, 2)), 3),
                    "capacity": [pick([0, 90, 150, 240]) for _ in range(sessions)],
                }
                for _ in range(zones)
            ],
            "bulletins": items,
            "max_items": pick([1, 2, 3]),
            "quota": {"topic": 0, "share": pick([0.0, 0.3, 0.5])},
            "repeat_bonus": pick([[3.0, 1.6, 0.8], [1.0], [2.0, 2.0, 0.5, 0.1]]),
            "must_penalty": 20.0,
        }
    )


def best_by_trying(instance: Instance) -> tuple[int, float]:
    """The fewest missed pins and runs any plan has, and the most value among the plans with that few.

    Every choice of sessions for every bulletin is tried; nothing here is shared with the product.
    """
    choices = [_choices(instance, b) for b in range(len(instance.bulletins))]
    free = [list(zone.capacity) for zone in instance.zones]
    items = [[0] * len(instance.sessions) for _ in instance.zones]
    best = (len(instance.bulletins) * 100, 0.0)

    def descend(b: int, plan: list[tuple[int, ...]]) -> None:
        nonlocal best
        if b == len(choices):
            if _quota_kept(instance, plan):
                missed = sum(_missed(instance, at, sessions) for at, sessions in enumerate(plan))
                value = sum(_worth(instance, at, sessions) for at, sessions in enumerate(plan))
                if (-missed, value) > (-best[0], best[1]):
                    best = (missed, value)
            return
        bulletin = instance.bulletins[b]
        for sessions in choices[b]:
            cells = [(z, s) for z in bulletin.zones for s in sessions]
            if all(free[z][s] >= bulletin.duration and items[z][s] < instance.max_items for z, s in cells):
                for z, s in cells:
                    free[z][s] -= bulletin.duration
                    items[z][s] += 1
                descend(b + 1, [*plan, sessions])
                for z, s in cells:
                    free[z][s] += bulletin.duration
                    items[z][s] -= 1

    descend(0, [])
    return best


def _choices(instance: Instance, b: int) -> list[tuple[int, ...]]:
    bulletin = instance.bulletins[b]
    window = [s for s in range(bulletin.first, bulletin.last + 1) if s not in bulletin.excluded]
    return [
        chosen
        for n in range(bulletin.repeats + 1)
        for chosen in combinations(window, n)
        if all(later - earlier > bulletin.gap for earlier, later in pairwise(chosen))
    ]


def _missed(instance: Instance, b: int, sessions: tuple[int, ...]) -> int:
    bulletin = instance.bulletins[b]
    missed = len(set(bulletin.pinned) - set(sessions))
    if bulletin.consecutive_days:
        days = {instance.sessions[s].day for s in sessions} | set(bulletin.aired_days)
        runs = [all(day + n in days for n in range(bulletin.consecutive_days)) for day in days]
        missed += not any(runs)
    return missed


def _worth(instance: Instance, b: int, sessions: tuple[int, ...]) -> float:
    bulletin = instance.bulletins[b]
    people = sum(instance.zones[z].weight for z in bulletin.zones)
    worth = bulletin.value * sum(instance.sessions[s].appeal for s in sessions)
    worth += bulletin.value * sum(instance.repeat_bonus[: len(sessions)])
    return people * (worth - (instance.must_penalty if bulletin.must and not sessions else 0.0))


def _quota_kept(instance: Instance, plan: list[tuple[int, ...]]) -> bool:
    for z in range(len(instance.zones)):
        inside = [(instance.bulletins[b], len(sessions)) for b, sessions in enumerate(plan)]
        seconds = [(u.duration * n, u.topic) for u, n in inside if z in u.zones]
        topical = sum(n for n, topic in seconds if topic == instance.quota.topic)
        if topical < instance.quota.share * sum(n for n, _ in seconds) - 1e-6:
            return False
    return True
