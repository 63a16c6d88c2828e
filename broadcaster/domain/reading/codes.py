"""The tail of a document number: `KH-UBND`, `NQ/TW`, `QĐ-TTg`, `QH15`, composed from types and issuers.

Types and issuers follow Nghị định 30/2020/NĐ-CP, phụ lục III (types), and Hướng dẫn 36-HD/VPTW (party documents).
"""

from dataclasses import dataclass
from functools import lru_cache
from pkgutil import get_data

from broadcaster.domain.reading.letters import spell
from broadcaster.domain.reading.lexicon import Lexicon
from broadcaster.domain.reading.numbers import Numbers, roman_value
from broadcaster.domain.reading.patterns import Pattern

_PART = Pattern(r"[-–/.]")
_TERM = Pattern(r"(QH|UBTVQH|HĐND|UBMTTQ|UBND)[- ]?(\d{1,2}|[XVI]{1,5})")
_SAME_TYPE = {"CTR": "CTr", "TTR": "TTr", "QYĐ": "QyĐ"}


@dataclass(frozen=True, slots=True)
class CodeTail:
    """What the letters after a document's number say. `unknown` holds parts that no table knows: they are spelled."""

    type_name: str
    issuers: tuple[str, ...]
    unknown: tuple[str, ...]
    topic: bool = False
    """True when the letters name what the document is about (PCTT, KT) and nobody who could have issued it."""

    @property
    def issuer(self) -> str:
        """All issuers as one phrase."""
        return ", ".join(self.issuers)


@lru_cache(maxsize=1)
def _types() -> dict[str, str]:
    return _table("document_types.tsv")


@lru_cache(maxsize=1)
def _issuers() -> dict[str, str]:
    return _table("issuers.tsv")


def _table(name: str) -> dict[str, str]:
    text = (get_data(__package__, f"data/{name}") or b"").decode()
    return {row[0]: row[1] for row in (line.split("\t") for line in text.splitlines())}


@lru_cache(maxsize=1)
def _topics() -> frozenset[str]:
    text = (get_data(__package__, "data/issuers.tsv") or b"").decode()
    return frozenset(line.split("\t")[0] for line in text.splitlines() if line.endswith("\ttopic"))


@lru_cache(maxsize=1)
def type_names() -> frozenset[str]:
    """Names of document types in lower case: the words after which a number is a document's."""
    return frozenset(_types().values()) | {"luật", "bộ luật", "công ước", "văn bản", "hiến pháp", "nghị quyết"}


def issuer_name(part: str) -> str:
    """An issuer's name, empty when the table does not know the letters."""
    return _issuers().get(part, "")


def is_code_part(part: str) -> bool:
    """True when a written part stands in one of the two tables."""
    return part in _types() or part in _issuers()


@lru_cache(maxsize=2048)
def parse_tail(tail: str, numbers: Numbers, lexicon: Lexicon) -> CodeTail:
    """The tail of a number without its leading stroke: `KH-UBND`, `UBND-VP`, `NQ/TW`, `TTLT-BTC-BCA`, `QH15`."""
    parts = [part for part in _PART.split(tail) if part]
    type_name = ""
    issuers: list[str] = []
    unknown: list[str] = []
    for index, part in enumerate(parts):
        # A document type comes first; the same letters later name an office (TT: thông tư, then thanh tra).
        if index == 0 and part in _types() and (len(parts) > 1 or part not in _issuers()):
            type_name = _types()[part]
        elif index == 0 and part.upper() in _types() and len(parts) > 1 and part not in _issuers():
            type_name = _types()[part.upper()]
        else:
            issuers.append(_issuer(part, numbers, lexicon, unknown))
    topic = len(parts) == 2 and bool(type_name) and (parts[1] in _topics())
    return CodeTail(type_name, tuple(issuers), tuple(unknown), topic)


def _issuer(part: str, numbers: Numbers, lexicon: Lexicon, unknown: list[str]) -> str:
    known = _issuers().get(part) or _types().get(part)
    if not known:
        # A commune's own entry, or an acronym that is not an office: 02/TNCN.
        known = next((entry.said for entry in lexicon.exact(part) if not entry.context), "")
    if known:
        return known
    term = _TERM.fullmatch(part)
    if term:
        name = {"QH": "quốc hội", "UBTVQH": "ủy ban thường vụ quốc hội", "UBMTTQ": "ủy ban mặt trận tổ quốc"}.get(
            term[1]
        ) or _issuers()[term[1]]
        value = int(term[2]) if term[2].isdecimal() else roman_value(term[2])
        return f"{name} khóa {numbers.cardinal(value)}"
    # BCĐ + a field, P + an office, TT + a centre: the head is said, the rest looked up or spelled.
    for head, name in (("BCĐ", "ban chỉ đạo"), ("HĐ", "hội đồng"), ("VP", "văn phòng"), ("UB", "ủy ban")):
        rest = part[len(head) :]
        if part.startswith(head) and rest in _issuers():
            return f"{name} {_issuers()[rest]}"
    unknown.append(part)
    letters = "".join(char if char.isalpha() else " " for char in part)
    digits = "".join(char if char.isdecimal() else " " for char in part)
    said = [spell(word) for word in letters.split()] + [numbers.digits(word) for word in digits.split()]
    return " ".join(word for word in said if word)
