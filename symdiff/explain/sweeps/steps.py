"""The w-steps, their local partials, and what is agreed at kinks."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.document.blocks import Block, Chain, Equations, Heading, Paragraph, Row, Text, text
from symdiff.document.repeats import Repeats
from symdiff.explain.shared.folding import folded
from symdiff.explain.shared.kink_notes import array_kinks, kinks_on_entries
from symdiff.explain.shared.spaces import EQUAL
from symdiff.explain.shared.work import Work
from symdiff.explain.sweeps.arrays import map_rows, space_of
from symdiff.expr.operations import is_array
from symdiff.expr.tree import PARTIAL, Expr, Num, Sym, postorder
from symdiff.proof.kinks import Kink, agreed, kinks, kinks_at
from symdiff.rules.scalar_rows import GREATER, POSITIVE, RULES
from symdiff.tape.partials import LocalPartial, local_partials
from symdiff.tape.tape import Step

MOST_KINKS, MOST_BESIDE = 8, 12


def steps(work: Work) -> Iterator[Block]:
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


def list_of_steps(work: Work, repeats: Repeats | None = None) -> Equations:
    """w₁ = x, …, w₃ = w₁·w₂ = y, each with its space where there are arrays."""
    tape, repeats = work.tape, repeats or Repeats()
    rows = [_input_row(work, var, name, repeats) for var, name in tape.inputs]
    rows += [_step_row(work, step, repeats) for step in tape.steps]
    return folded(rows, tape, work.full)


def _input_row(work: Work, var: Sym, name: Sym, repeats: Repeats) -> Row:
    def row() -> Row:
        return Row(Chain(var, (name,)), space=space_of(work, var))

    return repeats.row(("input", var.shape, var.assume), (var, name), row)


def _step_row(work: Work, step: Step, repeats: Repeats) -> Row:
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


def _kinks(work: Work) -> Iterator[Block]:
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
