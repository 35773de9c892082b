"""Forms of formulas for the second reading: equal ones have one number, signs stand before products.

Conditions have forms too. A comparison where a number is wanted and a number where a condition is wanted are
written alike by both readings; an entry that is −∞ in a mask stands in the last place of `where`, also where
a mask is added to what it masks.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import field

from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape

Signed = tuple[int, int]
"""A sign, and the number of what stands behind it."""
PRODUCTS = ("*", "/")
AROUND = ("transpose", "row", "column")
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "==", "and": "or", "or": "and"}
_CONDITIONS = {*_OPPOSITE, "not"}


@dataclass
class Forms:
    """Forms of both readings; with `loose` transposes and axes are left out.

    `shapes` are those of the forms that stand in the expression.
    """

    loose: bool
    numbers: dict[Hashable, int] = field(default_factory=dict)
    parts: dict[int, tuple[str, tuple[Signed, ...]]] = field(default_factory=dict)
    shapes: dict[int, Shape] = field(default_factory=dict)

    def leaf(self, kind: str, value: Hashable) -> Signed:
        return 1, self.numbers.setdefault((kind, value), len(self.numbers))

    def part_of(self, whole: Signed, held: Sequence[Signed] = ()) -> Signed:
        """An entry or a piece of an array; a piece of a column, A[0:2, 1], is one part of A, as typed."""
        earlier = self.parts[whole[1]][1] if self._kind(whole) == "index" else (whole,)
        return self.node("index", [*earlier, *held])

    def node(self, kind: str, args: Sequence[Signed]) -> Signed:
        """An operation: the signs of a product's factors stand before it, others stay where they are."""
        if self.loose and (kind in AROUND or (kind == "stack" and len(args) == 1)):
            return args[0]
        if kind == "where":
            args = self._in_order(args)
        elif kind in ("and", "or"):
            args = [
                part for arg in args for part in (self.parts[arg[1]][1] if self._kind(arg) == kind else [arg])
            ]
        elif kind in "+-*/" and any(map(self._is_mask, args)):
            return self._beside_mask(kind, list(args))
        sign = 1
        if kind in PRODUCTS:
            for each, _ in args:
                sign *= each
            args = [(1, number) for _, number in args]
            if kind == "*" and args[0] == self.leaf("number", 1.0):
                return sign, args[1][1]  # α·u of a formula in which α is 1
        number = self.numbers.setdefault((kind, *args), len(self.numbers))
        self.parts[number] = kind, tuple(args)
        return sign, number

    def compared(self, signs: Sequence[str], sides: Sequence[Signed]) -> Signed:
        """u < v < w: each pair compared, all of which hold."""
        pairs = zip(signs, sides, sides[1:], strict=False)
        found = [self.node(sign, (left, right)) for sign, left, right in pairs]
        return found[0] if len(found) == 1 else self.node("and", found)

    def condition(self, form: Signed) -> Signed:
        """A number as a condition: it is not 0."""
        return form if self._kind(form) in _CONDITIONS else self.node("!=", (form, self.leaf("number", 0.0)))

    def opposite(self, form: Signed) -> Signed:
        kind, args = self.parts.get(form[1], ("", ()))
        if kind == "not":
            return args[0]
        if kind in ("and", "or"):
            args = tuple(map(self.opposite, args))
        return self.node(_OPPOSITE[kind], args) if kind in _OPPOSITE else self.node("not", (form,))

    def _kind(self, form: Signed) -> str:
        return self.parts.get(form[1], ("", ()))[0]

    def _is_lost(self, form: Signed) -> bool:
        return form == (-1, self.leaf("constant", "inf")[1])

    def _in_order(self, args: Sequence[Signed]) -> Sequence[Signed]:
        """The three parts of `where`, −∞ last."""
        condition, first, other = args
        return (self.opposite(condition), other, first) if self._is_lost(first) else args

    def _is_mask(self, form: Signed) -> bool:
        kind, args = self.parts.get(form[1], ("", ()))
        return form[0] == 1 and kind == "where" and self._is_lost(args[2])

    def _beside_mask(self, kind: str, args: list[Signed]) -> Signed:
        """S + M: what counts is S + 0 where the mask has 0."""
        place = next(i for i, arg in enumerate(args) if self._is_mask(arg))
        condition, value, lost = self.parts[args[place][1]][1]
        args[place] = value
        zero = kind == "+" and value == self.leaf("number", 0.0)
        found = args[1 - place] if zero else self.node(kind, args)
        return self.node("where", (condition, found, lost))
