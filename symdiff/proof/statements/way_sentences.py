"""Reasons of the rows that go on from a result to a shorter form: each holds, and is of its row."""

from __future__ import annotations

from symdiff.derivation.ways import MOST_STEPS, has_same_sums, is_about, is_collected, taken_out, transposes
from symdiff.document.blocks import Chain, Equations, Unseen
from symdiff.expr import operations as a
from symdiff.expr.conditions import INDICATOR, WHERE, negated
from symdiff.expr.leaves import ones
from symdiff.expr.notation import Op
from symdiff.expr.patterns import record_of
from symdiff.expr.tree import ADD, DIV, NEG, ONE, SUB, ZERO, Expr, Sym, postorder
from symdiff.proof.statements.places import Place, Sentences, refuse

WAYS = Sentences()
says = WAYS.says


def check_ways(block: Equations | Unseen) -> None:
    """Refuse a row that goes on from a row with another left side, or is one of too many.

    Raises:
        ProofError: it is.
    """
    before, steps = None, 0
    for row in map(record_of, block.rows):
        if row.goes_on:
            steps += 1
            reason = "" if row.reason is None else row.reason.key
            is_written = isinstance(block, Equations) and not row.beside
            if before != row.chain.left or not is_written or not reason.startswith("way."):
                refuse(f"a row of {row.chain.left}", "goes on from another row, or without a reason")
            if steps > MOST_STEPS:
                refuse(f"the way to {row.chain.left}", "is longer than a page shows")
        else:
            before, steps = row.chain.left, 0


def _members(place: Place) -> tuple[Expr, Expr]:
    """The form of the row that a reason is said of, and the one before it."""
    block, row = place.block, place.row
    assert row is not None
    place.require(row.goes_on and isinstance(block, Equations), "is said of a row that does not go on")
    assert isinstance(block, Equations)
    at = next(i for i, other in enumerate(block.rows) if other is row)
    place.require(at > 0, "is said of a row that does not go on")
    return row.chain.members[0], block.rows[at - 1].chain.members[-1]


def _require(place: Place, left: Expr, right: Expr) -> None:
    """Refuse a reason unless an equality holds.

    Raises:
        ProofError: it does not.
    """
    place.part.judge.check(Chain(left, (right,)))


def _require_names(place: Place, *parts: Expr) -> None:
    """The names in a fact occur in one of the two forms that it leads from and to."""
    place.require(any(is_about([part], *_members(place)) for part in parts), "is about other names")


@says("way.taken_out", role="reason")
def _taken_out(place: Place) -> None:
    form, _ = _members(place)
    place.require(taken_out(form) is not None, "is said of a form with nothing taken out")
    place.expect(what=taken_out(form))


@says("way.collected", "way.simplified", role="reason")
def _collected(place: Place) -> None:
    """The same names are left, in a form that is shorter, or of which the whole is one product."""
    form, before = _members(place)
    place.require(is_collected(form, before), "is said of the same form, or of a longer one")
    place.require(_cases_in(form) <= _cases_in(before), "is said of cases")
    cancelled = place.key == "way.simplified"
    place.require(has_same_sums(form, before) == cancelled, "is said of other sums")


def _cases_in(form: Expr) -> set[Expr]:
    """The conditions of the cases in a form."""
    return {node.args[0] for node in postorder(form) if node.op is WHERE}


@says("way.cases", role="reason")
def _cases(place: Place) -> None:
    """Cases have come in the place of indicators of theirs."""
    form, before = _members(place)
    asked = _cases_in(form)
    indicated = {node.args[0] for node in postorder(before) if node.op is INDICATOR}
    is_told = all(c in indicated or negated(c) in indicated for c in asked)
    place.require(bool(asked or indicated) and is_told and form != before, "is said of no cases")


@says("way.multiplied_out", role="reason")
def _multiplied_out(place: Place) -> None:
    """A product has become a sum."""
    form, before = _members(place)
    place.require(form.op in (ADD, SUB) and before.op not in (ADD, SUB), "is said of another form")


@says("way.one_denominator", role="reason")
def _one_denominator(place: Place) -> None:
    form, before = _members(place)
    place.require(_over_one(form) and not _over_one(before), "is said of another form")


def _over_one(form: Expr) -> bool:
    return (form.args[0] if form.op is NEG else form).op is DIV


@says("way.transposed", role="reason")
def _transposed(place: Place) -> None:
    form, before = _members(place)
    place.require(transposes(form) < transposes(before), "is said of a form with as many transposes")


@says("way.since", role="reason")
def _since(place: Place) -> None:
    """The facts are proved with the page; they say something, of names that are there."""
    place.require(place["facts"], "says nothing")
    for fact in place["facts"]:
        place.require(len(fact.members) == 1 and fact.left != fact.members[0], "says nothing")
        _require_names(place, fact.left, *fact.members)


MEANS: dict[str, Op] = {
    "way.mean_zero": a.MEAN,
    "way.mean_zero_columns": a.MEAN_DOWN,
    "way.mean_zero_rows": a.MEAN_ACROSS,
}


@says(*MEANS, role="reason")
def _mean_zero(place: Place) -> None:
    """The mean of `what` is 0, and `name` is the mean of `of`, which `what` is made of."""
    op = MEANS[place.key]
    what, name, of = place["what"], place["name"], place["of"]
    _members(place)
    place.require(isinstance(name, Sym) and {name, of} <= {*postorder(what)}, "is about another mean")
    mean = Expr(op, of)
    _require(place, Expr(a.COLUMN, mean) if mean.shape != name.shape else mean, name)
    zero = Expr(op, what)
    _require(place, zero, ZERO if not zero.shape else ZERO * ones(zero.shape))


TOTALS: dict[str, Op] = {"way.simplex": a.SUM, "way.simplex_rows": a.SUM_ACROSS}


@says(*TOTALS, role="reason")
def _simplex(place: Place) -> None:
    place.require(place["names"], "says nothing")
    for name in place["names"]:
        _require_names(place, name)
        total = Expr(TOTALS[place.key], name)
        _require(place, total, ones(total.shape) if total.shape else ONE)


@says("way.symmetric", role="reason")
def _symmetric(place: Place) -> None:
    place.require(place["names"], "says nothing")
    for name in place["names"]:
        _require_names(place, name)
        place.require(len(name.shape) == 2, "is said of no matrix")
        _require(place, name.T, name)
