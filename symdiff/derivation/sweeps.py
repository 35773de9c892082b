"""Forward mode: one pass for each input, tangents carried along the tape.

Seeds ẋ = 1 for the chosen input and 0 for the others, then for every step i, from first to last,

    ẇ_i = Σ_j (∂w_i/∂w_j)·ẇ_j      over the operands j of i:

the map of each local partial is applied to a tangent. The last line is ∂output/∂x.

Reverse mode: one pass for all inputs, adjoints carried back along the tape.

Seed w̄_out = 1, then for every variable j, from last to first,

    w̄_j = Σ_i w̄_i·(∂w_i/∂w_j)      over the steps i that use j:

the transposed map of each local partial is applied to an adjoint. A variable that several steps use
gets one line for each path, w̄ⱼᵃ, w̄ⱼᵇ, …, and then their sum. The lines of the inputs are the gradient.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from symdiff.derivation.derivation import Contribution, Contributions, Derivation, Line, Sweep, bar, dot
from symdiff.derivation.line_writer import LineWriter
from symdiff.errors import UsageError, did_you_mean
from symdiff.expr.leaves import zeros
from symdiff.expr.memory import without_garbage_collection
from symdiff.expr.tree import ONE, PARTIAL, Expr, Sym
from symdiff.tape.partials import LocalPartial, local_partials, prepare_partials
from symdiff.tape.tape import Step, Tape


@without_garbage_collection
def forward(tape: Tape, wrt: str | Sequence[str] | None = None) -> Derivation:
    """The forward derivation of `tape` by each input in `wrt` (default: all), one sweep each."""
    names = chosen_names(tape, wrt)
    return Derivation("forward", tape, tuple(_forward_sweep(tape, name) for name in names), names)


def _forward_sweep(tape: Tape, seed: Sym) -> Sweep:
    prepare_partials(tape)
    return Sweep(seed, partial(_tangent_contributions, tape, seed), partial(_tangent_lines, tape, seed))


@without_garbage_collection
def _tangent_contributions(tape: Tape, seed: Sym) -> Contributions:
    """For each tangent its contributions (∂w_i/∂w_j)·ẇ_j; none for an input, whose tangent is a seed."""
    found: list[tuple[Sym, Sequence[Contribution]]] = [(dot(var, seed), ()) for var, _ in tape.inputs]
    for step in tape.steps:
        other = _other_ways(tape, step)
        terms = [
            Contribution(p, dot(p.operand, seed), tape.result, p.operand in other)
            for p in local_partials(step)
        ]
        found.append((dot(step.var, seed), terms))
    return found


@without_garbage_collection
def _tangent_lines(tape: Tape, seed: Sym, contributions: Contributions) -> list[Line]:
    """The lines of the sweep, from the seeds on; that of the output last."""
    writer = LineWriter(lambda partial, u: partial.apply(u), lambda c: c.forward)
    lines: dict[Sym, Line] = {}
    for (tangent, _), (var, name) in zip(contributions, tape.inputs, strict=False):
        lines[tangent] = writer.seed(tangent, direction(name) if name == seed else zeros(var.shape))
    for tangent, terms in contributions[len(tape.inputs) :]:
        lines[tangent] = writer.line(tangent, terms)
    last = dot(tape.output, seed)
    lines[last] = lines.pop(last)
    return list(lines.values())


def direction(name: Sym) -> Expr:
    """The seed of an input: 1; for an array any direction of its shape, under the author's name."""
    return dot(name, name) if name.shape else ONE


def chosen_names(tape: Tape, wrt: str | Sequence[str] | None, defined: Sequence[Sym] = ()) -> tuple[Sym, ...]:
    """The names asked for in `wrt`, each once: inputs, or names in `defined`; all inputs if it is None.

    Raises:
        UsageError: any other name.
    """
    names = [name for _, name in tape.inputs]
    if wrt is None:
        return tuple(names)
    asked = list(dict.fromkeys([wrt] if isinstance(wrt, str) else wrt))
    own = {name.name: name for name in (*defined, *names)}
    if not asked:
        raise UsageError("no name to differentiate by", where="--wrt", way_out=f"known: {', '.join(own)}")
    for name in asked:
        if name in tape.indices:
            way_out = f"differentiate by {', '.join(own)}"
            raise UsageError(f"{name!r} is an index, which is held", where="--wrt", way_out=way_out)
        if name not in own:
            way_out = did_you_mean(name, own)
            if name in {step.label.name for step in tape.steps if step.label is not None}:
                way_out = "reverse mode differentiates by any name that is defined"
            raise UsageError(f"{name!r} is not an input", where="--wrt", way_out=way_out)
    return tuple(own[name] for name in asked)


StepPlace = tuple[int, int]
"""A step's position among the steps, and a place among its operands."""
ALPHABET = "abcdefghijklmnopqrstuvwxyz"


@without_garbage_collection
def reverse(tape: Tape, wrt: str | Sequence[str] | None = None) -> Derivation:
    """The reverse derivation of `tape`: every adjoint; `wrt` names the results asked for first.

    Names in `wrt` are inputs, or names that the author has defined on the way to the result.
    """
    defined = tuple(name for name, var in tape.by_name.items() if var != tape.output)
    return Derivation("reverse", tape, (_reverse_sweep(tape),), chosen_names(tape, wrt, defined))


def _reverse_sweep(tape: Tape) -> Sweep:
    prepare_partials(tape)
    return Sweep(
        tape.result, partial(_adjoint_contributions, tape, _steps_using(tape)), partial(_adjoint_lines, tape)
    )


def _steps_using(tape: Tape) -> list[list[StepPlace]]:
    """For every variable j the steps i that use it, each with the place of j among the operands of i."""
    found: list[list[StepPlace]] = [[] for _ in range(tape.length)]
    for i, operands in enumerate(tape.operands):
        for place, j in enumerate(operands):
            found[j].append((i, place))
    return found


@without_garbage_collection
def _adjoint_contributions(tape: Tape, users: Sequence[Sequence[StepPlace]]) -> Contributions:
    """For each adjoint, from last to first, its contributions w̄_i·(∂w_i/∂w_j); none for the seed."""
    adjoints = [bar(var) for var in tape.order]
    named = tape.output == tape.result
    other = _other_ways(tape, tape.step_of[tape.output]) if named and tape.steps else frozenset()
    first = len(tape.inputs)
    found: list[tuple[Sym, Sequence[Contribution]]] = []
    for var, adjoint, places in zip(tape.order, adjoints, users, strict=True):
        terms = [
            Contribution(
                LocalPartial(tape.steps[i], at),
                adjoints[first + i],
                tape.result,
                var in other and i == len(tape.steps) - 1,
            )
            for i, at in places
        ]
        found.append((adjoint, () if var == tape.output else terms))
    return found[::-1]


def _other_ways(tape: Tape, step: Step) -> frozenset[Sym]:
    """The operands of the result's own step, where it bears the result's name, that act in other ways too."""
    if step.var != tape.result:
        return frozenset()
    return frozenset(operand for operand in step.operands if tape.has_other_ways(step, operand))


@without_garbage_collection
def _adjoint_lines(tape: Tape, contributions: Contributions) -> list[Line]:
    """The lines of the sweep, from the seed back."""
    writer = LineWriter(lambda partial, w: partial.transpose(w), lambda c: c.reverse)
    lines: list[Line] = []
    last = bar(tape.output)
    for adjoint, terms in contributions:
        lines += [_seed(writer, tape)] if adjoint == last else _lines(writer, adjoint, terms)
    return lines


def _seed(writer: LineWriter, tape: Tape) -> Line:
    """The seed w̄_out = 1; for an array any adjoint of its shape, under the author's name."""
    var = tape.output
    if var.shape:
        return writer.seed(bar(var), bar(tape.result))
    return writer.seed(bar(var), ONE, Expr(PARTIAL, tape.result, var))


def _lines(writer: LineWriter, adjoint: Sym, terms: Sequence[Contribution]) -> list[Line]:
    """The line of one variable, after a line for each path where there are several."""
    if len(terms) < 2:
        return [writer.line(adjoint, terms)]
    paths = [writer.line(bar(adjoint, path_label(i)), [term]) for i, term in enumerate(terms)]
    return [*paths, writer.fork(adjoint, paths)]


def path_label(position: int) -> str:
    """a, b, …, z, aa, ab, …"""
    label = ""
    position += 1
    while position:
        position, letter = divmod(position - 1, 26)
        label = ALPHABET[letter] + label
    return label
