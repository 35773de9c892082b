"""Sentences and derivatives where a function is expected: derivative of x², d/dx sin(x), dérivée de x²."""

from __future__ import annotations

import re

from symdiff.errors import InputError
from symdiff.language.syntax import caret, flush

_ASKED = re.compile(
    r"""(?ix)
    \b(derivative|gradient|jacobian|hessian|d[ée]riv[ée]e|ableitung)s?\s+(of|de|du|des|von|der)\b
    | ^\s*(find|compute|calculate|differentiate|diff|derive|calculer?|trouver?|d[ée]river?)\s+[a-z(]
    | ^\s*(d|∂)(\^?2)?\s*[a-z]?\s*/\s*(d|∂)\s*[a-z]\w*(\s*[\[(a-z=]|\s*$)
    | [∂∇]\s*[a-z(]
    """
)


def refuse_questions(text: str) -> None:
    """Refuse a question in words, or a derivative, where the function alone is wanted.

    Raises:
        InputError: with the place where it stands.
    """
    if not _MAY_BE.search(text):
        return
    for line in flush(text).split("\n"):
        found = _ASKED.search(line.partition("#")[0])
        if found:
            way_out = "write the function alone, as y = x**2; symdiff finds its derivatives"
            raise InputError(
                "this asks for a derivative", way_out=way_out, picture=caret(line, found.start())
            )


_MAY_BE = re.compile(r"(?m)[^\W\d_] +\S|/ *[d∂]|[∂∇]")
"""What every such text has; most formulas have none of it."""
