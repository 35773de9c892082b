"""Curves of growth as SVG, both axes logarithmic: a picture that needs no library to draw."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from math import ceil, floor, log10

from benchmarks.record import Curve

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 400, 70, 45, 40, 130
COLOURS = ("#1b6ca8", "#c0392b", "#27864b", "#8e5ea2", "#b9770e", "#555555", "#0b8a8a")
FONT = 'font-family="sans-serif" font-size="12">'
Decades = tuple[int, int]


def drawn(curve: Curve) -> str:
    """The picture of one curve: decades as a grid, a line with its name for each program."""
    points = [point for line in curve.lines.values() for point in line]
    across, up = _decades([x for x, _ in points]), _decades([y for _, y in points])
    middle, height = (LEFT + WIDTH - RIGHT) / 2, (TOP + HEIGHT - BOTTOM) / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" ' + FONT,
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="14">{escape(curve.title)}</text>',
        *_grid(across, up),
        f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{escape(curve.across)}</text>',
        f'<text x="14" y="{height}" transform="rotate(-90 14 {height})" text-anchor="middle">'
        f"{escape(curve.up)}</text>",
        *_lines(curve, across, up),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _decades(values: list[float]) -> Decades:
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    return low, max(high, low + 1)


def _place(x: float, y: float, across: Decades, up: Decades) -> tuple[float, float]:
    right = LEFT + (log10(x) - across[0]) / (across[1] - across[0]) * (WIDTH - LEFT - RIGHT)
    return round(right, 1), round(
        HEIGHT - BOTTOM - (log10(y) - up[0]) / (up[1] - up[0]) * (HEIGHT - TOP - BOTTOM), 1
    )


def _grid(across: Decades, up: Decades) -> Iterator[str]:
    for power in range(across[0], across[1] + 1):
        x, low = _place(10.0**power, 10.0 ** up[0], across, up)
        yield f'<path d="M{x} {low}V{TOP}" stroke="#ddd"/>'
        yield f'<text x="{x}" y="{low + 16}" text-anchor="middle">{_power(power)}</text>'
    for power in range(up[0], up[1] + 1):
        left, y = _place(10.0 ** across[0], 10.0**power, across, up)
        yield f'<path d="M{left} {y}H{WIDTH - RIGHT}" stroke="#ddd"/>'
        yield f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{_power(power)}</text>'


def _power(power: int) -> str:
    return f'10<tspan dy="-4" font-size="9">{power}</tspan>'


def _lines(curve: Curve, across: Decades, up: Decades) -> Iterator[str]:
    labels: list[float] = []
    for (name, line), colour in zip(curve.lines.items(), COLOURS, strict=False):
        places = [_place(x, y, across, up) for x, y in line]
        path = "L".join(f"{x} {y}" for x, y in places)
        yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        yield from (f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in places)
        x, y = places[-1]
        while any(abs(y - other) < 13 for other in labels):
            y += 13
        labels.append(y)
        yield f'<text x="{x + 7}" y="{y + 4}" fill="{colour}">{escape(name)}</text>'
