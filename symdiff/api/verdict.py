"""Checks for anyone's derivative: a verdict, and for a false claim a point where it fails.

A claim is compared at random points of the domain with values measured on the function itself, in 60
digits, to 30: see `model`. Equality at random points is no formal proof: a false claim that agrees at all
of them does not occur by accident, but a kink that no point lies beyond is not seen.

Checks of anyone's derivative by an array: its shape first, then every entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from symdiff.api.derivations import reverse
from symdiff.api.record import nested
from symdiff.api.sources import trace
from symdiff.derivation.derivation import bar
from symdiff.derivation.sweeps import chosen_names
from symdiff.errors import DomainError, InputError, UsageError, did_you_mean
from symdiff.expr.operations import is_array
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape
from symdiff.expr.tree import PARTIAL, Expr, Num, Sym, as_expr, postorder, symbols
from symdiff.language.program import parse_expression
from symdiff.language.sympy_border import from_sympy
from symdiff.proof.judge import AGREED_DIGITS
from symdiff.proof.model import Model
from symdiff.proof.sample_points import POINTS, models_of
from symdiff.proof.sampling import sample
from symdiff.proof.values import context, evaluate, looked_up, number
from symdiff.rules.array_values import flat
from symdiff.rules.table import RULES
from symdiff.tape.tape import Tape

if TYPE_CHECKING:
    import sympy


PRECISIONS = (60, 240, 960)


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


def check_derivative(
    claim: str | sympy.Expr,
    of: str | sympy.Expr,
    wrt: str,
    shapes: Mapping[str, Shape] | None = None,
) -> Verdict:
    """Whether ∂(of)/∂wrt = claim; the claim may use the inputs and every name that `of` defines.

    `of` is an expression or an equation, `y = 1/(1+exp(-a*x))`; then `a*y*(1-y)` may be claimed. In a text,
    `shapes` gives the inputs that are vectors, ("n",), or matrices, ("m", "n"); the claim must then have the
    shape of the variable, or for a result that is an array the result's sizes and then the variable's.

    Raises:
        InputError: the claim or the function cannot be read, or uses an unknown name.
        DomainError: no point of the domain was found.
    """
    tape = trace(of, shapes=shapes)
    (name,) = chosen_names(tape, wrt)
    if tape.has_arrays:
        return _of_arrays(claim, tape, name)
    claimed = _expression(claim)
    known = {sym.name for sym in tape.by_name}
    for sym in symbols(claimed):
        if sym.name not in known:
            raise InputError(f"unknown name {sym.name!r} in the claim", way_out=did_you_mean(sym.name, known))
    derivative = _derivative(tape, name)
    for model in _more_models(tape, claimed):
        true = model.adjoints[tape.variables[name.name]]
        given = evaluate(model.m, claimed, {}, model)
        if _differ(model.m, given, true, model.magnitude(bar(tape.variables[name.name]))):
            return Verdict(False, _floats(model.point), float(given), float(true), derivative)
    return Verdict(True, derivative=derivative)


def _of_arrays(claim: Any, tape: Tape, name: Sym) -> Verdict:
    if not isinstance(claim, str):
        raise InputError("a claim about arrays is a text", way_out="write it in the language, as 'A.T @ x'")
    ok, point, claimed, true = array_verdict(claim, tape, name)
    return Verdict(True) if ok else Verdict(False, point, claimed, true)


def check_equal(one: str | sympy.Expr, other: str | sympy.Expr) -> Verdict:
    """Whether two expressions are equal wherever both are defined.

    Where they agree or differ by very little, the difference is looked at in more and more digits: a true
    one stays, one that is rounding shrinks. Points on both sides of each kink are tried, if they are found.

    Raises:
        InputError: one of them cannot be read.
        DomainError: no point was found at which both are defined.
    """
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
            _values(context(), left - right, point)
            return tuple(_values(context(20), apart, point) > 0 for apart in sides)
        except DomainError:
            return None

    for point in sample(names, side, POINTS):
        if _stays_apart(left - right, point):
            a, b = (float(_values(context(), root, point)) for root in (left, right))
            return Verdict(False, {n: float(v) for n, v in point.items()}, a, b)
    return Verdict(True)


def _values(m: Any, root: Expr, point: Mapping[str, Any]) -> Any:
    at = {Sym(n): number(m, Num(v)) for n, v in point.items()}
    return evaluate(m, root, {}, looked_up(at))


def _stays_apart(difference: Expr, point: Mapping[str, Any]) -> bool:
    """Whether a difference is not zero: in two precisions it comes out the same."""
    before = None
    for digits in PRECISIONS:
        now = _values(context(digits), difference, point)
        if before is not None and now and abs(now - before) < abs(now) / 10:
            return True
        before = now
    return False


def _kink_sides(root: Expr) -> list[Expr]:
    """What changes sign at each kink of an expression."""
    found = []
    for node in postorder(root):
        rule = RULES.get(node.op.name)
        if rule is not None and rule.kink is not None:
            left, right = rule.kink(*node.args)
            found.append(as_expr(left) - as_expr(right))
    return found


def _more_models(tape: Tape, claimed: Expr) -> list[Model]:
    """Models at points where the claim has a value too; a claim with no value anywhere is refused."""
    usable = []
    for model in models_of(tape):
        try:
            evaluate(model.m, claimed, {}, model)
        except DomainError:
            continue
        usable.append(model)
    if not usable:
        raise DomainError("the claim has no real value at any point tried", where=str(claimed))
    return usable


def _derivative(tape: Tape, name: Sym) -> Any:
    try:
        return reverse(tape, name.name).gradient[name.name]
    except UsageError:
        return None


def _expression(source: Any) -> Expr:
    import sympy  # start-up: a text needs no SymPy

    return parse_expression(source) if isinstance(source, str) else from_sympy(sympy.sympify(source))


def _differ(m: Any, given: Any, true: Any, floor: Any) -> bool:
    scale = max(abs(given), abs(true), floor)
    return bool(abs(given - true) > scale * m.mpf(10) ** -AGREED_DIGITS)


def _floats(point: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in point.items()}


def array_verdict(claim: str, tape: Tape, name: Sym) -> tuple[bool, Mapping[str, Any], Any, Any]:
    """(whether the claim holds, the point, what is claimed there, the true value), arrays as lists.

    A claim in another shape than that of the derivative is false, whatever its entries.

    Raises:
        InputError: the claim cannot be read, or uses an unknown name.
        DomainError: the claim has no value at any point tried.
    """
    claimed = _read(claim, tape)
    found: tuple[bool, Mapping[str, Any], Any, Any] | None = None
    for model in models_of(tape):
        try:
            given = evaluate(model.m, claimed, {}, model)
        except DomainError:
            continue
        true = evaluate(model.m, Expr(PARTIAL, tape.result, name), {}, model)
        point = {key: nested(value) for key, value in model.point.items()}
        found = not _arrays_differ(model, given, true, name), point, nested(given), nested(true)
        if not found[0]:
            return found
    if found is None:
        raise DomainError("the claim has no real value at any point tried", where=claim)
    return found


def _read(claim: str, tape: Tape) -> Expr:
    names = {name.name: name for name in tape.by_name}
    sizes = {str(part) for _, name in tape.inputs for part in name.shape}
    claimed = parse_expression(claim, names, sizes)
    for sym in symbols(claimed):
        if sym.name not in names:
            way_out = did_you_mean(sym.name, names)
            raise InputError(f"unknown name {sym.name!r} in the claim", way_out=way_out)
    return claimed


def _arrays_differ(model: Any, given: Any, true: Any, name: Sym) -> bool:
    if getattr(given, "shape", ()) != getattr(true, "shape", ()):
        return True
    apart = max(abs(a - b) for a, b in zip(flat(given), flat(true), strict=True))
    sizes = [model.magnitude(bar(model.tape.variables[name.name])), *map(abs, flat(true))]
    return bool(apart > max(sizes) * model.m.mpf(10) ** -AGREED_DIGITS)
