"""Sentences of the page of sweeps: statement, steps, rules, passes, results, counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from symdiff.derivation.derivation import bar, dot
from symdiff.document.blocks import Chain, Equations, Formula, Heading, Paragraph, Row, Table, Text, Unseen
from symdiff.expr.leaves import is_zero
from symdiff.expr.operations import MAPPED, MAPPED_BACK, inner, simplex_names_summed
from symdiff.expr.patterns import record_of
from symdiff.expr.timed import Time, at_time
from symdiff.expr.tree import ADD, PARTIAL, TOTAL, Expr, Num, Sym, leaves, symbols
from symdiff.proof.statements.places import (
    ROW_PARTIAL,
    Part,
    Place,
    Sentences,
    name_in,
    patterns_of,
    said,
    subject_of,
)
from symdiff.proof.statements.spaces import expect_names
from symdiff.tape.entries import adding_up

SWEEPS = Sentences()
says = SWEEPS.says


@says("statement.heading", role="heading")
def _statement(place: Place) -> None:
    """It stands first, and the function comes next."""
    place.require(place.number == 0, "is not where the page begins")
    place.require(
        place.next_key.startswith(("statement.define", "statement.constant", "statement.long", "jacobian."))
        or place.next_key == "bptt.define",
        "is followed by no statement",
    )


@says("statement.define", "statement.constant")
def _definitions(place: Place) -> None:
    """The function by its definitions, all of them in the order in which they are used."""
    tape = place.part.tape
    assert tape is not None
    place.expect(result=tape.result)
    expect_names(place, "inputs", place.part.inputs)
    place.require((place.key == "statement.define") == bool(tape.inputs), "speaks of inputs wrongly")
    said = [subject_of(row) for row in place.next_rows]
    place.require(said == [name for name, _ in tape.definitions], "is not followed by the definitions")


@says("statement.long")
def _long(place: Place) -> None:
    tape = place.part.tape
    assert tape is not None
    place.expect(result=tape.result, count=len(tape.steps))
    expect_names(place, "inputs", place.part.inputs)


@says("statement.find.forward", "statement.find.reverse", "statement.find.both")
def _find(place: Place) -> None:
    """What is to be found is the derivative of the result by each name asked for."""
    modes = place.part.modes
    mode = "both" if len(modes) > 1 else min(modes)
    place.require(place.key == f"statement.find.{mode}", f"is said of {mode}")
    if isinstance(place["wanted"], tuple):
        _expect_results(place, place["wanted"], place.part.wrt)
    together = [text["names"] for b in place.part.blocks if (text := _together(b)) is not None]
    place.require(together == adding_up(place.part.inputs), "comes without what is assumed")


def _together(block: object) -> Mapping[str, Any] | None:
    found = said(block, "statement.together")
    return None if found is None else found.params


@says("statement.together")
def _together_is_assumed(place: Place) -> None:
    """Numbers that were entries of one array, which adds up to 1."""
    place.require(place["names"] in adding_up(place.part.inputs), "is not assumed")


def _expect_results(place: Place, symbols: Sequence[Expr], names: Sequence[Sym]) -> None:
    """Refuse symbols that are not the derivatives of the result by these names, in this order."""
    right = len(symbols) == len(names) and all(
        place.part.is_result(symbol, (name,)) for symbol, name in zip(symbols, names, strict=True)
    )
    place.require(right, f"asks for {', '.join(map(str, symbols))}")


@says("statement.find_map.forward", "statement.find_map.reverse", "statement.find_map.both")
def _find_maps(place: Place) -> None:
    """Of an array: what its derivative does to a tangent, its transpose to an adjoint, as boxed below."""
    part, tape = place.part, place.part.tape
    assert tape is not None
    mode = "both" if len(part.modes) > 1 else min(part.modes)
    place.require(place.key == f"statement.find_map.{mode}", f"is said of {mode}")
    place.require(bool(tape.result.shape), "is said of a number")
    boxed = [row.chain.left for block in part.blocks for row in patterns_of(block) if row.chain.boxed]
    if part.is_exercise_alone:
        boxed = list(_asked_of_array(place))
    place.expect(wanted=tuple(boxed))
    seeds = [left.args[1] for left in boxed if left.op in (MAPPED, MAPPED_BACK)]
    place.expect(given=tuple(dict.fromkeys(seeds)))
    place.require(
        [_unmapped(left).args[1] for left in boxed] == [*part.wrt] * len(part.derivations),
        "asks for other derivatives",
    )


def _asked_of_array(place: Place) -> Iterator[Expr]:
    """(∂y/∂x)[ẋ] in forward mode, (∂y/∂x)ᵀ[ȳ] in reverse mode, for each name asked for."""
    tape = place.part.tape
    assert tape is not None
    for derivation in place.part.derivations:
        for name in place.part.wrt:
            symbol = Expr(PARTIAL, tape.result, name)
            if derivation.mode == "reverse":
                yield Expr(MAPPED_BACK, symbol, bar(tape.result))
            else:
                yield Expr(MAPPED, symbol, dot(name, name)) if name.shape else symbol


@says("arrays.reverse_seeded")
def _rule_of_array(place: Place) -> None:
    """The adjoints of an array are those of ⟨ȳ, y⟩, a number, in which ȳ is the seed."""
    part, tape = place.part, place.part.tape
    assert tape is not None
    _, j = part.letters.several("index", 2)
    result = tape.result
    place.expect(own=Sym(f"{part.letter}_{j}", "bar"), result=result, seed=bar(result))
    place.expect(number=inner(bar(result), result))
    place.require(bool(result.shape), "is said of a number")
    place.require(place.heading == "reverse.heading", "is the rule of the other mode")
    place.require(isinstance(place.following, Formula), "is followed by no rule")


@says("statement.gradient", role="part")
def _whole_gradient(place: Place) -> None:
    tape = place.part.tape
    assert tape is not None
    place.expect(result=tape.result, count=len(place.part.wrt))


@says("statement.at")
def _point(place: Place) -> None:
    """The numbers of the inputs, of very many the first and the last ones."""
    chains = [item for item in place["point"] if isinstance(item, Chain)]
    names = [*place.part.inputs, *place.part.indices]
    if len(chains) < len(place["point"]):
        names = [*names[: len(chains) - 1], names[-1]]
    place.require([c.left for c in chains] == names, "does not give the inputs")
    place.require(all(c.at_point for c in chains), "gives no numbers")


@says("statement.at_list")
def _point_in_lines(place: Place) -> None:
    """The numbers of every input come next, in lines."""
    chains = [chain for row in place.next_rows for chain in (row.chain, *row.beside)]
    place.require(chains and all(chain.at_point for chain in chains), "is followed by no numbers")
    place.require([c.left for c in chains] == _given(place), "does not give the inputs")


def _given(place: Place) -> list[Expr]:
    """What has numbers: the inputs, the indices, and the values of each sequence."""
    of = place.part.of
    if of is None:
        return [*place.part.inputs, *place.part.indices]
    times = range(of.first, of.first + place.part.judge.steps)
    values = (at_time(stem, Time("", t)) for stem in of.sequences for t in times)
    return [*of.inputs, *values, *of.indices.values()]


@says("steps.heading", role="heading")
def _steps(place: Place) -> None:
    place.require(place.next_key == "steps.intro", "is followed by no steps")


@says("steps.intro")
def _all_steps(place: Place) -> None:
    """Every variable of the tape comes next, each after those that it uses."""
    tape = place.part.tape
    assert tape is not None
    place.expect(result=tape.result)
    place.require(list(_subjects(place.next_rows)) == tape.order, "is not followed by the steps")


def _subjects(rows: Sequence[Row]) -> Iterator[Expr | None]:
    """What rows are about, those beside each other one by one."""
    for row in rows:
        yield subject_of(row)
        yield from (chain.left for chain in record_of(row).beside)


@says("steps.partials", "steps.maps", "steps.maps_forward", "steps.maps_reverse")
def _local_partials(place: Place) -> None:
    """∂w_i/∂w_j in the letter of the tape, for every step with operands; maps by what each mode does."""
    part, tape = place.part, place.part.tape
    assert tape is not None
    index, other = part.letters.several("index", 2)
    i, j = Sym(f"{part.letter}_{index}"), Sym(f"{part.letter}_{other}")
    place.expect(partial=Expr(PARTIAL, i, j), i=Sym(index), wj=j)
    maps = "steps.maps" if len(part.modes) > 1 else f"steps.maps_{min(part.modes, default='')}"
    place.require(place.key == (maps if tape.has_arrays else "steps.partials"), "is said of other steps")
    about = list(dict.fromkeys(subject_of(row) for row in place.next_rows))
    every = [step.var for step in tape.steps if step.operands]
    if "forward" not in part.modes and about != every:  # those that lead to what is asked are enough
        asked = part.asked_about
        every = [step.var for step in tape.steps if asked & {*step.operands}]
    place.require(about == every, "is not followed by the local partials")


@says("forward.heading", "reverse.heading", role="heading")
def _mode(place: Place) -> None:
    mode = place.key.partition(".")[0]
    place.require(place.part.derivation(mode) is not None, "is about another mode")
    said = (*RULES_SAID[mode], *BEGINS[mode])  # a short page goes without the rule
    place.require(place.next_key in said, "is followed by another rule")
    order = [b.text.key for b in place.part.blocks if isinstance(b, Heading) and b.text.key in _MODES]
    place.require(order == [f"{d.mode}.heading" for d in place.part.derivations], "stands elsewhere")


_MODES = ("forward.heading", "reverse.heading")
RULES_SAID = {
    "forward": ("forward.rule", "arrays.forward"),
    "reverse": ("reverse.rule", "arrays.reverse", "arrays.reverse_numerator", "arrays.reverse_seeded"),
}
_WITH_SEEDS = ("forward.seed", "forward.pass", "forward.seed_many", "forward.pass_many", "arrays.seeds")
PASSES = (*_WITH_SEEDS, *(f"{key}_alone" for key in _WITH_SEEDS))
"""With what a pass begins: lines follow, or the tangents of the inputs are alone in not being 0."""
BEGINS = {
    "forward": ("forward.passes", "arrays.passes", "forward.zeros", *PASSES),
    "reverse": ("reverse.paths", "reverse.seed", "reverse.only_seed", "arrays.seed_adjoint"),
}
"""With what the lines of a mode begin."""


@says("forward.rule", "reverse.rule", "arrays.forward", "arrays.reverse", "arrays.reverse_numerator")
def _rule(place: Place) -> None:
    """Tangents or adjoints in the letter of the tape, before the rule of the same mode."""
    part, tape = place.part, place.part.tape
    assert tape is not None
    mode = "forward" if place.key in RULES_SAID["forward"] else "reverse"
    i, j = part.letters.several("index", 2)
    own = Sym(f"{part.letter}_{i}", "dot") if mode == "forward" else Sym(f"{part.letter}_{j}", "bar")
    place.expect(own=own, result=tape.result)
    place.require(place.key.startswith("arrays") == tape.has_arrays, "is said of other variables")
    place.require(mode == "forward" or not tape.result.shape, "is said of an array")
    if place.key.startswith("arrays.reverse"):
        expect_layout(place)
    place.require(place.heading == f"{mode}.heading", "is the rule of the other mode")
    place.require(isinstance(place.following, Formula), "is followed by no rule")


def expect_layout(place: Place) -> None:
    """Refuse a layout other than that of the derivatives of the result by arrays, and of what else is said.

    A page on which no array is differentiated by may have either.
    """
    by_arrays = [left for left in place.part.lefts if _is_by_an_array(left, place)]
    by_rows = place.key.endswith("_numerator")
    place.require(
        all((left.op.name == ROW_PARTIAL) == by_rows for left in by_arrays), "is of the other layout"
    )
    said = {key.endswith("_numerator") for key in _keys(place.part) if key in LAYOUTS}
    place.require(said <= {by_rows}, "is of the other layout")


def _is_by_an_array(left: Expr, place: Place) -> bool:
    return place.part.is_result(left) and not left.args[0].shape and bool(left.args[1].shape)


LAYOUTS = (
    "arrays.layout_denominator",
    "arrays.layout_numerator",
    "arrays.reverse",
    "arrays.reverse_numerator",
)


def _keys(part: Part) -> Iterator[str]:
    """The sentences of paragraphs, and those that they are made of."""
    for block in part.blocks:
        if isinstance(block, Paragraph):
            yield block.text.key
            yield from (inner.key for inner in block.text.params.get("parts", ()) if isinstance(inner, Text))


@says("forward.range", "reverse.range", role="note")
def _range(place: Place) -> None:
    i, j = map(Sym, place.part.letters.several("index", 2))
    place.expect(i=i, j=j)
    place.require(place.heading == f"{place.key.partition('.')[0]}.heading", "is of the other mode")


RULE_OF = {
    "forward rule": "forward",
    "array forward rule": "forward",
    "reverse rule": "reverse",
    "array reverse rule": "reverse",
}


def check_rule(place: Place, form: Expr) -> None:
    """Refuse a general rule that does not give the lines below it.

    It is instantiated for each line: its terms over the operands j of step i, or over the steps i that use
    variable j, must be those that the line begins with.
    """
    tape, letter = place.part.tape, place.part.letter
    assert tape is not None
    mode = RULE_OF.get(form.op.name, "")
    place.require(place.heading == f"{mode}.heading", "is the other mode's rule")
    place.require(form.op.name.startswith("array") == tape.has_arrays, "is said of other variables")
    own_index, index = place.part.letters.several("index", 2)
    over = index if mode == "forward" else own_index
    place.require(form.args[-1] == Sym(over), "is a sum over another index")
    i, j = f"{letter}_{own_index}", f"{letter}_{index}"
    place.require({name.name for name in symbols(form)} <= {i, j, over}, "is no general rule")
    for row in _lines_below(place):
        left = row.chain.left
        assert isinstance(left, Sym)
        said = {text for member in row.chain.members for text in _terms(member)}
        for step, operand in _pairs_of(place, left):
            own, *factors = (_placed(arg, {i: step, j: operand}) for arg in form.args[:-1])
            place.require(_alike(own, left), f"gives {own} where the line gives {left}")
            place.require(said & _products(mode, factors), f"does not give the line of {left}")


def _lines_below(place: Place) -> list[Row]:
    """The lines of the section, of those that repeat one pattern the first one."""
    rows = [row for _, block in place.section for row in patterns_of(block)]
    return list(map(record_of, rows))


def _pairs_of(place: Place, left: Sym) -> list[tuple[Sym, Sym]]:
    """The steps and operands that a line is a sum over; none for a sum of paths."""
    tape = place.part.tape
    assert tape is not None
    var = place.part.variables[left.name]
    if left.accent == "dot":
        step = tape.step_of.get(var)
        return [] if step is None else [(var, operand) for operand in step.operands]
    users = tape.users.get(var, ())
    if left.label:
        return [(users[place_of_path(left.label)].var, var)]
    return [(users[0].var, var)] if len(users) == 1 else []


def place_of_path(label: str) -> int:
    """The place of a path from 0: a is 0, z is 25, aa is 26."""
    place = 0
    for letter in label:
        place = 26 * place + ord(letter) - ord("a") + 1
    return place - 1


def _terms(member: Expr) -> Iterator[str]:
    """The terms of a sum as text."""
    stack = [member]
    while stack:
        node = stack.pop()
        if node.op in (ADD, TOTAL):
            stack.extend(node.args)
        else:
            yield str(node)


def _products(mode: str, factors: list[Expr]) -> set[str]:
    """What a term of the rule may be written as: a product of numbers, or a map at work on an array."""
    *partial, carried = factors
    slope = partial[0] if len(partial) == 1 else Expr(PARTIAL, *partial)
    forward = mode == "forward"
    found = {str(Expr(MAPPED, slope, carried) if forward else Expr(MAPPED_BACK, slope, carried))}
    if not slope.shape:
        found.add(str(slope * carried if forward else carried * slope))
    return found


def _alike(one: Expr, other: Sym) -> bool:
    return isinstance(one, Sym) and (one.name, one.accent) == (other.name, other.accent)


def _placed(node: Expr, at: dict[str, Sym]) -> Expr:
    """A formula in w_i and w_j at two variables."""
    if isinstance(node, Sym):
        found = at.get(node.name)
        return node if found is None else Sym(found.name, node.accent, shape=found.shape, assume=found.assume)
    return Expr(node.op, *(_placed(arg, at) for arg in node.args)) if node.args else node


@says("forward.passes", "arrays.passes")
def _passes(place: Place) -> None:
    tape, derivation = place.part.tape, place.part.derivation("forward")
    assert tape is not None
    assert derivation is not None
    place.expect(count=len(derivation.sweeps))
    place.require(place.key.startswith("arrays") == tape.has_arrays, "is said of other variables")
    place.require(place.heading == "forward.heading", "stands elsewhere")


@says(*PASSES)
def _pass(place: Place) -> None:
    """By which variable the pass goes: the seeds and the lines that come next are of that pass."""
    part, derivation = place.part, place.part.derivation("forward")
    assert part.tape is not None
    assert derivation is not None
    before = [b for b in part.blocks[: place.number] if isinstance(b, Paragraph) and b.text.key in PASSES]
    seeds_of_passes = [sweep.seed for sweep in derivation.sweeps]
    by = place["by"]
    place.require(by in seeds_of_passes, "is of no pass")
    done = [seeds_of_passes.index(block.text.params["by"]) for block in before]
    place.require(all(number < seeds_of_passes.index(by) for number in done), "is of a pass done before")
    if "direction" in place.text.params:
        place.expect(direction=dot(by, by))
    else:
        place.require(("pass" in place.key) == (len(derivation.sweeps) > 1), "miscounts the passes")
    many = place["seed"] is not None
    seeds = [place["seed"]] if many else list(place["seeds"])
    constant = [step.var for step in part.tape.steps if not step.operands]
    known = [dot(var, by) for var in (*part.tape.input_names, *constant)]
    own = dot(part.tape.variables[by.name], by)
    place.require([chain.left for chain in seeds] == ([own] if many else known), "has other seeds")
    seen = {left.seed for left in place.next_lefts if isinstance(left, Sym)}
    place.require(seen <= {by.name}, "is followed by another pass")
    said = [name.name for name in map(subject_of, place.next_rows) if name is not None]
    zeros = [name.name for name in map(subject_of, _zeros_after(place)) if name is not None]
    order = [step.var.name for step in part.tape.steps if step.operands]
    place.require(place.key.endswith("_alone") == (not said), "announces lines, or none")
    place.require(not {*said} & {*zeros} and len(said) + len(zeros) == len(order), "leaves out a line")
    place.require(
        said == [name for name in order if name not in zeros], "is followed by lines in another order"
    )


def _zeros_after(place: Place) -> Sequence[Row]:
    """The lines of a pass that are proved to be 0 and not shown."""
    later = place.part.blocks[place.number + 1 :]
    at = 1 if later and isinstance(later[0], Equations) else 0
    found = later[at] if len(later) > at else None
    rows = found.rows if isinstance(found, Unseen) else ()
    announced = any(said(block, "forward.zeros") for block in place.part.blocks[: place.number])
    return rows if announced and all(_is_zero_row(row) for row in rows) else ()


def _is_zero_row(row: Row) -> bool:
    return is_zero(record_of(row).chain.members[-1])


@says("forward.zeros")
def _zeros(place: Place) -> None:
    """Some lines are left out, and are proved to be 0."""
    unseen = [block for _, block in place.section if isinstance(block, Unseen)]
    place.require(any(_is_zero_row(row) for block in unseen for row in block.rows), "is said of no line")
    place.require(place.heading == "forward.heading", "stands elsewhere")


@says("forward.others")
def _other_passes(place: Place) -> None:
    derivation = place.part.derivation("forward")
    assert derivation is not None
    said = [b for b in place.part.blocks if isinstance(b, Paragraph) and b.text.key in PASSES]
    place.expect(count=len(derivation.sweeps) - len(said))


@says("reverse.paths")
def _paths(place: Place) -> None:
    tape = place.part.tape
    assert tape is not None
    several = any(len(users) > 1 for users in tape.users.values())
    place.require(several and place.heading == "reverse.heading", "is said where there is one path")


@says("reverse.numbered", "reverse.numbered_on")
def _numbered(place: Place) -> None:
    """A path shown in the block to come, which counts paths in i, by its letters and by its place."""
    own = place["own"]
    i = place.part.letters.free("index")
    place.expect(i=Sym(i))
    number = place_of_path(own.label) + 1
    place.expect(by_place=Sym(own.name, own.accent, f"({number})", own.seed, own.shape))
    place.require((number > 26) == (place.key == "reverse.numbered_on"), "has letters of another length")
    folds = [(b.rows, b.fold.shown) for _, b in place.section if isinstance(b, Equations) and b.fold]
    items = [rows[item] if isinstance(item, int) else item for rows, shown in folds for item in shown]
    lefts = [item.chain.left for item in items if isinstance(item, Row)]
    counted = [left for left in lefts if isinstance(left, Sym) and re.match(rf"\(-?\d*{i}", left.label)]
    place.require(counted, "is before no line that counts paths")
    place.require(own in lefts, "is of a path that is not shown")


@says("reverse.seed", "reverse.only_seed", "arrays.seed_adjoint")
def _reverse_seed(place: Place) -> None:
    """The adjoint of the result, then those of all variables from the last one back."""
    tape = place.part.tape
    assert tape is not None
    place.require(place["seed"].left == bar(tape.output), "is of another variable")
    place.require((place.key == "reverse.only_seed") == (tape.length == 1), "miscounts the lines")
    if place.key != "reverse.only_seed":
        place.require(place.key.startswith("arrays") == bool(tape.output.shape), "is of another shape")
        place.require(_is_back(place), "is not followed by the adjoints from the last one back")


def _is_back(place: Place) -> bool:
    tape = place.part.tape
    assert tape is not None
    said = [name.name for name in map(subject_of, place.next_rows) if name is not None]
    back = [var for var in reversed(tape.order) if var != tape.output]
    asked = [var.name for var in back if var in place.part.asked_about]
    return list(dict.fromkeys(said)) in ([var.name for var in back], asked)


@says("reverse.through", role="note")
def _through(place: Place) -> None:
    """The path of a line comes through the step with the path's letter among the users of the variable."""
    tape, row = place.part.tape, place.row
    assert tape is not None
    assert row is not None
    left = record_of(row).chain.left
    assert isinstance(left, Sym)
    left = name_in(row, left)
    users = tape.users.get(place.part.variables.get(left.name, left), ())
    number = place_of_path(left.label)
    place.require(left.label and number < len(users), "is said of a line that is no path")
    place.expect(step=users[number].var)


@says("arrays.because", role="reason")
def _because(place: Place) -> None:
    """The names on the simplex whose entries a member of the row adds up."""
    row = place.row
    assert row is not None
    summed = [simplex_names_summed(member) for member in row.chain.members]
    place.require(place["names"] and tuple(place["names"]) in summed, "names another assumption")


@says("result.heading", role="heading")
def _results(place: Place) -> None:
    part = place.part
    assert part.tape is not None
    place.require(_first_result(place) in part.wrt, "is not followed by a result")


def _first_result(place: Place) -> Sym | None:
    """The name by which the first derivative of the result in a section is taken."""
    rows = [row for _, block in place.section for row in patterns_of(block)]
    left = next((row.chain.left for row in rows if place.part.is_result(_unmapped(row.chain.left))), None)
    found = None if left is None else _unmapped(left).args[1]
    return found if isinstance(found, Sym) else None


def _unmapped(node: Expr) -> Expr:
    """The derivative at work on a tangent, or the transposed one on an adjoint."""
    return node.args[0] if node.op in (MAPPED, MAPPED_BACK) else node


@says("result.earlier")
def _earlier(place: Place) -> None:
    """Derivatives of named values by the input of the result after them, in the order of the tape."""
    tape, lefts = place.part.tape, place.next_lefts
    assert tape is not None
    order: list[Expr] = [name for var, name in tape.names.items() if var in tape.step_of]
    named = [left for left in lefts if left.op is PARTIAL and left.args[0] in order]
    place.require(named and len(named) == len(lefts), "is before other formulas")
    overs = [order.index(left.args[0]) for left in named]
    place.require(overs == sorted(overs), "is before derivatives in another order")
    after = [row.chain.left for row in patterns_of(place.part.blocks[place.number + 2])]
    by = {left.args[1] for left in (*named, *after[:1]) if len(left.args) == 2}
    place.require(place.part.is_result(after[0]) and len(by) == 1, "is before no result")


@says("result.long")
def _long_result(place: Place) -> None:
    """The formula before it is in terms of steps."""
    before = place.part.blocks[place.number - 1]
    rows = before.rows if isinstance(before, Equations) else ()
    last = [row.chain.members[-1] for row in rows if not row.chain.at_point]
    names = {leaf for node in last for leaf in leaves(node) if isinstance(leaf, Sym)}
    place.require(names - {*place.part.inputs}, "follows a formula in the inputs")


@says("result.mark")
def _mark(place: Place) -> None:
    """A tangent of the results is marked with the input by which its pass goes, one of several passes."""
    tape, by, ahead = place.part.tape, place["by"], place.part.derivation("forward")
    assert tape is not None
    place.require(place.key_before == "result.heading", "stands elsewhere")
    place.require(ahead is not None and len(ahead.sweeps) > 1, "is said of one pass")
    place.expect(tangent=Sym(tape.output.name, "dot", f"({by})", str(by)))
    chains = [row.chain for _, block in place.section for row in patterns_of(block)]
    result = next((chain for chain in chains if place.part.is_result(chain.left)), None)
    place.require(result and place["tangent"] in result.members, "explains a sign that is not there")


@says("others.heading", "others.asked", role="heading")
def _others(place: Place) -> None:
    place.require(place.next_key in ("others.intro", "others.many"), "is followed by no derivatives")
    asked = tuple(name for name in _other_inputs(place) if name in place.part.wrt)
    place.require((place.key == "others.asked") == bool(asked), "mistakes what was asked for")
    if asked:
        place.expect(names=asked)


def _other_inputs(place: Place) -> list[Sym]:
    """The inputs whose derivatives no earlier section gave."""
    part = place.part
    if part.derivation("forward") is not None:
        first: Sequence[Sym] = part.wrt
    else:
        first = part.wrt[:1] if len(part.wrt) == len(part.inputs) else part.wrt
    return [name for name in part.inputs if name not in first]


@says("others.intro")
def _other_names(place: Place) -> None:
    names = _other_inputs(place)
    asked = [name for name in names if name in place.part.wrt]
    if len([*place["names"]]) < len(names) and asked:
        names = asked  # those that were not asked for may be left out
    expect_names(place, "names", names)
    rows = [row for _, block in place.section if isinstance(block, Equations) for row in block.rows]
    about = [by for by in (result_name(place.part, row) for row in rows) if by is not None]
    place.require(list(dict.fromkeys(about)) == [n.name for n in names], "is followed by other derivatives")


@says("others.many")
def _many_others(place: Place) -> None:
    place.expect(count=len(_other_inputs(place)))


def result_name(part: Part, row: Row) -> str | None:
    """The name by which a row differentiates the result; repeated rows stay unwritten."""
    left = _unmapped(record_of(row).chain.left)
    if len(left.args) != 2 or not isinstance(left.args[1], Sym):
        return None
    return name_in(row, left.args[1]).name


@says("trace.heading", role="heading")
def _trace(place: Place) -> None:
    found = [block for _, block in place.section if isinstance(block, Table)]
    place.require(len(found) == len(place.part.derivations), "is followed by no tables")
    heads = [table.head[-1].key for table in found]
    order = [f"trace.{derivation.mode}" for derivation in place.part.derivations]
    place.require(heads == order, "is followed by tables in another order")


@says("trace.primal", role="head")
def _primal_column(place: Place) -> None:
    place.require(place.column == 0 and all(left.accent == "" for left in _column(place)), "is over others")


@says("trace.forward", role="head")
def _tangent_column(place: Place) -> None:
    seeds = {(left.accent, left.seed) for left in _column(place)}
    place.require(seeds == {("dot", str(place["by"]))}, f"is over the tangents for {seeds}")


@says("trace.reverse", role="head")
def _adjoint_column(place: Place) -> None:
    place.require({left.accent for left in _column(place)} == {"bar"}, "is over others")


def _column(place: Place) -> Iterator[Sym]:
    assert isinstance(place.block, Table)
    for row in place.block.rows:
        cell = row[place.column]
        if cell is not None:
            assert isinstance(cell.left, Sym)
            yield cell.left


@says("cost.heading", role="heading")
def _cost(place: Place) -> None:
    place.require(place.next_key.startswith(("cost.counts", "arrays.cost")), "is followed by no counts")


@says("cost.counts", "cost.counts_forward", "cost.counts_reverse")
def _counts(place: Place) -> None:
    """The operations, counted once more on the steps themselves."""
    tape, modes = place.part.tape, place.part.modes
    assert tape is not None
    counts = place.part.counts
    place.expect(primal=Num(counts.primal), forward=Num(counts.forward), reverse=Num(counts.reverse))
    key = "cost.counts" if len(modes) > 1 else f"cost.counts_{min(modes)}"
    place.require(place.key == key, "says that another mode is not written")


@says("cost.reverse", "cost.forward", "cost.equal")
def _verdict(place: Place) -> None:
    """Which mode takes fewer operations for the whole gradient."""
    tape = place.part.tape
    assert tape is not None
    counts, inputs = place.part.counts, len(tape.inputs)
    passes = inputs * counts.forward
    place.expect(inputs=Num(inputs), passes=Num(passes), reverse=Num(counts.reverse))
    order = {"cost.reverse": passes > counts.reverse, "cost.forward": passes < counts.reverse}
    place.require(order.get(place.key, passes == counts.reverse), "compares the modes wrongly")


@says("cost.general")
def _general_cost(place: Place) -> None:
    """n forward passes for n inputs, m reverse passes for m results; after what holds here."""
    place.require(place.key_before in ("cost.reverse", "cost.forward", "cost.equal"), "stands elsewhere")
    n, m = map(Sym, place.part.letters.several("size", 2))
    place.expect(n=n, m=m)
    for name, size in (("domain", n), ("codomain", m)):
        space = place[name]
        place.require(space.op.name == "real space" and space.args == (size,), f"speaks of {space}")
