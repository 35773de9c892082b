"""Checks of derivatives by arrays: true claims pass, false ones get a point, a wrong shape is false."""

from __future__ import annotations

import pytest

import symdiff as sd
from symdiff.errors import InputError

N, M = ("n",), ("m", "n")


@pytest.mark.parametrize(
    ("claim", "of", "wrt", "shapes"),
    [
        ("(A + A.T) @ x", "q = x @ A @ x", "x", {"A": ("n", "n"), "x": N}),
        ("outer(x, x)", "q = x @ A @ x", "A", {"A": ("n", "n"), "x": N}),
        ("2*(X.T @ r)/m", "r = X @ w - y\nL = dot(r, r)/m", "w", {"X": M, "w": N, "y": ("m",)}),
        ("inv(A).T", "logdet(A)", "A", {"A": ("n", "n")}),
        ("W", "y = W @ x", "x", {"W": M, "x": N}),
        ("sum(x)", "y = s*sum(x)", "s", {"s": (), "x": N}),
    ],
)
def test_true_claims_pass(claim: str, of: str, wrt: str, shapes: dict[str, tuple[str, ...]]) -> None:
    assert sd.check_derivative(claim, of, wrt, shapes)


@pytest.mark.parametrize(
    ("claim", "of", "wrt"),
    [
        ("2*(A @ x)", "q = x @ A @ x", "x"),
        ("(A + A.T) @ x + 1e-9*x", "q = x @ A @ x", "x"),
        ("x @ x", "q = x @ A @ x", "A"),
        ("A @ x + x @ A.T", "q = x @ A @ x", "x"),
        ("sum((A + A.T) @ x)", "q = x @ A @ x", "x"),
    ],
)
def test_false_claims_come_with_a_point(claim: str, of: str, wrt: str) -> None:
    verdict = sd.check_derivative(claim, of, wrt, {"A": ("n", "n"), "x": N})
    assert not verdict
    assert verdict.point is not None
    assert len(verdict.point["x"]) == len(verdict.point["A"])
    assert verdict.claimed != verdict.true


def test_claims_that_cannot_be_read_are_errors() -> None:
    with pytest.raises(InputError, match="unknown name 'B'"):
        sd.check_derivative("B*x", "x @ A @ x", "x", {"A": ("n", "n"), "x": N})
    with pytest.raises(InputError, match="shapes do not fit"):
        sd.check_derivative("x @ y", "y = A @ x", "x", {"A": M, "x": N})
