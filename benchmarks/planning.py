"""Planning: greedy, ours, plain HiGHS and CP-SAT on the same model, side by side in one run; and one amendment.

Usage: python benchmarks/planning.py [--json] [--sizes commune,big_commune,district] [--seeds 1,2,3] [--seconds S]
       [--planners greedy,ours,HiGHS,CP-SAT,replan]

`--seconds` is our work limit and the others' time limit; without it each size has the limit of its bar. Instances are
those of the shared generator (same draws in the same order), so figures compare with other tools on them. `replan`
silences one zone for one session of our plan and plans again with every airing kept at a reward. `first_seconds` is
when ours had its first plan that keeps every rule, solver's start included. `rss_mb` is the process's peak so far: run
one size a process to compare.
"""

import argparse
import json
import os
import random
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

from broadcaster.domain.planning.greedy import greedy
from broadcaster.domain.planning.instance import Instance, Solution, ZoneSpec, instance_from_json
from broadcaster.domain.planning.verify import violations

SIZES = {"commune": (8, 14, 40), "big_commune": (20, 21, 200), "district": (200, 21, 2000)}
"""Zones, sessions, bulletins."""
SECONDS = {"commune": 3.0, "big_commune": 20.0, "district": 120.0}
BARS = {"commune": 0.006, "big_commune": 0.02, "district": 0.035}
PLANNERS = "greedy,ours,HiGHS,CP-SAT,replan"
KEEP = 10.0
"""Reward for an airing that stays, in units of value: a bulletin of middling value heard by everybody, once."""
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


def ours(instance: Instance, seconds: float, first: list[float] | None = None) -> Solution:
    """The product's planner with that work limit; notes when it had its first plan."""
    began = time.perf_counter()
    from broadcaster.domain.planning.model import Progress, solve

    def watch(progress: Progress) -> bool:
        if first is not None and not first and progress.value > -1e300:
            first.append(time.perf_counter() - began)
        return True

    return solve(instance, work_limit=seconds, progress=watch)


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


def cp_sat(instance: Instance, seconds: float) -> Solution:
    """CP-SAT on the same model with coefficients as whole thousandths, its own defaults, that time limit."""
    from ortools.sat.python import cp_model

    from broadcaster.domain.planning.formulation import formulate

    program = formulate(instance, {})
    model = cp_model.CpModel()
    columns = [model.new_bool_var("") for _ in program.cost]
    for inside, factors, low, high in program.rows:
        row = cp_model.LinearExpr.weighted_sum([columns[c] for c in inside], [round(1000 * f) for f in factors])
        if high < float("inf"):
            model.add(row <= round(1000 * high))
        if low > -float("inf"):
            model.add(row >= round(1000 * low))
    model.maximize(cp_model.LinearExpr.weighted_sum(columns, [round(1000 * c) for c in program.cost]))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = os.cpu_count() or 1
    solver.solve(model)
    # The empty plan always is one, so there is a value; rounding may have moved the bound by half a thousandth each.
    airings = [a for a, x in zip(program.airing, columns, strict=True) if a is not None and solver.boolean_value(x)]
    bound = solver.best_objective_bound / 1000 + program.offset + 0.0005 * len(columns)
    return Solution(tuple(sorted(airings)), solver.objective_value / 1000 + program.offset, bound)


def alone(planner: Callable[[Instance, float], Solution], instance: Instance, seconds: float) -> Solution:
    """The planner in a process of its own: OR-tools brings another HiGHS, which clashes with highspy's symbols."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(planner, instance, seconds).result()


def silenced(instance: Instance) -> Instance:
    """The instance with its first zone silent in its middle session."""
    at, zone = len(instance.sessions) // 2, instance.zones[0]
    capacity = (*zone.capacity[:at], 0, *zone.capacity[at + 1 :])
    return replace(instance, zones=(ZoneSpec(zone.weight, capacity), *instance.zones[1:]))


def replan(instance: Instance, before: Solution) -> dict[str, Any]:
    """Plan again after one session of one zone falls silent: the time, and the share of untouched airings kept."""
    from broadcaster.domain.planning.model import solve

    after = silenced(instance)
    untouched = {(b, s) for b, s in before.airings if s in after.allowed[b]}
    began, cpu = time.perf_counter(), time.process_time()
    again = solve(after, work_limit=1.0, keep=dict.fromkeys(before.airings, KEEP), start=before)
    return {
        "planner": "replan",
        "seconds": round(time.perf_counter() - began, 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
        "value": round(again.value, 3),
        "bound": round(again.bound, 3),
        "gap": round(again.gap, 6),
        "kept": round(len(untouched & set(again.airings)) / max(1, len(untouched)), 4),
        "violations": len(violations(after, again)),
    }


def measure(size: str, seed: int, seconds: float, names: Sequence[str]) -> list[dict[str, Any]]:
    """One row a planner; every gap to the best bound is to the best that any of them proved."""
    instance = instance_from_json(generate(size, seed))
    first: list[float] = []
    planners: dict[str, Callable[[], Solution]] = {
        "greedy": lambda: greedy(instance),
        "ours": lambda: ours(instance, seconds, first),
        "HiGHS": lambda: plain(instance, seconds),
        "CP-SAT": lambda: alone(cp_sat, instance, seconds),
    }
    rows: list[dict[str, Any]] = []
    plans: dict[str, Solution] = {}
    for name in (name for name in planners if name in names):
        began, cpu = time.perf_counter(), time.process_time()
        solution = plans[name] = planners[name]()
        rows.append(
            {
                "planner": name,
                "seconds": round(time.perf_counter() - began, 2),
                "cpu_seconds": round(time.process_time() - cpu, 2),
                "value": round(solution.value, 3),
                "bound": round(solution.bound, 3),
                "gap": round(solution.gap, 6),
                "violations": len(violations(instance, solution)),
                **({"first_seconds": round(first[0], 2)} if name == "ours" and first else {}),
            }
        )
    best = min(row["bound"] for row in rows)
    for row in rows:
        row["gap_to_best_bound"] = round((best - row["value"]) / max(1e-9, abs(best)), 6)
    if "replan" in names and "ours" in plans:
        rows.append(replan(instance, plans["ours"]))
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return [{"size": size, "seed": seed, **row, "rss_mb": rss} for row in rows]


def line(row: dict[str, Any]) -> str:
    """A row of the table."""
    told = (
        f"{row['size']:12} {row['seed']:>3} {row['planner']:8} {row['seconds']:8.2f} s (cpu {row['cpu_seconds']:.2f})"
        f"  value {row['value']:12.1f}  bound {row['bound']:12.1f}  gap {100 * row['gap']:7.3f} %"
    )
    if "gap_to_best_bound" in row:
        told += f"  (to the best bound {100 * row['gap_to_best_bound']:.3f} %)"
    if "kept" in row:
        told += f"  kept {100 * row['kept']:.1f} %"
    if "first_seconds" in row:
        told += f"  first plan {row['first_seconds']:.2f} s"
    return f"{told}  violations {row['violations']}  peak {row['rss_mb']} MB"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sizes", default="commune")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--planners", default=PLANNERS)
    chosen = parser.parse_args(arguments)
    rows = []
    for size in chosen.sizes.split(","):
        for seed in chosen.seeds.split(","):
            more = measure(size, int(seed), chosen.seconds or SECONDS[size], chosen.planners.split(","))
            rows += more
            for row in more if not chosen.json else ():
                print(line(row), flush=True)
    summary = {}
    for size in chosen.sizes.split(","):
        mine = [row for row in rows if row["size"] == size and row["planner"] == "ours"]
        if not mine:
            continue
        summary[size] = {
            "load": round(os.getloadavg()[0], 2),
            "worst_seconds": max(row["seconds"] for row in mine),
            "worst_gap": max(row["gap"] for row in mine),
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
