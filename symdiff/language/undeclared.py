"""Names that nothing declares and that may be slips: xy for x·y is said, cosx for cos(x) is refused."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from symdiff.errors import InputError
from symdiff.expr.names import GREEK, split_name
from symdiff.expr.tree import Sym
from symdiff.language import reading
from symdiff.language.syntax import caret, flush
from symdiff.rules.table import function_named

_FUNCTION_AND_LETTER = re.compile(r"(sin|cos|tan|sqrt|ln|sinh|cosh|tanh|arctan|arcsin|arccos)(\d*)([a-z])")
LONGEST = 3


def tell_of_inputs(text: str, inputs: Sequence[Sym], declared: Collection[Sym] = ()) -> None:
    """Say which names the inputs are, in one line, where one of them may have been meant as a product.

    Raises:
        InputError: a name reads as a function and its argument.
    """
    if reading.current().literal or len(inputs) == len(declared):
        return
    names = [name.name for name in inputs]
    own = {name.name for name in declared}
    for name in names:
        if name not in own and (found := as_function(name)):
            way_out = f"write {found}, or declare it as in f({name}) = … for a name"
            raise InputError(
                f"{name} may be a function, or a name", way_out=way_out, picture=_place(text, name)
            )
    if any(_is_product(name, names) for name in names if name not in own):
        reading.tell(f"inputs: {', '.join(names)}")


def _place(text: str, name: str) -> str:
    """The line in which a name stands first, with a caret under it."""
    for line in flush(text).split("\n"):
        if found := re.search(rf"\b{name}\b", line):
            return caret(line, found.start())
    return ""


def as_function(name: str) -> str:
    """cos(x) for cosx, cos(2*x) for cos2x, "" for other names, those of functions too: tanh."""
    found = None if function_named(name) else _FUNCTION_AND_LETTER.fullmatch(name)
    return f"{found[1]}({'*'.join(filter(None, (found[2], found[3])))})" if found else ""


def _is_product(name: str, names: Collection[str]) -> bool:
    """Whether a name is two letters, or three of which one is x, y, z or a name itself."""
    stem, accent, index = split_name(name)
    if accent or index or not 1 < len(stem) <= LONGEST or stem in GREEK:
        return False
    return len(stem) == 2 or any(letter in "xyz" or letter in names for letter in stem)
