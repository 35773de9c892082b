"""Values of expressions in balls: real numbers of reasonable size, or a DomainError.

Evaluation uses `Rule.value` of each operation, in a numeric context (see `balls`); no derivative is known
here. Shared subexpressions are computed once, and deep ones without recursion. A `Program` is an expression
as a list of operations, for its values at many points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from symdiff.errors import DomainError, shorten
from symdiff.expr.memory import cached_by_identity
from symdiff.expr.operations import is_array
from symdiff.expr.tree import ALL, Expr, Num, Sym, postorder
from symdiff.proof.balls import Balls
from symdiff.rules.arrays import Array, each
from symdiff.rules.table import rule_of

Value = Any
"""A number of the context, or an array of them."""
Known = Callable[[Expr], Value | None]
"""The value of a node that is not to be computed from its arguments, or None."""


def looked_up(values: Mapping[Any, Value]) -> Known:
    """The names of a table as known values."""
    return lambda node: values.get(node)


def evaluate(m: Balls, root: Expr, values: dict[int, Value], known: Known) -> Value:
    """The value of `root`; `values` keeps those of shared subexpressions, `known` gives the names'.

    Raises:
        DomainError: there is no real value of reasonable size.
        Undecided: more bits are needed to say which branch is taken.
    """
    with m:
        for node in postorder(root, stop=lambda n: id(n) in values):
            if id(node) not in values:
                values[id(node)] = value_of(m, node, values, known)
    return values[id(root)]


def value_of(m: Balls, node: Expr, values: dict[int, Value], known: Known) -> Value:
    """The value of one node whose arguments' values are in `values`."""
    found = known(node)
    if found is not None:
        return found
    if isinstance(node, Num):
        return m.number(node.value)
    if isinstance(node, Sym):
        raise DomainError(f"no value for {node}")
    if node is ALL:
        return ALL
    return computed(m, node, operation(node), [values[id(arg)] for arg in node.args])


def operation(node: Expr) -> Callable[..., Value]:
    """The operation of `node` on values, entry by entry where it is one on numbers and they are arrays."""
    value = rule_of(node).value
    if is_array(node.op) or not any(arg.shape for arg in node.args):
        return value

    def entrywise(m: Balls, *args: Value) -> Value:
        for arg in args:
            if type(arg) is Array:
                return each(lambda *numbers: value(m, *numbers), *args)
        return value(m, *args)

    return entrywise


def computed(m: Balls, node: Expr, value: Callable[..., Value], args: list[Value]) -> Value:
    """The value of an operation; a DomainError names `node` where it has none."""
    try:
        return m.checked(value(m, *args))
    except ZeroDivisionError:
        raise DomainError("no real value", where=shorten(str(node))) from None
    except DomainError as error:
        raise DomainError(error.what, where=shorten(str(node))) from None


class Program:
    """Expressions as one list of operations, for their values at many points."""

    def __init__(self, *roots: Expr) -> None:
        places: dict[int, int] = {}
        steps: list[tuple[Expr, Callable[..., Value] | None, tuple[int, ...]]] = []
        for root in roots:
            for node in postorder(root, stop=lambda n: id(n) in places):
                if id(node) not in places:
                    value = operation(node) if node.args else None
                    steps.append((node, value, tuple([places[id(arg)] for arg in node.args])))
                    places[id(node)] = len(places)
        self.steps = tuple(steps)
        self.roots = tuple([places[id(root)] for root in roots])

    def __call__(self, m: Balls, known: Known) -> list[Value]:
        """The values of the expressions where leaves have those of `known`."""
        values: list[Value] = []
        with m:
            for node, value, places in self.steps:
                if value is None:
                    found = known(node)
                    values.append(value_of(m, node, {}, known) if found is None else found)
                else:
                    values.append(computed(m, node, value, [values[place] for place in places]))
        return [values[root] for root in self.roots]


@cached_by_identity
def program_of(root: Expr) -> Program:
    """The program of an expression, made once."""
    return Program(root)
