"""Steps to go through: what is known, phases, moves and the edges that they come along."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import prod

from symdiff.algebra.monomials import same_up_to_order
from symdiff.derivation.derivation import Derivation, bar, dot
from symdiff.derivation.sweeps import path_label
from symdiff.document.blocks import Chain, Known, Move, Phase, Stepping
from symdiff.errors import DomainError
from symdiff.expr.leaves import Grid
from symdiff.expr.shapes import size_value
from symdiff.expr.tree import Expr, Num, Sym
from symdiff.proof.agreement import confirm
from symdiff.proof.balls import BITS, Balls, Undecided
from symdiff.proof.line_values import LineValues
from symdiff.proof.model import decided
from symdiff.proof.statements.places import Part, refuse
from symdiff.proof.statements.sweep_sentences import place_of_path
from symdiff.tape.tape import Tape


def check_stepping(block: Stepping, part: Part) -> None:
    """Refuse steps that are not those of the tape and of its sweeps.

    Raises:
        ProofError: one is not.
    """
    tape = part.tape
    assert tape is not None
    _check_known(block, part, tape)
    primal, *others = block.phases
    if (primal.mode, primal.by) != ("primal", None):
        refuse("the first phase", f"is {primal.mode}")
    _check_primal(primal, tape)
    given = [phase.mode for phase in others]
    if given != sorted(given) or not {*given} <= {"forward", "reverse"}:
        refuse("the phases", "are in another order")
    _check_sweeps(others, part, tape)
    for expr, name in block.same:
        _check_same(expr, name, part, tape)
    if len(set(block.same)) < len(block.same):
        refuse("a symbol of the steps", "is said twice")
    if block.numbers:
        _check_numbers(block)


def _check_numbers(block: Stepping) -> None:
    """Names in their order, each with its value by the lines themselves, at the numbers that are known."""
    names = [*(known.var for known in block.known), *(move.var for move in block.moves)]
    said = [name for name, _ in block.numbers]
    if said != [name for name in names if name in {*said}]:
        refuse("a number of the steps", "is of no name, or in another order")
    if any(known.numbers is None for known in block.known):
        refuse("the numbers of the steps", "follow from nothing")
    make = partial(LineValues, block.known, block.moves, block.sizes, block.indices)
    try:
        values = decided(make, Balls(BITS, exact=True))
    except (DomainError, Undecided):
        refuse("the numbers of the steps", "are those of a point without values")
    for name, number in block.numbers:
        if not isinstance(number, Num | Grid):
            refuse(f"the number of {name}", "is none")
        confirm(Chain(name, (number,), at_point=True), number, values, {})


def _check_known(block: Stepping, part: Part, tape: Tape) -> None:
    """The inputs in order, then the free seeds; numbers that are given are the reader's."""
    pairs = [(known.var, known.name) for known in block.known]
    if pairs[: len(tape.inputs)] != list(tape.inputs):
        refuse("what is known", "are not the inputs")
    if block.given != (part.at is not None):
        refuse("the numbers of the steps", "are given by nobody" if block.given else "are the reader's own")
    for known in block.known[: len(tape.inputs)]:
        if part.at is not None and known.numbers not in (None, part.at[known.name.name]):
            refuse(f"the number of {known.name}", "is not the reader's")
    if block.indices.keys() != tape.indices.keys():
        refuse("the indices of the steps", "are others")
    if part.at is not None and any(part.at[name] != value for name, value in block.indices.items()):
        refuse("an index of the steps", "is not the reader's")
    seeds = block.known[len(tape.inputs) :]
    if [known.var for known in seeds] != _free_seeds(block, tape) or any(k.var != k.name for k in seeds):
        refuse("the free seeds", "are others")
    for known in seeds:
        _check_unit(known, block)


def _free_seeds(block: Stepping, tape: Tape) -> list[Sym]:
    """The tangent of each array that a pass is by, and the adjoint of a result that is an array."""
    passes = [phase.by for phase in block.phases if phase.by is not None and phase.by.shape]
    back = any(phase.mode == "reverse" for phase in block.phases) and tape.output.shape
    return [*(dot(by, by) for by in passes), *([bar(tape.result)] if back else [])]


def _check_unit(known: Known, block: Stepping) -> None:
    """1 for the first entry, 0 for the others."""
    entries = _flat(known.numbers)
    if known.numbers is None:
        return
    if entries[:1] != [1] or any(entries[1:]):
        refuse(f"the seed {known.name}", "is no unit")
    if len(entries) != prod(size_value(part, block.sizes) for part in known.var.shape):
        refuse(f"the seed {known.name}", "has another shape")


def _flat(value: object) -> list[object]:
    return [n for part in value for n in _flat(part)] if isinstance(value, tuple | list) else [value]


def _check_primal(phase: Phase, tape: Tape) -> None:
    """Each step once, in order, along the uses of its operands."""
    if [move.var for move in phase.moves] != [step.var for step in tape.steps]:
        refuse("the steps down the tape", "are others")
    for move, step in zip(phase.moves, tape.steps, strict=True):
        _check_move(move, [(operand, step.var) for operand in step.operands])
        if step.body not in (move.form, *move.members):
            refuse(f"the move to {move.var}", "is another step")


def _check_move(move: Move, along: Sequence[tuple[Sym, Sym]]) -> None:
    """What is shown and computed are members of the move, which is proved; along these edges."""
    if not any(same_up_to_order(member, move.form) for member in move.members):
        refuse(f"the move to {move.var}", f"computes {move.form}")
    places = [move.members.index(form) for form in move.shown if form in move.members]
    if not places or len(places) < len(move.shown) or places != sorted(places):
        refuse(f"the move to {move.var}", "shows what it does not prove")
    if list(move.along) != list(along):
        refuse(f"the move to {move.var}", "comes along other edges")


def _check_sweeps(phases: Sequence[Phase], part: Part, tape: Tape) -> None:
    """Each pass by its own variable, its moves in the order of the sweep."""
    forward = [phase for phase in phases if phase.mode == "forward"]
    derivation = part.derivation("forward")
    seeds = [sweep.seed for sweep in derivation.sweeps] if derivation is not None else []
    few = seeds if len(seeds) <= MOST_PASSES + 1 else seeds[:MOST_PASSES]
    if [phase.by for phase in forward] != few:
        refuse("the passes", "are by other variables")
    back = [phase for phase in phases if phase.mode == "reverse"]
    if len(back) != (part.derivation("reverse") is not None or not part.derivations):
        refuse("the reverse sweep", "is missing or comes twice")
    for phase in phases:
        if phase.mode == "reverse" and phase.by is not None:
            refuse("the reverse sweep", "is by no variable")
        _check_order(phase, tape)
        for move in phase.moves:
            _check_sweep_move(move, phase, tape)


MOST_PASSES = 4
"""Forward passes that are gone through: of very many the first ones."""


def _check_order(phase: Phase, tape: Tape) -> None:
    """Every line with a contribution, down the tape or back; of several paths each, then their sum."""
    said = [(move.var.name, move.var.label) for move in phase.moves]
    names = {name for name, _ in said}
    if phase.mode == "forward":
        operands = {step.var: step.operands for step in tape.steps}
        known = [(var.name, "") for var in tape.order if operands.get(var) or var.name in names]
    else:
        known = []
        for var in reversed(tape.order):
            users = len(tape.users.get(var, ()))
            if users > 1:
                known += [(var.name, path_label(n)) for n in range(users)]
            if users or var.name in names:
                known.append((var.name, ""))
    if said != known:
        refuse("the moves of a sweep", "are others, or in another order")


def _check_sweep_move(move: Move, phase: Phase, tape: Tape) -> None:
    """The edges of the contributions: into a step in a forward pass, out of a variable in the reverse one."""
    var = next(var for var in tape.order if var.name == move.var.name)
    accent, seed = ("dot", phase.by.name if phase.by else "") if phase.mode == "forward" else ("bar", "")
    if (move.var.accent, move.var.seed) != (accent, seed):
        refuse(f"the move to {move.var}", "is of another phase")
    step = tape.step_of.get(var)
    if accent == "dot":
        edges = [(operand, var) for operand in step.operands] if step is not None else []
    else:
        users = tape.users.get(var, ())
        edges = [(var, user.var) for user in users]
        if move.var.label:
            number = place_of_path(move.var.label)
            edges = edges[number : number + 1]
        if not users or (var == tape.output and len(move.along) == 0):
            edges = []
    _check_move(move, edges)


def _check_same(expr: Expr, name: Sym, part: Part, tape: Tape) -> None:
    """Another way to write a name: the author's name of a variable, or the derivative a sweep ends with."""
    if isinstance(expr, Sym):
        if tape.names.get(name) != expr:
            refuse(f"{expr} in the steps", f"is not {name}")
        return
    if part.is_result(expr) or _is_result_of(expr, tape):
        by = expr.args[1]
        assert isinstance(by, Sym)
        var = tape.by_name.get(by, by)
        forward = [_tangent_of_result(d, by, tape) for d in part.derivations if d.mode == "forward"]
        if name == bar(var) or name in forward:
            return
    refuse(f"{expr} in the steps", f"is not {name}")


def _is_result_of(expr: Expr, tape: Tape) -> bool:
    """A derivative of the result of a tape that has no derivation beside it."""
    return len(expr.args) == 2 and expr.args[0] == tape.result


def _tangent_of_result(derivation: Derivation, by: Sym, tape: Tape) -> Sym:
    seeds = [sweep.seed for sweep in derivation.sweeps if sweep.seed.name == by.name]
    return dot(tape.output, seeds[0]) if seeds else bar(by)
