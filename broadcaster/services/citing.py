"""The commune's procedures: kept version by version, and the bulletins that no longer say what holds."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from broadcaster.domain.approval import Action, Status
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.changes import Change
from broadcaster.domain.fields import fold
from broadcaster.domain.planning.rules.stale import stale_since
from broadcaster.domain.procedure import Procedure, Procedures, procedures_from, version_line
from broadcaster.domain.station import Role, Station
from broadcaster.errors import ConfigError, Finding, Severity
from broadcaster.ports import Clock, Notebook, Store
from broadcaster.services.approving import Approving
from broadcaster.services.writing import require

LONGEST_TEXT = 500
"""Letters of one field."""
MOST_NAMES = 20


@dataclass(frozen=True, slots=True)
class ProcedureBook:
    """The procedures as the commune keeps them.

    Args:
        notebook: where versions are kept.
        clock: the only source of time.
        station: for people.
        shipped: what the package brings.
    """

    notebook: Notebook
    clock: Clock
    station: Station
    shipped: Sequence[Procedure]

    def read(self) -> Procedures:
        """All of them.

        Raises:
            ConfigError: `procedure.broken` for a notebook that somebody damaged.
        """
        try:
            return procedures_from(self.shipped, self.notebook.lines())
        except ValueError as error:
            raise ConfigError("procedure.broken", line=error.args[0]) from error

    def keep(self, actor: str, given: Procedure, reason: str, since: date | None, version: int | None) -> Procedure:
        """Another version of a procedure, or a new one.

        Args:
            actor: an operator.
            given: what holds from now on; without a code it is new.
            reason: why; kept.
            since: the date from which bulletins that cite it have to be looked at; None for a slip put right.
            version: the number of the version that the person saw; None for a new one.

        Raises:
            ConfigError: `procedure.unknown`, `procedure.exists`, `procedure.text` for a field that is missing, too long
                or not printable, `procedure.window`, `procedure.same`; `procedure.changed` if somebody else kept a
                version meanwhile.
            BulletinError: `person.unknown`, `person.role`.
        """
        require(self.station, actor, Role.OPERATOR)
        book = self.read()
        made = replace(
            given,
            field=_text("field", given.field, required=True),
            name=_text("name", given.name, required=True),
            also=tuple(dict.fromkeys(t for one in given.also[:MOST_NAMES] if (t := _text("also", one)))),
            mechanism=_text("mechanism", given.mechanism),
            time_limit=_text("time_limit", given.time_limit),
            fee=_text("fee", given.fee),
            legal_basis=_text("legal_basis", given.legal_basis),
            note=_text("note", given.note),
        )
        why = _text("reason", reason, required=True)
        if made.valid_to < made.valid_from:
            raise ConfigError("procedure.window")
        if not all(fold(name) for name in made.names):
            raise ConfigError("procedure.text", field="name", most=LONGEST_TEXT)  # it could not be found again
        if version is None:
            made = replace(made, code=fold(made.name)[:80])
            if made.code in book.versions:
                raise ConfigError("procedure.exists", name=made.name)
        else:
            if made.code not in book.versions:
                raise ConfigError("procedure.unknown")
            last = book.versions[made.code][-1]
            if last.number != version:
                raise ConfigError("procedure.changed", name=last.procedure.name)
            if last.procedure == made:
                raise ConfigError("procedure.same")
        self.notebook.add(version_line(made, actor, self.clock.now(), why, since), book.count)
        return made


def _text(name: str, given: str, *, required: bool = False) -> str:
    text = " ".join(unicodedata.normalize("NFC", given).split())
    if (required and not text) or len(text) > LONGEST_TEXT or not text.isprintable():
        raise ConfigError("procedure.text", field=name, most=LONGEST_TEXT)
    return text


@dataclass(frozen=True, slots=True)
class Flag:
    """A bulletin that cites what has changed, or will have before it has been aired for the last time."""

    bulletin: Bulletin
    change: Change

    @property
    def finding(self) -> Finding:
        """In words."""
        code = "procedure.ended" if self.change.ended else "procedure.moved"
        return Finding(
            code, Severity.WARNING, facts={"what": self.change.what, "since": f"{self.change.since:%d/%m/%Y}"}
        )


@dataclass(frozen=True, slots=True)
class Citing:
    """Bulletins beside what they cite."""

    store: Store
    approving: Approving
    clock: Clock
    station: Station

    def flags(self, bulletins: Sequence[Bulletin]) -> list[Flag]:
        """Those of the bulletins that a person has to look at, each with the earliest reason.

        One that was approved, or written anew, on the day of a change or later was so in knowledge of it.
        """
        today = self.station.local(self.clock.now()).date()
        citing = [one for one in bulletins if (one.procedures or one.documents) and one.valid_to >= today]
        concerned = [
            one for one in citing if any(c.concerns((*one.procedures, *one.documents)) for c in self.station.changes)
        ]
        standings = self.approving.standings(concerned)
        found = []
        for one in concerned:
            status = standings[one.code][0]
            if status is Status.WITHDRAWN:
                continue
            change = stale_since(self.station.changes, one, self._looked_at(one, status))
            if change is not None and change.since <= one.valid_to:
                found.append(Flag(one, change))
        return found

    def _looked_at(self, bulletin: Bulletin, status: Status) -> date:
        if status is Status.APPROVED:
            consents = [r.at for r in self.store.reviews(bulletin.code) if r.action is Action.APPROVE]
            return self.station.local(consents[-1]).date()
        versions = self.store.versions(bulletin.code)
        return self.station.local(versions[-1][0]).date()
