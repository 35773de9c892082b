"""SymPy's opinion of the results: none unless asked for, then named in certificate, note and JSON."""

from __future__ import annotations

import json

import pytest
from tools import run_command

from symdiff.api.solution import solved
from symdiff.api.wishes import Wishes
from symdiff.exercises import read

SIGMOID = "y = 1/(1 + exp(-a*x))"


@pytest.mark.parametrize("mode", ["forward", "reverse", "both"])
def test_sympy_confirms_what_it_can_where_it_is_asked(mode: str) -> None:
    found = solved(read(SIGMOID), Wishes(mode, second_opinion=True))
    assert found.certificate.confirmed_by_sympy == ("a", "x")
    assert json.loads(found.render("json"))["proof"]["confirmed_by_sympy"] == ["a", "x"]
    assert "SymPy" in found.render("text")


def test_nobody_is_asked_by_default() -> None:
    found = solved(read(SIGMOID), Wishes("reverse"))
    assert found.certificate.confirmed_by_sympy is None
    assert "confirmed_by_sympy" not in json.loads(found.render("json"))["proof"]
    assert "SymPy" not in found.render("text")


def test_the_option_of_the_command() -> None:
    done = run_command("derive", SIGMOID, "--mode", "reverse", "--format", "json", "--second-opinion")
    assert json.loads(done.stdout)["proof"]["confirmed_by_sympy"] == ["a", "x"]
