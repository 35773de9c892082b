"""The built-in exercises against numbers found by float64 automatic differentiation elsewhere."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from symdiff.api.solution import solve
from symdiff.exercises import load

NUMBERS = {
    "sigmoid": (
        {"x": "0.7", "a": "1.3"},
        0.7130001627522816,
        {"x": 0.266020209867752, "a": 0.14324165146725107},
    ),
    "product-sine": ({"x1": "1.2", "x2": "-0.4"}, 0.4520390859672263, {"x1": -0.0376422455233264, "x2": 1.2}),
    "baydin": ({"x1": "2", "x2": "5"}, 11.652071455223084, {"x1": 5.5, "x2": 1.7163378145367738}),
}
DOTS = {"w_3": -1.3, "w_4": -0.5232814912437268, "w_5": 0.266020209867752}
BARS = {"w_5": 1, "w_4": -0.5083692320847801, "w_3": -0.20463093066750154, "w_1": 0.266020209867752}


def record(name: str, mode: str) -> dict:  # type: ignore[type-arg]
    at = {key: Fraction(value) for key, value in NUMBERS[name][0].items()}
    return json.loads(solve(load(name), mode, at=at).render("json"))


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("mode", ["forward", "reverse", "both"])
def test_values_and_derivatives(name: str, mode: str) -> None:
    _, value, gradient = NUMBERS[name]
    found = record(name, mode)
    assert found["steps"][-1]["value"] == pytest.approx(value, rel=1e-14)
    assert {k: v["value"] for k, v in found["results"].items()} == pytest.approx(gradient, rel=1e-14)


def test_every_tangent_and_adjoint_of_the_sigmoid() -> None:
    sweep = record("sigmoid", "forward")["derivations"][0]["sweeps"][0]
    values = {line["name"].replace("dot", ""): line["value"] for line in sweep["lines"]}
    assert {k: values[k] for k in DOTS} == pytest.approx(DOTS, rel=1e-14)
    sweep = record("sigmoid", "reverse")["derivations"][0]["sweeps"][0]
    values = {line["name"].replace("bar", ""): line["value"] for line in sweep["lines"]}
    assert {k: values[k] for k in BARS} == pytest.approx(BARS, rel=1e-14)


@pytest.mark.parametrize("name", NUMBERS)
def test_every_line_is_proved_to_thirty_digits(name: str) -> None:
    for derivation in record(name, "both")["derivations"]:
        for sweep in derivation["sweeps"]:
            for line in sweep["lines"]:
                assert line["proof"]["proved"]
                assert line["proof"]["digits"] >= 30
