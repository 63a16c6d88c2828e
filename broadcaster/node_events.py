"""What a node has told, as sentences: for the command and for the page."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from broadcaster.errors import Finding, Place, Severity
from broadcaster.units import as_utc
from broadcaster.wording import messages

_OURS = {"code", "language"}
"""Facts of these names would be taken for the sentence's own arguments."""


def finding_of(event: Mapping[str, Any]) -> Finding:
    """An event as a finding; one that this station does not know is named as such.

    What a node says is not believed to be one of ours: a newer node may know codes that this station does not.
    """
    facts = event.get("facts")
    named = str(event.get("code"))
    unknown = Finding("network.unknown_event", Severity.WARNING, facts={"given": named[:60]})
    table = messages("vi")
    if named not in table or not isinstance(facts, dict) or _OURS & facts.keys():
        return unknown
    try:
        table[named].format(**facts)
        severity = Severity(str(event.get("severity")))
    except (KeyError, ValueError, IndexError, AttributeError, TypeError):
        return unknown
    return Finding(named, severity, Place(file=str(event.get("at", ""))[:19]), facts=facts)


def told_at(event: Mapping[str, Any]) -> datetime:
    """When a node told it; the beginning of time for what is no instant."""
    try:
        return as_utc(datetime.fromisoformat(str(event.get("at"))))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
