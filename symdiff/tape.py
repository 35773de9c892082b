"""The tape (Wengert list): a function as single assignments w_i = φ(operands), defined before use.

A `Step` has a body in the names of its operands only, so nothing here grows with depth. `origin` is
the author's own subexpression that the step stands for: what the proof evaluates. This module knows
no derivative and no way to make a tape (that is `trace`); it only refuses a malformed one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from symdiff.errors import InputError
from symdiff.expr import Expr, Sym, postorder, substitute
from symdiff.walks import leaves


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
    """A body in placeholders u_0, u_1, …: what steps that differ in names only share. There is one of each."""

    body: Expr
    slots: tuple[Sym, ...]

    def written(self, operands: tuple[Sym, ...]) -> Expr:
        """The body in the names of one step."""
        names: dict[Expr, Expr] = dict(zip(self.slots, operands, strict=True))
        return substitute(self.body, names)


@lru_cache(maxsize=4096)
def step_kind(body: Expr, slots: tuple[Sym, ...]) -> StepKind:
    """The kind with this body."""
    return StepKind(body, slots)


def slot(place: int, like: Sym) -> Sym:
    """The placeholder of an operand: its shape and what is known of it are part of a kind."""
    return Sym(f"u_{place}", shape=like.shape, assume=like.assume)


class StepOfKind(Step):
    """A step whose body and origin are written out when they are read: a long tape has few kinds of step."""

    __slots__ = ("_closed", "_kind", "_number")

    def __init__(
        self,
        var: Sym,
        kind: StepKind,
        operands: tuple[Sym, ...],
        label: Sym | None,
        closed: Callable[[int], Expr],
        number: int,
    ) -> None:
        put = object.__setattr__
        put(self, "var", var)
        put(self, "operands", operands)
        put(self, "label", label)
        put(self, "_kind", kind)
        put(self, "_closed", closed)
        put(self, "_number", number)

    @property
    def kind(self) -> StepKind:
        return self._kind

    @property
    def body(self) -> Expr:  # type: ignore[override]
        return self._kind.written(self.operands)

    @property
    def origin(self) -> Expr:  # type: ignore[override]
        return self._closed(self._number)


@dataclass(frozen=True)
class Tape:
    """Inputs w_1 = x, …, then steps, then the name of the output among them.

    `inputs` pairs each variable of the tape with the author's name; `definitions` are the author's own
    equations, in order; `bindings` says which variable each defined name stands for; `symbols` are the
    SymPy symbols of the author, where there are any; `held` are names that stand in the steps as they are,
    like numbers, and are not differentiated by.
    """

    inputs: tuple[tuple[Sym, Sym], ...]
    steps: tuple[Step, ...]
    output: Sym
    result: Sym
    definitions: tuple[tuple[Sym, Expr], ...]
    bindings: tuple[tuple[Sym, Sym], ...] = ()
    symbols: Mapping[str, Any] = field(default_factory=dict, repr=False)
    held: tuple[Sym, ...] = ()

    def __post_init__(self) -> None:
        known = {var for var, _ in self.inputs}
        checked: set[StepKind] = set()
        for step in self.steps:
            if step.var in known:
                raise InputError(f"{step.var} is assigned twice", where="the tape")
            if not known.issuperset(step.operands) or not self._is_closed(step, checked):
                raise InputError(f"{step.var} uses a name before it is defined", where="the tape")
            known.add(step.var)
        if self.output not in known:
            raise InputError(f"the output {self.output} is not a step", where="the tape")

    def _is_closed(self, step: Step, checked: set[StepKind]) -> bool:
        """Whether a step speaks of its operands only; all steps of a kind do if one does."""
        if step.kind in checked:
            return True
        checked.add(step.kind)
        return _speaks_of(step.kind.body, {*step.kind.slots, *self.held})

    @cached_property
    def has_arrays(self) -> bool:
        """Whether any variable is a vector or a matrix, or stands for a formula that has one inside."""
        if any(var.shape for var in self.order):
            return True
        bodies = {step.kind.body for step in self.steps}
        return any(node.shape for body in bodies for node in postorder(body))

    @cached_property
    def input_names(self) -> dict[Sym, Sym]:
        """The author's name of each input's variable."""
        return dict(self.inputs)

    @cached_property
    def names(self) -> dict[Sym, Sym]:
        """The author's name of each variable that has one: inputs, labelled steps, the output."""
        labelled = {step.var: step.label for step in self.steps if step.label is not None}
        return dict(self.inputs) | labelled | {self.output: self.result}

    @cached_property
    def by_name(self) -> dict[Sym, Sym]:
        """The variable that each name of the author stands for; two names may share one."""
        labelled = {step.label: step.var for step in self.steps if step.label is not None}
        inputs = {name: var for var, name in self.inputs}
        return labelled | dict(self.bindings) | {self.result: self.output} | inputs

    @cached_property
    def variables(self) -> dict[str, Sym]:
        """The variable of each input, by the author's name."""
        return {name.name: var for var, name in self.inputs}

    @cached_property
    def uses(self) -> dict[Sym, tuple[Step, ...]]:
        """For each variable the steps that use it, in order."""
        found: dict[Sym, list[Step]] = {}
        for step in self.steps:
            for operand in step.operands:
                found.setdefault(operand, []).append(step)
        return {var: tuple(steps) for var, steps in found.items()}

    @cached_property
    def links(self) -> frozenset[tuple[Sym, Sym]]:
        """Each step's variable with each of its operands."""
        return frozenset((step.var, operand) for step in self.steps for operand in step.operands)

    @cached_property
    def step_of(self) -> dict[Sym, Step]:
        """The step that assigns each variable; inputs have none."""
        return {step.var: step for step in self.steps}

    @property
    def order(self) -> list[Sym]:
        """Every variable in the order of the tape."""
        return [var for var, _ in self.inputs] + [step.var for step in self.steps]


def _speaks_of(body: Expr, names: set[Sym]) -> bool:
    """Whether no other name stands in `body`."""
    return all(leaf in names for leaf in leaves(body) if isinstance(leaf, Sym))
