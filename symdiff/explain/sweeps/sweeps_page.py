"""The page of sweeps over elementary steps.

The w-steps with their local partials and what is agreed at kinks; the rule of each mode, its seeds and every
line in full; the trace table, where primal and tangent, or primal and adjoint, stand side by side with their
numbers; which mode is cheaper here, from the operations of this very tape.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from math import prod

from symdiff.algebra.tidy import tidy
from symdiff.derivation.counts import both_passes, primal_operations
from symdiff.derivation.derivation import FREE, Derivation, Line, Sweep, bar, dot
from symdiff.derivation.line_writer import RenamedLine
from symdiff.document.blocks import (
    Block,
    Chain,
    Equations,
    Fold,
    Formula,
    Heading,
    Paragraph,
    Row,
    Table,
    Text,
    Unseen,
    text,
)
from symdiff.document.repeats import Repeats
from symdiff.explain.shared.conventions import REAL_SPACE, space_of
from symdiff.explain.shared.folding import LONGEST, folded, numbered_path, rows_without_repeats
from symdiff.explain.shared.graphs import tape_picture
from symdiff.explain.shared.kink_notes import kinks_on_tape
from symdiff.explain.shared.page_title import page_title
from symdiff.explain.shared.work import TapeWork, with_number
from symdiff.explain.sweeps.results import results
from symdiff.explain.sweeps.statement import statement
from symdiff.expr import tree as e
from symdiff.expr.leaves import entry_count, is_zero
from symdiff.expr.names import split_name
from symdiff.expr.notation import Binding, pattern
from symdiff.expr.operations import MAPPED, MAPPED_BACK, inner
from symdiff.expr.patterns import record_of
from symdiff.expr.shapes import Shape, is_number
from symdiff.expr.tree import PARTIAL, Expr, Num, Sym, count_operations
from symdiff.proof.judge import Judged
from symdiff.tape.partials import LocalPartial, local_partials
from symdiff.tape.tape import Step


def page(work: TapeWork) -> Iterator[Judged]:
    """The parts of the page in order."""
    yield work.judged_after(statement, steps, tape_picture, sweeps, results, trace_table, cost)


def title(work: TapeWork) -> Text:
    """Of the derivatives by every variable asked for, in the modes of the page."""
    mode = "both" if len(work.derivations) > 1 else work.derivations[0].mode
    return page_title(work, [work.derivative(name) for name in work.wrt], mode)


def steps(work: TapeWork) -> Iterator[Block]:
    """Each variable of the tape with the operation that makes it."""
    tape = work.tape
    yield Heading(text("steps.heading"))
    yield Paragraph(text("steps.intro", result=tape.result))
    repeats = Repeats()
    yield list_of_steps(work, repeats)
    if tape.steps and any(step.operands for step in tape.steps):
        letter = tape.output.name.rpartition("_")[0]
        i, j = work.letters.several("index", 2)
        partial = Expr(PARTIAL, Sym(f"{letter}_{i}"), Sym(f"{letter}_{j}"))
        indices = {"i": Sym(i), "wj": Sym(f"{letter}_{j}")}
        if tape.has_arrays:
            modes = {derivation.mode for derivation in work.derivations}
            key = "maps" if len(modes) > 1 else f"maps_{min(modes)}"
            yield Paragraph(text(f"steps.{key}", partial=partial, **indices))
            rows = [_row_of_map(p, modes, repeats) for step in tape.steps for p in _used_partials(work, step)]
        else:
            yield Paragraph(text("steps.partials", partial=partial, **indices))
            rows = [row for step in tape.steps for row in _partial_rows_of_step(work, step, repeats)]
        yield folded(rows, tape, work.full)
    yield from kinks_on_tape(work)


def _used_partials(work: TapeWork, step: Step) -> tuple[LocalPartial, ...]:
    """The local partials that the page uses: reverse mode those by variables that it is asked about."""
    found = local_partials(step)
    if work.mode("forward") is not None:
        return found
    return tuple(partial for partial in found if partial.operand in work.asked_about)


def list_of_steps(work: TapeWork, repeats: Repeats | None = None) -> Equations:
    """w₁ = x, …, w₃ = w₁·w₂ = y, each with its space where there are arrays."""
    tape, repeats = work.tape, repeats or Repeats()
    if len(tape.inputs) > MOST_INPUTS and len(tape.order) <= LONGEST and not tape.has_arrays:
        rows = list(_inputs_beside(tape.inputs))
    else:
        rows = [_input_row(work, var, name, repeats) for var, name in tape.inputs]
    rows += [_step_row(work, step, repeats) for step in tape.steps]
    return folded(rows, tape, work.full)


MOST_INPUTS = 4
"""Inputs that have a line each; more of them stand beside each other, so many in a line."""


def _inputs_beside(inputs: Sequence[tuple[Sym, Sym]]) -> Iterator[Row]:
    for start in range(0, len(inputs), MOST_INPUTS):
        first, *others = (Chain(var, (name,)) for var, name in inputs[start : start + MOST_INPUTS])
        yield Row(first, tuple(others))


def _input_row(work: TapeWork, var: Sym, name: Sym, repeats: Repeats) -> Row:
    def row() -> Row:
        return Row(Chain(var, (name,)), space=space_of(work, var))

    return repeats.row(("input", var.shape, var.assume), (var, name), row)


def _step_row(work: TapeWork, step: Step, repeats: Repeats) -> Row:
    def row() -> Row:
        return Row(Chain(step.var, _step_members(step)), space=space_of(work, step.var))

    label = () if step.label is None else (step.label,)
    return repeats.row(("step", step.kind, len(label)), (step.var, *step.operands, *label), row)


def _step_members(step: Step) -> tuple[Expr, ...]:
    return (step.body,) if step.label is None else (step.body, step.label)


MOST_BESIDE = 12
"""Partials of one step that stand beside each other."""


def _partial_rows_of_step(work: TapeWork, step: Step, repeats: Repeats) -> Iterator[Row]:
    """The rows of one step's partials; those that stand in one row are a kind of row."""
    used = _used_partials(work, step)
    if len(step.operands) > MOST_BESIDE:
        for one in used:
            row = partial(_partials_row, (one,))
            yield repeats.row(("partial", one.kind), (step.var, *one.names), row)
    elif used:
        row = partial(_partials_row, used)
        places = tuple(step.operands.index(one.operand) for one in used)
        yield repeats.row(("partials", step.kind, places), (step.var, *step.operands), row)


def _partials_row(partials: tuple[LocalPartial, ...]) -> Row:
    """Partials of one step beside each other."""
    chains = [_partial_chain(p, p.written.matrix(), p.short.matrix()) for p in partials]
    return Row(chains[0], tuple(chains[1:]))


def _partial_chain(partial: LocalPartial, written: Expr, short: Expr) -> Chain:
    members = (written,) if written == short else (written, short)
    return Chain(Expr(PARTIAL, partial.step, partial.operand), members)


def _row_of_map(partial: LocalPartial, modes: Collection[str], repeats: Repeats) -> Row:
    """A local partial: a number, or a map between arrays by what the sweeps in `modes` use of it.

    Forward mode applies the map to a tangent, reverse mode its transpose to an adjoint.
    """
    tangent = Sym(partial.operand.name, "dot", seed=FREE, shape=partial.operand.shape)
    adjoint = Sym(partial.step.name, "bar", seed=FREE, shape=partial.step.shape)

    def row() -> Row:
        if partial.is_scalar:
            return Row(_partial_chain(partial, tidy(partial.written.matrix()), tidy(partial.short.matrix())))
        symbol = Expr(PARTIAL, partial.step, partial.operand)
        forth = Chain(Expr(MAPPED, symbol, tangent), (tidy(partial.short.apply(tangent)),))
        back = Chain(Expr(MAPPED_BACK, symbol, adjoint), (tidy(partial.short.transpose(adjoint)),))
        first, *others = [chain for mode, chain in (("forward", forth), ("reverse", back)) if mode in modes]
        return Row(first, tuple(others))

    return repeats.row(("map", partial.kind), (partial.step, *partial.names, tangent, adjoint), row)


def sweeps(work: TapeWork) -> Iterator[Block]:
    """Each derivation's sweeps, forward before reverse."""
    for derivation in work.derivations:
        yield Heading(text(f"{derivation.mode}.heading"))
        yield from _rule(work, derivation)
        if derivation.mode == "forward":
            yield from _passes(work, derivation)
        else:
            yield from _reverse(work, derivation)


FORWARD_RULE = pattern(
    "forward rule", r"{0} = \sum_{{{3}}} {1} \cdot {2}", "{0} = Σ_{3} ({1})·{2}", Binding.SUM, arity=4
)
REVERSE_RULE = pattern(
    "reverse rule", r"{0} = \sum_{{{3}}} {2} \cdot {1}", "{0} = Σ_{3} {2}·({1})", Binding.SUM, arity=4
)
ARRAY_FORWARD_RULE = pattern(
    "array forward rule",
    r"{0} = \sum_{{{4}}} \frac{{\partial {1}}}{{\partial {2}}}\left[{3}\right]",
    "{0} = Σ_{4} (∂{1}/∂{2})[{3}]",
    Binding.SUM,
    arity=5,
)
ARRAY_REVERSE_RULE = pattern(
    "array reverse rule",
    r"{0} = \sum_{{{4}}} \left(\frac{{\partial {1}}}{{\partial {2}}}\right)^{{\!\top}}\!\left[{3}\right]",
    "{0} = Σ_{4} (∂{1}/∂{2})ᵀ[{3}]",
    Binding.SUM,
    arity=5,
)


def _rule(work: TapeWork, derivation: Derivation) -> Iterator[Block]:
    """The accumulation rule of the mode, in the letter of this tape; between arrays partials are maps."""
    mode, result, has_arrays = derivation.mode, work.tape.result, work.tape.has_arrays
    letter = derivation.tape.output.name.rpartition("_")[0]
    own_index, index = map(Sym, work.letters.several("index", 2))
    i, j = Sym(f"{letter}_{own_index}"), Sym(f"{letter}_{index}")
    if mode == "forward":
        own, other = Sym(i.name, "dot"), Sym(j.name, "dot")
        rule = ARRAY_FORWARD_RULE if has_arrays else FORWARD_RULE
    else:
        own, other = Sym(j.name, "bar"), Sym(i.name, "bar")
        rule = ARRAY_REVERSE_RULE if has_arrays else REVERSE_RULE
    is_transposed = mode == "reverse" and work.layout == "numerator" and not work.tape.output.shape
    if mode == "reverse" and result.shape:
        seed = bar(result)
        number = inner(seed, result)
        yield Paragraph(text("arrays.reverse_seeded", own=own, result=result, seed=seed, number=number))
    else:
        key = f"arrays.{mode}{'_numerator' if is_transposed else ''}" if has_arrays else f"{mode}.rule"
        yield Paragraph(text(key, own=own, result=result))
    factors = (i, j, other) if has_arrays else (Expr(PARTIAL, i, j), other)
    over = index if mode == "forward" else own_index
    yield Formula(Expr(rule, own, *factors, over), text(f"{mode}.range", i=own_index, j=index))


PASSES_SHOWN = 4


def _passes(work: TapeWork, derivation: Derivation) -> Iterator[Block]:
    """One pass for each input asked for; of very many the first ones are written."""
    passes = derivation.sweeps
    if len(passes) > 1:
        key = "arrays.passes" if work.tape.has_arrays else "forward.passes"
        yield Paragraph(text(key, count=len(passes)))
    shown = _shown_passes(work, passes)
    lines = [[line for line in sweep.lines if line.contributions] for sweep in shown]
    leaves_out = not work.sections.has("zeros") and any(map(_is_zero, (one for own in lines for one in own)))
    if leaves_out:
        yield Paragraph(text("forward.zeros"))
    for sweep, own in zip(shown, lines, strict=True):
        rows = _rows(work, (line for line in own if not (leaves_out and _is_zero(line))))
        yield Paragraph(_seeds(work, derivation, sweep, is_alone=not rows))
        if rows:
            yield folded(rows, work.tape, work.full)
        zeros = _rows(work, filter(_is_zero, own)) if leaves_out else []
        if zeros:
            yield Unseen(tuple(zeros))
    if len(shown) < len(passes):
        yield Paragraph(text("forward.others", count=len(passes) - len(shown)))
        others = [sweep for sweep in passes if sweep not in shown]
        yield Unseen(tuple(row for sweep in others for row in _rows(work, sweep.lines)))


def _shown_passes(work: TapeWork, passes: tuple[Sweep, ...]) -> tuple[Sweep, ...]:
    """All passes; of very many the first ones, or one for each kind of entries: x₁, x₂, … and W₁₁, W₁₂, …"""
    if work.full or len(passes) <= PASSES_SHOWN + 1:
        return passes
    if work.sections.has("alike"):
        return passes[:PASSES_SHOWN]
    kinds = {split_name(sweep.seed.name)[0]: sweep for sweep in reversed(passes)}
    return tuple(sweep for sweep in passes if sweep in kinds.values())[:PASSES_SHOWN]


def _is_zero(line: Line) -> bool:
    """Whether a line says that a tangent is 0 at every point; all lines of a kind say so, or none."""
    return is_zero(record_of(line).members[-1])


SEEDS_SHOWN = 4


def _seeds(work: TapeWork, derivation: Derivation, sweep: Sweep, *, is_alone: bool) -> Text:
    """By which input a pass goes, with its seeds; `is_alone` where all other tangents are 0."""
    alone = "_alone" if is_alone else ""
    seeds = [line for line in sweep.lines if not line.contributions]
    if sweep.seed.shape:
        chains = tuple(Chain(line.var, line.members) for line in seeds)
        direction = dot(sweep.seed, sweep.seed)
        return text(f"arrays.seeds{alone}", by=sweep.seed, direction=direction, seeds=chains)
    key = "pass" if len(derivation.sweeps) > 1 else "seed"
    if len(seeds) > SEEDS_SHOWN:
        own = work.tape.variables[sweep.seed.name].name
        one = next(line for line in seeds if line.var.name == own)
        return text(f"forward.{key}_many{alone}", by=sweep.seed, seed=Chain(one.var, one.members))
    chains = tuple(Chain(line.var, line.members) for line in seeds)
    return text(f"forward.{key}{alone}", by=sweep.seed, seeds=chains)


def _reverse(work: TapeWork, derivation: Derivation) -> Iterator[Block]:
    """The seed, then every adjoint from the result back to the inputs."""
    (sweep,) = derivation.sweeps
    seed, *others = sweep.lines
    lines = [line for line in others if work.is_asked_about(line.var)]
    if any(_has_several_paths(line) for line in lines):
        yield Paragraph(text("reverse.paths"))
    if not others:
        yield Paragraph(text("reverse.only_seed", seed=Chain(seed.var, seed.members)))
        return
    block = folded(_rows(work, lines), work.tape, work.full)
    named = numbered_path(block)
    if named is not None:
        own, by_place = named
        key = "reverse.numbered_on" if len(own.label) > 1 else "reverse.numbered"
        i = Sym(work.letters.free("index"))
        yield Paragraph(text(key, i=i, own=own, by_place=by_place))
    key = "arrays.seed_adjoint" if seed.var.shape else "reverse.seed"
    yield Paragraph(text(key, seed=Chain(seed.var, seed.members)))
    yield block


def _rows(work: TapeWork, lines: Iterable[Line]) -> list[Row]:
    """The lines as rows; the line of one path says through which step it comes."""
    repeats = Repeats()

    def row(line: Line) -> Row:
        return Row(
            Chain(line.var, _members(work, line)),
            note=_path_note(line),
            space=space_of(work, line.var),
            reason=_reason(line),
        )

    return [
        repeats.row((line.pattern, bool(line.var.label)), line.names, partial(row, line))
        if isinstance(line, RenamedLine)
        else row(line)
        for line in lines
    ]


MOST_WRITTEN = 8
"""Operations of the form in primal names up to which it ends a line."""


def _members(work: TapeWork, line: Line) -> tuple[Expr, ...]:
    """What a line says; without the form in primal names where the line above has it, or where it is long."""
    *members, last = line.members
    is_final = line.because or is_zero(last) or last != line.primal
    if work.sections.has("long forms") or is_final:
        return line.members
    repeats = any(isinstance(member, Sym) and member.accent for member in members)
    if repeats or (members and count_operations(last) > MOST_WRITTEN and line.local in members):
        return tuple(members)
    return line.members


def _path_note(line: Line) -> Text | None:
    return text("reverse.through", step=line.contributions[0].partial.step) if line.var.label else None


def _reason(line: Line) -> Text | None:
    """Why the last form follows, where it needs an assumption."""
    return text("arrays.because", names=line.because) if line.because else None


def _has_several_paths(line: Line) -> bool:
    return len({c.incoming for c in line.contributions}) > 1 and not line.var.label


def trace_table(work: TapeWork) -> Iterator[Block]:
    """For each mode the values with its tangents or adjoints, when there is a point to take numbers at."""
    if work.model is None:
        return
    if work.tape.has_arrays:
        yield Heading(text("trace.values"))
        yield from _values_of_arrays(work)
        return
    yield Heading(text("trace.heading"))
    for derivation in work.derivations:
        yield _table(work, derivation)


TableRow = tuple[Chain | None, ...]


def _table(work: TapeWork, derivation: Derivation) -> Table:
    """A row for each variable; below an adjoint that is a sum, the contributions it is the sum of."""
    rows: list[TableRow] = []
    inputs = 0
    lines = [_by_variable(sweep) for sweep in _tabled(work, derivation)]
    for var in work.tape.order:
        whole, *parts = zip(*(_lines_of(work, found[var.name]) for found in lines), strict=True)
        rows.append((_primal_cell(work, var), *(_line_cell(work, line) for line in whole)))
        rows += [(None, *(_line_cell(work, line) for line in part)) for part in parts]
        inputs += (1 + len(parts)) * (var in work.inputs)
    fold = None
    if len(rows) > LONGEST and not work.full:
        fold = Fold(tuple(rows_without_repeats(0, len(rows))))
    return Table(_head(work, derivation), tuple(rows), (inputs,) if inputs < len(rows) else (), fold)


def _lines_of(work: TapeWork, found: list[Line]) -> Sequence[Line | None]:
    """The lines of a variable, its own before the contributions to it; none of an adjoint left out."""
    own = found[-1].var
    return found[::-1] if own.accent == "dot" or work.is_asked_about(own) else (None,)


def _tabled(work: TapeWork, derivation: Derivation) -> tuple[Sweep, ...]:
    """The sweeps that have columns: all, or those that are written, one for each kind of entries."""
    all_alike = work.sections.has("alike")
    return derivation.sweeps if all_alike else _shown_passes(work, derivation.sweeps)


def _head(work: TapeWork, derivation: Derivation) -> tuple[Text, ...]:
    if derivation.mode == "reverse":
        return text("trace.primal"), text("trace.reverse")
    return text("trace.primal"), *(
        text("trace.forward", by=sweep.seed) for sweep in _tabled(work, derivation)
    )


def _by_variable(sweep: Sweep) -> dict[str, list[Line]]:
    lines: dict[str, list[Line]] = {}
    for line in sweep.lines:
        lines.setdefault(line.var.name, []).append(line)
    return lines


def _primal_cell(work: TapeWork, var: Sym) -> Chain:
    step = work.tape.step_of.get(var)
    rule = step.body if step is not None else work.inputs[var]
    return _valued_cell(work, var, rule)


def _line_cell(work: TapeWork, line: Line | None) -> Chain | None:
    return None if line is None else _valued_cell(work, line.var, line.local)


def _valued_cell(work: TapeWork, left: Expr, rule: Expr) -> Chain:
    """symbol = local rule = number; a rule that is a number already is the number."""
    members = (rule,) if isinstance(rule, Num) else (rule, work.value(left))
    return Chain(left, members, at_point=True)


def _values_of_arrays(work: TapeWork) -> Iterator[Block]:
    """The numbers of every variable, then of every adjoint."""
    names = work.tape.names
    rows = []
    for var in work.tape.order:
        members = (names[var],) if var in names else ()
        rows.append(Row(with_number(work, var, *members)))
    yield Equations(tuple(rows))
    back = work.mode("reverse")
    if back is not None and not work.tape.output.shape:
        yield Paragraph(text("arrays.adjoint_values"))
        found = [line for line in back.sweeps[0].lines if not line.var.label]
        lines = [line for line in found if work.is_asked_about(line.var)]
        yield Equations(tuple(Row(with_number(work, line.var)) for line in lines))


def cost(work: TapeWork) -> Iterator[Block]:
    """Operations of the function, of a forward pass and of a reverse pass, and what follows."""
    inputs = len(work.tape.inputs)
    if not work.tape.steps:
        return
    if work.tape.has_arrays:
        yield from _cost_with_arrays(work)
        return
    forward, reverse = both_passes(work.tape)
    yield Heading(text("cost.heading"))
    yield Paragraph(
        text(
            "cost.counts" if len(work.derivations) > 1 else f"cost.counts_{work.derivations[0].mode}",
            primal=Num(primal_operations(work.tape)),
            forward=Num(forward),
            reverse=Num(reverse),
        )
    )
    verdict = (
        "reverse" if inputs * forward > reverse else "forward" if inputs * forward < reverse else "equal"
    )
    yield Paragraph(
        text(f"cost.{verdict}", inputs=Num(inputs), passes=Num(inputs * forward), reverse=Num(reverse))
    )
    n, m = map(Sym, work.letters.several("size", 2))
    spaces = {"domain": Expr(REAL_SPACE, n), "codomain": Expr(REAL_SPACE, m)}
    yield Paragraph(text("cost.general", n=n, m=m, **spaces))


def _cost_with_arrays(work: TapeWork) -> Iterator[Block]:
    """How many passes each mode takes for the whole derivative."""
    inputs = _entry_count([name.shape for name in work.wrt])
    outputs = _entry_count([work.tape.output.shape])
    yield Heading(text("cost.heading"))
    yield Paragraph(text(_verdict_with_arrays(work, inputs), wrt=work.wrt, inputs=inputs, outputs=outputs))


def _verdict_with_arrays(work: TapeWork, inputs: Expr) -> str:
    """What is said of the passes: of a number reverse mode takes fewer, unless there is one entry only."""
    if work.tape.output.shape:
        return "arrays.cost"
    if not isinstance(inputs, Num):
        return "arrays.cost_open"
    return "arrays.cost_number" if inputs.value > 1 else "arrays.cost_one"


def _entry_count(shapes: Sequence[Shape]) -> Expr:
    """How many entries arrays of these shapes have together, a number where the sizes are numbers."""
    if all(is_number(part) for shape in shapes for part in shape):
        return Num(sum(prod(int(part) for part in shape) for shape in shapes))
    return tidy(e.total(map(entry_count, shapes)))
