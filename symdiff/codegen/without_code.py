"""What has no code: functions without a formula, and loops whose definitions refer forward in time."""

from __future__ import annotations

from symdiff.errors import InputError
from symdiff.exercises.problem import Problem
from symdiff.expr.unspecified import function_names


def check_has_code(problem: Problem) -> None:
    """Refuse an exercise of which no program can be written.

    Raises:
        InputError: it has a function without a formula, or a definition that refers forward in time.
    """
    of = problem.recurrence
    formulas = of.formulas if of is not None else tuple(f for _, f in problem.program.definitions)
    functions = sorted(function_names(formulas))
    if functions:
        name = functions[0]
        what = f"{name} is a function without a formula, so that there is no code for it"
        raise InputError(what, way_out=f"write a formula in place of {name}(…), as tanh(…)")
    if of is not None and of.looks_ahead:
        what = "there is no code for a recurrence in which a definition refers forward in time"
        raise InputError(what, way_out="write the steps out, as b1 = tanh(V*x1 + R*b2)")
