"""Formulas in the author's names in place of the variables of a tape."""

from __future__ import annotations

from symdiff.algebra.tidy import tidy
from symdiff.expr.tree import Expr, Sym, count_operations, postorder, substitute
from symdiff.tape.tape import LONGEST_FORMULA, Tape


def in_names(tape: Tape, form: Expr) -> Expr | None:
    """`form` with each variable of the tape under its author's name, or written out where it has none.

    None if that takes more than `LONGEST_FORMULA` operations.
    """
    names = tape.names_or_formulas
    used: dict[Expr, Expr] = {s: names[s] for s in postorder(form) if isinstance(s, Sym) and s in names}
    found = tidy(substitute(form, used))
    known = {name.name for name in tape.names.values()}
    foreign = (s for s in postorder(found) if isinstance(s, Sym) and s.name not in known)
    if count_operations(found, LONGEST_FORMULA + 1) > LONGEST_FORMULA or any(foreign):
        return None
    return found
