"""What tells other programs, put together; it runs beside the console, in threads that nobody waits for."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from broadcaster.adapters.files import read_text
from broadcaster.adapters.webhooks import FolderOutbox, HttpPostman, SecretFolder
from broadcaster.domain.webhook import Message, Standing, Webhook, Why, secret_text, webhooks_from
from broadcaster.errors import BroadcasterError, ConfigError, Finding, OutputError
from broadcaster.services.telling import Noticing, Telling, in_trouble
from broadcaster.wording import say

if TYPE_CHECKING:
    from broadcaster.bootstrap import App

LOOK_S = 10.0
"""Between two looks for something to tell."""
TURN_S = 1.0
"""Between two looks for a message that is due."""
LEAVE_S = 10.0
"""For a message that is under way when the station is stopped; it is sent again otherwise."""


class Webhooks:
    """The programs that a station tells of what happens.

    Args:
        app: the workspace.
        look_s: seconds between two looks for something to tell.
        turn_s: seconds between two looks for a message that is due.
    """

    def __init__(self, app: "App", look_s: float = LOOK_S, turn_s: float = TURN_S) -> None:
        self._app, self._look_s, self._turn_s = app, look_s, turn_s
        self.secrets = SecretFolder(app.workspace.network / "khoa" / "webhook")
        self._outbox = FolderOutbox(app.workspace.outbox)
        self._stop = threading.Event()

    def hooks(self) -> tuple[Webhook, ...]:
        """The receivers, as the file has them now; none without it.

        Raises:
            ConfigError: `webhook.invalid`, `file.not_utf8`, `file.unreadable`.
        """
        path = self._app.workspace.webhook_file
        try:
            return webhooks_from(read_text(path), str(path))
        except FileNotFoundError:
            return ()
        except UnicodeDecodeError as error:
            raise ConfigError("file.not_utf8", file=str(path)) from error
        except OSError as error:
            raise ConfigError("file.unreadable", file=str(path), detail=error.strerror or "") from error

    def hook(self, code: str) -> Webhook:
        """One receiver.

        Raises:
            ConfigError: `webhook.unknown`; as `hooks`.
        """
        hooks = {hook.code: hook for hook in self.hooks()}
        if code not in hooks:
            raise ConfigError("webhook.unknown", given=code, allowed=sorted(hooks))
        return hooks[code]

    @cached_property
    def telling(self) -> Telling:
        """What sends."""
        postman = HttpPostman(self.secrets, self._app.clock)
        return Telling(self._outbox, postman, self._app.clock, random.SystemRandom().random)

    @property
    def noticing(self) -> Noticing:
        """What finds something to tell."""
        app = self._app
        return Noticing(app.store, app.network.registry, self._outbox, app.clock, app.station)

    def standing(self, hook: str) -> Standing:
        """How it goes with a receiver."""
        return self._outbox.standing(hook)

    def state(self, hook: str, language: str = "vi") -> tuple[str, dict[str, str]]:
        """How it goes with a receiver, as a code of the wording table with its facts."""
        standing = self.standing(hook)
        if not self.has_secret(hook):
            return "webhook.state_no_secret", {}
        if standing.why:
            return "webhook.state_bad", {"why": why_words(standing.why, language)}
        return ("webhook.state_good" if standing.delivered_at else "webhook.state_new"), {}

    def waiting(self, hook: str) -> int:
        """How many messages wait for a receiver."""
        return len(self._outbox.waiting(hook))

    def has_secret(self, hook: str) -> bool:
        """Whether messages to a receiver can be signed."""
        try:
            return bool(self.secrets.of(hook))
        except ConfigError:
            return False

    def secret(self, hook: str) -> str:
        """A receiver's newest secret as it is given to the receiver; made where there is none.

        Raises:
            ConfigError: `webhook.secret` for a file that cannot be read, `key.open`, `file.disk`.
        """
        if not self.secrets.path(hook).exists():
            return self.secrets.make(hook)
        return secret_text(self.secrets.of(hook)[-1])

    def lay_test(self, hook: Webhook, by: str) -> None:
        """Lay out a test, which is sent in a moment.

        Raises:
            StoreError: `file.disk`.
        """
        self.telling.test(hook, by)

    def troubled(self) -> int:
        """How many receivers a person should look at; a file that cannot be read counts as one."""
        try:
            hooks = self.hooks()
        except ConfigError:
            return 1
        return sum(in_trouble(self.standing(hook.code), self._app.clock.now()) for hook in hooks)

    def send_test(self, hook: Webhook, by: str) -> tuple[Message, Finding | None]:
        """Send a test and wait for what comes of it."""
        message = self.telling.test(hook, by)
        return message, self.telling.send(hook, message)

    @contextmanager
    def running(self, told: Callable[[BroadcasterError], object]) -> Iterator[None]:
        """While this is open, what happens is told.

        Args:
            told: what could not be done; it is tried again.
        """
        self._stop.clear()
        if self._app.workspace.webhook_file.exists():
            _ = self._app.store  # opened here, before several threads ask for it
        watcher = threading.Thread(target=self._watch, args=(told,), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            self._stop.set()
            watcher.join(LEAVE_S)

    def _watch(self, told: Callable[[BroadcasterError], object]) -> None:
        """Alone among the processes of this workspace: two would tell everything twice."""
        from broadcaster.adapters.lock import only_one

        while not self._stop.is_set():
            if not self._app.workspace.webhook_file.exists():
                self._stop.wait(self._look_s)
                continue
            try:
                with only_one(self._app.workspace.outbox / ".khoa", ""):
                    self._tell(told)
            except OutputError:
                self._stop.wait(self._look_s)

    def _tell(self, told: Callable[[BroadcasterError], object]) -> None:
        senders: dict[str, threading.Thread] = {}
        said = ""
        while not self._stop.is_set():
            try:
                hooks = self.hooks()
                self.noticing.look(hooks)
                said = ""
            except BroadcasterError as error:
                hooks = ()
                if str(error) != said:  # once, not every ten seconds
                    told(error)
                said = str(error)
            for hook in hooks:
                if hook.code not in senders or not senders[hook.code].is_alive():
                    senders[hook.code] = threading.Thread(target=self._send, args=(hook.code, told), daemon=True)
                    senders[hook.code].start()
            self._stop.wait(self._look_s)
        for sender in senders.values():
            sender.join(LEAVE_S)

    def _send(self, code: str, told: Callable[[BroadcasterError], object]) -> None:
        """Send to one receiver, which holds up nobody but itself."""
        while not self._stop.is_set():
            try:
                dropped = self.telling.turn(self.hook(code), lambda: not self._stop.is_set())
            except ConfigError:
                return  # its table is gone, or the file is being changed; the next look starts again
            except BroadcasterError as error:
                told(error)
                self._stop.wait(self._look_s)
                continue
            for finding in dropped:
                told(ConfigError(finding.code, **{**finding.facts, "why": why_words(finding.facts["why"])}))
            self._stop.wait(self._turn_s)


def why_words(why: str, language: str = "vi") -> str:
    """Why a receiver took nothing, for people."""
    return say(f"webhook.why_{why}", language) if why in set(Why) else why
