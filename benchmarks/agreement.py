"""The gradients that the programs derive, as numbers at one point: times are compared of equal results
only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from benchmarks import array_cells, cells
from symdiff.derivation.derivation import Derivation, bar
from symdiff.proof.balls import double
from symdiff.proof.model import Model
from symdiff.proof.values import evaluate
from symdiff.rules.arrays import flat


def of_symdiff(derived: Derivation, at: Sequence[Any]) -> list[float]:
    """Every adjoint by the contributions of the derivation, in turn; `at` has each input's value."""
    inputs = derived.tape.inputs
    model = Model(derived.tape, {name.name: _exact(one) for (_, name), one in zip(inputs, at, strict=True)})
    values: dict[Any, Any] = {**model.primal, bar(derived.tape.output): model.m.one}
    with model.m:
        for var, terms in derived.sweeps[0].contributions:
            for term in terms:
                form = term.partial.short.transpose(term.incoming)
                part = evaluate(model.m, form, {}, model.known(values))
                values[var] = values[var] + part if var in values else part
    return [double(entry) for var, _ in inputs for entry in flat(values[bar(var)])]


def _exact(value: Any) -> Any:
    """A number, or an array in nested tuples."""
    return tuple(map(_exact, value)) if hasattr(value, "__len__") else Fraction(float(value))


def of_symdiff_on_arrays(length: int) -> list[float]:
    """By U, W, V and every x and y, in the order in which the others have them."""
    derived, at = array_cells.symdiff(length), array_cells.point(length)
    given: Mapping[str, Any] = at | {f"{name}_{t}": at[name][t] for name in "xy" for t in range(length)}
    return of_symdiff(derived, [given[name.name] for _, name in derived.tape.inputs])


def flattened(values: Iterable[Any]) -> list[float]:
    """The entries of arrays in the order of their rows."""
    import numpy as np

    return [float(entry) for value in values for one in _each(value) for entry in np.asarray(one).ravel()]


def _each(value: Any) -> Iterable[Any]:
    return value if isinstance(value, (list, tuple)) else (value,)


def of_jax_on_arrays(length: int) -> list[float]:
    from jax.extend.core import jaxpr_as_fun

    given = array_cells.point(length)
    leaves = [one for value in given.values() for one in _each(value)]
    return flattened(jaxpr_as_fun(array_cells.jax(length))(*leaves))


def of_casadi_on_arrays(length: int) -> list[float]:
    import casadi
    import numpy as np

    graph, every = array_cells.casadi(length)
    size, given = array_cells.SIZE, array_cells.point(length)
    columns = [np.asarray(one).ravel(order="F") for value in given.values() for one in _each(value)]
    found = casadi.Function("gradient", [every], [graph])(np.concatenate(columns)).full().ravel()
    weights = [found[size**2 * k : size**2 * (k + 1)].reshape(size, size, order="F") for k in range(3)]
    return flattened([*weights, found[3 * size**2 :]])


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
