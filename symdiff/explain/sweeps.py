"""The sweeps: the rule of the mode, the seeds, and every line in full."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.derivation import Derivation, Line, Sweep
from symdiff.document import Block, Chain, Heading, Paragraph, Row, Text, text
from symdiff.explain.folding import folded
from symdiff.explain.work import Work
from symdiff.expr import PARTIAL, Binding, Expr, Sym, pattern

FORWARD_RULE = pattern("forward rule", r"{0} = \sum_j {1}\,{2}", "{0} = Σ_j {1}·{2}", Binding.SUM, arity=3)
REVERSE_RULE = pattern("reverse rule", r"{0} = \sum_i {2}\,{1}", "{0} = Σ_i {2}·{1}", Binding.SUM, arity=3)


def sweeps(work: Work) -> Iterator[Block]:
    """Each derivation's sweeps, forward before reverse."""
    for derivation in work.derivations:
        yield Heading(text(f"{derivation.mode}.heading"))
        yield Paragraph(_rule(derivation))
        if derivation.mode == "forward" and len(derivation.sweeps) > 1:
            yield Paragraph(text("forward.passes", count=len(derivation.sweeps)))
        for sweep in derivation.sweeps:
            yield from _sweep(work, derivation, sweep)


def _rule(derivation: Derivation) -> Text:
    """The accumulation rule of the mode, in the letter of this tape."""
    letter = derivation.tape.output.name.rpartition("_")[0]
    i, j = Sym(f"{letter}_i"), Sym(f"{letter}_j")
    partial = Expr(PARTIAL, i, j)
    if derivation.mode == "forward":
        rule = Expr(FORWARD_RULE, Sym(i.name, "dot"), partial, Sym(j.name, "dot"))
    else:
        rule = Expr(REVERSE_RULE, Sym(j.name, "bar"), partial, Sym(i.name, "bar"))
    own = Sym(i.name, "dot") if derivation.mode == "forward" else Sym(j.name, "bar")
    return text(f"{derivation.mode}.rule", rule=rule, own=own, i=Sym("i"), j=Sym("j"))


def _sweep(work: Work, derivation: Derivation, sweep: Sweep) -> Iterator[Block]:
    seeds = tuple(Chain(line.var, line.members) for line in sweep.lines if not line.contributions)
    if derivation.mode == "forward":
        several = len(derivation.sweeps) > 1
        yield Paragraph(text("forward.pass" if several else "forward.seed", by=sweep.seed, seeds=seeds))
        lines = [line for line in sweep.lines if line.contributions]
    else:
        yield Paragraph(text("reverse.seed", seed=seeds[0]))
        lines = [line for line in sweep.lines if line.contributions or _is_unused(line, derivation)]
        if any(_is_fork(line) for line in lines):
            yield Paragraph(text("reverse.paths"))
    if lines:
        yield folded([Row(Chain(line.var, line.members)) for line in lines], work.tape, work.full)


def _is_fork(line: Line) -> bool:
    return len({c.incoming for c in line.contributions}) > 1 and not line.var.label


def _is_unused(line: Line, derivation: Derivation) -> bool:
    return not line.contributions and line.var.name != derivation.tape.output.name
