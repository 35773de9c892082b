"""A recurrence on arrays read as one on numbers, as textbooks introduce it: h_t = tanh(u·x_t + w·h_{t−1})."""

from __future__ import annotations

from collections.abc import Mapping

from symdiff.expr import operations as a
from symdiff.expr.leaves import Filled
from symdiff.expr.operations import is_array
from symdiff.expr.tree import (
    MATMUL,
    MUL,
    ONE,
    TRANSPOSE,
    ZERO,
    Expr,
    Sym,
    postorder,
)
from symdiff.language.recurrence import Definitions, Recurrence


def scalar_recurrence(of: Recurrence) -> Recurrence | None:
    """The recurrence of the states with every name a number: A·x as the product of two numbers.

    What makes no sense for numbers, as a softmax, is left out with all that needs it; None if a state is.
    """
    found: dict[Sym, Expr] = {}
    missing: set[str] = set()
    for name, formula in of.cell:
        read = None if missing & {stem for stem, _ in of.times_in(formula)} else as_scalar(formula)
        if read is None:
            missing.add(of.stem(name))
        else:
            found[_number(name)] = read
    if not of.states or missing & {of.stem(state) for state in of.states}:
        return None
    initial = {_number(name): as_scalar(formula) for name, formula in of.initial.items()}
    return _of_states(of, found, {n: f for n, f in initial.items() if f is not None})


def _of_states(of: Recurrence, cell: Mapping[Sym, Expr], initial: Mapping[Sym, Expr]) -> Recurrence:
    """The definitions that the states need, with the inputs and sequences that these use."""
    wanted = {of.stem(state) for state in of.states}
    kept: list[tuple[Sym, Expr]] = []
    for name, formula in reversed(list(cell.items())):
        if of.stem(name) in wanted:
            wanted |= {stem for stem, _ in of.times_in(formula)}
            kept.insert(0, (name, formula))
    definitions: Definitions = tuple(kept)
    used = {s.name for _, f in (*definitions, *initial.items()) for s in postorder(f) if isinstance(s, Sym)}
    return Recurrence(
        of.index,
        of.horizon,
        of.first,
        tuple(_number(name) for name in of.inputs if name.name in used),
        tuple(_number(stem) for stem in of.sequences if stem.name in wanted),
        definitions,
        initial,
    )


def as_scalar(formula: Expr) -> Expr | None:
    """A formula with every name a number; None if some operation makes no sense then."""
    done: dict[int, Expr] = {}
    for node in postorder(formula):
        read = _read(node, [done[id(arg)] for arg in node.args])
        if read is None:
            return None
        done[id(node)] = read
    return done[id(formula)]


_PRODUCTS = (MATMUL, a.DOT, a.INNER, a.OUTER)
_UNCHANGED = (TRANSPOSE, a.SUM, a.TRACE, a.DIAG)
"""Operations that leave a number unchanged."""


def _read(node: Expr, args: list[Expr]) -> Expr | None:
    if isinstance(node, Sym):
        return _number(node)
    if isinstance(node, Filled):
        return {"zeros": ZERO, "ones": ONE, "eye": ONE}.get(node.what)
    if not node.args:
        return node
    if node.op in _PRODUCTS:
        return Expr(MUL, *args)
    if node.op in _UNCHANGED:
        return args[0]
    return None if is_array(node.op) else Expr(node.op, *args)


def _number(name: Sym) -> Sym:
    return Sym(name.name)
