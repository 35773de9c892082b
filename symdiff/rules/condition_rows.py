"""The rows of conditions and of what depends on them: which branch is taken, where entries count.

A condition has no partial: where it changes, two branches meet, which is a kink. There the branch counts that
the condition picks, in the value and in the partials, which is a convention.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symdiff.errors import DomainError
from symdiff.expr import conditions as c
from symdiff.expr.notation import Op
from symdiff.expr.tree import Expr
from symdiff.rules.array_rows import softmax_maps
from symdiff.rules.linear_maps import Inner, LinearMap, RowInner
from symdiff.rules.rule import Rule


def _none(w: Expr, *args: Expr) -> tuple[None, ...]:
    """No partial by any argument: nothing moves with a condition."""
    return (None,) * len(args)


def _compared(op: Op, sympy: str, *signs: int) -> Rule:
    """A comparison, which holds where u − v has one of these signs."""

    def value(m: Any, u: Any, v: Any) -> Any:
        return m.one if any(m.sign(u - v) == sign for sign in signs) else m.zero

    def made(s: Any, u: Any, v: Any) -> Any:
        return getattr(s, sympy)(u, v)

    return Rule(op, value, _none, kink=lambda u, v: (u, v), sympy=made, internal=True)


def _all(m: Any, *holds: Any) -> Any:
    return m.one if all(each == 1 for each in holds) else m.zero


def _any(m: Any, *holds: Any) -> Any:
    return m.one if any(each == 1 for each in holds) else m.zero


def _no_number(m: Any) -> Any:
    raise DomainError("an infinity is no number")


def _counting(name: str) -> Callable[..., Any]:
    def value(m: Any, u: Any, mask: Any) -> Any:
        from symdiff.rules import array_values  # here for start-up time: NumPy takes 60 ms

        return getattr(array_values, name)(m, u, mask)

    return value


def _entries(name: str) -> Callable[..., Any]:
    def entries(*args: Any) -> Any:
        from symdiff.rules import entrywise  # here for start-up time, as above

        return getattr(entrywise, name)(*args)

    return entries


def _of_masked_softmax(w: Expr, u: Expr, mask: Expr) -> tuple[LinearMap | None, ...]:
    """Those of the softmax: entries that do not count have w = 0."""
    return (*softmax_maps(w, u), None)


def _of_masked_logsumexp(w: Expr, u: Expr, mask: Expr) -> tuple[LinearMap | None, ...]:
    share = Expr(c.MASKED_SOFTMAX, u, mask)
    return (Inner(share) if not w.shape else RowInner(share), None)


def _piecewise(s: Any, *pairs: Sequence[Any]) -> Any:
    return s.Piecewise(*pairs)


CONDITION_ROWS = (
    _compared(c.LESS, "Lt", -1),
    _compared(c.AT_MOST, "Le", -1, 0),
    _compared(c.MORE, "Gt", 1),
    _compared(c.AT_LEAST, "Ge", 0, 1),
    _compared(c.SAME, "Eq", 0),
    _compared(c.DIFFERENT, "Ne", -1, 1),
    Rule(c.AND, _all, _none, sympy=lambda s, *u: s.And(*u), internal=True),
    Rule(c.OR, _any, _none, sympy=lambda s, *u: s.Or(*u), internal=True),
    Rule(c.NOT, lambda m, u: m.zero if u == 1 else m.one, _none, sympy=lambda s, u: s.Not(u), internal=True),
    Rule(
        c.WHERE,
        lambda m, holds, u, v: u if holds == 1 else v,
        lambda w, holds, u, v: (None, Expr(c.INDICATOR, holds), Expr(c.INDICATOR, c.negated(holds))),
        sympy=lambda s, holds, u, v: _piecewise(s, (u, holds), (v, True)),
    ),
    Rule(
        c.INDICATOR,
        lambda m, holds: holds,
        _none,
        sympy=lambda s, holds: _piecewise(s, (1, holds), (0, True)),
        internal=True,
    ),
    *(
        Rule(op, _counting(name), maps=maps, entries=_entries(name), internal=True)
        for op, name, maps in (
            (c.MASKED_SOFTMAX, "masked_softmax", _of_masked_softmax),
            (c.MASKED_LOGSUMEXP, "masked_logsumexp", _of_masked_logsumexp),
            (c.MASKED_LOGSUMEXP_ACROSS, "masked_logsumexp", _of_masked_logsumexp),
        )
    ),
    Rule(c.INFINITY, _no_number, lambda w: (), sympy=lambda s: s.oo, aliases=("oo",)),
)
