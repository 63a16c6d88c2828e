"""Explanations in words: the planner's indices as sessions, zones and lengths of time."""

from typing import TYPE_CHECKING, Any

from broadcaster.domain.planning.explain import Explanation
from broadcaster.showing import day_text, share

if TYPE_CHECKING:
    from broadcaster.cli.console import Console
    from broadcaster.services.planning import Explained


def amounts(console: "Console", told: "Explained") -> list[list[str]]:
    """For each bulletin that is short: what it got, then one line a reason, then who could give way."""
    return [_lines(console, told, one) for one in told.explanations]


def _lines(console: "Console", told: "Explained", one: Explanation) -> list[str]:
    code = told.week.candidates[one.b].bulletin.code
    head = {"bulletin": code, "given": one.given, "wanted": one.wanted}
    lines = [console.say("explain.hard", most=one.most, **head) if one.hard else console.say("explain.soft", **head)]
    lines += [
        "- " + console.say(f"explain.{reason.demand.value}", **_facts(console, told, reason.facts))
        for reason in one.reasons
    ]
    if one.yielding:
        codes = ", ".join(told.week.candidates[b].bulletin.code for b in one.yielding)
        lines.append("- " + console.say("explain.yield", bulletins=codes))
    return lines


def _facts(console: "Console", told: "Explained", facts: dict[str, Any]) -> dict[str, Any]:
    shown = dict(facts)
    if "session" in facts:
        day, session = told.week.sessions[facts["session"]]
        shown |= {"session": session.name, "day": day_text(day, console.language)}
    if "zone" in facts:
        shown["zone"] = told.week.zones[facts["zone"]].name
    if "seconds" in facts:
        shown["length"] = console.say("explain.minutes", minutes=facts["seconds"] // 60, seconds=facts["seconds"] % 60)
    if "share" in facts:
        shown["share"] = share(facts["share"], console.language, 0)
    return shown
