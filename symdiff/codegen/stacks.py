"""Sums over time of outer products as one product of matrices: Σ_t a_t·b_tᵀ = Aᵀ·B, a row for each time.

The sum moves a whole matrix at every time, the product once. An identity of its own, as those of `forms`;
no derivative and no target is known here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from symdiff.algebra.monomials import signed_terms
from symdiff.codegen.sharing import Temporaries
from symdiff.codegen.statements import Statement
from symdiff.expr import tree as e
from symdiff.expr.leaves import Moment, Series, placed
from symdiff.expr.notation import Binding, Notation, Op
from symdiff.expr.operations import OUTER
from symdiff.expr.shapes import Size
from symdiff.expr.tree import Expr, postorder, substitute

STACKED = Op("stacked over time", 0, Notation("leaf", "", "", Binding.ATOM))


class Stacked(Expr):
    """`body` at every time of a sum as the rows of one array, `length` of them; the sum says which times."""

    __slots__ = ("body", "times")

    def __init__(self, body: Expr, times: Series, length: Size) -> None:
        self.op, self.args, self.shape = STACKED, (), (length, *body.shape)
        self.body, self.times = body, times
        self._hash = hash((self.body, times.index, "stacked"))

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stacked) and (self.body, self._range) == (other.body, other._range)

    @property
    def _range(self) -> tuple[str, Moment, Moment]:
        return self.times.index, self.times.low, self.times.high


def as_products(root: Expr, first: Moment, last: Moment, length: Size, stems: Collection[str]) -> Expr:
    """`root` with Aᵀ·B for Σ_t a_t·b_tᵀ from the `first` to the `last` time, of which there are `length`."""
    found: dict[Expr, Expr] = {}
    for node in postorder(root):
        if isinstance(node, Series) and (node.low, node.high) == (first, last):
            product = _product(node, length, stems)
            if product is not None:
                found[node] = product
    return substitute(root, found)


def _product(series: Series, length: Size, stems: Collection[str]) -> Expr | None:
    """Aᵀ·B, or a sum of such products; None where a term is no outer product of two that change with time."""
    result: Expr | None = None
    for sign, term in signed_terms(series.body):
        pair = _pair(term)
        if pair is None or not all(_moves(part, series.index, stems) for part in pair):
            return None
        left, right = (Stacked(part, series, length) for part in pair)
        product = left.transposed @ right
        if result is None:
            result = product if sign > 0 else -product
        else:
            result = result + product if sign > 0 else result - product
    return result


def _pair(term: Expr) -> tuple[Expr, Expr] | None:
    """a, b of c·a·bᵀ, numbers like c as factors of a."""
    if term.op is OUTER:
        return term.args[0], term.args[1]
    if term.op not in (e.NEG, e.MUL, e.DIV):
        return None
    arrays = [i for i, arg in enumerate(term.args) if arg.shape]
    inner = _pair(term.args[arrays[0]]) if len(arrays) == 1 else None
    if inner is None:
        return None
    args = [inner[0] if i in arrays else arg for i, arg in enumerate(term.args)]
    return Expr(term.op, *args), inner[1]


def _moves(part: Expr, index: str, stems: Collection[str]) -> bool:
    return placed(part, {index: Moment("", 0)}, stems) != part


def with_names(statements: Sequence[Statement], temporaries: Temporaries) -> list[Statement]:
    """`statements` with what several of them stack computed once."""
    uses = Counter(
        n for s in statements for n in postorder(s.value) if isinstance(n, Stacked) and n.body.args
    )
    names: dict[Expr, Expr] = {}
    found: list[Statement] = []
    for statement in statements:
        for node in postorder(statement.value):
            if isinstance(node, Stacked) and uses[node] > 1 and node not in names:
                temporary = temporaries.new(node)
                found.append(temporary)
                names[node] = temporary.name
        value = substitute(statement.value, names)
        found.append(Statement(statement.name, value, statement.because))
    return found
