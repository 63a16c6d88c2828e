"""The second half of `bootstrap`: what joins the link's adapters to the services, at the station and on a node.

A node needs neither the database nor the station's file: `Node` imports neither.
"""

import os
import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from broadcaster.adapters.clock import SystemClock
from broadcaster.adapters.keys import Key, is_signed, load_key, make_key, new_code
from broadcaster.domain.asrun import AsRun, Cause
from broadcaster.domain.cap import CapAlert
from broadcaster.domain.emergency import EmergencyOrder, EmergencyRecord
from broadcaster.domain.enrolment import Identity, Invitation, Member
from broadcaster.domain.envelope import Kind, seal
from broadcaster.domain.live import SPOOL, LiveOrder
from broadcaster.domain.receipt import Received
from broadcaster.domain.rundown import Rundown
from broadcaster.domain.tone import ToneOrder
from broadcaster.errors import BroadcasterError, ConfigError, Finding, LinkError
from broadcaster.ports import Clock, Hub, Registry
from broadcaster.services.overseeing import Overseeing
from broadcaster.services.receiving import Held, Receiving
from broadcaster.units import plain

if TYPE_CHECKING:
    from broadcaster.adapters.link.cache import FolderCache
    from broadcaster.adapters.link.http import HttpLink
    from broadcaster.adapters.link.mqtt import MqttHub
    from broadcaster.bootstrap import App
    from broadcaster.services.alarm import Alarm
    from broadcaster.services.alarming import Alarming
    from broadcaster.services.distributing import Distributing
    from broadcaster.services.going_live import GoingLive
    from broadcaster.services.relay import Relay
    from broadcaster.services.taking import Taking
    from broadcaster.services.tone import Tone
    from broadcaster.services.toning import Toning
    from broadcaster.services.tuning import Tuning

EMERGENCY_KEY = "BROADCASTER_EMERGENCY_KEY"
"""Names the file of the emergency's key, which may lie on a stick in a drawer."""
MQTT = "BROADCASTER_MQTT"
"""The broker's address."""


def without_login(address: str) -> str:
    """A broker's address without user and password."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "", "", "")) if address else ""


class Network:
    """A station's nodes."""

    def __init__(self, app: "App") -> None:
        self._app = app
        self.folder = app.workspace.network
        self.mqtt_address = os.environ.get(MQTT, "")
        self._hubs: list[Hub] = []

    @property
    def _keys(self) -> Path:
        return self.folder / "khoa"

    @property
    def emergency_file(self) -> Path:
        """Where the emergency's key is."""
        given = os.environ.get(EMERGENCY_KEY)
        return Path(given) if given else self._keys / "khan_cap.key"

    @cached_property
    def key(self) -> Key:
        """The station's key, made when it is first needed.

        Raises:
            LinkError: `key.open`, `key.broken`.
        """
        path = self._keys / "dai.key"
        return load_key(path) if path.exists() else make_key(path)

    @cached_property
    def emergency_public(self) -> bytes:
        """The public half of the emergency's key, which nodes get when they join; both halves are made when needed.

        Raises:
            LinkError: `key.missing`, `key.open`, `key.broken`.
        """
        path = self._keys / "khan_cap.pub"
        if path.exists():
            return bytes.fromhex(path.read_text(encoding="ascii").strip())
        file = self.emergency_file
        key = load_key(file) if file.exists() else make_key(file)
        from broadcaster.adapters.files import write_text

        write_text(path, key.public.hex() + "\n")
        return key.public

    def emergency_key(self) -> Key:
        """The emergency's key, read anew each time: it need not be there at other times.

        Raises:
            LinkError: `key.missing`, `key.open`, `key.broken`; `key.other` if nodes were given another one.
        """
        public = self.emergency_public
        key = load_key(self.emergency_file)
        if key.public != public:
            raise LinkError("key.other", file=str(self.emergency_file))
        return key

    @property
    def registry(self) -> Registry:
        """What is known of nodes."""
        found: Registry = self._registry
        return found

    @cached_property
    def _registry(self) -> Any:
        from broadcaster.adapters.link.registry import FolderRegistry

        return FolderRegistry(self.folder)

    @cached_property
    def _mailbox(self) -> Any:
        from broadcaster.adapters.link.mailbox import FolderMailbox

        return FolderMailbox(self.folder / "hop_thu")

    @cached_property
    def mqtt(self) -> "MqttHub | None":
        """The way over the broker; None where there is none."""
        if not self.mqtt_address:
            return None
        from broadcaster.adapters.link.mqtt import MqttHub

        return MqttHub(self.mqtt_address, self._app.station.code, self._app.clock)

    @property
    def hubs(self) -> tuple[Hub, ...]:
        """Every way there is."""
        return (self._mailbox, self.mqtt) if self.mqtt else (self._mailbox,)

    @cached_property
    def distributing(self) -> "Distributing":
        """The station's side of the link."""
        from broadcaster.services.distributing import Distributing

        app = self._app
        return Distributing(
            registry=self._registry,
            mailbox=self._mailbox,
            hubs=self.hubs,
            clock=app.clock,
            station=app.station,
            key=self.key,
            emergency_public=self.emergency_public,
            check=is_signed,
            receive=self._receive,
            mqtt=without_login(self.mqtt_address),
        )

    def _receive(self, rows: Sequence[AsRun]) -> Received:
        return self._app.store.receive_as_run(rows)  # the database is opened by the first row

    @cached_property
    def alarming(self) -> "Alarming":
        """The station's emergencies."""
        from broadcaster.services.alarming import Alarming

        return Alarming(self._registry, self.hubs, self._app.clock, self._app.station)

    def renew(self) -> None:
        """The station's limits have changed: the next push carries them. What answers nodes stays the same."""
        if "distributing" in self.__dict__:
            self.distributing.station = self._app.station

    @property
    def overseeing(self) -> Overseeing:
        """The station's nodes, to be looked at."""
        return Overseeing(self._registry, self._app.clock, self._app.station)

    def alarm(
        self, node: str, taking: "Taking", keep_going: Callable[[], bool], report: Callable[[Finding], object]
    ) -> "Alarm":
        """Emergencies on the office's own player: what a node gets signed, it reads where it was written."""
        from broadcaster.adapters.link.cache import FolderCache
        from broadcaster.bootstrap_node import sound_length
        from broadcaster.services.alarm import Alarm

        registry, clock = self._registry, self._app.clock
        memory = FolderCache(self.folder / "may_phat" / node)

        def records() -> Sequence[EmergencyRecord]:
            try:
                found: Sequence[EmergencyRecord] = registry.emergencies()
            except (OSError, ValueError, KeyError, TypeError):
                return ()  # a file that cannot be read must not end the air; the page and the command say so
            return found

        def orders() -> list[EmergencyOrder]:
            now = clock.now()
            return [
                record.order
                for record in records()
                if record.order.is_for(node)
                and record.order.issued <= now < record.order.expires
                and not record.retracted_by
                and registry.file(record.order.audio) is not None
            ]

        return Alarm(
            taking=taking,
            orders=orders,
            sound=lambda order: registry.file(order.audio),
            retracted=lambda order: any(r.order.id == order and r.retracted_by for r in records()),
            spoken=lambda order: memory.seen(f"spoken.{order}"),
            keep=lambda order, number: memory.see(f"spoken.{order}", number),
            report=report,
            length=sound_length,
            keep_going=keep_going,
        )

    def relay(
        self,
        node: str,
        taking: "Taking",
        alarm: "Alarm",
        keep_going: Callable[[], bool],
        report: Callable[[Finding], object],
    ) -> "Relay":
        """Live broadcasts on the office's own player: it reads the sound where it is made."""
        from broadcaster.services.relay import Relay

        app, registry, clock = self._app, self._registry, self._app.clock

        def lives() -> list[LiveOrder]:
            now = clock.now()
            return [live for live in registry.lives() if live.is_for(node) and live.issued <= now < live.until]

        return Relay(
            taking=taking,
            lives=lives,
            spool=lambda live: registry.live_folder(live) / SPOOL,
            hush=lambda first, last: app.limits(node).hush(first, last),
            urgent=lambda: alarm.pending() is not None,
            report=report,
            gain_db=lambda: app.limits(node).volume_cap_db,
            keep_going=keep_going,
        )

    def tone(
        self,
        node: str,
        rundowns: Callable[[], list[Rundown]],
        urgent: Callable[[], Cause | None],
        keep_going: Callable[[], bool],
        report: Callable[[Finding], object],
    ) -> "Tone":
        """Test tones on the office's own player: it reads the order where it was written, and answers there."""
        from broadcaster.adapters.link.cache import FolderCache
        from broadcaster.bootstrap_node import tone_file
        from broadcaster.services.tone import Tone

        app, registry, clock = self._app, self._registry, self._app.clock
        memory = FolderCache(self.folder / "may_phat" / node)

        def order() -> ToneOrder | None:
            now = clock.now()
            with suppress(OSError, ValueError, KeyError, TypeError):  # a damaged file must not end the air
                mine = [one for one in registry.tones() if one.is_for(node) and one.issued <= now < one.expires]
                return mine[-1] if mine else None
            return None

        def told(finding: Finding) -> None:
            report(finding)
            with suppress(BroadcasterError, OSError):  # a full disk: what sounds goes on
                registry.add_tone_answer(node, {"at": clock.now(), **plain(finding)})

        return Tone(
            clock=clock,
            order=order,
            done=lambda: memory.seen("tone"),
            keep=lambda number: memory.see("tone", number),
            sound=lambda seconds: tone_file(self.folder / "may_phat" / "thu_loa", seconds),
            rundowns=rundowns,
            hush=lambda first, last: app.limits(node).hush(first, last),
            urgent=urgent,
            report=told,
            gain_db=lambda: app.limits(node).volume_cap_db,
            keep_going=keep_going,
        )

    @property
    def toning(self) -> "Toning":
        """The station's test tones."""
        from broadcaster.services.toning import Toning

        app = self._app
        return Toning(
            registry=self._registry,
            hubs=self.hubs,
            clock=app.clock,
            station=app.station,
            key=lambda: self.key,
            rundowns=app.auditing.rundowns,
            nodes_of=lambda rundown: app.auditing.nodes_of(rundown.zone, rundown.day),
        )

    @cached_property
    def live(self) -> "GoingLive":
        """The station's live broadcasts."""
        from broadcaster.services.going_live import GoingLive

        return GoingLive(self._registry, self.hubs, self._app.clock, self._app.station, self.key)

    def invite(self, actor: str, node: str) -> tuple[str, Invitation]:
        """A code for a node; it is shown once and kept nowhere."""
        code = new_code()
        return code, self.distributing.invite(actor, node, code)

    def push(self, *, force: bool = False) -> dict[str, int]:
        """Post what is planned for the days ahead."""
        from broadcaster.services.distributing import AHEAD

        app = self._app
        today = app.station.local(app.clock.now()).date()
        rundowns = app.auditing.rundowns(today - timedelta(days=1), today + timedelta(days=AHEAD - 1))
        return self.distributing.push(
            rundowns, app.fetch, lambda rundown: app.auditing.nodes_of(rundown.zone, rundown.day), force=force
        )

    def members(self) -> Sequence[Member]:
        """The nodes that joined; a station that never had one has no keys, and gets none by being asked."""
        found: Sequence[Member] = self._registry.members()
        return found

    def orders_in_force(self) -> list[EmergencyOrder]:
        """The orders that sound now or may begin to; none where their files cannot be read."""
        now = self._app.clock.now()
        try:
            records = self._registry.emergencies()
        except (OSError, ValueError, KeyError, TypeError):
            return []
        return [r.order for r in records if not r.retracted_by and r.order.issued <= now < r.order.expires]

    def lives_on(self) -> list[LiveOrder]:
        """The live broadcasts that are on now."""
        now = self._app.clock.now()
        return [live for live in self._registry.lives() if live.issued <= now < live.until]

    def seen(self, node: str) -> Any:
        """When a node was last heard of, its events, and what of its rows was refused."""
        return self._registry.last_seen(node), self._registry.events(node), self._registry.refused(node)

    def read_cap(self, path: Path) -> CapAlert:
        """A signed warning; the certificates that are believed lie in the network's folder, in `cap`.

        Raises:
            ConfigError: `file.unreadable`.
            LinkError: see `adapters.cap.read_cap`.
        """
        from broadcaster.adapters.cap import read_cap

        try:
            data = path.read_bytes()
        except OSError as error:
            raise ConfigError("file.unreadable", file=str(path), detail=error.strerror or str(error)) from error
        return read_cap(data, sorted((self.folder / "cap").glob("*.pem")))

    def application(self) -> Any:
        """The door for nodes, an ASGI application."""
        from broadcaster.adapters.link.server import link_app

        return link_app(self.distributing)

    @contextmanager
    def door_open(
        self,
        every: float,
        told: Callable[[BroadcasterError], object],
        posted: Callable[[Mapping[str, int]], object] = lambda _: None,
    ) -> Iterator[None]:
        """While the door is open: what is planned is sent as it changes, and the broker's nodes are answered.

        Args:
            every: seconds between two looks at the plan.
            told: what went wrong; it is tried again.
            posted: told of what was sent.
        """
        stop = threading.Event()

        def look() -> None:
            while not stop.is_set():
                try:
                    self._app.renew()  # somebody may have muted a cluster since
                    # A station without nodes needs no keys.
                    sent = self.push() if self._registry.members() else {}
                    if sent:
                        posted(sent)
                except BroadcasterError as error:
                    told(error)
                stop.wait(every)

        def answer() -> None:
            while not stop.is_set() and self.mqtt is not None:
                try:
                    self.mqtt.serve(self.distributing.take, 1.0)
                except LinkError as error:
                    told(error)
                    stop.wait(5)

        threads = [threading.Thread(target=job, daemon=True) for job in (look, answer)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(10)

    def serve(self, host: str, port: int) -> None:
        """Keep the door open until the process is asked to stop.

        Raises:
            LinkError: `link.port` if nothing can listen there.
        """
        from broadcaster.adapters.link.server import run

        run(self.application(), host, port)

    @property
    def mqtt_shown(self) -> str:
        """The broker's address without its password; empty for none."""
        return self.mqtt.shown if self.mqtt else ""

    def close(self) -> None:
        """Let go of connections."""
        for hub in self.hubs:
            hub.close()


class Node:
    """A node's folder, and its way to the station.

    Args:
        folder: where it keeps everything.
        clock: the machine's clock unless told otherwise.
    """

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        self.folder = folder
        self.clock = clock or SystemClock()

    @cached_property
    def cache(self) -> "FolderCache":
        """What it holds."""
        from broadcaster.adapters.link.cache import FolderCache

        return FolderCache(self.folder)

    @cached_property
    def identity(self) -> Identity:
        """Who it is.

        Raises:
            LinkError: `link.not_joined`.
        """
        from broadcaster.adapters.link.identity import load_identity

        return load_identity(self.folder)

    @cached_property
    def key(self) -> Key:
        """Its key.

        Raises:
            LinkError: `key.missing`, `key.open`, `key.broken`.
        """
        from broadcaster.adapters.link.identity import KEY

        return load_key(self.folder / KEY)

    @cached_property
    def held(self) -> Held:
        """What it may play."""
        return Held(self.cache, self.clock, self.identity, is_signed)

    def _http(self, address: str) -> "HttpLink":
        from broadcaster.adapters.link.http import HttpLink

        def ask(_: str) -> bytes:
            return seal(Kind.ASK, {"node": self.identity.node, "at": self.clock.now()}, self.key.name, self.key.sign)

        return HttpLink(address, ask)

    def join(self, address: str, node: str, code: str) -> Identity:
        """Join a station with a code. The key is made first and stays, whatever the answer.

        Raises:
            LinkError: `link.joined` if the folder is another node's; `link.down`; `join.…` with the reason.
        """
        from broadcaster.adapters.link.identity import FILE, KEY, keep_identity
        from broadcaster.services.distributing import request_to_join, welcome

        if (self.folder / FILE).exists():
            raise LinkError("link.joined", folder=str(self.folder))
        path = self.folder / KEY
        key = load_key(path) if path.exists() else make_key(path)
        link = self._http(address)
        try:
            said = welcome(link.join(request_to_join(code, node, key.public)), code, node, key.public)
        finally:
            link.close()
        identity = Identity(
            station=said["station"],
            node=node,
            address=address,
            mqtt=said["mqtt"],
            station_key=said["station_key"],
            emergency_key=said["emergency_key"],
        )
        keep_identity(self.folder, identity)
        return identity

    def receiving(self, heard: Callable[[Any], None] = lambda _: None) -> Receiving:
        """The link's endless job: over the broker where the station has one, else by HTTP."""
        http = self._http(self.identity.address)
        # A node has a login of its own at the broker, if any: the station's is never handed out.
        broker = os.environ.get(MQTT) or self.identity.mqtt
        if not broker:
            return Receiving(http, self.held, self.key, random.SystemRandom().random, heard)
        from broadcaster.adapters.link.mqtt import MqttLink

        link = MqttLink(broker, self.identity.station, self.identity.node, http.fetch)
        return Receiving(link, self.held, self.key, random.SystemRandom().random, heard)

    def tuning(self) -> "Tuning":
        """The reception of live broadcasts, always by HTTP."""
        from broadcaster.adapters.audio.live_sound import samples_of
        from broadcaster.services.tuning import Tuning

        return Tuning(self._http(self.identity.address), self.held, samples_of)


__all__: Sequence[str] = ("Network", "Node")
