"""The proof beside what it proves, and how many equalities it proves a second: numbers, arrays, recurrences.

An equality is one member compared with the model at one point, on a page for every t at one t and one T.
Each page is made in a process of its own, of this version and of the former one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from benchmarks.former import former, present
from benchmarks.processes import probed
from benchmarks.record import Figure, Found

What = tuple[str | int, ...]
"""What is asked of the probe."""
CELL: What = ("cell", 1000)
RNN: What = ("page", "rnn", "reverse", 20)
LSTM: What = ("page", "lstm", "-", 0)
RATES = {
    "long tape of numbers": (CELL, "T = 1,000", 100_000, None),
    "vector RNN": (RNN, "T = 20", 30_000, 8_000),
    "lstm, page for every t": (LSTM, "", 25_000, None),
}
Measured = Mapping[str, Any]


def proofs(short: bool) -> Iterator[Found]:
    """Ratios to derivation, rates, and new points."""
    runs = 1 if short else 3
    ours = {what: probed(present(), *what, runs) for what in (CELL, RNN, LSTM)}
    version = None if short else former()
    was = {} if version is None else {what: probed(version, *what, 1) for what in ours}
    yield from _ratios(ours, was)
    for name, (what, size, bound, required) in RATES.items():
        yield Figure(
            f"equalities proved a second: {name}",
            size,
            _rate(ours[what]),
            bound,
            unit="/s",
            ours=ours[what]["proof"],
            margin=10,
            former=_rate(was[what]) if was else None,
            required=required,
            at_least=True,
        )
    yield from _new_points(short)


def _ratios(ours: Mapping[What, Measured], was: Mapping[What, Measured]) -> Iterator[Figure]:
    work, size = "derivation and explanation", "T = 20"
    yield _ratio(f"proof / {work}: vector RNN", size, (RNN, ("explained",)), ours, was, 1.5, 3.4)
    stages = CELL, ("explained", "printed")
    yield _ratio("proof / derivation and LaTeX: cell of numbers", "T = 1,000", stages, ours, was, 1.1, None)
    if was:
        one, other = ours[RNN]["explained"], was[RNN]["explained"]
        yield Figure(f"{work}: vector RNN", size, one / other, 1, "the former version", one, other)


def _ratio(
    work: str,
    size: str,
    of: tuple[What, tuple[str, ...]],
    ours: Mapping[What, Measured],
    was: Mapping[What, Measured],
    bound: float,
    required: float | None,
) -> Figure:
    """The proof of a page over the sum of some of its other stages, of both versions."""
    what, stages = of
    proof, before = ours[what]["proof"], sum(ours[what][stage] for stage in stages)
    found = Figure(work, size, proof / before, bound, "itself", proof, before, margin=2, required=required)
    if not was:
        return found
    return replace(found, former=was[what]["proof"] / sum(was[what][stage] for stage in stages))


def _rate(found: Measured) -> float:
    return float(found["comparisons"] / found["proof"])


def _new_points(short: bool) -> Iterator[Figure]:
    """Sigmoid at point after point: its equalities compiled once, and whole pages."""
    version = None if short else former()
    was = probed(version, "texts", 10)["a second"] if version else None
    for name, measure, bound, count in (
        ("new points a second, all equalities of sigmoid", "points", 5000, 100 if short else 1000),
        ("new points a second, text pages of sigmoid", "texts", 200, 10 if short else 50),
    ):
        rate = probed(present(), measure, count)["a second"]
        yield Figure(name, "", rate, bound, unit="/s", margin=20, former=was, at_least=True)
