"""Checks for anyone's derivative: a verdict, and for a false claim a point where it fails.

A claim is compared at random points of the domain with the truth on the function itself, in balls: see
`model`. Equality at random points is no formal proof: a false claim that agrees at all of them does not occur
by accident, but a kink that no point lies beyond is not seen.

Checks of anyone's derivative by an array: its shape first, then every entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from symdiff.api.derivations import reverse
from symdiff.api.record import nested
from symdiff.api.sources import trace
from symdiff.derivation.sweeps import chosen_names
from symdiff.errors import DomainError, InputError, UsageError, did_you_mean, shorten
from symdiff.expr.arguments import A_NAME, Kind, is_expression, told_clearly
from symdiff.expr.letters import letters_beside
from symdiff.expr.names import split_name
from symdiff.expr.operations import is_array
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape
from symdiff.expr.tree import PARTIAL, Expr, Sym, as_expr, postorder, substitute, symbols
from symdiff.language.program import parse_expression, sizes_of
from symdiff.language.reading import literally
from symdiff.language.sympy_border import from_sympy
from symdiff.proof.agreement import holds
from symdiff.proof.balls import Balls, Undecided, double
from symdiff.proof.sample_points import POINTS, models_of
from symdiff.proof.sampling import sample
from symdiff.proof.values import evaluate
from symdiff.rules.table import RULES
from symdiff.tape.tape import Tape

if TYPE_CHECKING:
    import sympy


EXPRESSION = "a text, a number or an expression of SymPy"


@dataclass(frozen=True)
class Verdict:
    """Whether a claim is true; if not, `point`, what is `claimed` there and the `true` value.

    `derivative` is the true derivative in the inputs (for `check_derivative`), as a SymPy expression.
    A verdict is true or false where a truth value is asked for.
    """

    ok: bool
    point: Mapping[str, Any] | None = None
    claimed: Any = None
    true: Any = None
    derivative: sympy.Expr | None = None

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        """True, or the point at which the claim fails, both values there, and the true derivative."""
        if self.ok:
            return "Verdict: true"
        at = ", ".join(f"{name} = {_in_short(value)}" for name, value in (self.point or {}).items())
        said = (
            f"Verdict: false: at {at} it claims {_in_short(self.claimed)}, and {_in_short(self.true)} is true"
        )
        return (
            said
            if self.derivative is None
            else f"{said}; the derivative is {shorten(str(self.derivative), 100)}"
        )


def _in_short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else shorten(str(value), 40)


@told_clearly(claim=Kind(EXPRESSION, is_expression), of=Kind(EXPRESSION, is_expression), wrt=A_NAME)
def check_derivative(
    claim: str | sympy.Expr,
    of: str | sympy.Expr,
    wrt: str,
    shapes: Mapping[str, Shape] | None = None,
    *,
    literal: bool = False,
) -> Verdict:
    """Whether ∂(of)/∂wrt = claim; the claim may use the inputs and every name that `of` defines.

    `of` is an expression or an equation, `y = 1/(1+exp(-a*x))`; then `a*y*(1-y)` may be claimed. In a text,
    `shapes` gives the inputs that are vectors, ("n",), or matrices, ("m", "n"); the claim must then have the
    shape of the variable, or for a result that is an array the result's sizes and then the variable's. With
    `literal` texts are read to the letter.

    Raises:
        InputError: the claim or the function cannot be read, or uses an unknown name.
        DomainError: no point of the domain was found.
    """
    tape = trace(of, shapes=shapes, literal=literal)
    (name,) = chosen_names(tape, wrt)
    if tape.has_arrays:
        with literally(literal):
            return _of_arrays(claim, tape, name)
    own = {sym.name: sym for sym in tape.by_name}
    with literally(literal):
        claimed = _in_names_of(tape, _expression(claim, own))
    derivative = _derivative(tape, name)
    verdict = _verdict(claimed, tape, name)
    return replace(verdict, derivative=derivative)


def _of_arrays(claim: Any, tape: Tape, name: Sym) -> Verdict:
    if not isinstance(claim, str):
        raise InputError("a claim about arrays is a text", way_out="write it in the language, as 'A.T @ x'")
    return _verdict(_read(claim, tape), tape, name)


@told_clearly(one=Kind(EXPRESSION, is_expression), other=Kind(EXPRESSION, is_expression))
def check_equal(one: str | sympy.Expr, other: str | sympy.Expr, *, literal: bool = False) -> Verdict:
    """Whether two expressions are equal wherever both are defined.

    Where they agree or differ by very little, the difference is looked at in more and more digits: a true
    one stays, one that is rounding shrinks. Points on both sides of each kink are tried, if they are found.
    With `literal` texts are read to the letter.

    Raises:
        InputError: one of them cannot be read.
        DomainError: no point was found at which both are defined.
    """
    with literally(literal):
        left, right = _expression(one), _expression(other)
    if any(node.shape or is_array(node.op) for root in (left, right) for node in postorder(root)):
        raise InputError(
            "check_equal compares numbers, one of these is an array", way_out="use check_derivative"
        )
    names = list(dict.fromkeys(s.name for root in (left, right) for s in symbols(root)))
    sides = _kink_sides(left - right)

    def side(point: Mapping[str, Any]) -> object:
        """Which side of each kink a point is on; None where an expression has no value."""
        try:
            values = _Values(point)
            evaluate(values.m, left - right, {}, values)
            return tuple(bool(evaluate(values.m, apart, {}, values) > 0) for apart in sides)
        except (DomainError, Undecided):
            return None

    for point in sample(names, side, POINTS):
        values = _Values(point)
        if not holds(left, right, values):
            a, b = (double(evaluate(values.m, root, {}, values)) for root in (left, right))
            return Verdict(False, {n: float(v) for n, v in point.items()}, a, b)
    return Verdict(True)


class _Values:
    """The values of names at a point, as a model gives them."""

    def __init__(self, point: Mapping[str, Fraction], m: Balls | None = None) -> None:
        self.exact, self.m = point, m or Balls()
        self.point = {name: self.m.number(value) for name, value in point.items()}
        self.sizes_of: dict[str, int] = {}

    def __call__(self, node: Expr) -> Any:
        return self.point.get(node.name) if isinstance(node, Sym) else None

    @property
    def sharper(self) -> _Values:
        return _Values(self.exact, self.m.sharper)


def _kink_sides(root: Expr) -> list[Expr]:
    """What changes sign at each kink of an expression."""
    found = []
    for node in postorder(root):
        rule = RULES.get(node.op.name)
        if rule is not None and rule.kink is not None:
            left, right = rule.kink(*node.args)
            found.append(as_expr(left) - as_expr(right))
    return found


def _verdict(claimed: Expr, tape: Tape, name: Sym) -> Verdict:
    """Whether ∂(result)/∂name is what is claimed, at points where the claim has a value too.

    A claim in another shape than that of the derivative is false, whatever its entries.

    Raises:
        DomainError: the claim has no value at any point tried.
    """
    true, tried = Expr(PARTIAL, tape.result, name), False
    for model in models_of(tape):
        with suppress(DomainError):
            given = evaluate(model.m, claimed, {}, model)
            tried = True
            if not holds(true, claimed, model):
                point = {key: nested(value) for key, value in model.point.items()}
                value = evaluate(model.m, true, {}, model)
                return Verdict(False, point, nested(given), nested(value))
    if not tried:
        raise DomainError("the claim has no real value at any point tried", where=shorten(str(claimed)))
    return Verdict(True)


def _derivative(tape: Tape, name: Sym) -> Any:
    try:
        return reverse(tape, name.name).gradient[name.name]
    except UsageError:
        return None


def _expression(source: Any, names: Mapping[str, Sym] | None = None) -> Expr:
    """A text, in which `names` are the author's, or a SymPy expression."""
    import sympy  # start-up: a text needs no SymPy

    return parse_expression(source, names) if isinstance(source, str) else from_sympy(sympy.sympify(source))


def _read(claim: str, tape: Tape) -> Expr:
    names = {name.name: name for name in tape.by_name}
    sizes = sizes_of(name for _, name in tape.inputs)
    return _in_names_of(tape, parse_expression(claim, names, sizes))


def _in_names_of(tape: Tape, claimed: Expr) -> Expr:
    """A claim in the names of the tape; x₁ from a page is x1 where that name is written so.

    Raises:
        InputError: it has another name.
    """
    known = {name.name: name for name in tape.by_name}
    unknown = [sym for sym in symbols(claimed) if sym.name not in known]
    if not unknown:
        return claimed
    letters = letters_beside(tape.author_names, tape.indexed)
    written = {letters.split(name): sym for name, sym in known.items() if not sym.shape}
    found: dict[Expr, Expr] = {}
    for sym in unknown:
        if split_name(sym.name) not in written:
            raise InputError(f"unknown name {sym.name!r} in the claim", way_out=did_you_mean(sym.name, known))
        found[sym] = written[split_name(sym.name)]
    return substitute(claimed, found)
