"""A first plan in a moment: the airing with the most value a second next, as long as everything still fits."""

from collections import defaultdict
from heapq import heapify, heappop, heappush

from broadcaster.domain.planning.board import Board, generous_bound
from broadcaster.domain.planning.instance import Instance, Solution


def greedy(instance: Instance) -> Solution:
    """A plan that keeps every hard rule, found without a solver and the same each time.

    Pins come first, then runs of days, then airings by value per second and zone. Where pins or runs break a quota
    that nothing on offer mends, airings off the quota topic are taken away again, the least worth first. The bound is
    the generous one: every bulletin at its best, as if it were alone.
    """
    board = Board(instance)
    _pin(board)
    _run(board)
    _fill(board)
    _mend_quota(board)
    return board.solution(generous_bound(instance))


def extend(instance: Instance, airings: tuple[tuple[int, int], ...]) -> Solution:
    """A plan that starts from given airings (those that still fit, in order), filled up the greedy way."""
    board = Board(instance)
    _pin(board)
    for b, s in sorted(airings):
        if 0 <= b < len(board.aired) and s in instance.allowed[b] and s not in board.aired[b] and board.fits(b, s):
            board.put(b, s)
    _run(board)
    _mend_quota(board)
    _fill(board)
    _mend_quota(board)
    return board.solution(generous_bound(instance))


def _pin(board: Board) -> None:
    for b, bulletin in enumerate(board.instance.bulletins):
        for s in bulletin.pinned:
            if s in board.instance.allowed[b] and board.fits(b, s):
                board.put(b, s)


def _run(board: Board) -> None:
    """Give each bulletin that asks for it its first run of days that fits, the longest run and widest reach first."""
    instance = board.instance
    asking = [b for b, bulletin in enumerate(instance.bulletins) if bulletin.consecutive_days and board.is_short(b)]
    asking.sort(key=lambda b: (-instance.bulletins[b].consecutive_days, -instance.weights[b], b))
    for b in asking:
        for run in instance.runs[b]:
            placed: list[int] = []
            for day in run:
                if any(instance.sessions[s].day == day for s in board.aired[b]):
                    continue
                options = [s for s in instance.allowed[b] if instance.sessions[s].day == day and board.fits(b, s)]
                if not options:
                    break
                best = max(options, key=lambda s: (instance.sessions[s].appeal, -s))
                board.put(b, best)
                placed.append(best)
            if not board.is_short(b):
                break
            for s in placed:
                board.take(b, s)


def _fill(board: Board) -> None:
    """Place airings by value per second and zone; one held back by a quota waits until that zone gains slack."""
    instance = board.instance
    heap = [
        (-_density(board, b, s), b, s)
        for b in range(len(board.aired))
        for s in instance.allowed[b]
        if s not in board.aired[b]
    ]
    heapify(heap)
    waiting: dict[int, list[tuple[float, int, int]]] = defaultdict(list)
    while heap:
        negative, b, s = heappop(heap)
        if negative >= 0 or not board.fits(b, s):
            continue
        density = _density(board, b, s)
        if density < -negative:
            heappush(heap, (-density, b, s))
            continue
        broken = board.first_broken(b)
        if broken is not None:
            waiting[broken].append((-density, b, s))
            continue
        board.put(b, s)
        if instance.bulletins[b].topic == instance.quota.topic:
            for z in instance.bulletins[b].zones:
                for entry in waiting.pop(z, ()):
                    heappush(heap, entry)


def _density(board: Board, b: int, s: int) -> float:
    bulletin = board.instance.bulletins[b]
    return board.gain(b, s) / (bulletin.duration * max(1, len(bulletin.zones)))


def _mend_quota(board: Board) -> None:
    """Take away airings off the quota topic in zones that miss the quota, unpinned and least dense first."""
    instance = board.instance
    broken = {z for z in range(len(instance.zones)) if board.slack(z) < -1e-6}
    if not broken:
        return
    airings = [
        (s in bulletin.pinned, bool(bulletin.consecutive_days), _density(board, b, s), b, s)
        for b, bulletin in enumerate(instance.bulletins)
        if bulletin.topic != instance.quota.topic and broken.intersection(bulletin.zones)
        for s in board.aired[b]
    ]
    for *_, b, s in sorted(airings):
        if any(board.slack(z) < -1e-6 for z in instance.bulletins[b].zones):
            board.take(b, s)
