"""The border with SymPy: users' SymPy expressions to ours, and results to SymPy.

`to_sympy` writes every function in SymPy's own terms; with `opaque=True` a function that SymPy lacks stays an
unevaluated function of the same name, so that the way back gives σ(x) for σ(x).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from symdiff.algebra.tidy import constant, tidy
from symdiff.errors import InputError, shorten
from symdiff.expr import tree as e
from symdiff.expr.conditions import INDICATOR, NOT, WHERE, negated
from symdiff.expr.names import check_name
from symdiff.expr.operations import DIGAMMA, EXP, GREATER, POLYGAMMA, POSITIVE, SQRT
from symdiff.expr.tree import Expr, Num, Sym, postorder
from symdiff.expr.unspecified import Unspecified, unspecified
from symdiff.language.reader import is_order
from symdiff.rules.table import RULES, functions, rule_of

if TYPE_CHECKING:
    import sympy

Symbols = Mapping[str, Any]


def to_sympy(root: Expr, symbols: Symbols | None = None, opaque: bool = False) -> sympy.Expr:
    """`root` in SymPy; a name becomes `symbols[name]` or a plain symbol."""
    done: dict[int, Any] = {}
    for node in postorder(root):
        args = [done[id(arg)] for arg in node.args]
        done[id(node)] = apply_operation(node, args, symbols or {}, opaque)
    return done[id(root)]


def apply_operation(node: Expr, args: list[Any], symbols: Symbols | None = None, opaque: bool = True) -> Any:
    """One node in SymPy, its arguments being there already."""
    import sympy  # here for start-up time: SymPy takes longer to import than all else

    if isinstance(node, Num):
        return sympy.Rational(node.value.numerator, node.value.denominator)
    if isinstance(node, Sym):
        return (symbols or {}).get(str(node)) or sympy.Symbol(str(node))
    rule = rule_of(node)
    native = getattr(sympy, rule.op.name, None)
    if native is not None and rule.sympy is None:
        return native(*args) if rule.op.arity else native
    if rule.sympy is not None and not (opaque and rule.formula):
        return rule.sympy(sympy, *args)
    return sympy.Function(rule.op.name)(*args)


def from_sympy(root: Any, known: Mapping[Any, Expr] | None = None) -> Expr:
    """A SymPy expression as ours; `known` gives the form to write for subexpressions met before."""
    done: dict[Any, Expr] = dict(known or {})
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if node in done:
            continue
        children = _children(node)
        plain = node.is_Atom or node.is_Add or node.is_Mul or node.is_Pow
        if _applied(node) is None and (node.is_Function or not plain):
            _known_name(node)
        if ready or not children:
            done[node] = _read(node, [done[child] for child in children])
        else:
            stack.append((node, True))
            stack.extend((child, False) for child in children)
    return done[root]


def _children(node: Any) -> list[Any]:
    applied = _applied(node)
    if applied is not None:
        return list(applied[1])
    # SymPy's order of printing, but 1 + x where it has x + 1.
    if node.is_Add:
        terms = list(node.as_ordered_terms())
        numbers_first = len(terms) == 2 and terms[1].is_number
        return terms[::-1] if numbers_first else terms
    if node.is_Mul:
        coefficient, rest = node.as_coeff_Mul()
        return [coefficient, *(f for f in rest.as_ordered_factors())]
    if type(node).__name__ == "Piecewise":
        return [part for pair in node.args for part in pair.args]
    return list(node.args)


def _applied(node: Any) -> tuple[Unspecified, tuple[Any, ...]] | None:
    """The function without a formula that a node applies, or a derivative of it, and its arguments.

    SymPy writes f′(2x) as the derivative of f(ξ) by ξ with 2x put in for ξ.
    """
    places = dict(zip(node.variables, node.point, strict=True)) if node.func.__name__ == "Subs" else {}
    inner = node.expr if places else node
    letters = inner.variables if inner.func.__name__ == "Derivative" else ()
    call = inner.expr if letters else inner
    if type(type(call)).__name__ != "UndefinedFunction" or call.func.__name__ in RULES:
        return None
    if (places and not letters) or not all(_is_one_argument(letter, call.args) for letter in letters):
        return None
    by = tuple(sorted(call.args.index(letter) for letter in letters))
    name = check_name(call.func.__name__)
    return unspecified(name, len(call.args), by), tuple(places.get(arg, arg) for arg in call.args)


def _is_one_argument(letter: Any, args: tuple[Any, ...]) -> bool:
    """Whether a letter is one of the arguments and stands in no other one."""
    return letter in args and sum(bool(arg.has(letter)) for arg in args) == 1


def _read(node: Any, args: list[Expr]) -> Expr:
    applied = _applied(node)
    if applied is not None:
        return Expr(applied[0], *args)
    if type(node).__name__ == "BooleanTrue":
        return e.ONE
    if node.is_Symbol:
        return Sym(check_name(node.name))
    if node.is_Rational:
        return _number(int(node.p), int(node.q))
    if node.is_Float:
        return _decimal(str(node))
    if node.is_Add:
        return tidy(e.total(args))
    if node.is_Mul:
        result = args[0]
        for arg in args[1:]:
            result = result * arg
        return tidy(result)
    if node.is_Pow:
        return _power(*args)
    return _function(node, args)


def _number(p: int, q: int) -> Expr:
    return Num(p) if q == 1 else (Num(p) / Num(q) if p > 0 else -(Num(-p) / Num(q)))


def _decimal(text: str) -> Expr:
    return Num(Fraction(text), text.rstrip("0") if "e" not in text else "")


def _power(base: Expr, exponent: Expr) -> Expr:
    value = constant(exponent)
    if value == Fraction(1, 2):
        return Expr(SQRT, base)
    if value == Fraction(-1, 2):
        return 1 / Expr(SQRT, base)
    if value is not None and value < 0:
        return 1 / (base if value == -1 else base ** Num(-value))
    return base ** tidy(exponent)


def _function(node: Any, args: list[Expr]) -> Expr:
    name = _known_name(node)
    if name == "exp":
        return Expr(EXP, tidy(args[0]))
    if name in ("max", "min"):
        op = RULES[name].op
        result = args[0]
        for arg in args[1:]:
            result = Expr(op, result, arg)
        return result
    if name == "Heaviside":
        return Expr(POSITIVE, args[0]) if args[1] == e.ZERO else Expr(GREATER, args[0], e.ZERO)
    if name == "piecewise":
        return _piecewise(args)
    rule = RULES[name]
    if rule.op is POLYGAMMA and args[0] == e.ZERO:
        return Expr(DIGAMMA, args[1])
    if rule.op is POLYGAMMA and not is_order(args[0]):
        raise InputError("the order of polygamma is a whole number", where=shorten(str(node)))
    if rule.op is NOT:
        return negated(args[0])
    if rule.op.arity is not None and rule.op.arity != len(args):
        raise InputError(f"{name} with {len(args)} arguments cannot be read", where=shorten(str(node)))
    return Expr(rule.op, *args)


def _piecewise(args: list[Expr]) -> Expr:
    """A Piecewise, whose arguments are values and conditions in turn; the last condition is true."""
    *pairs, last, condition = args
    if condition != e.ONE:
        raise InputError("a Piecewise without a last case", way_out="end it with (value, True)")
    found = last
    for place in reversed(range(0, len(pairs), 2)):
        found = Expr(WHERE, pairs[place + 1], pairs[place], found)
    return _indicator_of(found)


def _indicator_of(found: Expr) -> Expr:
    """{1 if c, 0 otherwise} as 1[c]."""
    is_indicator = found.op is WHERE and found.args[1:] == (e.ONE, e.ZERO)
    return Expr(INDICATOR, found.args[0]) if is_indicator else found


_OUR_NAMES = {"Abs": "abs", "Max": "max", "Min": "min", "Pi": "pi", "Exp1": "e", "Piecewise": "piecewise"}
_OUR_NAMES |= {"StrictLessThan": "<", "LessThan": "<=", "StrictGreaterThan": ">", "GreaterThan": ">="}
_OUR_NAMES |= {"Equality": "==", "Unequality": "!=", "And": "and", "Or": "or", "Not": "not"}
_OUR_NAMES |= {"gamma": "tgamma", "loggamma": "lgamma"}


def _known_name(node: Any) -> str:
    """Our name of a SymPy function; an InputError for a function without a row."""
    name = _OUR_NAMES.get(type(node).__name__, type(node).__name__)
    if name not in RULES and name != "piecewise" and not (name == "Heaviside" and 2 * node.args[1] in (0, 1)):
        known = ", ".join(sorted(functions()))
        way_out = f"known: {known}; add a row in symdiff/rules/scalar_rows.py"
        raise InputError(f"no rule for {name!r}", where=shorten(str(node)), way_out=way_out)
    return name
