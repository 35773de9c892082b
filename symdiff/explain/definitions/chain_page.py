"""The page that follows the chain rule through named quantities, with numbers: a network by hand.

Forward pass, neighbouring weighted sums of the same values as one matrix times (1, x). Then for each
definition that holds a variable asked for one δ, the derivative of the result by it, written once and used
again, and the derivatives by its variables. Then the update and the second pass.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import field, replace
from fractions import Fraction
from functools import cached_property

from symdiff.algebra.tidy import monomials, tidy
from symdiff.derivation.answers import way_to_short_number
from symdiff.derivation.short_forms import way_to_short_form
from symdiff.derivation.ways import WayStep, as_seen, operations
from symdiff.document.blocks import Block, Chain, Equations, Heading, Paragraph, Row, Text, text
from symdiff.explain.shared.conventions import conventions, in_its_space, layout_of, space, space_of
from symdiff.explain.shared.folding import folded
from symdiff.explain.shared.graphs import tape_picture
from symdiff.explain.shared.kink_notes import definitions_on_a_kink, kinks_in_definitions
from symdiff.explain.shared.numbers_put_in import put_in
from symdiff.explain.shared.page_title import page_title
from symdiff.explain.shared.phrases import given_point
from symdiff.explain.shared.way_rows import way_rows
from symdiff.explain.shared.work import TapeWork, with_number
from symdiff.expr.leaves import Alias, zeros
from symdiff.expr.names import split_name
from symdiff.expr.numbers import decimal_number
from symdiff.expr.operations import DOT, MAPPED_BACK, STACK, TURNED
from symdiff.expr.records import dataclass
from symdiff.expr.tree import ONE, PARTIAL, TRANSPOSE, Expr, Num, Sym, postorder, substitute, total
from symdiff.proof.judge import Judged
from symdiff.proof.values import evaluate
from symdiff.rendering.formulas.signs import signs_in
from symdiff.tape.partials import LocalPartial, local_partials
from symdiff.tape.tape import Step, Tape


def page(work: TapeWork) -> Iterator[Judged]:
    """The parts of the page in order."""
    yield work.judged_after(
        statement, tape_picture, forward_pass, backward_pass, update, TapeWork.unseen_lines
    )


def title(work: TapeWork) -> Text:
    """Of the derivatives by every variable asked for."""
    return page_title(work, [work.derivative(name) for name in work.wrt], "chain")


def statement(work: TapeWork, rest: Sequence[Block]) -> Iterator[Block]:
    """The definitions, the signs of the `rest` of the page, the numbers, what is asked."""
    given, task = tuple(_what_is_given(work)), tuple(_task(work))
    page = (*given, *task, *rest)
    yield from (*given, *conventions(work, page, tuple(_more_conventions(work, page))), *task)


def _what_is_given(work: TapeWork) -> Iterator[Block]:
    tape = work.tape
    yield Heading(text("statement.heading"))
    inputs = (
        tuple(map(in_its_space, (n for _, n in tape.inputs)))
        if tape.has_arrays
        else tuple(n for _, n in tape.inputs)
    )
    yield Paragraph(text("statement.define", result=tape.result, inputs=inputs))
    rows = (Row(Chain(s.var, (s.body,)), space=space_of(work, s.var)) for s in tape.steps)
    yield Equations(tuple(rows))


def _task(work: TapeWork) -> Iterator[Block]:
    result = work.tape.result
    wanted: object = work.wrt if len(work.wrt) <= 12 else text("chain.variables", count=len(work.wrt))
    if work.rate is None:
        yield Paragraph(text("chain.find", result=result, wanted=wanted))
    else:
        yield Paragraph(text("chain.find_update", result=result, wanted=wanted, rate=rate_of(work)))
    if work.at is not None:
        yield from given_point(work)


def _more_conventions(work: TapeWork, page: Sequence[Block]) -> Iterator[Text]:
    """What the maps, the layout and the two kinds of derivatives on the page mean."""
    signs = signs_in(page, work.letters)
    if "map" in signs:
        yield text("chain.maps")
    if work.layout == "numerator":
        yield from layout_of(work)
    if "direct" in signs:
        yield from _two_kinds(work)
    if not work.sections.statement:
        yield from kinks_in_definitions(work, page)


def _two_kinds(work: TapeWork) -> Iterator[Text]:
    """∂⁺ and ∂ told apart, where both stand on the page."""
    tape = work.tape
    shown = {*work.wrt, *tape.step_of}
    for step in tape.steps:
        for operand in step.operands:
            if operand in shown and tape.has_other_ways(step, operand):
                inside = work.inside(step, operand)
                whole = work.derivative(operand) if operand in work.wrt else work.whole(operand)
                yield text("chain.direct", direct=inside, name=step.var, whole=whole, by=operand)
                return


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
        members = (*layer.members, *put_in(work, work.model, layer.members[-1]))
        rows.append(Row(with_number(work, layer.left, *members)))
    yield Equations(tuple(rows))
    yield from definitions_on_a_kink(work)


@dataclass(frozen=True, slots=True)
class Layer:
    """`left` = members: one definition, or several as a vector."""

    left: Expr
    members: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class WeightedSum:
    """A definition as Σ weight·value: its weights in the order of the values, 1 standing for the bias."""

    values: tuple[Expr, ...]
    weights: tuple[Expr, ...]


def layers(tape: Tape, wrt: Sequence[Sym]) -> Iterator[Layer]:
    """The definitions in order; neighbours that are affine in the same values come together."""
    group: list[tuple[Sym, WeightedSum]] = []
    for step in tape.steps:
        weighted = weighted_sum(step, wrt)
        if group and (weighted is None or weighted.values != group[0][1].values):
            yield _layer_of(group)
            group = []
        if weighted is None:
            yield Layer(step.var, (step.body,))
        else:
            group.append((step.var, weighted))
    if group:
        yield _layer_of(group)


def weighted_sum(step: Step, wrt: Sequence[Sym]) -> WeightedSum | None:
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
    return WeightedSum(tuple(order), tuple(found[value] for value in order)) if len(found) > 1 else None


def _layer_of(group: list[tuple[Sym, WeightedSum]]) -> Layer:
    """(a₁, a₂) = W·(1, x₁, x₂), or one line of it."""
    values = Expr(STACK, *group[0][1].values)
    if len(group) == 1:
        var, weighted = group[0]
        return Layer(var, (Expr(DOT, Expr(STACK, *weighted.weights), values),))
    rows = Expr(STACK, *(Expr(STACK, *weighted.weights) for _, weighted in group))
    column = Expr(STACK, *(Expr(STACK, value) for value in group[0][1].values))
    return Layer(Expr(STACK, *(Expr(STACK, var) for var, _ in group)), (rows @ column,))


def backward_pass(work: TapeWork) -> Iterator[Block]:
    """Each δ, then the derivatives by the variables of its definition, from the result back."""
    deltas = Deltas(work)
    if not work.tape.has_arrays:
        yield Heading(text("chain.partials"))
        yield Equations(tuple(_local_partial_rows(work)))
    yield Heading(text("chain.backward"))
    yield Paragraph(text("chain.backward_intro", result=work.tape.result))
    yield from (_deltas_at_once if deltas.are_all_named else _deltas_one_by_one)(deltas)
    last = work.tape.output
    rows = tuple(_weight_rows(deltas, last))
    if rows:
        yield Equations(rows)
    yield from _without_effect(work)


def _deltas_one_by_one(deltas: Deltas) -> Iterator[Block]:
    """Each δ with its sentence, then the derivatives by the variables of its definition."""
    for var, delta in reversed(deltas.aliases.items()):
        key = "delta" if _uses_earlier_delta(deltas, var) else "delta_first"
        turned = "_turned" if _is_turned(delta) else ""
        yield Paragraph(text(f"chain.{key}{turned}", delta=delta.name, by=var))
        yield Equations((*_delta_rows(deltas, var, delta), *_weight_rows(deltas, var)))


def _deltas_at_once(deltas: Deltas) -> Iterator[Block]:
    """One sentence for a δ of each definition, then all lines."""
    found = [*reversed(deltas.aliases.items())]
    (by, delta), *_ = found
    yield Paragraph(text("chain.deltas", delta=delta.name, by=by, result=deltas.work.tape.result))
    rows = [row for var, own in found for row in (*_delta_rows(deltas, var, own), *_weight_rows(deltas, var))]
    if any(row.goes_on for row in rows):  # a way is not cut
        yield Equations(tuple(rows))
    else:
        yield folded(rows, deltas.work.tape, deltas.work.full)


def _is_turned(delta: Alias) -> bool:
    return delta.meaning.op in (TURNED, TRANSPOSE)


def _without_effect(work: TapeWork) -> Iterator[Block]:
    """The variables asked for that the result does not depend on."""
    names = tuple(name for name in work.wrt if name not in work.tape.leading_to_result)
    if names:
        yield Paragraph(text("chain.without_effect", result=work.tape.result, names=names))
        forms = {name: work.laid_out(zeros(name.shape)) for name in names}
        yield Equations(
            tuple(_row_with_number(work, work.derivative(n), [form]) for n, form in forms.items())
        )


def _local_partial_rows(work: TapeWork) -> Iterator[Row]:
    """The derivatives inside each definition, those by one definition beside each other."""
    for step in work.tape.steps:
        found = [p for p in local_partials(step) if p.operand in work.wrt or p.operand in work.tape.step_of]
        chains = [Chain(work.inside(step, p.operand), (tidy(p.short.matrix()),)) for p in found]
        if chains:
            yield Row(chains[0], tuple(chains[1:]))


def _uses_earlier_delta(deltas: Deltas, var: Sym) -> bool:
    return any(links[0][0].var in deltas.aliases for links in deltas.paths(var))


def _delta_rows(deltas: Deltas, var: Sym, delta: Alias) -> tuple[Row, ...]:
    paths = deltas.paths(var)
    members = [delta.meaning, deltas.written(paths)]
    if len(paths) > 1 or len(paths[0]) > 1 or paths[0][0][0].var in deltas.aliases:
        members.insert(1, total(map(deltas.in_symbols, paths)))
    return _rows_with_way(deltas.work, delta, members, deltas.way(paths))


def _weight_rows(deltas: Deltas, var: Sym) -> Iterator[Row]:
    """The derivatives by the variables that this definition is the first one to use."""
    work = deltas.work
    for name in work.wrt:
        steps = work.tape.users_leading_on(name)
        if not steps or steps[0].var != var:
            continue
        paths = [[(step, name)] for step in steps]
        members = [_full_chain(deltas, name, steps)]
        if len(steps) > 1 or var != work.tape.output:
            members.append(total(map(deltas.in_symbols, paths)))
        members.append(deltas.written(paths))
        shown = [work.laid_out(m) for m in members if m is not None]
        way = [replace(step, form=work.laid_out(step.form)) for step in deltas.way(paths)]
        yield from _rows_with_way(work, work.derivative(name), shown, way)


def _full_chain(deltas: Deltas, name: Sym, steps: tuple[Step, ...]) -> Expr | None:
    """∂L/∂h·∂h/∂a·∂a/∂w in full, where one path of scalars leads to the result."""
    links: list[tuple[Step, Sym]] = [(steps[0], name)]
    at = steps[0].var
    while at != deltas.work.tape.output:
        uses = deltas.work.tape.users_leading_on(at)
        if len(uses) != 1:
            return None
        links.insert(0, (uses[0], at))
        at = uses[0].var
    if len(steps) != 1 or len(links) < 2 or not all(deltas.partial(*link).is_scalar for link in links):
        return None
    found = deltas.work.inside(*links[0])
    for link in links[1:]:
        found = found * deltas.work.inside(*link)
    return found


def _row_with_number(work: TapeWork, left: Expr, members: list[Expr]) -> Row:
    """The equality, with its number at the point at the end."""
    distinct = tuple(dict.fromkeys(members))
    where = space(left.shape) if work.tape.has_arrays else None
    if work.model is None:
        return Row(Chain(left, distinct), space=where)
    return Row(with_number(work, left, *distinct, *put_in(work, work.model, distinct[-1])), space=where)


def _rows_with_way(
    work: TapeWork, left: Expr, members: list[Expr], steps: Sequence[WayStep]
) -> tuple[Row, ...]:
    """The equality, then the steps to a shorter form, with the number at the end."""
    if not steps:
        return (_row_with_number(work, left, members),)
    where = space(left.shape) if work.tape.has_arrays else None
    *rows, last = way_rows(left, tuple(dict.fromkeys(members)), steps, space=where)
    chain = replace(last.chain, boxed=False)
    if work.model is not None:
        (form,) = chain.members
        chain = with_number(work, left, form, *put_in(work, work.model, form))
    return (*rows, replace(last, chain=chain))


MANY = 6
"""So many δ's are introduced by one sentence."""
MOST_LINKS = 3
"""Links of the one path from a definition to the next δ; of several paths each has one link."""


@dataclass(frozen=True)
class Deltas:
    """The derivatives of the result by the definitions of a tape, each in terms of later ones."""

    work: TapeWork
    _forms: dict[Expr, Expr] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def aliases(self) -> dict[Sym, Alias]:
        """A δ for each definition but the last that holds a variable asked for."""
        taken = {split_name(name.name) for name in self.work.tape.names.values()}
        names: dict[Sym, Sym] = {}
        for var in self.named_definitions:
            if var != self.work.tape.output:
                names[var] = self._name(var, taken)
                taken.add(split_name(names[var].name))
        meanings = {var: Expr(PARTIAL, self.work.tape.result, var) for var in names}
        return {var: Alias(name, self.work.as_column(meanings[var])) for var, name in names.items()}

    @cached_property
    def named_definitions(self) -> list[Sym]:
        """The definitions that hold a variable asked for; where ways between these are long, all on the way.

        A δ is a short product of the next one, or a sum of next ones each times one derivative.
        """
        tape, wanted = self.work.tape, set(self.work.wrt)
        found = {s.var for s in tape.steps if wanted & set(s.operands)} & tape.leading_to_result
        long = any(self._has_long_way(var, found | {tape.output}) for var in found)
        every = self.work.depending & tape.leading_to_result if long else found
        return [step.var for step in tape.steps if step.var in every]

    @property
    def are_all_named(self) -> bool:
        """Whether every definition on the way has a δ, and so many that one sentence introduces them all."""
        every = self.work.depending.intersection(self.work.tape.leading_to_result, self.work.tape.step_of)
        is_any_turned = any(map(_is_turned, self.aliases.values()))
        return every <= {*self.aliases, self.work.tape.output} and len(every) >= MANY and not is_any_turned

    def _has_long_way(self, var: Sym, ends: set[Sym]) -> bool:
        """Whether a δ would be a long product, or a sum of products of several derivatives."""
        uses = self.work.tape.users_leading_on(var)
        links = 1
        while len(uses) == 1 and uses[0].var not in ends:
            uses = self.work.tape.users_leading_on(uses[0].var)
            links += 1
        return links > MOST_LINKS or any(use.var not in ends for use in uses)

    def _name(self, var: Sym, taken: Collection[tuple[str, str, str]]) -> Sym:
        """δ₃ for a₃; δ with the whole name where two would be alike, marked where a name is printed so."""
        index = split_name(var.name)[2]
        alone = index and sum(split_name(other.name)[2] == index for other in self.named_definitions) == 1
        name = f"{self.work.letters.free('delta')}_{index if alone else var.name.replace('_', '')}"
        while split_name(name) in taken:
            name += "_bar"
        return Sym(name, shape=var.shape)

    def partial(self, step: Step, operand: Sym) -> LocalPartial:
        return next(p for p in local_partials(step) if p.operand == operand)

    def paths(self, var: Sym) -> list[list[tuple[Step, Sym]]]:
        """The paths from `var` on, each to the first definition with a δ, or to the result."""
        found: list[list[tuple[Step, Sym]]] = []
        for step in self.work.tape.users_leading_on(var):
            if step.var in self.aliases or step.var == self.work.tape.output:
                found.append([(step, var)])
            else:
                found += [[*rest, (step, var)] for rest in self.paths(step.var)]
        return found

    def in_symbols(self, links: list[tuple[Step, Sym]]) -> Expr:
        """δ·∂u/∂h·∂h/∂a, from the result's end; the transposed maps one after the other between arrays."""
        first = links[0][0].var
        found: Expr | None = self.aliases.get(first)
        for step, operand in links:
            symbol = self.work.inside(step, operand)
            column = self.work.as_column(symbol)
            is_product = self.partial(step, operand).is_scalar or column is not symbol
            symbol = column
            if is_product or found is None:
                found = symbol if found is None else found * symbol
            else:
                found = Expr(MAPPED_BACK, symbol, found)
        assert found is not None
        return found

    def written(self, paths: list[list[tuple[Step, Sym]]]) -> Expr:
        """The sum over paths, with the local partials put in."""
        return tidy(total(map(self.with_partials, paths)))

    def way(self, paths: list[list[tuple[Step, Sym]]]) -> tuple[WayStep, ...]:
        """The step to a shorter form in names, where some δ's in the sum are written out, if there is one."""
        shorter = way_to_short_form if self.work.tape.has_arrays else way_to_short_number
        form = self.written(paths)
        ways = [shorter(self.work.tape, each) for each in dict.fromkeys(self._tries(form))]
        found = min([way[-1] for way in ways if way], key=lambda step: operations(step.form), default=None)
        if found is None or operations(found.form) >= operations(form):
            return ()
        return (as_seen(found, form),)

    def _tries(self, form: Expr) -> Iterator[Expr]:
        """A form as it is, with δ's of another shape in terms of others, with each δ in it written out."""
        yield form
        other = form
        while own := [delta for delta in _deltas_in(other) if delta.shape != form.shape]:
            other = substitute(other, {delta: self.written(self.paths(self._var(delta))) for delta in own})
        yield other
        yield substitute(form, {delta: self.form(delta) for delta in _deltas_in(form)})

    def _var(self, delta: Expr) -> Sym:
        return next(var for var, alias in self.aliases.items() if alias == delta)

    def form(self, delta: Expr) -> Expr:
        """What a δ is, as short as it is written."""
        if delta not in self._forms:
            paths = self.paths(self._var(delta))
            steps = self.way(paths)
            self._forms[delta] = steps[-1].form if steps else self.written(paths)
        return self._forms[delta]

    def with_partials(self, links: list[tuple[Step, Sym]]) -> Expr:
        """The same with the local partials put in."""
        found: Expr = self.aliases.get(links[0][0].var, Num(1))
        for step, operand in links:
            found = self.partial(step, operand).short.transpose(found)
        return tidy(found)


def _deltas_in(form: Expr) -> list[Expr]:
    return list(dict.fromkeys(node for node in postorder(form) if isinstance(node, Alias)))


def update(work: TapeWork) -> Iterator[Block]:
    """One step of gradient descent, the second pass with the new values, and what became of the result."""
    if work.model is None or work.rate is None:
        return
    result = work.tape.result
    moved: dict[Expr, Expr] = {name: _updated(work, name) for name in work.wrt}
    yield Heading(text("chain.update"))
    key = "chain.update_one" if work.rate == 1 else "chain.update_intro"
    yield Paragraph(text(key, rate=rate_of(work)))
    yield Equations(tuple(_update_row(work, name, moved[name]) for name in work.wrt))
    yield Heading(text("chain.second"))
    yield Paragraph(text("chain.second_intro"))
    origins = {step.var: substitute(step.origin, moved) for step in work.tape.steps}
    again = {var: Alias(_new_name(var), origin) for var, origin in origins.items()}
    yield Equations(tuple(Row(with_number(work, new)) for new in again.values()))
    yield Heading(text("chain.conclusion"))
    key = "fell" if _falls(work, result, again[result]) else "rose"
    before, after = with_number(work, result), with_number(work, again[result])
    yield Paragraph(text(f"chain.{key}", result=result, before=before, after=after))


def _falls(work: TapeWork, before: Expr, after: Expr) -> bool:
    assert work.model is not None
    change = evaluate(work.model.m, after - before, {}, work.model)
    return bool(work.model.m.sign(change) < 0)


def _new_name(name: Sym) -> Sym:
    return Sym(name.name, label="+", shape=name.shape)


def _updated(work: TapeWork, name: Sym) -> Alias:
    """w⁺ = w − η·∂L/∂w."""
    return Alias(_new_name(name), name - rate_of(work) * work.gradient(name))


def _update_row(work: TapeWork, name: Sym, new: Expr) -> Row:
    step = work.gradient(name) if work.rate == 1 else rate_of(work) * work.gradient(name)
    return Row(with_number(work, new, name - step, *put_in(work, work.model, name - step)))
