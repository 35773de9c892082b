"""Expressions in the language's own syntax, as messages and JSON show them, from the texts of their parts.

Adjoints and tangents are written `wbar_4`, `wdot_4`, a path `wbar_1_a`, a partial `partial(w_5, w_4)`. A
leaf writes itself (`Expr.code`); operations are written here. Trees are not known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Code = tuple[str, int]
"""A text, and how tight its outermost operation binds."""
ATOM = 9
_BINDING = {"+": 1, "-": 1, "neg": 2, "*": 3, "/": 3, "@": 3, "**": 5, "total": 1, "not": -1}
_BINDING |= dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), 0) | {"and": -2, "or": -3}
_JOINTS = {"@": " @ ", "+": " + ", "-": " - ", "total": " + "}
_JOINTS |= {name: f" {name} " for name in ("<", "<=", ">", ">=", "==", "!=", "and", "or")}
_PARTIALS = {"immediate": "partial"}


def code_of_operation(name: str, args: Sequence[Code]) -> Code:
    """The operation `name` of arguments, with the brackets they need and no others."""
    name = _PARTIALS.get(name, name)
    if name in _ARRAYS:
        return _ARRAYS[name](*(_bracket(arg, ATOM if i == 0 else 0) for i, arg in enumerate(args))), ATOM
    binding = _BINDING.get(name)
    if name == "not":
        return f"not {_bracket(args[0], -1)}", -1
    if binding is None:
        return (f"{name}({', '.join(text for text, _ in args)})" if args else name), ATOM
    left = _bracket(args[0], binding + (name in ("**", "neg")))
    if name == "neg":
        return f"-{left}", binding
    rest = [_bracket(arg, binding + (name != "**")) for arg in args[1:]]
    return _JOINTS.get(name, name).join([left, *rest]), binding


def _bracket(part: tuple[str, int], needed: int) -> str:
    text, binding = part
    return text if binding >= needed else f"({text})"


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


_WITH_KEEPDIMS = ("sum", "mean", "logsumexp", "max", "min", "prod", "var", "std", "norm")


def _as_column(u: str) -> str:
    """column(v); of the sums or means of rows the same with keepdims, as the language has it."""
    for name in _WITH_KEEPDIMS:
        if u.startswith(f"{name}(") and u.endswith(", axis=1)") and _encloses(u.removeprefix(name)):
            return f"{u.removesuffix(')')}, keepdims=True)"
    return f"column({_inside(u)})"


def _masked(name: str, u: str, mask: str, axis: str = "") -> str:
    return f"{name}(where({mask}, {_inside(u)}, -inf){axis})"


def _pick(text: str) -> str:
    """An index in brackets: arange(n) picks every place."""
    return f"range({text.removeprefix('arange(')}" if text.startswith("arange(") else text


_ARRAYS: dict[str, Callable[..., str]] = {
    "column": _as_column,
    "transpose": lambda u: f"{u}.T",
    "indicator": lambda u: u if u.startswith("(") and _encloses(u) else f"({u})",
    "masked_softmax": lambda u, mask: _masked("softmax", u, mask),
    "masked_logsumexp": lambda u, mask: _masked("logsumexp", u, mask),
    "masked_logsumexp_across": lambda u, mask: _masked("logsumexp", u, mask, ", axis=1"),
    "index": lambda u, *picks: f"{u}[{', '.join(picks)}]",
    "gather": lambda u, *picks: f"{u}[{', '.join(map(_pick, picks))}]",
    "slice": lambda u, *ends: f"{u}[{', '.join(map(':'.join, zip(ends[::2], ends[1::2], strict=True)))}]",
    "concat_across": lambda *args: f"concat({', '.join(map(_inside, args))}, axis=1)",
    "stack": lambda u, *rest: f"[{', '.join([_inside(u), *rest])}]",
    "sum_across": _along("sum", 1),
    "mean_across": _along("mean", 1),
    **{f"{n}_across": _along(n, 1) for n in ("logsumexp", "max", "min", "prod", "var", "std", "norm")},
    **{f"{n}_down": _along(n, 0) for n in ("sum", "mean", "cumsum", "flip")},
    **{f"{n}_of": lambda u, n=n: f"{n}({_inside(u)})" for n in ("max", "min")},
    "norm1": lambda u: f"norm({_inside(u)}, 1)",
}


def text_of_size(value: int | str) -> str:
    """A size as it is typed: n-1, 2*k, n-k."""
    return str(value).replace("-1*", "-").replace("+-", "-")


def spelled_number(text: str) -> str:
    """A number as written, without what only programs have: 1E-05 is 1e-5, .5 is 0.5, 5. is 5."""
    if text.isdigit():
        return text
    mantissa, has_exponent, exponent = text.lower().replace("_", "").partition("e")
    sign, size = mantissa[: mantissa.startswith("-")], mantissa.lstrip("-+")
    whole, point, places = size.partition(".")
    size = (whole.lstrip("0") or "0") + (point + places if places else "")
    power = int(exponent) if has_exponent else 0
    return f"{sign}{size}e{power}" if power else sign + size


def code_binding(number: str) -> int:
    """How tight a number binds: 2 alone, −2 as a negation, 1/2 as a quotient."""
    if number.replace(".", "").isdigit():
        return ATOM
    return _BINDING["neg"] if number.startswith("-") else _BINDING["/"]


def code_of_name(name: str, accent: str = "", label: str = "") -> str:
    """x, the tangent xdot_1, the path wbar_1_a, a name with a time h[t-1], before the first one h[-1]."""
    if "_-" in name:
        stem, _, time = name.rpartition("_")
        return f"{stem}[{time}]"
    if "@" in name:
        stem, _, time = name.partition("@")
        return f"{stem}[{time}]"
    if not accent:
        return name
    letter, mark, index = name.partition("_")
    return f"{letter}{accent}{mark}{index}" + (f"_{label}" if label else "")
