"""Charts as SVG: bars by name, columns along time. Plain shapes and text, nothing to run, nothing to load.

Colours keep 3:1 against white and black paper; a value stands beside every bar, so that colour and length are not the
only ways to read it.
"""

from math import ceil, floor, log10
from xml.sax.saxutils import escape

from broadcaster.ports import PageChart

WIDTH = 640
LABELS = 190
BAR, STEP = 18, 28
PLOT_HEIGHT = 220
TOP, BOTTOM, LEFT = 44, 40, 48
COLUMN_NAMES = 16
"""Columns from which only some of them bear their names."""
FACES = "Tinos, 'Times New Roman', serif"
INK, FAINT, FILL = "#222222", "#c8c8c8", "#1f6f8b"
LETTER = 6.2
"""Mean width of a letter at 12 px, in px."""


def svg(chart: PageChart) -> str:
    """The chart as an SVG document with title and description for those who do not see it."""
    body, height = _columns(chart) if chart.over_time else _bars(chart)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-labelledby="t d" font-family="{FACES}" font-size="12" fill="{INK}">\n'
        f'<title id="t">{escape(chart.title)}</title>\n<desc id="d">{escape(chart.described)}</desc>\n'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>\n'
    )
    top = _text(0, 14, f"{chart.title}", "start", 'font-weight="bold" font-size="14"') + _text(
        0, 31, chart.unit, "start", 'fill="#555555"'
    )
    return head + top + body + "</svg>\n"


def number(value: float) -> str:
    """A value with one decimal and a comma; whole ones without."""
    return f"{value:.0f}" if value == round(value) or value >= 1000 else f"{value:.1f}".replace(".", ",")


LEAST = 1e-3
"""What is less reads 0,0 and has the axis of nothing: a fifth of the smallest numbers is none."""


def ticks(most: float) -> list[float]:
    """Four to six round values from zero to above the greatest."""
    if most < LEAST:
        return [0.0, 1.0]
    raw = most / 5
    power = 10 ** floor(log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    return [step * n for n in range(ceil(most / step - 1e-9) + 1)]


def _text(x: float, y: float, text: str, anchor: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{" " + more if more else ""}>{escape(text)}</text>\n'


def _short(text: str, width: float) -> str:
    room = max(3, int(width / LETTER))
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


def _bars(chart: PageChart) -> tuple[str, int]:
    height = TOP + STEP * max(1, len(chart.values)) + 6
    if not chart.values:
        return _text(WIDTH / 2, TOP + 16, "–", "middle"), height
    most = max(*chart.values, 1e-9)
    room = WIDTH - LABELS - 60
    parts = []
    for n, (name, value) in enumerate(zip(chart.names, chart.values, strict=True)):
        y = TOP + STEP * n
        length = room * value / most
        parts.append(_text(LABELS - 8, y + 13, _short(name, LABELS - 12), "end"))
        parts.append(f'<rect x="{LABELS}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{FILL}"/>\n')
        parts.append(_text(LABELS + length + 6, y + 13, number(value), "start"))
    parts.append(f'<path d="M{LABELS} {TOP - 4}V{height - 6}" stroke="{INK}"/>\n')
    return "".join(parts), height


def _columns(chart: PageChart) -> tuple[str, int]:
    height = TOP + PLOT_HEIGHT + BOTTOM
    floor_y = TOP + PLOT_HEIGHT
    marks = ticks(max(chart.values, default=0.0))
    parts = []
    for mark in marks:
        y = floor_y - PLOT_HEIGHT * mark / marks[-1]
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH}" stroke="{FAINT}"/>\n')
        parts.append(_text(LEFT - 6, y + 4, number(mark), "end"))
    count = len(chart.values)
    step = (WIDTH - LEFT) / max(1, count)
    every = max(1, ceil(count / COLUMN_NAMES))
    for n, (name, value) in enumerate(zip(chart.names, chart.values, strict=True)):
        x, tall = LEFT + step * n, PLOT_HEIGHT * value / marks[-1]
        parts.append(
            f'<rect x="{x + step * 0.12:.1f}" y="{floor_y - tall:.1f}" width="{step * 0.76:.1f}" height="{tall:.1f}" '
            f'fill="{FILL}"><title>{escape(name)}: {number(value)}</title></rect>\n'
        )
        if n % every == 0:
            parts.append(_text(x + step / 2, floor_y + 16, _short(name, step * every), "middle"))
        if count <= COLUMN_NAMES:
            parts.append(_text(x + step / 2, floor_y - tall - 4, number(value), "middle", 'font-size="11"'))
    if not count:
        parts.append(_text((WIDTH + LEFT) / 2, TOP + PLOT_HEIGHT / 2, "–", "middle"))
    parts.append(f'<path d="M{LEFT} {floor_y}H{WIDTH}" stroke="{INK}"/>\n')
    return "".join(parts), height
