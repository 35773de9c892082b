"""Operations without code in a target: written as the formula that their row of the table says, if any.

No target has to know a function that is a formula of others, as swish is u·σ(u).
"""

from __future__ import annotations

from symdiff.codegen.target import Target
from symdiff.errors import InputError
from symdiff.expr.tree import TOTAL, Expr, Sym, postorder, substitute, total
from symdiff.rules.scalar_rows import RULES


def in_known_operations(root: Expr, target: Target) -> Expr:
    """`root` with every operation that `target` has no code for written out, and long sums as chains.

    Raises:
        InputError: an operation has neither code nor a formula; the message names the table.
    """
    done: dict[int, Expr] = {}
    for node in postorder(root):
        args = [done[id(arg)] for arg in node.args]
        same = all(a is b for a, b in zip(args, node.args, strict=True))
        done[id(node)] = node if same else Expr(node.op, *args)
        if node.op is TOTAL:
            done[id(node)] = chain(args)
        elif node.op.name in RULES and node.op.name not in target.operations:
            done[id(node)] = _written_out(done[id(node)], target)
    return done[id(root)]


def chain(terms: list[Expr]) -> Expr:
    """a + b + c, however many there are."""
    return total(terms, most=len(terms))


def _written_out(node: Expr, target: Target) -> Expr:
    rule, name = RULES[node.op.name], node.op.name
    slots = [Sym(f"u_{i}") for i in range(len(node.args))]
    if rule.formula and rule.sympy is not None:
        import sympy

        from symdiff.language.sympy_border import from_sympy

        formula = from_sympy(rule.sympy(sympy, *(sympy.Symbol(str(slot)) for slot in slots)))
        used = {part.op.name for part in postorder(formula) if part.op.name in RULES}
        if used <= set(target.operations):
            return substitute(formula, dict(zip(slots, node.args, strict=True)))
    raise InputError(f"no code for {name!r} in {target.name}", way_out=f"add a line to {target.table}")
