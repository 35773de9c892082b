"""Whose a name is: the author's, or a word of the language.

A function's name is the author's where a text does not call it: `mean = sum(x)/n`, `(x - mean)/sqrt(var)`.
A constant, `e` or `pi`, is a word of the language only as long as the author neither declares nor defines a
name so written: then the name is the author's in every formula, and the constant cannot be written. No
constant names a size.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping

from symdiff.errors import InputError
from symdiff.expr.names import check_name
from symdiff.expr.operations import EXP
from symdiff.expr.tree import ONE, Expr, Sym, postorder, substitute
from symdiff.language.keywords import spelled
from symdiff.language.reading import tell
from symdiff.rules.rule import Rule
from symdiff.rules.table import RULES, function_named, functions

EULER = "e"
"""The constant that authors most often mean as a name of their own: an eccentricity, an error, a weight."""


def constants(known: Mapping[str, Rule] | None = None) -> set[str]:
    """The words of the language that are numbers, and so free for an author to take."""
    return {name for name, rule in (known or functions()).items() if rule.op.arity == 0}


def check_size_name(name: str) -> str:
    """`name` if a size, a number of steps or an index of time may have it: no constant's."""
    if check_name(name) in constants():
        raise InputError(f"{name!r} belongs to the language, it cannot be a size here", way_out="rename it")
    return name


def functions_as_names(trees: Iterable[ast.AST]) -> dict[str, ast.Name]:
    """The names of functions that syntax trees have as names and never call, each where it stands first.

    A text that is no more than the name of a function has it for no name.
    """
    nodes = [node for tree in trees for node in ast.walk(tree)]
    alone = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    heads = {id(node.func): node.func for node in nodes if isinstance(node, ast.Call)}
    free = {name for name, rule in functions().items() if rule.op.arity != 0}
    free -= {spelled(head.id) for head in heads.values() if isinstance(head, ast.Name)}
    found: dict[str, ast.Name] = {}
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in free and id(node) not in heads.keys() | alone:
            found.setdefault(node.id, node)
    return found


def called_and_named(name: str) -> tuple[str, str]:
    """What is wrong with a name that is called as a function, and the way out."""
    rule = function_named(name)
    if rule is None or rule.op.arity == 0:
        return f"{name!r} is a name here, no function", f"a product is written with *: {name}*(…)"
    return f"{name!r} is a name here, and a function where it is called", "rename the name"


def without_euler(root: Expr) -> Expr:
    """The same with Euler's number as exp(1): where e is a name, it cannot be written otherwise."""
    return substitute(root, {Expr(RULES[EULER].op): Expr(EXP, ONE)})


def check_numbers_apart(names: Collection[str], formulas: Iterable[Expr]) -> None:
    """Refuse a formula with a number, such as π, that prints like a name of the author's.

    It may stand there itself, as SymPy has it, or come with a derivative: that of erf has π.
    """
    taken = constants() & set(names)
    if not taken:
        return
    for formula in formulas:
        for node in postorder(formula):
            for name in taken & _numbers_of(node):
                what = f"{name!r} is a name here, and {node.op.name} brings the number that prints alike"
                raise InputError(what, way_out=f"rename {name}")


def _numbers_of(node: Expr) -> set[str]:
    """The constants that an operation is, or that its value or derivative is written with."""
    rule = RULES.get(node.op.name)
    if rule is None:
        return set()
    return {node.op.name} if rule.op.arity == 0 else _numbers_in_slopes(rule)


def _numbers_in_slopes(rule: Rule) -> set[str]:
    if rule.slopes is None or rule.op.arity is None:
        return set()
    slopes = rule.slopes(Sym("w"), *(Sym(f"u_{i}") for i in range(rule.op.arity)))
    written = [node for slope in slopes if isinstance(slope, Expr) for node in postorder(slope)]
    return constants() & {node.op.name for node in written if not node.args}


def tell_of_constant(name: str, line: int) -> None:
    """Say on standard error, in one line, that an `e` which nothing defines is Euler's number."""
    if name == EULER:
        way_out = "for a name of yours, define or declare e"
        tell(f"e is Euler's number here, as nothing defines it; {way_out}", line)


def tell_of_function(name: str, line: int) -> None:
    """Say the same of a function's name that nothing defines and nothing calls."""
    tell(f"{name} is a name of yours here, an input, as it is not called; the function is {name}(…)", line)


def tell_of_steps(name: str, line: int) -> None:
    """Say the same of a `T` that nothing defines: it is the number of steps, and no temperature."""
    tell(
        f"{name} is the number of steps here, as nothing defines it; a name of yours is another letter", line
    )
