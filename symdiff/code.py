"""Expressions in the language's own syntax, as `parse` reads them: what messages and JSON show.

Adjoints and tangents are written `wbar_4`, `wdot_4`, a path `wbar_1_a`, a partial `partial(w_5, w_4)`.
"""

from __future__ import annotations

from symdiff.expr import Expr, Num, Sym, postorder

_CODE_BINDING = {"+": 1, "-": 1, "neg": 2, "*": 3, "/": 3, "**": 5, "total": 1}
_ATOM = 9


def to_code(root: Expr) -> str:
    """`root` in the language's own syntax, with the brackets it needs and no others."""
    done: dict[int, tuple[str, int]] = {}
    for node in postorder(root):
        done[id(node)] = _code_of(node, [done[id(arg)] for arg in node.args])
    return done[id(root)][0]


def _code_of(node: Expr, args: list[tuple[str, int]]) -> tuple[str, int]:
    if isinstance(node, Num):
        loose = node.value < 0 or not node.text.replace(".", "").isdigit()
        return (node.text, 2 if node.value < 0 else 3) if loose else (node.text, _ATOM)
    if isinstance(node, Sym):
        return _code_of_name(node), _ATOM
    name = node.op.name
    binding = _CODE_BINDING.get(name)
    if binding is None:
        return (f"{name}({', '.join(text for text, _ in args)})" if args else name), _ATOM
    left = _bracket(args[0], binding + (name in ("**", "neg")))
    if name == "neg":
        return f"-{left}", binding
    rest = [_bracket(arg, binding + (name != "**")) for arg in args[1:]]
    joint = {"+": " + ", "-": " - ", "total": " + "}.get(name, name)
    return joint.join([left, *rest]), binding


def _bracket(part: tuple[str, int], needed: int) -> str:
    text, binding = part
    return text if binding >= needed else f"({text})"


def _code_of_name(node: Sym) -> str:
    if not node.accent:
        return node.name
    letter, mark, index = node.name.partition("_")
    return f"{letter}{node.accent}{mark}{index}" + (f"_{node.label}" if node.label else "")
