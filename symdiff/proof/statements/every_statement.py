"""The one way in: everything that the blocks of a part say besides equalities is checked, or refused.

A sentence is checked by its role and key. One without a check is refused, so that none is added unproved;
`silent_sentences` lists those that say nothing about the exercise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from symdiff.document.blocks import (
    Block,
    Chain,
    Equations,
    Formula,
    Graph,
    Heading,
    Note,
    Paragraph,
    Picture,
    Row,
    Stepping,
    Table,
    Text,
    Unseen,
)
from symdiff.expr.letters import Letters, letters_beside
from symdiff.expr.patterns import record_of
from symdiff.expr.tree import Num, Sym
from symdiff.proof.statements.boxes import check_boxes
from symdiff.proof.statements.introduced_signs import INTRODUCED, check_signs
from symdiff.proof.statements.places import (
    Check,
    Part,
    Place,
    Sentences,
    names_of_the_author,
    note_of,
    patterns_of,
    refuse,
)
from symdiff.proof.statements.silent_sentences import SILENT
from symdiff.proof.statements.spaces import check_space
from symdiff.proof.statements.sweep_sentences import SWEEPS, check_rule
from symdiff.proof.statements.tape_pictures import PICTURES, check_tape_graph
from symdiff.proof.statements.titles import TITLES
from symdiff.rendering.formulas.signs import sizes_of_ones


def check_statements(parts: Sequence[Any], at: Mapping[str, Any] | None = None) -> None:
    """Check everything that the parts of a page say besides equalities; each has blocks and a judge.

    `at` is the reader's point, for judges that do not know it.

    Raises:
        ProofError: a statement is false, or there is no check for it.
    """
    page: list[Part] = []
    page += [Part(part.blocks, part.judge, page, at) for part in parts]
    for part in page:
        if part.tape is not None or part.of is not None:
            for number, block in enumerate(part.blocks):
                _check_block(block, Place(part, number, Text(""), ""))
    check_signs(page)


def check_title(title: Text, parts: Sequence[Any]) -> None:
    """Check the title of a page.

    Raises:
        ProofError: it is that of another page.
    """
    page: list[Part] = []
    page += [Part(part.blocks, part.judge, page) for part in parts]
    check_sentence(Place(page[0], 0, title, "title"))


def check_letters(letters: Letters, parts: Sequence[Any]) -> None:
    """Check that letters are chosen beside all names of what a page is about.

    Raises:
        ProofError: a name of the author's could be taken for a letter of the page.
    """
    first = Part(parts[0].blocks, parts[0].judge)
    if not letters.covers(names_of_the_author(first)):
        refuse("the page", "takes a letter that is a name")
    if not letters.knows_indexed(first.letters):
        refuse("the page", "does not know what stands with an index")
    several = len(sizes_of_ones(block for part in parts for block in part.blocks)) > 1
    if letters.sized_ones != several:
        refuse("the page", "does not tell arrays of ones apart")


def _check_block(block: Block, place: Place) -> None:
    """One block: its sentences, its rows, what is boxed, what is folded."""
    for inner in _sentences(block, place):
        check_sentence(inner)
    for heading in block.before if isinstance(block, Picture) else (block,):
        if isinstance(heading, Heading) and heading.level != level_of(heading.text.key):
            refuse(f"the heading {heading.text.key}", "has another level")
    if isinstance(block, Equations | Unseen):
        _check_rows(block, place)
        _check_ways(block)
    if isinstance(block, Equations | Table):
        check_boxes(place)
    if isinstance(block, Equations | Table) and block.fold is not None:
        from symdiff.proof.statements.folds import check_fold  # start-up: few blocks are long

        check_fold(block, block.fold, place.part.letters.free("index"))
    if isinstance(block, Formula):
        check_rule(replace(place, text=Text(block.form.op.name)), block.form)
    if isinstance(block, Table):
        _check_rules_of_table(block, place)
    if isinstance(block, Picture):
        check_graph(block.graph, place.part)
    if isinstance(block, Stepping):
        from symdiff.proof.statements.walkthroughs import check_stepping  # start-up: HTML pages have steps

        check_stepping(block, place.part)
        if block.graph is not None:
            check_graph(block.graph, place.part)


def _check_ways(block: Equations | Unseen) -> None:
    """Rows that go on from others; a row for every i does not."""
    general = block.fold.shown if isinstance(block, Equations) and block.fold is not None else ()
    if any(isinstance(item, Row) and item.goes_on for item in general):
        refuse("a row for every i", "goes on from another row")
    if any(record_of(row).goes_on for row in block.rows):
        from symdiff.proof.statements.way_sentences import check_ways  # start-up: few results have a way

        check_ways(block)


def check_graph(graph: Graph, part: Part) -> None:
    """Nodes and arrows of a picture, of a tape or of a network through time."""
    boxed = [c for n in graph.nodes for c in (n.chain, n.value, n.adjoint) if c is not None and c.boxed]
    if boxed or any(edge.partial is not None and edge.partial.boxed for edge in graph.edges):
        refuse("the picture", "has a box")
    if not graph.letters.covers(names_of_the_author(part)):
        refuse("the picture", "takes a letter that is a name")
    in_time = getattr(part.judge, "in_time", None)
    known = part.letters if in_time is None else letters_beside((), in_time.of.indexed)
    if not graph.letters.knows_indexed(known):
        refuse("the picture", "does not know what stands with an index")
    if graph.letters.sized_ones:
        refuse("the picture", "gives sizes to arrays of ones")
    if _speaks_of_time(graph, part):
        from symdiff.proof.statements.time_pictures import check_time_graph  # start-up: tapes need none

        check_time_graph(graph, part)
    else:
        check_tape_graph(graph, part)


def _speaks_of_time(graph: Graph, part: Part) -> bool:
    """Whether a picture is of a recurrence, also beside the steps of its tape."""
    return part.of is not None or getattr(part.judge, "in_time", None) is not None


def _check_rows(block: Equations | Unseen, place: Place) -> None:
    """Spaces and times; of rows that repeat one pattern the first one."""
    for row in patterns_of(block):
        check_space(row, place.part)
        if place.part.of is not None:
            _check_times(row, place)
        left = record_of(row).chain.left
        if (
            place.heading == "reverse.heading"
            and isinstance(left, Sym)
            and left.label
            and note_of(row) is None
        ):
            refuse(f"the line of {left}", "does not say through which step it comes")
    general = block.fold.shown if isinstance(block, Equations) and block.fold is not None else ()
    for item in general:
        if isinstance(item, Row):
            check_space(item, place.part)


def _check_times(row: Row, place: Place) -> None:
    """A line is claimed for all times, or for one, or it says for which."""
    times, of = row.chain.times, place.part.of
    assert of is not None
    if times is None or times == (Num(of.first), of.last.as_expr()) or times[0] == times[1]:
        return
    key = row.reason.key if row.reason is not None else ""
    if key != "bptt.range" and place.key_before != "bptt.step":
        refuse(f"the line of {row.chain.left}", f"does not say that it is for {times[0]} to {times[1]} only")


def _check_rules_of_table(block: Table, place: Place) -> None:
    """A rule stands between the inputs and the steps."""
    tape = place.part.tape
    if tape is None or not block.rules:
        return
    inputs, rows, current = {var.name for var in tape.input_names}, 0, ""
    said: list[str] = []
    for row in block.rows:
        cell = row[0] if row[0] is not None else None
        current = cell.left.name if cell is not None and hasattr(cell.left, "name") else current
        rows += current in inputs
        said += [current] if cell is not None else []
    if block.rules != (rows,):
        refuse("the line of a table", "is not below the inputs")
    if said != [var.name for var in tape.order]:
        refuse("the table", "is in another order")


def _sentences(block: Block, place: Place) -> Iterator[Place]:
    """The sentences of a block, each with its role; those inside others come with these."""
    if isinstance(block, Heading):
        yield replace(place, text=block.text, role="heading")
    elif isinstance(block, Paragraph | Note):
        yield replace(place, text=block.text, role="paragraph")
    elif isinstance(block, Formula):
        yield replace(place, text=block.note, role="note")
    elif isinstance(block, Table):
        for column, text in enumerate(block.head):
            yield replace(place, text=text, role="head", column=column)
    elif isinstance(block, Equations | Unseen):
        yield from _notes(block, place)
    elif isinstance(block, Picture | Stepping):
        yield from _words_of_picture(block, place)


def _notes(block: Equations | Unseen, place: Place) -> Iterator[Place]:
    """Notes and reasons of rows; repeated rows are written out only where they have one."""
    for row in block.rows:
        note = note_of(row)
        if note is not None:
            yield replace(place, text=note, role="note", row=row)
        if record_of(row).reason is not None:
            assert row.reason is not None
            yield replace(place, text=row.reason, role="reason", row=row)


def _words_of_picture(block: Picture | Stepping, place: Place) -> Iterator[Place]:
    if isinstance(block, Picture):
        yield from (replace(place, text=b.text, role=f"{b.kind} before a picture") for b in block.before)
    if block.graph is not None:
        yield replace(place, text=block.graph.title, role="title of a picture")
        yield replace(place, text=block.graph.description, role="words of a picture")


def check_sentence(place: Place) -> None:
    """One sentence and those in its parameters.

    Raises:
        ProofError: it is false, or has no check.
    """
    check = _check_of(place.role, place.key)
    if check is not None:
        check(place)
    elif (place.role, place.key) not in SILENT:
        refuse(f"the sentence {place.key} ({place.role})", "has no check")
    for value in place.text.params.values():
        for text in _texts(value):
            check_sentence(place.inside(text))
        for chain in _chains(value):
            if chain.boxed:
                refuse(f"the formula of {chain.left}", "is boxed")


def _texts(value: Any) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _texts(part)


def _chains(value: Any) -> Iterator[Chain]:
    if isinstance(value, Chain):
        yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _chains(part)


@cache
def _of_every_page() -> Sentences:
    found = Sentences()
    for part in (SWEEPS, PICTURES, TITLES, INTRODUCED):
        found.update(part)
    return found


def _of_arrays() -> Sentences:
    from symdiff.proof.statements.array_sentences import ARRAYS  # start-up: numbers need none of these

    return ARRAYS


def _of_definitions() -> Sentences:
    from symdiff.proof.statements.definition_sentences import DEFINITIONS  # start-up: sweeps need none

    return DEFINITIONS


def _of_ways() -> Sentences:
    from symdiff.proof.statements.way_sentences import WAYS  # start-up: few results have a way

    return WAYS


@cache
def _in_time() -> Sentences:
    # Start-up: pages of tapes have no times.
    from symdiff.proof.statements.hand_sentences import BY_HAND
    from symdiff.proof.statements.time_pictures import IN_TIME_PICTURES
    from symdiff.proof.statements.time_sentences import IN_TIME

    found = Sentences()
    for part in (IN_TIME, BY_HAND, IN_TIME_PICTURES):
        found.update(part)
    return found


def _check_of(role: str, key: str) -> Check | None:
    """The check of a sentence; those of other pages are loaded with the first one of theirs."""
    if (role, key) in SILENT:
        return None
    if key.startswith("way."):
        return _of_ways().checks.get((role, key))
    registers = (_of_every_page, _of_arrays, _of_definitions, _in_time)
    found = (register().checks.get((role, key)) for register in registers)
    return next((check for check in found if check is not None), None)


SECOND_LEVEL = (
    "bptt.by_weight",
    "bptt.hand_at",
    "bptt.induction",
    "bptt.vanishing",
)


def level_of(key: str) -> int:
    """1 for the title of a section, 2 for that of a part of one."""
    return 2 if key in SECOND_LEVEL else 1
