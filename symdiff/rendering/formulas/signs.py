"""The signs in formulas that a reader may not know, as ⊙, 𝟏 or eᵢ: which of them are printed.

Whether a sign stands somewhere is for the printer to say: v ⊙ M is a product of two arrays, but diag(v)·M
where v is spread over columns. So the formula is printed, and its LaTeX is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from symdiff.document.blocks import Block, Chain, Equations, Formula, Paragraph, Table, chains
from symdiff.document.repeats import RepeatedRow
from symdiff.expr import operations as a
from symdiff.expr.conditions import MASKED_LOGSUMEXP, MASKED_LOGSUMEXP_ACROSS, MASKED_SOFTMAX
from symdiff.expr.leaves import TRIANGLES, Applied, Filled, Nabla, OneHot
from symdiff.expr.letters import Letters
from symdiff.expr.shapes import Size
from symdiff.expr.timed import Braced, Series
from symdiff.expr.tree import Expr, postorder
from symdiff.expr.unspecified import Unspecified
from symdiff.rendering.formulas.latex import LatexPrinter

_PRINTED = {
    "hadamard": r"(?<!\^\{)\\odot",
    "entrywise power": r"\^\{\\odot",
    "ones": r"\\ones",
    "diag": r"\\operatorname\{diag\}",
    "vec": r"\\operatorname\{vec\}",
    "kron": r"\\otimes",
    "inner": r"\\left\\langle",
    "inverse": r"\^\{-\\top\}",
    "map": r"\\left\[",
    "direct": r"\\partial\^\{\+\}",
    "through": r"\\partial_\{(?!\d)",
    "nabla": r"\\nabla",
}
"""Signs as they are printed in LaTeX."""
_OPERATIONS = {
    "sigma": (a.SIGMOID,),
    "softmax": (a.SOFTMAX, a.LOG_SOFTMAX, MASKED_SOFTMAX),
    "lse": (a.LOGSUMEXP, a.LOGSUMEXP_ACROSS, MASKED_LOGSUMEXP, MASKED_LOGSUMEXP_ACROSS),
    "masked": (MASKED_SOFTMAX, MASKED_LOGSUMEXP, MASKED_LOGSUMEXP_ACROSS),
    "gamma": (a.GAMMA, a.LGAMMA, a.DIGAMMA, a.POLYGAMMA),
    "digamma": (a.DIGAMMA, a.POLYGAMMA),
    "polygamma": (a.POLYGAMMA,),
    "atan2": (a.ATAN2,),
    "piece": (a.SLICE,),
}
"""Functions whose words may not be known, −∞ in them, and pieces, whose indices have a colon."""
FUNCTIONS = {
    op.name: op
    for op in (
        *(a.MAX_ACROSS, a.MIN_ACROSS, a.AT_MAX, a.AT_MIN, a.AT_MAX_ACROSS, a.AT_MIN_ACROSS),
        *(a.PROD_ACROSS, a.VAR, a.STD, a.VAR_ACROSS, a.STD_ACROSS, a.NORM1, a.NORM_ACROSS),
        *(a.CUMSUM, a.CUMSUM_DOWN, a.FLIP, a.FLIP_DOWN, a.TRIL, a.TRIU, a.CROSS, a.UNVEC),
    )
}
"""Functions of arrays that a sentence explains, on letters; the sign bears the function's name."""
_UNSPECIFIED = ("functions", "by argument")
"""Functions without a formula, and their derivatives by one of several arguments."""
_LEAVES = {"unit": "unit vector", "eye": "identity", "tri": "triangle"}
_OF_DIAGONALS = {name: f"{name} of a diagonal" for name in TRIANGLES}
"""Triangles of ones up to a diagonal, or from it on, that is not the main one."""
_ONE_HOTS = ("one-hot", "one-hot rows")
"""The unit vector of an index that is a name; the matrix of those of several."""
_SPECIAL = {a.SIGMOID, a.DIRECT, a.THROUGH, a.MAPPED, a.MAPPED_BACK}
_OF_LEAVES = (*_LEAVES.values(), *_OF_DIAGONALS.values(), *_ONE_HOTS)
SIGNS = (*_PRINTED, *_OPERATIONS, *FUNCTIONS, *_UNSPECIFIED, *_OF_LEAVES)


def signs_in(blocks: Iterable[Block], letters: Letters) -> frozenset[str]:
    """The signs in the formulas of blocks, in sentences too, but not in those that explain signs."""
    return frozenset(sign for form in formulas_in(blocks) for sign in signs_of(form, letters))


def formulas_in(blocks: Iterable[Block]) -> Iterator[Expr]:
    """The formulas of blocks, in sentences too; of rows that rename one row, that row's.

    Pictures are apart: not every format has them.
    """
    seen: set[int] = set()
    for block in blocks:
        if isinstance(block, Formula):
            yield block.form
        if isinstance(block, Paragraph) and block.text.key != "arrays.conventions":
            yield from _in_sentence(tuple(block.text.params.values()))
        for chain in _chains_in(block, seen):
            yield chain.left
            yield from chain.members


def _chains_in(block: Block, seen: set[int]) -> Iterator[Chain]:
    if isinstance(block, Table):
        yield from chains(block)
    for row in block.rows if isinstance(block, Equations) else ():
        if isinstance(row, RepeatedRow):
            if id(row.pattern) in seen:
                continue
            seen.add(id(row.pattern))
            row = row.pattern.record
        yield row.chain
        yield from row.beside


def _in_sentence(value: object) -> Iterator[Expr]:
    if isinstance(value, Expr):
        yield value
    elif isinstance(value, Chain):
        yield value.left
        yield from value.members
    elif isinstance(value, tuple):
        for part in value:
            yield from _in_sentence(part)


class _Printer(LatexPrinter):
    """Prints 𝟏 apart from the 𝟏 of an indicator."""

    one = r"\ones"


def sizes_of_ones(blocks: Iterable[Block]) -> frozenset[Size]:
    """The sizes that vectors of ones have in the formulas of blocks."""
    nodes = (node for form in formulas_in(blocks) for node in nodes_of(form))
    return frozenset(size for node in nodes for size in _size_of_ones(node) if size != 1)


def _size_of_ones(node: Expr) -> tuple[Size, ...]:
    if isinstance(node, Filled):
        return node.shape if node.what == "ones" and len(node.shape) == 1 else ()
    if node.op in (a.SUM_DOWN, a.MEAN_DOWN):
        return node.args[0].shape[:1]
    if node.op in (a.SUM_ACROSS, a.MEAN_ACROSS):
        return node.args[0].shape[1:]
    return node.shape[1:] if node.op is a.COLUMN else ()


@lru_cache(maxsize=1024)
def signs_of(form: Expr, letters: Letters) -> frozenset[str]:
    """The signs in a formula."""
    nodes = list(nodes_of(form))
    found = {_LEAVES[n.what] for n in nodes if isinstance(n, Filled) and n.what in _LEAVES}
    triangles = (n for n in nodes if isinstance(n, Filled) and n.what in TRIANGLES)
    found |= {_OF_DIAGONALS[n.what] if n.index else n.what for n in triangles}
    found |= {_ONE_HOTS[len(n.index.shape)] for n in nodes if isinstance(n, OneHot)}
    ops = {node.op for node in nodes}
    found |= {sign for sign, of in _OPERATIONS.items() if ops & {*of}}
    found |= {name for name, op in FUNCTIONS.items() if op in ops}
    for op in ops:
        if isinstance(op, Unspecified) and op.arity:
            found |= {*_UNSPECIFIED[: 2 if op.by and op.arity > 1 else 1]}
    if ops & _SPECIAL or any(node.shape or isinstance(node, Nabla | Applied) for node in nodes):
        printed = _Printer(letters=letters)(form)
        found |= {sign for sign, pattern in _PRINTED.items() if re.search(pattern, printed)}
    return frozenset(found)


def nodes_of(form: Expr, stop: Callable[[Expr], bool] | None = None) -> Iterator[Expr]:
    """The nodes of a formula, those under a sum over time or over a brace included.

    Those below one for which `stop` is true are left out.
    """
    for node in postorder(form, stop):
        yield node
        if isinstance(node, Series | Braced):
            yield from nodes_of(node.body, stop)
