"""Sentences about arrays, symbols and kinks: how formulas are to be read, and what is assumed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symdiff.derivation.derivation import dot
from symdiff.document.blocks import Paragraph
from symdiff.expr import operations as a
from symdiff.expr.conditions import AT_MOST, COMPARISONS, INDICATOR, at_equality, is_condition
from symdiff.expr.leaves import Filled, Nabla
from symdiff.expr.operations import GREATER, NORM1, POSITIVE, TIED, is_array
from symdiff.expr.shapes import is_number, names_in, size_value
from symdiff.expr.timed import Series
from symdiff.expr.tree import ADD, PARTIAL, SUB, Expr, Num, Sym, as_expr, is_constant, postorder
from symdiff.expr.unspecified import Unspecified
from symdiff.proof.kinks import Kink, agreed, kinks_at
from symdiff.proof.statements.places import Part, Place, Sentences
from symdiff.proof.statements.spaces import counts_entries, value_at
from symdiff.proof.statements.sweep_sentences import expect_layout
from symdiff.rendering.formulas.signs import formulas_in, nodes_of
from symdiff.rules.table import RULES
from symdiff.tape.tape import Step, step_of

ARRAYS = Sentences()
says = ARRAYS.says


@says("arrays.conventions")
def _conventions(place: Place) -> None:
    """Each part is checked on its own; what is assumed and how derivatives are laid out is said."""
    place.require(place.heading == "statement.heading", "stands elsewhere")
    place.require(".find" not in place.key_before, "stands after the task")
    parts = list(map(str, place["parts"]))
    place.require(len(set(parts)) == len(parts), "says one thing twice")
    said = {text.key.removesuffix("_rows").partition("_")[0] for text in place["parts"]}
    assumed = {f"arrays.{name.assume}" for name in place.part.inputs if name.assume}
    place.require(assumed <= said, "leaves out what is assumed")
    indices = [
        text.params["index"] for text in place["parts"] if text.key in ("arrays.index", "arrays.indices")
    ]
    place.require({*place.part.indices} <= {*indices}, "leaves out an index")
    for key, is_needed in _needed(place):
        place.require(key in said or not is_needed, f"leaves out {key}")


def _needed(place: Place) -> Iterator[tuple[str, bool]]:
    """What has to be said of columns, of operations entry by entry, of rows and of the layout."""
    part, tape = place.part, place.part.tape
    if tape.has_arrays if tape is not None else any(node.shape for node in _stems(place)):
        shown = _on_the_page(place)
        yield "arrays.columns", any(len(node.shape) == 1 for node in shown)
        yield "arrays.entrywise", any(acting(shown))
        yield "arrays.rows", bool(_spread_over_rows(place))
        yield "arrays.column", any(map(_spreads_a_column, shown))
    has_arrays = tape is not None and tape.has_arrays
    has_jacobians = any(isinstance(left, Nabla) for left in part.lefts) or _asks_for_jacobian(part)
    yield "jacobian.layout", has_arrays and has_jacobians
    of_number = tape is not None and has_arrays and not tape.output.shape
    yield "arrays.layout", of_number and not part.is_named
    yield "bptt.horizon", part.of is not None and not is_number(part.of.horizon)
    if part.is_named and not part.is_exercise_alone:
        yield "kink.function", any(map(_has_kink, _nodes(formulas_of(place))))
        ops = {node.op for node in _on_the_page(place)}
        yield "kink.positive", POSITIVE in ops
        yield "kink.greater", GREATER in ops
        for comparison in _nodes(formulas_of(place)):
            if comparison.op in COMPARISONS:
                yield "kink.closed" if at_equality(comparison) else "kink.open", not is_constant(comparison)


def _has_kink(node: Expr) -> bool:
    rule = RULES.get(node.op.name)
    if rule is None or rule.kink is None or is_array(node.op) or is_constant(node) or node.op in COMPARISONS:
        return False
    left, right = rule.kink(*node.args)
    return bool(left != right)


def _asks_for_jacobian(part: Part) -> bool:
    """Whether an exercise alone asks for a Jacobian."""
    keys = [block.text.key for block in part.blocks if isinstance(block, Paragraph)]
    return part.is_exercise_alone and any(key.startswith("jacobian.find") for key in keys)


def formulas_of(place: Place) -> list[Expr]:
    """The author's formulas."""
    part = place.part
    if part.of is not None:
        return [formula for _, formula in (*part.of.cell, *part.of.after)]
    assert part.tape is not None
    return [formula for _, formula in part.tape.definitions]


def _nodes(formulas: Sequence[Expr]) -> Iterator[Expr]:
    for formula in formulas:
        for node in postorder(formula):
            yield node
            if isinstance(node, Series):
                yield from _nodes([node.body])


def _on_the_page(place: Place) -> list[Expr]:
    """The nodes of what is given and of the formulas on the page, those under a sum over indices apart."""
    found: list[Expr] = list(_stems(place))
    for form in formulas_in(block for part in place.part.page for block in part.blocks):
        found += nodes_of(form, lambda node: node.op in (a.SUM, a.MEAN))
    return found


def _stems(place: Place) -> Iterator[Sym]:
    yield from place.part.inputs
    if place.part.of is not None:
        yield from place.part.of.sequences


@says("arrays.columns", role="part")
def _columns(place: Place) -> None:
    vectors = any(len(node.shape) == 1 for node in _on_the_page(place))
    place.require(vectors, "is said where there are no vectors")


@says("arrays.entrywise", role="part")
def _entrywise(place: Place) -> None:
    """All that acts entry by entry on the page, and nothing else."""
    said = [text.key.removeprefix("arrays.acts.") for text in place["what"]]
    place.require(said == list(acting(_on_the_page(place))), "says it of other operations")


@says(
    *(f"arrays.acts.{kind}" for kind in ("sums", "powers", "quotients", "conditions", "functions")),
    role="part",
)
def _kind_of_operation(place: Place) -> None:
    place.require(place.outer is not None and place.outer.key == "arrays.entrywise", "stands elsewhere")


def acting(nodes: Sequence[Expr]) -> Iterator[str]:
    """The kinds of operations on arrays that act entry by entry among nodes."""
    own = [node for node in nodes if node.shape and node.args and not is_array(node.op)]
    if any(node.op.name in "+-" and any(not arg.shape for arg in node.args) for node in own):
        yield "sums"
    if any(node.op.name == "**" for node in own):
        yield "powers"
    if any(node.op.name == "/" and node.args[1].shape for node in own):
        yield "quotients"
    if any(node.op.name == "where" or is_condition(node) for node in map(_without_one, own)):
        yield "conditions"
    operators = {"+", "-", "*", "/", "**", "neg", "total", "where", "indicator"}
    called = [node.op for node in own if not is_condition(node)]
    if any(op.name in RULES.keys() - operators or isinstance(op, Unspecified) for op in called):
        yield "functions"


def _without_one(node: Expr) -> Expr:
    """The condition of 1[c]."""
    return node.args[0] if node.op.name == "indicator" else node


@says("arrays.rows", role="part")
def _rows(place: Place) -> None:
    """Somewhere a vector meets a matrix entry by entry."""
    place.require(bool(_spread_over_rows(place)), "is said of no formula")


def _spread_over_rows(place: Place) -> list[Expr]:
    nodes = [n for n in _nodes(formulas_of(place)) if not is_array(n.op) and len(n.shape) == 2]
    return [arg for n in nodes for arg in n.args if len(arg.shape) == 1]


@says("arrays.column", role="part")
def _one_column(place: Place) -> None:
    """Somewhere on the page a matrix of one column is added to one of several."""
    place.require(any(map(_spreads_a_column, _on_the_page(place))), "is said of no formula")


def _spreads_a_column(node: Expr) -> bool:
    widths = {arg.shape[1] for arg in node.args if len(arg.shape) == 2}
    return node.op in (ADD, SUB) and len(node.shape) == 2 and 1 in widths and node.shape[1] != 1


@says("arrays.simplex", "arrays.simplex_rows", "arrays.symmetric", role="part")
def _assumed(place: Place) -> None:
    """What is assumed is what the author said, of every name that it was said of."""
    part = place.part
    every = list(part.inputs)
    if part.of is not None:
        every += [Sym(f"{s.name}@{part.of.index}", shape=s.shape, assume=s.assume) for s in part.of.sequences]
    what = "symmetric" if place.key == "arrays.symmetric" else "simplex"
    names = [name for name in every if name.assume == what]
    place.expect(names=tuple(names))
    by_rows = what == "simplex" and any(len(name.shape) == 2 for name in names)
    place.require(place.key.endswith("_rows") == by_rows, "says it of other arrays")


@says("arrays.index", "arrays.indices", role="part")
def _index(place: Place) -> None:
    """An index of the author's and the number of the last entry, one less than there are."""
    index = place["index"]
    place.require(index in place.part.indices, f"speaks of {index}")
    place.require((place.key == "arrays.indices") == bool(index.shape), f"is said of {index}")
    sizes = {name: 7 + 3 * i for i, name in enumerate(names_in(index.limit))}
    place.require(
        value_at(place["last"], sizes) == size_value(index.limit, sizes) - 1, "miscounts the entries"
    )


@says("arrays.layout_denominator", "arrays.layout_numerator", role="part")
def _layout(place: Place) -> None:
    tape = place.part.tape
    assert tape is not None
    place.expect(result=tape.result)
    expect_layout(place)


@says("arrays.results", "arrays.results_both")
def _results(place: Place) -> None:
    part = place.part
    place.require(len(part.wrt) > 1 and "reverse" in part.modes, "is said of one derivative")
    place.require((place.key == "arrays.results_both") == ("forward" in part.modes), "is of other modes")
    place.require(place.heading == "result.heading", "stands elsewhere")


@says("arrays.read_off")
def _read_off(place: Place) -> None:
    """ẏ along ẋ comes next, and ends in an inner product with ẋ."""
    tape = place.part.tape
    assert tape is not None
    direction = place["direction"]
    name = next((name for name in place.part.wrt if dot(name, name) == direction), None)
    place.require(name is not None, f"speaks of {direction}")
    assert name is not None
    place.expect(tangent=dot(tape.output, name))
    place.require(place.next_lefts == [dot(tape.output, name)], "is followed by another tangent")


@says("trace.values", role="heading")
def _values(place: Place) -> None:
    place.require(place.next_rows and all(r.chain.at_point for r in place.next_rows), "is before no numbers")


@says("arrays.adjoint_values")
def _adjoint_values(place: Place) -> None:
    """The numbers of adjoints come next."""
    bars = [isinstance(left, Sym) and left.accent == "bar" for left in place.next_lefts]
    place.require(bars and all(bars), "is before others")
    place.require(all(row.chain.at_point for row in place.next_rows), "is before no numbers")


@says("arrays.cost", "arrays.cost_number", "arrays.cost_one", "arrays.cost_open")
def _cost(place: Place) -> None:
    """One forward pass for each entry of a variable, one reverse pass for each entry of the result."""
    part, tape = place.part, place.part.tape
    assert tape is not None
    place.expect(wrt=part.wrt)
    for name, shapes in (("inputs", [n.shape for n in part.wrt]), ("outputs", [tape.output.shape])):
        place.require(counts_entries(place[name], shapes), f"counts {place[name]} passes")
    place.require((place.key == "arrays.cost") == bool(tape.output.shape), "is of another result")
    if place.key != "arrays.cost":
        entries = place["inputs"]
        number = "open" if not isinstance(entries, Num) else "one" if entries.value == 1 else "number"
        place.require(place.key == f"arrays.cost_{number}", "compares the modes wrongly")


@says("kink.place", "kink.jump", "kink.entries", "kink.whole")
def _kink(place: Place) -> None:
    """A step has the function, which has its kink there, and this is agreed."""
    kink = _kink_of(place)
    place.require(
        place["place"].args == (kink.left, kink.right) and place["place"].op.name == "equal",
        f"puts it where {place['place']}",
    )
    if place.key != "kink.whole":
        over = place["function"] if place.key == "kink.entries" else kink.step.var
        _expect_agreed(place, kink, over)
    if place.key in ("kink.place", "kink.jump"):
        place.require((place.key == "kink.jump") == _is_jump(kink), "takes a jump for a kink")
    place.require(kink.function.op not in (*TIED, NORM1), "is of other variables")
    entrywise = bool(kink_arrays(place, kink))
    place.require(entrywise == (place.key in ("kink.entries", "kink.whole")), "is of other variables")


def kink_arrays(place: Place, kink: Kink) -> bool:
    """Whether the function acts on arrays."""
    function = place["function"]
    return bool(is_array(function.op) or _function_in_step(place).shape)


def _kink_of(place: Place) -> Kink:
    """The kink of the function that a sentence names, in its step, or on letters for one entry."""
    found = _function_in_step(place)
    step = next(step for step in place.part.tape.steps if step.var == place["step"])  # type: ignore[union-attr]
    if place.key == "kink.entries":
        return on_letters(Sym(step.var.name), place["function"])
    left, right = RULES[found.op.name].kink(*found.args)  # type: ignore[misc]
    return Kink(step, found, as_expr(left), as_expr(right))


def _function_in_step(place: Place) -> Expr:
    """The function that a sentence names, as it stands in its step."""
    tape, function = place.part.tape, place["function"]
    assert tape is not None
    step = tape.step_of.get(place["step"])
    place.require(step is not None, f"speaks of {place['step']}")
    assert step is not None
    nodes = [node for node in postorder(step.body) if node.op is function.op]
    if place.key != "kink.entries":
        nodes = [node for node in nodes if node == function]
    else:
        nodes = [node for node in nodes if _in_letters(node, place) == function]
    place.require(nodes and RULES[function.op.name].kink is not None, f"speaks of {function}")
    return nodes[0]


def _in_letters(node: Expr, place: Place) -> Expr:
    """A function on free letters for one entry of each argument, 1 or 0 where every entry is that."""
    letters = iter(place.part.letters.several("entry", 2))
    numbers = {"ones": Num(1), "zeros": Num(0)}
    args: list[Expr] = []
    for arg in node.args:
        if isinstance(arg, Filled) and arg.what in numbers:
            args.append(numbers[arg.what])
        else:
            args.append(Sym(next(letters)) if arg.args or arg.shape or isinstance(arg, Sym) else arg)
    return Expr(node.op, *args)


def on_letters(name: Sym, function: Expr) -> Kink:
    """The kink of a function of letters, as of a step of its own."""
    step: Step = step_of(name, function)
    left, right = RULES[function.op.name].kink(*function.args)  # type: ignore[misc]
    return Kink(step, function, as_expr(left), as_expr(right))


def _expect_agreed(place: Place, kink: Kink, over: Expr) -> None:
    said = [(item.op.name, *item.args) for item in place["conventions"]]
    known = [("equal", Expr(PARTIAL, over, operand), value) for operand, value in agreed(kink)]
    place.require(said == known, "agrees on other values")


def _is_jump(kink: Kink) -> bool:
    rows = RULES[kink.function.op.name].partials(kink.function, *kink.function.args)
    return not any(row.matrix().args for row in rows if row is not None)


@says("kink.tied", "kink.zero_entry")
def _kink_of_entries(place: Place) -> None:
    """A step has a largest or a smallest entry, or a sum of absolute values."""
    function = _function_in_step(place)
    if place.key == "kink.tied":
        place.require(function.op in TIED, f"speaks of {function}")
    else:
        place.require(function.op is NORM1, f"speaks of {function}")
        place.expect(array=function.args[0])


@says("kink.more")
def _more_kinks(place: Place) -> None:
    """All kinks of functions of numbers that have no sentence of their own."""
    from symdiff.proof.kinks import kinks  # start-up: few pages have kinks

    tape = place.part.tape
    assert tape is not None
    own = [k.function for k in kinks(tape) if not k.function.shape and not is_array(k.function.op)]
    every = [function for function in own if not is_constant(function)]
    said = [b for b in place.part.blocks if getattr(getattr(b, "text", None), "key", "") in _ONE_BY_ONE]
    place.expect(count=len(every) - len(said))


_ONE_BY_ONE = ("kink.place", "kink.jump")


@says("kink.here", "kink.here_in")
def _kink_here(place: Place) -> None:
    """The reader's point lies on all these kinks, and on no others of functions of numbers."""
    said = [(part.params[_WHERE[part.key]], *part.params["place"].args) for part in place["places"]]
    known = [(k.step.var, k.left, k.right) for k in _on_kinks_of_numbers(place)]
    place.require(said and said == list(dict.fromkeys(known)), "speaks of other steps")


_WHERE = {"kink.at": "step", "kink.at_in": "name"}


@says("kink.at", "kink.at_in", role="part")
def _kink_at(place: Place) -> None:
    own = place.key.replace("at", "here")
    place.require(place.outer is not None and place.outer.key == own, "stands elsewhere")
    place.require(place["place"].op.name == "equal", "names no place")


def _on_kinks_of_numbers(place: Place) -> list[Kink]:
    """The kinks of functions of numbers on which the reader's point lies."""
    tape, here = place.part.tape, getattr(place.part.judge, "here", None)
    found = [] if here is None or tape is None else kinks_at(tape, here)
    return [k for k in found if not (k.function.shape or is_array(k.function.op) or is_constant(k.function))]


@says("kink.entry_here")
def _kink_of_entry_here(place: Place) -> None:
    tape, here = place.part.tape, getattr(place.part.judge, "here", None)
    steps = [] if here is None or tape is None else [kink.step.var for kink in kinks_at(tape, here)]
    place.require(place["step"] in steps, "speaks of another step")


@says("kink.entry_here_in")
def _kink_of_entry_in_definition(place: Place) -> None:
    tape, here = place.part.tape, getattr(place.part.judge, "here", None)
    found = [] if here is None or tape is None else kinks_at(tape, here)
    names = [kink.step.var for kink in found if kink.function.shape]
    place.require(place["name"] in names, "speaks of another definition")


@says("kink.function", role="part")
def _kink_of_function(place: Place) -> None:
    """A function in a formula, on letters for one entry of each argument, and what is agreed at its kink."""
    function = place["function"]
    nodes = _nodes(formulas_of(place))
    same = any(node.op is function.op and len(node.args) == len(function.args) for node in nodes)
    rule = RULES.get(function.op.name)
    place.require(same and rule is not None and rule.kink is not None, f"speaks of {function}")
    kink = on_letters(Sym("w"), function)
    at = place["place"]
    place.require(at.op.name == "equal" and at.args == (kink.left, kink.right), f"puts it where {at}")
    _expect_agreed(place, kink, function)


@says("kink.closed", "kink.open")
@says("kink.closed", "kink.open", role="part")
def _which_case(place: Place) -> None:
    """A condition of a step or of a definition, and whether it holds where both sides are equal."""
    condition = place["condition"]
    place.require(condition in _conditions(place), f"speaks of {condition}")
    place.require((place.key == "kink.closed") == at_equality(condition), "says the opposite")
    at = place["place"]
    place.require(at.op.name == "equal" and at.args == condition.args, f"puts it where {at}")


def _conditions(place: Place) -> set[Expr]:
    """The comparisons in steps and definitions."""
    tape = place.part.tape
    bodies = [step.body for step in tape.steps] if tape is not None else []
    return {node for node in _nodes([*formulas_of(place), *bodies]) if node.op in COMPARISONS}


@says("kink.indicator")
@says("kink.indicator", role="part")
def _indicator_of_condition(place: Place) -> None:
    u, v = map(Sym, place.part.letters.several("entry", 2))
    condition = Expr(AT_MOST, u, v)
    place.expect(condition=condition, indicator=Expr(INDICATOR, condition))


@says("kink.positive", "kink.greater")
@says("kink.positive", "kink.greater", role="part")
def _indicator(place: Place) -> None:
    """What 1[u > 0] and 1[u > v] are, the latter ½ where max and min share it out."""
    u, v = map(Sym, place.part.letters.several("entry", 2))
    if place.key == "kink.positive":
        place.expect(u=u, indicator=Expr(POSITIVE, u))
    else:
        place.expect(u=u, v=v, indicator=Expr(GREATER, u, v), half=Num(1) / Num(2))
