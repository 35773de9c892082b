"""The tape (Wengert list): a function as single assignments w_i = φ(operands), defined before use.

A `Step` has a body in the names of its operands only, so that nothing here grows with depth. Its `origin` is
the author's subexpression that the step stands for, which is what the proof evaluates. Many steps share a
`StepKind`; `StepColumns` stores a traced tape by kinds and positions. No derivative is known here; tapes are
made by `tracing`, or by `named_tape` from the author's definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property, lru_cache, partial
from typing import Any, overload

from symdiff.errors import InputError, shorten
from symdiff.expr.as_typed import Indexed, arrays
from symdiff.expr.leaves import HeldIndex, held_indices
from symdiff.expr.memory import fields_only
from symdiff.expr.operations import known_property
from symdiff.expr.patterns import Pattern, Repeated
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import names_in
from symdiff.expr.tree import Expr, Sym, count_operations, leaves, postorder, substitute, symbols
from symdiff.expr.unspecified import function_names

LONGEST_FORMULA = 60
"""Operations up to which a step without a name is written as a formula."""


@dataclass(frozen=True)
class Tape:
    """Inputs w_1 = x, …, then steps w_i = φ(operands); `output` is the variable of the result.

    `inputs` pairs each variable of the tape with the author's name; `definitions` are the author's own
    equations, in order; `bindings` says which variable each defined name stands for; `symbols` are the
    SymPy symbols of the author, where there are any; `held` are names that are held constant: they stand
    in the steps as numbers do.

    Raises:
        InputError: a variable is assigned twice, or used before it is defined.
    """

    inputs: tuple[tuple[Sym, Sym], ...]
    steps: Sequence[Step]
    output: Sym
    result: Sym
    definitions: tuple[tuple[Sym, Expr], ...]
    bindings: tuple[tuple[Sym, Sym], ...] = ()
    symbols: Mapping[str, Any] = field(default_factory=dict, repr=False)
    held: tuple[Sym, ...] = ()
    __getstate__ = fields_only

    def __repr__(self) -> str:
        """The author's equations with the inputs and the number of steps; the steps are on the page."""
        equations = [f"{name} = {formula}" for name, formula in self.definitions]
        shown = [*equations[:3], *(["…"] if len(equations) > 4 else []), *equations[3:][-1:]]
        names = ", ".join(f"{name}{list(name.shape) if name.shape else ''}" for _, name in self.inputs)
        return shorten(f"tape of {'; '.join(shown)} in {names}: {len(self.steps)} steps", 200)

    def __post_init__(self) -> None:
        if isinstance(self.steps, StepColumns):
            self._check_columns(self.steps)
            return
        known = {var for var, _ in self.inputs}
        for step in self.steps:
            if step.var in known:
                raise InputError(f"{step.var} is assigned twice", where="the tape")
            names = {*step.operands, *self.held}
            if not known.issuperset(step.operands) or not _mentions_only(step.body, names):
                raise InputError(f"{step.var} uses a name before it is defined", where="the tape")
            known.add(step.var)
        if self.output not in known:
            raise InputError(f"the output {self.output} is not a step", where="the tape")

    def _check_columns(self, columns: StepColumns) -> None:
        """The same for positions: operands stand before their step, bodies mention only their slots."""
        for here, operands in enumerate(columns.operands, len(self.inputs)):
            if operands and max(operands) >= here:
                raise InputError(f"step {here} uses a name before it is defined", where="the tape")
        for kind in self.kinds:
            if not _mentions_only(kind.body, {*kind.slots, *self.held}):
                raise InputError(f"{kind.body} speaks of other names", where="the tape")

    @cached_property
    def step_kinds(self) -> tuple[StepKind, ...]:
        """The kind of each step."""
        return (
            self.steps.kinds
            if isinstance(self.steps, StepColumns)
            else tuple(step.kind for step in self.steps)
        )

    @cached_property
    def kinds(self) -> tuple[StepKind, ...]:
        """The different kinds of step, in order."""
        return tuple(dict.fromkeys(self.step_kinds))

    @cached_property
    def operands(self) -> Sequence[tuple[int, ...]]:
        """The operands of each step by their positions on the tape, inputs first."""
        if isinstance(self.steps, StepColumns):
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
    def indices(self) -> dict[str, HeldIndex]:
        """The indices that are names, z[y], by name: they are held and have a value at each point."""
        bodies = (kind.body for kind in self.kinds)
        formulas = (formula for _, formula in self.definitions)
        return {index.name: index for form in (*formulas, *bodies) for index in held_indices(form)}

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
        if isinstance(self.steps, StepColumns):
            first, labels = len(self.inputs), self.steps.labels
            return [(self.steps.variable(first + i), labels[i]) for i in sorted(labels)]
        return [(step.var, step.label) for step in self.steps if step.label is not None]

    @cached_property
    def names_or_formulas(self) -> dict[Expr, Expr]:
        """Each variable under the author's name, or as a formula in such names where that is short."""
        found: dict[Expr, Expr] = {}
        for var in self.order:
            if var in self.names:
                found[var] = self.names[var]
            elif count_operations(body := self.step_of[var].body) <= LONGEST_FORMULA:
                written = substitute(body, found)
                found[var] = (
                    written if count_operations(written, LONGEST_FORMULA + 1) <= LONGEST_FORMULA else var
                )
        return found

    @cached_property
    def by_name(self) -> dict[Sym, Sym]:
        """The variable that each name of the author stands for; two names may share one."""
        labelled = {label: var for var, label in self._labelled}
        inputs = {name: var for var, name in self.inputs}
        return labelled | dict(self.bindings) | {self.result: self.output} | inputs

    @cached_property
    def author_names(self) -> frozenset[str]:
        """Every name of the author's: of inputs, of what is held, of definitions and of sizes."""
        names = {*self.by_name, *self.held, *(name for name, _ in self.definitions)}
        sizes = (size for name in names for part in name.shape for size in names_in(part))
        functions = function_names(formula for _, formula in self.definitions)
        return frozenset((*(name.name for name in names), *sizes, *self.indices, *functions))

    @cached_property
    def indexed(self) -> frozenset[Indexed]:
        """The author's names that stand on the page with an index: those of arrays."""
        names = (*self.by_name, *self.held, *(name for name, _ in self.definitions))
        return arrays((name.name, name.shape) for name in names)

    @cached_property
    def variables(self) -> dict[str, Sym]:
        """The variable of each input, by the author's name."""
        return {name.name: var for var, name in self.inputs}

    @cached_property
    def users(self) -> dict[Sym, tuple[Step, ...]]:
        """For each variable the steps that use it, in order."""
        found: dict[Sym, list[Step]] = {}
        for step in self.steps:
            for operand in step.operands:
                found.setdefault(operand, []).append(step)
        return {var: tuple(steps) for var, steps in found.items()}

    @cached_property
    def leading_to_result(self) -> frozenset[Sym]:
        """The variables that the result depends on, directly or not, itself included."""
        found = {self.output}
        for step in reversed(self.steps):
            if step.var in found:
                found.update(step.operands)
        return frozenset(found)

    def has_other_ways(self, step: Step, operand: Sym) -> bool:
        """Whether an operand of the result's own step acts on the result through other steps as well.

        If so ∂step/∂operand inside the step is not the derivative of the result by the operand.
        """
        return step.var == self.output and len(self.users_leading_on(operand)) > 1

    def users_leading_on(self, var: Sym) -> tuple[Step, ...]:
        """The steps that use a variable and on which the result depends, in order."""
        return tuple(step for step in self.users.get(var, ()) if step.var in self.leading_to_result)

    @cached_property
    def edges(self) -> frozenset[tuple[Sym, Sym]]:
        """The pairs (step's variable, operand)."""
        return frozenset((step.var, operand) for step in self.steps for operand in step.operands)

    @cached_property
    def step_of(self) -> dict[Sym, Step]:
        """The step that assigns each variable; inputs have none."""
        return {step.var: step for step in self.steps}

    @property
    def order(self) -> list[Sym]:
        """Every variable in the order of the tape."""
        if isinstance(self.steps, StepColumns):
            return list(self.steps.variables)
        return [var for var, _ in self.inputs] + [step.var for step in self.steps]

    @property
    def length(self) -> int:
        """The number of variables."""
        return len(self.inputs) + len(self.steps)


def _mentions_only(body: Expr, names: set[Sym]) -> bool:
    """Whether `body` mentions no other name."""
    return all(leaf in names for leaf in leaves(body) if isinstance(leaf, Sym))


@dataclass(frozen=True, slots=True)
class Step:
    """`var = body`, where `body` mentions only `operands`; `label` is the author's name for it."""

    var: Sym
    body: Expr
    operands: tuple[Sym, ...]
    origin: Expr
    label: Sym | None = None
    _kind: StepKind | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def kind(self) -> StepKind:
        """What the step shares with all steps that differ from it in names only."""
        if self._kind is None:  # found once: each of many operands asks for it
            slots = tuple(slot(place, operand) for place, operand in enumerate(self.operands))
            names: dict[Expr, Expr] = dict(zip(self.operands, slots, strict=True))
            object.__setattr__(self, "_kind", step_kind(substitute(self.body, names), slots))
        assert self._kind is not None
        return self._kind


class StepKind(Pattern[Step]):
    """A step in placeholders u_0, u_1, … and the name u_out of its value: what steps of a kind share.

    There is one record of each kind, so that kinds are compared by identity and found fast in caches.
    """

    @cached_property
    def body(self) -> Expr:
        return self.record.body

    @cached_property
    def slots(self) -> tuple[Sym, ...]:
        return self.record.operands

    @cached_property
    def output(self) -> Sym:
        return self.record.var

    def __reduce__(self) -> tuple[Callable[..., StepKind], tuple[Expr, tuple[Sym, ...]]]:
        return step_kind, (self.body, self.slots)


@lru_cache(maxsize=4096)
def step_kind(body: Expr, slots: tuple[Sym, ...]) -> StepKind:
    """The kind with this body; the cache is what makes it one record."""
    output = Sym("u_out", shape=body.shape, assume=known_property(body))
    return StepKind(Step(output, body, slots, body), (output, *slots))


def slot(place: int, like: Sym) -> Sym:
    """The placeholder of an operand, with its shape and its assumption."""
    return Sym(f"u_{place}", shape=like.shape, assume=like.assume)


class StepOfKind(Step, Repeated[Step], given=("var", "operands", "label", "_kind")):
    """A step of a kind: body and origin are made when they are read, since a long tape has many steps."""

    __slots__ = ("_origin",)
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

    def __reduce__(self) -> tuple[Any, ...]:
        return StepOfKind, (self.var, self.kind, self.operands, self.label, self._origin)

    @property
    def pattern(self) -> StepKind:  # type: ignore[override]
        return self.kind

    @property
    def names(self) -> tuple[Sym, ...]:  # type: ignore[override]
        return (self.var, *self.operands)

    @property
    def origin(self) -> Expr:
        return self._origin()


@dataclass(frozen=True, eq=False)
class StepColumns(Sequence[Step]):
    """The steps of a traced tape by columns: few kinds, and operands as positions on the tape, inputs first.

    `labels` are the author's names by step; variables are called `letter`_`first`, …; `origin` gives the
    author's subexpression of a step. A `Step` is made when it is read.
    """

    inputs: tuple[Sym, ...]
    kinds: tuple[StepKind, ...]
    operands: tuple[tuple[int, ...], ...]
    labels: dict[int, Sym]
    letter: str
    first: int
    origin: Callable[[int], Expr]
    __getstate__ = fields_only

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
        """The steps as records."""
        return tuple(map(self._step, range(len(self.kinds))))

    def _step(self, number: int) -> Step:
        variables = self.variables
        operands = tuple([variables[place] for place in self.operands[number]])
        var = variables[len(self.inputs) + number]
        origin = partial(self.origin, number)
        return StepOfKind(var, self.kinds[number], operands, self.labels.get(number), origin)

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


def named_tape(
    definitions: Sequence[tuple[Sym, Expr]], inputs: Sequence[Sym], *, distinct: bool = True
) -> Tape:
    """The tape with one step for each of the author's definitions, under the author's names.

    The last definition is the result.

    Raises:
        InputError: names must be `distinct` and two stand for the same formula, so that a derivative by one
            of them has no meaning.
    """
    closed: dict[Expr, Expr] = {}
    owners: dict[Expr, Sym] = {name: name for name in inputs}
    steps = []
    for name, formula in definitions:
        origin = closed[name] = substitute(formula, closed)
        other = owners.setdefault(origin, name)
        if distinct and other != name:
            raise InputError(
                f"{other} and {name} stand for the same formula", way_out="keep one of the names"
            )
        used = symbols(formula)
        operands = tuple(s for s in [*inputs, *closed] if isinstance(s, Sym) and s in used)
        steps.append(Step(name, formula, operands, origin, name))
    pairs = tuple((name, name) for name in inputs)
    result = definitions[-1][0]
    return Tape(pairs, tuple(steps), result, result, tuple(definitions))


def step_of(name: Sym, formula: Expr) -> Step:
    """One definition as a step: its operands are the names in it."""
    return Step(name, formula, tuple(symbols(formula)), formula, name)


def sorted_by_depth(tape: Tape) -> Tape:
    """The tape with its steps sorted by depth, the longest path from an input, and numbered anew.

    So steps that do the same at different times of a recurrence stand side by side.
    """
    level = {var: 0 for var, _ in tape.inputs}
    for step in tape.steps:
        level[step.var] = 1 + max((level[u] for u in step.operands), default=0)
    ordered = sorted(tape.steps, key=lambda step: level[step.var])
    names = {old.var: _named(old.var, new.var) for old, new in zip(ordered, tape.steps, strict=True)}
    values: dict[Expr, Expr] = {old: names[old] for old in names}

    def renamed(step: Step) -> Step:
        operands = tuple(sorted((names.get(u, u) for u in step.operands), key=_position))
        return Step(names[step.var], substitute(step.body, values), operands, step.origin, step.label)

    bindings = tuple((name, names.get(var, var)) for name, var in tape.bindings)
    output = names.get(tape.output, tape.output)
    return replace(tape, steps=tuple(map(renamed, ordered)), output=output, bindings=bindings)


def _named(old: Sym, new: Sym) -> Sym:
    return Sym(new.name, shape=old.shape, assume=old.assume)


def _position(var: Sym) -> int:
    return int(var.name.rpartition("_")[2])
