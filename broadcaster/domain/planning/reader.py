"""Reading JSON data into plan values, collecting every error instead of stopping at the first."""

from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from math import isfinite
from typing import Any, TypeVar

from broadcaster.errors import Finding, Place, PlanError, Severity

T = TypeVar("T")


def read(data: Any, build: Callable[["Node"], T]) -> T:
    """`build` over the data; its value if nothing was wrong.

    Raises:
        PlanError: `plan.instance`, with a finding for every rejected place, in the order of reading.
    """
    findings: list[Finding] = []
    root = Node(data, "", findings)
    value = build(root)
    root.close()
    if findings:
        raise PlanError("plan.instance", findings, errors=len(findings))
    return value


class Node:
    """One JSON object being read; each getter takes a member, checks it, and gives a harmless value when it is bad."""

    def __init__(self, data: Any, path: str, findings: list[Finding]) -> None:
        self._path = path
        self._findings = findings
        self._seen: list[str] = []
        self._children: list[Node] = []
        self._data: dict[str, Any] = data if isinstance(data, dict) else {}
        self._broken = not isinstance(data, dict)
        if self._broken:
            self.reject("", "plan.instance_type", got=_short(data), allowed="object")

    def reject(self, member: str, code: str, **facts: Any) -> None:
        """Note an error at a member of this object."""
        path = f"{self._path}.{member}" if self._path and member else self._path or member
        self._findings.append(Finding(code, Severity.ERROR, Place(field=path), facts))

    def close(self) -> None:
        """Reject the members that nobody asked for: a misspelt optional member must not be lost in silence."""
        for child in self._children:
            child.close()
        for key in self._data:
            if key not in self._seen:
                near = get_close_matches(key, [name for name in self._seen if name not in self._data], n=1)
                self.reject(
                    key, "plan.instance_unknown", allowed=sorted(self._seen), did_you_mean=near[0] if near else ""
                )

    def number(
        self, member: str, low: float | None = None, high: float | None = None, default: float | None = None
    ) -> float:
        """A finite number; an integer stays one."""
        value = self._take(member, default)
        if value is None:
            return 0.0 if default is None else default
        return self._number(member, value, low, high)

    def whole(self, member: str, low: int | None = None, high: int | None = None, default: int | None = None) -> int:
        """A whole number; 90.0 counts as one."""
        value = self._take(member, default)
        if value is None:
            return default if default is not None else low or 0
        return self._whole(member, value, low, high)

    def flag(self, member: str) -> bool:
        """True or false."""
        value = self._take(member, None)
        if value is not None and not isinstance(value, bool):
            self.reject(member, "plan.instance_type", got=_short(value), allowed="true, false")
        return value is True

    def numbers(self, member: str) -> tuple[float, ...]:
        """A list of finite numbers."""
        return tuple(
            self._number(f"{member}[{i}]", value, None, None) for i, value in enumerate(self._list(member, None))
        )

    def wholes(
        self,
        member: str,
        low: int | None = None,
        high: int | None = None,
        *,
        unique: bool = False,
        default: tuple[int, ...] | None = None,
    ) -> tuple[int, ...]:
        """A list of whole numbers; with `unique` in ascending order and without doubles."""
        found = [self._whole(f"{member}[{i}]", v, low, high) for i, v in enumerate(self._list(member, default))]
        if not unique:
            return tuple(found)
        if len(set(found)) < len(found):
            self.reject(member, "plan.instance_double", got=found, allowed="each once")
        return tuple(sorted(set(found)))

    def pairs(self, member: str) -> list[tuple[int, int]]:
        """A list of pairs of whole numbers from 0."""
        out = []
        for i, value in enumerate(self._list(member, None)):
            at = f"{member}[{i}]"
            if isinstance(value, (list, tuple)) and len(value) == 2:
                out.append((self._whole(at, value[0], 0, None), self._whole(at, value[1], 0, None)))
            else:
                self.reject(at, "plan.instance_type", got=_short(value), allowed="[bulletin, session]")
        return out

    def child(self, member: str) -> "Node":
        """A member object."""
        value = self._take(member, None)
        return self._child({} if value is None else value, member)

    def items(self, member: str) -> Iterator["Node"]:
        """A member list of objects."""
        for i, value in enumerate(self._list(member, None)):
            yield self._child(value, f"{member}[{i}]")

    def _child(self, value: Any, member: str) -> "Node":
        path = f"{self._path}.{member}" if self._path else member
        child = Node(value, path, self._findings)
        self._children.append(child)
        return child

    def _take(self, member: str, default: Any) -> Any:
        self._seen.append(member)
        if member in self._data and self._data[member] is not None:
            return self._data[member]
        if default is None and not self._broken:
            self.reject(member, "plan.instance_missing")
        return None

    def _list(self, member: str, default: Sequence[int] | None) -> Sequence[Any]:
        value = self._take(member, default)
        if value is None:
            return ()
        if not isinstance(value, (list, tuple)):
            self.reject(member, "plan.instance_type", got=_short(value), allowed="list")
            return ()
        return value

    def _number(self, member: str, value: Any, low: float | None, high: float | None) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
            self.reject(member, "plan.instance_type", got=_short(value), allowed="number")
            return 0.0
        self._check_range(member, value, low, high)
        return value

    def _whole(self, member: str, value: Any, low: int | None, high: int | None) -> int:
        fraction = isinstance(value, float) and not value.is_integer()
        if isinstance(value, bool) or not isinstance(value, (int, float)) or fraction:
            self.reject(member, "plan.instance_type", got=_short(value), allowed="whole number")
            return low or 0
        self._check_range(member, value, low, high)
        return int(value)

    def _check_range(self, member: str, value: float, low: float | None, high: float | None) -> None:
        if (low is not None and value < low) or (high is not None and value > high):
            allowed = f"{'' if low is None else low}…{'' if high is None else high}"
            self.reject(member, "plan.instance_range", got=value, allowed=allowed)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
