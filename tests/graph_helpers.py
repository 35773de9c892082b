"""What a picture must not do, computed from the places: overlap, run through nodes, miss an end."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import Any

from symdiff.api.drawing import Drawn
from symdiff.api.drawing import draw as draw_as_wished
from symdiff.api.wishes import Wishes
from symdiff.document.blocks import Graph
from symdiff.exercises import names, read
from symdiff.exercises.problem import Problem
from symdiff.rendering.pictures.emitters import drawing_of
from symdiff.rendering.pictures.geometry import Box, Drawing, sampled
from symdiff.rendering.pictures.labels import Measure, Sizes, estimated

TIMED = ("rnn", "rnn-loss", "rnn3x3", "lstm", "gru", "linear-recurrence")


def draw(
    problem: Problem,
    mode: str | None = None,
    *,
    view: str | None = None,
    values: bool = False,
    adjoints: bool = False,
    **wishes: Any,
) -> Drawn:
    """The picture of a problem, the reader's wishes given by name."""
    return draw_as_wished(problem, Wishes(mode, **wishes), view, values, adjoints)


def drawing(graph: Graph, measure: Measure = estimated) -> Drawing:
    return drawing_of(graph, Sizes(".", measure))


def shrunk(box: Box, by: float) -> Box:
    return Box(box.left + by, box.top + by, box.right - by, box.bottom - by)


def faults(picture: Drawing) -> list[str]:
    """What is wrong with a picture, in words."""
    found = []
    nodes = {node.sized.key: node for node in picture.nodes}
    boxes = [(f"node {key}", box) for key, node in nodes.items() for box in node.boxes]
    labels = [
        (f"label {e.wire.tail}->{e.wire.head}", e.label.box) for e in picture.edges if e.label is not None
    ]
    for (one, a), (other, b) in combinations([*boxes, *labels], 2):
        if one != other and shrunk(a, 0.01).meets(b):
            found.append(f"{one} meets {other}")
    for edge in picture.edges:
        name = f"{edge.wire.tail}->{edge.wire.head}"
        if edge.wire.label is not None and edge.label is None:
            found.append(f"{name} has no place for its label")
        for key, node in nodes.items():
            inner = shrunk(node.box, 1.0)
            if any(inner.holds(x, y) for curve in edge.curves for x, y in sampled(curve)):
                found.append(f"{name} runs through {key}")
        for key, (x, y) in ((edge.wire.tail, edge.curves[0][0]), (edge.wire.head, edge.curves[-1][3])):
            if not nodes[key].box.holds(x, y, 0.5):
                found.append(f"{name} does not reach {key}")
    whole = Box(0, 0, picture.width, picture.height)
    for name, box in [*boxes, *labels]:
        if box.left < 0 or box.top < 0 or box.right > whole.right or box.bottom > whole.bottom:
            found.append(f"{name} leaves the page")
    return found


def built_in() -> list[tuple[str, dict[str, object]]]:
    """Every built-in exercise in each way of drawing it."""
    found: list[tuple[str, dict[str, object]]] = []
    for name in names():
        if name in TIMED:
            found += [(name, {"view": view}) for view in ("unrolled", "folded")]
            found.append((name, {"view": "unrolled", "adjoints": True}))
            continue
        found.append((name, {"mode": "reverse", "adjoints": True}))
        problem = read(name)
        if problem.mode is not None and problem.mode != "reverse":
            found.append((name, {}))
        if problem.at is not None:
            found.append((name, {"mode": "reverse", "values": True, "adjoints": True}))
    return found


def graph_of_case(case: tuple[str, dict[str, object]]) -> Graph:
    name, options = case
    return _graph(name, **options)


@cache
def _graph(name: str, **options: Any) -> Graph:
    return draw(read(name), **options).graph
