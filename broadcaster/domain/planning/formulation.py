"""The instance as a mixed-integer program, in plain lists; knows no solver.

One binary x[b, s] for the group of zones that airs together (an airing of bulletin b in session s), as measured best:
spacing as window cliques is integral by itself, so session patterns would add nothing to the bound.

- Repeats and their falling bonus: Σ_s x[b, s] = Σ_n w[b, n] with w 0 or 1 worth v·W·β_n. Because β falls, w fills up
  in order; that w is whole follows from x, but said aloud it lets the solver cut and branch on counts; the
  penalty of a `must` bulletin without airing is one more reward on w[b, 1], so it needs no variable.
- Gap: at most one airing in every gap + 1 sessions in a row (maximal windows only).
- Room: seconds and items for each zone and session; rows that can never bind or that another row implies are left out.
- Quota: Σ (share − [topic]) · d · w ≤ 0 for each zone: a knapsack over counts, whose cuts tighten the root bound
  far more than those over airings.
- Runs of days: y[b, r] chooses a run, Σ_r y + short = 1, and on each day of the week the runs that cover it need an
  airing that day. `short` and the miss of a pin cost more than any plan can earn: hard where possible.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from broadcaster.domain.planning.board import generous_bound, grim_bound
from broadcaster.domain.planning.instance import Instance

Row = tuple[tuple[int, ...], tuple[float, ...], float, float]
"""Column indices, coefficients, lower and upper limit."""

INFINITY = float("inf")


@dataclass(slots=True)
class Formulation:
    """Maximise cost·x + offset over lower ≤ x ≤ 1 and the rows; `whole` columns are 0 or 1.

    `column` finds the column of an airing; `airing` is its inverse, None for the helper columns; `owner` is the
    bulletin of any column. `increments[b]`, `runs[b]` and `shorts[b]` are the helper columns of a bulletin, `pins` the
    miss column of each pinned airing. No plan is worth more than `ceiling`; a missed pin or run costs `forfeit`.
    """

    cost: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    airing: list[tuple[int, int] | None] = field(default_factory=list)
    owner: list[int] = field(default_factory=list)
    column: dict[tuple[int, int], int] = field(default_factory=dict)
    increments: list[list[int]] = field(default_factory=list)
    runs: dict[int, list[tuple[int, tuple[int, ...]]]] = field(default_factory=dict)
    shorts: dict[int, int] = field(default_factory=dict)
    pins: dict[tuple[int, int], int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    offset: float = 0.0
    ceiling: float = 0.0
    forfeit: float = 0.0

    def add(self, b: int, cost: float, airing: tuple[int, int] | None = None, *, whole: bool = False) -> int:
        """A new column of bulletin b; its index."""
        self.owner.append(b)
        self.cost.append(cost)
        self.whole.append(whole)
        self.airing.append(airing)
        if airing is not None:
            self.column[airing] = len(self.cost) - 1
        return len(self.cost) - 1

    def require(self, terms: Iterable[tuple[int, float]], low: float = -INFINITY, high: float = INFINITY) -> None:
        """A new row."""
        chosen = tuple(terms)
        self.rows.append((tuple(c for c, _ in chosen), tuple(a for _, a in chosen), low, high))

    def values(self, instance: Instance, aired: list[list[int]]) -> list[float]:
        """The point of a plan that keeps the rules: a value for each column, helper columns at their best."""
        point = [0.0] * len(self.cost)
        for b, sessions in enumerate(aired):
            for s in sessions:
                point[self.column[b, s]] = 1.0
            for column in self.increments[b][: len(sessions)]:
                point[column] = 1.0
            if b in self.shorts:
                days = {instance.sessions[s].day for s in sessions}
                whole = [column for column, run in self.runs[b] if days.issuperset(run)]
                point[whole[0] if whole else self.shorts[b]] = 1.0
        for (b, s), column in self.pins.items():
            point[column] = 0.0 if s in aired[b] else 1.0
        return point


def formulate(instance: Instance, keep: Mapping[tuple[int, int], float]) -> Formulation:
    """The program of an instance; `keep` adds a reward to single airings (what is signed already should stay)."""
    program = Formulation()
    most = generous_bound(instance) + sum(abs(reward) for reward in keep.values())
    program.ceiling = most
    program.forfeit = 1.0 + most - grim_bound(instance)
    for b in range(len(instance.bulletins)):
        _bulletin(program, instance, b, keep)
    _rooms(program, instance)
    _quotas(program, instance)
    return program


def _bulletin(program: Formulation, instance: Instance, b: int, keep: Mapping[tuple[int, int], float]) -> None:
    bulletin, weight, allowed = instance.bulletins[b], instance.weights[b], instance.allowed[b]
    program.offset -= instance.must_penalty * weight if bulletin.must else 0.0
    most = min(bulletin.repeats, _longest_packing(allowed, bulletin.gap))
    if not most:
        program.increments.append([])
        _run(program, instance, b, {})
        return
    columns = {
        s: program.add(
            b, bulletin.value * weight * instance.sessions[s].appeal + keep.get((b, s), 0.0), (b, s), whole=True
        )
        for s in allowed
    }
    increments = []
    for n in range(most):
        bonus = instance.repeat_bonus[n] if n < len(instance.repeat_bonus) else 0.0
        penalty = instance.must_penalty if bulletin.must and n == 0 else 0.0
        increments.append(program.add(b, (bulletin.value * bonus + penalty) * weight, whole=True))
    program.increments.append(increments)
    program.require([*((c, 1.0) for c in columns.values()), *((c, -1.0) for c in increments)], 0.0, 0.0)
    for window in _windows(allowed, bulletin.gap):
        program.require(((columns[s], 1.0) for s in window), high=1.0)
    for s in bulletin.pinned:
        if s in columns:
            program.pins[b, s] = program.add(b, -program.forfeit)
            program.require([(columns[s], 1.0), (program.pins[b, s], 1.0)], low=1.0)
    _run(program, instance, b, columns)


def _run(program: Formulation, instance: Instance, b: int, columns: Mapping[int, int]) -> None:
    if not instance.bulletins[b].consecutive_days:
        return
    runs = [(program.add(b, 0.0, whole=True), run) for run in instance.runs[b]] if columns else []
    program.runs[b] = runs
    program.shorts[b] = program.add(b, -program.forfeit)
    program.require([*((column, 1.0) for column, _ in runs), (program.shorts[b], 1.0)], 1.0, 1.0)
    for day in sorted({day for _, run in runs for day in run}):
        airings = [(columns[s], 1.0) for s in columns if instance.sessions[s].day == day]
        program.require([*airings, *((column, -1.0) for column, run in runs if day in run)], low=0.0)


def _longest_packing(allowed: tuple[int, ...], gap: int) -> int:
    """How many airings the gap lets into the allowed sessions."""
    count, free_from = 0, -1
    for s in allowed:
        if s >= free_from:
            count, free_from = count + 1, s + gap + 1
    return count


def _windows(allowed: tuple[int, ...], gap: int) -> Iterable[tuple[int, ...]]:
    """The maximal sets of allowed sessions within gap + 1 sessions in a row, of two and more."""
    last: tuple[int, ...] = ()
    for start in allowed:
        window = tuple(s for s in allowed if start <= s <= start + gap)
        if len(window) > 1 and not set(window) <= set(last):
            yield window
            last = window


def _rooms(program: Formulation, instance: Instance) -> None:
    durations = [bulletin.duration for bulletin in instance.bulletins]
    guests: list[dict[int, list[int]]] = [{} for _ in instance.zones]
    for airing in program.airing:
        if airing is not None:
            for z in instance.bulletins[airing[0]].zones:
                guests[z].setdefault(airing[1], []).append(airing[0])
    for s in range(len(instance.sessions)):
        seen: dict[tuple[int, ...], int] = {}
        for z, zone in enumerate(instance.zones):
            inside = tuple(guests[z].get(s, ()))
            seen[inside] = min(zone.capacity[s], seen.get(inside, zone.capacity[s]))
        for inside, capacity in _undominated(seen):
            if sum(durations[b] for b in inside) > capacity:
                program.require(((program.column[b, s], float(durations[b])) for b in inside), high=float(capacity))
            shortest = sorted(durations[b] for b in inside)[: instance.max_items + 1]
            if len(shortest) > instance.max_items and sum(shortest) <= capacity:
                program.require(((program.column[b, s], 1.0) for b in inside), high=float(instance.max_items))


def _undominated(rooms: Mapping[tuple[int, ...], int]) -> Iterable[tuple[tuple[int, ...], int]]:
    """The rooms no other room implies: one with more guests and no more capacity."""
    sets = [(set(inside), inside, capacity) for inside, capacity in rooms.items() if inside]
    for mine, inside, capacity in sets:
        if not any(mine < other and other_capacity <= capacity for other, _, other_capacity in sets):
            yield inside, capacity


def _quotas(program: Formulation, instance: Instance) -> None:
    quota = instance.quota
    columns: list[list[tuple[int, float]]] = [[] for _ in instance.zones]
    for b, bulletin in enumerate(instance.bulletins):
        factor = bulletin.duration * (quota.share - (1.0 if bulletin.topic == quota.topic else 0.0))
        for z in bulletin.zones:
            columns[z] += ((column, factor) for column in program.increments[b])
    for terms in columns:
        if any(factor > 0 for _, factor in terms):
            program.require(terms, high=0.0)
