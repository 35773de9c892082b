"""Layouts: nothing overlaps, no edge runs through a node, the same graph gives the same picture."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from graph_helpers import built_in, draw, drawing, faults, graph_of_case
from hypothesis import given, settings
from hypothesis import strategies as st

from symdiff.document.blocks import Chain, Edge, Graph, Node, text
from symdiff.exercises import read
from symdiff.expr.tree import Num, Sym
from symdiff.rendering.pictures.emitters import MEASURED
from symdiff.rendering.pictures.geometry import sampled
from symdiff.rendering.pictures.labels import Sizes, estimated
from symdiff.rendering.pictures.layer_order import crossings, layers_of, places_across
from symdiff.rendering.pictures.paper import TALL, WIDE, drawing_on_paper

CASES = built_in()


@pytest.mark.parametrize("turn", [0, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_nothing_overlaps_in_a_picture_of_a_built_in_exercise(
    case: tuple[str, dict[str, object]], turn: int
) -> None:
    """With labels estimated or measured, in turn."""
    measure = (estimated, MEASURED["outlines"])[(CASES.index(case) + turn) % 2]
    assert faults(drawing(graph_of_case(case), measure)) == []


OWN = {
    "fork": "a = sin(x)*x\nb = a + cos(x)*a\nc = b*a + x\ny = c/(a + b)",
    "deep": "\n".join(["h0 = tanh(a*x)", *(f"h{i + 1} = tanh(a*h{i}) + x" for i in range(12))]),
    "fan": "y = " + " + ".join(f"sin(x{i}*w)" for i in range(12)),
    "long": "h[t] = tanh(u*x[t] + w*h[t-1]); h[-1] = 0; L = sum((h[t] - y[t])**2)",
    "memory": "h[t] = tanh(u*x[t] + w*h[t-1] + v*h[t-2]); h[-1] = 0; h[-2] = 0; L = sum(h)",
    "pair": "a[t] = tanh(u*a[t-1] + v*b[t-1]); b[t] = tanh(w*b[t-1] + a[t-1]*x[t]); a[-1] = 0; b[-1] = 0",
}


@pytest.mark.parametrize("name", ["fork", "deep", "fan"])
@pytest.mark.parametrize("granularity", ["textbook", "atomic"])
def test_nothing_overlaps_in_exercises_of_ones_own(name: str, granularity: str) -> None:
    graph = draw(read(OWN[name]), mode="reverse", granularity=granularity, adjoints=True).graph
    assert faults(drawing(graph)) == []


@pytest.mark.parametrize("name", ["fork", "long", "memory", "pair"])
def test_a_picture_on_paper_fits_upright_or_turned_and_keeps_what_it_shows(name: str) -> None:
    timed = "[t]" in OWN[name]
    graph = draw(read(OWN[name]), mode="bptt" if timed else "reverse", adjoints=not timed).graph
    found = drawing_on_paper(graph, lambda node: Sizes(".", estimated, node=node))
    assert found is not None
    assert faults(found) == []
    assert sorted((found.width, found.height)) <= sorted((WIDE, TALL))
    assert max(found.width, found.height) <= TALL
    assert min(found.width, found.height) <= WIDE
    assert {node.sized.key for node in found.nodes} == {node.key for node in graph.nodes}
    assert len(found.edges) == len(graph.edges)


def test_numbers_are_left_out_before_the_picture_is() -> None:
    graph = draw(read("mlp"), mode="reverse", values=True, adjoints=True).graph
    found = drawing_on_paper(graph, lambda node: Sizes(".", estimated, node=node))
    assert found is not None
    assert not any(node.value or node.adjoint for node in found.nodes)


def test_a_picture_that_no_page_holds_is_left_out() -> None:
    graph = draw(read("gru"), mode="reverse").graph
    assert drawing_on_paper(graph, lambda node: Sizes(".", estimated, node=node)) is None


@pytest.mark.parametrize("name", ["long", "memory", "pair"])
@pytest.mark.parametrize("view", ["unrolled", "folded"])
@pytest.mark.parametrize("steps", [3, 7])
def test_nothing_overlaps_in_recurrences_of_ones_own(name: str, view: str, steps: int) -> None:
    graph = draw(read(OWN[name]), mode="bptt", view=view, steps=steps).graph
    assert faults(drawing(graph)) == []


@st.composite
def graphs(draw_: st.DrawFn) -> Graph:
    """Acyclic graphs of up to 18 nodes with labels of all lengths."""
    rng = random.Random(draw_(st.integers(0, 10**6)))
    count = draw_(st.integers(1, 18))
    nodes, edges = [], []
    for i in range(count):
        name = Sym(f"w_{i}")
        value = Chain(name, (Num(rng.randrange(10 ** rng.randrange(1, 7))),)) if rng.random() < 0.5 else None
        members = (Sym("a" * rng.randrange(1, 20)),) if rng.random() < 0.5 else ()
        nodes.append(Node(name.name, Chain(name, members), "step", value, value))
        for j in rng.sample(range(i), min(i, rng.randrange(4))):
            label = Chain(name, (Num(rng.randrange(10 ** rng.randrange(1, 9))),))
            edges.append(Edge(f"w_{j}", f"w_{i}", label if rng.random() < 0.8 else None))
    return Graph(tuple(nodes), tuple(edges), text("graph.title"), text("graph.title"))


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_nothing_overlaps_in_random_graphs(graph: Graph) -> None:
    assert faults(drawing(graph)) == []


@settings(max_examples=30, deadline=None)
@given(graphs())
def test_a_picture_is_the_same_each_time(graph: Graph) -> None:
    assert drawing(graph) == drawing(graph)


@settings(max_examples=30, deadline=None)
@given(graphs())
def test_heads_lie_behind_their_tails(graph: Graph) -> None:
    links = [(edge.tail, edge.head) for edge in graph.edges]
    found = layers_of([node.key for node in graph.nodes], links)
    for tail, head in links:
        assert found.number[tail] < found.number[head]
        assert [found.number[name] for name in found.ways[tail, head]] == list(
            range(found.number[tail], found.number[head] + 1)
        )


def test_crossings_that_can_be_avoided_are_avoided() -> None:
    names = ["a", "b", "c", "d", "x", "y", "z", "t"]
    links = [("a", "t"), ("b", "z"), ("c", "y"), ("d", "x")]
    found = layers_of(names, links)
    ahead: dict[str, list[str]] = {}
    for tail, head in links:
        ahead.setdefault(tail, []).append(head)
    assert crossings(found.layers, ahead) == 0
    assert crossings((("a", "b"), ("z", "t")), {"a": ["t"], "b": ["z"]}) == 1


def test_a_chain_is_a_straight_line_and_distances_are_kept() -> None:
    names = [f"n{i}" for i in range(6)]
    found = layers_of(names, list(pairwise(names)))
    at = places_across(found, dict.fromkeys(names, (5.0, 5.0)), 3.0)
    assert max(at.values()) - min(at.values()) < 1e-6
    fan = layers_of(["a", "b", "c", "d"], [("a", "d"), ("b", "d"), ("c", "d")])
    at = places_across(fan, dict.fromkeys("abcd", (5.0, 5.0)), 3.0)
    across = sorted(at[name] for name in "abc")
    assert all(other - one >= 13.0 - 1e-6 for one, other in pairwise(across))
    assert abs(at["d"] - across[1]) < 1e-6


def test_labels_of_edges_that_cross_stand_beside_the_crossing() -> None:
    text = "h = tanh(p*x + q*y)\nk = tanh(r*x + s*y)\nz = h*k"
    picture = drawing(draw(read(text), "chain").graph)
    assert sum(edge.label is not None for edge in picture.edges) == 10
    for edge in picture.edges:
        others = [c for other in picture.edges if other != edge for c in other.curves]
        around = edge.label.box if edge.label else None
        assert around is not None
        assert not any(around.holds(*point, 1.0) for curve in others for point in sampled(curve))
