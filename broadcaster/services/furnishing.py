"""The station's file changed from the console: checked as a whole, kept as it was, written whole or not at all."""

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from broadcaster.domain.access import Account
from broadcaster.domain.station import Role, Station, check_notice, check_station
from broadcaster.domain.station_edit import Edit, changed_tables, edited, vanished
from broadcaster.domain.station_file import parse_station
from broadcaster.errors import ConfigError, Finding, Severity
from broadcaster.units import Sha256, digest

LONGEST = 200_000
"""Letters of a station file: a province of a thousand thôn in one file."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A text of the file that may take its place, what it changes, and what a person should look at."""

    text: str
    station: Station
    changes: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class StationFile:
    """The file.

    Args:
        name: how messages call it.
        read: its text.
        write: puts a text in its place, whole.
        keep: puts away the text that was.
        accounts: who may come in.
        running: the file's station as the program runs with it.
    """

    name: str
    read: Callable[[], str]
    write: Callable[[str], object]
    keep: Callable[[str], object]
    accounts: Callable[[], Iterable[Account]]
    running: Callable[[], Station]

    def version(self) -> Sha256:
        """What a form was made from."""
        return version_of(self.read())

    def codes(self, table: str) -> frozenset[str]:
        """The codes of every `[[table]]`; none of a file that cannot be read."""
        try:
            rows = tomllib.loads(self.read()).get(table, [])
        except ValueError:
            return frozenset()
        return frozenset(str(row["code"]) for row in rows if isinstance(row, dict) and "code" in row)

    def edits(self, edits: Iterable[Edit]) -> Proposal:
        """The file with some values changed.

        Raises:
            ConfigError: as `propose`.
        """
        try:
            text = edited(self.read(), edits)
        except ValueError as error:
            raise ConfigError("station.form", file=self.name, detail=str(error)) from error
        return self.propose(text)

    def propose(self, text: str) -> Proposal:
        """A text that somebody would like to have in the file's place.

        Raises:
            ConfigError: `station.long`; `station.invalid` with every error; `station.vanished` for thôn and clusters
                that it forgets; `account.admin_approver` for an administrator who could approve.
        """
        text = text.replace("\r\n", "\n")
        if len(text) > LONGEST:
            raise ConfigError("station.long", count=len(text), limit=LONGEST)
        if not text.endswith("\n"):
            text += "\n"
        station = parse_station(text, self.name)
        findings = (*check_station(station), *check_notice(station))
        if wrong := [finding for finding in findings if finding.severity is Severity.ERROR]:
            raise ConfigError("station.invalid", wrong, file=self.name)
        if gone := vanished(self.running(), station):
            raise ConfigError("station.vanished", what=list(gone))
        for account in self.accounts():
            person = station.person(account.code)
            if account.admin and person is not None and Role.APPROVER in person.roles:
                raise ConfigError("account.admin_approver", person=person.name)
        return Proposal(text, station, self._changes(text), findings)

    def _changes(self, text: str) -> tuple[str, ...]:
        try:
            return changed_tables(self.read(), text)
        except ValueError:  # somebody broke the file by hand since the station began; this mends it
            return ()

    def save(self, proposal: Proposal, version: str) -> bool:
        """Put a proposal in the file's place; whether anything was written.

        Args:
            proposal: from `propose` or `edits`.
            version: of the text that the person had seen.

        Raises:
            ConfigError: `station.changed` when somebody was quicker; `file.disk`.
        """
        before = self.read()
        if version_of(before) != version:
            raise ConfigError("station.changed")
        if proposal.text == before:
            return False
        self.keep(before)
        self.write(proposal.text)
        return True


def version_of(text: str) -> Sha256:
    """A text's version."""
    return digest("station", text)
