"""THE TABLE: each operation once, with its value and its local partials. Both sweeps read it.

The rows of functions of numbers are in `scalar_rows`, those of operations on arrays in `array_rows`,
those of conditions in `condition_rows`; a function without a formula has a row made for it,
`unspecified_rows`.
"""

from __future__ import annotations

from symdiff.errors import InputError
from symdiff.expr.tree import Expr
from symdiff.expr.unspecified import Unspecified
from symdiff.rules.array_rows import ARRAY_ROWS, FORM_ROWS
from symdiff.rules.condition_rows import CONDITION_ROWS
from symdiff.rules.rule import Rule
from symdiff.rules.scalar_rows import SCALAR_ROWS
from symdiff.rules.unspecified_rows import row_of_unspecified

RULES: dict[str, Rule] = {
    row.op.name: row for row in (*SCALAR_ROWS, *CONDITION_ROWS, *ARRAY_ROWS, *FORM_ROWS)
}
_ALIASES = {alias: row.op.name for row in RULES.values() for alias in row.aliases}
_ARITHMETIC = {"+", "-", "neg", "*", "/", "**", "@"}


def functions() -> dict[str, Rule]:
    """The rows a user may call by name, constants and aliases included."""
    rows = [row for row in RULES.values() if not row.internal and row.op.name not in _ARITHMETIC]
    return {name: row for row in rows for name in (row.op.name, *row.aliases)}


OF_DERIVATIVES = (
    *("inner", "column", "row", "positive", "greater", "at_max", "at_min", "at_max_across", "at_min_across"),
    *("prod_others", "prod_others_across", "unvec"),
)
"""What derivatives are written with: a formula may call them, and alone they are names of the author's."""


def of_derivatives() -> dict[str, Rule]:
    """The rows by which our own records write derivatives, besides the functions."""
    return {name: RULES[name] for name in OF_DERIVATIVES}


def function_named(name: str) -> Rule | None:
    """The row of a function that a user may call by this name."""
    row = RULES.get(_ALIASES.get(name, name))
    return None if row is None or row.internal or name in _ARITHMETIC else row


def rule_of(node: Expr) -> Rule:
    """The row of `node`'s operation; an operation without a row is an error that names it."""
    rule = RULES.get(node.op.name)
    if rule is None and isinstance(node.op, Unspecified):
        rule = row_of_unspecified(node.op)
    if rule is None:
        way_out = "add a row in symdiff/rules/scalar_rows.py"
        raise InputError(f"no rule for {node.op.name!r}", where=str(node), way_out=way_out)
    return rule
