"""Operations as they are typed on paper, which mean one thing or another by the shapes of what they join.

They stand in syntax trees in place of Python's own operators, for which every reader that knows no better may
take them.
"""

from __future__ import annotations

import ast


class Beside(ast.Mult):
    """A product by juxtaposition or a raised dot: `2x`, `W x`, `a·b`; of a matrix and a vector W @ x."""


class Raised(ast.Pow):
    """A power by ^ or a superscript: `x²`, `x^n`; of a matrix it is one of matrices, and ^T transposes."""
