"""The derivation as steps to go through one by one: down the tape, then along each sweep.

A page that can be stepped through shows it first; every equality in it is one of the document's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from math import prod

from symdiff.algebra.monomials import same_up_to_order
from symdiff.derivation.derivation import Derivation, Line, Sweep, bar, dot
from symdiff.document.blocks import Graph, Known, Move, Nested, Phase, Stepping
from symdiff.errors import DomainError, UndecidedError
from symdiff.explain.shared.graphs import PictureOptions, graph_of
from symdiff.explain.shared.rounded_numbers import shown_value
from symdiff.explain.shared.work import TapeWork
from symdiff.expr.leaves import is_zero
from symdiff.expr.names import split_name
from symdiff.expr.shapes import Shape, size_value
from symdiff.expr.tree import Expr, Sym, postorder
from symdiff.expr.unspecified import function_names
from symdiff.proof.judge import Judged
from symdiff.proof.sample_points import model_at
from symdiff.proof.sampling import Candidate, sizes_at
from symdiff.proof.starting_point import is_small, starting_point
from symdiff.proof.unit_seeds import UnitSeeds
from symdiff.rules.table import RULES
from symdiff.rules.written_out import formula_of
from symdiff.tape.points import shape_of
from symdiff.tape.tape import Step, Tape

MOST_STEPS, MOST_PASSES, MOST_SEEDS, MOST_NODES = 100, 4, 4, 60
"""Steps of a tape, forward passes, zero seeds and nodes of a picture that are gone through."""


def steps_to_go_through(work: TapeWork) -> Iterator[Judged]:
    """The steps of `work`, unless they are more than anyone would go through or their names would mislead."""
    if work.tape.steps and len(work.tape.steps) <= MOST_STEPS and not has_ambiguous_accents(work.tape):
        found = step_through(work)
        if found.indices or not work.tape.indices:  # without a point nothing says what an index is
            yield Judged((found,), work.judge)


def has_functions_without_a_formula(tape: Tape) -> bool:
    """Whether a function occurs of which there are no numbers."""
    return bool(function_names(formula for _, formula in tape.definitions))


def has_ambiguous_accents(tape: Tape) -> bool:
    """Whether a variable is written like the adjoint or the tangent of another one, as h̄ beside h."""
    parts = [split_name(var.name) for var in tape.order]
    bare = {(stem, index) for stem, accent, index in parts if not accent}
    return any(accent in ("bar", "dot") and (stem, index) in bare for stem, accent, index in parts)


def step_through(work: TapeWork) -> Stepping:
    """All steps, with the reader's numbers or, where none were given, numbers to start with."""
    tape = work.tape
    point = work.at if work.at is not None and _fits_the_page(work.at) else None
    if work.at is None and not has_functions_without_a_formula(tape):
        point = starting_point(tape)
    phases = (Phase("primal", tuple(map(_primal_move, tape.steps))), *_sweeps(work))
    known = (*_inputs(tape, point), *_free_seeds(work, point))
    names = [*(given.var for given in known), *(move.var for phase in phases for move in phase.moves)]
    return Stepping(
        known=known,
        phases=phases,
        sizes=_sizes(tape, point),
        same=tuple(_other_symbols(work)),
        formulas=lambda: _formulas_of_operations(move.form for phase in phases for move in phase.moves),
        given=work.at is not None,
        numbers=() if point is None else tuple(_numbers(work, point, names)),
        digits=work.digits,
        graph=_picture(work),
        indices={} if point is None else {name: point[name] for name in tape.indices},
    )


def _numbers(work: TapeWork, point: Candidate, names: Iterable[Sym]) -> Iterator[tuple[Sym, Expr]]:
    """The values of names at the point, free seeds being units; none of one that cannot be written."""
    is_page = work.at is not None and not work.tape.has_arrays
    model = work.model if is_page else model_at(work.tape, point, UnitSeeds)
    for name in names:
        with suppress(DomainError, UndecidedError):
            yield name, shown_value(model, name, work.digits)


def _picture(work: TapeWork) -> Graph | None:
    """The picture of the steps, while it can be read; its numbers are those of the page."""
    return graph_of(work, PictureOptions(False, False)) if len(work.tape.order) <= MOST_NODES else None


def _fits_the_page(point: dict[str, Nested]) -> bool:
    return is_small([list(shape_of(value) or ()) for value in point.values()])


def _inputs(tape: Tape, point: dict[str, Nested] | None) -> Iterator[Known]:
    for var, name in tape.inputs:
        yield Known(var, name, None if point is None else point[name.name])


def _free_seeds(work: TapeWork, point: dict[str, Nested] | None) -> Iterator[Known]:
    """The tangents and the adjoint that may be anything, where inputs or the result are arrays.

    Their numbers are those of a unit: the derivative by the first entry, or of the first one.
    """
    sizes = _sizes(work.tape, point)
    for derivation in work.derivations:
        seeds = [sweep.seed for sweep in _sweeps_to_go_through(derivation)]
        free = [dot(seed, seed) for seed in seeds if seed.shape]
        if derivation.mode == "reverse":
            free = [bar(work.tape.result)] if work.tape.output.shape else []
        for name in free:
            yield Known(name, name, None if point is None else _unit_array(name.shape, sizes))


def _sizes(tape: Tape, point: dict[str, Nested] | None) -> dict[str, int]:
    """The numbers of the sizes of arrays at the point."""
    # Without arrays nothing is asked: `sizes_at` loads NumPy.
    if point is None or not tape.has_arrays:
        return {}
    return sizes_at(tape, point)


def _unit_array(shape: Shape, sizes: dict[str, int]) -> Nested:
    lengths = [size_value(part, sizes) for part in shape]
    entries = tuple(Fraction(i == 0) for i in range(prod(lengths)))
    if len(lengths) == 1:
        return entries
    return tuple(entries[i : i + lengths[1]] for i in range(0, len(entries), lengths[1]))


def _primal_move(step: Step) -> Move:
    members = (step.body,) if step.label is None else (step.body, step.label)
    along = tuple((operand, step.var) for operand in step.operands)
    return Move(step.var, members, (step.body,), step.body, along)


def _sweeps_to_go_through(derivation: Derivation) -> tuple[Sweep, ...]:
    """The passes that are gone through: of very many the first ones."""
    few = len(derivation.sweeps) <= MOST_PASSES + 1
    return derivation.sweeps if few else derivation.sweeps[:MOST_PASSES]


def _sweeps(work: TapeWork) -> Iterator[Phase]:
    for derivation in work.derivations:
        for sweep in _sweeps_to_go_through(derivation):
            by = sweep.seed if derivation.mode == "forward" else None
            yield Phase(derivation.mode, tuple(map(_sweep_move, _lines_to_go_through(sweep.lines))), by)


def _lines_to_go_through(lines: tuple[Line, ...]) -> list[Line]:
    """The lines but for a seed that is its own, and for zero seeds where seeds are many: none needs them."""
    others = [line for line in lines if line.local != line.var]
    few = sum(not line.contributions for line in others) <= MOST_SEEDS
    return [line for line in others if few or line.contributions or not is_zero(line.local)]


def _sweep_move(line: Line) -> Move:
    """The chain rule first, then what it comes to in the names of the step."""
    local = next((m for m in line.members if same_up_to_order(m, line.local)), line.members[-1])
    shown = tuple(dict.fromkeys((line.members[0], local)))
    along = tuple((c.partial.operand, c.partial.step) for c in line.contributions)
    return Move(line.var, line.members, shown, line.local, along)


def _other_symbols(work: TapeWork) -> Iterator[tuple[Expr, Sym]]:
    """The author's names of variables, and the derivatives that the sweeps end with."""
    for var, name in work.tape.names.items():
        if var != name:
            yield name, var
    for derivation in reversed(work.derivations):
        for name in work.wrt if not work.tape.output.shape else ():
            line = derivation.results.get(name.name)
            if line is not None and not (derivation.mode == "forward" and name.shape):
                yield work.derivative(name), line.var


def _formulas_of_operations(forms: Iterable[Expr]) -> Iterator[tuple[str, tuple[Sym, ...], Expr]]:
    """Operations that stand for a formula, for whoever computes with others: op(u_0, …) = formula."""
    used = {node.op.name: node.op for form in forms for node in postorder(form) if node.args}
    for name, op in used.items():
        rule = RULES.get(name)
        if rule is None or not op.arity or rule.internal:
            continue
        slots = tuple(Sym(f"u_{i}") for i in range(op.arity))
        form = formula_of(rule, slots)
        if form is not None and all(node.op.name != name for node in postorder(form)):
            yield name, slots, form
