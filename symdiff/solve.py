"""The whole way, for the command and the library: problem to tape to derivations to document to text.

`solve` never returns anything unproved: the document's equalities are checked before they are handed
out, and a false one is a ProofError.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symdiff.derivation import Derivation
from symdiff.document import Document
from symdiff.errors import DomainError, InputError, UsageError, did_you_mean
from symdiff.explain import Work, explain, proof_note
from symdiff.expr import Expr, Sym, symbols
from symdiff.forward import forward
from symdiff.memory import without_collection
from symdiff.named_tape import named_tape
from symdiff.names import check_distinct, check_name
from symdiff.parse import parse_program
from symdiff.problems import Problem
from symdiff.prove import Certificate, prove
from symdiff.render.engine import render as render_document
from symdiff.reverse import reverse
from symdiff.symbolic import from_sympy
from symdiff.tape import Tape
from symdiff.trace import Granularity, trace_definitions

if TYPE_CHECKING:
    import sympy

MOST_DIGITS = 30
MODES = ("forward", "reverse", "both", "jacobian", "chain")


@dataclass(frozen=True)
class Solution:
    """A proved document, with what it was made from."""

    work: Work
    document: Document
    certificate: Certificate

    def render(
        self,
        format: str = "latex",
        lang: str = "en",
        *,
        fragment: bool = False,
        templates: Path | None = None,
    ) -> str:
        """The document in a format and a language; `json` gives every line with its proof."""
        if format == "json":
            from symdiff.record import to_json

            return to_json(self.work, self.certificate)
        return render_document(self.document, format, lang, fragment=fragment, templates=templates)


def solve(
    problem: Problem,
    mode: str = "both",
    wrt: Sequence[str] | None = None,
    at: dict[str, Fraction] | None = None,
    digits: int = 4,
    granularity: str = "textbook",
    full: bool = False,
    layout: str | None = None,
) -> Solution:
    """The proved solution of `problem`; `at` replaces the problem's own point."""
    if mode not in MODES:
        raise UsageError(f"unknown mode {mode!r}", way_out=did_you_mean(mode, MODES))
    program = problem.program
    wrt = wrt if wrt is not None else problem.wrt
    if mode in ("jacobian", "chain"):
        named = named_tape(program.definitions, program.inputs)
        point = _point(named, at if at is not None else problem.at)
        derivations: tuple[Derivation, ...] = (reverse(named, wrt),)
        work = Work(derivations, problem.titles, point, digits, full, layout, problem.rate, problem.stages, mode)
        return _proved(work)
    tape = trace_definitions(program.definitions, program.inputs, granularity, problem.first)  # type: ignore[arg-type]
    if not tape.inputs:
        raise InputError("the expression has no variable", way_out="write for instance f(x) = 3")
    derivations = tuple(
        sweep(tape, wrt)
        for name, sweep in (("forward", forward), ("reverse", reverse))
        if mode in (name, "both")
    )
    point = _point(tape, at if at is not None else problem.at)
    return _proved(Work(derivations, problem.titles, point, digits, full, layout))


def _point(tape: Tape, at: Any) -> dict[str, Fraction] | None:
    """The point, once every input has a value and no other name has one."""
    if at is None:
        return None
    for name in at:
        if name not in tape.variables:
            raise UsageError(
                f"{name!r} is not an input", where="--at", way_out=did_you_mean(name, tape.variables)
            )
    missing = [name for name in tape.variables if name not in at]
    if missing:
        way_out = f"add {missing[0]}=…"
        raise UsageError(f"no value for {', '.join(missing)}", where="--at", way_out=way_out)
    return {name: at[name] for name in tape.variables}


@without_collection
def _proved(work: Work) -> Solution:
    if not 1 <= work.digits <= MOST_DIGITS:
        raise UsageError(f"{work.digits} digits cannot be shown", way_out=f"choose from 1 to {MOST_DIGITS}")
    try:
        document = explain(work)
    except DomainError as error:
        if work.at is None:
            raise
        point = ", ".join(f"{name} = {float(value):g}" for name, value in work.at.items())
        raise DomainError(
            f"the point {point} is outside the domain: {error.what}", where=error.where
        ) from None
    certificate = prove(document, work.derivations, work.at)
    return Solution(work, document.with_blocks(proof_note(certificate)), certificate)


def trace(
    source: str | sympy.Expr | Callable[..., Any],
    inputs: Sequence[str] | None = None,
    granularity: Granularity = "textbook",
) -> Tape:
    """The tape of a text, a SymPy expression, or a Python function of symbols.

    A text keeps its author's form. A function is called once with symbols named after its parameters
    (or `inputs`) and must return an expression built from them with operators and `symdiff.functions`.

    Raises:
        InputError: the source cannot be read, or uses an operation without a rule.
    """
    if isinstance(source, str):
        program = parse_program(source, tuple(inputs) if inputs is not None else None)
        return trace_definitions(program.definitions, program.inputs, granularity)
    if callable(source) and not hasattr(source, "free_symbols"):
        return _trace_function(source, inputs, granularity)
    if not hasattr(source, "free_symbols") and not isinstance(source, int | float):
        way_out = "give a text, a SymPy expression or a function of symbols"
        raise InputError(f"{type(source).__name__} cannot be traced", way_out=way_out)
    return _trace_sympy(source, inputs, granularity)


def _trace_function(
    source: Callable[..., Any], inputs: Sequence[str] | None, granularity: Granularity
) -> Tape:
    names = [Sym(check_name(name)) for name in (inputs or _parameters(source))]
    result = source(*names)
    if not isinstance(result, Expr):
        way_out = "return an expression built from the arguments with symdiff.functions"
        raise InputError(f"the function returned {type(result).__name__}", way_out=way_out)
    return _trace_expression(result, names, granularity)


def _parameters(source: Callable[..., Any]) -> list[str]:
    """The parameters of a function, which become the inputs' names."""
    from inspect import Parameter, signature

    found = list(signature(source).parameters.values())
    if any(p.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD) for p in found):
        raise InputError(
            "a function of any number of arguments has no inputs to name", way_out="say inputs=(…)"
        )
    return [parameter.name for parameter in found]


def _trace_sympy(source: Any, inputs: Sequence[str] | None, granularity: Granularity) -> Tape:
    import sympy

    expression: Any = sympy.sympify(source)
    own = {symbol.name: symbol for symbol in expression.free_symbols}
    if len(own) < len(expression.free_symbols):
        raise InputError(
            "two different symbols have the same name", where=str(expression), way_out="rename one"
        )
    root = from_sympy(expression)
    found = [name.name for name in symbols(root)]
    names = [Sym(check_name(name)) for name in (inputs or sorted(found))]
    missing = [name for name in found if Sym(name) not in names]
    if missing:
        raise InputError(
            f"unknown name {missing[0]!r}", way_out=did_you_mean(missing[0], [n.name for n in names])
        )
    return replace(_trace_expression(root, names, granularity), symbols=own)


def _trace_expression(root: Expr, names: list[Sym], granularity: Granularity) -> Tape:
    if not names:
        raise InputError("the expression has no variable", way_out="say inputs=(…)")
    taken = {name.name for name in names}
    result = Sym(next(n for n in ("y", "f", "z", "F", "result") if n not in taken))
    check_distinct([*taken, result.name])
    return trace_definitions([(result, root)], names, granularity)


def render(
    derivations: Derivation | Sequence[Derivation],
    format: str = "latex",
    lang: str = "en",
    *,
    at: dict[str, Any] | None = None,
    digits: int = 4,
    full: bool = False,
    fragment: bool = False,
    templates: str | Path | None = None,
) -> str:
    """The proved document of one derivation, or of several of the same tape, as text.

    Raises:
        ProofError: a line is false; nothing is returned.
    """
    several = (derivations,) if isinstance(derivations, Derivation) else tuple(derivations)
    if not several:
        raise UsageError("no derivation to render", way_out="give what forward or reverse returned")
    try:
        point = None if at is None else {name: Fraction(str(value)) for name, value in at.items()}
    except ValueError:
        raise UsageError("a value is not a number", where="at", way_out="write at={'x': 0.5}") from None
    work = Work(several, {}, _point(several[0].tape, point), digits, full)
    own = None if templates is None else Path(templates)
    return _proved(work).render(format, lang, fragment=fragment, templates=own)
