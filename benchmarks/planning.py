"""Planning: greedy, ours and plain HiGHS on the same model, side by side in one run.

Usage: python benchmarks/planning.py [--json] [--sizes commune,big_commune,district] [--seeds 1,2,3] [--seconds S]

`--seconds` is our work limit and plain HiGHS's time limit; without it each size has the limit of its bar. Instances
are those of the shared generator (same draws in the same order), so figures compare with other tools on them.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from broadcaster.domain.planning.greedy import greedy
from broadcaster.domain.planning.instance import Instance, Solution, instance_from_json
from broadcaster.domain.planning.verify import violations

SIZES = {"commune": (8, 14, 40), "big_commune": (20, 21, 200), "district": (200, 21, 2000)}
"""Zones, sessions, bulletins."""
SECONDS = {"commune": 3.0, "big_commune": 20.0, "district": 120.0}
BARS = {"commune": 0.006, "big_commune": 0.02, "district": 0.035}
SHORT = [45, 60, 90, 120, 150, 180, 240, 300, 420]
LONG = [30, 45, 60, 90, 120, 150, 180, 240, 300]


def generate(size: str, seed: int) -> dict[str, Any]:
    """An instance of the shared format, equal to the shared generator's for the same size and seed."""
    draw = random.Random(1000 + seed)  # noqa: S311 - no secret in an instance
    zones, sessions, bulletins = SIZES[size]
    a_day, small = sessions // 7, size == "commune"
    people = [draw.randint(250, 900) for _ in range(zones)]
    targets = _targets(draw, size, zones, bulletins)
    draw.shuffle(targets)
    items = [_bulletin(draw, target, sessions, a_day, small=small) for target in targets]
    length = [1800 if small else draw.choice([1800, 1800, 2700]) for _ in range(sessions)]
    relay = [draw.choice([0, 600, 900]) for _ in range(sessions)]
    mean = sum(people) / zones
    appeal = [1.0, 0.9] if a_day == 2 else [1.0, 0.6, 0.9]
    return {
        "sessions": [{"appeal": appeal[s % a_day]} for s in range(sessions)],
        "zones": [
            {
                "weight": round(p / mean, 6),
                "capacity": [length[s] - relay[s] - draw.choice([60, 60, 90, 300]) for s in range(sessions)],
            }
            for p in people
        ],
        "bulletins": items,
        "max_items": 14,
        "quota": {"topic": 0, "share": 0.30},
        "repeat_bonus": [3.0, 1.6, 0.8, 0.4, 0.2, 0.1, 0.05],
        "must_penalty": 20.0,
    }


def _targets(draw: random.Random, size: str, zones: int, bulletins: int) -> list[list[int]]:
    everywhere = list(range(zones))
    if size == "district":
        communes = [everywhere[at : at + 10] for at in range(0, zones, 10)]
        single = [[at % zones] for at in range(760)]
        return [everywhere] * 40 + [communes[at % 20] for at in range(1200)] + single
    targets = [everywhere] * int(bulletins * 0.4)
    most = max(3, zones // 2)
    targets += [sorted(draw.sample(everywhere, draw.randint(2, most))) for _ in range(int(bulletins * 0.35))]
    return targets + [[draw.randrange(zones)] for _ in range(bulletins - len(targets))]


def _bulletin(draw: random.Random, target: list[int], sessions: int, a_day: int, *, small: bool) -> dict[str, Any]:
    first = draw.choice([0, 0, 0, draw.randrange(sessions)])
    length = draw.choice([sessions, sessions, draw.randint(a_day * 2, sessions)])
    must = draw.random() < 0.1
    duration = draw.choice(SHORT if small else LONG)
    value = 10 if must else draw.choice([1, 1, 2, 2, 3, 5, 8])
    return {
        "zones": target,
        "duration": duration,
        "value": value,
        "first": first,
        "last": min(sessions, first + length) - 1,
        "repeats": draw.randint(2, 7 if small else 6),
        "gap": draw.choice([0, 1, 1, 2, 3]),
        "topic": draw.choice([0, 0, 0, 1, 2, 3, 4, 5]),
        "must": must,
    }


def ours(instance: Instance, seconds: float) -> Solution:
    """The product's planner with that work limit."""
    from broadcaster.domain.planning.model import solve

    return solve(instance, work_limit=seconds)


def plain(instance: Instance, seconds: float) -> Solution:
    """HiGHS alone on the same model, its own defaults, that time limit."""
    from broadcaster.domain.planning.formulation import formulate
    from broadcaster.domain.planning.matrix import matrix_of
    from broadcaster.domain.planning.model import loaded

    program = formulate(instance, {})
    highs = loaded(matrix_of(program), whole=True)
    for option, value in (("threads", 0), ("parallel", "choose"), ("time_limit", seconds)):
        highs.setOptionValue(option, value)
    highs.run()
    info, point = highs.getInfo(), highs.getSolution().col_value
    airings = tuple(sorted(a for a, x in zip(program.airing, point, strict=False) if a is not None and x > 0.5))
    return Solution(airings, info.objective_function_value, info.mip_dual_bound)


def measure(size: str, seed: int, seconds: float) -> list[dict[str, Any]]:
    """One row a planner; every gap is to the best bound any of them proved."""
    instance = instance_from_json(generate(size, seed))
    planners: dict[str, Callable[[], Solution]] = {
        "greedy": lambda: greedy(instance),
        "ours": lambda: ours(instance, seconds),
        "plain HiGHS": lambda: plain(instance, seconds),
    }
    rows = []
    for name, planner in planners.items():
        began, cpu = time.perf_counter(), time.process_time()
        solution = planner()
        rows.append(
            {
                "size": size,
                "seed": seed,
                "planner": name,
                "seconds": round(time.perf_counter() - began, 2),
                "cpu_seconds": round(time.process_time() - cpu, 2),
                "value": round(solution.value, 3),
                "bound": round(solution.bound, 3),
                "gap": round(solution.gap, 6),
                "violations": len(violations(instance, solution)),
            }
        )
    best = min(row["bound"] for row in rows)
    for row in rows:
        row["gap_to_best_bound"] = round((best - row["value"]) / max(1e-9, abs(best)), 6)
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sizes", default="commune")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--seconds", type=float)
    chosen = parser.parse_args(arguments)
    rows = []
    for size in chosen.sizes.split(","):
        for seed in chosen.seeds.split(","):
            rows += measure(size, int(seed), chosen.seconds or SECONDS[size])
            for row in rows[-3:] if not chosen.json else ():
                print(
                    f"{size:12} {seed:>3} {row['planner']:12} {row['seconds']:8.2f} s (cpu {row['cpu_seconds']:.2f})"
                    f"  value {row['value']:12.1f}  "
                    f"bound {row['bound']:12.1f}  gap {100 * row['gap']:6.3f} %  "
                    f"(to the best bound {100 * row['gap_to_best_bound']:.3f} %)  violations {row['violations']}"
                )
    summary = {}
    for size in chosen.sizes.split(","):
        mine = [row for row in rows if row["size"] == size and row["planner"] == "ours"]
        summary[size] = {
            "median_seconds": statistics.median(row["seconds"] for row in mine),
            "median_cpu_seconds": statistics.median(row["cpu_seconds"] for row in mine),
            "median_gap": statistics.median(row["gap"] for row in mine),
            "bar_seconds": SECONDS[size],
            "bar_gap": BARS[size],
        }
    print(
        json.dumps({"benchmark": "planning", "summary": summary, "rows": rows}, ensure_ascii=False)
        if chosen.json
        else summary
    )


if __name__ == "__main__":
    main()
