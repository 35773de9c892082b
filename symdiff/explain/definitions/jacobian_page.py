"""The page on Jacobians: of each stage, the chain rule, the product, the cheaper order, other variables."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from functools import cached_property
from itertools import pairwise

from symdiff.algebra.monomials import chained, product_factors, same_up_to_order
from symdiff.algebra.tidy import tidy, tidy_without_assumptions
from symdiff.derivation.answers import way_to_short_number
from symdiff.derivation.jacobian import Jacobian, in_layout, jacobian, multiplications, path_to_result
from symdiff.derivation.jacobian_entries import (
    Entries,
    entries_of_matrix,
    entries_of_product,
    entries_with_values,
    matrix_of,
)
from symdiff.derivation.short_forms import way_to_short_form
from symdiff.derivation.sweeps import reverse
from symdiff.document.blocks import Block, Chain, Equations, Heading, Paragraph, Row, Text, text
from symdiff.errors import InputError
from symdiff.explain.shared.conventions import conventions, in_its_space, space
from symdiff.explain.shared.kink_notes import definitions_on_a_kink, kinks_in_definitions
from symdiff.explain.shared.page_title import page_title
from symdiff.explain.shared.phrases import given_point
from symdiff.explain.shared.work import TapeWork, with_number
from symdiff.expr import operations as a
from symdiff.expr.leaves import Applied, Nabla
from symdiff.expr.operations import SHOWN_AS_ROW, TURNED, simplex_names_summed
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import is_number
from symdiff.expr.tree import MATMUL, PARTIAL, Expr, Num, Sym, entry
from symdiff.proof.judge import Judged
from symdiff.tape.partials import local_partial
from symdiff.tape.tape import Step


def page(work: TapeWork) -> Iterator[Judged]:
    """The parts of the page in order."""
    yield work.judged_after(statement, stage_values, stages, product, other_gradients, TapeWork.unseen_lines)


def title(work: TapeWork) -> Text:
    """Of the Jacobians that the page ends with, and of the derivatives by the other variables."""
    paths = jacobian_paths(work)
    wholes = [path.whole() if path.functions(0, 0) else work.derivative(path.start) for path in paths]
    others = [work.derivative(name) for name in _other_inputs(work)]
    return page_title(work, [*wholes, *others], "jacobian")


def statement(work: TapeWork, rest: Sequence[Block]) -> Iterator[Block]:
    """The functions, the signs of the `rest` of the page, the layout, what is asked."""
    (path, *_) = jacobian_paths(work)
    given, task = tuple(_what_is_given(work)), tuple(_task(work))
    i, j = map(Sym, work.letters.several("index", 2))
    more = [text(f"jacobian.layout_{path.layout}", i=i, j=j)] if work.tape.has_arrays else []
    if not work.sections.statement:
        more += kinks_in_definitions(work, rest)
    yield from (*given, *conventions(work, (*given, *task, *rest), more), *task)


def _what_is_given(work: TapeWork) -> Iterator[Block]:
    (path, *_) = jacobian_paths(work)
    yield Heading(text("statement.heading"))
    inputs = tuple(in_its_space(name) for _, name in work.tape.inputs)
    functions = path.functions(0, len(path.steps) - 1)
    whole = Applied(path.points[-1], None, functions) if functions else path.points[-1]
    key = "composition" if len(functions) > 1 else "define"
    yield Paragraph(text(f"jacobian.{key}", whole=whole, inputs=inputs))
    rows = []
    for number, step in enumerate(work.tape.steps):
        applied = _applied(path, number) if functions else ()
        rows.append(Row(Chain(step.var, (*applied, step.body)), space=space(step.var.shape)))
    yield Equations(tuple(rows))


def _task(work: TapeWork) -> Iterator[Block]:
    path, *more = jacobian_paths(work)
    others: tuple[Expr, ...] = tuple(one.whole() for one in more)
    others = (*others, *(work.derivative(name) for name in _other_inputs(work)))
    key = "jacobian.find_others" if others else "jacobian.find"
    yield Paragraph(text(key, whole=path.whole(), others=others))
    if work.at is not None:
        yield from given_point(work)


def _applied(path: JacobianPath, number: int) -> tuple[Expr, ...]:
    """f(x), unless that is how the formula reads already."""
    step, functions = path.steps[number], path.functions(number, number)
    if step.body.op.name == functions[0].name and step.body.args == (path.points[number],):
        return ()
    return (Applied(path.points[number + 1], path.points[number], functions),)


def stage_values(work: TapeWork) -> Iterator[Block]:
    """The numbers of every stage at the point."""
    if work.model is not None:
        rows = [Row(with_number(work, step.var)) for step in work.tape.steps]
        yield Paragraph(text("jacobian.values"))
        yield Equations(tuple(rows))
        yield from definitions_on_a_kink(work)


def stages(work: TapeWork) -> Iterator[Block]:
    """The Jacobian of each stage: in whole arrays, and by entries; that of an only stage is the answer."""
    paths = jacobian_paths(work)
    alone = "jacobian.only" if len(paths) == 1 else "jacobian.several"
    yield Heading(text("jacobian.stages" if any(len(path.steps) > 1 for path in paths) else alone))
    if not any(path.can_be_written for path in paths):
        what = f"no Jacobian on the way to {paths[0].points[-1]} can be written"
        raise InputError(what, way_out="use --mode both")
    for path in paths:
        for number, found in enumerate(path.jacobians):
            forms = [found.structure] if found.structure is not None else []
            if found.entries is not None and (found.structure is None or _has_entries(found)):
                forms.append(matrix_of(found.entries))
            if not forms:
                yield Paragraph(text("jacobian.too_large"))
                continue
            members = tuple(dict.fromkeys(map(path.laid_out, forms)))
            left = path.stage_jacobian(number)
            boxed = len(path.steps) == 1
            rows = [Row(Chain(left, members, boxed=boxed), space=_matrix_space(left))]
            if work.model is not None:
                rows.append(Row(with_number(work, left)))
            yield Equations(tuple(rows))


def _has_entries(found: Jacobian) -> bool:
    return bool(found.over.shape or found.under.shape)


def _matrix_space(left: Expr) -> Expr:
    return space(left.shape)


def product(work: TapeWork) -> Iterator[Block]:
    """The chain rule in symbols, the product and the result; nothing where one stage says it all."""
    for path in jacobian_paths(work):
        blocks = list(_product(work, path)) if len(path.steps) > 1 else []
        if blocks:
            yield Heading(text("jacobian.chain"))
            yield from blocks


def _product(work: TapeWork, path: JacobianPath) -> Iterator[Block]:
    factors: list[Expr] = [path.stage_jacobian(number) for number in range(len(path.steps))]
    yield Paragraph(text(f"jacobian.rule_{path.layout}"))
    members = (path.product(path.at_values()), path.product(factors))
    yield Equations((Row(Chain(path.whole(), tuple(dict.fromkeys(members)))),))
    carried = None
    if not path.is_explicit:
        carried = yield from _from_the_left(path)
    if path.has_entries:
        yield from _entry_by_entry(path, carried)
    elif path.is_explicit:
        yield Paragraph(text("jacobian.too_large"))
    if work.model is not None:
        yield Equations((Row(with_number(work, path.whole())),))
    yield from _order_of_multiplication(path)


def _from_the_left(path: JacobianPath) -> Generator[Block, None, Expr]:
    """The product from the last stage back to the first: one stage more in each line; returns the result."""
    so_far = path.jacobians[-1].form
    rows = []
    for number in range(len(path.steps) - 2, -1, -1):
        forms, so_far = _carried_back(path, number, so_far)
        because = dict.fromkeys(name for form in forms for name in simplex_names_summed(form))
        whole = path.whole(number)
        chain = Chain(whole, tuple(dict.fromkeys(forms)), boxed=number == 0)
        reason = text("arrays.because", names=tuple(because)) if because else None
        rows.append(Row(chain, space=_matrix_space(whole), reason=reason))
    if rows:
        yield Paragraph(text("jacobian.from_the_left"))
        yield Equations(tuple(rows))
    return so_far


def _carried_back(path: JacobianPath, number: int, so_far: Expr) -> tuple[list[Expr], Expr]:
    """One stage multiplied to what is there: the members of the line, and the product."""
    form, under = path.jacobians[number].form, path.points[number]
    forms = [path.product([path.laid_out(form), path.laid_out(so_far)], number)]
    partial = local_partial(path.steps[number], under)
    if so_far.op is a.ROW and path.is_of_numbers(number):
        found = tidy(partial.short.transpose(so_far.args[0]))
        return [*forms, found], found
    if so_far.op is a.ROW and under.shape and not path.points[-1].shape:
        back = partial.short.transpose(so_far.args[0])
        row, *short = _with_short_form(path.work, tidy(back))
        if not _is_product(tidy(back), form, so_far.args[0]):
            forms += [_as_row(path, tidy_without_assumptions(back)), _as_row(path, tidy(back))]
        return [*forms, *(_as_row(path, one) for one in short)], Expr(a.ROW, [row, *short][-1])
    if form.op is a.ROW and not so_far.shape:
        product = Expr(a.ROW, tidy(so_far * form.args[0]))
    else:
        product = tidy(_times(so_far, form))
    if path.is_of_numbers(number) and product.shape:
        product = Expr(a.ONLY_ENTRY, product)
    if not path.work.tape.has_arrays:
        return _product_of_numbers(path, forms[0], product)
    return [*forms, path.laid_out(product)], product


def _product_of_numbers(path: JacobianPath, product: Expr, tidied: Expr) -> tuple[list[Expr], Expr]:
    """A product of derivatives without brackets, from the last on, and the forms that are shorter."""
    factors = chained(product_factors(product))
    forms = [product, factors if same_up_to_order(factors, tidied) else tidied]
    forms += _with_short_form(path.work, tidied)[1:]
    return forms, forms[-1]


def _times(left: Expr, right: Expr) -> Expr:
    """The product of two Jacobians, of which one may be a number."""
    return Expr(MATMUL, left, right) if left.shape and right.shape else left * right


def _is_product(back: Expr, matrix: Expr, gradient: Expr) -> bool:
    """Whether the transposed map was a plain product, which gᵀA writes already."""
    return back == tidy(Expr(MATMUL, matrix.T, gradient)) and back.op is MATMUL


def _as_row(path: JacobianPath, gradient: Expr) -> Expr:
    return path.laid_out(Expr(a.ROW, gradient))


def _entry_by_entry(path: JacobianPath, carried: Expr | None) -> Iterator[Block]:
    """The product written out, every stage's Jacobian at its own argument; `carried` is the result known."""
    rows = [found.entries or () for found in path.jacobians]
    if path.is_explicit:
        values: dict[Expr, Expr] = {}
        placed = []
        for entries, step in zip(rows, path.steps, strict=True):
            placed.append(entries_with_values(entries, values))
            values |= dict(_components(step, values))
        rows = placed
    if carried is not None and carried.shape:
        found = entries_of_matrix(carried)
    else:
        found = rows[0]
        for entries in rows[1:]:
            found = entries_of_product(entries, found)
    if path.is_of_numbers() and not path.is_explicit:
        return
    tables = [
        path.laid_out(_table(entries, *ends))
        for entries, ends in zip(rows, pairwise(path.points), strict=True)
    ]
    multiplied = found[0][0] if path.is_of_numbers() else path.laid_out(matrix_of(found))
    members = (path.product(tables), multiplied)
    yield Paragraph(text("jacobian.entries"))
    yield Equations((Row(Chain(path.whole(), members, boxed=path.is_explicit)),))


def _table(entries: Entries, under: Sym, over: Sym) -> Expr:
    """The entries of a stage as a matrix, or as the number that it is between numbers."""
    return matrix_of(entries) if under.shape or over.shape else entries[0][0]


def _components(step: Step, values: dict[Expr, Expr]) -> Iterator[tuple[Expr, Expr]]:
    """Each entry of a value given by components, and its formula in the first variable."""
    if step.body.op is not a.STACK:
        return
    for position, component in enumerate(step.body.args):
        ((formula,),) = entries_with_values(((component,),), values)
        yield entry(step.var, (position,)), formula


def _order_of_multiplication(path: JacobianPath) -> Iterator[Block]:
    """From which end the product takes fewer multiplications."""
    sizes = [name.shape[0] if name.shape else 1 for name in path.points]
    if len(sizes) < 4:
        return
    yield Heading(text("jacobian.order"))
    if all(map(is_number, sizes)):
        numbers = [int(size) for size in sizes][::-1]
        left, right = multiplications(numbers, left=True), multiplications(numbers, left=False)
        key = "left" if left < right else "right" if right < left else "equal"
        yield Paragraph(text(f"jacobian.order_{key}", left=Num(left), right=Num(right)))
    elif not path.points[-1].shape:
        yield Paragraph(text("jacobian.order_row"))
    yield Paragraph(text("jacobian.order_general"))


def other_gradients(work: TapeWork) -> Iterator[Block]:
    """The derivatives by the other variables asked for, each in its own shape."""
    rest = _other_inputs(work)
    if not rest:
        return
    yield Heading(text("jacobian.others"))
    yield Paragraph(text("jacobian.others_intro", result=work.tape.result))
    lines = reverse(work.tape).results
    for name in rest:
        yield from _other_gradient(work, name, lines[name.name].primal or lines[name.name].local)


def _column_of(work: TapeWork, var: Sym) -> Expr:
    """The derivative of the result by a stage as a column: the transpose of its Jacobian if that is a row."""
    symbol = Expr(PARTIAL, work.tape.result, var)
    row = len(var.shape) == 1 and jacobian_paths(work)[0].layout == "numerator"
    return Expr(TURNED, Expr(SHOWN_AS_ROW, symbol)) if row else symbol


def _other_inputs(work: TapeWork) -> list[Sym]:
    """The variables asked for besides, of a result that is a number."""
    main = {path.start for path in jacobian_paths(work)}
    return [] if work.tape.output.shape else [name for name in work.wrt if name not in main]


def _other_gradient(work: TapeWork, name: Sym, form: Expr) -> Iterator[Block]:
    """∂F/∂z for each definition z that uses W, then ∂F/∂W."""
    symbol = Expr(PARTIAL, work.tape.result, name)
    lines = reverse(work.tape).results_of_steps
    rows = []
    for step in work.tape.users.get(name, ()):
        if step.var != work.tape.output:
            carried = lines[step.var].primal or lines[step.var].local
            rows.append(Row(Chain(_column_of(work, step.var), _with_short_form(work, carried))))
    rows.append(Row(Chain(symbol, _with_short_form(work, form), boxed=True), space=space(name.shape)))
    if work.model is not None:
        rows.append(Row(with_number(work, symbol)))
    yield Equations(tuple(rows))


def _with_short_form(work: TapeWork, form: Expr) -> tuple[Expr, ...]:
    """A form, and a shorter one in the author's names if there is one."""
    shorter = way_to_short_form if work.tape.has_arrays else way_to_short_number
    return (form, *(step.form for step in shorter(work.tape, form)[-1:]))


def jacobian_paths(work: TapeWork) -> list[JacobianPath]:
    """The paths that the page follows: from each vector or number asked for that leads on alone."""
    if work.stages:
        return [JacobianPath(work, work.stages[0].argument)]
    names = [name for name in work.wrt if len(name.shape) < 2 and name in work.tape.users]
    vectors = [name for name in names if name.shape] or names
    return [JacobianPath(work, name) for name in (names if work.tape.output.shape else vectors[:1])]


@dataclass(frozen=True)
class JacobianPath:
    """The definitions on the path from one variable to the result, and their Jacobians."""

    work: TapeWork
    start: Sym

    @cached_property
    def steps(self) -> list[Step]:
        return path_to_result(self.work.tape, self.start)

    @cached_property
    def points(self) -> list[Sym]:
        """x, then the value of each definition."""
        return [self.start, *(step.var for step in self.steps)]

    @cached_property
    def jacobians(self) -> list[Jacobian]:
        return [jacobian(step, under) for step, under in zip(self.steps, self.points, strict=False)]

    @property
    def layout(self) -> str:
        return self.work.layout or "numerator"

    def functions(self, first: int, last: int) -> tuple[Sym, ...]:
        """The functions first … last, the one applied last in front; none if they have no names."""
        return tuple(stage.name for stage in self.work.stages[first : last + 1])[::-1]

    def stage_jacobian(self, number: int) -> Nabla:
        """The Jacobian of one stage."""
        return Nabla(
            self.points[number + 1],
            self.points[number],
            self.functions(number, number),
            layout=self.layout,
        )

    def at_values(self) -> list[Expr]:
        """The Jacobian of each stage at the value of the ones before: ∇f(x), ∇g(f(x)), …"""
        found: list[Expr] = [self.stage_jacobian(0)]
        for number in range(1, len(self.steps)):
            stage = self.stage_jacobian(number)
            at = Applied(self.points[number], self.start, self.functions(0, number - 1))
            placed = Nabla(stage.over, stage.under, stage.functions, layout=self.layout, at=at)
            found.append(placed if stage.functions else stage)
        return found

    def whole(self, first: int = 0) -> Nabla:
        """The Jacobian of the stages from `first` to the last."""
        last = len(self.steps) - 1
        return Nabla(self.points[-1], self.points[first], self.functions(first, last), True, self.layout)

    def product(self, factors: list[Expr], first: int = 0) -> Expr:
        """Factors from stage `first` to the last, given as they are applied, multiplied as the layout wants.

        Where a number is differentiated by a number, a row times a column is that number.
        """
        found = self._matrix_product(factors)
        return Expr(a.ONLY_ENTRY, found) if found.shape and self.is_of_numbers(first) else found

    def _matrix_product(self, factors: list[Expr]) -> Expr:
        ordered = factors[::-1] if self.layout == "numerator" else factors
        found = ordered[0]
        for factor in ordered[1:]:
            found = _times(found, factor)
        return found

    def is_of_numbers(self, first: int = 0) -> bool:
        """Whether the stages from `first` to the last lead from a number to a number."""
        return not self.points[first].shape and not self.points[-1].shape

    def laid_out(self, form: Expr) -> Expr:
        return in_layout(form, self.layout)

    @property
    def has_entries(self) -> bool:
        return all(found.entries is not None for found in self.jacobians)

    @property
    def can_be_written(self) -> bool:
        """Whether there is a form, in whole arrays or by entries, for at least one stage."""
        return any(found.structure is not None or found.entries is not None for found in self.jacobians)

    @property
    def is_explicit(self) -> bool:
        """Whether some stage is given by components, so that only entries can be written."""
        return any(found.structure is None for found in self.jacobians)
