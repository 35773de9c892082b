"""Large graphs with what repeats left out: of a repeated cell the first two times and the last stay.

Steps that are left out become one node with dots; edges from and to them end there. Of steps in which
nothing repeats, the first and the last stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symdiff.document.blocks import Chain, Edge, Graph, Node, Row, text
from symdiff.explain.shared.folding import longest_run
from symdiff.explain.shared.patterns import pattern_of
from symdiff.explain.sweeps.statement import ELLIPSIS
from symdiff.expr.tree import Expr

MOST = 60
"""Nodes up to which a graph is drawn whole."""
HEAD, TAIL = 2, 1
FIRST, LAST = 14, 10
"""Where nothing repeats, so many steps at the beginning and at the end."""


def folded(graph: Graph) -> Graph:
    """The graph, with dots in place of what would make it larger than a page."""
    if len(graph.nodes) <= MOST:
        return graph
    steps = [node for node in graph.nodes if node.role != "input"]
    gaps = _repeated(steps)
    if len(steps) - sum(stop - start for start, stop in gaps) > MOST:
        gaps = [(FIRST, len(steps) - LAST)]
    return _without(graph, [[node.key for node in steps[start:stop]] for start, stop in gaps])


def _repeated(steps: Sequence[Node]) -> list[tuple[int, int]]:
    """Which steps lie between the first groups of a repetition and the last."""
    patterns = [pattern_of(Row(node.chain)) for node in steps]
    gaps: list[tuple[int, int]] = []
    at = 0
    while at < len(steps):
        run = longest_run(patterns, at)
        if run is None:
            at += 1
            continue
        gaps.append((run.start + HEAD * run.period, run.stop - TAIL * run.period))
        at = run.stop
    return gaps


def _without(graph: Graph, groups: Sequence[Sequence[str]]) -> Graph:
    """The graph with each group as one node of dots; inputs that only a group uses go with it."""
    place = {key: f"dots_{number}" for number, group in enumerate(groups) for key in group}
    place |= _only_used_by(graph, place)
    nodes: dict[str, Node] = {}
    for node in graph.nodes:
        key = place.get(node.key, node.key)
        dots = Node(key, Chain(Expr(ELLIPSIS), ()), "dots")
        nodes.setdefault(key, node if key == node.key else dots)
    edges: dict[tuple[str, str], Edge] = {}
    for edge in graph.edges:
        tail, head = (place.get(key, key) for key in (edge.tail, edge.head))
        if tail == head:
            continue
        whole = (tail, head) == (edge.tail, edge.head)
        edges.setdefault((tail, head), edge if whole else Edge(tail, head))
    order = _sorted(list(nodes), list(edges))
    parts = text("graph.left_out", what=graph.description)
    kept = tuple(nodes[key] for key in order)
    return replace(graph, nodes=kept, edges=tuple(edges.values()), description=parts)


def _only_used_by(graph: Graph, place: dict[str, str]) -> dict[str, str]:
    """The inputs all of whose uses lie in one group."""
    found = {}
    for node in graph.nodes:
        heads = {place.get(edge.head, "") for edge in graph.edges if edge.tail == node.key}
        if node.role == "input" and len(heads) == 1 and heads != {""}:
            found[node.key] = heads.pop()
    return found


def _sorted(keys: list[str], links: list[tuple[str, str]]) -> list[str]:
    """Tails before heads, otherwise in the order given."""
    waiting = {key: {tail for tail, head in links if head == key} for key in keys}
    found: list[str] = []
    while waiting:
        ready = next(key for key in waiting if not waiting[key])
        found.append(ready)
        del waiting[ready]
        for tails in waiting.values():
            tails.discard(ready)
    return found
