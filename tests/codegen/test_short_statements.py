"""Code of backward passes as people write it: few sums over axes, and the values that it has otherwise."""

from __future__ import annotations

import re

import pytest

from benchmarks.short_forms import CASES, Case, exercise
from symdiff.codegen import emit

REDUCTIONS = r"np\.(?:sum|mean|dot|inner|linalg\.norm)\(|\b\w+ @ \w+"


def backward(case: Case, *wrt: str) -> str:
    """The emitted lines of the backward pass."""
    code = emit(exercise(case.definitions, case.shapes, wrt or [case.wrt]))
    return code[code.index("# backward") : code.index("return L")]


@pytest.mark.parametrize("name", ["LayerNorm", "LayerNorm of a batch", "BatchNorm", "RMSNorm"])
def test_normalisations_take_two_sums_at_most_on_the_way_back(name: str) -> None:
    case = next(case for case in CASES if case.name == name)
    assert len(re.findall(REDUCTIONS, backward(case))) <= 2


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("logistic regression", "w_bar = X.T @ (p - y) / m"),
        ("LayerNorm", "x_bar = (xhat_bar - np.mean(xhat_bar) - np.mean(xhat_bar * xhat) * xhat) / s"),
        ("SwiGLU", "W1_bar = X.T @ a_bar"),
    ],
)
def test_adjoints_that_only_lead_on_are_put_in(name: str, line: str) -> None:
    case = next(case for case in CASES if case.name == name)
    assert line in backward(case)


def test_an_adjoint_that_is_asked_for_keeps_its_line() -> None:
    case = next(case for case in CASES if case.name == "LayerNorm")
    assert {"eps_bar =", "x_bar ="} <= set(re.findall(r"\w+_bar =", backward(case, "x", "eps")))
