"""Numbers of JSON beyond doubles: valid JSON, and the number that the page shows."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

import symdiff as sd


def refuse(word: str) -> Any:
    raise AssertionError(f"{word} is no JSON")


@pytest.mark.parametrize(("x", "near"), [(1000, "1.970071114e434"), (-1000, "5.075958897e-435")])
def test_a_value_beyond_doubles_is_written_out(x: int, near: str) -> None:
    derivation = sd.reverse(sd.trace("f(x) = exp(x)"))
    text = sd.render(derivation, "json", at={"x": x})
    found = json.loads(text, parse_float=Decimal, parse_constant=refuse)
    values = [found["results"]["x"]["value"], *(step["value"] for step in found["steps"])]
    for value in values:
        assert abs(value / Decimal(near) - 1) < Decimal("1e-9")


def test_arrays_of_such_numbers_and_ordinary_ones_too() -> None:
    derivation = sd.reverse(sd.trace("f(x) = sum(exp(x)*[1, 0, 2])"))
    found = json.loads(sd.render(derivation, "json", at={"x": 1000}), parse_constant=refuse)
    assert found["results"]["x"]["value"] == float("inf")  # what a reader of doubles makes of 5.9e434
    found = json.loads(sd.render(derivation, "json", at={"x": 0}), parse_constant=refuse)
    assert found["results"]["x"]["value"] == 3.0


@pytest.mark.parametrize(
    ("source", "x", "near"),
    [
        ("cosh(x) - sinh(x)", 150, "-7.175095973164411e-66"),
        ("softplus(x) - x", 300, "-5.148200222412013e-131"),
        ("tanh(x) - 1", 100, "5.535586106946950e-87"),
        ("sqrt(2)**2*x - 2*x", 3, "0"),
    ],
)
def test_what_is_left_of_large_terms_is_written_to_all_digits_of_a_double(
    source: str, x: int, near: str
) -> None:
    text = sd.render(sd.reverse(sd.trace(f"f(x) = {source}")), "json", at={"x": x})
    found = json.loads(text)["results"]["x"]["value"]
    assert found == pytest.approx(float(near), rel=1e-14, abs=0.0)
