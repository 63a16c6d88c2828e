"""Two priority bulletins that wait for the same place are put in order by a person, and the order is kept."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from broadcaster.domain.bulletin import Bulletin, Priority
from broadcaster.domain.planning.facts import Facts
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.rules.rule import Rule
from broadcaster.domain.station import Station
from broadcaster.errors import Finding, Place, Severity

CODE = "rule.priority"
SOURCE = "R07: TT 39/2020/TT-BTTTT, hai bản tin ưu tiên trùng giờ thì người dùng xã quyết định"


def clashes(bulletins: Sequence[Bulletin], station: Station, precedence: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of `uu_tien` bulletins that wait for the same cluster in the same days, and no person said who is first."""
    urgent = [bulletin for bulletin in bulletins if bulletin.priority is Priority.UU_TIEN]
    open_pairs = []
    for one, other in combinations(urgent, 2):
        decided = one.code in precedence and other.code in precedence
        overlap = one.valid_from <= other.valid_to and other.valid_from <= one.valid_to
        together = station.clusters_of(one.zones) & station.clusters_of(other.zones)
        if overlap and together and not decided:
            open_pairs.append((one.code, other.code))
    return open_pairs


def violations(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Sequences in which two priority bulletins stand in another order than the person's, or in one nobody gave."""
    rank = {code: number for number, code in enumerate(plan.precedence)}
    for (day, session, zone), codes in sorted(facts.sequences.items()):
        if (day, session) in facts.begun:
            continue
        urgent = [c for c in codes if c in facts.bulletins and facts.bulletins[c].priority is Priority.UU_TIEN]
        for one, other in combinations(urgent, 2):
            if one not in rank or other not in rank or rank[one] > rank[other]:
                where = {"bulletin": one, "other": other, "day": day.isoformat(), "session": session, "zone": zone}
                yield Finding(CODE, Severity.ERROR, Place(field=one), where)


RULE = Rule(CODE, SOURCE, violations)
