"""A second opinion: SymPy's own derivative of the author's expression, where that is affordable.

SymPy is imported inside functions, for the start of pages that have no second opinion.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.derivation.derivation import Derivation, bar
from symdiff.errors import InputError, ProofError
from symdiff.expr.tree import Expr, count_operations
from symdiff.language.sympy_border import from_sympy, to_sympy
from symdiff.proof.model import Model
from symdiff.proof.values import evaluate
from symdiff.tape.tape import Tape

SYMPY_SIZE, SYMPY_OPERATIONS = 40, 150
"""Operations up to which SymPy is asked, in the function and in its derivative."""


def confirmed_by_sympy(
    tape: Tape, derivations: Sequence[Derivation], model: Model, digits: int, unseen: int
) -> tuple[str, ...]:
    """The inputs by which SymPy's derivative agrees with the model to `digits` digits.

    Raises:
        ProofError: it does not agree.
    """
    formula = model.origin(tape.output)
    if count_operations(formula, SYMPY_SIZE + 1) > SYMPY_SIZE:
        return ()
    whole = to_sympy(formula, {name.name: _real(name.name) for _, name in tape.inputs})
    results = dict.fromkeys(name for derivation in derivations for name in derivation.results)
    names = [name for name in results if name in tape.variables]
    found = []
    for name in names:
        derivative = _derivative(whole, name)
        if derivative is not None:
            _compare(derivative, name, model, digits, unseen)
            found.append(name)
    return tuple(found)


def _real(name: str) -> Any:
    import sympy

    return sympy.Symbol(name, real=True)


def _derivative(whole: Any, name: str) -> Expr | None:
    """SymPy's derivative in our terms; None where it is too long or has a function without a row."""
    import sympy

    derivative = sympy.diff(whole, _real(name))
    if derivative.count_ops() > SYMPY_OPERATIONS:
        return None
    try:
        return from_sympy(derivative)
    except (TypeError, ValueError, AttributeError, InputError):
        return None


def _compare(derivative: Expr, name: str, model: Model, digits: int, unseen: int) -> None:
    """Evaluate at the model's point, in more digits where terms cancel."""
    for m, at in ((model.m, model), (model.sharper.m, model.sharper)):
        theirs, ours = evaluate(m, derivative, {}, at), at.adjoints[at.tape.variables[name]]
        scale = max(abs(ours), abs(theirs), at.magnitude(bar(at.tape.variables[name])))
        if abs(ours - theirs) <= max(scale * m.mpf(10) ** -digits, m.mpf(10) ** -unseen):
            return
    what = f"proof failed: the derivative by {name} is {m.nstr(ours, 12)}, SymPy has {m.nstr(theirs, 12)}"
    raise ProofError(what, way_out="nothing was written")
