"""Graphs of tapes and recurrences: their nodes and edges, what is proved, what is left out."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from graph_helpers import built_in, draw, graph_of_case
from pages import some

import symdiff as sd
from symdiff.api import drawing
from symdiff.document.blocks import Chain, Graph, chains
from symdiff.errors import ProofError, UsageError
from symdiff.exercises import read
from symdiff.explain.recurrence import recurrence_graphs
from symdiff.expr.tree import Num
from symdiff.rendering.formulas.unicode import TextPrinter

WRITE = TextPrinter()
POINT = {"x": Fraction(7, 10), "a": Fraction(13, 10)}


def partials(graph: Graph) -> dict[tuple[str, str], str]:
    return {(e.tail, e.head): WRITE(e.partial.members[-1]) for e in graph.edges if e.partial}


def shown(chain: Chain | None) -> str:
    return "" if chain is None else WRITE(chain.members[-1])


def test_a_node_for_each_variable_and_an_edge_for_each_use() -> None:
    graph = draw(read("sigmoid"), mode="reverse").graph
    assert [node.key for node in graph.nodes] == ["w_1", "w_2", "w_3", "w_4", "w_5"]
    assert [node.role for node in graph.nodes] == ["input", "input", "step", "step", "result"]
    assert partials(graph) == {
        ("w_1", "w_3"): "−w₂",
        ("w_2", "w_3"): "−w₁",
        ("w_3", "w_4"): "e^w₃",
        ("w_4", "w_5"): "−1/w₄²",
    }


def test_paths_have_the_letters_of_the_sweep() -> None:
    graph = draw(read("product-sine"), mode="reverse").graph
    paths = {(edge.tail, edge.head): edge.path for edge in graph.edges}
    assert paths["w_1", "w_3"] == "a"
    assert paths["w_1", "w_4"] == "b"
    assert paths["w_2", "w_3"] == ""


def test_values_and_adjoints_stand_there_when_asked() -> None:
    plain = draw(read("sigmoid"), mode="reverse").graph
    assert all(node.value is None and node.adjoint is None for node in plain.nodes)
    graph = draw(read("sigmoid"), mode="reverse", at=POINT, adjoints=True).graph
    last = graph.nodes[-1]
    assert shown(last.value) == "0.7130"
    first = graph.nodes[0]
    assert shown(first.adjoint) == "0.2660"
    symbolic = draw(read("sigmoid"), mode="reverse", adjoints=True).graph
    assert shown(symbolic.nodes[3].adjoint) == "−1/w₄²"


def test_weights_of_a_network_are_no_nodes_but_stand_on_its_edges() -> None:
    graph = draw(read("mlp")).graph
    assert {node.key for node in graph.nodes if node.role == "input"} == {"x_A", "x_B", "y"}
    assert partials(graph)["x_A", "a1"] == WRITE(read("mlp").program.inputs[4])
    assert partials(graph)["h1", "a3"] == WRITE(read("mlp").program.inputs[-2])


def test_a_recurrence_unrolled_has_a_column_for_each_time() -> None:
    graph = draw(read("rnn"), view="unrolled", steps=3).graph
    columns = {node.key: node.column for node in graph.nodes}
    assert columns == {"h_-1": -1} | {f"{s}_{t}": t for s in "xhy" for t in range(3)}
    through = {(e.tail, e.head): [str(w) for w in e.through] for e in graph.edges}
    assert through["h_0", "h_1"] == ["W"]
    assert through["x_1", "h_1"] == ["U"]
    assert through["h_2", "y_2"] == ["V"]
    assert len(graph.edges) == 9


def test_a_recurrence_folded_has_loops_with_their_delay() -> None:
    graph = draw(read("rnn"), view="folded").graph
    loops = [(e.tail, e.head, e.delay, [WRITE(w) for w in e.through]) for e in graph.edges if e.delay]
    assert loops == [("h_t", "h_t", 1, ["W", "hₜ₋₁"])]
    two = draw(read("h[t] = a*h[t-1] + b*h[t-2]; h[-1] = 0; h[-2] = 1"), mode="bptt", view="folded").graph
    assert sorted(edge.delay for edge in two.edges) == [1, 2]


def test_many_times_are_drawn_with_dots() -> None:
    graph = draw(read("rnn"), view="unrolled", steps=9).graph
    assert {node.column for node in graph.nodes if node.role == "step"} == {0, 1, 8}
    assert [(e.tail, e.head) for e in graph.edges if "dots" in e.tail + e.head] == [
        ("h_1", "dots_1"),
        ("dots_1", "h_8"),
    ]
    assert graph.description.key == "graph.left_out"


def test_large_graphs_leave_out_what_repeats_and_say_so() -> None:
    source = "\n".join(["h0 = tanh(a*x)", *(f"h{i + 1} = tanh(a*h{i})" for i in range(60))])
    graph = draw(read(source), mode="reverse").graph
    assert len(graph.nodes) <= 60
    assert [node.role for node in graph.nodes].count("dots") == 1
    assert graph.description.key == "graph.left_out"
    whole = draw(read(source), mode="reverse", full=True).graph
    assert len(whole.nodes) == 2 + 2 * 61
    keys = {node.key for node in graph.nodes}
    assert all({edge.tail, edge.head} <= keys for edge in graph.edges)


@pytest.mark.parametrize("case", some(built_in(), spread=False), ids=str)
def test_keys_are_unique_and_edges_end_at_nodes(case: tuple[str, dict[str, object]]) -> None:
    graph = graph_of_case(case)
    keys = [node.key for node in graph.nodes]
    assert len(keys) == len(set(keys))
    pairs = [(edge.tail, edge.head) for edge in graph.edges if not edge.delay]
    assert len(pairs) == len(set(pairs))
    assert all({edge.tail, edge.head} <= set(keys) for edge in graph.edges)


@pytest.mark.parametrize(("name", "options"), [("sigmoid", {"mode": "reverse"}), ("rnn", {"adjoints": True})])
def test_a_false_partial_is_refused(
    name: str, options: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, where = (drawing, "graph_of") if name == "sigmoid" else (recurrence_graphs, "unrolled_graph")
    made = getattr(place, where)

    def wrong(*given: object) -> Graph:
        graph = made(*given)
        edge = next(e for e in graph.edges if e.partial is not None)
        false = replace(edge.partial, members=(edge.partial.members[-1] + edge.partial.members[-1],))
        edges = tuple(replace(e, partial=false) if e is edge else e for e in graph.edges)
        return replace(graph, edges=edges)

    monkeypatch.setattr(place, where, wrong)
    with pytest.raises(ProofError):
        draw(read(name), **options)  # type: ignore[arg-type]


def test_every_equality_of_a_picture_is_walked() -> None:
    graph = draw(read("sigmoid"), mode="reverse", at=POINT, adjoints=True).graph
    assert len(list(chains(graph))) == 5 + 5 + 5 + 4
    bare = draw(read("mlp")).graph
    assert all(chain.members for chain in chains(bare))


def test_what_cannot_be_drawn_is_said() -> None:
    with pytest.raises(UsageError, match="values need a point"):
        draw(read("sigmoid"), values=True)
    with pytest.raises(UsageError, match="views are for recurrences"):
        draw(read("sigmoid"), view="folded")
    with pytest.raises(UsageError, match="unknown view"):
        draw(read("rnn"), view="flat")
    with pytest.raises(UsageError, match="99 digits"):
        draw(read("sigmoid"), at={"x": Num(1).value, "a": Num(1).value}, digits=99)


@pytest.mark.parametrize(("source", "is_said"), [("layer-norm", True), ("batch", True), ("baydin", False)])
@pytest.mark.parametrize("mode", ["chain", "reverse"])
def test_a_picture_says_what_an_arrow_carries_that_is_no_matrix(
    source: str, is_said: bool, mode: str
) -> None:
    page = sd.solve(read(source), mode=mode).render("markdown", "en")
    assert ("Where this derivative is not given by a matrix, the arrow carries" in page) == is_said
