"""Reading named fields out of parsed YAML or TOML, with every error collected and a suggestion for each misspelling."""

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from broadcaster.errors import Finding, Place, Severity

_NOTHING = ("", "~", "null")
_NO_NAMES = ("true", "false", "yes", "no", "null", "~")
"""Words that a person who knows YAML writes for yes, no and nothing; never the name of a unit or a document."""
_FLAGS = {"true": True, "co": True, "yes": True, "false": False, "khong": False, "no": False}


def shown(value: Any, most: int = 60) -> str:
    """A wrong value for a message: short, and never a failure of its own."""
    if isinstance(value, int) and abs(value) >= _LONGEST:
        return "…"
    if isinstance(value, (Mapping, list, tuple)):
        return "{…}" if isinstance(value, Mapping) else "[…]"
    text = str(value)
    return text if len(text) <= most else text[: most - 1] + "…"


_LONGEST = 10**18


def _printable(value: Any) -> bool:
    """False for a number so long that Python refuses to write it out."""
    return not isinstance(value, int) or abs(value) < _LONGEST


def _whole(value: Any) -> Any:
    """Digits as a number: front matter is read as text throughout."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d{1,12}", value.strip()) else value


def sayable(text: str) -> bool:
    """Whether a text can be said as it stands: letters, blanks and commas only, and at least one letter."""
    return any(char.isalpha() for char in text) and all(char.isalpha() or char in " ," for char in text)


def fold(text: str) -> str:
    """Lower case, without accents, đ as d, every run of other signs as one underscore: `hỏi-đáp` becomes `hoi_dap`."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]+", "_", letters).strip("_")


def remark(text: str) -> str:
    """What a person wrote as a reason or a remark: composed, without signs that nobody sees; line breaks stay.

    No database, document or terminal has to bear a NUL, a control sign or a letter that turns the line around.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    return "".join(char for char in composed if char == "\n" or char.isprintable()).strip()


def nearest(word: str, allowed: Iterable[str]) -> str:
    """The allowed word that was probably meant, or an empty string."""
    by_fold = {fold(item): item for item in allowed}
    close = difflib.get_close_matches(fold(word), list(by_fold), n=1, cutoff=0.6)
    return by_fold[close[0]] if close else ""


@dataclass(slots=True)
class Fields:
    """One table of named values. Each getter returns a usable value and notes a finding when the given one is not.

    Args:
        data: the parsed table.
        file: the file's name, for messages.
        prefix: what stands before a field's name in messages, such as `session[1].`.
        line_of: the line at which a field stands, 0 when unknown.
    """

    data: Mapping[str, Any]
    file: str
    prefix: str = ""
    line_of: Callable[[str], int] = lambda _name: 0
    findings: list[Finding] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def problem(self, code: str, name: str, severity: Severity = Severity.ERROR, **facts: Any) -> None:
        """Note a finding about a field."""
        place = Place(self.file, self.line_of(name), f"{self.prefix}{name}")
        self.findings.append(Finding(code, severity, place, facts))

    def _take(self, name: str, *, required: bool) -> Any:
        """The raw value; None for one that is absent or blank."""
        self.seen.add(name)
        value = self.data.get(name)
        if (isinstance(value, str) and value.strip() in _NOTHING) or value == []:
            value = None
        if value is None and required:
            self.problem("field.required", name)
        return value

    def _line(self, name: str, value: Any) -> str:
        """A value as one line of text; a finding and an empty text for what is none."""
        good = isinstance(value, (str, int, float, date, time)) and not isinstance(value, bool)
        line = " ".join(unicodedata.normalize("NFC", str(value)).split()) if good and _printable(value) else ""
        # Control characters and halves of surrogate pairs would break playlists, XML and the database.
        if not good or any(unicodedata.category(char) in {"Cc", "Cs", "Cn"} for char in line):
            self.problem("field.text", name, given=shown(value))
            return ""
        return line

    def text(self, name: str, default: str = "", *, required: bool = False) -> str:
        """A line of text in NFC, every run of blanks one blank."""
        value = self._take(name, required=required)
        return default if value is None else self._line(name, value) or default

    def texts(self, name: str, separator: str = ";") -> tuple[str, ...]:
        """Several texts, given as a list or as one text with separators."""
        value = self._take(name, required=False)
        if value is None:
            return ()
        items = value if isinstance(value, list) else self._line(name, value).split(separator)
        for word in (item for item in items if item is None or shown(item).strip().lower() in _NO_NAMES):
            self.problem("field.text", name, given=shown(word))
        named = [item for item in items if item is not None and shown(item).strip().lower() not in _NO_NAMES]
        return tuple(line for item in named if item != "" and (line := self._line(name, item)))

    def code(self, name: str, *, required: bool = True) -> str:
        """An identifier: lower-case letters without accents, digits, underscore."""
        value = self.text(name, required=required)
        if value and value != fold(value):
            self.problem("field.code", name, given=value, suggestion=fold(value))
            return fold(value)
        return value

    def choice(self, name: str, allowed: Iterable[str], default: str = "", *, required: bool = False) -> str:
        """One of the allowed words, accents and case aside."""
        value = self.text(name, required=required)
        if not value:
            return default
        allowed = tuple(allowed)
        if fold(value) in allowed:
            return fold(value)
        self.problem("field.choice", name, given=value, allowed=list(allowed), suggestion=nearest(value, allowed))
        return default

    def choices(self, name: str, allowed: Iterable[str]) -> tuple[str, ...]:
        """Several of the allowed words."""
        allowed = tuple(allowed)
        chosen = []
        for value in self.texts(name, separator=","):
            if fold(value) in allowed:
                chosen.append(fold(value))
            else:
                suggestion = nearest(value, allowed)
                self.problem("field.choice", name, given=value, allowed=list(allowed), suggestion=suggestion)
        return tuple(dict.fromkeys(chosen))

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number within bounds."""
        value = _whole(self._take(name, required=False))
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.problem("field.whole", name, given=shown(value), low=low, high=high)
            return default
        return value

    def wholes(self, name: str, low: int, high: int) -> tuple[int, ...]:
        """A list of whole numbers within bounds."""
        value = self._take(name, required=False)
        given = value if isinstance(value, list) else [] if value is None else [value]
        items = [_whole(item) for item in given]
        good = tuple(n for n in items if isinstance(n, int) and not isinstance(n, bool) and low <= n <= high)
        if len(good) != len(items):
            self.problem("field.whole", name, given=shown(value), low=low, high=high)
        return good

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """A number within bounds."""
        value = self._take(name, required=False)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            self.problem("field.number", name, given=shown(value), low=low, high=high)
            return default
        return float(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Yes or no."""
        value = self._take(name, required=False)
        if value is None:
            return default
        word = _FLAGS.get(fold(value)) if isinstance(value, str) else value
        if not isinstance(word, bool):
            self.problem("field.flag", name, given=shown(value))
            return default
        return word

    def day(self, name: str, *, required: bool = False) -> date | None:
        """A date, written year-month-day or day/month/year."""
        value = self._take(name, required=required)
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        try:
            return parse_day(shown(value))
        except ValueError:
            self.problem("field.date", name, given=shown(value))
            return None

    def clock(self, name: str, *, required: bool = True) -> time | None:
        """A time of day, written 17:30 or 17h30."""
        value = self._take(name, required=required)
        if value is None:
            return None
        if isinstance(value, time):
            return value
        found = re.fullmatch(r"(\d{1,2})[:hg](\d{2})?", shown(value).strip())
        if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
            self.problem("field.clock", name, given=shown(value))
            return None
        return time(int(found[1]), int(found[2] or 0))

    def unknown(self, also: Iterable[str] = ()) -> None:
        """Note every field that nobody asked for; call last."""
        allowed = sorted(self.seen | set(also))
        for name in self.data:
            if name not in allowed:
                self.problem("field.unknown", str(name), allowed=allowed, suggestion=nearest(str(name), allowed))


def row(value: Any) -> Mapping[str, Any] | None:
    """A table of named values, or None for anything else."""
    return value if isinstance(value, Mapping) else None


def parse_day(text: str) -> date:
    """A date from `2026-11-22` or `22/11/2026`.

    Raises:
        ValueError: for anything else, and for days that the calendar does not have.
    """
    text = text.strip()
    found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text)
    if found:
        return date(int(found[3]), int(found[2]), int(found[1]))
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        msg = f"not a date: {text!r}"
        raise ValueError(msg)
    return date.fromisoformat(text)
