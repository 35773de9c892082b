"""Sentences of the first derivatives by hand: the steps of a state, its adjoints fork by fork, their sum."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.derivation.derivation import bar
from symdiff.document.blocks import Equations, Paragraph, Table
from symdiff.expr.leaves import is_zero
from symdiff.expr.timed import Braced, Time, all_leaves
from symdiff.expr.tree import DERIVATIVE, PARTIAL, Expr, Sym, symbols
from symdiff.language.recurrence import Recurrence
from symdiff.proof.statements.places import Part, Place, Sentences, patterns_of, said, subject_of
from symdiff.proof.statements.sweep_sentences import place_of_path
from symdiff.proof.statements.time_sentences import by_of, named, over_of, recurrence_of
from symdiff.tape.tape import Tape
from symdiff.tape.tracing import trace_definitions

BY_HAND = Sentences()
says = BY_HAND.says


def _pages(place: Place) -> Iterator[Part]:
    yield from place.part.page or (place.part,)


def _recurrence_in_numbers(place: Place) -> Recurrence:
    """The recurrence that is taken by hand, every name a number."""
    for part in _pages(place):
        if part.of is not None and any(said(block, *BY) for block in part.blocks):
            return part.of
    return recurrence_of(place)


BY = ("bptt.hand_by", "bptt.hand_only")


def _by(place: Place) -> Sym:
    """By what the page differentiates by hand."""
    texts = [said(block, *BY) for part in _pages(place) for block in part.blocks]
    by = next((text.params["by"] for text in texts if text is not None), None)
    place.require(by is not None, "is said where nothing is done by hand")
    assert isinstance(by, Sym)
    return by


@says("bptt.scalar")
def _scalar(place: Place) -> None:
    """The cell and its first values come next, in numbers."""
    of = recurrence_of(place)
    lefts = [*dict(of.cell), *of.initial]
    place.require(place.next_lefts == lefts, "is not before the cell")
    place.require(not any(left.shape for left in place.next_lefts), "is before arrays")


@says(*BY)
def _hand_by(place: Place) -> None:
    """The first weight that acts within the cell; the other inputs in the steps of the first two times."""
    of, by = recurrence_of(place), place["by"]
    place.require(by in of.inputs, f"speaks of {by}")
    used = {s for name in _states_by_hand(place)[:2] for _, f in made_from(of, name, by) for s in symbols(f)}
    others = tuple(name for name in of.inputs if name != by and name in used)
    place.require(tuple(place["others"]) == others, "holds other names fixed")
    place.require((place.key == "bptt.hand_by") == bool(others), "miscounts the names held fixed")


def _states_by_hand(place: Place) -> list[Sym]:
    """The states whose derivatives are taken by hand, in order."""
    texts = [
        block.text
        for part in _pages(place)
        for block in part.blocks
        if hasattr(block, "text") and block.text.key in ("bptt.hand_at", "bptt.hand_long")
    ]
    return list(dict.fromkeys(text.params["name"] for text in texts))


def made_from(of: Recurrence, state: Sym, by: Sym) -> list[tuple[Sym, Expr]]:
    """The definitions that depend on `by` and that a state at a time is made from, in order."""
    time = of.time(state)
    steps = 1 if time is None else time.offset - of.first + 1
    (_, definitions) = of.unrolled(max(steps, of.min_steps))
    reached: set[Expr] = {by}
    for name, formula in definitions:
        if reached & {*symbols(formula)}:
            reached.add(name)
    wanted: set[Expr] = {state}
    found = []
    for name, formula in reversed(definitions):
        if name in wanted and name in reached:
            wanted |= {*symbols(formula)}
            found.append((name, formula))
    return found[::-1]


@says("bptt.hand_at", role="heading")
def _hand_at(place: Place) -> None:
    """A state at one time: its steps come next, or that it does not depend, or is like the one before.

    Where the state is the weight itself, its derivative comes at once.
    """
    of, name = _recurrence_in_numbers(place), place["name"]
    place.expect(by=_by(place))
    place.require(of.time(name) is not None, f"speaks of {name}")
    if place.next_lefts:
        derivatives = [Expr(op, name, place["by"]) for op in (DERIVATIVE, PARTIAL)]
        place.require(len(place.next_lefts) == 1, "is before other lines")
        place.require(place.next_lefts[0] in derivatives, "is before other lines")
        return
    place.require(place.next_key in ABOUT, "is before something else")
    if place.next_key.startswith("bptt.hand_steps"):
        tape = place.part.tape
        assert tape is not None
        place.require(tape.names.get(tape.output) == name, f"is not before the steps of {name}")
    else:
        after = place.following
        assert isinstance(after, Paragraph)
        place.expect(name=after.text.params["name"])


ABOUT = ("bptt.hand_steps", "bptt.hand_steps_held", "bptt.hand_zero", "bptt.deduce", "bptt.deduce_more")


def _tape(place: Place) -> Tape:
    tape = place.part.tape
    place.require(tape is not None, "is not said of steps")
    assert tape is not None
    return tape


@says("bptt.hand_steps", "bptt.hand_steps_held")
def _hand_steps(place: Place) -> None:
    """All steps of the tape; values of the cell that stay as they are."""
    of, tape = _recurrence_in_numbers(place), _tape(place)
    place.expect(by=_by(place))
    (_, definitions) = of.unrolled(max(2, of.min_steps))
    constant = tuple(name for name, _ in definitions if name in tape.held)
    place.expect(constant=constant)
    place.require((place.key == "bptt.hand_steps_held") == bool(constant), "miscounts what stays")
    place.require([subject_of(row) for row in place.next_rows] == tape.order, "is not before the steps")


def _fork(place: Place) -> Sym:
    """The variable of the tape that a sentence leads to."""
    tape, by = _tape(place), place["by"]
    assert isinstance(by, Sym)
    var = tape.by_name.get(by, by)
    place.require(var in tape.order, f"speaks of {by}")
    return var


@says("bptt.hand_adjoints", "bptt.hand_further")
def _hand_adjoints(place: Place) -> None:
    """Adjoints back to a variable, or to where the paths to it part."""
    tape, var = _tape(place), _fork(place)
    paths = len(tape.users.get(var, ()))
    place.expect(count=max(1, paths))
    first = not any(isinstance(b, Paragraph) and b.text.key == place.key for b in _before(place))
    place.require(
        (place.key == "bptt.hand_adjoints") == first or place.key == "bptt.hand_further", "comes again"
    )
    place.require(place.key == "bptt.hand_adjoints" or len(_before(place)) > 3, "comes first")
    bars = [left for left in place.next_lefts if isinstance(left, Sym) and left.accent == "bar"]
    place.require(bars and len(bars) == len(place.next_lefts), "is before other lines")
    last = bars[-1] == bar(var)
    place.require(last if paths == 1 else place_after_paths(place) == place["by"], f"does not lead to {var}")
    order = [tape.order.index(place.part.variables[left.name]) for left in bars]
    place.require(order == sorted(order, reverse=True), "is before lines in another order")


def _before(place: Place) -> list[object]:
    return list(place.part.blocks[: place.number])


def place_after_paths(place: Place) -> Sym | None:
    """The variable whose paths are followed after the equations that come next."""
    later = place.part.blocks[place.number + 2 :]
    block = later[0] if later else None
    return block.text.params.get("by") if isinstance(block, Paragraph) else None


PATHS = (
    "bptt.hand_paths",
    "bptt.hand_next_paths",
    "bptt.hand_paths_in_turn",
    "bptt.hand_next_paths_in_turn",
)


@says(*PATHS)
def _hand_paths(place: Place) -> None:
    """As many paths as there are uses; side by side in a table, or one after the other."""
    tape, var = _tape(place), _fork(place)
    place.expect(count=len(tape.users[var]))
    in_turn = place.key.endswith("in_turn")
    place.require(isinstance(place.following, Equations if in_turn else Table), "is before something else")
    goes_on = isinstance(place.before, Equations) and not said(
        place.part.blocks[place.number - 2], "bptt.hand_sum"
    )
    place.require(("next" in place.key) != goes_on, "follows something else")
    columns = list(_columns(place))
    labels = [(column[-1].name, place_of_path(column[-1].label)) for column in columns]
    place.require(labels == [(var.name, n) for n in range(len(tape.users[var]))], f"does not lead to {var}")
    for user, column in zip(tape.users[var], columns, strict=True):
        reached = _reached(tape, user.var)
        place.require(all(left.name in reached for left in column[:-1]), "has a line of another path")
        order = [tape.order.index(place.part.variables[left.name]) for left in column]
        place.require(order == sorted(order, reverse=True), "is before lines in another order")


def _reached(tape: Tape, start: Sym) -> set[str]:
    """The variables that depend on one, itself included."""
    found = {start}
    for step in tape.steps:
        if found & {*step.operands}:
            found.add(step.var)
    return {var.name for var in found}


def _columns(place: Place) -> Iterator[list[Sym]]:
    """The adjoints along each path: side by side in a table, or each up to one with a letter."""
    block = place.following
    if isinstance(block, Table):
        for cells in zip(*block.rows, strict=True):
            yield [c.left for c in cells if c is not None and isinstance(c.left, Sym)]
        return
    column: list[Sym] = []
    for left in place.next_lefts:
        assert isinstance(left, Sym)
        column.append(left)
        if left.label:
            yield column
            column = []


@says("bptt.path", role="head")
def _path(place: Place) -> None:
    """The letter of the path whose lines stand below, the last of which has it."""
    assert isinstance(place.block, Table)
    cells = [row[place.column] for row in place.block.rows if row[place.column] is not None]
    last = cells[-1].left if cells and cells[-1] is not None else None
    label = last.label if isinstance(last, Sym) else ""
    place.require(label and place_of_path(label) == place.column, "is over another path")
    place.expect(label=label)


@says("bptt.hand_sum")
def _hand_sum(place: Place) -> None:
    tape = _tape(place)
    left = place.next_lefts[0] if len(place.next_lefts) == 1 else None
    place.require(isinstance(left, Sym) and left.accent == "bar" and not left.label, "is before no sum")
    assert isinstance(left, Sym)
    place.expect(count=len(tape.users[place.part.variables[left.name]]))


def _derivative_next(place: Place) -> Expr:
    left = place.next_lefts[0] if len(place.next_lefts) == 1 else None
    by = _by(place)
    right = left is not None and left.op is DERIVATIVE and by_of(left) == by.name
    place.require(right, "is before no derivative")
    assert left is not None
    return left


@says("bptt.hand_result", "bptt.hand_result_braced")
def _hand_result(place: Place) -> None:
    """The derivative, that of the step before under a brace where it is recognised."""
    _derivative_next(place)
    form = place.next_rows[0].chain.members[-1]
    place.require(not is_zero(form), "is said of zero")
    braced = any(isinstance(leaf, Braced) for leaf in all_leaves(form))
    place.require(braced == (place.key == "bptt.hand_result_braced"), "mistakes what stands under a brace")


@says("bptt.hand_zero")
def _hand_zero(place: Place) -> None:
    left = _derivative_next(place)
    place.expect(name=over_of(left), by=_by(place))
    place.require(is_zero(place.next_rows[0].chain.members[-1]), "is not said of zero")


@says("bptt.hand_long")
def _hand_long(place: Place) -> None:
    """The number of elementary steps that the state takes."""
    of, by = _recurrence_in_numbers(place), _by(place)
    place.expect(by=by)
    name = place["name"]
    place.require(name in _states_by_hand(place) and of.time(name) is not None, f"speaks of {name}")
    definitions = made_from(of, name, by)
    used = {s for _, formula in definitions for s in symbols(formula)} - {*dict(definitions)}
    sequences = [s for s in used if of.stem(s) in {stem.name for stem in of.sequences}]
    held = [s for s in used if s != by and s not in sequences]
    tape = trace_definitions(tuple(definitions), [by, *sequences], first=1, held=held)
    place.expect(count=len(tape.steps))


@says("bptt.deduce", "bptt.deduce_more")
def _deduce(place: Place) -> None:
    """Three times that follow each other; the same form where that of the step before was recognised."""
    of, by = _recurrence_in_numbers(place), _by(place)
    left = _derivative_next(place)
    over = over_of(left)
    assert over is not None
    time = of.time(over)
    place.require(time is not None, f"speaks of {over}")
    assert time is not None
    earlier, before = (named(of, over, Time("", time.offset - n)) for n in (2, 1))
    place.expect(name=over, before=before, earlier=earlier, by=by)
    rows = [row for part in _pages(place) for block in part.blocks for row in patterns_of(block)]
    results = [row.chain.members[-1] for row in rows if row.chain.boxed and over_of(row.chain.left) == before]
    alike = bool(results) and any(isinstance(leaf, Braced) for leaf in all_leaves(results[0]))
    place.require((place.key == "bptt.deduce") == alike, "compares other forms")
