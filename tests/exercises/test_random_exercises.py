"""Exercises drawn at random are proved in every mode that can read them, and their numbers are true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import random_exercises as drawn
from array_helpers import array, flat, jacobian, run, shape_of
from helpers import M, mpf
from pages import some

from symdiff.api.solution import Solution, solve
from symdiff.document.blocks import chains
from symdiff.errors import InputError
from symdiff.exercises import read
from symdiff.expr.leaves import Grid, Nabla
from symdiff.expr.operations import PARTIAL_ROW
from symdiff.expr.tree import DERIVATIVE, PARTIAL, Num, Sym

KINDS: dict[str, tuple[Callable[[int], drawn.Drawn], tuple[str, ...]]] = {
    "numbers": (drawn.of_numbers, ("chain", "both")),
    "arrays": (drawn.of_arrays, ("chain", "reverse", "jacobian")),
    "composition": (drawn.of_composition, ("jacobian",)),
    "cell": (drawn.of_cell, ("bptt", "chain")),
}
CASES = [
    (kind, mode, seed, layout)
    for kind, (_, modes) in KINDS.items()
    for mode in modes
    for seed in range(12)
    for layout in ((None, "numerator") if mode in ("chain", "jacobian") and kind != "numbers" else (None,))
]
NOT_FOR_THIS_MODE = (
    "ways lead there", "no way leads there", "one differentiates numbers",
    "one differentiates with respect", "does not depend on", "stand for the same formula",
)  # fmt: skip
"""What a mode says of an exercise that is not for it."""


def numbers_of(value: Any) -> Any:
    return array([mpf(x) for x in _entries(value)], _shape(value))


def _entries(value: Any) -> list[Any]:
    return [x for part in value for x in _entries(part)] if isinstance(value, list) else [value]


def _shape(value: Any) -> tuple[int, ...]:
    return (len(value), *_shape(value[0])) if isinstance(value, list) else ()


def said_of(solution: Solution, name: str) -> Iterator[list[Any]]:
    """The numbers that the page gives for the derivative of the result by an input, row by row."""
    for chain in chains(solution.document):
        left = chain.left
        if isinstance(left, Nabla) and left.whole:
            sides = left.over, left.under
        elif left.op in (PARTIAL, DERIVATIVE, PARTIAL_ROW):
            sides = left.args
        else:
            continue
        over, under = sides
        last = chain.members[-1]
        is_result = isinstance(over, Sym) and over.name in ("L", "y")
        if chain.at_point and is_result and isinstance(under, Sym) and under.name == name:
            if isinstance(last, Num):
                yield [last]
            elif isinstance(last, Grid):
                yield [shown for row in last.entries for shown in row]


def solved_if_readable(path: str, mode: str, layout: str | None) -> Solution | None:
    """The solution; None where the mode says that the exercise is not for it."""
    try:
        return solve(read(path), mode, layout=layout)
    except InputError as error:
        if any(words in error.what for words in NOT_FOR_THIS_MODE):
            return None
        raise


@pytest.mark.parametrize(("kind", "mode", "seed", "layout"), some(CASES, 5))
def test_a_random_exercise_is_proved_and_its_numbers_are_true(
    kind: str, mode: str, seed: int, layout: str | None, tmp_path: Path
) -> None:
    exercise = KINDS[kind][0](seed)
    path = tmp_path / "drawn.toml"
    path.write_text(exercise.file, encoding="utf-8")
    solution = solved_if_readable(str(path), mode, layout)
    if solution is None:
        return
    point = {name: numbers_of(value) for name, value in exercise.point.items()}
    for name in exercise.wrt:
        true = jacobian(
            lambda moved, name=name: run("\n".join(exercise.program), point | {name: moved}), point[name]
        )
        said = list(said_of(solution, name))
        assert said or mode == "jacobian", f"no number for {name}\n{exercise.file}"
        for shown in said:
            orders = [flat(true), flat(true.T)]
            if not shape_of(point[name])[1:]:
                assert any(_agree(shown, order) for order in orders), f"{name}\n{exercise.file}"
                continue
            turned = true.reshape(shape_of(point[name])).T
            assert any(_agree(shown, order) for order in (flat(true), flat(turned))), (
                f"{name}\n{exercise.file}"
            )


def _agree(shown: list[Any], true: list[Any]) -> bool:
    """Whether numbers with four decimals, or four digits where they are small, are these."""
    pairs = zip(shown, true, strict=True)
    return all(abs(mpf(x.value) - y) <= M.mpf(10) ** -4 * max(M.mpf(1), abs(y)) for x, y in pairs)
