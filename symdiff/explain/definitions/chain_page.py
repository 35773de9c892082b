"""The page that follows the chain rule through named quantities, with numbers: a network by hand.

Forward pass, then for each definition that holds a variable asked for one δ, the derivative of the result
by it, written once and used again; then each variable's derivative, the update, the second pass.

The derivatives of the result by named definitions, δ, each in terms of the ones found before.

Layers: neighbouring definitions that are weighted sums of the same values, as one matrix times (1, x).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from symdiff.algebra.tidy import monomials, tidy
from symdiff.document.blocks import Block, Chain, Equations, Heading, Paragraph, Row, text
from symdiff.explain.shared.phrases import notations
from symdiff.explain.shared.pictures import tape_picture
from symdiff.explain.shared.work import TapeWork, space
from symdiff.explain.sweeps.results import belongs, conventions_of, space_of, unseen_lines
from symdiff.explain.sweeps.statement import given_point
from symdiff.expr import operations as a
from symdiff.expr.leaves import Alias
from symdiff.expr.names import split_name
from symdiff.expr.numbers import decimal_number
from symdiff.expr.operations import DIRECT, DOT, IMMEDIATE, MAPPED_BACK, STACK
from symdiff.expr.tree import MATMUL, ONE, PARTIAL, Expr, Num, Sym, substitute, symbols, total
from symdiff.proof.judge import Judged
from symdiff.proof.values import evaluate
from symdiff.tape.partials import LocalPartial, local_partial, local_partials
from symdiff.tape.tape import Step, Tape


def statement(work: TapeWork) -> Iterator[Block]:
    """The definitions, the numbers, what is asked."""
    tape = work.tape
    yield Heading(text("statement.heading"))
    inputs = (
        tuple(map(belongs, (n for _, n in tape.inputs)))
        if tape.has_arrays
        else tuple(n for _, n in tape.inputs)
    )
    yield Paragraph(text("statement.define", result=tape.result, inputs=inputs))
    yield Equations(tuple(Row(Chain(s.var, (s.body,)), space=space_of(work, s.var)) for s in tape.steps))
    parts = (text("arrays.columns"), *conventions_of(work)) if tape.has_arrays else ()
    parts = (*parts, *notations(work), *([text("chain.maps")] if tape.has_arrays else []))
    if parts:
        yield Paragraph(text("arrays.conventions", parts=parts))
    key = "chain.find_update" if work.rate is not None else "chain.find"
    wanted: object = work.wrt if len(work.wrt) <= 12 else text("chain.variables", count=len(work.wrt))
    yield Paragraph(text(key, result=tape.result, wanted=wanted, rate=rate_of(work)))
    if work.at is not None:
        yield from given_point(work)


def rate_of(work: TapeWork) -> Num:
    """The learning rate, as a decimal where it is one."""
    rate = work.rate or Fraction(0)
    return decimal_number(rate) or Num(rate)


def forward_pass(work: TapeWork) -> Iterator[Block]:
    """The values in order, whole layers as a matrix times (1, x)."""
    if work.model is None:
        return
    yield Heading(text("chain.forward"))
    yield Paragraph(text("chain.forward_intro"))
    rows = []
    for layer in layers(work.tape, work.wrt):
        members = (*layer.members, *_in_numbers(work, layer.members[-1]), work.value(layer.left))
        rows.append(Row(Chain(layer.left, members, at_point=True)))
    yield Equations(tuple(rows))


def _in_numbers(work: TapeWork, formula: Expr) -> tuple[Expr, ...]:
    """A layer with its numbers put in, where all of them are exact."""
    if formula.op not in (MATMUL, a.DOT):
        return ()
    values: dict[Expr, Expr] = {name: work.value(name) for name in symbols(formula)}
    if any(not isinstance(value, Num) or value.rounded for value in values.values()):
        return ()
    return (substitute(formula, values),)


def backward_pass(work: TapeWork) -> Iterator[Block]:
    """Each δ, then the derivatives by the variables of its definition, from the result back."""
    ways = Ways(work)
    if not work.tape.has_arrays:
        yield Heading(text("chain.partials"))
        yield Equations(tuple(_partials(work)))
    yield Heading(text("chain.backward"))
    yield Paragraph(text("chain.backward_intro", result=work.tape.result))
    for var in reversed([step.var for step in work.tape.steps]):
        if var in ways.deltas:
            delta = ways.deltas[var]
            key = "chain.delta_first" if not _reuses(ways, var) else "chain.delta"
            yield Paragraph(text(key, delta=delta.name, by=var))
            yield Equations((_delta_row(ways, var, delta), *_rows_of(ways, var)))
    last = work.tape.output
    rows = tuple(_rows_of(ways, last))
    if rows:
        yield Equations(rows)


def _partials(work: TapeWork) -> Iterator[Row]:
    """The derivatives inside each definition, those by one definition beside each other."""
    for step in work.tape.steps:
        found = [p for p in local_partials(step) if p.operand in work.wrt or p.operand in work.tape.step_of]
        chains = [Chain(Expr(IMMEDIATE, p.step, p.operand), (tidy(p.short.matrix()),)) for p in found]
        if chains:
            yield Row(chains[0], tuple(chains[1:]))


def _reuses(ways: Ways, var: Sym) -> bool:
    return any(links[0][0].var in ways.deltas for links in ways.chains(var))


def _delta_row(ways: Ways, var: Sym, delta: Alias) -> Row:
    chains = ways.chains(var)
    members = [delta.meaning, tidy(total(map(ways.put_in, chains)))]
    if len(chains) > 1 or len(chains[0]) > 1 or chains[0][0][0].var in ways.deltas:
        members.insert(1, total(map(ways.symbolic, chains)))
    return _valued(ways.work, delta, members)


def _rows_of(ways: Ways, var: Sym) -> Iterator[Row]:
    """The derivatives by the variables that this definition is the first one to use."""
    work = ways.work
    for name in work.wrt:
        steps = work.tape.users.get(name, ())
        if not steps or steps[0].var != var:
            continue
        chains = [[(step, name)] for step in steps]
        members = [_long_chain(ways, name, steps)]
        if len(steps) > 1 or var != work.tape.output:
            members.append(total(map(ways.symbolic, chains)))
        members.append(tidy(total(map(ways.put_in, chains))))
        yield _valued(work, work.derivative(name), [m for m in members if m is not None])


def _long_chain(ways: Ways, name: Sym, steps: tuple[Step, ...]) -> Expr | None:
    """∂L/∂h·∂h/∂a·∂a/∂w in full, where one way of scalars leads to the result."""
    links: list[tuple[Step, Sym]] = [(steps[0], name)]
    at = steps[0].var
    while at != ways.work.tape.output:
        uses = ways.work.tape.users.get(at, ())
        if len(uses) != 1:
            return None
        links.insert(0, (uses[0], at))
        at = uses[0].var
    if len(steps) != 1 or len(links) < 2 or not all(ways.partial(*link).is_scalar for link in links):
        return None
    found = ways.symbol(*links[0])
    for link in links[1:]:
        found = found * ways.symbol(*link)
    return found


def _valued(work: TapeWork, left: Expr, members: list[Expr]) -> Row:
    """The equality, with its number at the point at the end."""
    distinct = tuple(dict.fromkeys(members))
    where = space(left.shape) if work.tape.has_arrays else None
    if work.model is None:
        return Row(Chain(left, distinct), space=where)
    return Row(Chain(left, (*distinct, work.value(left)), at_point=True), space=where)


def update(work: TapeWork) -> Iterator[Block]:
    """One step of gradient descent, the second pass with the new values, and what became of the result."""
    if work.model is None or work.rate is None:
        return
    result = work.tape.result
    moved: dict[Expr, Expr] = {name: _moved(work, name) for name in work.wrt}
    yield Heading(text("chain.update"))
    key = "chain.update_one" if work.rate == 1 else "chain.update_intro"
    yield Paragraph(text(key, rate=rate_of(work)))
    yield Equations(tuple(_new_row(work, name, moved[name]) for name in work.wrt))
    yield Heading(text("chain.second"))
    yield Paragraph(text("chain.second_intro"))
    origins = {step.var: substitute(step.origin, moved) for step in work.tape.steps}
    again = {var: Alias(_plus(var), origin) for var, origin in origins.items()}
    yield Equations(tuple(Row(Chain(new, (work.value(new),), at_point=True)) for new in again.values()))
    yield Heading(text("chain.conclusion"))
    before, after = work.value(result), work.value(again[result])
    key = "fell" if _number(work, again[result]) < _number(work, result) else "rose"
    first, second = Chain(result, (before,), at_point=True), Chain(again[result], (after,), at_point=True)
    yield Paragraph(text(f"chain.{key}", result=result, before=first, after=second))


def _number(work: TapeWork, node: Expr) -> float:
    assert work.model is not None
    return float(evaluate(work.model.m, node, {}, work.model))


def _plus(name: Sym) -> Sym:
    return Sym(name.name, label="+", shape=name.shape)


def _moved(work: TapeWork, name: Sym) -> Alias:
    """w⁺ = w − η·∂L/∂w."""
    return Alias(_plus(name), name - rate_of(work) * work.derivative(name))


def _new_row(work: TapeWork, name: Sym, new: Expr) -> Row:
    step = work.derivative(name) if work.rate == 1 else rate_of(work) * work.derivative(name)
    return Row(Chain(new, (name - step, work.value(new)), at_point=True))


MOST_WAYS = 8
"""Ways from one definition up to which their sum is written; above that it gets a name."""


@dataclass(frozen=True)
class Ways:
    """The derivatives of the result by the definitions of a tape, each in terms of later ones."""

    work: TapeWork

    @cached_property
    def deltas(self) -> dict[Sym, Alias]:
        """A δ for each definition but the last that holds a variable asked for."""
        holders = self.holders
        names = {var: self._name(var, holders) for var in holders if var != self.work.tape.output}
        return {var: Alias(name, derivative_by(self.work, var)) for var, name in names.items()}

    @cached_property
    def holders(self) -> list[Sym]:
        """The definitions that hold a variable asked for, and those from which very many ways lead on."""
        tape, wanted = self.work.tape, set(self.work.wrt)
        found = {s.var for s in tape.steps if wanted & set(s.operands)}
        ends = found | {tape.output}
        ways: dict[Sym, int] = {}
        for step in reversed(tape.steps):
            uses = tape.users.get(step.var, ())
            ways[step.var] = sum(1 if use.var in ends else ways[use.var] for use in uses)
            if ways[step.var] > MOST_WAYS:
                found.add(step.var)
                ends.add(step.var)
        return [step.var for step in tape.steps if step.var in found]

    def _name(self, var: Sym, holders: list[Sym]) -> Sym:
        """δ₃ for a₃; δ with the whole name where two would be alike."""
        index = split_name(var.name)[2]
        alone = index and sum(split_name(other.name)[2] == index for other in holders) == 1
        name = f"delta_{index if alone else var.name.replace('_', '')}"
        taken = {n.name for n in [*self.work.tape.names.values()]}
        return Sym(name if name not in taken else f"{name}_bar", shape=var.shape)

    def partial(self, step: Step, operand: Sym) -> LocalPartial:
        return local_partial(step, operand)

    def symbol(self, step: Step, operand: Sym) -> Expr:
        """∂step/∂operand, marked where other ways lead there too."""
        other = step.var == self.work.tape.output and len(self.work.tape.users[operand]) > 1
        return Expr(DIRECT if other else IMMEDIATE, step.var, operand)

    def chains(self, var: Sym) -> list[list[tuple[Step, Sym]]]:
        """The ways from `var` on, each to the first definition with a δ, or to the result."""
        found: list[list[tuple[Step, Sym]]] = []
        for step in self.work.tape.users.get(var, ()):
            if step.var in self.deltas or step.var == self.work.tape.output:
                found.append([(step, var)])
            else:
                found += [[*rest, (step, var)] for rest in self.chains(step.var)]
        return found

    def symbolic(self, links: list[tuple[Step, Sym]]) -> Expr:
        """δ·∂u/∂h·∂h/∂a, from the result's end; the transposed maps one after the other between arrays."""
        first = links[0][0].var
        found: Expr | None = self.deltas.get(first)
        for step, operand in links:
            partial, symbol = self.partial(step, operand), self.symbol(step, operand)
            if partial.is_scalar or found is None:
                found = symbol if found is None else found * symbol
            else:
                found = Expr(MAPPED_BACK, symbol, found)
        assert found is not None
        return found

    def put_in(self, links: list[tuple[Step, Sym]]) -> Expr:
        """The same with the local partials put in."""
        found: Expr = self.deltas.get(links[0][0].var, Num(1))
        for step, operand in links:
            found = self.partial(step, operand).short.transpose(found)
        return tidy(found)


def derivative_by(work: TapeWork, var: Sym) -> Expr:
    """∂L/∂v for any definition v: its adjoint."""
    return Expr(PARTIAL, work.tape.result, var)


@dataclass(frozen=True, slots=True)
class Layer:
    """`left` = members: one definition, or several as a vector."""

    left: Expr
    members: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Affine:
    """A definition as Σ weight·value: its weights in the order of the values, 1 standing for the bias."""

    values: tuple[Expr, ...]
    weights: tuple[Expr, ...]


def layers(tape: Tape, wrt: Sequence[Sym]) -> Iterator[Layer]:
    """The definitions in order; neighbours that are affine in the same values come together."""
    group: list[tuple[Sym, Affine]] = []
    for step in tape.steps:
        affine = affine_in(step, wrt)
        if group and (affine is None or affine.values != group[0][1].values):
            yield _together(group)
            group = []
        if affine is None:
            yield Layer(step.var, (step.body,))
        else:
            group.append((step.var, affine))
    if group:
        yield _together(group)


def affine_in(step: Step, wrt: Sequence[Sym]) -> Affine | None:
    """The weights and values of a scalar definition that is a weighted sum, None for any other."""
    if step.var.shape or any(operand.shape for operand in step.operands):
        return None
    found: dict[Expr, Expr] = {}
    for term in monomials(step.body):
        weights = [base for base in term.powers if base in wrt]
        values = [base for base in term.powers if base not in wrt]
        plain = term.coefficient == 1 and all(power == 1 for power in term.powers.values())
        if not plain or len(weights) != 1 or len(values) > 1 or not all(isinstance(v, Sym) for v in values):
            return None
        value = values[0] if values else ONE
        if value in found:
            return None
        found[value] = weights[0]
    order = sorted(found, key=lambda value: not isinstance(value, Num))
    return Affine(tuple(order), tuple(found[value] for value in order)) if len(found) > 1 else None


def _together(group: list[tuple[Sym, Affine]]) -> Layer:
    """(a₁, a₂) = W·(1, x₁, x₂), or one line of it."""
    values = Expr(STACK, *group[0][1].values)
    if len(group) == 1:
        var, affine = group[0]
        return Layer(var, (Expr(DOT, Expr(STACK, *affine.weights), values),))
    rows = Expr(STACK, *(Expr(STACK, *affine.weights) for _, affine in group))
    column = Expr(STACK, *(Expr(STACK, value) for value in group[0][1].values))
    return Layer(Expr(STACK, *(Expr(STACK, var) for var, _ in group)), (rows @ column,))


def page(work: TapeWork) -> Iterator[Judged]:
    """The parts of the page in order."""
    yield work.judged((statement, tape_picture, forward_pass, backward_pass, update, unseen_lines))
