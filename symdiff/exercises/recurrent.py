"""Exercises with a recurrence: how a file or a text says one, and the same with so many steps written out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from symdiff.errors import InputError, UsageError, did_you_mean, shorten
from symdiff.exercises.file import File
from symdiff.exercises.parts import Scope, one_formula
from symdiff.exercises.problem import Problem
from symdiff.expr.shapes import Shape, size
from symdiff.expr.timed import Time, at_time
from symdiff.expr.tree import Sym, symbols
from symdiff.language.program import Program
from symdiff.language.recurrence import Definitions, Recurrence
from symdiff.language.recurrence_parser import Equation, RecurrenceParser
from symdiff.language.shape_inference import recurrence_of_text
from symdiff.language.words import check_size_name

STEPS = 3
"""Steps written out where nothing says how many."""


def of_text(
    text: str,
    shapes: Mapping[str, Shape] | None = None,
    assumed: Mapping[str, str] | None = None,
    at: Mapping[str, Any] | None = None,
) -> Problem:
    """The exercise that equations with times are."""
    found = recurrence_of_text(text, shapes, assumed, at)
    return Problem("recurrence", program_of(found, None), recurrence=found)


def of_file(
    file: File,
    scope: Scope,
    sequences: Mapping[str, Sym],
    sections: Mapping[str, Mapping[str, str]],
    steps: int | str | None,
) -> Recurrence:
    """The recurrence that the equations of a file are; `steps` is T, or the name of it."""
    own = {left.partition("[")[0].strip() for given in sections.values() for left in given}
    names = {**scope.names, **sequences}
    equations = [e for key, given in sections.items() for e in _equations(file, key, given, names, own)]
    horizon, length = (steps, None) if isinstance(steps, str) else (None, steps)
    if horizon is not None:
        with file.placing("steps"):
            check_size_name(horizon)
    with _placing(file):
        return RecurrenceParser(
            equations, scope.names, sequences, scope.sizes, horizon, length, declared=True
        ).run()


@contextmanager
def _placing(file: File) -> Iterator[None]:
    """An error that no equation has placed belongs to the section."""
    try:
        yield
    except InputError as error:
        if error.where.startswith(file.name):
            raise
        raise file.error(error.what, "recurrence", way_out=error.way_out, picture=error.picture) from None


def _equations(
    file: File, key: str, given: Mapping[str, str], names: Mapping[str, Sym], own: Collection[str]
) -> Iterator[Equation]:
    for left, right in given.items():
        near = " ".join(right.split())
        with file.placing(key, left, near=near):
            if ("[" in left) != (key == "recurrence"):
                way_out = "equations with a time stand under [recurrence], the others under [definitions]"
                raise InputError(f"{shorten(left, 30)!r} under [{key}]", way_out=way_out)
            text, tree = one_formula(right, names, own)
            yield Equation(left, tree, text, partial(file.placing, key, left, near=text))


def whole_sequences(recurrence: Recurrence) -> dict[str, Sym]:
    """The sequences as arrays of one more axis, as a file gives their numbers."""
    length = recurrence.horizon if recurrence.length is None else size(recurrence.length)
    return {s.name: Sym(s.name, shape=(length, *s.shape), assume=s.assume) for s in recurrence.sequences}


def written_out(problem: Problem, steps: int | None) -> Problem:
    """The exercise with `steps` steps of its recurrence written out, its point taken apart likewise.

    Without `steps`, as many as the exercise says, or as its point has values for, or three.
    """
    recurrence = problem.recurrence
    if recurrence is None:
        if steps is not None:
            what = "this is for recurrences, and the exercise is none"
            raise UsageError(what, where="--steps", way_out="leave it out")
        return problem
    count = steps if steps is not None else steps_said(recurrence, problem.at)
    at = None if problem.at is None else taken_apart(problem.at, recurrence, count)
    return replace(problem, program=Program(*recurrence.unrolled(count)), at=at)


def with_result(problem: Problem, name: str | None) -> Problem:
    """The exercise up to the definition called `name`, which is its result; inputs not used are left out.

    Without a name, definitions of a recurrence that the last one does not need are left out.

    Raises:
        UsageError: no definition has this name.
    """
    definitions = problem.program.definitions
    if name is None:
        if problem.recurrence is None:
            return problem
        return replace(problem, program=Program(problem.program.inputs, _needed(definitions)))
    names = [target.name for target, _ in definitions]
    if name not in names:
        way_out = did_you_mean(name, names)
        raise UsageError(f"no definition is called {name!r}", where="--result", way_out=way_out)
    kept = _needed(definitions[: names.index(name) + 1])
    used = {s for _, formula in kept for s in symbols(formula)}
    inputs = tuple(s for s in problem.program.inputs if s in used)
    own = {s.name for s in inputs}
    wrt = None if problem.wrt is None else tuple(n for n in problem.wrt if n in own) or None
    at = None if problem.at is None else {n: v for n, v in problem.at.items() if n in own}
    return replace(problem, program=Program(inputs, kept), wrt=wrt, at=at)


def _needed(definitions: Definitions) -> Definitions:
    """The definitions that the last one depends on, itself included."""
    wanted = {definitions[-1][0]}
    kept = []
    for target, formula in reversed(definitions):
        if target in wanted:
            wanted |= set(symbols(formula))
            kept.append((target, formula))
    return tuple(reversed(kept))


def program_of(recurrence: Recurrence, at: Mapping[str, Any] | None) -> Program:
    """The definitions of as many steps as the exercise says."""
    return Program(*recurrence.unrolled(steps_said(recurrence, at)))


def steps_said(recurrence: Recurrence, at: Mapping[str, Any] | None) -> int:
    """The number of steps that the exercise gives, or has values for, or else three."""
    if recurrence.length is not None:
        return recurrence.length
    given = [at[stem.name] for stem in recurrence.sequences if at and stem.name in at]
    lengths = [len(values) for values in given if isinstance(values, tuple | list)]
    return min(lengths, default=max(STEPS, recurrence.min_steps))


def taken_apart(at: Mapping[str, Any], recurrence: Recurrence, steps: int) -> dict[str, Any]:
    """A point whose sequences are lists, with one value for each time.

    Raises:
        UsageError: a list is shorter than there are steps.
    """
    found = {name: value for name, value in at.items() if name not in _names(recurrence.sequences)}
    for stem in recurrence.sequences:
        if stem.name not in at:
            continue
        values = at[stem.name]
        if not isinstance(values, tuple | list) or len(values) < steps:
            count = len(values) if isinstance(values, tuple | list) else 0
            has = f"{count} value{'s' * (count > 1)}" if count else "one number"
            what = f"{stem.name} has {has} and there are {steps} steps"
            raise UsageError(what, where="--at", way_out="give a value for each time, or fewer --steps")
        for number, value in enumerate(values[:steps]):
            found[at_time(stem, Time("", recurrence.first + number)).name] = value
    return found


def _names(symbols: tuple[Sym, ...]) -> set[str]:
    return {name.name for name in symbols}
