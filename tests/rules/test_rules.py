"""The table: every row against two other engines, and the checker against a row that is wrong."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
import sympy
from helpers import FUNCTIONS, M, close, value

from symdiff.expr.tree import Expr, Sym
from symdiff.proof.balls import Balls
from symdiff.rules.array_rows import ARRAY_ROWS, FORM_ROWS
from symdiff.rules.condition_rows import CONDITION_ROWS
from symdiff.rules.linear_maps import Scale, added, composed
from symdiff.rules.rule import Rule
from symdiff.rules.table import RULES as ALL_ROWS
from symdiff.rules.table import functions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OTHERS = (*ARRAY_ROWS, *FORM_ROWS, *CONDITION_ROWS, ALL_ROWS["polygamma"])
RULES = {name: row for name, row in ALL_ROWS.items() if row not in OTHERS}
"""The rows on numbers; those on arrays are checked in `test_array_rules`, others in `test_condition_rows`."""
COORDINATES = ["-2.3", "-1.4", "-0.6", "-0.2", "0.3", "0.7", "1.7", "2.6"]
SECOND: dict[str, Callable[..., Any]] = {
    "+": lambda u, v: u + v,
    "-": lambda u, v: u - v,
    "neg": lambda u: -u,
    "*": lambda u, v: u * v,
    "/": lambda u, v: u / v,
    "**": lambda u, v: u**v,
    "sigmoid": lambda u: 1 / (1 + sympy.exp(-u)),
    "softplus": lambda u: sympy.log(1 + sympy.exp(u)),
    "relu": lambda u: sympy.Max(u, 0),
    "abs": lambda u: sympy.sqrt(u**2),
    "max": sympy.Max,
    "min": sympy.Min,
    "total": lambda *u: sympy.Add(*u),
    "e": lambda: sympy.E,
    "log10": lambda u: sympy.log(u) / sympy.log(10),
    "log2": lambda u: sympy.log(u) / sympy.log(2),
    "tgamma": sympy.gamma,
    "lgamma": sympy.loggamma,
    "positive": lambda u: sympy.Heaviside(u),
    "greater": lambda u, v: sympy.Heaviside(u - v),
}
"""The operations in SymPy's terms, where its function has another name."""


def arity(rule: Rule) -> int:
    return 3 if rule.op.arity is None else rule.op.arity


def result(rule: Rule, at: list[Any]) -> Any:
    """The row's value in 50 digits; None where there is no real one."""
    try:
        found = rule.value(M, *at)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return found if not isinstance(found, M.mpc) and M.isfinite(found) else None


def domain(rule: Rule) -> Iterator[list[Any]]:
    """Points inside the row's domain, away from its boundary."""
    step = M.mpf(10) ** -2
    for at in itertools.product(COORDINATES, repeat=arity(rule)):
        point = [M.mpf(c) for c in at]
        if len(set(at)) < len(at) and rule.kink:
            continue
        near = [[u + k * step for u in point] for k in (-1, 0, 1)]
        if all(result(rule, p) is not None for p in near):
            yield point


def slopes(rule: Rule, at: list[Any]) -> list[Any]:
    """The row's own slopes at a point."""
    names = [Sym(f"u_{i}") for i in range(len(at))]
    known = {str(name): u for name, u in zip(names, at, strict=True)} | {"w": result(rule, at)}
    return [value(slope, known) for slope in rule.slopes(Sym("w"), *names)]


def measured(rule: Rule, at: list[Any], position: int) -> Any:
    """The slope of the row's value in one argument, by mpmath's numerical differentiation."""

    def along(u: Any) -> Any:
        return rule.value(M, *at[:position], u, *at[position + 1 :])

    return M.diff(along, at[position])


def in_sympy(rule: Rule, at: list[Any], position: int | None = None) -> Any:
    """Value, or slope in one argument, by SymPy; None where SymPy has no such function."""
    function = SECOND.get(rule.op.name) or getattr(sympy, rule.op.name, None)
    if function is None:
        return None
    names = sympy.symbols(f"u0:{len(at)}", real=True)
    whole = function(*names) if names or callable(function) else function
    formula = whole if position is None else sympy.diff(whole, names[position])
    numbers = {n: sympy.Float(M.nstr(u, 50), 50) for n, u in zip(names, at, strict=True)}
    return M.mpf(str(formula.subs(numbers).evalf(40)))


def errors_of(rule: Rule, most: int = 40) -> list[str]:
    """Where a row's slopes differ from the measured ones or from SymPy's."""
    points = list(domain(rule))
    found = [] if points else ["no point of the domain"]
    for at in points[:: max(1, len(points) // most)]:
        claimed = slopes(rule, at)
        if len(claimed) != len(at):
            found.append("not one slope an argument")
        for position, claim in enumerate(claimed):
            others = [measured(rule, at, position), in_sympy(rule, at, position)]
            if any(other is not None and not close(claim, other, 20) for other in others):
                found.append(f"{rule.op.name} at {[M.nstr(u, 5) for u in at]}, argument {position}")
    return found


@pytest.mark.parametrize("name", RULES)
def test_every_slope_is_the_slope_of_the_value(name: str) -> None:
    assert errors_of(RULES[name]) == []


@pytest.mark.parametrize("name", RULES)
def test_every_value_is_the_function_of_its_name(name: str) -> None:
    rule = RULES[name]
    for at in list(domain(rule))[:20]:
        for other in (in_sympy(rule, at), FUNCTIONS[name](*at) if name in FUNCTIONS and at else None):
            assert other is None or close(result(rule, at), other, 35)
    if rule.op.arity == 0:
        assert close(rule.value(M), FUNCTIONS[name], 45)


@pytest.mark.parametrize("name", [n for n, row in RULES.items() if arity(row)])
def test_a_row_wrong_by_a_thousandth_is_caught(name: str) -> None:
    rule = RULES[name]
    for position in range(arity(rule)):

        def wrong(w: Expr, *u: Expr, position: int = position) -> tuple[Any, ...]:
            right = list(rule.slopes(w, *u))
            right[position] = right[position] * Sym("w") * 0 + right[position] * 1001 / (Sym("w") * 0 + 1000)
            return tuple(right)

        flat = all(slopes(rule, at)[position] == 0 for at in domain(rule))
        assert flat or errors_of(replace(rule, slopes=wrong))


@pytest.mark.parametrize("name", RULES)
def test_forward_and_reverse_read_transposed_maps(name: str) -> None:
    rule = RULES[name]
    names = [Sym(f"u_{i}") for i in range(arity(rule))]
    tangent, adjoint = Sym("t"), Sym("s")
    for at in list(domain(rule))[:5]:
        known = {str(n): u for n, u in zip(names, at, strict=True)} | {"w": result(rule, at)}
        known |= {"t": M.mpf("1.37"), "s": M.mpf("-0.83")}
        for partial in rule.partials(Sym("w"), *names):
            moved, returned = (
                value(f(n), known) for f, n in ((partial.apply, tangent), (partial.transpose, adjoint))
            )
            assert close(known["s"] * moved, returned * known["t"], 45)


def test_maps_compose_and_add() -> None:
    one, other = Scale(Sym("a")), Scale(Sym("b"))
    known = {"a": M.mpf(3), "b": M.mpf(5), "t": M.mpf(7)}
    assert value(composed(one, other).apply(Sym("t")), known) == 105
    assert value(added(one, other).apply(Sym("t")), known) == 56


KINKED = [n for n, row in RULES.items() if row.kink]


@pytest.mark.parametrize("name", KINKED)
def test_a_row_with_a_kink_has_no_derivative_there(name: str) -> None:
    rule = RULES[name]
    names = [Sym(f"u_{i}") for i in range(arity(rule))]
    at = [M.mpf(0) if len(names) == 1 else M.mpf("0.7")] * len(names)
    place = rule.kink(*names) if rule.kink else ()
    left, right = (value(side, {str(n): u for n, u in zip(names, at, strict=True)}) for side in place)
    assert left == right
    step = M.mpf(10) ** -20
    here, after, before = (rule.value(M, at[0] + k * step, *at[1:]) for k in (0, 1, -1))
    assert not close((after - here) / step, (here - before) / step, 3) or abs(after - before) > 0.1


@pytest.mark.parametrize("name", [n for n in RULES if n not in KINKED and arity(RULES[n])])
def test_a_row_without_a_kink_has_none_inside_its_domain(name: str) -> None:
    rule = RULES[name]
    step = M.mpf(10) ** -20
    for at in [*list(domain(rule))[:20], [M.mpf(0)] * arity(rule)]:
        values = [result(rule, [at[0] + k * step, *at[1:]]) for k in (-1, 0, 1)]
        if None not in values:
            assert close((values[2] - values[1]) / step, (values[1] - values[0]) / step, 8) or name == "sqrt"


def test_the_convention_at_a_kink() -> None:
    zero, same = [M.mpf(0)], [M.mpf("0.7")] * 2
    assert slopes(RULES["relu"], zero) == slopes(RULES["abs"], zero) == slopes(RULES["sign"], zero) == [0]
    assert slopes(RULES["max"], same) == slopes(RULES["min"], same) == [0.5, 0.5]


def test_values_are_stable_far_out() -> None:
    with Balls() as m:
        for name, far in (("sigmoid", 1), ("softplus", 2000)):
            low, high = (RULES[name].value(m, m.number(at)) for at in (-2000, 2000))
            assert 0 < low < m.number(Fraction(1, 10**800))
            assert high.contains(far)
            assert min(low.rel_accuracy_bits(), high.rel_accuracy_bits()) > 150


def test_users_may_call_every_row_that_is_not_internal() -> None:
    callable_rows = {row.op.name for row in functions().values()}
    written_with_signs = {"+", "-", "neg", "*", "/", "**", "@"}
    assert callable_rows == {n for n, row in ALL_ROWS.items() if not row.internal} - written_with_signs
    assert functions()["ln"] is functions()["log"]


def test_the_functions_marked_as_zero_at_zero_are_those_that_are() -> None:
    for name, rule in functions().items():
        if name in RULES and rule.op.arity == 1:
            at_zero = result(rule, [M.mpf(0)])
            assert rule.op.vanishes == (at_zero is not None and at_zero == 0), name
