"""The trace table: primal and tangent, or primal and adjoint, side by side with their numbers."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.derivation.derivation import Derivation, Line, Sweep
from symdiff.document.blocks import Block, Chain, Fold, Heading, Table, Text, text
from symdiff.explain.shared.folding import LONGEST, plain
from symdiff.explain.shared.work import Work
from symdiff.explain.sweeps.arrays import array_values
from symdiff.expr.tree import Expr, Num, Sym

Cells = tuple[Chain | None, ...]


def trace_table(work: Work) -> Iterator[Block]:
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


def _table(work: Work, derivation: Derivation) -> Table:
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


def _primal_cell(work: Work, var: Sym) -> Chain:
    step = work.tape.step_of.get(var)
    rule = step.body if step is not None else work.inputs[var]
    return _cell(work, var, rule)


def _line_cell(work: Work, line: Line) -> Chain:
    return _cell(work, line.var, line.local)


def _cell(work: Work, left: Expr, rule: Expr) -> Chain:
    """symbol = local rule = number; a rule that is a number already is the number."""
    members = (rule,) if isinstance(rule, Num) else (rule, work.value(left))
    return Chain(left, members, at_point=True)
