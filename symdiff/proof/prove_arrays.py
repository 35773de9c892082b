"""The proof where members are arrays: entry by entry, shapes included."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from symdiff.derivation.derivation import Derivation, bar
from symdiff.document.blocks import Chain
from symdiff.errors import ProofError, shorten
from symdiff.expr.leaves import Grid
from symdiff.expr.tree import Expr, Num
from symdiff.proof.array_model import ArrayModel
from symdiff.proof.differences import MEASURED_IN
from symdiff.proof.values import DIGITS, evaluate, number
from symdiff.rules.array_values import flat

AGREED_DIGITS, LOST_DIGITS = 30, 12
UNSEEN = 50
"""Differences below 10^-50 are not told from zero: what is measured on arrays is no better."""


def arrays_agree(
    chain: Chain, member: Expr, model: Any, true: Any, given: Any, last_try: bool = False
) -> int:
    """The digits to which all entries agree; a member in another shape is false."""
    if isinstance(given, Grid):
        return _grid_agrees(chain, given, model, true)
    if _shape(true) != _shape(given):
        raise array_refuted(chain, member, model, f"its shape is {_shape(given)} instead of {_shape(true)}")
    m = model.m
    error = max(abs(a - b) for a, b in zip(flat(true), flat(given), strict=True))
    scale = max([*map(abs, flat(true)), *map(abs, flat(given)), m.mpf(10) ** -300])
    scale = max(scale, model.magnitude(chain.left) if error else scale)
    if error <= max(scale * m.mpf(10) ** -AGREED_DIGITS, m.mpf(10) ** -UNSEEN):
        agreed = m.dps if not error else min(m.dps, -m.ceil(m.log10(error / scale)))
        return int(max(AGREED_DIGITS, agreed))
    if not last_try:
        sharper = model.sharper
        exact, said = (evaluate(sharper.m, node, {}, sharper) for node in (chain.left, member))
        return arrays_agree(chain, member, sharper, exact, said, last_try=True)
    raise array_refuted(chain, member, model, f"entries differ by {m.nstr(error, 6)}")


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(getattr(value, "shape", ()))


def _grid_agrees(chain: Chain, grid: Grid, model: Any, true: Any) -> int:
    """Whether every number shown is the exact entry, or the exact entry rounded."""
    m, shape = model.m, _shape(true)
    for i, row in zip(grid.rows, grid.entries, strict=True):
        for j, shown in zip(grid.columns, row, strict=True):
            exact = true[i] if len(shape) == 1 else true[i, j]
            allowed = _half_unit(m, shown) if shown.rounded else m.mpf(10) ** -AGREED_DIGITS
            if Fraction(shown.text) != shown.value or abs(exact - number(m, shown)) > allowed:
                said = f"{shown.text} is said of an entry that is {m.nstr(exact, 12)}"
                raise array_refuted(chain, grid, model, said)
    return AGREED_DIGITS


def _half_unit(m: Any, shown: Num) -> Any:
    from symdiff.proof.judge import unit_of_last_place

    return number(m, Num(unit_of_last_place(shown))) / 2 * (1 + m.mpf(10) ** -(AGREED_DIGITS - LOST_DIGITS))


def array_refuted(chain: Chain, member: Expr, model: Any, why: str) -> ProofError:
    line = f"{chain.left} = {shorten(str(member))}"
    sizes = ", ".join(f"{name} = {value}" for name, value in model.sizes_of.items())
    where = f" at {sizes}" if sizes else ""
    return ProofError(f"proof failed: {line} is false{where}: {why}", way_out="nothing was written")


def _compared(model: ArrayModel, derivations: Sequence[Derivation]) -> list[str]:
    """The inputs whose derivative is compared: all of them, of large arrays those asked for."""
    if model.is_measured:
        found = [name for d in derivations for name in d.results]
    else:
        found = [name.name for d in derivations for name in d.wrt]
    return [name for name in dict.fromkeys(found) if name in model.tape.variables]


def check_along_directions(model: ArrayModel, derivations: Sequence[Derivation]) -> None:
    """Each result against one difference of the author's whole expression, without any chain rule."""
    m = model.m
    for name in _compared(model, derivations):
        var = model.tape.variables[name]
        tangent = model.tangent(name)
        given = m.fdot(model.adjoints[var], tangent[var])
        other = m.fdot(model.adjoint_seed, tangent[model.tape.output])
        scale = max(abs(given), max(map(abs, model.adjoints[var]), default=m.zero), m.mpf(10) ** -20)
        scale = max(scale, model.magnitude(bar(var)))
        digits_agreed = min(AGREED_DIGITS, m.dps - LOST_DIGITS)
        for digits in (2 * m.dps,) if m.dps < DIGITS else MEASURED_IN:
            true = model.along(name, digits=digits)
            if max(abs(given - true), abs(other - true)) <= scale * m.mpf(10) ** -digits_agreed:
                break
        else:
            what = f"proof failed: the derivative by {name} is {m.nstr(given, 12)} along a direction"
            raise ProofError(f"{what}, differences give {m.nstr(true, 12)}", way_out="nothing was written")
