"""How this station's announcers say the words on which regions differ."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields

from broadcaster.errors import Finding, Place, Severity

_CHOICES: dict[str, dict[str, str]] = {
    "thousand": {"nghin": "nghìn", "nghìn": "nghìn", "ngan": "ngàn", "ngàn": "ngàn"},
    "odd": {"linh": "linh", "le": "lẻ", "lẻ": "lẻ"},
    "four": {"tu": "tư", "tư": "tư", "bon": "bốn", "bốn": "bốn"},
    "early": {"mung": "mùng", "mùng": "mùng", "mong": "mồng", "mồng": "mồng", "": "", "khong": "", "không": ""},
    "seven": {"bay": "bảy", "bảy": "bảy", "bẩy": "bẩy"},
    "codes": {"full": "full", "short": "short"},
}


@dataclass(frozen=True, slots=True)
class Profile:
    """One choice a field; every field takes only the words listed beside it.

    thousand: nghìn | ngàn. odd: linh | lẻ (101). four: tư | bốn (24). early: mùng | mồng | nothing (days 1 to 10).
    seven: bảy | bẩy. codes: full reads a document's type and issuer aloud, short leaves out what the sentence has
    already said ("Nghị định số 63/2024/NĐ-CP" ends after the year).
    """

    thousand: str = "nghìn"
    odd: str = "linh"
    four: str = "tư"
    early: str = "mùng"
    seven: str = "bảy"
    codes: str = "full"

    @classmethod
    def north(cls) -> "Profile":
        """The Red River delta and the northern midlands; the default."""
        return cls()

    @classmethod
    def south(cls) -> "Profile":
        """The southern provinces."""
        return cls(thousand="ngàn", odd="lẻ", four="bốn", early="mùng")


def profile_values(text: str) -> dict[str, str]:
    """Field names and words from one text, unchecked: a dialect's name, TOML, or `name=word,name=word`."""
    if "=" not in text:
        return {"dialect": text.strip().lower()}
    pairs = [part.partition("#")[0].partition("=") for part in re.split(r"[,;\n]", text)]
    return {name.strip(): word.strip().strip("\"'").strip() for name, _, word in pairs if name.strip()}


def parse_profile(values: Mapping[str, str], file: str = "") -> tuple[Profile, tuple[Finding, ...]]:
    """A profile from words, with every mistake at once.

    Args:
        values: field name to chosen word, with or without tone marks (`nghin`, `nghìn`); `dialect` = north | south
            sets the start from which the other fields differ.
        file: where the words stand, for the findings.

    Returns:
        The profile, defaults in place of wrong words, and `reading.profile_unknown` or `reading.profile_value`
        findings, one for each mistake.
    """
    findings: list[Finding] = []
    values = {name: unicodedata.normalize("NFC", value) for name, value in values.items()}
    starts = {"north": Profile.north(), "south": Profile.south()}
    dialect = values.get("dialect", "north")
    if dialect not in starts:
        facts = {"field": "dialect", "value": dialect, "allowed": sorted(starts)}
        findings.append(Finding("reading.profile_value", Severity.ERROR, Place(file, 0, "dialect"), facts))
    start = starts.get(dialect, Profile.north())
    chosen = {field.name: getattr(start, field.name) for field in fields(Profile)}
    for name, value in values.items():
        if name == "dialect":
            continue
        place = Place(file, 0, name)
        if name not in _CHOICES:
            facts = {"field": name, "allowed": sorted([*_CHOICES, "dialect"])}
            findings.append(Finding("reading.profile_unknown", Severity.ERROR, place, facts))
        elif value.strip().lower() not in _CHOICES[name]:
            facts = {
                "field": name,
                "value": value,
                "allowed": sorted({word or "không" for word in _CHOICES[name].values()}),
            }
            findings.append(Finding("reading.profile_value", Severity.ERROR, place, facts))
        else:
            chosen[name] = _CHOICES[name][value.strip().lower()]
    return Profile(**chosen), tuple(findings)
