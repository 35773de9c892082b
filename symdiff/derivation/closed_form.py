"""Closed forms: a derivative in the inputs alone, written as the author would write it.

The form in primal names is put together from the author's own subexpressions; of it and its rational
rearrangements (see `rational`) the shortest is taken. Never an identity
of functions: a·e^{−ax}/(1 + e^{−ax})² does not become a/(4cosh²(ax/2)). Bounded: above `CLOSED`
operations there is no closed form to print, above `SYMPY_STEPS` steps none to hand out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from symdiff.algebra.tidy import monomials, tidy
from symdiff.derivation.derivation import Derivation, Line
from symdiff.derivation.rational import NOT_RATIONAL, Rationals
from symdiff.errors import UsageError, did_you_mean
from symdiff.expr.tree import ADD, POW, SUB, Expr, Num, Sym, postorder, size, substitute
from symdiff.language.sympy_border import to_sympy
from symdiff.tape.tape import Tape

if TYPE_CHECKING:
    import sympy

CLOSED = 60
SYMPY_STEPS = 400
_WEIGHTS = {"neg": 0.5, "number": 0.05, "name": 0.1, "**": 1.2}


def closed_form(tape: Tape, line: Line) -> Expr | None:
    """The line's value in the inputs, as short as rational algebra makes it; None if it is too long."""
    if line.primal is None:
        return None
    own = in_inputs(tape, line.primal)
    return None if own is None else shortest(own)


def in_inputs(tape: Tape, primal: Expr) -> Expr | None:
    """`primal` with every variable of the tape written out; None above `CLOSED` operations."""
    names = [s for s in dict.fromkeys(postorder(primal)) if isinstance(s, Sym)]
    origins = dict(tape.inputs) | {s: tape.step_of[s].origin for s in names if s in tape.step_of}
    if sum(size(origins[s], CLOSED + 1) for s in names) > CLOSED:
        return None
    written = substitute(primal, {s: origins[s] for s in names})
    return None if size(written, CLOSED + 1) > CLOSED else tidy(written)


def shortest(own: Expr) -> Expr:
    """The shortest of `own` and its rational rearrangements."""
    if is_plain(own):
        return own
    try:
        field = Rationals(own)
        forms = field.forms(field.element(own))
        return min([own, *forms], key=lambda form: weight(form) + 0.4 * (form is not own))
    except NOT_RATIONAL:
        return own


def is_plain(own: Expr) -> bool:
    """Whether rational algebra has nothing to do: no factor shared, no sum to set against another."""
    terms = [term.powers for term in monomials(own)]
    sums = [base for term in terms for base in term if base.op in (ADD, SUB)]
    if len(terms) == 1:
        return (
            len(sums) < 2 and all(map(_is_polynomial, sums)) and not any(base.op is POW for base in terms[0])
        )
    return not sums and _is_polynomial(own)


def _is_polynomial(total: Expr) -> bool:
    """Whether `total` is a sum without denominators whose terms share no factor."""
    terms = [term.powers for term in monomials(total)]
    bases = [base for term in terms for base in term]
    return len(bases) == len(set(bases)) and all(p > 0 for term in terms for p in term.values())


def weight(root: Expr) -> float:
    """How long a form reads: operations, with signs and plain numbers light."""
    count, stack = 0.0, [root]
    while stack:
        node = stack.pop()
        count += _WEIGHTS.get(node.op.name, 1.0)
        if isinstance(node, Num):
            count += 0.25 * (len(node.text) - 1)
        stack.extend(node.args)
    return count


class _Results(Mapping[str, "sympy.Expr"]):
    """Results by input name, each computed when it is asked for."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        self.found: dict[str, sympy.Expr] = {}

    def __getitem__(self, name: str) -> sympy.Expr:
        if name not in self.derivation.results:
            way_out = did_you_mean(name, self.derivation.results)
            raise UsageError(f"no derivative by {name!r} here", way_out=way_out)
        if name not in self.found:
            self.found[name] = self.compute(self.derivation.results[name])
        return self.found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.derivation.results)

    def __len__(self) -> int:
        return len(self.derivation.results)

    def compute(self, line: Line) -> sympy.Expr:
        raise NotImplementedError


class Gradients(_Results):
    """∂output/∂x in the inputs; short ones simplified, long ones as the sweep gives them."""

    def compute(self, line: Line) -> sympy.Expr:
        tape = self.derivation.tape
        if tape.has_arrays:
            from symdiff.api.sympy_results import in_sympy

            return in_sympy(tape, line)
        form = closed_form(tape, line)
        if form is None:
            form = written_out(self.derivation, line)
        return to_sympy(form, tape.symbols)


class Compacts(_Results):
    """∂output/∂x in inputs and the author's names, where that is shorter than the closed form."""

    def compute(self, line: Line) -> sympy.Expr:
        from symdiff.derivation.compact import compact_form

        tape = self.derivation.tape
        if tape.has_arrays:
            from symdiff.api.sympy_results import in_sympy

            return in_sympy(tape, line)
        form = closed_form(tape, line)
        if form is None:
            form = written_out(self.derivation, line)
        else:
            found = compact_form(tape, form)
            form = found.form if found else form
        return to_sympy(form, tape.symbols)


def written_out(derivation: Derivation, line: Line) -> Expr:
    """A long derivative in the inputs, as a shared tree: each line once, in its own local form."""
    tape = derivation.tape
    if len(tape.steps) > SYMPY_STEPS:
        way_out = "read the lines of the derivation, which stay short"
        raise UsageError(f"a closed form of {len(tape.steps)} steps is not built", way_out=way_out)
    values: dict[Expr, Expr] = dict(tape.inputs) | {s.var: s.origin for s in tape.steps}
    sweep = next(s for s in derivation.sweeps if line in s.lines)
    for known in sweep.lines:
        values[known.var] = substitute(known.local, values)
    return values[line.var]
