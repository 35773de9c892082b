"""The steps of a tape, w_i = φ(operands), and the kinds that many of them share.

A long tape has few kinds of step. `Columns` keeps a traced tape as what its steps are: a kind and the
positions of the operands, as whole numbers; a `Step` with names, body and origin is written out when it is
read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import overload

from symdiff.expr.operations import known_of
from symdiff.expr.tree import Expr, Sym, substitute


@dataclass(frozen=True, slots=True)
class Step:
    """`var = body`, where `body` mentions only `operands`; `label` is the author's name for it."""

    var: Sym
    body: Expr
    operands: tuple[Sym, ...]
    origin: Expr
    label: Sym | None = None

    @property
    def kind(self) -> StepKind:
        """What the step shares with all others that differ from it in names only."""
        slots = tuple(slot(place, operand) for place, operand in enumerate(self.operands))
        names: dict[Expr, Expr] = dict(zip(self.operands, slots, strict=True))
        return step_kind(substitute(self.body, names), slots)


@dataclass(frozen=True, slots=True, eq=False)
class StepKind:
    """A body in placeholders u_0, u_1, … and its value u_out; there is one record of each kind."""

    body: Expr
    slots: tuple[Sym, ...]
    output: Sym

    def written(self, operands: tuple[Sym, ...]) -> Expr:
        """The body in the names of one step."""
        names: dict[Expr, Expr] = dict(zip(self.slots, operands, strict=True))
        return substitute(self.body, names)


@lru_cache(maxsize=4096)
def step_kind(body: Expr, slots: tuple[Sym, ...]) -> StepKind:
    """The kind with this body."""
    return StepKind(body, slots, Sym("u_out", shape=body.shape, assume=known_of(body)))


def slot(place: int, like: Sym) -> Sym:
    """The placeholder of an operand: its shape and what is known of it are part of a kind."""
    return Sym(f"u_{place}", shape=like.shape, assume=like.assume)


class StepOfKind(Step):
    """A step whose body and origin are written out when they are read."""

    __slots__ = ("_kind", "_origin")
    _kind: StepKind
    _origin: Callable[[], Expr]

    def __init__(
        self,
        var: Sym,
        kind: StepKind,
        operands: tuple[Sym, ...],
        label: Sym | None,
        origin: Callable[[], Expr],
    ) -> None:
        values = {"var": var, "operands": operands, "label": label, "_kind": kind, "_origin": origin}
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def kind(self) -> StepKind:
        return self._kind

    @property
    def body(self) -> Expr:
        return self._kind.written(self.operands)

    @property
    def origin(self) -> Expr:
        return self._origin()


@dataclass(frozen=True, eq=False)
class Columns(Sequence[Step]):
    """The steps of a traced tape, one column for each thing that is known of them.

    `operands` are positions on the tape, the inputs first; `labels` are the author's names by step; `name`
    writes the variable of a position; `origin` gives the author's subexpression of a step.
    """

    inputs: tuple[Sym, ...]
    kinds: tuple[StepKind, ...]
    operands: tuple[tuple[int, ...], ...]
    labels: dict[int, Sym]
    letter: str
    first: int
    origin: Callable[[int], Expr]

    def variable(self, place: int) -> Sym:
        """The variable of a position."""
        if place < len(self.inputs):
            return self.inputs[place]
        like = self.kinds[place - len(self.inputs)].output
        return Sym(f"{self.letter}_{self.first + place}", shape=like.shape, assume=like.assume)

    @cached_property
    def variables(self) -> tuple[Sym, ...]:
        """The variable of every position."""
        return tuple(map(self.variable, range(len(self.inputs) + len(self.kinds))))

    @cached_property
    def written(self) -> tuple[Step, ...]:
        """The steps with their names."""
        return tuple(map(self._step, range(len(self.kinds))))

    def _step(self, number: int) -> Step:
        variables = self.variables
        operands = tuple([variables[place] for place in self.operands[number]])
        var = variables[len(self.inputs) + number]
        return StepOfKind(
            var, self.kinds[number], operands, self.labels.get(number), lambda: self.origin(number)
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash((self.inputs, self.kinds, self.operands))

    def __len__(self) -> int:
        return len(self.kinds)

    @overload
    def __getitem__(self, item: int) -> Step: ...

    @overload
    def __getitem__(self, item: slice) -> tuple[Step, ...]: ...

    def __getitem__(self, item: int | slice) -> Step | tuple[Step, ...]:
        return self.written[item]

    def __iter__(self) -> Iterator[Step]:
        return iter(self.written)
