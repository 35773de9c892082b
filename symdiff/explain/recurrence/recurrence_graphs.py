"""A recurrence as a graph to draw: unrolled, a column for each time, or folded, one cell with its loops.

Sequences and what the cell defines are nodes; weights stand on the edges through which they act. Of many
times the first two and the last are drawn, with dots for the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from symdiff.algebra.tidy import tidy
from symdiff.document.blocks import Block, Chain, Edge, Graph, Heading, Node, Paragraph, Picture, Text, text
from symdiff.errors import NoFormError
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.explain.shared.graphs import GraphMaker, Shown, key_of
from symdiff.explain.shared.phrases import acting
from symdiff.explain.shared.pictures import has_room
from symdiff.explain.shared.work import EQUAL
from symdiff.explain.sweeps.statement import ELLIPSIS
from symdiff.expr.operations import IMMEDIATE
from symdiff.expr.timed import Time, with_times
from symdiff.expr.tree import ONE, PARTIAL, Dim, Expr, Num, Sym, symbols
from symdiff.tape.partials import LocalPartial, local_partials
from symdiff.tape.tape import step_of

MOST_TIMES, MOST_NODES = 5, 60
HEAD, TAIL = 2, 1
"""Of more times, so many at the beginning and at the end."""


def unrolled_graph(work: CellWork, shown: Shown | None = None) -> Graph:
    """The network with a column for each time."""
    return _Unrolled(work, shown or Shown(False, False)).graph()


def folded_graph(work: CellWork, shown: Shown | None = None) -> Graph:
    """One cell for every time, with a loop for each value that a later time takes."""
    return _Folded(work, shown or Shown(False, False)).graph()


def folded_picture(work: CellWork) -> Iterator[Block]:
    """One cell with its loops."""
    graph = folded_graph(work)
    if has_room(graph) and work.of.states:
        yield Picture(graph, (Heading(text("graph.heading")), Paragraph(text("graph.here_folded"))))


def unrolled_picture(work: CellWork) -> Iterator[Block]:
    """A column for each time."""
    graph = unrolled_graph(work)
    if has_room(graph) and work.of.states:
        yield Picture(graph, (Paragraph(text("graph.here_unrolled", count=Num(work.steps))),))


class _Net(GraphMaker[CellWork]):
    @cached_property
    def rows(self) -> dict[str, int]:
        """The row of each name with a time: sequences that are used, then what the cell defines."""
        of = self.work.of
        used = {stem for _, f in (*of.cell, *of.after) for stem, _ in of.times_in(f)}
        own = {of.stem(name) for name, _ in of.cell}
        return {stem: i for i, stem in enumerate(s for s in of.stems if s in used | own)}

    @property
    def result(self) -> Sym:
        return self.work.of.result

    def partial(self, name: Sym, partial: LocalPartial) -> Chain | None:
        """The local partial of a definition, as a number or as a matrix, where partials are asked for."""
        if not self.shown.adjoints:
            return None
        over, under = name.shape, partial.operand.shape
        try:
            if len(over) > 1 or len(under) > 1:
                return None
            form = partial.short.transpose(ONE) if under and not over else partial.short.matrix()
        except NoFormError:
            return None
        return Chain(Expr(IMMEDIATE, name, partial.operand), (tidy(form),))

    def used(self, name: Sym, formula: Expr) -> Iterator[tuple[LocalPartial, Time, tuple[Expr, ...]]]:
        """The names with a time that a definition uses, and the weights through which each of them acts."""
        of = self.work.of
        for partial in local_partials(step_of(name, formula)):
            time = of.time(partial.operand)
            if time is not None:
                weights = acting(formula, partial.operand, of.inputs)
                yield partial, time, weights


class _Unrolled(_Net):
    def nodes(self) -> Iterator[Node]:
        yield from self._initial()
        yield from self._cells()
        yield from self._dots()
        yield from self._after_nodes()

    def columns(self) -> tuple[tuple[int, Expr], ...]:
        return tuple((t, Expr(EQUAL, Dim(self.work.of.index), Num(t))) for t in self.times)

    def description(self) -> Text:
        whole = text("graph.unrolled", steps=Num(self.work.steps), states=tuple(self.work.of.states))
        return whole if len(self.times) == len(self.every) else text("graph.left_out", what=whole)

    @cached_property
    def every(self) -> range:
        return range(self.work.of.first, self.work.of.first + self.work.steps)

    @cached_property
    def times(self) -> list[int]:
        """The times that are drawn."""
        few = len(self.every) <= MOST_TIMES and len(self.every) * len(self.rows) <= MOST_NODES
        few = few or len(self.every) <= HEAD + TAIL
        return list(self.every) if few else [*self.every[:HEAD], *self.every[-TAIL:]]

    def _at(self, name: Expr, time: int) -> Expr:
        return with_times(name, {self.work.of.index: Time("", time), **self._end}, self.work.of.stems)

    @property
    def _end(self) -> dict[str, Time]:
        return {str(self.work.of.horizon): Time("", self.work.steps)}

    def _cells(self) -> Iterator[Node]:
        for time in self.times:
            for stem, row in self.rows.items():
                name = self.work.named(self.work.of.stems[stem], time)
                role = "input" if stem in {s.name for s in self.work.of.sequences} else "step"
                yield self._node(name, role, time, row)

    def _node(self, name: Sym, role: str, column: int | None, row: int | None) -> Node:
        value = adjoint = None
        if self.work.at is not None and self.shown.values:
            value = self.number(name)
        if self.work.at is not None and self.shown.adjoints and self.work.loss is self.work:
            adjoint = self.number(Expr(PARTIAL, self.work.of.result, name))
        last = self.work.of.result == name
        return Node(key_of(name), Chain(name, ()), "result" if last else role, value, adjoint, column, row)

    def _dots(self) -> Iterator[Node]:
        """What stands for the times left out: dots at the height of each state."""
        if len(self.times) == len(self.every):
            return
        for state in self.work.of.states:
            row = self.rows[self.work.of.stem(state)]
            yield Node(f"dots_{row}", Chain(Expr(ELLIPSIS), ()), "dots", None, None, self._gap, row)

    @property
    def _gap(self) -> int:
        """The column of the dots."""
        return self.times[HEAD - 1] + 1

    def _initial(self) -> Iterator[Node]:
        """The values before the first time that the cell uses."""
        of = self.work.of
        for name, formula in of.initial.items():
            time = of.time(name)
            if time is not None and of.stem(name) in self.rows:
                row = self.rows[of.stem(name)]
                chain = Chain(name, () if formula == name else (formula,))
                yield Node(key_of(name), chain, "input", None, None, time.offset, row)

    def _after_nodes(self) -> Iterator[Node]:
        for name, _ in self.work.of.after:
            yield self._node(name, "step", None, None)

    def _key(self, stem: str, time: int) -> str | None:
        """The node of a name at a time; dots for one that is left out."""
        name = self.work.named(self.work.of.stems[stem], time)
        if time in self.times or name in self.work.of.initial:
            return key_of(name)
        row = self.rows[stem]
        states = {self.work.of.stem(state) for state in self.work.of.states}
        return f"dots_{row}" if time in self.every and stem in states else None

    def edges(self) -> Iterator[Edge]:
        of, seen = self.work.of, set()
        for time in self.every:
            for name, formula in of.cell:
                for partial, at, weights in self.used(name, formula):
                    tail = self._key(of.stem(partial.operand), time + at.offset)
                    head = self._key(of.stem(name), time)
                    if tail is None or head is None or (tail, head) in seen or _both_dots(tail, head):
                        continue
                    seen.add((tail, head))
                    chain = None if "dots" in tail + head else self._placed(self.partial(name, partial), time)
                    yield Edge(tail, head, chain, through=weights)
        yield from self._to_results()

    def _placed(self, chain: Chain | None, time: int) -> Chain | None:
        if chain is None:
            return None
        return Chain(self._at(chain.left, time), tuple(self._at(m, time) for m in chain.members))

    def _to_results(self) -> Iterator[Edge]:
        of = self.work.of
        _, definitions = of.unrolled(self.work.steps)
        for name, formula in definitions[self.work.steps * len(of.cell) :]:
            for partial in local_partials(step_of(name, formula)):
                tail = partial.operand
                time = of.time(tail)
                key = key_of(tail) if time is None else self._key(of.stem(tail), time.offset)
                if key is not None and tail not in of.inputs and not key.startswith("dots"):
                    yield Edge(key, key_of(name), self.partial(name, partial))


class _Folded(_Net):
    def description(self) -> Text:
        return text("graph.folded", index=Dim(self.work.of.index), states=tuple(self.work.of.states))

    @property
    def claimed(self) -> tuple[Expr, Expr]:
        return self.work.start.as_expr(), self.work.of.last.as_expr()

    def nodes(self) -> Iterator[Node]:
        of = self.work.of
        formulas = dict(of.cell)
        for stem, row in self.rows.items():
            name = self.work.named(of.stems[stem], of.now)
            members = (formulas[name],) if name in formulas else ()
            role = "step" if members else "input"
            chain = Chain(name, members, times=self.claimed)
            yield Node(key_of(name), chain, role, None, None, 0, row)
        yield from (Node(key_of(n), Chain(n, (f,)), "result") for n, f in of.after)

    def edges(self) -> Iterator[Edge]:
        of = self.work.of
        for name, formula in of.cell:
            for partial, at, weights in self.used(name, formula):
                tail = self.work.named(of.stems[of.stem(partial.operand)], of.now)
                found = self.partial(name, partial)
                chain = Chain(found.left, found.members, times=self.claimed) if found else None
                carried = (*weights, partial.operand) if at.offset else weights
                yield Edge(key_of(tail), key_of(name), chain, delay=-at.offset, through=carried)
        known = {name for name, _ in of.after}
        for name, formula in of.after:
            for stem in dict.fromkeys(stem for stem, _ in of.times_in(formula)):
                tail = self.work.named(of.stems[stem], of.now)
                if stem in self.rows:
                    yield Edge(key_of(tail), key_of(name))
            for other in symbols(formula):
                if other in known:
                    yield Edge(key_of(other), key_of(name))


def _both_dots(tail: str, head: str) -> bool:
    return tail.startswith("dots") and head.startswith("dots")
