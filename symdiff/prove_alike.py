"""Rows of a kind in double precision: what they say is compiled once, and run on the true values of each row.

On a long tape each kind of step has been proved in full precision, and the first row of each kind of row
with the model's 20 digits. The others are the same forms on other values, where 12 digits of a double tell
true
from false. Tangents and adjoints that a double cannot hold are scaled, which a chain rule, being linear in
them,
allows. A row that does not clearly agree is left to the model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ldexp
from typing import Any

from symdiff.document import Row
from symdiff.doubles import Doubles, agree
from symdiff.expr import PARTIAL, Expr, Num, Sym
from symdiff.kinds import LongModel
from symdiff.local import rule_of
from symdiff.pattern import Pattern
from symdiff.repeats import RowOfKind
from symdiff.walks import postorder

RANGE = 900
"""Exponents of two between which a double, and products of a few, are exact enough."""
CONTEXT = Doubles()
Scaled = tuple[float, int]


@dataclass(frozen=True, slots=True)
class Claims:
    """A pattern's equalities as a program: what to look up, what to compute, which results must agree.

    `slopes` are pairs of places among the row's names, ∂(first)/∂(second); `whole` are places of names
    by which the result is differentiated. Values stand in this order: names, slopes, derivatives,
    constants, results.
    """

    slopes: tuple[tuple[int, int], ...]
    whole: tuple[int, ...]
    constants: tuple[float, ...]
    program: tuple[tuple[Callable[..., float], tuple[int, ...]], ...]
    equal: tuple[tuple[int, int], ...]

    def hold(self, known: Sequence[float]) -> bool:
        """Whether all members agree with their left side, on these values."""
        values = [*known, *self.constants]
        for value, places in self.program:
            values.append(value(*[values[place] for place in places]))
        return all(agree(values[left], values[member]) for left, member in self.equal)


class InDoubles:
    """The rows of a long tape at the point of its model."""

    def __init__(self, model: LongModel) -> None:
        self.model = model
        self._claims: dict[Pattern[Row], Claims | None] = {}
        self._names: dict[Sym, Scaled] = {}

    def holds(self, row: RowOfKind) -> bool:
        """Whether a row clearly agrees with the model; the first of its kind is for the model itself."""
        pattern = row.pattern
        if pattern not in self._claims:
            self._claims[pattern] = compiled(pattern, self.model.tape.result)
            return False
        claims = self._claims[pattern]
        if claims is None:
            return False
        try:
            return claims.hold(self._known(row.names, claims))
        except (ArithmeticError, ValueError, AttributeError):
            return False

    def _known(self, names: tuple[Sym, ...], claims: Claims) -> list[float]:
        """The true values of a row's names, of the partials and of the derivatives in it."""
        found = [self._names.get(name) or self._value(name) for name in names]
        whole = [self._adjoint(names[place]) for place in claims.whole]
        parts = [size for name, (_, size) in zip(names, found, strict=True) if name.accent]
        parts += [size for _, size in whole]
        shift = max(parts) if parts and (max(parts) > RANGE or min(parts) < -RANGE) else 0
        known = [
            ldexp(v, size - shift if name.accent else size)
            for name, (v, size) in zip(names, found, strict=True)
        ]
        for over, under in claims.slopes:
            known.append(float(self.model.slope(names[over], names[under])))
        return known + [ldexp(value, size - shift) for value, size in whole]

    def _value(self, name: Sym) -> Scaled:
        self._names[name] = found = self._split(self.model(name))
        return found

    def _adjoint(self, name: Sym) -> Scaled:
        return self._split(self.model.adjoints[self.model.tape.by_name[name]])

    def _split(self, value: Any) -> Scaled:
        mantissa, exponent = self.model.m.frexp(value)
        return float(mantissa), int(exponent)


def compiled(pattern: Pattern[Row], result: Sym) -> Claims | None:
    """The claims of a pattern; None where it speaks of more than names, partials and operations."""
    chains = (pattern.record.chain, *pattern.record.beside)
    forms = [form for chain in chains for form in (chain.left, *chain.members)]
    if any(chain.at_point for chain in chains):
        return None
    nodes = list(dict.fromkeys(node for form in forms for node in postorder(form, _is_partial)))
    place: dict[Expr, int] = {name: i for i, name in enumerate(pattern.names)}
    partials = [node for node in nodes if _is_partial(node)]
    local = [node for node in partials if node.args[0] in place and node.args[1] in place]
    whole = [node for node in partials if node.args[0] == result and node.args[1] in place]
    numbers = [node for node in nodes if isinstance(node, Num) and not node.rounded]
    for node in (*local, *whole, *numbers):
        place[node] = len(place)
    rest = [node for node in nodes if node not in place]
    if any(not node.args or node.shape or _is_partial(node) for node in rest):
        return None
    program = []
    for node in rest:
        program.append((partial(rule_of(node).value, CONTEXT), tuple(place[arg] for arg in node.args)))
        place[node] = len(place)
    return Claims(
        tuple((place[node.args[0]], place[node.args[1]]) for node in local),
        tuple(place[node.args[1]] for node in whole),
        tuple(float(node.value) for node in numbers),
        tuple(program),
        tuple((place[chain.left], place[member]) for chain in chains for member in chain.members),
    )


def _is_partial(node: Expr) -> bool:
    return node.op is PARTIAL
