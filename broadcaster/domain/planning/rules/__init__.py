"""The hard rules of the weekly plan, one a file: where it stands written, its sentence, and what breaks it.

They look at the finished plan and at the station, never at the model, so that an error there shows here. What a rule
knows that also shapes the instance, such as a deadline, is a function beside it.
"""

from broadcaster.domain.planning.facts import Facts
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.rules import (
    approvals,
    caps,
    consecutive_days,
    durations,
    emergencies,
    first_airing,
    mourning,
    mutes,
    notice_days,
    notices_in_a_row,
    priorities,
    read_twice,
    sessions,
    silence,
    spacing,
    stale,
    windows,
    zones,
)
from broadcaster.errors import Finding

RULES = (
    sessions.RULE,
    caps.RULE,
    windows.RULE,
    stale.RULE,
    emergencies.RULE,
    approvals.RULE,
    durations.RULE,
    zones.RULE,
    mutes.RULE,
    mourning.RULE,
    spacing.RULE,
    read_twice.RULE,
    notices_in_a_row.RULE,
    priorities.RULE,
    consecutive_days.RULE,
    first_airing.RULE,
    notice_days.RULE,
    silence.RULE,
)


def check(plan: Plan, facts: Facts) -> tuple[Finding, ...]:
    """Every rule that a plan breaks, in the order of `RULES`."""
    return tuple(finding for rule in RULES for finding in rule.violations(plan, facts))
