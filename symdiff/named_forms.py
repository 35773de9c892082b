"""Derivatives in the names that the author gave: (p − y)xᵀ, p being the name of softmax(Wx + b)."""

from __future__ import annotations

from symdiff.expr import Expr, Sym, postorder, size, substitute
from symdiff.tape import Tape
from symdiff.tidy import tidy

LONGEST = 60


def in_names(tape: Tape, form: Expr) -> Expr | None:
    """`form` with each variable of the tape under its author's name, or written out where it has none.

    None if that takes more than `LONGEST` operations.
    """
    names: dict[Expr, Expr] = {}
    for var in tape.order:
        if var in tape.names:
            names[var] = tape.names[var]
        elif size(tape.step_of[var].body) <= LONGEST:
            written = substitute(tape.step_of[var].body, names)
            names[var] = written if size(written, LONGEST + 1) <= LONGEST else var
    used: dict[Expr, Expr] = {s: names[s] for s in postorder(form) if isinstance(s, Sym) and s in names}
    found = tidy(substitute(form, used))
    known = set(tape.names.values())
    if size(found, LONGEST + 1) > LONGEST or any(_is_foreign(s, known) for s in postorder(found)):
        return None
    return found


def _is_foreign(node: Expr, known: set[Sym]) -> bool:
    """Whether a name is neither the author's nor the tangent or adjoint of one."""
    return (
        isinstance(node, Sym)
        and Sym(node.name, shape=node.shape, assume=node.assume) not in known
        and not any(name.name == node.name for name in known)
    )
