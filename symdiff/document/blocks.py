"""A document: what is said and in which order, as records. No words, no markup, no calculus.

`Text` names a message and its parameters; a block is one of a closed set of kinds; formulas are chains,
equalities in one or more members. A renderer turns each kind into markup; the proof walks over every chain
that a document holds (`chains`), so that nothing is printed that was not checked.

`Stepping` is a block to go through step by step: `Known` names have numbers from the start, which a reader
may change, and each `Move` computes one more name from earlier ones, along edges of the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any, ClassVar, TypeAlias, get_args

from symdiff.expr.letters import Letters
from symdiff.expr.records import dataclass
from symdiff.expr.tree import Expr, Sym


@dataclass(frozen=True, slots=True)
class Chain:
    """An equality left = m₁ = m₂ = …; `at_point` when it holds at the reader's point, with numbers.

    `times` are the first and the last time for which it is claimed, where it has a letter for its time.
    """

    left: Expr
    members: tuple[Expr, ...]
    at_point: bool = False
    boxed: bool = False
    times: tuple[Expr, Expr] | None = None

    def __hash__(self) -> int:
        return hash(self.left)  # few equalities share it; one that repeats a pattern stays unwritten


@dataclass(frozen=True, slots=True)
class Text:
    """A message key with its parameters: expressions, chains, texts, numbers, or tuples of these."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Localized:
    """A phrase the author gave per language, such as an exercise's title."""

    by_language: Mapping[str, str]


def text(key: str, **params: Any) -> Text:
    """The message `key` with its parameters."""
    return Text(key, params)


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a section, or at `level` 2 of a part of one."""

    kind: ClassVar[str] = "heading"
    text: Text
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence, or several, on lines of their own."""

    kind: ClassVar[str] = "paragraph"
    text: Text


@dataclass(frozen=True, slots=True)
class Row:
    """One row of aligned equalities: a chain, chains that stand beside it, a short note at its end.

    `space` is what the left side is an element of, such as ℝⁿ; `reason` stands on a line of its own below.
    A row that `goes_on` continues the row before, whose left side it has: the left side is not written again,
    and its reason stands at the end of the line where it fits.
    """

    chain: Chain
    beside: tuple[Chain, ...] = ()
    note: Text | None = None
    space: Expr | None = None
    reason: Text | None = None
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Dots:
    """Rows left out, with what is said of them."""

    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Fold:
    """What is written of a long block: numbers of its rows, general rows, dots; all its rows are proved."""

    shown: tuple[int | Row | Dots, ...]


@dataclass(frozen=True, slots=True)
class Equations:
    """Equalities aligned at their first sign."""

    kind: ClassVar[str] = "equations"
    rows: tuple[Row, ...]
    fold: Fold | None = None


@dataclass(frozen=True, slots=True)
class Formula:
    """A rule in symbols, such as an accumulation rule, with the range of its indices; claims no value."""

    kind: ClassVar[str] = "formula"
    form: Expr
    note: Text


@dataclass(frozen=True, slots=True)
class Table:
    """A table of chains: one head cell a column, rows of chains, `rules` before those row numbers."""

    kind: ClassVar[str] = "table"
    head: tuple[Text, ...]
    rows: tuple[tuple[Chain | None, ...], ...]
    rules: tuple[int, ...] = ()
    fold: Fold | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A remark set apart from the solution, such as what was checked; `more` is for those who unfold it."""

    kind: ClassVar[str] = "note"
    text: Text
    more: Text | None = None


@dataclass(frozen=True, slots=True)
class Unseen:
    """Equalities that are proved with the others although the page leaves them out."""

    kind: ClassVar[str] = "unseen"
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A variable of a computation graph; `chain` says what it is, a bare name where it has no members.

    `role` is input, step, result, or dots for what is left out; `value` and `adjoint` stand above and
    below. `column` and `row` say where it goes in a grid, as of a network through time.
    """

    key: str
    chain: Chain
    role: str = "step"
    value: Chain | None = None
    adjoint: Chain | None = None
    column: int | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """The use of one variable by another, with the local partial of the head by the tail.

    `path` is a, b, … where the adjoint of the tail comes back along several paths; `delay` is how many
    steps later the head takes it; `through` are weights that act on the way and are no nodes.
    """

    tail: str
    head: str
    partial: Chain | None = None
    path: str = ""
    delay: int = 0
    through: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """Variables and their uses; `description` says in words what is to be seen.

    `columns` are the columns of a grid, with what is written under each; `letters` are those that are free.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    title: Text
    description: Text
    columns: tuple[tuple[int, Expr], ...] = ()
    letters: Letters = Letters()


@dataclass(frozen=True, slots=True)
class Picture:
    """A computation graph, drawn; `before` announces it, and is said only where it is drawn."""

    kind: ClassVar[str] = "picture"
    graph: Graph
    before: tuple[Heading | Paragraph, ...] = ()


Nested = Any
"""A Fraction, or tuples of Fractions, or tuples of tuples of them."""


@dataclass(frozen=True, slots=True)
class Known:
    """A name that is given: an input of the tape, or the free seed of a sweep. `name` is the author's.

    `numbers` has the shape of `var`; None where no numbers are known.
    """

    var: Sym
    name: Sym
    numbers: Nested = None


@dataclass(frozen=True, slots=True)
class Move:
    """One step: var = members. `shown` are those members that a short line shows, `form` gives the number.

    `along` are the edges (operand, step) of the graph whose contributions come together here.
    """

    var: Sym
    members: tuple[Expr, ...]
    shown: tuple[Expr, ...]
    form: Expr
    along: tuple[tuple[Sym, Sym], ...] = ()


@dataclass(frozen=True, slots=True)
class Phase:
    """Moves of one kind: `primal` down the tape, `forward` with its tangents by `by`, `reverse` back."""

    mode: str
    moves: tuple[Move, ...]
    by: Sym | None = None


@dataclass(frozen=True, slots=True)
class Stepping:
    """A derivation to go through step by step: what is known, then phase after phase.

    `sizes` are the numbers of sizes that are names; `same` are other ways to write one of the names, as
    ∂y/∂x for an adjoint; `formulas`, made when asked for, write operations of a user's own in others:
    op(names) = form. `given` says that the reader chose the numbers; `numbers` are the values of names that
    follow from them, shown to `digits`. `graph` is the picture of the steps. `indices` are the values of the
    indices that are names, which nobody changes.
    """

    kind: ClassVar[str] = "stepping"
    known: tuple[Known, ...]
    phases: tuple[Phase, ...]
    sizes: Mapping[str, int]
    same: tuple[tuple[Expr, Sym], ...] = ()
    formulas: Callable[[], Iterable[tuple[str, tuple[Sym, ...], Expr]]] = field(default=tuple, compare=False)
    given: bool = False
    numbers: tuple[tuple[Sym, Expr], ...] = ()
    digits: int = 4
    graph: Graph | None = None
    indices: Mapping[str, Nested] = field(default_factory=dict)

    @property
    def moves(self) -> tuple[Move, ...]:
        """All moves in order."""
        return tuple(move for phase in self.phases for move in phase.moves)

    @property
    def claims(self) -> tuple[Chain | Graph | None, ...]:
        """What is to be proved: each move as an equality, and the picture."""
        return (*(Chain(move.var, move.members) for move in self.moves), self.graph)


Block: TypeAlias = Heading | Paragraph | Equations | Formula | Table | Note | Unseen | Picture | Stepping
KINDS = tuple(block.kind for block in get_args(Block))


@dataclass(frozen=True, slots=True)
class Document:
    """A title and its blocks; `letters` are those that are free beside the author's names."""

    title: Text
    blocks: tuple[Block, ...]
    letters: Letters = Letters()


def chains(value: Any) -> Iterator[Chain]:
    """Every chain in a document or a part of it, in order, whether folded away or not."""
    if isinstance(value, Chain):
        yield value
    elif isinstance(value, Text):
        for param in value.params.values():
            yield from chains(param)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from chains(part)
    elif isinstance(value, Document):
        yield from chains(value.title)
        yield from chains(value.blocks)
    elif isinstance(value, Heading | Paragraph | Note):
        yield from chains(value.text)
    elif isinstance(value, Row):
        yield value.chain
        yield from chains(value.beside)
        yield from chains(value.reason)
    elif isinstance(value, Equations | Table | Unseen):
        yield from chains(value.rows)
    elif isinstance(value, Picture):
        yield from chains((value.before, value.graph))
    elif isinstance(value, Graph):
        yield from _chains_of(value)
    elif isinstance(value, Stepping):
        yield from chains(value.claims)


def _chains_of(graph: Graph) -> Iterator[Chain]:
    """The equalities that a picture shows; a bare name claims nothing."""
    for node in graph.nodes:
        shown = (node.chain if node.chain.members else None, node.value, node.adjoint)
        yield from (chain for chain in shown if chain is not None)
    yield from (edge.partial for edge in graph.edges if edge.partial is not None)
    yield from chains((graph.title, graph.description))
