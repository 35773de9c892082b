"""The trace table: primal and tangent, or primal and adjoint, side by side with their numbers."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.derivation import Derivation, Line, Sweep
from symdiff.document import Block, Chain, Fold, Heading, Paragraph, Table, text
from symdiff.explain.folding import HEAD, LONGEST, TAIL
from symdiff.explain.work import Work
from symdiff.expr import Expr, Num, Sym

Cells = tuple[Chain | None, Chain | None]


def trace_table(work: Work) -> Iterator[Block]:
    """One table for each sweep, when there is a point to take numbers at."""
    if work.model is None:
        return
    yield Heading(text("trace.heading"))
    for derivation in work.derivations:
        for sweep in derivation.sweeps:
            if len(derivation.sweeps) > 1:
                yield Paragraph(text("trace.pass", by=sweep.seed))
            yield _table(work, derivation, sweep)


def _table(work: Work, derivation: Derivation, sweep: Sweep) -> Table:
    lines: dict[Sym, list[Line]] = {}
    for line in sweep.lines:
        lines.setdefault(Sym(line.var.name), []).append(line)
    rows: list[Cells] = []
    inputs = 0
    for var in work.tape.order:
        cells = [_line_cell(work, line) for line in lines[var]]
        rows += [(None, cell) for cell in cells[:-1]]
        rows.append((_primal_cell(work, var), cells[-1]))
        inputs += var in dict(work.tape.inputs) and len(cells)
    head = (text("trace.primal"), text(f"trace.{derivation.mode}"))
    fold = None
    if len(rows) > LONGEST and not work.full:
        fold = Fold(HEAD, (), TAIL, text("fold.plain", count=len(rows) - HEAD - TAIL))
    return Table(head, tuple(rows), (inputs,) if inputs < len(rows) else (), fold)


def _primal_cell(work: Work, var: Sym) -> Chain:
    step = work.tape.step_of.get(var)
    rule = step.body if step is not None else dict(work.tape.inputs)[var]
    return _cell(work, var, rule)


def _line_cell(work: Work, line: Line) -> Chain:
    return _cell(work, line.var, line.local)


def _cell(work: Work, left: Expr, rule: Expr) -> Chain:
    """symbol = local rule = number; a rule that is a number already is the number."""
    members = (rule,) if isinstance(rule, Num) else (rule, work.value(left))
    return Chain(left, members, at_point=True)
