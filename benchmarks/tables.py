"""The tables of docs/performance.md, written from `figures.json`: `python -m benchmarks.tables`.

Figures of one work stand in one row, their sizes and values in order; of many the least and the largest.
Outside the marks of each part the page is written by hand.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
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
    rows = [_row(list(same)) for _, same in groupby(figures, _work)]
    kept = [k for k in range(len(heads)) if any(row[k] for row in rows)]
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(line[k] for k in kept) + " |\n" for line in lines)


def _work(figure: Figure) -> tuple[Any, ...]:
    return figure.work, figure.peer, figure.unit, figure.at_least


def _row(same: Sequence[Figure]) -> list[str]:
    one = same[0]
    sizes = [figure.size for figure in same if figure.size]
    values = [_number(figure.value) for figure in same]
    if len(same) > MOST:
        sizes = [f"{len(same)} of them"]
        values = [" to ".join(_number(end(figure.value for figure in same)) for end in (min, max))]
    verdicts = [figure.verdict for figure in same if figure.verdict]
    was = ["–" if figure.former is None else _number(figure.former) for figure in same]
    return [
        one.work,
        "; ".join(sizes),
        f"{'; '.join(values)} {one.unit.removeprefix('×').strip()}".strip(),
        "; ".join(was) if any(figure.former for figure in same) else "",
        "; ".join(filter(None, dict.fromkeys(map(_bound, same)))),
        verdicts[0] if len(set(verdicts)) == 1 else "; ".join(verdicts),
        f"{one.peer}: {one.lacks}" if one.lacks else one.peer,
    ]


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
