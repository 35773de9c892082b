"""`python -m benchmarks`: whole commands, derivations, pages, proof, recurrences, networks, emitted code,
memory, beside their peers and beside the former version.

Every figure compares medians of several runs taken in turn, or counts. The table goes to standard output,
`figures.json` and the curves of growth to a folder, the figures also into docs/performance.md. `--check` is a
short form for a busy machine, which needs no other library: it judges ratios with wide margins, growth, and
exact counts, never absolute times, and exits 1 when one is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks import tables
from benchmarks.commands import commands
from benchmarks.costs import costs
from benchmarks.curves import drawn
from benchmarks.derivations import derivations
from benchmarks.latency import latency
from benchmarks.layers import layers
from benchmarks.memory import memory
from benchmarks.pages import pages
from benchmarks.proofs import proofs
from benchmarks.record import Curve, Figure
from benchmarks.recurrences import recurrences
from benchmarks.runs import runs

PARTS = {
    "commands": commands,
    "latency": latency,
    "derivations": derivations,
    "pages": pages,
    "proofs": proofs,
    "recurrences": recurrences,
    "layers": layers,
    "costs": costs,
    "runs": runs,
    "memory": memory,
}
FOLDER = tables.FIGURES.parent


def main() -> int:
    """Measure, print and write; with `--check` judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of: {', '.join(PARTS)}; default: all")
    parser.add_argument(
        "--check", action="store_true", help="the short form; exit 1 when a bound is missed by far"
    )
    parser.add_argument(
        "-o", "--output", type=Path, default=FOLDER, help="where figures.json and the curves go"
    )
    arguments = parser.parse_args()
    unknown = [part for part in arguments.parts if part not in PARTS]
    if unknown:
        parser.error(f"unknown part {unknown[0]!r}; there are {', '.join(PARTS)}")
    try:
        found = _measured(arguments.parts or list(PARTS), arguments.check, arguments.output)
    except ModuleNotFoundError as error:
        parser.error(f"{error.name} is not installed; pip install -e '.[bench]'")
    if not arguments.check:
        _keep(arguments.output / "figures.json", found)
        if arguments.output == FOLDER:
            tables.main()
    missed = [figure for figures in found.values() for figure in figures if figure.fails_check]
    for figure in missed:
        sys.stderr.write(f"missed: {_row(figure)}\n")
    return 1 if arguments.check and missed else 0


def _keep(path: Path, found: Mapping[str, Sequence[Figure]]) -> None:
    """Write the figures by part; those of parts that were not measured stay."""
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    after = before | {part: [asdict(figure) for figure in figures] for part, figures in found.items()}
    _write(path, json.dumps({part: after[part] for part in PARTS if part in after}, indent=1) + "\n")


def _measured(parts: Sequence[str], short: bool, folder: Path) -> dict[str, list[Figure]]:
    every: dict[str, list[Figure]] = {}
    for part in parts:
        figures = every[part] = []
        for found in PARTS[part](short):
            if isinstance(found, Figure):
                figures.append(found)
                sys.stdout.write(_row(found) + "\n")
                sys.stdout.flush()
            elif isinstance(found, Curve) and not short:
                name = found.title.lower().replace(" ", "-").replace(",", "").replace(":", "")
                _write(folder / f"{name}.svg", drawn(found))
    return every


def _row(figure: Figure) -> str:
    """work, size, value, what the former version has, bound, and both times with what the peer's lacks."""
    value = f"{figure.value:.3g} {figure.unit}".strip()
    former = "" if figure.former is None else f"(was {figure.former:.3g})"
    bound = "" if figure.bound is None else f"{'≥' if figure.at_least else '≤'} {figure.bound:.3g}"
    beside = (
        f"{_time(figure.ours)} / {_time(figure.theirs)} {figure.peer}"
        if figure.theirs
        else _time(figure.ours)
    )
    lacks = f" ({figure.lacks})" if figure.lacks else ""
    verdict = figure.verdict.replace("missed", "MISSED")
    start = f"{figure.work:70} {figure.size:18} {value:>16} {former:12}"
    return f"{start} {bound:9} {verdict:10} {beside}{lacks}".rstrip()


def _time(value: float | None) -> str:
    if value is None:
        return ""
    return (
        f"{value:.2f} s"
        if value >= 1
        else f"{value * 1e3:.3g} ms"
        if value >= 1e-3
        else f"{value * 1e6:.3g} µs"
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
