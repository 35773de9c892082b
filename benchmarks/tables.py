"""The tables of docs/performance.md, written from `figures.json`: `python -m benchmarks.tables`.

Figures of one work stand in one row, their sizes and values in order; of many the least and the largest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.record import Figure

FIGURES = Path(__file__).parents[1] / "outputs" / "benchmarks" / "figures.json"
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
MOST = 8
"""Sizes that a row lists."""


def main() -> None:
    """Put each part's figures between its marks on the page."""
    parts: dict[str, list[dict[str, Any]]] = json.loads(FIGURES.read_text(encoding="utf-8"))
    text = PAGE.read_text(encoding="utf-8")
    for part, figures in parts.items():
        text = _replaced(text, part, table([Figure(**one) for one in figures]))
    PAGE.write_text(text, encoding="utf-8")


def _replaced(text: str, part: str, found: str) -> str:
    start, end = f"<!-- {part} -->\n", f"<!-- /{part} -->"
    before, mark, rest = text.partition(start)
    _, closing, after = rest.partition(end)
    return f"{before}{start}\n{found}\n{end}{after}" if mark and closing else text


def table(figures: Sequence[Figure]) -> str:
    """The figures of one part as Markdown."""
    heads = ["work", "size", "figure", "former", "bound", "", "beside"]
    rows = [
        heads,
        ["---"] * len(heads),
        *(row for _, same in groupby(figures, _work) for row in _rows(list(same))),
    ]
    kept = [k for k, head in enumerate(heads) if head == "work" or any(row[k] for row in rows[2:])]
    return "".join("| " + " | ".join(row[k] for k in kept) + " |\n" for row in rows)


def _work(figure: Figure) -> tuple[Any, ...]:
    return figure.work, figure.peer, figure.unit, figure.at_least


def _rows(same: Sequence[Figure]) -> Iterator[list[str]]:
    one = same[0]
    bounds = list(dict.fromkeys(_bound(figure) for figure in same))
    verdicts = list(dict.fromkeys(figure.verdict for figure in same if figure.verdict))
    values = [figure.value for figure in same]
    if len(same) > MOST:
        size, value = f"{len(same)} of them", f"{_number(min(values))} to {_number(max(values))}"
    else:
        size, value = (
            "; ".join(filter(None, (figure.size for figure in same))),
            "; ".join(map(_number, values)),
        )
    was = [figure.former for figure in same]
    former = "; ".join("–" if one is None else _number(one) for one in was) if any(was) else ""
    unit = "" if one.unit == "×" else f" {one.unit.removeprefix('× ')}"
    peer = f"{one.peer}: {one.lacks}" if one.lacks else one.peer
    yield [one.work, size, value + unit, former, "; ".join(bounds), ", ".join(verdicts), peer]


def _bound(figure: Figure) -> str:
    if figure.bound is None:
        return ""
    sign = "≥" if figure.at_least else "≤"
    required = "" if figure.required is None else f", required {_number(figure.required)}"
    return f"{sign} {_number(figure.bound)}{required}"


def _number(value: float) -> str:
    """Three digits, thousands apart."""
    if value >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}"


if __name__ == "__main__":
    main()
