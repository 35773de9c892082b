"""The form people write: a derivative in the inputs and the names the author gave, a·y·(1 − y).

A general search, no list of answers. For each named value v = R(inputs): (1) solve R = v for a
function that the derivative contains and put the solution in, as 1/(1+E) = y gives E = (1−y)/y;
(2) take v out as a factor; (3) take v off as a term. Each result is simplified by rational algebra
only. A form is taken if it is shorter and defined wherever the closed form is: no division by what
could vanish is brought in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from symdiff.closed import CLOSED, in_inputs, known_forms, roots, simplifications, transcendental, weight
from symdiff.expr import Expr, Num, Sym, size
from symdiff.symbolic import from_sympy, to_sympy
from symdiff.tape import Tape
from symdiff.tidy import monomial, tidy

MOST_NAMES = 8
WORTH, WORTH_RATIONAL = 0.4, 2.0
"""How much shorter a form must be: 1 − y² for 1 − tanh²x is welcome, −y² for −1/x² is not."""
_LAST = "\uffff"


@dataclass(frozen=True, slots=True)
class Compact:
    """`form` in the author's names; `pieces` justify it, each an equality (subexpression, its value).

    `between` is the closed form with the pieces put in and nothing else done, where that helps.
    """

    form: Expr
    pieces: tuple[tuple[Expr, Expr], ...]
    between: Expr | None


def compact_form(tape: Tape, closed: Expr) -> Compact | None:
    """The shortest form of `closed` in the author's names, or None if none is shorter."""
    best: Compact | None = None
    current = closed
    for name, definition in _named_values(tape):
        found = _with_name(current, name, definition)
        if found is not None:
            pieces = (best.pieces if best else ()) + found.pieces
            best = Compact(found.form, pieces, None if best else found.between)
            current = found.form
    return best


def _named_values(tape: Tape) -> list[tuple[Sym, Expr]]:
    """The output and the author's intermediate names, each with its formula in the inputs."""
    inputs = dict(tape.inputs)
    named = [(name, var) for var, name in tape.names.items() if var not in inputs]
    found = []
    for name, var in reversed(named[-MOST_NAMES:]):
        formula = in_inputs(tape, var)
        if formula is not None and formula.args and size(formula, CLOSED) < CLOSED:
            found.append((name, formula))
    return found


def _with_name(closed: Expr, name: Sym, definition: Expr) -> Compact | None:
    """The best form of `closed` that uses one named value."""
    import sympy

    whole, value = to_sympy(closed, opaque=True), to_sympy(definition, opaque=True)
    symbol = sympy.Symbol(_LAST + str(name))
    known = known_forms(closed, definition, -definition) | {symbol: name}
    gain = WORTH if transcendental(value) | roots(value) else WORTH_RATIONAL
    best, pieces, least = None, None, weight(closed) - gain
    seen = set()
    for candidate, solved in _candidates(whole, symbol, value):
        for form in simplifications(candidate):
            if form in seen or not form.has(symbol) or not _sound(form, whole, symbol, value):
                continue
            seen.add(form)
            written = from_sympy(form, known)
            if weight(written) < least:
                best, pieces, least = written, solved, weight(written)
    return None if best is None else _justified(closed, name, definition, best, pieces, symbol)


def _candidates(whole: Any, symbol: Any, value: Any) -> Iterator[tuple[Any, Any]]:
    """Forms of `whole` with `symbol` in place of `value`, with the substitution solved for, if any."""
    import sympy

    yield whole.subs(value, symbol), None
    yield sympy.expand_mul(whole).subs(value, symbol), None
    solved = _solve(whole, symbol, value)
    if solved is not None:
        yield solved
    yield symbol * sympy.cancel(whole / value), None
    for sign in (1, -1):
        yield sign * symbol + sympy.expand_mul(whole - sign * value), None


def _solve(whole: Any, symbol: Any, value: Any) -> tuple[Any, Any] | None:
    """Eliminate the first function g in which `value` = `symbol` is linear, up to a power of g."""
    import sympy

    functions = sorted(transcendental(whole) & transcendental(value) | roots(value), key=str)
    generators = {f: sympy.Dummy() for f in functions if not _is_reciprocal(f, functions)}
    plain_whole, plain_value = (_replace(form, generators) for form in (whole, value))
    for function, g in generators.items():
        numerator = sympy.fraction(sympy.together(plain_value - symbol))[0]
        if not plain_whole.has(g) or not numerator.is_polynomial(g):
            continue
        terms = sympy.Poly(numerator, g).as_dict()
        power = max((k for (k,) in terms), default=0)
        if power and set(terms) <= {(0,), (power,)}:
            solution = sympy.factor(-terms.get((0,), 0) / terms[(power,)])
            reduced = _reduce(plain_whole, g, power, solution)
            back = {dummy: f for f, dummy in generators.items()}
            if transcendental(solution.subs(back)):
                continue
            if reduced is not None and _never_zero(sympy.fraction(solution.subs(back))[1].subs(symbol, value)):
                return reduced.subs(back), (function**power, solution.subs(back))
    return None


def _reduce(form: Any, g: Any, power: int, solution: Any) -> Any:
    """`form` with g**power replaced by `solution`; None if another power of g remains."""
    import sympy

    over, under = sympy.fraction(sympy.cancel(sympy.together(form)))
    parts = []
    for part in (over, under):
        if not part.is_polynomial(g):
            return None
        terms = sympy.Poly(part, g).as_dict()
        if any(k % power for (k,) in terms):
            return None
        parts.append(sum(c * solution ** (k // power) for (k,), c in terms.items()))
    return sympy.cancel(parts[0] / parts[1])


def _is_reciprocal(function: Any, functions: list[Any]) -> bool:
    import sympy

    inverse = sympy.exp(-function.args[0]) if isinstance(function, sympy.exp) else None
    return inverse in functions and str(inverse) < str(function)


def _replace(form: Any, generators: dict[Any, Any]) -> Any:
    import sympy

    table = dict(generators)
    for function, g in generators.items():
        if isinstance(function, sympy.exp):
            table[sympy.exp(-function.args[0])] = 1 / g
        if function.is_Pow:
            table[1 / function] = 1 / g
    return form.subs(table)


def _sound(form: Any, whole: Any, symbol: Any, value: Any) -> bool:
    """No function new to `whole`, and no denominator that `whole` and the value do not have."""
    import sympy

    if not transcendental(form) <= transcendental(whole) | transcendental(value):
        return False
    under = sympy.fraction(sympy.together(form))[1].subs(symbol, value)
    own = sympy.fraction(sympy.together(whole))[1]
    return _never_zero(1 / sympy.cancel(sympy.together(own / under)))


def _never_zero(form: Any) -> bool:
    """Whether the numerator of `form` is a number times exponentials, and so has no zero."""
    import sympy

    over = sympy.fraction(sympy.cancel(sympy.together(form)))[0]
    bases = [factor.as_base_exp()[0] for factor in sympy.Mul.make_args(over)]
    return all(base.is_number or isinstance(base, sympy.exp) for base in bases)


def _justified(closed: Expr, name: Sym, definition: Expr, form: Expr, solved: Any, symbol: Any) -> Compact:
    """The record of how `form` follows: the pieces' values in the name, and the form between."""
    if solved is None:
        return Compact(form, ((definition, name),), None)
    import sympy

    known = known_forms(closed, definition, -definition) | {symbol: name}
    function, solution = solved
    pieces = {from_sympy(function, known): from_sympy(solution, known)}
    for base in _factors_with(closed, function):
        value = sympy.factor(sympy.cancel(to_sympy(base, opaque=True).subs(function, solution)))
        if value.has(symbol):
            pieces[base] = from_sympy(value, known)
    between = _put_in(closed, pieces)
    return Compact(form, tuple(pieces.items()), None if between == form else between)


def _factors_with(closed: Expr, function: Any) -> list[Expr]:
    """The sums among the factors of `closed` that contain the function solved for."""
    bases = monomial(closed).powers
    sums = [base for base in bases if base.op.name in ("+", "-")]
    return [base for base in sums if to_sympy(base, opaque=True).has(function)]


def _put_in(closed: Expr, pieces: dict[Expr, Expr]) -> Expr | None:
    """The product `closed` with each piece replaced by its value, factor by factor, nothing joined."""
    term = monomial(closed)
    if not any(base in pieces for base in term.powers):
        return None
    result: Expr | None = Num(term.coefficient) if term.coefficient != 1 else None
    for base, power in term.powers.items():
        factor = tidy(pieces.get(base, base) ** Num(power))
        result = factor if result is None else result * factor
    return result
