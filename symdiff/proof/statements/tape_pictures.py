"""The picture of a tape: nodes, roles, arrows, paths and partials against the steps and their operands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from symdiff.derivation.derivation import bar
from symdiff.document.blocks import Edge, Graph, Node, Text
from symdiff.expr.operations import DIRECT, IMMEDIATE, MAPPED_BACK, ROW
from symdiff.expr.tree import PARTIAL, Expr, Sym
from symdiff.proof.statements.places import (
    LAID_OUT,
    Part,
    Place,
    Sentences,
    is_result_by_other_ways,
    refuse,
)
from symdiff.proof.statements.sweep_sentences import place_of_path

PICTURES = Sentences()
says = PICTURES.says


def check_tape_graph(graph: Graph, part: Part) -> None:
    """Refuse a picture whose nodes or arrows are not those of the tape.

    Raises:
        ProofError: one of them is not.
    """
    _TapePicture(graph, part).check()


class _TapePicture:
    """A picture beside the tape that it is of."""

    def __init__(self, graph: Graph, part: Part) -> None:
        assert part.tape is not None
        self.graph, self.part, self.tape = graph, part, part.tape
        self.var_of = {key_of(var): var for var in self.tape.order}
        self.nodes = {node.key: node for node in graph.nodes}
        shown = [var for key, var in self.var_of.items() if key in self.nodes]
        self.shown = frozenset(shown)
        self.hidden = frozenset(self.tape.input_names) - self.shown if not self._has_dots else frozenset()

    @property
    def _has_dots(self) -> bool:
        return any(node.role == "dots" for node in self.graph.nodes)

    def check(self) -> None:
        if len(self.nodes) < len(self.graph.nodes):
            refuse("the picture", "has a node twice")
        for node in self.graph.nodes:
            self._check_node(node)
        for edge in self.graph.edges:
            self._check_edge(edge)
        self._check_whole()

    def _check_node(self, node: Node) -> None:
        if node.role == "dots":
            if node.key not in self.groups.values() or node.chain.members or node.value or node.adjoint:
                refuse(f"the node {node.key} of the picture", "stands for nothing")
            return
        var = self.var_of.get(node.key)
        if var is None or node.chain.left != var:
            refuse(f"the node {node.key} of the picture", "is another variable")
        role = "result" if var == self.tape.output else "input" if var in self.tape.input_names else "step"
        if node.role != role:
            refuse(f"the node {node.key} of the picture", f"is no {node.role} but {role}")
        if node.value is not None and (node.value.left != var or not node.value.at_point):
            refuse(f"the node {node.key} of the picture", "has another variable's number")
        adjoints = (bar(var), Expr(PARTIAL, self.tape.result, var))
        if node.adjoint is not None and node.adjoint.left not in adjoints:
            refuse(f"the node {node.key} of the picture", "has another variable's adjoint")

    def _check_edge(self, edge: Edge) -> None:
        what = f"the arrow {edge.tail} → {edge.head} of the picture"
        if edge.delay or edge.through:
            refuse(what, "says that something acts on the way or later")
        tail, head = self.var_of.get(edge.tail), self.var_of.get(edge.head)
        if tail not in self.shown or head not in self.shown:
            if (edge.tail, edge.head) not in self.abridged or edge.path or edge.partial:
                refuse(what, "stands for no use of a variable")
            return
        if (head, tail) not in self.tape.edges:
            refuse(what, "is no use of a variable")
        assert tail is not None
        assert head is not None
        if edge.partial is not None and not is_partial(edge.partial.left, head, tail, self.part):
            refuse(what, f"carries {edge.partial.left}")
        if edge.path != self._path(tail, head):
            refuse(what, f"is path {edge.path or 'without a letter'}")

    def _path(self, tail: Sym, head: Sym) -> str:
        """The letter of the path that the adjoint of the tail takes; "" where there is one path only."""
        users = self.tape.users[tail]
        if self.part.is_named or len(users) < 2 or tail == self.tape.output:
            return ""
        number = next(n for n, step in enumerate(users) if step.var == head)
        return next(label for label in _labels() if place_of_path(label) == number)

    def _check_whole(self) -> None:
        """Every use of a variable between nodes of the picture is there once; only weights are left out."""
        drawn = [(edge.tail, edge.head) for edge in self.graph.edges]
        known = {(key_of(tail), key_of(head)) for head, tail in self.tape.edges if {head, tail} <= self.shown}
        if len(set(drawn)) < len(drawn) or set(drawn) != known | self.abridged:
            refuse("the picture", "has not an arrow for each use of a variable")
        wrt = {self.tape.variables.get(name.name) for name in self.part.wrt}
        if not self.hidden <= wrt or (not self._has_dots and set(self.tape.step_of) - self.shown):
            refuse("the picture", "leaves out a variable")

    @cached_property
    def groups(self) -> dict[Sym, str]:
        """The node of dots for each step left out: steps that stand together are one node."""
        found: dict[Sym, str] = {}
        number, before = -1, False
        for step in self.tape.steps:
            left_out = step.var not in self.shown
            number += left_out and not before
            if left_out:
                found[step.var] = f"dots_{number}"
            before = left_out
        return found if self._has_dots else {}

    @cached_property
    def abridged(self) -> set[tuple[str, str]]:
        """The arrows to and from dots: where a step left out uses something drawn, or the other way."""
        groups = self.groups
        found = set()
        for head, tail in self.tape.edges if groups else ():
            ends = tuple(groups.get(var) or key_of(var) for var in (tail, head))
            drawn = tail in self.shown or tail in groups
            if drawn and ends[0] != ends[1] and (tail in groups or head in groups):
                found.add((ends[0], ends[1]))
        return found


def is_partial(left: Expr, head: Sym, tail: Sym, part: Part) -> bool:
    """Whether a symbol is ∂head/∂tail, as a row or as a transposed map at work on an adjoint too.

    On pages in the author's names it is the one inside the definition, ∂⁺ where that is not all of it.
    """
    while left.op in (ROW, MAPPED_BACK, *LAID_OUT):
        left = left.args[0]
    assert part.tape is not None
    inside = DIRECT if is_result_by_other_ways(part.tape, head, tail) else IMMEDIATE
    return left.op is (inside if part.is_named else PARTIAL) and left.args == (head, tail)


def _labels() -> Iterator[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    yield from letters
    for one in _labels():
        yield from (one + letter for letter in letters)


def key_of(name: Sym) -> str:
    """The name of a node in files: letters, digits, underscores and hyphens; é is -e9-."""
    plain = re.sub(r"[^\x00-\x7F]", lambda letter: f"-{ord(letter[0]):x}-", name.name.replace("@", "_"))
    return re.sub(r"[^A-Za-z0-9_-]", "-", plain)


def graph_of(place: Place) -> Graph:
    """The picture that a sentence is said of."""
    graph = getattr(place.block, "graph", None)
    place.require(isinstance(graph, Graph), "is said of no picture")
    assert isinstance(graph, Graph)
    return graph


@says("graph.title", role="title of a picture")
def _title(place: Place) -> None:
    part = place.part
    beside = getattr(part.judge, "in_time", None)  # the network stands beside the steps of its tape
    about = part.of if part.of is not None else part.tape if beside is None else beside.of
    assert about is not None
    place.expect(result=about.result)


@says("graph.description", role="words of a picture")
@says("graph.description", role="part")
def _description(place: Place) -> None:
    """The inputs that are drawn, and how many nodes there are with those that dots stand for."""
    tape = place.part.tape
    assert tape is not None
    graph = graph_of(place)
    keys = {node.key for node in graph.nodes}
    dots = any(node.role == "dots" for node in graph.nodes)
    inputs = [(var, name) for var, name in tape.inputs if dots or key_of(var) in keys]
    nodes = len(inputs) + len(tape.steps)
    place.expect(result=tape.result, inputs=tuple(name for _, name in inputs), nodes=nodes)


@says("graph.left_out", role="words of a picture")
def _left_out(place: Place) -> None:
    place.require(any(n.role == "dots" for n in graph_of(place).nodes), "is said where nothing is left out")
    place.require(isinstance(place["what"], Text), "is said of nothing")


@says("graph.of_sweeps", "graph.of_chain", role="paragraph before a picture")
def _announced(place: Place) -> None:
    part = place.part
    assert part.tape is not None
    place.expect(result=part.tape.result)
    place.require((place.key == "graph.of_chain") == part.is_named, "is of another tape")
    before = [paragraph.text for paragraph in place.block.before]  # type: ignore[union-attr]
    place.require(before[0] == place.text, "is not the first")
    is_said = "graph.maps" in [said.key for said in before]
    place.require(is_said == bool(_adjoints_taken_back(place)), "does not say what arrows carry")


@says("graph.maps", role="paragraph before a picture")
def _maps(place: Place) -> None:
    """An arrow carries what a transposed map makes of any adjoint of the variable that it leads to."""
    adjoint = place["adjoint"]
    place.require(adjoint in _adjoints_taken_back(place), "is about another adjoint")
    place.expect(head=Sym(adjoint.name, shape=adjoint.shape))


def _adjoints_taken_back(place: Place) -> list[Expr]:
    """The adjoints to which arrows of a picture apply a transposed map."""
    lefts = [edge.partial.left for edge in graph_of(place).edges if edge.partial is not None]
    return [left.args[1] for left in lefts if left.op is MAPPED_BACK]


@says("graph.paths", "graph.paths_here", role="paragraph before a picture")
def _paths(place: Place) -> None:
    """Arrows have letters; the reverse sweep has them too, unless it has none of the variables with paths."""
    place.require(any(edge.path for edge in graph_of(place).edges), "is said where there are no paths")
    if not place.part.is_named:
        labelled = any(
            isinstance(left, Sym) and left.accent == "bar" and left.label for left in place.part.lefts
        )
        place.require((place.key == "graph.paths") == labelled, "mistakes where the letters stand")
    place.require("reverse" in place.part.modes, "is said without a reverse sweep")
