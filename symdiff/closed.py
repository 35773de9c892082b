"""Closed forms: a derivative in the inputs alone, written as the author would write it.

The form in primal names is put together from the author's own subexpressions; SymPy then proposes
rational simplifications and the shortest that keeps the author's functions is taken. Never an identity
of functions: a·e^{−ax}/(1 + e^{−ax})² does not become a/(4cosh²(ax/2)). Bounded: above `CLOSED`
operations there is no closed form to print, above `SYMPY_STEPS` steps none to hand out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from symdiff.derivation import Derivation, Line
from symdiff.errors import UsageError, did_you_mean
from symdiff.expr import Expr, Num, Sym, postorder, size, substitute
from symdiff.symbolic import apply_operation, from_sympy, to_sympy
from symdiff.tape import Tape
from symdiff.tidy import tidy

if TYPE_CHECKING:
    import sympy

CLOSED = 60
SYMPY_STEPS = 400
MAX_DEGREE = 12
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
    """The shortest of `own` and its rational simplifications that use no function new to it."""
    known = known_forms(own)
    best, cost = own, weight(own)
    for candidate in simplifications(to_sympy(own, opaque=True)):
        if transcendental(candidate) <= set(known):
            form = from_sympy(candidate, known)
            if weight(form) < cost - 0.4:
                best, cost = form, weight(form)
    return best


def known_forms(*roots: Expr) -> dict[Any, Expr]:
    """For SymPy's form of each proper subexpression of `roots`, ours: what is known keeps its look."""
    found: dict[Any, Expr] = {}
    for root in roots:
        forms: dict[int, Any] = {}
        for node in postorder(root):
            form = forms[id(node)] = apply_operation(node, [forms[id(arg)] for arg in node.args])
            lighter = form not in found or weight(node) < weight(found[form])
            if node is not root and lighter and not isinstance(node, Num):
                found[form] = node
    return found


def weight(root: Expr) -> float:
    """How long a form reads: operations, with signs and plain numbers light."""
    count, stack = 0.0, [root]
    while stack:
        node = stack.pop()
        count += _WEIGHTS.get(node.op.name, 1.0)
        stack.extend(node.args)
    return count


def simplifications(form: Any) -> Iterator[Any]:
    """Rational rearrangements of a SymPy expression; functions are letters to them."""
    import sympy

    yield form
    if not _affordable(form) or form.is_Atom:
        return
    letters = {f: sympy.Dummy() for f in sorted(transcendental(form) | roots(form), key=sympy.default_sort_key)}
    back = {letter: function for function, letter in letters.items()}
    plain = form.xreplace(letters)
    over, under = sympy.fraction(sympy.together(plain))
    found = {sympy.expand_mul(over) / under, sympy.factor_terms(over) / under, sympy.expand_mul(plain)}
    found |= {sympy.factor(plain), sympy.cancel(plain)}
    yield from (candidate.xreplace(back) for candidate in sorted(found, key=sympy.default_sort_key))


def _affordable(form: Any) -> bool:
    powers = [abs(p.exp) for p in form.atoms(_pow()) if p.exp.is_Integer]
    return form.count_ops() <= 3 * CLOSED and all(power <= MAX_DEGREE for power in powers)


def transcendental(form: Any) -> set[Any]:
    """The applications of functions in a SymPy expression, roots and symbolic powers included."""
    powers = {p for p in form.atoms(_pow()) if not p.exp.is_Integer and not p.exp.is_number}
    return {f for f in form.atoms(_function()) if f.free_symbols} | powers


def roots(form: Any) -> set[Any]:
    """The fractional powers in a SymPy expression."""
    return {p for p in form.atoms(_pow()) if p.exp.is_Rational and not p.exp.is_Integer and p.exp > 0}


def _pow() -> Any:
    import sympy

    return sympy.Pow


def _function() -> Any:
    import sympy

    return sympy.Function


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
        form = closed_form(tape, line)
        if form is None:
            form = _written_out(self.derivation, line)
        return to_sympy(form, tape.symbols)


class Compacts(_Results):
    """∂output/∂x in inputs and the author's names, where that is shorter than the closed form."""

    def compute(self, line: Line) -> sympy.Expr:
        from symdiff.compact import compact_form

        tape = self.derivation.tape
        form = closed_form(tape, line)
        if form is None:
            form = _written_out(self.derivation, line)
        else:
            found = compact_form(tape, form)
            form = found.form if found else form
        return to_sympy(form, tape.symbols)


def _written_out(derivation: Derivation, line: Line) -> Expr:
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
