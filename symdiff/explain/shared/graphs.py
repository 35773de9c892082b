"""A graph to draw: a node for each variable of a tape, an edge for each use with its local partial.

A picture shows what the page says: the steps, the local partials on the edges, the labels of the paths where
an adjoint comes back along several of them, at a point the values and the adjoints. Every equality in it is
proved with the others. Of a large graph what repeats is left out (`abridged`).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Generic, TypeVar

from symdiff.algebra.tidy import tidy
from symdiff.derivation.derivation import FREE, Line, bar
from symdiff.derivation.sweeps import path_label, reverse
from symdiff.document.blocks import (
    Block,
    Chain,
    Edge,
    Graph,
    Localized,
    Node,
    Paragraph,
    Picture,
    Row,
    Text,
    text,
)
from symdiff.errors import NoFormError
from symdiff.explain.shared.folding import pattern_of, runs
from symdiff.explain.shared.phrases import ELLIPSIS
from symdiff.explain.shared.work import TapeWork, Work, in_a_row
from symdiff.expr.leaves import Grid
from symdiff.expr.operations import MAPPED_BACK
from symdiff.expr.records import dataclass
from symdiff.expr.tree import ONE, PARTIAL, Expr, Sym, count_operations
from symdiff.tape.partials import LocalPartial, local_partials
from symdiff.tape.tape import Step

MOST_NODES, LEAST_NODES = 60, 3
"""Nodes that a picture on a page has."""


def tape_picture(work: TapeWork) -> Iterator[Block]:
    """The graph of the steps, with values and adjoints at a point of numbers."""
    if not LEAST_NODES <= len(work.tape.order) <= MOST_NODES:
        return
    numbers = work.at is not None and not work.tape.has_arrays
    back = work.reading != "sweeps" or work.mode("reverse") is not None
    graph = graph_of(work, PictureOptions(numbers, numbers and back))
    before = [Paragraph(text(f"graph.of_{work.reading}", result=work.tape.result)), *_maps(graph)]
    if any(edge.path for edge in graph.edges) and work.mode("reverse") is not None:
        users = work.tape.users
        in_sweep = any(len(users.get(var, ())) > 1 for var in work.asked_about)
        before.append(Paragraph(text("graph.paths" if in_sweep else "graph.paths_here")))
    yield Picture(graph, tuple(before))


def _maps(graph: Graph) -> Iterator[Paragraph]:
    """What an arrow carries whose derivative has no notation as a matrix, said of the first one."""
    lefts = [edge.partial.left for edge in graph.edges if edge.partial is not None]
    adjoint = next((left.args[1] for left in lefts if left.op is MAPPED_BACK), None)
    if isinstance(adjoint, Sym):
        yield Paragraph(text("graph.maps", adjoint=adjoint, head=Sym(adjoint.name, shape=adjoint.shape)))


def has_room(graph: Graph) -> bool:
    """Whether a graph has neither too few nodes for a picture on a page nor too many."""
    return LEAST_NODES <= len(graph.nodes) <= MOST_NODES


def graph_of(work: TapeWork, options: PictureOptions | None = None) -> Graph:
    """The computation graph of a tape; weights of a page that follows the author's names are no nodes."""
    return _TapeGraph(work, options or PictureOptions(adjoints=work.at is not None)).graph()


@dataclass(frozen=True, slots=True)
class PictureOptions:
    """What a picture shows besides steps and local partials."""

    values: bool = True
    adjoints: bool = True


MOST_ENTRIES = 9
"""Entries of an array of numbers up to which it is shown."""
AnyWork = TypeVar("AnyWork", bound=Work)


@dataclass(frozen=True)
class GraphMaker(ABC, Generic[AnyWork]):
    """A graph of what is explained: nodes and edges, each with the equalities that it shows."""

    work: AnyWork
    options: PictureOptions

    def graph(self) -> Graph:
        """The graph as it is drawn."""
        titles = self.work.titles
        named = text("graph.title_named", name=Localized(titles))
        title = named if titles else text("graph.title", result=self.result)
        nodes, edges = tuple(self.nodes()), tuple(self.edges())
        return Graph(nodes, edges, title, self.description(), self.columns(), self.work.letters)

    @property
    @abstractmethod
    def result(self) -> Sym: ...
    @abstractmethod
    def nodes(self) -> Iterator[Node]: ...
    @abstractmethod
    def edges(self) -> Iterator[Edge]: ...
    @abstractmethod
    def description(self) -> Text: ...

    def columns(self) -> tuple[tuple[int, Expr], ...]:
        """The columns of a picture that has any, each with what stands above it."""
        return ()

    def number(self, symbol: Expr) -> Chain | None:
        """The number of a symbol at the reader's point, unless it is a table too large for a node."""
        value = self.work.value(symbol)
        if isinstance(value, Grid) and len(value.rows) * len(value.columns) > MOST_ENTRIES:
            return None
        return Chain(symbol, (value,), at_point=True)


SHORT = 8
"""Operations up to which an adjoint without numbers is written below its node, a formula inside."""


class _TapeGraph(GraphMaker[TapeWork]):
    @cached_property
    def hidden(self) -> frozenset[Sym]:
        return _weights_of(self.work)

    @property
    def is_named(self) -> bool:
        return self.work.reading != "sweeps"

    @property
    def result(self) -> Sym:
        return self.work.tape.result

    def graph(self) -> Graph:
        whole = super().graph()
        return whole if self.work.full else abridged(whole)

    def nodes(self) -> Iterator[Node]:
        tape = self.work.tape
        for var, name in tape.inputs:
            if var not in self.hidden:
                members: tuple[Expr, ...] = () if name == var else (name,)
                yield self._node(var, members, "result" if var == tape.output else "input")
        for step in tape.steps:
            named = () if step.label in (None, step.var) else (step.label,)
            members = (step.body, *(name for name in named if name is not None))
            yield self._node(step.var, members, "result" if step.var == tape.output else "step")

    def _node(self, var: Sym, members: tuple[Expr, ...], role: str) -> Node:
        return Node(key_of(var), Chain(var, members), role, self._value(var), self._adjoint(var))

    def _value(self, var: Sym) -> Chain | None:
        if self.work.model is None or not self.options.values:
            return None
        return self.number(var)

    def _adjoint(self, var: Sym) -> Chain | None:
        """The adjoint as a number at the point, or in symbols where that is short."""
        if not self.options.adjoints or self.work.tape.output.shape:
            return None
        if self.is_named and self.work.model is not None:
            return self.number(self.work.whole(var))
        if self.is_named:
            return None
        if self.work.model is not None:
            return self.number(bar(var))
        form = self._lines[bar(var)].members[-1]
        return Chain(bar(var), (form,)) if count_operations(form) <= SHORT else None

    @cached_property
    def _lines(self) -> dict[Sym, Line]:
        back = self.work.mode("reverse") or reverse(self.work.tape)
        return {line.var: line for line in back.sweeps[0].lines}

    def edges(self) -> Iterator[Edge]:
        uses = self.work.tape.users
        for step in self.work.tape.steps:
            for partial in local_partials(step):
                tail = partial.operand
                if tail in self.hidden:
                    continue
                several = len(uses[tail]) > 1 and tail != self.work.tape.output and not self.is_named
                path = path_label(_position(uses[tail], step)) if several else ""
                yield Edge(key_of(tail), key_of(step.var), self._partial(step, partial), path)

    def _partial(self, step: Step, partial: LocalPartial) -> Chain:
        """∂w_i/∂w_j, a matrix between vectors; what it gives back where it is no matrix in usual notation."""
        symbol = self._symbol(step, partial.operand)
        if partial.is_scalar:
            return Chain(symbol, (tidy(partial.short.matrix()),))
        if self.is_named and self.work.layout == "numerator" and not partial.step.shape:
            gradient = tidy(partial.short.transpose(ONE))
            return Chain(self.work.in_layout(symbol), (self.work.laid_out(gradient),))
        found = matrix_of(partial)
        if found is not None:
            return Chain(symbol if partial.step.shape else in_a_row(symbol), (found,))
        adjoint = Sym(partial.step.name, "bar", seed=FREE, shape=partial.step.shape)
        back = Expr(MAPPED_BACK, symbol, adjoint)
        return Chain(back, (tidy(partial.short.transpose(adjoint)),))

    def _symbol(self, step: Step, operand: Sym) -> Expr:
        if self.is_named:
            return self.work.inside(step, operand)
        return Expr(PARTIAL, step.var, operand)

    def description(self) -> Text:
        tape = self.work.tape
        return text(
            "graph.description",
            result=tape.result,
            inputs=tuple(name for var, name in tape.inputs if var not in self.hidden),
            nodes=len(tape.order) - len(self.hidden),
        )


def key_of(name: Sym) -> str:
    """The name of a node in files: letters, digits, underscores and hyphens; é is -e9-."""
    plain = re.sub(r"[^\x00-\x7F]", lambda letter: f"-{ord(letter[0]):x}-", name.name.replace("@", "_"))
    return re.sub(r"[^A-Za-z0-9_-]", "-", plain)


def matrix_of(partial: LocalPartial) -> Expr | None:
    """A partial between vectors, or of a number by one, as a matrix, where there is a notation for it."""
    if len(partial.operand.shape) != 1 or len(partial.step.shape) > 1:
        return None
    try:
        return tidy(partial.short.matrix())
    except NoFormError:
        return None


def _weights_of(work: TapeWork) -> frozenset[Sym]:
    """Inputs that are asked for beside others that are not, on a page in the author's names: weights."""
    if work.reading != "chain" or len(work.wrt) == len(work.tape.inputs):
        return frozenset()
    return frozenset(work.wrt) & {var for var, _ in work.tape.inputs}


def _position(steps: tuple[Step, ...], step: Step) -> int:
    return next(i for i, other in enumerate(steps) if other is step)


MOST_DRAWN = 60
"""Nodes up to which a graph is drawn whole."""
FIRST, LAST = 14, 10
"""Where nothing repeats, so many steps at the beginning and at the end."""


def abridged(graph: Graph) -> Graph:
    """The graph, with dots in place of what would make it larger than a page."""
    if len(graph.nodes) <= MOST_DRAWN:
        return graph
    steps = [node for node in graph.nodes if node.role != "input"]
    gaps = _gaps(steps)
    if len(steps) - sum(stop - start for start, stop in gaps) > MOST_DRAWN:
        gaps = [(FIRST, len(steps) - LAST)]
    return _without(graph, [[node.key for node in steps[start:stop]] for start, stop in gaps])


HEAD, TAIL = 2, 1
"""Groups of a repetition that stay at its beginning and at its end."""


def _gaps(steps: Sequence[Node]) -> list[tuple[int, int]]:
    """Which steps lie between the first groups of a repetition and the last."""
    patterns = [pattern_of(Row(node.chain)) for node in steps]
    return [(run.start + HEAD * run.period, run.stop - TAIL * run.period) for run in runs(patterns)]


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
    order = _tails_first(list(nodes), list(edges))
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


def _tails_first(keys: list[str], links: list[tuple[str, str]]) -> list[str]:
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
