"""The gradients that the programs derive, as numbers at one point: times are compared of equal results
only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks import cells
from symdiff.derivation.derivation import Derivation, bar
from symdiff.proof.values import Doubles, evaluate, looked_up


def of_symdiff(derived: Derivation, at: Sequence[float]) -> list[float]:
    """Every adjoint by the contributions of the derivation, one after the other."""
    m = Doubles()
    tape = derived.tape
    values: dict[Any, float] = dict(zip((var for var, _ in tape.inputs), at, strict=True))
    for step in tape.steps:
        values[step.var] = evaluate(m, step.body, {}, looked_up(values))
    adjoint = dict.fromkeys(map(bar, tape.order), 0.0) | {bar(tape.output): 1.0}
    for var, terms in derived.sweeps[0].contributions:
        for term in terms:
            slope = evaluate(m, term.partial.short.matrix(), {}, looked_up(values))
            adjoint[var] += adjoint[term.incoming] * slope
    return [adjoint[bar(var)] for var, _ in tape.inputs]


def of_jax(length: int, derived: Any) -> list[float]:
    from jax.extend.core import jaxpr_as_fun

    return [float(v) for v in jaxpr_as_fun(derived)(*cells.flat(cells.point(length)))]


def of_casadi(length: int, derived: Any) -> list[float]:
    import casadi

    graph, names = derived
    found = casadi.Function("gradient", [names], [graph])(cells.flat(cells.point(length)))
    return [float(v) for v in found.full().ravel()]


def of_symbols(length: int, derived: Any) -> list[float]:
    """Of SymEngine or SymPy."""
    expressions, names = derived
    at = dict(zip(names, cells.flat(cells.point(length)), strict=True))
    return [float(e.subs(at)) for e in expressions]


def of_arrays(derived: Any) -> list[float]:
    """Of programs that hand out numbers."""
    first, again, *rest = derived
    inputs = rest[0] if len(rest) == 1 and isinstance(rest[0], list) else rest
    return [float(v) for v in (first, again, *inputs)]


def check_equal(what: str, ours: Sequence[float], theirs: Sequence[float], digits: int = 9) -> None:
    """Refuse to compare the times of different results; JAX traces in single precision unless told
    otherwise."""
    for one, other in zip(ours, theirs, strict=False):
        if abs(one - other) > 10.0**-digits * max(1.0, abs(one)):
            raise SystemExit(f"{what}: results differ, {one!r} and {other!r}")
