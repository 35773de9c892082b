"""Functions that are not specified, f in y = f(x): operations with a name, and no value of their own.

f′ and ∂₂f are operations too, so that a derivative is written as on paper, f′(g(x))·g′(x), and remains a
formula. Which f is meant is told by the name and the number of arguments. Of one argument it acts entry by
entry on arrays; of several, arrays among them, it is a number, as a loss l(o, y) is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

from symdiff.expr.notation import Binding, Notation, Op
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape, Shaped, ShapeRule, elementwise, refuse
from symdiff.expr.timed import Braced, Series
from symdiff.expr.tree import Expr


@dataclass(frozen=True, slots=True, eq=False)
class Unspecified(Op):
    """A function without a formula, differentiated by its arguments with the numbers `by`, from 0, in order.

    f has by = (), f″ has (0, 0), ∂₂f has (1,). Made by `unspecified`, once each: identity is what compares.
    """

    function: str = ""
    by: tuple[int, ...] = ()

    def __reduce__(self) -> tuple[Callable[..., Op], tuple[object, ...]]:
        parts = (self.function, self.arity, self.by) if self.arity else (self.function, self.by)
        return (unspecified if self.arity else _sign), parts

    def derivative(self, place: int) -> Unspecified:
        """The derivative by the argument with this number; ∂₁∂₂f and ∂₂∂₁f are the same."""
        assert self.arity
        return unspecified(self.function, self.arity, tuple(sorted((*self.by, place))))


@cache
def unspecified(function: str, arity: int, by: tuple[int, ...] = ()) -> Unspecified:
    """The function of this name and so many arguments, or a derivative of it."""
    shape: ShapeRule = elementwise if arity == 1 else _of_several(by)
    return Unspecified(
        _spelled(function, arity, by),
        arity,
        Notation("call", "", "", Binding.ATOM),
        shape,
        function=function,
        by=by,
    )


@cache
def _of_several(by: tuple[int, ...]) -> ShapeRule:
    """A function of several arguments is a number; its derivative by one of them has the shape of that."""

    def shape(name: str, args: Sequence[Shaped]) -> Shape:
        found = [args[place].shape for place in by]
        if len(by) > 1 and any(found):
            refuse(name, args, "a second derivative is taken by numbers")
        return found[0] if found else ()

    return shape


def _spelled(function: str, arity: int, by: tuple[int, ...]) -> str:
    """f, D(f), D(D(f)), D[2](f), D[1, 2](f), as Maple writes derivatives of functions."""
    if arity > 1 and by:
        return f"D[{', '.join(str(place + 1) for place in by)}]({function})"
    for _ in by:
        function = f"D({function})"
    return function


@cache
def _sign(function: str, by: tuple[int, ...]) -> Unspecified:
    notation = Notation("function_sign", "", "", Binding.ATOM)
    return Unspecified(f"the function {_spelled(function, 2, by)}", 0, notation, function=function, by=by)


def function_sign(function: str, by: tuple[int, ...] = ()) -> Expr:
    """f or ∂₂f alone, without arguments, as it stands in a sentence."""
    return Expr(_sign(function, by))


def functions_in(formulas: Iterable[Expr]) -> Iterator[Unspecified]:
    """The functions without a formula in formulas, sums over time included, in reading order."""
    seen: set[int] = set()
    for formula in formulas:
        stack = [formula]
        while stack:
            node = stack.pop()
            if isinstance(node, Series | Braced):
                stack.append(node.body)
            elif node.args and id(node) not in seen:
                seen.add(id(node))
                stack += node.args[::-1]
                if isinstance(node.op, Unspecified):
                    yield node.op


def function_names(formulas: Iterable[Expr]) -> frozenset[str]:
    """The names of the functions without a formula in formulas."""
    return frozenset(op.function for op in functions_in(formulas))
