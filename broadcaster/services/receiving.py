"""A node's side of the link: take what is right, refuse and report what is not, tell what was heard.

Nothing here plays. What is held was checked when it came and is checked again when it is asked for.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from broadcaster.domain.backoff import delay
from broadcaster.domain.emergency import EmergencyOrder, Retraction, Urgent, verify
from broadcaster.domain.enrolment import Identity
from broadcaster.domain.envelope import (
    MAGIC,
    SKEW,
    STATION_KINDS,
    URGENT_KINDS,
    Check,
    Keys,
    Kind,
    Refusal,
    Refused,
    seal,
    unseal,
)
from broadcaster.domain.limits import Limits, limits_from
from broadcaster.domain.live import LiveOrder, Segment, opened
from broadcaster.domain.manifest import Manifest, Piece, PieceKind, admit, missing
from broadcaster.domain.tone import ToneOrder
from broadcaster.errors import Finding, LinkError, Severity
from broadcaster.ports import Cache, Clock, Link, Signer
from broadcaster.units import Sha256, digest_bytes

ROWS = 500
"""Rows that are handed in at once."""
EVENTS = 200
WAIT = 25.0
"""Seconds that one poll waits."""
TRIES = 3
"""How often a file that came wrong is fetched anew before the next poll."""
ANSWER_LIMIT = 1_000_000
SPOILED = 100
"""Refused texts that are remembered."""
PAUSE = 2.0
"""Seconds that a turn without anything new takes at least."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a node may play, given who it is: read from its folder alone, without a station."""

    cache: Cache
    clock: Clock
    identity: Identity
    check: Check

    @property
    def keys(self) -> Keys:
        """Whom the node believes."""
        return self.identity.keys

    def manifest(self) -> Manifest | Refused | None:
        """The manifest in force; why it is in force no more; None before the first."""
        text = self.cache.manifest()
        return None if text is None else self.admit(text, -1)

    def admit(self, text: bytes, after: int) -> Manifest | Refused:
        """The manifest in a signed text, if it is for this node, good now, and has a higher number than `after`."""
        me = self.identity
        now = self.clock.now()
        return admit(text, self.keys, self.check, station=me.station, node=me.node, after=after, now=now)

    def rundowns(self) -> tuple[Path, ...]:
        """The rundowns that may be played now, each found right."""
        manifest = self.manifest()
        if not isinstance(manifest, Manifest):
            return ()
        return tuple(self.cache.path(p) for p in manifest.of(PieceKind.RUNDOWN) if self.cache.holds(p))

    def limits(self) -> Limits:
        """What the node keeps to by itself; the usual quiet hours where the station has said nothing that is right."""
        manifest = self.manifest()
        pieces = manifest.of(PieceKind.LIMITS) if isinstance(manifest, Manifest) else ()
        for piece in pieces:
            with suppress(OSError, ValueError):
                if self.cache.holds(piece):
                    return limits_from(self.cache.path(piece).read_text(encoding="utf-8"))
        return Limits()

    def sound(self, master: str) -> Path | None:
        """The sound of a master, if the manifest names it and it is right."""
        manifest = self.manifest()
        if not isinstance(manifest, Manifest):
            return None
        piece = next((p for p in manifest.of(PieceKind.AUDIO) if p.master == master), None)
        return self.cache.sound(piece) if piece else None

    def orders(self) -> tuple[EmergencyOrder, ...]:
        """The orders that are in force now and whose sound, if they have one, is there."""
        return tuple(order for order in self.standing() if not order.audio or self.order_sound(order))

    def standing(self) -> Iterator[EmergencyOrder]:
        """The orders for this node that are in force now, whether their sound is there or not."""
        me = self.identity
        for text in self.cache.orders():
            order = verify(text, self.keys, self.check, station=me.station, after=-1, now=self.clock.now())
            if isinstance(order, EmergencyOrder) and order.is_for(me.node):
                yield order

    def lives(self) -> tuple[LiveOrder, ...]:
        """The live broadcasts for this node that are on now."""
        now = self.clock.now()
        return tuple(live for live in self.all_lives() if live.issued - SKEW <= now < live.until)

    def all_lives(self) -> Iterator[LiveOrder]:
        """The live broadcasts for this node that the station has not let expire."""
        me = self.identity
        for text in self.cache.lives():
            live = verify(text, self.keys, self.check, station=me.station, after=-1, now=self.clock.now())
            if isinstance(live, LiveOrder) and live.is_for(me.node):
                yield live

    def tone(self) -> ToneOrder | None:
        """The order for a test tone that is in force for this node."""
        text, me = self.cache.tone(), self.identity
        if text is None:
            return None
        order = verify(text, self.keys, self.check, station=me.station, after=-1, now=self.clock.now())
        return order if isinstance(order, ToneOrder) and order.is_for(me.node) else None

    def segment(self, live: LiveOrder, text: bytes, after: int) -> Segment | Refused:
        """The segment of a live broadcast in a signed text, or why it is refused."""
        return opened(text, self.keys, self.check, live=live.id, after=after)

    def order_sound(self, order: EmergencyOrder) -> Path | None:
        """The sound of an order, once it is there and right."""
        return self.cache.sound(sound_of(order))


def sound_of(order: EmergencyOrder) -> Piece:
    """The file that an order is spoken from."""
    return Piece(PieceKind.AUDIO, order.audio_ending, order.audio_length, Sha256(order.audio))


@dataclass(slots=True)
class Receiving:
    """The endless job of a node's link.

    Args:
        link: the way to the station.
        held: what the node has, and who it is.
        key: the node's key.
        jitter: a random number from 0 to 1.
        heard: told at once of every order and retraction that was found right.
    """

    link: Link
    held: Held
    key: Signer
    jitter: Callable[[], float] = lambda: 1.0
    heard: Callable[[Urgent], None] = lambda _: None
    failures: int = 0
    fresh: bool = False
    _spoiled: list[Sha256] = field(default_factory=list)
    _missed: list[Sha256] = field(default_factory=list)

    def run(self, keep_going: Callable[[], bool], wait: Callable[[float], None], told: "Told") -> None:
        """Turn after turn until asked to stop; a lost link is tried again after a random part of a growing span."""
        while keep_going():
            try:
                self.fresh = False
                begun = self.held.clock.elapsed()
                told(self.turn(WAIT if self.failures == 0 else 0.0), None)
                self.failures = 0
                # Texts that are refused are offered again at once.
                if not self.fresh and self.held.clock.elapsed() - begun < PAUSE:
                    wait(PAUSE)
            except LinkError as error:
                self.failures += 1
                told((), error)
                wait(delay(self.failures, self.jitter()))

    def turn(self, wait: float) -> tuple[Finding, ...]:
        """Hand in what waits, ask once, and fetch what is missing.

        Raises:
            LinkError: when the link is lost; what was done until then is done.
        """
        cache = self.held.cache
        self.hand_in()
        findings = [*self.fetch_missing()]
        # What could not be fetched is tried again soon, not after a whole poll.
        letters = self.link.poll(cache.seen("manifest"), cache.seen("urgent"), min(wait, 2.0) if findings else wait)
        for letter in letters:
            findings += self.take(letter)
        findings += self.fetch_missing()
        self.hand_in()
        return tuple(findings)

    def _known(self, letter: bytes) -> bool:
        """Whether this very text was refused before: a station that goes on offering it is not reported again."""
        mark = digest_bytes(letter)
        if mark in self._spoiled:
            return True
        self._spoiled.append(mark)
        del self._spoiled[:-SPOILED]
        return False

    # What comes

    def take(self, letter: bytes) -> Sequence[Finding]:
        """One signed text: an order, a retraction, a manifest, or something to refuse."""
        kind = letter[len(MAGIC) :].partition(b" ")[0].decode("ascii", "replace")
        refused = self._urgent(letter) if kind in URGENT_KINDS else self._manifest(letter)
        if refused is None:
            self.fresh = True
            return ()
        return () if self._known(letter) else self._report(refused)

    def _urgent(self, letter: bytes) -> Refused | None:
        held, cache, me = self.held, self.held.cache, self.held.identity
        found = verify(
            letter,
            held.keys,
            held.check,
            station=me.station,
            after=cache.seen("urgent"),
            now=held.clock.now(),
        )
        if isinstance(found, Refused):
            return found
        if isinstance(found, Retraction):
            cache.retract(found.order, letter)
            facts = {"order": found.order}
            code = "emergency.node_retracted"
        elif isinstance(found, LiveOrder):
            cache.see("urgent", found.seq)
            if found.is_for(me.node):
                cache.keep_live(found, letter)
                self.heard(found)
            return None
        elif isinstance(found, ToneOrder):
            cache.see("urgent", found.seq)
            if found.is_for(me.node):
                cache.keep_tone(letter)
                self.heard(found)
            return None
        elif found.is_for(me.node):
            cache.keep_order(found, letter)
            facts = {"order": found.id}
            code = "emergency.node_verified"
        else:
            cache.see("urgent", found.seq)
            return None
        cache.see("urgent", found.seq)
        self.heard(found)
        cache.put_event(Finding(code, Severity.NOTE, facts=facts), held.clock.now())
        return None

    def _manifest(self, letter: bytes) -> Refused | None:
        cache = self.held.cache
        # The same once more, as a broker that delivers at least once may hand out, or after a power cut before the
        # number was kept: no replay.
        same = letter == cache.manifest()
        found = self.held.admit(letter, -1 if same else cache.seen("manifest"))
        if isinstance(found, Refused):
            return found
        if same and found.seq <= cache.seen("manifest"):
            return None
        cache.keep_manifest(letter)
        cache.see("manifest", found.seq)
        cache.tidy(found, self.held.clock.now())
        return None

    def fetch_missing(self) -> Sequence[Finding]:
        """Fetch every file that is not there: sounds of orders first."""
        found: list[Finding] = []
        for piece in self._wanted():
            try:
                found += self._fetch(piece)
            except LinkError as error:
                if error.code != "link.gone":
                    raise
                found += self._gone(piece)
        return found

    def _fetch(self, piece: Piece) -> Sequence[Finding]:
        """Fetch one file; a line that breaks off in silence is reported only if it goes on doing so."""
        cache, found = self.held.cache, list[Finding]()
        refused: Refused | None = None
        for _ in range(TRIES):
            begun = cache.begun(piece)
            start = begun if begun < piece.length else 0
            refused = cache.take(piece, start, self.link.fetch(piece.sha256, start))
            if refused is None:
                return found
            if refused.why is not Refusal.TRUNCATED:
                found += self._report(refused)
        return found if refused is None or found else self._report(refused)

    def _gone(self, piece: Piece) -> Sequence[Finding]:
        """A file that the station has no more. At first that is no trouble: a newer manifest is on its way."""
        if piece.sha256 not in self._missed:
            self._missed = [*self._missed, piece.sha256][-SPOILED:]
            return ()
        finding = Finding("link.gone", Severity.WARNING, facts={"file": piece.sha256})
        if not self._known(piece.sha256.encode()):
            self.held.cache.put_event(finding, self.held.clock.now())
        return (finding,)

    def _wanted(self) -> Iterator[Piece]:
        cache = self.held.cache
        for order in self.held.standing():
            if order.audio and not cache.holds(sound_of(order)):
                yield sound_of(order)
        manifest = self.held.manifest()
        if isinstance(manifest, Manifest):
            there = [piece.sha256 for piece in manifest.pieces if cache.holds(piece)]
            yield from missing(manifest, there)

    def _report(self, refused: Refused) -> list[Finding]:
        """A refusal becomes an event for the operator."""
        finding = refused.finding(node=self.held.identity.node)
        self.held.cache.put_event(finding, self.held.clock.now())
        return [finding]

    # What goes

    def hand_in(self) -> None:
        """Rows and events that wait, until none waits or the station does not take them."""
        cache, me = self.held.cache, self.held.identity
        while rows := cache.rows(ROWS):
            answer = self._deliver(Kind.RECEIPTS, {"node": me.node, "rows": list(rows)})
            if answer is None or answer["expected"] <= rows[0].seq:
                break
            cache.settle_rows(answer["expected"])
        while events := cache.events(EVENTS):
            answer = self._deliver(Kind.EVENTS, {"node": me.node, "events": list(events)})
            if answer is None or answer["expected"] <= int(events[0]["number"]):
                break
            cache.settle_events(answer["expected"] - 1)

    def _deliver(self, kind: Kind, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """The station's answer; None if it is not the station's, not to this, or says no."""
        text = seal(kind, body, self.key.name, self.key.sign)
        answer = unseal(self.link.deliver(text), STATION_KINDS, self.held.keys, self.held.check, ANSWER_LIMIT)
        if isinstance(answer, Refused) or answer.kind is not Kind.ANSWER:
            return None
        data = answer.data
        right = data.get("of") == digest_bytes(text) and isinstance(data.get("expected"), int)
        return data if right and not data.get("refused") else None


Told = Callable[[Sequence[Finding], LinkError | None], None]
