"""Errors and findings.

An error means "could not do it" and carries a code with facts; `wording_vi` makes the operator's sentence of it.
A finding is data: something a person should know, returned and never raised.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the operator's material something stands; line and column count from 1, 0 when unknown."""

    file: str = ""
    line: int = 0
    field: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know: a code for the wording table, its facts, and where it stands."""

    code: str
    severity: Severity = Severity.WARNING
    place: Place = Place()
    facts: dict[str, Any] = field(default_factory=dict)


class BroadcasterError(Exception):
    """Could not do it. `retryable` says that the same call may succeed later."""

    retryable = False

    def __init__(self, code: str, findings: Sequence[Finding] = (), **facts: Any) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts
        self.findings = tuple(findings)

    def __str__(self) -> str:
        """The code and the facts, for logs; people get the wording table's sentence."""
        listed = ", ".join(f"{key}={value!r}" for key, value in self.facts.items())
        return f"{self.code}({listed})"


class ConfigError(BroadcasterError):
    """The station's or the workspace's settings."""


class BulletinError(BroadcasterError):
    """A bulletin or its way through approval."""


class SpeechError(BroadcasterError):
    """A speech engine."""


class RetryableSpeechError(SpeechError):
    """A speech engine that may answer later: no network, too many requests."""

    retryable = True


class MasterError(BroadcasterError):
    """Sound files and their loudness."""


class HearingError(BroadcasterError):
    """The recogniser that listens to sound files."""


class PlanError(BroadcasterError):
    """The weekly plan and its solver."""


class OutputError(BroadcasterError):
    """A device or file that should sound."""


class LinkError(BroadcasterError):
    """The way between station and nodes."""

    retryable = True


class StoreError(BroadcasterError):
    """The database."""


class PluginError(BroadcasterError):
    """An installed extension."""
