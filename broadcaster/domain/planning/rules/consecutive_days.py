"""What Luật 10/2022/QH15 names is on air at least three days in a row, on every cluster that it is for.

An outage breaks the run: days count that the ledger proves, where it knows the session, and planned days that are
still ahead.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.planning.facts import Facts
from broadcaster.domain.planning.heard import days_by_cluster
from broadcaster.domain.planning.plan import Plan, longest_run
from broadcaster.domain.planning.rules.rule import Rule, undone
from broadcaster.errors import Finding

CODE = "rule.run"
SOURCE = "R01: Luật 10/2022/QH15, Điều 13 khoản 3 (nội dung Điều 11 khoản 7–12)"


def may_go_on(bulletin: Bulletin, sunday: date, run: int) -> bool:
    """Whether a run that reaches to the end of the week can be finished in the next one."""
    return run > 0 and bulletin.valid_to - sunday >= timedelta(days=bulletin.min_consecutive_days - run)


def violations(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Clusters on which a bulletin that is planned, or whose window ends this week, has no run of days."""
    days = days_by_cluster(facts.station, (*facts.earlier, *plan.slots), facts.heard)
    sunday = plan.week + timedelta(days=6)
    for code in sorted(facts.ready):
        bulletin = facts.ready[code].bulletin
        needed = bulletin.min_consecutive_days
        if not needed or bulletin.valid_from > sunday or bulletin.valid_to < plan.week:
            continue
        short: dict[str, int] = {}
        for cluster in sorted(facts.station.clusters_of(bulletin.zones) & facts.station.alive_on(sunday)):
            mine = days.get((code, cluster), set())
            tail = 0
            while sunday - timedelta(days=tail) in mine:
                tail += 1
            if longest_run(mine) < needed and not may_go_on(bulletin, sunday, tail):
                short[cluster] = longest_run(mine)
        if short:
            names = ", ".join(facts.station.cluster_by_code[cluster].name for cluster in short)
            yield undone(CODE, code, days=needed, given=min(short.values()), clusters=names, count=len(short))


RULE = Rule(CODE, SOURCE, violations)
