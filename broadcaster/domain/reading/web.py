"""E-mail addresses, domains and links: dichvucong.gov.vn, www.chinhphu.vn, cax.minhtien@congan.gov.vn."""

import re
from functools import lru_cache
from pkgutil import get_data

from broadcaster.domain.reading.letters import letter, spell
from broadcaster.domain.reading.model import SpanKind
from broadcaster.domain.reading.patterns import Pattern
from broadcaster.domain.reading.scene import LETTER, Candidate, Scene
from broadcaster.domain.reading.syllables import split_bare

_TOP = (
    "vn|com|net|org|gov|edu|info|io|me|tv|asia|biz|mobi|ai|app|dev|co|int|eu|uk|us|jp|kr|cn|sg|online|"
    "site|store|shop|xyz|link|page"
)
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?"
_LOCAL = r"[A-Za-z0-9](?:[\w.+-]{0,63})"
_EMAIL = Pattern(rf"({_LOCAL}){{1}}@({_NAME}(?:\.{_NAME}){{1,5}})(?![\w@])", re.ASCII)
_URL = Pattern(
    rf"(?:(https?|ftp)://)?((?:{_NAME}\.){{1,5}}(?:{_TOP})(?![A-Za-z0-9-]|\.[A-Za-z]{{2,}}))(:\d{{2,5}})?(/[\w./?=&%#:+~@-]{{0,300}})?",
    re.ASCII | re.IGNORECASE,
)
_PLAIN_URL = Pattern(r"(https?)://([\w.-]{1,120})(:\d{2,5})?(/[\w./?=&%#:+~@-]{0,300})?", re.ASCII)
_HANDLE = Pattern(r"@([A-Za-z][\w.]{1,30})", re.ASCII)
_TAG = Pattern(rf"#({LETTER}(?:{LETTER}|[0-9_]){{1,60}})")
_ANOTHER_TAG = Pattern(r"\s?#\w")
_RUNS = Pattern(r"\d+|[A-Za-z]+|[^A-Za-z\d]")
_LABELS: dict[str, str] = {
    "gov": "gốp", "com": "com", "net": "nét", "org": "oóc", "edu": "e đu", "vn": "vi en", "info": "in phô",
    "io": "ai âu",
    "tv": "ti vi", "www": "", "me": "mi", "co": "co", "mobi": "mô bi", "app": "áp", "asia": "a xi a", "biz": "bít",
    "gmail": "gờ meo", "yahoo": "da hu", "hotmail": "hót meo", "outlook": "ao lúc", "zalo": "za lô",
    "facebook": "phây búc", "fb": "ép bê", "google": "gu gồ", "youtube": "diu túp", "papi": "pa pi",
    "html": "hát tê mờ lờ", "php": "pê hát pê", "pdf": "pê đê ép", "htm": "hát tê mờ", "aspx": "a sờ pê ích",
    "email": "i meo", "mail": "meo", "online": "on lai", "web": "web", "portal": "portal", "app-": "áp",
}  # fmt: skip
_SIGNS: dict[str, str] = {
    ".": "chấm", "-": "gạch ngang", "_": "gạch dưới", "/": "gạch chéo", "?": "hỏi", "=": "bằng", "&": "và",
    "%": "phần trăm", "#": "thăng", ":": "hai chấm", "+": "cộng", "~": "ngã", "@": "a còng",
}  # fmt: skip


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    text = (get_data(__package__, "data/web_names.tsv") or b"").decode()
    return {key: value for key, _, value in (line.partition("\t") for line in text.splitlines())}


def email(scene: Scene, start: int) -> Candidate | None:
    """name@host."""
    match = _EMAIL.match(scene.text, start)
    if not match:
        return None
    return Candidate(
        110,
        match.end(),
        SpanKind.WEB,
        lambda: f"{say_web(match[1], scene)} a còng {say_web(match[2], scene)}",
        "web.email",
    )


def url(scene: Scene, start: int) -> Candidate | None:
    """A domain, with scheme and path when they are written; the scheme and "www" are not read."""
    match = _URL.match(scene.text, start) or _PLAIN_URL.match(scene.text, start)
    if not match:
        return None
    host: str = match[2]
    port: str | None = match[3]
    path: str = match[4] or ""
    end = match.end()
    while path and path[-1] in ".,;:?/":
        # The sentence's own mark, not the address's.
        end -= 1 if path[-1] != "/" else 0
        path = path[:-1]
    if host[:4].lower() == "www.":
        host = host[4:]

    def say() -> str:
        said = say_web(host, scene)
        if port:
            said += f" hai chấm {scene.numbers.digits(port)}"
        return f"{said} {say_web(path, scene)}" if path else said

    return Candidate(105, end, SpanKind.WEB, say, "web.url")


def handle(scene: Scene, start: int) -> Candidate | None:
    """@name and #Tag."""
    match = _HANDLE.match(scene.text, start)
    if match:
        return Candidate(60, match.end(), SpanKind.WEB, lambda: f"a còng {say_web(match[1], scene)}", "web.handle", 0.8)
    tag = _TAG.match(scene.text, start)
    if tag:
        words = re.sub(r"(?<=[^\W\d_A-ZĐ])(?=[A-ZĐ])|_", " ", tag[1])
        pause = "," if _ANOTHER_TAG.match(scene.text, tag.end()) else ""
        return Candidate(60, tag.end(), SpanKind.WEB, lambda: _tag(words, scene) + pause, "web.tag", 0.7)
    return None


def _tag(words: str, scene: Scene) -> str:
    runs = re.findall(r"\d+|[^\W\d_]+", words)
    said: list[str] = []
    index = 0
    while index < len(runs):
        run = runs[index]
        for size in (6, 5, 4, 3, 2, 1):
            # ChuyenDoiSo: the marks that the tag has lost, where a known name says which.
            known = _names().get("".join(runs[index : index + size]).lower())
            if known and index + size <= len(runs) and (size > 1 or len(known.split()) > 1):
                said.append(known)
                index += size
                break
        else:
            if run.isdecimal() and len(run) < 10:
                said.append(scene.numbers.cardinal(int(run)))
            else:
                said.append(letter(run) if len(run) == 1 else run)
            index += 1
    return " ".join(said)


def say_web(text: str, scene: Scene) -> str:
    """One address in words: known names with their marks, other names in syllables, the rest letter by letter."""
    runs = _RUNS.findall(text)
    said = [_run(run, scene) for run in runs]
    _mark_slugs(runs, said)
    return " ".join(word for word in said if word)


def _mark_slugs(runs: list[str], said: list[str]) -> None:
    """van-ban, tra-cuu, so-10: the pieces of a path with the marks of the known name that they make together."""
    index = 0
    while index < len(runs):
        for size in (5, 4, 3, 2):
            last = index + 2 * size - 1
            pieces = runs[index:last:2]
            if len(pieces) < size or any(sign not in "-_" for sign in runs[index + 1 : last : 2]):
                continue
            words = _names().get("".join(pieces).lower(), "").split() if all(map(str.isalpha, pieces)) else []
            if len(words) == size:
                said[index:last:2] = words
                index = last - 1
                break
        else:
            numbered = runs[index + 2 : index + 3]
            if numbered and runs[index + 1] in "-_" and numbered[0].isdecimal():
                said[index] = _names().get(f"{runs[index].lower()}-0", said[index])
        index += 1


def _run(run: str, scene: Scene) -> str:
    if run.isdecimal():
        return scene.numbers.digits(run)
    if not run[0].isalpha():
        return _SIGNS.get(run, "")
    return name_in_words(run.lower())


@lru_cache(maxsize=1024)
def name_in_words(name: str) -> str:
    """A run of Latin letters from an address."""
    known = _LABELS.get(name)
    if known is None:
        known = _names().get(name)
    if known is not None:
        return known
    for cut in range(len(name) - 3, 2, -1):
        # A known name and a rest that is known or splits: ubndminhtien, minhtienyenbai.
        head, rest = name[:cut], name[cut:]
        if head in _names() and (rest in _names() or split_bare(rest)):
            return f"{_names()[head]} {_names().get(rest) or _restored(split_bare(rest))}"
    syllables = split_bare(name)
    if syllables:
        return _restored(syllables)
    for cut in (2, 3, 4):
        head, rest = name[:cut], name[cut:]
        if rest in _names():
            return f"{spell(head)} {_names()[rest]}"
    if len(name) <= 4 or not any(char in "aeiouy" for char in name):
        return spell(name)
    return name


def _restored(syllables: tuple[str, ...]) -> str:
    """Syllables with marks where a known name of two or more of them says which."""
    said: list[str] = []
    index = 0
    while index < len(syllables):
        for size in (4, 3, 2, 1):
            known = _names().get("".join(syllables[index : index + size]))
            if known and index + size <= len(syllables):
                said.append(known)
                index += size
                break
        else:
            said.append(syllables[index])
            index += 1
    return " ".join(said)
