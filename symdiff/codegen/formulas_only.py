"""Code is written of formulas only: a function without one has no value that a program could compute."""

from __future__ import annotations

from symdiff.errors import InputError
from symdiff.exercises.problem import Problem
from symdiff.expr.unspecified import function_names


def check_formulas(problem: Problem) -> None:
    """Refuse an exercise with functions without a formula.

    Raises:
        InputError: there is one; the message says what to write.
    """
    if problem.recurrence is not None:
        formulas = problem.recurrence.formulas
    else:
        formulas = tuple(formula for _, formula in problem.program.definitions)
    functions = sorted(function_names(formulas))
    if functions:
        name = functions[0]
        what = f"{name} is a function without a formula, so that there is no code for it"
        raise InputError(what, way_out=f"write a formula in place of {name}(…), as tanh(…)")
