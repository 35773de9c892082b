"""Local partials of a step: ∂w_i/∂w_j from the rows of the table, in the names of the step alone.

A textbook step may hold a few operations, as 1 + e^{w₃} does; its partial is the sum, over the paths down to
the operand, of the compositions of their maps. There are two forms of it: in the arguments, 1 − tanh²(w₂),
and with the step's own value where a row uses its output, 1 − w₃². Partials are computed once for each kind
of step, in placeholders, and renamed when they are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from symdiff.algebra.tidy import tidy
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape
from symdiff.expr.tree import ONE, ZERO, Expr, Num, Sym, substitute
from symdiff.rules.linear_maps import (
    IDENTITY,
    Elementwise,
    LinearMap,
    Nothing,
    Scale,
    added,
    composed,
    leaves_of,
    names_in,
    renamed,
)
from symdiff.rules.table import rule_of
from symdiff.tape.tape import Step, StepKind, Tape, slot


class LocalPartial(NamedTuple):
    """The local partial of the step `of` by its operand number `place`.

    It is `written` in the arguments, and `short` with the name of the step's value where a row uses it.
    `kind` are these two forms in placeholders, shared with other partials.
    """

    of: Step
    place: int

    @property
    def step(self) -> Sym:
        return self.of.var

    @property
    def operand(self) -> Sym:
        return self.of.operands[self.place]

    @property
    def kind(self) -> PartialKind:
        return partial_kinds(self.of.kind)[self.place].kind

    @property
    def names(self) -> tuple[Sym, ...]:
        """The operands that occur in it, for the placeholders of its kind."""
        operands = self.of.operands
        return tuple([operands[place] for place in partial_kinds(self.of.kind)[self.place].places])

    @property
    def written(self) -> LinearMap:
        return _renamed(self.kind.written, self._values())

    @property
    def short(self) -> LinearMap:
        return _renamed(self.kind.short, self._values())

    def _values(self) -> dict[Expr, Expr]:
        values: dict[Expr, Expr] = dict(zip(self.kind.slots, self.names, strict=True))
        values[self.kind.output] = self.of.var
        return values

    @property
    def is_scalar(self) -> bool:
        """Whether the partial is a number, and no map between arrays."""
        return not self.of.var.shape and not self.operand.shape


@dataclass(frozen=True, slots=True, eq=False)
class PartialKind:
    """A local partial in placeholders: what partials of one kind of step share that differ in names only.

    `slots` stand for the operands that occur in it, in the order of the step; `operand` is the one of them by
    which it is. A sum of a thousand terms has a thousand partials of one kind, and each mentions few names.
    There is one record of each kind, so that kinds are compared by identity.
    """

    written: LinearMap
    short: LinearMap
    slots: tuple[Sym, ...]
    operand: Sym
    output: Sym


class PlacedKind(NamedTuple):
    """The kind of a partial, and the places of its operands among those of the step."""

    kind: PartialKind
    places: tuple[int, ...]


@lru_cache(maxsize=4096)
def partial_kinds(kind: StepKind) -> tuple[PlacedKind, ...]:
    """The kind of each partial of a kind of step."""
    place = {operand: i for i, operand in enumerate(kind.slots)}
    known: dict[object, PartialKind] = {}
    found = []
    for operand, (written, short) in zip(kind.slots, partials_of(kind), strict=True):
        used = {operand, *names_in(written), *names_in(short)}
        places = tuple(sorted(place[name] for name in used if name in place))
        slots = tuple(slot(i, kind.slots[at]) for i, at in enumerate(places))
        values: dict[Expr, Expr] = {kind.slots[at]: own for at, own in zip(places, slots, strict=True)}
        own, written, short = values[operand], renamed(written, values), renamed(short, values)
        key = own, slots, written, short, *_texts(written), *_texts(short)
        shared = known.setdefault(key, PartialKind(written, short, slots, own, kind.output))  # type: ignore[arg-type]
        found.append(PlacedKind(shared, places))
    return tuple(found)


def _texts(found: LinearMap) -> tuple[str, ...]:
    """How numbers are written in a map: 0.5 and 1/2 are equal."""
    return tuple(leaf.text for leaf in leaves_of(found) if isinstance(leaf, Num))


def local_partials(step: Step) -> tuple[LocalPartial, ...]:
    """The local partial of `step` in each of its operands, in order."""
    return tuple([LocalPartial(step, place) for place in range(len(partials_of(step.kind)))])


def local_partial(step: Step, operand: Sym) -> LocalPartial:
    """The local partial of `step` by one of its operands."""
    return LocalPartial(step, step.operands.index(operand))


def prepare_partials(tape: Tape) -> None:
    """Compute the partials of each kind of step; an operation without a row is an error before any sweep."""
    for kind in tape.kinds:
        partials_of(kind)


@lru_cache(maxsize=4096)
def partials_of(kind: StepKind) -> tuple[tuple[LinearMap, LinearMap], ...]:
    """The partials of a kind of step, computed once: its body in placeholders, by each of them."""
    written, short = _path_sums(kind.body, kind.body), _path_sums(kind.body, kind.output)
    nothing = {operand: _nothing(kind.body, operand) for operand in kind.slots if operand not in written}
    written, short = written | nothing, short | nothing
    return tuple((written[operand], _with_own_value(kind, short[operand])) for operand in kind.slots)


def _nothing(body: Expr, operand: Sym) -> LinearMap:
    """The partial by an operand that only a condition asks for."""
    is_number = not body.shape and not operand.shape
    return Scale(ZERO) if is_number else Nothing(operand.shape, body.shape)


def _with_own_value(kind: StepKind, found: LinearMap) -> LinearMap:
    """The partial with the name of the step's value in place of its body, wherever that occurs."""
    if isinstance(found, Scale) and kind.body.args and found.factor.args:
        return Scale(tidy(substitute(found.factor, {kind.body: kind.output})))
    return found


def _path_sums(body: Expr, output: Expr) -> dict[Expr, LinearMap]:
    """For each operand the sum of the maps along the paths from `body` down to it.

    From a number to a number it is a factor, even if the path leads through arrays.
    """
    found: dict[Expr, LinearMap] = {}
    for operand, path in _paths(body, output):
        found[operand] = added(found[operand], path) if operand in found else path
    return {operand: _as_factor(path, body, operand) for operand, path in found.items()}


def _as_factor(found: LinearMap, body: Expr, operand: Expr) -> LinearMap:
    if isinstance(found, Scale):
        return Scale(tidy(found.factor))
    return found if body.shape or operand.shape else Scale(tidy(found.apply(ONE)))


def _paths(node: Expr, output: Expr) -> Iterator[tuple[Expr, LinearMap]]:
    """The operands below `node`, each with the map along one path, from left to right."""
    if isinstance(node, Sym):
        yield node, IDENTITY if not node.shape else Elementwise(ONE, node.shape, node.shape)
        return
    rows: tuple[LinearMap | None, ...] = ()
    for position, arg in enumerate(node.args):
        for operand, inner in _paths(arg, arg):
            # Only now: an argument without operands, as an index, needs no row.
            rows = rows or rule_of(node).partials(output, *node.args)
            outer = rows[position]
            if outer is not None:  # nothing moves with a condition
                yield operand, composed(outer, inner)


def _renamed(found: LinearMap, names: Mapping[Expr, Expr]) -> LinearMap:
    return Scale(substitute(found.factor, names)) if isinstance(found, Scale) else Renamed(found, names)


_TANGENT, _ADJOINT = "u_tangent", "u_adjoint"


@dataclass(frozen=True, slots=True)
class Renamed(LinearMap):
    """The map of a kind of step in the names of one step: its results are computed once and renamed."""

    kind: LinearMap
    names: Mapping[Expr, Expr]

    def apply(self, tangent: Expr) -> Expr:
        slot = Sym(_TANGENT, shape=tangent.shape)
        return substitute(_applied(self.kind, slot), {**self.names, slot: tangent})

    def transpose(self, adjoint: Expr) -> Expr:
        slot = Sym(_ADJOINT, shape=adjoint.shape)
        return substitute(_transposed(self.kind, slot), {**self.names, slot: adjoint})

    def matrix(self) -> Expr:
        return substitute(self.kind.matrix(), self.names)

    def vec(self, operand: Shape) -> Expr:
        return substitute(_on_vec(self.kind, operand), self.names)


@lru_cache(maxsize=4096)
def _applied(kind: LinearMap, slot: Sym) -> Expr:
    return tidy(kind.apply(slot))


@lru_cache(maxsize=4096)
def _transposed(kind: LinearMap, slot: Sym) -> Expr:
    return tidy(kind.transpose(slot))


@lru_cache(maxsize=4096)
def _on_vec(kind: LinearMap, operand: Shape) -> Expr:
    return tidy(kind.vec(operand))
