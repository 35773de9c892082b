"""Closed forms: a derivative in the inputs alone, or also in the author's names, as a person writes it.

The closed form is put together from the author's own subexpressions; of it and its rational rearrangements
(see `rational`) the shortest is taken. No identity of functions is used: a·e^{−ax}/(1 + e^{−ax})² does not
become a/(4cosh²(ax/2)). It is bounded: above `LONGEST_CLOSED` operations none is printed, above `MOST_STEPS`
steps none is handed out. `compact_form` looks for a shorter form in the author's names, a·y·(1 − y).
"""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.algebra.quotients import NotRationalError
from symdiff.algebra.tidy import monomials, tidy
from symdiff.derivation.chain_order import MOST_TERMS, ChainOrder
from symdiff.derivation.derivation import Derivation, Line
from symdiff.derivation.rational import WORTH, RationalField, weight
from symdiff.errors import UsageError
from symdiff.expr.operations import EXP
from symdiff.expr.tree import (
    ADD,
    DIV,
    MUL,
    NEG,
    POW,
    SUB,
    TOTAL,
    Expr,
    Num,
    Sym,
    count_operations,
    postorder,
    substitute,
)
from symdiff.tape.tape import Tape

LONGEST_CLOSED = 60
WORTH_INVERTED = 1.5
"""How much shorter a form must be to have e⁻ᵘ in place of eᵘ."""

NESTED = 1.5
"""How much shorter a form must be to have fractions above the bar of another one."""


def closed_form(tape: Tape, line: Line) -> Expr | None:
    """The line's value in the inputs, as short as rational algebra makes it; None if it is too long."""
    if line.primal is None:
        return None
    own = in_inputs(tape, line.primal)
    return None if own is None else shortest(own)


def in_inputs(tape: Tape, primal: Expr) -> Expr | None:
    """`primal` with every variable of the tape written out; None above `LONGEST_CLOSED` operations."""
    names = [s for s in dict.fromkeys(postorder(primal)) if isinstance(s, Sym)]
    origins = dict(tape.inputs) | {s: tape.step_of[s].origin for s in names if s in tape.step_of}
    if sum(count_operations(origins[s], LONGEST_CLOSED + 1) for s in names) > LONGEST_CLOSED:
        return None
    written = substitute(primal, {s: origins[s] for s in names})
    return None if count_operations(written, LONGEST_CLOSED + 1) > LONGEST_CLOSED else tidy(written)


def shortest(own: Expr) -> Expr:
    """The shortest of `own` and its rational rearrangements; arguments are tidied where that is shorter."""
    own = with_short_arguments(own)
    best = own
    if not is_plain(own):
        others = [*_rearranged(own), *_collected(own)]
        best = min([own, *others], key=lambda form: _read_weight(form) + WORTH * (form is not own))
    for inverted in _with_inverted_powers(own):
        least = weight(best) - WORTH_INVERTED
        best = min([best, *(form for form in _rearranged(inverted) if weight(form) < least)], key=weight)
    return best


def _rearranged(own: Expr) -> list[Expr]:
    try:
        field = RationalField(own)
        return list(field.forms(field.element(own), weight(own)))
    except NotRationalError:
        return []


def _collected(own: Expr) -> list[Expr]:
    """What the terms share taken out, the shortest term first: s·(1 + x·(1 − s)) for x·s·(1 − s) + s."""
    terms = monomials(own)
    if not 1 < len(terms) <= MOST_TERMS:
        return []
    terms.sort(key=lambda term: sum(map(weight, term.powers)))
    order = ChainOrder()
    return [order.write(order.collected(terms, 0))]


def _read_weight(form: Expr) -> float:
    """The weight of a form; a fraction above the bar of another one is a burden of its own."""
    bars = (node for node in postorder(form) if node.op is DIV)
    is_nested = any(inner.op is DIV for node in bars for inner in postorder(node.args[0]))
    return weight(form) + NESTED * is_nested


def with_short_arguments(own: Expr) -> Expr:
    """e^(−(x/√2)²) as e^(−x²/2): an argument that a rule of differentiation has put together, tidied."""
    shorter: dict[Expr, Expr] = {}
    for node in postorder(own):
        if len(node.args) == 1 and node.op not in (NEG,):
            argument = tidy(node.args[0])
            if weight(argument) < weight(node.args[0]):
                shorter[node] = Expr(node.op, argument)
    return tidy(substitute(own, shorter)) if shorter else own


def _with_inverted_powers(own: Expr) -> Iterator[Expr]:
    """The form with e⁻ᵘ written 1/eᵘ: −y·e⁻ᵘ/(1 + e⁻ᵘ) is −y/(1 + eᵘ)."""
    sums = [base for term in monomials(own) for base, power in term.powers.items() if power < 0]
    for node in dict.fromkeys(n for base in sums if base.args for n in postorder(base) if n.op is EXP):
        yield substitute(own, {node: 1 / Expr(EXP, tidy(-node.args[0]))})


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
    if any(base.op in (ADD, SUB) for base in bases):
        return False  # multiplied out, its terms may cancel
    return len(bases) == len(set(bases)) and all(p > 0 for term in terms for p in term.values())


MOST_STEPS = 400


def unfolded(derivation: Derivation, line: Line) -> Expr:
    """A derivative of any length in the inputs, as a shared tree in which each line occurs once.

    Raises:
        UsageError: the tape has too many steps.
    """
    tape = derivation.tape
    if len(tape.steps) > MOST_STEPS:
        way_out = "read the lines of the derivation, which stay short"
        raise UsageError(f"a closed form of {len(tape.steps)} steps is not built", way_out=way_out)
    values: dict[Expr, Expr] = dict(tape.inputs) | {s.var: s.origin for s in tape.steps}
    sweep = next(s for s in derivation.sweeps if line in s.lines)
    for known in sweep.lines:
        values[known.var] = substitute(known.local, values)
    return values[line.var]


def is_call(node: Expr) -> bool:
    """Whether `node` is a function of something: no sum, product, quotient or power with a number above."""
    if node.op is POW:
        return not isinstance(node.args[1], Num)
    return bool(node.args) and node.op not in (ADD, SUB, NEG, MUL, DIV, TOTAL)


def has_calls(form: Expr) -> bool:
    """Whether a function is called in a form."""
    return any(map(is_call, postorder(form)))
