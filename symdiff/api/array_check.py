"""Checks of anyone's derivative by an array: its shape first, then every entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symdiff.api.array_record import nested
from symdiff.derivation.derivation import bar
from symdiff.errors import DomainError, InputError, did_you_mean
from symdiff.expr.tree import PARTIAL, Expr, Sym, symbols
from symdiff.language.program import parse_expression
from symdiff.proof.judge import AGREED_DIGITS
from symdiff.proof.sample_points import models_of
from symdiff.proof.values import evaluate
from symdiff.rules.array_values import flat
from symdiff.tape.tape import Tape


def array_verdict(claim: str, tape: Tape, name: Sym) -> tuple[bool, Mapping[str, Any], Any, Any]:
    """(whether the claim holds, the point, what is claimed there, the true value), arrays as lists.

    A claim in another shape than that of the derivative is false, whatever its entries.

    Raises:
        InputError: the claim cannot be read, or uses an unknown name.
        DomainError: the claim has no value at any point tried.
    """
    claimed = _read(claim, tape)
    found: tuple[bool, Mapping[str, Any], Any, Any] | None = None
    for model in models_of(tape):
        try:
            given = evaluate(model.m, claimed, {}, model)
        except DomainError:
            continue
        true = evaluate(model.m, Expr(PARTIAL, tape.result, name), {}, model)
        point = {key: nested(value) for key, value in model.point.items()}
        found = not _differ(model, given, true, name), point, nested(given), nested(true)
        if not found[0]:
            return found
    if found is None:
        raise DomainError("the claim has no real value at any point tried", where=claim)
    return found


def _read(claim: str, tape: Tape) -> Expr:
    names = {name.name: name for name in tape.by_name}
    sizes = {str(part) for _, name in tape.inputs for part in name.shape}
    claimed = parse_expression(claim, names, sizes)
    for sym in symbols(claimed):
        if sym.name not in names:
            way_out = did_you_mean(sym.name, names)
            raise InputError(f"unknown name {sym.name!r} in the claim", way_out=way_out)
    return claimed


def _differ(model: Any, given: Any, true: Any, name: Sym) -> bool:
    if getattr(given, "shape", ()) != getattr(true, "shape", ()):
        return True
    apart = max(abs(a - b) for a, b in zip(flat(given), flat(true), strict=True))
    sizes = [model.magnitude(bar(model.tape.variables[name.name])), *map(abs, flat(true))]
    return bool(apart > max(sizes) * model.m.mpf(10) ** -AGREED_DIGITS)
