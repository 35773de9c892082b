"""Pictures of a recurrence: nodes, arrows, delays and weights on the way, against the cell's definitions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from symdiff.document.blocks import Edge, Graph, Node
from symdiff.expr.operations import DOT, IMMEDIATE
from symdiff.expr.timed import Time, at_time
from symdiff.expr.tree import MATMUL, MUL, PARTIAL, TRANSPOSE, Dim, Expr, Num, Sym, symbols
from symdiff.language.recurrence import Recurrence
from symdiff.proof.statements.places import Part, Place, Sentences, refuse
from symdiff.proof.statements.tape_pictures import graph_of, key_of

IN_TIME_PICTURES = Sentences()
says = IN_TIME_PICTURES.says
PRODUCTS = (MUL, MATMUL, DOT)


def check_time_graph(graph: Graph, part: Part) -> None:
    """Refuse a picture whose nodes or arrows are not those of the recurrence, written out or folded.

    Raises:
        ProofError: one of them is not.
    """
    judge = part.judge if part.of is not None else part.judge.in_time
    if graph.columns:
        _Unrolled(graph, judge.of, judge.steps).check()
    else:
        _Folded(graph, judge.of).check()


class _Network:
    """A picture beside the recurrence that it is of."""

    def __init__(self, graph: Graph, of: Recurrence) -> None:
        self.graph, self.of = graph, of
        self.nodes = {node.key: node for node in graph.nodes}

    def check(self) -> None:
        if len(self.nodes) < len(self.graph.nodes):
            refuse("the picture", "has a node twice")
        for node in self.graph.nodes:
            self.check_node(node)
        if set(self.nodes) != self.keys:
            refuse("the picture", "leaves out a value")
        known = self.arrows
        drawn = [(edge.tail, edge.head, edge.delay) for edge in self.graph.edges]
        if len(set(drawn)) < len(drawn) or set(drawn) != set(known):
            refuse("the picture", "has not an arrow for each use of a value")
        for edge in self.graph.edges:
            self.check_edge(edge, known[edge.tail, edge.head, edge.delay])

    def check_node(self, node: Node) -> None:
        raise NotImplementedError

    @property
    def keys(self) -> set[str]:
        """Every node that there should be."""
        raise NotImplementedError

    @property
    def arrows(self) -> dict[tuple[str, str, int], tuple[Sym, Sym, tuple[Expr, ...]] | None]:
        """By tail, head and delay: the head, the tail and the weights on the way; None for dots."""
        raise NotImplementedError

    def check_edge(self, edge: Edge, known: tuple[Sym, Sym, tuple[Expr, ...]] | None) -> None:
        what = f"the arrow {edge.tail} → {edge.head} of the picture"
        if edge.path:
            refuse(what, "has the letter of a path")
        if known is None:
            if edge.partial is not None:
                refuse(what, "carries a derivative of what is left out")
            return
        head, tail, weights = known
        if set(edge.through) != set(weights) or len(edge.through) != len(weights):
            refuse(what, f"acts through {', '.join(map(str, edge.through)) or 'nothing'}")
        if edge.partial is not None and not _is_partial(edge.partial.left, head, tail):
            refuse(what, f"carries {edge.partial.left}")

    def refuse_node(self, node: Node, why: str) -> None:
        refuse(f"the node {node.key} of the picture", why)

    @cached_property
    def rows(self) -> dict[str, int]:
        """The row of each stem: sequences that are used, then the definitions of the cell."""
        of = self.of
        formulas = [formula for _, formula in (*of.cell, *of.after)]
        used = {stem for formula in formulas for stem, _ in of.times_in(formula)}
        used |= {of.stem(name) for name, _ in of.cell}
        return {stem: row for row, stem in enumerate(stem for stem in of.stems if stem in used)}

    def uses(self) -> Iterator[tuple[Sym, Sym, Time, tuple[Expr, ...]]]:
        """Each definition of the cell with each value it uses, when, and through which weights."""
        for name, formula in self.of.cell:
            for operand in dict.fromkeys(symbols(formula)):
                time = self.of.time(operand)
                if time is not None:
                    yield name, operand, time, weights_between(formula, operand, self.of.inputs)


def _is_partial(left: Expr, head: Sym, tail: Sym) -> bool:
    return left.op.name in (IMMEDIATE.name, PARTIAL.name) and left.args == (head, tail)


def weights_between(formula: Expr, name: Sym, inputs: tuple[Sym, ...]) -> tuple[Expr, ...]:
    """The weights, transposed or not, that multiply `name` on some way up to the root of `formula`."""
    found = _ways(formula, name, inputs)
    return tuple(dict.fromkeys(weight for way in found for weight in way))


def _ways(node: Expr, name: Sym, inputs: tuple[Sym, ...]) -> list[tuple[Expr, ...]]:
    """For each way from `name` up to a node, the weights on it."""
    if node == name:
        return [()]
    found = []
    for number, arg in enumerate(node.args):
        ways = _ways(arg, name, inputs)
        others = [a for n, a in enumerate(node.args) if n != number and node.op in PRODUCTS]
        own = tuple(a for a in others if (a.args[0] if a.op is TRANSPOSE else a) in inputs)
        found += [(*own, *way) for way in ways]
    return list(dict.fromkeys(found))


class _Folded(_Network):
    """The nodes of one time; an arrow from an earlier time has its delay."""

    def check_node(self, node: Node) -> None:
        of, formulas = self.of, dict(self.of.cell)
        stem = next((s for s in self.rows if key_of(self._now(s)) == node.key), None)
        after = next((name for name, _ in of.after if key_of(name) == node.key), None)
        if stem is None and after is None:
            self.refuse_node(node, "is no value")
        name = self._now(stem) if stem is not None else after
        role = "result" if stem is None else "step" if name in formulas else "input"
        row = None if stem is None else self.rows[stem]
        if node.chain.left != name or node.role != role:
            self.refuse_node(node, f"is no {node.role} {node.chain.left}")
        if (node.row, node.column) != (row, None if stem is None else 0):
            self.refuse_node(node, "stands elsewhere")
        if stem is not None and node.chain.times != (Num(of.first), of.last.as_expr()):
            self.refuse_node(node, "is of other times")

    @property
    def keys(self) -> set[str]:
        return {key_of(self._now(stem)) for stem in self.rows} | {key_of(name) for name, _ in self.of.after}

    def _now(self, stem: str) -> Sym:
        return at_time(self.of.stems[stem], self.of.now)

    @cached_property
    def arrows(self) -> dict[tuple[str, str, int], tuple[Sym, Sym, tuple[Expr, ...]] | None]:
        of = self.of
        found: dict[tuple[str, str, int], tuple[Sym, Sym, tuple[Expr, ...]] | None] = {}
        for name, operand, time, weights in self.uses():
            through = (*weights, operand) if time.offset else weights
            tail = key_of(self._now(of.stem(operand)))
            found[tail, key_of(name), -time.offset] = (name, operand, through)
        for name, formula in of.after:
            for stem, _ in of.times_in(formula):
                found[key_of(self._now(stem)), key_of(name), 0] = (name, self._now(stem), ())
            for other in symbols(formula):
                if other in dict(of.after):
                    found[key_of(other), key_of(name), 0] = (name, other, ())
        return found


class _Unrolled(_Network):
    """A column for each time; of many times the first and the last, with dots for the states between."""

    def __init__(self, graph: Graph, of: Recurrence, steps: int) -> None:
        super().__init__(graph, of)
        self.every = range(of.first, of.first + steps)
        self.times = [column for column, _ in graph.columns]
        self.given = {stem.name for stem in of.sequences}
        self.states = [of.stem(state) for state in of.states]

    def check(self) -> None:
        for column, label in self.graph.columns:
            if column not in self.every or label.args != (Dim(self.of.index), Num(column)):
                refuse(f"the column {column} of the picture", f"is called {label}")
        ends = {self.every[0], self.every[-1]}
        if self.times != sorted(set(self.times)) or not ends <= {*self.times}:
            refuse("the picture", "leaves out its ends")
        super().check()

    @cached_property
    def names(self) -> dict[str, tuple[Sym, str, int | None, int | None]]:
        """By key: the name, its role, its column and its row."""
        of = self.of
        found: dict[str, tuple[Sym, str, int | None, int | None]] = {}
        for name in of.initial:
            stem, before = of.stem(name), of.time(name)
            if stem in self.rows and before is not None:
                found[key_of(name)] = (name, "input", before.offset, self.rows[stem])
        for time in self.times:
            for stem, row in self.rows.items():
                name = at_time(of.stems[stem], Time("", time))
                role = "input" if stem in self.given else "step"
                found[key_of(name)] = (name, role, time, row)
        for name, _ in of.after:
            found[key_of(name)] = (name, "step", None, None)
        return {
            key: (name, "result" if name == of.result else role, column, row)
            for key, (name, role, column, row) in found.items()
        }

    @property
    def keys(self) -> set[str]:
        return {*self.names, *self.dots.values()}

    @property
    def dots(self) -> dict[str, str]:
        """The node of dots of each state, where times are left out."""
        left_out = len(self.times) < len(self.every)
        return {stem: f"dots_{self.rows[stem]}" for stem in self.states} if left_out else {}

    def check_node(self, node: Node) -> None:
        if node.role == "dots":
            if node.key not in self.dots.values() or node.chain.members or node.value or node.adjoint:
                self.refuse_node(node, "stands for nothing")
            gap = next((a for a, b in zip(self.times, self.times[1:], strict=False) if b > a + 1), 0) + 1
            if (node.column, f"dots_{node.row}") != (gap, node.key):
                self.refuse_node(node, "stands elsewhere")
            return
        known = self.names.get(node.key)
        if known is None or (node.chain.left, node.role, node.column, node.row) != known:
            self.refuse_node(node, f"is no {node.role} {node.chain.left}")
        name = node.chain.left
        if node.value is not None and (node.value.left != name or not node.value.at_point):
            self.refuse_node(node, "has another value's number")
        if node.adjoint is not None and node.adjoint.left != Expr(PARTIAL, self.of.result, name):
            self.refuse_node(node, "has another value's derivative")

    def _key(self, stem: str, time: int) -> str | None:
        """The node of a value; dots where its time is left out."""
        name = at_time(self.of.stems[stem], Time("", time))
        if key_of(name) in self.names:
            return key_of(name)
        return self.dots.get(stem) if time in self.every else None

    @cached_property
    def arrows(self) -> dict[tuple[str, str, int], tuple[Sym, Sym, tuple[Expr, ...]] | None]:
        of = self.of
        found: dict[tuple[str, str, int], tuple[Sym, Sym, tuple[Expr, ...]] | None] = {}
        for now in self.every:
            for name, operand, time, weights in self.uses():
                own, other = of.stem(name), of.stem(operand)
                tail, head = self._key(other, now + time.offset), self._key(own, now)
                if tail is None or head is None or (tail.startswith("dots") and head.startswith("dots")):
                    continue
                ends = (
                    at_time(of.stems[own], Time("", now)),
                    at_time(of.stems[other], Time("", now + time.offset)),
                )
                dots = "dots_" in tail + head
                found.setdefault((tail, head, 0), (*ends, weights) if not dots else None)
        for name, formula in self._results():
            for operand in dict.fromkeys(symbols(formula)):
                key = key_of(operand)
                if key in self.names and operand not in of.inputs:
                    found[key, key_of(name), 0] = (name, operand, ())
        return found

    def _results(self) -> tuple[tuple[Sym, Expr], ...]:
        """The definitions after the cell, with their sums over time written out."""
        _, definitions = self.of.unrolled(len(self.every))
        return definitions[len(self.every) * len(self.of.cell) :]


@says("graph.heading", role="heading before a picture")
def _heading(place: Place) -> None:
    before = place.block.before  # type: ignore[union-attr]
    place.require(before[0].text == place.text, "is not the first")


@says("graph.here_folded", role="paragraph before a picture")
def _here_folded(place: Place) -> None:
    place.require(not graph_of(place).columns, "is said of an unrolled network")


@says("graph.here_unrolled", role="paragraph before a picture")
def _here_unrolled(place: Place) -> None:
    place.require(graph_of(place).columns, "is said of a folded network")
    place.expect(count=Num(place.part.judge.steps))


@says("graph.unrolled", role="words of a picture")
@says("graph.unrolled", role="part")
def _unrolled(place: Place) -> None:
    judge = place.part.judge if place.part.of is not None else place.part.judge.in_time
    place.expect(steps=Num(judge.steps), states=judge.of.states)
    place.require(graph_of(place).columns, "is said of a folded network")


@says("graph.folded", "graph.folded_both", role="words of a picture")
def _folded(place: Place) -> None:
    of = place.part.of
    assert of is not None
    place.require((place.key == "graph.folded_both") == of.looks_ahead, "carries values another way")
    place.expect(index=Dim(of.index), states=of.states)
    place.require(not graph_of(place).columns, "is said of an unrolled network")
