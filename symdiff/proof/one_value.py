"""Each symbol of a page has one value: what is printed alike is the same.

Equalities are proved by what their names and derivatives are, a reader knows what is printed of them. So the
partial ∂y/∂x inside a definition of y and the derivative along every way, both true in their lines, may not
be printed alike on one page unless they are equal there; nor a row and a column, a name and an entry, a short
name and a name of the author. Tangents of different passes are told apart by their seeds, which the headings
of the passes name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from symdiff.document.blocks import Block, Chain, Unseen, chains
from symdiff.document.repeats import RepeatedRow, claims
from symdiff.errors import DomainError, InputError, ProofError
from symdiff.expr.leaves import Alias, Applied, Nabla
from symdiff.expr.letters import NONE_TAKEN, Letters
from symdiff.expr.operations import (
    COLUMN,
    DIRECT,
    IMMEDIATE,
    ONLY_ENTRY,
    PARTIAL_ROW,
    SHOWN_AS_ROW,
    SHOWN_TRANSPOSED,
    THROUGH,
)
from symdiff.expr.timed import Braced, Series
from symdiff.expr.tree import DERIVATIVE, INDEX, PARTIAL, Expr, Sym, postorder, symbols, to_code
from symdiff.rendering.formulas.alike import are_alike
from symdiff.rendering.formulas.latex import LatexPrinter

_LAID_OUT = {SHOWN_AS_ROW, SHOWN_TRANSPOSED}
_SYMBOLS = {PARTIAL, DERIVATIVE, IMMEDIATE, DIRECT, THROUGH, PARTIAL_ROW, INDEX, *_LAID_OUT}
Times = tuple[Expr, Expr] | None


class Use(NamedTuple):
    """A symbol where it stands: for which times, inside which sums over time, and who judges it there."""

    node: Expr
    times: Times
    inside: tuple[Series, ...]
    check: Callable[[Chain], Any]


def check_symbols(parts: Iterable[tuple[Iterable[Block], Any]], letters: Letters = NONE_TAKEN) -> None:
    """Compare all symbols that are printed alike in parts about the same thing; `parts` have their judges.

    `letters` are those that the page has free beside the author's names.

    Raises:
        ProofError: a symbol has two values on the page.
        InputError: a name of the author's is printed like an entry.
    """
    printer = LatexPrinter(letters=letters)
    groups: dict[object, list[Use]] = {}
    for (subject, node), use in _uses(parts).items():
        groups.setdefault((subject, printer(node), _seeds(node)), []).append(use)
    for first, *others in groups.values():
        for other in others:
            _check_equal(first, other)


def check_members(parts: Iterable[tuple[Iterable[Block], Any]], letters: Letters = NONE_TAKEN) -> None:
    """Refuse an equality with a member that is printed like the one before it.

    Raises:
        ProofError: a member says nothing.
    """
    for blocks, _ in parts:
        for chain in _shown(blocks):
            for one, other in pairwise((chain.left, *chain.members)):
                if are_alike(one, other, letters):
                    raise ProofError(f"proof failed: {to_code(other)} stands twice in a row on the page")


def _uses(parts: Iterable[tuple[Iterable[Block], Any]]) -> dict[tuple[int, Expr], Use]:
    """The symbols of a page, each where it stands first, with what it is about."""
    found: dict[tuple[int, Expr], Use] = {}
    for blocks, judge in parts:
        # The judges of one recurrence differ only in the times and lengths they look at.
        subject = id(getattr(judge, "of", judge))
        for chain in _shown(blocks):
            for form in (chain.left, *chain.members):
                for node, inside in symbols_in(form):
                    if (subject, node) not in found:
                        found[subject, node] = Use(node, chain.times, inside, judge.check)
    return found


def _shown(blocks: Iterable[Block]) -> Iterator[Chain]:
    """The equalities that are printed; of rows that rename one row, that row."""
    patterns: set[int] = set()
    for claim in claims(block for block in blocks if not isinstance(block, Unseen)):
        if not isinstance(claim, RepeatedRow):
            yield claim
        elif id(claim.pattern) not in patterns:
            patterns.add(id(claim.pattern))
            yield from chains(claim.pattern.record)


def symbols_in(form: Expr, inside: tuple[Series, ...] = ()) -> Iterator[tuple[Expr, tuple[Series, ...]]]:
    """The symbols of a formula, each with the sums and products over time in which it stands."""
    for node in postorder(form, stop=lambda n: n.op in _LAID_OUT):
        if isinstance(node, Series):
            yield from symbols_in(node.body, (*inside, node))
        elif isinstance(node, Braced):
            yield from symbols_in(node.body, inside)
            yield from symbols_in(node.label, inside)
        elif isinstance(node, Sym | Alias | Applied | Nabla) or node.op in _SYMBOLS:
            yield node, inside


def _seeds(node: Expr) -> tuple[str, ...]:
    """By which inputs the tangents in a symbol are."""
    names = [node] if isinstance(node, Sym) else symbols(node)
    return tuple(name.seed for name in names if name.seed)


def _check_equal(one: Use, other: Use) -> None:
    """Refuse two symbols that are printed alike, unless they are equal wherever both have a value."""
    for use in (one, other):
        left, right = (_summed(_as_matrix(node), use.inside) for node in (one.node, other.node))
        try:
            use.check(Chain(left, (right,), times=use.times))
        except DomainError:
            continue  # one of them has no value where the other one stands
        except ProofError as error:
            _check_author_names(one.node, other.node)
            named = other.node.args[0] if other.node.op in _LAID_OUT else other.node
            what = f"proof failed: {to_code(named)} has two values on the page: {error.what}"
            raise ProofError(what, way_out=error.way_out) from None


def _check_author_names(*nodes: Expr) -> None:
    """Refuse a name of the author's that is printed like an entry, as e1 beside e[0]."""
    name = next((node for node in nodes if isinstance(node, Sym) and not node.accent), None)
    entry = next((node for node in nodes if node.op is INDEX), None)
    if name is not None and entry is not None:
        raise InputError(f"{name.name!r} and {to_code(entry)} print alike", way_out="rename one")


def _as_matrix(node: Expr) -> Expr:
    """A vector as the matrix of one column as which it is printed, one entry as the number in it."""
    if node.shape and all(size == 1 for size in node.shape):
        return Expr(ONLY_ENTRY, node)
    return Expr(COLUMN, node) if len(node.shape) == 1 else node


def _summed(node: Expr, inside: tuple[Series, ...]) -> Expr:
    """A symbol with its letters bound as they are where it stands."""
    for series in reversed(inside):
        node = Series("sum", series.index, series.low, series.high, node)
    return node
