"""For every t: the total derivative of the states by a weight, its recurrence, its closed form, the proof.

All of it comes from one generic cell (see `total`); nothing is known here of any particular one.

The closed form of a total derivative on the page: where it starts, the sum, its proof, what it says.

The form itself is found in `closed_sums`; this module decides what is said of it.

The closed form of a total derivative, ds_t/dU = Σ_k [Π_j A_j]·P_k, its factors written out or named.

Kinks in the cell of a recurrence: where a function has no derivative, and what is agreed there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from symdiff.algebra.ordered_products import Term, factors, product, sum_of_products
from symdiff.algebra.tidy import tidy
from symdiff.derivation.cell_forward import TotalDerivatives, TotalLine, partial_symbol
from symdiff.derivation.cell_forward import total_derivative as derivative
from symdiff.document.blocks import Block, Equations, Heading, Paragraph, Row, Text, Unseen, text
from symdiff.errors import NoFormError
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.explain.shared.kink_notes import on_entries
from symdiff.explain.shared.work import EQUAL
from symdiff.expr.leaves import eye, is_zero
from symdiff.expr.operations import GREATER, POSITIVE, THROUGH, is_array, vec
from symdiff.expr.timed import Series, Time, all_leaves
from symdiff.expr.tree import ONE, PARTIAL, Dim, Expr, Num, Sym, as_expr, count_operations, postorder, total
from symdiff.proof.kinks import Kink, agreed
from symdiff.rules.table import RULES
from symdiff.tape.tape import step_of


def every_time(work: CellWork, again: bool = False) -> Iterator[Block]:
    """The derivatives of the states by each weight asked for; `again` after the same in numbers."""
    found = [work.totals(theta) for theta in work.wrt]
    reaching = [totals for totals in found if totals.states]
    others = [totals for totals in found if not totals.states]
    if not reaching:
        if others:
            yield Heading(text("bptt.every", index=Dim(work.of.index), states=tuple(work.of.states)))
            yield from _not_reached(work, others)
        return
    if not again:
        yield Heading(text("bptt.every", index=Dim(work.of.index), states=tuple(work.of.states)))
        yield from _two_kinds(work, reaching[0])
    seen: set[Expr] = set()
    for number, totals in enumerate(reaching):
        if len(reaching) > 1:
            yield Heading(text("bptt.by_weight", by=totals.theta), level=2)
        try:
            yield from _by(work, totals, number == 0 and not again, seen)
        except NoFormError:
            yield Paragraph(text("bptt.no_form", by=totals.theta))
    if others:
        yield from _not_reached(work, others)
    if again:
        yield Paragraph(text("bptt.same_proof"))
    else:
        yield from vanishing(work, reaching[0])


def _not_reached(work: CellWork, others: Sequence[TotalDerivatives]) -> Iterator[Block]:
    """The weights that act on no state; the derivatives of what is made from the states and them."""
    names, states = tuple(totals.theta for totals in others), tuple(work.of.states)
    if not states:
        return
    yield Paragraph(text("bptt.not_reached", names=names, states=states))
    rows = [
        work.row(line.left, line.form, low=work.start, high=work.of.last)
        for totals in others
        for line in totals.outputs
    ]
    if rows and not work.of.after:
        yield Paragraph(text("bptt.outputs_alone", count=len(rows)))
        yield Equations(tuple(rows))


def _two_kinds(work: CellWork, totals: TotalDerivatives) -> Iterator[Block]:
    """d and ∂⁺ told apart."""
    name = totals.definitions[-1][0]
    first = next(
        (target for target, formula in totals.definitions if totals.operands(target, formula)[0][1]),
        name,
    )
    before = work.of.at(totals.states[-1], **{work.of.index: Time(work.of.index, -1)})
    yield Paragraph(
        text(
            "bptt.two",
            direct=partial_symbol(first, totals.theta, True),
            total=derivative(totals.states[-1], totals.theta),
            name=first,
            before=before,
            by=totals.theta,
            index=Dim(work.of.index),
        )
    )


def _by(work: CellWork, totals: TotalDerivatives, full: bool, seen: set[Expr]) -> Iterator[Block]:
    """One weight: the partials inside the cell, the lines of forward mode, the closed form."""
    is_first = not seen
    rows = tuple(row for line in totals.lines for row in _partials(work, line, seen))
    if rows:
        yield Paragraph(text("bptt.forward" if is_first else "bptt.more"))
        yield Equations(rows)
    closed = Closed(work, totals)
    if not is_first and _reads_alike(work, closed, seen):
        yield from _in_the_same_way(work, closed, seen)
        return
    yield from _forward(work, totals, is_first)
    if not totals.has_products:
        yield Paragraph(text("bptt.no_product"))
        return
    if totals.carriers:
        yield Paragraph(text("bptt.carried", names=totals.carriers, by=totals.theta))
        yield Equations(tuple(_before(work, totals)))
        return
    if len(totals.lines) > 1 and closed.is_explicit:
        yield Paragraph(text("bptt.combined" if is_first or work.full else "bptt.combined_again"))
        yield Equations((_recurrence(work, totals),))
    if totals.is_single or work.joined.shape:
        if not closed.is_explicit:
            yield from _named_factors(work, closed, seen)
        yield from closed_form(work, closed, full)
    if totals.outputs and not work.of.after:
        yield from _outputs(work, totals, is_first)


def _reads_alike(work: CellWork, closed: Closed, seen: set[Expr]) -> bool:
    """Whether the recurrence and the sum by this weight are those on the page, but for the weight's name."""
    if (
        work.full
        or closed.totals.carriers
        or not closed.totals.has_products
        or not (closed.totals.is_single or work.joined.shape)
    ):
        return False
    named = not closed.is_explicit and closed.symbol_factor in seen
    return named and closed.acts_at_once and closed.starts_at_zero


def _in_the_same_way(work: CellWork, closed: Closed, seen: set[Expr]) -> Iterator[Block]:
    """What is new through one application of the cell; the rest is proved and not repeated."""
    yield Unseen(tuple(_line(work, line) for line in closed.totals.lines))
    rows = tuple(_blocks(work, closed.totals, seen))
    if rows:
        yield Paragraph(text("bptt.cell_again"))
        yield Equations(rows)
    yield Paragraph(text("bptt.alike", by=closed.totals.theta))
    yield Unseen((step_row(work, closed), sum_row(work, closed), *start_rows(work, closed.totals)))
    if closed.totals.outputs and not work.of.after:
        yield Unseen(tuple(_line(work, line) for line in closed.totals.outputs))


def _forward(work: CellWork, totals: TotalDerivatives, is_first: bool) -> Iterator[Block]:
    """The lines of forward mode; for later weights where they are the result or all is asked for."""
    single = len(totals.lines) == 1
    rows = tuple(_line(work, line, boxed=single) for line in totals.lines)
    if not (is_first or single or work.full) and totals.has_products:
        yield Unseen(rows)
        return
    yield Paragraph(text("bptt.lines" if is_first else "bptt.lines_again", by=totals.theta))
    yield Equations(rows)


def _outputs(work: CellWork, totals: TotalDerivatives, is_first: bool) -> Iterator[Block]:
    """The other values of the cell; by a later weight they are the same but for its name."""
    rows = tuple(_line(work, line) for line in totals.outputs)
    if not (is_first or work.full):
        yield Unseen(rows)
        return
    yield Paragraph(text("bptt.outputs"))
    yield Equations(rows)


def _recurrence(work: CellWork, totals: TotalDerivatives) -> Row:
    """The lines put into one another."""
    left = derivative(totals.states[0], totals.theta)
    form = totals.step_form(totals.states[0])
    return work.row(left, form, low=work.start, high=work.of.last, boxed=True)


def _partials(work: CellWork, line: TotalLine, seen: set[Expr]) -> Iterator[Row]:
    """The derivatives inside one definition that are not on the page yet."""
    for symbol, form in line.partials:
        if symbol not in seen:
            seen.add(symbol)
            yield work.row(symbol, form, low=work.start, high=work.of.last)


def _line(work: CellWork, line: TotalLine, boxed: bool = False) -> Row:
    return work.row(line.left, line.chain, line.form, low=work.start, high=work.of.last, boxed=boxed)


def _named_factors(work: CellWork, closed: Closed, seen: set[Expr]) -> Iterator[Block]:
    """What one application of the cell does: each block of A and P."""
    of = work.of
    known = closed.symbol_factor in seen
    rows = tuple(_blocks(work, closed.totals, seen))
    if known:
        yield Paragraph(text("bptt.cell_again" if rows else "bptt.combined"))
    elif closed.totals.is_single:
        yield Paragraph(text("bptt.cell", state=closed.state, factor=closed.symbol_factor))
    else:
        names = tuple(work.named(of.stems[stem], Time(of.index, -back)) for stem, back in work.pieces)
        yield Paragraph(text("bptt.joined", state=closed.state, names=names, factor=closed.symbol_factor))
    seen.add(closed.symbol_factor)
    if rows:
        yield Equations(rows)
        is_longer = any(back for _, back in work.pieces)
        yield Paragraph(text("bptt.joined_longer" if is_longer and not known else "bptt.joined_step"))
    yield Equations((step_row(work, closed),))


def _blocks(work: CellWork, totals: TotalDerivatives, seen: set[Expr]) -> Iterator[Row]:
    """The derivatives through one application of the cell that are not on the page yet."""
    for state in totals.states:
        ways = {totals.theta: totals.immediate(state), **totals.carried(state)}
        for source, terms in ways.items():
            symbol = Expr(THROUGH, vec(state), vec(source))
            if terms and symbol not in seen:
                seen.add(symbol)
                yield work.row(symbol, sum_of_products(terms), low=work.start, high=work.of.last)


def _before(work: CellWork, totals: TotalDerivatives) -> Iterator[Row]:
    """The derivatives of all values before the first time that the weight acts on or the cell carries on."""
    stems = {*map(work.of.stem, totals.states), *(stem.name for stem in totals.carriers)}
    for name in work.of.initial:
        time = work.of.time(name)
        if time is not None and work.of.stem(name) in stems:
            back = work.of.first - time.offset
            yield work.row(derivative(name, totals.theta), totals.initial(name, back))


def step_row(work: CellWork, closed: Closed) -> Row:
    """ds_t/dU = P_t + A_t·ds_{t−1}/dU."""
    now = work.of.now
    form = closed.next(now, closed.derivative(now.plus(-1)))
    return work.row(closed.derivative(now), form, low=work.start, high=work.of.last, boxed=True)


def sum_row(work: CellWork, closed: Closed) -> Row:
    """ds_t/dU = Σ_k [Π_j A_j]·P_k."""
    now = work.of.now
    form = closed.form(now, now)
    return work.row(closed.derivative(now), form, low=work.start, high=work.of.last, boxed=True)


def start_rows(work: CellWork, totals: TotalDerivatives) -> Iterator[Row]:
    """The derivatives before the first time, as far back as the cell looks."""
    for state in totals.states:
        for back in (back + 1 for stem, back in work.pieces if stem == work.of.stem(state)):
            before = work.named(state, work.of.first - back)
            yield work.row(derivative(before, totals.theta), totals.initial(state, back))


def closed_form(work: CellWork, closed: Closed, full: bool) -> Iterator[Block]:
    """The sum of ordered products, and for the first weight the proof by induction."""
    of, start = work.of, work.start
    now, before = of.now, of.now.plus(-1)
    left = closed.derivative(now)
    form = closed.form(now, now)
    starts = tuple(start_rows(work, closed.totals))
    values = work.sentence_of(starts)
    kind = "closed" if closed.acts_at_once else "closed_product"
    if values:
        yield Paragraph(text(f"bptt.start_{kind}", values=values))
    else:
        yield Paragraph(text("bptt.start"))
        yield Equations(starts)
        yield Paragraph(text(f"bptt.{kind}"))
    yield Equations((sum_row(work, closed),))
    if not full or of.last == start:
        return
    factor = closed.factor(now)
    one = eye(factor.shape[0]) if factor.shape else ONE
    if closed.has_product:
        yield Paragraph(text("bptt.empty_product", one=one, index=Dim(of.index)))
    yield Heading(text("bptt.induction"), level=2)
    base = "bptt.base" if closed.has_product else "bptt.base_power"
    yield Paragraph(text(base, index=Dim(of.index), first=start.as_expr()))
    first = product(closed.immediate(start)) if closed.starts_at_zero else closed.next(start, closed.before)
    yield Equations((work.row(closed.derivative(start), first, closed.form(start, start)),))
    yield Paragraph(text("bptt.step", before=before.as_expr(), index=Dim(of.index)))
    own = [product(closed.immediate(now))] if closed.acts_at_once else []
    members = (
        *([closed.totals.step_form(closed.state)] if closed.is_explicit else []),
        closed.next(now, closed.derivative(before)),
        closed.next(now, closed.form(before, before)),
        total([*own, *closed.terms(before, now)]),
        form,
    )
    yield Equations((work.row(left, *members, low=start.plus(1), high=of.last),))
    yield Paragraph(text("bptt.step_end", index=Dim(of.index)))


def vanishing(work: CellWork, totals: TotalDerivatives) -> Iterator[Block]:
    """What the product of factors says of distant times."""
    try:
        if not _is_carried(work, totals):
            return
        k, j = work.letters
        closed = Closed(work, totals)
        factor = closed.factor(Time(j))
    except NoFormError:
        return
    yield Heading(text("bptt.vanishing"), level=2)
    index = Dim(work.of.index)
    key = "bptt.remark" if factor.shape or closed.state.shape else "bptt.remark_numbers"
    yield Paragraph(text(key, k=Dim(k), index=index, count=index - Dim(k), factor=factor))


def _is_carried(work: CellWork, totals: TotalDerivatives) -> bool:
    """Whether factors carry the derivative over more than one time, as a product that is on the page."""
    written = totals.has_products and not totals.carriers and (totals.is_single or work.joined.shape)
    return bool(written) and work.of.last != work.start


EXPLICIT = 11
"""Operations up to which factors of a closed form are written out rather than named."""


@dataclass(frozen=True)
class Closed:
    """ds_t/dU = Σ_k [Π_j A_j]·P_k for one weight: the factors at any time, by formulas or under a name."""

    work: CellWork
    totals: TotalDerivatives

    @cached_property
    def is_explicit(self) -> bool:
        """Whether the factors are short enough to be written where they stand, by all weights alike."""
        if not self.totals.is_single:
            return False
        others = [self.work.totals(theta) for theta in self.work.wrt if theta != self.totals.theta]
        alike = [other for other in others if other.states and other.is_single and other.has_products]
        return all(_length(totals) <= EXPLICIT for totals in (self.totals, *alike))

    @property
    def acts_at_once(self) -> bool:
        """Whether the weight acts within the cell, and not on the values before the first time only."""
        return any(self.totals.immediate(state) for state in self.totals.states)

    def _ways(self, state: Sym) -> list[Expr]:
        return [sum_of_products(terms) for terms in self.totals.carried(state).values()]

    @cached_property
    def state(self) -> Sym:
        """The name at time t of what the form is for: the state, or all states under one name."""
        if self.totals.is_single:
            return self.totals.states[0]
        return Sym(f"{self.work.joined.name}@{self.work.of.index}", shape=self.work.joined.shape)

    def at(self, node: Expr, time: Time) -> Expr:
        return self.work.of.at(node, **{self.work.of.index: time})

    def derivative(self, time: Time) -> Expr:
        """ds/dU at a time."""
        state = self.at(self.state, time)
        assert isinstance(state, Sym)
        return derivative(state, self.totals.theta)

    def immediate(self, time: Time) -> Term:
        """P at a time."""
        if self.is_explicit:
            terms = self.totals.immediate(self.state)
            return (
                tuple(self.at(f, time) for f in factors(sum_of_products(terms)))
                if len(terms) > 1
                else tuple(self.at(f, time) for f in terms[0])
            )
        return (self.at(self.symbol_immediate, time),)

    def factor(self, time: Time) -> Expr:
        """A at a time."""
        if self.is_explicit:
            (way,) = self._ways(self.state)
            return self.at(way, time)
        return self.at(self.symbol_factor, time)

    @property
    def symbol_immediate(self) -> Expr:
        return Expr(THROUGH, vec(self.state), vec(self.totals.theta))

    @property
    def symbol_factor(self) -> Expr:
        before = self.at(self.state, Time(self.work.of.index, -1))
        return Expr(THROUGH, vec(self.state), vec(before))

    @cached_property
    def starts_at_zero(self) -> bool:
        """Whether the derivative is zero at every time before the first that the cell looks back to."""
        dependent = {self.totals.of.stem(state): state for state in self.totals.states}
        pieces = [(dependent[stem], back + 1) for stem, back in self.work.pieces if stem in dependent]
        return all(is_zero(self.totals.initial(state, back)) for state, back in pieces)

    def sum(self, until: Time, ahead: Time) -> Expr:
        """Σ_k [Π_{j=k+1}^{ahead} A_j]·P_k for k up to `until`."""
        k, j = self.work.letters
        return Series("sum", k, self.work.start, until, self._carried(Time(k), ahead, j))

    def _carried(self, since: Time, ahead: Time, letter: str) -> Expr:
        return product((self._many(since.plus(1), ahead, letter), *self.immediate(since)))

    def _many(self, low: Time, high: Time, letter: str) -> Expr:
        """The product of the factors from one time to another: a power where they are all the same number."""
        factor = self.factor(Time(letter))
        if self._changes(factor, letter):
            return Series("product", letter, low, high, factor)
        return tidy(factor ** tidy(high.as_expr() - low.plus(-1).as_expr()))

    def from_start(self, ahead: Time) -> Expr | None:
        """What the values before the first time add."""
        if self.starts_at_zero:
            return None
        many = self._many(self.work.start, ahead, self.work.letters[1])
        return product((many, self.before))

    @property
    def before(self) -> Expr:
        """The derivative before the first time: its value where there is one state."""
        if self.totals.is_single:
            return self.totals.initial(self.totals.states[0])
        return self.derivative(self.work.start.plus(-1))

    @property
    def has_product(self) -> bool:
        """Whether the closed form has a product that cannot be written as a power."""
        letter = self.work.letters[1]
        return self._changes(self.factor(Time(letter)), letter)

    def _changes(self, factor: Expr, letter: str) -> bool:
        """Whether a factor is no number, or another one at each time."""
        return bool(factor.shape or self.work.of.times_in(factor)) or Dim(letter) in all_leaves(factor)

    def form(self, until: Time, ahead: Time) -> Expr:
        """The closed form with factors up to `ahead`, its terms up to `until`."""
        return total(self.terms(until, ahead))

    def terms(self, until: Time, ahead: Time) -> list[Expr]:
        """What the times up to `until` add, and what the values before the first time add."""
        found = [self.sum(until, ahead)] if self.acts_at_once else []
        more = self.from_start(ahead)
        return found if more is None else [*found, more]

    def next(self, time: Time, before: Expr) -> Expr:
        """P + A·before at a time: one step of the recurrence."""
        own = [product(self.immediate(time))] if self.acts_at_once else []
        return total([*own, product((self.factor(time), before))])


def _length(totals: TotalDerivatives) -> int:
    """The operations of P and A for the only state; none where they have no notation."""
    with suppress(NoFormError):
        state = totals.states[0]
        ways = [sum_of_products(terms) for terms in totals.carried(state).values()]
        return sum(map(count_operations, [*map(product, totals.immediate(state)), *ways]))
    return 0


def time_kinks(work: CellWork) -> Iterator[Text]:
    """A sentence for each kind of kink, and for each jump that a derivative of one may hold."""
    found = {kink.function: kink for kink in _kinks(work)}
    for kink in found.values():
        conventions = tuple(Expr(EQUAL, Expr(PARTIAL, kink.function, u), value) for u, value in agreed(kink))
        place = Expr(EQUAL, kink.left, kink.right)
        yield text("bptt.kink", function=kink.function, place=place, conventions=conventions)
    jumps = {node.op for kink in found.values() for _, slope in kink.partials() for node in postorder(slope)}
    u, v = Sym("u"), Sym("v")
    if POSITIVE in jumps:
        yield text("kink.positive", u=u, indicator=Expr(POSITIVE, u))
    if GREATER in jumps:
        yield text("kink.greater", u=u, v=v, indicator=Expr(GREATER, u, v), half=Num(1) / Num(2))


def _kinks(work: CellWork) -> Iterator[Kink]:
    """The kinks of functions of numbers in the cell and after it, each on letters."""
    for name, formula in (*work.of.cell, *work.of.after):
        bodies = [n.body for n in postorder(formula) if isinstance(n, Series)]
        for node in (n for part in (formula, *bodies) for n in postorder(part)):
            rule = RULES.get(node.op.name)
            if rule is not None and rule.kink is not None and not is_array(node.op):
                left, right = rule.kink(*node.args)
                if left != right:
                    yield on_entries(Kink(step_of(name, formula), node, as_expr(left), as_expr(right)))
