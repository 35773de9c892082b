"""Expressions in the language's own syntax, as `parse` reads them: what messages and JSON show.

Adjoints and tangents are written `wbar_4`, `wdot_4`, a path `wbar_1_a`, a partial `partial(w_5, w_4)`.
"""

from __future__ import annotations

from collections.abc import Callable

from symdiff.expr.leaves import Alias, Applied, Braced, Dim, Filled, Grid, Nabla, Series
from symdiff.expr.shapes import Size
from symdiff.expr.tree import Expr, Num, Sym, postorder

_CODE_BINDING = {"+": 1, "-": 1, "neg": 2, "*": 3, "/": 3, "@": 3, "**": 5, "total": 1}
_ATOM = 9


def to_code(root: Expr) -> str:
    """`root` in the language's own syntax, with the brackets it needs and no others."""
    done: dict[int, tuple[str, int]] = {}
    for node in postorder(root):
        done[id(node)] = _code_of(node, [done[id(arg)] for arg in node.args])
    return done[id(root)][0]


_PARTIALS = {"immediate": "partial", "direct": "partial"}


def _code_of(node: Expr, args: list[tuple[str, int]]) -> tuple[str, int]:
    if isinstance(node, Num):
        loose = node.value < 0 or not node.text.replace(".", "").isdigit()
        return (node.text, 2 if node.value < 0 else 3) if loose else (node.text, _ATOM)
    if isinstance(node, Sym):
        return _code_of_name(node), _ATOM
    if isinstance(node, Dim | Filled | Grid | Nabla | Applied | Alias | Series | Braced):
        return _code_of_leaf(node), _ATOM
    name = _PARTIALS.get(node.op.name, node.op.name)
    if name in _ARRAYS:
        return _ARRAYS[name](*(_bracket(arg, _ATOM if i == 0 else 0) for i, arg in enumerate(args))), _ATOM
    binding = _CODE_BINDING.get(name)
    if binding is None:
        return (f"{name}({', '.join(text for text, _ in args)})" if args else name), _ATOM
    left = _bracket(args[0], binding + (name in ("**", "neg")))
    if name == "neg":
        return f"-{left}", binding
    rest = [_bracket(arg, binding + (name != "**")) for arg in args[1:]]
    joint = {"@": " @ ", "+": " + ", "-": " - ", "total": " + "}.get(name, name)
    return joint.join([left, *rest]), binding


def _code_of_leaf(node: Dim | Filled | Grid | Nabla | Applied | Alias | Series | Braced) -> str:
    """A size by its name, ones(n), eye(n), numbers as lists."""
    if isinstance(node, Dim):
        return f"({node.name})" if "*" in node.name else node.name
    if isinstance(node, Alias):
        return _code_of_name(node.name) + ("_new" if node.name.label == "+" else "")
    if isinstance(node, Braced):
        return f"({to_code(node.body)})"
    if isinstance(node, Series):
        word = "sum" if node.kind == "sum" else "prod"
        return f"{word}({to_code(node.body)}, {node.index}={node.low}..{node.high})"
    if isinstance(node, Applied):
        return f"{'∘'.join(map(str, node.words))}({node.under})"
    if isinstance(node, Nabla):
        return f"jacobian({node.over}, {node.under})"
    if isinstance(node, Grid):
        rows = [", ".join(number.text for number in row) for row in node.entries]
        return f"[{rows[0]}]" if len(node.shape) == 1 else f"[{', '.join(f'[{row}]' for row in rows)}]"
    sizes: tuple[Size, ...] = node.shape[:1] if node.what == "eye" else node.shape
    index = f", {node.index}" if node.what == "unit" else ""
    return f"{node.what}({', '.join(map(str, sizes))}{index})"


def _inside(text: str) -> str:
    """`text` without the brackets that enclose the whole of it."""
    return text[1:-1] if text.startswith("(") and _encloses(text) else text


def _encloses(text: str) -> bool:
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if not depth:
            return position == len(text) - 1
    return False


def _along(name: str, axis: int, keep: bool = False) -> Callable[[str], str]:
    return lambda u: f"{name}({_inside(u)}, axis={axis}{', keepdims=True' if keep else ''})"


_ARRAYS: dict[str, Callable[..., str]] = {
    "transpose": lambda u: f"{u}.T",
    "index": lambda u, *picks: f"{u}[{', '.join(picks)}]",
    "slice": lambda u, i, j: f"{u}[{i}:{j}]",
    "stack": lambda u, *rest: f"[{', '.join([_inside(u), *rest])}]",
    "sum_down": _along("sum", 0),
    "sum_across": _along("sum", 1),
    "mean_down": _along("mean", 0),
    "mean_across": _along("mean", 1),
    "logsumexp_across": _along("logsumexp", 1),
}


def _bracket(part: tuple[str, int], needed: int) -> str:
    text, binding = part
    return text if binding >= needed else f"({text})"


def _code_of_name(node: Sym) -> str:
    if "@" in node.name:
        stem, _, time = node.name.partition("@")
        return f"{stem}[{time}]"
    if not node.accent:
        return node.name
    letter, mark, index = node.name.partition("_")
    return f"{letter}{node.accent}{mark}{index}" + (f"_{node.label}" if node.label else "")
