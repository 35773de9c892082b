"""The tape of what a caller has: a text, a SymPy expression, or a Python function of symbols."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symdiff.errors import InputError, UsageError, did_you_mean
from symdiff.exercises import read
from symdiff.exercises.problem import Problem
from symdiff.expr.arguments import told_clearly
from symdiff.expr.memory import without_garbage_collection
from symdiff.expr.names import check_name
from symdiff.expr.shapes import Shape
from symdiff.expr.tree import Expr, Sym, symbols
from symdiff.expr.unspecified import function_names
from symdiff.language.program import RESULT_NAMES, Program, check_given_once
from symdiff.language.reading import literally
from symdiff.language.shape_inference import program_of_text
from symdiff.language.sympy_border import from_sympy
from symdiff.language.unspecified_calls import check_functions
from symdiff.language.words import EULER, check_numbers_apart, without_euler
from symdiff.tape.tape import Tape
from symdiff.tape.tracing import Granularity, trace_of_result

if TYPE_CHECKING:
    import sympy


@told_clearly()
@without_garbage_collection
def trace(
    source: str | sympy.Expr | Callable[..., Any],
    inputs: Sequence[str] | None = None,
    granularity: Granularity = "textbook",
    shapes: Mapping[str, Shape] | None = None,
    *,
    literal: bool = False,
) -> Tape:
    """The tape of a text, a SymPy expression, or a Python function of symbols.

    A text keeps its author's form. A function is called once with symbols named after its parameters
    (or `inputs`) and must return an expression built from them with operators and `symdiff.functions`.
    In a text, `shapes` gives the inputs that are vectors, ("n",), or matrices, ("m", "n"); where the formulas
    leave one possibility they are inferred, which a NameNotice says. `literal` reads a text to the letter,
    without liberties as x(1 - x) for a product.

    Raises:
        InputError: the source cannot be read, or uses an operation without a rule.
    """
    if isinstance(source, str):
        with literally(literal):
            program = program_of_text(source, tuple(inputs) if inputs is not None else None, shapes)
        if not program.inputs:
            raise InputError("the expression has no variable", way_out="write for instance f(x) = 3")
        return trace_of_result(program.definitions, program.inputs, granularity)
    if shapes:
        way_out = "write the function as a text"
        raise UsageError("shapes are for texts", where="shapes", way_out=way_out)
    if callable(source) and not hasattr(source, "free_symbols"):
        return _trace_function(source, inputs, granularity)
    if not hasattr(source, "free_symbols") and not isinstance(source, int | float):
        way_out = "give a text, a SymPy expression or a function of symbols"
        raise InputError(f"{type(source).__name__} cannot be traced", way_out=way_out)
    return _trace_sympy(source, inputs, granularity)


def problem_of(
    target: Any,
    shapes: Mapping[str, Shape] | None = None,
    assume: Mapping[str, str] | None = None,
    at: Mapping[str, Any] | None = None,
) -> Problem:
    """The problem that a target is; `shapes`, `assume` and a point's lists say what the inputs of a text are.

    Raises:
        InputError: it cannot be read.
        UsageError: what is not a text has its shapes itself.
    """
    if isinstance(target, str | Path):
        return read(str(target), shapes, assume, at)
    if shapes or assume:
        raise UsageError("shapes are for texts", where="shapes", way_out="write the function as a text")
    if isinstance(target, Problem):
        return target
    tape = trace(target)
    return Problem("expression", Program(tuple(name for _, name in tape.inputs), tape.definitions))


def _trace_function(
    source: Callable[..., Any], inputs: Sequence[str] | None, granularity: Granularity
) -> Tape:
    names = _own_names(inputs or _parameters(source))
    try:
        result = source(*names)
    except (TypeError, AttributeError) as error:
        way_out = "use operators and the functions of symdiff.functions, without branches"
        reason = str(error).replace("\n", " ")
        raise InputError(f"the function fails on symbols: {reason}", way_out=way_out) from error
    if not isinstance(result, Expr):
        way_out = "return an expression built from the arguments with symdiff.functions"
        raise InputError(f"the function returned {type(result).__name__}", way_out=way_out)
    return _trace_expression(result, names, granularity)


def _parameters(source: Callable[..., Any]) -> list[str]:
    """The parameters of a function, which become the inputs' names."""
    from inspect import Parameter, signature  # start-up: only functions are looked into

    try:
        found = list(signature(source).parameters.values())
    except ValueError:
        raise InputError("the function does not say its arguments", way_out="say inputs=(…)") from None
    if any(p.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD) for p in found):
        raise InputError(
            "a function of any number of arguments has no inputs to name", way_out="say inputs=(…)"
        )
    return [parameter.name for parameter in found]


def _trace_sympy(source: Any, inputs: Sequence[str] | None, granularity: Granularity) -> Tape:
    import sympy  # start-up: a text needs no SymPy

    expression: Any = sympy.sympify(source)
    own = {symbol.name: symbol for symbol in expression.free_symbols}
    if len(own) < len(expression.free_symbols):
        raise InputError(
            "two different symbols have the same name", where=str(expression), way_out="rename one"
        )
    root = from_sympy(expression)
    found = [name.name for name in symbols(root)]
    names = _own_names(inputs or sorted(found))
    missing = [name for name in found if Sym(name) not in names]
    if missing:
        raise InputError(
            f"unknown name {missing[0]!r}", way_out=did_you_mean(missing[0], [n.name for n in names])
        )
    return replace(_trace_expression(root, names, granularity), symbols=own)


def _own_names(names: Sequence[str]) -> list[Sym]:
    """The inputs, each named once."""
    check_given_once(names)
    return [Sym(check_name(name)) for name in names]


def _trace_expression(root: Expr, names: list[Sym], granularity: Granularity) -> Tape:
    if not names:
        raise InputError("the expression has no variable", way_out="say inputs=(…)")
    taken = {name.name for name in names}
    root = without_euler(root) if EULER in taken else root
    check_numbers_apart(taken, [root])
    check_functions(taken, [root])
    functions = function_names([root])
    result = Sym(next(n for n in RESULT_NAMES if n not in taken | functions))
    return trace_of_result([(result, root)], names, granularity)
