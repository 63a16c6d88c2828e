"""Explanations of a plan in words: the planner's indices as sessions, zones and lengths of time.

Console and web come here.
"""

from collections.abc import Mapping
from typing import Any

from broadcaster.domain.planning.explain import Explanation
from broadcaster.services.planning import Explained
from broadcaster.showing import day_text, share
from broadcaster.wording import say


def amounts(told: Explained, language: str, titles: Mapping[str, str] | None = None) -> list[list[str]]:
    """For each bulletin that is short: what it got, then one line a reason, then who could give way.

    Bulletins go by their codes unless titles are given.
    """
    return [_lines(told, one, language, titles or {}) for one in told.explanations]


def _lines(told: Explained, one: Explanation, language: str, titles: Mapping[str, str]) -> list[str]:
    def name(b: int) -> str:
        code = told.week.candidates[b].bulletin.code
        return titles.get(code, code)

    head = {"bulletin": name(one.b), "given": one.given, "wanted": one.wanted}
    lines = [
        say("explain.hard", language, most=one.most, **head) if one.hard else say("explain.soft", language, **head)
    ]
    lines += [
        "- " + say(f"explain.{reason.demand.value}", language, **_facts(told, reason.facts, language))
        for reason in one.reasons
    ]
    if one.yielding:
        lines.append("- " + say("explain.yield", language, bulletins=", ".join(name(b) for b in one.yielding)))
    return lines


def _facts(told: Explained, facts: dict[str, Any], language: str) -> dict[str, Any]:
    shown = dict(facts)
    if "session" in facts:
        day, session = told.week.sessions[facts["session"]]
        shown |= {"session": session.name, "day": day_text(day, language)}
    if "zone" in facts:
        shown["zone"] = told.week.zones[facts["zone"]].name
    if "seconds" in facts:
        shown["length"] = say(
            "explain.minutes", language, minutes=facts["seconds"] // 60, seconds=facts["seconds"] % 60
        )
    if "share" in facts:
        shown["share"] = share(facts["share"], language, 0)
    return shown
