"""Who asks: the session's cookie, roles, and the brake on guessing passwords."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Annotated, cast

from fastapi import Depends, Request

from broadcaster.bootstrap import App
from broadcaster.domain.station import Role
from broadcaster.services.entering import Visitor

COOKIE = "phien"
FREE_ATTEMPTS = 5
LONGEST_WAIT = 900.0


class NotInsideError(Exception):
    """Nobody is logged in."""


class NotAllowedError(Exception):
    """Somebody is, in the wrong role."""


def app_of(request: Request) -> App:
    """The workspace."""
    return cast("App", request.app.state.app)


def visitor_of(request: Request) -> Visitor:
    """Who is in.

    Raises:
        NotInsideError: when nobody is.
    """
    visitor = app_of(request).entering.visitor(request.cookies.get(COOKIE, ""))
    if visitor is None:
        raise NotInsideError
    request.state.visitor = visitor
    return visitor


Inside = Annotated[Visitor, Depends(visitor_of)]
Workspace = Annotated[App, Depends(app_of)]


def in_role(*roles: Role) -> Callable[[Request], Visitor]:
    """Somebody who has one of the roles."""

    def checked(request: Request) -> Visitor:
        visitor = visitor_of(request)
        if not visitor.may(*roles):
            raise NotAllowedError
        return visitor

    return checked


def administrator(request: Request) -> Visitor:
    """Somebody who looks after accounts."""
    visitor = visitor_of(request)
    if not visitor.admin:
        raise NotAllowedError
    return visitor


Author = Annotated[Visitor, Depends(in_role(Role.AUTHOR))]
Approver = Annotated[Visitor, Depends(in_role(Role.APPROVER))]
Operator = Annotated[Visitor, Depends(in_role(Role.OPERATOR))]
Maker = Annotated[Visitor, Depends(in_role(Role.AUTHOR, Role.OPERATOR))]
Keeper = Annotated[Visitor, Depends(in_role(Role.OPERATOR, Role.APPROVER))]
Admin = Annotated[Visitor, Depends(administrator)]


@dataclass
class Brake:
    """After five wrong attempts each further one has to wait twice as long; by account and by address."""

    elapsed: Callable[[], float]
    _wrong: dict[str, tuple[int, float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def wait(self, *keys: str) -> float:
        """Seconds until another attempt is looked at; 0 when it is now."""
        now = self.elapsed()
        with self._lock:
            return max((self._until(key) - now for key in keys), default=0.0)

    def _until(self, key: str) -> float:
        count, last = self._wrong.get(key, (0, 0.0))
        over = count - FREE_ATTEMPTS
        return last + min(LONGEST_WAIT, 15.0 * 2 ** min(over, 10)) if over >= 0 else 0.0

    def wrong(self, *keys: str) -> None:
        """An attempt failed."""
        now = self.elapsed()
        with self._lock:
            # Names that nobody has must not fill the memory.
            if len(self._wrong) > 2000:
                self._wrong = {k: v for k, v in self._wrong.items() if now - v[1] < LONGEST_WAIT}
            for key in keys:
                self._wrong[key] = (self._wrong.get(key, (0, 0.0))[0] + 1, now)

    def right(self, *keys: str) -> None:
        """An attempt succeeded."""
        with self._lock:
            for key in keys:
                self._wrong.pop(key, None)
