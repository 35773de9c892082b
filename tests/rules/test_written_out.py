"""What operations stand for, written out in others: true, and without SymPy."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import pytest
from helpers import FUNCTIONS, M, close, value

from symdiff.expr.tree import Sym, postorder
from symdiff.rules.table import RULES
from symdiff.rules.written_out import formula_of

FORMULAS = [name for name, rule in RULES.items() if rule.formula]


@pytest.mark.parametrize("name", FORMULAS)
def test_the_formula_has_the_value_of_the_function(name: str) -> None:
    rule = RULES[name]
    slots = [Sym(f"u_{i}") for i in range(rule.op.arity or 0)]
    formula = formula_of(rule, slots)
    assert formula is not None
    for numbers in (
        [Fraction(3, 2), Fraction(1, 3)],
        [Fraction(-5, 7), Fraction(2)],
        [Fraction(0), Fraction(0)],
    ):
        given = numbers[: len(slots)]
        if name in ("log2", "log10") and given[0] <= 0:
            continue
        expected = FUNCTIONS[name](*(M.mpf(u.numerator) / u.denominator for u in given))
        point = {slot.name: u for slot, u in zip(slots, given, strict=True)}
        assert close(value(formula, point), expected), (name, given)


def test_sigmoid_softplus_and_relu_are_written_in_other_operations() -> None:
    u = Sym("u")
    for name, expected in {
        "sigmoid": "1/(1 + exp(-u))",
        "softplus": "log(1 + exp(u))",
        "relu": "max(u, 0)",
    }.items():
        formula = formula_of(RULES[name], [u])
        assert str(formula) == expected
        assert formula is not None
        assert all(node.op.name != name for node in postorder(formula))


def test_a_row_without_a_formula_has_none() -> None:
    assert formula_of(RULES["tanh"], [Sym("u")]) is None


def test_no_sympy_is_needed() -> None:
    script = (
        "import sys; sys.modules['sympy'] = None\n"
        "from symdiff.expr.tree import Sym\n"
        "from symdiff.rules.table import RULES\n"
        "from symdiff.rules.written_out import formula_of\n"
        "print(formula_of(RULES['softplus'], [Sym('u')]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "log(1 + exp(u))", done.stderr
