"""What is typed on paper and means one thing or another by the shapes of what it joins.

These stand in syntax trees in place of Python's own operators and calls, for which every reader that knows no
better may take them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from copy import deepcopy

from symdiff.language.keywords import spelled


class Beside(ast.Mult):
    """A product by juxtaposition, `2x`, `W x`; of a matrix and a vector W @ x, of two vectors refused."""


class Dotted(Beside):
    """A product with a raised dot: `a·b`; of two vectors their inner product."""


class Crossed(Beside):
    """A product with ×: of numbers, or of a number and an array."""


class Entrywise(ast.Mult):
    """A product with ⊙: entry by entry."""


class Raised(ast.Pow):
    """A power by ^ or a superscript: `x²`, `x^n`; of a matrix it is one of matrices, and ^T transposes."""


class Turned(ast.Attribute):
    """`xᵀ`, `x'`: the transpose of an array; of a number it is refused."""


class Bars(ast.Call):
    """`|x|`: abs, entry by entry; of a square matrix the determinant too, so refused."""


class Norm(ast.Call):
    """`‖x‖₂`, with its index: of vectors."""

    index: str = ""


class Ones(ast.Call):
    """`𝟏` without its size, which follows from the matrix or vector beside it."""


class Summed(ast.Call):
    """`∑ᵢ xᵢ·yᵢ`: a sum over all entries; `single` are the names without the index, which are numbers.

    `low` and `high` are the bounds as they are written, or nothing.
    """

    single: Sequence[ast.Name] = ()
    low: str = ""
    high: str = ""


class Head(ast.Subscript):
    """`f(x, a)` on the left of an equation, which fixes the inputs; h[t] there is a plain subscript."""


_TIGHT = re.compile(r" (\*\*|\*|/) ")


def in_words(node: ast.AST) -> str:
    """A tree as a formula of ours, with Python's nodes for those of paper."""
    try:
        shown = deepcopy(node)
        for each in ast.walk(shown):
            each.__class__ = next(base for base in type(each).__mro__ if base.__module__ in ("ast", "_ast"))
        return _TIGHT.sub(r"\1", spelled(ast.unparse(ast.fix_missing_locations(shown))))
    except RecursionError:  # only names a formula in a message
        return "…"
