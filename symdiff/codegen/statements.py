"""Assignments: the author's definitions forward, one for the adjoint of each name backward.

The backward ones are the lines of the reverse derivation; the paths of a name that several definitions
use are put together in one sum, and what no result needs is left out. Knows no target and no text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symdiff.codegen.forms import as_stacked, in_one_sum, plain, without_spreading
from symdiff.derivation.derivation import Derivation, Line, bar
from symdiff.expr.tree import Expr, Sym, size, substitute, symbols


@dataclass(frozen=True, slots=True)
class Statement:
    """`name = value`; `because` are names whose entries add up to 1, where that was used."""

    name: Sym
    value: Expr
    because: tuple[Sym, ...] = ()


def forward_statements(derivation: Derivation) -> list[Statement]:
    """The author's definitions, in order."""
    return [Statement(name, formula) for name, formula in derivation.tape.definitions]


def backward_statements(derivation: Derivation) -> list[Statement]:
    """The adjoints that the results need, in the order of the sweep."""
    lines = {line.var: line for line in derivation.sweeps[0].lines}
    found: dict[Sym, Statement] = {}
    for line in lines.values():
        if not line.var.label and not is_seed(line, derivation):
            found[line.var] = _statement(line, lines)
    return _needed(found, [bar(derivation.tape.variables[name.name]) for name in derivation.wrt])


def is_seed(line: Line, derivation: Derivation) -> bool:
    """Whether a line starts the sweep: the adjoint of the result, given or 1."""
    return line.var == bar(derivation.tape.output)


def _statement(line: Line, lines: dict[Sym, Line]) -> Statement:
    """One line in the shorter of its two forms: from the adjoints before it, or in primal names."""
    paths: dict[Expr, Expr] = {s: lines[s].local for s in symbols(line.local) if s.label}
    local = in_one_sum(substitute(line.local, paths))
    shorter = line.primal is not None and size(line.primal) < size(local)
    value = line.primal if shorter and line.primal is not None else local
    return Statement(line.var, plain(as_stacked(without_spreading(value))), line.because if shorter else ())


def _needed(found: dict[Sym, Statement], results: Sequence[Sym]) -> list[Statement]:
    """The statements that the results rest on."""
    wanted, stack = set(), list(results)
    while stack:
        name = stack.pop()
        if name in found and name not in wanted:
            wanted.add(name)
            stack += [s for s in symbols(found[name].value) if s.accent]
    return [statement for name, statement in found.items() if name in wanted]
