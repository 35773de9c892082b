"""Sentences and derivatives where a function is expected: derivative of x², d/dx sin(x), dérivée de x²."""

from __future__ import annotations

import re

from symdiff.errors import InputError
from symdiff.language.syntax import caret, flush

_FUNCTION = "write the function, as y = x**2; symdiff finds its derivatives"
_SIGNS = "write it in signs, as sqrt(x), log(x), exp(x)"
_ASKED = (
    (
        r"\b(derivative|gradient|jacobian|hessian|d[ée]riv[ée]e|ableitung)s?\s+(of|de|du|des|von|der)\b",
        "this asks for a derivative",
        _FUNCTION,
    ),
    (
        r"^\s*(d|∂)(\^?2)?\s*[a-z]?\s*/\s*(d|∂)\s*[a-z]\w*(\s*[\[(a-z=]|\s*$)|[∂∇]\s*[a-z(]",
        "this asks for a derivative",
        _FUNCTION,
    ),
    (
        r"^\s*(find|compute|calculate|differentiate|diff|derive|print|plot|solve|simplify)\s+[a-z(]",
        "a formula is expected, no sentence",
        _FUNCTION,
    ),
    (r"^\s*(calculer?|trouver?|d[ée]river?)\s+[a-z(]", "a formula is expected, no sentence", _FUNCTION),
    (r"\blim(ite?)?\b\s*_?\s*[{(]?\s*\w+\s*(->|→)", "a limit is not read", "write the function alone"),
    (
        r"\b(root|racine|logarithme?|exponentielle|exponential|valeur|value)\s+(carr[ée]e\s+|absolue\s+)?(of|de)\b",
        "a formula is expected, no sentence",
        _SIGNS,
    ),
    (
        r"Σ\s*\(?\s*[a-z]+_\{?[a-z]\b",
        "this may be a sum, or a product with a name Σ",
        "write sum(x) over all entries of x, or Sigma*x_i",
    ),
)
_MAY_BE = re.compile(r"(?m)[^\W\d_] +\S|/ *[d∂]|[∂∇Σ]|lim")
"""What every such text has; most formulas have none of it."""


def refuse_questions(text: str) -> None:
    """Refuse a question in words, or a derivative, where the function alone is wanted.

    Raises:
        InputError: with the place where it stands.
    """
    if not _MAY_BE.search(text):
        return
    for line in flush(text).split("\n"):
        for pattern, what, way_out in _ASKED:
            found = re.search(pattern, line.partition("#")[0], re.IGNORECASE if "Σ" not in pattern else 0)
            if found:
                raise InputError(what, way_out=way_out, picture=caret(line, found.start()))
