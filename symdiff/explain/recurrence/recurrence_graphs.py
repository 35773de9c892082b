"""A recurrence as a graph to draw: unrolled, a column for each time, or folded, one cell with its loops.

Sequences and what the cell defines are nodes; weights stand on the edges through which they act. Of many
times the first two and the last are drawn, with dots for the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from symdiff.algebra.tidy import tidy
from symdiff.document.blocks import Block, Chain, Edge, Graph, Heading, Node, Paragraph, Picture, Text, text
from symdiff.errors import NoFormError
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.explain.shared.conventions import EQUAL
from symdiff.explain.shared.graphs import GraphMaker, PictureOptions, has_room, key_of
from symdiff.explain.shared.phrases import ELLIPSIS
from symdiff.expr.operations import DOT, IMMEDIATE
from symdiff.expr.timed import Time
from symdiff.expr.tree import MATMUL, MUL, ONE, PARTIAL, TRANSPOSE, Expr, Num, Sym, postorder, symbols
from symdiff.tape.partials import LocalPartial, local_partials
from symdiff.tape.tape import step_of


def folded_picture(work: CellWork) -> Iterator[Block]:
    """One cell with its loops."""
    graph = folded_graph(work)
    if has_room(graph) and work.recurrence.states:
        yield Picture(graph, (Heading(text("graph.heading")), Paragraph(text("graph.here_folded"))))


def unrolled_picture(work: CellWork) -> Iterator[Block]:
    """A column for each time."""
    graph = unrolled_graph(work)
    if has_room(graph) and work.recurrence.states:
        yield Picture(graph, (Paragraph(text("graph.here_unrolled", count=Num(work.steps))),))


def folded_graph(work: CellWork, options: PictureOptions | None = None) -> Graph:
    """One cell for every time, with a loop for each value that a later time takes."""
    return _FoldedGraph(work, options or PictureOptions(False, False)).graph()


def unrolled_graph(work: CellWork, options: PictureOptions | None = None) -> Graph:
    """The network with a column for each time."""
    return _UnrolledGraph(work, options or PictureOptions(False, False)).graph()


class _CellGraph(GraphMaker[CellWork]):
    """What both pictures of a cell have: a row for each name, local partials, weights on edges."""

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The row of each name with a time: sequences that are used, then what the cell defines."""
        recurrence = self.work.recurrence
        formulas = [formula for _, formula in (*recurrence.cell, *recurrence.after)]
        on_graph = {stem for formula in formulas for stem, _ in recurrence.times_in(formula)}
        on_graph |= {recurrence.stem(name) for name, _ in recurrence.cell}
        return {stem: row for row, stem in enumerate(s for s in recurrence.stems if s in on_graph)}

    def name_at(self, stem: str, time: int | Time) -> Sym:
        return self.work.named(self.work.recurrence.stems[stem], time)

    @property
    def result(self) -> Sym:
        return self.work.recurrence.result

    def partial(self, name: Sym, partial: LocalPartial) -> Chain | None:
        """The local partial of a definition, as a number or as a matrix, where partials are asked for."""
        if not self.options.adjoints:
            return None
        over, under = name.shape, partial.operand.shape
        try:
            if len(over) > 1 or len(under) > 1:
                return None
            form = partial.short.transpose(ONE) if under and not over else partial.short.matrix()
        except NoFormError:
            return None
        return Chain(Expr(IMMEDIATE, name, partial.operand), (tidy(form),))

    def operands(self, name: Sym, formula: Expr) -> Iterator[tuple[LocalPartial, Time, tuple[Expr, ...]]]:
        """The names with a time that a definition uses, and the weights through which each of them acts."""
        for partial in local_partials(step_of(name, formula)):
            time = self.work.recurrence.time(partial.operand)
            if time is not None:
                inputs = self.work.recurrence.inputs
                yield partial, time, weights_on_the_way(formula, partial.operand, inputs)


PRODUCTS = (MUL, MATMUL, DOT)


def weights_on_the_way(formula: Expr, name: Sym, weights: Sequence[Sym]) -> tuple[Expr, ...]:
    """The weights that multiply `name` somewhere on its way to the root of `formula`."""
    found: dict[int, tuple[Expr, ...]] = {}
    for node in postorder(formula):
        if node == name:
            found[id(node)] = ()
            continue
        ways = [found[id(arg)] for arg in node.args if id(arg) in found]
        if not ways:
            continue
        beside = [arg for arg in node.args if id(arg) not in found] if node.op in PRODUCTS else []
        own = [arg for arg in beside if _without_transpose(arg) in weights]
        found[id(node)] = tuple(dict.fromkeys([*own, *(w for way in ways for w in way)]))
    return found.get(id(formula), ())


def _without_transpose(node: Expr) -> Expr:
    """A weight under its transpose sign."""
    return node.args[0] if node.op is TRANSPOSE else node


MOST_TIMES, MOST_NODES = 5, 60
HEAD, TAIL = 2, 1
"""Of more times, so many at the beginning and at the end."""


class _UnrolledGraph(_CellGraph):
    """The nodes of each time in a column of their own."""

    def nodes(self) -> Iterator[Node]:
        yield from self._initial()
        yield from self._cells()
        yield from self._dots()
        yield from self._after_nodes()

    def columns(self) -> tuple[tuple[int, Expr], ...]:
        return tuple((t, Expr(EQUAL, self.work.index, Num(t))) for t in self.times)

    def description(self) -> Text:
        whole = text("graph.unrolled", steps=Num(self.work.steps), states=tuple(self.work.recurrence.states))
        is_whole = len(self.times) == self.work.steps
        return whole if is_whole else text("graph.left_out", what=whole)

    @cached_property
    def times(self) -> list[int]:
        """The times that are drawn."""
        every, count = self.work.numbered_times, self.work.steps
        few = count <= MOST_TIMES and count * len(self.row_of) <= MOST_NODES
        return list(every) if few or count <= HEAD + TAIL else [*every[:HEAD], *every[-TAIL:]]

    def _cells(self) -> Iterator[Node]:
        given = {stem.name for stem in self.work.recurrence.sequences}
        for time in self.times:
            for stem, row in self.row_of.items():
                yield self._node(self.name_at(stem, time), "input" if stem in given else "step", time, row)

    def _node(self, name: Sym, role: str, column: int | None, row: int | None) -> Node:
        value = adjoint = None
        if self.work.at is not None and self.options.values:
            value = self.number(name)
        if self.work.at is not None and self.options.adjoints and self.work.loss is self.work:
            adjoint = self.number(Expr(PARTIAL, self.work.recurrence.result, name))
        last = self.work.recurrence.result == name
        return Node(key_of(name), Chain(name, ()), "result" if last else role, value, adjoint, column, row)

    def _dots(self) -> Iterator[Node]:
        """What stands for the times left out: dots at the height of each state."""
        if len(self.times) == self.work.steps:
            return
        column = self.times[HEAD - 1] + 1
        for state in self.work.recurrence.states:
            row = self.row_of[self.work.recurrence.stem(state)]
            yield Node(f"dots_{row}", Chain(Expr(ELLIPSIS), ()), "dots", None, None, column, row)

    def _initial(self) -> Iterator[Node]:
        """The values before the first time that the cell uses."""
        recurrence = self.work.recurrence
        for name, formula in recurrence.initial.items():
            time = recurrence.time(name)
            if time is not None and recurrence.stem(name) in self.row_of:
                row = self.row_of[recurrence.stem(name)]
                chain = Chain(name, () if formula == name else (formula,))
                yield Node(key_of(name), chain, "input", None, None, time.offset, row)

    def _after_nodes(self) -> Iterator[Node]:
        for name, _ in self.work.recurrence.after:
            yield self._node(name, "step", None, None)

    def _key(self, stem: str, time: int) -> str | None:
        """The node of a name at a time; dots for one that is left out."""
        name, recurrence = self.name_at(stem, time), self.work.recurrence
        if time in self.times or name in recurrence.initial:
            return key_of(name)
        is_state = stem in map(recurrence.stem, recurrence.states)
        return f"dots_{self.row_of[stem]}" if time in self.work.numbered_times and is_state else None

    def edges(self) -> Iterator[Edge]:
        recurrence, seen = self.work.recurrence, set()
        for time in self.work.numbered_times:
            for name, formula in recurrence.cell:
                for partial, at, weights in self.operands(name, formula):
                    tail = self._key(recurrence.stem(partial.operand), time + at.offset)
                    head = self._key(recurrence.stem(name), time)
                    if tail is None or head is None or (tail, head) in seen or _both_dots(tail, head):
                        continue
                    seen.add((tail, head))
                    chain = None if "dots" in tail + head else self._placed(self.partial(name, partial), time)
                    yield Edge(tail, head, chain, through=weights)
        yield from self._to_results()

    def _placed(self, chain: Chain | None, time: int) -> Chain | None:
        if chain is None:
            return None
        members = tuple(self.work.in_numbers(member, time) for member in chain.members)
        return Chain(self.work.in_numbers(chain.left, time), members)

    def _to_results(self) -> Iterator[Edge]:
        recurrence = self.work.recurrence
        for name, formula in self.work.results:
            for partial in local_partials(step_of(name, formula)):
                tail = partial.operand
                time = recurrence.time(tail)
                key = key_of(tail) if time is None else self._key(recurrence.stem(tail), time.offset)
                if key is not None and tail not in recurrence.inputs and not key.startswith("dots"):
                    yield Edge(key, key_of(name), self.partial(name, partial))


def _both_dots(tail: str, head: str) -> bool:
    return tail.startswith("dots") and head.startswith("dots")


class _FoldedGraph(_CellGraph):
    """The nodes of one time; edges from earlier times have a delay."""

    def description(self) -> Text:
        key = "graph.folded_both" if self.work.recurrence.looks_ahead else "graph.folded"
        return text(key, index=self.work.index, states=tuple(self.work.recurrence.states))

    @property
    def claimed_times(self) -> tuple[Expr, Expr]:
        return self.work.start.as_expr(), self.work.recurrence.last.as_expr()

    def nodes(self) -> Iterator[Node]:
        recurrence = self.work.recurrence
        formulas = dict(recurrence.cell)
        for stem, row in self.row_of.items():
            name = self.name_at(stem, recurrence.now)
            members = (formulas[name],) if name in formulas else ()
            role = "step" if members else "input"
            chain = Chain(name, members, times=self.claimed_times)
            yield Node(key_of(name), chain, role, None, None, 0, row)
        yield from (Node(key_of(n), Chain(n, (f,)), "result") for n, f in recurrence.after)

    def edges(self) -> Iterator[Edge]:
        recurrence = self.work.recurrence
        for name, formula in recurrence.cell:
            for partial, at, weights in self.operands(name, formula):
                tail = self.name_at(recurrence.stem(partial.operand), recurrence.now)
                found = self.partial(name, partial)
                chain = Chain(found.left, found.members, times=self.claimed_times) if found else None
                carried = (*weights, partial.operand) if at.offset else weights
                yield Edge(key_of(tail), key_of(name), chain, delay=-at.offset, through=carried)
        known = {name for name, _ in recurrence.after}
        for name, formula in recurrence.after:
            for stem in dict.fromkeys(stem for stem, _ in recurrence.times_in(formula)):
                if stem in self.row_of:
                    yield Edge(key_of(self.name_at(stem, recurrence.now)), key_of(name))
            for other in symbols(formula):
                if other in known:
                    yield Edge(key_of(other), key_of(name))
