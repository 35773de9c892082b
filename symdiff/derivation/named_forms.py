"""Derivatives in the names that the author gave: (p − y)xᵀ, p being the name of softmax(Wx + b)."""

from __future__ import annotations

from symdiff.algebra.tidy import tidy
from symdiff.expr.tree import Expr, Sym, postorder, size, substitute
from symdiff.tape.tape import LONGEST_SAID as LONGEST
from symdiff.tape.tape import Tape


def in_names(tape: Tape, form: Expr) -> Expr | None:
    """`form` with each variable of the tape under its author's name, or written out where it has none.

    None if that takes more than `LONGEST` operations.
    """
    names = tape.said
    used: dict[Expr, Expr] = {s: names[s] for s in postorder(form) if isinstance(s, Sym) and s in names}
    found = tidy(substitute(form, used))
    known = {name.name for name in tape.names.values()}
    foreign = (s for s in postorder(found) if isinstance(s, Sym) and s.name not in known)
    if size(found, LONGEST + 1) > LONGEST or any(foreign):
        return None
    return found
