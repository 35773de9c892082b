"""A text of equations with times to a recurrence of numbers: h[t] = tanh(U*x[t] + W*h[t-1]); h[-1] = 0."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence

from symdiff.errors import InputError, shorten
from symdiff.expr.names import check_name
from symdiff.expr.tree import Sym
from symdiff.language.recurrence import Recurrence
from symdiff.language.recurrences import Assembler
from symdiff.language.syntax import spelled, statements
from symdiff.language.timed_equations import Equation, target_of


def parse_recurrence(text: str, horizon: str | None = None) -> Recurrence:
    """The recurrence that a text of equations is; every value is a number, names not defined are inputs.

    A name that is only used with a time is a sequence.
    """
    found = []
    body = statements(text)
    for number, statement in enumerate(body):
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            left = spelled(ast.unparse(statement.targets[0]))
        elif isinstance(statement, ast.Expr) and number == len(body) - 1:
            left = "result"
        else:
            raise InputError("only equations name = expression are allowed", where=repr(shorten(text)))
        found.append(Equation(left, statement.value, text))
    targets = [target_of(equation.left) for equation in found]
    defined = {target.stem for target in targets if target.fixed is None}
    return Assembler(found, {}, _sequences(body, defined), (), horizon, None, declared=False).run()


def _sequences(body: Sequence[ast.stmt], defined: Collection[str]) -> dict[str, Sym]:
    """The names with a time that nothing defines, in reading order."""
    nodes = [node for statement in body for node in ast.walk(statement)]
    used = [n.value for n in nodes if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name)]
    used.sort(key=lambda name: (name.lineno, name.col_offset))
    names = dict.fromkeys(spelled(name.id) for name in used)
    return {name: Sym(check_name(name)) for name in names if name not in defined}


_HEAD = re.compile(r"(?:^|;)[ \t]*[A-Za-z]\w*[ \t]*\[[^\]]*\][ \t]*=(?!=)", re.MULTILINE)


def is_recurrence(text: str) -> bool:
    """Whether a text has an equation with a time on its left."""
    return bool(_HEAD.search(text))
