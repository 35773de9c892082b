"""The forms of steps: a body with its values left open, told from others by a number and written once.

A form is a place for a value, a constant, or an operation on forms. With the order of the values in it
known it is a kind of step (`steps.StepKind`), whose body stands in placeholders u_0, u_1, …
"""

from __future__ import annotations

from symdiff.algebra.monomials import chained
from symdiff.expr import tree as e
from symdiff.expr.notation import Op
from symdiff.expr.operations import known_of
from symdiff.expr.tree import Expr, Num, Sym, leaves
from symdiff.tape.steps import StepKind, slot, step_kind

OPEN = "?"
"""The name of a place for a value, which no author can give."""


class Forms:
    """The forms met so far; each is known by its number from then on."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        self._written: list[Expr] = []
        self._places: dict[int, int] = {}
        self._kinds: dict[object, StepKind] = {}

    def place(self, of: Expr) -> int:
        """The place of a value that looks like `of`: its shape and what is known of it."""
        known = of.assume if isinstance(of, Sym) else known_of(of)
        place = self._numbers.get((of.shape, known))
        return (
            self._form((of.shape, known), Sym(OPEN, shape=of.shape, assume=known)) if place is None else place
        )

    def place_of(self, form: int) -> int:
        """The place of a value that a form stands for."""
        place = self._places.get(form)
        if place is None:
            place = self._places[form] = self.place(self._written[form])
        return place

    def constant(self, node: Expr) -> int:
        """A constant as it is written; 0.5 and 1/2 are equal and yet two forms."""
        texts = tuple(leaf.text for leaf in leaves(node) if isinstance(leaf, Num))
        return self._form(("constant", node, texts), node)

    def operation(self, op: Op, args: tuple[int, ...]) -> int:
        """An operation on forms."""
        number = self._numbers.get((op, args))
        if number is None:
            return self._form((op, args), Expr(op, *(self._written[arg] for arg in args)))
        return number

    def _form(self, key: object, written: Expr) -> int:
        number = self._numbers.setdefault(key, len(self._written))
        if number == len(self._written):
            self._written.append(written)
        return number

    def kind(self, form: int, values: tuple[int, ...], operands: tuple[int, ...]) -> StepKind:
        """The kind of step with the body `form` on these values; `operands` are they, each once, in order."""
        order = (
            tuple([operands.index(value) for value in values]) if len(operands) > 1 else (0,) * len(values)
        )
        found = self._kinds.get((form, order))
        if found is None:
            found = self._kinds[form, order] = self._kind(form, order)
        return found

    def _kind(self, form: int, order: tuple[int, ...]) -> StepKind:
        slots: dict[int, Sym] = {}
        taken = iter(order)

        def filled(node: Expr) -> Expr:
            if isinstance(node, Sym) and node.name == OPEN:
                place = next(taken)
                return slots.setdefault(place, slot(place, node))
            return Expr(node.op, *map(filled, node.args)) if node.args else node

        body = filled(self._written[form])
        ordered = tuple(slots[place] for place in sorted(slots))
        return step_kind(_in_order(body, ordered), ordered)


def _in_order(body: Expr, slots: tuple[Sym, ...]) -> Expr:
    """`body` with each product of names and numbers sorted, numbers first: −w₁w₂, 1 + 2w₁w₂."""
    factors = _factors(body)
    if len(factors) == 1:
        return Expr(body.op, *(_in_order(arg, slots) for arg in body.args)) if body.args else body
    if not all(isinstance(factor, Num | Sym) for factor in factors):
        return body
    return chained(sorted(factors, key=lambda f: slots.index(f) if f in slots else -1))


def _factors(product: Expr) -> list[Expr]:
    if product.op is not e.MUL:
        return [product]
    return _factors(product.args[0]) + _factors(product.args[1])
