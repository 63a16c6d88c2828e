"""Signs: bullets, arrows, comparison, strokes and dashes between words, and what is dropped with a note."""

import re
import unicodedata

from broadcaster.domain.reading.letters import GREEK, letter
from broadcaster.domain.reading.model import SpanKind
from broadcaster.domain.reading.scene import Candidate, Scene

_BULLET = re.compile(r"(?:[-–—+*•▪●○►➢➤✓✔■□◆◇‣·]|[→⇒])[ \t\u00a0]*(?=\S)")
_LETTER_BULLET = re.compile(r"\(?([a-zđA-ZĐ]|\d{1,2}|[ivx]{1,4})\)(?=\s)|([a-zđ])[./](?=\s)")
_NUMBER_BULLET = re.compile(
    r"\(?(\d{1,2}(?:\.\d{1,2}){0,3})(?:\.(?=\s)|\)|/(?=\s)|\.?-(?=\s))|(\d{1,2}(?:\.\d{1,2}){1,3})(?=\s)"
)
_ARROW = re.compile(r"\s?(?:=+>|-+>|→|⇒|⟶|➔|➜|↔)\s?")
_FINAL = re.compile(r"\s*/\s*\.?(?=\s*$|\s*\n)", re.MULTILINE)
_SAID: dict[str, str] = {
    "&": "và", "%": "phần trăm", "‰": "phần nghìn", "+": "cộng", "=": "bằng", "±": "cộng trừ", "×": "nhân", "÷": "chia",
    "<": "nhỏ hơn", ">": "lớn hơn", "≥": "lớn hơn hoặc bằng", "≤": "nhỏ hơn hoặc bằng", "≈": "xấp xỉ", "~": "khoảng",
    "≠": "khác", "∞": "vô cực", "√": "căn", "°": "độ", "º": "độ", "@": "a còng", "#": "thăng", "$": "đô la",
    "€": "ơ rô", "£": "bảng", "₫": "đồng", "§": "mục", "№": "số", "½": "một phần hai", "¼": "một phần tư",
    "¾": "ba phần tư", "⅓": "một phần ba", "⅔": "hai phần ba", "²": "vuông", "³": "khối", "℃": "độ xê",
    "©": "bản quyền", "®": "đã đăng ký", "™": "thương hiệu",
}  # fmt: skip
_TWO: dict[str, str] = {"<=": "nhỏ hơn hoặc bằng", ">=": "lớn hơn hoặc bằng", "+/-": "cộng trừ", "+/": "cộng"}
_SILENT = frozenset(
    "\"“”„‟'‘’«»‹›`´′″*_|^\\[]{}<>¬¦•▪●○►➢➤✓✔■□◆◇‣·★☆♦♥\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0f"
)
_QUIET_NOTE = frozenset("*_|^\\[]{}")


def bullet(scene: Scene, start: int) -> Candidate | None:
    """A mark that opens a line: dropped; a letter or a number that opens a line: read with a breath after it."""
    if scene.back() not in ("", "¶", "\0bullet"):
        return None
    match = _BULLET.match(scene.text, start)
    if match:
        if match[0][0] == "+" and scene.text[match.end()].isdigit() and match.end() == start + 1:
            return None
        return Candidate(120, match.end(), SpanKind.BULLET, str, "bullet")
    match = _LETTER_BULLET.match(scene.text, start)
    if match:
        sign = match[1] or match[2]
        if sign.isdigit():
            return Candidate(
                120, match.end(), SpanKind.BULLET, lambda: scene.numbers.cardinal(int(sign)) + ",", "bullet.number"
            )
        return Candidate(120, match.end(), SpanKind.BULLET, lambda: letter(sign[0]) + ",", "bullet.letter")
    match = _NUMBER_BULLET.match(scene.text, start)
    if match:
        written = match[1] or match[2]
        if match[2] and not scene.text[match.end() :].lstrip()[:1].isupper():
            return None
        parts = [scene.numbers.cardinal(int(part)) for part in written.split(".")]
        return Candidate(120, match.end(), SpanKind.BULLET, lambda: " chấm ".join(parts) + ",", "bullet.number")
    return None


def sign(scene: Scene, start: int) -> Candidate:
    """Any character that is neither letter, digit, space nor a mark of punctuation."""
    text = scene.text
    char = text[start]
    match = _ARROW.match(text, start)
    if match:
        return Candidate(60, match.end(), SpanKind.SYMBOL, lambda: ",", "symbol.arrow", 0.8, "reading.symbol_dropped")
    for written, said in _TWO.items():
        if text.startswith(written, start):
            return Candidate(58, start + len(written), SpanKind.SYMBOL, lambda: said, "symbol")
    if char == "/":
        return _stroke(scene, start)
    if char in "-–—‑−":
        return _dash(scene, start)
    if char in "()":
        return Candidate(20, start + 1, SpanKind.PUNCTUATION, lambda: ",", "bracket")
    if char in _SILENT and char not in "<>":
        note = "reading.symbol_dropped" if char in _QUIET_NOTE else ""
        return Candidate(20, start + 1, SpanKind.SYMBOL, str, "symbol.silent", 1.0 if not note else 0.8, note)
    said = _SAID.get(char) or GREEK.get(char)
    if said:
        if (
            char in "<>"
            and text[start + 1 : start + 2].isdigit() is False
            and not text[start + 1 : start + 2].isspace()
        ):
            return Candidate(20, start + 1, SpanKind.SYMBOL, str, "symbol.silent", 0.8, "reading.symbol_dropped")
        return Candidate(40, start + 1, SpanKind.SYMBOL, lambda: said, "symbol")
    if unicodedata.category(char).startswith("N"):
        value = unicodedata.numeric(char, -1.0)
        if value >= 0 and value == int(value):
            return Candidate(
                40, start + 1, SpanKind.NUMBER, lambda: scene.numbers.cardinal(int(value)), "number.sign", 0.8
            )
    return Candidate(1, start + 1, SpanKind.UNKNOWN, str, "symbol.dropped", 0.0, "reading.symbol_dropped")


def _stroke(scene: Scene, start: int) -> Candidate:
    text = scene.text
    if _FINAL.match(text, start):
        match = _FINAL.match(text, start)
        return Candidate(60, match.end() if match else start + 1, SpanKind.PUNCTUATION, lambda: ".", "document.end")
    if text[start + 1 : start + 2] in (".", "-") or not text[start + 1 : start + 2].strip():
        return Candidate(30, start + 1, SpanKind.SYMBOL, str, "stroke.loose", 0.8)
    if text[start + 1 : start + 2].isdigit() or scene.back().startswith("\0"):
        counted = scene.back().startswith(("\0number", "\0unit", "\0range", "\0money"))
        return Candidate(30, start + 1, SpanKind.SYMBOL, lambda: "một" if counted else "trên", "stroke.number", 0.7)
    if any(mark.startswith(("\0number", "\0range", "\0unit")) for mark in scene.trail[-3:]):
        return Candidate(30, start + 1, SpanKind.SYMBOL, lambda: "một", "stroke.per", 0.9)
    if scene.back() in ("và", "hoặc"):
        return Candidate(30, start + 1, SpanKind.SYMBOL, str, "stroke.andor")
    return Candidate(30, start + 1, SpanKind.SYMBOL, lambda: "hoặc", "stroke.or", 0.8)


def _dash(scene: Scene, start: int) -> Candidate:
    text = scene.text
    before = text[start - 1] if start else " "
    after = text[start + 1 : start + 2]
    if after.isdigit() and not before.isalnum():
        minus = scene.back() in ("độ", "xuống", "dưới", "còn", "đến", "là", "khoảng", "mức", "từ", "trừ", "âm") and (
            re.match(r"\d+(?:,\d+)?\s?(?:°|º|oC|độ|℃)", text[start + 1 : start + 16])
        )
        if minus or text[start] == "−":
            return Candidate(60, start + 1, SpanKind.SYMBOL, lambda: "âm", "symbol.minus", 0.9)
    if text[start] in "–—" and before.isspace() and after.isspace() and scene.back().isalpha():
        return Candidate(30, start + 1, SpanKind.PUNCTUATION, lambda: ",", "dash.clause")
    road = scene.back() == "\0road" and re.match(r"\s?(?:QL|TL|ĐT|Km)", text[start + 1 : start + 5])
    if road:
        return Candidate(30, start + 1, SpanKind.SYMBOL, lambda: "đến", "dash.range")
    return Candidate(30, start + 1, SpanKind.SYMBOL, str, "dash.joint")
