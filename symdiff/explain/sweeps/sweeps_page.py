"""The sweeps: the rule of the mode, the seeds, and every line in full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from symdiff.derivation.derivation import Derivation, Line, Sweep, dot
from symdiff.derivation.line_writer import LineOfKind
from symdiff.document.blocks import Block, Chain, Formula, Heading, Paragraph, Row, Text, Unseen, text
from symdiff.document.repeats import Repeats
from symdiff.explain.shared.folding import folded
from symdiff.explain.shared.work import Work
from symdiff.explain.sweeps.arrays import array_rule, space_of
from symdiff.expr.notation import Binding, pattern
from symdiff.expr.tree import PARTIAL, Expr, Sym

FORWARD_RULE = pattern(
    "forward rule", r"{0} = \sum_{{j}} {1} \cdot {2}", "{0} = Σ_j ({1})·{2}", Binding.SUM, arity=3
)
REVERSE_RULE = pattern(
    "reverse rule", r"{0} = \sum_{{i}} {2} \cdot {1}", "{0} = Σ_i {2}·({1})", Binding.SUM, arity=3
)
PASSES_SHOWN = 4
SEEDS_SHOWN = 4


def sweeps(work: Work) -> Iterator[Block]:
    """Each derivation's sweeps, forward before reverse."""
    for derivation in work.derivations:
        yield Heading(text(f"{derivation.mode}.heading"))
        yield from _rule(work, derivation)
        if derivation.mode == "forward":
            yield from _passes(work, derivation)
        else:
            yield from _reverse(work, derivation)


def _rule(work: Work, derivation: Derivation) -> Iterator[Block]:
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


def _passes(work: Work, derivation: Derivation) -> Iterator[Block]:
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


def _seeds(work: Work, derivation: Derivation, sweep: Sweep) -> Text:
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


def _reverse(work: Work, derivation: Derivation) -> Iterator[Block]:
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


def _rows(work: Work, lines: Iterable[Line]) -> list[Row]:
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
        if isinstance(line, LineOfKind)
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
