"""Sentences of pages on the author's own definitions: Jacobians as a product, the chain rule with its δ's."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from symdiff.document.blocks import Chain, Heading, Paragraph, Row, Unseen
from symdiff.expr.leaves import Alias, Applied, Nabla
from symdiff.expr.operations import DIRECT, IMMEDIATE, PARTIAL_ROW, STACK, TURNED
from symdiff.expr.shapes import Size, is_number
from symdiff.expr.tree import MUL, PARTIAL, SUB, TRANSPOSE, Expr, Num, Sym, postorder
from symdiff.proof.statements.places import (
    LAID_OUT,
    Place,
    Sentences,
    is_result_by_other_ways,
    leads_to,
    patterns_of,
    subject_of,
)
from symdiff.proof.statements.spaces import expect_names

DEFINITIONS = Sentences()
says = DEFINITIONS.says


def _jacobians(place: Place) -> list[Nabla]:
    """The Jacobians on the left sides of the page, in order."""
    return [left for left in place.part.lefts if isinstance(left, Nabla)]


def _stages(place: Place) -> list[Nabla]:
    """The Jacobian of each stage, from the first function applied to the last."""
    return list(dict.fromkeys(left for left in _jacobians(place) if not left.whole))


@says("jacobian.define", "jacobian.composition")
def _function(place: Place) -> None:
    """The result as a composition of the functions that the page has, with its definitions next."""
    tape, whole = place.part.tape, place["whole"]
    assert tape is not None
    functions = getattr(whole, "functions", ())
    result = whole.over if isinstance(whole, Applied) else whole
    place.require(result == tape.output, f"is about {whole}")
    # A single stage is its own product, whose Jacobian is that of the stage.
    jacobians = [*_jacobians(place), *(_asked_alone(place) if place.part.is_exercise_alone else [])]
    known = {n.functions for n in jacobians if n.over == result}
    place.require(not functions or functions in known, f"is about {whole}")
    place.require((place.key == "jacobian.composition") == (len(functions) > 1), "miscounts the functions")
    expect_names(place, "inputs", place.part.inputs)
    place.require(
        [subject_of(row) for row in place.next_rows] == tape.order[len(tape.inputs) :], "has others"
    )


@says("jacobian.layout_numerator", "jacobian.layout_denominator", role="part")
def _layout(place: Place) -> None:
    jacobians = _asked_alone(place) if place.part.is_exercise_alone else _jacobians(place)
    layouts = {left.layout for left in jacobians}
    place.require(layouts == {place.key.removeprefix("jacobian.layout_")}, "is of the other layout")
    i, j = place.part.letters.several("index", 2)
    place.expect(i=Sym(i), j=Sym(j))


def _asked_alone(place: Place) -> list[Nabla]:
    """The Jacobians that the exercise asks for."""
    blocks = [block for block in place.part.blocks if isinstance(block, Paragraph)]
    finds = [block.text.params for block in blocks if block.text.key in FIND]
    asked = [one for params in finds for one in (params["whole"], *params["others"])]
    return [one for one in asked if isinstance(one, Nabla)]


def _find_alone(place: Place) -> None:
    """Each derivative asked for is one of the result by a variable asked for, and by another one."""
    part, tape = place.part, place.part.tape
    assert tape is not None
    asked = [place["whole"], *place["others"]]
    for one in asked:
        right = one.whole and one.over == tape.output if isinstance(one, Nabla) else part.is_result(one)
        place.require(right, f"asks for {one}")
    by = [one.under if isinstance(one, Nabla) else one.args[1] for one in asked]
    place.require(set(by) <= {*part.wrt, *part.inputs} and len(set(by)) == len(by), "asks for others")
    place.require((place.key == "jacobian.find_others") == (len(asked) > 1), "miscounts what is asked")
    place.require(place.next_key in ("", "statement.at", "statement.at_list"), "is not how the exercise ends")


FIND = ("jacobian.find", "jacobian.find_others")


@says(*FIND)
def _find(place: Place) -> None:
    """The Jacobians that the page ends with, and the derivatives by the other variables asked for."""
    part, tape = place.part, place.part.tape
    assert tape is not None
    if part.is_exercise_alone:
        _find_alone(place)
        return
    asked = [place["whole"], *(other for other in place["others"] if isinstance(other, Nabla))]
    every = _jacobians(place)
    # A single stage may be its own product, which is not written again.
    ends = {(n.over, n.under) for n in every if n.over == tape.output and n.under in part.inputs}
    for one in asked:
        place.require(isinstance(one, Nabla) and one.whole, f"asks for {one}")
        written = [n for n in every if n.whole and (n.over, n.under) == (one.over, one.under)]
        place.require(not written or one in written, f"asks for {one}")
    place.require({(one.over, one.under) for one in asked} == ends, "asks for other Jacobians")
    place.require(len(asked) == len(ends), "asks for a Jacobian twice")
    others = [
        row.chain.left
        for number, block in enumerate(part.blocks)
        if _heading_before(place, number) == "jacobian.others"
        for row in patterns_of(block)
        if not row.chain.at_point and part.is_result(row.chain.left)
    ]
    gradients = [other for other in place["others"] if not isinstance(other, Nabla)]
    place.require([o.args for o in gradients] == [o.args for o in others], "asks for other derivatives")
    place.require(all(part.is_result(other) for other in gradients), "asks for other derivatives")
    several = len(asked) + len(others) > 1
    place.require((place.key == "jacobian.find_others") == several, "miscounts what is asked")


def _heading_before(place: Place, number: int) -> str:
    before = reversed(place.part.blocks[:number])
    return next((block.text.key for block in before if isinstance(block, Heading)), "")


@says("jacobian.values")
def _values(place: Place) -> None:
    tape = place.part.tape
    assert tape is not None
    place.require([subject_of(r) for r in place.next_rows] == [s.var for s in tape.steps], "has others")
    place.require(all(row.chain.at_point for row in place.next_rows), "is before no numbers")


@says("jacobian.stages", role="heading")
def _stage_heading(place: Place) -> None:
    lefts = [
        row.chain.left
        for _, block in place.section
        for row in patterns_of(block)
        if not isinstance(block, Unseen)
    ]
    stages = all(isinstance(left, Nabla) and not left.whole for left in lefts)
    place.require(stages and (lefts or place.next_key == "jacobian.too_large"), "is before no stages")
    tape = place.part.tape
    assert tape is not None
    ends = {(left.under, left.over) for left in lefts if isinstance(left, Nabla)}
    direct = {(name, tape.output) for name in place.part.inputs}
    place.require(not ends or not ends <= direct, "is before whole Jacobians")


@says("jacobian.only", "jacobian.several", role="heading")
def _only_heading(place: Place) -> None:
    """One stage only, from a variable, or from each of several, to the result."""
    tape = place.part.tape
    assert tape is not None
    lefts = [r.chain.left for _, b in place.section for r in patterns_of(b) if not isinstance(b, Unseen)]
    ends = {(left.under, left.over) if isinstance(left, Nabla) else None for left in lefts}
    place.require((len(ends) == 1) == (place.key == "jacobian.only"), "counts the Jacobians wrongly")
    direct = {(name, tape.output) for name in place.part.inputs}
    place.require(ends and ends <= direct, "is before another Jacobian")


@says("jacobian.chain", role="heading")
def _chain_heading(place: Place) -> None:
    lefts = [
        row.chain.left
        for _, block in place.section
        for row in patterns_of(block)
        if not isinstance(block, Unseen)
    ]
    whole = all(isinstance(left, Nabla) and left.whole for left in lefts)
    place.require(whole and (lefts or place.next_key == "jacobian.too_large"), "is before no product")


def _is_whole(left: Expr) -> bool:
    return isinstance(left, Nabla) and left.whole


@says("jacobian.rule_numerator", "jacobian.rule_denominator")
def _product_rule(place: Place) -> None:
    """The whole Jacobian as the product of those of the stages comes next."""
    layouts = {left.layout for left in _jacobians(place)}
    place.require(layouts == {place.key.removeprefix("jacobian.rule_")}, "is of the other layout")
    place.require(len(place.next_lefts) == 1 and _is_whole(place.next_lefts[0]), "is before no product")
    factors = [n for m in place.next_rows[0].chain.members for n in postorder(m) if isinstance(n, Nabla)]
    place.require(factors and not any(factor.whole for factor in factors), "is before another formula")


@says("jacobian.from_the_left")
def _from_the_left(place: Place) -> None:
    """One stage more in each line: the Jacobians by later values first."""
    tape = place.part.tape
    assert tape is not None
    order = tape.order
    unders = [order.index(left.under) for left in place.next_lefts if isinstance(left, Nabla) and left.whole]
    place.require(unders and len(unders) == len(place.next_lefts), "is before other lines")
    place.require(unders == sorted(unders, reverse=True), "is before lines in another order")


@says("jacobian.entries")
def _entries(place: Place) -> None:
    """The whole Jacobian with its entries comes next."""
    place.require(len(place.next_lefts) == 1 and _is_whole(place.next_lefts[0]), "is before no product")
    chain = place.next_rows[0].chain
    written = (
        chain.members[-1:] if chain.left.shape else chain.members
    )  # a number is one, whatever its factors
    with_entries = any(node.op is STACK for member in written for node in postorder(member))
    place.require(with_entries, "has no entries")


@says("jacobian.too_large")
def _too_large(place: Place) -> None:
    tape = place.part.tape
    assert tape is not None
    sizes = [size for var in tape.order for size in var.shape]
    place.require(any(not isinstance(size, int) for size in sizes), "is said of small sizes")


@says("jacobian.order", role="heading")
def _order(place: Place) -> None:
    keys = ("jacobian.order_left", "jacobian.order_right", "jacobian.order_equal", "jacobian.order_row")
    place.require(place.next_key in (*keys, "jacobian.order_general"), "is before something else")


@says("jacobian.order_left", "jacobian.order_right", "jacobian.order_equal")
def _multiplications(place: Place) -> None:
    """From either end, one matrix more at a time: rows × columns × columns of the next."""
    sizes = _sizes(place)
    place.require(all(map(is_number, sizes)), "counts where sizes are no numbers")
    first, *_, last = numbers = [int(size) for size in sizes]
    left = sum(last * a * b for a, b in pairwise(numbers[:-1]))
    right = sum(first * a * b for a, b in pairwise(numbers[1:]))
    place.expect(left=Num(left), right=Num(right))
    order = {"jacobian.order_left": left < right, "jacobian.order_right": right < left}
    place.require(order.get(place.key, left == right), "compares the ends wrongly")


def _sizes(place: Place) -> list[Size]:
    """How long x and the value of each stage are, along the path of this section."""
    whole = next(left for left in reversed(_lefts_before(place)) if left.whole)
    tape = place.part.tape
    assert tape is not None
    sizes: list[Size] = [whole.under.shape[0] if whole.under.shape else 1]
    at = whole.under
    while at != tape.output:
        (step,) = (user for user in tape.users[at] if user.var in tape.leading_to_result)
        at = step.var
        sizes.append(at.shape[0] if at.shape else 1)
    return sizes


def _lefts_before(place: Place) -> list[Nabla]:
    rows = [row for block in place.part.blocks[: place.number] for row in patterns_of(block)]
    return [row.chain.left for row in rows if isinstance(row.chain.left, Nabla)]


@says("jacobian.order_row")
def _one_row(place: Place) -> None:
    tape = place.part.tape
    assert tape is not None
    place.require(not tape.output.shape, "is said of an array")


@says("jacobian.order_general")
def _general_order(place: Place) -> None:
    place.require(place.heading == "jacobian.order", "stands elsewhere")


@says("jacobian.others", role="heading")
def _other_heading(place: Place) -> None:
    place.require(place.next_key == "jacobian.others_intro", "is before something else")


@says("jacobian.others_intro", "chain.backward_intro")
def _about_result(place: Place) -> None:
    tape = place.part.tape
    assert tape is not None
    place.expect(result=tape.result)
    heading = {"jacobian.others_intro": "jacobian.others", "chain.backward_intro": "chain.backward"}
    place.require(place.heading == heading[place.key], "stands elsewhere")


@says("chain.find", "chain.find_update")
def _find_by_chain(place: Place) -> None:
    """What is asked, and the learning rate with which the variables are moved."""
    part, tape = place.part, place.part.tape
    assert tape is not None
    place.expect(result=tape.result)
    if isinstance(place["wanted"], tuple):
        place.expect(wanted=part.wrt)
    moved = [block for block in part.blocks if _is_heading(block, "chain.update")]
    if place.key == "chain.find":
        place.require(not moved, "leaves out the update")
    elif moved:
        place.expect(rate=_rate_of_rows(place, _rows_after(place, "chain.update")))
    elif part.is_exercise_alone:
        place.expect(rate=Num(part.judge.rate))
    else:
        place.require(part.at is None, "promises an update")


def _is_heading(block: object, key: str) -> bool:
    return isinstance(block, Heading) and block.text.key == key


@says("chain.variables", role="part")
def _variables(place: Place) -> None:
    place.expect(count=len(place.part.wrt))


@says("chain.maps", role="part")
def _maps(place: Place) -> None:
    place.require(place.part.tape is not None and place.part.tape.has_arrays, "is said of numbers")


def _rows_after(place: Place, key: str) -> list[Row]:
    """The rows under a heading."""
    number = next(n for n, block in enumerate(place.part.blocks) if _is_heading(block, key))
    found: list[Row] = []
    for block in place.part.blocks[number + 1 :]:
        if isinstance(block, Heading):
            break
        found += patterns_of(block)
    return found


def _rate_of_rows(place: Place, rows: list[Row]) -> Num:
    """η in every w⁺ = w − η·∂L/∂w, which is proved."""
    rates = {_rate(place, row.chain) for row in rows}
    place.require(len(rates) == 1, "is before no update, or before several")
    return Num(rates.pop())


def _rate(place: Place, chain: Chain) -> Fraction:
    moved = chain.members[0]
    place.require(moved.op is SUB and moved.args[0] in place.part.wrt, "is before another formula")
    step = moved.args[1]
    rate, slope = step.args if step.op is MUL else (Num(1), step)
    gradient = _bare(_unturned(slope))
    place.require(place.part.is_result(gradient, (moved.args[0],)), f"takes away {slope}")  # type: ignore[arg-type]
    place.require(slope.shape == moved.args[0].shape, f"takes away {slope}")
    place.require(isinstance(rate, Num), f"takes away {slope}")
    assert isinstance(rate, Num)
    return Fraction(rate.value)


NEXT = {
    "chain.forward": ("chain.forward_intro",),
    "chain.backward": ("chain.backward_intro",),
    "chain.update": ("chain.update_one", "chain.update_intro"),
    "chain.second": ("chain.second_intro",),
    "chain.conclusion": ("chain.fell", "chain.rose"),
}


@says(*NEXT, role="heading")
def _chain_part(place: Place) -> None:
    place.require(place.next_key in NEXT[place.key], "is before something else")


@says("chain.direct", role="part")
def _two_kinds(place: Place) -> None:
    """∂⁺ inside a definition from whose operand another way leads to it, beside the whole derivative."""
    tape, name, by = place.part.tape, place["name"], place["by"]
    assert tape is not None
    inside, whole = (_bare(place[key]) for key in ("direct", "whole"))
    step = tape.step_of.get(name)
    place.require(inside.op is DIRECT and inside.args == (name, by), f"is about {inside}")
    place.require(step is not None and by in step.operands, f"{by} does not stand in {name}")
    place.require(is_result_by_other_ways(tape, name, by), f"{by} acts in no other way")
    place.require(whole.args == (tape.result, by), f"is about {whole}")


def _unturned(node: Expr) -> Expr:
    """What a derivative by an array is the transpose of."""
    return node.args[0] if node.op in (TURNED, TRANSPOSE) else node


def _bare(node: Expr) -> Expr:
    """A derivative without what says how it is laid out."""
    while node.op in LAID_OUT:
        node = node.args[0]
    return Expr(PARTIAL, *node.args) if node.op is PARTIAL_ROW else node


@says("chain.forward_intro")
def _forward(place: Place) -> None:
    """The values of all definitions in order, with numbers."""
    tape = place.part.tape
    assert tape is not None
    said = [name for left in place.next_lefts for name in _names_on_left(left)]
    place.require(said == [step.var for step in tape.steps], "is not before the values")
    place.require(all(row.chain.at_point for row in place.next_rows), "is before no numbers")


def _names_on_left(left: Expr) -> Iterator[Sym]:
    """A name, or the names of a vector of them."""
    if isinstance(left, Sym):
        yield left
    for arg in left.args:
        yield from _names_on_left(arg)


@says("chain.partials", role="heading")
def _inner_partials(place: Place) -> None:
    lefts = [left for row in place.next_rows for left in (row.chain.left, *(c.left for c in row.beside))]
    place.require(lefts and all(left.op in (IMMEDIATE, DIRECT) for left in lefts), "is before other formulas")


@says("chain.delta_first", "chain.delta", "chain.delta_first_turned", "chain.delta_turned")
def _delta(place: Place) -> None:
    """δ is the derivative of the result by this name, or its transpose; it comes next.

    The first δ comes without an earlier one.
    """
    tape = place.part.tape
    assert tape is not None
    left = place.next_lefts[0] if place.next_lefts else None
    place.require(isinstance(left, Alias), "is before no such derivative")
    assert isinstance(left, Alias)
    place.expect(delta=left.name)
    turned = left.meaning.op in (TURNED, TRANSPOSE)
    meaning = _bare(_unturned(left.meaning))
    place.require(meaning == Expr(PARTIAL, tape.result, place["by"]), f"is not by {place['by']}")
    place.require(place.key.endswith("_turned") == turned, "mistakes a derivative for its transpose")
    members = place.next_rows[0].chain.members
    earlier = any(isinstance(node, Alias) for member in members for node in postorder(member))
    first = place.key.removesuffix("_turned") == "chain.delta_first"
    place.require(first != earlier, "miscounts what came before")


@says("chain.deltas")
def _deltas(place: Place) -> None:
    """A δ for each definition that the lines below go through, from the last one back; this is the first."""
    tape = place.part.tape
    assert tape is not None
    found = [left for left in place.next_lefts if isinstance(left, Alias)]
    by = [left.meaning.args[1] for left in found if _bare(left.meaning).args[:1] == (tape.result,)]
    place.require(len(found) > 1 and len(by) == len(found), "is before other derivatives")
    asked = place.part.asked_about & tape.leading_to_result
    back = [step.var for step in reversed(tape.steps) if step.var in asked and step.var != tape.output]
    place.require(by == back, "leaves out a definition, or takes another order")
    place.expect(delta=found[0].name, by=by[0], result=tape.result)


@says("chain.without_effect")
def _without_effect(place: Place) -> None:
    """No way leads from these names to the result; their derivatives come next."""
    tape = place.part.tape
    assert tape is not None
    names = tuple(name for name in place.part.wrt if not leads_to(tape, name, tape.output))
    place.expect(result=tape.result, names=names)
    known = [(name,) for name in names]
    asked = [left.args[1:] for left in place.next_lefts if place.part.is_result(left)]
    place.require(names and asked == known and len(asked) == len(place.next_lefts), "is before other rows")


@says("chain.update_one", "chain.update_intro")
def _update(place: Place) -> None:
    """Every variable asked for is moved against its derivative by this rate."""
    rate = _rate_of_rows(place, list(place.next_rows))
    place.expect(rate=rate)
    place.require((place.key == "chain.update_one") == (rate.value == 1), "says another rate")
    moved = [row.chain.members[0].args[0] for row in place.next_rows]
    place.require(moved == list(place.part.wrt), "is before other variables")
    news = [left.name.name for left in place.next_lefts if isinstance(left, Alias)]
    place.require(news == [str(name) for name in moved], "is before other names")


@says("chain.second_intro")
def _second(place: Place) -> None:
    """The new value of every definition in order."""
    tape = place.part.tape
    assert tape is not None
    news = [left.name.name for left in place.next_lefts if isinstance(left, Alias) and left.name.label == "+"]
    place.require(news == [step.var.name for step in tape.steps], "is before other values")
    place.require(all(row.chain.at_point for row in place.next_rows), "is before no numbers")


@says("chain.fell", "chain.rose")
def _conclusion(place: Place) -> None:
    """The result before and after, and which is smaller, as far as the numbers shown tell it."""
    tape, before, after = place.part.tape, place["before"], place["after"]
    assert tape is not None
    place.expect(result=tape.result)
    place.require(before.left == tape.result and before.at_point, "takes another value for the one before")
    new = after.left
    is_new = isinstance(new, Alias) and (new.name.name, new.name.label) == (tape.result.name, "+")
    place.require(is_new and after.at_point, "takes another value for the one after")
    one, other = before.members[-1].value, after.members[-1].value
    place.require(one == other or (place.key == "chain.fell") == (other < one), "says the opposite")
