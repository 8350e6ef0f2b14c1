"""Charts as SVG, without any script or style of their own: their colours are presentation
attributes, which no Content-Security-Policy forbids. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from math import floor, log10

WIDTH = 680
"""Units of a chart's width; the page makes it as wide as its column."""
COLOURS = ("#1f6feb", "#d97706", "#2e8b57", "#7c3aed", "#b91c1c", "#64748b")
GREY, INK, PALE = "#cbd5e1", "#1e293b", "#94a3b8"
ROW = 20
LABEL = 190
"""Width of the labels of bars."""
LONGEST_LABEL = 15
"""Characters of a label; the rest is in the table beside it."""
STEPS = 4


def top_of(values: Iterable[float]) -> float:
    """The least of 1, 2, 4, 5, 10, 20 … that is not below any value."""
    most = max(values, default=0)
    if most <= 0:
        return 1
    power: float = 10 ** floor(log10(most))
    return next(step * power for step in (1, 2, 4, 5, 10) if step * power >= most)


def lines(labels: Sequence[str], series: Sequence[tuple[str, Sequence[float]]]) -> str:
    """A line for each series over the labels, from left to right."""
    height, left, bottom = 220, 40, 180
    top = top_of(value for _, values in series for value in values)
    wide = (WIDTH - left - 10) / max(1, len(labels) - 1)

    def at(place: int, value: float) -> str:
        return f"{left + place * wide:.1f},{bottom - value / top * (bottom - 24):.1f}"

    drawn = [*_grid(left, bottom, top), *_days(labels, left, wide, bottom)]
    for number, (name, values) in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(at(place, value) for place, value in enumerate(values))
        drawn.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.8"/>'
        )
        x = left + number * 105
        drawn.append(_box(x, 4, 10, 8, colour) + _text(x + 14, 12, name))
    return _svg(height, drawn)


def bars(rows: Sequence[tuple[str, float, str]], colour: str = COLOURS[0]) -> str:
    """A bar for each (label, value, what is written beside it)."""
    top = top_of(value for _, value, _ in rows)
    wide = WIDTH - LABEL - 110
    drawn = []
    for number, (label, value, said) in enumerate(rows):
        y, length = number * ROW, value / top * wide
        drawn.append(_text(LABEL - 8, y + 14, _short(label), "end"))
        drawn.append(_box(LABEL, y + 4, length, ROW - 8, colour))
        drawn.append(_text(LABEL + length + 6, y + 14, said))
    return _svg(len(rows) * ROW + 4, drawn)


def pairs(rows: Sequence[tuple[str, float | None, float | None]], names: tuple[str, str]) -> str:
    """Two bars for each (label, share, share before); one that is not known has none."""
    wide, tall, head = WIDTH - LABEL - 70, 26, 20
    drawn = []
    for number, name in enumerate(names):
        colour = (COLOURS[0], GREY)[number]
        drawn.append(_box(LABEL + number * 110, 4, 10, 8, colour))
        drawn.append(_text(LABEL + number * 110 + 14, 12, name))
    for number, (label, *values) in enumerate(rows):
        y = head + number * tall
        drawn.append(_text(LABEL - 8, y + 15, _short(label), "end"))
        for place, value in enumerate(values):
            if value is not None:
                colour, line = (COLOURS[0], GREY)[place], y + 3 + place * 10
                drawn.append(_box(LABEL, line, value * wide, 9, colour))
                drawn.append(_text(LABEL + value * wide + 5, line + 8, f"{value:.1%}", size=9))
    return _svg(head + len(rows) * tall + 4, drawn)


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"


def _grid(left: float, bottom: float, top: float) -> Iterable[str]:
    for step in range(STEPS + 1):
        y = bottom - step / STEPS * (bottom - 24)
        yield f'<path d="M{left} {y:.1f}H{WIDTH - 10}" stroke="{GREY}" stroke-width="0.5"/>'
        yield _text(left - 5, y + 4, f"{top * step / STEPS:g}", "end", size=9)


def _days(labels: Sequence[str], left: float, wide: float, bottom: float) -> Iterable[str]:
    """Every label where there is room, else every so many."""
    each = max(1, round(len(labels) / 16))
    for place, label in enumerate(labels):
        if place % each == 0:
            yield _text(left + place * wide, bottom + 15, label, "middle", size=9)


def _box(x: float, y: float, wide: float, tall: float, colour: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0.0, wide):.1f}" height="{tall:.1f}" '
        f'fill="{colour}"/>'
    )


def _text(x: float, y: float, text: str, anchor: str = "start", size: int = 11) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
        f'fill="{INK}">{escape(text)}</text>'
    )


def _svg(height: float, drawn: Iterable[str]) -> str:
    shape = f'viewBox="0 0 {WIDTH} {height:g}" xmlns="http://www.w3.org/2000/svg"'
    return f'<svg {shape} role="img">{"".join(drawn)}</svg>'
