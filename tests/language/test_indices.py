"""Indices that are names: what they are, what is refused, and their derivatives at repeated places."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from symdiff import emit, trace
from symdiff.api.solution import solve
from symdiff.errors import InputError, UsageError
from symdiff.exercises import read
from symdiff.language.program import parse_program

SHAPES: dict[str, tuple[Any, ...]] = {
    "z": ("n",), "u": ("k",), "C": ("m", "d"), "Z": ("n", "k"), "y": (), "ix": ("b",), "iy": ("n",),
}  # fmt: skip


def results(text: str, mode: str, **wishes: Any) -> Any:
    """The results in JSON."""
    return json.loads(solve(read(text), mode, **wishes).render("json"))["results"]


def exercise(formula: str, inputs: dict[str, list[Any]], more: str = "") -> str:
    listed = "\n".join(f"{name} = {shape!r}".replace("'", '"') for name, shape in inputs.items())
    return f'[inputs]\n{listed}\n[definitions]\nL = "{formula}"\n{more}'


CLASS = {"z": ["n"], "y": []}
LOSSES = ("-log_softmax(z)[y]", "-z[y] + logsumexp(z)", "-log(softmax(z)[y])", "log(sum(exp(z))) - z[y]")


@pytest.mark.parametrize("loss", LOSSES)
def test_the_gradient_of_cross_entropy_by_a_class_is_p_minus_e_y(loss: str) -> None:
    result = results(exercise(loss, CLASS), "reverse")["z"]
    compact = result.get("compact") or result["expr"]
    assert compact in ("softmax(z) - one_hot(y, n)", "exp(z)/sum(exp(z)) - one_hot(y, n)")


def test_the_mean_over_rows_divides_by_their_number() -> None:
    text = exercise("-mean(log_softmax(Z)[range(n), iy])", {"Z": ["n", "k"], "iy": ["n"]})
    result = results(text, "reverse")["Z"]
    assert (result.get("compact") or result["expr"]) == "(softmax(Z) - one_hot(iy, k))/n"


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_indices_that_occur_twice_add_up(mode: str) -> None:
    at = "[at]\nC = [[1, 2], [3, 4], [5, 6]]\nix = [2, 0, 2, 2]\ng = [[1, 2], [3, 4], [5, 6], [7, 8]]"
    inputs = {"C": [3, 2], "ix": [4], "g": [4, 2]}
    found = results(exercise("sum(g*C[ix]**2)", inputs, at), mode, wrt=["C"])
    table, places = np.array([[1, 2], [3, 4], [5, 6]]), [2, 0, 2, 2]
    wanted = np.zeros((3, 2))
    np.add.at(wanted, places, 2 * np.array([[1, 2], [3, 4], [5, 6], [7, 8]]) * table[places])
    value = found["C"]["value"]
    assert np.allclose(np.array(value, dtype=float), wanted)


def test_an_index_is_no_input_and_has_no_derivative() -> None:
    program = parse_program("-log_softmax(z)[y]", None, SHAPES)
    assert "y" not in {name.name for name in program.inputs}
    assert program.indices["y"].limit == "n"
    with pytest.raises(UsageError, match="index, which is held"):
        solve(read(exercise("z[y]", CLASS)), "reverse", wrt=["y"])


def test_an_undeclared_name_in_brackets_is_an_index() -> None:
    program = parse_program("x[i]*x[0]", None, {"x": ("n",)})
    assert [name.name for name in program.inputs] == ["x"]
    assert [*program.indices] == ["i"]


def test_an_assumption_says_that_a_name_is_an_index() -> None:
    said = '[assume]\ny = "index"'
    assert read(exercise("z[y]", CLASS, said)).program.indices
    with pytest.raises(InputError, match="index"):
        read(exercise("sum(z)*y", CLASS, said))


REFUSED = {
    "z[y] + y": "a number elsewhere",
    "z[y] + u[y]": "counts n entries in one place and k in another",
    "z[y + 1]": "not computed",
    "z[iy[0]]": "an index has no index",
    "z[Z]": "an index is a number or a vector",
    "Z[ix, iy]": "indices side by side",
    "Z[range(k), iy]": "picks no axis",
    "z[y, y]": "does not have 2 indices",
    "y[z]": "has no entry",
    "z[argmax(z)]": "argmax is not read",
}


@pytest.mark.parametrize(("formula", "what"), REFUSED.items())
def test_what_is_refused_says_what_to_write(formula: str, what: str) -> None:
    with pytest.raises(InputError, match=what) as found:
        parse_program(formula, None, SHAPES)
    assert found.value.way_out


INSTEAD = {
    "argmax(z)": "max(z)",
    "expm(Z)": "eye(n)",
    "cumprod(z)": "cumsum",
    "kron(Z, Z)": "outer",
    "sort(z)": "max(x)",
}


@pytest.mark.parametrize(("formula", "way_out"), INSTEAD.items())
def test_what_is_no_function_says_what_to_write(formula: str, way_out: str) -> None:
    with pytest.raises(InputError) as found:
        parse_program(formula, None, SHAPES)
    assert way_out in found.value.way_out


@pytest.mark.parametrize("place", ["3", "-1", "0.5", "[0, 1]"])
def test_a_point_gives_a_place_that_there_is(place: str) -> None:
    with pytest.raises((InputError, UsageError), match="y is"):
        solve(read(exercise("z[y]**2", CLASS, f"[at]\nz = [1, 2, 3]\ny = {place}")), "reverse")


def test_entries_need_the_number_of_an_index() -> None:
    with pytest.raises(InputError, match="no number for the index y"):
        solve(read(exercise("z[y]**2", {"z": [3], "y": []})), "entries")
    at = "[at]\nz = [1, 2, 3]\ny = 1"
    found = results(exercise("z[y]**2", CLASS, at), "entries")
    values = [Fraction(str(found[name]["value"])) for name in ("z1", "z2", "z3")]
    assert values == [0, 4, 0]


def test_ties_share_the_derivative_equally() -> None:
    at = "[at]\nx = [2, 5, 5, 1]"
    text = exercise("3*max(x)", {"x": [4]}, at)
    assert [float(v) for v in results(text, "reverse")["x"]["value"]] == [0, 1.5, 1.5, 0]
    said = " ".join(solve(read(text), "reverse").render("text").split())
    assert "the numbers below follow the convention" in said


def test_a_product_is_differentiated_where_entries_are_zero() -> None:
    at = "[at]\nx = [2, 0, 3]"
    found = results(exercise("prod(x)", {"x": [3]}, at), "reverse")
    assert [float(v) for v in found["x"]["value"]] == [0, 6, 0]


THROUGH_TIME = """steps = "T"
[inputs]
W = ["d", "d"]
V = ["v", "d"]
y = []
[sequences]
x = ["d"]
[recurrence]
"h[-1]" = "zeros(d)"
"h[t]" = "tanh(W @ h[t-1] + x[t])"
[definitions]
L = "-log_softmax(V @ h[T-1])[y]"
"""


def test_a_class_is_the_end_of_a_recurrence() -> None:
    space: dict[str, Any] = {}
    exec(emit(read(THROUGH_TIME), "numpy"), space)
    function, rng = space["value_and_gradients"], np.random.default_rng(4)
    point = {"W": rng.normal(size=(2, 2)), "V": rng.normal(size=(3, 2)), "x": rng.normal(size=(4, 2)), "y": 2}
    _, gradients = function(**point)
    for name in ("W", "V"):
        for place in np.ndindex(point[name].shape):
            step = np.zeros_like(point[name])
            step[place] = 1e-6
            values = [function(**{**point, name: point[name] + sign * step})[0] for sign in (1, -1)]
            assert abs((values[0] - values[1]) / 2e-6 - gradients[name][place]) < 1e-8


def test_an_index_with_a_time_is_answered_in_words() -> None:
    with pytest.raises(InputError, match="has a value for each time and is no index") as found:
        read(THROUGH_TIME.replace("x[t])", "V[x[t]])").replace('x = ["d"]', "x = []"))
    assert "one-hot" in found.value.way_out


def test_what_json_writes_is_read_back() -> None:
    text = exercise("-mean(log_softmax(Z)[range(n), iy])", {"Z": ["n", "k"], "iy": ["n"]})
    record = json.loads(solve(read(text), "reverse").render("json"))
    assert record["indices"] == [{"name": "iy", "shape": ["n"], "limit": "k"}]
    shapes = {given["name"]: tuple(given["shape"]) for given in record["inputs"] + record["indices"]}
    written = record["results"]["Z"]["expr"]
    assert str(trace(written, shapes=shapes).definitions[-1][1]) == written
