"""Which calls are of functions without a formula: f(x), h[t] = f(x[t], h[t-1], w), L = mean(l(o, y)).

The name is no function of the language and none that the author declares or defines, and it is one that
functions have on paper: a letter or a word of `CUSTOMARY`, with an index if any; with several arguments any
letter of the alphabets. Such a name has one number of arguments, and does not stand alone as well. Its
derivatives are written as in Maple, D(f)(x) and D[2](f)(x, y), so that results can be read back.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable

from symdiff.errors import InputError
from symdiff.expr.names import GREEK, split_name
from symdiff.expr.tree import Expr
from symdiff.expr.unspecified import Unspecified, functions_in
from symdiff.language.reading import tell
from symdiff.rules.table import RULES

LETTERS = {*"fghluvFGHL", "ell", "phi", "psi", "chi", "rho", "Phi", "Psi"}
WORDS = {"loss", "cost", "act", "activation", "func", "fun", "fn", "cell", "net", "model", "layer"}
WORDS |= {"score", "kernel", "RNN", "LSTM", "GRU", "MLP", "NN", "Loss", "Cost", "Cell"}
"""Names that are functions by custom, with one argument already."""


def is_unspecified(name: str, arguments: int) -> bool:
    """Whether a call of a name that nothing defines is one of a function without a formula."""
    stem, accent, _ = split_name(name)
    if not arguments or name in RULES or accent in ("bar", "dot"):
        return False
    return stem in LETTERS | WORDS or (arguments > 1 and (len(stem) == 1 or stem in GREEK))


def called_function(node: ast.expr) -> tuple[str, tuple[int, ...]] | None:
    """The function that is called, f in f(x), and by which arguments it is differentiated before.

    D(f)(x) is f′(x) and D(D(f))(x) is f″(x); D[2](f)(x, y) is ∂₂f(x, y). None for any other tree.
    """
    by: tuple[int, ...] = ()
    while isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        places = _places(node.func)
        if places is None:
            return None
        by, node = (*by, *places), node.args[0]
    return (node.id, tuple(sorted(by))) if isinstance(node, ast.Name) else None


def derivative_heads(trees: Iterable[ast.AST]) -> set[int]:
    """What stands before the arguments of a derivative, D(f) in D(f)(x), with all its parts, by identity."""
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    heads = (call.func for call in calls if (called_function(call.func) or ("", ()))[1])
    return {id(part) for head in heads for part in ast.walk(head)}


def _places(operator: ast.expr) -> tuple[int, ...] | None:
    """The arguments, from 0, by which D, D[2] or D[1, 2] differentiates."""
    match operator:
        case ast.Name(id="D"):
            return (0,)
        case ast.Subscript(value=ast.Name(id="D"), slice=ast.Tuple(elts=parts)):
            pass
        case ast.Subscript(value=ast.Name(id="D"), slice=part):
            parts = [part]
        case _:
            return None
    found = [part.value for part in parts if isinstance(part, ast.Constant) and type(part.value) is int]
    return tuple(n - 1 for n in found) if len(found) == len(parts) and min(found) > 0 else None


def check_functions(names: Collection[str], formulas: Iterable[Expr]) -> None:
    """Refuse a function whose name stands alone as well, and one with two numbers of arguments.

    Raises:
        InputError: both readings, and how to say which is meant.
    """
    known: dict[tuple[str, str, str], Unspecified] = {}
    taken = {split_name(name): name for name in names}
    for op in functions_in(formulas):
        key = split_name(op.function)
        if key in taken:
            what = f"{op.function!r} is called like a function, and {taken[key]!r} is a name here"
            way_out = f"rename one; a product is {taken[key]}*(…)"
            raise InputError(what, way_out=way_out)
        other = known.setdefault(key, op)
        if other.arity != op.arity:
            what = f"{op.function!r} is called with {other.arity} and with {op.arity} arguments"
            raise InputError(what, way_out="a function without a formula has one number of arguments")
        if other.function != op.function:
            raise InputError(
                f"the names {other.function!r} and {op.function!r} print alike", way_out="rename one"
            )


def tell_of_functions(formulas: Iterable[Expr]) -> None:
    """Say on standard error, in one line, which functions have no formula."""
    ops = {op.function: op for op in functions_in(formulas)}
    if ops:
        one = len(ops) == 1
        tell(
            f"{', '.join(ops)}: {'a function' if one else 'functions'} without a formula, "
            f"{'whose derivative stays a symbol' if one else 'whose derivatives stay symbols'}"
        )
