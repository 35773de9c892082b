"""The page of sweeps over elementary steps.

The w-steps with their local partials and what is agreed at kinks; the rule of each mode, its seeds and every
line in full; the trace table, where primal and tangent, or primal and adjoint, stand side by side with their
numbers; which mode is cheaper here, from the operations of this very tape.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from symdiff.derivation.counts import both_passes, primal_operations
from symdiff.derivation.derivation import Derivation, Line, Sweep, dot
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
from symdiff.explain.shared.folding import LONGEST, folded, plain
from symdiff.explain.shared.kink_notes import array_kinks, kinks_on_entries
from symdiff.explain.shared.pictures import tape_picture
from symdiff.explain.shared.work import EQUAL, REAL_SPACE, TapeWork
from symdiff.explain.sweeps.results import array_cost, array_rule, array_values, map_rows, results, space_of
from symdiff.explain.sweeps.statement import statement
from symdiff.expr.notation import Binding, pattern
from symdiff.expr.operations import GREATER, POSITIVE, is_array
from symdiff.expr.tree import PARTIAL, Expr, Num, Sym, postorder
from symdiff.proof.judge import Judged
from symdiff.proof.kinks import Kink, agreed, kinks, kinks_at
from symdiff.rules.table import RULES
from symdiff.tape.partials import LocalPartial, local_partials
from symdiff.tape.tape import Step

FORWARD_RULE = pattern(
    "forward rule", r"{0} = \sum_{{j}} {1} \cdot {2}", "{0} = Σ_j ({1})·{2}", Binding.SUM, arity=3
)
REVERSE_RULE = pattern(
    "reverse rule", r"{0} = \sum_{{i}} {2} \cdot {1}", "{0} = Σ_i {2}·({1})", Binding.SUM, arity=3
)
PASSES_SHOWN = 4
SEEDS_SHOWN = 4


def page(work: TapeWork) -> Iterator[Judged]:
    """The parts of the page in order."""
    yield work.judged((statement, steps, tape_picture, sweeps, results, trace_table, cost))


def sweeps(work: TapeWork) -> Iterator[Block]:
    """Each derivation's sweeps, forward before reverse."""
    for derivation in work.derivations:
        yield Heading(text(f"{derivation.mode}.heading"))
        yield from _rule(work, derivation)
        if derivation.mode == "forward":
            yield from _passes(work, derivation)
        else:
            yield from _reverse(work, derivation)


def _rule(work: TapeWork, derivation: Derivation) -> Iterator[Block]:
    """The accumulation rule of the mode, in the letter of this tape."""
    letter = derivation.tape.output.name.rpartition("_")[0]
    i, j = Sym(f"{letter}_i"), Sym(f"{letter}_j")
    if derivation.tape.has_arrays:
        yield from array_rule(work, derivation, i, j)
        return
    slope = Expr(PARTIAL, i, j)
    if derivation.mode == "forward":
        own, other, form = Sym(i.name, "dot"), Sym(j.name, "dot"), FORWARD_RULE
    else:
        own, other, form = Sym(j.name, "bar"), Sym(i.name, "bar"), REVERSE_RULE
    yield Paragraph(text(f"{derivation.mode}.rule", own=own, result=work.tape.result))
    indices = {"i": Sym("i"), "j": Sym("j")}
    yield Formula(Expr(form, own, slope, other), text(f"{derivation.mode}.range", **indices))


def _passes(work: TapeWork, derivation: Derivation) -> Iterator[Block]:
    """One pass for each input asked for; of very many the first ones are written."""
    passes = derivation.sweeps
    if len(passes) > 1:
        key = "arrays.passes" if work.tape.has_arrays else "forward.passes"
        yield Paragraph(text(key, count=len(passes)))
    shown = passes if work.full or len(passes) <= PASSES_SHOWN + 1 else passes[:PASSES_SHOWN]
    for sweep in shown:
        yield Paragraph(_seeds(work, derivation, sweep))
        rows = _rows(work, (line for line in sweep.lines if line.contributions))
        if rows:
            yield folded(rows, work.tape, work.full)
    if len(shown) < len(passes):
        yield Paragraph(text("forward.others", count=len(passes) - len(shown)))
        yield Unseen(tuple(row for sweep in passes[len(shown) :] for row in _rows(work, sweep.lines)))


def _seeds(work: TapeWork, derivation: Derivation, sweep: Sweep) -> Text:
    seeds = [line for line in sweep.lines if not line.contributions]
    if sweep.seed.shape:
        chains = tuple(Chain(line.var, line.members) for line in seeds)
        direction = dot(sweep.seed, sweep.seed)
        return text("arrays.seeds", by=sweep.seed, direction=direction, seeds=chains)
    key = "pass" if len(derivation.sweeps) > 1 else "seed"
    if len(seeds) > SEEDS_SHOWN:
        own = work.tape.variables[sweep.seed.name].name
        one = next(line for line in seeds if line.var.name == own)
        return text(f"forward.{key}_many", by=sweep.seed, seed=Chain(one.var, one.members))
    chains = tuple(Chain(line.var, line.members) for line in seeds)
    return text(f"forward.{key}", by=sweep.seed, seeds=chains)


def _reverse(work: TapeWork, derivation: Derivation) -> Iterator[Block]:
    """The seed, then every adjoint from the result back to the inputs."""
    (sweep,) = derivation.sweeps
    seed, *lines = sweep.lines
    if any(_is_fork(line) for line in lines):
        yield Paragraph(text("reverse.paths"))
    if not lines:
        yield Paragraph(text("reverse.only_seed", seed=Chain(seed.var, seed.members)))
        return
    key = "arrays.seed_adjoint" if seed.var.shape else "reverse.seed"
    yield Paragraph(text(key, seed=Chain(seed.var, seed.members)))
    yield folded(_rows(work, lines), work.tape, work.full)


def _rows(work: TapeWork, lines: Iterable[Line]) -> list[Row]:
    """The lines as rows; the line of one path says through which step it comes."""
    repeats = Repeats()

    def row(line: Line) -> Row:
        return Row(
            Chain(line.var, line.members),
            note=_through(line),
            space=space_of(work, line.var),
            reason=_because(line),
        )

    return [
        repeats.row((line.pattern, bool(line.var.label)), line.names, partial(row, line))
        if isinstance(line, RenamedLine)
        else row(line)
        for line in lines
    ]


def _through(line: Line) -> Text | None:
    return text("reverse.through", step=line.contributions[0].partial.step) if line.var.label else None


def _because(line: Line) -> Text | None:
    """Why the last form follows, where it needs an assumption."""
    return text("arrays.because", names=line.because) if line.because else None


def _is_fork(line: Line) -> bool:
    return len({c.incoming for c in line.contributions}) > 1 and not line.var.label


MOST_KINKS, MOST_BESIDE = 8, 12


def steps(work: TapeWork) -> Iterator[Block]:
    """Each variable of the tape with the operation that makes it."""
    tape = work.tape
    yield Heading(text("steps.heading"))
    yield Paragraph(text("steps.intro", result=tape.result))
    repeats = Repeats()
    yield list_of_steps(work, repeats)
    if tape.steps and any(step.operands for step in tape.steps):
        letter = tape.output.name.rpartition("_")[0]
        partial = Expr(PARTIAL, Sym(f"{letter}_i"), Sym(f"{letter}_j"))
        indices = {"i": Sym("i"), "wj": Sym(f"{letter}_j")}
        if tape.has_arrays:
            modes = {derivation.mode for derivation in work.derivations}
            key = "maps" if len(modes) > 1 else f"maps_{min(modes)}"
            yield Paragraph(text(f"steps.{key}", partial=partial, **indices))
            rows = [row for step in tape.steps for p in local_partials(step) for row in map_rows(p, modes)]
        else:
            yield Paragraph(text("steps.partials", partial=partial, **indices))
            rows = [row for step in tape.steps for row in _partials_of(step, repeats)]
        yield folded(rows, tape, work.full)
    yield from _kinks(work)


def list_of_steps(work: TapeWork, repeats: Repeats | None = None) -> Equations:
    """w₁ = x, …, w₃ = w₁·w₂ = y, each with its space where there are arrays."""
    tape, repeats = work.tape, repeats or Repeats()
    rows = [_input_row(work, var, name, repeats) for var, name in tape.inputs]
    rows += [_step_row(work, step, repeats) for step in tape.steps]
    return folded(rows, tape, work.full)


def _input_row(work: TapeWork, var: Sym, name: Sym, repeats: Repeats) -> Row:
    def row() -> Row:
        return Row(Chain(var, (name,)), space=space_of(work, var))

    return repeats.row(("input", var.shape, var.assume), (var, name), row)


def _step_row(work: TapeWork, step: Step, repeats: Repeats) -> Row:
    def row() -> Row:
        return Row(Chain(step.var, _members(step)), space=space_of(work, step.var))

    label = () if step.label is None else (step.label,)
    return repeats.row(("step", step.kind, len(label)), (step.var, *step.operands, *label), row)


def _partials_of(step: Step, repeats: Repeats) -> Iterator[Row]:
    """The rows of one step's partials; those that stand in one row are a kind of row."""
    if not 1 <= len(step.operands) <= MOST_BESIDE:
        yield from _partials_rows(local_partials(step))
        return

    def row() -> Row:
        return next(_partials_rows(local_partials(step)))

    yield repeats.row(("partials", step.kind), (step.var, *step.operands), row)


def _members(step: Step) -> tuple[Expr, ...]:
    return (step.body,) if step.label is None else (step.body, step.label)


def _partials_rows(partials: tuple[LocalPartial, ...]) -> Iterator[Row]:
    """The partials of one step, beside each other unless they are many."""
    chains = [_partial_chain(partial) for partial in partials]
    if len(chains) > MOST_BESIDE:
        yield from map(Row, chains)
    elif chains:
        yield Row(chains[0], tuple(chains[1:]))


def _partial_chain(partial: LocalPartial) -> Chain:
    written, short = partial.written.matrix(), partial.short.matrix()
    members = (written,) if written == short else (written, short)
    return Chain(Expr(PARTIAL, partial.step, partial.operand), members)


def _kinks(work: TapeWork) -> Iterator[Block]:
    """For each kink its place and its convention; at the reader's point, whether it lies on one."""
    found = [k for k in kinks(work.tape) if not k.function.shape and not is_array(k.function.op)]
    every = [*found, *kinks_on_entries(work)]
    if any(node.op is POSITIVE for kink in every for _, p in kink.partials() for node in postorder(p)):
        u = Sym("u")
        yield Paragraph(text("kink.positive", u=u, indicator=Expr(POSITIVE, u)))
    if any(node.op is GREATER for kink in every for _, p in kink.partials() for node in postorder(p)):
        u, v = Sym("u"), Sym("v")
        yield Paragraph(text("kink.greater", u=u, v=v, indicator=Expr(GREATER, u, v), half=Num(1) / Num(2)))
    for kink in found[:MOST_KINKS]:
        yield Paragraph(_kink_text(kink))
    if len(found) > MOST_KINKS:
        yield Paragraph(text("kink.more", count=len(found) - MOST_KINKS))
    yield from array_kinks(work)
    if work.model is not None and not work.tape.has_arrays:
        for kink in kinks_at(work.tape, work.model):
            yield Paragraph(text("kink.here", place=Expr(EQUAL, kink.left, kink.right), step=kink.step.var))


def _kink_text(kink: Kink) -> Text:
    conventions = tuple(
        Expr(EQUAL, Expr(PARTIAL, kink.step.var, operand), value) for operand, value in agreed(kink)
    )
    key = "kink.jump" if not any(node.args for node in _slopes(kink)) else "kink.place"
    place = Expr(EQUAL, kink.left, kink.right)
    return text(key, function=kink.function, step=kink.step.var, place=place, conventions=conventions)


def _slopes(kink: Kink) -> list[Expr]:
    """The row's own partials: plain numbers for a function that is constant on either side."""
    rows = RULES[kink.function.op.name].partials(kink.function, *kink.function.args)
    return [row.matrix() for row in rows if row is not None]


def cost(work: TapeWork) -> Iterator[Block]:
    """Operations of the function, of a forward pass and of a reverse pass, and what follows."""
    inputs = len(work.tape.inputs)
    if not work.tape.steps:
        return
    if work.tape.has_arrays:
        yield from array_cost(work)
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
    n, m = Sym("n"), Sym("m")
    spaces = {"domain": Expr(REAL_SPACE, n), "codomain": Expr(REAL_SPACE, m)}
    yield Paragraph(text("cost.general", n=n, m=m, **spaces))


Cells = tuple[Chain | None, ...]


def trace_table(work: TapeWork) -> Iterator[Block]:
    """For each mode the values with its tangents or adjoints, when there is a point to take numbers at."""
    if work.model is None:
        return
    if work.tape.has_arrays:
        yield Heading(text("trace.values"))
        yield from array_values(work)
        return
    yield Heading(text("trace.heading"))
    for derivation in work.derivations:
        yield _table(work, derivation)


def _table(work: TapeWork, derivation: Derivation) -> Table:
    """A row for each variable; below an adjoint that is a sum, the contributions it is the sum of."""
    rows: list[Cells] = []
    inputs = 0
    lines = [_by_variable(sweep) for sweep in derivation.sweeps]
    for var in work.tape.order:
        whole, *parts = zip(*(reversed(found[var]) for found in lines), strict=True)
        rows.append((_primal_cell(work, var), *(_line_cell(work, line) for line in whole)))
        rows += [(None, *(_line_cell(work, line) for line in part)) for part in parts]
        inputs += (1 + len(parts)) * (var in work.inputs)
    fold = None
    if len(rows) > LONGEST and not work.full:
        fold = Fold(tuple(plain(0, len(rows))))
    return Table(_head(derivation), tuple(rows), (inputs,) if inputs < len(rows) else (), fold)


def _head(derivation: Derivation) -> tuple[Text, ...]:
    if derivation.mode == "reverse":
        return text("trace.primal"), text("trace.reverse")
    return text("trace.primal"), *(text("trace.forward", by=sweep.seed) for sweep in derivation.sweeps)


def _by_variable(sweep: Sweep) -> dict[Sym, list[Line]]:
    lines: dict[Sym, list[Line]] = {}
    for line in sweep.lines:
        lines.setdefault(Sym(line.var.name), []).append(line)
    return lines


def _primal_cell(work: TapeWork, var: Sym) -> Chain:
    step = work.tape.step_of.get(var)
    rule = step.body if step is not None else work.inputs[var]
    return _cell(work, var, rule)


def _line_cell(work: TapeWork, line: Line) -> Chain:
    return _cell(work, line.var, line.local)


def _cell(work: TapeWork, left: Expr, rule: Expr) -> Chain:
    """symbol = local rule = number; a rule that is a number already is the number."""
    members = (rule,) if isinstance(rule, Num) else (rule, work.value(left))
    return Chain(left, members, at_point=True)
