"""Telling other programs: what happened is found where it is kept, laid out on disk, and sent until it is taken.

Nobody who does something waits for it, and nothing has to remember to tell: reviews, plans, rows, orders and nodes'
events are looked at from where the last look ended. A message that was laid out is sent at least once, with the same id
at every try.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from broadcaster.domain.approval import Action
from broadcaster.domain.asrun import AsRun, Outcome
from broadcaster.domain.backoff import delay
from broadcaster.domain.node_state import NodeState, node_state
from broadcaster.domain.station import Station
from broadcaster.domain.webhook import (
    FIRST_S,
    GIVEN_UP,
    LONGEST_S,
    MOST_WAITING,
    Answer,
    Event,
    EventKind,
    Marks,
    Message,
    Standing,
    Webhook,
    Why,
    event_of,
)
from broadcaster.errors import ConfigError, Finding, Severity
from broadcaster.ports import Clock, Outbox, Postman, Registry, Store
from broadcaster.units import as_utc

SILENCE = "playout.dead_air"
"""What a node says of silence in a session."""
WINDOW = GIVEN_UP
"""How far back what has no number is looked at: a clock may be set back, a plan be saved under another process's."""
REFRESHED = timedelta(hours=1)
"""How old the marks may be although nothing happened."""
GONE = 410
"""An answer that says: never again."""
_REVIEWS = {Action.APPROVE: EventKind.BULLETIN_APPROVED, Action.RETURN: EventKind.BULLETIN_RETURNED}


@dataclass(frozen=True, slots=True)
class Noticing:
    """Finds what happened since the last look, and lays it out for those who want it."""

    store: Store
    registry: Registry
    outbox: Outbox
    clock: Clock
    station: Station

    def look(self, hooks: Sequence[Webhook]) -> int:
        """Lay out what is new; how many events there were. The first look after days lays out nothing.

        Raises:
            StoreError: `file.disk`; what the store raises. What was laid out by then is laid out again, in its place.
        """
        now, before = self.clock.now(), self.outbox.marks()
        fresh = before.at is None or now - before.at > GIVEN_UP
        if fresh:
            before = Marks(rows=self.store.heads(), review=self.store.last_review(), events=self._numbers())
        found, after = self._found(before, now)
        if not fresh:
            for hook in hooks:
                self._put(hook, (event for event in found if event.kind in hook.events), now)
        if fresh or replace(after, at=before.at) != before or (before.at is not None and now - before.at > REFRESHED):
            self.outbox.keep_marks(after)
        return 0 if fresh else len(found)

    def _numbers(self) -> dict[str, int]:
        return {one.node: self._number(one.node) for one in self.registry.members()}

    def _number(self, node: str) -> int:
        return max((int(event.get("number", 0)) for event in self.registry.events(node)), default=0)

    def _put(self, hook: Webhook, events: Iterable[Event], now: datetime) -> None:
        new = list(events)
        waiting = self.outbox.waiting(hook.code) if new else ()
        over = waiting[: max(0, len(waiting) + len(new) - MOST_WAITING)]
        for message in over:
            self.outbox.drop(message)
        if over:
            standing = self.outbox.standing(hook.code)
            self.outbox.keep_standing(
                hook.code, replace(standing, given_up=standing.given_up + len(over), given_up_at=now)
            )
        for event in new:
            self.outbox.put(Message(hook.code, event.id, event.body.decode(), event.kind, now))

    def _found(self, before: Marks, now: datetime) -> tuple[list[Event], Marks]:
        """What happened after the marks, and the marks behind it."""
        titles = _Titles(self.store)
        found: list[Event] = []
        review = before.review
        for number, one in self.store.reviews_after(before.review):
            review = number
            if one.action in _REVIEWS:
                facts = {"bulletin": one.bulletin, "title": titles.of(one.bulletin), "by": one.actor}
                facts |= {"remark": one.remark} if one.remark else {}
                found.append(event_of(_REVIEWS[one.action], one.at, facts, number, one.bulletin, one.at))
        rows = dict(before.rows)
        for node, seq in self.store.heads().items():
            if seq > rows.get(node, 0):
                for row in self.store.rows_after(node, rows.get(node, 0)):
                    rows[node] = row.seq
                    if row.outcome is Outcome.MISSED and row.bulletin:
                        found.append(self._missed(row, titles))
        events = dict(before.events)
        silent = dict(before.silent)
        for member in self.registry.members():
            if member.revoked is not None:
                silent.pop(member.node, None)
                continue
            found += self._told(member.node, events)
            seen = self.registry.last_seen(member.node)
            state = node_state(member, None, seen, now)
            last = max(seen, member.joined) if seen else member.joined
            if state is NodeState.LOST and member.node not in silent:
                silent[member.node] = last.isoformat()
                facts = {**self._node(member.node), "last_seen": last.isoformat()}
                found.append(event_of(EventKind.NODE_SILENT, now, facts, member.node, last))
            elif state is NodeState.HEARD and member.node in silent:
                since = silent.pop(member.node)
                facts = {**self._node(member.node), "silent_since": since}
                found.append(event_of(EventKind.NODE_BACK, now, facts, member.node, since))
        told = {one: at for one, at in before.told.items() if now - datetime.fromisoformat(at) < 2 * WINDOW}
        for event in (*self._plans(now), *self._orders(now)):
            if event.id not in told:
                told[event.id] = now.isoformat()
                found.append(event)
        return found, Marks(now, review, rows, events, silent, told)

    def _node(self, node: str) -> dict[str, str]:
        cluster = self.station.cluster_by_code.get(node)
        return {"node": node, "name": cluster.name if cluster else node}

    def _missed(self, row: AsRun, titles: "_Titles") -> Event:
        facts = {
            **self._node(row.node),
            "day": row.day,
            "session": row.session,
            "kind": row.kind,
            "bulletin": row.bulletin,
            "title": titles.of(row.bulletin),
            "planned_start": row.planned_start,
            "planned_ms": row.planned_ms,
            "cause": row.cause,
        }
        return event_of(EventKind.AIRING_MISSED, row.planned_start, facts, row.node, row.seq, row.hash)

    def _told(self, node: str, events: dict[str, int]) -> Iterator[Event]:
        """What a node told of silence since; its number goes on."""
        for event in self.registry.events(node):
            number = int(event.get("number", 0))
            if number <= events.get(node, 0):
                continue
            events[node] = number
            facts = event.get("facts")
            if event.get("code") == SILENCE and isinstance(facts, dict):
                kept = {name: str(facts.get(name, ""))[:200] for name in ("item", "seconds", "cause")}
                at = _instant(event.get("at")) or self.clock.now()
                yield event_of(EventKind.NODE_DEAD_AIR, at, {**self._node(node), **kept}, node, number)

    def _plans(self, now: datetime) -> Iterator[Event]:
        for at, plan in self.store.plans_saved(now - WINDOW, now + WINDOW):
            kind = EventKind.WEEK_AMENDED if plan.number else EventKind.WEEK_PLANNED
            facts = {"week": plan.week, "number": plan.number, "reason": plan.reason, "airings": len(plan.slots)}
            yield event_of(kind, at, facts, plan.week, plan.number, plan.hash)

    def _orders(self, now: datetime) -> Iterator[Event]:
        try:
            records = self.registry.emergencies()
        except (OSError, ValueError, KeyError, TypeError):
            return  # a damaged file of orders is told on the page Hôm nay
        for record in records:
            order = record.order
            facts = {"order": order.id, "drill": order.drill, "zones": order.zones, "text": order.text}
            if order.issued >= now - WINDOW:
                yield event_of(EventKind.EMERGENCY_SENT, order.issued, {**facts, "by": order.by}, order.id)
            if record.retracted_at is not None and record.retracted_at >= now - WINDOW:
                by = {"by": record.retracted_by}
                yield event_of(EventKind.EMERGENCY_RETRACTED, record.retracted_at, {**facts, **by}, order.id)


def _instant(text: object) -> datetime | None:
    """What a node calls its time; None for what is no instant."""
    try:
        return as_utc(datetime.fromisoformat(str(text)))
    except ValueError:
        return None


class _Titles:
    """Titles of bulletins, asked for when one is needed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, str] = {}

    def of(self, code: str) -> str:
        """The title of a code; the code itself where there is none."""
        if code not in self._known:
            piece = self._store.bulletin(code)
            self._known[code] = piece.title if piece else code
        return self._known[code]


@dataclass(slots=True)
class Telling:
    """Sends what is laid out.

    Args:
        outbox: where it lies.
        postman: who brings it.
        clock: the only source of time.
        fraction: a random number from 0 to 1, another each time.
    """

    outbox: Outbox
    postman: Postman
    clock: Clock
    fraction: Callable[[], float]
    _failures: dict[str, int] = field(default_factory=dict)
    _resting: dict[str, float] = field(default_factory=dict)

    def test(self, hook: Webhook, by: str) -> Message:
        """Lay out a message that says nothing but that it came.

        Raises:
            StoreError: `file.disk`.
        """
        now = self.clock.now()
        event = event_of(EventKind.TEST, now, {"by": by}, hook.code, now)
        message = Message(hook.code, event.id, event.body.decode(), event.kind, now)
        self.outbox.put(message)
        self._resting.pop(hook.code, None)  # who asks for a test has perhaps just mended something
        return message

    def turn(self, hook: Webhook, keep_going: Callable[[], bool] = lambda: True) -> list[Finding]:
        """Try what is due for one receiver, the least tried first; what was given up.

        A receiver that does not answer is left alone for up to a minute, whatever else waits for it.

        Raises:
            StoreError: `file.disk`.
        """
        dropped: list[Finding] = []
        if self.clock.elapsed() < self._resting.get(hook.code, 0.0):
            return dropped
        for message in sorted(self.outbox.waiting(hook.code), key=lambda one: (one.tries, one.put_at)):
            if not keep_going():
                break
            if not self._is_due(message):
                continue
            if (found := self.send(hook, message)) is not None:
                dropped.append(found)
            if hook.code in self._resting:
                break
        return dropped

    def _is_due(self, message: Message) -> bool:
        # A clock that was set back must not keep a message for longer than the longest span.
        wait = timedelta(0) if message.due is None else message.due - self.clock.now()
        return not timedelta(0) < wait <= timedelta(seconds=LONGEST_S)

    def send(self, hook: Webhook, message: Message) -> Finding | None:
        """Try one message now; a finding where it was given up."""
        try:
            answer = self.postman.post(hook, message.id, message.body.encode())
        except ConfigError:  # the receiver's secret is not there: nothing is sent, everything waits
            answer = Answer(why=Why.SECRET)
        now = self.clock.now()
        standing = self.outbox.standing(hook.code)
        if answer.taken:
            self._failures.pop(hook.code, None)
            self._resting.pop(hook.code, None)
            self.outbox.drop(message)
            self.outbox.keep_standing(hook.code, replace(standing, delivered_at=now, delivered=message.kind, why=""))
            return None
        standing = replace(standing, failed_at=now, why=answer.why)
        failures = self._failures[hook.code] = self._failures.get(hook.code, 0) + 1
        if not 400 <= answer.status < 500:  # it did not answer at all, or not as itself: no use in trying the next one
            self._resting[hook.code] = self.clock.elapsed() + delay(failures, self.fraction())
        if answer.status != GONE and now - message.put_at < GIVEN_UP:
            self.outbox.keep_standing(hook.code, standing)
            after = timedelta(seconds=delay(message.tries + 1, self.fraction(), FIRST_S, LONGEST_S))
            self.outbox.put(replace(message, tries=message.tries + 1, due=now + after, why=answer.why))
            return None
        self.outbox.drop(message)
        self.outbox.keep_standing(hook.code, replace(standing, given_up=standing.given_up + 1, given_up_at=now))
        facts = {"hook": hook.code, "event": message.kind.value, "tries": message.tries + 1, "why": answer.why}
        return Finding("webhook.given_up", Severity.ERROR, facts=facts)


def in_trouble(standing: Standing, now: datetime) -> bool:
    """Whether a person should look at a receiver: it fails since its last success, or messages were dropped lately."""
    failing = standing.failed_at is not None and bool(standing.why) and now - standing.failed_at < GIVEN_UP
    dropped = standing.given_up_at is not None and now - standing.given_up_at < 2 * GIVEN_UP
    return failing or dropped
