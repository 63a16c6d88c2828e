"""Regular expressions that are compiled when they are first used: the package imports in a moment."""

import re
from collections.abc import Callable
from typing import Any


class Pattern:
    """The methods of a compiled pattern; compiles at the first call."""

    __slots__ = ("_flags", "_source", "findall", "finditer", "fullmatch", "match", "search", "split", "sub")

    findall: Callable[..., list[Any]]
    finditer: Callable[..., Any]
    fullmatch: Callable[..., re.Match[str] | None]
    match: Callable[..., re.Match[str] | None]
    search: Callable[..., re.Match[str] | None]
    split: Callable[..., list[str]]
    sub: Callable[..., str]

    def __init__(self, source: str, flags: int = 0) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        """Called only while the slots are empty: fills them all."""
        compiled = re.compile(self._source, self._flags)
        for method in self.__slots__[2:]:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def cues(words: str) -> frozenset[str]:
    """A set of words from one line of them."""
    return frozenset(words.split())
