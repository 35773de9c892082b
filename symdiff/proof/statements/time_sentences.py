"""Sentences of the page of backpropagation through time, against the recurrence: statement to numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from symdiff.document.blocks import Block, Chain, Equations, Heading, Paragraph, Row, Unseen
from symdiff.expr.leaves import Alias, Filled
from symdiff.expr.operations import DIRECT, IMMEDIATE, NORM, THROUGH
from symdiff.expr.timed import Series, Time, all_leaves, at_time
from symdiff.expr.tree import ADD, DERIVATIVE, PARTIAL, POW, Dim, Expr, Num, Sym, postorder, symbols
from symdiff.language.recurrence import Recurrence
from symdiff.proof.statements.places import Place, Sentences, patterns_of, said
from symdiff.proof.statements.spaces import counts_entries, expect_names, is_space

IN_TIME = Sentences()
says = IN_TIME.says


def recurrence_of(place: Place) -> Recurrence:
    """The recurrence that a sentence is about, its part's own or the page's."""
    found = place.part.of or next((part.of for part in place.part.page if part.of is not None), None)
    place.require(found is not None, "is about no recurrence")
    assert found is not None
    return found


def steps_of(place: Place) -> int:
    """The number of steps that the page writes out."""
    return int(place.part.judge.steps)


def named(of: Recurrence, name: Sym, time: Time) -> Sym:
    """A name of the cell at a time."""
    return at_time(of.stems[of.stem(name)], time)


def first_time(of: Recurrence) -> Expr:
    return Num(of.first)


def last_time(of: Recurrence) -> Expr:
    return of.last.as_expr()


def index_of(of: Recurrence) -> Dim:
    return Dim(of.index)


def by_of(left: Expr) -> str:
    """The name of what a derivative is by, vec(·) apart."""
    node = left.args[-1] if left.args else left
    while node.args:
        node = node.args[0]
    return node.name if isinstance(node, Sym) else ""


def over_of(left: Expr) -> Sym | None:
    """What is differentiated."""
    node = left.args[0] if left.args else left
    while node.args:
        node = node.args[0]
    return node if isinstance(node, Sym) else None


def asked(place: Place) -> tuple[Sym, ...]:
    """What the statement of the page asks the derivatives by."""
    for part in place.part.page or (place.part,):
        for block in part.blocks:
            if isinstance(block, Paragraph) and block.text.key in FIND:
                return tuple(block.text.params["wanted"])
    return ()


@says("bptt.define")
def _define(place: Place) -> None:
    """The cell for its times, with everything that is given."""
    of = recurrence_of(place)
    place.expect(count=len(of.cell))
    given = [Sym(f"{stem.name}@{of.index}") for stem in of.sequences]
    expect_names(place, "inputs", [*of.inputs, *given])
    place.require(place.next_lefts == [name for name, _ in of.cell], "is not before the cell")


@says("bptt.times", "bptt.times_few", role="part")
def _times(place: Place) -> None:
    """The times of the cell, or those for which the line is claimed that this is said of."""
    of = recurrence_of(place)
    row = place.outer.row if place.outer is not None else None
    low, high = (first_time(of), last_time(of)) if row is None else (row.chain.times or (None, None))
    place.expect(index=index_of(of))
    if place.key == "bptt.times":
        place.expect(low=low, high=high)
        return
    times = [time_in(item) for item in place["times"]]
    place.require((place["times"][0], place["times"][-1]) == (low, high), "is of other times")
    follows = all(b == a.plus(1) for a, b in pairwise(times))
    place.require(follows, "leaves out a time")


def time_in(node: Expr) -> Time:
    """T − 1 as a time."""
    if isinstance(node, Num):
        return Time("", int(node.value))
    if not node.args:
        return Time(str(node))
    base, offset = node.args
    assert isinstance(offset, Num)
    return Time(str(base), int(offset.value) if node.op is ADD else -int(offset.value))


@says("bptt.range", role="reason")
def _range(place: Place) -> None:
    place.require(place.row is not None and place.row.chain.times is not None, "is of a line without times")


@says("bptt.initial_after", "bptt.initial_only")
def _initial_values(place: Place) -> None:
    of = recurrence_of(place)
    place.require([c.left for c in place["values"]] == _given(of), "gives other values")
    place.require((place.key == "bptt.initial_after") == bool(of.after), "is of another end")
    if of.after:
        place.require(place.next_lefts == [name for name, _ in of.after], "is not before the result")


@says("bptt.initial")
def _initial(place: Place) -> None:
    of = recurrence_of(place)
    place.expect(count=len(_given(of)))
    place.require(place.next_lefts == _given(of), "is not before the first values")


def _given(of: Recurrence) -> list[Sym]:
    """The values that are given before the first time and after the last."""
    return [*of.initial, *of.ending]


@says("bptt.after")
def _after(place: Place) -> None:
    of = recurrence_of(place)
    place.expect(count=len(of.after))
    place.require(place.next_lefts == [name for name, _ in of.after], "is not before the result")


@says("bptt.horizon", role="part")
def _horizon(place: Place) -> None:
    """Any number of steps from the smallest one that the lines are proved for."""
    of = recurrence_of(place)
    place.expect(horizon=Dim(str(of.horizon)), least=Num(min(place.part.judge.lengths)))


def _all_nodes(formula: Expr) -> Iterator[Expr]:
    for node in postorder(formula):
        yield node
        if isinstance(node, Series):
            yield from _all_nodes(node.body)


FIND = ("bptt.find", "bptt.find_loss", "bptt.find_result")


@says(*FIND)
def _find(place: Place) -> None:
    """What is asked is what the page ends with: by each of these names, and by no others."""
    of = recurrence_of(place)
    result = of.result
    if place.key == "bptt.find_result":
        result = of.result if of.after else of.cell[-1][0]
    else:
        place.expect(states=of.states)
        place.require((place.key == "bptt.find_loss") == bool(of.after), "is of another result")
        promised = place.part.is_exercise_alone or _has_heading(place, "bptt.every")
        place.require(promised, "promises derivatives of the states")
    place.expect(result=result)
    wanted = place["wanted"]
    values = [name for name in wanted if name not in of.inputs]
    weights = [name.name for name in wanted if name in of.inputs]
    place.require(all(of.time(name) is not None for name in values), "asks for a name that there is not")
    if place.key == "bptt.find_result":
        place.require(
            not of.states or not weights or not _has_heading(place, "bptt.every"), "leaves out states"
        )
    if place.part.is_exercise_alone:
        place.expect(wanted=place.part.judge.asked)
        place.require(place.next_key in ("", "statement.at_list"), "is not how the exercise ends")
        return
    gradients = _gradients_on_page(place)
    by = list(dict.fromkeys(gradients)) or _weights_on_page(place)
    place.require(by == weights or (not gradients and set(by) == set(weights)), f"asks by {wanted}")
    asked_for = [b.text.params["values"] for b in _paragraphs(place) if b.text.key == "bptt.asked_intro"]
    place.require([name for part in asked_for for name in part] == values, "asks for other values")


def _paragraphs(place: Place) -> Iterator[Paragraph]:
    for part in place.part.page or (place.part,):
        yield from (block for block in part.blocks if isinstance(block, Paragraph))


def _has_heading(place: Place, key: str) -> bool:
    parts = place.part.page or (place.part,)
    return any(isinstance(b, Heading) and b.text.key == key for part in parts for b in part.blocks)


def _gradients_on_page(place: Place) -> list[str]:
    """By what the gradients of the result are taken, in order."""
    found = []
    for part in place.part.page or (place.part,):
        for number, block in enumerate(part.blocks):
            if isinstance(block, Equations) and _key_before(part.blocks, number) in GRADIENTS:
                found += [by_of(row.chain.left) for row in block.rows]
    return found


def _weights_on_page(place: Place) -> list[str]:
    """By what the total derivatives on the page are taken, and what is said to act on no state."""
    found: list[str] = []
    for part in place.part.page or (place.part,):
        for block in part.blocks:
            rows = patterns_of(block)
            found += [by_of(row.chain.left) for row in rows if row.chain.left.op is DERIVATIVE]
            if isinstance(block, Paragraph) and block.text.key == "bptt.not_reached":
                found += [name.name for name in block.text.params["names"]]
            if isinstance(block, Paragraph) and block.text.key == "bptt.no_form":
                found.append(block.text.params["by"].name)
    return list(dict.fromkeys(found))


GRADIENTS = ("bptt.gradients", "bptt.gradients_numbers")


def _key_before(blocks: Sequence[Block], number: int) -> str:
    block = blocks[number - 1] if number else None
    return block.text.key if isinstance(block, Paragraph) else ""


NEXT = {
    "bptt.unrolled": ("bptt.unrolled_intro",),
    "bptt.hand": ("bptt.hand_by", "bptt.hand_only"),
    "bptt.hand_numbers": ("bptt.scalar",),
    "bptt.matrix": ("bptt.shapes", "bptt.shapes_of_matrix"),
    "bptt.shape": ("bptt.shape_of",),
    "bptt.induction": ("bptt.base", "bptt.base_power"),
    "bptt.vanishing": ("bptt.remark", "bptt.remark_numbers"),
    "bptt.growth": ("bptt.norms", "bptt.sizes"),
    "bptt.values": ("bptt.at",),
}


@says(*NEXT, role="heading")
def _heading(place: Place) -> None:
    place.require(place.next_key in NEXT[place.key], "is before something else")


@says("bptt.unrolled_intro")
def _unrolled(place: Place) -> None:
    """A value of the last time comes next, as one formula."""
    of = recurrence_of(place)
    place.expect(count=steps_of(place))
    last = Time("", of.first + steps_of(place) - 1)
    left = place.next_lefts[0] if len(place.next_lefts) == 1 else None
    place.require(left in [named(of, name, last) for name, _ in of.cell], "is before another value")


@says("bptt.shapes", "bptt.shapes_of_matrix")
def _shapes(place: Place) -> None:
    """How many entries the derivative of an array by a matrix has, and how it is made a matrix."""
    of, state, weight = recurrence_of(place), place["state"], place["weight"]
    place.require(state in [name for name, _ in of.cell] and state.shape, f"speaks of {state}")
    place.require(weight in of.inputs and weight in asked(place), f"speaks of {weight}")
    place.require((place.key == "bptt.shapes") == (len(state.shape) == 1), f"takes {state} for another array")
    place.require(len(weight.shape) == 2, f"takes {weight} for a matrix")
    counts = {"entries": (*state.shape, *weight.shape), "rows": state.shape, "columns": weight.shape}
    for name, shape in counts.items():
        place.require(counts_entries(place[name], [shape]), f"counts {place[name]} {name}")


@says("bptt.shape_of")
def _shape_of(place: Place) -> None:
    of = recurrence_of(place)
    place.expect(loss=of.result)
    weight, space = place["weight"].args
    own = next((name for name in of.inputs if name.name == weight.name), None)
    first = next((name for name in asked(place) if len(name.shape) == 2), None)
    place.require(own is not None and own == first, f"speaks of {weight}")
    assert own is not None
    place.require(is_space(space, own.shape), f"says {place['weight']}")
    place.require(counts_entries(place["entries"], [own.shape]), f"counts {place['entries']} entries")


@says("bptt.every", role="heading")
def _every(place: Place) -> None:
    """The derivatives of the states for every time come next."""
    of = recurrence_of(place)
    place.expect(index=index_of(of), states=of.states)
    allowed = ("bptt.two", "bptt.by_weight", "bptt.not_reached", "bptt.lines", "bptt.forward", "bptt.no_form")
    place.require(not place.section or place.next_key in allowed, "is before something else")


@says("bptt.two")
def _two_kinds(place: Place) -> None:
    """∂⁺ inside a definition that the weight stands in, d through all times."""
    of, by, name = recurrence_of(place), place["by"], place["name"]
    formula = dict(of.cell).get(name)
    place.require(place.heading == "bptt.every", "stands elsewhere")
    place.require(formula is not None and by in of.inputs, f"speaks of {name}")
    assert formula is not None
    direct, total = place["direct"], place["total"]
    inside = direct.op in (DIRECT, IMMEDIATE) and by in symbols(formula)
    place.require(inside and (over_of(direct), by_of(direct)) == (name, by.name), f"gives {direct}")
    state = over_of(total)
    place.require(total.op is DERIVATIVE and by_of(total) == by.name, f"gives {total}")
    place.require(state in of.states, f"gives {total}")
    assert state is not None
    place.expect(before=named(of, state, Time(of.index, -1)), index=index_of(of))


def _section_lefts(place: Place) -> list[Expr]:
    """The left sides up to the next heading, those of lines that are proved and not shown too."""
    return [row.chain.left for _, block in place.section for row in patterns_of(block)]


@says("bptt.by_weight", role="heading")
def _by_weight(place: Place) -> None:
    """All total derivatives up to the next weight are by this one."""
    by = place["by"]
    place.require(by in recurrence_of(place).inputs, f"speaks of {by}")
    own = [block for _, block in place.section]
    end = next((n for n, block in enumerate(own) if said(block, "bptt.not_reached")), len(own))
    lefts = [row.chain.left for block in own[:end] for row in patterns_of(block)]
    total = [by_of(left) for left in lefts if left.op is DERIVATIVE]
    texts = [said(block, "bptt.no_form", "bptt.alike") for block in own]
    total += [text.params["by"].name for text in texts if text is not None]
    place.require(total and set(total) == {by.name}, f"is before derivatives by {', '.join(set(total))}")


@says("bptt.forward", "bptt.more")
def _inside(place: Place) -> None:
    """Derivatives inside one definition come next; the first time all of them are new."""
    inside = all(left.op in (IMMEDIATE, DIRECT) for left in place.next_lefts)
    place.require(inside and place.next_lefts, "is before other formulas")
    before = [b for b in place.part.blocks[: place.number] if said(b, "bptt.forward")]
    place.require((place.key == "bptt.more") == bool(before), "miscounts what came before")


@says("bptt.lines", "bptt.lines_again")
def _lines(place: Place) -> None:
    """The line of each name that depends on the weight."""
    by = place["by"]
    place.require(by in recurrence_of(place).inputs, f"speaks of {by}")
    _expect_totals(place, by.name)
    order = [name for name, _ in recurrence_of(place).cell]
    places = [order.index(over) for over in map(over_of, place.next_lefts) if over in order]
    place.require(places == sorted(places) and len(places) == len(place.next_lefts), "is in another order")
    before = [b for b in place.part.blocks[: place.number] if said(b, "bptt.lines")]
    place.require((place.key == "bptt.lines_again") == bool(before), "miscounts what came before")


def _expect_totals(place: Place, by: str | None = None) -> None:
    """Total derivatives by one weight come next."""
    lefts = place.next_lefts
    names = {by_of(left) for left in lefts}
    totals = all(left.op is DERIVATIVE for left in lefts) and len(names) == 1
    place.require(totals and by in (None, *names), "is before other formulas")


@says("bptt.combined", "bptt.combined_again")
def _combined(place: Place) -> None:
    """One step of the recurrence comes next: no sum over times, the derivative at the time before."""
    _expect_totals(place)
    place.require(len(place.next_rows) == 1 and _steps_back(place.next_rows[0]), "is before another formula")
    again = [b for b in place.part.blocks[: place.number] if said(b, "bptt.lines")]
    shown = isinstance(place.part.blocks[place.number - 1], Equations)
    place.require(place.key == "bptt.combined" or bool(again), "miscounts what came before")
    place.require((place.key == "bptt.combined") == shown, "speaks of lines that are not shown")


def _steps_back(row: Row) -> bool:
    """Whether a formula uses the same derivative at earlier times, and is no sum over times."""
    nodes = [node for member in row.chain.members for node in _all_nodes(member)]
    series = any(isinstance(node, Series) for node in nodes)
    return not series


@says("bptt.outputs")
def _outputs(place: Place) -> None:
    """The other values of the cell: none of them is a state."""
    _expect_totals(place)
    states = recurrence_of(place).states
    place.require(not {over_of(left) for left in place.next_lefts} & {*states}, "is before a state")


@says("bptt.outputs_alone")
def _outputs_alone(place: Place) -> None:
    place.require(place.next_rows and place.key_before == "bptt.not_reached", "stands elsewhere")
    place.expect(count=len(place.next_rows))


@says("bptt.not_reached")
def _not_reached(place: Place) -> None:
    """Weights that stand in no formula on the way to a state."""
    of = recurrence_of(place)
    place.expect(states=of.states)
    reached = _reaching(of)
    names = tuple(name for name in asked(place) if name in of.inputs and name.name not in reached)
    place.require([n.name for n in place["names"]] == [n.name for n in names], "names other weights")


def _reaching(of: Recurrence) -> set[str]:
    """The names of inputs that some state depends on, through the cell or through first values."""
    states = {of.stem(state) for state in of.states}
    formulas = {of.stem(name): formula for name, formula in of.cell}
    wanted, waiting = set(states), list(states)
    found: set[str] = set()
    while waiting:
        stem = waiting.pop()
        starts = [value for name, value in of.initial.items() if of.stem(name) == stem]
        for formula in [*([formulas[stem]] if stem in formulas else []), *starts]:
            found |= {leaf.name for leaf in all_leaves(formula) if isinstance(leaf, Sym)}
            for other, _ in of.times_in(formula):
                if other not in wanted:
                    wanted.add(other)
                    waiting.append(other)
    return found


@says("bptt.no_form")
def _no_form(place: Place) -> None:
    place.require(place["by"] in recurrence_of(place).inputs, f"speaks of {place['by']}")
    place.require(place["by"] in asked(place), f"speaks of {place['by']}")
    later = place.following is None or isinstance(place.following, Heading) or place.next_key
    place.require(later, "is before formulas")
    _expect_section_weight(place)


def _expect_section_weight(place: Place) -> None:
    """The sentence names the weight of the part that it stands in."""
    earlier = reversed(place.part.blocks[: place.number])
    heading = next((b for b in earlier if isinstance(b, Heading)), None)
    if heading is not None and heading.text.key == "bptt.by_weight":
        place.expect(by=heading.text.params["by"])


@says("bptt.alike")
def _alike(place: Place) -> None:
    """What is not shown for this weight is proved beside it."""
    of, by = recurrence_of(place), place["by"]
    place.require(by in of.inputs, f"speaks of {by}")
    after = place.part.blocks[place.number + 1] if place.number + 1 < len(place.part.blocks) else None
    rows = after.rows if isinstance(after, Unseen) else ()
    place.require(rows and {by_of(row.chain.left) for row in rows} == {by.name}, f"is not about {by}")


@says("bptt.cell")
def _cell(place: Place) -> None:
    _expect_factor(place)
    place.require(all(left.op is THROUGH for left in place.next_lefts), "is before other formulas")


@says("bptt.joined")
def _joined(place: Place) -> None:
    """The states, and the earlier values that the cell also needs, in one vector."""
    of = recurrence_of(place)
    _expect_factor(place)
    stem = of.stem(place["state"]).partition("@")[0]
    parts = place.part.judge.stacked.get(stem)
    place.require(parts is not None, f"speaks of {place['state']}")
    names = tuple(at_time(of.stems[own], Time(of.index, -back)) for own, back in parts)
    place.expect(names=names)
    known = [(own, back) for state in of.states for own, back in _looked_back(of, state)]
    place.require(list(parts) == known, "joins other values")
    lefts = place.next_lefts
    place.require(lefts and all(left.op is THROUGH for left in lefts), "is before other formulas")


def _looked_back(of: Recurrence, state: Sym) -> list[tuple[str, int]]:
    """A state, and as many of its earlier values as the cell looks back, but one."""
    stem = of.stem(state)
    lags = [-t.offset for _, f in of.cell for own, t in of.times_in(f) if own == stem]
    return [(stem, back) for back in range(max(lags, default=0))]


def _expect_factor(place: Place) -> None:
    """∂_Φ s_t/∂s_{t−1}, where s_t is what the sentence is about."""
    of, state, factor = recurrence_of(place), place["state"], place["factor"]
    over = over_of(factor)
    place.require(factor.op is THROUGH and over is not None, f"gives {factor}")
    assert over is not None
    place.require(state is None or over.name == state.name, f"gives {factor}")
    stem = over.name.partition("@")[0]
    place.require(
        over.name == f"{stem}@{of.index}" and by_of(factor) == f"{stem}@{of.index}-1", f"gives {factor}"
    )


@says("bptt.cell_again")
def _cell_again(place: Place) -> None:
    place.require(place.next_lefts and all(n.op is THROUGH for n in place.next_lefts), "is before others")
    before = [b for b in place.part.blocks[: place.number] if said(b, "bptt.cell", "bptt.joined")]
    place.require(before, "is said the first time")


@says("bptt.joined_step", "bptt.joined_longer")
def _joined_step(place: Place) -> None:
    """One step of the recurrence after the blocks of one application of the cell."""
    before = place.before
    rows = before.rows if isinstance(before, Equations) else ()
    place.require(rows and all(row.chain.left.op is THROUGH for row in rows), "is after other formulas")
    _expect_totals(place)
    place.require(len(place.next_rows) == 1 and _steps_back(place.next_rows[0]), "is before another formula")
    longer = any(back for parts in place.part.judge.stacked.values() for _, back in parts)
    again = any(said(b, "bptt.cell_again") for b in place.part.blocks[place.number - 2 : place.number])
    place.require((place.key == "bptt.joined_longer") == (longer and not again), "is of another cell")


@says("bptt.no_product")
def _no_product(place: Place) -> None:
    """No closed form comes in this section."""
    series = [
        n for _, b in place.section for r in patterns_of(b) for m in r.chain.members for n in postorder(m)
    ]
    place.require(not any(isinstance(node, Series) for node in series), "is before a closed form")
    place.require(place.heading in ("bptt.by_weight", "bptt.every"), "stands elsewhere")


@says("bptt.carried")
def _carried(place: Place) -> None:
    """The first values that the weight acts by come next."""
    of, by = recurrence_of(place), place["by"]
    place.require(by in of.inputs, f"speaks of {by}")
    _expect_totals(place, by.name)
    times = [of.time(over) for over in map(over_of, place.next_lefts) if over is not None]
    place.require(
        all(t is not None and not t.base and t.offset < of.first for t in times), "is before others"
    )
    stems = {of.stem(over) for over in map(over_of, place.next_lefts) if over is not None}
    names = [name.name for name in place["names"]]
    starts = {of.stem(name) for name, value in of.initial.items() if by in symbols(value)}
    place.require(names and {*names} <= stems & starts, "names other values")
    _expect_section_weight(place)


CLOSED = (
    "bptt.start_closed",
    "bptt.start_closed_product",
    "bptt.closed",
    "bptt.closed_product",
)


@says(*CLOSED)
def _closed(place: Place) -> None:
    """A sum of products over times comes next, or a product; the values it starts from are before time."""
    of = recurrence_of(place)
    _expect_totals(place)
    place.require(len(place.next_rows) == 1, "is before other formulas")
    form = place.next_rows[0].chain.members[-1]
    sums = any(isinstance(n, Series) and n.kind == "sum" for n in postorder(form))
    place.require(place.key.endswith("product") != sums, "is of another form")
    values = place["values"] or ()
    times = [of.time(over) for over in (over_of(chain.left) for chain in values) if over is not None]
    place.require(
        all(t is not None and not t.base and t.offset < of.first for t in times), "starts elsewhere"
    )
    by = {by_of(chain.left) for chain in values}
    place.require(not by or by == {by_of(place.next_lefts[0])}, "starts from another weight")
    if place.key.startswith("bptt.start"):
        _expect_starts(place, [over_of(chain.left) for chain in values])


def _expect_starts(place: Place, names: Sequence[Sym | None]) -> None:
    """The derivatives before the first time of each state that depends on the weight."""
    of, by = recurrence_of(place), by_of(place.next_lefts[0])
    rows = [row for block in place.part.blocks for row in patterns_of(block)]
    overs = {
        over_of(r.chain.left) for r in rows if r.chain.left.op is DERIVATIVE and by_of(r.chain.left) == by
    }
    known = [
        named(of, state, Time("", of.first - back - 1))
        for state in of.states
        if state in overs
        for _, back in _looked_back(of, state)
    ]
    place.require(list(names) == known, "starts from other values")


@says("bptt.start")
def _start(place: Place) -> None:
    of = recurrence_of(place)
    _expect_totals(place)
    times = [of.time(over) for over in map(over_of, place.next_lefts) if over is not None]
    place.require(
        all(t is not None and not t.base and t.offset < of.first for t in times), "starts elsewhere"
    )


@says("bptt.empty_product")
def _empty_product(place: Place) -> None:
    """1, or the identity of the size of the factors."""
    of, one = recurrence_of(place), place["one"]
    place.expect(index=index_of(of))
    before = place.before
    rows = before.rows if isinstance(before, Equations) else ()
    products = [
        n for row in rows for m in row.chain.members for n in _all_nodes(m)
        if isinstance(n, Series) and n.kind == "product"
    ]  # fmt: skip
    place.require(products, "is after no product")
    shape = products[0].body.shape
    right = (
        one == Num(1) if not shape else isinstance(one, Filled) and one.what == "eye" and one.shape == shape
    )
    place.require(right, f"is {one}")


@says("bptt.base", "bptt.base_power")
def _base(place: Place) -> None:
    """The formula at the first time comes next."""
    of = recurrence_of(place)
    place.expect(index=index_of(of), first=first_time(of))
    place.require(place.heading == "bptt.induction", "stands elsewhere")
    _expect_totals(place)
    over = over_of(place.next_lefts[0])
    time = None if over is None else _time_of(of, over)
    place.require(time == Time("", of.first), "is before another time")
    nodes = [n for m in place.next_rows[0].chain.members for n in _all_nodes(m)]
    product = any(isinstance(n, Series) and n.kind == "product" for n in nodes)
    place.require((place.key == "bptt.base") == product, "is of another form")


def _time_of(of: Recurrence, name: Sym) -> Time | None:
    """The time in a name, also in one that stands for all states."""
    found = of.time(name)
    if found is None:
        number = name.name.rpartition("_")[2]
        found = Time("", int(number)) if number.lstrip("-").isdigit() else None
    return found


@says("bptt.step")
def _induction_step(place: Place) -> None:
    """From the time before to any later one."""
    of = recurrence_of(place)
    place.expect(before=Time(of.index, -1).as_expr(), index=index_of(of))
    place.require(place.heading == "bptt.induction", "stands elsewhere")
    _expect_totals(place)
    place.require(place.next_rows[0].chain.times == (Num(of.first + 1), last_time(of)), "is of other times")


@says("bptt.step_end")
def _induction_end(place: Place) -> None:
    of = recurrence_of(place)
    place.expect(index=index_of(of))
    place.require(place.heading == "bptt.induction", "stands elsewhere")
    boxed = [
        row.chain for b in place.part.blocks[: place.number] for row in patterns_of(b) if row.chain.boxed
    ]
    before = place.before
    last = before.rows[-1].chain if isinstance(before, Equations) else None
    same = last is not None and boxed and last.members[-1] == boxed[-1].members[-1]
    place.require(same, "ends in another formula")


@says("bptt.same_proof")
def _same_proof(place: Place) -> None:
    """Said where the proof for numbers stands before."""
    keys = [b.text.key for b in _paragraphs(place)]
    place.require("bptt.scalar" in keys, "is said without a proof in numbers")
    place.require(place.following is None, "is not the end of its part")


@says("bptt.remark", "bptt.remark_numbers")
def _remark(place: Place) -> None:
    """t − k factors lead from time k to time t, each that of the closed form."""
    of, k = recurrence_of(place), place["k"]
    place.expect(index=index_of(of), count=index_of(of) - k)
    factor = place["factor"]
    closed = [row.chain for row in _boxed_before(place) if factor in _repeated(row)]
    place.require(closed, f"calls the factor {factor}")
    series = [n for chain in closed for m in chain.members for n in _all_nodes(m) if isinstance(n, Series)]
    sums, running = ({n.index for n in series if n.kind == kind} for kind in ("sum", "product"))
    names = {str(of.index), *of.stems, *(name.name for name in of.inputs)}
    is_free = not sums and k.name not in running | names  # by an initial value there is a product alone
    place.require(k.name in sums or is_free, f"calls the time {k}")
    overs = [over for chain in closed if (over := over_of(chain.left)) is not None]
    shaped = bool(factor.shape) or any(over.shape for over in overs)
    place.require((place.key == "bptt.remark") == shaped, "measures the factors in another way")


def _boxed_before(place: Place) -> list[Row]:
    """The results shown before, closed forms among them."""
    return [row for b in place.part.blocks[: place.number] for row in patterns_of(b) if row.chain.boxed]


def _repeated(row: Row) -> list[Expr]:
    """What a formula multiplies from one time to another: the body of a product, the base of a power."""
    nodes = [node for member in row.chain.members for node in _all_nodes(member)]
    products = [n.body for n in nodes if isinstance(n, Series) and n.kind == "product"]
    return [*products, *(n.args[0] for n in nodes if n.op is POW and _counts_times(n.args[1]))]


def _counts_times(exponent: Expr) -> bool:
    return any(isinstance(leaf, Dim) for leaf in all_leaves(exponent))


LOSS = ("bptt.loss", "bptt.loss_both")
"""Backward in time; of chains that go both ways without a direction."""


@says(*LOSS, role="heading")
def _loss(place: Place) -> None:
    of = recurrence_of(place)
    place.require((place.key == "bptt.loss_both") == of.looks_ahead, "goes another way")
    place.expect(loss=of.result)
    alone = not _uses_cell(of) and {over_of(left) for left in place.next_lefts} == {of.result}
    later = place.next_key in ("bptt.free", "bptt.one_time", *BACKWARD)
    place.require(later or alone, "is before something else")


BACKWARD = tuple(f"bptt.backward{both}{shaped}" for both in ("", "_both") for shaped in ("", "_numbers"))


def _uses_cell(of: Recurrence) -> bool:
    """Whether the result is made from a value of the cell, by itself or through the names after it."""
    needed: set[Sym] = {of.result}
    for name, formula in reversed(of.after):
        if name in needed and of.times_in(formula):
            return True
        needed |= {*symbols(formula)} if name in needed else set()
    return not of.after


@says("bptt.free")
def _free(place: Place) -> None:
    """A loss of which only ∂⁺L/∂h_t is known."""
    of = recurrence_of(place)
    name = of.cell[-1][0]
    place.expect(loss=of.result, name=name, given=Expr(DIRECT, of.result, name))
    place.require(place.heading in LOSS, "stands elsewhere")
    page = [part.of for part in place.part.page if part.of is not None]
    place.require(not page or not page[0].after or page[0].result.shape, "says that there is no loss")


@says("bptt.one_time")
def _one_time(place: Place) -> None:
    """The derivatives of a loss at its own time come next."""
    of, loss = recurrence_of(place), place["loss"]
    place.expect(result=of.result)
    place.require(place.heading in LOSS, "stands elsewhere")
    place.require(loss in [name for name, _ in of.cell], f"speaks of {loss}")
    place.require({over_of(left) for left in place.next_lefts} == {loss}, "is before other formulas")


@says(*BACKWARD)
def _backward(place: Place) -> None:
    """The derivatives of the result by the values of the cell, from the last definition to the first."""
    of = recurrence_of(place)
    place.expect(loss=of.result)
    place.require(place.heading in LOSS, "stands elsewhere")
    order = [of.stem(name) for name, _ in of.cell]
    stems = [of.stem(name) for name in map(_adjoint_of, place.next_lefts) if name is not None]
    said = [order.index(stem) for stem in dict.fromkeys(stems) if stem in order]
    place.require(said and said == sorted(said, reverse=True), "is before other lines")
    overs = {over_of(_meaning(left)) for left in place.next_lefts}
    place.require(overs == {of.result}, "is before other derivatives")
    place.require(place.key.endswith("_numbers") != _has_arrays(of), "is of other variables")
    place.require(("_both" in place.key) == of.looks_ahead, "goes another way")


def _meaning(left: Expr) -> Expr:
    return left.meaning if isinstance(left, Alias) else left


def _adjoint_of(left: Expr) -> Sym | None:
    """What a derivative is by, vec(·) apart, under its own name or δ's."""
    node = _meaning(left)
    found = node.args[-1] if node.args else None
    while found is not None and found.args:
        found = found.args[0]
    return found if isinstance(found, Sym) else None


def _has_arrays(of: Recurrence) -> bool:
    return any(name.shape for name in (*of.inputs, *of.stems.values()))


@says("bptt.delta")
def _delta(place: Place) -> None:
    """The recurrence of δ alone comes next."""
    first = place.next_lefts[0] if place.next_lefts else None
    place.require(first == place["delta"] and isinstance(first, Alias), "is before another name")
    stems = {
        left.name.name.partition("@")[0].partition("_")[0]
        for left in place.next_lefts
        if isinstance(left, Alias)
    }
    place.require(len(stems) == 1, "is before several names")


@says(*GRADIENTS)
def _gradients(place: Place) -> None:
    of = recurrence_of(place)
    lefts = place.next_lefts
    right = lefts and all(left.op is PARTIAL and left.args[0] == of.result for left in lefts)
    place.require(right and all(left.args[1] in of.inputs for left in lefts), "is before other formulas")
    place.require((place.key == "bptt.gradients") == _has_arrays(of), "is of other variables")
    wanted = [name for name in asked(place) if name in of.inputs]
    place.require([left.args[1] for left in lefts] == wanted, "is before other weights")


@says("bptt.asked", role="heading")
def _asked_heading(place: Place) -> None:
    place.expect(loss=recurrence_of(place).result)
    place.require(place.next_key == "bptt.asked_intro", "is before something else")


@says("bptt.asked_intro")
def _asked_values(place: Place) -> None:
    of = recurrence_of(place)
    lefts = [_adjoint_of(left) for left in _section_lefts(place)]
    place.expect(loss=of.result, values=tuple(name for name in lefts if name is not None))


@says("bptt.at")
def _at(place: Place) -> None:
    """The numbers of one time: values in order of time, adjoints from the last time to the first."""
    of = recurrence_of(place)
    place.expect(index=index_of(of))
    time = int(place["time"].value)
    names = [_time_of(of, name) for name in map(_subject_in_time, place.next_lefts) if name is not None]
    place.require(names and set(names) == {Time("", time)}, "is before another time")
    place.require(all(row.chain.at_point for row in place.next_rows), "is before no numbers")
    order = [int(b.text.params["time"].value) for b in _same_section(place)]
    back = place.heading == "bptt.adjoints"
    place.require(order == sorted(order, reverse=back), "is in another order")
    if place.heading == "bptt.values":
        cell = [named(of, name, Time("", time)) for name, _ in of.cell]
        place.require(place.next_lefts == cell, "is before other values")


def _same_section(place: Place) -> list[Paragraph]:
    """The times named under the same heading."""
    found: list[Paragraph] = []
    heading = ""
    for block in place.part.blocks:
        if isinstance(block, Heading):
            heading = block.text.key
        elif heading == place.heading and isinstance(block, Paragraph) and block.text.key == "bptt.at":
            found.append(block)
    return found


def _subject_in_time(left: Expr) -> Sym | None:
    """The value that a line is about: itself, or what a derivative is by."""
    return left if isinstance(left, Sym) else _adjoint_of(left)


@says("bptt.values_after")
def _values_after(place: Place) -> None:
    of = recurrence_of(place)
    place.require(place.next_lefts == [name for name, _ in of.after], "is before other values")
    place.require(all(row.chain.at_point for row in place.next_rows), "is before no numbers")


@says("bptt.adjoints", role="heading")
def _adjoints(place: Place) -> None:
    of = recurrence_of(place)
    place.expect(loss=of.result)
    numbers = [row for _, block in place.section for row in patterns_of(block)]
    place.require(all(row.chain.at_point for row in numbers), "is before no numbers")
    place.require(not place.section or place.next_key == "bptt.at", "is before something else")


@says("bptt.gradients_here", role="heading")
def _gradients_here(place: Place) -> None:
    of = recurrence_of(place)
    wanted = [Expr(PARTIAL, of.result, name) for name in asked(place) if name in of.inputs]
    place.require(place.next_lefts == wanted, "is before other formulas")
    place.require(all(row.chain.at_point for row in place.next_rows), "is before no numbers")


@says("bptt.norms", "bptt.sizes")
def _growth(place: Place) -> None:
    """The norms of ds_t/ds_{t−1}, from one time to the next, then of the whole way."""
    of, state = recurrence_of(place), place["state"]
    place.require(state in of.states, f"speaks of {state}")
    place.require((place.key == "bptt.norms") == bool(state.shape), "measures in another way")
    inner = [left.args[0] for left in place.next_lefts if left.op is NORM or left.op.name == "abs"]
    place.require(len(inner) == len(place.next_lefts), "is before other formulas")
    times = [tuple(of.time(node) for node in (over_of(d), _adjoint_of(d)) if node is not None) for d in inner]
    stems = {of.stem(over) for over in map(over_of, inner) if over is not None}
    place.require(stems == {of.stem(state)}, "is before another state")
    steps = range(of.first + 1, of.first + steps_of(place))
    known = [(Time("", t), Time("", t - 1)) for t in steps]
    whole = [(Time("", steps[-1]), Time("", of.first))] if len(known) > 1 else []
    place.require(times == [*known, *whole], "is before other times")


@says("bptt.shrinks", "bptt.grows")
def _shrinks(place: Place) -> None:
    """Whether the norm of the whole way is below 1, by its number, and from where to where it leads."""
    of, chain = recurrence_of(place), place["value"]
    place.require(isinstance(chain, Chain) and chain.at_point, "has no number")
    number = chain.members[-1]
    place.require((place.key == "bptt.shrinks") == (number.value < 1), "says the opposite")
    whole = chain.left.args[0]
    place.expect(first=_adjoint_of(whole), last=over_of(whole))
    low, high = of.first, of.first + steps_of(place) - 1
    times = [of.time(place[name]) for name in ("first", "last")]
    place.require(times == [Time("", low), Time("", high)], "is of another way")
