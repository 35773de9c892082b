"""Where a statement stands: the blocks of its part of a page, what comes after it, what the part is of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from symdiff.derivation.derivation import Derivation
from symdiff.document.blocks import Block, Equations, Heading, Paragraph, Row, Text, Unseen
from symdiff.document.repeats import RepeatedRow
from symdiff.errors import ProofError, shorten
from symdiff.expr.leaves import HeldIndex
from symdiff.expr.letters import Letters, letters_beside
from symdiff.expr.operations import SHOWN_AS_ROW, SHOWN_TRANSPOSED
from symdiff.expr.patterns import record_of
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape, names_in
from symdiff.expr.tree import DERIVATIVE, PARTIAL, Expr, Num, Sym
from symdiff.expr.unspecified import function_names
from symdiff.proof.statements.counted import Counts, counts_of
from symdiff.tape.tape import Tape

if TYPE_CHECKING:
    from symdiff.language.recurrence import Recurrence

ROW_PARTIAL = "partial_row"
LAID_OUT = (SHOWN_AS_ROW, SHOWN_TRANSPOSED)
"""A derivative in numerator layout: its symbol is printed as it is."""


@dataclass(frozen=True)
class Part:
    """Blocks that are judged together, and the tape or the recurrence that they are about.

    `page` are all parts of the page that it belongs to; `given` is the reader's point, where the judge has
    none.
    """

    blocks: Sequence[Block]
    judge: Any
    page: Sequence[Part] = ()
    given: Mapping[str, Any] | None = None

    @cached_property
    def tape(self) -> Tape | None:
        """The tape that the part is about; None where it is about a recurrence."""
        return None if self.of is not None else getattr(self.judge, "tape", None)

    @cached_property
    def of(self) -> Recurrence | None:
        return getattr(self.judge, "of", None)

    @cached_property
    def is_exercise_alone(self) -> bool:
        """Whether the page has its statement and no other section."""
        blocks = [block for part in self.page or (self,) for block in part.blocks]
        return {b.text.key for b in blocks if isinstance(b, Heading)} == {"statement.heading"}

    @property
    def at(self) -> Mapping[str, Any] | None:
        """The reader's point."""
        return self.given if self.given is not None else getattr(self.judge, "at", None)

    @cached_property
    def derivations(self) -> Sequence[Derivation]:
        return getattr(self.judge, "derivations", ())

    @cached_property
    def wrt(self) -> tuple[Sym, ...]:
        return self.derivations[0].wrt if self.derivations else ()

    @cached_property
    def asked_about(self) -> set[Sym]:
        """The variables that depend on what is asked for, and so are on a way from it to the result."""
        assert self.tape is not None
        asked = {name.name for name in self.wrt}
        found = {var for name, var in self.tape.by_name.items() if name.name in asked}
        for step in self.tape.steps:
            if found & {*step.operands}:
                found.add(step.var)
        return found

    @cached_property
    def modes(self) -> frozenset[str]:
        return frozenset(derivation.mode for derivation in self.derivations)

    @cached_property
    def is_named(self) -> bool:
        """Whether the tape has the author's own definitions for its steps."""
        return self.tape is not None and all(var == name for var, name in self.tape.inputs)

    @cached_property
    def letter(self) -> str:
        """w, where the variables of the tape are w_1, w_2, …"""
        assert self.tape is not None
        return self.tape.output.name.rpartition("_")[0]

    @cached_property
    def letters(self) -> Letters:
        """The letters that are free beside the author's names."""
        about = self.of if self.of is not None else self.tape
        return letters_beside(names_of_the_author(self), () if about is None else about.indexed)

    @cached_property
    def inputs(self) -> tuple[Sym, ...]:
        """The author's names of what is given."""
        if self.tape is not None:
            return tuple(name for _, name in self.tape.inputs)
        return self.of.inputs if self.of is not None else ()

    @property
    def indices(self) -> tuple[HeldIndex, ...]:
        """The indices that are names."""
        source = self.tape or self.of
        return () if source is None else tuple(source.indices.values())

    @cached_property
    def counts(self) -> Counts:
        """The operations of the tape and of its sweeps."""
        assert self.tape is not None
        return counts_of(self.tape)

    @cached_property
    def variables(self) -> dict[str, Sym]:
        """The variables of the tape by their own names."""
        return {} if self.tape is None else {var.name: var for var in self.tape.order}

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shape of each variable of the tape and of each name of the author's, by name."""
        if self.tape is None:
            return {}
        every = (*self.tape.order, *self.tape.names.values())
        return {name.name: name.shape for name in every} if self.tape.has_arrays else {}

    @cached_property
    def lefts(self) -> tuple[Expr, ...]:
        """The left sides of all equalities, of repeated rows those of their patterns only."""
        return tuple(row.chain.left for block in self.blocks for row in patterns_of(block))

    def derivation(self, mode: str) -> Derivation | None:
        return next((d for d in self.derivations if d.mode == mode), None)

    def is_result(self, node: Expr, names: Sequence[Sym] | None = None) -> bool:
        """Whether a symbol is the derivative of the result by one of the names, or by any input."""
        if self.tape is None or len(node.args) != 2 or node.args[0] != self.tape.result:
            return False
        known = (*self.inputs, *self.wrt) if names is None else names
        return node.op.name in (PARTIAL.name, DERIVATIVE.name, ROW_PARTIAL) and node.args[1] in known


def names_of_the_author(part: Part) -> Iterator[str]:
    """The names of what is given, of definitions, of sizes and of times."""
    names: list[Sym] = []
    if part.of is not None:
        yield from (part.of.index, str(part.of.horizon), *part.of.indices)
        names += [*part.of.inputs, *part.of.stems.values(), *dict(part.of.after)]
        yield from function_names(part.of.formulas)
    elif part.tape is not None:
        names += [*part.tape.names.values(), *part.tape.held, *dict(part.tape.definitions)]
        yield from part.tape.indices
        yield from function_names(formula for _, formula in part.tape.definitions)
    for name in names:
        yield name.name
        for part_of_shape in name.shape:
            yield from names_in(part_of_shape)


def patterns_of(block: Block) -> Iterator[Row]:
    """The rows of a block; of those that repeat one pattern the first one only."""
    seen: set[int] = set()
    for row in block.rows if isinstance(block, Equations | Unseen) else ():
        if isinstance(row, RepeatedRow):
            if id(row.pattern) in seen:
                continue
            seen.add(id(row.pattern))
        yield row


@dataclass(frozen=True)
class Place:
    """A sentence in a part: the number of its block, its role there, the row or the sentence it stands in.

    A role is heading, paragraph, note, reason, dots, head of a column, or part of another sentence.
    """

    part: Part
    number: int
    text: Text
    role: str
    row: Row | None = None
    outer: Place | None = None
    column: int = 0

    def inside(self, text: Text) -> Place:
        """The place of a sentence that is a parameter of this one."""
        return replace(self, text=text, role="part", outer=self)

    def __getitem__(self, name: str) -> Any:
        return self.text.params.get(name)

    @property
    def key(self) -> str:
        return self.text.key

    @property
    def block(self) -> Block:
        return self.part.blocks[self.number]

    @cached_property
    def section(self) -> list[tuple[int, Block]]:
        """The blocks after this one up to the next heading of the same level or of a higher one."""
        own = self.block.level if isinstance(self.block, Heading) else 2
        found = []
        for number, block in enumerate(self.part.blocks[self.number + 1 :], self.number + 1):
            if isinstance(block, Heading) and block.level <= own:
                break
            found.append((number, block))
        return found

    @property
    def heading(self) -> str:
        """The key of the heading that this place stands under."""
        before = reversed(self.part.blocks[: self.number])
        return next((block.text.key for block in before if isinstance(block, Heading)), "")

    @property
    def following(self) -> Block | None:
        """The next block that is written."""
        later = self.part.blocks[self.number + 1 :]
        return next((block for block in later if not isinstance(block, Unseen)), None)

    @property
    def next_key(self) -> str:
        """The key of the sentence that comes next; "" where something else does."""
        after = self.following
        return after.text.key if isinstance(after, Paragraph | Heading) else ""

    @property
    def next_rows(self) -> Sequence[Row]:
        """The rows of the equations that come next; none where something else does."""
        return self.following.rows if isinstance(self.following, Equations) else ()

    @property
    def before(self) -> Block | None:
        """The block before this one that is written."""
        earlier = reversed(self.part.blocks[: self.number])
        return next((block for block in earlier if not isinstance(block, Unseen)), None)

    @property
    def key_before(self) -> str:
        return self.before.text.key if isinstance(self.before, Paragraph | Heading) else ""

    @property
    def next_lefts(self) -> list[Expr]:
        """The left sides of the next rows; one that goes on has that of the row before."""
        return [row.chain.left for row in self.next_rows if not record_of(row).goes_on]

    def require(self, condition: object, what: str) -> None:
        """Refuse the sentence unless `condition` holds.

        Raises:
            ProofError: it does not.
        """
        if not condition:
            self.refuse(what)

    def refuse(self, what: str) -> NoReturn:
        refuse(f"the sentence {self.key}", what)

    def expect(self, **params: Any) -> None:
        """Refuse the sentence unless its parameters are these and no others that are formulas."""
        for name, value in params.items():
            given = self[name]
            if given is not value and _plain(given) != _plain(value):
                self.refuse(f"says {shorten(_written(given))} where it is {shorten(_written(value))}")


def _plain(value: Any) -> Any:
    if isinstance(value, Num):
        return value.value
    return tuple(map(_plain, value)) if isinstance(value, tuple | list) else value


def _written(value: Any) -> str:
    return ", ".join(map(_written, value)) if isinstance(value, tuple | list) else str(value)


def refuse(subject: str, what: str) -> NoReturn:
    """Say what of a page is not as the page says.

    Raises:
        ProofError: always.
    """
    raise ProofError(f"proof failed: {subject} {what}", way_out="nothing was written")


Check = Callable[[Place], None]


class Sentences:
    """The checks of sentences by role and key; each says what must hold where the sentence is said."""

    def __init__(self) -> None:
        self.checks: dict[tuple[str, str], Check] = {}

    def says(self, *keys: str, role: str = "paragraph") -> Callable[[Check], Check]:
        """Register a check for sentences of a role, each of which has one check only."""

        def register(check: Check) -> Check:
            for key in keys:
                assert (role, key) not in self.checks, key
                self.checks[role, key] = check
            return check

        return register

    def update(self, other: Sentences) -> None:
        """Take over the checks of another register."""
        for (role, key), check in other.checks.items():
            self.says(key, role=role)(check)


def said(block: object, *keys: str) -> Text | None:
    """The sentence of a paragraph, if it is one of these."""
    return block.text if isinstance(block, Paragraph) and block.text.key in keys else None


def name_in(row: Row, name: Sym) -> Sym:
    """A name of the record in the row itself, which stays unwritten."""
    if isinstance(row, RepeatedRow) and name in row.pattern.names:
        return row.names[row.pattern.names.index(name)]
    return name


def subject_of(row: Row) -> Sym | None:
    """The name that a row is about: the first one on its left side."""
    own = first_name(record_of(row).chain.left)
    return None if own is None else name_in(row, own)


def note_of(row: Row) -> Text | None:
    """The note of a row, in the row's own names."""
    note = record_of(row).note
    if note is None or not isinstance(row, RepeatedRow):
        return note
    if not all(isinstance(value, Sym) for value in note.params.values()):
        return row.note
    return Text(note.key, {key: name_in(row, value) for key, value in note.params.items()})


def leads_to(tape: Tape, start: Sym, end: Sym) -> bool:
    """Whether a way along the steps leads from one variable to another, or they are the same."""
    reached = {start}
    for step in tape.steps:
        if reached & {*step.operands}:
            reached.add(step.var)
    return end in reached


def is_result_by_other_ways(tape: Tape, name: Sym, by: Sym) -> bool:
    """Whether a name is the result, and `by` acts on it through other operands of its definition too."""
    others = [operand for operand in tape.step_of[name].operands if operand != by]
    return name == tape.output and any(leads_to(tape, by, other) for other in others)


def first_name(node: Expr) -> Sym | None:
    """The first name in a formula."""
    while node.args:
        node = node.args[0]
    return node if isinstance(node, Sym) else None
