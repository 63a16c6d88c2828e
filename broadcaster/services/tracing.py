"""Who did what, and when, brought together from everything that keeps it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from broadcaster.domain.trail import Entry, Kind, Note, What, note_line, notes_from
from broadcaster.errors import ConfigError
from broadcaster.ports import Clock, Notebook, Registry, Store
from broadcaster.services.citing import ProcedureBook
from broadcaster.services.curbing import Curbing

MOST_NAMED = 10
"""Clusters that an entry names one by one."""
_OF_BULLETINS = frozenset({What.RECORDED, What.UNRECORDED})


@dataclass(frozen=True, slots=True)
class Diary:
    """What nothing else keeps: who looked after accounts, planned, taught words, took backups."""

    notebook: Notebook
    clock: Clock

    def note(self, by: str, what: What, about: str = "") -> None:
        """Keep that somebody did something just now.

        Raises:
            ConfigError: `notebook.busy`, `file.disk`.
        """
        self.notebook.add(note_line(Note(self.clock.now(), by, what, about)))

    def notes(self) -> Sequence[Note]:
        """All of it.

        Raises:
            ConfigError: `diary.broken` for a diary that somebody damaged.
        """
        try:
            return notes_from(self.notebook.lines())
        except ValueError as error:
            raise ConfigError("diary.broken", line=error.args[0]) from error


@dataclass(frozen=True, slots=True)
class Tracing:
    """The trail of a station."""

    store: Store
    registry: Registry
    diary: Diary
    curbing: Curbing
    procedures: ProcedureBook

    def trail(self, first: datetime, last: datetime) -> list[Entry]:
        """What was done from an instant up to another, the newest first.

        Raises:
            ConfigError: `diary.broken`, `curb.broken`, `procedure.broken`.
        """
        parts = (self._reviews(), self._plans(first, last), self._emergencies(), self._network(), self._curbs())
        more = (self._tones(), self._procedures(), self._figures(), self._settings())
        every = [entry for part in (*parts, *more) for entry in part]
        return sorted((one for one in every if first <= one.at < last), key=lambda one: one.at, reverse=True)

    def _reviews(self) -> Iterator[Entry]:
        titles = {piece.code: piece.title for piece in self.store.bulletins()}
        for code, reviews in self.store.histories().items():
            for one in reviews:
                path = f"/ban-tin/{code}"
                about = titles.get(code, code)
                yield Entry(one.at, one.actor, Kind.APPROVAL, f"action.{one.action.value}", about, path, one.remark)

    def _plans(self, first: datetime, last: datetime) -> Iterator[Entry]:
        # The same inputs again give the plan that is there: it is the first one's.
        who = {note.about: note.by for note in reversed(self.diary.notes()) if note.what is What.PLAN}
        for at, plan in self.store.plans_saved(first, last):
            about = f"{plan.week:%d/%m/%Y}"
            by = who.get(plan_mark(plan.week.isoformat(), plan.number), "")
            code = "trail.plan" if plan.number == 0 else "trail.amendment"
            yield Entry(at, by, Kind.PLAN, code, about, f"/lich/{plan.week}", plan.reason)

    def _emergencies(self) -> Iterator[Entry]:
        for record in self.registry.emergencies():
            order = record.order
            told = (Kind.EMERGENCY, "trail.drill" if order.drill else "trail.emergency", order.text, "/khan-cap")
            yield Entry(order.issued, order.by, *told)
            if record.retracted_at:
                yield Entry(record.retracted_at, record.retracted_by, told[0], "trail.retracted", *told[2:])
            if record.countersigned_at:
                yield Entry(record.countersigned_at, record.countersigned_by, told[0], "trail.signed", *told[2:])

    def _network(self) -> Iterator[Entry]:
        for deed in self.registry.deeds():
            path = f"/mang-loa/{deed.node}"
            yield Entry(deed.at, deed.by, Kind.NETWORK, f"deed.{deed.what.value}", deed.node, path)

    def _tones(self) -> Iterator[Entry]:
        for order in self.registry.tones():
            about = ", ".join((*order.zones, *order.nodes) if len(order.nodes) <= MOST_NAMED else order.zones)
            yield Entry(order.issued, order.by, Kind.NETWORK, "trail.tone", about, "/thu-loa")

    def _curbs(self) -> Iterator[Entry]:
        curbs = self.curbing.curbs()
        for order in curbs.mutes:
            about = ", ".join(sorted(order.mute.clusters))
            yield Entry(order.at, order.by, Kind.NETWORK, "trail.muted", about, "/tat-loa", order.mute.reason)
            if order.lifted_at is not None:
                why = order.lifted_why
                yield Entry(order.lifted_at, order.lifted_by, Kind.NETWORK, "trail.lifted", about, "/tat-loa", why)
        for cap in curbs.caps:
            path = f"/mang-loa/{cap.cluster}"
            yield Entry(cap.at, cap.by, Kind.NETWORK, "trail.cap", cap.cluster, path, cap.reason)

    def _procedures(self) -> Iterator[Entry]:
        for code, versions in self.procedures.read().versions.items():
            for one in versions:
                if one.at is not None:
                    told = (one.procedure.name, f"/thu-tuc/{code}", one.reason)
                    yield Entry(one.at, one.by, Kind.PROCEDURE, "trail.procedure", *told)

    def _figures(self) -> Iterator[Entry]:
        for one in self.store.corrections():
            about = f"{one.node} #{one.target}"
            yield Entry(one.at, one.by, Kind.FIGURES, "trail.correction", about, "/thoi-luong", one.reason)
        for base in self.store.baselines():
            about = str(base.version)
            yield Entry(base.at, base.by, Kind.FIGURES, "trail.baseline", about, "/thoi-luong", base.reason)
            if base.signed_at is not None:
                yield Entry(base.signed_at, base.signed_by, Kind.FIGURES, "trail.baseline_signed", about, "/thoi-luong")

    def _settings(self) -> Iterator[Entry]:
        for note in self.diary.notes():
            if note.what in _OF_BULLETINS:
                path = f"/ban-tin/{note.about}"
                yield Entry(note.at, note.by, Kind.APPROVAL, f"diary.{note.what.value}", note.about, path)
            elif note.what is not What.PLAN:  # the plan itself is told, with whoever made it
                yield Entry(note.at, note.by, Kind.SETTINGS, f"diary.{note.what.value}", note.about)


def plan_mark(week: str, number: int) -> str:
    """How the diary names a plan: its Monday and its number."""
    return f"{week}#{number}"
