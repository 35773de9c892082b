"""The tape (Wengert list): a function as single assignments w_i = φ(operands), defined before use.

A `Step` has a body in the names of its operands only, so nothing here grows with depth. `origin` is
the author's own subexpression that the step stands for: what the proof evaluates. This module knows
no derivative and no way to make a tape (that is `trace`); it only refuses a malformed one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from symdiff.errors import InputError
from symdiff.expr.tree import Expr, Sym, leaves, postorder, size, substitute
from symdiff.tape.steps import Columns, StepKind
from symdiff.tape.steps import Step as Step

LONGEST_SAID = 60
"""Operations up to which a step without a name is written out."""


@dataclass(frozen=True)
class Tape:
    """Inputs w_1 = x, …, then steps, then the name of the output among them.

    `inputs` pairs each variable of the tape with the author's name; `definitions` are the author's own
    equations, in order; `bindings` says which variable each defined name stands for; `symbols` are the
    SymPy symbols of the author, where there are any; `held` are names that stand in the steps as they are,
    like numbers, and are not differentiated by.
    """

    inputs: tuple[tuple[Sym, Sym], ...]
    steps: Sequence[Step]
    output: Sym
    result: Sym
    definitions: tuple[tuple[Sym, Expr], ...]
    bindings: tuple[tuple[Sym, Sym], ...] = ()
    symbols: Mapping[str, Any] = field(default_factory=dict, repr=False)
    held: tuple[Sym, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.steps, Columns):
            self._check_columns(self.steps)
            return
        known = {var for var, _ in self.inputs}
        for step in self.steps:
            if step.var in known:
                raise InputError(f"{step.var} is assigned twice", where="the tape")
            names = {*step.operands, *self.held}
            if not known.issuperset(step.operands) or not _speaks_of(step.body, names):
                raise InputError(f"{step.var} uses a name before it is defined", where="the tape")
            known.add(step.var)
        if self.output not in known:
            raise InputError(f"the output {self.output} is not a step", where="the tape")

    def _check_columns(self, columns: Columns) -> None:
        """The same for positions: operands stand before their step, and kinds speak of their slots."""
        for here, operands in enumerate(columns.operands, len(self.inputs)):
            if operands and max(operands) >= here:
                raise InputError(f"step {here} uses a name before it is defined", where="the tape")
        for kind in self.kinds:
            if not _speaks_of(kind.body, {*kind.slots, *self.held}):
                raise InputError(f"{kind.body} speaks of other names", where="the tape")

    @cached_property
    def kind_of_each(self) -> tuple[StepKind, ...]:
        """The kind of each step."""
        return (
            self.steps.kinds if isinstance(self.steps, Columns) else tuple(step.kind for step in self.steps)
        )

    @cached_property
    def kinds(self) -> tuple[StepKind, ...]:
        """The different kinds of step, in order."""
        return tuple(dict.fromkeys(self.kind_of_each))

    @cached_property
    def operands(self) -> Sequence[tuple[int, ...]]:
        """The operands of each step by their positions on the tape, inputs first."""
        if isinstance(self.steps, Columns):
            return self.steps.operands
        place = {var: i for i, var in enumerate(self.order)}
        return [tuple(place[operand] for operand in step.operands) for step in self.steps]

    @cached_property
    def has_arrays(self) -> bool:
        """Whether any variable is a vector or a matrix, or stands for a formula that has one inside."""
        if any(var.shape for var, _ in self.inputs):
            return True
        return any(node.shape for kind in self.kinds for node in postorder(kind.body))

    @cached_property
    def input_names(self) -> dict[Sym, Sym]:
        """The author's name of each input's variable."""
        return dict(self.inputs)

    @cached_property
    def names(self) -> dict[Sym, Sym]:
        """The author's name of each variable that has one: inputs, labelled steps, the output."""
        return dict(self.inputs) | dict(self._labelled) | {self.output: self.result}

    @property
    def _labelled(self) -> list[tuple[Sym, Sym]]:
        """The variables of steps that have a name, with it."""
        if isinstance(self.steps, Columns):
            first, labels = len(self.inputs), self.steps.labels
            return [(self.steps.variable(first + i), labels[i]) for i in sorted(labels)]
        return [(step.var, step.label) for step in self.steps if step.label is not None]

    @cached_property
    def said(self) -> dict[Expr, Expr]:
        """Each variable under the author's name, or written out in such names where that is short enough."""
        found: dict[Expr, Expr] = {}
        for var in self.order:
            if var in self.names:
                found[var] = self.names[var]
            elif size(body := self.step_of[var].body) <= LONGEST_SAID:
                written = substitute(body, found)
                found[var] = written if size(written, LONGEST_SAID + 1) <= LONGEST_SAID else var
        return found

    @cached_property
    def by_name(self) -> dict[Sym, Sym]:
        """The variable that each name of the author stands for; two names may share one."""
        labelled = {label: var for var, label in self._labelled}
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
        if isinstance(self.steps, Columns):
            return list(self.steps.variables)
        return [var for var, _ in self.inputs] + [step.var for step in self.steps]

    @property
    def length(self) -> int:
        """The number of variables."""
        return len(self.inputs) + len(self.steps)


def _speaks_of(body: Expr, names: set[Sym]) -> bool:
    """Whether no other name stands in `body`."""
    return all(leaf in names for leaf in leaves(body) if isinstance(leaf, Sym))
