"""Clock times and durations: 7h30, 07:30, 7g30, 14 giờ 00, 6h15–6h45, 24/24h, 12'25"."""

from broadcaster.domain.reading.model import SpanKind
from broadcaster.domain.reading.patterns import Pattern, cues
from broadcaster.domain.reading.scene import DASH, GAP, Candidate, Scene

_H = r"(2[0-4]|[01]?\d)"
_MIN = r"([0-5]\d)"
_TAIL = rf"({GAP}(?:phút|ph|p|['’′])(?!\w))?"
_ONE = rf"{_H}(?:{GAP}(h|g|H|giờ){GAP}(?:([0-5]\d)(?!\d|[/,]\d|\.\d){_TAIL})?|:([0-5]\d)(?::([0-5]\d))?)"
_EDGE = r"(?![^\W_]|:\d)"
_CLOCK = Pattern(_ONE + _EDGE)
_RANGE = Pattern(rf"{_ONE}{GAP}{DASH}{GAP}{_ONE}{_EDGE}")
_HOURS = Pattern(rf"{_H}{GAP}{DASH}{GAP}{_ONE}{_EDGE}")
_SHARED = Pattern(rf"(\d{{1,2}})(h|g|{GAP}giờ)?{GAP}/{GAP}(24|7)(?:(h|g|{GAP}giờ)|(?![\d/]))(?![^\W\d_]|/\d)")
_ALSO_DATED = Pattern(
    r"(?:\s?,|\s(?:và|hoặc|đến))\s{1,2}(?:ngày\s)?(?:1[3-9]|2\d|3[01])/(?:0?[1-9]|1[0-2])(?![\d/]|\s?giờ|h)"
)
_DATED = frozenset(("ngày", "sáng", "chiều", "tối", "đêm", "hôm", "nay", "mai", "qua"))
_MINUTES = Pattern(r"(\d{1,3})(?:['’′](?:(\d{1,2})(?:\"|''|″|”))?|(?:ph|p)(?:(\d{1,2})(?:s|g))?)(?!\w)")


def clock(scene: Scene, start: int) -> Candidate | None:
    """One time of day, or hours alone: 7h30, 16h00, 07:30, 14 giờ 00, 23h."""
    match = _CLOCK.match(scene.text, start)
    if not match:
        return None
    if match[2] == "g" and not match[3] and not scene.near(cues("lúc từ đến trước sau khoảng hồi vào"), 3):
        return None  # 5g of something is weight
    spelled = bool(match[2]) and match[2] == "giờ"
    if spelled and not match[3]:
        return None  # "15 giờ" is a number before a word
    if match[5] and scene.after("tỷ lệ", "tỉ lệ", "tỷ số", "tỉ số"):
        return None
    return Candidate(89, match.end(), SpanKind.TIME, lambda: _say(scene, *match.groups()), "time.clock")


def clock_range(scene: Scene, start: int) -> Candidate | None:
    """7h30-11h30, 8h00 - 11h30, 8-11h, 7 - 9 giờ."""
    match = _RANGE.match(scene.text, start)
    if match:
        groups = match.groups()
        return Candidate(
            94,
            match.end(),
            SpanKind.TIME,
            lambda: f"{_say(scene, *groups[:6])} đến {_say(scene, *groups[6:])}",
            "time.range",
        )
    match = _HOURS.match(scene.text, start)
    if not match or not match[3]:
        return None
    first, rest = int(match[1]), match.groups()[1:]
    return Candidate(
        93,
        match.end(),
        SpanKind.TIME,
        lambda: f"{scene.numbers.cardinal(first)} đến {_say(scene, *rest)}",
        "time.range",
    )


def around_the_clock(scene: Scene, start: int) -> Candidate | None:
    """24/24, 24/24h, 24/24 giờ, 24/7."""
    match = _SHARED.match(scene.text, start)
    if not match:
        return None
    first, second = int(match[1]), int(match[3])
    if (first, second) not in ((24, 24), (24, 7)) and not (second == 24 and (match[2] or match[4])):
        return None
    if second == 7 and (
        scene.near(_DATED, 2)
        or _ALSO_DATED.match(scene.text, match.end())
        or (scene.back() in (",", "và", "hoặc", "đến") and scene.back(2) == "\0date.day_month")
    ):
        return None  # "ngày 24/7", "24/7 và 24/8": a date
    hours = " giờ" if (match[2] or match[4]) and second == 24 else ""

    def say() -> str:
        return f"{scene.numbers.cardinal(first)} trên {scene.numbers.cardinal(second)}{hours}"

    return Candidate(95, match.end(), SpanKind.TIME, say, "time.around")


def minutes(scene: Scene, start: int) -> Candidate | None:
    """30', 45p, 12'25"."""
    match = _MINUTES.match(scene.text, start)
    if not match:
        return None
    seconds = match[2] or match[3]

    def say() -> str:
        said = f"{scene.numbers.cardinal(int(match[1]))} phút"
        return f"{said} {scene.numbers.cardinal(int(seconds))} giây" if seconds else said

    return Candidate(78, match.end(), SpanKind.TIME, say, "time.minutes")


def _say(
    scene: Scene,
    hour: str,
    mark: str | None,
    minute: str | None,
    tail: str | None,
    colon: str | None,
    second: str | None,
) -> str:
    numbers = scene.numbers
    said = f"{numbers.cardinal(int(hour))} giờ"
    written = minute or colon
    if not written or (int(written) == 0 and not second):
        return said
    said += f" {numbers.cardinal(int(written))}"
    # "7 giờ 30" is dictated without "phút"; the short forms stand for the whole phrase.
    if mark != "giờ" or second or tail:
        said += " phút"
    return f"{said} {numbers.cardinal(int(second))} giây" if second and int(second) else said
