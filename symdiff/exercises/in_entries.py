"""An exercise on arrays as one on numbers, entry by entry: x becomes x₁, x₂, …, W becomes W₁₁, W₁₂, …"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from symdiff.errors import InputError, UsageError, did_you_mean
from symdiff.exercises.problem import Problem
from symdiff.expr.operations import STACK
from symdiff.expr.shapes import in_words, names_in
from symdiff.expr.tree import Expr, Num, Sym, substitute
from symdiff.language.program import Program
from symdiff.rules.arrays import flat
from symdiff.tape.entries import entry_names, scalar_program
from symdiff.tape.points import shape_of


def in_entries(problem: Problem, sizes: Mapping[str, int]) -> Problem:
    """`problem` with a scalar input for each entry; named sizes get numbers from the point or `sizes`.

    Raises:
        InputError: a size has no number, the result is an array, or there are too many entries.
    """
    program = problem.program
    if not any(name.shape for name in program.inputs):
        return problem
    program = with_numbers_for_indices(problem)
    result = program.definitions[-1][0]
    if result.shape:
        what = f"the result must be a number, and {result} is {in_words(result.shape)}"
        raise InputError(what, where="--mode entries", way_out="use --mode jacobian")
    named = {size for name in program.inputs for part in name.shape for size in names_in(part)}
    unknown = next((name for name in sizes if name not in named), None)
    if unknown is not None:
        raise UsageError(f"{unknown!r} is no size here", where="--size", way_out=did_you_mean(unknown, named))
    known = known_sizes(problem, sizes)
    wrt = None if problem.wrt is None else _names_of(problem, problem.wrt, known)
    at = None if problem.at is None else _flat_point(problem, known)
    return replace(problem, program=scalar_program(program, known), wrt=wrt, at=at, stages=())


def with_numbers_for_indices(problem: Problem) -> Program:
    """The program with the numbers of its indices that are names: an entry has a name of its own.

    Raises:
        InputError: there is no point that says them.
    """
    program, at = problem.program, problem.at or {}
    numbers: dict[Expr, Expr] = {}
    for name, index in program.indices.items():
        if name not in at:
            what = f"no number for the index {name}"
            raise InputError(what, where="--mode entries", way_out="give numbers at a point, as --at")
        places = [Num(int(place)) for place in _flat(at[name])]
        numbers[index] = Expr(STACK, *places) if index.shape else places[0]
    if not numbers:
        return program
    definitions = ((name, substitute(formula, numbers)) for name, formula in program.definitions)
    return Program(program.inputs, tuple(definitions))


def known_sizes(problem: Problem, sizes: Mapping[str, int]) -> dict[str, int]:
    """The numbers of sizes that are names, as they were given or as they are at the point."""
    return {**sizes, **_sizes_at(problem)}


def _sizes_at(problem: Problem) -> dict[str, int]:
    """What sizes that are names are worth at the point."""
    found: dict[str, int] = {}
    for name in problem.program.inputs:
        shape = shape_of((problem.at or {}).get(name.name, ()))
        if name.shape and shape is not None and len(shape) == len(name.shape):
            found |= {str(part): int(length) for part, length in zip(name.shape, shape, strict=True)}
    return found


def _entries(name: Sym, sizes: Mapping[str, int]) -> list[str]:
    return [entry.name for entry in flat(entry_names(name, sizes))]


def _names_of(problem: Problem, wrt: tuple[str, ...], sizes: Mapping[str, int]) -> tuple[str, ...]:
    by_name = {name.name: name for name in problem.program.inputs}
    return tuple(e for name in wrt for e in (_entries(by_name[name], sizes) if name in by_name else [name]))


def _flat_point(problem: Problem, sizes: Mapping[str, int]) -> dict[str, Any]:
    assert problem.at is not None
    found: dict[str, Any] = {}
    for name in problem.program.inputs:
        if name.name in problem.at:
            found |= zip(_entries(name, sizes), _flat(problem.at[name.name]), strict=True)
    return found


def _flat(value: Any) -> list[Any]:
    return [x for part in value for x in _flat(part)] if isinstance(value, tuple) else [value]
