"""A second opinion: SymPy's own derivative of the author's expression, where that is affordable.

It is asked for by the reader. SymPy is imported inside functions, for the start of all other pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.derivation.derivation import Derivation, bar
from symdiff.document.blocks import Chain
from symdiff.errors import InputError, ProofError
from symdiff.expr.tree import Expr, count_operations
from symdiff.language.sympy_border import from_sympy, to_sympy
from symdiff.proof.agreement import confirm
from symdiff.proof.model import Model
from symdiff.tape.tape import Tape

SYMPY_SIZE, SYMPY_OPERATIONS = 40, 150
"""Operations up to which SymPy is asked, in the function and in its derivative."""


def confirmed_by_sympy(tape: Tape, derivations: Sequence[Derivation], model: Model) -> tuple[str, ...]:
    """The inputs by which SymPy's derivative agrees with the model.

    Raises:
        ProofError: it does not agree.
    """
    formula = model.origin(tape.output)
    if tape.has_arrays or count_operations(formula, SYMPY_SIZE + 1) > SYMPY_SIZE:
        return ()
    whole = to_sympy(formula, {name.name: _real(name.name) for _, name in tape.inputs})
    results = dict.fromkeys(name for derivation in derivations for name in derivation.results)
    names = [name for name in results if name in tape.variables]
    found = []
    for name in names:
        derivative = _derivative(whole, name)
        if derivative is not None:
            _compare(derivative, name, model)
            found.append(name)
    return tuple(found)


def _real(name: str) -> Any:
    import sympy  # start-up: pages without a second opinion need none

    return sympy.Symbol(name, real=True)


def _derivative(whole: Any, name: str) -> Expr | None:
    """SymPy's derivative in our terms; None where it is too long or has a function without a row."""
    import sympy  # start-up, as above

    derivative = sympy.diff(whole, _real(name))
    if derivative.count_ops() > SYMPY_OPERATIONS:
        return None
    try:
        return from_sympy(derivative)
    except (TypeError, ValueError, AttributeError, InputError):
        return None


def _compare(derivative: Expr, name: str, model: Model) -> None:
    chain = Chain(bar(model.tape.variables[name]), (derivative,))
    try:
        confirm(chain, derivative, model, {})
    except ProofError:
        what = f"proof failed: the derivative by {name} is not {derivative}, which SymPy has"
        raise ProofError(what, way_out="nothing was written") from None
