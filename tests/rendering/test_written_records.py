"""What follows the proof says the same as the proved record: pictures, a page's data, JSON.

Numbers in them are compared with values found by another route: the author's text in mpmath, its differences.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from math import cos, exp, isclose, sin, tanh
from typing import Any

import helpers
import pytest
from helpers import M

import symdiff as sd
from symdiff.api.drawing import Drawn, draw
from symdiff.api.wishes import Wishes
from symdiff.document.blocks import Graph
from symdiff.exercises import read

TEXT, POINT = "x*y + tanh(x*y)*sin(x)/(1 + exp(-y))", {"x": Fraction(1, 2), "y": Fraction(2)}


def slope(name: str) -> Any:
    """∂/∂name of TEXT at POINT, by a difference in 50 digits."""
    step = Fraction(1, 10**15)
    ahead, behind = ({**POINT, name: POINT[name] + sign * step} for sign in (1, -1))
    return (helpers.value(TEXT, ahead) - helpers.value(TEXT, behind)) / (2 * helpers.mpf(step))


TRUE = {"x": float(slope("x")), "y": float(slope("y")), "f": float(helpers.value(TEXT, POINT))}


PICTURES = ("tape", "chain", "folded", "unrolled", "abridged")


@cache
def picture(name: str) -> Drawn:
    if name == "tape":
        return sd.graph(TEXT, at={"x": "1/2", "y": 2}, adjoints=True)
    if name == "chain":
        return draw(read("mlp"), Wishes("chain"), values=True, adjoints=True)
    if name == "abridged":
        return sd.graph(sd.reverse(sd.trace("*".join(f"sin(x{i})" for i in range(40)))))
    return sd.graph("rnn" if name == "folded" else "rnn-loss", view=name)


@pytest.mark.parametrize("name", PICTURES)
def test_an_svg_has_the_nodes_and_arrows_of_the_record(name: str) -> None:
    drawn = picture(name)
    svg = str(drawn.render("svg", plain_numbers=True))
    graph = drawn.graph
    keys = re.findall(r'<g class="node (\w+)" id="[^"]*" data-key="([^"]+)"', svg)
    assert sorted(keys) == sorted((node.role, node.key) for node in graph.nodes)
    arrows = re.findall(r'<g class="edge([^"]*)" id="[^"]*" data-tail="([^"]+)" data-head="([^"]+)"', svg)
    assert len(arrows) == len(graph.edges)
    known = {(edge.tail, edge.head): edge for edge in graph.edges}
    for look, tail, head in arrows:
        edge = known[tail, head]
        assert ("path-" in look, "delayed" in look) == (bool(edge.path), bool(edge.delay))


@pytest.mark.parametrize("name", PICTURES)
def test_dot_and_mermaid_have_the_arrows_of_the_record(name: str) -> None:
    drawn = picture(name)
    wanted = sorted((edge.tail, edge.head, edge.path) for edge in drawn.graph.edges)
    lines = re.findall(r'^  "([^"]+)" -> "([^"]+)" \[(?:label="([^"]*)")?', str(drawn.render("dot")), re.M)
    assert sorted((tail, head, _path(label)) for tail, head, label in lines) == wanted
    mermaid = str(drawn.render("mermaid"))
    found = re.findall(r'^  n_(\S+) [-.]+>(?:\|"([^"]*)"\|)? n_(\S+)$', mermaid, re.M)
    assert sorted((tail, head, _path(label)) for tail, label, head in found) == wanted


def _path(label: str) -> str:
    found = re.match(r"([a-z]+): ", label)
    return found[1] if found else ""


def test_the_numbers_in_a_picture_are_those_of_the_function() -> None:
    graph = picture("tape").graph
    svg = str(picture("tape").render("svg", plain_numbers=True))
    for kind, chains in (("value", _values(graph)), ("adjoint", _adjoints(graph))):
        shown = dict(re.findall(rf'<g class="{kind}" data-of="([^"]+)">.*?>(?:≈ )?([-−.\d]+)</text>', svg))
        assert shown.keys() == chains.keys()
        for key, text in shown.items():
            assert float(text.replace("−", "-")) == pytest.approx(chains[key], abs=1e-9)
    first, second, *_ = (node.key for node in graph.nodes)
    last = graph.nodes[-1].key
    assert _values(graph)[last] == pytest.approx(TRUE["f"], abs=5e-5)
    assert _adjoints(graph)[first] == pytest.approx(TRUE["x"], abs=5e-5)
    assert _adjoints(graph)[second] == pytest.approx(TRUE["y"], abs=5e-5)


def _values(graph: Graph) -> dict[str, float]:
    return {n.key: float(n.value.members[-1].value) for n in graph.nodes if n.value}  # type: ignore[attr-defined]


def _adjoints(graph: Graph) -> dict[str, float]:
    return {n.key: float(n.adjoint.members[-1].value) for n in graph.nodes if n.adjoint}  # type: ignore[attr-defined]


OPERATIONS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
    "neg": lambda a: -a,
    "total": lambda *terms: sum(terms),
    "exp": exp,
    "sin": sin,
    "cos": cos,
    "tanh": tanh,
    "sigmoid": lambda u: 1 / (1 + exp(-u)),
}


def computed(form: Any, values: Mapping[str, float]) -> float:
    """A formula of a page's data in numbers."""
    if isinstance(form, str):
        return values[form]
    if isinstance(form, list):
        return float(OPERATIONS[form[0]](*(computed(arg, values) for arg in form[1:])))
    if isinstance(form, dict):
        return int(form["p"]) / int(form["q"])
    return float(form)


def test_the_data_of_a_page_compute_the_function_and_its_slopes() -> None:
    solution = sd.solve(read(TEXT), mode="both", at=POINT)
    page = solution.render("html")
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    found = json.loads(data)
    record = json.loads(solution.render("json"))
    values = {known["key"]: float(Fraction(known["data"][0])) for known in found["known"]}
    names = {known["key"]: known["said"] for known in found["known"]}
    assert names == {item["step"]: item["name"] for item in record["inputs"]}
    for move in found["moves"]:
        values[move["key"]] = computed(move["form"], values)
    inputs = {item["name"]: item["step"] for item in record["inputs"]}
    output = record["output"]["step"]
    assert isclose(values[output], TRUE["f"], rel_tol=1e-12)
    for name, var in inputs.items():
        assert isclose(values[f"bar {var}"], TRUE[name], rel_tol=1e-12)
        assert isclose(values[f"dot {output} {name}"], TRUE[name], rel_tol=1e-12)
    steps = {step["name"]: step for step in record["steps"]}
    primal = [move for move in found["moves"] if move["mode"] == "primal"]
    assert [move["key"] for move in primal] == list(steps)
    for move in primal:
        step = steps[move["key"]]
        assert isclose(values[move["key"]], step["value"], rel_tol=1e-12)
        assert [tail for tail, _ in move["along"]] == list(step["partials"])


@pytest.mark.parametrize("mode", ["forward", "reverse", "both"])
def test_a_record_in_json_has_the_lines_that_were_proved(mode: str) -> None:
    solution = sd.solve(read(TEXT), mode=mode, at=POINT)
    record = json.loads(solution.render("json"))
    values: dict[str, Any] = {name: helpers.mpf(value) for name, value in POINT.items()}
    values |= {item["step"]: values[item["name"]] for item in record["inputs"]}
    for step in record["steps"]:
        values[step["name"]] = helpers.value(step["expr"], values)
        assert isclose(step["value"], float(values[step["name"]]), rel_tol=1e-12)
    for derivation in record["derivations"]:
        for sweep in derivation["sweeps"]:
            own = dict(values)
            for line in sweep["lines"]:
                assert line["proof"]["proved"]
                own[line["name"]] = M.mpf(line["value"])
                last = helpers.value(line["members"][-1], own)
                assert isclose(line["value"], float(last), rel_tol=1e-9, abs_tol=1e-12)
    for name, result in record["results"].items():
        assert isclose(result["value"], TRUE[name], rel_tol=1e-12)
        for form in {result["expr"], result["compact"]} - {None}:
            assert isclose(float(helpers.value(form, {**POINT, "f": helpers.value(TEXT, POINT)})), TRUE[name])
