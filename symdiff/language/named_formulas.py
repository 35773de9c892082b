"""Functions that are names for a formula: silu(x) is x·σ(x), huber(r, δ) is a case with two branches.

A call is read as the formula, which then stands on the page: so its steps can be derived. No name here is a
word of the language: an author may call a value of theirs logit. Parameters may be given by name, as in
PyTorch; those with a value here may be left out. What the formulas are at their kinks is what `max`, `abs`
and conditions are there.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

from symdiff.errors import InputError, shorten
from symdiff.expr.tree import MUL, ONE, Expr, Num, Sym, rebuilt


class NamedFormula(NamedTuple):
    """Parameters with what they are if they are not given, and the formula in our language."""

    parameters: Mapping[str, str]
    formula: str

    @property
    def signature(self) -> str:
        """x, alpha=1: as it is listed."""
        return ", ".join(f"{name}={value}" if value else name for name, value in self.parameters.items())


def _formula(formula: str, **parameters: str) -> NamedFormula:
    return NamedFormula(parameters or {"x": ""}, formula)


NAMED = {
    "log2": _formula("log(x)/log(2)"),
    "log10": _formula("log(x)/log(10)"),
    "log1p": _formula("log(1 + x)"),
    "expm1": _formula("exp(x) - 1"),
    "exp2": _formula("2**x"),
    "square": _formula("x**2"),
    "reciprocal": _formula("1/x"),
    "rsqrt": _formula("1/sqrt(x)"),
    "hypot": _formula("sqrt(x**2 + y**2)", x="", y=""),
    "logaddexp": _formula("log(exp(x) + exp(y))", x="", y=""),
    "logit": _formula("log(p/(1 - p))", p=""),
    "sech": _formula("1/cosh(x)"),
    "csch": _formula("1/sinh(x)"),
    "coth": _formula("cosh(x)/sinh(x)"),
    "erfc": _formula("1 - erf(x)"),
    "trigamma": _formula("polygamma(1, x)"),
    "maximum": _formula("max(x, y)", x="", y=""),
    "minimum": _formula("min(x, y)", x="", y=""),
    "clip": _formula("min(max(x, lo), hi)", x="", lo="", hi=""),
    "hardtanh": _formula("min(max(x, lo), hi)", x="", lo="-1", hi="1"),
    "relu6": _formula("min(max(x, 0), 6)"),
    "hardsigmoid": _formula("min(max(x + 3, 0), 6)/6"),
    "hardswish": _formula("x*min(max(x + 3, 0), 6)/6"),
    "silu": _formula("x*sigmoid(x)"),
    "logsigmoid": _formula("-softplus(-x)"),
    "softsign": _formula("x/(1 + abs(x))"),
    "tanhshrink": _formula("x - tanh(x)"),
    "mish": _formula("x*tanh(softplus(x))"),
    "gelu": _formula("x*(1 + erf(x/sqrt(2)))/2"),
    "gelu_tanh": _formula("x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))/2"),
    "elu": _formula("x if x > 0 else alpha*(exp(x) - 1)", x="", alpha="1"),
    "celu": _formula("x if x > 0 else alpha*(exp(x/alpha) - 1)", x="", alpha="1"),
    "selu": _formula("1.0507009873554805*x if x > 0 else 1.7580993408473769*(exp(x) - 1)"),
    "leaky_relu": _formula("x if x > 0 else negative_slope*x", x="", negative_slope="0.01"),
    "prelu": _formula("x if x > 0 else a*x", x="", a=""),
    "heaviside": _formula("1 if x > 0 else at_zero if x == 0 else 0", x="", at_zero="0.5"),
    "huber": _formula("r**2/2 if abs(r) <= delta else delta*(abs(r) - delta/2)", r="", delta="1"),
}
_SAME = {
    "swish": "silu",
    "clamp": "clip",
    "hard_sigmoid": "hardsigmoid",
    "hard_swish": "hardswish",
    "hard_tanh": "hardtanh",
    "log_sigmoid": "logsigmoid",
    "leakyrelu": "leaky_relu",
    "soft_sign": "softsign",
    "step": "heaviside",
    "log_1p": "log1p",
    "log_2": "log2",
    "log_10": "log10",
    "exp_m1": "expm1",
}
NAMED |= {name: NAMED[other] for name, other in _SAME.items()}


def named_formula(node: ast.AST) -> str:
    """The name under which `NAMED` has what a call calls, "" for anything else."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in NAMED:
        return ""
    is_tanh = any(map(_says_tanh, node.keywords)) and node.func.id == "gelu"
    return "gelu_tanh" if is_tanh else node.func.id


def _says_tanh(keyword: ast.keyword) -> bool:
    """Whether an option is approximate="tanh", PyTorch's for gelu."""
    value = keyword.value
    return keyword.arg == "approximate" and isinstance(value, ast.Constant) and value.value == "tanh"


def arguments_of(name: str, node: ast.Call) -> dict[str, ast.expr]:
    """What is given for each parameter that something is given for, in order.

    Raises:
        InputError: a parameter is missing, given twice, or unknown.
    """
    parameters = NAMED[name].parameters
    usage = f"write {name}({NAMED[name].signature})"
    given = dict(zip(parameters, node.args, strict=False))
    named = [(keyword.arg or "", keyword.value) for keyword in node.keywords if not _says_tanh(keyword)]
    unknown = next((word for word, _ in named if word not in parameters), None)
    if len(node.args) > len(parameters) or unknown is not None or any(word in given for word, _ in named):
        raise InputError(f"{shorten(name, 30)} takes {', '.join(parameters)}", way_out=usage)
    given |= dict(named)
    missing = next((word for word, value in parameters.items() if word not in given and not value), None)
    if missing is not None:
        raise InputError(f"{name} needs {missing}", way_out=usage)
    return {word: given[word] for word in parameters if word in given}


@cache
def tree_of(text: str) -> ast.expr:
    """The syntax tree of a formula or of a value in this table."""
    return ast.parse(text, mode="eval").body


def put_in(name: str, given: Mapping[str, Expr], read: Callable[[str], Expr]) -> Expr:
    """The formula with what is given for its parameters; `read` makes an expression of a text."""
    parameters, formula = NAMED[name]
    values: dict[Expr, Expr] = {
        Sym(word): given[word] if word in given else read(value) for word, value in parameters.items()
    }
    return rebuilt(read(formula), values, _without_one)


def _without_one(node: Expr, args: list[Expr]) -> Expr:
    """α·u is u where α is 1."""
    if node.op is MUL and ONE in args and isinstance(args[0], Num):
        return args[1] if args[0] == ONE else Expr(node.op, *args)
    return Expr(node.op, *args)
